# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from ansible_collections.devex.github.plugins.module_utils._errors import RateLimited
from ansible_collections.devex.github.plugins.module_utils._github.limit import Gate, Limit, limit_of
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import Clock

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
DATE = "Tue, 10 Mar 2026 12:00:00 GMT"
EPOCH = int(NOON.timestamp())
PRIMARY = {"message": "API rate limit exceeded for user ID 1."}
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
DENIED = {"message": "Must have admin rights to Repository."}


def limit(status: int, headers: dict[str, str], body: Any, times: int = 0) -> Limit | None:
    return limit_of(status, CaseInsensitiveDict({"date": DATE, **headers}), body, times)


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        pytest.param(429, {"retry-after": "7"}, SECONDARY, 7, id="429 that says how long"),
        pytest.param(429, {}, None, 60, id="429 that says nothing"),
        pytest.param(429, {"retry-after": "0"}, SECONDARY, 1, id="no time at all is a second"),
        pytest.param(429, {"retry-after": "soon"}, SECONDARY, 60, id="a time that is none"),
        pytest.param(403, {"retry-after": "30"}, SECONDARY, 30, id="403 that says how long"),
        pytest.param(403, {"retry-after": "30"}, DENIED, 30, id="403 that says how long, whatever its text"),
        pytest.param(403, {"retry-after": "30"}, None, 30, id="403 without JSON that says how long"),
        pytest.param(
            403, {"retry-after": "Tue, 10 Mar 2026 12:02:00 GMT"}, SECONDARY, 120, id="403 that says until when"
        ),
        pytest.param(
            403, {"retry-after": "Tue, 10 Mar 2026 11:00:00 GMT"}, SECONDARY, 1, id="a limit that has just ended"
        ),
        pytest.param(
            403,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH + 90)},
            PRIMARY,
            91,
            id="403 with nothing remaining waits until the reset",
        ),
        pytest.param(
            429,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH + 90)},
            PRIMARY,
            91,
            id="429 with nothing remaining waits until the reset",
        ),
        pytest.param(
            403,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH + 90)},
            None,
            91,
            id="403 without JSON with nothing remaining waits until the reset",
        ),
        pytest.param(
            403,
            {"retry-after": "5", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH + 90)},
            PRIMARY,
            5,
            id="Retry-After comes before the reset",
        ),
        pytest.param(
            403,
            {"x-ratelimit-remaining": "4000", "x-ratelimit-reset": str(EPOCH + 90)},
            SECONDARY,
            60,
            id="the reset is about another limit while something remains",
        ),
        pytest.param(403, {"x-ratelimit-remaining": "0"}, PRIMARY, 60, id="nothing remaining, and no reset"),
        pytest.param(403, {}, SECONDARY, 60, id="403 with the text only"),
        pytest.param(
            403, {}, {"message": "You have triggered an abuse detection mechanism."}, 60, id="403 with the older text"
        ),
        pytest.param(200, {}, {"errors": [{"type": "RATE_LIMITED"}]}, 60, id="GraphQL's error"),
        pytest.param(
            200,
            {},
            {"errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit"}]},
            60,
            id="GraphQL's error, by its newer name",
        ),
        pytest.param(
            200,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH + 9)},
            {"data": None, "errors": ["odd", {"type": "RATE_LIMITED"}]},
            10,
            id="GraphQL's error with a reset",
        ),
        pytest.param(429, {"retry-after": "9" * 15}, None, 10.0**8, id="for ever is some years"),
        pytest.param(429, {"retry-after": "9" * 5000}, None, 60, id="what is no number says nothing"),
        pytest.param(
            403,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 5000},
            None,
            60,
            id="a reset that is no number says nothing",
        ),
    ],
)
def test_these_answers_are_limits(status: int, headers: dict[str, str], body: Any, seconds: float) -> None:
    assert limit(status, headers, body) == Limit(seconds, NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        pytest.param(403, {}, DENIED, id="403 for lack of permission"),
        pytest.param(403, {"x-ratelimit-remaining": "4999"}, DENIED, id="403 with something remaining"),
        pytest.param(403, {}, None, id="403 without JSON"),
        pytest.param(403, {}, ["rate limit"], id="403 with a list"),
        pytest.param(401, {}, {"message": "Bad credentials"}, id="401"),
        pytest.param(404, {"x-ratelimit-remaining": "0"}, {"message": "Not Found"}, id="404"),
        pytest.param(200, {"x-ratelimit-remaining": "0"}, {"total_count": 0}, id="the last request that was allowed"),
        pytest.param(200, {}, {"data": {}, "errors": [{"type": "NOT_FOUND"}]}, id="another error of GraphQL"),
        pytest.param(200, {}, {"errors": "RATE_LIMITED"}, id="errors that are a text"),
        pytest.param(200, {}, [{"type": "RATE_LIMITED"}], id="a list"),
        pytest.param(201, {}, None, id="success without a body"),
    ],
)
def test_these_answers_are_none(status: int, headers: dict[str, str], body: Any) -> None:
    assert limit(status, headers, body) is None


def test_an_unsaid_wait_grows_up_to_a_quarter_of_an_hour() -> None:
    waits = [limit(403, {}, SECONDARY, times) for times in (0, 1, 2, 3, 4, 1000)]
    assert [wait.seconds for wait in waits if wait] == [60, 120, 240, 480, 900, 900]


def test_without_a_date_the_limit_ends_by_our_clock() -> None:
    found = limit_of(429, CaseInsensitiveDict({"Retry-After": "60"}), None, 0)
    assert found is not None
    assert abs(found.ends - datetime.now(timezone.utc) - timedelta(seconds=60)) < timedelta(seconds=5)


# --- the gate ---


def ends_after(seconds: float) -> Limit:
    return Limit(seconds, NOON + timedelta(seconds=seconds))


def gate_of(clock: Clock, max_wait: float = 120) -> Gate:
    return Gate(max_wait, clock.monotonic, clock.sleep)


def test_an_open_gate_lets_everybody_pass(clock: Clock) -> None:
    gate_of(clock, max_wait=0).enter()
    assert clock.pauses == []


def test_one_limit_is_waited_for_once_by_all(clock: Clock) -> None:
    gate = gate_of(clock, max_wait=60)
    for dummy in range(3):
        gate.close(ends_after(60))
    for dummy in range(3):
        gate.enter()
    assert clock.pauses == [60]


def test_the_later_end_of_two_limits_counts(clock: Clock) -> None:
    gate = gate_of(clock, max_wait=60)
    gate.close(ends_after(60))
    gate.close(ends_after(10))
    gate.enter()
    assert clock.pauses == [60]


def test_waits_may_add_up_to_the_most(clock: Clock) -> None:
    gate = gate_of(clock, max_wait=120)
    for dummy in range(2):
        gate.close(ends_after(60))
        gate.enter()
    assert clock.pauses == [60, 60]
    with pytest.raises(RateLimited, match="max_wait is 120 s, of which 120 s are spent"):
        gate.close(ends_after(1))


def test_a_limit_that_ends_too_late_fails_at_once_and_names_the_end(clock: Clock) -> None:
    with pytest.raises(
        RateLimited, match=r"ends at 2026-03-10T12:02:01Z, in 121 s\. .*max_wait is 120 s, of which 0 s"
    ):
        gate_of(clock, max_wait=120).close(ends_after(121))
    assert clock.pauses == []


def test_once_it_is_shut_everybody_fails_at_once(clock: Clock) -> None:
    gate = gate_of(clock, max_wait=0)
    with pytest.raises(RateLimited, match="12:00:07Z"):
        gate.close(ends_after(7))
    with pytest.raises(RateLimited, match="12:00:07Z"):
        gate.enter()
    with pytest.raises(RateLimited, match="12:00:07Z"):
        gate.close(ends_after(1))
    assert clock.pauses == []


def test_threads_wait_together() -> None:
    """Eight times a tenth of a second would be more than the half that they may wait."""
    gate = Gate(0.5, time.monotonic, time.sleep)
    barrier = threading.Barrier(8)

    def work(dummy: int) -> float:
        barrier.wait()
        gate.close(ends_after(0.1))
        gate.enter()
        return time.monotonic()

    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(work, range(8)))
    assert all(moment - start >= 0.1 for moment in passed)
