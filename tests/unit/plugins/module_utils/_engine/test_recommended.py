# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.devex.github.plugins.module_utils._engine.recommended import (
    Comparison,
    Readers,
    compare,
    status,
)
from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, NotFound
from ansible_collections.devex.github.plugins.module_utils._scope import repository
from ansible_collections.devex.github.tests.unit.plugins.module_utils.github import FakeGitHub, Reply

APP = repository("octo/app")
MINE = "/user/codespaces/secrets"
READERS = "/user/codespaces/secrets/TOKEN/repositories"


@pytest.fixture
def github() -> FakeGitHub:
    return FakeGitHub()


@pytest.mark.parametrize(
    ("readers", "provided", "expected"),
    [
        (["octo/app"], [], "granted"),
        (["octo/app"], ["TOKEN"], "granted"),
        (["octo/web"], [], "not_granted"),
        (["octo/web"], ["TOKEN"], "repository"),
        ([], ["OTHER"], "not_granted"),
        (None, ["TOKEN"], "repository"),
        (None, ["OTHER"], "missing"),
        (None, [], "missing"),
    ],
)
def test_status(readers: list[str] | None, provided: list[str], expected: str) -> None:
    """:arg readers: the repositories that may read the secret; None: the user does not have the secret."""
    one = Comparison(APP, full_name="Octo/App", provided=provided)
    found = {} if readers is None else {"TOKEN": Readers("TOKEN", readers)}
    assert status("TOKEN", one, found) == expected


def test_a_variable_that_github_sets_is_provided_without_a_secret() -> None:
    one = Comparison(APP, full_name="Octo/App", provided=["GITHUB_TOKEN", "CODESPACES"])
    for name in ("GITHUB_TOKEN", "CODESPACES"):
        assert status(name, one, {}) == "provided"


def recommend(github: FakeGitHub) -> None:
    """Make the repository recommend a secret."""
    github.files[APP.file(".devcontainer.json")] = '{"secrets": {"token": {}}}'


@pytest.mark.parametrize(("ids", "expected"), [({2, 3}, "granted"), ({3}, "not_granted")])
def test_a_recommended_secret_is_granted_if_its_list_names_the_repository(
    ids: set[int], expected: str, github: FakeGitHub
) -> None:
    recommend(github)
    github.repositories[2] = "Octo/App"
    github.put(f"{MINE}/TOKEN", "mine", ids=ids)
    (found,) = compare(github.session(), [APP], concurrency=1)
    assert (found.error, found.status) == (None, {"TOKEN": expected})
    assert len(github.received) == 5
    assert github.writes() == []


def test_a_comparison_fails_if_github_does_not_name_a_repository(github: FakeGitHub) -> None:
    recommend(github)
    github.put(f"{MINE}/TOKEN", "mine", ids={1})
    rows = [{"id": 1, "full_name": None}]
    github.before("GET", READERS, lambda: Reply(200, {"total_count": 1, "repositories": rows}))
    (found,) = compare(github.session(), [APP], concurrency=1)
    assert "did not send the names of all repositories" in str(found.error)
    assert found.status == {}
    assert len(github.received) == 5


def test_a_repository_is_not_read_if_the_secrets_of_the_user_cannot_be_read(github: FakeGitHub) -> None:
    github.before("GET", MINE, lambda: 404)
    with pytest.raises(NotFound):
        compare(github.session(), [APP], concurrency=10)
    assert github.calls() == [f"GET {MINE}"]


def test_a_repository_that_cannot_be_read_does_not_stop_the_others(github: FakeGitHub) -> None:
    hidden = repository("octo/nope")
    github.before("GET", hidden.devcontainers, lambda: 404)
    nope, app = compare(github.session(), [hidden, APP], concurrency=1)
    assert isinstance(nope.error, GitHubError)
    assert app.error is None
    assert sorted(github.calls()) == [f"GET {one}" for one in (APP.devcontainers, hidden.devcontainers, MINE)]
