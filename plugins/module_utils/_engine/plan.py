# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide what is written, and why, with pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ansible_collections.devex.github.plugins.module_utils._engine.view import TOLERANCE
from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._model import (
    Access,
    Desired,
    Plan,
    Record,
    Repository,
    Secret,
    Value,
    Write,
)
from ansible_collections.devex.github.plugins.module_utils._scope import Scope

# All writes with the value as their only field share it, because a task may have hundreds of thousands.
_EMPTY: dict[str, object] = {}

#: The reasons to write a value.
WRITTEN = frozenset({"created", "forced", "rotated", "not_recorded", "value_changed", "updated_elsewhere"})


def untouched(current: Secret, record: Record) -> bool:
    """Return whether GitHub shows the secret as our last write left it.

    The time of creation reveals another secret of the same name, such as that of another user, or of a repository that
    has the name now.
    """
    if current.updated_at is not None and current.updated_at > record.applied_at + TOLERANCE:
        return False
    return _is_created_as_recorded(current, record)


def _is_created_as_recorded(current: Secret, record: Record) -> bool:
    if current.created_at is None or record.created is None:
        return True
    earliest, latest = record.created
    return earliest - TOLERANCE <= current.created_at <= latest + TOLERANCE


def may_be_record_of(current: Secret | None, record: Record) -> bool:
    """Return whether an unowned record can belong to this secret: its last change is not older than the record."""
    if current is None or not _is_created_as_recorded(current, record):
        return False
    return current.updated_at is None or current.updated_at >= record.applied_at - TOLERANCE


def value_reason(desired: Desired, current: Secret | None, record: Record | None, matches: bool) -> str:
    """Return why the value is written (one of WRITTEN) or left.

    :arg matches: whether the desired value is the recorded one.
    """
    if current is None:
        return "created"
    if desired.update_value == "on_create":
        return "kept"
    if desired.value is None:
        return "unmanaged"
    if desired.update_value == "adopt":
        return "adopted"
    if desired.update_value == "always":
        return "forced"
    if desired.value_changed_at is not None:
        stale = current.updated_at is None or current.updated_at < desired.value_changed_at
        return "rotated" if stale else "unchanged"
    if record is None:
        return "not_recorded"
    if not matches:
        return "value_changed"
    if record.unsure:
        return "not_recorded"
    if untouched(current, record):
        return "unchanged"
    return "left_as_edited" if desired.update_value == "on_new_value" else "updated_elsewhere"


def beyond_limit(limit: int | None, present: int, planned: Iterable[Plan]) -> list[bool]:
    """Return for each plan of one scope whether it creates a secret beyond GitHub's limit.

    :arg limit: of the scope; None: GitHub documents none.
    :arg present: how many secrets the scope has. If they exceed the known limit, GitHub must have raised it.
    """
    actions = [plan.action for plan in planned]
    if limit is None:
        return [False] * len(actions)
    left = limit - present + actions.count("delete")
    beyond = []
    for action in actions:
        left -= action == "create"
        beyond.append(present <= limit and action == "create" and left < 0)
    return beyond


def needs_repositories(scope: Scope, desired: Desired, current: Secret | None, reason: str) -> bool:
    """Return whether the plan depends on the present list of repositories."""
    if not scope.has_repositories or current is None or desired.state == "absent":
        return False
    if not scope.has_list(current.visibility):
        return False
    return desired.access is not None or reason in WRITTEN


def plan(
    scope: Scope, desired: Desired, current: Secret | None, reason: str, resolved: Mapping[str, Repository]
) -> Plan:
    """Plan the writes for one secret, the same in check mode and in a real run.

    :arg current: the secret at GitHub, with its repositories if needs_repositories(); None: absent.
    :arg reason: from value_reason().
    :arg resolved: the repository for each entry of desired.access.
    :raises InputError: the present state does not allow the change.
    """
    if desired.state == "absent":
        return _plan_absent(scope, desired, current)
    if current is None:
        return _plan_creation(scope, desired, resolved)
    return _plan_update(scope, desired, current, reason, resolved)


def _plan_absent(scope: Scope, desired: Desired, current: Secret | None) -> Plan:
    if current is None:
        return Plan("none", "absent", None, None)
    reason = "pruned" if desired.pruned else "deleted"
    return Plan("delete", reason, current, None, (Write("DELETE", scope.secret(desired.name), reason),))


def _plan_creation(scope: Scope, desired: Desired, resolved: Mapping[str, Repository]) -> Plan:
    if desired.value is None:
        raise InputError(
            "value is unset, but the secret does not exist yet. Set value or encrypted_value to create it."
        )
    after = Secret(desired.name, visibility=_visibility(scope, desired, None))
    if scope.has_list(after.visibility):
        after = replace(after, repositories=_wanted(desired.access, (), resolved))
    return Plan("create", "created", None, after, (_put(scope, after, "created", desired.value),))


def _plan_update(
    scope: Scope, desired: Desired, current: Secret, reason: str, resolved: Mapping[str, Repository]
) -> Plan:
    visibility = _visibility(scope, desired, current)
    after = current if visibility == current.visibility else replace(current, visibility=visibility)
    if scope.has_list(visibility):
        if desired.access is not None or current.repositories is not None:
            after = replace(after, repositories=_wanted(desired.access, current.repositories or (), resolved))
        elif visibility != current.visibility:
            after = replace(after, repositories=())
    elif scope.has_repositories:
        if desired.access is not None:
            raise InputError(
                f"selected_repositories requires visibility=selected, but the secret has visibility={visibility}. Set "
                "visibility=selected as well."
            )
        after = replace(after, repositories=None)

    writes: tuple[Write, ...]
    if reason in WRITTEN:
        writes = (_put(scope, after, reason, desired.value),)
    elif visibility != current.visibility:
        # GitHub may reject a visibility without a value, so a value that is known to be the same is sent along.
        same_value = desired.value if reason == "unchanged" and desired.recorded else None
        if same_value is None and scope.visibility_needs_value:
            raise InputError(
                f"visibility: GitHub changes the visibility of a secret for {scope.consumer} only together with its "
                "value. Set the value, with update_value=always for one run."
            )
        writes = (_put(scope, after, "visibility_changed", same_value),)
    else:
        writes = _access_writes(scope, desired, current, after)
    return Plan("update" if writes else "none", reason, current, after, writes)


def _put(scope: Scope, after: Secret, reason: str, value: Value | None) -> Write:
    return Write("PUT", scope.secret(after.name), reason, _body(scope, after), with_key=True, value=value)


def _access_writes(scope: Scope, desired: Desired, current: Secret, after: Secret) -> tuple[Write, ...]:
    if desired.access is None:
        return ()
    before_ids = {repository.id for repository in current.repositories or ()}
    after_ids = {repository.id for repository in after.repositories or ()}
    if before_ids == after_ids:
        return ()
    name = desired.name
    if desired.access.mode == "exact":
        body = {"selected_repository_ids": sorted(after_ids)}
        return (Write("PUT", scope.repositories(name), "repositories_changed", body),)
    return tuple(
        Write("PUT", scope.repository_access(name, added), "repository_added")
        for added in sorted(after_ids - before_ids)
    ) + tuple(
        Write("DELETE", scope.repository_access(name, removed), "repository_removed")
        for removed in sorted(before_ids - after_ids)
    )


def _wanted(
    access: Access | None, present: tuple[Repository, ...], resolved: Mapping[str, Repository]
) -> tuple[Repository, ...]:
    if access is None:
        return present
    named = {resolved[entry].id: resolved[entry] for entry in access.repositories}
    known = {repository.id: repository for repository in present}
    if access.mode == "absent":
        wanted = {key: known[key] for key in known if key not in named}
    elif access.mode == "present":
        wanted = {**named, **known}
    else:
        wanted = {key: known.get(key, named[key]) for key in named}
    return tuple(wanted.values())


def _visibility(scope: Scope, desired: Desired, current: Secret | None) -> str | None:
    if not scope.has_visibility:
        return current.visibility if current else ("selected" if scope.has_repositories else None)
    if desired.visibility is not None:
        return desired.visibility
    if current is not None:
        return current.visibility
    return "private" if desired.access is None else "selected"


def _body(scope: Scope, after: Secret) -> dict[str, object]:
    body: dict[str, object] = {}
    if scope.has_visibility:
        body["visibility"] = after.visibility
    # GitHub does not document what happens to a list that a write omits, so each write has it.
    if after.repositories is not None:
        body["selected_repository_ids"] = sorted(repository.id for repository in after.repositories)
    return body or _EMPTY
