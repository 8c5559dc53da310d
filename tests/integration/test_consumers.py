# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage the same secrets for codespaces, agents, Dependabot and Actions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import Ansible, Run, Task

APP = ["octo-org/app"]
CONSUMERS = ["codespaces", "agents", "dependabot", "actions"]
NPM = {"name": "NPM_TOKEN", "value": "npm-value"}
SENTRY = {"name": "SENTRY_DSN", "value": "sentry-value"}


def secrets(rows: Any, **options: Any) -> Task:
    return {"devex.github.codespaces_secrets": {"secrets": rows, **options}}


def scope_of(consumer: str, place: str = "repo:octo-org/app") -> str:
    """Return the name of a scope in the emulator."""
    return place if consumer == "codespaces" else f"{place}/{consumer}"


def values(emulator: Emulator, place: str = "repo:octo-org/app") -> dict[str, dict[str, str]]:
    return {consumer: emulator.values(scope_of(consumer, place)) for consumer in CONSUMERS}


def actions(run: Run, index: int = 0) -> dict[tuple[str, str], str]:
    return {(row["used_by"], row["name"]): row["action"] for row in run[index]["secrets"]}


def test_one_row_is_written_for_four_consumers(ansible: Ansible, emulator: Emulator) -> None:
    task = secrets([NPM, {**SENTRY, "used_by": ["agents"]}], repositories=APP, used_by=[*CONSUMERS, "actions"])
    run = ansible.play({**task, "check_mode": True}, task, task)
    assert run.failed == []
    assert run.changed == [True, True, False]
    # One list for each consumer, then one public key for each, and the values.
    assert run.api_calls == [4, 4 + 4 + 5, 4]
    expected = {consumer: {"NPM_TOKEN": "npm-value"} for consumer in CONSUMERS}
    expected["agents"]["SENTRY_DSN"] = "sentry-value"
    assert values(emulator) == expected
    paths = Counter(call["path"].partition("?")[0] for call in emulator.calls() if call["method"] == "GET")
    assert paths == {
        **{f"/repos/octo-org/app/{consumer}/secrets": 3 for consumer in CONSUMERS},
        **{f"/repos/octo-org/app/{consumer}/secrets/public-key": 1 for consumer in CONSUMERS},
    }
    assert run[0]["operations"] == run[1]["operations"]
    assert run[0]["diff"] == run[1]["diff"]
    (block,) = run[1]["diff"]
    assert block["before_header"] == "repo:octo-org/app"
    assert block["after"] == {
        "NPM_TOKEN (codespaces, agents, dependabot, actions)": {"value": "new"},
        "SENTRY_DSN (agents)": {"value": "new"},
    }
    assert {row["used_by"]: row["path"] for row in run[1]["operations"] if row["path"].endswith("NPM_TOKEN")} == {
        consumer: f"/repos/octo-org/app/{consumer}/secrets/NPM_TOKEN" for consumer in CONSUMERS
    }
    assert {row["scope"] for row in run[1]["secrets"]} == {"repo:octo-org/app"}
    assert set(actions(run, 2).values()) == {"none"}
    assert run[2]["summary"]["scopes"] == 4


def test_an_edit_for_one_consumer_is_repaired_for_this_one_only(ansible: Ansible, emulator: Emulator) -> None:
    task = secrets([NPM], repositories=APP, used_by=CONSUMERS)
    ansible.play(task)
    emulator.advance(60)
    emulator.edit(scope_of("dependabot"), "NPM_TOKEN", value="edited")
    emulator.clear_calls()
    run = ansible.play(task, task)
    assert run.changed == [True, False]
    assert run.api_calls == [6, 4]
    assert [(row["used_by"], row["reason"]) for row in run[0]["secrets"]] == [
        ("codespaces", "unchanged"),
        ("agents", "unchanged"),
        ("dependabot", "updated_elsewhere"),
        ("actions", "unchanged"),
    ]
    assert [row["used_by"] for row in run[0]["operations"]] == ["dependabot"]
    assert {found["NPM_TOKEN"] for found in values(emulator).values()} == {"npm-value"}


def test_records_of_codespaces_count_for_no_other_consumer(ansible: Ansible, emulator: Emulator) -> None:
    emulator.edit(scope_of("actions"), "NPM_TOKEN", value="another")
    run = ansible.play(
        secrets([NPM], repositories=APP),
        secrets([NPM], repositories=APP, used_by=["codespaces", "actions"]),
        {"devex.github.codespaces_repo_secret": {"repository": "octo-org/app", **NPM}},
    )
    assert run.changed == [True, True, False]
    assert [(row["used_by"], row["reason"]) for row in run[1]["secrets"]] == [
        ("codespaces", "unchanged"),
        ("actions", "not_recorded"),
    ]


def test_pruning_keeps_only_secrets_listed_for_the_same_consumer(ansible: Ansible, emulator: Emulator) -> None:
    for consumer in CONSUMERS:
        for name in ("NPM_TOKEN", "SENTRY_DSN", "OLD_TOKEN"):
            emulator.edit(scope_of(consumer), name, value="before")
    rows = [NPM, {**SENTRY, "used_by": ["agents"]}]
    run = ansible.play(secrets(rows, repositories=APP, used_by=["codespaces", "actions"], prune=True))
    assert run.failed == []
    assert {consumer: set(found) for consumer, found in values(emulator).items()} == {
        "codespaces": {"NPM_TOKEN"},
        # Pruning concerns the consumers of the task only.
        "agents": {"NPM_TOKEN", "SENTRY_DSN", "OLD_TOKEN"},
        "dependabot": {"NPM_TOKEN", "SENTRY_DSN", "OLD_TOKEN"},
        "actions": {"NPM_TOKEN"},
    }
    (block,) = run[0]["diff"]
    assert block["after"]["SENTRY_DSN (codespaces, actions)"] == "deleted (pruned, because it is not listed)"


def test_prune_max_protects_the_scope_of_one_consumer(ansible: Ansible, emulator: Emulator) -> None:
    for name in ("ONE", "TWO", "THREE"):
        emulator.edit(scope_of("actions"), name, value="before")
    run = ansible.play(secrets([NPM], repositories=APP, used_by=["codespaces", "actions"], prune=True, prune_max=2))
    assert [row["used_by"] for row in run[0]["failures"]] == [["actions"]]
    assert "repo:octo-org/app (actions) NPM_TOKEN: prune_max is 2" in run[0]["msg"]
    assert values(emulator)["codespaces"] == {"NPM_TOKEN": "npm-value"}
    assert len(values(emulator)["actions"]) == 3


def test_an_organization_has_all_consumers(ansible: Ansible, emulator: Emulator) -> None:
    def task(visibility: str, **options: Any) -> Task:
        row = {**NPM, "visibility": visibility, **options}
        return secrets([row], organization="octo-org", used_by=CONSUMERS)

    chosen = task("selected", selected_repositories=APP)
    run = ansible.play(task("all"), task("all"), chosen, chosen, task("private"))
    assert run.failed == []
    assert run.changed == [True, False, True, False, True]
    assert run.api_calls[:2] == [4 + 4 + 4, 4]
    for consumer in CONSUMERS:
        secret = emulator.secret(scope_of(consumer, "org:octo-org"), "NPM_TOKEN")
        assert secret is not None
        assert (secret["value"], secret["visibility"]) == ("npm-value", "private")


def test_a_visibility_without_a_value_fails_where_github_requires_the_value(
    ansible: Ansible, emulator: Emulator
) -> None:
    ansible.play(secrets([{**NPM, "visibility": "all"}], organization="octo-org", used_by=CONSUMERS))
    row = {"name": "NPM_TOKEN", "visibility": "private"}
    run = ansible.play(secrets([row], organization="octo-org", used_by=CONSUMERS))
    assert [row["used_by"] for row in run[0]["failures"]] == [["agents"], ["actions"]]
    assert (
        "visibility: GitHub changes the visibility of a secret for agents only together with its value"
        in (run[0]["msg"])
    )
    assert {
        consumer: emulator.state()[scope_of(consumer, "org:octo-org")]["secrets"]["NPM_TOKEN"]["visibility"]
        for consumer in CONSUMERS
    } == {"codespaces": "private", "agents": "all", "dependabot": "private", "actions": "all"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"repositories": APP, "used_by": ["copilot"]}, "used_by must be a list of codespaces, agents, "),
        ({"repositories": APP, "secrets": [{**NPM, "used_by": "Actions"}]}, "row 1: used_by must be a list of "),
        ({"repositories": APP, "used_by": []}, "used_by is an empty list"),
        ({"repositories": APP, "used_by": None}, "used_by is null"),
        ({"user": True, "used_by": ["agents"]}, "used_by: a user has secrets for codespaces only, not for agents"),
        (
            {"targets": [{"user": True, "secrets": [NPM], "used_by": ["actions"]}], "secrets": None},
            "targets, row 1: used_by: a user has secrets for codespaces only",
        ),
    ],
)
def test_invalid_consumers_fail_before_a_request(
    options: dict[str, Any], message: str, ansible: Ansible, emulator: Emulator
) -> None:
    given = {"secrets": [NPM], **options}
    task = {
        "devex.github.codespaces_secrets": {key: value for key, value in given.items() if key != "secrets" or value}
    }
    run = ansible.play(task)
    assert message in run[0]["msg"]
    assert "npm-value" not in run.output
    assert emulator.calls() == []


def test_each_target_may_set_consumers(ansible: Ansible, emulator: Emulator) -> None:
    targets = [
        {"repository": "octo-org/app", "secrets": [NPM]},
        {"repository": "octo-org/api", "secrets": [NPM], "used_by": ["dependabot"]},
        {"repository": "octo-org/app", "secrets": [SENTRY], "used_by": ["codespaces"]},
    ]
    task = {"devex.github.codespaces_secrets": {"targets": targets, "used_by": ["agents", "actions"]}}
    run = ansible.play(task, task, {**task, "no_log": True})
    assert run.failed == []
    assert run.changed[:2] == [True, False]
    assert run.api_calls == [4 + 4 + 4, 4]
    assert values(emulator) == {
        "codespaces": {"SENTRY_DSN": "sentry-value"},
        "agents": {"NPM_TOKEN": "npm-value"},
        "dependabot": {},
        "actions": {"NPM_TOKEN": "npm-value"},
    }
    assert emulator.values("repo:octo-org/api/dependabot") == {"NPM_TOKEN": "npm-value"}


def test_the_secrets_of_each_consumer_are_listed(ansible: Ansible, emulator: Emulator) -> None:
    emulator.edit(scope_of("codespaces"), "NPM_TOKEN", value="one")
    emulator.edit(scope_of("actions"), "SENTRY_DSN", value="two")
    info = {"devex.github.codespaces_secret_info": {"repositories": APP, "used_by": ["codespaces", "actions"]}}
    run = ansible.play(info, {"devex.github.codespaces_secret_info": {"repositories": APP}})
    assert [[(row["scope"], row["used_by"], row["name"]) for row in result["secrets"]] for result in run.results] == [
        [("repo:octo-org/app", "codespaces", "NPM_TOKEN"), ("repo:octo-org/app", "actions", "SENTRY_DSN")],
        [("repo:octo-org/app", "codespaces", "NPM_TOKEN")],
    ]
    assert run.api_calls == [2, 1]


def test_the_error_of_a_rejected_consumer_names_the_permission(ansible: Ansible, emulator: Emulator) -> None:
    emulator.fault("status", path="/agents/secrets", status=403, body={"message": "Forbidden"}, times=9)
    run = ansible.play(secrets([NPM], repositories=APP, used_by=CONSUMERS))
    assert run[0]["failures"][0]["used_by"] == ["agents"]
    assert "repo:octo-org/app (agents) NPM_TOKEN: GitHub answered 403" in run[0]["msg"]
    assert "'Agent secrets: write' (fine-grained)" in run[0]["msg"]
    assert set(values(emulator)["actions"]) == {"NPM_TOKEN"}


def test_a_role_sets_consumers_for_repositories_and_the_organization(ansible: Ansible, emulator: Emulator) -> None:
    emulator.edit(scope_of("actions"), "OLD_TOKEN", value="before")
    variables = {
        "codespaces_secrets_repositories": APP,
        "codespaces_secrets_secrets": [NPM, {**SENTRY, "used_by": ["agents"]}],
        "codespaces_secrets_organization": "octo-org",
        "codespaces_secrets_organization_secrets": [NPM],
        "codespaces_secrets_user_secrets": [{**NPM, "selected_repositories": APP}],
        "codespaces_secrets_used_by": ["codespaces", "actions"],
        "codespaces_secrets_prune": True,
    }
    role = {"ansible.builtin.include_role": {"name": "devex.github.codespaces_secrets"}, "vars": variables}
    run = ansible.play(role, role)
    assert run.failed == []
    assert values(emulator) == {
        "codespaces": {"NPM_TOKEN": "npm-value"},
        "agents": {"SENTRY_DSN": "sentry-value"},
        "dependabot": {},
        "actions": {"NPM_TOKEN": "npm-value"},
    }
    assert values(emulator, "org:octo-org")["actions"] == {"NPM_TOKEN": "npm-value"}
    assert emulator.values("user") == {"NPM_TOKEN": "npm-value"}
    reported = [result for result in run.results if "secrets" in result]
    assert [result["changed"] for result in reported] == [True, False]
    assert {row["used_by"] for row in reported[0]["secrets"]} == {"codespaces", "agents", "actions"}


def test_consumers_stay_apart_in_a_renamed_repository(ansible: Ansible, emulator: Emulator) -> None:
    emulator.repositories({"full_name": "octo-org/app", "renamed_to": "octo-org/application"})
    named = replace(ansible, warning="The repository octo-org/app was renamed to octo-org/application.")
    run = named.play(secrets([NPM], repositories=APP, used_by=["codespaces", "actions"]))
    assert run.failed == []
    for consumer in ("codespaces", "actions"):
        assert emulator.values(scope_of(consumer, "repo:octo-org/application")) == {"NPM_TOKEN": "npm-value"}
