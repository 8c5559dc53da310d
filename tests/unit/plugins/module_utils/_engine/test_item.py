# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.view import View
from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, InputError
from ansible_collections.devex.github.plugins.module_utils._model import Desired, Job, Plan, Prune, Secret, Write
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import GITHUB

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
SCOPE = _scope.repository("octo/web")
PRESENT = {name: Secret(name) for name in ("OLD_TOKEN", "TOKEN", "CI_TOKEN", "CI_KEY")}


@pytest.mark.parametrize(
    ("keep", "pruned"),
    [
        pytest.param(None, [], id="nothing unless pruning is asked for"),
        pytest.param((), ["CI_KEY", "CI_TOKEN", "OLD_TOKEN"], id="whatever is not listed"),
        pytest.param(("CI_*",), ["OLD_TOKEN"], id="kept by a pattern"),
        pytest.param(("ci_*", "old_token"), [], id="patterns in lower case"),
        pytest.param(("*_TOKEN",), ["CI_KEY"], id="patterns with the star in front"),
        pytest.param(("[!C]*",), ["CI_KEY", "CI_TOKEN"], id="patterns with a set"),
        pytest.param(("CI",), ["CI_KEY", "CI_TOKEN", "OLD_TOKEN"], id="a pattern is not a prefix"),
    ],
)
def test_pruning_selects_unlisted_secrets(keep: tuple[str, ...] | None, pruned: list[str]) -> None:
    job = Job(SCOPE, (Desired("TOKEN"), Desired("NEW")), prune=None if keep is None else Prune(keep))

    items = Reading(job, GITHUB, job.scope, secrets=PRESENT).items()

    assert [item.desired.name for item in items] == ["TOKEN", "NEW", *pruned]
    assert [item.desired.pruned for item in items] == [False, False] + [True] * len(pruned)
    assert all(item.desired.state == "absent" for item in items[2:])
    assert [item.current for item in items[:2]] == [PRESENT["TOKEN"], None]


@pytest.mark.parametrize(
    ("prune", "message"),
    [
        pytest.param(
            Prune(most=2),
            r"^prune_max is 2, .* unlisted secrets is 3, .*=3 to delete these secrets: CI_KEY, CI_TOKEN, OLD_",
            id="3 of 2",
        ),
        pytest.param(Prune(most=0), "^prune_max is 0, .* unlisted secrets is 3, ", id="3 of none"),
        pytest.param(
            Prune(("CI_*",), most=0),
            "^prune_max is 0, .* unlisted secrets is 1, .* these secrets: OLD_TOKEN",
            id="those that are kept do not count",
        ),
        pytest.param(Prune(most=3), None, id="3 of 3"),
        pytest.param(Prune(("*",), most=0), None, id="none of none"),
        pytest.param(None, None, id="no pruning"),
    ],
)
def test_pruning_fails_beyond_prune_max(prune: Prune | None, message: str | None) -> None:
    reading = Reading(Job(SCOPE, (Desired("TOKEN"),), prune=prune), GITHUB, SCOPE, secrets=PRESENT)
    if message is None:
        reading.limit_pruning()
        return
    with pytest.raises(InputError, match=message) as caught:
        reading.limit_pruning()
    reading.error = caught.value
    # Only the listed secrets fail. Secrets to prune are not reported.
    assert [(item.desired.name, item.error) for item in reading.items()] == [("TOKEN", caught.value)]


def test_items_inherit_the_error_of_their_reading() -> None:
    error = GitHubError("unreachable")
    (item,) = Reading(Job(SCOPE, (Desired("TOKEN"),)), GITHUB, SCOPE, error=error).items()
    assert item.error is error


WRITE = Write("PUT", SCOPE.secret("TOKEN"), "forced")
YESTERDAY = Secret("TOKEN", created_at=NOON - timedelta(days=1), updated_at=NOON - timedelta(hours=1))


@pytest.mark.parametrize(
    ("current", "plan", "answered_at", "expected"),
    [
        pytest.param(None, Plan("none", "absent", None, None), None, None, id="absent stays absent"),
        pytest.param(
            YESTERDAY, Plan("none", "unchanged", YESTERDAY, YESTERDAY), None, YESTERDAY, id="what was not written to"
        ),
        pytest.param(YESTERDAY, None, None, YESTERDAY, id="what nothing was planned for"),
        pytest.param(
            YESTERDAY, Plan("delete", "deleted", YESTERDAY, None, (WRITE,)), NOON, None, id="what was deleted"
        ),
        pytest.param(
            None,
            Plan("create", "created", None, Secret("TOKEN"), (WRITE,)),
            NOON,
            Secret("TOKEN", created_at=NOON, updated_at=NOON),
            id="what was created is as old as the answer",
        ),
        pytest.param(
            YESTERDAY,
            Plan("update", "forced", YESTERDAY, YESTERDAY, (WRITE,)),
            NOON,
            replace(YESTERDAY, updated_at=NOON),
            id="what was updated keeps the time of creation",
        ),
        pytest.param(
            YESTERDAY,
            Plan("update", "forced", YESTERDAY, YESTERDAY, (WRITE,)),
            None,
            replace(YESTERDAY, updated_at=None),
            id="in check mode the time of the update is not known",
        ),
    ],
)
def test_the_outcome_has_the_time_of_the_last_answer(
    current: Secret | None, plan: Plan | None, answered_at: datetime | None, expected: Secret | None
) -> None:
    item = Item(GITHUB, SCOPE, Desired("TOKEN"), current, None, View("TOKEN"), plan=plan, answered_at=answered_at)
    assert item.outcome == expected
