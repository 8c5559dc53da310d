# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that share the pace of a token."""

from __future__ import annotations

import heapq
import threading
from collections import Counter
from datetime import datetime, timezone

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import RateLimited, StoreError
from ansible_collections.devex.github.plugins.module_utils._github.credentials import Token
from ansible_collections.devex.github.plugins.module_utils._github.ledger import Shared
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.rate_limit import Limit
from ansible_collections.devex.github.plugins.module_utils._model import Change
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import Clock

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
READ = ("GET", "/user/codespaces/secrets")
WRITE = ("PUT", "/user/codespaces/secrets/TOKEN")
QUERY = ("POST", "/graphql")
TOKEN = "a token"


class Memory:
    """A ledger whose clock is ahead of that of the tasks."""

    def __init__(self, clock: Clock) -> None:
        self.texts: dict[str, str] = {}
        self.changes = 0
        self._clock = clock

    def change(self, token: str, change: Change) -> None:
        self.changes += 1
        self.texts[token] = change(self.texts.get(token, ""), self._clock.now + 1_800_000_000)[0]


class Broken:
    """A ledger that works only a few times."""

    def __init__(self, ledger: Memory, times: int) -> None:
        self._ledger = ledger
        self.left = times

    def change(self, token: str, change: Change) -> None:
        self.left -= 1
        if self.left < 0:
            raise StoreError("the database is gone")
        self._ledger.change(token, change)


@pytest.fixture
def ledger(clock: Clock) -> Memory:
    return Memory(clock)


def task(clock: Clock, *ledgers: Memory | Broken, token: str = TOKEN, max_wait: float = 120) -> Pace:
    return Pace(max_wait, shared=Shared(Token(token), ledgers), monotonic=clock.monotonic, sleep=clock.sleep)


def send(pace: Pace, request: tuple[str, str], times: int = 1) -> None:
    for dummy in range(times):
        while not pace.enter(*request):
            pass
        pace.answered(*request)


def waited(clock: Clock) -> float:
    return sum(clock.pauses)


def test_less_than_a_minutes_points_are_not_slowed(clock: Clock, ledger: Memory) -> None:
    for dummy in range(3):
        send(task(clock, ledger, max_wait=0), WRITE, 59)
    assert clock.pauses == []


def test_a_task_waits_for_the_points_that_another_task_has_spent(clock: Clock, ledger: Memory) -> None:
    send(task(clock, ledger), WRITE, 179)
    other = task(clock, ledger, max_wait=0)
    send(other, WRITE)
    assert 61 <= waited(clock) <= 62
    assert other.used.points == 5


def test_a_wait_makes_the_caller_look_again_and_keeps_its_turn(clock: Clock, ledger: Memory) -> None:
    send(task(clock, ledger), WRITE, 179)
    one, two = task(clock, ledger), task(clock, ledger)
    assert not one.enter(*WRITE)
    send(two, WRITE, 178)
    before = len(clock.pauses)
    assert one.enter(*WRITE)
    assert len(clock.pauses) == before


def test_unused_points_are_returned_at_the_end(clock: Clock, ledger: Memory) -> None:
    send(task(clock, ledger), WRITE, 179)
    one = task(clock, ledger)
    assert not one.enter(*WRITE)
    one.settle()
    before = len(clock.pauses)
    send(task(clock, ledger), WRITE, 179)
    assert len(clock.pauses) == before


def test_graphql_has_a_separate_minute(clock: Clock, ledger: Memory) -> None:
    send(task(clock, ledger), WRITE, 179)
    send(task(clock, ledger), QUERY, 1999)
    assert clock.pauses == []
    send(task(clock, ledger), QUERY)
    assert 61 <= waited(clock) <= 62


def test_another_token_is_not_slowed(clock: Clock, ledger: Memory) -> None:
    send(task(clock, ledger), WRITE, 179)
    send(task(clock, ledger, token="another token"), WRITE, 179)
    assert clock.pauses == []
    assert len(ledger.texts) == 2


def test_a_task_waits_for_a_limit_that_another_met(clock: Clock, ledger: Memory) -> None:
    task(clock, ledger).refused(READ[1], Limit(60, NOON))
    other = task(clock, ledger, max_wait=60)
    send(other, READ)
    assert clock.pauses == [60]
    send(other, WRITE, 89)
    assert clock.pauses == [60]
    send(other, WRITE)
    assert 60 < waited(clock) <= 123


def test_one_limit_that_several_meet_is_waited_for_once(clock: Clock, ledger: Memory) -> None:
    tasks = [task(clock, ledger, max_wait=61) for dummy in range(5)]
    for one in tasks:
        one.refused(READ[1], Limit(60, NOON))
        clock.now += 0.2
    for one in tasks:
        send(one, READ)
    assert waited(clock) <= 61
    # Only the first halves what all of them may spend.
    send(tasks[0], READ, 440)
    assert waited(clock) <= 61


def test_a_limit_that_another_met_may_end_too_late(clock: Clock, ledger: Memory) -> None:
    one, other = task(clock, ledger, max_wait=3600), task(clock, ledger)
    one.refused(READ[1], Limit(3000, NOON))
    with pytest.raises(RateLimited, match=r"in 3000 s\. .*max_wait is 120 s"):
        other.enter(*READ)
    with pytest.raises(RateLimited):
        other.enter(*WRITE)
    send(one, READ)
    assert clock.pauses == [3000]


@pytest.mark.parametrize("times", [0, 1, 2, 3, 100, 101, 357])
def test_a_ledger_that_fails_is_left_out(times: int, clock: Clock, ledger: Memory) -> None:
    broken = Broken(Memory(clock), times)
    send(task(clock, ledger, broken), WRITE, 179)
    assert clock.pauses == []
    send(task(clock, ledger, broken), WRITE)
    assert 61 <= waited(clock) <= 62


def test_all_ledgers_count(clock: Clock, ledger: Memory) -> None:
    """A machine has its own, and shares another one with other machines."""
    of_all = Memory(clock)
    send(task(clock, ledger, of_all), WRITE, 100)
    send(task(clock, Memory(clock), of_all), WRITE, 79)
    assert clock.pauses == []
    local = task(clock, ledger)
    send(local, WRITE, 79)
    assert clock.pauses == []
    both = task(clock, ledger, of_all)
    send(both, WRITE)
    assert 61 <= waited(clock) <= 62
    # If only one of the ledgers had room for points, they are returned to it.
    send(task(clock, ledger), WRITE, 178)
    assert 61 <= waited(clock) <= 62


def test_the_estimate_counts_the_points_of_other_tasks(clock: Clock, ledger: Memory) -> None:
    send(task(clock, ledger), WRITE, 150)
    other = task(clock, ledger)
    assert other.seconds_for(500) == 0
    send(other, READ)
    clock.now += 10
    assert other.seconds_for(100) == 0
    assert 50 <= other.seconds_for(500) <= 51.5


# --- simulations: each request is counted by GitHub at any moment before its answer ---


class GitHub:
    """GitHub's limit for the requests of a token."""

    def __init__(self) -> None:
        self.spent: list[tuple[float, int]] = []

    def most(self) -> int:
        """Return the most points that any minute had."""
        self.spent.sort()
        most = total = first = 0
        for moment, points in self.spent:
            total += points
            while self.spent[first][0] <= moment - 60:
                total -= self.spent[first][1]
                first += 1
            most = max(most, total)
        return most


class Simulation:
    """Threads of several tasks on a simulated clock. The thread with the earliest time to wake runs next."""

    def __init__(self, latency: float = 0.3) -> None:
        self.clock = Clock()
        self.ledger = Memory(self.clock)
        self.github = GitHub()
        self.ended: dict[int, float] = {}
        self._latency = latency
        self._turns: list[tuple[float, int, threading.Semaphore]] = []
        self._number = 0
        self._done = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []

    def sleep(self, seconds: float) -> None:
        mine = threading.Semaphore(0)
        self._push(seconds, mine)
        self._done.release()
        mine.acquire()

    def add(self, number: int, requests: list[tuple[str, str]], threads: int) -> None:
        """Add a task that sends requests with so many threads."""
        shared = Shared(Token(TOKEN), [self.ledger])
        pace = Pace(0, shared=shared, monotonic=self.clock.monotonic, sleep=self.sleep)
        pending = [*requests]

        def work(mine: threading.Semaphore) -> None:
            mine.acquire()
            while pending:
                request = pending.pop()
                while not pace.enter(*request):
                    pass
                self.sleep(self._latency)
                self.github.spent.append((self.clock.now, 5 if request is WRITE else 1))
                pace.answered(*request)
            self.ended[number] = self.clock.now - 1000
            self._done.release()

        for dummy in range(threads):
            mine = threading.Semaphore(0)
            self._push(0, mine)
            self._threads.append(threading.Thread(target=work, args=(mine,), daemon=True))
            self._threads[-1].start()

    def run(self) -> None:
        while self._turns:
            moment, dummy, turn = heapq.heappop(self._turns)
            self.clock.now = max(self.clock.now, moment)
            turn.release()
            self._done.acquire()

    def _push(self, seconds: float, turn: threading.Semaphore) -> None:
        self._number += 1
        heapq.heappush(self._turns, (self.clock.now + seconds, self._number, turn))


def test_two_tasks_at_once_keep_the_limit_of_each_minute_and_use_most_of_each_minute() -> None:
    simulation = Simulation()
    for number in range(2):
        simulation.add(number, [WRITE] * 168, threads=8)
    simulation.run()
    assert len(simulation.github.spent) == 336
    assert simulation.github.most() < 900
    assert max(simulation.ended.values()) <= 1.2 * 61


def test_many_tasks_at_once_end_together() -> None:
    simulation = Simulation()
    for number in range(4):
        simulation.add(number, [WRITE] * 300, threads=10)
    simulation.run()
    assert simulation.github.most() < 900
    # 6,000 points take six windows more than one.
    assert max(simulation.ended.values()) <= 1.1 * 6 * 61
    # The last points may be left to one task, so that the others end a window earlier.
    assert min(simulation.ended.values()) > 5 * 60


def test_a_small_task_gets_its_turn_beside_a_large_one() -> None:
    simulation = Simulation()
    simulation.add(0, [WRITE] * 1200, threads=50)
    simulation.add(1, [WRITE, READ, READ], threads=1)
    simulation.run()
    assert simulation.ended[1] <= 2 * 62
    assert Counter(points for dummy, points in simulation.github.spent) == {5: 1201, 1: 2}


def test_waiting_threads_seldom_look_at_the_ledger() -> None:
    simulation = Simulation()
    for number in range(20):
        simulation.add(number, [READ] * 50, threads=50)
    simulation.run()
    assert simulation.github.most() < 900
    # Two changes for each of 1,000 requests, and some for each process that waits.
    assert simulation.ledger.changes <= 2 * 1000 + 20 * 20
