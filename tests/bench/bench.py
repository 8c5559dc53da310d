# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure this collection beside others, on the local GitHub; write docs/benchmark.md and its chart.

The other tools are installed into build/bench. If one cannot be installed, the report omits it and gives the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

# For this collection, and the packages `bench` and `emulator`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "build/dev"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from emulator.client import Emulator

from bench.limited import Limited, measure_limited
from bench.loops import measure_loops
from bench.markdown import with_section
from bench.measure import Measured, github, measure
from bench.plan import RELATIVE_MS, Plan
from bench.programs import ROOT, Programs, find, machine
from bench.report import report
from bench.report_processes import loops, together
from bench.report_store import beside
from bench.results import Results
from bench.store import Beside, measure_store
from bench.targets import judged
from bench.together import measure_together
from bench.ways import GH, LOOP, PEER, TASK

BUILD = ROOT / "build/bench"
SMALL = Plan(
    sizes=(5,),
    latencies_ms=(RELATIVE_MS,),
    repositories=5,
    sharing=3,
    many=20,
    limited=5,
    records=1000,
    recent=300,
    pairs=2,
    items=5,
    rounds=1,
    together=3,
)


def progress(row: Measured) -> str:
    case = row.case
    where = f"{case.repositories}x{case.secrets}, {case.latency_ms} ms, concurrency {case.concurrency}"
    runs = (
        f"{runs.seconds:6.2f} s ({runs.busy:6.2f} busy) {runs.calls:5} calls {runs.points:6} points "
        f"{runs.megabytes:4.0f} MB"
        for runs in (row.first, row.again)
    )
    return f"{case.way.key:<10}{where:<37}n={case.times}  {'  |'.join(runs)}"


def progress_limited(row: Limited) -> str:
    where = f"{row.case.repositories}x{row.case.secrets}, {'with' if row.limits else 'without'} limits"
    return (
        f"{row.case.way.key:<10}{where:<37}{row.arrived} of {row.wanted} arrived, {row.refused} of {row.calls} calls "
        f"refused, {row.points} points, {row.cost.seconds:.1f} s, status {row.cost.status}"
    )


def progress_beside(row: Beside) -> str:
    empty, large = (f"{statistics.median(seconds):.3f} s" for seconds in (row.empty, row.large))
    return (
        f"{row.database}, {row.kind}: {empty} beside a small store, {large} beside a large one, ratio {row.ratio:.3f}"
    )


def draw(results: Results, programs: Programs, path: Path) -> bool:
    """Draw the chart, and return whether matplotlib is there to draw it."""
    if not programs.has_matplotlib:
        return False
    secrets = results.most_secrets
    found = [results.find(way, secrets, RELATIVE_MS) for way in (TASK, LOOP, PEER, GH)]
    panels = []
    for title, run in (("First run", "first"), ("Second run: nothing to do", "again")):
        bars = []
        for row in found:
            if row is not None:
                runs = row.first if run == "first" else row.again
                bars.append(
                    {
                        "label": row.case.way.title.replace("`", ""),
                        "ours": row.case.way in (TASK, LOOP),
                        "seconds": runs.seconds,
                        "text": f"{runs.seconds:.1f} s, {runs.calls} call{'' if runs.calls == 1 else 's'}",
                    }
                )
        panels.append({"title": title, "bars": bars})
    title = f"{secrets} secrets in one repository, {RELATIVE_MS} ms of latency: time and calls of the whole command"
    data = BUILD / "chart.json"
    data.write_text(json.dumps({"title": title, "panels": panels}), encoding="utf-8")
    chart = Path(__file__).with_name("chart.py")
    subprocess.run([programs.python, str(chart), str(data), str(path)], check=True)
    return True


def compare(results: Results, programs: Programs, emulator: Emulator) -> None:
    """Measure this collection beside others."""
    for case in results.plan.cases():
        if case.way.peer in programs.missing:
            continue
        try:
            results.rows.append(measure(case, emulator, programs))
        except RuntimeError as error:
            if case.way.peer is None:
                raise
            print(error, flush=True)
            programs.missing[case.way.peer] = "it failed"
            continue
        print(progress(results.rows[-1]), flush=True)
    for case in results.plan.limited_cases():
        if case.way.peer not in programs.missing:
            for limits in (True, False):
                results.limited.append(measure_limited(case, limits, emulator, programs))
                print(progress_limited(results.limited[-1]), flush=True)


def compare_stores(results: Results, programs: Programs, emulator: Emulator) -> None:
    """Measure one secret beside small and large stores."""
    for row in measure_store(emulator, programs, results.plan):
        results.beside.append(row)
        print(progress_beside(row), flush=True)


def compare_loops(results: Results, programs: Programs, emulator: Emulator) -> None:
    """Measure loops with nothing to do."""
    for row in measure_loops(emulator, programs, results.plan):
        results.loops.append(row)
        print(f"{row.way.title}: {row.median:.2f} s", flush=True)


def compare_processes(results: Results, programs: Programs, emulator: Emulator) -> None:
    """Measure several processes with one token."""
    for row in measure_together(emulator, programs, results.plan):
        results.together.append(row)
        print(f"{row.title}: {row.points} points, {row.refused} rejected, {row.seconds:.1f} s", flush=True)


#: The functions that measure and write each section that can be measured alone.
SECTIONS = {
    "loops": (compare_loops, loops),
    "together": (compare_processes, together),
    "store": (compare_stores, beside),
}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the collection beside others.")
    parser.add_argument("--full", action="store_true", help="the slow loops with all sizes at all latencies, too")
    parser.add_argument("--small", action="store_true", help="few of everything, to see whether it works")
    parser.add_argument(
        "--only", choices=list(SECTIONS), help="measure one section only, and keep the others of benchmark.md"
    )
    parser.add_argument("--output", type=Path, help="directory of benchmark.md and benchmark.svg; default: docs")
    arguments = parser.parse_args(argv)
    results = Results(SMALL if arguments.small else Plan(loops_everywhere=arguments.full))
    output = arguments.output or (BUILD if arguments.small else ROOT / "docs")
    BUILD.mkdir(parents=True, exist_ok=True)
    output.mkdir(parents=True, exist_ok=True)

    # If the benchmark is killed, it stops the emulator as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    results.load = os.getloadavg()[0]
    programs = find()
    print(f"{machine()}, load {results.load:.1f}", flush=True)
    for peer, reason in programs.missing.items():
        print(f"Not measured: {peer}, since {reason}", flush=True)
    start = time.monotonic()
    with github() as emulator:
        if not arguments.only:
            compare(results, programs, emulator)
        for section in [arguments.only] if arguments.only else SECTIONS:
            SECTIONS[section][0](results, programs, emulator)

    path = output / "benchmark.md"
    if arguments.only:
        text = with_section(path.read_text(encoding="utf-8"), SECTIONS[arguments.only][1](results, programs))
    else:
        chart = output / "benchmark.svg"
        text = report(results, programs, chart=chart.name if draw(results, programs, chart) else None)
    path.write_text(text, encoding="utf-8")
    print(f"{path}, after {(time.monotonic() - start) / 60:.1f} minutes\n")
    print("\n".join(judged(results)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
