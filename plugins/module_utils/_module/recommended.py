# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the result of comparing recommended secrets with those that exist."""

from __future__ import annotations

from typing import Any

from ansible_collections.devex.github.plugins.module_utils._engine.recommended import Comparison
from ansible_collections.devex.github.plugins.module_utils._module.result import read
from ansible_collections.devex.github.plugins.module_utils._validation import printable, shortened

# Characters of an error in a row.
_ERROR = 500


def compared(comparisons: list[Comparison]) -> dict[str, Any]:
    """Return a row for each repository, how many recommended secrets are missing, and how many rows have an error.

    :raises Incomplete: some repositories could not be read. The result has the others.
    """
    rows = [_row(comparison) for comparison in comparisons]
    result = read("repositories", rows, [(comparison.scope, comparison.error) for comparison in comparisons])
    missing = sum([*comparison.status.values()].count("missing") for comparison in comparisons)
    return {**result, "missing": missing, "unreadable": sum("error" in row for row in rows)}


def _row(comparison: Comparison) -> dict[str, Any]:
    recommended = comparison.recommended.secrets
    row: dict[str, Any] = {
        "repository": comparison.scope.repository,
        "configurations": [printable(path) for path in comparison.configurations],
        "secrets": [
            {
                "name": name,
                "description": recommended[name].description,
                "documentation_url": recommended[name].documentation_url,
                "status": comparison.status[name],
            }
            for name in sorted(comparison.status)
        ],
    }
    errors = [str(comparison.error)] if comparison.error else comparison.recommended.problems
    return {**row, "error": shortened(" ".join(errors), _ERROR)} if errors else row
