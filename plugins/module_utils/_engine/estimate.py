# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Estimate what a run uses of GitHub's rate limits, and how long they make it take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._github.use import Use, least_seconds


@dataclass(frozen=True)
class Estimate:
    """The use of GitHub's limits by a run."""

    points: int
    requests: int
    #: The least seconds that the limits make it take.
    seconds: int
    #: The least seconds until the hour has room for its last request.
    hour_seconds: int = 0


def estimate(readings: Sequence[Reading], items: Sequence[Item]) -> Estimate:
    """Add up what the task has used so far, the planned writes and their public keys. Limits apply to each token."""
    clients: dict[str, GitHub] = {reading.github.identity: reading.github for reading in readings}
    planned = {identity: Use() for identity in clients}
    for github, scope in {item.place for item in items if any(write.with_key for write in item.writes)}:
        planned[github.identity].add("GET", scope.public_key)
    for item in items:
        for write in item.writes:
            planned[item.github.identity].add(write.method, write.path)
    # A run after this one repeats its reads.
    totals = {identity: github.used.plus(planned[identity]) for identity, github in clients.items()}
    points = [total.points for total in totals.values()]
    by_minute = max(map(least_seconds, points), default=0.0)
    by_hour = max(
        (github.hour_seconds_for(totals[identity].requests) for identity, github in clients.items()), default=0.0
    )
    return Estimate(
        sum(points),
        sum(total.requests.total() for total in totals.values()),
        round(max(by_minute, by_hour)),
        round(by_hour),
    )
