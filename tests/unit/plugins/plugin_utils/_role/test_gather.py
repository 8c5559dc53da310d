# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.plugin_utils._role.gather import repositories, requests_at_once, targets

HOST = "octo-org/app"
ONE = {"name": "ONE", "value": "first value", "update_value": "on_change", "used_by": ["codespaces"]}
TWO = {"name": "TWO", "value": "second value", "update_value": "on_change", "used_by": ["codespaces"]}


DEFAULTS: dict[str, Any] = {
    "codespaces_secrets_repositories": [HOST],
    "codespaces_secrets_secrets": [],
    "codespaces_secrets_organization_secrets": [],
    "codespaces_secrets_user_secrets": [],
    "codespaces_secrets_update_value": "on_change",
    "codespaces_secrets_used_by": ["codespaces"],
    "codespaces_secrets_prune": False,
    "codespaces_secrets_prune_keep": [],
    "codespaces_secrets_prune_max": 10,
    "codespaces_secrets_prune_all": False,
}
USED_BY = {"used_by": ["codespaces"]}
PRUNING = {**USED_BY, "prune": False, "prune_keep": [], "prune_max": 10, "prune_all": False}


def gathered(token: str | None = None, **given: Any) -> list[dict[str, Any]]:
    variables = {**DEFAULTS, **{f"codespaces_secrets_{name}": value for name, value in given.items()}}
    return targets(variables, variables.__getitem__, host=HOST, token=token)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, [{"repository": HOST, "secrets": [], **PRUNING}]),
        (
            {"secrets": [ONE], "for_b": [TWO], "prune": True, "prune_keep": ["X_*"]},
            [{"repository": HOST, "secrets": [ONE, TWO], **PRUNING, "prune": True, "prune_keep": ["X_*"]}],
        ),
        (
            {"repositories": ["a/b", "c/d", "A/B"]},
            [{"repository": "a/b", "secrets": [], **PRUNING}, {"repository": "c/d", "secrets": [], **PRUNING}],
        ),
        ({"repositories": [], "user_secrets": [ONE]}, [{"user": True, "secrets": [ONE], **USED_BY}]),
        (
            {"repositories": [], "organization": "octo-org", "organization_secrets": [ONE]},
            [{"organization": "octo-org", "secrets": [ONE], **USED_BY}],
        ),
        ({"repositories": "a/b"}, [{"repository": "a/b", "secrets": [], **PRUNING}]),
        (
            {"repositories": "a/b, c/d"},
            [{"repository": "a/b", "secrets": [], **PRUNING}, {"repository": "c/d", "secrets": [], **PRUNING}],
        ),
        ({"repositories": []}, []),
        (
            # Variables of the command line are texts.
            {"prune": "yes", "prune_keep": "X_*,Y", "prune_max": "5", "prune_all": "true"},
            [
                {
                    "repository": HOST,
                    "secrets": [],
                    **USED_BY,
                    "prune": True,
                    "prune_keep": ["X_*", "Y"],
                    "prune_max": 5,
                    "prune_all": True,
                }
            ],
        ),
        # The host has no repository to prune.
        ({"repositories": [], "prune": True, "user_secrets": [ONE]}, [{"user": True, "secrets": [ONE], **USED_BY}]),
    ],
)
def test_a_host_has_a_target_for_each_scope(given: dict[str, Any], wanted: list[dict[str, Any]]) -> None:
    assert gathered(**given) == wanted


def test_update_value_is_the_default_of_secrets_that_set_none() -> None:
    rows = [
        {"name": "ONE", "value": "first value"},
        {"name": "TWO", "state": "absent"},
        {"name": "THREE", "value": "third value", "update_value": "always"},
    ]
    found = gathered(
        secrets=rows[:1],
        for_b=rows[1:],
        user_secrets=rows,
        organization="octo-org",
        organization_secrets=rows,
        update_value="adopt",
    )
    assert len(found) == 3
    for target in found:
        assert {row["name"]: row["update_value"] for row in target["secrets"]} == {
            "ONE": "adopt",
            "TWO": "adopt",
            "THREE": "always",
        }


def test_used_by_is_the_default_of_secrets_that_set_none() -> None:
    own = [{"name": "ONE", "value": "first value"}, {"name": "TWO", "value": "second value", "used_by": "agents"}]
    found = gathered(
        secrets=own,
        organization="octo-org",
        organization_secrets=own,
        user_secrets=own[:1],
        used_by="actions,codespaces",
    )
    assert [target["used_by"] for target in found] == [["actions", "codespaces"]] * 2 + [["codespaces"]]
    assert [{row["name"]: row["used_by"] for row in target["secrets"]} for target in found] == [
        {"ONE": ["actions", "codespaces"], "TWO": ["agents"]},
        {"ONE": ["actions", "codespaces"], "TWO": ["agents"]},
        {"ONE": ["codespaces"]},
    ]


def test_a_secret_may_be_in_two_variables_for_different_consumers() -> None:
    rows = [{"name": "ONE", "value": "first value", "used_by": [consumer]} for consumer in ("agents", "actions")]
    (target,) = gathered(secrets=rows[:1], for_b=rows[1:])
    assert [row["used_by"] for row in target["secrets"]] == [["agents"], ["actions"]]


def test_the_token_of_a_host_is_in_all_its_targets() -> None:
    found = gathered("ghp_mine", user_secrets=[ONE])
    assert [target["token"] for target in found] == ["ghp_mine", "ghp_mine"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"for_b": [ONE], "secrets": [{"name": "one"}]}, "codespaces_secrets_for_b: the secret ONE is in"),
        ({"for_b": [ONE, ONE]}, "codespaces_secrets_for_b: These secrets are listed more than once: ONE."),
        ({"for_b": "first value"}, "codespaces_secrets_for_b must be a list"),
        (
            {"for_b": [{"name": "ONE", "value": "first value", "valeu": "first value"}]},
            "^codespaces_secrets_for_b, row 1: valeu is not an option. Did you mean value",
        ),
        ({"for_b": [{"nam": "ONE", "value": "first value"}]}, "^codespaces_secrets_for_b, row 1: nam is not .* name?"),
        ({"for_b": [ONE, {"name": "first value", "value": "TWO"}]}, "^codespaces_secrets_for_b, row 2: name is not"),
        (
            {"for_b": {"ONE": "first value"}},
            r"^codespaces_secrets_for_b must be a list, .* dict2items\(key_name='name'",
        ),
        (
            {"for_b": [{"name": "ONE", "value": "$ANSIBLE_VAULT;1.1;AES256\nfirst value"}]},
            "_for_b: ONE: .* Ansible Vault",
        ),
        ({"repositories": ["https://me:first value@github.com/a/b.git"]}, "address.* Write a/b"),
        ({"for_b": [{"value": "first value"}]}, "missing required arguments: name"),
        (
            {"for_b": [{"name": "ONE", "selected_repositories": ["a/b"]}]},
            "selected_repositories cannot be set for a repository secret",
        ),
        ({"organization": "no org", "organization_secrets": [ONE]}, "organization: 'no org' is not a valid name"),
        ({"repositories": ["a/b/c"]}, "'a/b/c' is not of the form OWNER/REPO"),
        ({"repositories": {"a": 1}}, "must be a list of repositories"),
        ({"prune": "perhaps"}, "'codespaces_secrets_prune'"),
        ({"update_value": "first value"}, "^codespaces_secrets_update_value must be one of on_change, .*, adopt.$"),
        ({"update_value": ["adopt"]}, "^codespaces_secrets_update_value must be one of on_change, "),
        ({"update_value": None}, "^codespaces_secrets_update_value is null, "),
        (
            {"update_values": "adopt"},
            "^codespaces_secrets_update_values is not a variable of the role.*codespaces_secrets_update_value,",
        ),
        ({"prune_keep": {"first value": 1}}, "^codespaces_secrets_prune_keep must be a list"),
        ({"prune_max": ["first value"]}, "^codespaces_secrets_prune_max must be a whole number"),
        ({"prune_max": "-1"}, "^codespaces_secrets_prune_max must be 0 or more"),
        ({"prune_all": "perhaps"}, "'codespaces_secrets_prune_all'"),
        ({"prune": True}, "^codespaces_secrets_prune would .* octo-org/app, .*set codespaces_secrets_prune_all=true"),
        (
            {"prune": "yes", "for_b": [{"name": "ONE", "state": "absent"}]},
            "^codespaces_secrets_prune would keep no listed",
        ),
        ({"prune": True, "user_secrets": [ONE]}, "^codespaces_secrets_prune would keep no listed secret"),
        ({"prune_max": "1e400"}, "^codespaces_secrets_prune_max must be a whole number"),
        ({"organization": ["o"], "organization_secrets": [ONE]}, "^codespaces_secrets_organization must be text"),
        ({"for_b": [{"name": "ONE", "value": None}]}, "^codespaces_secrets_for_b, row 1: value is null"),
        ({"token": "x", "secret": [ONE]}, "codespaces_secrets_secret .* is not a variable of the role"),
    ],
)
def test_invalid_variables_fail_without_showing_values(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as failed:
        gathered(**given)
    assert "first value" not in str(failed.value)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["octo-org/app", " octo-org/web"], ["octo-org/app", "octo-org/web"]),
        ("octo-org/app, no repository", ["octo-org/app"]),
        (None, []),
        ([5], []),
    ],
)
def test_the_repositories_of_a_host_with_an_error_are_known(given: Any, found: list[str]) -> None:
    assert repositories({"codespaces_secrets_repositories": given}.__getitem__) == found


def test_a_token_that_is_not_text_fails() -> None:
    token: Any = ["ghp_mine"]
    with pytest.raises(InputError, match=r"^codespaces_secrets_token must be text, not a list"):
        gathered(token)


@pytest.mark.parametrize(("given", "number"), [(1, 1), ("100", 100)])
def test_concurrency_is_a_whole_number(given: Any, number: int) -> None:
    assert requests_at_once({"codespaces_secrets_concurrency": given}.__getitem__) == number


@pytest.mark.parametrize("given", [0, 101, -1, 1.5, "many", None, True, "²"])
def test_an_invalid_concurrency_fails(given: Any) -> None:
    with pytest.raises(InputError, match=r"codespaces_secrets_concurrency must be"):
        requests_at_once({"codespaces_secrets_concurrency": given}.__getitem__)
