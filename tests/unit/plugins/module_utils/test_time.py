# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.devex.github.plugins.module_utils._time import format_time, parse_http_date, parse_iso8601

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-03-10T12:00:00Z", id="Z"),
        pytest.param("2026-03-10t12:00:00z", id="lower case"),
        pytest.param("2026-03-10T12:00:00+00:00", id="an offset of zero"),
        pytest.param("2026-03-10T12:00:00-00:00", id="a negative offset of zero"),
        pytest.param("2026-03-10T12:00:00.000+00:00", id="milliseconds, as GitHub has them"),
        pytest.param("2026-03-10T12:00:00.123456789Z", id="nanoseconds are cut"),
        pytest.param("2026-03-10T12:00:00,9Z", id="a comma before the fraction"),
        pytest.param("2026-03-10T14:00:00+0200", id="an offset without a colon, as git has it"),
        pytest.param("2026-03-10 14:00:00 +0200", id="blanks, as git log has them"),
        pytest.param("2026-03-10T14:00:00+02", id="an offset of hours only"),
        pytest.param("2026-03-10T06:30:00-05:30", id="a negative offset"),
        pytest.param("2026-03-10T12:00Z", id="no seconds"),
        pytest.param("2026-03-11T00:00:00+12:00", id="an offset that changes the day"),
        pytest.param(" 2026-03-10T12:00:00Z\n", id="blanks around it"),
    ],
)
def test_a_time_is_parsed_in_many_forms(text: str) -> None:
    assert parse_iso8601(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-03-10T12:00:00", id="no offset"),
        pytest.param("2026-03-10", id="a date alone"),
        pytest.param("", id="nothing"),
        pytest.param("yesterday", id="a word"),
        pytest.param("1773144000", id="seconds since 1970"),
        pytest.param("2026-02-30T12:00:00Z", id="a day that does not exist"),
        pytest.param("2026-03-10T25:00:00Z", id="an hour that does not exist"),
        pytest.param("2026-03-10T12:00:60Z", id="a leap second"),
        pytest.param("2026-03-10T12:00:00+25:00", id="an offset of more than a day"),
        pytest.param("2026-03-10T12:00:00Z and more", id="something after it"),
        pytest.param("٢٠٢٦-03-10T12:00:00Z", id="digits other than ASCII"),
        pytest.param("0000-01-01T00:00:00Z", id="the year 0"),
        pytest.param("1969-12-31T23:59:59Z", id="before the first year"),
        pytest.param("1970-01-01T00:00:00+23:59", id="before the first year, in UTC"),
        pytest.param("2999-12-31T23:59:59-23:59", id="after the last year, in UTC"),
        pytest.param("9999-12-31T23:59:59-23:59", id="after all years, in UTC"),
        pytest.param("0001-01-01T00:00:00+23:59", id="before all years, in UTC"),
        pytest.param("3000-01-01T00:00:00Z", id="after the last year"),
    ],
)
def test_a_text_that_is_not_a_time_raises_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_iso8601(text)


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "2999-12-31T23:59:59Z"])
def test_the_first_and_the_last_time_are_parsed_and_formatted(text: str) -> None:
    assert format_time(parse_iso8601(text)) == text


def test_a_time_is_formatted_like_githubs() -> None:
    assert format_time(NOON.astimezone(timezone(timedelta(hours=9)))) == "2026-03-10T12:00:00Z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Tue, 10 Mar 2026 12:00:00 GMT", NOON, id="GMT"),
        pytest.param("Tue, 10 Mar 2026 14:00:00 +0200", NOON, id="an offset"),
        pytest.param("Tue, 10 Mar 2026 12:00:00 -0000", NOON, id="an unknown offset is UTC"),
        pytest.param("Tue, 10 Mar 2026", None, id="no time"),
        pytest.param("Tue, 10 Mar 99999 12:00:00 GMT", None, id="a year that does not exist"),
        pytest.param("Tue, 10 Mar 2026 12:00:00 +9999", None, id="an offset that does not exist"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", None, id="the last year that there is"),
        pytest.param("Thu, 01 Jan 1970 00:00:00 +2359", None, id="before the first year, in UTC"),
        pytest.param("Tue, 31 Dec 2999 23:59:59 -2359", None, id="after the last year, in UTC"),
        pytest.param("60", None, id="a number"),
        pytest.param("", None, id="nothing"),
        pytest.param(None, None, id="no header"),
    ],
)
def test_a_http_date_is_a_time_or_none(text: str | None, expected: datetime | None) -> None:
    assert parse_http_date(text) == expected
