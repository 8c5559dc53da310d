# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Store records in an SQLite file, for one machine. Only this file imports sqlite3."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

from ansible_collections.devex.github.plugins.module_utils._errors import StoreError
from ansible_collections.devex.github.plugins.module_utils._record import file
from ansible_collections.devex.github.plugins.module_utils._record.store import (
    INDEXES,
    INSERT_SALT,
    SALT_BYTES,
    TABLES,
    Statement,
    Store,
)
from ansible_collections.devex.github.plugins.module_utils._validation import printable

SQLITE_IMPORT_ERROR: str | None = None
try:
    import sqlite3
except Exception:
    # Some builds of Python do not have sqlite3.
    SQLITE_IMPORT_ERROR = traceback.format_exc()

_LAYOUT = 3
_TABLES = {table.split()[2]: f"{table.strip()} WITHOUT ROWID" for table in TABLES}
# Statements of earlier layouts, as SQLite stores them.
_FIRST_FINGERPRINT = (
    "CREATE TABLE fingerprint ( api_url TEXT NOT NULL, scope TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL, "
    "fingerprint TEXT NOT NULL, applied_at INTEGER NOT NULL, -- seconds since 1970, GitHub's clock "
    "created_earliest INTEGER, created_latest INTEGER, PRIMARY KEY (api_url, scope, name) ) WITHOUT ROWID"
)
_SECOND_RECENT = (
    "CREATE TABLE recent ( api_url TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL, what TEXT NOT NULL, "
    "told TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (api_url, scope, name, what) ) WITHOUT ROWID"
)
_EXPECTED = {
    layout: sorted(" ".join(statement.split()) for statement in statements)
    for layout, statements in {
        0: [],
        1: [_FIRST_FINGERPRINT],
        2: [_TABLES["fingerprint"], _SECOND_RECENT],
        _LAYOUT: [*_TABLES.values(), *INDEXES],
    }.items()
}
_NEW = tuple(table for name, table in _TABLES.items() if name != "fingerprint")
_MIGRATE = {
    0: (*_TABLES.values(), *INDEXES),
    1: (
        "ALTER TABLE fingerprint RENAME TO former",
        *_TABLES.values(),
        *INDEXES,
        "INSERT INTO fingerprint SELECT api_url, lower(scope), name, fingerprint, applied_at, created_earliest, "
        "created_latest, 0 FROM former",
        "DROP TABLE former",
    ),
    # Recent writes matter only for seconds.
    2: ("DROP TABLE recent", *_NEW, *INDEXES),
}
# SQLite's own tables are excluded, because ANALYZE may have added statistics.
_DEFINITIONS = "SELECT substr(sql, 1, 2000) FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"
_CELL_BYTES = 1024 * 1024
_BUSY_SECONDS = 60.0


class SqliteStore(Store):
    """A file that each call opens and closes again, for one transaction."""

    installed = SQLITE_IMPORT_ERROR is None

    def __init__(self, path: str, api_url: str) -> None:
        super().__init__(api_url)
        self.path = path

    def exists(self) -> bool:
        return self.installed and os.path.lexists(self.path)

    def prepare(self) -> None:
        self._require_sqlite()
        with self._reporting("written"):
            file.create(self.path)
        with self._transaction("written") as database:
            for statement in _MIGRATE.get(self._layout(database), ()):
                database.execute(statement)
            database.execute(INSERT_SALT, (os.urandom(SALT_BYTES).hex(),))
            database.execute(f"PRAGMA user_version = {_LAYOUT}")
            file.make_private(self.path)

    def check(self) -> None:
        self._require_sqlite()
        if not self.exists():
            with self._reporting("written"):
                file.check_room(self.path)
            return
        with self._transaction("read") as database:
            self._layout(database)
        # SQLite creates other files in the directory while it writes.
        if not all(os.access(path, os.W_OK) for path in (self.path, os.path.dirname(os.path.abspath(self.path)))):
            raise self._error("written", "it is read-only")

    def close(self) -> None:
        # Each call has closed the file already.
        return

    def _read(self, *queries: Statement) -> list[list[tuple[Any, ...]]]:
        if not self.exists():
            return [[] for dummy in queries]
        with self._transaction("read") as database:
            layout = self._layout(database)
            # Earlier layouts exist only in check mode. Otherwise prepare() has migrated them.
            if layout == 1:
                database.execute("CREATE TEMP VIEW fingerprint AS SELECT *, 0 AS unsure FROM main.fingerprint")
            if layout < _LAYOUT:
                for table in _TABLES.values() if layout == 0 else _NEW:
                    database.execute(f"CREATE TEMP {table.removeprefix('CREATE ')}")
            return [_select(database, *query) for query in queries]

    def _execute(self, batch: Sequence[Sequence[Statement]]) -> list[int]:
        with self._transaction("written") as database:
            counts = [[database.execute(*statement).rowcount for statement in group] for group in batch]
        return [first for first, *dummy in counts]

    def _layout(self, database: sqlite3.Connection) -> int:
        """Return the version of the tables; 0: none yet."""
        layout = int(_select(database, "PRAGMA user_version")[0][0])
        if layout > _LAYOUT:
            raise self._error("used", "it was created by a newer version of devex.github")
        # An unknown view or trigger could run code of others.
        definitions = _select(database, _DEFINITIONS)
        if sorted(" ".join(str(sql).split()) for (sql,) in definitions) != _EXPECTED.get(layout):
            raise self._error("used", "it contains something other than the records of devex.github")
        if layout:
            # Only now is the file known to be a store.
            file.make_private(self.path)
        return layout

    def _require_sqlite(self) -> None:
        if not self.installed:
            raise self._error("used", "this Python was built without sqlite3")

    @contextmanager
    def _transaction(self, purpose: str) -> Iterator[sqlite3.Connection]:
        # With mode=rw, reading never creates the file, but can roll back the journal of a killed process.
        uri = f"file://{quote(os.fsencode(os.path.abspath(self.path)))}?mode=rw"
        with self._reporting(purpose):
            file.check(self.path)
            with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)) as database:
                # Before Python 3.11, a large cell is read before the length is checked.
                if sys.version_info >= (3, 11):
                    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _CELL_BYTES)
                _select(database, "PRAGMA trusted_schema = OFF")
                # Deleted fingerprints must not stay in the file.
                _select(database, "PRAGMA secure_delete = ON")
                database.execute("BEGIN" if purpose == "read" else "BEGIN IMMEDIATE")
                yield database
                database.execute("COMMIT")

    @contextmanager
    def _reporting(self, purpose: str) -> Iterator[None]:
        """Raise errors of the file and of SQLite as StoreError."""
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning, OSError, ValueError) as error:
            raise self._error(purpose, getattr(error, "strerror", None) or str(error)) from error

    def _error(self, purpose: str, reason: str) -> StoreError:
        advice = (
            "Repair or remove the file, or set another path in the option fingerprints or the environment variable "
            "DEVEX_GITHUB_FINGERPRINTS."
        )
        if not self.installed:
            advice = "Run the task with another Python, or set the option fingerprints to an address of PostgreSQL."
        return StoreError(
            f"The fingerprint store {printable(self.path)} cannot be {purpose}: {printable(reason)}. {advice} "
            "Secrets with value_changed_at do not need a store."
        )


def _select(database: sqlite3.Connection, query: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """Return all rows, and close the cursor, which would otherwise hold a lock."""
    with closing(database.cursor()) as cursor:
        return cursor.execute(query, parameters).fetchall()
