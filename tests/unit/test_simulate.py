# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulation works, and a task that takes hours waits for each next hour without a rejection."""

from __future__ import annotations

from pathlib import Path

from emulator.limits import Rules
from simulate.simulate import Row, duration, table
from simulate.task import FIRST, NOTHING, ROTATION, Took, run

REPOSITORIES = 50
WEEK = 7 * 86_400
#: So few that the first run takes several hours.
RULES = Rules(hourly=100, remaining=100)


def test_the_three_runs_take_their_requests_and_hours_without_a_rejection(tmp_path: Path) -> None:
    first, nothing, rotation = (run(kind, REPOSITORIES, RULES, tmp_path, WEEK) for kind in (FIRST, NOTHING, ROTATION))
    assert [(took.requests, took.written, took.rejected, took.error) for took in (first, nothing, rotation)] == [
        (7 * REPOSITORIES, 5 * REPOSITORIES, 0, ""),
        (REPOSITORIES, 0, 0, ""),
        (3 * REPOSITORIES, REPOSITORIES, 0, ""),
    ]
    assert 3 <= first.hours < 3.1
    assert nothing.hours < 0.1
    assert 1 <= rotation.hours < 1.1


def test_a_task_without_time_for_the_next_hour_continues_later(tmp_path: Path) -> None:
    ended = run(FIRST, REPOSITORIES, RULES, tmp_path, max_wait=120)
    assert "GitHub's rate limit ends at" in ended.error
    assert (ended.requests, ended.written, ended.rejected) == (100, 0, 0)


def test_the_table_has_a_row_for_each_run() -> None:
    row = Row("token", 1000, FIRST, Took(1.25, 7000, 0, 47.4, 9.0, 5000))
    assert table([row]).splitlines()[-7:] == [
        "    * - a token, 5,000 requests an hour",
        "      - 1,000",
        "      - first run",
        "      - 7,000",
        "      - 0",
        "      - 75 min",
        "      - 47 MB",
    ]
    assert duration(69.98) == "70.0 h"
