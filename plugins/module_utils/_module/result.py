# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module returns: rows, operations and differences, of a dry run and of a real one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._engine.estimate import Estimate
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.plan import WRITTEN
from ansible_collections.devex.github.plugins.module_utils._engine.survey import Found
from ansible_collections.devex.github.plugins.module_utils._errors import Error, Incomplete
from ansible_collections.devex.github.plugins.module_utils._model import Plan, Repository, Secret, Write
from ansible_collections.devex.github.plugins.module_utils._module import report
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.plugins.module_utils._time import format_time

# Characters of a failed task's result that Ansible prints, beside the message, which it prints twice.
_SCREEN = 9_000


def one(item: Item, *, access_only: bool, check_mode: bool, diff_mode: bool) -> dict[str, Any]:
    """What a module returns that manages one secret.

    :arg access_only: it manages the list of repositories, and leaves the value alone.
    :raises Incomplete: it failed; the result tells what was done before.
    """
    writes = item.writes if check_mode else tuple(item.sent)
    result: dict[str, Any] = {"changed": bool(writes), "operations": [_operation(write) for write in writes]}
    if item.error is not None:
        raise Incomplete(f"{item.scope.label} {item.desired.name}: {item.error}", result)
    result["secret"] = secret_row(item.scope, item.outcome)
    if item.plan is not None:
        result |= _list_changes(item.plan) if access_only else {"reason": item.plan.reason}
        if diff_mode:
            result["diff"] = _diff(item.scope, item.plan)
    return result


def many(
    readings: list[Reading],
    items: list[Item],
    *,
    check_mode: bool,
    diff_mode: bool,
    foreseen: Estimate | None = None,
) -> dict[str, Any]:
    """What a module returns that manages many secrets: a row for each.

    :arg foreseen: what a run would take, for check mode; None: no matter.
    :raises Incomplete: some failed; the result tells of all of them, in one screen.
    """
    # As they are sent: deletions first.
    in_order = sorted(items, key=lambda item: item.desired.state != "absent")
    writes = [write for item in in_order for write in (item.writes if check_mode else item.sent)]
    operations = [_operation(write) for write in writes]
    summary = report.summarize(items, len(readings))
    if check_mode and foreseen is not None:
        summary |= {"points": foreseen.points, "seconds": foreseen.seconds}
    result: dict[str, Any] = {"changed": bool(writes), "summary": summary}
    concerned = [(item.error, item.scope.label, item.desired.name) for item in items if item.error]
    # With nothing but pruning to be done there are no items.
    unread = [(one.error, one.scope.label, None) for one in readings if one.error and not one.job.secrets]
    failures = report.failures([*concerned, *unread])
    if failures:
        errors = [error for error, *dummy in (*concerned, *unread)]
        fitting = _as_far_as_it_fits(
            ("failures", _failure_rows(failures)),
            ("applied", _applied_rows(items)),
            # Those that failed are in failures, where each cause is once.
            ("secrets", [_row(item) for item in items if item.writes and not item.error]),
            ("operations", operations),
        )
        raise Incomplete(report.message(summary, failures, errors, check_mode=check_mode), {**result, **fitting})
    if diff_mode:
        result["diff"] = _diffs(items)
    return {**result, "operations": operations, "secrets": [_row(item) for item in items]}


def by_target(readings: list[Reading], items: list[Item], *, check_mode: bool, diff_mode: bool) -> list[dict[str, Any]]:
    """What came of each target, in their order, as a task of its own would have told it."""
    items_of: dict[int, list[Item]] = {id(reading.scope): [] for reading in readings}
    for item in items:
        items_of[id(item.scope)].append(item)
    results = []
    for reading in readings:
        try:
            result = many([reading], items_of[id(reading.scope)], check_mode=check_mode, diff_mode=diff_mode)
        except Incomplete as error:
            result = {**error.result, "msg": str(error)}
        results.append(result)
    return results


def survey(found: list[Found]) -> dict[str, Any]:
    """What a module returns that asked what there is.

    :raises Incomplete: some scopes could not be read; the result has the others.
    """
    rows = [secret_row(one.scope, secret) for one in found for secret in one.secrets]
    return read("secrets", [row for row in rows if row], [(one.scope, one.error) for one in found])


def read(key: str, rows: list[dict[str, Any]], found: Sequence[tuple[Scope, Error | None]]) -> dict[str, Any]:
    """What a module returns that only reads: rows under a key.

    :arg found: the scopes that were to be read, and why some could not be.
    :raises Incomplete: some could not be; the result has the rows, as far as they fit into one screen.
    """
    failures = report.failures((error, scope.label, None) for scope, error in found if error)
    if not failures:
        return {"changed": False, key: rows}
    message = [report.unread(failures, len(found))] if len(found) > 1 else []
    fitting = _as_far_as_it_fits(("failures", _failure_rows(failures)), (key, rows))
    raise Incomplete("\n".join([*message, *report.lines(failures)]), {"changed": False, **fitting})


def _applied_rows(items: list[Item]) -> list[dict[str, Any]]:
    groups = report.applied(items)
    return [row for group in groups for row in report.rows([group], action=group.what[0], reason=group.what[1])]


def _failure_rows(failures: list[report.Failure]) -> list[dict[str, Any]]:
    return [row for failure in failures for row in report.rows(failure.groups, error=failure.text)]


def _as_far_as_it_fits(*parts: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The parts that fit into one screen, beginning with the first, which always does.

    :arg parts: keys and rows.
    """
    fitting: dict[str, Any] = {}
    left = _SCREEN
    for key, rows in parts:
        size = len(json.dumps(rows))
        if size <= left or not fitting:
            fitting[key] = rows
            left -= size
    return fitting


def _row(item: Item) -> dict[str, Any]:
    row: dict[str, Any] = {"scope": item.scope.label, "name": item.desired.name, "action": "none"}
    if item.plan is not None:
        row.update(action=item.plan.action, reason=item.plan.reason)
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
        row["selected_repositories"] = list(map(_repository_row, secret.repositories))
    return row


def _list_changes(plan: Plan) -> dict[str, Any]:
    """The repositories that a plan adds to the list of a secret, and takes from it."""
    before, after = ((side and side.repositories) or () for side in (plan.before, plan.after))
    kept = {repository.id for repository in before} & {repository.id for repository in after}
    return {
        key: [_repository_row(repository) for repository in repositories if repository.id not in kept]
        for key, repositories in (("added", after), ("removed", before))
    }


def _repository_row(repository: Repository) -> dict[str, Any]:
    return {"id": repository.id, "full_name": repository.full_name}


def _operation(write: Write) -> dict[str, Any]:
    """A write as results show it."""
    row: dict[str, Any] = {"method": write.method, "path": write.path, "reason": write.reason}
    return row if write.answered else {**row, "answered": False}


def _diff(scope: Scope, plan: Plan) -> dict[str, Any]:
    """What a plan changes, in the form of Ansible's diff mode."""
    header = f"{scope.label} {(plan.before or plan.after or Secret('')).name}".rstrip()
    return {
        "before_header": header,
        "after_header": header,
        "before": _side(plan.before, "set"),
        "after": _side(plan.after, "new" if plan.reason in WRITTEN else "set"),
    }


def _diffs(items: Iterable[Item]) -> list[dict[str, Any]]:
    """What plans change, a block for each scope."""
    # Several users have scopes of one label.
    blocks: dict[object, dict[str, Any]] = {}
    for item in items:
        if item.plan is None or not item.writes:
            continue
        label = item.scope.label
        block = blocks.setdefault(
            item.place, {"before_header": label, "after_header": label, "before": {}, "after": {}}
        )
        one = _diff(item.scope, item.plan)
        for side in ("before", "after"):
            if one[side]:
                block[side][item.desired.name] = {key: told for key, told in one[side].items() if key != "name"}
    return list(blocks.values())


def _side(secret: Secret | None, value: str) -> dict[str, Any] | str:
    if secret is None:
        return ""
    side: dict[str, Any] = {"name": secret.name, "value": value}
    if secret.visibility is not None:
        side["visibility"] = secret.visibility
    if secret.repositories is not None:
        side["repositories"] = sorted(repository.full_name or str(repository.id) for repository in secret.repositories)
    return side
