# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one command, and measure its time and its memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """The time and the memory of one run of a command."""

    #: From start to end.
    seconds: float
    #: Processor seconds of all its processes together.
    busy: float
    #: Resident memory of the largest of its processes at its peak, in units of 1,000,000 bytes.
    megabytes: float
    #: The exit status.
    status: int


def run(command: Sequence[str], environment: Mapping[str, str], directory: Path, *, may_fail: bool = False) -> Cost:
    """Run a command in a directory, where its output goes to the file ``output``.

    :raises RuntimeError: it fails, although may_fail is not set.
    """
    path = directory / "output"
    with path.open("wb") as output:
        start = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        # The usage of the process and of the children that it waited for.
        dummy, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode and not may_fail:
        text = path.read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"{' '.join(command)} failed with status {process.returncode}:\n{text}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, process.returncode)
