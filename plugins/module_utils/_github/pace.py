# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub's pace: how many points a minute are spent, and the one place where requests wait."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from ansible_collections.devex.github.plugins.module_utils._errors import RateLimited, Stopped
from ansible_collections.devex.github.plugins.module_utils._github.rate_limit import Limit
from ansible_collections.devex.github.plugins.module_utils._time import format_time

# GitHub allows 900 points a minute, and 2,000 beside them for GraphQL.
_POINTS = 899
_GRAPHQL_POINTS = 1999
# A second more than GitHub's minute, since nobody knows when exactly GitHub counts.
_WINDOW_SECONDS = 61.0
# However often the pace is halved, as much as ten writes.
_LEAST_POINTS = 50
# GitHub asks for at least a minute, and for longer each time, where it does not say how long.
_UNSAID_SECONDS = 60.0
_UNSAID_MOST_SECONDS = 900.0
# Of requests that nothing came back for, each after all of its tries.
_LOST_IN_A_ROW = 20
# What is shorter is no wait in which somebody else changes something.
_MOMENT_SECONDS = 0.5
# Between looks at a window that requests fill whose minute has not begun.
_LOOK_SECONDS = 0.02


def cost(method: str, path: str) -> int:
    """The points of a request."""
    return 1 if method == "GET" or path == "/graphql" else 5


def least_seconds(points: int) -> float:
    """What GitHub's limits make so many points take at least."""
    return max(0, points - 1) // _POINTS * _WINDOW_SECONDS


class Window:
    """What was spent in the last minute. Of what is under way, the minute begins with the answer.

    Times are seconds of any clock that does not go back.
    """

    def __init__(self, points: int) -> None:
        """:arg points: as many as may be spent within a minute."""
        self._allowed = points
        self._under_way = 0
        self._spent: deque[tuple[float, int]] = deque()

    def until_room(self, points: int, now: float) -> float:
        """Seconds until so many points may be spent; 0: now."""
        while self._spent and self._spent[0][0] + _WINDOW_SECONDS <= now:
            self._spent.popleft()
        excess = self._under_way + sum(spent for dummy, spent in self._spent) + points - self._allowed
        if excess <= 0:
            return 0.0
        for moment, spent in self._spent:
            excess -= spent
            if excess <= 0:
                return moment + _WINDOW_SECONDS - now
        return _LOOK_SECONDS

    def take(self, points: int) -> None:
        """Points of a request that is sent."""
        self._under_way += points

    def answered(self, points: int, now: float, *, sent: bool = True) -> None:
        """Points of a request that is answered, or given up; it counts if it was sent."""
        self._under_way -= points
        if sent:
            self._spent.append((now, points))

    def halve(self) -> None:
        """GitHub has found it too much."""
        self._allowed = max(self._allowed // 2, _LEAST_POINTS)

    def seconds_for(self, points: int, now: float) -> float:
        """Seconds until about so many more points are spent, as far as the window is concerned."""
        spent = [(moment, spent) for moment, spent in self._spent if moment + _WINDOW_SECONDS > now]
        rest = points - max(0, self._allowed - sum(spent for dummy, spent in spent))
        if rest <= 0:
            return 0.0
        begun = now - spent[0][0] if spent else 0.0
        return -(-rest // self._allowed) * _WINDOW_SECONDS - begun


class Pace:
    """All requests with one token pass it, for any number of threads."""

    def __init__(
        self,
        max_wait: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """:arg max_wait: seconds that may be waited in all because GitHub refused something."""
        self._max_wait = max_wait
        self._monotonic = monotonic
        self._over = threading.Event()
        # Nobody sleeps on once it is over.
        self._sleep = sleep or self._over.wait
        self._lock = threading.Lock()
        self._rest, self._graphql = Window(_POINTS), Window(_GRAPHQL_POINTS)
        self._opens_at = 0.0
        self._waited = self._longest = 0.0
        self._refusals = 0
        self._stopped: Stopped | None = None
        self._first = True
        self._under_way = self._lost = 0
        #: Of all requests so far, GraphQL's own left out.
        self.points_spent = 0

    def monotonic(self) -> float:
        """Seconds of the clock that waits are measured with."""
        return self._monotonic()

    def enter(self, method: str, path: str) -> bool:
        """Wait until the request may be sent. If that took only a moment, it counts as sent until it is answered.

        :returns: whether it may be sent now; otherwise it has waited, and what it says may be out of date.
        :raises Stopped: nothing is sent any more.
        """
        points, window, came = cost(method, path), self._window(path), self._monotonic()
        while True:
            with self._lock:
                if self._stopped is not None:
                    raise self._stopped
                now = self._monotonic()
                pause = self._opens_at - now
                if pause <= 0:
                    # The first request goes alone, so that a wrong token is sent once.
                    pause = _LOOK_SECONDS if self._first and self._under_way else window.until_room(points, now)
                if pause <= 0:
                    if now - came > _MOMENT_SECONDS:
                        return False
                    window.take(points)
                    self._under_way += 1
                    return True
            self._sleep(pause)

    def answered(self, method: str, path: str, *, sent: bool = True) -> None:
        """A request that entered is answered, or given up.

        :arg sent: whether it may have reached GitHub, and counts there.
        """
        points, window = cost(method, path), self._window(path)
        with self._lock:
            window.answered(points, self._monotonic(), sent=sent)
            self.points_spent += points if sent and window is self._rest else 0
            self._under_way -= 1
            self._first = False

    def heard(self) -> None:
        """Something came back from GitHub."""
        self._lost = 0

    def lost(self) -> None:
        """Nothing came back for a request, after all of its tries.

        :raises Stopped: nothing came back for many in a row.
        """
        with self._lock:
            self._lost += 1
            if self._lost >= _LOST_IN_A_ROW:
                raise self._stop(
                    Stopped(f"GitHub did not answer {self._lost} requests in a row, so no more were sent.")
                )

    def pause(self, seconds: float) -> None:
        """Wait before a request is tried again."""
        self._sleep(seconds)

    def refused(self, path: str, limit: Limit) -> None:
        """GitHub has refused a request for a limit: everybody waits until it ends, and goes slower from then on.

        Several requests that were under way may be refused for the same limit, a moment apart. Their wait counts once.

        :raises Stopped: it ends later than the task may wait.
        """
        with self._lock:
            if self._stopped is not None:
                raise self._stopped
            now = self._monotonic()
            if now >= self._opens_at:
                self._longest = 0.0
                self._refusals += 1
                self._window(path).halve()
            unsaid = min(_UNSAID_SECONDS * 2.0 ** (self._refusals - 1), _UNSAID_MOST_SECONDS)
            seconds = unsaid if limit.seconds is None else limit.seconds
            waited = self._waited + max(0.0, seconds - self._longest)
            if waited > self._max_wait:
                ends = limit.answered_at + timedelta(seconds=seconds)
                raise self._stop(
                    RateLimited(
                        f"GitHub's rate limit ends at {format_time(ends)}, in {seconds:.0f} s. That is longer than the "
                        f"task may wait: max_wait is {self._max_wait:.0f} s, of which {self._waited:.0f} s are spent.",
                        ends=ends,
                    )
                )
            self._waited = waited
            self._longest = max(self._longest, seconds)
            self._opens_at = max(self._opens_at, now + seconds)

    def stop(self, reason: Stopped) -> None:
        """Have nothing more sent, and let those who wait know."""
        with self._lock:
            self._stop(reason)

    def seconds_for(self, points: int) -> float:
        """Seconds that so many more points take at least."""
        with self._lock:
            now = self._monotonic()
            return max(0.0, self._opens_at - now, self._rest.seconds_for(points, now))

    def _window(self, path: str) -> Window:
        return self._graphql if path == "/graphql" else self._rest

    def _stop(self, reason: Stopped) -> Stopped:
        """The first reason that there was."""
        self._stopped = self._stopped or reason
        self._over.set()
        return self._stopped
