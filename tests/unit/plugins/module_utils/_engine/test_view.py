# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Combine GitHub's lists, which may be late, with the writes that GitHub has confirmed to us."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.devex.github.plugins.module_utils._engine.view import View, access, created, deleted, written
from ansible_collections.devex.github.plugins.module_utils._model import Fact, Repository, Secret

#: GitHub's time when it answered our write.
AT = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
BEFORE, AFTER = AT - timedelta(hours=1), AT + timedelta(seconds=3)
OLD = Secret("A", created_at=BEFORE, updated_at=BEFORE, visibility="all")
NEW = Secret("A", created_at=AFTER, updated_at=AFTER, visibility="all")
CREATED, DELETED = created(AT), deleted(AT, BEFORE)
RECREATED = [*deleted(AT, BEFORE)[1:], *created(AT)]


def seconds(number: float) -> datetime:
    return AT + timedelta(seconds=number)


def view(row: Secret | None, facts: Iterable[Fact], read_at: datetime) -> View:
    return View("A", tuple(facts), row, read_at)


def listing(listed: tuple[Repository, ...], facts: Iterable[Fact], listed_at: datetime, row: Secret | None) -> View:
    return View("A", tuple(facts), row, listed=listed, listed_at=listed_at)


# --- whether a list may lack what is there ---


@pytest.mark.parametrize(
    ("listed", "facts", "read_at", "doubtful"),
    [
        pytest.param({}, CREATED, seconds(1), True, id="created a moment ago"),
        pytest.param({}, CREATED, seconds(11.9), True, id="a list may be so late"),
        pytest.param({}, CREATED, seconds(12), False, id="and no later"),
        pytest.param({}, CREATED, seconds(-2), True, id="a clock may be so wrong"),
        pytest.param({}, CREATED, seconds(-2.1), False, id="and no more"),
        pytest.param({}, CREATED, None, False, id="the time of the read is unknown"),
        pytest.param({}, DELETED, seconds(1), False, id="deleted"),
        pytest.param({}, [], seconds(1), False, id="nothing is known"),
        pytest.param({"A": OLD}, CREATED, seconds(1), False, id="it is in the list"),
        pytest.param({"B": OLD}, CREATED, seconds(1), True, id="the list shows what is older"),
        pytest.param({"B": NEW}, CREATED, seconds(4), False, id="the list shows what is newer"),
    ],
)
def test_is_doubtful(listed: dict[str, Secret], facts: list[Fact], read_at: datetime | None, doubtful: bool) -> None:
    assert View("A", tuple(facts), read_at=read_at).is_doubtful(listed) is doubtful


# --- the secret ---


@pytest.mark.parametrize(
    ("listed", "facts", "trusting", "found"),
    [
        pytest.param(OLD, [], False, OLD, id="nothing is known"),
        pytest.param(None, [], True, None, id="nothing is known or listed"),
        pytest.param(None, CREATED, True, Secret("A"), id="created"),
        pytest.param(None, CREATED, False, None, id="created, and not trusted"),
        pytest.param(OLD, DELETED, True, None, id="deleted, and still listed"),
        pytest.param(NEW, DELETED, True, NEW, id="deleted, and created elsewhere since"),
        pytest.param(OLD, RECREATED, False, Secret("A"), id="deleted and created, and the former one is listed"),
        pytest.param(
            OLD,
            written(AT, None),
            False,
            Secret("A", created_at=BEFORE, updated_at=AT, visibility="all"),
            id="written",
        ),
        pytest.param(NEW, written(AT, None), False, NEW, id="written, and the list is newer"),
        pytest.param(
            OLD,
            written(AT, "private"),
            False,
            Secret("A", created_at=BEFORE, updated_at=AT, visibility="private"),
            id="another visibility",
        ),
        pytest.param(NEW, written(AT, "private"), False, NEW, id="a visibility changed elsewhere since"),
    ],
)
def test_secret(listed: Secret | None, facts: list[Fact], trusting: bool, found: Secret | None) -> None:
    assert view(listed, facts, seconds(4)).secret(trusting=trusting) == found


def test_a_fact_expires() -> None:
    late = seconds(12)
    assert view(OLD, [*DELETED, *written(AT, "private")], late).secret(trusting=True) == OLD
    assert view(None, CREATED, late).secret(trusting=True) is None


# --- the repositories that may read it ---

ONE, TWO = Repository(1, "octo/one"), Repository(2, "octo/two")


@pytest.mark.parametrize(
    ("listed", "facts", "row", "found"),
    [
        pytest.param((ONE, TWO), [], OLD, (ONE, TWO), id="nothing is known"),
        pytest.param((ONE,), access(AT, [2], []), OLD, (ONE, Repository(2)), id="given"),
        pytest.param((ONE, TWO), access(AT, [2], []), OLD, (ONE, TWO), id="given, and listed"),
        pytest.param((ONE, TWO), access(AT, [], [2]), OLD, (ONE,), id="taken"),
        pytest.param((ONE,), access(AT, [], [2]), OLD, (ONE,), id="taken, and not listed"),
        pytest.param((ONE, TWO), access(AT, [], [2]), NEW, (ONE, TWO), id="changed elsewhere since"),
        pytest.param((ONE, TWO), access(AT, [3], [2]), None, (ONE, Repository(3)), id="without the list of secrets"),
        pytest.param((ONE, TWO), [*RECREATED, *access(AT, [2], [])], OLD, (Repository(2),), id="another secret"),
    ],
)
def test_repositories(
    listed: tuple[Repository, ...], facts: list[Fact], row: Secret | None, found: tuple[Repository, ...]
) -> None:
    assert listing(listed, facts, seconds(4), row).repositories() == found


def test_a_fact_about_access_expires() -> None:
    assert listing((ONE, TWO), access(AT, [3], [2]), seconds(12), OLD).repositories() == (ONE, TWO)
