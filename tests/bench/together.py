# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure playbooks with the same token that run at the same time, with GitHub's limits."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from emulator.client import Emulator

from bench.case import Case
from bench.cost import run
from bench.limited import least_seconds
from bench.measure import arrived, prepare
from bench.plan import Plan
from bench.programs import Programs
from bench.ways import CONCURRENCY, TASK, Call, Job, Place

_SECRETS = 5
_AT_ONCE, _AFTER_CHECK = "two playbooks at once", "`--check`, then the run"


@dataclass(frozen=True)
class Together:
    """What became of several runs."""

    title: str
    #: Of all requests that were sent.
    points: int
    refused: int
    #: From the start of the first run to the end of the last one.
    seconds: float

    @property
    def least(self) -> float:
        """The seconds that GitHub's limit takes."""
        return least_seconds(self.points)


def measure_together(emulator: Emulator, programs: Programs, plan: Plan) -> Iterator[Together]:
    """Measure two runs at once, and a dry run before its run. RuntimeError if a run fails or a secret is missing."""
    for title in (_AT_ONCE, _AFTER_CHECK):
        job = prepare(Case(TASK, _SECRETS, 0, CONCURRENCY, 2 * plan.together), emulator)
        emulator.limit()
        with tempfile.TemporaryDirectory(prefix="devex-github-bench-") as directory:
            place = Place(Path(directory), emulator.url, programs)
            start = time.monotonic()
            if title == _AT_ONCE:
                halves = (job.repositories[: plan.together], job.repositories[plan.together :])
                _run(place, [TASK.call(_below(place, half[0][-4:]), Job(job.secrets, half)) for half in halves])
            else:
                _run(place, [TASK.call(_below(place, "check"), job)], "--check")
                _run(place, [TASK.call(_below(place, "run"), job)])
            seconds = time.monotonic() - start
        if arrived(emulator, job) != len(job.secrets) * len(job.repositories):
            raise RuntimeError(f"{title}: GitHub does not hold all secrets")
        points = sum(row["rate_points"] for row in emulator.calls())
        yield Together(title, points, emulator.refused(), seconds)


def _below(place: Place, name: str) -> Place:
    """Return a directory of its own for a run."""
    path = place.directory / name
    path.mkdir()
    return Place(path, place.url, place.programs)


def _run(place: Place, calls: Sequence[Call], *arguments: str) -> None:
    """Run commands at the same time, in the home directory of one user."""
    home = {"HOME": str(place.directory), "XDG_STATE_HOME": str(place.directory / "state")}

    def one(call: Call) -> None:
        directory = Path(call.command[-1]).parent
        run([*call.command, *arguments], {**call.environment, **home}, directory)

    with ThreadPoolExecutor(len(calls)) as threads:
        for dummy in threads.map(one, calls):
            pass
