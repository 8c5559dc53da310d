# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module returns: rows, operations and differences, of a dry run and of a real one."""

from __future__ import annotations

from typing import Any

from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.plan import WRITTEN
from ansible_collections.devex.github.plugins.module_utils._errors import Incomplete
from ansible_collections.devex.github.plugins.module_utils._model import Plan, Secret, Write
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.plugins.module_utils._time import format_time


def one(item: Item, *, check_mode: bool, diff_mode: bool) -> dict[str, Any]:
    """What a module returns that manages one secret.

    :raises Incomplete: it failed; the result tells what was done before.
    """
    writes = item.writes if check_mode else tuple(item.sent)
    result: dict[str, Any] = {"changed": bool(writes), "operations": [_operation(write) for write in writes]}
    if item.error is not None:
        raise Incomplete(str(item.error), result)
    result["secret"] = secret_row(item.scope, item.outcome)
    if item.plan is not None:
        result["reason"] = item.plan.reason
        if diff_mode:
            result["diff"] = _diff(item.scope, item.plan)
    return result


def many(readings: list[Reading], items: list[Item], *, check_mode: bool, diff_mode: bool) -> dict[str, Any]:
    """What a module returns that manages many secrets: a row for each.

    :raises Incomplete: some failed; the result tells of all of them.
    """
    # As they are sent: deletions first.
    in_order = sorted(items, key=lambda item: item.desired.state != "absent")
    writes = [write for item in in_order for write in (item.writes if check_mode else item.sent)]
    result: dict[str, Any] = {
        "changed": bool(writes),
        "operations": [_operation(write) for write in writes],
        "secrets": [_row(item) for item in items],
    }
    if diff_mode:
        result["diff"] = [
            _diff(item.scope, item.plan) for item in items if item.plan and item.writes and item.error is None
        ]
    errors = [(reading.job.scope.label, reading.error) for reading in readings if reading.error]
    errors += [
        (f"{item.scope.label} {item.desired.name}", item.error)
        for item in items
        if item.error and (item.scope.label, item.error) not in errors
    ]
    if errors:
        texts = (f"{what}: {error}" for what, error in errors)
        raise Incomplete("\n".join([_summary(readings, items), *texts]), result)
    return result


def _summary(readings: list[Reading], items: list[Item]) -> str:
    failed = sum(item.error is not None for item in items)
    if failed:
        return f"{failed} of {len(items)} secrets failed."
    # They have no items where there is nothing but pruning to be done.
    unread = sum(reading.error is not None for reading in readings)
    return f"The secrets of {unread} of {len(readings)} scopes could not be read."


def _row(item: Item) -> dict[str, Any]:
    row: dict[str, Any] = {"scope": item.scope.label, "name": item.desired.name, "action": "none"}
    if item.plan is not None:
        row.update(action=item.plan.action, reason=item.plan.reason)
    if item.error is not None:
        row["error"] = str(item.error)
    return row


def secret_row(scope: Scope, secret: Secret | None) -> dict[str, Any] | None:
    """A secret as results show it: what is not known is left out; None where it is absent."""
    if secret is None:
        return None
    row: dict[str, Any] = {"scope": scope.label, "name": secret.name}
    for key, time in (("created_at", secret.created_at), ("updated_at", secret.updated_at)):
        if time is not None:
            row[key] = format_time(time)
    if secret.visibility is not None:
        row["visibility"] = secret.visibility
    if secret.repositories is not None:
        row["selected_repositories"] = [
            {"id": repository.id, "full_name": repository.full_name} for repository in secret.repositories
        ]
    return row


def _operation(write: Write) -> dict[str, str]:
    """A write as results show it."""
    return {"method": write.method, "path": write.path, "reason": write.reason}


def _diff(scope: Scope, plan: Plan) -> dict[str, Any]:
    """What a plan changes, in the form of Ansible's diff mode."""
    header = f"{scope.label} {(plan.before or plan.after or Secret('')).name}".rstrip()
    return {
        "before_header": header,
        "after_header": header,
        "before": _side(plan.before, "set"),
        "after": _side(plan.after, "new" if plan.reason in WRITTEN else "set"),
    }


def _side(secret: Secret | None, value: str) -> dict[str, Any] | str:
    if secret is None:
        return ""
    side: dict[str, Any] = {"name": secret.name, "value": value}
    if secret.visibility is not None:
        side["visibility"] = secret.visibility
    if secret.repositories is not None:
        side["repositories"] = sorted(repository.full_name or str(repository.id) for repository in secret.repositories)
    return side
