# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cases that are measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.case import Case
from bench.ways import (
    CONCURRENCY,
    DEBUG,
    GH,
    GH_EACH,
    INVENTORY,
    LOOP,
    MODULE,
    PEER,
    PEER_EACH,
    PROCESSES,
    ROLE,
    SHARED,
    TASK,
)

SIZES = (10, 50, 100)
LATENCIES_MS = (0, 50, 150)
#: The latency at which ways are compared.
RELATIVE_MS = 50
#: The concurrency that a user in a hurry would choose for a hundred secrets.
FAST = 50
REPOSITORIES = 200
#: Repositories whose secrets all consumers share.
SHARING = 20
SECRETS_EACH = 5
#: The repositories for which the memory is measured.
MANY = 1000
#: So many repositories that GitHub does not accept all their secrets in one minute.
LIMITED = 60
#: Rows of a large fingerprint store.
RECORDS = 100_000
RECENT = 30_000
#: Runs beside such a store, each with one beside a small store.
PAIRS = 20
#: Items of the loops that are compared, and how many times each is measured.
ITEMS, ROUNDS = 50, 3
#: Repositories of each of two runs at once, so that one run stays below a minute's points and two do not.
TOGETHER = 31
#: Runs of a quick case.
_TIMES = 3


@dataclass(frozen=True)
class Plan:
    """How much is measured. `loops_everywhere`: the slow loops with all sizes at all latencies."""

    sizes: tuple[int, ...] = SIZES
    latencies_ms: tuple[int, ...] = LATENCIES_MS
    repositories: int = REPOSITORIES
    sharing: int = SHARING
    many: int = MANY
    limited: int = LIMITED
    records: int = RECORDS
    recent: int = RECENT
    pairs: int = PAIRS
    items: int = ITEMS
    rounds: int = ROUNDS
    together: int = TOGETHER
    loops_everywhere: bool = False

    def cases(self) -> Iterator[Case]:
        """In the order of the report."""
        for way in (TASK, LOOP, PEER, GH):
            slow = way in (LOOP, PEER)
            for latency in self.latencies_ms:
                for secrets in self.sizes:
                    if not slow or self.loops_everywhere or latency == RELATIVE_MS or secrets == min(self.sizes):
                        yield Case(way, secrets, latency, CONCURRENCY, times=1 if slow else _TIMES)
        for way, concurrency in ((MODULE, CONCURRENCY), *((way, FAST) for way in PROCESSES)):
            for latency in self.latencies_ms:
                yield Case(way, max(self.sizes), latency, concurrency, times=_TIMES)
        yield Case(SHARED, SECRETS_EACH, RELATIVE_MS, CONCURRENCY, self.sharing, times=_TIMES, paced=False)
        yield Case(TASK, SECRETS_EACH, RELATIVE_MS, CONCURRENCY, self.repositories, times=_TIMES, paced=False)
        yield Case(ROLE, SECRETS_EACH, RELATIVE_MS, CONCURRENCY, self.repositories, times=_TIMES, paced=False)
        yield Case(DEBUG, 0, RELATIVE_MS, CONCURRENCY, self.repositories, times=_TIMES)
        yield Case(MODULE, SECRETS_EACH, 0, CONCURRENCY, self.many, paced=False)
        yield Case(ROLE, SECRETS_EACH, 0, CONCURRENCY, self.many, paced=False)
        yield Case(INVENTORY, 0, RELATIVE_MS, CONCURRENCY, self.many, times=_TIMES)

    def limited_cases(self) -> Iterator[Case]:
        """First runs, each to be measured with GitHub's limits and without."""
        for way in (TASK, GH_EACH, PEER_EACH):
            yield Case(way, SECRETS_EACH, RELATIVE_MS, CONCURRENCY, self.limited)
