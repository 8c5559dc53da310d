# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the emulator's answers with recorded ones of GitHub: status, headers and keys."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import ROOT, TOKEN
from .rest import SECRETS, Rest

USER, REPOSITORY, ORGANIZATION = SECRETS
POOR = "ghp_ofNoScope"
COMMON = {
    "Date": r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
    "X-GitHub-Api-Version-Selected": "2022-11-28",
    "X-GitHub-Media-Type": "github.v3; format=json",
    "X-GitHub-Request-Id": "[0-9A-F:]+",
    "X-RateLimit-Limit": "5000",
    "X-RateLimit-Remaining": r"\d+",
    "X-RateLimit-Reset": r"\d+",
    "X-RateLimit-Resource": "codespaces",
    "X-RateLimit-Used": r"\d+",
}
VARY = {"Vary": "Accept, Authorization, Cookie, X-GitHub-OTP"}
PRIVATE = {"Cache-Control": "private, max-age=60, s-maxage=60", **VARY}
READ = {"ETag": 'W/"[0-9a-f]{64}"', **PRIVATE}
CREATED = {"ETag": '"[0-9a-f]{64}"', **PRIVATE}
PAGE = {"Link": ".+", **READ}
#: Headers that only some kinds of answers have.
TELLING = {"ETag", "Cache-Control", "Vary", "Link", "Retry-After"}

LIST = {"total_count", "secrets"}
ROW = {"name", "created_at", "updated_at"}
ERROR = {"message", "documentation_url", "status"}
KINDS: dict[str, tuple[str, str, str, int, dict[str, str], set[str] | None]] = {
    "a list": ("GET", "", TOKEN, 200, READ, LIST),
    "page 1 of a list": ("GET", "?per_page=1", TOKEN, 200, PAGE, LIST),
    "page 2 of a list": ("GET", "?per_page=1&page=2", TOKEN, 200, PAGE, LIST),
    "a secret": ("GET", "/one", TOKEN, 200, READ, ROW),
    "a public key": ("GET", "/public-key", TOKEN, 200, READ, {"key_id", "key"}),
    "created": ("PUT", "/THREE", TOKEN, 201, CREATED, set()),
    "updated": ("PUT", "/ONE", TOKEN, 204, VARY, None),
    "deleted": ("DELETE", "/ONE", TOKEN, 204, VARY, None),
    "nothing to read": ("GET", "/ABSENT", TOKEN, 404, {}, ERROR),
    "nothing to delete": ("DELETE", "/ABSENT", TOKEN, 404, {}, ERROR),
    "a bad name": ("PUT", "/GITHUB_X", TOKEN, 422, {}, ERROR),
    "an unknown token": ("GET", "", "unknown", 401, {}, ERROR),
    "a token without the scope": ("GET", "", POOR, 403, {}, ERROR),
}

all_secrets = pytest.mark.parametrize("scope", SECRETS)


@pytest.fixture
def rest(emulator: Emulator) -> Iterator[Rest]:
    """Create two secrets in each scope, and return a client."""
    for scope in SECRETS:
        for name in ("ONE", "TWO"):
            emulator.edit(scope, name, value="text")
    with closing(Rest(emulator.url)) as found:
        yield found


@all_secrets
@pytest.mark.parametrize("kind", KINDS)
def test_answers_match_the_recorded_shapes(kind: str, scope: str, rest: Rest, emulator: Emulator) -> None:
    method, path, token, status, headers, keys = KINDS[kind]
    body = rest.sealed(SECRETS[scope]) if method == "PUT" else None
    emulator.tokens({TOKEN: {}, POOR: {"scopes": ["gist"]}})
    answer = rest(method, SECRETS[scope] + path, body, token=token)
    assert answer.status_code == status
    for name, form in {**COMMON, **headers}.items():
        assert re.fullmatch(form, answer.headers[name]), name
    assert {name for name in TELLING if name in answer.headers} == set(headers)
    if keys is None:
        assert answer.content == b""
    else:
        # test_rows checks the keys that a kind of scope adds to a secret.
        assert set(answer.json()) - {"visibility", "selected_repositories_url"} == keys


@pytest.mark.parametrize(
    ("scope", "further"),
    [
        (USER, {"visibility", "selected_repositories_url"}),
        (REPOSITORY, set()),
        (ORGANIZATION, {"visibility"}),
    ],
)
def test_rows(scope: str, further: set[str], rest: Rest) -> None:
    found = rest("GET", SECRETS[scope]).json()["secrets"]
    assert [set(row) for row in found] == [ROW | further] * 2
    assert found[0] == rest("GET", f"{SECRETS[scope]}/ONE").json()
    for row in found:
        for key in ("created_at", "updated_at"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row[key])


def test_each_scope_has_a_separate_key_with_the_same_id(rest: Rest) -> None:
    scopes = [*SECRETS.values(), "/repos/octo-org/api/codespaces/secrets"]
    keys = [rest("GET", f"{secrets}/public-key").json() for secrets in scopes]
    assert len({key["key"] for key in keys}) == len(scopes)
    assert len({key["key_id"] for key in keys}) == 1


def test_a_tag_covers_accept_authorization_and_the_body(rest: Rest, emulator: Emulator) -> None:
    path = SECRETS[REPOSITORY]

    def tag(**headers: str) -> str:
        return rest("GET", path, Accept=headers.pop("Accept", "application/json"), **headers).headers["ETag"]

    before = tag()
    assert tag() == before
    assert len({before, tag(token="another"), tag(Accept="application/vnd.github+json")}) == 3
    emulator.edit(REPOSITORY, "THREE", value="text")
    assert tag() != before


def test_an_unchanged_answer_is_304_and_costs_nothing(rest: Rest) -> None:
    path = SECRETS[REPOSITORY]
    first = rest("GET", path)
    known = {"If_None_Match": first.headers["ETag"]}
    second = rest("GET", path, **known)
    assert (second.status_code, second.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary", "X-RateLimit-Used"):
        assert second.headers[name] == first.headers[name]
    assert rest("GET", path, token="another", **known).status_code == 200


@pytest.mark.parametrize(
    ("scope", "pages"),
    [
        (USER, "/user/codespaces/secrets"),
        (REPOSITORY, "/repositories/1001/codespaces/secrets"),
        (ORGANIZATION, r"/organizations/\d+/codespaces/secrets"),
    ],
)
def test_links_lead_from_page_to_page(scope: str, pages: str, rest: Rest, emulator: Emulator) -> None:
    emulator.edit(scope, "THREE", value="text")
    page = rest("GET", f"{SECRETS[scope]}?per_page=1")
    walked = []
    for step in ("next", "next", "prev", "first", "last"):
        walked.append(([row["name"] for row in page.json()["secrets"]], list(page.links)))
        address = page.links[step]["url"]
        assert re.fullmatch(re.escape(emulator.url) + pages + r"\?per_page=1&page=\d", address)
        page = rest("GET", address)
    assert walked == [
        (["ONE"], ["next", "last"]),
        (["THREE"], ["prev", "next", "last", "first"]),
        (["TWO"], ["prev", "first"]),
        (["THREE"], ["prev", "next", "last", "first"]),
        (["ONE"], ["next", "last"]),
    ]
    assert page.json()["secrets"][0]["name"] == "TWO"


def test_links_to_pages_of_repositories(rest: Rest, emulator: Emulator) -> None:
    secret = f"{SECRETS[ORGANIZATION]}/THREE"
    ids = list(emulator.repositories().values())
    body = rest.sealed(SECRETS[ORGANIZATION], visibility="selected", selected_repository_ids=ids)
    assert rest("PUT", secret, body).status_code == 201
    address = rest("GET", secret).json()["selected_repositories_url"]
    assert address == f"{emulator.url}{secret}/repositories"
    page = rest("GET", f"{address}?per_page=3")
    assert "/organizations/" in page.links["next"]["url"]
    page = rest("GET", page.links["next"]["url"])
    assert [row["id"] for row in page.json()["repositories"]] == ids[3:]


def test_each_resource_has_a_counter(rest: Rest) -> None:
    def counted(method: str, path: str, body: object = None) -> tuple[str, int]:
        headers = rest(method, path, body).headers
        return headers["X-RateLimit-Resource"], int(headers["X-RateLimit-Used"])

    query = {"query": "query { viewer { login } }"}
    assert [counted("GET", path) for path in SECRETS.values()] == [("codespaces", used) for used in (1, 2, 3)]
    assert counted("GET", "/repositories/1001/codespaces/secrets") == ("codespaces", 4)
    assert counted("GET", "/user") == ("core", 1)
    assert counted("GET", "/repos/octo-org/app") == ("core", 2)
    assert counted("POST", "/graphql", query) == ("graphql", 1)
    assert counted("GET", SECRETS[USER]) == ("codespaces", 5)


def test_an_expiring_token_gets_a_header_with_its_expiration(rest: Rest, emulator: Emulator) -> None:
    end = "2023-07-31 13:41:07 -0500"
    emulator.tokens({TOKEN: {"expires": end}, "another": {}})
    header = "github-authentication-token-expiration"
    for path, status in (("", 200), ("/ABSENT", 404)):
        answer = rest("GET", SECRETS[USER] + path)
        assert (answer.status_code, answer.headers.get(header)) == (status, end)
    assert header not in rest("GET", SECRETS[USER], token="another").headers


ALL = {
    "codespaces_secrets": "write",
    "codespaces_user_secrets": "write",
    "organization_codespaces_secrets": "write",
    "metadata": "read",
}
BY_INTEGRATION = "Resource not accessible by integration"


@pytest.mark.parametrize(
    ("kind", "permissions", "refused"),
    [
        ("app_user", ALL, {}),
        ("installation", ALL, {USER: BY_INTEGRATION}),
        ("app_user", {}, dict.fromkeys(SECRETS, BY_INTEGRATION)),
        ("installation", {}, dict.fromkeys(SECRETS, BY_INTEGRATION)),
        ("installation", {"codespaces_secrets": "write"}, dict.fromkeys([USER, ORGANIZATION], BY_INTEGRATION)),
        ("fine_grained", {}, dict.fromkeys(SECRETS, "Resource not accessible by personal access token")),
    ],
)
def test_tokens_with_permissions(
    kind: str, permissions: dict[str, str], refused: dict[str, str], rest: Rest, emulator: Emulator
) -> None:
    requests: list[tuple[str, str, dict[str, Any] | None]] = []
    for secrets in SECRETS.values():
        requests += [("GET", secrets, None), ("GET", f"{secrets}/public-key", None), ("GET", f"{secrets}/ONE", None)]
        requests += [("PUT", f"{secrets}/ONE", rest.sealed(secrets)), ("DELETE", f"{secrets}/ONE", None)]
    emulator.tokens({TOKEN: {"kind": kind, "permissions": permissions}})
    for method, path, body in requests:
        [scope] = [one for one, secrets in SECRETS.items() if path.startswith(secrets)]
        answer = rest(method, path, body)
        if scope in refused:
            assert (answer.status_code, answer.json()["message"]) == (403, refused[scope])
        else:
            assert answer.status_code in (200, 204)


@pytest.mark.parametrize(("module", "library"), [("aiohttp", "aiohttp"), ("nacl", "pynacl")])
def test_an_error_about_a_missing_library_names_it(module: str, library: str, tmp_path: Path) -> None:
    (tmp_path / f"{module}.py").write_text(f"raise ModuleNotFoundError(name={module!r})", encoding="utf-8")
    process = subprocess.run(
        [sys.executable, ROOT / "tests/emulator"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert process.returncode == 1
    assert process.stderr.startswith(f"The emulator needs the Python library {library}: ")
    assert process.stderr.count("\n") == 1


def test_repositories_of_the_command_line_have_topics() -> None:
    arguments = ("--repository", "octo-org/app:service,node", "--repository", "octo-org/billing:service")
    with Emulator.start(*arguments) as emulator, closing(Rest(emulator.url)) as rest:
        emulator.reset()
        rows = rest("GET", "/orgs/octo-org/repos").json()
    assert {row["full_name"]: row["topics"] for row in rows} == {
        "octo-org/app": ["service", "node"],
        "octo-org/api": [],
        "octo-org/web": [],
        "octo-org/billing": ["service"],
    }


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("billing", "argument --repository: 'billing' is not of the form OWNER/REPO"),
        ("octo-org/app:", "argument --repository: '' is not a topic."),
        ("octo-org/app:a,,b", "argument --repository: '' is not a topic."),
        ("octo-org/app:Node", "argument --repository: 'Node' is not a topic."),
    ],
)
def test_the_command_line_rejects_a_malformed_repository(text: str, error: str) -> None:
    command = [sys.executable, str(ROOT / "tests/emulator"), "--repository", text]
    process = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert process.returncode == 2
    assert error in process.stderr
