# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures of a GitHub App, and tokens of its installations."""

from __future__ import annotations

import sys
from email.utils import format_datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ansible_collections.devex.github.plugins.module_utils._errors import (
    GitHubError,
    InputError,
    MissingLibrary,
    Unauthorized,
)
from ansible_collections.devex.github.plugins.module_utils._github.app import AppKey, sign
from ansible_collections.devex.github.plugins.module_utils._github.client import Client
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import App
from ansible_collections.devex.github.plugins.module_utils._time import from_seconds
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import TOKEN, Clock, Script, new_session

NOW = 1_800_000_000
DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
PATH = "/repos/octo-org/app/codespaces/secrets"
LOOK_UP = ("GET", "/users/octo-org/installation")
LOOK_UP_ORGANIZATION = ("GET", "/orgs/octo-org/installation")
MINT = ("POST", "/app/installations/11/access_tokens")


def private(key: Any, encryption: Any = None) -> str:
    return str(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            encryption or serialization.NoEncryption(),
        ).decode()
    )


KEY = rsa.generate_private_key(65537, 2048)
APP = App(7, private(KEY))
WITH_ID = App(7, private(KEY), 11)


def minted(token: str, expires_at: str = "2027-01-15T09:00:00Z", date: str = DATE) -> dict[str, Any]:
    return {"status": 201, "headers": {"Date": date}, "body": {"token": token, "expires_at": expires_at}}


def bearers(script: Script) -> list[str]:
    return [request.headers["Authorization"].removeprefix("Bearer ") for request in script.requests]


def client(script: Script, clock: Clock, app: App = WITH_ID) -> Client:
    return new_session(script, clock, token=None, app=app).client(owner="octo-org")


def test_a_signature_is_valid_for_nine_minutes_from_a_minute_ago() -> None:
    claims = jwt.decode(sign(APP, NOW + 0.9), KEY.public_key(), ["RS256"], options={"verify_iat": False})

    assert claims == {"iss": "7", "iat": NOW - 60, "exp": NOW + 540}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("no key", id="no PEM"),
        pytest.param("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", id="damaged"),
        pytest.param(private(ec.generate_private_key(ec.SECP256R1())), id="another kind"),
        pytest.param(private(KEY, serialization.BestAvailableEncryption(b"pass")), id="encrypted"),
    ],
)
def test_an_unusable_key_is_an_input_error_without_the_key(text: str) -> None:
    with pytest.raises(InputError, match=r"^app_private_key is not a usable key\.") as caught:
        sign(App(7, text), NOW)
    assert caught.value.__cause__ is None
    assert text.splitlines()[-1] not in str(caught.value)


@pytest.mark.parametrize(
    ("clock", "text"),
    [
        (NOW, "Check that app_private_key is a present key of the GitHub App whose app_id is 7."),
        (NOW + 44, "Check that app_private_key"),
        (NOW + 3600, "The clock of this machine is 3600 s ahead of GitHub's"),
        (NOW - 90, "The clock of this machine is 90 s behind GitHub's"),
    ],
)
def test_the_advice_after_a_401_depends_on_the_clock(clock: float, text: str) -> None:
    assert text in AppKey(APP, lambda: clock).advice(from_seconds(NOW))


def test_the_first_request_of_an_owner_gets_a_token(script: Script, clock: Clock) -> None:
    script.expect(*LOOK_UP, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    for dummy in range(2):
        script.expect("GET", PATH, body={})

    sender = client(script, clock, APP)
    for dummy in range(2):
        sender.request("GET", PATH)

    assert bearers(script)[2:] == ["ghs_1", "ghs_1"]
    assert sender.credentials.identity == "app:7:installation:11"
    assert sender.credentials.minted == {"ghs_1"}


def test_a_token_is_renewed_five_minutes_before_its_end(script: Script, clock: Clock) -> None:
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, body={})
    script.expect("GET", PATH, body={})
    script.expect(*MINT, **minted("ghs_2"))
    script.expect("GET", PATH, body={})

    sender = client(script, clock)
    for seconds in (0, 3299, 1):
        clock.sleep(seconds)
        sender.request("GET", PATH)

    assert [text for text in bearers(script) if text.startswith("ghs_")] == ["ghs_1", "ghs_1", "ghs_2"]
    assert sender.credentials.minted == {"ghs_1", "ghs_2"}


def test_a_401_after_the_expiry_renews_the_token_and_repeats_the_request(script: Script, clock: Clock) -> None:
    late = "Fri, 15 Jan 2027 09:00:00 GMT"
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("PUT", PATH, status=401, headers={"Date": late}, body={"message": "Bad credentials"})
    script.expect(*MINT, **minted("ghs_2", "2027-01-15T10:00:00Z", late))
    script.expect("PUT", PATH, status=204)

    assert client(script, clock).request("PUT", PATH, {"key_id": "1"}).status == 204
    assert bearers(script)[1::2] == ["ghs_1", "ghs_2"]


def test_a_401_of_a_valid_token_stops_the_client(script: Script, clock: Clock) -> None:
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, status=401, headers={"Date": DATE}, body={"message": "Bad credentials"})

    sender = client(script, clock)
    for dummy in range(2):
        with pytest.raises(Unauthorized, match="uninstalled or suspended for octo-org"):
            sender.request("GET", PATH)
    assert len(script.requests) == 2


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
        pytest.param([{"body": {"id": 11}}, minted("a", "soon")], "GitHub sent no usable token", id="malformed time"),
        pytest.param([{"body": {"id": 11}}, minted("a", "2027-01-15T08:00:00Z")], "has expired", id="expired"),
    ],
)
def test_a_failure_to_get_a_token_is_reported_without_further_requests(
    answers: list[dict[str, Any]], text: str, script: Script, clock: Clock
) -> None:
    second = LOOK_UP_ORGANIZATION if answers[0].get("status") == 404 else MINT
    for request, answer in zip((LOOK_UP, second), answers, strict=False):
        script.expect(*request, **answer)

    sender = client(script, clock, APP)
    for dummy in range(2):
        with pytest.raises(GitHubError, match=text):
            sender.request("GET", PATH)
    assert len(script.requests) == len(answers)


def test_an_organization_is_looked_up_as_such_if_its_name_is_not_accepted_as_a_user(
    script: Script, clock: Clock
) -> None:
    script.expect(*LOOK_UP, status=404)
    script.expect(*LOOK_UP_ORGANIZATION, body={"id": 11})
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, body={})

    assert client(script, clock, APP).request("GET", PATH).status == 200


@pytest.mark.parametrize(
    ("end", "answered", "renewed"),
    [(1000, 1000, True), (1000, 1001, True), (1000.9, 1000.95, True), (1000, 999, False), (1000, 10, False)],
    ids=str,
)
def test_a_401_renews_the_token_if_its_time_is_over(
    end: float, answered: float, renewed: bool, script: Script, clock: Clock
) -> None:
    script.expect(*MINT, **minted("ghs_1", from_seconds(NOW + end).isoformat()))
    date = format_datetime(from_seconds(NOW + answered), usegmt=True)
    script.expect("GET", PATH, status=401, headers={"Date": date}, body={"message": "Bad credentials"})
    if renewed:
        script.expect(*MINT, **minted("ghs_2"))
        script.expect("GET", PATH, body={})
        assert client(script, clock).request("GET", PATH).status == 200
    else:
        with pytest.raises(Unauthorized):
            client(script, clock).request("GET", PATH)


def test_a_failure_that_passes_is_tried_again(script: Script, clock: Clock) -> None:
    script.expect(*MINT, status=502)
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, body={})

    sender = new_session(script, clock, token=None, app=WITH_ID, retries=0).client(owner="octo-org")
    with pytest.raises(GitHubError, match="failed after one try"):
        sender.request("GET", PATH)
    assert sender.request("GET", PATH).status == 200


@pytest.mark.parametrize(
    ("app", "owners", "clients"), [(APP, ["a", "A", "b"], 2), (WITH_ID, ["a", "b"], 1)], ids=["looked up", "one ID"]
)
def test_each_installation_has_one_client(
    app: App, owners: list[str], clients: int, script: Script, clock: Clock
) -> None:
    session = new_session(script, clock, token=None, app=app)

    assert len({session.client(owner=owner) for owner in owners}) == clients


def test_an_app_has_no_client_for_a_user(script: Script, clock: Clock) -> None:
    session = new_session(script, clock, token=None, app=APP)

    with pytest.raises(InputError, match="A GitHub App has no access to what belongs to a user"):
        session.client()
    assert session.client(TOKEN).credentials.identity == TOKEN


def test_nothing_shows_the_key_and_the_token(script: Script, clock: Clock) -> None:
    script.expect(*MINT, **minted("ghs_1"))
    script.expect("GET", PATH, body={})
    session: Session = new_session(script, clock, token=None, app=WITH_ID)
    sender = session.client(owner="octo-org")

    sender.request("GET", PATH)

    texts = "".join(map(repr, (WITH_ID, vars(session), vars(sender))))
    assert "ghs_1" not in texts
    assert WITH_ID.private_key.splitlines()[1] not in texts


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)

    with pytest.raises(MissingLibrary) as caught:
        sign(APP, NOW)
    assert caught.value.library == "pyjwt[crypto]"
