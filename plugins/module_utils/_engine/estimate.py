# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Estimate the points of GitHub's rate limits that a run uses, and how long they take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._github.pace import cost, least_seconds


@dataclass(frozen=True)
class Estimate:
    """The points that a run uses, and the seconds that GitHub's limits make them take at least."""

    points: int
    seconds: int


def estimate(readings: Sequence[Reading], items: Sequence[Item]) -> Estimate:
    """Add up what the task has used so far, the planned writes and their public keys. Limits apply to each token."""
    points = Counter({reading.github.identity: reading.github.points_spent for reading in readings})
    for github, scope in {item.place for item in items if any(write.with_key for write in item.writes)}:
        points[github.identity] += cost("GET", scope.public_key)
    for item in items:
        points[item.github.identity] += sum(cost(write.method, write.path) for write in item.writes)
    return Estimate(points.total(), round(max(map(least_seconds, points.values()), default=0)))
