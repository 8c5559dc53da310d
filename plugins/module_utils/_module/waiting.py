# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watch a running module in a process of its own: stop it if Ansible no longer waits, and report its progress."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ansible_collections.devex.github.plugins.module_utils._engine.progress import Progress
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._threads import repeating

#: The environment variable with the path of the file that the action plugin reads the progress line from. The plugin
#: removes the file once Ansible no longer waits for the module.
PROGRESS = "DEVEX_GITHUB_PROGRESS"
#: The environment variable with the seconds that are left of the task's C(timeout), from the action plugin. A time
#: would be wrong on another machine, because clocks differ.
TIMEOUT = "DEVEX_GITHUB_TIMEOUT"
#: Why a task stopped.
TIMEOUT_IS_OVER = "The task's timeout is over, so nothing more was sent. Set a longer timeout if you need one."
ABANDONED = "Ansible no longer waits for this task."
#: Seconds between two looks.
EVERY_SECONDS = 0.2

# The module starts up to a second after its seconds were counted, and needs a moment to report what it has done.
_EARLY_SECONDS = 2.0
_STDOUT = 1


def allowed_seconds(left: float) -> float:
    """Return the seconds for which a task may send requests, from those left of its timeout."""
    return max(left - _EARLY_SECONDS, left / 2)


@contextmanager
def watching(session: Session, progress: Progress) -> Iterator[None]:
    """Stop the session if Ansible stops waiting during the C(with) statement, and write the progress line."""
    look = _look(session.stop, progress.line)
    with repeating(look, EVERY_SECONDS):
        yield


def _look(stop: Callable[[str], None], line: Callable[[], str]) -> Callable[[], bool]:
    """Return a function that looks once, and returns whether to look again."""
    left, started, path = _seconds(os.environ.get(TIMEOUT)), time.monotonic(), os.environ.get(PROGRESS)
    allowed = None if left is None else allowed_seconds(left)
    if path is not None and not os.path.exists(path):
        path = None

    def look() -> bool:
        nonlocal path
        if allowed is not None and time.monotonic() - started >= allowed:
            stop(TIMEOUT_IS_OVER)
            return False
        if _is_closed(_STDOUT):
            stop(ABANDONED)
            return False
        try:
            if path is not None:
                _write(path, line())
        except FileNotFoundError:
            stop(ABANDONED)
            return False
        except (OSError, ValueError):
            # The task does not depend on its progress line.
            path = None
        return True

    return look


def _seconds(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _write(path: str, line: str) -> None:
    # Without O_CREAT, a file that the action plugin has removed stays removed.
    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(line)


def _is_closed(descriptor: int) -> bool:
    """Return whether the other end of a pipe or socket is closed, as after the end of an SSH session."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for dummy, events in poll.poll(0))
