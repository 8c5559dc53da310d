# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to GitHub at a time. It does not use the collection, so it cannot share the collection's mistakes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

API_VERSION = "2026-03-10"
_TIMEOUT = 30
#: How long to wait if GitHub does not say when a limit ends, as GitHub asks for.
LIMIT_SECONDS = 60.0


class RateLimited(Exception):
    """GitHub rejected a request because of a rate limit, which ends in some seconds."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


@dataclass(frozen=True)
class Reply:
    """GitHub's response; `body` is None unless it is JSON. The names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any = None


@dataclass(frozen=True)
class _Bearer(requests.auth.AuthBase):
    """Sends the token. As a header of the session, requests would replace it with that of a ``.netrc``."""

    token: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class GitHub:
    """Sends requests to `url` with a token, and waits for `pause` seconds after each write, as GitHub asks for."""

    def __init__(self, url: str, token: str, pause: float) -> None:
        self.url = url
        self._pause = pause
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
        :raises requests.RequestException: there is no response.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self._session.request(
            method, self.url + path, json=body, headers=named, timeout=_TIMEOUT, allow_redirects=False
        )
        reply = Reply(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            response.json() if "json" in response.headers.get("Content-Type", "") and response.content else None,
        )
        if is_limit(reply):
            message = f"GitHub answered {reply.status} to {method} {path} because of a rate limit."
            raise RateLimited(message, limit_seconds(reply, time.time()))
        if method != "GET":
            time.sleep(self._pause)
        return reply

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
