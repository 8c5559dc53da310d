# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow GitHub's REST conventions for one token or installation: turns, retries, redirects, pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.devex.github.plugins.module_utils._errors import (
    GitHubError,
    ProxyDenied,
    Stopped,
    Unauthorized,
    Unreachable,
    Unusable,
)
from ansible_collections.devex.github.plugins.module_utils._github.credentials import Credentials
from ansible_collections.devex.github.plugins.module_utils._github.hour import left_of
from ansible_collections.devex.github.plugins.module_utils._github.links import next_path, redirected, url_of
from ansible_collections.devex.github.plugins.module_utils._github.pace import MOMENT_SECONDS, Pace
from ansible_collections.devex.github.plugins.module_utils._github.rate_limit import Limit, limit_of
from ansible_collections.devex.github.plugins.module_utils._github.refusal import refusal
from ansible_collections.devex.github.plugins.module_utils._github.transport import (
    Answer,
    Bearer,
    Connection,
    Fault,
    Transport,
)
from ansible_collections.devex.github.plugins.module_utils._scope import Need
from ansible_collections.devex.github.plugins.module_utils._time import format_time, parse_expiration, parse_http_date
from ansible_collections.devex.github.plugins.module_utils._validation import number

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 60.0
_UNAUTHORIZED = 401
_MOVED = frozenset({301, 302, 307, 308})
_REDIRECTS = 5
_PAGES = 1000
_MORE = Need("more permissions")
# It may take days to get a new token.
_SOON = timedelta(days=7)


@dataclass(frozen=True)
class Request:
    """A request to GitHub, without its body."""

    method: str
    #: Relative to the URL of the API, with the query.
    path: str
    need: Need = _MORE
    #: Whether to follow redirects.
    follow: bool = False


class Turn:
    """One try of a request. The caller makes the body, sends it, and continues with the next turn."""

    def __init__(self, client: Client, request: Request, *, waited: bool = False, lost: bool = False) -> None:
        self._client = client
        self._request = request
        #: Whether the request has waited since its first turn, so the state that its body relies on may have changed.
        self.waited = waited
        #: Whether a try may have reached GitHub without an answer.
        self.lost = lost
        #: None: GitHub has not answered, or has rejected the try because of a rate limit.
        self.answer: Answer | None = None
        self.fault: Fault | None = None
        self.limit: Limit | None = None

    def send(self, body: Mapping[str, Any] | None = None) -> None:
        """Send the request, unless it has waited: then the next turn sends it.

        :raises GitHubError: GitHub rejects the request, or nothing more may be sent.
        """
        try:
            answer = self._client.exchange(self._request, body)
        except Fault as fault:
            self.fault, self.lost = fault, self.lost or fault.sent
            return
        if answer is None:
            return
        self.limit = limit_of(answer.status, answer.headers, answer.body)
        if self.limit is None:
            self._client.check(self._request, answer, body)
            self.answer = answer


class Client:
    """Sends all requests with one token. Safe for any number of threads."""

    def __init__(
        self, connection: Connection, transport: Transport, credentials: Credentials, pace: Pace, *, is_main: bool
    ) -> None:
        """:arg is_main: whether this is the token of the task, not of a target."""
        self._connection = connection
        self._transport = transport
        self._is_main = is_main
        self._lock = threading.Lock()
        self._expires_soon = False
        self.credentials = credentials
        self.pace = pace
        #: GitHub's time in its last answer; None: no answer had one.
        self.now: datetime | None = None
        #: limit, remaining, used and reset (seconds since 1970) of the last answer that had them.
        self.rate_limit: dict[str, int] = {}
        #: When rate_limit was read, in seconds of a monotonic clock.
        self.rate_limit_at = 0.0
        #: Warnings for the user.
        self.notices: list[str] = []

    def begin(self) -> None:
        """Begin another item of a loop: forget what belongs to the result of the previous one."""
        self.notices.clear()
        self.rate_limit = {}
        self.credentials.forget_errors()
        self.pace.begin()

    def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, need: Need = _MORE, follow: bool = False
    ) -> Answer:
        """Send a request, with retries, and return its answer. For the arguments, see Request.

        :raises GitHubError: GitHub rejects it, cannot be reached, or has a rate limit that ends too late.
        """
        turn: Turn | None = None
        for turn in self.turns(Request(method, path, need, follow)):
            turn.send(body)
        if turn is None or turn.answer is None:
            raise TypeError("the turns of a request end with its answer")
        return turn.answer

    def turns(self, request: Request) -> Iterator[Turn]:
        """Yield turns until GitHub has answered. Waits for retries and rate limits happen between them.

        :raises GitHubError: GitHub cannot be reached, or has a rate limit that ends too late.
        """
        faults = 0
        turn = Turn(self, request)
        while True:
            yield turn
            if turn.fault is not None:
                faults += 1
                self._pause(request, turn, faults)
            if turn.limit is not None:
                self.pace.refused(request.path, turn.limit)
            if turn.answer is not None:
                return
            turn = Turn(self, request, waited=True, lost=turn.lost)

    def pages(self, path: str, *, query: str = "", need: Need = _MORE, follow: bool = False) -> Iterator[Answer]:
        """Read a list page by page, a hundred rows each, with further parameters such as C(&sort=created)."""
        next_page: str | None = f"{path}?per_page=100{query}"
        seen: set[str] = set()
        while next_page is not None:
            if next_page in seen:
                raise GitHubError(f"GET {path}: the pages of GitHub's answer repeat.")
            if len(seen) == _PAGES:
                raise GitHubError(f"GET {path}: GitHub's answer has more than {_PAGES} pages.")
            seen.add(next_page)
            answer = self.request("GET", next_page, need=need, follow=follow)
            yield answer
            next_page = next_path(self._connection.api_url, answer.next_url)

    def stop(self, reason: Stopped) -> None:
        """Send nothing more with this token."""
        self.pace.stop(reason)

    def exchange(self, request: Request, body: Mapping[str, Any] | None) -> Answer | None:
        """Send a request once, and follow redirects if the request allows it.

        :returns: the answer; None: the request has waited, or another token may be accepted, so it must be sent again.
        :raises Fault: no answer came, or an invalid one.
        """
        came = self.pace.monotonic()
        with self.credentials.bearer() as bearer:
            if self.pace.monotonic() - came > MOMENT_SECONDS:
                return None
            answer = self._exchange(request, body, bearer)
            if answer is None:
                return None
            if answer.status != _UNAUTHORIZED:
                self.credentials.accepted(bearer)
                return answer
            seconds = self.credentials.repeat_after(bearer, self.now)
            if seconds is None:
                return answer
            self.pace.pause(seconds)
            return None

    def _exchange(self, request: Request, body: Mapping[str, Any] | None, bearer: Bearer) -> Answer | None:
        """Send a request with this token, and follow redirects; None: it has waited."""
        method, path = request.method, request.path
        url = url_of(self._connection.api_url, path)
        for redirects in range(_REDIRECTS + 1):
            if not self.pace.enter(method, path):
                return None
            sent, left = True, None
            try:
                answer = self._transport.exchange(method, url, body, bearer)
                left = left_of(answer.headers)
            except Fault as fault:
                sent = fault.sent
                raise
            except ProxyDenied as denied:
                self.stop(denied)
                raise
            finally:
                self.pace.answered(method, path, sent=sent, left=left)
            self.pace.note_answer()
            self.now = parse_http_date(answer.headers.get("Date")) or self.now
            self._note_rate_limit(answer.headers)
            self._note_expiration(answer.headers, path)
            if not request.follow or answer.status not in _MOVED or "Location" not in answer.headers:
                return replace(answer, moved=redirects > 0)
            url = redirected(self._connection.api_url, url, answer.headers["Location"])
        raise Unusable(f"{method} {path} is redirected more than {_REDIRECTS} times.")

    def check(self, request: Request, answer: Answer, body: Mapping[str, Any] | None) -> None:
        """Check the status of an answer.

        :raises GitHubError: it is 300 or more. The text has GitHub's message and advice.
        """
        if answer.status < 300:
            return
        # With the path of api_url, because a 404 may be caused by it.
        shown = urlsplit(self._connection.api_url).path + request.path
        sent = (body or {}).get("encrypted_value")
        error = refusal(
            request.method,
            shown,
            answer.status,
            answer.headers,
            answer.body,
            need=request.need,
            sent=sent,
            is_app=self.credentials.is_app,
            unauthorized=self.credentials.advice(parse_http_date(answer.headers.get("Date"))),
        )
        if isinstance(error, Unauthorized):
            self.stop(error)
        raise error

    def _pause(self, request: Request, turn: Turn, faults: int) -> None:
        """Wait before the next try of a request that has failed so many times.

        :raises Unreachable: that was the last try.
        """
        fault = turn.fault
        if faults <= self._connection.retries:
            self.pace.pause(min(_FIRST_PAUSE_SECONDS * 2.0 ** (faults - 1), _LONGEST_PAUSE_SECONDS))
            return
        if fault is not None and not fault.answered:
            self.pace.lost()
        tries = f"{faults} tries" if faults > 1 else "one try"
        cause = f"{request.method} at {self._connection.api_url} failed after {tries}: {fault}."
        if turn.lost and request.method in ("PUT", "DELETE"):
            cause += " It may have been carried out all the same."
        raise Unreachable(cause, detail=request.path) from fault

    def _note_expiration(self, headers: Mapping[str, str], path: str) -> None:
        expires = parse_expiration(headers.get("GitHub-Authentication-Token-Expiration"))
        now = parse_http_date(headers.get("Date")) or datetime.now(timezone.utc)
        if self.credentials.is_app or expires is None or expires - now > _SOON:
            return
        with self._lock:
            warned, self._expires_soon = self._expires_soon, True
        if not warned:
            # For the token of the task without the path, so that Ansible shows the warning once for all tasks.
            which = "" if self._is_main else f" for {path.partition('?')[0]}"
            self.notices.append(f"The token{which} expires at {format_time(expires)}. Create a new token before then.")

    def _note_rate_limit(self, headers: Mapping[str, str]) -> None:
        amounts = {key: number(headers.get(f"X-RateLimit-{key}")) for key in ("limit", "remaining", "used", "reset")}
        limit = {key: amount for key, amount in amounts.items() if amount is not None}
        if limit:
            with self._lock:
                self.rate_limit, self.rate_limit_at = limit, self.pace.monotonic()
