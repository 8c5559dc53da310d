# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.devex.github.plugins.module_utils._scope import (
    Scope,
    organization,
    renamed,
    repository,
    to_read,
    user,
)


@pytest.mark.parametrize(
    ("scope", "to_write", "only_to_read"),
    [
        (user(), "Codespaces user secrets: write", "Codespaces user secrets: read"),
        # GitHub has no permission that only reads them.
        (repository("a/b"), "Codespaces secrets: write", "Codespaces secrets: write"),
        (repository("a/b", "actions"), "Secrets: write", "Secrets: read"),
        (organization("a"), "Organization codespaces secrets: write", "Organization codespaces secrets: read"),
        (
            organization("a", "dependabot"),
            "Organization dependabot secrets: write",
            "Organization dependabot secrets: read",
        ),
    ],
    ids=lambda value: value.title if isinstance(value, Scope) else "",
)
def test_a_task_that_only_reads_needs_fewer_permissions(scope: Scope, to_write: str, only_to_read: str) -> None:
    reading = to_read(scope)

    assert (scope.need.form, reading.need.form) == (to_write, only_to_read)
    assert f"(classic), or '{only_to_read}' (fine-grained)" in reading.need.permission
    assert reading.need.role == scope.need.role


def test_a_renamed_repository_keeps_the_permissions_of_the_task() -> None:
    scope = to_read(repository("a/b", "actions"))

    assert renamed(scope, "a/c").need == scope.need
