# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub's limits of concurrent requests, points a minute and requests an hour, and their use."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Protocol

from . import errors

HOURLY = 5000
HOUR = 3600
ANSWERS = ("retry_after", "retry_after_date", "reset", "bare")

Spent = tuple[float, int]


class Clock(Protocol):
    """The time, in seconds since the epoch."""

    def now(self) -> float:
        """Return it."""


class Request(Protocol):
    """The parts of a request that limits depend on."""

    @property
    def method(self) -> str:
        """Such as GET."""

    @property
    def path(self) -> str:
        """The path, without the query."""

    @property
    def spender(self) -> str:
        """The token or the installation whose points it takes."""

    @property
    def user(self) -> str:
        """The login whose requests it counts against."""


@dataclass(frozen=True)
class Rules:
    """The limits. The defaults are GitHub's.

    Each token has `points` for any `window` of seconds (a read costs 1, a write 5), separate `graphql_points` (a query
    costs 1), and at most `at_once` requests under way. Each user has `remaining` requests for the next `reset_in`
    seconds, and `hourly` requests in each hour after that.
    If `content_a_minute` and `content_an_hour` are set, each token may send so many requests that create content.
    GitHub has these limits "in general", with 80 and 500, and does not document whether they apply to secrets.
    A rejection has `status`. The `answer` to too many points reports the end in one of GitHub's forms: ``retry_after``,
    ``retry_after_date``, ``reset`` (as if the hour were used up), or not at all (``bare``).
    """

    points: int = 900
    graphql_points: int = 2000
    window: float = 60.0
    at_once: int = 100
    hourly: int = HOURLY
    remaining: int = HOURLY
    reset_in: float = HOUR
    content_a_minute: int | None = None
    content_an_hour: int | None = None
    status: int = 403
    answer: str = "retry_after"

    def __post_init__(self) -> None:
        if self.answer not in ANSWERS:
            raise ValueError(f"there is no answer {self.answer!r}, only {', '.join(ANSWERS)}")
        if self.status not in (403, 429):
            raise ValueError("a limit's status is 403 or 429")
        if not 0 <= self.remaining <= self.hourly:
            raise ValueError(f"of an hour's requests, 0 to {self.hourly} remain")


@dataclass
class Hour:
    """The use of the hour; `reset` is in seconds since 1970, by the emulator's clock."""

    reset: int
    used: int = 0


def cost(method: str, path: str) -> int:
    """Return the points of a request."""
    return 1 if method in ("GET", "HEAD", "OPTIONS") or path == "/graphql" else 5


def resource(path: str) -> str:
    """Return the resource of a path, which has a separate counter for the hour."""
    if path == "/graphql":
        return "graphql"
    return "codespaces" if "/codespaces/secrets" in path else "core"


def until_room(spent: Sequence[Spent], wanted: int, allowed: int, window: float, now: float) -> float:
    """Return the seconds until so many points are available. `spent`: times and points in this window."""
    excess = sum(points for dummy, points in spent) + wanted - allowed
    if excess <= 0:
        return 0
    for moment, points in spent:
        excess -= points
        if excess <= 0:
            return moment + window - now
    return window


class Limits:
    """The rules and their use; None: no limits. A rejected request counts only in `refused`."""

    def __init__(self, clock: Clock, rules: Rules | None) -> None:
        self.rules = rules
        self.refused = 0
        self._clock = clock
        self._started = clock.now()
        self._hourly = rules.hourly if rules else HOURLY
        self._hours: dict[tuple[str, str], Hour] = {}
        self._spent: dict[tuple[str, bool], list[Spent]] = defaultdict(list)
        self._content: dict[str, list[Spent]] = defaultdict(list)

    def admit(self, request: Request, at_once: int) -> None:
        """Count a request, the last of so many under way. Raise the rejection if it exceeds a limit."""
        if self.rules is None:
            return
        points = cost(request.method, request.path)
        spent = self._window(request, self.rules.window)
        refused = self._refusal(self.rules, request, at_once, points, spent)
        if refused is not None:
            self.refused += 1
            raise refused
        self._hour(request).used += 1
        spent.append((self._clock.now(), points))
        if points > 1:
            self._content[request.spender].append((self._clock.now(), 1))

    def give_back(self, request: Request) -> None:
        """Remove an unchanged answer (304) from the count of the hour."""
        hour = self._hour(request)
        hour.used = max(0, hour.used - 1)

    def headers(self, request: Request) -> dict[str, str]:
        hour = self._hour(request)
        return {
            "X-RateLimit-Limit": str(self._hourly),
            "X-RateLimit-Remaining": str(self._hourly - hour.used),
            "X-RateLimit-Used": str(hour.used),
            "X-RateLimit-Reset": str(hour.reset),
            "X-RateLimit-Resource": resource(request.path),
        }

    def _refusal(
        self, rules: Rules, request: Request, at_once: int, points: int, spent: Sequence[Spent]
    ) -> errors.Refused | None:
        if self._hour(request).used >= self._hourly:
            return errors.primary_limit(rules.status, {}, "user ID 1")
        if at_once > rules.at_once:
            # The next answer makes room.
            return errors.secondary_limit(rules.status, {"Retry-After": "1"})
        allowed = rules.graphql_points if request.path == "/graphql" else rules.points
        now = self._clock.now()
        seconds = until_room(spent, points, allowed, rules.window, now)
        if points > 1:
            seconds = max(seconds, self._until_content(rules, request, now))
        if not seconds:
            return None
        seconds = max(1, math.ceil(seconds))
        end = math.ceil(now + seconds)
        if rules.answer == "reset":
            used_up = {"Remaining": "0", "Used": str(self._hourly), "Reset": str(end)}
            headers = {f"X-RateLimit-{name}": value for name, value in used_up.items()}
            return errors.primary_limit(rules.status, headers, "user ID 1")
        message = {"retry_after": str(seconds), "retry_after_date": formatdate(end, usegmt=True)}
        headers = {"Retry-After": message[rules.answer]} if rules.answer in message else {}
        return errors.secondary_limit(rules.status, headers)

    def _until_content(self, rules: Rules, request: Request, now: float) -> float:
        """Return the seconds until the token may create content."""
        created = self._content[request.spender] = [
            one for one in self._content[request.spender] if now - HOUR < one[0] <= now
        ]
        return max(
            0.0
            if most is None
            else until_room([one for one in created if now - seconds < one[0]], 1, most, seconds, now)
            for most, seconds in ((rules.content_a_minute, 60), (rules.content_an_hour, HOUR))
        )

    def _window(self, request: Request, seconds: float) -> list[Spent]:
        """Return the points that the token has spent in the window."""
        key = (request.spender, request.path == "/graphql")
        now = self._clock.now()
        self._spent[key] = [one for one in self._spent[key] if now - seconds < one[0] <= now]
        return self._spent[key]

    def _hour(self, request: Request) -> Hour:
        """Return the user's counter for the resource of a path."""
        key = (request.user, resource(request.path))
        now = self._clock.now()
        if key not in self._hours or now >= self._hours[key].reset:
            rules = self.rules or Rules()
            first_end = math.ceil(self._started + rules.reset_in)
            first = Hour(first_end, self._hourly - rules.remaining)
            self._hours[key] = first if now < first_end else Hour(int(now) + HOUR)
        return self._hours[key]
