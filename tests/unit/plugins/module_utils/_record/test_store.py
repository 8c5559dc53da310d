# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules for every store: which row replaces which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._model import Fact, Record
from ansible_collections.devex.github.plugins.module_utils._record.address import Address
from ansible_collections.devex.github.plugins.module_utils._record.postgresql import PostgresStore
from ansible_collections.devex.github.plugins.module_utils._record.sqlite import SqliteStore
from ansible_collections.devex.github.plugins.module_utils._record.store import Rows, Statement, Store
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
    """Return a function that opens the store, as another task does."""
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


def test_a_record_replaces_the_record_that_was_read(store: Store) -> None:
    assert store.write(USER, "TOKEN", FIRST, over=None)
    assert kept(store) == FIRST
    assert store.write(USER, "TOKEN", OURS, over=FIRST)
    assert kept(store) == OURS


def test_an_unsure_record_is_replaced_by_a_confirmed_write(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    assert store.doubt([(USER, "TOKEN", None), (WEB, "NEVER_RECORDED", None)]) == [True, False]
    assert kept(store) == replace(FIRST, unsure=True)
    assert store.write(USER, "TOKEN", OURS, over=FIRST)
    assert kept(store) == OURS


def test_revise_changes_the_time_and_the_fingerprint(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    later = replace(FIRST, fingerprint="$blake2b$one", applied_at=NOON + SECOND)
    assert store.revise(USER, "TOKEN", later, over=FIRST)
    assert kept(store) == later


def test_a_forgotten_record_can_be_written_again(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    store.write(USER, "OTHER", FIRST, over=None)
    store.forget(USER, "TOKEN")
    assert kept(store) is None
    assert kept(store, "OTHER") == FIRST
    assert store.write(USER, "TOKEN", OURS, over=None)


# --- at once ---


@pytest.mark.parametrize("ours", [OURS, replace(OURS, applied_at=NOON)], ids=["ours is later", "ours is earlier"])
@pytest.mark.parametrize("read", [None, FIRST], ids=["none was there", "one was there"])
def test_a_record_of_another_task_is_kept(read: Record | None, ours: Record, open_store: Open) -> None:
    if read is not None:
        open_store().write(USER, "TOKEN", read, over=None)
    assert open_store().write(USER, "TOKEN", THEIRS, over=read)

    assert not open_store().write(USER, "TOKEN", ours, over=read)
    assert not open_store().revise(USER, "TOKEN", ours, over=read or FIRST)

    assert kept(open_store()) == THEIRS


def test_a_record_forgotten_by_another_task_is_not_written(open_store: Open) -> None:
    open_store().write(USER, "TOKEN", FIRST, over=None)
    open_store().forget(USER, "TOKEN")
    assert not open_store().write(USER, "TOKEN", OURS, over=FIRST)
    assert not open_store().revise(USER, "TOKEN", OURS, over=FIRST)
    assert kept(open_store()) is None


def test_revise_keeps_an_unsure_record_unsure(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    store.doubt([(USER, "TOKEN", None)])
    assert not store.revise(USER, "TOKEN", replace(FIRST, applied_at=NOON + SECOND), over=FIRST)
    assert kept(store) == replace(FIRST, unsure=True)


# --- facts ---

CREATED = Fact("created", NOON)
GIVEN = Fact("1296269", NOON, "yes")


def test_facts_are_stored_with_and_without_a_record(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None, facts=[CREATED, GIVEN])
    store.note(USER, "OTHER", [GIVEN])
    store.note(WEB, "TOKEN", [])
    rows = store.read(USER)
    assert {name: set(facts) for name, facts in rows.facts.items()} == {"TOKEN": {CREATED, GIVEN}, "OTHER": {GIVEN}}
    assert rows.records == {"TOKEN": FIRST}
    assert store.read(WEB).facts == {}


def test_facts_are_stored_even_if_the_record_is_not(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    assert not store.write(USER, "TOKEN", OURS, over=THEIRS, facts=[CREATED])
    assert not store.revise(USER, "TOKEN", OURS, over=THEIRS, facts=[GIVEN])
    assert set(store.read(USER).facts["TOKEN"]) == {CREATED, GIVEN}
    store.forget(USER, "TOKEN", [Fact("deleted", NOON)])
    assert Fact("deleted", NOON) in store.read(USER).facts["TOKEN"]


@pytest.mark.parametrize("later", [SECOND, timedelta(0)], ids=["later", "in the same second"])
def test_a_later_fact_replaces_an_earlier_one(later: timedelta, store: Store) -> None:
    taken = replace(GIVEN, state="no", at=NOON + later)
    store.note(USER, "TOKEN", [GIVEN, Fact("7", NOON, "yes")])
    store.note(USER, "TOKEN", [taken])
    assert set(store.read(USER).facts["TOKEN"]) == {taken, Fact("7", NOON, "yes")}


def test_an_earlier_fact_does_not_replace_a_later_one(store: Store) -> None:
    store.note(USER, "TOKEN", [GIVEN])
    store.note(USER, "TOKEN", [replace(GIVEN, state="no", at=NOON - SECOND)])
    assert store.read(USER).facts["TOKEN"] == (GIVEN,)


def test_tidying_removes_old_facts_of_the_same_api_url(open_store: Open) -> None:
    store, elsewhere = open_store(), open_store("http://127.0.0.1:8080")
    elsewhere.note(USER, "TOKEN", [GIVEN])
    store.note(USER, "TOKEN", [GIVEN])
    store.note(USER, "TOKEN", [Fact("7", NOON + 59 * SECOND, "yes")])
    store.tidy(NOON + 60 * SECOND, 1)
    assert len(store.read(USER).facts["TOKEN"]) == 2
    store.tidy(NOON + 61 * SECOND, 1)
    assert store.read(USER).facts["TOKEN"] == (Fact("7", NOON + 59 * SECOND, "yes"),)
    assert elsewhere.read(USER).facts["TOKEN"] == (GIVEN,)


@pytest.mark.parametrize(("scopes", "left"), [(1, 1400), (10, 500), (15, 0)])
def test_a_task_with_few_scopes_removes_few_old_facts(scopes: int, left: int, store: Store) -> None:
    fill(store, 1_500)
    store.tidy(NOON + 61 * SECOND, scopes)
    assert rows_of(store, "recent") == left


def test_a_long_list_of_repositories_is_one_row(store: Store) -> None:
    store.note(USER, "TOKEN", [Fact(str(number), NOON, "yes") for number in range(1_000_000, 1_001_000)])
    assert rows_of(store, "recent") == 1
    assert len(store.read(USER).facts["TOKEN"]) == 1_000
    store.note(USER, "TOKEN", [Fact(str(number), NOON, "no") for number in range(2_500)])
    assert rows_of(store, "recent") == 4
    assert len(store.read(USER).facts["TOKEN"]) == 3_500


# --- users ---

ALICE, BOB = replace(USER, user_id=1), replace(USER, user_id=2)


def test_each_user_has_separate_records_and_facts(store: Store) -> None:
    store.write(ALICE, "TOKEN", FIRST, over=None, facts=[CREATED])
    store.write(BOB, "TOKEN", THEIRS, over=None, facts=[GIVEN])
    assert store.read(ALICE) == Rows({"TOKEN": FIRST}, {"TOKEN": (CREATED,)})
    assert store.read(BOB) == Rows({"TOKEN": THEIRS}, {"TOKEN": (GIVEN,)})


def test_the_user_of_a_token_is_stored(open_store: Open) -> None:
    store = open_store()
    assert store.user_id("alices token") is None
    store.keep_user("alices token", 1, NOON)
    store.keep_user("alices token", 1, None)
    store.keep_user("bobs token", 2, NOON)
    again = open_store()
    assert (again.user_id("alices token"), again.user_id("bobs token"), again.user_id("another")) == (1, 2, None)
    assert open_store("http://127.0.0.1:8080").user_id("alices token") is None


def test_the_last_tokens_of_each_user_are_kept(store: Store) -> None:
    store.keep_user("bobs token", 2, NOON)
    for number in range(50):
        store.keep_user(f"token {number}", 1, NOON + number * SECOND)
    assert rows_of(store, "account") == 21
    assert (store.user_id("token 0"), store.user_id("token 49"), store.user_id("bobs token")) == (None, 1, 2)


def test_a_token_is_stored_as_a_salted_hash(open_store: Open, tmp_path: Path) -> None:
    labels = set()
    for store in (SqliteStore(str(tmp_path / name), API) for name in ("one", "another")):
        store.prepare()
        store.keep_user("ghp_token", 1, NOON)
        assert b"ghp_token" not in Path(store.path).read_bytes()
        [[(label,)]] = store._read(("SELECT token FROM account", ()))
        labels.add(label)
    assert {len(label) for label in labels} == {24}
    assert len(labels) == 2


def test_claim_assigns_an_unowned_record_to_the_user(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    store.write(USER, "OTHER", THEIRS, over=None)
    unowned = replace(FIRST, unowned=True)
    assert store.read(ALICE, unowned=True).records == {"TOKEN": unowned, "OTHER": replace(THEIRS, unowned=True)}
    store.claim(ALICE, "TOKEN", unowned)
    assert store.read(ALICE, unowned=True).records["TOKEN"] == FIRST
    assert store.read(BOB, unowned=True).records.keys() == {"OTHER"}
    assert store.read(BOB).records == {}
    # Bob's claim comes second.
    store.claim(BOB, "TOKEN", unowned)
    assert store.read(BOB, unowned=True).records.keys() == {"OTHER"}


def test_a_claim_does_not_replace_a_record_of_the_user(store: Store) -> None:
    store.write(USER, "TOKEN", FIRST, over=None)
    store.write(ALICE, "TOKEN", OURS, over=None)
    store.claim(ALICE, "TOKEN", replace(FIRST, unowned=True))
    assert store.read(ALICE, unowned=True).records == {"TOKEN": OURS}


# --- large stores ---


def fill(store: Store, rows: int) -> None:
    """Add so many recent writes and records of other scopes."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
    at = int(NOON.timestamp())
    store._execute(
        [
            [(f"INSERT INTO recent {numbers} SELECT '{API}', 'repo:octo/r' || i, {at}, 1, 'TOKEN', '{{}}' FROM n", ())],
            [
                (
                    f"INSERT INTO fingerprint {numbers} "
                    f"SELECT '{API}', 'repo:octo/r' || i, 'TOKEN', 'x', {at}, NULL, NULL, 0 FROM n",
                    (),
                )
            ],
            [(f"INSERT INTO account {numbers} SELECT '{API}', 'label' || i, i, {at} FROM n", ())],
        ]
    )


def rows_of(store: Store, table: str) -> int:
    [[(count,)]] = store._read((f"SELECT count(*) FROM {table}", ()))
    return int(count)


def use_all(store: Store) -> None:
    """Make each call of a store once, as a task does."""
    store.read(ALICE)
    store.write(ALICE, "TOKEN", FIRST, over=None, facts=[CREATED])
    store.write(ALICE, "TOKEN", OURS, over=FIRST)
    store.revise(ALICE, "TOKEN", FIRST, over=OURS)
    store.doubt([(ALICE, "TOKEN", None), (ALICE, "TOKEN", FIRST)])
    store.claim(BOB, "TOKEN", FIRST)
    store.note(ALICE, "TOKEN", [GIVEN])
    store.forget(ALICE, "TOKEN")
    store.keep_user("alices token", 1, NOON)
    store.user_id("alices token")
    store.tidy(NOON + 61 * SECOND, 1)


class Watched(SqliteStore):
    """A store that keeps the statements that it executes."""

    def __init__(self, path: str) -> None:
        super().__init__(path, API)
        self.statements: list[Statement] = []

    def _read(self, *queries: Statement) -> list[list[tuple[Any, ...]]]:
        self.statements += queries
        return super()._read(*queries)

    def _execute(self, batch: Sequence[Sequence[Statement]]) -> list[int]:
        self.statements += [statement for group in batch for statement in group]
        return super()._execute(batch)


@pytest.fixture
def statements(tmp_path: Path) -> list[Statement]:
    """Return all statements that a store executes."""
    watched = Watched(str(tmp_path / "watched"))
    watched.prepare()
    use_all(watched)
    return [statement for statement in watched.statements if "FROM salt" not in statement[0]]


def test_every_statement_finds_its_rows_by_an_index_in_sqlite(statements: list[Statement], tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "large"), API)
    store.prepare()
    fill(store, 100)
    for text, values in statements:
        [plan] = store._read((f"EXPLAIN QUERY PLAN {text}", values))
        details = [str(row[3]) for row in plan]
        assert not [detail for detail in details if detail.startswith("SCAN")], (text, details)


def test_every_statement_finds_its_rows_by_an_index_in_postgresql(
    statements: list[Statement], postgres: Postgres
) -> None:
    database = postgres.empty_database()
    with closing(PostgresStore(Address(postgres.address(database)), API)) as store:
        store.prepare()
        fill(store, 20_000)
        postgres.execute("ANALYZE", database=database)
        for text, values in statements:
            [plan] = store._read((f"EXPLAIN {text}", values))
            scans = [line for (line,) in plan if "Seq Scan" in line and "own" not in line]
            assert not scans, (text, plan)


def test_records_and_facts_are_separate_by_name_and_scope_and_api_url(open_store: Open) -> None:
    store, elsewhere = open_store(), open_store("http://127.0.0.1:8080")
    store.write(USER, "TOKEN", FIRST, over=None, facts=[CREATED])
    store.write(WEB, "TOKEN", OURS, over=None, facts=[GIVEN])
    elsewhere.write(USER, "TOKEN", THEIRS, over=None)
    assert store.read(USER).records == {"TOKEN": FIRST}
    assert store.read(_scope.repository("octo/WEB")).records == {"TOKEN": OURS}
    assert store.read(_scope.repository("octo/WEB")).facts == {"TOKEN": (GIVEN,)}
    assert elsewhere.read(USER).records == {"TOKEN": THEIRS}
    assert elsewhere.read(USER).facts == {}
