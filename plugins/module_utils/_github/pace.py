# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep to GitHub's rate limits: count the points of each minute, and let requests wait."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

from ansible_collections.devex.github.plugins.module_utils._errors import RateLimited, Stopped
from ansible_collections.devex.github.plugins.module_utils._github.budget import (
    ALL_REQUESTS as _ALL,
)
from ansible_collections.devex.github.plugins.module_utils._github.budget import (
    GRAPHQL_POINTS,
    LOOK_SECONDS,
    POINTS,
    Window,
    is_graphql,
    resource,
)
from ansible_collections.devex.github.plugins.module_utils._github.hour import Hour, Left
from ansible_collections.devex.github.plugins.module_utils._github.ledger import Shared
from ansible_collections.devex.github.plugins.module_utils._github.rate_limit import Limit
from ansible_collections.devex.github.plugins.module_utils._github.use import Use, cost
from ansible_collections.devex.github.plugins.module_utils._time import format_time

# If GitHub does not report how long to wait, its documentation asks for at least a minute, and for longer each time.
_DEFAULT_SECONDS = 60.0
_LONGEST_DEFAULT_SECONDS = 900.0
# So many requests without any answer, each after all tries, stop the task.
_LOST_IN_A_ROW = 20
#: Shorter waits do not count, because edits elsewhere are unlikely in them.
MOMENT_SECONDS = 0.5


class Pace:
    """The pace of all requests with one token. Safe for any number of threads."""

    def __init__(
        self,
        max_wait: float,
        *,
        shared: Shared | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """:arg max_wait: total seconds to wait for rate limits that GitHub reports.
        :arg shared: the pace that other processes share; None: no process shares it.
        """
        self._max_wait = max_wait
        self._shared = shared or Shared()
        self._monotonic = monotonic
        self._over = threading.Event()
        # Setting the event wakes all waiting threads.
        self._sleep = sleep or self._over.wait
        self._lock = threading.Lock()
        self._rest, self._graphql = Window(POINTS), Window(GRAPHQL_POINTS)
        self._hours: defaultdict[str, Hour] = defaultdict(Hour)
        # When requests may be sent again after a limit, for each counter of GitHub's hour, and for all requests.
        self._opens_at = {_ALL: 0.0}
        self._waited = self._longest = 0.0
        self._refusals = 0
        self._stopped: Stopped | None = None
        self._first = True
        self._under_way = self._lost = 0
        #: Of all requests so far, since begin().
        self.used = Use()

    def monotonic(self) -> float:
        """Return the seconds of the clock that measures waits."""
        return self._monotonic()

    def begin(self) -> None:
        """Begin another item of a loop: count what it uses from here on."""
        self.used = Use()

    def enter(self, method: str, path: str) -> bool:
        """Wait until the request may be sent. If it may be sent now, its points count from here.

        :returns: whether it may be sent now; False: it has waited, so its body may be out of date.
        :raises Stopped: nothing more may be sent.
        """
        points, came = cost(method, path), self._monotonic()
        while True:
            with self._lock:
                if self._stopped is not None:
                    raise self._stopped
                now = self._monotonic()
                pause = self._until_room(path, points, now)
                if pause <= 0:
                    if now - came > MOMENT_SECONDS:
                        self._shared.keep(path, points)
                        return False
                    self._window(path).take(points)
                    self._under_way += 1
                    self._hours[resource(path)].take()
                    return True
            self._sleep(pause)

    def answered(self, method: str, path: str, *, sent: bool = True, left: Left | None = None) -> None:
        """Note that a request was answered, or given up.

        :arg sent: whether it may have reached GitHub, and counts there.
        :arg left: the hour that the answer reports.
        """
        points, window = cost(method, path), self._window(path)
        with self._lock:
            now = self._monotonic()
            window.answered(points, now, sent=sent)
            self._shared.answered(path, points, now, sent=sent)
            if sent:
                self.used.add(method, path)
            self._under_way -= 1
            self._first = False
            hour = self._hours[resource(path)]
            hour.answered()
            if left is not None:
                hour.reported(left, now)

    def note_answer(self) -> None:
        """Note that GitHub has answered a request."""
        self._lost = 0

    def lost(self) -> None:
        """Note that a request had no answer, after all tries.

        :raises Stopped: many in a row had none.
        """
        with self._lock:
            self._lost += 1
            if self._lost >= _LOST_IN_A_ROW:
                cause = f"GitHub did not answer {self._lost} requests in a row, so no more were sent."
                raise self._stop(Stopped(cause))

    def pause(self, seconds: float) -> None:
        """Wait before a request is tried again."""
        self._sleep(seconds)

    def refused(self, path: str, limit: Limit) -> None:
        """Let all requests wait until a rate limit that GitHub reported ends, and slow down from then on.

        If several requests were under way, GitHub rejects each for the same limit. Their wait counts once.

        :raises Stopped: the limit ends later than the task may wait.
        """
        with self._lock:
            if self._stopped is not None:
                raise self._stopped
            now = self._monotonic()
            counter = resource(path) if limit.of_hour else _ALL
            if now >= self._opens_at.get(counter, 0.0):
                self._longest = 0.0
                self._refusals += 1
                if not limit.of_hour:
                    self._window(path).halve()
            default = min(_DEFAULT_SECONDS * 2.0 ** (self._refusals - 1), _LONGEST_DEFAULT_SECONDS)
            seconds = default if limit.seconds is None else limit.seconds
            self._shared.refused(path, seconds, now, counter=counter)
            self._await_limit(counter, seconds, now, limit.answered_at + timedelta(seconds=seconds))

    def stop(self, reason: Stopped) -> None:
        """Send nothing more, and wake waiting threads."""
        with self._lock:
            self._stop(reason)

    def seconds_for(self, points: int) -> float:
        """Return the least seconds that so many more points take."""
        with self._lock:
            now = self._monotonic()
            shared = self._shared.seconds_for(points, now)
            return max(0.0, max(self._opens_at.values()) - now, self._rest.seconds_for(points, now), shared)

    def hour_seconds_for(self, requests: Mapping[str, int]) -> float:
        """Return the least seconds that GitHub's limit of each hour makes so many more requests take.

        :arg requests: for each counter; see resource().
        """
        with self._lock:
            now = self._monotonic()
            return max(
                (self._hours[counter].seconds_for(count, now) for counter, count in requests.items()), default=0.0
            )

    def share(self, shared: Shared) -> None:
        """Share the pace with other processes in another way from now on."""
        with self._lock:
            self._shared.settle(self._monotonic())
            self._shared = shared

    def settle(self) -> None:
        """Report the last answers to other processes, and give back reservations that were not used."""
        with self._lock:
            self._shared.settle(self._monotonic())

    def _until_room(self, path: str, points: int, now: float) -> float:
        """Return the seconds until a request may be sent. If it may be sent now, other processes know of it from here.

        :raises Stopped: GitHub reported to another process a limit that ends later than the task may wait.
        """
        counter = resource(path)
        opens_at = max(self._opens_at[_ALL], self._opens_at.get(counter, 0.0))
        if now < opens_at:
            return opens_at - now
        # The first request goes alone, so that a wrong token is sent only once.
        if self._first and self._under_way:
            return LOOK_SECONDS
        pause = self._window(path).until_room(points, now) or self._until_hour(path, counter, now)
        if pause > 0:
            return pause
        hold = self._shared.reserve(path, points, now)
        if hold is None:
            return 0.0
        if hold.is_limit:
            self._longest = 0.0
            ends = datetime.now(timezone.utc) + timedelta(seconds=hold.seconds)
            self._await_limit(counter, hold.seconds, now, ends)
        return hold.seconds

    def _until_hour(self, path: str, counter: str, now: float) -> float:
        """Return the seconds until the hour has room for a request.

        :raises Stopped: the hour ends later than the task may wait.
        """
        hour = self._hours[counter]
        pause = hour.until_room(now)
        if pause > LOOK_SECONDS and hour.ends is not None:
            self._longest = 0.0
            # Other processes need no request to detect it.
            self._shared.refused(path, pause, now, counter=counter)
            self._await_limit(counter, pause, now, hour.ends)
        return pause

    def _await_limit(self, counter: str, seconds: float, now: float, ends: datetime) -> None:
        """Let all requests of a counter wait until a rate limit ends.

        :raises Stopped: it ends later than the task may wait.
        """
        waited = self._waited + max(0.0, seconds - self._longest)
        if waited > self._max_wait:
            raise self._stop(
                RateLimited(
                    f"GitHub's rate limit ends at {format_time(ends)}, in {seconds:.0f} s. That is longer than the "
                    f"task may wait: max_wait is {self._max_wait:.0f} s, and {self._waited:.0f} s are used. Set a "
                    "longer max_wait, or run the task again later.",
                    ends=ends,
                )
            )
        self._waited = waited
        self._longest = max(self._longest, seconds)
        self._opens_at[counter] = max(self._opens_at.get(counter, 0.0), now + seconds)

    def _window(self, path: str) -> Window:
        return self._graphql if is_graphql(path) else self._rest

    def _stop(self, reason: Stopped) -> Stopped:
        """Stop, unless that has happened, and return the first reason."""
        self._stopped = self._stopped or reason
        self._over.set()
        return self._stopped
