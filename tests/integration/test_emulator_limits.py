# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the emulator has GitHub's rate limits by default."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import TOKEN
from .rest import SECRETS, Rest

pytestmark = pytest.mark.thorough

PATH = SECRETS["repo:octo-org/app"]

Request = tuple[str, str, Any]

GET: Request = ("GET", PATH, None)
HEAD: Request = ("HEAD", PATH, None)
PUT: Request = ("PUT", f"{PATH}/ONE", {})
DELETE: Request = ("DELETE", f"{PATH}/ABSENT", None)
QUERY: Request = ("POST", "/graphql", {"query": "query { viewer { login } }"})
#: The statuses of accepted requests, valid or not.
ANSWERED = {"GET": 200, "HEAD": 200, "PUT": 422, "DELETE": 404, "POST": 200}
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@pytest.fixture
def rest(emulator: Emulator) -> Iterator[Rest]:
    with closing(Rest(emulator.url)) as found:
        yield found


def taken(rest: Rest, *requests: Request, token: str = TOKEN) -> int:
    """Send these requests in order, and return how many are answered before the first rejection."""
    for number, (method, path, body) in enumerate(requests):
        answer = rest(method, path, body, token=token)
        if answer.status_code != ANSWERED[method]:
            assert answer.status_code in (403, 429)
            return number
    return len(requests)


@pytest.mark.parametrize(
    ("request_", "at_most", "other"),
    [(GET, 900, QUERY), (PUT, 180, QUERY), (DELETE, 180, QUERY), (QUERY, 2000, GET)],
    ids=["GET", "PUT", "DELETE", "GraphQL"],
)
def test_a_minute_has_900_points(
    request_: Request, at_most: int, other: Request, rest: Rest, emulator: Emulator
) -> None:
    assert taken(rest, *[request_] * at_most) == at_most
    assert emulator.refused() == 0
    assert taken(rest, request_) == 0
    assert emulator.refused() == 1
    # GraphQL and another token have separate points.
    assert taken(rest, other) == 1
    assert taken(rest, request_, token="another") == 1
    emulator.advance(60)
    assert taken(rest, request_) == 1


def test_reads_and_writes_share_points_and_a_rejected_request_costs_nothing(rest: Rest, emulator: Emulator) -> None:
    emulator.limit(points=12)
    assert taken(rest, GET, HEAD, PUT, DELETE) == 4
    assert taken(rest, GET) == 0
    emulator.limit(points=12)
    assert taken(rest, PUT, PUT, PUT) == 2
    assert taken(rest, PUT) == 0
    assert taken(rest, GET, GET, GET) == 2
    assert emulator.refused() == 3


def test_the_window_slides(rest: Rest, emulator: Emulator) -> None:
    emulator.limit(points=6)
    assert taken(rest, GET) == 1
    emulator.advance(20)
    assert taken(rest, DELETE) == 1
    emulator.advance(20)
    # A read is accepted after the first request has left the window, and a write after the write has left it.
    seconds = [int(rest(*one).headers["Retry-After"]) for one in (GET, DELETE)]
    assert seconds == [pytest.approx(20, abs=2), pytest.approx(40, abs=2)]
    emulator.advance(20)
    assert taken(rest, GET, GET) == 1
    assert taken(rest, DELETE) == 0
    emulator.advance(20)
    assert taken(rest, DELETE, GET) == 1


def test_a_short_window_ends_without_a_clock_change(rest: Rest, emulator: Emulator) -> None:
    emulator.limit(points=1, window=2)
    assert taken(rest, GET) == 1
    refused = rest(*GET)
    assert (refused.status_code, refused.json()["message"]) == (403, SECONDARY)
    assert 1 <= int(refused.headers["Retry-After"]) <= 2
    time.sleep(int(refused.headers["Retry-After"]))
    assert taken(rest, GET) == 1


def test_a_hundred_requests_at_once(emulator: Emulator) -> None:
    emulator.switch(latency=4)

    def status(number: int) -> int:
        with closing(Rest(emulator.url)) as rest:
            return rest(*(QUERY if number % 2 else GET)).status_code

    with ThreadPoolExecutor(103) as pool:
        statuses = Counter(pool.map(status, range(103)))
    assert statuses == {200: 100, 403: 3}
    assert emulator.refused() == 3


def test_a_retry_succeeds_after_too_many_concurrent_requests(emulator: Emulator) -> None:
    emulator.limit(at_once=0)
    with closing(Rest(emulator.url)) as rest:
        refused = rest(*GET)
    assert (refused.status_code, refused.json()["message"]) == (403, SECONDARY)
    assert refused.headers["Retry-After"] == "1"


def test_an_hour_has_5000_requests(rest: Rest, emulator: Emulator) -> None:
    minute = [GET] * 900
    for dummy in range(5):
        assert taken(rest, *minute) == 900
        emulator.advance(60)
    assert taken(rest, *minute) == 500
    assert taken(rest, GET, token="of the same user") == 0
    refused = rest(*GET)
    assert (refused.status_code, refused.json()["message"]) == (403, "API rate limit exceeded for user ID 1.")
    assert "Retry-After" not in refused.headers
    assert (refused.headers["X-RateLimit-Remaining"], refused.headers["X-RateLimit-Used"]) == ("0", "5000")
    assert 3500 < int(refused.headers["X-RateLimit-Reset"]) - time.time() <= 3600
    assert taken(rest, ("GET", "/user", None), QUERY) == 2
    emulator.advance(3300)
    assert rest(*GET).headers["X-RateLimit-Used"] == "1"


def test_the_remaining_requests_of_the_hour_can_be_set(rest: Rest, emulator: Emulator) -> None:
    emulator.tokens({TOKEN: {}, "another": {"user": "hubot"}})
    emulator.limit(remaining=2, reset_in=90, status=429)
    assert taken(rest, GET, PUT, GET) == 2
    assert rest(*GET).status_code == 429
    assert taken(rest, GET, GET, GET, token="another") == 2
    emulator.advance(91)
    assert rest(*GET).headers["X-RateLimit-Remaining"] == "4999"


def test_a_reset_restores_the_limits(rest: Rest, emulator: Emulator) -> None:
    emulator.limit(points=1)
    assert taken(rest, DELETE) == 0
    emulator.no_limits()
    assert taken(rest, *[DELETE] * 181) == 181
    emulator.limit()
    assert taken(rest, *[DELETE] * 181) == 180
    emulator.reset()
    assert emulator.refused() == 0
    assert taken(rest, *[DELETE] * 181) == 180


def test_a_server_without_limits_rejects_nothing() -> None:
    with Emulator.start("--no-limits") as emulator, closing(Rest(emulator.url)) as rest:
        for dummy in range(2):
            assert taken(rest, *[DELETE] * 181) == 181
            assert rest(*GET).headers["X-RateLimit-Remaining"] == "5000"
            emulator.reset()


@pytest.mark.parametrize("nonsense", [{"pionts": 1}, {"status": 500}, {"answer": "soon"}, {"remaining": 5001}])
def test_an_invalid_limit_is_rejected(nonsense: dict[str, Any], emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="POST limit"):
        emulator.limit(**nonsense)
