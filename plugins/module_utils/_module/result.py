# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the results of modules, in check mode and in a real run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._engine.estimate import Estimate
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.plan import WRITTEN
from ansible_collections.devex.github.plugins.module_utils._engine.survey import Found
from ansible_collections.devex.github.plugins.module_utils._errors import Error, Incomplete
from ansible_collections.devex.github.plugins.module_utils._model import Desired, Plan, Repository, Secret, Write
from ansible_collections.devex.github.plugins.module_utils._module import report
from ansible_collections.devex.github.plugins.module_utils._scope import CODESPACES, Scope
from ansible_collections.devex.github.plugins.module_utils._time import format_time

# The text in a diff for a deleted secret that no row of the playbook lists.
_PRUNED = "deleted (pruned, because it is not listed)"
# Characters of the result of a failed task, which Ansible prints besides the message.
_SCREEN = 9_000


def one(item: Item, *, access_only: bool, check_mode: bool, diff_mode: bool) -> dict[str, Any]:
    """Return the result of a module that manages one secret.

    :arg access_only: whether the module only manages the list of repositories.
    :raises Incomplete: the secret failed. The result has the writes before.
    """
    writes = item.writes if check_mode else item.sent
    result: dict[str, Any] = {"changed": bool(writes), "operations": [_operation(write) for write in writes]}
    if item.error is not None:
        raise Incomplete(f"{item.scope.label} {item.desired.name}: {item.error}", result)
    result["secret"] = secret_row(item.scope, item.outcome)
    if item.plan is not None:
        result |= _list_changes(item.plan) if access_only else {"reason": item.plan.reason}
        if diff_mode:
            result["diff"] = _diff(item, item.plan)
    return result


def many(
    readings: list[Reading], items: list[Item], *, check_mode: bool, diff_mode: bool, foreseen: Estimate | None = None
) -> dict[str, Any]:
    """Return the result of a module that manages many secrets, with a row for each.

    :arg foreseen: the estimate for check mode; None: omit it.
    :raises Incomplete: some secrets failed. The result has all that fits one screen.
    """
    # In the order in which they are sent, with deletions first.
    in_order = sorted(items, key=lambda item: item.desired.state != "absent")
    writes = [(write, item.scope.consumer) for item in in_order for write in (item.writes if check_mode else item.sent)]
    operations = [{**_operation(write), "used_by": consumer} for write, consumer in writes]
    summary = report.summarize(items, len(readings))
    if check_mode and foreseen is not None:
        summary |= {"requests": foreseen.requests, "points": foreseen.points, "seconds": foreseen.seconds}
    result: dict[str, Any] = {"changed": bool(writes), "summary": summary}
    concerned = [(item.error, item.scope, item.desired.name) for item in items if item.error]
    # A failed scope has no items if the task only prunes it.
    unread = [(row.error, row.scope, None) for row in readings if row.error and not row.job.secrets]
    failures = report.failures([*concerned, *unread])
    if failures:
        errors = [error for error, *dummy in (*concerned, *unread)]
        fitting = _as_far_as_it_fits(
            ("failures", _failure_rows(failures)),
            ("applied", _applied_rows(items)),
            # Failed secrets are in failures, with each cause once.
            ("secrets", [_row(item) for item in items if item.writes and not item.error]),
            ("operations", operations),
        )
        raise Incomplete(report.message(summary, failures, errors, check_mode=check_mode), {**result, **fitting})
    if diff_mode:
        result["diff"] = _diffs(items)
    return {**result, "operations": operations, "secrets": [_row(item) for item in items]}


def by_target(readings: list[Reading], items: list[Item], *, check_mode: bool, diff_mode: bool) -> list[dict[str, Any]]:
    """Return the result of each target, in the order of targets, like that of a separate task."""
    items_of: dict[int, list[Item]] = {id(reading.scope): [] for reading in readings}
    for item in items:
        items_of[id(item.scope)].append(item)
    rows: dict[int, list[Reading]] = {}
    for reading in readings:
        rows.setdefault(reading.job.row, []).append(reading)
    results = []
    for group in rows.values():
        items_of_row = [item for reading in group for item in items_of[id(reading.scope)]]
        try:
            result = many(group, items_of_row, check_mode=check_mode, diff_mode=diff_mode)
        except Incomplete as error:
            result = {**error.result, "msg": str(error)}
        results.append(result)
    return results


def survey(scopes: list[Found]) -> dict[str, Any]:
    """Return the result of a module that lists secrets.

    :raises Incomplete: some scopes could not be read. The result has the others.
    """
    rows = [
        {"scope": found.scope.label, "used_by": found.scope.consumer, **row}
        for found in scopes
        for secret in found.secrets
        if (row := secret_row(found.scope, secret))
    ]
    return read("secrets", rows, [(found.scope, found.error) for found in scopes])


def read(key: str, rows: list[dict[str, Any]], scopes: Sequence[tuple[Scope, Error | None]]) -> dict[str, Any]:
    """Return the result of a module that only reads, with rows under a key.

    :raises Incomplete: a scope has an error. The result has the rows if they fit one screen.
    """
    failures = report.failures((error, scope, None) for scope, error in scopes if error)
    if not failures:
        return {"changed": False, key: rows}
    message = [report.unread(failures, len(scopes))] if len(scopes) > 1 else []
    fitting = _as_far_as_it_fits(("failures", _failure_rows(failures)), (key, rows))
    raise Incomplete("\n".join([*message, *report.lines(failures)]), {"changed": False, **fitting})


def _applied_rows(items: list[Item]) -> list[dict[str, Any]]:
    groups = report.applied(items)
    return [row for group in groups for row in report.rows([group], action=group.what[0], reason=group.what[1])]


def _failure_rows(failures: list[report.Failure]) -> list[dict[str, Any]]:
    return [row for failure in failures for row in report.rows(failure.groups, error=failure.text)]


def _as_far_as_it_fits(*parts: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the parts, keys and rows, that fit one screen together. The first part is always returned."""
    fitting: dict[str, Any] = {}
    left = _SCREEN
    for key, rows in parts:
        size = len(json.dumps(rows))
        if size <= left or not fitting:
            fitting[key] = rows
            left -= size
    return fitting


def _row(item: Item) -> dict[str, Any]:
    scope = item.scope
    row: dict[str, Any] = {
        "scope": scope.label,
        "used_by": scope.consumer,
        "name": item.desired.name,
        "action": "none",
    }
    if item.plan is not None:
        row.update(action=item.plan.action, reason=item.plan.reason)
    return row


def secret_row(scope: Scope, secret: Secret | None) -> dict[str, Any] | None:
    """Return a secret as results show it, without unknown fields; None: absent."""
    if secret is None:
        return None
    row: dict[str, Any] = {"scope": scope.label, "name": secret.name}
    for key, time in (("created_at", secret.created_at), ("updated_at", secret.updated_at)):
        if time is not None:
            row[key] = format_time(time)
    if secret.visibility is not None:
        row["visibility"] = secret.visibility
    if secret.repositories is not None:
        row["selected_repositories"] = list(map(_repository_row, secret.repositories))
    return row


def _list_changes(plan: Plan) -> dict[str, Any]:
    """Return the repositories that a plan adds to the list of a secret, and removes from it."""
    before, after = ((side and side.repositories) or () for side in (plan.before, plan.after))
    kept = {repository.id for repository in before} & {repository.id for repository in after}
    return {
        key: [_repository_row(repository) for repository in repositories if repository.id not in kept]
        for key, repositories in (("added", after), ("removed", before))
    }


def _repository_row(repository: Repository) -> dict[str, Any]:
    return {"id": repository.id, "full_name": repository.full_name}


def _operation(write: Write) -> dict[str, Any]:
    """Return a write as results show it."""
    row: dict[str, Any] = {"method": write.method, "path": write.path, "reason": write.reason}
    return row if write.answered else {**row, "answered": False}


def _diff(item: Item, plan: Plan) -> dict[str, Any]:
    """Return the changes of a plan, for Ansible's diff mode."""
    header = f"{item.scope.label} {item.desired.name}"
    return {
        "before_header": header,
        "after_header": header,
        "before": _side(plan.before, "set"),
        "after": _side(plan.after, _value(item.desired, plan)),
    }


def _diffs(items: Iterable[Item]) -> list[dict[str, Any]]:
    """Return the changes of all plans, with a block for each place, and one entry for consumers with equal changes."""
    # The places of several users have the same label, so blocks are by token, too.
    blocks: dict[object, tuple[str, dict[tuple[str, str], list[Item]]]] = {}
    for item in items:
        if item.plan is not None and item.writes:
            dummy, entries = blocks.setdefault((item.github, item.scope.root), (item.scope.label, {}))
            entries.setdefault((item.desired.name, json.dumps(_entry(item, item.plan))), []).append(item)
    return [
        {"before_header": label, "after_header": label, **_block(entries.values())}
        for label, entries in blocks.values()
    ]


def _block(entries: Iterable[list[Item]]) -> dict[str, dict[str, Any]]:
    """Return both sides of a block. The items of an entry are those of consumers with equal changes."""
    sides: dict[str, dict[str, Any]] = {"before": {}, "after": {}}
    for first, *others in entries:
        consumers = [item.scope.consumer for item in (first, *others)]
        suffix = "" if consumers == [CODESPACES] else f" ({', '.join(consumers)})"
        for side, change in (_entry(first, first.plan) if first.plan else {}).items():
            sides[side][f"{first.desired.name}{suffix}"] = change
    return sides


def _entry(item: Item, plan: Plan) -> dict[str, Any]:
    """Return what each side of a block shows of a change, without the name."""
    diff = _diff(item, plan)
    entry: dict[str, Any] = {
        side: {key: value for key, value in diff[side].items() if key != "name"}
        for side in ("before", "after")
        if diff[side]
    }
    # The list in the playbook does not name a pruned secret, so the diff explains the deletion.
    return {**entry, "after": _PRUNED} if item.desired.pruned else entry


def _value(desired: Desired, plan: Plan) -> str:
    """Return the text about the value in a diff after a plan: whether a new one is written, and why."""
    if plan.reason not in WRITTEN:
        return "set"
    edited_at = plan.before.updated_at if plan.before else None
    why = {
        "forced": "update_value=always",
        "not_recorded": "no record of the present value",
        "value_changed": "differs from the recorded value",
        "rotated": f"rotated{_on(desired.value_changed_at)}",
        "updated_elsewhere": f"edited elsewhere{_on(edited_at)}",
    }.get(plan.reason)
    # The empty side before shows that a secret is created.
    return f"new ({why})" if why else "new"


def _on(time: datetime | None) -> str:
    return f" on {format_time(time)}" if time else ""


def _side(secret: Secret | None, value: str) -> dict[str, Any] | str:
    if secret is None:
        return ""
    side: dict[str, Any] = {"name": secret.name, "value": value}
    if secret.visibility is not None:
        side["visibility"] = secret.visibility
    if secret.repositories is not None:
        side["repositories"] = sorted(repository.full_name or str(repository.id) for repository in secret.repositories)
    return side
