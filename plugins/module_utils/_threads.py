# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start threads that leave signals to the main thread."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def without_signals() -> Iterator[None]:
    """Block signals in threads that are started during the C(with) statement.

    Only the main thread acts on a signal, and a signal to another thread does not wake it. Without this, a task that
    Ansible interrupts could run to its end.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def repeating(look: Callable[[], bool], every: float) -> Iterator[None]:
    """Call a function in a thread during the C(with) statement, until it returns False.

    :arg every: seconds between two calls, and before the first one.
    """
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(every):
            if not look():
                return

    with without_signals():
        threading.Thread(target=repeat, daemon=True).start()
    try:
        yield
    finally:
        over.set()
