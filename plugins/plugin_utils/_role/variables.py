# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the variables of the role that contain secrets, and reject misspelt ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._validation import wrong_name

# The similarity of two names, from 0 to 1, from which on one may be a misspelling of the other.
_ALIKE = 0.88


#: The variables with secrets: of repositories, of the user and of an organization.
REPOSITORY = "codespaces_secrets_secrets"
USER = "codespaces_secrets_user_secrets"
ORGANIZATION = "codespaces_secrets_organization_secrets"
#: The secrets to keep. If this name is misspelt, pruning deletes them.
KEEP = "codespaces_secrets_prune_keep"
#: The default of update_value. If this name is misspelt, secrets are overwritten that should be adopted or kept.
UPDATE_VALUE = "codespaces_secrets_update_value"
#: A name that is similar to KEEP may also be a misspelling of these.
PRUNING = (KEEP, "codespaces_secrets_prune", "codespaces_secrets_prune_max", "codespaces_secrets_prune_all")
#: The prefix of further variables with secrets of repositories.
PREFIX = "codespaces_secrets_for_"

#: The other variables of the role, including those that it sets, without the prefix.
OTHERS = frozenset(
    {
        "token",
        "app_id",
        "app_private_key",
        "app_installation_id",
        "repositories",
        "organization",
        "prune",
        "prune_keep",
        "prune_max",
        "prune_all",
        "update_value",
        "used_by",
        "concurrency",
        "result",
        "gathered",
        "provisioned",
    }
)


def of_repositories(names: Iterable[str]) -> list[str]:
    """Return the variables with secrets of repositories."""
    return [REPOSITORY, *sorted(name for name in names if name.startswith(PREFIX) and name != PREFIX)]


def refuse_near_misses(variables: Mapping[str, Any]) -> None:
    """Reject misspelt variables, because their secrets would be omitted or pruned.

    :raises InputError: a name is similar to that of a variable with secrets or about pruning, or to UPDATE_VALUE.
    """
    for name in sorted(variables):
        if not name.lower().startswith("co") or name.removeprefix("codespaces_secrets_") in OTHERS:
            continue
        if name in (USER, ORGANIZATION, *of_repositories([name])):
            continue
        meant = _nearest(name.lower())
        if meant in (KEEP, UPDATE_VALUE) or (meant is not None and _may_hold_secrets(variables[name])):
            if meant == KEEP:
                meant = max(PRUNING, key=lambda one: _likeness(name, one))
            held = f" (with {', '.join(secrets)})" if (secrets := _names(variables[name])) else ""
            raise InputError(
                f"{name}{held} is not a variable of the role. Rename it to {meant}, or to a name that is not similar."
            )


def secret_of(row: Any) -> str | None:
    """Return the name of the secret in a row of a list; None: missing, or it must not be shown."""
    name = (row.get("name") or row.get("secret_name")) if isinstance(row, Mapping) else None
    return str(name) if isinstance(name, str) and wrong_name(name) is None else None


def _names(rows: Any) -> list[str]:
    return [name for row in rows if (name := secret_of(row))][:10] if isinstance(rows, list) else []


def _may_hold_secrets(value: Any) -> bool:
    """Return whether a value may contain secrets, unlike the name of an owner, or a list of teams."""
    if isinstance(value, str):
        return "{" in value or "[" in value
    if isinstance(value, list):
        return not value or any(_may_hold_secrets(row) for row in value)
    return not isinstance(value, (bool, int, float))


def _nearest(name: str) -> str | None:
    head, infix, dummy = name.partition("_for_")
    likely = {meant: _likeness(name, meant) for meant in (REPOSITORY, USER, ORGANIZATION, KEEP, UPDATE_VALUE)}
    # The prefix without a name is a misspelling, too.
    likely[f"{PREFIX}NAME"] = _likeness(head + infix or name, PREFIX)
    best = max(likely, key=lambda meant: likely[meant])
    if likely[best] < _ALIKE:
        return None
    if infix:
        return best
    if best == UPDATE_VALUE:
        return best
    # Secrets of the user or the organization must not be written to repositories.
    return USER if "user" in name else ORGANIZATION if "_org" in name else best


def _likeness(given: str, meant: str) -> float:
    matcher = SequenceMatcher(None, given, meant, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE else 0.0
