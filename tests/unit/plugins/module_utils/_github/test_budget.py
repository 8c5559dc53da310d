# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The points that a ledger counts, as text that any process may have written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.devex.github.plugins.module_utils._github.budget import GRAPHQL, Budget, Window

NOW = 1_800_000_000.0
REST = "/user/codespaces/secrets"


def spend(budget: Budget, points: int, now: float = NOW, *, path: str = REST, owner: str = "me") -> None:
    budget.take(path, points, now, owner)
    budget.answered(path, points, now, owner, sent=True)


def read_again(budget: Budget, now: float = NOW) -> Budget:
    """Return the budget that another process reads."""
    return Budget.parse(budget.text(), now)


def test_another_process_finds_the_points_spent_and_under_way() -> None:
    budget = Budget()
    spend(budget, 400)
    budget.take(REST, 300, NOW, "me")
    other = read_again(budget)
    assert other.until_room(REST, 199, NOW) == 0
    assert other.until_room(REST, 200, NOW) == 61
    assert other.until_room(GRAPHQL, 1999, NOW) == 0
    assert other.text() == budget.text()


@pytest.mark.parametrize(
    ("later", "free"),
    [(0, 0), (60.9, 0), (61, 899)],
    ids=["at once", "within the minute", "after the minute"],
)
def test_the_points_of_a_killed_process_count_for_a_minute(later: float, free: int) -> None:
    budget = Budget()
    budget.take(REST, 899, NOW, "killed")
    other = read_again(budget, NOW + later)
    assert (other.until_room(REST, 1, NOW + later) == 0) == (free > 0)
    assert (other.until_room(REST, 899, NOW + later) == 0) == (free == 899)


def test_an_answer_after_the_minute_counts_from_the_answer() -> None:
    budget = Budget()
    budget.take(REST, 899, NOW, "slow")
    late = read_again(budget, NOW + 100)
    late.answered(REST, 899, NOW + 100, "slow", sent=True)
    assert late.until_room(REST, 1, NOW + 100) == 61


def test_the_points_of_an_unsent_request_are_returned() -> None:
    budget = Budget()
    budget.take(REST, 899, NOW, "me")
    budget.answered(REST, 899, NOW, "me", sent=False)
    assert budget.until_room(REST, 899, NOW) == 0


def test_a_limit_holds_for_others_and_halves_the_pace_until_a_minute_later() -> None:
    budget = Budget()
    for dummy in range(5):
        budget.refused(REST, 60, NOW)
    assert read_again(budget).limited_for(REST, NOW) == 60
    for later, allowed in ((60, 449), (120, 449), (121, 899)):
        other = read_again(budget, NOW + later)
        assert other.limited_for(REST, NOW + later) == 0
        assert other.until_room(REST, allowed, NOW + later) == 0
        assert other.until_room(REST, allowed + 1, NOW + later) > 0


def test_each_limit_halves_again_but_never_shuts() -> None:
    budget, now = Budget(), NOW
    for dummy in range(100):
        budget.refused(REST, 60, now)
        now += 60
        budget = read_again(budget, now)
    assert budget.until_room(REST, 50, now) == 0
    assert budget.until_room(REST, 51, now) > 0


@pytest.mark.parametrize("back", [10, 3600, 10**9])
def test_a_clock_that_is_set_back_blocks_for_at_most_a_minute(back: float) -> None:
    budget = Budget()
    spend(budget, 400)
    budget.take(REST, 499, NOW, "me")
    budget.refused(GRAPHQL, 30, NOW)
    now = NOW - back
    assert read_again(budget, now).until_room(REST, 899, now) <= 61
    assert read_again(budget, now).limited_for(REST, now) == 30
    kept = Budget.parse(read_again(budget, now).text(), now + 62)
    assert kept.until_room(REST, 899, now + 62) == 0


def test_points_and_limits_expire_if_the_clock_is_set_forward() -> None:
    budget = Budget()
    spend(budget, 899)
    budget.refused(REST, 60, NOW)
    later = read_again(budget, NOW + 10**6)
    assert later.until_room(REST, 899, NOW + 10**6) == 0
    assert later.text() == Budget.parse("", NOW).text() or later.limited_for(REST, NOW + 10**6) == 0


def test_the_text_stays_short() -> None:
    budget, now = Budget(), NOW
    for number in range(5000):
        spend(budget, 1, now, owner=f"process {number % 50}")
        spend(budget, 1, now, path=GRAPHQL)
        budget, now = read_again(budget, now), now + 0.07
    assert len(budget.text()) < 16_000


@given(st.lists(st.tuples(st.sampled_from([1, 5]), st.floats(0, 30), st.floats(0, 5)), max_size=60))
def test_no_minute_has_more_than_is_allowed_although_rows_are_rounded(requests: list[tuple[int, float, float]]) -> None:
    budget, now = Budget(), NOW
    spend(budget, 880)
    arrived: list[tuple[float, int]] = [(NOW, 880)]
    for points, pause, latency in requests:
        now += pause
        budget = read_again(budget, now)
        now += budget.until_room(REST, points, now)
        budget = read_again(budget, now)
        while budget.until_room(REST, points, now):
            now += 0.1
        budget.take(REST, points, now, "me")
        arrived.append((now + latency, points))
        now += latency
        budget.answered(REST, points, now, "me", sent=True)
    for start, dummy in arrived:
        assert sum(points for moment, points in arrived if start <= moment < start + 60) <= 899


def damaged() -> dict[str, Any]:
    """Texts that a crash, a disk or a person may leave."""
    budget = Budget()
    spend(budget, 899)
    budget.take(REST, 5, NOW, "me")
    text = budget.text()
    found = {
        "nothing": "",
        "zeros": "\0" * 200,
        "half of it": text[: len(text) // 2],
        "another type": "[]",
        "a number": "1",
        "null": "null",
        "deep": "[" * 100_000,
        "no layout": "{}",
        "a long number": '{"layout":1,"limits":{"":[' + "9" * 5000 + ",1]}}",
    }
    for path, value in {
        ("limits",): [1],
        ("limits", ""): [1],
        ("rest",): None,
        ("rest", "spent"): [[1]],
        ("rest", "spent "): None,
        ("rest", "under_way"): [],
        ("rest", "halvings"): "many",
        ("graphql", "spent"): [[NOW, -5]],
        ("graphql", "under_way"): {"me": [float("nan"), 5]},
    }.items():
        content = json.loads(text)
        inner = content
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1].strip()] = value
        found[f"{'.'.join(path)} {value}"] = json.dumps(content)
    return found


@pytest.mark.parametrize("text", damaged().values(), ids=damaged())
def test_damaged_text_counts_as_no_spent_points(text: str) -> None:
    budget = Budget.parse(text, NOW)
    assert budget.until_room(REST, 899, NOW) == 0
    assert budget.until_room(GRAPHQL, 1999, NOW) == 0
    assert budget.limited_for(REST, NOW) == 0


@pytest.mark.parametrize("layout", [0, 2, "2", None])
def test_the_text_of_another_version_is_left_alone(layout: Any) -> None:
    with pytest.raises(ValueError, match="another version"):
        Budget.parse(json.dumps({"layout": layout}), NOW)


@pytest.mark.parametrize("seconds", [10.0**9, float("inf"), float("nan"), -5.0])
def test_no_text_blocks_for_more_than_an_hour(seconds: float) -> None:
    budget = Budget()
    budget.refused(REST, 60, NOW)
    content = json.loads(budget.text())
    content["limits"] = {"": [NOW + 10**6, seconds]}
    content["rest"]["halvings"] = 10**12
    later = Budget.parse(json.dumps(content), NOW)
    assert later.limited_for(REST, NOW) <= 3601
    assert later.until_room(REST, 50, NOW) == 0


def test_a_limit_of_an_hour_concerns_only_requests_of_its_counter() -> None:
    budget = Budget()
    budget.refused(REST, 600, NOW, counter="codespaces")
    budget = read_again(budget)
    assert budget.limited_for("/repos/octo-org/app/codespaces/secrets", NOW) == 600
    for other in ("/repos/octo-org/app/actions/secrets", "/orgs/octo-org/repos", GRAPHQL):
        assert budget.limited_for(other, NOW) == 0
    assert budget.until_room(REST, 899, NOW) == 0


def test_the_estimate_counts_the_points_of_other_processes() -> None:
    budget = Budget()
    assert budget.seconds_for(899, NOW) == 0
    spend(budget, 500)
    assert read_again(budget).seconds_for(899, NOW) == 61
    budget.refused(REST, 100, NOW)
    assert read_again(budget).seconds_for(1, NOW) == 100


def test_a_window_keeps_the_points_of_each_process_apart() -> None:
    window = Window(10)
    window.take(5, owner="one", until=10.0)
    window.take(5, owner="two", until=20.0)
    window.answered(5, 1.0, owner="two", sent=False)
    assert window.until_room(6, 1.0) > 0
    assert window.until_room(10, 10.0) == 0
