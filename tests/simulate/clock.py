# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock that moves only if a thread sleeps."""

from __future__ import annotations

import threading
import time

# Enough for busy threads to proceed, so that threads that wait for them do not move the clock far.
_YIELD_SECONDS = 0.0005


class Clock:
    """Virtual time, in seconds since 1970. Safe for any number of threads.

    If a thread sleeps, the clock moves to the end of its sleep at once. Threads that sleep until the same moment
    therefore sleep together, as those that wait for a rate limit do.
    """

    def __init__(self, now: float) -> None:
        self._now = now
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the time, in place of C(time.time()) and C(time.monotonic())."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Sleep in place of C(time.sleep()). Busy threads may proceed before the clock moves."""
        until = self._now + seconds
        time.sleep(_YIELD_SECONDS)
        self.move(until)

    def move(self, until: float) -> None:
        """Move the clock, unless it is there already."""
        with self._lock:
            self._now = max(self._now, until)
