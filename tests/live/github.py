# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to GitHub at a time. It does not use the collection, so it cannot share the collection's mistakes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import requests

API_VERSION = "2026-03-10"
_TIMEOUT = 30
#: Seconds to wait if GitHub does not report the end of a limit, as its documentation asks.
LIMIT_SECONDS = 60.0

Part = TypeVar("Part")


class RateLimited(Exception):
    """GitHub rejected a request because of a rate limit, which ends in some seconds."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Unanswered(Exception):
    """GitHub did not answer, or its answer is not usable. `detail` names the request, so the page must not show it."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


@dataclass(frozen=True)
class Reply:
    """GitHub's response; `body` is None unless it is JSON. The names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any = None

    def part(self, name: str, kind: type[Part]) -> Part:
        """Return a field of the body.

        :raises Unanswered: the body has no such field.
        """
        found = self.body.get(name) if isinstance(self.body, dict) else None
        if not isinstance(found, kind):
            raise Unanswered(f"GitHub answered {self.status} without the expected JSON")
        return found

    def column(self, key: str, rows: str | None = None) -> list[Any]:
        """Return a field of each row in the body, which is the list of rows or has it in the field `rows`.

        :raises Unanswered: the body has no such rows.
        """
        try:
            return [row[key] for row in (self.part(rows, list) if rows else self.body)]
        except (TypeError, KeyError) as error:
            raise Unanswered(f"GitHub answered {self.status} without the expected JSON") from error


@dataclass(frozen=True)
class _Bearer(requests.auth.AuthBase):
    """Sends the token. As a header of the session, requests would replace it with that of a ``.netrc``."""

    token: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class GitHub:
    """Sends requests to `url` with a token, and waits for `pause` seconds between two writes, as GitHub asks for.

    `unanswered_writes` counts the writes that GitHub may still carry out.
    """

    def __init__(self, url: str, token: str, pause: float) -> None:
        self.url = url
        self.unanswered_writes = 0
        self._pause = pause
        self._next_write = 0.0
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        self._session.headers.update(
            {
                "Accept": "application/vnd.github+json",
                "User-Agent": "devex.github-live",
                "X-GitHub-Api-Version": API_VERSION,
            }
        )

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        """Send a request. Write headers with underscores.

        :raises RateLimited: GitHub rejected it because of a rate limit.
        :raises Unanswered: there is no response.
        """
        if method == "GET":
            reply = self._sent(method, path, body, headers)
        else:
            time.sleep(max(0.0, self._next_write - time.monotonic()))
            self.unanswered_writes += 1
            reply = self._sent(method, path, body, headers)
            # Behind a gateway that gave up, the write may go its way.
            self.unanswered_writes -= int(reply.status < 500)
            self._next_write = time.monotonic() + self._pause
        if is_limit(reply):
            message = f"GitHub answered {reply.status} to {method} {path} because of a rate limit."
            raise RateLimited(message, limit_seconds(reply, time.time()))
        return reply

    def _sent(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            response = self._session.request(
                method, self.url + path, json=body, headers=named, timeout=_TIMEOUT, allow_redirects=False
            )
            is_json = "json" in response.headers.get("Content-Type", "") and response.content
            found = response.json() if is_json else None
        except requests.RequestException as error:
            reason = f"GitHub did not answer ({type(error).__name__})"
            raise Unanswered(reason, f"{method} {path}: {error}") from error
        return Reply(response.status_code, {name.lower(): value for name, value in response.headers.items()}, found)

    def close(self) -> None:
        self._session.close()


def is_limit(reply: Reply) -> bool:
    """Return whether a reply is the rejection of a rate limit."""
    if reply.status not in (403, 429):
        return False
    message = str(reply.body.get("message", "")) if isinstance(reply.body, dict) else ""
    used_up = reply.headers.get("x-ratelimit-remaining") == "0"
    return reply.status == 429 or used_up or "retry-after" in reply.headers or "rate limit" in message.lower()


def limit_seconds(reply: Reply, now: float) -> float:
    """Return the seconds until a limit ends."""
    after, reset = (reply.headers.get(name, "") for name in ("retry-after", "x-ratelimit-reset"))
    if after.isdecimal():
        return float(after)
    if reply.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(1.0, float(reset) - now)
    return LIMIT_SECONDS
