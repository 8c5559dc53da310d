# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Detect rate limits in answers, and when they end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._time import parse_http_date
from ansible_collections.devex.github.plugins.module_utils._validation import number, printable

# Longer waits are never accepted, and would overflow in datetime arithmetic.
_MOST_SECONDS = 10.0**8


@dataclass(frozen=True)
class Limit:
    """A rate limit that an answer reported."""

    #: Until the limit ends; None: GitHub does not report it.
    seconds: float | None
    #: GitHub's time of the answer.
    answered_at: datetime
    #: Whether the requests of the hour are used up, which a slower pace would not have prevented.
    of_hour: bool = False


def limit_of(status: int, headers: Mapping[str, str], body: Any) -> Limit | None:
    """Return the rate limit that an answer reports; None: it reports none."""
    if not _is_limit(status, headers, body):
        return None
    now = parse_http_date(headers.get("Date")) or datetime.now(timezone.utc)
    seconds = _retry_after(headers.get("Retry-After"), now)
    of_hour = seconds is None and headers.get("X-RateLimit-Remaining") == "0"
    if of_hour:
        seconds = _until(headers.get("X-RateLimit-Reset"), now)
    return Limit(None if seconds is None else min(max(seconds, 1.0), _MOST_SECONDS), now, of_hour)


def _is_limit(status: int, headers: Mapping[str, str], body: Any) -> bool:
    fields = body if isinstance(body, dict) else {}
    if status == 403:
        message = printable(fields.get("message")).lower()
        if "rate limit" in message or "abuse detection" in message or "Retry-After" in headers:
            return True
        # The last request of the hour may fail for another reason, which its message explains.
        return not message and headers.get("X-RateLimit-Remaining") == "0"
    if status == 200:
        # GraphQL reports its limit in this way, by an older and a newer name.
        errors = fields.get("errors")
        types = [error.get("type") for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
        return "RATE_LIMITED" in types or "RATE_LIMIT" in types
    return status == 429


def _retry_after(text: str | None, now: datetime) -> float | None:
    if text is None:
        return None
    seconds = number(text)
    if seconds is not None:
        return float(seconds)
    date = parse_http_date(text)
    return None if date is None else (date - now).total_seconds()


def _until(text: str | None, now: datetime) -> float | None:
    reset = number(text)
    # One second is added, because the end of the limit and the time of the answer are both cut to seconds.
    return None if reset is None else reset - now.timestamp() + 1.0
