# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on demand: faults, and limits on the number of requests."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from . import errors
from .clock import Clock

PRIMARY_LIMIT = 5000
WINDOW = 3600
KINDS = ("status", "drop", "drop_after", "delay", "truncate", "not_json")
ANSWERS = ("retry_after", "retry_after_date", "reset", "bare")


@dataclass
class Fault:
    """What happens to some requests.

    ``kind``: ``status`` (answer with `status`, `headers`, `body`), ``drop`` (close the connection, nothing is done),
    ``drop_after`` (do it, then close the connection without an answer), ``delay`` (by `seconds`, then as usual),
    ``truncate`` (do it, send half of the answer), ``not_json`` (answer with a page of HTML, nothing is done).
    ``method`` and ``path`` (a regular expression, searched in the path without and with the query) choose the
    requests; the first `times` of them (None: all) are hit.
    """

    kind: str
    method: str | None = None
    path: str = ""
    times: int | None = 1
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no kind of fault {self.kind!r}, only {', '.join(KINDS)}")
        re.compile(self.path)

    def hits(self, method: str, path: str, query: str) -> bool:
        """Whether this request is hit; counts."""
        if self.times == 0 or (self.method and self.method.upper() != method):
            return False
        if not re.search(self.path, path) and not (query and re.search(self.path, f"{path}?{query}")):
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The faults that are set. A request gets the first that hits it; delays add up with what follows."""

    def __init__(self) -> None:
        self.rows: list[Fault] = []

    def take(self, method: str, path: str, query: str) -> tuple[float, Fault | None]:
        """Seconds to wait before this request, and what to do to it."""
        seconds = 0.0
        for fault in self.rows:
            if fault.hits(method, path, query):
                if fault.kind != "delay":
                    return seconds, fault
                seconds += fault.seconds
        return seconds, None


@dataclass
class WindowLimit:
    """At most `allow` requests (of `methods`; None: of all) in `window` real seconds, from the first one on."""

    allow: int
    window: float = 1.0
    methods: list[str] | None = None
    status: int = 403
    answer: str = "retry_after"
    started: float = field(default=-math.inf, init=False)
    count: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.answer not in ANSWERS:
            raise ValueError(f"there is no answer {self.answer!r}, only {', '.join(ANSWERS)}")
        if self.status not in (403, 429):
            raise ValueError("a limit's status is 403 or 429")

    def refusal(self, method: str, clock: Clock) -> errors.Refused | None:
        """None if there is room for this request; counts it then."""
        if self.methods is not None and method not in self.methods:
            return None
        now = time.monotonic()
        if now >= self.started + self.window:
            self.started, self.count = now, 0
        if self.count < self.allow:
            self.count += 1
            return None
        rest = max(1, math.ceil(self.started + self.window - now))
        if self.answer == "retry_after":
            return errors.secondary_limit(self.status, {"Retry-After": str(rest)})
        if self.answer == "retry_after_date":
            return errors.secondary_limit(
                self.status, {"Retry-After": formatdate(math.ceil(clock.now() + rest), usegmt=True)}
            )
        if self.answer == "reset":
            reset = str(math.ceil(clock.now() + rest))
            headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Used": str(PRIMARY_LIMIT), "X-RateLimit-Reset": reset}
            return errors.primary_limit(self.status, headers, "user ID 1")
        return errors.secondary_limit(self.status, {})


@dataclass
class Usage:
    """How much of the hourly limit is used; `reset` in seconds since the epoch, of the emulator's clock."""

    reset: int
    used: int = 0

    def headers(self, resource: str) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(PRIMARY_LIMIT),
            "X-RateLimit-Remaining": str(max(0, PRIMARY_LIMIT - self.used)),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Resource": resource,
        }


class Limits:
    """The limits that are set, and the counters that GitHub sends with every answer.

    As long as nobody sets a limit nothing is refused: a counter that would reach GitHub's 5,000 starts again.
    """

    def __init__(self) -> None:
        self.clear()
        self._usage: dict[tuple[str, str], Usage] = {}

    def clear(self) -> None:
        self.window: WindowLimit | None = None
        self._primary: Usage | None = None
        self._primary_status = 403

    def set(self, row: Mapping[str, Any], clock: Clock) -> None:
        """Set what a request to the control API says; ValueError or TypeError if it makes no sense."""
        if "remaining" not in row:
            self.window = WindowLimit(**row)
            return
        unknown = set(row) - {"remaining", "reset_in", "status"}
        if unknown:
            raise ValueError(f"a primary limit has no {', '.join(sorted(unknown))}")
        reset = math.ceil(clock.now() + row.get("reset_in", WINDOW))
        self._primary = Usage(reset, PRIMARY_LIMIT - int(row["remaining"]))
        self._primary_status = int(row.get("status", 403))

    def usage(self, login: str, resource: str, clock: Clock) -> Usage:
        """The counter for one user's requests."""
        now = clock.now()
        if self._primary is not None:
            if now < self._primary.reset:
                return self._primary
            self._primary = None
        found = self._usage.get((login, resource))
        if found is None or now >= found.reset or found.used >= PRIMARY_LIMIT:
            found = self._usage[login, resource] = Usage(int(now) + WINDOW)
        return found

    def take(self, method: str, usage: Usage, clock: Clock) -> None:
        """Count a request; raise the refusal if a limit is reached."""
        if usage is self._primary and usage.used >= PRIMARY_LIMIT:
            raise errors.primary_limit(self._primary_status, {}, "user ID 1")
        usage.used += 1
        refused = self.window.refusal(method, clock) if self.window else None
        if refused is not None:
            raise refused
