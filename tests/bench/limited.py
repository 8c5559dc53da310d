# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure a first run with GitHub's limits, or without: how much of it arrives, and how long that takes."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from emulator.client import Emulator
from emulator.limits import Rules

from bench.case import Case
from bench.cost import Cost, run
from bench.measure import arrived, prepare
from bench.programs import Programs
from bench.ways import Place


@dataclass(frozen=True)
class Limited:
    """The outcome of one run."""

    case: Case
    #: Whether GitHub had its limits.
    limits: bool
    #: Secrets that GitHub holds at the end.
    arrived: int
    #: Requests that were sent, including those that GitHub rejected because of a limit.
    calls: int
    refused: int
    #: Of all requests that were sent.
    points: int
    cost: Cost

    @property
    def wanted(self) -> int:
        return self.case.secrets * self.case.repositories


def least_seconds(points: int) -> float:
    """Return the seconds of the whole windows that must pass before the last of so many points may be spent."""
    rules = Rules()
    return max(0, points - 1) // rules.points * rules.window


def measure_limited(case: Case, limits: bool, emulator: Emulator, programs: Programs) -> Limited:
    """Measure a first run, which may fail."""
    job = prepare(case, emulator)
    if limits:
        emulator.limit()
    with tempfile.TemporaryDirectory(prefix="devex-github-bench-") as directory:
        place = Place(Path(directory), emulator.url, programs)
        call = case.way.call(place, job)
        cost = run(call.command, call.environment, place.directory, may_fail=True)
    calls = emulator.calls()
    points = sum(row["rate_points"] for row in calls)
    return Limited(case, limits, arrived(emulator, job), len(calls), emulator.refused(), points, cost)
