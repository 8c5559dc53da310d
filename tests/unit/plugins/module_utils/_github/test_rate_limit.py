# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from ansible_collections.devex.github.plugins.module_utils._github.rate_limit import Limit, limit_of

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
DATE = "Tue, 10 Mar 2026 12:00:00 GMT"
EPOCH = int(NOON.timestamp())
PRIMARY = {"message": "API rate limit exceeded for user ID 1."}
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
DENIED = {"message": "Must have admin rights to Repository."}


def limit(status: int, headers: dict[str, str], body: Any) -> Limit | None:
    return limit_of(status, CaseInsensitiveDict({"date": DATE, **headers}), body)


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        pytest.param(429, {"retry-after": "7"}, SECONDARY, 7, id="429 that says how long"),
        pytest.param(429, {}, None, None, id="429 that says nothing"),
        pytest.param(429, {"retry-after": "0"}, SECONDARY, 1, id="no time at all is a second"),
        pytest.param(429, {"retry-after": "soon"}, SECONDARY, None, id="a time that is none"),
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
            None,
            id="the reset is about another limit while something remains",
        ),
        pytest.param(403, {"x-ratelimit-remaining": "0"}, PRIMARY, None, id="nothing remaining, and no reset"),
        pytest.param(403, {}, SECONDARY, None, id="403 with the text only"),
        pytest.param(
            403, {}, {"message": "You have triggered an abuse detection mechanism."}, None, id="403 with the older text"
        ),
        pytest.param(200, {}, {"errors": [{"type": "RATE_LIMITED"}]}, None, id="GraphQL's error"),
        pytest.param(
            200,
            {},
            {"errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit"}]},
            None,
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
        pytest.param(429, {"retry-after": "9" * 5000}, None, None, id="what is no number says nothing"),
        pytest.param(
            403,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 5000},
            None,
            None,
            id="a reset that is no number says nothing",
        ),
    ],
)
def test_a_rate_limit_is_recognised(status: int, headers: dict[str, str], body: Any, seconds: float | None) -> None:
    of_hour = headers.get("x-ratelimit-remaining") == "0" and "retry-after" not in headers
    assert limit(status, headers, body) == Limit(seconds, NOON, of_hour)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        pytest.param(403, {}, DENIED, id="403 for lack of permission"),
        pytest.param(403, {"x-ratelimit-remaining": "4999"}, DENIED, id="403 with something remaining"),
        pytest.param(403, {}, None, id="403 without JSON"),
        pytest.param(403, {"x-ratelimit-remaining": "0"}, DENIED, id="403 for lack of permission, and the hour over"),
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
def test_other_answers_are_not_rate_limits(status: int, headers: dict[str, str], body: Any) -> None:
    assert limit(status, headers, body) is None


def test_the_local_clock_counts_if_an_answer_has_no_date() -> None:
    found = limit_of(429, CaseInsensitiveDict({"Retry-After": "60"}), None)
    assert found is not None
    assert abs(found.answered_at - datetime.now(timezone.utc)) < timedelta(seconds=5)
