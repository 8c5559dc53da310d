# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Count what requests use of GitHub's limits: points of the minute, and requests of the hour."""

from __future__ import annotations

from collections import Counter

from ansible_collections.devex.github.plugins.module_utils._github.budget import (
    POINTS,
    WINDOW_SECONDS,
    is_graphql,
    resource,
)


def cost(method: str, path: str) -> int:
    """Return the points of a request."""
    return 1 if method == "GET" or is_graphql(path) else 5


def least_seconds(points: int) -> float:
    """Return the least seconds that GitHub's limits make so many points take."""
    return max(0, points - 1) // POINTS * WINDOW_SECONDS


class Use:
    """The points and requests of one token."""

    def __init__(self) -> None:
        #: The points of REST. GraphQL has its own.
        self.points = 0
        #: The requests of each counter of GitHub's hour; see resource().
        self.requests: Counter[str] = Counter()

    def add(self, method: str, path: str) -> None:
        """Count a request."""
        self.points += 0 if is_graphql(path) else cost(method, path)
        self.requests[resource(path)] += 1

    def plus(self, other: Use) -> Use:
        """Return the sum of both."""
        both = Use()
        both.points, both.requests = self.points + other.points, self.requests + other.requests
        return both
