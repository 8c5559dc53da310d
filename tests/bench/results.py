# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was found for the cases of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.limited import Limited
from bench.loops import Loop
from bench.measure import Measured
from bench.plan import Plan
from bench.store import Beside
from bench.together import Together
from bench.ways import CONCURRENCY, Way


@dataclass
class Results:
    """What was measured, in order."""

    plan: Plan
    rows: list[Measured] = field(default_factory=list)
    limited: list[Limited] = field(default_factory=list)
    beside: list[Beside] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    together: list[Together] = field(default_factory=list)
    #: Of the machine, by others, before the first run.
    load: float = 0.0

    @property
    def most_secrets(self) -> int:
        return max(self.plan.sizes)

    def find(self, way: Way, secrets: int, latency_ms: int, concurrency: int = CONCURRENCY) -> Measured | None:
        """What was measured for one repository."""
        wanted = (way, secrets, latency_ms, concurrency, 1)
        for row in self.rows:
            case = row.case
            if (case.way, case.secrets, case.latency_ms, case.concurrency, case.repositories) == wanted:
                return row
        return None
