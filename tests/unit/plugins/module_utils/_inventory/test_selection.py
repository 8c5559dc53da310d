# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, InputError
from ansible_collections.devex.github.plugins.module_utils._inventory.selection import (
    Selection,
    matches,
    matches_properties,
    selection,
)
from ansible_collections.devex.github.plugins.module_utils._model import OwnedRepository

APP = OwnedRepository(
    1001,
    "Octo-Org/App-Service",
    of_organization=True,
    visibility="internal",
    archived=False,
    fork=False,
    topics=("node", "service"),
    language="TypeScript",
    administered=False,
)
BARE = OwnedRepository(1, "octo-org/bare", of_organization=True, visibility="public", archived=False, fork=False)
OPTIONS: dict[str, Any] = {
    "organizations": [],
    "users": [],
    "include": [],
    "exclude": [],
    "topics": [],
    "languages": [],
    "visibility": [],
    "archived": "exclude",
    "forks": "include",
    "administered": False,
    "properties": {},
    "gather_custom_properties": False,
}


def chosen(**options: Any) -> Selection:
    return selection({**OPTIONS, **options})


def test_archived_repositories_are_excluded_by_default() -> None:
    assert chosen() == Selection()
    assert matches(Selection(), APP)
    assert not matches(Selection(), replace(APP, archived=True))
    assert matches(Selection(), replace(APP, fork=True))


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        ({"include": ["octo-org/*"]}, True),
        ({"include": ["*-SERVICE"]}, True),
        ({"include": ["nothing/*", "*/app-?ervice"]}, True),
        ({"include": ["app-service"]}, False),
        ({"exclude": ["*-Service"]}, False),
        ({"exclude": ["octo-org/web"]}, True),
        ({"include": ["octo-org/*"], "exclude": ["*/app*"]}, False),
        ({"topics": ["Node"]}, True),
        ({"topics": ["node", "service"]}, True),
        ({"topics": ["node", "library"]}, False),
        ({"languages": ["python", "typescript"]}, True),
        ({"languages": ["Python"]}, False),
        ({"visibility": ["private", "internal"]}, True),
        ({"visibility": ["public"]}, False),
        ({"archived": "include"}, True),
        ({"archived": "only"}, False),
        ({"forks": "exclude"}, True),
        ({"forks": "only"}, False),
        ({"administered": True}, False),
    ],
)
def test_filters(options: dict[str, Any], taken: bool) -> None:
    assert matches(chosen(**options), APP) is taken


@pytest.mark.parametrize(("wanted", "taken"), [("exclude", False), ("include", True), ("only", True)])
def test_archives_and_forks(wanted: str, taken: bool) -> None:
    assert matches(chosen(archived=wanted), replace(APP, archived=True)) is taken
    assert matches(chosen(forks=wanted), replace(APP, fork=True)) is taken


@pytest.mark.parametrize(
    ("options", "taken"), [({"topics": ["node"]}, False), ({"languages": ["Python"]}, False), ({}, True)]
)
def test_a_filter_decides_about_a_repository_with_few_fields(options: dict[str, Any], taken: bool) -> None:
    assert matches(chosen(**options), BARE) is taken


def test_administered_fails_if_github_does_not_report_permissions() -> None:
    assert matches(chosen(administered=True), replace(APP, administered=True))
    with pytest.raises(GitHubError, match="whether the token may administer octo-org/bare"):
        matches(chosen(administered=True), BARE)
    # Repositories that other filters exclude do not matter.
    assert not matches(chosen(administered=True, topics=["node"]), BARE)


@pytest.mark.parametrize(
    ("properties", "taken"),
    [
        ({"team": "web"}, True),
        ({"team": ["ops", "web"]}, True),
        ({"team": "Web"}, False),
        ({"env": "staging"}, True),
        ({"env": ["production", "test"]}, False),
        ({"deploys": True}, True),
        ({"tier": 1}, True),
        ({"team": "web", "env": "test"}, False),
        ({"unset": "None"}, False),
        ({"unknown": "x"}, False),
    ],
)
def test_custom_properties(properties: dict[str, Any], taken: bool) -> None:
    wanted = chosen(properties=properties)
    assert wanted.gather_custom_properties
    found = {"team": "web", "env": ["staging", "dev"], "deploys": "true", "tier": "1", "unset": None}
    assert matches_properties(wanted, found) is taken


def test_options_in_another_order_give_the_same_selection() -> None:
    one = chosen(organizations=["octo-org", "A"], topics=["b", "a"], properties={"x": ["2", "1"], "a": 1})
    another = chosen(organizations=["a", "Octo-Org"], topics=["a", "b", "b"], properties={"a": "1", "x": ["1", "2"]})
    assert str(one) == str(another)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"organizations": ["octo-org/app"]}, "organizations: 'octo-org/app' is not a valid entry."),
        ({"organizations": ["{{ organization }}"]}, "organizations: '{{ organization }}' is not a valid entry."),
        ({"users": ["../x"]}, "users: '../x' is not a valid entry."),
        ({"include": [""]}, "include: '' is not a valid entry."),
        ({"topics": [7]}, "topics: '7' is not a valid entry."),
        ({"properties": {"team": None}}, "properties: 'team' requires a value, or a list of values."),
        ({"properties": {"team": []}}, "properties: 'team' requires a value, or a list of values."),
        ({"properties": {"team": [{}]}}, "properties: 'team' requires a value, or a list of values."),
        ({"properties": {1: "x"}}, "properties: '1' requires a value, or a list of values."),
    ],
)
def test_an_invalid_filter_fails(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        chosen(**options)
    assert str(error.value) == said
