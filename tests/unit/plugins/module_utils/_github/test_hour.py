# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import RateLimited
from ansible_collections.devex.github.plugins.module_utils._github.hour import Hour, Left, left_of
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.rate_limit import Limit
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import Clock

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
DATE = "Tue, 10 Mar 2026 12:00:00 GMT"
READ = ("GET", "/user/codespaces/secrets")
WRITE = ("PUT", "/user/codespaces/secrets/TOKEN")


def send(pace: Pace, request: tuple[str, str], left: Left | None = None) -> None:
    while not pace.enter(*request):
        pass
    pace.answered(*request, left=left)


def pace_of(clock: Clock, max_wait: float) -> Pace:
    return Pace(max_wait, monotonic=clock.monotonic, sleep=clock.sleep)


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        pytest.param({}, Left(7, 61.0, NOON, limit=5000), id="all headers"),
        pytest.param({"X-RateLimit-Limit": ""}, Left(7, 61.0, NOON), id="no limit"),
        pytest.param({"X-RateLimit-Reset": "1773143000"}, Left(7, 0.0, NOON, limit=5000), id="a reset in the past"),
        pytest.param(
            {"X-RateLimit-Reset": "9" * 15}, Left(7, 3601.0, NOON, limit=5000), id="a reset after more than an hour"
        ),
        pytest.param({"X-RateLimit-Reset": "soon"}, None, id="a reset that is no number"),
        pytest.param({"X-RateLimit-Remaining": ""}, None, id="no number of requests"),
        pytest.param({"Date": ""}, None, id="no date"),
    ],
)
def test_left_of(changes: dict[str, str], left: Left | None) -> None:
    headers = {
        "Date": DATE,
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "7",
        "X-RateLimit-Reset": "1773144060",
    }
    assert left_of({**headers, **changes}) == left


@pytest.mark.parametrize(
    ("requests", "now", "seconds"),
    [
        pytest.param(7, 0.0, 0.0, id="as many as are left"),
        pytest.param(8, 0.0, 60.0, id="one more than are left"),
        pytest.param(17, 10.0, 50.0, id="as many as are left and a whole hour"),
        pytest.param(18, 0.0, 60.0 + 3601.0, id="one more than that"),
        pytest.param(10, 60.0, 0.0, id="a whole hour, after the reported one"),
        pytest.param(11, 60.0, 3601.0, id="one more, after the reported hour"),
    ],
)
def test_requests_take_the_rest_of_the_hour_and_whole_hours(requests: int, now: float, seconds: float) -> None:
    hour = Hour()
    hour.reported(Left(7, 60.0, NOON, limit=10), 0.0)
    assert hour.seconds_for(requests, now) == seconds


def test_requests_beyond_an_hour_without_a_limit_take_the_rest_of_the_hour() -> None:
    hour = Hour()
    assert hour.seconds_for(9000, 0.0) == 0
    hour.reported(Left(7, 60.0, NOON), 0.0)
    assert hour.seconds_for(9000, 0.0) == 60


def test_an_hour_without_a_report_has_room() -> None:
    hour = Hour()
    hour.take()
    assert hour.until_room(0.0) == 0


def test_unanswered_requests_count_for_the_hour() -> None:
    hour = Hour()
    hour.reported(Left(2, 100.0, NOON), 0.0)
    hour.take()
    assert hour.until_room(1.0) == 0
    hour.take()
    assert 0 < hour.until_room(1.0) < 1
    hour.answered()
    assert hour.until_room(1.0) == 0


def test_a_used_up_hour_has_room_at_its_end() -> None:
    hour = Hour()
    hour.reported(Left(0, 100.0, NOON), 0.0)
    assert hour.until_room(40.0) == 60
    assert hour.until_room(100.0) == 0


def test_answers_of_one_hour_may_arrive_in_any_order() -> None:
    hour = Hour()
    hour.reported(Left(0, 100.0, NOON), 0.0)
    hour.reported(Left(1, 101.0, NOON), 0.0)
    assert hour.until_room(1.0) == 100


def test_a_late_answer_of_the_former_hour_is_ignored() -> None:
    hour = Hour()
    hour.reported(Left(4999, 3600.0, NOON), 10.0)
    hour.reported(Left(0, 1.0, NOON), 10.0)
    assert hour.until_room(11.0) == 0


def test_a_task_waits_for_the_next_hour_at_the_same_pace(clock: Clock) -> None:
    pace = pace_of(clock, max_wait=10_000)
    for dummy in range(3):
        send(pace, WRITE, Left(0, 3000.0, NOON))
    send(pace, WRITE)
    assert clock.pauses == [3000, 3000, 3000]
    for dummy in range(178):
        send(pace, WRITE)
    assert clock.pauses == [3000, 3000, 3000]


def test_a_task_ends_before_a_request_if_the_next_hour_comes_too_late(clock: Clock) -> None:
    pace = pace_of(clock, max_wait=120)
    send(pace, READ, Left(0, 3000.0, NOON))
    with pytest.raises(
        RateLimited, match=r"ends at 2026-03-10T12:50:00Z, in 3000 s\. .*max_wait is 120 s, and 0 s are used"
    ):
        pace.enter(*READ)
    assert clock.pauses == []


@pytest.mark.parametrize(
    ("full", "other"),
    [
        (READ, ("POST", "/graphql")),
        (READ, ("GET", "/user")),
        (READ, ("GET", "/repos/octo-org/app/actions/secrets")),
        (("GET", "/repos/octo-org/app/actions/secrets"), READ),
        (("POST", "/graphql"), READ),
    ],
    ids=str,
)
def test_a_request_of_another_counter_does_not_wait_for_the_hour(
    full: tuple[str, str], other: tuple[str, str], clock: Clock
) -> None:
    pace = pace_of(clock, max_wait=0)
    send(pace, full, Left(0, 3000.0, NOON))
    send(pace, other)
    assert clock.pauses == []
    with pytest.raises(RateLimited):
        pace.enter(*full)


def test_a_rejection_for_the_hour_keeps_the_pace(clock: Clock) -> None:
    pace = pace_of(clock, max_wait=60)
    pace.refused(WRITE[1], Limit(60, NOON, of_hour=True))
    for dummy in range(179):
        send(pace, WRITE)
    assert clock.pauses == [60]
