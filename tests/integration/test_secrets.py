# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage many secrets in one task."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import Ansible, Run, Task

APP = ["octo-org/app"]
SCOPE = "repo:octo-org/app"


def secrets(rows: Any, **options: Any) -> Task:
    return {"devex.github.codespaces_secrets": {"secrets": rows, **options}}


def rows(count: int, start: int = 0, **options: Any) -> list[dict[str, Any]]:
    return [{"name": f"SECRET_{number:03}", "value": f"value-{number:03}", **options} for number in range(start, count)]


def actions(run: Run, index: int = 0) -> dict[str, str]:
    return {row["name"]: row["action"] for row in run[index]["secrets"]}


def test_a_hundred_secrets_are_created_with_few_requests(ansible: Ansible, emulator: Emulator) -> None:
    wanted = rows(100)
    rotated = [{**row, "value": "rotated"} if row["name"].endswith("7") else row for row in wanted]
    run = ansible.play(
        secrets(wanted, repositories=APP, concurrency=20),
        secrets(wanted, repositories=APP),
        {**secrets(rotated, repositories=APP), "check_mode": True},
        secrets(rotated, repositories=APP),
        secrets(rows(100, start=95, state="absent"), repositories=APP),
    )
    assert run.changed == [True, False, True, True, True]
    assert run.api_calls == [102, 1, 1, 12, 6]
    assert run[2]["operations"] == run[3]["operations"]
    assert run[2]["diff"] == run[3]["diff"]
    (block,) = run[3]["diff"]
    assert block["before_header"] == SCOPE
    assert len(block["before"]) == len(block["after"]) == 10
    assert block["before"]["SECRET_007"] == {"value": "set"}
    assert block["after"]["SECRET_007"] == {"value": "new (differs from the recorded value)"}
    assert {row["reason"] for row in run[3]["secrets"] if row["action"] == "update"} == {"value_changed"}
    values = emulator.values(SCOPE)
    assert len(values) == 95
    assert values["SECRET_001"] == "value-001"
    assert values["SECRET_087"] == "rotated"


def test_the_diff_shows_why_a_value_is_written(ansible: Ansible, emulator: Emulator) -> None:
    before = [{"name": name, "value": f"{name} before"} for name in ("CHANGED", "EDITED", "KEPT")]
    ansible.play(secrets(before, repositories=APP))
    emulator.advance(60)
    for name in ("EDITED", "FORCED", "GONE", "ROTATED", "STALE", "UNKNOWN"):
        emulator.edit(SCOPE, name, value="text")
    stored = emulator.secret(SCOPE, "EDITED")
    assert stored is not None
    wanted = secrets(
        [
            {"name": "CHANGED", "value": "CHANGED after"},
            {"name": "EDITED", "value": "EDITED before"},
            {"name": "FORCED", "value": "FORCED after", "update_value": "always"},
            {"name": "GONE", "state": "absent"},
            {"name": "KEPT", "value": "KEPT before"},
            {"name": "NEW", "value": "NEW after"},
            {"name": "ROTATED", "value": "ROTATED after", "value_changed_at": "2100-01-01T01:00:00+01:00"},
            {"name": "UNKNOWN", "value": "UNKNOWN after"},
        ],
        repositories=APP,
        prune=True,
    )
    run = ansible.play({**wanted, "check_mode": True}, wanted)
    assert run.failed == []
    assert run[0]["diff"] == run[1]["diff"]
    (block,) = run[0]["diff"]
    assert set(block["before"]) == {"CHANGED", "EDITED", "FORCED", "GONE", "ROTATED", "STALE", "UNKNOWN"}
    assert block["after"] == {
        "CHANGED": {"value": "new (differs from the recorded value)"},
        "EDITED": {"value": f"new (edited elsewhere on {stored['updated_at']})"},
        "FORCED": {"value": "new (update_value=always)"},
        "NEW": {"value": "new"},
        "ROTATED": {"value": "new (rotated on 2100-01-01T00:00:00Z)"},
        "STALE": "deleted (pruned, because it is not listed)",
        "UNKNOWN": {"value": "new (no record of the present value)"},
    }
    assert " after" not in json.dumps(run[0]["diff"]).replace("after_header", "")


def test_repositories_share_a_list(ansible: Ansible, emulator: Emulator) -> None:
    names = [f"octo-org/repository-{number}" for number in range(5)]
    emulator.repositories(*names)
    run = ansible.play(secrets(rows(3), repositories=[*names, names[0].upper()]), secrets(rows(3), repositories=names))
    assert run.api_calls == [5 * (1 + 1 + 3), 5]
    assert [row["scope"] for row in run[0]["secrets"]] == [f"repo:{name}" for name in names for dummy in range(3)]
    for name in names:
        assert emulator.values(f"repo:{name}") == {row["name"]: row["value"] for row in rows(3)}


def test_one_rejected_secret_neither_stops_nor_hides_the_others(ansible: Ansible, emulator: Emulator) -> None:
    wanted = secrets(rows(10), repositories=[*APP, "octo-org/hidden", "octo-org/api"])
    emulator.fault("status", method="PUT", path="app/.*/SECRET_005$", status=422, body={"message": "No."})
    run = ansible.play(wanted, wanted)
    assert [result["status"] for result in run.results] == ["failed", "failed"]
    assert "11 of 30 secrets failed" in run[0]["msg"]
    assert "SECRET_005" in run[0]["msg"]
    failed = {scope: row["names"] for row in run[0]["failures"] for scope in row["scopes"]}
    assert failed.keys() == {"repo:octo-org/app", "repo:octo-org/hidden"}
    assert failed["repo:octo-org/app"] == ["SECRET_005"]
    assert len(run[0]["secrets"]) == 19
    assert "run it again" not in run[0]["msg"].lower()
    assert run[0]["changed"] is True
    assert len(run[0]["operations"]) == 19
    assert len(emulator.values(SCOPE)) == 10
    assert [operation["path"][-10:] for operation in run[1]["operations"]] == ["SECRET_005"]


def test_prune_deletes_unlisted_secrets(ansible: Ansible, emulator: Emulator) -> None:
    names = ["KEPT", "LEGACY_ONE", "LEGACY_TWO", "STALE_A", "STALE_B"]
    ansible.play(secrets([{"name": name, "value": "text"} for name in names], repositories=APP))
    wanted = secrets(
        [{"name": "kept"}, {"name": "NEW", "value": "text"}, {"name": "STALE_A", "state": "absent"}],
        repositories=APP,
        prune=True,
        prune_keep=["legacy_*"],
    )
    emulator.clear_calls()
    run = ansible.play({**wanted, "check_mode": True}, wanted, wanted)
    expected = {"KEPT": "none", "NEW": "create", "STALE_A": "delete", "STALE_B": "delete"}
    assert actions(run, 0) == actions(run, 1) == expected
    assert run[0]["operations"] == run[1]["operations"]
    assert [row["reason"] for row in run[1]["secrets"]] == ["unmanaged", "created", "deleted", "pruned"]
    assert run[2]["changed"] is False
    assert sorted(emulator.values(SCOPE)) == ["KEPT", "LEGACY_ONE", "LEGACY_TWO", "NEW"]
    # Deletions are sent first, and make room.
    assert [call["method"] for call in emulator.calls(writes_only=True)] == ["DELETE", "DELETE", "PUT"]


def test_nothing_is_pruned_without_prune(ansible: Ansible, emulator: Emulator) -> None:
    ansible.play(secrets(rows(3), repositories=APP))
    run = ansible.play(secrets([], repositories=APP))
    assert run.changed == [False]
    assert len(emulator.values(SCOPE)) == 3


def test_pruning_to_nothing_fails_without_prune_all(ansible: Ansible, emulator: Emulator) -> None:
    ansible.play(secrets(rows(3), repositories=APP))
    emulator.clear_calls()
    empty = secrets("{{ nowhere | default([]) }}", repositories=APP, prune=True)
    absent = secrets([{"name": "SECRET_000", "state": "absent"}], repositories=APP, prune=True, prune_keep=["X_*"])
    target = {"devex.github.codespaces_secrets": {"targets": [{"user": True, "secrets": [], "prune": True}]}}
    run = ansible.play(*({**task, "check_mode": dry} for task in (empty, absent, target) for dry in (True, False)))
    assert len(run.failed) == 6
    assert all("set prune_all=true" in message for message in run.failed)
    assert emulator.calls() == []

    options = {"repositories": APP, "prune": True, "prune_all": True}
    run = ansible.play(secrets([], **options, prune_max=2), secrets([], **options))
    assert ["prune_max is 2" in message for message in run.failed] == [True]
    assert run.changed == [False, True]
    assert emulator.values(SCOPE) == {}


def test_prune_fails_beyond_prune_max(ansible: Ansible, emulator: Emulator) -> None:
    ansible.play(
        secrets(rows(12), repositories=[*APP, "octo-org/web"]), secrets(rows(3), repositories=["octo-org/api"])
    )
    emulator.clear_calls()
    empty = secrets([], repositories=[*APP, "octo-org/api"], prune=True, prune_all=True)
    short = {"targets": [{"repo": "octo-org/web", "secrets": [{"name": "NEW", "value": "text"}], "prune": True}]}
    run = ansible.play(
        {**empty, "check_mode": True}, empty, {"devex.github.codespaces_secrets": short}, {**empty, "check_mode": True}
    )
    assert len(run.failed) == 4
    shown = "prune_max is 10, but the number of unlisted secrets is 12"
    assert all(shown in message and "prune_max=12" in message and "SECRET_000, " in message for message in run.failed)
    # The other repository was provisioned.
    assert run[1]["summary"] | {"deleted": 3, "failed": 0} == run[1]["summary"]
    assert run[2]["summary"] | {"created": 0, "deleted": 0, "failed": 1} == run[2]["summary"]
    assert emulator.values("repo:octo-org/api") == {}
    assert len(emulator.values(SCOPE)) == len(emulator.values("repo:octo-org/web")) == 12
    assert [call["method"] for call in emulator.calls(writes_only=True)] == ["DELETE"] * 3

    run = ansible.play(secrets([], repositories=APP, prune=True, prune_all=True, prune_max=12))
    assert run.failed == []
    assert emulator.values(SCOPE) == {}


@pytest.mark.thorough
def test_a_full_scope_is_replaced(ansible: Ansible, emulator: Emulator) -> None:
    ansible.play(secrets(rows(100), repositories=APP, concurrency=20))
    # Ten secrets are no longer listed, which is the limit of prune_max.
    run = ansible.play(secrets(rows(110, start=10), repositories=APP, prune=True, concurrency=20))
    assert run.failed == []
    assert len(emulator.values(SCOPE)) == 100


def test_secrets_of_the_user_and_of_an_organization(ansible: Ansible, emulator: Emulator) -> None:
    ids = emulator.repositories()
    mine: list[dict[str, Any]] = [
        {"name": "ONE", "value": "text", "selected_repositories": ["octo-org/app", "octo-org/api"]},
        {"name": "TWO", "value": "text", "selected_repositories": [ids["octo-org/web"]]},
        {"name": "THREE", "value": "text"},
    ]
    theirs = [{"name": "ONE", "value": "text"}, {"name": "TWO", "value": "text", "visibility": "all"}]
    run = replace(ansible, warning="list of repositories is empty: THREE (user).").play(
        secrets(mine, user=True),
        secrets(mine, user=True),
        secrets(theirs, organization="octo-org"),
        secrets(theirs, organization="octo-org"),
    )
    assert run.changed == [True, False, True, False]
    # The user of the token, a list, a look-up of the names, a key, three writes; then the list, and each list of
    # repositories.
    assert run.api_calls == [7, 3, 4, 1]
    organization = emulator.state()["org:octo-org"]["secrets"]
    assert [organization[name]["visibility"] for name in ("ONE", "TWO")] == ["private", "all"]


TOKENS = {
    "of-octo-org": {"kind": "classic", "scopes": ["repo"], "user": "octocat"},
    "of-octocat": {"kind": "classic", "scopes": ["repo", "codespace", "admin:org"], "user": "octocat"},
}


def test_each_target_has_separate_secrets(ansible: Ansible, emulator: Emulator) -> None:
    emulator.tokens(TOKENS)
    common = {"name": "COMMON", "value": "the same"}
    wanted: Task = {
        "devex.github.codespaces_secrets": {
            "token": "of-octo-org",
            "targets": [
                {"repository": "octo-org/app", "secrets": [common, {"name": "APP", "value": "of app"}]},
                {"repo": "octo-org/api", "secrets": [common], "prune": True, "prune_keep": ["KEPT_*"]},
                {"user": True, "token": "of-octocat", "secrets": [{**common, "selected_repositories": APP}]},
                {"org": "octo-org", "token": "of-octocat", "secrets": [{**common, "visibility": "all"}]},
                {"repository": "octo-org/web", "secrets": []},
            ],
        }
    }
    for name in ("STALE", "KEPT_ONE"):
        emulator.edit("repo:octo-org/api", name, value="text")
        emulator.edit("repo:octo-org/web", name, value="text")
    run = ansible.play({**wanted, "check_mode": True}, wanted, wanted)
    assert run.failed == []
    assert run.changed == [True, True, False]
    assert run[0]["operations"] == run[1]["operations"]
    assert emulator.values(SCOPE) == {"COMMON": "the same", "APP": "of app"}
    assert emulator.values("repo:octo-org/api") == {"COMMON": "the same", "KEPT_ONE": "text"}
    assert emulator.values("repo:octo-org/web") == {"KEPT_ONE": "text", "STALE": "text"}
    assert emulator.values("user") == emulator.values("org:octo-org") == {"COMMON": "the same"}
    # A list for each, and one of the repositories that may read the user's.
    assert run.api_calls[2] == 5 + 1
    assert [block["before_header"] for block in run[1]["diff"]] == [SCOPE, "repo:octo-org/api", "user", "org:octo-org"]
    tokens = {call["path"].split("/")[1]: call["headers"]["authorization"] for call in emulator.calls()}
    assert tokens["user"] == tokens["orgs"] == "Bearer of-octocat"
    assert tokens["repos"] == "Bearer of-octo-org"


@pytest.mark.thorough
def test_a_rejected_token_stops_only_its_targets(ansible: Ansible, emulator: Emulator) -> None:
    emulator.tokens(TOKENS)
    row = {"name": "ONE", "value": "text"}
    rows_ = [
        {"repository": "octo-org/app", "secrets": [row]},
        {"repository": "octo-org/api", "token": "revoked", "secrets": [row]},
        {"repository": "octo-org/web", "token": "revoked", "secrets": [row]},
    ]
    task: Task = {"devex.github.codespaces_secrets": {"token": "of-octo-org", "targets": rows_, "concurrency": 1}}
    run = ansible.play(task)
    assert run[0]["status"] == "failed"
    assert run[0]["summary"] | {"created": 1, "not_reached": 2} == run[0]["summary"]
    assert emulator.values(SCOPE) == {"ONE": "text"}
    assert [call["headers"]["authorization"] for call in emulator.calls()].count("Bearer revoked") == 1
    assert "revoked" not in run.output


BAD_INPUT: dict[str, tuple[dict[str, Any], str]] = {
    "no scope": ({"secrets": [{"name": "ONE", "value": "a value"}], "prune": True}, "exactly one of repositories"),
    "not the user": ({"secrets": [], "user": False}, "exactly one of repositories"),
    "a name twice": ({"user": True, "secrets": [{"name": "ONE"}, {"name": "one"}]}, "more than once"),
    "too many": ({"user": True, "secrets": rows(101)}, "101 secrets"),
    "an empty value": (
        {"user": True, "secrets": [{"name": "ONE", "value": "a value"}, {"name": "TWO", "value": ""}]},
        "TWO: the value is empty",
    ),
    "an empty value of a target": (
        {"targets": [{"repo": "a/b", "secrets": [{"name": "ONE", "value": "{{ lookup('env', 'NOT_SET_AT_ALL') }}"}]}]},
        "targets, row 1: ONE: the value is empty",
    ),
    "no secrets": ({"user": True}, "secrets is missing"),
    "a null value": (
        {"user": True, "secrets": [{"name": "ONE", "value": None, "update_value": "always"}]},
        "secrets, row 1: value is null",
    ),
    "a null token of a target": (
        {"targets": [{"user": True, "token": None, "secrets": [{"name": "ONE", "value": "a value"}]}]},
        "targets, row 1: token is null",
    ),
    "a null scope of a target": (
        {"targets": [{"repo": None, "user": True, "secrets": [{"name": "ONE", "value": "a value"}]}]},
        "targets, row 1: repo is null",
    ),
    "null targets": ({"targets": None, "user": True, "secrets": []}, "targets is null"),
    "secrets beside targets": (
        {"targets": [{"user": True, "secrets": []}], "secrets": rows(1)},
        "secrets cannot be set together with targets",
    ),
    "a target twice": ({"targets": [{"user": True, "secrets": []}] * 2}, "targets lists user more than once"),
    "a target without secrets": ({"targets": [{"user": True}]}, "missing required arguments: secrets found in targets"),
    "a target without a scope": ({"targets": [{"secrets": []}]}, "targets, row 1: Set exactly one of repository"),
    "a bad secret of a target": (
        {"targets": [{"user": True, "secrets": []}, {"repo": "a/b", "secrets": [{"name": "2"}]}]},
        "targets, row 2: secrets, row 1: name is not allowed",
    ),
    "prune_max beside targets": (
        {"targets": [{"user": True, "secrets": []}], "prune_max": 0},
        "prune_max cannot be set together with targets",
    ),
    "null repositories": ({"secrets": [], "repositories": None, "prune": True}, "repositories is null"),
    "a null organization": ({"secrets": [], "org": None}, "org is null"),
    "no repositories": ({"secrets": [], "repositories": []}, "empty list"),
    "a bad name among good ones": (
        {"user": True, "secrets": [{"name": "ONE", "value": "a value"}, {"name": "2"}]},
        "secrets, row 2: name is not allowed",
    ),
    "a list for a repository": (
        {"secrets": [{"name": "ONE", "selected_repositories": []}], "repositories": APP},
        "selected_repositories cannot be set for a repository secret",
    ),
    "a visibility for a user": (
        {"user": True, "secrets": [{"name": "ONE", "visibility": "all"}]},
        "visibility can be set for organization secrets only",
    ),
    "too much at once": ({"user": True, "secrets": [], "concurrency": 101}, "from 1 to 100"),
    "both scopes": (
        {"secrets": [], "repositories": APP, "organization": "octo-org"},
        "Now set: repositories, organization",
    ),
    "a bad organization": ({"secrets": [], "organization": "a/b"}, "organization: 'a/b' is not a valid name"),
}


@pytest.mark.thorough
def test_invalid_input_fails_before_a_request(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play(*({"devex.github.codespaces_secrets": options} for options, dummy in BAD_INPUT.values()))
    for result, (case, (dummy, message)) in zip(run.results, BAD_INPUT.items(), strict=True):
        assert result["status"] == "failed", case
        assert message in result["msg"], case
    assert emulator.calls() == []


@pytest.mark.thorough
@pytest.mark.parametrize("concurrency", [1, 5, 100])
def test_concurrency(concurrency: int, ansible: Ansible, emulator: Emulator) -> None:
    emulator.switch(latency=0.1)
    run = ansible.play(secrets(rows(30), repositories=APP, concurrency=concurrency))
    assert run.api_calls == [32]
    assert len(emulator.values(SCOPE)) == 30
    assert min(concurrency, 2) <= max(call["in_flight"] for call in emulator.calls()) <= concurrency
