# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Estimate the points of GitHub's limits that a run costs."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._engine.estimate import Estimate, estimate
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.view import View
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._github.hour import Left
from ansible_collections.devex.github.plugins.module_utils._model import Desired, Job, Plan, Write
from ansible_collections.devex.github.tests.unit.plugins.module_utils.github import FakeGitHub

APP = _scope.repository("octo/app")


def item_of(github: GitHub, name: str, method: str) -> Item:
    """Return an item with one planned write."""
    item = Item(github, APP, Desired(name), None, None, View(name))
    item.plan = Plan(
        "update", "forced", None, None, (Write(method, APP.secret(name), "forced", with_key=method == "PUT"),)
    )
    return item


@pytest.fixture
def fake() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
def github(fake: FakeGitHub) -> GitHub:
    """The client of a token that has read one list."""
    github = GitHub(fake.session().client())
    github.secrets(APP)
    return github


@pytest.mark.parametrize(
    ("number", "points", "seconds"), [(1, 1 + 1 + 5, 0), (179, 897, 0), (180, 902, 61), (1000, 5002, 5 * 61)]
)
def test_an_estimate_counts_reads_and_the_public_key_and_writes(
    number: int, points: int, seconds: int, github: GitHub
) -> None:
    items = [item_of(github, f"S{one}", "PUT") for one in range(number)]
    assert estimate([Reading(Job(APP, ()), github, APP)], items) == Estimate(points, number + 2, seconds)


def test_an_estimate_of_a_deletion_counts_no_key(github: GitHub) -> None:
    assert estimate([Reading(Job(APP, ()), github, APP)], [item_of(github, "A", "DELETE")]).points == 1 + 5


def test_an_estimate_counts_each_token_separately(github: GitHub, fake: FakeGitHub) -> None:
    another = GitHub(fake.session().client("another token"))
    items = [item_of(one, f"S{number}", "DELETE") for one in (github, another) for number in range(179)]
    readings = [Reading(Job(APP, ()), one, APP) for one in (github, another)]
    assert estimate(readings, items) == Estimate(1 + 2 * 179 * 5, 1 + 2 * 179, 0)


@pytest.mark.parametrize(("left", "hour_seconds"), [(102, 0), (101, 600), (2, 600), (1, 600 + 3601)])
def test_an_estimate_includes_the_wait_for_the_next_hour(left: int, hour_seconds: int) -> None:
    client = FakeGitHub().session().client()
    client.pace.enter("GET", APP.secrets)
    client.pace.answered("GET", APP.secrets, left=Left(left, 600.0, datetime.now(timezone.utc), limit=100))
    github = GitHub(client)
    items = [item_of(github, f"S{one}", "DELETE") for one in range(101)]
    assert estimate([Reading(Job(APP, ()), github, APP)], items).hour_seconds == hour_seconds
