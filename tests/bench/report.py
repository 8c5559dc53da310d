# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the report, as Markdown."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import groupby

from bench.limited import least_seconds
from bench.markdown import seconds, table, wrapped
from bench.measure import Measured, Runs
from bench.plan import RELATIVE_MS
from bench.programs import COMMUNITY, Programs, machine
from bench.report_limited import limited
from bench.report_processes import loops, together
from bench.report_store import beside
from bench.results import Results
from bench.ways import CONCURRENCY, GH, INVENTORY, PROCESSES

# The load that a machine has which does nothing else.
_QUIET = 0.5
_HEAD = """\
<!--
Copyright (c) 2026 The devex.github developers
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

<!-- Written by tests/bench/bench.py: do not edit. -->

# Benchmark
"""


def report(results: Results, programs: Programs, *, chart: str | None) -> str:
    """The whole text.

    :arg chart: the name of the chart's file.
    """
    parts = [
        _HEAD,
        wrapped(
            "The same secrets, written in several ways to the local GitHub of the tests (`tests/emulator`), which "
            "waits the given number of milliseconds before each answer: first to repositories that have none of them, "
            "and right afterwards once more, when there is nothing to do."
        ),
        _conditions(results, programs),
    ]
    if chart:
        parts.append(f"![Time of {results.most_secrets} secrets at {RELATIVE_MS} ms]({chart})\n")
    parts += [_one_repository(results), _latencies(results), _process(results), _repositories(results)]
    parts += [_inventory(results), limited(results), loops(results, programs), together(results, programs)]
    parts += [beside(results, programs), _notes(results)]
    return "\n".join(part for part in parts if part)


def _conditions(results: Results, programs: Programs) -> str:
    names = ("devex.github", "ansible-core", COMMUNITY, "gh", "Python", "requests", "pynacl")
    versions = ", ".join(f"{name} {programs.versions[name]}" for name in names if name in programs.versions)
    lines = [
        f"- Date: {datetime.now(timezone.utc):%Y-%m-%d}",
        f"- Versions: {versions}; one environment for all Ansible rows",
        f"- Machine: {machine()}; the emulator runs on it, too",
        "- To repeat it: `make bench`, which writes this page",
    ]
    if results.load > _QUIET:
        load = f"load {results.load:.1f} at the start"
        lines.append(f"- Not quiet: something else ran here as well ({load}), so times are too long, not all alike")
    lines += [f"- Not measured: {peer}, since {reason}" for peer, reason in programs.missing.items()]
    return "".join(wrapped(line) for line in lines)


def _one_repository(results: Results) -> str:
    rows = [
        [row.case.way.title, row.case.secrets, *_cells(row.first), *_cells(row.again), _peak(row), row.case.times]
        for row in _single(results)
        if row.case.latency_ms == RELATIVE_MS and row.case.way not in PROCESSES
    ]
    head = ["", "secrets", *_heads("first run"), *_heads("nothing to do"), "peak memory", "n"]
    return f"## Secrets of one repository, {RELATIVE_MS} ms\n\n{table(head, rows)}"


def _latencies(results: Results) -> str:
    latencies = results.plan.latencies_ms
    single = [row for row in _single(results) if row.case.way not in PROCESSES]
    rows: list[list[object]] = []
    for way, measured in groupby(single, lambda row: row.case.way):
        found = {(row.case.secrets, row.case.latency_ms): row for row in measured}
        for secrets in results.plan.sizes:
            pair = [found.get((secrets, latency)) for latency in latencies]
            cells = [_seconds(runs) for row in pair for runs in ((row.first, row.again) if row else (None, None))]
            rows.append([way.title, secrets, *cells])
    head = ["", "secrets", *(f"{latency} ms: {run}" for latency in latencies for run in ("first run", "nothing to do"))]
    return f"## The same at other latencies, in seconds\n\n{table(head, rows)}"


def _process(results: Results) -> str:
    rows = [
        [
            row.case.way.title,
            row.case.concurrency if way is not GH else "all",
            f"{row.case.latency_ms} ms",
            *_cells(row.first),
            *_cells(row.again),
            _peak(row),
            row.case.times,
        ]
        for way in (*PROCESSES, GH)
        for row in _single(results)
        if row.case.way is way and row.case.secrets == results.most_secrets
    ]
    head = ["", "requests at once", "latency", *_heads("first run"), *_heads("nothing to do"), "peak memory", "n"]
    return (
        f"## The module's own process and gh, {results.most_secrets} secrets\n\n"
        "Without the time that `ansible-playbook` spends on itself:\n\n"
        f"{table(head, rows)}"
    )


def _repositories(results: Results) -> str:
    rows = [
        [
            f"{row.case.repositories:,}",
            row.case.way.title,
            f"{row.case.latency_ms} ms",
            *_cells(row.first),
            *_cells(row.again),
            _peak(row),
            row.case.times,
        ]
        for row in results.rows
        if row.case.repositories > 1 and row.case.way is not INVENTORY
    ]
    head = ["repositories", "", "latency", *_heads("first run"), *_heads("nothing to do"), "peak memory", "n"]
    each = next((row.case.secrets for row in results.rows if row.case.repositories > 1), 0)
    return f"## {each} secrets in each of many repositories\n\n{wrapped(_unpaced(results))}\n{table(head, rows)}"


def _inventory(results: Results) -> str:
    rows = [
        [
            f"{row.case.repositories:,}",
            row.case.way.title,
            f"{row.case.latency_ms} ms",
            row.first.calls,
            f"{_seconds(row.first)} s",
            row.again.calls,
            f"{_seconds(row.again)} s",
            _peak(row),
            row.case.times,
        ]
        for row in results.rows
        if row.case.way is INVENTORY
    ]
    head = ["repositories", "", "latency", "asked: calls", "time", "cached: calls", "time", "peak memory", "n"]
    return f"## An inventory of the repositories of an organization\n\n{table(head, rows)}" if rows else ""


def _unpaced(results: Results) -> str:
    rows = {row.case.repositories: row for row in results.rows if not row.case.paced}
    minutes = " and ".join(f"{least_seconds(row.first.points) / 60:.0f}" for row in rows.values())
    counts = " and ".join(f"{count:,}" for count in rows)
    return (
        "What the work takes. This collection keeps GitHub's pace of 900 points a minute, which would hide that: its "
        f"first runs here are those of a copy without the pace. On GitHub, the first runs over {counts} repositories "
        f"take at least {minutes} minutes, whichever the way. The runs with nothing to do are the collection's as it "
        "is: where more than 899 repositories are read, they wait for a minute."
    )


def _notes(results: Results) -> str:
    left_out = "" if results.plan.loops_everywhere else " A dash stands for a slow loop that was left out (`--full`)."
    notes = (
        "Calls are what the emulator saw. Points are those of GitHub's secondary rate limit, 1 for a read and 5 for a "
        "write. GitHub allows 900 of them a minute, the emulator any number, except where a table says otherwise.",
        "Times are of the whole command, in seconds of real time, the median of n runs." + left_out,
        "Peak memory is that of the largest process of the command, in units of 1,000,000 bytes, the largest of n "
        "runs.",
        f"Ansible has its defaults, and this collection `concurrency: {CONCURRENCY}`, its own, unless a table says "
        "otherwise. Each first run starts with an empty fingerprint store.",
        "`community.general.github_secrets` writes Actions secrets, whose endpoints differ by their path only. It and "
        "`gh` cannot know that there is nothing to do, and write everything again.",
        "One task has all secrets, or all repositories, in a list; the role has a host for each repository, and one "
        "process for all of them. A loop has an item for each secret.",
        "A secret with `value_changed_at` needs no fingerprint. To make or to compare one takes a processor some "
        "milliseconds, on purpose: whoever steals the fingerprint store shall not be able to guess values quickly. "
        "With a `fingerprint_key` it takes microseconds, as whoever does not have the key cannot guess at all.",
        "After each run, the emulator held exactly the values that were to be written, except where a table says that "
        "fewer of them arrived.",
    )
    return "## What the numbers mean\n\n" + "".join(wrapped(f"- {note}") for note in notes)


def _single(results: Results) -> list[Measured]:
    return [row for row in results.rows if row.case.repositories == 1]


def _heads(run: str) -> list[str]:
    return [f"{run}: calls", "points", "time"]


def _cells(runs: Runs) -> list[str]:
    return [f"{runs.calls:,}", f"{runs.points:,}", f"{_seconds(runs)} s"]


def _seconds(runs: Runs | None) -> str:
    if runs is None:
        return "-"
    return seconds(runs.seconds)


def _peak(row: Measured) -> str:
    return f"{max(row.first.megabytes, row.again.megabytes):.0f} MB"
