# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warn about written secrets that probably need attention, and about runs that cannot finish."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from ansible_collections.devex.github.plugins.module_utils._engine.estimate import Estimate
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._model import Plan, Value
from ansible_collections.devex.github.plugins.module_utils._scope import CODESPACES
from ansible_collections.devex.github.plugins.module_utils._validation import some

# If fewer values are compared, it may be chance that most are written again.
_LEAST_COMPARED = 10


def notices(items: Collection[Item]) -> list[str]:
    """Return the warnings, each with the names of the first secrets that it concerns."""
    written = [(item, item.plan) for item in items if item.plan is not None and item.writes]
    warnings = []
    if ending := _names(items, _is_line_with_break):
        warnings.append(
            f"Values of one line end in a line break, which most tokens must not have: {some(ending)}. "
            "To remove it, write |- instead of | in YAML, or add the filter trim."
        )
    if of_python := _names(items, _is_of_python):
        warnings.append(
            f"Values look like a Python mapping or list, which is not valid JSON: {some(of_python)}. To pass JSON, "
            "use the filter to_json. To pass a text unchanged, add the filter string directly after the variable or "
            "the lookup."
        )
    if unreadable := [item for item, plan in written if _is_taken_from_all(plan)]:
        modules = sorted({f"{item.scope.module}_repos" for item in unreadable if item.scope.consumer == CODESPACES})
        names = some([f"{item.desired.name} ({item.scope.title})" for item in unreadable])
        add = f", or add repositories with {' or '.join(modules)}" if modules else ""
        warnings.append(
            f"No repository can read these secrets, because their list of repositories is empty: {names}. "
            f"Set selected_repositories{add}."
        )
    if undated := list(dict.fromkeys(item.desired.name for item in items if _is_undated(item))):
        warnings.append(
            "GitHub's responses have no usable Date header, so these values could not be recorded, and the next run "
            f"writes them again: {some(undated)}. Check whether a proxy removes the header."
        )
    overwriting = _overwriting(items)
    return warnings if overwriting is None else [*warnings, overwriting]


def hour_notices(foreseen: Estimate, max_wait: int) -> list[str]:
    """Warn in a dry run if the run needs more requests than GitHub's hour has left, and must not wait so long.

    :arg max_wait: seconds.
    """
    if foreseen.hour_seconds <= max_wait:
        return []
    return [
        "The run needs more requests than GitHub allows a token until the end of the hour. With "
        f"max_wait={max_wait}, the task would stop before it is done, and another run would continue. To let it wait, "
        f"set max_wait to at least {foreseen.hour_seconds}."
    ]


def _overwriting(items: Iterable[Item]) -> str | None:
    """Warn if most values are written without a known change, which happens if two controllers overwrite each other."""
    compared = [item for item in items if item.desired.compared and item.current is not None]
    again = sum(item.reason in ("not_recorded", "updated_elsewhere") for item in compared)
    if len(compared) < _LEAST_COMPARED or again * 2 <= len(compared):
        return None
    return (
        f"{again} of {len(compared)} values are written although they are not known to have changed, because the "
        "store (fingerprints) has no record of them, or because they were written elsewhere since. If another "
        "controller with a separate store manages them too, the two keep overwriting each other. Share one store, or "
        "set update_value=on_new_value, or set value_changed_at for each value. If these secrets are new to this "
        "collection, update_value=adopt records their values without writing."
    )


def _names(items: Iterable[Item], looks: Callable[[Value], bool]) -> list[str]:
    """Return the names of secrets with such a value among their writes, each once."""
    matching = (item for item in items if any(write.value and looks(write.value) for write in item.writes))
    return list(dict.fromkeys(item.desired.name for item in matching))


def _is_undated(item: Item) -> bool:
    """Return whether the value was written, but not recorded, because GitHub's time is not known."""
    written = any(write.answered and write.value is not None for write in item.sent)
    return written and item.answered_at is None and item.desired.recorded


def _is_line_with_break(value: Value) -> bool:
    line = value.text.rstrip("\r\n")
    return value.key_id is None and line != value.text and "\n" not in line


def _is_of_python(value: Value) -> bool:
    text = value.text.strip()
    return value.key_id is None and text.startswith(("{'", "['", "[{'")) and text.endswith(("}", "]"))


def _is_taken_from_all(plan: Plan) -> bool:
    """Return whether the secret gets a list of repositories, and the list is empty."""
    new = plan.before is None or (plan.after is not None and plan.before.visibility != plan.after.visibility)
    return new and plan.after is not None and plan.after.repositories == ()
