# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of comparing what repositories recommend with what there is."""

from __future__ import annotations

from typing import Any

from ansible_collections.devex.github.plugins.module_utils._engine.recommended import Comparison
from ansible_collections.devex.github.plugins.module_utils._module.result import read
from ansible_collections.devex.github.plugins.module_utils._validation import printable, shortened

# Characters of an error in a row.
_ERROR = 500


def compared(found: list[Comparison]) -> dict[str, Any]:
    """A row for each repository, how many recommended secrets are missing, and how many rows have an error.

    :raises Incomplete: GitHub did not let some be read; the result has the others.
    """
    rows = [_row(one) for one in found]
    result = read("repositories", rows, [(one.scope, one.error) for one in found])
    missing = sum([*one.status.values()].count("missing") for one in found)
    return {**result, "missing": missing, "unreadable": sum("error" in row for row in rows)}


def _row(one: Comparison) -> dict[str, Any]:
    recommended = one.recommended.secrets
    row: dict[str, Any] = {
        "repository": one.scope.repository,
        "configurations": [printable(path) for path in one.configurations],
        "secrets": [
            {
                "name": name,
                "description": recommended[name].description,
                "documentation_url": recommended[name].documentation_url,
                "status": one.status[name],
            }
            for name in sorted(one.status)
        ],
    }
    errors = [str(one.error)] if one.error else one.recommended.problems
    return {**row, "error": shortened(" ".join(errors), _ERROR)} if errors else row
