# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the report about large fingerprint stores."""

from __future__ import annotations

import statistics
from datetime import datetime, timezone

from bench.markdown import seconds, table, wrapped
from bench.programs import Programs, machine
from bench.results import Results

_TITLE = "## One secret beside a large fingerprint store\n"


def beside(results: Results, programs: Programs) -> str:
    """Return the section; empty: it was not measured."""
    if not results.beside:
        return ""
    plan = results.plan
    rows = [
        [
            row.database,
            row.kind,
            f"{seconds(statistics.median(row.empty))} s",
            f"{seconds(statistics.median(row.large))} s",
            f"{row.ratio:.2f}",
            len(row.empty),
        ]
        for row in results.beside
    ]
    names = ("devex.github", "Python", "psycopg")
    versions = ", ".join(f"{name} {programs.versions[name]}" for name in names if name in programs.versions)
    return "\n".join(
        (
            _TITLE,
            wrapped(
                "The process of `codespaces_secrets` with one secret in one repository, without latency. One store "
                f"holds the record of this secret only. The other one also holds {plan.records:,} records and "
                f"{plan.recent:,} old recent writes of other repositories. Each task removes some of these old writes, "
                "and they are added again before the next run. The runs beside the two stores take turns, and the "
                "ratio is the median of the n pairs."
            ),
            wrapped(f"- Date: {datetime.now(timezone.utc):%Y-%m-%d}")
            + wrapped(f"- Versions: {versions}")
            + wrapped(f"- Machine: {machine()}, load {results.load:.1f} at the start; the database runs on it, too")
            + wrapped("- To repeat it: `make bench BENCH='--only store'`, which writes this section"),
            table(
                ["database", "run", "beside the small store", "beside the large store", "ratio", "n"],
                rows,
                ("database", "run"),
            ),
        )
    )
