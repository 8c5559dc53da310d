# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure a loop with nothing to do, beside the same loop over other modules."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from emulator.client import Emulator

from bench.case import Case
from bench.cost import run
from bench.measure import prepare
from bench.plan import Plan
from bench.programs import Programs
from bench.ways import CONCURRENCY, LOOP, PEER, STAT, Place, Way


@dataclass
class Loop:
    """Seconds of a playbook with the same loop, each time."""

    way: Way
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def measure_loops(emulator: Emulator, programs: Programs, plan: Plan) -> Iterator[Loop]:
    """Measure each loop in turns. RuntimeError if a command fails."""
    loops = [Loop(way) for way in (LOOP, STAT, PEER) if way.peer not in programs.missing]
    job = prepare(Case(LOOP, plan.items, 0, CONCURRENCY), emulator)
    with tempfile.TemporaryDirectory(prefix="devex-github-bench-") as directory:
        place = Place(Path(directory), emulator.url, programs)
        for number in range(plan.rounds + 1):
            for loop in loops:
                call = loop.way.call(place, job)
                cost = run(call.command, call.environment, place.directory)
                # The first round writes the secrets.
                if number:
                    loop.seconds.append(cost.seconds)
    yield from loops
