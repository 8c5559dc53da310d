# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError
from ansible_collections.devex.github.plugins.module_utils._inventory.hosts import Hosts, hosts, variables
from ansible_collections.devex.github.plugins.module_utils._inventory.selection import Selection
from ansible_collections.devex.github.plugins.module_utils._model import OwnedRepository
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import Clock, Script, new_session

ORDER = "?per_page=100&sort=created&direction=asc"


def row(number: int, full_name: str) -> dict[str, object]:
    kind = "User" if full_name.startswith("octocat/") else "Organization"
    return {
        "id": number,
        "full_name": full_name,
        "owner": {"type": kind},
        "visibility": "public",
        "archived": False,
        "fork": False,
        "topics": [],
    }


def user_row(number: int, full_name: str) -> dict[str, object]:
    return {**row(number, full_name), "owner": {"type": "User"}}


def gather(script: Script, clock: Clock, wanted: Selection) -> Hosts:
    return hosts(new_session(script, clock), wanted)


def test_a_host_has_the_variables_of_its_repository() -> None:
    app = OwnedRepository(
        1001,
        "octo-org/app",
        of_organization=True,
        visibility="internal",
        archived=False,
        fork=True,
        topics=("node",),
        language="Python",
        default_branch="main",
    )
    expected = {
        "github_id": 1001,
        "github_owner": "octo-org",
        "github_name": "app",
        "github_visibility": "internal",
        "github_archived": False,
        "github_fork": True,
        "github_topics": ["node"],
        "github_language": "Python",
        "github_default_branch": "main",
    }
    assert variables(app) == expected
    with_properties = variables(app, {"env": ["a"], "team": None})
    assert with_properties == {**expected, "github_custom_properties": {"env": ["a"], "team": None}}
    assert json.loads(json.dumps(with_properties)) == with_properties


def test_all_repositories_are_listed_without_owners(script: Script, clock: Clock) -> None:
    script.expect("GET", f"/user/repos{ORDER}", body=[row(2, "octocat/x"), row(1, "Octo-org/app")])
    assert [*gather(script, clock, Selection())] == ["Octo-org/app", "octocat/x"]


def test_organizations_and_users_are_combined(script: Script, clock: Clock) -> None:
    script.expect("GET", f"/orgs/octo-org/repos{ORDER}", body=[row(1, "octo-org/web"), row(2, "octo-org/app")])
    script.expect("GET", f"/users/octocat/repos{ORDER}", body=[row(3, "octocat/x")])
    found = gather(script, clock, Selection(organizations=("octo-org",), users=("octocat",), exclude=("*/web",)))
    assert [*found] == ["octo-org/app", "octocat/x"]


def test_a_repository_in_several_lists_is_one_host_by_its_id(script: Script, clock: Clock) -> None:
    script.expect("GET", f"/orgs/octo-org/repos{ORDER}", body=[row(1, "octo-org/old"), row(2, "octo-org/app")])
    script.expect("GET", f"/users/octo-org/repos{ORDER}", body=[user_row(1, "Octo-Org/New")])
    found = gather(script, clock, Selection(organizations=("octo-org",), users=("octo-org",), exclude=("*/old",)))
    assert {name: its["github_id"] for name, its in found.items()} == {"octo-org/app": 2, "Octo-Org/New": 1}


def test_two_repositories_of_one_name_fail(script: Script, clock: Clock) -> None:
    rows = [row(1, "octo-org/app"), row(3, "octo-org/api"), row(2, "Octo-Org/App")]
    script.expect("GET", f"/user/repos{ORDER}", body=rows)
    with pytest.raises(GitHubError, match=r"octo-org/app, with the IDs 1 and 2\. .*Run the command again\."):
        gather(script, clock, Selection())
    script.expect("GET", f"/user/repos{ORDER}", body=rows)
    assert [*gather(script, clock, Selection(include=("*/api",)))] == ["octo-org/api"]


def test_custom_properties_are_read_only_for_organizations(script: Script, clock: Clock) -> None:
    rows = [row(1, "octo-org/app"), row(2, "octo-org/api"), row(3, "octocat/x"), row(4, "other/left-out")]
    script.expect("GET", f"/user/repos{ORDER}", body=rows)
    team = [{"property_name": "team", "value": "web"}]
    script.expect(
        "GET", "/orgs/octo-org/properties/values?per_page=100", body=[{"repository_id": 1, "properties": team}]
    )
    found = gather(script, clock, Selection(exclude=("other/*",), gather_custom_properties=True))
    assert {name: its["github_custom_properties"] for name, its in found.items()} == {
        "octo-org/api": {},
        "octo-org/app": {"team": "web"},
        "octocat/x": {},
    }


def test_custom_properties_filter_hosts(script: Script, clock: Clock) -> None:
    script.expect("GET", f"/orgs/octo-org/repos{ORDER}", body=[row(1, "octo-org/app"), row(2, "octo-org/api")])
    rows = [
        {"repository_id": number, "properties": [{"property_name": "team", "value": team}]}
        for number, team in ((1, "web"), (2, "ops"))
    ]
    script.expect("GET", "/orgs/octo-org/properties/values?per_page=100", body=rows)
    wanted = Selection(("octo-org",), properties=(("team", ("ops",)),), gather_custom_properties=True)
    assert [*gather(script, clock, wanted)] == ["octo-org/api"]
