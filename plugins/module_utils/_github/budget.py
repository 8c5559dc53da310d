# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Count the points of GitHub's rate limits, without input or output."""

from __future__ import annotations

import json
import math
from collections import deque
from typing import Any

#: GitHub allows 900 points a minute for REST, and 2,000 for GraphQL.
POINTS = 899
GRAPHQL_POINTS = 1999
#: A second more than GitHub's minute, because the moment at which GitHub counts is not documented.
WINDOW_SECONDS = 61.0
#: The counter of limits that apply to all requests.
ALL_REQUESTS = ""
#: The path of GraphQL.
GRAPHQL = "/graphql"
#: The time between two checks of a window, or of an hour, that is full of unanswered requests.
LOOK_SECONDS = 0.02
# Halving the pace leaves at least ten writes a minute.
_LEAST_POINTS = 50
_LAYOUT = 1
# The points of so many seconds are one row of the text, so that a change takes a fraction of a millisecond.
_ROW_SECONDS = 0.5
# Clocks of processes on several machines, or of one machine after a correction, may differ so much.
_SLACK_SECONDS = 1.0
# GitHub's limits end within the hour. A later end in the text is damage.
_LONGEST_LIMIT_SECONDS = 3601.0


def is_graphql(path: str) -> bool:
    """Return whether a request counts for the limit of GraphQL."""
    return path == GRAPHQL


def resource(path: str) -> str:
    """Return the counter of a request. GitHub counts secrets of Codespaces, other requests and GraphQL separately."""
    if is_graphql(path):
        return "graphql"
    return "codespaces" if "/codespaces/secrets" in path else "core"


class Window:
    """The points of the last minute, which begins with the answer to a request. Times are seconds of any clock."""

    def __init__(self, points: int) -> None:
        """:arg points: allowed in each minute."""
        self._points = points
        self._halvings = 0
        self._spent: deque[tuple[float, int]] = deque()
        # For each process, until when its unanswered requests count, and their points.
        self._under_way: dict[str, tuple[float, int]] = {}

    def until_room(self, points: int, now: float) -> float:
        """Return the seconds until so many points may be spent."""
        self._drop_expired(now)
        under_way = sum(points for dummy, points in self._under_way.values())
        excess = under_way + sum(spent for dummy, spent in self._spent) + points - self._allowed
        if excess <= 0:
            return 0.0
        for moment, spent in self._spent:
            excess -= spent
            if excess <= 0:
                return moment + WINDOW_SECONDS - now
        return LOOK_SECONDS

    def take(self, points: int, *, owner: str = "", until: float = math.inf) -> None:
        """Count the points of a request that is being sent.

        :arg owner: the process that sends it.
        :arg until: when the process has probably ended, if it neither takes more nor has an answer by then.
        """
        dummy, before = self._under_way.get(owner, (until, 0))
        self._under_way[owner] = until, before + points

    def answered(self, points: int, now: float, *, owner: str = "", sent: bool = True) -> None:
        """Count the points of a request that was answered or given up, if it was sent."""
        until, before = self._under_way.pop(owner, (now, 0))
        if before > points:
            self._under_way[owner] = until, before - points
        if not sent:
            return
        if self._spent and self._spent[-1][0] >= now:
            moment, earlier = self._spent.pop()
            self._spent.append((moment, earlier + points))
        else:
            self._spent.append((now, points))

    def halve(self) -> None:
        """Halve the allowed points, after a rate limit of GitHub."""
        self._halvings += 1

    def restore(self) -> None:
        """Allow all points again."""
        self._halvings = 0

    def seconds_for(self, points: int, now: float) -> float:
        """Estimate the seconds until so many more points are spent."""
        spent = [(moment, spent) for moment, spent in self._spent if moment + WINDOW_SECONDS > now]
        rest = points - max(0, self._allowed - sum(spent for dummy, spent in spent))
        if rest <= 0:
            return 0.0
        begun = now - spent[0][0] if spent else 0.0
        return -(-rest // self._allowed) * WINDOW_SECONDS - begun

    def ends_at(self) -> float:
        """Return when nothing in it counts any more."""
        last = self._spent[-1][0] + WINDOW_SECONDS if self._spent else 0.0
        return max(last, *(until for until, dummy in self._under_way.values()), 0.0)

    def rows(self) -> dict[str, Any]:
        """Return its content, for JSON."""
        return {
            "halvings": self._halvings,
            "spent": [*self._spent],
            "under_way": {owner: [round(until, 2), points] for owner, (until, points) in self._under_way.items()},
        }

    def fill(self, rows: Any, now: float) -> None:
        """Restore the content from rows(). If the clock was set back, the present time may be earlier.

        :raises LookupError, TypeError, ValueError: the content does not come from rows().
        """
        self._halvings = min(max(int(rows["halvings"]), 0), self._points.bit_length())
        latest = now + _SLACK_SECONDS
        spent = [(float(moment), int(points)) for moment, points in rows["spent"]]
        if spent and max(spent)[0] > latest:
            spent = [(min(moment, now), points) for moment, points in spent]
        self._spent = deque(sorted(spent))
        self._under_way = {
            str(owner): (min(float(until), now + WINDOW_SECONDS), int(points))
            for owner, (until, points) in rows["under_way"].items()
        }
        amounts = [*self._spent, *self._under_way.values()]
        if not all(math.isfinite(moment) and points > 0 for moment, points in amounts):
            raise ValueError("no points of a moment")
        self._drop_expired(now)

    @property
    def _allowed(self) -> int:
        return max(self._points >> self._halvings, _LEAST_POINTS) if self._halvings else self._points

    def _drop_expired(self, now: float) -> None:
        while self._spent and self._spent[0][0] + WINDOW_SECONDS <= now:
            self._spent.popleft()
        for owner in [owner for owner, (until, dummy) in self._under_way.items() if until <= now]:
            del self._under_way[owner]


class Budget:
    """The points that all processes of a token spent in the last minute, and the limit that GitHub reported to one."""

    def __init__(self) -> None:
        self._windows = {False: Window(POINTS), True: Window(GRAPHQL_POINTS)}
        # For each counter of GitHub's hour, and for all requests: when a limit was reported, and its seconds.
        self._limits: dict[str, tuple[float, float]] = {}

    @classmethod
    def parse(cls, text: str, now: float) -> Budget:
        """Return the budget from its text. If the text is damaged, nothing is spent.

        :raises ValueError: a later version has written the text.
        """
        budget = cls()
        try:
            content = json.loads(text)
            layout = content["layout"]
            if layout == _LAYOUT:
                budget._fill(content, now)
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError, AttributeError):
            return cls()
        if layout != _LAYOUT:
            raise ValueError("it was written by another version of devex.github")
        return budget

    def text(self) -> str:
        """Return it as one line."""
        content = {
            "layout": _LAYOUT,
            "limits": {key: [round(at, 2), round(seconds, 2)] for key, (at, seconds) in self._limits.items()},
            "rest": self._windows[False].rows(),
            "graphql": self._windows[True].rows(),
        }
        return json.dumps(content, separators=(",", ":"))

    def ends_at(self) -> float:
        """Return when nothing in it counts any more."""
        latest = max(map(self._limit_ends_at, self._limits), default=0.0)
        return max(latest + WINDOW_SECONDS, *(window.ends_at() for window in self._windows.values()))

    def limited_for(self, path: str, now: float) -> float:
        """Return the seconds until the limits end that GitHub reported; 0: there is none for this path."""
        ends_at = max(self._limit_ends_at(ALL_REQUESTS), self._limit_ends_at(resource(path)))
        return max(0.0, ends_at - now)

    def until_room(self, path: str, points: int, now: float) -> float:
        """Return the seconds until so many points may be spent."""
        return self._window(path).until_room(points, now)

    def take(self, path: str, points: int, now: float, owner: str) -> None:
        """Count the points of a request that a process sends. If the process is killed, they count for a minute."""
        self._window(path).take(points, owner=owner, until=now + WINDOW_SECONDS)

    def answered(self, path: str, points: int, now: float, owner: str, *, sent: bool) -> None:
        """Count the points of a request that was answered or given up, if it was sent."""
        moment = math.ceil(now / _ROW_SECONDS) * _ROW_SECONDS
        self._window(path).answered(points, moment, owner=owner, sent=sent)

    def refused(self, path: str, seconds: float, now: float, *, counter: str = ALL_REQUESTS) -> None:
        """Note a limit that GitHub reported.

        :arg counter: of the hour; ALL_REQUESTS: any other limit, which halves the pace until a minute after its end.
        """
        if counter == ALL_REQUESTS and now >= self._limit_ends_at(counter):
            self._window(path).halve()
        if now + seconds > self._limit_ends_at(counter):
            self._limits[counter] = now, seconds

    def seconds_for(self, points: int, now: float) -> float:
        """Estimate the seconds until so many more points of REST are spent."""
        return max(self.limited_for("", now), self._windows[False].seconds_for(points, now))

    def _limit_ends_at(self, counter: str) -> float:
        return sum(self._limits.get(counter, (0.0, 0.0)))

    def _window(self, path: str) -> Window:
        return self._windows[is_graphql(path)]

    def _fill(self, content: Any, now: float) -> None:
        for counter, (reported_at, length) in content["limits"].items():
            at, seconds = float(reported_at), min(max(float(length), 0.0), _LONGEST_LIMIT_SECONDS)
            if not math.isfinite(at + seconds):
                raise ValueError("no limit")
            # If the clock was set back, the limit ends after its seconds at the latest.
            at = now if at > now + _SLACK_SECONDS else at
            # The pace recovers a minute after the end of a limit for all requests.
            if at + seconds + WINDOW_SECONDS > now:
                self._limits[str(counter)] = at, seconds
        for is_for_graphql, name in ((False, "rest"), (True, "graphql")):
            self._windows[is_for_graphql].fill(content[name], now)
            if ALL_REQUESTS not in self._limits:
                self._windows[is_for_graphql].restore()
