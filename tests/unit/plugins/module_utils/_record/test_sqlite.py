# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._errors import StoreError
from ansible_collections.devex.github.plugins.module_utils._model import Record
from ansible_collections.devex.github.plugins.module_utils._record.sqlite import SqliteStore
from ansible_collections.devex.github.plugins.module_utils._scope import Scope

API = "https://api.github.com"
NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
RECORD = Record("$argon2id$one", applied_at=NOON, created=(NOON - timedelta(days=1), NOON))
OTHER = Record("$argon2id$two", applied_at=NOON + timedelta(days=1))
USER = _scope.user()
WEB = _scope.repository("Octo/Web")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state/devex.github/fingerprints.sqlite3"


@pytest.fixture
def store(path: Path) -> SqliteStore:
    store = SqliteStore(str(path), API)
    store.prepare()
    return store


def keep(store: SqliteStore, scope: Scope, name: str, record: Record) -> None:
    """Store a record, and replace any present one."""
    assert store.write(scope, name, record, over=store.read(scope).records.get(name))


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


# --- the file ---


def test_only_its_owner_may_use_the_store(path: Path) -> None:
    umask = os.umask(0)
    try:
        SqliteStore(str(path), API).prepare()
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_umask_does_not_remove_rights(path: Path) -> None:
    umask = os.umask(0o777)
    try:
        SqliteStore(str(path), API).prepare()
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(parent.stat().st_mode) for parent in list(path.parents)[:2]} == {0o700}


@pytest.mark.parametrize("use", [SqliteStore.prepare, lambda store: store.read(USER)], ids=["written", "read"])
def test_a_store_that_others_may_use_is_made_private(
    use: Callable[[SqliteStore], object], store: SqliteStore, path: Path
) -> None:
    for beside in (path, path.with_name(f"{path.name}-journal")):
        beside.touch()
        beside.chmod(0o666)
    use(store)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("use", [SqliteStore.prepare, lambda store: store.read(USER)], ids=["written", "read"])
@pytest.mark.parametrize("beside", ["", "-journal", "-wal"])
@pytest.mark.parametrize("kind", ["a link", "a dangling link", "a directory", "a FIFO", "another user's"])
def test_a_path_that_is_not_a_file_of_the_user_is_rejected(
    kind: str, beside: str, use: Callable[[SqliteStore], object], store: SqliteStore, path: Path, tmp_path: Path
) -> None:
    path = path.with_name(path.name + beside)
    elsewhere = tmp_path / "elsewhere"
    if path.exists():
        path.rename(elsewhere)
    if "link" in kind:
        path.symlink_to(elsewhere if kind == "a link" else tmp_path / "nowhere")
        elsewhere.touch()
    elif kind == "a directory":
        path.mkdir()
    elif kind == "a FIFO":
        os.mkfifo(path)
    elif os.geteuid() == 0:
        path.touch()
        os.chown(path, 12345, -1)
    else:
        pytest.skip("only root can give a file away")
    text = "belongs to another user" if kind == "another user's" else "is a link, or is not a regular file"
    with pytest.raises(StoreError, match=text):
        use(store)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("content", [b"", b"a letter\n" * 100])
@pytest.mark.parametrize("use", [SqliteStore.check, lambda store: store.read(USER)], ids=["checked", "read"])
def test_a_file_that_is_not_a_store_keeps_its_mode(
    use: Callable[[SqliteStore], object], content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    path.chmod(0o644)
    with suppress(StoreError):
        use(SqliteStore(str(path), API))
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("/proc/state/store", "cannot be written: No such file or directory"),
        ("{home}/a-file/store", "cannot be written: Not a directory"),
    ],
)
def test_a_dry_run_fails_if_the_store_cannot_be_created(place: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(StoreError, match=message):
        SqliteStore(place.format(home=tmp_path), API).check()


def test_a_dry_run_leaves_nothing_behind(tmp_path: Path) -> None:
    SqliteStore(str(tmp_path / "state/devex/store"), API).check()
    assert list(tmp_path.iterdir()) == []


def test_an_existing_directory_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    SqliteStore(str(tmp_path / "store"), API).prepare()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_reading_creates_nothing(path: Path, tmp_path: Path) -> None:
    store = SqliteStore(str(path), API)
    assert not store.exists()
    assert store.read(USER).records == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_dry_run_fails_if_the_directory_is_read_only(store: SqliteStore, path: Path) -> None:
    store.prepare()
    path.parent.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written: it is read-only"):
        store.check()


def test_preparing_twice_loses_nothing(store: SqliteStore) -> None:
    keep(store, USER, "TOKEN", RECORD)
    store.prepare()
    assert store.exists()
    assert store.read(USER).records == {"TOKEN": RECORD}


def test_statistics_of_sqlite_are_accepted(store: SqliteStore, path: Path) -> None:
    keep(store, USER, "TOKEN", RECORD)
    execute(path, "ANALYZE")
    store.prepare()
    assert store.read(USER).records == {"TOKEN": RECORD}


def test_no_other_file_is_left_behind(store: SqliteStore, path: Path) -> None:
    keep(store, USER, "TOKEN", RECORD)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "name", ["#1", "what?", "100%", "%41", "a b", "ä🔑", "a'b\"c", "a&mode=ro", "back\\slash", "new\nline", ":memory:"]
)
def test_the_path_may_hold_any_character(name: str, tmp_path: Path) -> None:
    path = tmp_path / name / name
    store = SqliteStore(str(path), API)
    store.prepare()
    keep(store, USER, "TOKEN", RECORD)
    assert store.read(USER).records == {"TOKEN": RECORD}
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]


def test_the_path_may_begin_with_two_slashes(path: Path) -> None:
    store = SqliteStore(f"/{path}", API)
    store.prepare()
    keep(store, USER, "TOKEN", RECORD)
    assert store.read(USER).records == {"TOKEN": RECORD}


@pytest.mark.parametrize("use", [SqliteStore.prepare, SqliteStore.check], ids=["written", "checked"])
@pytest.mark.parametrize("path", ["store", "~/state/store", "./store"])
def test_a_relative_path_fails_and_creates_nothing(
    use: Callable[[SqliteStore], None], path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        StoreError, match=r"not absolute, so check the environment variables HOME .* DEVEX_GITHUB_FINGERPRINTS"
    ):
        use(SqliteStore(path, API))
    assert list(tmp_path.iterdir()) == []


# --- the records ---


@pytest.mark.parametrize("record", [RECORD, OTHER], ids=["with the creation", "without the creation"])
def test_a_record_is_read_as_it_was_written(record: Record, store: SqliteStore) -> None:
    keep(store, USER, "TOKEN", record)
    assert store.read(USER).records == {"TOKEN": record}


def test_times_are_stored_in_seconds(store: SqliteStore) -> None:
    keep(store, USER, "TOKEN", replace(OTHER, applied_at=NOON.astimezone(timezone(timedelta(hours=2)))))
    assert store.read(USER).records["TOKEN"].applied_at == NOON


def test_a_later_record_replaces_an_earlier_one(store: SqliteStore) -> None:
    keep(store, USER, "TOKEN", RECORD)
    keep(store, USER, "TOKEN", OTHER)
    assert store.read(USER).records == {"TOKEN": OTHER}


def test_records_are_separate_by_name_and_scope_and_api_url(store: SqliteStore, path: Path) -> None:
    elsewhere = SqliteStore(str(path), "http://127.0.0.1:8080")
    keep(store, USER, "TOKEN", RECORD)
    keep(store, USER, "OTHER", OTHER)
    keep(store, WEB, "TOKEN", OTHER)
    keep(elsewhere, USER, "TOKEN", OTHER)

    assert store.read(USER).records == {"TOKEN": RECORD, "OTHER": OTHER}
    assert store.read(WEB).records == {"TOKEN": OTHER}
    assert elsewhere.read(USER).records == {"TOKEN": OTHER}
    assert elsewhere.read(WEB).records == {}
    assert store.read(_scope.organization("Octo")).records == {}


def test_the_case_of_a_scope_does_not_matter(store: SqliteStore) -> None:
    keep(store, WEB, "TOKEN", RECORD)
    keep(store, _scope.repository("OCTO/WEB"), "TOKEN", OTHER)
    assert store.read(_scope.repository("octo/web")).records == {"TOKEN": OTHER}
    store.forget(_scope.repository("octo/WEB"), "TOKEN")
    assert store.read(WEB).records == {}


def test_forget_deletes_one_record(store: SqliteStore, path: Path) -> None:
    elsewhere = SqliteStore(str(path), "http://127.0.0.1:8080")
    for where, scope, name in ((store, USER, "TOKEN"), (store, USER, "OTHER"), (store, WEB, "TOKEN")):
        keep(where, scope, name, RECORD)
    keep(elsewhere, USER, "TOKEN", RECORD)

    store.forget(USER, "TOKEN")
    store.forget(USER, "NEVER_RECORDED")

    assert store.read(USER).records == {"OTHER": RECORD}
    assert store.read(WEB).records == {"TOKEN": RECORD}
    assert elsewhere.read(USER).records == {"TOKEN": RECORD}


WRITER = """
import sys
from datetime import datetime, timezone
from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._record.sqlite import SqliteStore
from ansible_collections.devex.github.plugins.module_utils._model import Record

path, number = sys.argv[1:]
store = SqliteStore(path, "https://api.github.com")
store.prepare()
for i in range(5):
    store.read(_scope.user())
    record = Record(f"fingerprint {number}", datetime.now(timezone.utc))
    store.write(_scope.user(), f"S{number}_{i}", record, over=None)
"""


def test_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", WRITER, str(path)]
    processes = [subprocess.Popen([*command, str(number)], env=environment) for number in range(10)]
    assert [process.wait(60) for process in processes] == [0] * 10

    records = SqliteStore(str(path), API).read(USER).records

    assert {name: record.fingerprint for name, record in records.items()} == {
        f"S{number}_{i}": f"fingerprint {number}" for number in range(10) for i in range(5)
    }


# --- what cannot be used ---


def write_at_once(store: SqliteStore, names: list[str]) -> list[StoreError | None]:
    """Write a record for each name in a separate thread. Return the exceptions."""
    start = threading.Barrier(len(names))

    def write(name: str) -> StoreError | None:
        start.wait(10)
        try:
            store.write(USER, name, RECORD, over=None)
        except StoreError as error:
            return error
        return None

    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(write, names, timeout=30))


def test_threads_that_write_at_once_lose_nothing(store: SqliteStore) -> None:
    names = [f"S{i}" for i in range(20)]
    assert write_at_once(store, names) == [None] * 20
    assert store.read(USER).records.keys() == set(names)


def test_an_error_of_a_write_is_raised_in_all_threads(store: SqliteStore, path: Path) -> None:
    execute(path, "DROP TABLE fingerprint")
    errors = write_at_once(store, [f"S{i}" for i in range(20)])
    assert [type(error) for error in errors] == [StoreError] * 20


def test_an_empty_file_is_used_as_a_store(path: Path) -> None:
    """A process was killed after it had created the file, but before the tables."""
    path.parent.mkdir(parents=True)
    path.touch()
    store = SqliteStore(str(path), API)
    assert store.read(USER).records == {}
    store.prepare()
    keep(store, USER, "TOKEN", RECORD)
    assert store.read(USER).records == {"TOKEN": RECORD}


def not_a_database(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("fingerprints: none\n" * 100, encoding="utf-8")


def directory(path: Path) -> None:
    path.mkdir(parents=True)


def newer_layout(path: Path) -> None:
    store = SqliteStore(str(path), API)
    store.prepare()
    keep(store, USER, "TOKEN", RECORD)
    execute(path, "PRAGMA user_version = 4")


def another_database(path: Path) -> None:
    path.parent.mkdir(parents=True)
    execute(path, "CREATE TABLE cookies (name TEXT)", "PRAGMA user_version = 1")


def truncated(path: Path) -> None:
    store = SqliteStore(str(path), API)
    store.prepare()
    keep(store, USER, "TOKEN", RECORD)
    os.truncate(path, path.stat().st_size // 2)


def odd_record(path: Path) -> None:
    store = SqliteStore(str(path), API)
    store.prepare()
    keep(store, USER, "TOKEN", RECORD)
    execute(path, "UPDATE fingerprint SET applied_at = 'soon'")


def trigger(path: Path) -> None:
    SqliteStore(str(path), API).prepare()
    execute(path, "CREATE TRIGGER odd BEFORE INSERT ON fingerprint BEGIN SELECT 1; END")


def view(path: Path) -> None:
    SqliteStore(str(path), API).prepare()
    forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    execute(path, "DROP TABLE fingerprint", f"CREATE VIEW fingerprint AS {forever}")


def table_of_other_columns(path: Path) -> None:
    SqliteStore(str(path), API).prepare()
    execute(path, "DROP TABLE fingerprint", "CREATE TABLE fingerprint (api_url, scope, name, fingerprint, applied_at)")


@pytest.mark.parametrize(
    "make",
    [
        not_a_database,
        directory,
        newer_layout,
        another_database,
        truncated,
        odd_record,
        trigger,
        view,
        table_of_other_columns,
    ],
)
def test_an_unreadable_store_fails_with_its_path(make: Callable[[Path], None], path: Path) -> None:
    make(path)
    with pytest.raises(StoreError, match=f"^The fingerprint store {path} "):
        SqliteStore(str(path), API).read(USER)


@pytest.mark.parametrize(
    "change",
    [
        "applied_at = 253402300799",
        "applied_at = 9223372036854775807",
        "applied_at = -1",
        "applied_at = 'soon'",
        "created_earliest = 1e300",
        "fingerprint = zeroblob(100)",
        "fingerprint = hex(zeroblob(1000))",
        "fingerprint = CAST(x'ff1b5b' AS TEXT)",
    ],
)
def test_a_damaged_record_fails_only_its_scope(change: str, store: SqliteStore, path: Path) -> None:
    for scope in (USER, WEB):
        keep(store, scope, "TOKEN", RECORD)
        keep(store, scope, "OTHER", RECORD)
    execute(path, f"UPDATE fingerprint SET {change} WHERE scope = 'user' AND name = 'TOKEN'")
    with pytest.raises(StoreError, match="cannot be read") as caught:
        store.read(USER)
    assert str(caught.value).isprintable()
    # The traceback of the error keeps the cursor alive.
    assert store.write(USER, "OTHER", OTHER, over=RECORD)
    assert store.read(WEB).records == {"TOKEN": RECORD, "OTHER": RECORD}


def test_a_store_with_too_many_records_fails(store: SqliteStore, path: Path) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001) SELECT"
    execute(path, f"INSERT INTO fingerprint {numbers} '{API}', 'user', 'S' || i, 'x', 0, NULL, NULL, 0 FROM n")
    with pytest.raises(StoreError, match="more records of user than a scope can have secrets"):
        store.read(USER)


def test_a_forgotten_record_is_erased_from_the_file(store: SqliteStore, path: Path) -> None:
    keep(store, USER, "TOKEN", RECORD)
    assert RECORD.fingerprint.encode() in path.read_bytes()
    store.forget(USER, "TOKEN")
    assert RECORD.fingerprint.encode() not in path.read_bytes()


def test_an_unwritable_row_does_not_block_other_threads(store: SqliteStore) -> None:
    errors = write_at_once(store, [*(f"S{i}" for i in range(20)), "\udc80"])
    assert StoreError in {type(error) for error in errors}


@pytest.mark.parametrize("make", [not_a_database, directory, newer_layout, truncated, trigger, view])
def test_an_unwritable_store_fails_with_its_path(make: Callable[[Path], None], path: Path) -> None:
    make(path)
    with pytest.raises(StoreError, match=f"^The fingerprint store {path} "):
        SqliteStore(str(path), API).prepare()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any file")
def test_a_read_only_store_fails_with_its_path(store: SqliteStore, path: Path) -> None:
    path.chmod(0o400)
    assert store.read(USER).records == {}
    with pytest.raises(StoreError, match=f"^The fingerprint store {path} cannot be written: "):
        store.prepare()


def test_a_file_instead_of_the_directory_fails_with_the_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = SqliteStore(str(tmp_path / "file/store"), API)
    with pytest.raises(StoreError, match=f"^The fingerprint store {store.path} cannot be written: "):
        store.prepare()


def test_a_write_fails_if_the_store_was_removed(store: SqliteStore, path: Path) -> None:
    path.unlink()
    with pytest.raises(StoreError, match="cannot be written"):
        keep(store, USER, "TOKEN", RECORD)
    assert not path.exists()


# --- a file of an earlier version ---

LAYOUT_1 = """
CREATE TABLE IF NOT EXISTS fingerprint (
    api_url TEXT NOT NULL,
    scope TEXT NOT NULL COLLATE NOCASE,
    name TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    applied_at INTEGER NOT NULL,  -- seconds since 1970, GitHub's clock
    created_earliest INTEGER,
    created_latest INTEGER,
    PRIMARY KEY (api_url, scope, name)
) WITHOUT ROWID
"""


@pytest.fixture
def former(path: Path) -> SqliteStore:
    """Create a store of the first layout, with two records."""
    path.parent.mkdir(parents=True)
    noon = int(NOON.timestamp())
    execute(
        path,
        LAYOUT_1,
        "PRAGMA user_version = 1",
        f"INSERT INTO fingerprint VALUES ('{API}', 'repo:Octo/Web', 'TOKEN', '$argon2id$one', {noon}, "
        f"{noon - 86400}, {noon})",
        f"INSERT INTO fingerprint VALUES ('{API}', 'user', 'TOKEN', '$argon2id$two', {noon + 86400}, NULL, NULL)",
    )
    return SqliteStore(str(path), API)


@pytest.mark.parametrize("prepared", [False, True], ids=["in check mode", "for real"])
def test_a_store_of_the_first_layout_is_read(prepared: bool, former: SqliteStore, path: Path) -> None:
    (former.prepare if prepared else former.check)()
    assert former.read(WEB).records == {"TOKEN": RECORD}
    assert former.read(_scope.repository("octo/WEB")).records == {"TOKEN": RECORD}
    assert former.read(USER).records == {"TOKEN": OTHER}
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchall() == [(3 if prepared else 1,)]


def test_a_store_of_the_first_layout_is_written(former: SqliteStore) -> None:
    former.prepare()
    former.prepare()
    keep(former, WEB, "TOKEN", OTHER)
    keep(former, WEB, "ANOTHER", RECORD)
    assert former.read(WEB).records == {"TOKEN": OTHER, "ANOTHER": RECORD}
