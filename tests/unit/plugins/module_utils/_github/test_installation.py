# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Installations of a GitHub App: how they are found, and the life of their tokens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import BaseAdapter

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, InputError, Unauthorized
from ansible_collections.devex.github.plugins.module_utils._github.client import Client
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import App, Connection
from ansible_collections.devex.github.plugins.module_utils._scope import organization, repository, user
from ansible_collections.devex.github.plugins.module_utils._time import from_seconds
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import (
    API,
    CONNECTION,
    TOKEN,
    Clock,
    Script,
    new_session,
    response,
)

NOW = 1_800_000_000
PATH = "/repos/octo-org/app/codespaces/secrets"
LOOK_UP = ("GET", "/users/octo-org/installation")
LOOK_UP_ORGANIZATION = ("GET", "/orgs/octo-org/installation")
READ = ("GET", "/app/installations/11")
MINT = ("POST", "/app/installations/11/access_tokens")
SCOPE = repository("octo-org/app")

KEY = (
    rsa.generate_private_key(65537, 2048)
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)
APP = App(7, KEY)
WITH_ID = App(7, KEY, 11)


def date(seconds: float = 0) -> str:
    return format_datetime(from_seconds(int(NOW + seconds)), usegmt=True)


def minted(token: str, seconds: float = 3600, at: float = 0) -> dict[str, Any]:
    """An answer with a token that expires after so many seconds, counted from NOW."""
    body = {"token": token, "expires_at": from_seconds(NOW + seconds).isoformat()}
    return {"status": 201, "headers": {"Date": date(at)}, "body": body}


def rejected(at: float = 0) -> dict[str, Any]:
    return {"status": 401, "headers": {"Date": date(at)}, "body": {"message": "Bad credentials"}}


def account(login: object) -> dict[str, Any]:
    return {"body": {"id": 11, "account": {"login": login}}}


def bearers(script: Script) -> list[str]:
    """The tokens of all requests that are not about tokens."""
    texts = [request.headers["Authorization"].removeprefix("Bearer ") for request in script.requests]
    return [text for text in texts if text.startswith("ghs_")]


def client(script: Script, clock: Clock, app: App = APP) -> Client:
    return new_session(script, clock, token=None, app=app).client(scope=SCOPE)


def test_the_first_request_of_an_owner_gets_a_token(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    for dummy in range(2):
        script.expect("GET", PATH, body={})

    sender = client(script, clock)
    for dummy in range(2):
        sender.request("GET", PATH)

    assert bearers(script) == ["ghs_1", "ghs_1"]
    assert sender.credentials.identity == "app:7:installation:11"
    assert sender.credentials.minted == {"ghs_1"}


def test_an_organization_is_looked_up_as_such(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP_ORGANIZATION, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", "/orgs/octo-org/codespaces/secrets", body={})

    sender = new_session(script, clock, token=None, app=APP).client(scope=organization("octo-org"))
    assert sender.request("GET", "/orgs/octo-org/codespaces/secrets").status == 200


def test_the_owner_of_a_repository_is_also_looked_up_as_an_organization(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP, status=404)
    script.expect(*LOOK_UP_ORGANIZATION, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, body={})

    assert client(script, clock).request("GET", PATH).status == 200


@pytest.mark.parametrize("login", ["octo-org", "Octo-Org"])
def test_the_owner_of_a_set_installation_is_read(login: str, script: Script, clock: Clock) -> None:
    script.expect(*READ, **account(login))
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, body={})

    assert client(script, clock, WITH_ID).request("GET", PATH).status == 200


def test_a_set_installation_of_another_owner_fails_each_owner_after_one_request(script: Script, clock: Clock) -> None:
    script.expect(*READ, **account("other-org"))
    session = new_session(script, clock, token=None, app=WITH_ID)

    for scope in (SCOPE, organization("third-org"), SCOPE):
        with pytest.raises(GitHubError, match="installation 11 belongs to other-org, not to ") as caught:
            session.client(scope=scope).request("GET", PATH)
        assert f"not to {scope.owner}. Omit app_installation_id" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"status": 404}, "The GitHub App 7 has no installation 11. Check app_id and app_installation_id."),
        ({"body": {"account": {"slug": "octo"}}}, "belongs to neither an organization nor a user."),
        ({"body": {"account": None}}, "belongs to neither an organization nor a user."),
        ({"body": []}, "belongs to neither an organization nor a user."),
    ],
)
def test_a_set_installation_without_an_owner_fails_after_one_request(
    answer: dict[str, Any], text: str, script: Script, clock: Clock
) -> None:
    script.expect(*READ, **answer)
    session = new_session(script, clock, token=None, app=WITH_ID)

    for scope in (SCOPE, organization("octo-org"), organization("other-org")):
        with pytest.raises(GitHubError, match=text):
            session.client(scope=scope).request("GET", PATH)


def test_an_unknown_app_fails_all_owners_after_one_request(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP, status=404, body={"message": "Integration not found"})
    session = new_session(script, clock, token=None, app=APP)

    for owner in ("octo-org", "other-org"):
        with pytest.raises(GitHubError, match=r"app_id: GitHub has no App 7. Use the App ID from the settings page"):
            session.client(scope=repository(f"{owner}/app")).request("GET", PATH)


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        pytest.param(
            [{"status": 404}, {"status": 404}], "The GitHub App 7 is not installed for octo-org.", id="not installed"
        ),
        pytest.param([{"body": {"id": "x"}}], "GitHub sent an installation without an ID.", id="no ID"),
        pytest.param([{"body": {"id": 11}}, {"status": 404}], "GitHub App 7 has no installation 11", id="no such ID"),
        pytest.param(
            [{"body": {"id": 11}}, {"status": 403, "body": {"message": "This installation has been suspended"}}],
            "This installation has been suspended",
            id="suspended",
        ),
        pytest.param([{"body": {"id": 11}}, minted("a b")], "GitHub sent no usable token", id="malformed token"),
        pytest.param(
            [{"body": {"id": 11}}, {"status": 201, "body": {"token": "a", "expires_at": "soon"}}],
            "GitHub sent no usable token",
            id="malformed time",
        ),
        pytest.param([{"body": {"id": 11}}, minted("a", 0)], "has expired", id="expired"),
    ],
)
def test_a_failure_to_get_a_token_is_kept_for_all_items(
    answers: list[dict[str, Any]], text: str, script: Script, clock: Clock
) -> None:
    second = LOOK_UP_ORGANIZATION if answers[0].get("status") == 404 else MINT
    for request, answer in zip((LOOK_UP, second), answers, strict=False):
        script.expect(*request, **answer)

    session = new_session(script, clock, token=None, app=APP)
    for dummy in range(2):
        with pytest.raises(GitHubError, match=text):
            session.client(scope=SCOPE).request("GET", PATH)
        session.begin()


@pytest.mark.parametrize(("app", "failing"), [(APP, LOOK_UP), (APP, MINT), (WITH_ID, READ), (WITH_ID, MINT)], ids=str)
def test_a_failure_that_passes_is_kept_until_the_next_item(
    app: App, failing: tuple[str, str], script: Script, clock: Clock
) -> None:
    found = (LOOK_UP, {"body": {"id": 11}}) if app is APP else (READ, account("octo-org"))
    if failing == MINT:
        script.expect(*found[0], **found[1])
    script.expect(*failing, status=502)
    session = new_session(script, clock, token=None, app=app, retries=0)

    for dummy in range(3):
        with pytest.raises(GitHubError, match="failed after one try"):
            session.client(scope=SCOPE).request("GET", PATH)

    session.begin()
    if failing != MINT:
        script.expect(*found[0], **found[1])
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, body={})
    assert session.client(scope=SCOPE).request("GET", PATH).status == 200


def test_a_token_is_renewed_five_minutes_before_its_end(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, body={})
    script.expect("GET", PATH, body={})
    script.expect(*MINT, **minted("ghs_2"))
    script.expect("GET", PATH, body={})

    sender = client(script, clock)
    for seconds in (0, 3299, 1):
        clock.sleep(seconds)
        sender.request("GET", PATH)

    assert bearers(script) == ["ghs_1", "ghs_1", "ghs_2"]
    assert sender.credentials.minted == {"ghs_1", "ghs_2"}


def test_a_request_with_an_expired_token_is_repeated_with_a_new_token(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("PUT", PATH, **rejected(3600))
    script.expect(*MINT, **minted("ghs_2", 7200, 3600))
    script.expect("PUT", PATH, status=204)

    assert client(script, clock).request("PUT", PATH, {"key_id": "1"}).status == 204
    assert bearers(script) == ["ghs_1", "ghs_2"]


def test_a_request_with_a_new_token_is_repeated_after_growing_pauses(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    for dummy in range(3):
        script.expect("PUT", PATH, **rejected())
    script.expect("PUT", PATH, status=204)

    assert client(script, clock).request("PUT", PATH, {"key_id": "1"}).status == 204
    assert bearers(script) == ["ghs_1"] * 4
    assert clock.pauses == [1, 1, 2]


def test_a_new_token_that_github_never_accepts_stops_the_client(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    for dummy in range(6):
        script.expect("GET", PATH, **rejected())

    sender = client(script, clock)
    for dummy in range(2):
        with pytest.raises(Unauthorized, match="GitHub keeps rejecting new tokens of the GitHub App for octo-org"):
            sender.request("GET", PATH)
    assert clock.pauses == [1, 1, 2, 4, 2]


def test_a_token_that_is_revoked_is_renewed_once(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, body={})
    script.expect("GET", PATH, **rejected(10))
    script.expect(*MINT, **minted("ghs_2"))
    script.expect("GET", PATH, body={})

    sender = client(script, clock)
    sender.request("GET", PATH)
    clock.sleep(10)
    assert sender.request("GET", PATH).status == 200
    assert bearers(script) == ["ghs_1", "ghs_1", "ghs_2"]


def test_the_failure_to_renew_a_revoked_token_is_reported(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, body={})
    script.expect("GET", PATH, **rejected(10))
    script.expect(*MINT, status=403, body={"message": "This installation has been suspended"})

    sender = client(script, clock)
    sender.request("GET", PATH)
    clock.sleep(10)
    for dummy in range(2):
        with pytest.raises(GitHubError, match="This installation has been suspended"):
            sender.request("GET", PATH)


@pytest.mark.parametrize("works", [True, False], ids=["accepted at first", "never accepted"])
def test_tokens_that_keep_being_rejected_stop_the_client(works: bool, script: Script, clock: Clock) -> None:
    """A token that works at first was revoked 10 seconds later. The other one expires before its first use."""
    script.expect(*LOOK_UP, body={"id": 11})
    for number in range(4):
        script.expect(*MINT, **minted(f"ghs_{number}", 3600 if works else 1))
        if works:
            script.expect("GET", PATH, body={})
        script.expect("GET", PATH, **rejected(2))

    sender = client(script, clock)

    def use() -> None:
        while True:
            sender.request("GET", PATH)
            clock.sleep(10)

    with pytest.raises(Unauthorized):
        use()


@pytest.mark.parametrize(
    ("end", "answered", "renewed"),
    [(1000, 1000, True), (1000, 1001, True), (1000.9, 1000.95, True), (1000, 999, False), (1000, 10, False)],
    ids=str,
)
def test_a_401_renews_a_token_that_never_worked_if_its_time_is_over(
    end: float, answered: float, renewed: bool, script: Script, clock: Clock
) -> None:
    script.expect(*LOOK_UP, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1", end))
    script.expect("GET", PATH, **rejected(answered), meanwhile=lambda: clock.sleep(60))
    if renewed:
        script.expect(*MINT, **minted("ghs_2"))
        script.expect("GET", PATH, body={})
        assert client(script, clock).request("GET", PATH).status == 200
    else:
        with pytest.raises(Unauthorized):
            client(script, clock).request("GET", PATH)


class Replicas(BaseAdapter):
    """GitHub, which may reject requests with a token."""

    def __init__(self, mint: Callable[[int], dict[str, Any]], rejects: Callable[[str, int], bool]) -> None:
        """:arg mint: returns the answer with the token of this number.
        :arg rejects: returns whether to reject the token, in the request of this number with it.
        """
        super().__init__()
        self.calls: list[str] = []
        self.rejections = 0
        self._mint = mint
        self._rejects = rejects
        self._uses: dict[str, int] = {}
        self._lock = threading.Lock()

    def send(self, request: requests.PreparedRequest, *dummy: Any, **options: Any) -> requests.Response:
        path = str(request.url).removeprefix(API)
        with self._lock:
            self.calls.append(f"{request.method} {path}")
            if path == LOOK_UP[1]:
                return response(request, 200, {}, {"id": 11})
            if path == MINT[1]:
                answer = self._mint(self.calls.count(f"POST {path}"))
                return response(request, answer["status"], answer.get("headers", {}), answer["body"])
            token = str(request.headers["Authorization"]).removeprefix("Bearer ")
            self._uses[token] = self._uses.get(token, 0) + 1
            if not self._rejects(token, self._uses[token]):
                return response(request, 200, {}, {})
            self.rejections += 1
            return response(request, 401, {}, {"message": "Bad credentials"})

    def close(self) -> None:
        """Do nothing."""


def session_of(github: Replicas, clock: Clock) -> Session:
    connection = Connection(**{**CONNECTION, "token": None, "app": APP})
    return Session(
        connection,
        adapter=github,
        pace=lambda: Pace(connection.max_wait, monotonic=clock.monotonic, sleep=clock.sleep),
    )


def test_only_one_of_many_threads_tries_a_new_token(clock: Clock) -> None:
    github = Replicas(lambda number: minted(f"ghs_{number}"), lambda dummy, use: use <= 3)
    sender = session_of(github, clock).client(scope=SCOPE)

    with ThreadPoolExecutor(8) as threads:
        statuses = [done.status for done in threads.map(lambda dummy: sender.request("GET", PATH), range(40))]

    assert statuses == [200] * 40
    assert github.rejections == 3
    assert github.calls.count("POST /app/installations/11/access_tokens") == 1


def test_only_one_of_many_threads_tries_a_token_again_after_a_rejection(clock: Clock) -> None:
    github = Replicas(
        lambda number: minted(f"ghs_{number}"), lambda token, use: (token == "ghs_1" and use > 20) or use == 1
    )
    sender = session_of(github, clock).client(scope=SCOPE)

    with ThreadPoolExecutor(8) as threads:
        statuses = [done.status for done in threads.map(lambda dummy: sender.request("GET", PATH), range(80))]

    assert statuses == [200] * 80
    # Requests of all threads may be under way. After that, one thread tries the token until it is 10 seconds old.
    assert github.rejections <= 8 + 6 + 2
    assert github.calls.count("POST /app/installations/11/access_tokens") == 2


def test_many_threads_share_one_failed_try_to_get_a_token(clock: Clock) -> None:
    github = Replicas(lambda dummy: {"status": 500, "body": {"message": "Oops."}}, lambda *dummy: False)
    sender = session_of(github, clock).client(scope=SCOPE)

    def fail(dummy: int) -> str:
        with pytest.raises(GitHubError, match="failed after 4 tries") as caught:
            sender.request("GET", PATH)
        return str(caught.value)

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(fail, range(40)))) == 1

    assert len(github.calls) == 1 + 4


@pytest.mark.parametrize("app", [APP, WITH_ID], ids=["looked up", "set"])
def test_each_owner_has_one_client(app: App, script: Script, clock: Clock) -> None:
    session = new_session(script, clock, token=None, app=app)
    scopes = [repository("a/b"), repository("A/c"), organization("a"), organization("b")]

    assert len({session.client(scope=scope) for scope in scopes}) == 2


@pytest.mark.parametrize("scope", [None, user()], ids=["none", "user"])
def test_an_app_has_no_client_for_a_user(scope: Any, script: Script, clock: Clock) -> None:
    session = new_session(script, clock, token=None, app=APP)

    with pytest.raises(InputError, match=r"app_id: a GitHub App has no access to secrets of a user. Set token"):
        session.client(scope=scope)
    assert session.client(TOKEN).credentials.identity == TOKEN


def test_nothing_shows_the_key_and_the_token(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, body={})
    session: Session = new_session(script, clock, token=None, app=APP)
    sender = session.client(scope=SCOPE)

    sender.request("GET", PATH)

    texts = "".join(map(repr, (APP, vars(session), vars(sender))))
    assert "ghs_1" not in texts
    assert APP.private_key.splitlines()[1] not in texts
