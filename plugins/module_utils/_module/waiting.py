# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stop a module if Ansible no longer waits for its result, also on another machine."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ansible_collections.devex.github.plugins.module_utils._threads import without_signals

#: The environment variable with the seconds that are left of the task's C(timeout), from the action plugin. A time
#: would be wrong on another machine, because clocks differ.
VARIABLE = "DEVEX_GITHUB_TIMEOUT"

_EVERY_SECONDS = 0.2
# The module starts up to a second after its seconds were counted, and needs a moment to report what it has done.
_EARLY_SECONDS = 2.0
_STDOUT = 1


def allowed_seconds(text: str | None) -> float | None:
    """Return the seconds for which the module may send requests, from those left of the timeout; None: no timeout."""
    try:
        left = float(text or "")
    except ValueError:
        return None
    return max(left - _EARLY_SECONDS, left / 2)


@contextmanager
def stopping(stop: Callable[[str], None]) -> Iterator[None]:
    """Call C(stop) with the reason if Ansible stops waiting during the C(with) statement."""
    allowed, started = allowed_seconds(os.environ.get(VARIABLE)), time.monotonic()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY_SECONDS):
            if allowed is not None and time.monotonic() - started >= allowed:
                stop("The task's timeout is over, so nothing more was sent. Set a longer timeout if you need one.")
                return
            if _nobody_reads(_STDOUT):
                stop("Ansible no longer waits for this task.")
                return

    with without_signals():
        threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _nobody_reads(descriptor: int) -> bool:
    """Return whether the other end of a pipe or socket is closed, as after the end of an SSH session."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for dummy, events in poll.poll(0))
