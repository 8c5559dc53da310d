# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.devex.github.plugins.module_utils._github.use import Use, cost, least_seconds

SECRETS = "/user/codespaces/secrets"


@pytest.mark.parametrize(
    ("method", "path", "points"),
    [("GET", "/user", 1), ("PUT", "/user", 5), ("DELETE", "/user", 5), ("POST", "/user", 5), ("POST", "/graphql", 1)],
)
def test_a_request_has_a_cost(method: str, path: str, points: int) -> None:
    assert cost(method, path) == points


@pytest.mark.parametrize(
    ("points", "seconds"), [(0, 0), (1, 0), (899, 0), (900, 61), (1798, 61), (1799, 122), (5400, 6 * 61)]
)
def test_least_seconds_counts_the_full_minutes(points: int, seconds: float) -> None:
    assert least_seconds(points) == seconds


def test_use_counts_points_of_rest_and_requests_of_each_counter() -> None:
    use, other = Use(), Use()
    for request in (("GET", SECRETS), ("PUT", f"{SECRETS}/TOKEN"), ("POST", "/graphql")):
        use.add(*request)
    other.add("GET", "/repos/octo/app")
    both = use.plus(other)
    assert (use.points, both.points) == (6, 7)
    assert both.requests == {"codespaces": 2, "graphql": 1, "core": 1}
