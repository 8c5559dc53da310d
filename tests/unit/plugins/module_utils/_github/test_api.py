# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, Malformed, Moved, NotFound
from ansible_collections.devex.github.plugins.module_utils._github.api import Confirmed, GitHub, PublicKey
from ansible_collections.devex.github.plugins.module_utils._github.client import Turn
from ansible_collections.devex.github.plugins.module_utils._model import Repository, Secret, Write
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import API, Clock, Script, new_client

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
USER = _scope.user()
REPOSITORY = _scope.repository("octo/web")
ORGANIZATION = _scope.organization("octo")

SECRETS = f"{USER.secrets}?per_page=100"
REPOSITORIES = f"{USER.repositories('TOKEN')}?per_page=100"


@pytest.fixture
def github(script: Script, clock: Clock) -> GitHub:
    return GitHub(new_client(script, clock))


def next_page(path: str) -> dict[str, str]:
    return {"Link": f'<{API}{path}>; rel="next"'}


# --- secrets ---


@pytest.mark.parametrize("scope", [USER, REPOSITORY, ORGANIZATION], ids=lambda scope: scope.label)
def test_secrets_of_a_scope_are_listed(scope: Scope, github: GitHub, script: Script) -> None:
    row = {"name": "Token", "created_at": "2026-03-10T12:00:00Z", "updated_at": "2026-03-10T12:00:00.000+00:00"}
    script.expect(
        "GET", f"{scope.root}/codespaces/secrets?per_page=100", body={"total_count": 1, "secrets": [row, {"name": "B"}]}
    )
    assert github.secrets(scope).secrets == {
        "TOKEN": Secret("TOKEN", created_at=NOON, updated_at=NOON),
        "B": Secret("B"),
    }


def test_secrets_of_several_pages_are_listed(github: GitHub, script: Script) -> None:
    pages = [
        [{"name": f"S{page}_{i}", "visibility": "all"} for i in range(size)] for page, size in enumerate([100, 20])
    ]
    script.expect(
        "GET", SECRETS, headers=next_page(f"{USER.secrets}?page=2"), body={"total_count": 120, "secrets": pages[0]}
    )
    script.expect("GET", f"{USER.secrets}?page=2", body={"total_count": 120, "secrets": pages[1]})

    secrets = github.secrets(USER).secrets

    assert len(secrets) == 120
    assert secrets["S1_19"] == Secret("S1_19", visibility="all")


@pytest.mark.parametrize("body", [{"secrets": []}, {"total_count": 0, "secrets": []}], ids=["uncounted", "counted"])
def test_a_scope_without_secrets_has_an_empty_list(body: dict[str, Any], github: GitHub, script: Script) -> None:
    script.expect("GET", SECRETS, body=body)
    assert github.secrets(USER).secrets == {}


@pytest.mark.parametrize(("date", "read_at"), [({"Date": "Tue, 10 Mar 2026 12:00:00 GMT"}, NOON), ({}, None)])
def test_a_list_has_the_time_of_its_last_page(
    date: dict[str, str], read_at: datetime | None, github: GitHub, script: Script
) -> None:
    script.expect("GET", SECRETS, headers=date, body={"secrets": []})
    assert github.secrets(USER).read_at == read_at


def test_a_list_with_missing_rows_fails(github: GitHub, script: Script) -> None:
    """A partial list would delete secrets or revoke access."""
    script.expect("GET", SECRETS, body={"total_count": 2, "secrets": [{"name": "A"}]})
    with pytest.raises(GitHubError, match="counts 2 secrets, but listed 1"):
        github.secrets(USER)


def test_pages_beyond_the_count_fail(github: GitHub, script: Script) -> None:
    body = {"total_count": 1, "secrets": [{"name": "A"}]}
    script.expect("GET", SECRETS, body=body, headers=next_page(f"{USER.secrets}?page=2"))
    script.expect("GET", f"{USER.secrets}?page=2", body=body, headers=next_page(f"{USER.secrets}?page=3"))
    with pytest.raises(GitHubError, match="counts 1 secrets, but lists more pages"):
        github.secrets(USER)


def test_a_list_with_too_many_rows_fails(github: GitHub, script: Script) -> None:
    row = {"name": "A"}
    script.expect("GET", SECRETS, body={"secrets": [row] * 50_001}, headers=next_page(f"{USER.secrets}?page=2"))
    script.expect("GET", f"{USER.secrets}?page=2", body={"secrets": [row] * 50_000})
    with pytest.raises(GitHubError, match="more than 100000 secrets"):
        github.secrets(USER)


@pytest.mark.parametrize(
    "name", ["../../user/codespaces/secrets/OTHER?x=", "..", "", "A/B", "A B", "A\n", "\x1b[2J", "A" * 256, 5, None]
)
def test_an_invalid_name_of_a_secret_fails_and_is_not_requested(name: Any, github: GitHub, script: Script) -> None:
    script.expect("GET", SECRETS, body={"secrets": [{"name": "A"}, {"name": name}]})
    with pytest.raises(GitHubError, match="a secret with an invalid name") as caught:
        github.secrets(USER)
    assert str(caught.value).isprintable()


MOVED = f"{REPOSITORY.secrets}?per_page=100"


def expect_moved(script: Script, name_now: str | None) -> None:
    """Expect the list of a renamed repository."""
    script.expect("GET", MOVED, status=301, headers={"Location": "/repositories/7/codespaces/secrets"})
    script.expect("GET", "/repositories/7/codespaces/secrets", body={"secrets": [{"name": "A"}]})
    row = {"databaseId": 7, "nameWithOwner": name_now}
    script.expect("POST", "/graphql", body={"data": {"repo_000": row if name_now else None}})


def test_a_renamed_repository_gets_its_new_name(script: Script, clock: Clock) -> None:
    client = new_client(script, clock)
    expect_moved(script, "octo/new")
    listing = GitHub(client).secrets(REPOSITORY)
    assert listing.secrets.keys() == {"A"}
    assert (listing.scope.root, listing.scope.label) == ("/repos/octo/new", REPOSITORY.label)
    assert client.notices == ["The repository octo/web was renamed to octo/new. Use the new name in the playbook."]


@pytest.mark.parametrize(
    ("name_now", "text"),
    [
        ("evil/web", "octo/web was transferred to another owner and is evil/web now"),
        (None, "but GitHub does not report its present name"),
        ("octo/../x", "but GitHub does not report its present name"),
        ("octo/web?x", "but GitHub does not report its present name"),
    ],
)
def test_a_repository_of_a_new_owner_fails(name_now: str | None, text: str, github: GitHub, script: Script) -> None:
    expect_moved(script, name_now)
    with pytest.raises(Moved, match=text):
        github.secrets(REPOSITORY)


@pytest.mark.parametrize("scope", [USER, ORGANIZATION], ids=lambda scope: scope.label)
def test_a_redirected_user_or_organization_fails(scope: Scope, github: GitHub, script: Script) -> None:
    script.expect("GET", f"{scope.secrets}?per_page=100", status=301, headers={"Location": "/elsewhere"})
    with pytest.raises(GitHubError, match="has another address now"):
        github.secrets(scope)


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (USER, r"^GitHub answered 404: .*The token needs scope codespace:secrets.*\(GET /user/codespaces/secrets"),
        (
            _scope.repository("octo/ap"),
            r"^The repository does not exist, or this token cannot see it\. GitHub .*\(GET /repos/octo/ap/",
        ),
        (ORGANIZATION, r"^The organization does not exist, or this token cannot see it\. GitHub .*\(GET /orgs/octo/"),
    ],
    ids=["user", "repository", "organization"],
)
def test_a_scope_that_answers_404_fails(scope: Scope, text: str, github: GitHub, script: Script) -> None:
    script.expect("GET", f"{scope.secrets}?per_page=100", status=404, body={"message": "Not Found"})
    with pytest.raises(NotFound, match=text):
        github.secrets(scope)


ODD_BODIES = [
    pytest.param([], id="a list"),
    pytest.param("text", id="a text"),
    pytest.param(7, id="a number"),
    pytest.param({}, id="an empty object"),
    pytest.param({"message": "Hello"}, id="another object"),
]


@pytest.mark.parametrize(
    "body",
    [
        *ODD_BODIES,
        pytest.param({"secrets": None}, id="null instead of the list"),
        pytest.param({"secrets": {}}, id="an object instead of the list"),
        pytest.param({"secrets": "none"}, id="a text instead of the list"),
        pytest.param({"secrets": [None]}, id="null instead of a row"),
        pytest.param({"secrets": ["TOKEN"]}, id="a text instead of a row"),
        pytest.param({"secrets": [{}]}, id="a row without a name"),
        pytest.param({"secrets": [{"name": None}]}, id="null instead of a name"),
        pytest.param({"secrets": [{"name": 7}]}, id="a number instead of a name"),
        pytest.param({"secrets": [{"name": "A", "updated_at": "soon"}]}, id="a word instead of a time"),
        pytest.param({"secrets": [{"name": "A", "updated_at": 1773144000}]}, id="a number instead of a time"),
        pytest.param({"secrets": [{"name": "A", "created_at": {}}]}, id="an object instead of a time"),
        pytest.param({"secrets": [{"name": "A", "created_at": "2026-03-10T12:00:00"}]}, id="a time without an offset"),
    ],
)
def test_malformed_secrets_fail(body: Any, github: GitHub, script: Script) -> None:
    script.expect("GET", SECRETS, body=body)
    with pytest.raises(GitHubError, match="GitHub sent"):
        github.secrets(USER)


@pytest.mark.parametrize("visibility", [None, 7, ["all"]])
def test_a_malformed_visibility_is_unknown(visibility: Any, github: GitHub, script: Script) -> None:
    script.expect("GET", SECRETS, body={"total_count": "odd", "secrets": [{"name": "A", "visibility": visibility}]})
    assert github.secrets(USER).secrets == {"A": Secret("A")}


# --- public key ---


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"key_id": "012345678912345678", "key": "2Sg8iYjA"}, PublicKey("012345678912345678", "2Sg8iYjA")),
        ({"key_id": 7, "key": "2Sg8iYjA", "title": "more"}, PublicKey("7", "2Sg8iYjA")),
    ],
    ids=["a text", "a number"],
)
def test_a_public_key_has_an_id(body: dict[str, Any], key: PublicKey, github: GitHub, script: Script) -> None:
    script.expect("GET", "/repos/octo/web/codespaces/secrets/public-key", body=body)
    assert github.public_key(REPOSITORY) == key


@pytest.mark.parametrize(
    "body",
    [
        *ODD_BODIES,
        pytest.param({"key_id": "1"}, id="no key"),
        pytest.param({"key": "2Sg8iYjA"}, id="no ID"),
        pytest.param({"key_id": None, "key": "2Sg8iYjA"}, id="null instead of an ID"),
        pytest.param({"key_id": ["1"], "key": "2Sg8iYjA"}, id="a list instead of an ID"),
        pytest.param({"key_id": "1", "key": 7}, id="a number instead of a key"),
    ],
)
def test_a_malformed_public_key_fails(body: Any, github: GitHub, script: Script) -> None:
    script.expect("GET", USER.public_key, body=body)
    with pytest.raises(GitHubError, match="GitHub sent no public key"):
        github.public_key(USER)


# --- repositories ---


def test_repositories_of_several_pages_are_listed(github: GitHub, script: Script) -> None:
    second = f"{USER.repositories('TOKEN')}?page=2"
    rows = [{"id": i, "full_name": f"octo/r{i}", "private": True} for i in range(101)]
    script.expect("GET", REPOSITORIES, headers=next_page(second), body={"total_count": 101, "repositories": rows[:100]})
    script.expect("GET", second, body={"total_count": 101, "repositories": rows[100:]})

    repositories = github.repositories(USER, "TOKEN")

    assert len(repositories) == 101
    assert repositories[100] == Repository(100, "octo/r100")


def test_a_list_with_missing_repositories_fails(github: GitHub, script: Script) -> None:
    script.expect("GET", REPOSITORIES, body={"total_count": 31, "repositories": [{"id": i} for i in range(30)]})
    with pytest.raises(GitHubError, match="counts 31 repositories, but listed 30"):
        github.repositories(USER, "TOKEN")


@pytest.mark.parametrize(
    "body",
    [
        *ODD_BODIES,
        pytest.param({"repositories": {}}, id="an object instead of the list"),
        pytest.param({"repositories": [None]}, id="null instead of a row"),
        pytest.param({"repositories": [7]}, id="a number instead of a row"),
        pytest.param({"repositories": [{"full_name": "octo/web"}]}, id="a row without an ID"),
        pytest.param({"repositories": [{"id": "7"}]}, id="a text instead of an ID"),
    ],
)
def test_malformed_repositories_fail(body: Any, github: GitHub, script: Script) -> None:
    script.expect("GET", REPOSITORIES, body=body)
    with pytest.raises(GitHubError, match="GitHub sent"):
        github.repositories(USER, "TOKEN")


@pytest.mark.parametrize("name", [None, 7], ids=["null", "a number"])
def test_a_repository_without_a_name_is_listed(name: Any, github: GitHub, script: Script) -> None:
    script.expect("GET", REPOSITORIES, body={"repositories": [{"id": 7, "full_name": name}]})
    assert github.repositories(USER, "TOKEN") == (Repository(7),)


@pytest.mark.parametrize(
    ("scope", "visibility", "expected"),
    [
        pytest.param(USER, "selected", (Repository(7),), id="a user's"),
        pytest.param(USER, None, (Repository(7),), id="a user's, of unknown visibility"),
        pytest.param(ORGANIZATION, "selected", (Repository(7),), id="an organization's that is selected"),
        pytest.param(ORGANIZATION, "all", None, id="an organization's for all"),
        pytest.param(ORGANIZATION, "private", None, id="an organization's that is private"),
    ],
)
def test_repositories_are_read_only_if_the_visibility_has_a_list(
    scope: Scope, visibility: str | None, expected: tuple[Repository, ...] | None, github: GitHub, script: Script
) -> None:
    if expected is not None:
        path = f"{scope.repositories('TOKEN')}?per_page=100"
        script.expect("GET", path, body={"total_count": 1, "repositories": [{"id": 7}]})
    secret = Secret("TOKEN", visibility=visibility)
    assert github.with_repositories(scope, secret) == replace(secret, repositories=expected)


# --- names ---


def test_no_request_is_sent_to_look_up_no_names(github: GitHub) -> None:
    assert github.repositories_named([]) == {}


def test_names_are_looked_up_in_one_query(github: GitHub, script: Script) -> None:
    rows = {
        "repo_000": {"databaseId": 7, "nameWithOwner": "octo/web"},
        "repo_001": {"databaseId": 8, "nameWithOwner": "octo/.github"},
    }
    script.expect("POST", "/graphql", body={"data": rows})

    found = github.repositories_named(["octo/web", "Octo/.github"])

    assert found == {"octo/web": Repository(7, "octo/web"), "Octo/.github": Repository(8, "Octo/.github")}
    assert " ".join(script.sent()["query"].split()) == (
        'query { repo_000: repository(owner: "octo", name: "web") { databaseId nameWithOwner }'
        ' repo_001: repository(owner: "Octo", name: ".github") { databaseId nameWithOwner } }'
    )


def test_names_are_looked_up_a_hundred_at_a_time(github: GitHub, script: Script) -> None:
    for start, size in ((0, 100), (100, 100), (200, 5)):
        data = {f"repo_{i:03}": {"databaseId": 1000 + start + i} for i in range(size)}
        script.expect("POST", "/graphql", body={"data": data})
    names = [f"octo/r{i}" for i in range(205)]

    found = github.repositories_named(names)

    assert found == {name: Repository(1000 + i, name) for i, name in enumerate(names)}
    assert [script.sent(i)["query"].count("databaseId") for i in range(3)] == [100, 100, 5]
    assert 'repo_000: repository(owner: "octo", name: "r200")' in script.sent(2)["query"]


@pytest.mark.parametrize(
    ("now", "full_name", "notices"),
    [
        pytest.param(
            "octo/new",
            "octo/new",
            ["The repository octo/old was renamed to octo/new. Use the new name in the playbook."],
            id="a new name",
        ),
        pytest.param("OCTO/OLD", "octo/old", [], id="another case"),
        pytest.param(None, "octo/old", [], id="no name"),
        pytest.param("\x1b[2J/../", "octo/old", [], id="no name of a repository"),
    ],
)
def test_a_former_name_finds_the_repository_by_its_present_name(
    now: str | None, full_name: str, notices: list[str], script: Script, clock: Clock
) -> None:
    client = new_client(script, clock)
    script.expect("POST", "/graphql", body={"data": {"repo_000": {"databaseId": 7, "nameWithOwner": now}}})
    assert GitHub(client).repositories_named(["octo/old"]) == {"octo/old": Repository(7, full_name)}
    assert client.notices == notices


def test_a_former_name_finds_no_repository_of_another_owner(github: GitHub, script: Script) -> None:
    script.expect("POST", "/graphql", body={"data": {"repo_000": {"databaseId": 7, "nameWithOwner": "evil/old"}}})
    found = github.repositories_named(["octo/old"])["octo/old"]
    assert isinstance(found, Moved)
    assert "octo/old was transferred to another owner and is evil/old now" in str(found)


def test_unknown_names_are_omitted(github: GitHub, script: Script) -> None:
    script.expect(
        "POST",
        "/graphql",
        body={
            "data": {"repo_000": None, "repo_001": {"databaseId": 8}, "repo_002": {}, "repo_003": {"databaseId": "9"}},
            "errors": [{"type": "NOT_FOUND", "path": ["repo_000"], "message": "Could not resolve to a Repository"}],
        },
    )
    names = ["octo/gone", "octo/web", "octo/odd", "octo/odder", "octo/missing"]
    assert github.repositories_named(names) == {"octo/web": Repository(8, "octo/web")}


def test_a_rejected_name_has_a_separate_error(github: GitHub, script: Script) -> None:
    script.expect(
        "POST",
        "/graphql",
        body={
            "data": {"repo_000": None, "repo_001": {"databaseId": 8}, "repo_002": None, "repo_003": None},
            "errors": [
                {"type": "FORBIDDEN", "path": ["repo_000"], "message": "Resource protected by SAML"},
                {"type": "NOT_FOUND", "path": ["repo_002"], "message": "Could not resolve to a Repository"},
                {"path": ["repo_003", "databaseId"], "message": "Something went wrong"},
                {"path": [], "message": "odd"},
                {"path": "odd"},
                None,
            ],
        },
    )

    found = github.repositories_named(["octo/saml", "octo/web", "octo/gone", "octo/late"])

    assert {name: str(answer) for name, answer in found.items() if isinstance(answer, GitHubError)} == {
        "octo/saml": "POST /graphql: octo/saml could not be looked up. Resource protected by SAML",
        "octo/late": "POST /graphql: octo/late could not be looked up. Something went wrong",
    }
    assert found["octo/web"] == Repository(8, "octo/web")
    assert "octo/gone" not in found


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param({"errors": [{"message": "Something went wrong"}, {}]}, "Something went wrong", id="errors alone"),
        pytest.param({"data": None, "errors": [{"message": "Too complex"}]}, "Too complex", id="errors without data"),
        pytest.param({"errors": "odd"}, "", id="errors that are a text"),
        pytest.param({"errors": [None, "odd"]}, "", id="errors that are no objects"),
        pytest.param({"data": []}, "", id="a list instead of data"),
        *(pytest.param(*odd.values, "", id=odd.id) for odd in ODD_BODIES),
    ],
)
def test_a_query_without_data_fails(body: Any, text: str, github: GitHub, script: Script) -> None:
    script.expect("POST", "/graphql", body=body)
    with pytest.raises(GitHubError, match=f"repositories could not be looked up.*{text}"):
        github.repositories_named(["octo/web"])


# --- writes ---


def sent(github: GitHub, scope: Scope, write: Write, body: dict[str, str] | None) -> Confirmed:
    """Send a write with this body, and return what GitHub confirms."""
    turn: Turn | None = None
    for turn in github.turns(scope, write):
        turn.send(body)
    return Confirmed.by(turn.answer if turn else None)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({"Date": "Tue, 10 Mar 2026 12:00:00 GMT"}, NOON), ({"Date": "odd"}, None), ({}, None)],
    ids=["a date", "no such date", "no date"],
)
def test_a_write_returns_the_time_of_its_answer(
    headers: dict[str, str], expected: datetime | None, github: GitHub, script: Script
) -> None:
    script.expect("PUT", USER.secret("TOKEN"), status=204, headers=headers)
    write = Write("PUT", USER.secret("TOKEN"), "forced", {"not": "sent"})
    assert sent(github, USER, write, {"key_id": "1"}) == Confirmed(expected)
    assert script.sent() == {"key_id": "1"}


def test_an_error_of_a_write_names_the_permission_of_the_scope(github: GitHub, script: Script) -> None:
    script.expect("DELETE", ORGANIZATION.secret("TOKEN"), status=403, body={"message": "Forbidden"})
    with pytest.raises(GitHubError, match="The token needs scope admin:org"):
        sent(github, ORGANIZATION, Write("DELETE", ORGANIZATION.secret("TOKEN"), "deleted"), None)


def test_a_write_returns_whether_it_created_the_secret(github: GitHub, script: Script) -> None:
    write = Write("PUT", USER.secret("TOKEN"), "forced")
    for status in (201, 204):
        script.expect("PUT", USER.secret("TOKEN"), status=status, headers={"Date": "Tue, 10 Mar 2026 12:00:00 GMT"})
    assert [sent(github, USER, write, {}).created for dummy in range(2)] == [True, False]
    assert github.now == NOON


# --- dev containers, files ---


DEVCONTAINERS = f"{REPOSITORY.devcontainers}?per_page=100"


def test_dev_container_configurations_are_listed(github: GitHub, script: Script) -> None:
    paths = [".devcontainer.json", ".devcontainer/gpu/devcontainer.json"]
    page = next_page("/repos/octo/web/codespaces/devcontainers?page=2")
    script.expect("GET", DEVCONTAINERS, headers=page, body={"total_count": 2, "devcontainers": [{"path": paths[0]}]})
    script.expect(
        "GET", f"{REPOSITORY.devcontainers}?page=2", body={"total_count": 2, "devcontainers": [{"path": paths[1]}]}
    )
    assert github.devcontainers(REPOSITORY) == (REPOSITORY, paths)


@pytest.mark.parametrize(
    "path",
    ["../../../user", "a/../b", "..", ".", "a/./b", "", "/a", "a/", "a//b", "\ud800", "x" * 1001, None, 1, ["a"]],
)
def test_an_invalid_path_of_a_configuration_fails(path: Any, github: GitHub, script: Script) -> None:
    script.expect("GET", DEVCONTAINERS, body={"total_count": 1, "devcontainers": [{"path": path}]})
    with pytest.raises(GitHubError, match="a configuration with an invalid path"):
        github.devcontainers(REPOSITORY)


@pytest.mark.parametrize("status", [404, 409])
def test_a_repository_without_a_commit_has_no_configurations(status: int, github: GitHub, script: Script) -> None:
    script.expect("GET", DEVCONTAINERS, status=status, body={"message": "Git Repository is empty."})
    assert github.devcontainers(REPOSITORY) == (REPOSITORY, [])


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (".devcontainer/devcontainer.json", ".devcontainer/devcontainer.json"),
        ("a b?c#d%2e/é", "a%20b%3Fc%23d%252e/%C3%A9"),
        ("%2e%2e/%2e%2e", "%252e%252e/%252e%252e"),
        ("..\\..\\x", "..%5C..%5Cx"),
        ("...", "..."),
        ("a\n\0", "a%0A%00"),
        ("@host:1/;x&y=z", "%40host%3A1/%3Bx%26y%3Dz"),
    ],
)
def test_a_path_stays_below_the_contents_of_its_repository(
    path: str, sent: str, github: GitHub, script: Script
) -> None:
    body = {"type": "file", "encoding": "base64", "content": "e30=\n"}
    script.expect("GET", f"/repos/octo/web/contents/{sent}", body=body)
    assert github.file(REPOSITORY, path) == b"{}"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([{"type": "file"}], "a directory"),
        ({"type": "symlink", "target": "nowhere"}, "a symlink"),
        ({"type": "submodule"}, "a submodule"),
        ({}, "it is not a regular file"),
        ("text", "it is not a regular file"),
        ({"type": "file", "encoding": "none", "content": "", "size": 2_000_000}, "larger than 1 MB"),
        (
            {"type": "file", "encoding": "base64", "content": "e3"},
            "GitHub sent its content in another encoding than base64",
        ),
        (
            {"type": "file", "encoding": "base64", "content": "é"},
            "GitHub sent its content in another encoding than base64",
        ),
        (
            {"type": "file", "encoding": "base64", "content": "e3$0="},
            "GitHub sent its content in another encoding than base64",
        ),
        (
            {"type": "file", "encoding": "base64", "content": None},
            "GitHub sent its content in another encoding than base64",
        ),
        ({"type": "file", "encoding": "base64"}, "GitHub sent its content in another encoding than base64"),
    ],
)
def test_a_path_that_is_not_a_file_is_malformed(body: Any, said: str, github: GitHub, script: Script) -> None:
    script.expect("GET", "/repos/octo/web/contents/x", body=body)
    with pytest.raises(Malformed, match=said):
        github.file(REPOSITORY, "x")
