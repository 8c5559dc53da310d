# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.devex.github.plugins.module_utils._module.waiting import PROGRESS, TIMEOUT, allowed_seconds

# A module that works for five seconds unless it is stopped.
PROGRAM = """
import sys, threading
from ansible_collections.devex.github.plugins.module_utils._engine.progress import Progress
from ansible_collections.devex.github.plugins.module_utils._module.waiting import watching
stopped = threading.Event()
class Session:
    def stop(self, reason):
        print(reason, file=sys.stderr, flush=True)
        stopped.set()
with watching(Session(), Progress(lambda points: 0.0)):
    stopped.wait(5)
"""


@pytest.mark.parametrize(("left", "seconds"), [(600.0, 598.0), (8.0, 6.0), (3.0, 1.5), (1.0, 0.5), (0.1, 0.05)])
def test_a_task_stops_before_its_timeout(left: float, seconds: float) -> None:
    assert allowed_seconds(left) == seconds


def start(**environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_module_stops_after_its_timeout() -> None:
    started = time.monotonic()
    with start(**{TIMEOUT: "1.0"}) as module:
        dummy, reason = module.communicate(timeout=60)
    assert "timeout is over" in reason
    assert time.monotonic() - started < 5


def test_a_module_stops_if_its_output_is_not_read() -> None:
    with start() as module:
        assert module.stdout is not None
        assert module.stderr is not None
        module.stdout.close()
        assert "no longer waits" in module.stderr.read()


@pytest.mark.parametrize("timeout", ["", "soon"])
def test_a_module_without_a_timeout_continues(timeout: str) -> None:
    with start(**{TIMEOUT: timeout}) as module:
        dummy, reason = module.communicate(timeout=60)
    assert reason == ""


def test_a_module_writes_its_progress_line_to_the_file_of_the_action_plugin(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    path.write_text("a line that is longer than the next", encoding="utf-8")
    with start(**{PROGRESS: str(path)}) as module:
        # The file is empty for a moment each time it is written.
        while module.poll() is None and path.read_text(encoding="utf-8") != "0 of 0 ":
            time.sleep(0.01)
        assert module.poll() is None
        dummy, reason = module.communicate(timeout=60)
    assert reason == ""


def test_a_module_stops_if_the_file_of_the_action_plugin_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    path.touch()
    with start(**{PROGRESS: str(path)}) as module:
        for dummy in range(200):
            time.sleep(0.05)
            if path.read_text(encoding="utf-8"):
                break
        path.unlink()
        reason = module.communicate(timeout=60)[1]
    assert "no longer waits" in reason
    assert not path.exists()


@pytest.mark.parametrize("kind", ["unset", "absent", "a directory", "a link"])
def test_a_module_continues_if_the_progress_line_cannot_be_written(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "progress"
    if kind == "a directory":
        path.mkdir()
    elif kind == "a link":
        path.symlink_to(tmp_path / "elsewhere")
        (tmp_path / "elsewhere").write_text("kept", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    with start(**({} if kind == "unset" else {PROGRESS: str(path)})) as module:
        dummy, reason = module.communicate(timeout=60)
    assert reason == ""
    assert sorted(tmp_path.iterdir()) == before
    if kind == "a link":
        assert path.read_text(encoding="utf-8") == "kept"
