# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fingerprint store, an SQLite file: what was written last, and when."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

from ansible_collections.devex.github.plugins.module_utils._errors import StoreError
from ansible_collections.devex.github.plugins.module_utils._model import Record
from ansible_collections.devex.github.plugins.module_utils._outside import printable
from ansible_collections.devex.github.plugins.module_utils._record import file
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.plugins.module_utils._time import from_seconds

SQLITE_IMPORT_ERROR: str | None = None
try:
    import sqlite3
except Exception:
    # Some builds of Python come without.
    SQLITE_IMPORT_ERROR = traceback.format_exc()

_SCHEMA = """
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
# As SQLite keeps it.
_TABLE = " ".join(_SCHEMA.replace("IF NOT EXISTS ", "").split())
_LAYOUT = 1
# More than there can be: longer texts are cut to one character more.
_LENGTH = 255
_RECORDS_A_SCOPE = 10_000
_CELL_BYTES = 1024 * 1024
_RECORDS = f"""
SELECT substr(name, 1, {_LENGTH + 1}), substr(fingerprint, 1, {_LENGTH + 1}),
       applied_at, created_earliest, created_latest
FROM fingerprint WHERE api_url = ? AND scope = ? LIMIT {_RECORDS_A_SCOPE + 1}
"""
_BUSY_SECONDS = 60.0


def default_path() -> str:
    """Where the store is unless the task says otherwise."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(state, "devex.github", "fingerprints.sqlite3")


class Store:
    """The fingerprint store: one SQLite file, shared by any number of processes and threads.

    Each call opens the file anew, in one transaction. All of them raise StoreError.
    """

    def __init__(self, path: str, api_url: str) -> None:
        self.path = path
        self._api_url = api_url
        self._writing = threading.Lock()
        self._pending: deque[tuple[str, tuple[object, ...], Future[None]]] = deque()

    def exists(self) -> bool:
        """Whether anything was ever recorded."""
        return os.path.lexists(self.path)

    def prepare(self) -> None:
        """Create the file if need be, and make sure that it can be written."""
        try:
            file.create(self.path)
        except (OSError, ValueError) as error:
            raise self._error("written", getattr(error, "strerror", None) or str(error)) from error
        with self._transaction("written") as database:
            self._layout(database)
            database.execute(_SCHEMA)
            database.execute(f"PRAGMA user_version = {_LAYOUT}")
            file.make_private(self.path)

    def check(self) -> None:
        """Make sure that the file can be read, if there is one."""
        if self.exists():
            with self._transaction("read") as database:
                self._layout(database)

    def read(self, scope: Scope) -> dict[str, Record]:
        """The records of a scope by name of the secret; none where there is no file."""
        if not self.exists():
            return {}
        with self._transaction("read") as database:
            if self._layout(database) == 0:
                return {}
            rows = _select(database, _RECORDS, (self._api_url, scope.label))
        if len(rows) > _RECORDS_A_SCOPE:
            raise self._error("read", f"it holds more records of {scope.label} than there can be secrets")
        try:
            return {str(name): _record(*columns) for name, *columns in rows}
        except (TypeError, ValueError) as error:
            raise self._error("read", f"it holds a record of {scope.label} that is none") from error

    def write(self, scope: Scope, name: str, record: Record) -> None:
        """Keep the record of a write that GitHub has answered."""
        times = (record.applied_at, *(record.created or (None, None)))
        seconds = [None if time is None else int(time.timestamp()) for time in times]
        row = (self._api_url, scope.label, name, record.fingerprint, *seconds)
        self._commit("REPLACE INTO fingerprint VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def forget(self, scope: Scope, name: str) -> None:
        """Drop the record of a secret that was deleted."""
        row = (self._api_url, scope.label, name)
        self._commit("DELETE FROM fingerprint WHERE api_url = ? AND scope = ? AND name = ?", row)

    def _commit(self, statement: str, row: tuple[object, ...]) -> None:
        """Change the file, and return when the change is on the disk.

        That takes the disk some milliseconds, so whichever thread is let in takes along what others wait for.
        """
        done: Future[None] = Future()
        self._pending.append((statement, row, done))
        with self._writing:
            batch = [self._pending.popleft() for dummy in range(len(self._pending))]
            if batch:
                self._commit_all(batch)
        done.result()

    def _commit_all(self, batch: list[tuple[str, tuple[object, ...], Future[None]]]) -> None:
        try:
            with self._transaction("written") as database:
                for statement, row, dummy in batch:
                    database.execute(statement, row)
        except BaseException as error:
            # Whatever it is: the others wait.
            for entry in batch:
                entry[-1].set_exception(error)
        else:
            for entry in batch:
                entry[-1].set_result(None)

    def _layout(self, database: sqlite3.Connection) -> int:
        """The version of the table; 0 where there is none yet."""
        layout = int(_select(database, "PRAGMA user_version")[0][0])
        if layout > _LAYOUT:
            raise self._error("used", "it was made by a newer version of devex.github")
        # A view or a trigger in it would be code of somebody else's.
        found = [
            " ".join(str(sql).split()) for (sql,) in _select(database, "SELECT substr(sql, 1, 2000) FROM sqlite_master")
        ]
        if found != ([_TABLE] if layout else []):
            raise self._error("used", "it holds something else than the records of devex.github")
        if layout:
            # Now that it is known to be ours.
            file.make_private(self.path)
        return layout

    @contextmanager
    def _transaction(self, purpose: str) -> Iterator[sqlite3.Connection]:
        # mode=rw: reading never creates the file, but may finish what a killed process left in its journal.
        uri = f"file://{quote(os.fsencode(os.path.abspath(self.path)))}?mode=rw"
        try:
            file.check(self.path)
            with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)) as database:
                # Before Python 3.11, a large cell is read before it is refused.
                if sys.version_info >= (3, 11):
                    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _CELL_BYTES)
                _select(database, "PRAGMA trusted_schema = OFF")
                # What is forgotten is to be gone.
                _select(database, "PRAGMA secure_delete = ON")
                database.execute("BEGIN" if purpose == "read" else "BEGIN IMMEDIATE")
                yield database
                database.execute("COMMIT")
        except (sqlite3.Error, sqlite3.Warning, OSError, ValueError) as error:
            raise self._error(purpose, getattr(error, "strerror", None) or str(error)) from error

    def _error(self, purpose: str, reason: str) -> StoreError:
        return StoreError(
            f"The fingerprint store {printable(self.path)} cannot be {purpose}: {printable(reason)}. "
            "Mend or remove the file, name another one with the option 'fingerprints', or give value_changed_at."
        )


def _select(database: sqlite3.Connection, query: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """All rows; a cursor that is left open would hold a lock."""
    with closing(database.cursor()) as cursor:
        return cursor.execute(query, parameters).fetchall()


def _record(fingerprint: str, applied_at: int, earliest: int | None, latest: int | None) -> Record:
    if not isinstance(fingerprint, str) or len(fingerprint) > _LENGTH:
        raise ValueError("no fingerprint")
    created = None if earliest is None or latest is None else (from_seconds(earliest), from_seconds(latest))
    return Record(fingerprint, from_seconds(applied_at), created)
