# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.devex.github.plugins.plugin_utils._role.unite import rounds, unite

ONE = {"name": "ONE", "used_by": ["codespaces"], "value": "first value"}
TWO = {"name": "TWO", "used_by": ["codespaces"], "value": "second value"}


Wanted = dict[str, list[dict[str, Any]]]


def united(
    wanted: dict[str, list[dict[str, Any]]],
) -> tuple[list[dict[str, Any]], dict[str, list[int]], dict[str, str]]:
    found = unite({host: {"targets": targets, "connection": {}} for host, targets in wanted.items()})
    return found.targets, found.reported, found.refused


def test_scopes_of_several_hosts_are_joined_and_reported_by_the_first() -> None:
    wanted: Wanted = {
        "a": [{"repository": "o/a", "secrets": [ONE]}, {"user": True, "secrets": [ONE]}],
        "b": [{"repository": "O/A", "secrets": [TWO]}, {"user": True, "secrets": [ONE, TWO]}],
        "c": [{"user": True, "token": "another", "secrets": [ONE]}],
    }
    targets_, reported, refused = united(wanted)
    assert targets_ == [
        {"repository": "o/a", "secrets": [ONE, TWO]},
        {"user": True, "secrets": [ONE, TWO]},
        {"user": True, "token": "another", "secrets": [ONE]},
    ]
    assert reported == {"a": [0, 1], "b": [], "c": [2]}
    assert refused == {}
    assert wanted["a"][0]["secrets"] == [ONE], "gathered data does not change"


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            [ONE],
            [{**ONE, "value": "other value"}],
            "The hosts a and b disagree about the secret ONE of the user. Set the same options in both.",
        ),
        (
            [ONE],
            [{"name": "one", "used_by": ["codespaces"], "state": "absent"}],
            "The hosts a and b disagree about the secret ONE of the user. Set the same options in both.",
        ),
    ],
)
def test_only_hosts_that_disagree_fail(first: Any, second: Any, message: str) -> None:
    hosts: Wanted = {
        "a": [{"user": True, "secrets": first}, {"repository": "o/a", "secrets": []}],
        "b": [{"user": True, "secrets": second}],
        "c": [{"user": True, "secrets": [TWO]}],
    }
    targets_, reported, refused = united(hosts)
    assert refused == {"a": message, "b": message}
    assert (targets_, reported) == ([{"user": True, "secrets": [TWO]}], {"c": [0]})


def test_rows_with_the_same_meaning_do_not_disagree() -> None:
    other = {
        "secret_name": "one",
        "used_by": ["codespaces"],
        "value": "first value",
        "state": "present",
        "value_changed_at": None,
    }
    targets_, dummy, refused = united(
        {"a": [{"user": True, "secrets": [ONE]}], "b": [{"user": True, "secrets": [other]}]}
    )
    assert (targets_, refused) == ([{"user": True, "secrets": [ONE]}], {})


def test_hosts_may_want_a_secret_for_different_consumers() -> None:
    rows = {"a": ["codespaces", "actions"], "b": ["actions", "agents"]}
    targets_, dummy, refused = united(
        {host: [{"repository": "o/a", "secrets": [{**ONE, "used_by": used_by}]}] for host, used_by in rows.items()}
    )
    assert refused == {}
    assert [row["used_by"] for row in targets_[0]["secrets"]] == [["codespaces", "actions"], ["agents"]]


def test_hosts_with_other_tokens_disagree_about_a_repository_but_not_about_the_user() -> None:
    scopes: dict[str, dict[str, Any]] = {
        "a": {"repository": "o/a"},
        "b": {"repository": "O/a"},
        "c": {"user": True},
        "d": {"user": True},
    }
    wanted: Wanted = {
        host: [
            {
                "token": f"token {host}",
                **scope,
                "secrets": [{"name": "ONE", "used_by": ["codespaces"], "value": f"value {host}"}],
            }
        ]
        for host, scope in scopes.items()
    }
    dummy, reported, refused = united(wanted)
    assert reported == {"c": [0], "d": [1]}
    assert set(refused.values()) == {
        "The hosts a and b disagree about the secret ONE of the repository o/a. Set the same options in both."
    }


def test_a_repository_with_several_tokens_requires_several_rounds() -> None:
    scopes: list[dict[str, Any]] = [{"user": True}, {"repository": "o/a"}, {"user": True}, {"repository": "O/A"}]
    found = [{**scope, "token": str(number)} for number, scope in enumerate([*scopes, {"user": True}])]
    assert rounds(found) == [[0, 1, 2, 4], [3]]
    assert rounds([]) == []


def test_hosts_that_prune_the_same_repository_fail() -> None:
    wanted: Wanted = {host: [{"repository": "o/a", "secrets": [], "prune": host == "a"}] for host in "abcde"}
    dummy, reported, refused = united(wanted)
    assert reported == {}
    assert set(refused.values()) == {
        "Several hosts manage the repository o/a, and prune it: a, b, c and 2 more. Keep it in one of these hosts."
    }


def test_a_host_does_not_prune_the_repository_of_a_host_with_an_error() -> None:
    broken = {"error": "broken: 'x' is undefined.", "repositories": ["O/A"]}
    wanted: Wanted = {
        "a": [{"repository": "o/a", "secrets": [ONE], "prune": True}],
        "b": [{"repository": "o/b", "secrets": [ONE], "prune": True}],
    }
    gathered: dict[str, Any] = {host: {"targets": targets, "connection": {}} for host, targets in wanted.items()}
    found = unite({"broken": broken, **gathered})
    assert found.reported == {"b": [0]}
    assert found.refused["a"].startswith("Several hosts manage the repository o/a, and prune it: a, broken.")
    wanted["a"][0]["prune"] = False
    assert unite({"broken": broken, **gathered}).reported == {"a": [0], "b": [1]}


def test_hosts_with_another_connection_than_the_first_fail() -> None:
    connections: dict[str, dict[str, Any]] = {
        "a": {"api_url": "https://x"},
        "b": {"api_url": "https://x"},
        "c": {"timeout": 5},
    }
    found = unite({host: {"targets": [], "connection": connection} for host, connection in connections.items()})
    assert found.refused.keys() == {"c"}
    assert found.refused["c"].startswith("api_url, timeout of this host and of a differ")
