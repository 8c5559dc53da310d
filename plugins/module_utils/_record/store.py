# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all stores have in common: what is kept of our writes, and when one row may take the place of another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import StoreError
from ansible_collections.devex.github.plugins.module_utils._model import Fact, Record
from ansible_collections.devex.github.plugins.module_utils._record.batch import Batches
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.plugins.module_utils._time import from_seconds

#: A statement, with a question mark for each of its parameters.
Statement = tuple[str, tuple[object, ...]]

#: The value that was written last, a row for each secret. Times are seconds since 1970 by GitHub's clock.
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
#: What GitHub's lists may not show yet: rows of the last seconds, and older ones until the next task tidies up.
RECENT = """
CREATE TABLE recent (
    api_url TEXT NOT NULL,
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    what TEXT NOT NULL,
    told TEXT NOT NULL,
    applied_at BIGINT NOT NULL,
    PRIMARY KEY (api_url, scope, name, what)
)
"""
#: For prepare(): GitHub's clock is known only from what it has told, hence the subquery.
TIDY = """
DELETE FROM recent WHERE applied_at < (
    SELECT max(latest.applied_at) FROM recent AS latest WHERE latest.api_url = recent.api_url
) - 60
"""

# More than there can be: longer texts are cut to one character more.
_LENGTH = 255
_ROWS_A_SCOPE = 10_000
_RECORDS = f"""
SELECT substr(name, 1, {_LENGTH + 1}), substr(fingerprint, 1, {_LENGTH + 1}),
       applied_at, created_earliest, created_latest, unsure
FROM fingerprint WHERE api_url = ? AND scope = ? LIMIT {_ROWS_A_SCOPE + 1}
"""
# The latest, where there are more, as after writes with long lists of repositories.
_FACTS = f"""
SELECT substr(name, 1, {_LENGTH + 1}), substr(what, 1, {_LENGTH + 1}), applied_at, substr(told, 1, {_LENGTH + 1})
FROM recent WHERE api_url = ? AND scope = ? ORDER BY applied_at DESC LIMIT {_ROWS_A_SCOPE}
"""

_SECRET = "api_url = ? AND scope = ? AND name = ?"
_AS_READ = f"{_SECRET} AND fingerprint = ? AND applied_at = ?"
_VALUES = "fingerprint = ?, applied_at = ?, created_earliest = ?, created_latest = ?"
_INSERT = "INSERT INTO fingerprint VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (api_url, scope, name) DO NOTHING"
_REPLACE = f"UPDATE fingerprint SET {_VALUES}, unsure = 0 WHERE {_AS_READ}"
_REVISE = f"UPDATE fingerprint SET {_VALUES} WHERE {_AS_READ} AND unsure = 0"
_DOUBT = f"UPDATE fingerprint SET unsure = 1 WHERE {_SECRET}"
_FORGET = f"DELETE FROM fingerprint WHERE {_SECRET}"
_NOTE = """
INSERT INTO recent VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (api_url, scope, name, what) DO UPDATE SET told = excluded.told, applied_at = excluded.applied_at
WHERE excluded.applied_at >= recent.applied_at
"""


@dataclass(frozen=True)
class Rows:
    """What is kept of a scope, by name of the secret."""

    records: dict[str, Record] = field(default_factory=dict)
    facts: dict[str, tuple[Fact, ...]] = field(default_factory=dict)


class Store(ABC):
    """What was written last; for any number of processes, and of threads in each of them. All raise StoreError.

    Two tasks may work on one secret at once, and nothing keeps them apart at GitHub. So a row is replaced only by who
    has read that very row, whatever the times say: of two values that were sent at once, nobody knows which is there.
    Where a task finds another row than it has read, the row becomes unsure, and the next run writes once more.
    """

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self._writes: Batches[Sequence[Statement], int] = Batches(self._execute)

    # --- what each kind of store does in its own way ---

    @abstractmethod
    def exists(self) -> bool:
        """Whether anything was ever recorded."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what is lacking of it, tidy up, and make sure that it can be written."""

    @abstractmethod
    def check(self) -> None:
        """Make sure that it can be read, if there is one."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what is held open, if anything; it may be used again."""

    @abstractmethod
    def _read(self, *queries: Statement) -> list[list[tuple[Any, ...]]]:
        """All rows of each query, in one transaction; none where there is no store."""

    @abstractmethod
    def _execute(self, batch: Sequence[Sequence[Statement]]) -> list[int]:
        """Carry out all groups of statements in one transaction.

        :returns: of each group, how many rows its first statement has changed.
        """

    @abstractmethod
    def _error(self, purpose: str, reason: str) -> StoreError:
        """:arg purpose: what it cannot be: read, written or used."""

    # --- what is read and written ---

    def read(self, scope: Scope) -> Rows:
        """What is kept of a scope."""
        key = (self._api_url, scope.label.lower())
        records, facts = self._read((_RECORDS, key), (_FACTS, key))
        if len(records) > _ROWS_A_SCOPE:
            raise self._error("read", f"it holds more records of {scope.label} than there can be secrets")
        rows = Rows()
        try:
            for name, *columns in records:
                rows.records[str(name)] = _record(*columns)
            for name, what, at, told in facts:
                rows.facts[str(name)] = (*rows.facts.get(str(name), ()), Fact(str(what), from_seconds(at), str(told)))
        except (TypeError, ValueError) as error:
            raise self._error("read", f"it holds a record of {scope.label} that is none") from error
        return rows

    def write(
        self, scope: Scope, name: str, record: Record, *, over: Record | None, facts: Iterable[Fact] = ()
    ) -> bool:
        """Keep the record of a value that GitHub has confirmed, provided that nobody else has kept one meanwhile.

        :arg over: the record that was read before; it may have become unsure since. None: there was none.
        :arg facts: are kept in any case.
        :returns: whether the record is kept.
        """
        values = _columns(record)
        if over is None:
            statement: Statement = (_INSERT, (*self._key(scope, name), *values))
        else:
            statement = (_REPLACE, (*values, *self._key(scope, name), *_columns(over)[:2]))
        return self._commit(statement, *self._notes(scope, name, facts)) > 0

    def revise(self, scope: Scope, name: str, record: Record, *, over: Record, facts: Iterable[Fact] = ()) -> bool:
        """Say the same of the same value in another way: a later time, or another fingerprint.

        As write(), save that a record that has become unsure stays as it is.
        """
        statement = (_REVISE, (*_columns(record), *self._key(scope, name), *_columns(over)[:2]))
        return self._commit(statement, *self._notes(scope, name, facts)) > 0

    def doubt(self, secrets: Iterable[tuple[Scope, str]]) -> None:
        """Make records unsure, as before their values are written; all of them in one transaction."""
        statements = [(_DOUBT, self._key(scope, name)) for scope, name in secrets]
        if statements:
            self._commit(*statements)

    def forget(self, scope: Scope, name: str, facts: Iterable[Fact] = ()) -> None:
        """Drop the record of a secret that was deleted, or whose value is not recorded."""
        self._commit((_FORGET, self._key(scope, name)), *self._notes(scope, name, facts))

    def note(self, scope: Scope, name: str, facts: Iterable[Fact]) -> None:
        """Keep facts about a secret; a later one takes the place of an earlier one about the same."""
        statements = self._notes(scope, name, facts)
        if statements:
            self._commit(*statements)

    # --- how ---

    def _key(self, scope: Scope, name: str) -> tuple[str, str, str]:
        return self._api_url, scope.label.lower(), name

    def _notes(self, scope: Scope, name: str, facts: Iterable[Fact]) -> list[Statement]:
        key = self._key(scope, name)
        return [(_NOTE, (*key, fact.what, fact.told, int(fact.at.timestamp()))) for fact in facts]

    def _commit(self, *statements: Statement) -> int:
        """Change the store, and return when that cannot be lost any more, which takes some milliseconds.

        :returns: how many rows the first statement has changed.
        """
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
