# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._engine.estimate import Estimate
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.view import View
from ansible_collections.devex.github.plugins.module_utils._errors import (
    Error,
    GitHubError,
    Incomplete,
    InputError,
    NotFound,
    ProxyDenied,
    RateLimited,
    Refused,
    Stopped,
    Unauthorized,
    Unreachable,
    Unusable,
)
from ansible_collections.devex.github.plugins.module_utils._model import Desired, Job, Plan, Prune, Secret, Value, Write
from ansible_collections.devex.github.plugins.module_utils._module import result
from ansible_collections.devex.github.plugins.module_utils._module.report import group
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import GITHUB

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
LIMITED = RateLimited("GitHub's rate limit ends at noon.", ends=NOON)
DENIED = Unauthorized("GitHub answered 401.", detail="GET /user")
#: The size of Ansible's output for a failed task: the message twice, and the result once.
SCREEN = 16_000


def refused(scope: Scope, name: str) -> GitHubError:
    return GitHubError("GitHub answered 422: No.", detail=f"PUT {scope.secret(name)}, request ID 7")


def item_of(scope: Scope, name: str, action: str, error: Error | None = None, sent: bool | None = None) -> Item:
    """Return an item with a plan, which was carried out unless there is an error."""
    write = Write("DELETE" if action == "delete" else "PUT", scope.secret(name), action, with_key=action != "delete")
    item = Item(GITHUB, scope, Desired(name, value=Value("text")), None, None, View(name), error=error)
    writes = () if action == "none" else (write,)
    item.plan = Plan(action, f"because {action}", None, Secret(name), writes)
    if (error is None) if sent is None else sent:
        item.sent = tuple(writes)
    return item


def scopes(number: int) -> list[Scope]:
    return [_scope.repository(f"octo-org/repository-{i:03}") for i in range(number)]


def names(number: int) -> list[str]:
    return [f"SECRET_NUMBER_{i:03}" for i in range(number)]


def many(items: list[Item], readings: list[Reading] | None = None, check_mode: bool = False) -> dict[str, Any]:
    found = dict.fromkeys(item.scope for item in items)
    default = [Reading(Job(scope, (Desired("A"),)), GITHUB, scope) for scope in found]
    return result.many(
        readings or default, items, check_mode=check_mode, diff_mode=True, foreseen=Estimate(len(found), len(found), 0)
    )


def failed(items: list[Item], readings: list[Reading] | None = None, check_mode: bool = False) -> tuple[str, Any]:
    with pytest.raises(Incomplete) as caught:
        many(items, readings, check_mode)
    message, text = str(caught.value), caught.value.result
    assert 2 * len(message) + len(json.dumps(text)) < SCREEN
    return message, text


def failure_texts(message: Any) -> dict[tuple[str, str], str]:
    return {
        (scope, name): row["error"] for row in message["failures"] for scope in row["scopes"] for name in row["names"]
    }


# --- groups ---


@pytest.mark.parametrize(
    ("rows", "groups"),
    [
        ([], []),
        (["aA", "aB", "bA", "bB"], [("a b", "A B")]),
        (["aA", "aB", "bA"], [("a", "A B"), ("b", "A")]),
        (["aA", "bB", "cA"], [("a c", "A"), ("b", "B")]),
        (["a", "b"], [("a b", "")]),
        (["aA", "bA", "aA actions", "bA actions"], [("a b", "A", "codespaces actions")]),
        (["aA", "bA", "aA actions"], [("a b", "A"), ("a", "A", "actions")]),
    ],
)
def test_scopes_and_consumers_with_the_same_names_are_grouped(rows: list[str], groups: list[tuple[str, ...]]) -> None:
    parts = [(row.partition(" ")[0], row.partition(" ")[2] or "codespaces") for row in rows]
    found = group(((), (text[0], consumer, text[1:] or None)) for text, consumer in parts)
    assert [(" ".join(one.scopes), " ".join(one.names), " ".join(one.used_by)) for one in found] == [
        (scopes_, names_, *(consumers or ["codespaces"])) for scopes_, names_, *consumers in groups
    ]


# --- success ---


def test_a_summary_counts_the_outcomes() -> None:
    app, web = scopes(2)
    actions = ["create", "create", "update", "delete", "none", "none", "none"]
    items = [item_of(app, name, action) for name, action in zip(names(7), actions, strict=True)]
    message = many([*items, item_of(web, "A", "none")])
    assert message["summary"] == {
        "scopes": 2,
        "created": 2,
        "updated": 1,
        "deleted": 1,
        "left": 4,
        "failed": 0,
        "not_reached": 0,
        "written": {},
    }
    assert len(message["secrets"]) == 8
    assert len(message["operations"]) == 4


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_summary_counts_written_values_by_reason(check_mode: bool) -> None:
    (app,) = scopes(1)
    reasons = ["forced", "value_changed", "value_changed", "unchanged", "pruned", "created"]
    items = [item_of(app, name, "update") for name in names(len(reasons))]
    for item, reason in zip(items, reasons, strict=True):
        assert item.plan is not None
        item.plan = replace(item.plan, reason=reason)
    items[-1].error = refused(app, "A")
    dummy, told = failed(items, check_mode=check_mode)
    assert told["summary"]["written"] == {"forced": 1, "value_changed": 2}


def test_a_dry_run_reports_the_estimate() -> None:
    (app,) = scopes(1)
    item = item_of(app, "A", "create", sent=False)
    summary = many([item], check_mode=True)["summary"]
    assert (summary["points"], summary["seconds"]) == (1, 0)
    assert "points" not in many([item])["summary"]


@pytest.mark.parametrize(
    ("reason", "value"),
    [
        ("created", "new"),
        ("forced", "new (update_value=always)"),
        ("rotated", "new (rotated on 2026-03-10T13:00:00Z)"),
        ("not_recorded", "new (no record of the present value)"),
        ("value_changed", "new (differs from the recorded value)"),
        ("updated_elsewhere", "new (edited elsewhere on 2026-03-10T12:00:00Z)"),
        ("left_as_edited", "set"),
        ("unmanaged", "set"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_diff_shows_why_a_value_is_written(reason: str, value: str, check_mode: bool) -> None:
    (app,) = scopes(1)
    item = item_of(app, "A", "update")
    assert item.plan is not None
    item.desired = replace(item.desired, value_changed_at=NOON + timedelta(hours=1))
    item.plan = replace(item.plan, reason=reason, before=Secret("A", updated_at=NOON))
    single = result.one(item, access_only=False, check_mode=check_mode, diff_mode=True)["diff"]
    (block,) = many([item], check_mode=check_mode)["diff"]
    assert (single["before"], single["after"]) == ({"name": "A", "value": "set"}, {"name": "A", "value": value})
    assert (block["before"], block["after"]) == ({"A": {"value": "set"}}, {"A": {"value": value}})


def test_a_diff_shows_an_edit_without_a_date() -> None:
    (app,) = scopes(1)
    item = item_of(app, "A", "update")
    assert item.plan is not None
    item.plan = replace(item.plan, reason="updated_elsewhere", before=Secret("A"))
    assert many([item])["diff"][0]["after"] == {"A": {"value": "new (edited elsewhere)"}}


def test_a_diff_distinguishes_pruned_secrets_from_secrets_with_state_absent() -> None:
    (app,) = scopes(1)
    items = [item_of(app, name, "delete") for name in ("GONE", "STALE")]
    for item in items:
        item.desired = Desired(item.desired.name, state="absent", pruned=item.desired.name == "STALE")
        item.plan = Plan("delete", "deleted", Secret(item.desired.name), None, tuple(item.sent))
    (block,) = many(items)["diff"]
    assert block["before"].keys() == {"GONE", "STALE"}
    assert block["after"] == {"STALE": "deleted (pruned, because it is not listed)"}


def test_a_diff_has_one_entry_for_consumers_with_equal_changes() -> None:
    consumers = {"codespaces": "create", "agents": "update", "dependabot": "create", "actions": "create"}
    items = [
        item_of(_scope.repository("octo-org/app", consumer), "A", action) for consumer, action in consumers.items()
    ]
    assert items[1].plan is not None
    items[1].plan = replace(items[1].plan, before=Secret("A"))
    (block,) = many([*items, item_of(items[0].scope, "B", "create")])["diff"]
    assert block["before_header"] == "repo:octo-org/app"
    assert block["before"].keys() == {"A (agents)"}
    assert block["after"].keys() == {"A (codespaces, dependabot, actions)", "A (agents)", "B"}


# --- failure ---


def test_a_failure_names_its_consumers() -> None:
    error = GitHubError("no")
    items = [
        item_of(_scope.repository("octo-org/app", consumer), "A", "create", error) for consumer in ("agents", "actions")
    ]
    message, text = failed(items)
    assert message.splitlines()[1] == "2 secrets (A) in repo:octo-org/app (agents, actions): no"
    assert text["failures"] == [
        {"error": "no", "scopes": ["repo:octo-org/app"], "used_by": ["agents", "actions"], "names": ["A"]}
    ]
    assert failed(items[:1])[0].splitlines()[1] == "repo:octo-org/app (agents) A: no"


def test_the_error_of_a_single_secret_names_the_secret() -> None:
    (app,) = scopes(1)
    item = item_of(app, "A", "create", refused(app, "A"))
    with pytest.raises(Incomplete) as caught:
        result.one(item, access_only=False, check_mode=False, diff_mode=False)
    detail = "PUT /repos/octo-org/repository-000/codespaces/secrets/A, request ID 7"
    assert str(caught.value) == f"repo:octo-org/repository-000 A: GitHub answered 422: No. ({detail})"


def test_few_failures_are_reported_with_details() -> None:
    (app,) = scopes(1)
    items = [item_of(app, name, "create", refused(app, name) if name == "B" else None) for name in "ABC"]
    message, text = failed(items)
    assert message.splitlines() == [
        "1 of 3 secrets failed. Others are done: 2 created.",
        f"repo:octo-org/repository-000 B: {refused(app, 'B')}",
    ]
    assert failure_texts(text) == {(app.label, "B"): str(refused(app, "B"))}
    assert [row["name"] for row in text["secrets"]] == ["A", "C"]
    assert len(text["operations"]) == 2
    assert "diff" not in text


def test_a_failed_dry_run_reports_the_planned_writes() -> None:
    (app,) = scopes(1)
    items = [item_of(app, name, "create", refused(app, name) if name == "B" else None, sent=False) for name in "ABC"]
    message, text = failed(items, check_mode=True)
    assert message.splitlines()[0] == "1 of 3 secrets failed. Others would be: 2 created."
    assert text["summary"]["points"] > 0


def test_a_result_with_failures_contains_each_cause_once() -> None:
    (app,) = scopes(1)
    dummy, message = failed(
        [item_of(app, "A", "none"), item_of(app, "B", "create", LIMITED), item_of(app, "C", "create")]
    )
    assert [row["name"] for row in message["secrets"]] == ["C"]
    assert json.dumps(message).count(str(LIMITED)) == 1


#: Errors, and the end of the message.
NEXT: list[tuple[list[Error], str]] = [
    ([LIMITED], "Run the task again after 2026-03-10T12:00:00Z. It continues with the rest."),
    (
        [LIMITED, RateLimited("later", ends=NOON + timedelta(hours=1))],
        "Run the task again after 2026-03-10T13:00:00Z. It continues with the rest.",
    ),
    ([NotFound("404"), LIMITED], "Run the task again after 2026-03-10T12:00:00Z. It continues with the rest."),
    ([Unreachable("no answer in time")], "Run the task again. It continues with the rest."),
    ([NotFound("404"), Unreachable("no answer in time")], "Run the task again. It continues with the rest."),
    ([Stopped("The task was interrupted.")], "Run the task again. It continues with the rest."),
    ([DENIED], "Fix this, then run the task again. It continues with the rest."),
    ([ProxyDenied("407")], "Fix this, then run the task again. It continues with the rest."),
    ([NotFound("404")], ""),
    ([Unusable("The certificate has expired.")], ""),
    ([GitHubError("403")], ""),
    ([Refused("422"), InputError("The secret does not exist.")], ""),
]


@pytest.mark.parametrize(("errors", "said"), NEXT, ids=lambda value: repr(value)[:60])
def test_a_message_recommends_another_run_only_if_another_run_helps(errors: list[Error], said: str) -> None:
    (app,) = scopes(1)
    items = [item_of(app, "DONE", "create"), *(item_of(app, f"E{i}", "create", one) for i, one in enumerate(errors))]
    lines = failed(items)[0].splitlines()
    assert len(lines) == 1 + len({error.cause for error in errors}) + bool(said)
    assert lines[-1] == said or not said
    assert "again" not in failed(items, check_mode=True)[0]


def test_a_message_calls_secrets_without_a_write_unchanged() -> None:
    (app,) = scopes(1)
    message, dummy = failed([item_of(app, "A", "none"), item_of(app, "B", "none"), item_of(app, "C", "none", DENIED)])
    assert "Others are done: 2 unchanged." in message


def test_a_shared_cause_of_all_writes_is_reported_once() -> None:
    items = [item_of(scope, name, "create", refused(scope, name)) for scope in scopes(20) for name in names(100)]
    message, text = failed(items)
    assert message.splitlines() == [
        "2000 of 2000 secrets failed.",
        "2000 secrets (SECRET_NUMBER_000, SECRET_NUMBER_001, SECRET_NUMBER_002 and 97 more) in "
        "repo:octo-org/repository-000, repo:octo-org/repository-001, repo:octo-org/repository-002 and 17 more: "
        "GitHub answered 422: No.",
    ]
    assert failure_texts(text) == {(item.scope.label, item.desired.name): "GitHub answered 422: No." for item in items}


def test_a_rate_limit_in_the_middle_reports_when_to_continue() -> None:
    items = [item_of(scope, name, "create") for scope in scopes(20) for name in names(100)]
    for number, item in enumerate(items):
        if number > 1033 or number % 100 in (7, 8):
            item.error, item.sent = LIMITED, ()
    message, text = failed(items)
    assert message.splitlines()[0].startswith("988 of 2000 secrets were not reached. Others are done: 1012 created.")
    assert "Run the task again after 2026-03-10T12:00:00Z. It continues with the rest." in message
    assert message.count(str(LIMITED)) == 1
    assert failure_texts(text).keys() == {(item.scope.label, item.desired.name) for item in items if item.error}
    applied = {(scope, name) for row in text["applied"] for scope in row["scopes"] for name in row["names"]}
    assert applied == {(item.scope.label, item.desired.name) for item in items if item.error is None}
    assert text["summary"]["not_reached"] == 988


def test_rows_of_written_secrets_remain_if_many_secrets_fail() -> None:
    (app,) = scopes(1)
    items = [item_of(app, name, "create", LIMITED if number >= 20 else None) for number, name in enumerate(names(100))]
    dummy, message = failed(items)
    assert [row["name"] for row in message["secrets"]] == names(20)
    assert len(message["operations"]) == 20
    assert len(failure_texts(message)) == 80


def test_the_message_about_a_wrong_token_fits_one_screen() -> None:
    items = [item_of(scope, name, "none", DENIED) for scope in scopes(100) for name in names(20)]
    message, text = failed(items)
    assert message.count("401") == 1
    assert text["summary"]["not_reached"] == 2000
    assert len(failure_texts(text)) == 2000


def test_the_message_about_a_mistyped_repository_fits_one_screen() -> None:
    hidden = NotFound("GitHub answered 404.", detail="GET /repos/octo-org/repository-050")
    items = [
        item_of(scope, name, "create", hidden if number == 50 else None)
        for number, scope in enumerate(scopes(101))
        for name in names(20)
    ]
    message, text = failed(items)
    assert message.splitlines()[0] == "20 of 2020 secrets failed. Others are done: 2000 created."
    assert len(failure_texts(text)) == 20
    assert len(text["applied"]) == 1


@pytest.mark.parametrize("number", [9, 20, 21, 500])
def test_many_causes_are_cut_but_every_secret_is_listed(number: int) -> None:
    items = [
        item_of(scope, name, "create", GitHubError(f"{scope.label} {name} {'very ' * 500}odd"))
        for scope in scopes(5)
        for name in names(number // 5 + 1)
    ]
    message, text = failed(items[:number])
    assert len(message) < 4000
    assert f"And {min(number, 10) - 8} more causes, which the result lists." in message
    assert len(failure_texts(text)) == number


def test_scopes_without_secrets_are_reported() -> None:
    app, web = scopes(2)
    readings = [Reading(Job(scope, (), prune=Prune()), GITHUB, scope) for scope in (app, web)]
    readings[1].error = DENIED
    message, text = failed([], readings)
    assert message.splitlines()[0] == "1 of 2 scopes failed."
    assert text["failures"] == [{"error": str(DENIED), "scopes": [web.label], "used_by": ["codespaces"], "names": []}]


# --- without an answer ---


def test_a_write_that_was_not_answered_counts_as_a_change() -> None:
    scope = _scope.user()
    write = Write("PUT", scope.secret("TOKEN"), "forced", answered=False)
    item = replace(item_of(scope, "TOKEN", "update", GitHubError("no answer"), sent=False), sent=(write,))
    with pytest.raises(Incomplete) as caught:
        result.one(item, access_only=False, check_mode=False, diff_mode=False)
    message = {"method": "PUT", "path": "/user/codespaces/secrets/TOKEN", "reason": "forced", "answered": False}
    assert caught.value.result == {"changed": True, "operations": [message]}
    dummy, of_many = failed([item, item_of(scope, "OTHER", "none")])
    assert of_many["changed"]
    assert of_many["operations"] == [{**message, "used_by": "codespaces"}]
