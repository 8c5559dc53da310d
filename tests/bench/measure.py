# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure one case: the first run of a way, and a run right after it, when there is nothing to do."""

from __future__ import annotations

import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from emulator.client import Emulator

from bench.case import Case
from bench.cost import Cost, run
from bench.programs import Programs
from bench.unpaced import unpaced
from bench.ways import CONSUMERS, Job, Place

_SERVER = Path(__file__).with_name("github_with_actions.py")
_ONE = ("octo-org/app",)
#: An organization with no other repositories than those that are measured.
_MANY = "octo-many"


@dataclass
class Runs:
    """The cost of the same run, each time."""

    calls: int = 0
    writes: int = 0
    points: int = 0
    costs: list[Cost] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return statistics.median(cost.seconds for cost in self.costs)

    @property
    def busy(self) -> float:
        return statistics.median(cost.busy for cost in self.costs)

    @property
    def megabytes(self) -> float:
        return max(cost.megabytes for cost in self.costs)


@dataclass
class Measured:
    """A case and its outcome."""

    case: Case
    first: Runs = field(default_factory=Runs)
    again: Runs = field(default_factory=Runs)


@contextmanager
def github() -> Iterator[Emulator]:
    """The local GitHub of the benchmark."""
    with subprocess.Popen([sys.executable, str(_SERVER)], stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("the emulator has no standard output")
            yield Emulator(process.stdout.readline().strip())
        finally:
            process.terminate()


def measure(case: Case, emulator: Emulator, programs: Programs) -> Measured:
    """Measure a case. RuntimeError if a command fails, or GitHub does not have the expected secrets afterwards."""
    result = Measured(case)
    for dummy in range(case.times):
        job = prepare(case, emulator)
        with tempfile.TemporaryDirectory(prefix="devex-github-bench-") as directory:
            for runs in (result.first, result.again):
                used = unpaced(programs) if runs is result.first and not case.paced else programs
                place = Place(Path(directory), emulator.url, used)
                call = case.way.call(place, job)
                emulator.clear_calls()
                cost = run(call.command, call.environment, place.directory)
                _note(runs, cost, emulator, case)
                wanted = case.secrets * case.repositories * len(case.way.consumers)
                if arrived(emulator, job, case.way.consumers) != wanted:
                    raise RuntimeError(f"{case.way.title}: GitHub is missing some of the written secrets")
    return result


def prepare(case: Case, emulator: Emulator) -> Job:
    """Reset GitHub to no secrets and no limits, and return the secrets to write."""
    names = _ONE if case.repositories == 1 else [f"{_MANY}/r{number:04}" for number in range(case.repositories)]
    values = {f"SECRET_{number:03}": secrets.token_hex(20) for number in range(case.secrets)}
    emulator.reset()
    emulator.organization(_MANY)
    emulator.repositories(*names)
    emulator.switch(latency=case.latency_ms / 1000)
    return Job(values, names, case.concurrency)


def arrived(emulator: Emulator, job: Job, consumers: Sequence[str] = CONSUMERS[:1]) -> int:
    """Return how many secrets GitHub has with the values of the job. RuntimeError if it has others."""
    state = emulator.state()
    suffixes = ["" if consumer == CONSUMERS[0] else f"/{consumer}" for consumer in consumers]
    count = 0
    for name in (f"{name}{suffix}" for name in job.repositories for suffix in suffixes):
        for secret, row in state[f"repo:{name}"]["secrets"].items():
            if job.secrets.get(secret) != row["value"]:
                raise RuntimeError(f"{name} has other secrets than those written")
            count += 1
    return count


def _note(runs: Runs, cost: Cost, emulator: Emulator, case: Case) -> None:
    calls = emulator.calls()
    points = sum(call["rate_points"] for call in calls)
    if runs.costs and (runs.calls, runs.points) != (len(calls), points):
        raise RuntimeError(f"{case.way.title}: {len(calls)} calls, and {runs.calls} the time before")
    runs.calls, runs.points, runs.writes = len(calls), points, len(emulator.calls(writes_only=True))
    runs.costs.append(cost)
