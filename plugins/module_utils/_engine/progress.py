# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a task is, for whoever waits for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ansible_collections.devex.github.plugins.module_utils._threads import without_signals

#: Names the file in which the action plugin looks for a line on how far the module is.
VARIABLE = "DEVEX_GITHUB_PROGRESS"

_EVERY_SECONDS = 0.2


class Progress:
    """Counts what is done of each step, for any number of threads."""

    def __init__(self, seconds_for: Callable[[int], float]) -> None:
        """:arg seconds_for: how long GitHub's limits make so many points take."""
        self._seconds_for = seconds_for
        self._lock = threading.Lock()
        self.begin("", 0, 0)

    def begin(self, what: str, total: int, points: int) -> None:
        """A step begins.

        :arg what: is done, such as C(scopes read).
        :arg total: how many there are to do.
        :arg points: of GitHub's limits, that each of them takes.
        """
        with self._lock:
            self._what, self._total, self._points = what, total, points
            self._done = self._failed = 0

    def done(self, failed: bool) -> None:
        """One more is done."""
        with self._lock:
            self._done += 1
            self._failed += failed

    def line(self) -> str:
        """How far it is."""
        with self._lock:
            text = f"{self._done - self._failed} of {self._total} {self._what}"
            if self._failed:
                text += f", {self._failed} failed"
            points = self._points * (self._total - self._done)
        seconds = self._seconds_for(points) if points else 0.0
        return f"{text}, at least {seconds:.0f} s to go at GitHub's pace" if seconds >= 1 else text

    @contextmanager
    def shown(self, abandoned: Callable[[], None]) -> Iterator[None]:
        """Meanwhile, leave the line where the action plugin looks for it, if it does.

        Whatever goes wrong with the line, the task goes on.

        :arg abandoned: is called once the file is gone: nobody waits for the task any more, as after its C(timeout).
        """
        path = os.environ.get(VARIABLE)
        if path is None or not os.path.exists(path):
            yield
            return
        over = threading.Event()

        def show() -> None:
            while not over.wait(_EVERY_SECONDS):
                try:
                    # Nothing is created: where the file is not, nobody looks.
                    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
                    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                        file.write(self.line())
                except FileNotFoundError:
                    abandoned()
                    return
                except (OSError, ValueError):
                    return

        with without_signals():
            threading.Thread(target=show, daemon=True).start()
        try:
            yield
        finally:
            over.set()
