# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from ansible_collections.devex.github.plugins.module_utils._module.waiting import VARIABLE, allowed_seconds

PROGRAM = """
import sys, threading
from ansible_collections.devex.github.plugins.module_utils._module.waiting import stopping
stopped = threading.Event()
def stop(reason):
    print(reason, file=sys.stderr, flush=True)
    stopped.set()
with stopping(stop):
    stopped.wait(5)
"""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(None, None), ("", None), ("soon", None), ("600.0", 598), ("8.0", 6), ("3.0", 1.5), ("1.0", 0.5), ("0.1", 0.05)],
)
def test_a_module_stops_before_the_timeout(text: str | None, seconds: float | None) -> None:
    assert allowed_seconds(text) == seconds


def start(**environment: str) -> subprocess.Popen[str]:
    """A module that works for five seconds unless it is stopped."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_module_stops_after_its_timeout() -> None:
    started = time.monotonic()
    with start(**{VARIABLE: "1.0"}) as module:
        dummy, reason = module.communicate(timeout=60)
    assert "timeout is over" in reason
    assert time.monotonic() - started < 5


def test_a_module_stops_if_its_output_is_not_read() -> None:
    with start() as module:
        assert module.stdout is not None
        assert module.stderr is not None
        module.stdout.close()
        assert "no longer waits" in module.stderr.read()


def test_a_module_without_a_timeout_goes_on() -> None:
    with start(**{VARIABLE: ""}) as module:
        dummy, reason = module.communicate(timeout=60)
    assert reason == ""
