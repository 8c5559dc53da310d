# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C, a kill and a closed terminal, which stop the run but not its cleanup."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupt_once() -> None:
    """Let the first signal raise KeyboardInterrupt, and ignore the others. `nohup` still protects from SIGHUP."""
    for one in _SIGNALS:
        if signal.getsignal(one) != signal.SIG_IGN:
            signal.signal(one, _interrupt)


def hurry(act: Callable[[], None]) -> None:
    """Let further signals call a function only. A terminal that is closed does not hurry."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda dummy_number, dummy_frame: act())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def say(text: str = "", *, error: bool = False) -> None:
    """Print a line, unless the terminal is closed."""
    stream = sys.stderr if error else sys.stdout
    try:
        print(text, file=stream, flush=True)
    except OSError:
        # Otherwise, Python fails at its end, when it writes the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _interrupt(dummy_number: int, dummy_frame: object) -> None:
    for one in _SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt
