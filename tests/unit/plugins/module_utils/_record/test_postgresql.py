# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A store in PostgreSQL, on a real server: rights, layouts, concurrent use and failures."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._errors import InputError, StoreError
from ansible_collections.devex.github.plugins.module_utils._model import Record
from ansible_collections.devex.github.plugins.module_utils._record.address import Address
from ansible_collections.devex.github.plugins.module_utils._record.postgresql import PostgresStore
from ansible_collections.devex.github.tests.unit.plugins.module_utils.postgres import Postgres

API = "https://api.github.com"
NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
RECORD = Record("$argon2id$one", applied_at=NOON)
USER = _scope.user()

Open = Callable[..., PostgresStore]


@pytest.fixture
def database(postgres: Postgres) -> str:
    """Return an empty database that belongs to the default role."""
    return postgres.empty_database()


@pytest.fixture
def open_store(postgres: Postgres, database: str) -> Iterator[Open]:
    """Return a function that opens the store of the database, with the keywords of Postgres.address()."""
    opened: list[PostgresStore] = []

    def open_store(patience: float = 30, **login: str) -> PostgresStore:
        opened.append(PostgresStore(Address(postgres.address(database, **login)), API, patience=patience))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Open) -> PostgresStore:
    """Return a store with its tables."""
    store = open_store()
    store.prepare()
    return store


def write(store: PostgresStore, name: str = "TOKEN") -> bool:
    return store.write(USER, name, RECORD, over=None)


def names(store: PostgresStore) -> set[str]:
    return set(store.read(USER).records)


@contextmanager
def locked(postgres: Postgres, database: str) -> Iterator[None]:
    """Lock a table in another session."""
    with suppress(psycopg.OperationalError), postgres.admin(database) as other, other.transaction():
        other.execute("LOCK TABLE devex_github.fingerprint")
        yield


WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted"


def await_(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def relations(postgres: Postgres, database: str) -> list[tuple[Any, ...]]:
    return postgres.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_)' ORDER BY 2",
        database=database,
    )


# --- the tables ---


def test_the_tables_are_created_if_the_role_has_the_rights(open_store: Open, postgres: Postgres, database: str) -> None:
    store = open_store()
    assert not store.exists()
    store.check()
    assert store.read(USER).records == {}
    assert relations(postgres, database) == []
    store.prepare()
    assert relations(postgres, database) == [
        ("devex_github", "account"),
        ("devex_github_pace", "budget"),
        *(("devex_github", table) for table in ("fingerprint", "recent", "salt")),
    ]
    write(store)
    store.prepare()
    another = open_store()
    assert another.exists()
    assert names(another) == {"TOKEN"}


def test_the_trial_leaves_no_rows(store: PostgresStore, postgres: Postgres, database: str) -> None:
    for table, rows in {"account": 0, "fingerprint": 0, "recent": 0, "salt": 1}.items():
        assert len(postgres.execute(f"SELECT * FROM devex_github.{table}", database=database)) == rows


@pytest.mark.parametrize("use", [PostgresStore.prepare, PostgresStore.check], ids=["for real", "in check mode"])
def test_prepare_fails_if_the_role_may_not_create_the_tables(
    use: Callable[[PostgresStore], None], open_store: Open, postgres: Postgres
) -> None:
    role = postgres.new_role()
    with pytest.raises(StoreError, match="no tables of this version in the schema devex_github, and this role may not"):
        use(open_store(user=role))


FORMER = """
CREATE TABLE devex_github.recent (
    api_url TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL, what TEXT NOT NULL, told TEXT NOT NULL,
    applied_at BIGINT NOT NULL, PRIMARY KEY (api_url, scope, name, what)
)
"""


@pytest.fixture
def former(store: PostgresStore, postgres: Postgres, database: str) -> Iterator[PostgresStore]:
    """Create the tables of the former version, with a record. Return the connection of their owner."""
    write(store)
    postgres.execute(
        *(f"DROP TABLE devex_github.{table}" for table in ("recent", "account", "salt")), database=database
    )
    postgres.execute(FORMER, f"ALTER TABLE devex_github.recent OWNER TO {postgres.user}", database=database)
    postgres.execute(
        f"INSERT INTO devex_github.recent SELECT '{API}', 'user', 'TOKEN', i, 'yes', i FROM generate_series(1, 999) i",
        database=database,
    )
    with closing(PostgresStore(Address(postgres.address(database)), API)) as opened:
        yield opened


@pytest.mark.parametrize("prepared", [False, True], ids=["in check mode", "for real"])
def test_the_tables_of_the_former_version_are_migrated(
    prepared: bool, former: PostgresStore, postgres: Postgres, database: str
) -> None:
    (former.prepare if prepared else former.check)()
    assert names(former) == {"TOKEN"}
    assert former.read(USER).facts == {}
    assert former.user_id("a token") is None
    assert len(relations(postgres, database)) == (5 if prepared else 3)


def test_only_the_owner_can_migrate_the_tables_of_the_former_version(
    former: PostgresStore, open_store: Open, postgres: Postgres, database: str
) -> None:
    role = postgres.new_role()
    postgres.execute(*(grant.format(role=role) for grant in GRANTS), database=database)
    for use in (PostgresStore.prepare, PostgresStore.check):
        with pytest.raises(StoreError, match="no tables of this version in the schema devex_github"):
            use(open_store(user=role))
    assert names(open_store(user=role)) == {"TOKEN"}


GRANTS = (
    "GRANT USAGE ON SCHEMA devex_github TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA devex_github TO {role}",
)


def test_the_documented_rights_are_enough(
    store: PostgresStore, open_store: Open, postgres: Postgres, database: str
) -> None:
    role = postgres.new_role()
    postgres.execute(*(grant.format(role=role) for grant in GRANTS), database=database)
    theirs = open_store(user=role)
    theirs.prepare()
    write(theirs)
    theirs.doubt([(USER, "TOKEN", None)])
    theirs.keep_user("a token", 1, None)
    theirs.tidy(datetime.now(timezone.utc), 1)
    theirs.forget(USER, "TOKEN")
    write(theirs)
    assert names(store) == {"TOKEN"}


@pytest.mark.parametrize(
    ("table", "lacking"),
    [
        *(("fingerprint", right) for right in ("INSERT", "UPDATE", "DELETE")),
        *((table, right) for table in ("account", "recent") for right in ("INSERT", "DELETE")),
        ("salt", "INSERT"),
    ],
)
def test_prepare_fails_if_a_right_is_missing(
    table: str, lacking: str, store: PostgresStore, open_store: Open, postgres: Postgres, database: str
) -> None:
    role = postgres.new_role()
    grants = [grant.format(role=role) for grant in GRANTS]
    postgres.execute(*grants, f"REVOKE {lacking} ON devex_github.{table} FROM {role}", database=database)
    theirs = open_store(user=role)
    with pytest.raises(StoreError, match=f"cannot be written: permission denied for table {table}"):
        theirs.prepare()
    # Check mode requires only these rights.
    theirs.check()
    assert theirs.read(USER).records == {}


@pytest.mark.parametrize("granted", [0, 1])
def test_a_role_without_rights_cannot_read(
    granted: int, store: PostgresStore, open_store: Open, postgres: Postgres, database: str
) -> None:
    role = postgres.new_role()
    postgres.execute(*(grant.format(role=role) for grant in GRANTS[:granted]), database=database)
    with pytest.raises(StoreError, match=r"cannot be read: permission denied for (schema|table)"):
        open_store(user=role).read(USER)


@pytest.mark.parametrize("what", ["DATABASE {database}", "ROLE team IN DATABASE {database}"])
def test_a_read_only_database_is_read(
    what: str, store: PostgresStore, open_store: Open, postgres: Postgres, database: str
) -> None:
    write(store)
    setting = f"ALTER {what.format(database=database)} SET default_transaction_read_only = on"
    postgres.execute(setting)
    read_only = open_store()
    with pytest.raises(StoreError, match="cannot be written: the server or the role is read-only"):
        read_only.prepare()
    read_only.check()
    assert names(read_only) == {"TOKEN"}
    with pytest.raises(StoreError, match=r"cannot be written: cannot execute .* in a read-only transaction"):
        write(read_only, "OTHER")


HOSTILE = {
    "a view": ("DROP TABLE {t}", "CREATE VIEW {t} AS SELECT * FROM generate_series(1, 9)"),
    "a trigger": (
        "CREATE FUNCTION devex_github.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER t BEFORE INSERT ON {t} FOR EACH ROW EXECUTE FUNCTION devex_github.f()",
    ),
    "a rule": ("CREATE RULE r AS ON INSERT TO {t} DO INSTEAD NOTHING",),
    "rows for some": ("ALTER TABLE {t} ENABLE ROW LEVEL SECURITY",),
    "one column more": ("ALTER TABLE {t} ADD more TEXT",),
    "one column less": ("ALTER TABLE {t} DROP applied_at",),
    "another type": ("ALTER TABLE {t} ALTER applied_at TYPE TEXT",),
    "another order": ("ALTER TABLE {t} DROP name", "ALTER TABLE {t} ADD name TEXT"),
    "no table": ("DROP TABLE {t}",),
    "one table more": ("CREATE TABLE devex_github.cookies (name TEXT)",),
}


@pytest.mark.parametrize("statements", HOSTILE.values(), ids=HOSTILE)
def test_a_schema_with_other_tables_is_rejected(
    statements: tuple[str, ...], store: PostgresStore, open_store: Open, postgres: Postgres, database: str
) -> None:
    postgres.execute(*(statement.format(t="devex_github.recent") for statement in statements), database=database)
    for use in (PostgresStore.prepare, PostgresStore.check, lambda store: store.read(USER)):
        with pytest.raises(StoreError, match="its schema devex_github contains something other than the records"):
            use(open_store())


def test_prepare_fails_if_a_table_has_no_key(
    store: PostgresStore, open_store: Open, postgres: Postgres, database: str
) -> None:
    postgres.execute("ALTER TABLE devex_github.fingerprint DROP CONSTRAINT fingerprint_pkey", database=database)
    with pytest.raises(StoreError, match="cannot be written: there is no unique or exclusion constraint"):
        open_store().prepare()


@pytest.mark.parametrize(
    "change",
    [
        "applied_at = 253402300799",
        "applied_at = 9223372036854775807",
        "applied_at = -1",
        "created_earliest = 9223372036854775807, created_latest = 0",
        "fingerprint = repeat('x', 256)",
        "fingerprint = repeat('x', 5000000)",
    ],
)
def test_a_damaged_record_fails(change: str, store: PostgresStore, postgres: Postgres, database: str) -> None:
    write(store)
    postgres.execute(f"UPDATE devex_github.fingerprint SET {change}", database=database)
    with pytest.raises(StoreError, match="cannot be read: it contains a damaged record of user"):
        store.read(USER)


def test_a_store_with_too_many_records_fails(store: PostgresStore, postgres: Postgres, database: str) -> None:
    postgres.execute(
        f"INSERT INTO devex_github.fingerprint SELECT '{API}', 'user', 'S' || i, 'x', 0, NULL, NULL, 0 "
        "FROM generate_series(1, 10001) AS i",
        database=database,
    )
    with pytest.raises(StoreError, match="more records of user than a scope can have secrets"):
        store.read(USER)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_of_another_encoding(encoding: str, postgres: Postgres) -> None:
    name = f"in_{encoding}".lower()
    postgres.execute(f"CREATE DATABASE {name} OWNER team TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
    with closing(PostgresStore(Address(postgres.address(name)), API)) as store:
        store.prepare()
        write(store)
        assert store.read(USER).records == {"TOKEN": RECORD}
        if encoding == "SQL_ASCII":
            postgres.execute("UPDATE devex_github.fingerprint SET fingerprint = E'\\xff'", database=name)
            with pytest.raises(StoreError, match="cannot be read"):
                store.read(USER)


# --- many at once ---


def test_rows_of_many_threads_go_in_few_transactions(store: PostgresStore, postgres: Postgres, database: str) -> None:
    with ThreadPoolExecutor(20) as pool:
        with locked(postgres, database):
            written = [pool.submit(write, store, "S0")]
            await_(lambda: bool(postgres.execute(WAITING)))
            written += [pool.submit(write, store, f"S{number}") for number in range(1, 20)]
            await_(lambda: len(store._writes._pending) == 19)
        assert all(future.result(30) for future in written)
    assert names(store) == {f"S{number}" for number in range(20)}
    query = "SELECT count(DISTINCT xmin::text) FROM devex_github.fingerprint"
    assert postgres.execute(query, database=database) == [(2,)]


def test_an_error_of_a_write_is_raised_in_all_threads(store: PostgresStore, postgres: Postgres, database: str) -> None:
    postgres.execute("DROP TABLE devex_github.fingerprint", database=database)

    def is_reported(number: int) -> bool:
        with pytest.raises(StoreError, match='relation "fingerprint" does not exist'):
            write(store, f"S{number}")
        return True

    with ThreadPoolExecutor(10) as pool:
        assert all(pool.map(is_reported, range(10), timeout=60))


WRITER = """
import sys
from datetime import datetime, timezone
from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._record.address import Address
from ansible_collections.devex.github.plugins.module_utils._record.postgresql import PostgresStore
from ansible_collections.devex.github.plugins.module_utils._model import Record

address, number, count = sys.argv[1:]
store = PostgresStore(Address(address), "https://api.github.com")
store.prepare()
# Each in another order.
for i in sorted(range(int(count)), key=lambda i: (i * 7 + int(number) * 3) % 10):
    store.doubt((_scope.user(), f"S{j}", None) for j in range(i, 10))
    store.write(_scope.user(), f"S{number}_{i}", Record(f"fingerprint {number}", datetime.now(timezone.utc)), over=None)
    print(f"S{number}_{i}", flush=True)
store.close()
"""


def writer(postgres: Postgres, database: str, number: int, count: int) -> subprocess.Popen[str]:
    """Start a process that writes rows, and prints the name of each stored row."""
    command = [sys.executable, "-c", WRITER, postgres.address(database), str(number), str(count)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_processes_that_begin_and_write_at_once_lose_nothing(
    postgres: Postgres, database: str, open_store: Open
) -> None:
    processes = [writer(postgres, database, number, 10) for number in range(6)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 6
    expected = {f"S{number}_{i}" for number in range(6) for i in range(10)}
    assert {line for output in outputs for line in output.split()} == expected
    assert names(open_store()) == expected


def test_a_process_that_is_killed_loses_nothing_that_was_confirmed(
    postgres: Postgres, database: str, open_store: Open
) -> None:
    process = writer(postgres, database, 1, 10_000)
    assert process.stdout is not None
    message = {process.stdout.readline().strip() for dummy in range(5)}
    process.send_signal(signal.SIGKILL)
    message |= set(process.stdout.read().split())
    process.wait()
    process.stdout.close()
    kept = names(open_store())
    assert message <= kept
    assert len(kept - message) <= 1


# --- a server that cannot be reached, goes away, or does not answer ---


def test_a_rejected_connection_fails_without_showing_the_password(
    open_store: Open, postgres: Postgres, database: str
) -> None:
    wrong = "hunter2/ä@"
    for address, reason in (
        (postgres.address(database, password=wrong), 'password authentication failed for user "team"'),
        (postgres.address("nowhere", password=postgres.password), 'database "nowhere" does not exist'),
        (f"postgresql://team:{quote(wrong, safe='')}@127.0.0.1:1/r", "Connection refused"),
    ):
        with closing(PostgresStore(Address(address), API)) as store:
            for use in (store.exists, store.check, store.prepare, lambda: store.read(USER)):
                with pytest.raises(StoreError) as caught:
                    use()
                text = str(caught.value)
                assert text.startswith(f"The fingerprint store {store._address.shown} cannot be ")
                assert reason in text
                assert text.isprintable()
                for secret in store._address.secrets:
                    assert secret not in text + repr(store) + repr(vars(store)) + repr(caught.value.__cause__)


def test_a_silent_server_fails_after_a_time_limit(postgres: Postgres) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"postgresql://team@127.0.0.1:{listener.getsockname()[1]}/records?connect_timeout=2"
        with closing(PostgresStore(Address(address), API)) as store, pytest.raises(StoreError, match="timeout"):
            store.prepare()


def test_a_dead_connection_is_replaced(store: PostgresStore, postgres: Postgres, database: str) -> None:
    write(store)
    postgres.kill()
    postgres.start()
    assert names(store) == {"TOKEN"}
    postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
    assert write(store, "OTHER")
    assert names(store) == {"TOKEN", "OTHER"}


def test_a_stopped_server_fails_until_it_is_back(store: PostgresStore, postgres: Postgres) -> None:
    postgres.kill()
    for dummy in range(2):
        with pytest.raises(StoreError, match=r"cannot be written: .*Connection refused"):
            write(store)
    postgres.start()
    assert write(store)


def test_a_server_that_stops_during_a_transaction_fails(
    store: PostgresStore, postgres: Postgres, database: str
) -> None:
    with ThreadPoolExecutor(1) as pool, locked(postgres, database):
        written = pool.submit(write, store)
        await_(lambda: bool(postgres.execute(WAITING)))
        postgres.kill()
        with pytest.raises(StoreError, match="cannot be written"):
            written.result(30)
    postgres.start()
    assert names(store) == set()


def test_a_transaction_without_an_answer_fails_after_a_time_limit(
    open_store: Open, postgres: Postgres, database: str
) -> None:
    store = open_store(patience=1)
    store.prepare()
    with locked(postgres, database):
        with pytest.raises(StoreError, match="cannot be written: it did not answer within 1 seconds"):
            write(store)
        with pytest.raises(StoreError, match="cannot be read: it did not answer within 1 seconds"):
            store.read(USER)
    assert write(store)


# --- as libpq knows it ---


@pytest.fixture
def bare(postgres: Postgres, database: str) -> str:
    """Return the address without a password."""
    return f"postgresql://{postgres.user}@{postgres.host}:{postgres.port}/{database}"


def check(address: str) -> None:
    with closing(PostgresStore(Address(address), API)) as store:
        store.prepare()


def test_a_password_may_come_from_the_sources_of_libpq(
    bare: str, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match="no password supplied"):
        check(bare)
    passfile = tmp_path / "passfile"
    escaped = re.sub(r"([:\\])", r"\\\1", postgres.password)
    passfile.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
    passfile.chmod(0o600)
    check(f"{bare}?passfile={quote(str(passfile))}")
    check(f"{bare}?password={quote(postgres.password)}")
    monkeypatch.setenv("PGPASSWORD", postgres.password)
    check(bare)


def test_a_service_may_contain_the_whole_address(
    postgres: Postgres, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {
        "host": postgres.host,
        "port": postgres.port,
        "user": postgres.user,
        "dbname": database,
        "password": postgres.password,
    }
    services = tmp_path / "services"
    services.write_text("\n".join(["[records]", *(f"{key}={value}" for key, value in options.items())]))
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    check("postgresql://?service=records")


def test_tls_uses_the_parameters_of_libpq(bare: str, monkeypatch: pytest.MonkeyPatch, postgres: Postgres) -> None:
    # The server of the tests has no TLS.
    monkeypatch.setenv("PGPASSWORD", postgres.password)
    with pytest.raises(StoreError, match="server does not support SSL, but SSL was required"):
        check(f"{bare}?sslmode=require")
    check(bare)
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    with pytest.raises(StoreError, match="server does not support SSL, but SSL was required"):
        check(bare)


def test_an_unknown_parameter_of_libpq_fails(bare: str) -> None:
    with pytest.raises(InputError, match='fingerprints: invalid URI query parameter: "sslmod"'):
        check(f"{bare}?sslmod=require")


@pytest.mark.parametrize(
    ("environment", "parameters", "expected"),
    [({}, "", "10"), ({"PGCONNECT_TIMEOUT": "7"}, "", "7"), ({}, "?connect_timeout=5", "5")],
    ids=["neither", "the environment", "the address"],
)
def test_a_connection_has_a_time_limit(
    environment: Mapping[str, str],
    parameters: str,
    expected: str,
    bare: str,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPASSWORD", postgres.password)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with closing(PostgresStore(Address(f"{bare}{parameters}"), API)) as store:
        store.prepare()
        connection: Any = store._connection
        assert connection.info.get_parameters().get("connect_timeout") == expected


# --- the ledger ---

BUDGET = "devex_github_pace.budget"


def put(store: PostgresStore, text: str, *, token: str = "a token", lasts: float = 60) -> str:
    """Replace the text of a token, and return the former text."""
    before = ""

    def change(former: str, now: float) -> tuple[str, float]:
        nonlocal before
        before = former
        return text, now + lasts

    ledger = store.ledger()
    assert ledger is not None
    ledger.change(token, change)
    return before


def test_stores_of_a_database_share_the_ledger(store: PostgresStore, open_store: Open) -> None:
    other = open_store()
    other.check()
    assert put(store, "one") == ""
    assert put(other, "two") == "one"
    assert put(store, "other", token="another token") == ""
    assert put(store, "three") == "two"


def test_the_ledger_has_the_clock_of_the_server(store: PostgresStore, postgres: Postgres, database: str) -> None:
    put(store, "one", lasts=60)
    [(left,)] = postgres.execute(f"SELECT ends_at - extract(epoch FROM now()) FROM {BUDGET}", database=database)
    assert 30 < float(left) <= 60


def test_the_ledger_does_not_contain_the_token(store: PostgresStore, postgres: Postgres, database: str) -> None:
    put(store, "one", token="s3cret")
    [row] = postgres.execute(f"SELECT * FROM {BUDGET}", database=database)
    assert "s3cret" not in str(row)
    assert re.fullmatch("[0-9a-f]{24}", row[1])


def test_changes_of_the_ledger_at_once_are_not_lost(open_store: Open, store: PostgresStore) -> None:
    stores = [open_store() for dummy in range(4)]
    for one in stores:
        one.check()

    def count(number: int) -> None:
        ledger = stores[number % 4].ledger()
        assert ledger is not None
        for dummy in range(25):
            ledger.change("a token", lambda text, now: (str(int(text or 0) + 1), now + 60))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(8)))
    assert put(store, "") == "200"


def test_expired_budgets_are_removed(open_store: Open, store: PostgresStore, postgres: Postgres, database: str) -> None:
    put(store, "one", token="former", lasts=-1)
    put(store, "two")
    assert postgres.execute(f"SELECT content FROM {BUDGET}", database=database) == [("two",)]


def test_check_mode_creates_no_ledger(open_store: Open, postgres: Postgres, database: str) -> None:
    store = open_store()
    store.check()
    with pytest.raises(StoreError, match="it has no ledger"):
        put(store, "one")
    assert relations(postgres, database) == []


@pytest.mark.parametrize("lacking", ["USAGE ON SCHEMA devex_github_pace", "INSERT ON devex_github_pace.budget"])
def test_a_role_without_rights_in_the_ledger_uses_only_the_store(
    lacking: str, store: PostgresStore, open_store: Open, postgres: Postgres, database: str
) -> None:
    role = postgres.new_role()
    grants = [grant.format(role=role) for grant in GRANTS]
    theirs = [text.replace("devex_github", "devex_github_pace") for text in grants]
    postgres.execute(*grants, *theirs, f"REVOKE {lacking} FROM {role}", database=database)
    limited = open_store(user=role)
    limited.prepare()
    with pytest.raises(StoreError, match="no ledger that this role may use"):
        put(limited, "one")
    assert write(limited)


def test_a_view_in_place_of_the_ledger_is_not_used(store: PostgresStore, postgres: Postgres, database: str) -> None:
    postgres.execute(f"ALTER TABLE {BUDGET} RENAME TO other", database=database)
    postgres.execute(f"CREATE VIEW {BUDGET} AS SELECT * FROM devex_github_pace.other", database=database)
    with pytest.raises(StoreError, match="no ledger that this role may use"):
        put(store, "one")


def test_a_ledger_that_stays_locked_is_given_up_soon(store: PostgresStore, postgres: Postgres, database: str) -> None:
    put(store, "one")
    started = time.monotonic()
    with suppress(psycopg.OperationalError), postgres.admin(database) as other, other.transaction():
        other.execute(f"LOCK TABLE {BUDGET}".encode())
        with pytest.raises(StoreError, match="cannot be written"):
            put(store, "two")
        assert time.monotonic() - started < 10
        assert write(store)
