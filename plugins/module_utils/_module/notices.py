# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user should know of secrets that are written, though it fails nothing; with nothing to do, it is nothing."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._model import Plan, Value
from ansible_collections.devex.github.plugins.module_utils._outside import some


def notices(items: Iterable[Item]) -> list[str]:
    """Each kind once, with the names of the first secrets that it is about."""
    written = [(item, item.plan) for item in items if item.plan is not None and item.writes]
    found = []
    ending = dict.fromkeys(
        item.desired.name
        for item, dummy in written
        if any(write.value is not None and _is_line_with_break(write.value) for write in item.writes)
    )
    if ending:
        found.append(
            f"A value of one line ends in a line break, which most tokens do not stand: {some(list(ending))}. "
            "In YAML, |- leaves it out where | keeps it, and the filter trim takes it off."
        )
    unread = [item for item, plan in written if _is_taken_from_all(plan)]
    if unread:
        modules = sorted({f"{item.scope.module}_repos" for item in unread})
        names = some([f"{item.desired.name} ({item.scope.label})" for item in unread])
        found.append(
            f"No codespace can read a secret that is given to no repository: {names}. "
            f"Give it selected_repositories, or add some with {' or '.join(modules)}."
        )
    return found


def _is_line_with_break(value: Value) -> bool:
    line = value.text.rstrip("\r\n")
    return value.key_id is None and line != value.text and "\n" not in line


def _is_taken_from_all(plan: Plan) -> bool:
    """Whether the secret has a list from now on, and nothing is in it."""
    new = plan.before is None or (plan.after is not None and plan.before.visibility != plan.after.visibility)
    return new and plan.after is not None and plan.after.repositories == ()
