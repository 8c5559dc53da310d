# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.devex.github.plugins.module_utils._errors import RateLimited, Stopped, Unauthorized
from ansible_collections.devex.github.plugins.module_utils._github.budget import Window
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.rate_limit import Limit
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import Clock

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
READ = ("GET", "/user/codespaces/secrets")
WRITE = ("PUT", "/user/codespaces/secrets/TOKEN")
QUERY = ("POST", "/graphql")


def ends_after(seconds: float | None) -> Limit:
    return Limit(seconds, NOON)


def pace_of(clock: Clock, max_wait: float = 120) -> Pace:
    return Pace(max_wait, monotonic=clock.monotonic, sleep=clock.sleep)


def send(pace: Pace, request: tuple[str, str], times: int = 1) -> None:
    for dummy in range(times):
        while not pace.enter(*request):
            pass
        pace.answered(*request)


# --- the window ---


def test_a_window_has_room_again_a_minute_after_each_answer(clock: Clock) -> None:
    window = Window(10)
    for moment in (0.0, 4.0):
        window.take(5)
        window.answered(5, moment)
    assert window.until_room(1, 4.0) == 57
    assert window.until_room(6, 4.0) == 61
    assert window.until_room(5, 60.9) == pytest.approx(0.1)
    assert window.until_room(5, 61.0) == 0
    assert window.until_room(6, 61.0) == 4


def test_the_minute_of_a_request_begins_with_its_answer() -> None:
    window = Window(10)
    window.take(10)
    assert 0 < window.until_room(1, 1000.0) < 1
    window.answered(10, 1000.0)
    assert window.until_room(1, 1000.0) == 61


def test_a_window_is_halved_down_to_a_minimum() -> None:
    window = Window(899)
    for dummy in range(20):
        window.halve()
    assert window.until_room(50, 0.0) == 0
    window.take(50)
    window.answered(50, 0.0)
    assert window.until_room(1, 0.0) == 61


@given(st.lists(st.tuples(st.sampled_from([1, 5]), st.floats(0, 30), st.floats(0, 5)), max_size=400))
def test_no_minute_has_more_points_than_allowed(requests: list[tuple[int, float, float]]) -> None:
    """This holds no matter when GitHub counts a request between its sending and its answer."""
    window, now = Window(20), 0.0
    arrived: list[tuple[float, int]] = []
    for points, pause, latency in requests:
        now += pause
        now += window.until_room(points, now)
        window.take(points)
        arrived.append((now + latency, points))
        now += latency
        window.answered(points, now)
    for start, dummy in arrived:
        assert sum(points for moment, points in arrived if start <= moment < start + 60) <= 20


@pytest.mark.parametrize(("points", "seconds"), [(0, 0), (5, 0), (6, 57), (15, 57), (16, 118)])
def test_a_window_estimates_the_remaining_seconds(points: int, seconds: float) -> None:
    window = Window(10)
    window.take(5)
    window.answered(5, 1000.0)
    assert window.seconds_for(points, 1004.0) == seconds


# --- the pace ---


def test_a_run_below_a_minutes_points_does_not_wait(clock: Clock) -> None:
    pace = pace_of(clock, max_wait=0)
    send(pace, WRITE, 179)
    send(pace, READ, 4)
    send(pace, QUERY, 100)
    assert clock.pauses == []
    assert pace.used.points == 899
    assert pace.seconds_for(1) == 61


def test_a_run_beyond_a_minutes_points_waits_without_a_rate_limit(clock: Clock) -> None:
    pace = pace_of(clock, max_wait=0)
    send(pace, WRITE, 1000)
    assert clock.pauses == [61] * 5


def test_graphql_has_a_separate_window(clock: Clock) -> None:
    pace = pace_of(clock)
    send(pace, WRITE, 179)
    send(pace, QUERY, 1999)
    assert clock.pauses == []
    send(pace, QUERY)
    assert clock.pauses == [61]


def test_all_threads_wait_once_for_one_limit(clock: Clock) -> None:
    pace = pace_of(clock, max_wait=60)
    for dummy in range(3):
        pace.refused(READ[1], ends_after(60))
    send(pace, READ, 3)
    assert clock.pauses == [60]


def test_rate_limits_at_almost_the_same_time_are_one_wait(clock: Clock) -> None:
    """Two waits of a minute count as two minutes, no matter how many requests were under way."""
    pace = pace_of(clock, max_wait=120)
    for dummy in range(2):
        for dummy in range(5):
            pace.refused(READ[1], ends_after(60))
            clock.now += 0.2
        send(pace, READ)
    with pytest.raises(RateLimited, match="max_wait is 120 s, and 120 s are used"):
        pace.refused(READ[1], ends_after(1))


def test_the_later_of_two_ends_counts(clock: Clock) -> None:
    pace = pace_of(clock, max_wait=60)
    pace.refused(READ[1], ends_after(60))
    pace.refused(READ[1], ends_after(10))
    send(pace, READ)
    assert clock.pauses == [60]


def test_a_wait_without_an_end_grows_up_to_15_minutes(clock: Clock) -> None:
    pace = pace_of(clock, max_wait=10_000)
    for dummy in range(6):
        for dummy in range(3):
            pace.refused(READ[1], ends_after(None))
        send(pace, READ)
    assert clock.pauses == [60, 120, 240, 480, 900, 900]


def test_a_rate_limit_halves_the_pace(clock: Clock) -> None:
    pace = pace_of(clock)
    pace.refused(WRITE[1], ends_after(60))
    pace.refused(WRITE[1], ends_after(60))
    send(pace, WRITE, 90)
    assert clock.pauses == [60, 61]
    send(pace, QUERY, 1999)
    assert clock.pauses == [60, 61]


def test_the_estimate_counts_simultaneous_waits_once(clock: Clock) -> None:
    pace = pace_of(clock)
    send(pace, WRITE, 179)
    pace.refused(WRITE[1], ends_after(60))
    assert pace.seconds_for(5) == 61


def test_a_request_that_never_reached_github_costs_nothing(clock: Clock) -> None:
    pace = pace_of(clock)
    for dummy in range(1000):
        pace.enter(*WRITE)
        pace.answered(*WRITE, sent=False)
    assert clock.pauses == []
    assert pace.used.points == 0


def test_many_lost_requests_in_a_row_stop_the_task(clock: Clock) -> None:
    pace = pace_of(clock)
    for dummy in range(19):
        pace.lost()
    pace.note_answer()
    for dummy in range(19):
        pace.lost()
    with pytest.raises(Stopped, match="did not answer 20 requests in a row"):
        pace.lost()
    with pytest.raises(Stopped):
        pace.enter(*READ)


def test_the_first_request_goes_alone() -> None:
    pace = Pace(120)
    pace.enter(*READ)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(pace.enter, *READ) for dummy in range(4)]
        time.sleep(0.2)
        assert not any(one.done() for one in waiting)
        pace.answered(*READ)
        for one in waiting:
            one.result(10)


def test_a_waiting_thread_stops_if_the_task_is_interrupted() -> None:
    pace = Pace(120)
    pace.refused(READ[1], ends_after(60))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pace.enter, *READ)
        time.sleep(0.1)
        pace.stop(Stopped("interrupted"))
        with pytest.raises(Stopped, match="interrupted"):
            waiting.result(10)


def test_a_wait_for_the_pace_does_not_count_against_max_wait(clock: Clock) -> None:
    pace = pace_of(clock, max_wait=60)
    send(pace, WRITE, 400)
    pace.refused(WRITE[1], ends_after(60))
    send(pace, WRITE)
    assert clock.pauses == [61, 61, 60]


def test_a_limit_that_ends_too_late_stops_the_task_and_names_the_end(clock: Clock) -> None:
    pace = pace_of(clock, max_wait=120)
    text = r"ends at 2026-03-10T12:02:01Z, in 121 s\. .*max_wait is 120 s, and 0 s are used"
    with pytest.raises(RateLimited, match=text):
        pace.refused(READ[1], ends_after(121))
    with pytest.raises(RateLimited, match=text):
        pace.enter(*READ)
    with pytest.raises(RateLimited, match=text):
        pace.refused(READ[1], ends_after(1))
    assert clock.pauses == []


def test_a_rejected_token_stops_the_task(clock: Clock) -> None:
    pace = pace_of(clock)
    pace.stop(Unauthorized("first"))
    pace.stop(Unauthorized("second"))
    with pytest.raises(Unauthorized, match="first"):
        pace.enter(*READ)


def test_a_waiting_thread_wakes_up_if_the_task_stops() -> None:
    pace = Pace(120)
    pace.refused(READ[1], ends_after(60))
    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(pace.enter, *READ) for dummy in range(4)]
        time.sleep(0.2)
        pace.stop(Unauthorized("no"))
        for one in waiting:
            with pytest.raises(Unauthorized):
                one.result(10)
    assert time.monotonic() - started < 10


def test_threads_wait_at_the_same_time() -> None:
    """Eight separate waits of a second would exceed the one second of max_wait."""
    pace = Pace(1)
    barrier = threading.Barrier(8)

    def work(dummy: int) -> float:
        barrier.wait()
        pace.refused(READ[1], ends_after(1))
        pace.enter(*READ)
        passed = time.monotonic()
        pace.answered(*READ)
        return passed

    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(work, range(8)))
    assert all(moment - start >= 1 for moment in passed)
