# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Share the pace of a token or an installation with other processes, through ledgers of spent points."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ansible_collections.devex.github.plugins.module_utils._errors import Error
from ansible_collections.devex.github.plugins.module_utils._github.budget import GRAPHQL, Budget, is_graphql
from ansible_collections.devex.github.plugins.module_utils._github.credentials import Credentials, Token
from ansible_collections.devex.github.plugins.module_utils._model import Ledger

# A limit that ends sooner needs no report, because clocks differ and times are rounded.
_MOMENT_SECONDS = 1.0
# Processes that wait for the same moment look at it one after another.
_JITTER_SECONDS = (0.02, 0.2)


@dataclass(frozen=True)
class _Answer:
    """The end of a request."""

    path: str
    points: int
    #: Whether it may have reached GitHub, and counts there.
    sent: bool
    #: Seconds of the clock of the pace.
    at: float


@dataclass(frozen=True)
class Hold:
    """The wait that a ledger requires before a request."""

    seconds: float
    #: Whether it waits for a limit that GitHub has reported to another process.
    is_limit: bool = False


class Shared:
    """Shares the pace of a token with other tasks. A ledger that fails is not used again, and no request waits for it.

    One thread at a time may use it. Times are seconds of the clock of the pace.
    """

    def __init__(self, credentials: Credentials | None = None, ledgers: Sequence[Ledger] = ()) -> None:
        self._credentials = credentials or Token("")
        self._ledgers = [*ledgers]
        self._owner = os.urandom(6).hex()
        # The last known budget of each ledger, and how far its clock is ahead.
        self._latest: dict[Ledger, tuple[Budget, float]] = {}
        # Threads that wait look at a ledger only once for all of them.
        self._full_until = {False: 0.0, True: 0.0}
        self._kept: Counter[tuple[bool, int]] = Counter()
        # Answers that a ledger does not know yet. They go with the next reservation, to save a change for each request.
        self._answers: dict[Ledger, list[_Answer]] = {ledger: [] for ledger in ledgers}

    def reserve(self, path: str, points: int, now: float) -> Hold | None:
        """Reserve points, or return why that is not possible yet."""
        kind = is_graphql(path)
        if self._kept[kind, points]:
            self._kept[kind, points] -= 1
            return None
        if now < self._full_until[kind]:
            return Hold(self._full_until[kind] - now)
        reserved: list[Ledger] = []
        for ledger in [*self._ledgers]:
            hold = self._reserve(ledger, path, points, now)
            if hold is not None:
                self._note(reserved, _Answer(path, points, False, now))
                self._flush(reserved, now)
                if not hold.is_limit:
                    self._full_until[kind] = now + hold.seconds
                return hold
            reserved.append(ledger)
        return None

    def keep(self, path: str, points: int) -> None:
        """Keep reserved points for the next such request."""
        self._kept[is_graphql(path), points] += 1

    def answered(self, path: str, points: int, now: float, *, sent: bool) -> None:
        """Count the points of a request that was answered or given up, if it was sent."""
        self._note(self._ledgers, _Answer(path, points, sent, now))
        if now < max(self._full_until.values()):
            # The next reservation may be a minute away.
            self._flush(self._ledgers, now)

    def refused(self, path: str, seconds: float, now: float, *, counter: str) -> None:
        """Report a limit of GitHub to the other processes. See Budget.refused()."""
        self._change(self._ledgers, lambda budget, at: budget.refused(path, seconds, at, counter=counter), now)

    def seconds_for(self, points: int, now: float) -> float:
        """Return the least seconds that so many more points take, by the last known budgets."""
        estimates = (budget.seconds_for(points, now + ahead) for budget, ahead in self._latest.values())
        return max(estimates, default=0.0)

    def settle(self, now: float) -> None:
        """Report the last answers, and give back reservations that were not used."""
        for (kind, points), count in self._kept.items():
            for dummy in range(count):
                self._note(self._ledgers, _Answer(GRAPHQL if kind else "", points, False, now))
        self._kept.clear()
        self._flush(self._ledgers, now)

    def _reserve(self, ledger: Ledger, path: str, points: int, now: float) -> Hold | None:
        hold: Hold | None = None

        def reserve(budget: Budget, at: float) -> None:
            nonlocal hold
            limited, full = budget.limited_for(path, at), budget.until_room(path, points, at)
            if limited > _MOMENT_SECONDS:
                hold = Hold(limited, is_limit=True)
            elif limited or full:
                hold = Hold(max(limited, full) + random.uniform(*_JITTER_SECONDS))
            else:
                budget.take(path, points, at, self._owner)

        self._change([ledger], reserve, now)
        return hold

    def _note(self, ledgers: Sequence[Ledger], answer: _Answer) -> None:
        for ledger in ledgers:
            self._answers[ledger].append(answer)

    def _flush(self, ledgers: Sequence[Ledger], now: float) -> None:
        """Report answers that wait for the next reservation."""
        self._change([ledger for ledger in ledgers if self._answers[ledger]], lambda budget, at: None, now)

    def _change(self, ledgers: Sequence[Ledger], change: Callable[[Budget, float], None], now: float) -> None:
        """Change the budget in each ledger."""

        def changed(ledger: Ledger, text: str, at: float) -> tuple[str, float]:
            budget = Budget.parse(text, at)
            for answer in self._answers[ledger]:
                budget.answered(answer.path, answer.points, at - (now - answer.at), self._owner, sent=answer.sent)
            change(budget, at)
            self._latest[ledger] = budget, at - now
            return budget.text(), budget.ends_at()

        for ledger in [*ledgers]:
            try:
                ledger.change(self._credentials.identity, partial(changed, ledger))
                self._answers[ledger].clear()
            except (Error, OSError, ValueError):
                self._ledgers.remove(ledger)
                self._latest.pop(ledger, None)
