# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, NotFound
from ansible_collections.devex.github.plugins.module_utils._github.owners import Owners
from ansible_collections.devex.github.plugins.module_utils._model import OwnedRepository
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import API, Clock, Script, new_client

ORGANIZATION = "/orgs/octo-org/repos?per_page=100&sort=created&direction=asc"
USER = "/users/octocat/repos?per_page=100&sort=created&direction=asc"
OWN = "/user/repos?per_page=100&sort=created&direction=asc"
PROPERTIES = "/orgs/octo-org/properties/values?per_page=100"


@pytest.fixture
def lists(script: Script, clock: Clock) -> Owners:
    return Owners(new_client(script, clock))


def row(full_name: str = "octo-org/app", **changes: Any) -> dict[str, Any]:
    """Return a repository as GitHub lists it, with the fields that we use."""
    return {
        "id": 1001,
        "full_name": full_name,
        "owner": {"type": "Organization" if full_name.startswith("octo-org/") else "User"},
        "visibility": "private",
        "archived": False,
        "fork": True,
        "topics": ["node", "service"],
        "language": "Python",
        "default_branch": "main",
        "permissions": {"admin": True},
        **changes,
    }


APP = OwnedRepository(
    1001,
    "octo-org/app",
    of_organization=True,
    visibility="private",
    archived=False,
    fork=True,
    topics=("node", "service"),
    language="Python",
    default_branch="main",
    administered=True,
)


def test_repositories_of_an_organization_are_listed(lists: Owners, script: Script) -> None:
    script.expect("GET", ORGANIZATION, body=[row()])
    assert [*lists.of_organization("octo-org")] == [APP]


def test_an_owner_without_repositories_has_an_empty_list(lists: Owners, script: Script) -> None:
    for path in (ORGANIZATION, USER, OWN):
        script.expect("GET", path, body=[])
    assert [*lists.of_organization("octo-org"), *lists.of_user("octocat"), *lists.own()] == []


def test_pages_are_read_one_after_the_other(lists: Owners, script: Script) -> None:
    second = "/organizations/2/repos?sort=created&direction=asc&per_page=100&page=2"
    script.expect("GET", ORGANIZATION, headers={"Link": f'<{API}{second}>; rel="next"'}, body=[row()])
    found = lists.of_organization("octo-org")
    assert next(found) == APP
    assert len(script.requests) == 1
    script.expect("GET", second, body=[row("Octo-org/web")])
    assert [one.full_name for one in found] == ["Octo-org/web"]


def test_optional_fields_may_be_missing(lists: Owners, script: Script) -> None:
    script.expect("GET", OWN, body=[row("octocat/x", language=None, default_branch=None, permissions=None)])
    [found] = lists.own()
    assert (found.language, found.default_branch, found.administered) == (None, None, None)
    assert (found.owner, found.of_organization) == ("octocat", False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"full_name": "octo-org/../x"}, "a repository with an invalid name: 'octo-org/../x'"),
        ({"full_name": None}, "without a usable full_name"),
        ({"id": True}, "without a usable id"),
        ({"owner": None}, "without a usable owner"),
        ({"owner": {}}, "without a usable type"),
        ({"visibility": "open\x1b[2J"}, "an unknown visibility: 'open\N{REPLACEMENT CHARACTER}[2J'"),
        ({"visibility": None}, "without a usable visibility"),
        ({"archived": None}, "without a usable archived"),
        ({"fork": 1}, "without a usable fork"),
        ({"topics": None}, "without a usable topics"),
        ({"permissions": {}}, "without a usable admin"),
    ],
)
def test_a_malformed_row_fails(changes: dict[str, Any], said: str, lists: Owners, script: Script) -> None:
    script.expect("GET", OWN, body=[row("octocat/x"), {**row(), **changes}])
    with pytest.raises(GitHubError, match="GitHub sent a") as error:
        [*lists.own()]
    assert said in str(error.value)


def test_texts_of_repositories_are_printable(lists: Owners, script: Script) -> None:
    script.expect("GET", OWN, body=[row(topics=["a\x1b[31m"], language="Py\nthon", default_branch="x\0")])
    [found] = lists.own()
    assert (found.topics, found.language, found.default_branch) == (("a\ufffd[31m",), "Py thon", "x\ufffd")


@pytest.mark.parametrize("body", [{"message": "no list"}, "text", 1])
def test_an_answer_that_is_not_a_list_fails(body: Any, lists: Owners, script: Script) -> None:
    script.expect("GET", ORGANIZATION, body=body)
    with pytest.raises(GitHubError, match="GET /orgs/octo-org/repos: GitHub sent no list"):
        [*lists.of_organization("octo-org")]


def test_an_owner_that_answers_404_fails(lists: Owners, script: Script) -> None:
    script.expect("GET", ORGANIZATION, status=404, body={"message": "Not Found"})
    with pytest.raises(NotFound, match="Check the name, too"):
        [*lists.of_organization("octo-org")]


def test_a_missing_page_fails(lists: Owners, script: Script) -> None:
    script.expect("GET", ORGANIZATION, headers={"Link": f'<{API}/page2>; rel="next"'}, body=[row()])
    script.expect("GET", "/page2", status=404, body={"message": "Not Found"})
    with pytest.raises(NotFound):
        [*lists.of_organization("octo-org")]


def test_a_repository_of_another_owner_fails(lists: Owners, script: Script) -> None:
    script.expect("GET", ORGANIZATION, body=[row("octocat/app")])
    with pytest.raises(GitHubError, match="octocat/app, which does not belong to octo-org"):
        [*lists.of_organization("octo-org")]


def test_an_organization_in_the_list_of_users_fails(lists: Owners, script: Script) -> None:
    script.expect("GET", USER.replace("octocat", "octo-org"), body=[row()])
    with pytest.raises(GitHubError, match="octo-org is an organization"):
        [*lists.of_user("octo-org")]


def test_a_list_without_saml_organizations_fails(lists: Owners, script: Script) -> None:
    headers = {"X-GitHub-SSO": "partial-results; organizations=21955855,20582480"}
    script.expect("GET", OWN, headers=headers, body=[row()])
    with pytest.raises(GitHubError, match="GitHub omitted organizations that require SAML"):
        [*lists.own()]


def test_custom_properties(lists: Owners, script: Script) -> None:
    values = {"team": "web", "env": ["a", "b\n"], "tier": None}
    properties = [{"property_name": name, "value": value} for name, value in values.items()]
    rows = [{"repository_id": 1, "properties": properties}, {"repository_id": 2, "properties": []}]
    script.expect("GET", PROPERTIES, body=rows)
    assert dict(lists.custom_properties("octo-org")) == {1: {"team": "web", "env": ["a", "b"], "tier": None}, 2: {}}


@pytest.mark.parametrize(
    "row",
    [
        None,
        {},
        {"repository_id": 1},
        {"repository_id": "1", "properties": []},
        {"repository_id": 1, "properties": [{}]},
    ],
)
def test_malformed_custom_properties_fail(row: Any, lists: Owners, script: Script) -> None:
    script.expect("GET", PROPERTIES, body=[row])
    with pytest.raises(GitHubError, match="without a usable"):
        [*lists.custom_properties("octo-org")]
