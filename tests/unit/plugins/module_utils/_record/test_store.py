# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every store: when one row takes the place of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._model import Fact, Record
from ansible_collections.devex.github.plugins.module_utils._record.address import Address
from ansible_collections.devex.github.plugins.module_utils._record.postgresql import PostgresStore
from ansible_collections.devex.github.plugins.module_utils._record.sqlite import SqliteStore
from ansible_collections.devex.github.plugins.module_utils._record.store import Store
from ansible_collections.devex.github.tests.unit.plugins.module_utils.postgres import Postgres

API = "https://api.github.com"
NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)
FIRST = Record("$argon2id$one", applied_at=NOON, created=(NOON - timedelta(days=1), NOON))
THEIRS = Record("$argon2id$theirs", applied_at=NOON + 2 * SECOND)
OURS = Record("$argon2id$ours", applied_at=NOON + 5 * SECOND)
USER = _scope.user()
WEB = _scope.repository("Octo/Web")

Open = Callable[..., Store]


@pytest.fixture(params=["sqlite", "postgresql"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the store, as another task does."""
    with ExitStack() as opened:
        make: Open = partial(SqliteStore, str(tmp_path / "store"))
        if request.param == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            make = partial(PostgresStore, Address(server.address(server.empty_database())))

        def open_store(api_url: str = API) -> Store:
            store = opened.enter_context(closing(make(api_url)))
            store.prepare()
            return store

        yield open_store


@pytest.fixture
def store(open_store: Open) -> Store:
    return open_store()


def kept(store: Store, name: str = "TOKEN") -> Record | None:
    return store.read(USER).records.get(name)


# --- one after the other ---


def test_a_record_takes_the_place_of_the_one_that_was_read(store: Store) -> None:
    assert store.write(USER, "TOKEN", FIRST, over=None)
    assert kept(store) == FIRST
    assert store.write(USER, "TOKEN", OURS, over=FIRST)
    assert kept(store) == OURS


def test_an_unsure_record_is_replaced_by_who_made_it_unsure(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    store.doubt([(USER, "TOKEN"), (WEB, "NEVER_RECORDED")])
    assert kept(store) == replace(FIRST, unsure=True)
    assert store.write(USER, "TOKEN", OURS, over=FIRST)
    assert kept(store) == OURS


def test_a_record_says_the_same_in_another_way(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    later = replace(FIRST, fingerprint="$blake2b$one", applied_at=NOON + SECOND)
    assert store.revise(USER, "TOKEN", later, over=FIRST)
    assert kept(store) == later


def test_what_is_forgotten_may_be_written_anew(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    store.write(USER, "OTHER", FIRST, over=None)
    store.forget(USER, "TOKEN")
    assert kept(store) is None
    assert kept(store, "OTHER") == FIRST
    assert store.write(USER, "TOKEN", OURS, over=None)


# --- at once ---


@pytest.mark.parametrize("ours", [OURS, replace(OURS, applied_at=NOON)], ids=["ours is later", "ours is earlier"])
@pytest.mark.parametrize("read", [None, FIRST], ids=["none was there", "one was there"])
def test_a_record_of_another_task_stays(read: Record | None, ours: Record, open_store: Open) -> None:
    if read is not None:
        open_store().write(USER, "TOKEN", read, over=None)
    assert open_store().write(USER, "TOKEN", THEIRS, over=read)

    assert not open_store().write(USER, "TOKEN", ours, over=read)
    assert not open_store().revise(USER, "TOKEN", ours, over=read or FIRST)

    assert kept(open_store()) == THEIRS


def test_what_another_task_has_forgotten_stays_forgotten(open_store: Open) -> None:
    open_store().write(USER, "TOKEN", FIRST, over=None)
    open_store().forget(USER, "TOKEN")
    assert not open_store().write(USER, "TOKEN", OURS, over=FIRST)
    assert not open_store().revise(USER, "TOKEN", OURS, over=FIRST)
    assert kept(open_store()) is None


def test_an_unsure_record_does_not_become_sure_by_being_said_in_another_way(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    store.doubt([(USER, "TOKEN")])
    assert not store.revise(USER, "TOKEN", replace(FIRST, applied_at=NOON + SECOND), over=FIRST)
    assert kept(store) == replace(FIRST, unsure=True)


# --- facts ---

CREATED = Fact("created", NOON)
GIVEN = Fact("1296269", NOON, "yes")


def test_facts_are_kept_with_a_record_and_without(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None, facts=[CREATED, GIVEN])
    store.note(USER, "OTHER", [GIVEN])
    store.note(WEB, "TOKEN", [])
    rows = store.read(USER)
    assert {name: set(facts) for name, facts in rows.facts.items()} == {"TOKEN": {CREATED, GIVEN}, "OTHER": {GIVEN}}
    assert rows.records == {"TOKEN": FIRST}
    assert store.read(WEB).facts == {}


def test_facts_are_kept_also_where_the_record_is_not(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    assert not store.write(USER, "TOKEN", OURS, over=THEIRS, facts=[CREATED])
    assert not store.revise(USER, "TOKEN", OURS, over=THEIRS, facts=[GIVEN])
    assert set(store.read(USER).facts["TOKEN"]) == {CREATED, GIVEN}
    store.forget(USER, "TOKEN", [Fact("deleted", NOON)])
    assert Fact("deleted", NOON) in store.read(USER).facts["TOKEN"]


@pytest.mark.parametrize("later", [SECOND, timedelta(0)], ids=["later", "in the same second"])
def test_a_later_fact_takes_the_place_of_an_earlier_one(later: timedelta, store: Store) -> None:
    taken = replace(GIVEN, told="no", at=NOON + later)
    store.note(USER, "TOKEN", [GIVEN, Fact("7", NOON, "yes")])
    store.note(USER, "TOKEN", [taken])
    assert set(store.read(USER).facts["TOKEN"]) == {taken, Fact("7", NOON, "yes")}


def test_an_earlier_fact_does_not_take_the_place_of_a_later_one(store: Store) -> None:
    store.note(USER, "TOKEN", [GIVEN])
    store.note(USER, "TOKEN", [replace(GIVEN, told="no", at=NOON - SECOND)])
    assert store.read(USER).facts["TOKEN"] == (GIVEN,)


def test_old_facts_are_tidied_up_by_the_clock_of_their_address(open_store: Open) -> None:
    elsewhere = open_store("http://127.0.0.1:8080")
    elsewhere.note(USER, "TOKEN", [GIVEN])
    store = open_store()
    store.note(USER, "TOKEN", [GIVEN, Fact("7", NOON + 59 * SECOND, "yes")])
    store.prepare()
    assert len(store.read(USER).facts["TOKEN"]) == 2
    store.note(WEB, "TOKEN", [Fact("written", NOON + 100 * SECOND)])
    store.prepare()
    assert store.read(USER).facts["TOKEN"] == (Fact("7", NOON + 59 * SECOND, "yes"),)
    assert elsewhere.read(USER).facts["TOKEN"] == (GIVEN,)


def test_records_and_facts_are_told_apart_by_name_scope_and_address(open_store: Open) -> None:
    store, elsewhere = open_store(), open_store("http://127.0.0.1:8080")
    store.write(USER, "TOKEN", FIRST, over=None, facts=[CREATED])
    store.write(WEB, "TOKEN", OURS, over=None, facts=[GIVEN])
    elsewhere.write(USER, "TOKEN", THEIRS, over=None)
    assert store.read(USER).records == {"TOKEN": FIRST}
    assert store.read(_scope.repository("octo/WEB")).records == {"TOKEN": OURS}
    assert store.read(_scope.repository("octo/WEB")).facts == {"TOKEN": (GIVEN,)}
    assert elsewhere.read(USER).records == {"TOKEN": THEIRS}
    assert elsewhere.read(USER).facts == {}
