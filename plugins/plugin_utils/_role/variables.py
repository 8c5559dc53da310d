# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role that hold secrets, and names that nearly are such variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._validation import wrong_name

# How much two names have in common, from 0 to 1, where one may be a slip for the other.
_ALIKE = 0.88


#: The variables with secrets: of repositories, of the user and of an organization.
REPOSITORY = "codespaces_secrets_secrets"
USER = "codespaces_secrets_user_secrets"
ORGANIZATION = "codespaces_secrets_organization_secrets"
#: What is not pruned: a slip in this name deletes secrets.
KEEP = "codespaces_secrets_prune_keep"
#: The default of update_value: a slip in this name overwrites secrets that should be adopted or left alone.
UPDATE_VALUE = "codespaces_secrets_update_value"
#: A name that nearly is KEEP may as well be meant for one of its siblings.
PRUNING = (KEEP, "codespaces_secrets_prune", "codespaces_secrets_prune_max", "codespaces_secrets_prune_all")
#: What the names of further variables with secrets of repositories begin with.
PREFIX = "codespaces_secrets_for_"

#: The other variables of the role, those that it sets included, without the prefix.
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
        "concurrency",
        "result",
        "gathered",
        "provisioned",
    }
)


def of_repositories(names: Iterable[str]) -> list[str]:
    """Those of the variables that hold secrets of repositories."""
    return [REPOSITORY, *sorted(name for name in names if name.startswith(PREFIX) and name != PREFIX)]


def refuse_near_misses(variables: Mapping[str, Any]) -> None:
    """A slip in the name of a variable must not leave out the secrets in it, or have them pruned.

    :raises InputError: a name nearly is the one of a variable with secrets, of one about pruning, or of UPDATE_VALUE.
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
            held = f" (it holds {', '.join(secrets)})" if (secrets := _names(variables[name])) else ""
            raise InputError(f"{name}{held} is not read by the role: call it {meant}, or something else entirely.")


def secret_of(row: Any) -> str | None:
    """The name of the secret that a row of a list is about, as far as it can be shown."""
    name = (row.get("name") or row.get("secret_name")) if isinstance(row, Mapping) else None
    return str(name) if isinstance(name, str) and wrong_name(name) is None else None


def _names(rows: Any) -> list[str]:
    return [name for row in rows if (name := secret_of(row))][:10] if isinstance(rows, list) else []


def _may_hold_secrets(value: Any) -> bool:
    """Whether it is not plainly something else, such as the name of an owner, or a list of teams."""
    if isinstance(value, str):
        return "{" in value or "[" in value
    if isinstance(value, list):
        return not value or any(_may_hold_secrets(row) for row in value)
    return not isinstance(value, (bool, int, float))


def _nearest(name: str) -> str | None:
    head, infix, dummy = name.partition("_for_")
    likely = {meant: _likeness(name, meant) for meant in (REPOSITORY, USER, ORGANIZATION, KEEP, UPDATE_VALUE)}
    # The prefix without anything behind it is a near miss, too.
    likely[f"{PREFIX}NAME"] = _likeness(head + infix or name, PREFIX)
    best = max(likely, key=lambda meant: likely[meant])
    if likely[best] < _ALIKE:
        return None
    if infix:
        return best
    if best == UPDATE_VALUE:
        return best
    # A personal secret, or one of the organization, must not end up in the repositories.
    return USER if "user" in name else ORGANIZATION if "_org" in name else best


def _likeness(given: str, meant: str) -> float:
    matcher = SequenceMatcher(None, given, meant, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE else 0.0
