# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub's manners: retries, limits, redirects, pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from ansible_collections.devex.github.plugins.module_utils._errors import (
    GitHubError,
    ProxyDenied,
    Stopped,
    Unauthorized,
    Unreachable,
    Unusable,
)
from ansible_collections.devex.github.plugins.module_utils._github.limit import limit_of
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.refusal import refusal
from ansible_collections.devex.github.plugins.module_utils._github.wire import Answer, Connection, Fault, Wire
from ansible_collections.devex.github.plugins.module_utils._outside import number, printable
from ansible_collections.devex.github.plugins.module_utils._scope import Need
from ansible_collections.devex.github.plugins.module_utils._time import format_time, parse_expiration, parse_http_date

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

_FIRST_PAUSE_SECONDS = 0.5
# What is shorter is no wait in which somebody else changes something.
_MOMENT_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 60.0
_MOVED = frozenset({301, 302, 307, 308})
_REDIRECTS = 5
_PAGES = 1000
_PATH_LENGTH = 1000
_MORE = Need("more permissions")
# Whoever is told that a token expires needs some days to have another.
_SOON = timedelta(days=7)


@dataclass
class Attempt:
    """A write on its way, for whoever has to know what becomes of it."""

    #: What is sent first.
    body: Mapping[str, Any] | None
    #: Makes the body anew: what it was made of may have changed while it waited.
    renew: Callable[[], Mapping[str, Any] | None]
    #: Whether a try of it may have reached GitHub, and was not answered.
    lost: bool = False


class _Waited(Exception):
    """A request that waited, and was not sent."""


class Http:
    """GitHub's REST conventions, for any number of threads."""

    def __init__(
        self,
        connection: Connection,
        *,
        adapter: BaseAdapter | None = None,
        pace: Callable[[], Pace] | None = None,
    ) -> None:
        """:arg adapter: what carries the requests, instead of the network.

        :arg pace: makes one for each token.
        """
        self._connection = connection
        self._wire = Wire(connection, adapter)
        self._new_pace = pace or (lambda: Pace(connection.max_wait))
        self._paces: dict[str, Pace] = {}
        self._stopped: Stopped | None = None
        self._lock = threading.Lock()
        #: What the user should know, though it fails nothing.
        self.notices: list[str] = []
        #: The tokens of which the user knows that they expire.
        self._expiring: set[str] = set()
        #: GitHub's time in its last answer; None: it has told none.
        self.now: datetime | None = None
        #: limit, remaining, used and reset (seconds since 1970) of the last answer that had them.
        self.rate_limit: dict[str, int] = {}

    @property
    def calls(self) -> int:
        """Requests sent, with retries and redirects."""
        return self._wire.calls

    def token(self, token: str | None) -> str:
        """The token that is used; None: that of the task."""
        return token or self._connection.token or ""

    def points_spent(self, token: str | None) -> int:
        """Points of GitHub's limits that all requests with a token took so far, GraphQL's own left out."""
        return self._pace(self.token(token)).points_spent

    def seconds_for(self, points: int) -> float:
        """Seconds that so many more points take at least, at GitHub's pace."""
        paces = list(self._paces.values())
        return max((pace.seconds_for(points // len(paces)) for pace in paces), default=0.0)

    def monotonic(self, token: str | None) -> float:
        """Seconds of the clock that waits are measured with."""
        return self._pace(self.token(token)).monotonic()

    def stop(self, reason: Stopped) -> None:
        """Have nothing more sent, with any token."""
        with self._lock:
            self._stopped = reason
            paces = list(self._paces.values())
        for pace in paces:
            pace.stop(reason)

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()

    def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        need: Need = _MORE,
        follow: bool = False,
        token: str | None = None,
        attempt: Attempt | None = None,
    ) -> Answer:
        """Send one request, as often as it takes.

        :arg path: below the API address, with the query.
        :arg need: what the endpoint asks of a token, for the error text.
        :arg follow: whether to ask again where GitHub says that it has moved to; the answer then says so.
        :arg token: instead of that of the task.
        :arg attempt: whose body is made anew before whatever is sent after a wait, and which is told of what is lost.
        :raises GitHubError: GitHub refuses it, cannot be reached, or has a limit that ends too late.
        """
        token, faults = self.token(token), 0
        pace = self._pace(token)
        while True:
            try:
                answer = self._send(method, path, body, follow, token, attempt)
            except _Waited:
                body = attempt.renew() if attempt else body
                continue
            except ProxyDenied as reason:
                # Whatever the token is.
                self.stop(reason)
                raise
            except Fault as fault:
                if attempt and fault.sent:
                    attempt.lost = True
                if faults >= self._connection.retries:
                    if not fault.answered:
                        pace.lost()
                    url = self._connection.api_url
                    failed = f"failed after {f'{faults + 1} tries' if faults else 'one try'}: {fault}."
                    if attempt and attempt.lost:
                        failed += " It may have been carried out all the same."
                    raise Unreachable(f"{method} {url}{path} {failed}", cause=f"{method} at {url} {failed}") from fault
                pace.pause(min(_FIRST_PAUSE_SECONDS * 2.0**faults, _LONGEST_PAUSE_SECONDS))
                faults += 1
                body = attempt.renew() if attempt else body
                continue
            pace.heard()
            limit = limit_of(answer.status, answer.headers, answer.body)
            if limit is not None:
                pace.refused(path, limit)
                continue
            if answer.status >= 300:
                sent = (body or {}).get("encrypted_value")
                # With what api_url puts in front: what is missing may be the API.
                shown = urlsplit(self._connection.api_url).path + path
                error = refusal(method, shown, answer.status, answer.headers, answer.body, need=need, sent=sent)
                if isinstance(error, Unauthorized):
                    pace.stop(error)
                raise error
            return answer

    def pages(
        self,
        path: str,
        *,
        query: str = "",
        need: Need = _MORE,
        follow: bool = False,
        token: str | None = None,
    ) -> Iterator[Answer]:
        """A list page by page, a hundred rows each.

        :arg query: what else is asked of each page, such as C(&sort=created).
        """
        next_path: str | None = f"{path}?per_page=100{query}"
        seen: set[str] = set()
        while next_path is not None:
            if next_path in seen:
                raise GitHubError(f"GET {path}: the pages of GitHub's answer go round in a circle.")
            if len(seen) == _PAGES:
                raise GitHubError(f"GET {path}: GitHub's answer has more than {_PAGES} pages.")
            seen.add(next_path)
            answer = self.request("GET", next_path, need=need, follow=follow, token=token)
            yield answer
            next_path = self._path(answer.next_url)

    def _path(self, url: str | None) -> str | None:
        """The path of the next page.

        Only the path of the link counts, so that the token goes to no other host, whatever the link says.
        """
        if url is None:
            return None
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        path = parts.path.removeprefix(urlsplit(self._connection.api_url).path)
        path = f"{path}?{parts.query}" if parts.query else path
        if not path.startswith("/") or printable(path, _PATH_LENGTH) != path:
            raise GitHubError("GitHub sent a link to the next page that cannot be followed.")
        return path

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        follow: bool,
        token: str,
        attempt: Attempt | None,
    ) -> Answer:
        """Send a request once, and if it may be, again wherever GitHub says that it has moved to.

        :raises _Waited: instead, with an attempt, where its turn did not come at once.
        """
        url, pace = self._connection.api_url + path, self._pace(token)
        for redirects in range(_REDIRECTS + 1):
            if pace.enter(method, path) > _MOMENT_SECONDS and attempt is not None:
                pace.answered(method, path, sent=False)
                raise _Waited
            sent = True
            try:
                answer = self._wire.exchange(method, url, body, token)
            except Fault as fault:
                sent = fault.sent
                raise
            finally:
                pace.answered(method, path, sent=sent)
            self.now = parse_http_date(answer.headers.get("Date")) or self.now
            self._note_rate_limit(answer.headers)
            self._note_expiration(answer.headers, path, token)
            if not follow or answer.status not in _MOVED or "Location" not in answer.headers:
                return replace(answer, moved=redirects > 0)
            url = self._moved(url, answer.headers["Location"])
        raise Unusable(f"{method} {path} is redirected more than {_REDIRECTS} times.")

    def _moved(self, url: str, location: str) -> str:
        try:
            target = urljoin(url, location)
            there, here = urlsplit(target), urlsplit(self._connection.api_url)
            same_host = (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
        except ValueError as error:
            raise Unusable(f"{self._connection.api_url} redirects to something that is no address.") from error
        if not same_host or there.username is not None:
            host = printable(f"{there.scheme}://{there.hostname}", 100)
            raise Unusable(f"{self._connection.api_url} redirects to {host}, where the token must not go.")
        return target

    def _pace(self, token: str) -> Pace:
        with self._lock:
            if token not in self._paces:
                self._paces[token] = self._new_pace()
                if self._stopped is not None:
                    self._paces[token].stop(self._stopped)
            return self._paces[token]

    def _note_expiration(self, headers: Mapping[str, str], path: str, token: str) -> None:
        expires = parse_expiration(headers.get("GitHub-Authentication-Token-Expiration"))
        now = parse_http_date(headers.get("Date")) or datetime.now(timezone.utc)
        if expires is None or expires - now > _SOON:
            return
        with self._lock:
            if token in self._expiring:
                return
            self._expiring.add(token)
        # That of the task without the path, so that Ansible shows it once for all tasks.
        which = "" if token == self._connection.token else f" for {path.partition('?')[0]}"
        self.notices.append(f"The token{which} expires at {format_time(expires)}. Have another one by then.")

    def _note_rate_limit(self, headers: Mapping[str, str]) -> None:
        found = {key: number(headers.get(f"X-RateLimit-{key}")) for key in ("limit", "remaining", "used", "reset")}
        limit = {key: amount for key, amount in found.items() if amount is not None}
        if limit:
            with self._lock:
                self.rate_limit = limit
