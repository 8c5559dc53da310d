# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils._engine.recommended import (
    Comparison,
    Readers,
    compare,
    status,
)
from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, NotFound
from ansible_collections.devex.github.plugins.module_utils._scope import repository
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import Clock, Script, new_session

APP = repository("octo/app")
MINE = "/user/codespaces/secrets?per_page=100"
READERS = "/user/codespaces/secrets/TOKEN/repositories?per_page=100"
LIST = "/repos/octo/app/codespaces/devcontainers?per_page=100"
SECRETS = "/repos/octo/app/codespaces/secrets?per_page=100"
FILE = "/repos/octo/app/contents/.devcontainer.json"


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
    """:arg readers: None: the user has no such secret."""
    one = Comparison(APP, full_name="Octo/App", provided=provided)
    found = {} if readers is None else {"TOKEN": Readers("TOKEN", readers)}
    assert status("TOKEN", one, found) == expected


def test_a_variable_that_github_sets_is_provided_whatever_secrets_there_are() -> None:
    one = Comparison(APP, full_name="Octo/App", provided=["GITHUB_TOKEN", "CODESPACES"])
    for name in ("GITHUB_TOKEN", "CODESPACES"):
        assert status(name, one, {}) == "provided"


def row(number: int, full_name: str | None) -> dict[str, Any]:
    return {"id": number, "full_name": full_name}


def test_a_repository_without_a_name_may_be_any(script: Script, clock: Clock) -> None:
    text = base64.encodebytes(b'{"secrets": {"token": {}}}').decode()
    script.expect("GET", MINE, body={"total_count": 1, "secrets": [{"name": "TOKEN"}]})
    script.expect("GET", LIST, body={"total_count": 1, "devcontainers": [{"path": ".devcontainer.json"}]})
    script.expect("GET", SECRETS, body={"total_count": 0, "secrets": []})
    script.expect("GET", FILE, body={"type": "file", "encoding": "base64", "content": text})
    script.expect("GET", READERS, body={"total_count": 1, "repositories": [row(1, None)]})
    (found,) = compare(new_session(script, clock), [APP], concurrency=1)
    assert "does not name all repositories" in str(found.error)
    assert found.status == {}


def test_without_the_list_of_the_user_nothing_else_is_asked(script: Script, clock: Clock) -> None:
    script.expect("GET", MINE, status=404, body={"message": "Not Found"})
    with pytest.raises(NotFound):
        compare(new_session(script, clock), [APP], concurrency=10)


def test_a_repository_that_cannot_be_read_stops_no_other(script: Script, clock: Clock) -> None:
    script.expect("GET", MINE, body={"total_count": 0, "secrets": []})
    script.expect("GET", LIST.replace("app", "nope"), status=404, body={"message": "Not Found"})
    script.expect("GET", LIST, body={"total_count": 0, "devcontainers": []})
    nope, app = compare(new_session(script, clock), [repository("octo/nope"), APP], concurrency=1)
    assert isinstance(nope.error, GitHubError)
    assert app.error is None
