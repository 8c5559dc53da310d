# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts: what a write that GitHub has confirmed tells about a secret, which GitHub's lists may not show yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ansible_collections.devex.github.plugins.module_utils._model import Fact

#: What facts are about, beside the IDs of repositories.
EXISTS, FORMER, WRITTEN, VISIBILITY = "exists", "former", "written", "visibility"
YES, NO = "yes", "no"


def written(at: datetime, visibility: str | None) -> list[Fact]:
    """Facts about a secret that was written."""
    return [Fact(WRITTEN, at), *([] if visibility is None else [Fact(VISIBILITY, at, visibility)])]


def created(at: datetime) -> list[Fact]:
    """Facts about a secret that was created."""
    return [Fact(EXISTS, at, YES)]


def deleted(at: datetime, created_at: datetime) -> list[Fact]:
    """Facts about a secret that was deleted.

    :arg created_at: when it had been created, at the latest.
    """
    return [Fact(EXISTS, at, NO), Fact(FORMER, at, str(int(created_at.timestamp())))]


def access(at: datetime, given: Iterable[int], taken: Iterable[int]) -> list[Fact]:
    """Facts about the access of repositories, by ID."""
    return [
        *(Fact(str(repository_id), at, YES) for repository_id in given),
        *(Fact(str(repository_id), at, NO) for repository_id in taken),
    ]
