# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Count what is done of each step of a task."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Progress:
    """Counts what is done of each step. Safe for any number of threads."""

    def __init__(self, seconds_for: Callable[[int], float]) -> None:
        """:arg seconds_for: returns the seconds that GitHub's limits make so many points take."""
        self._seconds_for = seconds_for
        self._lock = threading.Lock()
        self.begin("", 0, 0)

    def begin(self, what: str, total: int, points: int) -> None:
        """Begin a step of so many things; see Pool.each()."""
        with self._lock:
            self._what, self._total, self._points = what, total, points
            self._done = self._failed = 0

    def done(self, failed: bool) -> None:
        """Count one more thing as done."""
        with self._lock:
            self._done += 1
            self._failed += failed

    def line(self) -> str:
        """Return the progress line."""
        with self._lock:
            text = f"{self._done - self._failed} of {self._total} {self._what}"
            if self._failed:
                text += f", {self._failed} failed"
            points = self._points * (self._total - self._done)
        seconds = self._seconds_for(points) if points else 0.0
        return f"{text}, at least {seconds:.0f} s to go at GitHub's pace" if seconds >= 1 else text
