# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The times of GitHub and of playbooks: ISO 8601 and HTTP dates."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

# Wider than datetime.fromisoformat() of Python 3.10: Z, and any number of digits of a fraction.
_ISO_8601 = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?"
    r" ?(?P<offset>Z|[+-]\d\d(?::?\d\d)?)",
    re.ASCII | re.IGNORECASE,
)

# Times beyond are mistakes, and reckoning with the last ones that there are fails.
_FIRST_YEAR = 1970
_LAST_YEAR = 2999


def parse_iso8601(text: str) -> datetime:
    """An ISO 8601 time with an offset, cut to whole seconds, which is all that GitHub stores.

    :raises ValueError: it is none, or has no offset.
    """
    match = _ISO_8601.fullmatch(text.strip())
    if match is None:
        raise ValueError("not an ISO 8601 time with an offset")
    offset = match["offset"].upper().replace("Z", "+00").replace(":", "")
    local = datetime.fromisoformat(f"{match['date']}T{match['time']}{offset[:3]}:{offset[3:] or '00'}")
    return _in_range(local)


def parse_http_date(text: str | None) -> datetime | None:
    """The time in a C(Date) or C(Retry-After) header; None where there is none."""
    try:
        parsed = parsedate_to_datetime(text or "")
        return _in_range(parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=timezone.utc))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def parse_expiration(text: str | None) -> datetime | None:
    """The time in a C(GitHub-Authentication-Token-Expiration) header; None where there is none."""
    try:
        return parse_iso8601((text or "").replace("UTC", "Z"))
    except ValueError:
        return None


def from_seconds(seconds: int) -> datetime:
    """A time that was kept as seconds since 1970.

    :raises ValueError: it is out of the range of times that are kept.
    """
    try:
        return _in_range(datetime.fromtimestamp(seconds, timezone.utc))
    except (OverflowError, OSError) as error:
        raise ValueError("out of the range of years") from error


def format_time(time: datetime) -> str:
    """As GitHub writes a time, C(2026-03-10T12:00:00Z)."""
    return time.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _in_range(time: datetime) -> datetime:
    """The same time in UTC.

    :raises ValueError: it is out of the range of times that are kept.
    """
    # First by itself: the conversion of the last times that there are fails.
    if _FIRST_YEAR - 1 <= time.year <= _LAST_YEAR + 1:
        time = time.astimezone(timezone.utc)
    if not _FIRST_YEAR <= time.year <= _LAST_YEAR:
        raise ValueError("out of the range of years")
    return time
