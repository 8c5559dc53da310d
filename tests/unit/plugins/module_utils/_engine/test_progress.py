# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from ansible_collections.devex.github.plugins.module_utils._engine.progress import VARIABLE, Progress


def progress() -> Progress:
    return Progress(lambda points: points / 10)


def test_a_line_shows_the_progress() -> None:
    found = progress()
    found.begin("secrets written", 5, 5)
    lines = []
    for number in range(5):
        found.done(failed=number == 1)
        lines.append(found.line())
    assert lines == [
        "1 of 5 secrets written, at least 2 s to go at GitHub's pace",
        "1 of 5 secrets written, 1 failed, at least 2 s to go at GitHub's pace",
        "2 of 5 secrets written, 1 failed, at least 1 s to go at GitHub's pace",
        "3 of 5 secrets written, 1 failed",
        "4 of 5 secrets written, 1 failed",
    ]
    found.begin("values compared", 700, 0)
    assert found.line() == "0 of 700 values compared"


def test_the_line_is_written_to_the_file_of_the_action_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "progress"
    path.write_text("a line that is longer than the next", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(path))
    with progress().shown(lambda: None):
        for dummy in range(100):
            time.sleep(0.05)
            if path.read_text(encoding="utf-8").startswith("0"):
                break
    assert path.read_text(encoding="utf-8") == "0 of 0 "


@pytest.mark.parametrize("kind", ["unset", "gone", "a directory", "a link"])
def test_no_line_is_written_without_a_file(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "progress"
    monkeypatch.setenv(VARIABLE, str(path))
    if kind == "unset":
        monkeypatch.delenv(VARIABLE)
    elif kind == "a directory":
        path.mkdir()
    elif kind == "a link":
        path.symlink_to(tmp_path / "elsewhere")
        (tmp_path / "elsewhere").write_text("kept", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    with progress().shown(lambda: None):
        time.sleep(1.2)
    assert sorted(tmp_path.iterdir()) == before
    if kind == "a link":
        assert path.read_text(encoding="utf-8") == "kept"


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file, as the action plugin creates it."""
    path = tmp_path / "progress"
    path.touch()
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def test_the_task_is_abandoned_if_the_file_is_removed(watched: Path) -> None:
    abandoned = threading.Event()
    with progress().shown(abandoned.set):
        assert not abandoned.wait(0.5)
        watched.unlink()
        assert abandoned.wait(5)
    assert not watched.exists()


def test_an_error_of_the_file_does_not_stop_the_task(watched: Path) -> None:
    abandoned = threading.Event()
    with progress().shown(abandoned.set):
        watched.unlink()
        watched.mkdir()
        assert not abandoned.wait(1)
