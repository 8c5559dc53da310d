# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3

from ansible_collections.devex.github.plugins.module_utils._errors import (
    GitHubError,
    NotFound,
    RateLimited,
    Refused,
    Stopped,
    Unauthorized,
    Unreachable,
    Unusable,
)
from ansible_collections.devex.github.plugins.module_utils._github import transport
from ansible_collections.devex.github.plugins.module_utils._github.client import Client
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import Connection
from ansible_collections.devex.github.plugins.module_utils._scope import Need
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import (
    API,
    CONNECTION,
    TOKEN,
    Clock,
    Drip,
    Script,
    new_client,
    new_session,
)

PATH = "/user/codespaces/secrets"
BEARER = f"Bearer {TOKEN}"


# --- one request ---


def test_a_request_has_the_headers_of_the_api(script: Script, clock: Clock) -> None:
    script.expect("PUT", f"{PATH}/TOKEN", status=201, body={})

    answer = new_client(script, clock, api_version="2022-11-28").request("PUT", f"{PATH}/TOKEN", {"key_id": "1"})

    assert (answer.status, answer.body) == (201, {})
    headers = script.requests[0].headers
    assert headers["Authorization"] == BEARER
    assert headers["Accept"] == "application/vnd.github+json"
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert headers["User-Agent"].startswith("devex.github")
    assert headers["Content-Type"] == "application/json"
    assert script.sent() == {"key_id": "1"}


def test_a_request_without_a_body_has_none(script: Script, clock: Clock) -> None:
    script.expect("DELETE", f"{PATH}/TOKEN", status=204)
    answer = new_client(script, clock).request("DELETE", f"{PATH}/TOKEN")
    assert (answer.status, answer.body) == (204, None)
    assert script.requests[0].body is None


def test_a_request_uses_the_options_of_the_task(script: Script, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/of/the/environment")
    for verify in ("/of/the/task", False):
        script.expect("GET", PATH, body={})
        new_client(script, clock, timeout=5, verify=verify).request("GET", PATH)
    assert [options["verify"] for options in script.options] == ["/of/the/task", False]


@pytest.mark.parametrize(("timeout", "expected"), [(30, (10, 30)), (5, (5, 5)), (3600, (10, 3600))])
def test_a_connection_has_ten_seconds_of_the_timeout(
    timeout: float, expected: tuple[float, float], script: Script, clock: Clock
) -> None:
    script.expect("GET", PATH, body={})
    new_client(script, clock, timeout=timeout).request("GET", PATH)
    assert script.options[0]["timeout"] == expected


def test_a_request_without_a_connection_was_not_sent(script: Script, clock: Clock) -> None:
    client = new_client(script, clock, retries=0)
    script.expect("PUT", f"{PATH}/TOKEN", error=requests.ConnectTimeout("connect timeout=10"))
    with pytest.raises(Unreachable, match=r"after one try: no connection in time\. \("):
        client.request("PUT", f"{PATH}/TOKEN", {})
    assert client.pace.used.points == 0


def test_a_server_that_accepts_no_connection_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its queue is full, so the system drops what else comes."""
    monkeypatch.setattr(transport, "_CONNECT_SECONDS", 0.5)
    with socket.socket() as server, ExitStack() as stack:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for dummy in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        connection = Connection(**{**CONNECTION, "retries": 0, "timeout": 30, "api_url": address})
        started = time.monotonic()
        with pytest.raises(Unreachable, match="no connection in time"):
            Session(connection, pace=lambda: Pace(0)).client().request("GET", PATH)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("variable", ["HOME", "NETRC"])
def test_a_netrc_does_not_replace_the_token(
    variable: str, script: Script, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine api.github.com login octo password hunter2\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.delenv("NETRC", raising=False)
    monkeypatch.setenv(variable, str(tmp_path if variable == "HOME" else netrc))
    script.expect("GET", PATH, status=301, headers={"Location": "/elsewhere"})
    script.expect("GET", "/elsewhere", body={})

    new_client(script, clock).request("GET", PATH, follow=True)

    assert [request.headers["Authorization"] for request in script.requests] == [BEARER, BEARER]


# --- tried again ---

OK: dict[str, Any] = {"body": {"total_count": 0}}
GZIP = {"Content-Encoding": "gzip"}

FAULTS = [
    pytest.param({"error": requests.ConnectionError()}, id="broken connection"),
    pytest.param({"error": requests.ConnectTimeout()}, id="no connection in time"),
    pytest.param({"error": requests.ReadTimeout()}, id="no answer in time"),
    pytest.param({"error": requests.exceptions.SSLError("EOF occurred in violation of protocol")}, id="broken TLS"),
    pytest.param({"error": requests.exceptions.ContentDecodingError()}, id="broken compression"),
    pytest.param({"error": urllib3.exceptions.ProtocolError()}, id="broken protocol"),
    pytest.param({"error": ConnectionResetError()}, id="reset by peer"),
    pytest.param({"body": b'{"total', "headers": {"Content-Length": "1000"}}, id="truncated body"),
    pytest.param({"body": b'{"total'}, id="half of some JSON"),
    pytest.param({"body": b"<html>Unicorn</html>"}, id="HTML"),
    pytest.param({"body": b"\xff\xfe\xff"}, id="bytes that are no text"),
    pytest.param({"body": b"[" * 100_000}, id="too many brackets"),
    pytest.param({"status": 500, "body": {"message": "Server Error"}}, id="500"),
    pytest.param({"status": 502, "body": b"<html>Unicorn</html>"}, id="502 in HTML"),
    pytest.param({"status": 503}, id="503 without a body"),
    pytest.param({"status": 504, "body": {"message": "Timeout"}}, id="504"),
    pytest.param({"status": 102}, id="102"),
    pytest.param({"status": 103, "headers": {"Link": "</style.css>"}}, id="103"),
    pytest.param({"status": 200}, id="200 without a body"),
    pytest.param({"status": 202, "body": {}}, id="202"),
    pytest.param({"status": 206, "body": {}}, id="206"),
    pytest.param({"body": b"{}", "headers": {"Content-Encoding": "gzip, gzip"}}, id="packed twice"),
    pytest.param({"body": b"{}", "headers": {"Content-Encoding": "br"}}, id="packed otherwise"),
    pytest.param({"body": gzip.compress(bytes(4 * 2**20)), "headers": GZIP}, id="a bomb"),
    pytest.param({"body": bytes(4 * 2**20)}, id="too much"),
    pytest.param({"body": gzip.compress(b"{}")[:-9], "headers": GZIP}, id="a part of something packed"),
    pytest.param({"body": b"{}", "headers": GZIP}, id="something that is not packed"),
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_request_is_retried_after_a_fault(method: str, fault: dict[str, Any], script: Script, clock: Clock) -> None:
    body = {"key_id": "1"} if method == "PUT" else None
    script.expect(method, PATH, **fault)
    script.expect(method, PATH, **{**OK, "status": 200 if method == "GET" else 201})

    client = new_client(script, clock)

    assert client.request(method, PATH, body).body == {"total_count": 0}
    assert script.sent(0) == script.sent(1) == body
    assert len(script.requests) == 2
    assert clock.pauses == [0.5]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_request_fails_after_the_last_try(fault: dict[str, Any], script: Script, clock: Clock) -> None:
    for dummy in range(3):
        script.expect("GET", PATH, **fault)

    client = new_client(script, clock, retries=2)
    with pytest.raises(Unreachable, match=rf"^GET at {API} failed after 3 tries: .+ \({PATH}\)$"):
        client.request("GET", PATH)

    assert len(script.requests) == 3


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(requests.ReadTimeout("read timeout=30"), "no answer in time", id="a timeout"),
        pytest.param(requests.ConnectionError(), "ConnectionError", id="a kind alone"),
        pytest.param(ConnectionRefusedError(111, "Connection refused"), "Connection refused", id="a reason"),
    ],
)
def test_the_error_after_the_last_try_describes_the_fault(
    error: Exception, text: str, script: Script, clock: Clock
) -> None:
    script.expect("GET", PATH, error=error)
    with pytest.raises(Unreachable, match=f"after one try: .*{text}"):
        new_client(script, clock, retries=0).request("GET", PATH)


def test_the_reason_of_a_fault_is_its_innermost_cause(script: Script, clock: Clock) -> None:
    error = requests.ConnectionError("Max retries exceeded with url: /user")
    error.__cause__ = urllib3.exceptions.ProtocolError("Connection aborted.")
    error.__cause__.__context__ = ConnectionResetError(104, "Connection reset by peer")
    script.expect("GET", PATH, error=error)
    with pytest.raises(Unreachable, match=rf"ConnectionError, Connection reset by peer\. \({PATH}\)$"):
        new_client(script, clock, retries=0).request("GET", PATH)


def test_pauses_between_tries_grow(script: Script, clock: Clock) -> None:
    for dummy in range(5):
        script.expect("GET", PATH, status=502)
    with pytest.raises(Unreachable, match="5 tries: GitHub answered 502"):
        new_client(script, clock, retries=4).request("GET", PATH)
    assert clock.pauses == [0.5, 1, 2, 4]


def test_a_request_is_sent_once_without_retries(script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, status=502)
    with pytest.raises(Unreachable, match="after one try"):
        new_client(script, clock, retries=0).request("GET", PATH)
    assert clock.pauses == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, GitHubError),
        (401, Unauthorized),
        (403, GitHubError),
        (404, NotFound),
        (409, GitHubError),
        (410, GitHubError),
        (422, Refused),
    ],
)
@pytest.mark.parametrize("body", [{"message": "No."}, b"<html>No.</html>", None], ids=["JSON", "HTML", "empty"])
def test_a_rejected_request_is_not_retried(
    body: Any, status: int, kind: type[GitHubError], script: Script, clock: Clock
) -> None:
    script.expect("PUT", PATH, status=status, body=body)

    client = new_client(script, clock)
    with pytest.raises(kind, match=f"^GitHub answered {status}.*PUT {PATH}") as caught:
        client.request("PUT", PATH, {"encrypted_value": "c2VhbGVk"})

    assert caught.value.__class__ is kind
    assert len(script.requests) == 1
    assert clock.pauses == []


def test_a_rejected_token_is_not_sent_again(script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, status=401, body={"message": "Bad credentials"})
    client = new_client(script, clock)
    for method in ("GET", "PUT", "GET"):
        with pytest.raises(Unauthorized, match=rf"^GitHub answered 401: Bad credentials.*\(GET {PATH}\)$"):
            client.request(method, PATH)
    assert len(script.requests) == 1


def test_a_stopped_client_sends_nothing_with_any_token(script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, body={})
    session = new_session(script, clock)
    session.client().request("GET", PATH)
    session.stop("no longer needed")
    for token in (None, "a token that was not used before"):
        with pytest.raises(Stopped, match="no longer needed"):
            session.client(token).request("GET", PATH)
    assert len(script.requests) == 1


def test_a_cause_is_the_same_for_all_paths(script: Script, clock: Clock) -> None:
    causes = set()
    for number in range(3):
        headers = {"X-GitHub-Request-Id": str(number)}
        script.expect("PUT", f"{PATH}/S{number}", status=422, headers=headers, body={"message": "No."})
        script.expect("PUT", f"{PATH}/S{number}", status=503)
        client = new_client(script, clock, retries=0)
        for kind in (Refused, Unreachable):
            with pytest.raises(kind, match=rf"{PATH}/S{number}") as caught:
                client.request("PUT", f"{PATH}/S{number}")
            causes.add(caught.value.cause)
    assert causes == {
        "GitHub answered 422: No.",
        f"PUT at {API} failed after one try: GitHub answered 503. It may have been carried out all the same.",
    }


NOON = {"Date": "Tue, 10 Mar 2026 12:00:00 GMT"}


@pytest.mark.parametrize(
    ("expires", "message"),
    [
        pytest.param("2026-03-17 12:00:00 UTC", "2026-03-17T12:00:00Z", id="in a week"),
        pytest.param("2026-03-10 12:00:01 UTC", "2026-03-10T12:00:01Z", id="in a second"),
        pytest.param("2026-03-15 13:41:07 -0500", "2026-03-15T18:41:07Z", id="with an offset"),
        pytest.param("2026-03-17 12:00:01 UTC", None, id="in more than a week"),
        pytest.param("2027-03-10 12:00:00 -0500", None, id="in a year"),
        pytest.param("soon", None, id="what is no time"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_token_that_expires_soon_causes_one_warning(
    expires: str, message: str | None, script: Script, clock: Clock
) -> None:
    headers = {**NOON, "GitHub-Authentication-Token-Expiration": expires}
    for dummy in range(3):
        script.expect("GET", PATH, headers=headers, body={"total_count": 0})
    session = new_session(script, clock)
    for token in (None, None, "ghp_another"):
        session.client(token).request("GET", PATH)
    end = f"expires at {message}. Create a new token before then."
    assert session.notices == ([f"The token {end}", f"The token for {PATH} {end}"] if message else [])


@pytest.mark.parametrize("depth", [10, 900, 985, 5000])
def test_a_rejection_with_a_deeply_nested_body_keeps_its_status(depth: int, script: Script, clock: Clock) -> None:
    nested = b"[" * depth + b"]" * depth
    script.expect("PUT", PATH, status=422, body=b'{"message": %b, "errors": [%b, {"code": %b}]}' % ((nested,) * 3))
    with pytest.raises(Refused, match=f"^GitHub answered 422.*PUT {PATH}"):
        new_client(script, clock).request("PUT", PATH)


def test_an_error_stays_short_if_headers_are_long(script: Script, clock: Clock) -> None:
    names = ("X-Accepted-OAuth-Scopes", "X-Accepted-GitHub-Permissions", "X-OAuth-Scopes", "X-GitHub-Request-Id")
    script.expect("GET", PATH, status=403, headers=dict.fromkeys(names, "x" * 20000), body={"message": "y" * 9999})
    with pytest.raises(GitHubError) as caught:
        new_client(script, clock).request("GET", PATH)
    assert len(str(caught.value)) < 3000


def test_a_rejection_names_the_permission_and_hides_the_sent_value(script: Script, clock: Clock) -> None:
    script.expect("PUT", PATH, status=403, body={"message": "Must have admin rights: c2VhbGVk?"})
    with pytest.raises(
        GitHubError, match=rf"rights: \[the sent value\]\?\. The token needs everything\. \(PUT {PATH}\)$"
    ):
        new_client(script, clock).request("PUT", PATH, {"encrypted_value": "c2VhbGVk"}, need=Need("everything"))


def test_a_request_is_not_retried_after_a_bad_certificate(script: Script, clock: Clock) -> None:
    reason = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] odd")
    script.expect("GET", PATH, error=requests.exceptions.SSLError(reason))
    with pytest.raises(Unusable, match=rf"^The certificate of {API} cannot be verified\.$"):
        new_client(script, clock).request("GET", PATH)
    assert clock.pauses == []


@pytest.mark.parametrize("error", [requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader])
def test_a_request_is_not_retried_after_a_wrong_setting(error: type[Exception], script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, error=error("odd"))
    with pytest.raises(Unreachable, match=f"{API} cannot be used: {error.__name__}"):
        new_client(script, clock).request("GET", PATH)
    assert clock.pauses == []


@pytest.mark.parametrize(
    "error",
    [requests.ConnectionError, requests.exceptions.SSLError, requests.exceptions.InvalidHeader, OSError],
    ids=lambda error: error.__name__,
)
def test_no_error_shows_the_token(error: type[Exception], script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, error=error(f"Authorization: {BEARER}"))
    with pytest.raises(Unreachable) as caught:
        new_client(script, clock, retries=0).request("GET", PATH)
    assert TOKEN not in str(caught.value)


def test_no_representation_contains_the_token(script: Script, clock: Clock) -> None:
    session = new_session(script, clock)
    script.expect("GET", PATH, **OK)
    session.client().request("GET", PATH)
    assert TOKEN not in repr(vars(session)) + repr(vars(session.client()))


# --- limits ---


def test_a_wait_for_a_limit_does_not_count_as_a_try(script: Script, clock: Clock) -> None:
    script.expect("PUT", PATH, status=429, headers={"Retry-After": "7"})
    script.expect("PUT", PATH, status=204)

    client = new_client(script, clock, retries=0)

    assert client.request("PUT", PATH, {"key_id": "1"}).status == 204
    assert script.sent(0) == script.sent(1) == {"key_id": "1"}
    assert len(script.requests) == 2
    assert clock.pauses == [7]


def test_waits_for_limits_without_an_end_grow(script: Script, clock: Clock) -> None:
    for dummy in range(3):
        script.expect("GET", PATH, status=403, body={"message": "You have exceeded a secondary rate limit."})
    with pytest.raises(RateLimited, match="max_wait is 400 s, and 180 s are used"):
        new_client(script, clock, max_wait=400).request("GET", PATH)
    assert clock.pauses == [60, 120]


def test_a_request_fails_at_once_if_a_limit_ends_too_late(script: Script, clock: Clock) -> None:
    headers = {"Retry-After": "121", "Date": "Tue, 10 Mar 2026 12:00:00 GMT"}
    script.expect("GET", PATH, status=429, headers=headers)
    client = new_client(script, clock, max_wait=120)
    for dummy in range(2):
        with pytest.raises(RateLimited, match="2026-03-10T12:02:01Z"):
            client.request("GET", PATH)
    assert len(script.requests) == 1
    assert clock.pauses == []


def test_the_rate_limit_comes_from_the_last_answer_with_headers(script: Script, clock: Clock) -> None:
    client = new_client(script, clock)
    assert client.rate_limit == {}
    for headers in (
        {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4999", "x-ratelimit-used": "1"},
        {
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": "4998",
            "x-ratelimit-used": "2",
            "x-ratelimit-reset": "1773144000",
            "x-ratelimit-resource": "core",
        },
        {"x-ratelimit-limit": "many"},
        {},
    ):
        script.expect("GET", PATH, headers=headers, **OK)
        client.request("GET", PATH)
    assert client.rate_limit == {"limit": 5000, "remaining": 4998, "used": 2, "reset": 1773144000}


def test_the_rate_limit_is_read_from_a_rejection(script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, status=404, headers={"x-ratelimit-remaining": "17"})
    client = new_client(script, clock)
    with pytest.raises(NotFound):
        client.request("GET", PATH)
    assert client.rate_limit == {"remaining": 17}


def test_threads_share_the_count_of_requests(script: Script, clock: Clock) -> None:
    for dummy in range(40):
        script.expect("GET", PATH, **OK)
    client = new_client(script, clock)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda dummy: client.request("GET", PATH), range(40)))
    assert len(answers) == len(script.requests) == 40


@pytest.mark.parametrize(
    ("method", "status", "body"),
    [
        ("PUT", 200, None),
        ("PUT", 200, {"message": "Bad credentials"}),
        ("PUT", 202, {}),
        ("PUT", 103, None),
        ("DELETE", 200, {}),
        ("DELETE", 202, None),
        ("POST", 202, {}),
        ("GET", 204, None),
    ],
)
def test_only_the_documented_status_is_a_success(
    method: str, status: int, body: Any, script: Script, clock: Clock
) -> None:
    script.expect(method, PATH, status=status, body=body)
    client = new_client(script, clock, retries=0)
    with pytest.raises(Unreachable, match=f"GitHub answered {status}"):
        client.request(method, PATH)
    # Later data on that connection must not count as the answer to the next request.
    assert script.closed == 1


def test_a_packed_answer_is_unpacked(script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, body=gzip.compress(b'{"total_count": 0}'), headers=GZIP)
    assert new_client(script, clock).request("GET", PATH).body == {"total_count": 0}
    assert script.requests[0].headers["Accept-Encoding"] == "gzip"


def test_a_request_ends_in_time_if_its_answer_does_not_end(script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, body=Drip())
    started = time.monotonic()
    with pytest.raises(Unreachable, match="no answer in time"):
        new_client(script, clock, retries=0, timeout=0.2).request("GET", PATH)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("api_url", "trusted"), [(API, True), ("http://127.0.0.1:8080", False)])
def test_a_proxy_gets_no_plain_http(
    api_url: str, trusted: bool, script: Script, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(variable, "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    script.expect("GET", f"{api_url}{PATH}", **OK)
    new_client(script, clock, api_url=api_url).request("GET", PATH)
    assert bool(script.options[0]["proxies"]) is trusted


def test_headers_are_printable(script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, headers={"X-Odd": "a\x1b]0;title\x07b\x9b1m"}, **OK)
    assert new_client(script, clock).request("GET", PATH).headers["x-odd"] == "a\ufffd]0;title\ufffdb\ufffd1m"


def test_a_connection_is_reused_and_closed(script: Script, clock: Clock) -> None:
    session = new_session(script, clock)
    for dummy in range(3):
        script.expect("GET", PATH, **OK)
        session.client().request("GET", PATH)
    session.close()
    assert script.closed == 1


# --- pages ---

FIRST = f"{PATH}?per_page=100"


def link(url: str, rel: str = "next") -> dict[str, str]:
    return {"Link": f'<{API}{PATH}?page=1>; rel="prev", <{url}>; rel="{rel}", <{API}{PATH}?page=9>; rel="last"'}


def bodies(client: Client) -> list[Any]:
    return [page.body for page in client.pages(PATH)]


def test_a_list_without_links_has_one_page(script: Script, clock: Clock) -> None:
    script.expect("GET", FIRST, body={"page": 1})
    assert bodies(new_client(script, clock)) == [{"page": 1}]


def test_pages_follow_the_links(script: Script, clock: Clock) -> None:
    script.expect("GET", FIRST, body={"page": 1}, headers=link(f"{API}{PATH}?per_page=100&page=2"))
    script.expect("GET", f"{PATH}?per_page=100&page=2", body={"page": 2}, headers=link(f"{API}/other?after=abc%3D"))
    script.expect("GET", "/other?after=abc%3D", body={"page": 3}, headers=link(f"{API}{PATH}", rel="first"))
    client = new_client(script, clock)
    assert bodies(client) == [{"page": 1}, {"page": 2}, {"page": 3}]
    assert len(script.requests) == 3


def test_pages_stay_below_the_path_of_api_url(script: Script, clock: Clock) -> None:
    api = "https://ghe.example.com/api/v3"
    script.expect("GET", f"{api}{FIRST}", body={"page": 1}, headers=link(f"{api}{PATH}?page=2"))
    script.expect("GET", f"{api}{PATH}?page=2", body={"page": 2})
    assert bodies(new_client(script, clock, api_url=api)) == [{"page": 1}, {"page": 2}]


@pytest.mark.parametrize("host", ["https://evil.example", "http://api.github.com", "//evil.example"])
def test_a_link_to_another_host_is_not_followed(host: str, script: Script, clock: Clock) -> None:
    script.expect("GET", FIRST, body={"page": 1}, headers=link(f"{host}{PATH}?page=2"))
    script.expect("GET", f"{PATH}?page=2", body={"page": 2})
    assert bodies(new_client(script, clock)) == [{"page": 1}, {"page": 2}]


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(".evil.example/", id="what makes the host a part of another"),
        pytest.param("@evil.example/", id="what makes the host a user name"),
        pytest.param(":8443/", id="what makes another port"),
        pytest.param("odd", id="a word"),
        pytest.param("", id="nothing"),
        pytest.param("https://[::1", id="half an address"),
        pytest.param(f"{API}/{'x' * 2000}", id="a path without end"),
    ],
)
def test_a_link_without_a_path_fails(url: str, script: Script, clock: Clock) -> None:
    script.expect("GET", FIRST, body={"page": 1}, headers=link(url))
    with pytest.raises(GitHubError):
        bodies(new_client(script, clock))


@pytest.mark.parametrize("text", ["", "odd", ";;,=", '<odd; rel="last', "<>"])
def test_an_invalid_link_header_ends_the_list(text: str, script: Script, clock: Clock) -> None:
    script.expect("GET", FIRST, body={"page": 1}, headers={"Link": text})
    assert bodies(new_client(script, clock)) == [{"page": 1}]


def test_endless_pages_fail(script: Script, clock: Clock) -> None:
    script.expect("GET", FIRST, body={}, headers=link(f"{API}{PATH}?page=1"))
    for number in range(1, 1000):
        script.expect("GET", f"{PATH}?page={number}", body={}, headers=link(f"{API}{PATH}?page={number + 1}"))
    with pytest.raises(GitHubError, match="more than 1000 pages"):
        bodies(new_client(script, clock))


def test_an_unprintable_link_fails(script: Script, clock: Clock) -> None:
    script.expect("GET", FIRST, body={}, headers=link(f"{API}{PATH}?page=\x1b[2J"))
    with pytest.raises(GitHubError, match="GitHub sent a malformed link to the next page"):
        bodies(new_client(script, clock))


def test_repeated_pages_fail(script: Script, clock: Clock) -> None:
    script.expect("GET", FIRST, body={}, headers=link(f"{API}{PATH}?page=2"))
    script.expect("GET", f"{PATH}?page=2", body={}, headers=link(f"{API}{FIRST}"))
    with pytest.raises(GitHubError, match="answer repeat"):
        bodies(new_client(script, clock))


# --- redirects ---


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("location", [f"{API}/repositories/7", "/repositories/7"], ids=["absolute", "relative"])
def test_a_redirect_is_followed_if_the_request_allows_redirects(
    location: str, status: int, script: Script, clock: Clock
) -> None:
    script.expect("GET", "/repos/octo/old", status=status, headers={"Location": location})
    script.expect("GET", "/repositories/7", **OK)

    client = new_client(script, clock)
    answer = client.request("GET", "/repos/octo/old", follow=True)

    assert (answer.body, answer.moved) == ({"total_count": 0}, True)
    assert script.requests[1].headers["Authorization"] == BEARER
    assert len(script.requests) == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
def test_a_redirect_fails_if_the_request_allows_no_redirects(method: str, script: Script, clock: Clock) -> None:
    script.expect(method, PATH, status=307, headers={"Location": "/elsewhere"})
    client = new_client(script, clock)
    with pytest.raises(GitHubError, match=r"307.* The resource has another address now"):
        client.request(method, PATH)
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [301, 307])
@pytest.mark.parametrize(
    "location",
    ["https://evil.example/", "//evil.example/", "http://api.github.com/", "https://api.github.com:8443/"],
    ids=["another host", "another host, in short", "plain http", "another port"],
)
def test_a_redirect_to_another_host_fails(location: str, status: int, script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, status=status, headers={"Location": location})
    client = new_client(script, clock)
    with pytest.raises(Unreachable, match=f"^{API} redirects to .*, but the token must not be sent there"):
        client.request("GET", PATH, follow=True)
    assert len(script.requests) == 1
    assert clock.pauses == []


@pytest.mark.parametrize("location", ["http://[", f"https://octo@{API.removeprefix('https://')}/", "mailto:octo"])
def test_a_redirect_to_an_invalid_url_fails(location: str, script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, status=307, headers={"Location": location})
    with pytest.raises(Unreachable, match=f"^{API} (redirects to|cannot be used)"):
        new_client(script, clock).request("GET", PATH, follow=True)
    assert clock.pauses == []


def test_a_redirect_without_a_location_fails(script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, status=301)
    with pytest.raises(GitHubError, match="301"):
        new_client(script, clock).request("GET", PATH)


def test_redirects_in_a_circle_fail(script: Script, clock: Clock) -> None:
    for dummy in range(6):
        script.expect("GET", PATH, status=307, headers={"Location": PATH})
    client = new_client(script, clock)
    with pytest.raises(Unreachable, match="redirected more than 5 times"):
        client.request("GET", PATH, follow=True)
    assert clock.pauses == []
    assert len(script.requests) == 6


def test_a_fault_behind_a_redirect_counts_both_requests(script: Script, clock: Clock) -> None:
    script.expect("GET", PATH, status=307, headers={"Location": "/elsewhere"})
    script.expect("GET", "/elsewhere", error=requests.ConnectionError())
    client = new_client(script, clock, retries=0)
    with pytest.raises(Unreachable):
        client.request("GET", PATH, follow=True)
    assert len(script.requests) == 2
