# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub's manners on top of requests, which nothing else imports: retries, pages, redirects."""

from __future__ import annotations

import json
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, Unreachable
from ansible_collections.devex.github.plugins.module_utils._github.limit import Gate, limit_of
from ansible_collections.devex.github.plugins.module_utils._github.refusal import refusal

REQUESTS_IMPORT_ERROR: str | None = None
try:
    import requests
    import urllib3.exceptions
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

_USER_AGENT = "devex.github (Ansible collection)"
_FIRST_PAUSE_SECONDS = 0.5
_MOVED = frozenset({301, 302, 307, 308})
_REDIRECTS = 5


@dataclass(frozen=True)
class Connection:
    """How to reach GitHub."""

    token: str = field(repr=False)
    api_url: str
    api_version: str
    #: Seconds to be connected, and between bytes.
    timeout: float
    #: Tries after the first, of one request.
    retries: int
    #: Seconds that may be slept for rate limits, in all.
    max_wait: float
    #: Whether certificates are checked, or the path of those to check against.
    verify: bool | str


@dataclass(frozen=True)
class Answer:
    """What GitHub answered."""

    status: int
    headers: Mapping[str, str]
    #: The parsed JSON; None: there is no body, or, from 300 on, none in JSON.
    body: Any


class _Fault(Exception):
    """Something that is worth another try."""


class Http:
    """GitHub's REST conventions on top of requests: retries, limits, pages, refusals. For any number of threads."""

    def __init__(
        self,
        connection: Connection,
        *,
        adapter: BaseAdapter | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """:arg adapter: what carries the requests, instead of the network."""
        self._connection = connection
        self._adapter = adapter
        self._sleep = sleep
        self._gate = Gate(connection.max_wait, monotonic, sleep)
        self._local = threading.local()
        self._lock = threading.Lock()
        self._sessions: list[requests.Session] = []
        #: Requests sent, with retries and redirects.
        self.calls = 0
        #: limit, remaining, used and reset (seconds since 1970) of the last answer that had them.
        self.rate_limit: dict[str, int] = {}

    def close(self) -> None:
        """Close all connections."""
        for session in self._sessions:
            session.close()

    def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, permission: str = "more permissions"
    ) -> Answer:
        """Send one request, as often as it takes.

        :arg path: below the API address, with the query.
        :arg permission: what the endpoint needs, for the error text.
        :raises GitHubError: GitHub refuses it, cannot be reached, or has a limit that ends too late.
        """
        faults = limits = 0
        while True:
            self._gate.enter()
            try:
                answer = self._send(method, path, body)
                if answer.status >= 500:
                    raise _Fault(f"GitHub answered {answer.status}")
            except _Fault as fault:
                if faults >= self._connection.retries:
                    tries = f"{faults + 1} tries" if faults else "one try"
                    raise Unreachable(f"{method} {path} failed after {tries}: {fault}.") from fault
                self._sleep(_FIRST_PAUSE_SECONDS * 2.0**faults)
                faults += 1
                continue
            limit = limit_of(answer.status, answer.headers, answer.body, limits)
            if limit is not None:
                self._gate.close(limit)
                limits += 1
                continue
            if answer.status >= 300:
                sent = (body or {}).get("encrypted_value")
                raise refusal(
                    method, path, answer.status, answer.headers, answer.body, permission=permission, sent=sent
                )
            return answer

    def pages(self, path: str, *, permission: str = "more permissions") -> Iterator[Answer]:
        """A list page by page, a hundred rows each."""
        next_path: str | None = f"{path}?per_page=100"
        seen = set()
        while next_path is not None:
            if next_path in seen:
                raise GitHubError(f"GET {path}: the pages of GitHub's answer go round in a circle.")
            seen.add(next_path)
            answer = self.request("GET", next_path, permission=permission)
            yield answer
            next_path = self._next(answer)

    def _next(self, answer: Answer) -> str | None:
        """The path of the next page.

        Only the path of the link counts, so that the token goes to no other host, whatever the link says.
        """
        for link in requests.utils.parse_header_links(answer.headers.get("Link", "")):
            if link.get("rel") == "next":
                try:
                    url = urlsplit(link.get("url", ""))
                except ValueError:
                    url = urlsplit("")
                path = url.path.removeprefix(urlsplit(self._connection.api_url).path)
                if not path.startswith("/"):
                    raise GitHubError("GitHub sent a link to the next page that cannot be followed.")
                return f"{path}?{url.query}" if url.query else path
        return None

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        """Send a request once, and again wherever GitHub says that it has moved to."""
        url = self._connection.api_url + path
        for dummy in range(_REDIRECTS + 1):
            with self._lock:
                self.calls += 1
            try:
                response = self._session().request(
                    method,
                    url,
                    json=body,
                    timeout=self._connection.timeout,
                    # requests itself would turn a moved PUT into a GET, and lets .netrc replace the token.
                    allow_redirects=False,
                    # Given here, since requests prefers REQUESTS_CA_BUNDLE to what a session says.
                    verify=self._connection.verify,
                )
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                raise self._fault(error) from error
            self._note_rate_limit(response.headers)
            if response.status_code not in _MOVED or "Location" not in response.headers:
                return Answer(response.status_code, response.headers, _json(response))
            url = self._moved(url, response.headers["Location"])
        raise Unreachable(f"{method} {path} is redirected more than {_REDIRECTS} times.")

    def _moved(self, url: str, location: str) -> str:
        try:
            target = urljoin(url, location)
            there, here = urlsplit(target), urlsplit(self._connection.api_url)
            same_host = (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
        except ValueError as error:
            raise Unreachable(f"{self._connection.api_url} redirects to something that is no address.") from error
        if not same_host or there.username is not None:
            host = f"{there.scheme}://{there.hostname}"
            raise Unreachable(f"{self._connection.api_url} redirects to {host}, where the token must not go.")
        return target

    def _fault(self, error: Exception) -> Exception:
        text = _describe(error)
        if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
            return Unreachable(
                f"The certificate of {self._connection.api_url} cannot be verified ({text}). "
                "Name the authority that issued it with ca_path."
            )
        if isinstance(error, ValueError):
            return Unreachable(f"{self._connection.api_url} cannot be used: {text}.")
        return _Fault(text)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.headers.update(
                {
                    "Accept": "application/vnd.github+json",
                    "User-Agent": _USER_AGENT,
                    "X-GitHub-Api-Version": self._connection.api_version,
                }
            )
            # As auth: a .netrc entry would replace a plain header.
            session.auth = self._authorize
            if self._adapter is not None:
                session.mount(self._connection.api_url, self._adapter)
            with self._lock:
                self._sessions.append(session)
        return session

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._connection.token}"
        return request

    def _note_rate_limit(self, headers: Mapping[str, str]) -> None:
        limit = {
            key: int(headers[f"X-RateLimit-{key}"])
            for key in ("limit", "remaining", "used", "reset")
            if headers.get(f"X-RateLimit-{key}", "").isdecimal()
        }
        if limit:
            with self._lock:
                self.rate_limit = limit


def _json(response: requests.Response) -> Any:
    if not response.content:
        return None
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError) as error:
        if response.status_code >= 300:
            return None
        raise _Fault(f"GitHub answered {response.status_code} with something that is not JSON") from error


def _describe(error: Exception) -> str:
    """An error's kind and innermost cause, without the addresses and headers that its text may hold."""
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    cause: BaseException = error
    while cause.__cause__ is not None or cause.__context__ is not None:
        cause = cause.__cause__ or cause.__context__ or cause
    reason = getattr(cause, "strerror", None) or type(cause).__name__
    return f"{type(error).__name__}, {reason}"
