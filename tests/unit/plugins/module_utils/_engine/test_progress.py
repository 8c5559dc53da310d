# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.devex.github.plugins.module_utils._engine.progress import Progress


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
