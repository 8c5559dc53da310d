# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.devex.github.plugins.plugin_utils._role.total import total

EMPTY = {"created": 0, "updated": 0, "deleted": 0, "left": 0, "failed": 0, "not_reached": 0, "written": {}}
OK = {"changed": False, "summary": {"scopes": 1}}
BAD = {"changed": False, "failed": True, "msg": "Failed."}


def repositories(number: int) -> list[dict[str, Any]]:
    return [{"repository": f"o/{i}", "secrets": []} for i in range(number)]


def provisioned(api_calls: int = 0, **counts: Any) -> dict[str, Any]:
    return {"api_calls": api_calls, "summary": {**EMPTY, **counts}}


@pytest.mark.parametrize(
    ("targets", "results", "reports", "line"),
    [
        pytest.param([], [], [], "0 repositories: 0 values written; 0 requests", id="nothing"),
        pytest.param(
            repositories(75),
            [provisioned(302, created=44, updated=1, failed=1, written={"updated_elsewhere": 1, "created": 44})],
            [OK] * 75,
            "75 repositories: 45 values written (44 new, 1 edited elsewhere), 1 failed; 302 requests",
            id="values",
        ),
        pytest.param(
            repositories(1),
            [provisioned(1, created=1, updated=3, deleted=2, left=1234, not_reached=5, written={"created": 1})],
            [OK],
            "1 repository: 1 value written (1 new), 3 access lists changed, 2 deleted, 1234 unchanged, "
            "5 not reached; 1 request",
            id="all outcomes",
        ),
        pytest.param(
            [*repositories(1), {"organization": "o"}, {"user": True, "token": "a"}, {"user": True, "token": "b"}],
            [provisioned(4, left=4)],
            [OK],
            "1 repository, 1 organization, 2 users: 0 values written, 4 unchanged; 4 requests",
            id="all kinds of scopes",
        ),
        pytest.param([{"user": True}], [provisioned(1)], [OK], "1 user: 0 values written; 1 request", id="the user"),
        pytest.param(
            [*repositories(1), {"repository": "O/0", "token": "b"}],
            [provisioned(2, created=1, written={"created": 1}), provisioned(1, updated=1, written={"forced": 1})],
            [OK, OK],
            "1 repository: 2 values written (1 new, 1 forced); 3 requests",
            id="a repository with two tokens",
        ),
        pytest.param(
            repositories(1),
            [{"failed": True, "msg": "No library.", "api_calls": 0}],
            [None, BAD, {**BAD, "summary": {}}],
            "1 repository: 0 values written, 3 hosts not provisioned; 0 requests",
            id="no host provisioned",
        ),
        pytest.param(
            repositories(2),
            [provisioned(2, left=1, failed=1)],
            [{**BAD, "summary": {"failed": 1}}, {"changed": False, "summary": {}}],
            "2 repositories: 0 values written, 1 unchanged, 1 failed; 2 requests",
            id="a host that failed, and one whose secrets another reports",
        ),
    ],
)
def test_the_total_is_one_line(targets: Any, results: Any, reports: Any, line: str) -> None:
    assert total(targets, results, reports, check_mode=False) == line


@pytest.mark.parametrize(
    ("requests", "points", "seconds", "end"),
    [
        (420, 1620, 61, "420 requests (1620 points of GitHub's rate limit) and take at least 61 seconds"),
        (1, 1, 0, "1 request (1 point of GitHub's rate limit) and finish without a wait"),
    ],
)
def test_the_total_of_a_dry_run_has_the_cost_of_the_run(requests: int, points: int, seconds: int, end: str) -> None:
    foreseen = {"requests": requests, "points": points, "seconds": seconds}
    result = provisioned(2, created=1, updated=1, deleted=1, written={"created": 1}, **foreseen)
    assert total(repositories(2), [result], [OK, OK], check_mode=True) == (
        "2 repositories: 1 value would be written (1 new), 1 access list would be changed, 1 would be deleted; "
        f"2 requests. The run would send {end}"
    )


def test_the_total_of_a_dry_run_that_failed_has_no_cost() -> None:
    line = total(repositories(1), [{"failed": True, "api_calls": 0}], [None], check_mode=True)
    assert line == "1 repository: 0 values would be written, 1 host not provisioned; 0 requests"
