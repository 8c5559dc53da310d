# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Store records in PostgreSQL, for a team. Only this file imports psycopg, and it is only imported for an address."""

from __future__ import annotations

import os
import re
import socket
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import InputError, MissingLibrary, StoreError
from ansible_collections.devex.github.plugins.module_utils._model import Change, Ledger
from ansible_collections.devex.github.plugins.module_utils._record.address import Address
from ansible_collections.devex.github.plugins.module_utils._record.batch import Batches
from ansible_collections.devex.github.plugins.module_utils._record.store import (
    FINGERPRINT,
    INDEXES,
    INSERT_SALT,
    SALT_BYTES,
    TABLES,
    Statement,
    Store,
)
from ansible_collections.devex.github.plugins.module_utils._threads import without_signals
from ansible_collections.devex.github.plugins.module_utils._validation import printable

PSYCOPG_IMPORT_ERROR: str | None = None
try:
    import psycopg
except Exception:
    # Without libpq, psycopg raises other exceptions than ImportError.
    PSYCOPG_IMPORT_ERROR = traceback.format_exc()

#: The tables have their own schema, so that other tables cannot take their place.
SCHEMA = "devex_github"
# The table of an earlier version, which is dropped, because recent writes matter only for seconds.
_FORMER_RECENT = """
CREATE TABLE recent (
    api_url TEXT
    scope TEXT
    name TEXT
    what TEXT
    told TEXT
    applied_at BIGINT
)
"""


def _columns(*tables: str) -> list[tuple[str, str, str, bool]]:
    return [
        (table.split()[2], column, kind.lower(), True)
        for table in tables
        for column, kind in re.findall(r"^    (\w+) (TEXT|BIGINT|SMALLINT)", table, re.MULTILINE)
    ]


_NONE, _FORMER, _CURRENT = range(3)
_LAYOUTS = {_NONE: [], _FORMER: _columns(FINGERPRINT, _FORMER_RECENT), _CURRENT: _columns(*TABLES)}
_NEW = (*(table for table in TABLES if table != FINGERPRINT), *INDEXES)
_MIGRATE = {
    _NONE: (f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}", *TABLES, *INDEXES),
    _FORMER: ("DROP TABLE recent", *_NEW),
    _CURRENT: (),
}
# Anything but a plain table could run code of others.
_FOUND = f"""
SELECT relname::text, attname::text, format_type(atttypid, atttypmod),
       relkind = 'r' AND NOT relhasrules AND NOT relhastriggers AND NOT relrowsecurity,
       has_schema_privilege(relnamespace, 'USAGE')
FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_class ON pg_class.oid = attrelid
WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = '{SCHEMA}')
AND relkind IN ('r', 'p', 'v', 'm', 'f') AND attnum > 0 AND NOT attisdropped
ORDER BY relname, attnum LIMIT 100
"""
# These statements test the rights and unique keys that are needed later, and leave no rows.
_TRIAL = (
    "INSERT INTO fingerprint VALUES ('', '', '', '', 0, 0, 0, 0) "
    "ON CONFLICT (api_url, scope, name) DO UPDATE SET unsure = 0",
    "DELETE FROM fingerprint WHERE api_url = ''",
    "INSERT INTO recent VALUES ('', '', 0, 0, '', '') ON CONFLICT (api_url, scope, applied_at, number) DO NOTHING",
    "DELETE FROM recent WHERE api_url = ''",
    "INSERT INTO account VALUES ('', '', 0, 0) ON CONFLICT (api_url, token) DO NOTHING",
    "DELETE FROM account WHERE api_url = ''",
)
# These queries return one row if the role may create the tables.
_MAY_CREATE = {
    _NONE: f"""
SELECT 1 WHERE coalesce(
    (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_catalog.pg_namespace WHERE nspname = '{SCHEMA}'),
    has_database_privilege(current_database(), 'CREATE')
)
""",
    _FORMER: f"""
SELECT 1 FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = '{SCHEMA}' AND relname = 'recent' AND pg_has_role(relowner, 'USAGE')
AND has_schema_privilege(relnamespace, 'CREATE')
""",
}
# One writer at a time, so that two with the same rows in another order do not deadlock.
_LOCK = f"SELECT pg_catalog.pg_advisory_xact_lock({int.from_bytes(b'devex.gh', 'big')})"
_BEGIN = {"read": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "written": "BEGIN ISOLATION LEVEL READ COMMITTED"}

#: The ledger has a schema of its own, because a store works without it.
LEDGER_SCHEMA = "devex_github_pace"
_LEDGER = f"{LEDGER_SCHEMA}.budget"
_CREATE_LEDGER = (
    f"CREATE SCHEMA {LEDGER_SCHEMA}",
    f"""
CREATE TABLE {_LEDGER} (
    api_url TEXT NOT NULL,
    token TEXT NOT NULL,
    content TEXT NOT NULL,
    ends_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (api_url, token)
)
""",
)
_MAY_CREATE_LEDGER = f"""
SELECT 1 WHERE has_database_privilege(current_database(), 'CREATE')
AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = '{LEDGER_SCHEMA}')
"""
_LEDGER_FOUND = f"""
SELECT 1 FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = '{LEDGER_SCHEMA}' AND relname = 'budget'
AND relkind = 'r' AND NOT relhasrules AND NOT relhastriggers AND NOT relrowsecurity
AND has_schema_privilege(relnamespace, 'USAGE')
AND has_table_privilege(pg_class.oid, 'SELECT') AND has_table_privilege(pg_class.oid, 'INSERT')
AND has_table_privilege(pg_class.oid, 'UPDATE') AND has_table_privilege(pg_class.oid, 'DELETE')
"""
# Another machine that hangs must not stop this one, and the last second of a ledger may be lost.
_LEDGER_SECONDS = 2
_LEDGER_SETTINGS = (
    (f"SET LOCAL lock_timeout = '{_LEDGER_SECONDS}s'", ()),
    ("SET LOCAL synchronous_commit = off", ()),
)
_LOCK_BUDGET = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext(?), pg_catalog.hashtext(?))"
_READ_BUDGET = f"""
SELECT coalesce((SELECT substr(content, 1, 262144) FROM {_LEDGER} WHERE api_url = ? AND token = ?), ''),
       extract(epoch FROM clock_timestamp())::double precision
"""
_WRITE_BUDGET = f"""
INSERT INTO {_LEDGER} VALUES (?, ?, ?, ?) ON CONFLICT (api_url, token)
DO UPDATE SET content = excluded.content, ends_at = excluded.ends_at
"""
# Rows that are locked are in use.
_TIDY_LEDGER = f"""
DELETE FROM {_LEDGER} WHERE (api_url, token) IN (
    SELECT api_url, token FROM {_LEDGER} WHERE ends_at < ? LIMIT 100 FOR UPDATE SKIP LOCKED
)
"""

_PLACE: tuple[Statement, ...] = ((f"SET LOCAL search_path = {SCHEMA}", ()),)

# The limit for the connection, and for the first answer. psycopg would wait two minutes.
_CONNECT_SECONDS = 10
# The limit for one transaction, with the wait for other writers.
_ANSWER_SECONDS = 60


@dataclass
class _Transaction:
    """A transaction that has begun."""

    connection: psycopg.Connection[Any]
    #: The answers to the statements at its beginning.
    begun: Sequence[psycopg.Cursor[tuple[Any, ...]]]
    #: Statements that are sent together with its end.
    ending: list[Statement] = field(default_factory=list)


class PostgresStore(Store):
    """Tables in a database that several machines share, over one connection, which is opened on the first use."""

    def __init__(self, address: Address, api_url: str, *, patience: float = _ANSWER_SECONDS) -> None:
        """:arg patience: seconds that one transaction may take.
        :raises InputError: libpq does not know a parameter of the address.
        :raises MissingLibrary: psycopg is not installed.
        """
        super().__init__(api_url)
        if PSYCOPG_IMPORT_ERROR:
            raise MissingLibrary("psycopg", PSYCOPG_IMPORT_ERROR)
        self._address = address
        self._patience = patience
        self._connection: psycopg.Connection[Any] | None = None
        self._using = threading.Lock()
        self._reads: Batches[Sequence[Statement], list[list[tuple[Any, ...]]]] = Batches(self._query_all)
        self._layout = _NONE
        try:
            psycopg.conninfo.conninfo_to_dict(address.text)
        except psycopg.Error as error:
            raise InputError(f"fingerprints: {self._safe(error)}.") from error

    def exists(self) -> bool:
        if self._layout != _CURRENT:
            with self._transaction("read") as transaction:
                self._layout = self._find(transaction.connection)
        return self._layout != _NONE

    def prepare(self) -> None:
        with self._transaction("written") as transaction:
            self._query(transaction.connection, _LOCK)
            [[(read_only,)]] = self._query(transaction.connection, "SHOW transaction_read_only")
            if read_only != "off":
                raise self._error("written", "the server or the role is read-only")
            self._create(transaction.connection, self._find(transaction.connection))
            self._send_all(transaction.connection, [[(INSERT_SALT, (os.urandom(SALT_BYTES).hex(),))]])
            self._query(transaction.connection, *_TRIAL)
            if self._query(transaction.connection, _MAY_CREATE_LEDGER) != [[]]:
                self._query(transaction.connection, *_CREATE_LEDGER)
        self._layout = _CURRENT

    def check(self) -> None:
        with self._transaction("read") as transaction:
            self._layout = self._find(transaction.connection)
            if self._layout != _CURRENT and self._query(transaction.connection, _MAY_CREATE[self._layout]) == [[]]:
                raise self._may_not_create()

    def ledger(self) -> Ledger | None:
        return _Ledger(self)

    def change_budget(self, token: str, change: Change, *, first: bool) -> None:
        """See Ledger.change(). It opens no connection for a task that needs no store.

        :arg first: whether the task has not changed one before. Then others' expired budgets are removed.
        """
        if self._layout != _CURRENT:
            raise self._error("written", "it has no ledger")
        key = (self._api_url, self._label(token))
        # The fewer round trips, the shorter is each request to GitHub.
        reading = (*_LEDGER_SETTINGS, (_LOCK_BUDGET, key), (_READ_BUDGET, key))
        if first:
            with self._transaction("read") as transaction:
                if self._query(transaction.connection, _LEDGER_FOUND) == [[]]:
                    raise self._error("written", "it has no ledger that this role may use")
        with self._transaction("written", _LEDGER_SECONDS, reading) as transaction:
            [[before, now]] = transaction.begun[-1].fetchall()
            after, ends_at = change(before, now)
            if after != before:
                transaction.ending = [(_WRITE_BUDGET, (*key, after, ends_at))]
                if first:
                    transaction.ending.append((_TIDY_LEDGER, (now,)))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _read(self, *queries: Statement) -> list[list[tuple[Any, ...]]]:
        if not self.exists():
            return [[] for dummy in queries]
        return self._reads.do(queries)

    def _query_all(self, batch: Sequence[Sequence[Statement]]) -> list[list[list[tuple[Any, ...]]]]:
        with self._transaction("read") as transaction:
            connection = transaction.connection
            groups = self._send_all(connection, [list(filter(self._is_readable, queries)) for queries in batch])
            answers = [iter([cursor.fetchall() for cursor in group]) for group in groups]
        return [
            [next(answer) if self._is_readable(query) else [] for query in queries]
            for queries, answer in zip(batch, answers, strict=True)
        ]

    def _is_readable(self, query: Statement) -> bool:
        """Return whether the table of a query exists. Check mode creates none, so some may be missing."""
        return self._layout == _CURRENT or "FROM fingerprint" in query[0]

    def _execute(self, batch: Sequence[Sequence[Statement]]) -> list[int]:
        with self._transaction("written") as transaction:
            dummy, *groups = self._send_all(transaction.connection, [[(_LOCK, ())], *batch])
            return [group[0].rowcount for group in groups]

    def _find(self, connection: psycopg.Connection[Any]) -> int:
        """Return the layout of the existing tables."""
        [rows] = self._query(connection, _FOUND)
        existing = [tuple(columns) for *columns, dummy in rows]
        if not all(may_use for *dummy, may_use in rows):
            raise self._error("read", f"permission denied for schema {SCHEMA}")
        for layout, columns in _LAYOUTS.items():
            if existing == columns:
                return layout
        raise self._error("used", f"its schema {SCHEMA} contains something other than the records of this version")

    def _create(self, connection: psycopg.Connection[Any], layout: int) -> None:
        try:
            self._query(connection, *_MIGRATE[layout])
        except psycopg.errors.InsufficientPrivilege as error:
            raise self._may_not_create(f": {self._safe(error)}") from error

    def _may_not_create(self, reason: str = "") -> StoreError:
        return self._error(
            "written",
            f"it has no tables of this version in the schema {SCHEMA}, and this role may not create them{reason}",
        )

    @contextmanager
    def _transaction(
        self, purpose: str, patience: float | None = None, first: Sequence[Statement] = ()
    ) -> Iterator[_Transaction]:
        """:arg patience: seconds that the transaction may take; None: those of the store.
        :arg first: statements that are sent together with its beginning.
        """
        with self._using:
            try:
                transaction = self._begin([(_BEGIN[purpose], ()), *_PLACE, *first])
                with _patience(transaction.connection, patience or self._patience):
                    yield transaction
                    self._send_all(transaction.connection, [[*transaction.ending, ("COMMIT", ())]])
            except BaseException as error:
                # Closing the connection ends the transaction after any exception.
                self.close()
                if isinstance(error, (psycopg.Error, OSError, ValueError)):
                    raise self._error(purpose, self._safe(error)) from error
                raise

    def _begin(self, statements: Sequence[Statement]) -> _Transaction:
        """Begin a transaction, on a new connection if the present one is dead, for example after a long pause."""
        if self._connection is not None:
            try:
                return self._begun(self._connection, statements)
            except (psycopg.Error, OSError):
                self.close()
        options: dict[str, Any] = {"client_encoding": "UTF8", "application_name": "devex.github"}
        if "connect_timeout" not in self._address.parameters and "PGCONNECT_TIMEOUT" not in os.environ:
            options["connect_timeout"] = _CONNECT_SECONDS
        # A connection pooler may use another connection for each transaction, so prepared statements would be missing.
        self._connection = psycopg.connect(self._address.text, autocommit=True, prepare_threshold=None, **options)
        return self._begun(self._connection, statements)

    def _begun(self, connection: psycopg.Connection[Any], statements: Sequence[Statement]) -> _Transaction:
        with _patience(connection, _CONNECT_SECONDS):
            [begun] = self._send_all(connection, [statements])
        return _Transaction(connection, begun)

    def _query(self, connection: psycopg.Connection[Any], *queries: str) -> list[list[tuple[Any, ...]]]:
        """Return the rows of each query; statements without a result have none."""
        [cursors] = self._send_all(connection, [[(query, ()) for query in queries]])
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]

    def _send_all(
        self, connection: psycopg.Connection[Any], batch: Sequence[Sequence[Statement]]
    ) -> list[list[psycopg.Cursor[tuple[Any, ...]]]]:
        """Execute groups of statements, in one round trip if libpq supports it."""
        with connection.pipeline() if psycopg.Pipeline.is_supported() else nullcontext():
            return [
                [connection.execute(text.replace("?", "%s").encode(), values) for text, values in group]
                for group in batch
            ]

    def _safe(self, error: Exception) -> str:
        """Return the text of an error, in one line, without the passwords of the address."""
        diagnostics = getattr(error, "diag", None)
        text = (diagnostics and diagnostics.message_primary) or str(error)
        for secret in sorted(self._address.secrets, key=len, reverse=True):
            text = text.replace(secret, "********")
        return printable(text).rstrip(".")

    def _error(self, purpose: str, reason: str) -> StoreError:
        return StoreError(
            f"The fingerprint store {printable(self._address.shown)} cannot be {purpose}: {reason}. Repair the "
            "database or the rights in it, or set the option fingerprints to another store. Secrets with "
            "value_changed_at do not need a store."
        )


class _Ledger:
    """The table in which all machines keep what they have spent of GitHub's limits."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._first = True

    def change(self, token: str, change: Change) -> None:
        """See Ledger.

        :raises StoreError: the table is missing, or cannot be used.
        """
        self._store.change_budget(token, change, first=self._first)
        self._first = False


@contextmanager
def _patience(connection: psycopg.Connection[Any], seconds: float) -> Iterator[None]:
    """Hang up if the server does not answer within so many seconds. libpq would wait for ever.

    :raises TimeoutError: the server did not answer in time.
    """
    over = threading.Event()
    with socket.socket(fileno=os.dup(connection.fileno())) as line:

        def hang_up() -> None:
            over.set()
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(seconds, hang_up)
        timer.daemon = True
        with without_signals():
            timer.start()
        try:
            yield
        except psycopg.Error as error:
            if over.is_set():
                raise TimeoutError(f"it did not answer within {seconds:.0f} seconds") from error
            raise
        finally:
            timer.cancel()
            timer.join()
