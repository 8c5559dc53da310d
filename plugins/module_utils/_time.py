# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse and format times: ISO 8601 and HTTP dates."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache

# datetime.fromisoformat() of Python 3.10 accepts neither Z nor fractions of any length.
_ISO_8601 = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?"
    r" ?(?P<offset>Z|[+-]\d\d(?::?\d\d)?)",
    re.ASCII | re.IGNORECASE,
)

# Other years are mistakes, and arithmetic near datetime.max fails.
_FIRST_YEAR = 1970
_LAST_YEAR = 2999

# Secrets of large tasks share most of their times: parsing each once saves time, and sharing them saves memory.
_CACHED = 1024


@lru_cache(_CACHED)
def parse_iso8601(text: str) -> datetime:
    """Parse an ISO 8601 time with an offset, cut to whole seconds, which is GitHub's resolution.

    :raises ValueError: the text is not such a time, or its year is out of range.
    """
    match = _ISO_8601.fullmatch(text.strip())
    if match is None:
        raise ValueError("not an ISO 8601 time with an offset")
    offset = match["offset"].upper().replace("Z", "+00").replace(":", "")
    return _in_range(datetime.fromisoformat(f"{match['date']}T{match['time']}{offset[:3]}:{offset[3:] or '00'}"))


@lru_cache(_CACHED)
def parse_http_date(text: str | None) -> datetime | None:
    """Parse the time in a C(Date) or C(Retry-After) header; None: missing or malformed."""
    try:
        parsed = parsedate_to_datetime(text or "")
        return _in_range(parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=timezone.utc))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def parse_expiration(text: str | None) -> datetime | None:
    """Parse the time in a C(GitHub-Authentication-Token-Expiration) header; None: missing or malformed."""
    try:
        return parse_iso8601((text or "").replace("UTC", "Z"))
    except ValueError:
        return None


@lru_cache(_CACHED)
def from_seconds(seconds: int) -> datetime:
    """Return the time of so many seconds since 1970.

    :raises ValueError: its year is out of range.
    """
    try:
        return _in_range(datetime.fromtimestamp(seconds, timezone.utc))
    except (OverflowError, OSError) as error:
        raise ValueError("out of the range of years") from error


def format_time(time: datetime) -> str:
    """Format a time as GitHub does, C(2026-03-10T12:00:00Z)."""
    return time.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _in_range(time: datetime) -> datetime:
    """Convert a time to UTC.

    :raises ValueError: its year is out of range.
    """
    # The conversion of times near datetime.min or datetime.max fails with another error.
    if _FIRST_YEAR - 1 <= time.year <= _LAST_YEAR + 1:
        time = time.astimezone(timezone.utc)
    if not _FIRST_YEAR <= time.year <= _LAST_YEAR:
        raise ValueError("out of the range of years")
    return time
