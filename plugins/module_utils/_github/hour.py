# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Count the requests of GitHub's hour, so that none is sent that GitHub would reject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.devex.github.plugins.module_utils._github.budget import LOOK_SECONDS
from ansible_collections.devex.github.plugins.module_utils._time import parse_http_date
from ansible_collections.devex.github.plugins.module_utils._validation import number

#: A second more than an hour, because GitHub's times are cut to seconds.
HOUR_SECONDS = 3601.0
# The end of the same hour may differ by so much between two answers.
_SAME_SECONDS = 60


@dataclass(frozen=True)
class Left:
    """The rest of the hour, as an answer reports it."""

    #: Requests that are left.
    requests: int
    #: Seconds from the answer to the end of the hour.
    seconds: float
    #: GitHub's time of the answer.
    answered_at: datetime
    #: Requests of a whole hour; None: the answer does not report it.
    limit: int | None = None


def left_of(headers: Mapping[str, str]) -> Left | None:
    """Return what is left of the hour after an answer; None: it does not report that."""
    left, reset = number(headers.get("X-RateLimit-Remaining")), number(headers.get("X-RateLimit-Reset"))
    answered_at = parse_http_date(headers.get("Date"))
    if left is None or reset is None or answered_at is None:
        return None
    # GitHub's hour is never longer.
    seconds = min(max(reset - answered_at.timestamp() + 1.0, 0.0), HOUR_SECONDS)
    return Left(left, seconds, answered_at, limit=number(headers.get("X-RateLimit-Limit")))


class Hour:
    """The requests of one counter that are left of the hour.

    Times are monotonic seconds.
    """

    def __init__(self) -> None:
        #: None: no answer has reported it.
        self._left: int | None = None
        self._limit: int | None = None
        self._ends_at = 0.0
        self._under_way = 0
        self._ends: datetime | None = None

    @property
    def ends(self) -> datetime | None:
        """GitHub's time when the hour ends."""
        return self._ends

    def until_room(self, now: float) -> float:
        """Return the seconds until one more request may be sent."""
        if self._left is None or now >= self._ends_at or self._left > self._under_way:
            return 0.0
        return self._ends_at - now if self._left == 0 else LOOK_SECONDS

    def seconds_for(self, requests: int, now: float) -> float:
        """Estimate the seconds until the last of so many requests may be sent."""
        left = self._limit if now >= self._ends_at else self._left
        if left is None or requests <= left:
            return 0.0
        until_next = max(self._ends_at - now, 0.0)
        # Without a known limit, the next hour is assumed to have room for all.
        full_hours = (requests - left - 1) // self._limit if self._limit else 0
        return (until_next or HOUR_SECONDS) + full_hours * HOUR_SECONDS

    def take(self) -> None:
        """Count a request that is being sent."""
        self._under_way += 1

    def answered(self) -> None:
        """Note that a request was answered or given up."""
        self._under_way -= 1

    def reported(self, left: Left, now: float) -> None:
        """Note what an answer reports."""
        ends_at = now + left.seconds
        self._limit = left.limit
        if self._left is None or ends_at > self._ends_at + _SAME_SECONDS:
            self._left = left.requests
        elif ends_at > self._ends_at - _SAME_SECONDS:
            # GitHub may have counted the requests in another order than their answers arrive.
            self._left = min(self._left, left.requests)
        else:
            return
        self._ends_at, self._ends = ends_at, left.answered_at + timedelta(seconds=left.seconds)
