# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define what all stores have in common. Each kind of store has its own file."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import StoreError
from ansible_collections.devex.github.plugins.module_utils._model import Fact, Ledger, Record
from ansible_collections.devex.github.plugins.module_utils._record.batch import Batches
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.plugins.module_utils._time import from_seconds

#: A statement, with a question mark for each of its parameters.
Statement = tuple[str, tuple[object, ...]]

#: The record of each secret. Times are GitHub's, in seconds since 1970.
FINGERPRINT = """
CREATE TABLE fingerprint (
    api_url TEXT NOT NULL,
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    applied_at BIGINT NOT NULL,
    created_earliest BIGINT,
    created_latest BIGINT,
    unsure SMALLINT NOT NULL,
    PRIMARY KEY (api_url, scope, name)
)
"""
#: Confirmed writes that GitHub's lists might not show yet, a row for each. tidy() removes old rows.
RECENT = """
CREATE TABLE recent (
    api_url TEXT NOT NULL,
    scope TEXT NOT NULL,
    applied_at BIGINT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (api_url, scope, applied_at, number)
)
"""
#: The user of each token. A token is stored as a truncated hash with the salt below.
ACCOUNT = """
CREATE TABLE account (
    api_url TEXT NOT NULL,
    token TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (api_url, token)
)
"""
#: The salt of this store, in one row, in hexadecimal digits.
SALT = """
CREATE TABLE salt (
    number SMALLINT NOT NULL,
    salt TEXT NOT NULL,
    PRIMARY KEY (number)
)
"""
TABLES = (ACCOUNT, FINGERPRINT, RECENT, SALT)
INDEXES = (
    "CREATE INDEX account_user ON account (api_url, user_id, seen_at)",
    "CREATE INDEX recent_age ON recent (api_url, applied_at)",
)
#: For prepare(). If the store has a salt already, this changes nothing.
INSERT_SALT = "INSERT INTO salt VALUES (1, ?) ON CONFLICT (number) DO NOTHING"
SALT_BYTES = 16

# Limits far above what a scope can have. Longer texts are read with one character more, to show that they are too long.
_LENGTH = 255
_ROWS_A_SCOPE = 10_000
_RECENT_ROWS = 1_000
_FACTS_LENGTH = 64 * 1024
_FACTS_A_ROW = 1_000
_RECORDS = f"""
SELECT substr(name, 1, {_LENGTH + 1}), substr(fingerprint, 1, {_LENGTH + 1}),
       applied_at, created_earliest, created_latest, unsure
FROM fingerprint WHERE api_url = ? AND scope = ? LIMIT {_ROWS_A_SCOPE + 1}
"""
# If there are more, the latest rows count.
_FACTS = f"""
SELECT substr(name, 1, {_LENGTH + 1}), applied_at, substr(facts, 1, {_FACTS_LENGTH + 1})
FROM recent WHERE api_url = ? AND scope = ? ORDER BY applied_at DESC, number DESC LIMIT {_RECENT_ROWS}
"""

_SECRET = "api_url = ? AND scope = ? AND name = ?"
_AS_READ = f"{_SECRET} AND fingerprint = ? AND applied_at = ?"
_VALUES = "fingerprint = ?, applied_at = ?, created_earliest = ?, created_latest = ?"
_INSERT = "INSERT INTO fingerprint VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (api_url, scope, name) DO NOTHING"
_REPLACE = f"UPDATE fingerprint SET {_VALUES}, unsure = 0 WHERE {_AS_READ}"
_REVISE = f"UPDATE fingerprint SET {_VALUES} WHERE {_AS_READ} AND unsure = 0"
_CLAIM = f"""
UPDATE fingerprint SET scope = ? WHERE {_AS_READ} AND NOT EXISTS (
    SELECT 1 FROM fingerprint AS own WHERE own.api_url = ? AND own.scope = ? AND own.name = ?
)
"""
_DOUBT = f"UPDATE fingerprint SET unsure = 1 WHERE {_SECRET}"
_DOUBT_AS_READ = f"UPDATE fingerprint SET unsure = 1 WHERE {_AS_READ}"
_FORGET = f"DELETE FROM fingerprint WHERE {_SECRET}"
# The number orders the writes that were confirmed in one second.
_NOTE = """
INSERT INTO recent SELECT ?, ?, ?, coalesce(max(number), 0) + 1, ?, ?
FROM recent WHERE api_url = ? AND scope = ? AND applied_at = ?
"""
# Removing so many rows takes milliseconds.
_TIDY_ROWS = 50
_TIDY_ROWS_A_SCOPE = 100
_OLD = f"""
SELECT api_url, scope, applied_at, number FROM recent
WHERE api_url = ? AND applied_at < ? ORDER BY applied_at LIMIT {_TIDY_ROWS}
"""
# Each row by its whole key, because PostgreSQL scans the table if the keys come from a query.
_REMOVE = "DELETE FROM recent WHERE api_url = ? AND scope = ? AND applied_at = ? AND number = ?"
# Longer than lists may be late.
_RECENT_AGE = timedelta(seconds=60)

_READ_SALT = "SELECT substr(salt, 1, 100) FROM salt WHERE number = 1"
_USER = "SELECT user_id FROM account WHERE api_url = ? AND token = ?"
_KEEP_USER = "INSERT INTO account VALUES (?, ?, ?, ?) ON CONFLICT (api_url, token) DO NOTHING"
_TOKENS_A_USER = 20
_FORGET_TOKENS = f"""
DELETE FROM account WHERE api_url = ? AND token IN (
    SELECT token FROM account WHERE api_url = ? AND user_id = ?
    ORDER BY seen_at DESC LIMIT 100 OFFSET {_TOKENS_A_USER}
)
"""
_LABEL_DIGITS = 24


@dataclass(frozen=True)
class Rows:
    """The rows of a scope, by name of the secret."""

    records: dict[str, Record] = field(default_factory=dict)
    #: The latest of each kind, in the order in which GitHub confirmed them.
    facts: dict[str, tuple[Fact, ...]] = field(default_factory=dict)


class Store(ABC):
    """A store of records and facts. Safe for any number of processes and threads. Each method raises StoreError.

    If two tasks write different values of one secret at once, the store cannot know which value GitHub has. So a task
    replaces only the row that it has read. If it finds a row with another value, that row becomes unsure, and the next
    run writes the value again.

    Each statement finds its rows by an index, so a transaction takes milliseconds, even if the store is large.
    """

    #: Whether the libraries that the store requires are installed.
    installed = True

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self._writes: Batches[Sequence[Statement], int] = Batches(self._execute)
        self._salt = b""

    def ledger(self) -> Ledger | None:
        """Return the ledger beside this store, through which several machines share their pace; None: it has none."""
        return None

    # --- methods of each kind of store ---

    @abstractmethod
    def exists(self) -> bool:
        """Return whether the store was ever created."""

    @abstractmethod
    def prepare(self) -> None:
        """Create missing parts of the store, and make sure that it can be written."""

    @abstractmethod
    def check(self) -> None:
        """Make sure, without a change, that the store can be read, or else that prepare() may create it."""

    @abstractmethod
    def close(self) -> None:
        """Close connections. The next use of the store opens them again."""

    @abstractmethod
    def _read(self, *queries: Statement) -> list[list[tuple[Any, ...]]]:
        """Return all rows of each query, in one transaction; none if the store or the table does not exist."""

    @abstractmethod
    def _execute(self, batch: Sequence[Sequence[Statement]]) -> list[int]:
        """Execute groups of statements in one transaction, and return how many rows the first one of each changed."""

    @abstractmethod
    def _error(self, purpose: str, reason: str) -> StoreError:
        """:arg purpose: what failed: the store cannot be read, written or used."""

    # --- records and facts ---

    def read(self, scope: Scope, *, unowned: bool = False) -> Rows:
        """Return the rows of a scope.

        :arg unowned: whether to add records from before records had an owner, of secrets that have no other record.
        """
        key = (self._api_url, scope.record_key)
        former = (self._api_url, scope.label.lower())
        queries = [
            (_RECORDS, key),
            (_FACTS, key),
            *([(_RECORDS, former)] if unowned and scope.user_id is not None else []),
        ]
        records, facts, *others = self._read(*queries)
        if len(records) > _ROWS_A_SCOPE:
            raise self._error("read", f"it contains more records of {scope.title} than a scope can have secrets")
        try:
            kept = {
                sys.intern(name): replace(_record(*columns), unowned=True) for rows in others for name, *columns in rows
            }
            kept |= {sys.intern(name): _record(*columns) for name, *columns in records}
            return Rows(kept, _latest(facts))
        except (TypeError, ValueError) as error:
            raise self._error("read", f"it contains a damaged record of {scope.title}") from error

    def write(
        self, scope: Scope, name: str, record: Record, *, over: Record | None, facts: Iterable[Fact] = ()
    ) -> bool:
        """Store the record of a confirmed write, unless another task has stored one in the meantime.

        :arg over: the record that was read before, which may have become unsure since; None: there was none.
        :arg facts: stored in any case.
        :returns: whether the record was stored.
        """
        values = _columns(record)
        if over is None:
            statement: Statement = (_INSERT, (*self._key(scope, name), *values))
        else:
            statement = (_REPLACE, (*values, *self._key(scope, name), *_columns(over)[:2]))
        return self._commit(statement, *self._notes(scope, name, facts)) > 0

    def revise(self, scope: Scope, name: str, record: Record, *, over: Record, facts: Iterable[Fact] = ()) -> bool:
        """Update the time or the fingerprint of a record whose value stays the same.

        It works like write(), but keeps a record that has become unsure.
        """
        statement = (_REVISE, (*_columns(record), *self._key(scope, name), *_columns(over)[:2]))
        return self._commit(statement, *self._notes(scope, name, facts)) > 0

    def claim(self, scope: Scope, name: str, record: Record) -> None:
        """Assign an unowned record to the scope's user, unless the user has a record by now."""
        former = (self._api_url, scope.label.lower(), name, *_columns(record)[:2])
        self._commit((_CLAIM, (scope.record_key, *former, *self._key(scope, name))))

    def doubt(self, secrets: Iterable[tuple[Scope, str, Record | None]]) -> list[bool]:
        """Mark records as unsure, all in one transaction.

        :arg secrets: with the record that must still be there; None: any.
        :returns: for each secret, whether its record is unsure now.
        """
        groups: list[list[Statement]] = [
            [(_DOUBT, self._key(scope, name))]
            if record is None
            else [(_DOUBT_AS_READ, (*self._key(scope, name), *_columns(record)[:2]))]
            for scope, name, record in secrets
        ]
        return [count > 0 for count in self._execute(groups)] if groups else []

    def forget(self, scope: Scope, name: str, facts: Iterable[Fact] = ()) -> None:
        """Delete the record of a secret, which was deleted, or whose value is not recorded."""
        self._commit((_FORGET, self._key(scope, name)), *self._notes(scope, name, facts))

    def note(self, scope: Scope, name: str, facts: Iterable[Fact]) -> None:
        """Store facts about a secret. A later fact replaces an earlier one about the same subject."""
        statements = self._notes(scope, name, facts)
        if statements:
            self._commit(*statements)

    def tidy(self, now: datetime, scopes: int) -> None:
        """Remove writes that all lists show at this time of GitHub, up to a limit for each scope."""
        before = int((now - _RECENT_AGE).timestamp())
        for dummy in range(scopes * _TIDY_ROWS_A_SCOPE // _TIDY_ROWS):
            [old] = self._read((_OLD, (self._api_url, before)))
            if old:
                self._execute([[(_REMOVE, key) for key in old]])
            if len(old) < _TIDY_ROWS:
                return

    def user_id(self, token: str) -> int | None:
        """Return the ID of the user of a token; None: not stored yet."""
        label = self._label(token)
        [rows] = self._read((_USER, (self._api_url, label))) if label else [[]]
        try:
            return int(rows[0][0]) if rows else None
        except (TypeError, ValueError) as error:
            raise self._error("read", "it contains a damaged user of a token") from error

    def keep_user(self, token: str, user_id: int, at: datetime | None) -> None:
        """Store the user of a token, at GitHub's time, and drop the oldest tokens of a user with many."""
        seen_at = _seconds(at) or 0
        self._commit(
            (_KEEP_USER, (self._api_url, self._label(token), user_id, seen_at)),
            (_FORGET_TOKENS, (self._api_url, self._api_url, user_id)),
        )

    def _label(self, token: str) -> str:
        """Return the label of a token, 96 bits of a salted hash; empty if there is no salt yet."""
        if not self._salt:
            [rows] = self._read((_READ_SALT, ()))
            try:
                self._salt = bytes.fromhex(rows[0][0]) if rows else b""
            except (TypeError, ValueError) as error:
                raise self._error("read", "its salt is damaged") from error
        return hmac.new(self._salt, token.encode(), hashlib.sha256).hexdigest()[:_LABEL_DIGITS] if self._salt else ""

    def _key(self, scope: Scope, name: str) -> tuple[str, str, str]:
        return self._api_url, scope.record_key, name

    def _notes(self, scope: Scope, name: str, facts: Iterable[Fact]) -> list[Statement]:
        """Return statements that store the facts of each second in one row, or in several if they are many."""
        by_second: dict[int, list[Fact]] = {}
        for fact in facts:
            by_second.setdefault(int(fact.at.timestamp()), []).append(fact)
        return [
            self._noted(scope, name, at, group[start : start + _FACTS_A_ROW])
            for at, group in by_second.items()
            for start in range(0, len(group), _FACTS_A_ROW)
        ]

    def _noted(self, scope: Scope, name: str, at: int, facts: Sequence[Fact]) -> Statement:
        second = (self._api_url, scope.record_key, at)
        text = json.dumps({fact.what: fact.state for fact in facts}, separators=(",", ":"))
        return _NOTE, (*second, name, text, *second)

    def _commit(self, *statements: Statement) -> int:
        """Change the store durably, and return how many rows the first statement has changed."""
        return self._writes.do(statements)


def _columns(record: Record) -> tuple[str, int, int | None, int | None]:
    earliest, latest = record.created or (None, None)
    applied_at = int(record.applied_at.timestamp())
    return record.fingerprint, applied_at, _seconds(earliest), _seconds(latest)


def _seconds(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp())


def _record(fingerprint: str, applied_at: int, earliest: int | None, latest: int | None, unsure: int) -> Record:
    if not isinstance(fingerprint, str) or len(fingerprint) > _LENGTH:
        raise ValueError("no fingerprint")
    created = None if earliest is None or latest is None else (from_seconds(earliest), from_seconds(latest))
    return Record(fingerprint, from_seconds(applied_at), created, unsure=bool(unsure))


def _latest(rows: Sequence[tuple[Any, ...]]) -> dict[str, tuple[Fact, ...]]:
    """Return the latest facts about each secret, from the name, time and facts of each write, the last one first."""
    latest: dict[str, dict[str, Fact]] = {}
    for name, applied_at, text in reversed(rows):
        at, facts = from_seconds(applied_at), json.loads(text)
        if not isinstance(facts, dict):
            raise TypeError("no facts")
        latest.setdefault(str(name), {}).update(
            {str(what): Fact(what, at, str(state)) for what, state in facts.items()}
        )
    return {name: tuple(facts.values()) for name, facts in latest.items()}
