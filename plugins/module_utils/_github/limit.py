# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rate limits: which answer is one, how long to wait, and the gate where everybody waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import RateLimited
from ansible_collections.devex.github.plugins.module_utils._outside import number
from ansible_collections.devex.github.plugins.module_utils._time import format_time, parse_http_date

# GitHub asks for at least a minute, and for longer each time, where it does not say how long.
_UNSAID_SECONDS = 60.0
_UNSAID_MOST_SECONDS = 900.0


@dataclass(frozen=True)
class Limit:
    """A rate limit that an answer reported."""

    seconds: float
    #: When it ends, by GitHub's clock.
    ends: datetime


def limit_of(status: int, headers: Mapping[str, str], body: Any, times: int) -> Limit | None:
    """The limit that refused a request; None where the answer is about something else.

    :arg times: how often this request was limited before.
    """
    if not _is_limit(status, headers, body):
        return None
    now = parse_http_date(headers.get("Date")) or datetime.now(timezone.utc)
    seconds = _retry_after(headers.get("Retry-After"), now)
    if seconds is None and headers.get("X-RateLimit-Remaining") == "0":
        seconds = _until(headers.get("X-RateLimit-Reset"), now)
    if seconds is None:
        seconds = min(_UNSAID_SECONDS * 2.0 ** min(times, 10), _UNSAID_MOST_SECONDS)
    seconds = min(max(seconds, 1.0), 10.0**8)
    return Limit(seconds, now + timedelta(seconds=seconds))


def _is_limit(status: int, headers: Mapping[str, str], body: Any) -> bool:
    fields = body if isinstance(body, dict) else {}
    if status == 403:
        message = str(fields.get("message")).lower()
        return (
            "Retry-After" in headers
            or headers.get("X-RateLimit-Remaining") == "0"
            or "rate limit" in message
            or "abuse detection" in message
        )
    if status == 200:
        # GraphQL reports its limit like this, by its older and its newer name.
        errors = fields.get("errors")
        types = [error.get("type") for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
        return "RATE_LIMITED" in types or "RATE_LIMIT" in types
    return status == 429


def _retry_after(text: str | None, now: datetime) -> float | None:
    if text is None:
        return None
    seconds = number(text)
    if seconds is not None:
        return float(seconds)
    date = parse_http_date(text)
    return None if date is None else (date - now).total_seconds()


def _until(text: str | None, now: datetime) -> float | None:
    reset = number(text)
    # One second more: the end of the limit and the time of the answer are both cut to seconds.
    return None if reset is None else reset - now.timestamp() + 1.0


class Gate:
    """All threads pass it before each request; a limit closes it for all of them at once."""

    def __init__(self, max_wait: float, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> None:
        """:arg max_wait: seconds that it may stay closed in all."""
        self._max_wait = max_wait
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._opens_at = 0.0
        self._waited = 0.0
        self._shut: RateLimited | None = None

    def enter(self) -> None:
        """Wait while it is closed.

        :raises RateLimited: it will not open in time.
        """
        while True:
            with self._lock:
                if self._shut is not None:
                    raise self._shut
                pause = self._opens_at - self._monotonic()
            if pause <= 0:
                return
            self._sleep(pause)

    def close(self, limit: Limit) -> None:
        """Keep everybody out until the limit ends.

        :raises RateLimited: that is longer than all may wait.
        """
        with self._lock:
            if self._shut is not None:
                raise self._shut
            now = self._monotonic()
            opens_at = max(self._opens_at, now + limit.seconds)
            waited = self._waited + opens_at - max(self._opens_at, now)
            if waited > self._max_wait:
                self._shut = RateLimited(
                    f"GitHub's rate limit ends at {format_time(limit.ends)}, in {limit.seconds:.0f} s. That is longer "
                    f"than the task may wait: max_wait is {self._max_wait:.0f} s, of which {self._waited:.0f} s are "
                    "spent."
                )
                raise self._shut
            self._opens_at, self._waited = opens_at, waited
