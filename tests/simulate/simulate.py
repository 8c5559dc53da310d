# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simulate tasks for thousands of repositories, and print a table of their hours, requests and memory.

Each task runs the real engine in its own process, on a virtual clock, against a GitHub with all published limits.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# For this collection, and the packages `simulate` and `emulator`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "build/dev"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulate.task import KINDS, Took

SIZES = (1_000, 10_000, 50_000)
#: The limits that differ from those of one token.
LIMITS: Mapping[str, Mapping[str, int]] = {
    "token": {},
    "app": {"hourly": 15_000, "remaining": 15_000},
    "content": {"content_a_minute": 80, "content_an_hour": 500},
}
_TITLES = {
    "token": "a token, 5,000 requests an hour",
    "app": "a GitHub App on Enterprise Cloud, 15,000 requests an hour",
    "content": "a token, if GitHub's limit of 500 contents an hour applied to secrets",
    "first": "first run",
    "nothing": "nothing to do",
    "rotation": "one value rotated",
}
#: The most that the option accepts: 30 days.
_MAX_WAIT = 30 * 86_400
_HEAD = ("Limits", "Repositories", "Run", "Requests", "Rejected", "Time", "Memory")
# Each write of a record waits for the disk, which takes longer than the rest of the simulation.
_MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Row:
    """A task, with its cost."""

    limits: str
    repositories: int
    kind: str
    took: Took

    def cells(self) -> tuple[str, ...]:
        took = self.took
        return (
            _TITLES[self.limits],
            f"{self.repositories:,}",
            _TITLES[self.kind],
            f"{took.requests:,}",
            f"{took.rejected:,}",
            duration(took.hours),
            f"{took.megabytes:.0f} MB",
        )


def duration(hours: float) -> str:
    """Return a duration in minutes or hours, for a reader."""
    return f"{hours * 60:.0f} min" if hours < 2 else f"{hours:.1f} h"


def simulate(limits: str, repositories: int, kinds: Sequence[str] = KINDS) -> Iterator[Row]:
    """Run one task after another, each with the secrets and the store that the task before has left.

    :raises RuntimeError: a task fails.
    """
    task = Path(__file__).with_name("task.py")
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="devex-github-simulate-", dir=place) as directory:
        for kind in kinds:
            arguments = [kind, str(repositories), json.dumps(LIMITS[limits]), directory, str(_MAX_WAIT)]
            # Without the environment, which requests would search for proxies at each request.
            done = subprocess.run(
                [sys.executable, str(task), *arguments], env={}, stdout=subprocess.PIPE, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"{' '.join(arguments)} failed with status {done.returncode}")
            took = Took(**json.loads(done.stdout))
            if took.error:
                raise RuntimeError(f"{' '.join(arguments)}: {took.error}")
            yield Row(limits, repositories, kind, took)


def table(rows: Sequence[Row]) -> str:
    """Return the table of the guide, in reStructuredText."""
    lines = [".. list-table::", "    :header-rows: 1", ""]
    for cells in (_HEAD, *(row.cells() for row in rows)):
        lines += [f"    {'*' if index == 0 else ' '} - {cell}" for index, cell in enumerate(cells)]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Simulate tasks for thousands of repositories.")
    parser.add_argument("--only", type=int, action="append", metavar="REPOSITORIES", help="this size; default: all")
    parser.add_argument("--limits", choices=LIMITS, action="append", help="these limits; default: token and app")
    arguments = parser.parse_args(argv)
    rows = []
    for repositories in arguments.only or SIZES:
        for limits in arguments.limits or ("token", "app"):
            for row in simulate(limits, repositories):
                rows.append(row)
                print("  ".join(row.cells()), f" simulated in {row.took.seconds:.0f} s", flush=True)
    print(f"\n{table(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
