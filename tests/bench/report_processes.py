# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the report about loops, and about several processes with the same token."""

from __future__ import annotations

from datetime import datetime, timezone

from bench.loops import Loop
from bench.markdown import seconds, table, wrapped
from bench.programs import COMMUNITY, Programs, machine
from bench.results import Results
from bench.ways import LOOP


def loops(results: Results, programs: Programs) -> str:
    """Return the section; empty: it was not measured."""
    own = next((loop for loop in results.loops if loop.way is LOOP), None)
    if own is None:
        return ""

    def row(loop: Loop) -> list[object]:
        return [loop.way.title, f"{seconds(loop.median)} s", f"{loop.median / own.median:.1f}", len(loop.seconds)]

    return "\n".join(
        (
            "## A loop with nothing to do\n",
            wrapped(
                f"A playbook with one task, which loops over {results.plan.items} secrets of one repository, without "
                "latency. The time includes the start of `ansible-playbook`. The playbooks take turns, and the time is "
                "the median. `community.general.github_secrets` writes its secrets each time, because it cannot know "
                "whether there is something to do."
            ),
            _conditions(results, programs, "loops"),
            table(["", "time", "compared with ours", "n"], map(row, results.loops)),
        )
    )


def together(results: Results, programs: Programs) -> str:
    """Return the section; empty: it was not measured."""
    if not results.together:
        return ""
    rows = [
        [row.title, f"{row.points:,}", row.refused, f"{seconds(row.seconds)} s", f"{seconds(row.least)} s"]
        for row in results.together
    ]
    return "\n".join(
        (
            "## Several processes with one token\n",
            wrapped(
                f"First runs of `codespaces_secrets` with 5 secrets in each of {2 * results.plan.together} "
                "repositories, on an emulator with GitHub's limits. The processes belong to one user, so they share "
                "their pace. The last column is the time that GitHub's limit of 900 points a minute takes."
            ),
            _conditions(results, programs, "together"),
            table(["", "points", "rejected requests", "time", "least time"], rows),
        )
    )


def _conditions(results: Results, programs: Programs, section: str) -> str:
    names = ("devex.github", "ansible-core", COMMUNITY, "Python")
    versions = ", ".join(f"{name} {programs.versions[name]}" for name in names if name in programs.versions)
    lines = (
        f"- Date: {datetime.now(timezone.utc):%Y-%m-%d}",
        f"- Versions: {versions}",
        f"- Machine: {machine()}, load {results.load:.1f} at the start; the emulator runs on it, too",
        f"- To repeat it: `make bench BENCH='--only {section}'`, which writes this section",
    )
    return "".join(map(wrapped, lines))
