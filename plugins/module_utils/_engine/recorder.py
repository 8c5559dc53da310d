# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Store what GitHub has confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.plan import untouched
from ansible_collections.devex.github.plugins.module_utils._engine.view import access, created, deleted, written
from ansible_collections.devex.github.plugins.module_utils._errors import StoreError
from ansible_collections.devex.github.plugins.module_utils._github.api import Confirmed
from ansible_collections.devex.github.plugins.module_utils._model import Fact, Record, Secret, Write
from ansible_collections.devex.github.plugins.module_utils._record.fingerprint import Fingerprints
from ansible_collections.devex.github.plugins.module_utils._record.store import Store
from ansible_collections.devex.github.plugins.module_utils._scope import Scope

_TRIES = 3


class Recorder:
    """Stores records and facts. Safe for any number of threads. Each method raises StoreError."""

    def __init__(self, store: Store | None, fingerprints: Fingerprints) -> None:
        """:arg store: None: nothing is stored."""
        self._store = store
        self._fingerprints = fingerprints

    def settle(self, readings: Iterable[Reading], items: Iterable[Item]) -> None:
        """Store the users of new tokens, and assign unowned records to their user."""
        if self._store is None:
            return
        for reading in readings:
            if reading.is_new_token and reading.scope.user_id is not None:
                self._store.keep_user(reading.github.identity, reading.scope.user_id, reading.read_at)
        for item in items:
            if item.record is not None and item.record.unowned:
                self._store.claim(item.scope, item.desired.name, item.record)
                item.record = replace(item.record, unowned=False)

    def begin(self, items: Iterable[Item]) -> None:
        """Mark the records of values that are about to be written as unsure, until GitHub confirms the writes.

        If another task has stored a record for the same value in the meantime, that record does not change.
        """
        if self._store is None:
            return
        writing = [item for item in items if item.writes_value]
        for dummy in range(_TRIES):
            # Scope by scope, because all records of all scopes would take much memory.
            doubtful = [
                (item, record)
                for scope, group in _by_scope(writing).items()
                for records in (self._store.read(scope).records,)
                for item in group
                if (record := records.get(item.desired.name)) is not None and not self._is_confirmed(item, record)
            ]
            done = self._store.doubt((item.scope, item.desired.name, record) for item, record in doubtful)
            writing = [item for (item, dummy), is_doubted in zip(doubtful, done, strict=True) if not is_doubted]
            if not writing:
                return
        self._store.doubt((item.scope, item.desired.name, None) for item in writing)

    def _is_confirmed(self, item: Item, record: Record) -> bool:
        """Return whether another task has recorded the same value in the meantime, and give the item its record."""
        if record == item.record or record.unsure or not self._is_of(item, record):
            return False
        item.record = record
        return True

    def key(self, item: Item) -> None:
        """Replace a fingerprint that was made without the key."""
        if self._store is None or item.record is None:
            return
        record = replace(item.record, fingerprint=self._fingerprint(item))
        if self._store.revise(item.scope, item.desired.name, record, over=item.record):
            item.record = record

    def adopt(self, item: Item) -> None:
        """Record the desired value as the present one, without a write."""
        current, record = item.current, item.record
        if self._store is None or current is None:
            return
        if item.matches and record is not None and not record.unsure and untouched(current, record):
            return
        at, created_at = current.updated_at or item.read_at, current.created_at
        if at is not None:
            adopted = Record(self._fingerprint(item), at, None if created_at is None else (created_at, created_at))
            if self._store.write(item.scope, item.desired.name, adopted, over=record):
                item.record = adopted

    def wrote(self, item: Item, write: Write, confirmed: Confirmed, *, ours: bool) -> None:
        """Store a write that GitHub has carried out.

        :arg ours: whether it is the only change of the secret since the item's record.
        """
        if self._store is None:
            return
        scope, name, at = item.scope, item.desired.name, confirmed.at
        facts = [] if at is None else _facts(item, write, at, is_created=confirmed.created)
        if item.desired.state == "absent" or (write.value is not None and not item.desired.recorded):
            self._store.forget(scope, name, facts)
        elif write.value is not None and at is not None:
            self._keep(item, Record(self._fingerprint(item), at, _created(item, confirmed)), facts)
        elif ours and at is not None and item.record is not None:
            moved = replace(item.record, applied_at=at)
            if self._store.revise(scope, name, moved, over=item.record, facts=facts):
                item.record = moved
        else:
            self._store.note(scope, name, facts)

    def tidy(self, now: datetime | None, scopes: int) -> None:
        """Remove old facts from the store. If that fails, the next task does it."""
        if self._store is not None and now is not None:
            with suppress(StoreError):
                self._store.tidy(now, scopes)

    def _keep(self, item: Item, record: Record, facts: Iterable[Fact]) -> None:
        """Record a value, unless another task has recorded another one in the meantime: then the record is unsure."""
        scope, name = item.scope, item.desired.name
        if self._store is None or self._store.write(scope, name, record, over=item.record, facts=facts):
            return
        for dummy in range(_TRIES):
            theirs = self._store.read(scope).records.get(name)
            if theirs is None:
                return
            if theirs.unsure or not self._is_of(item, theirs):
                break
            latest = replace(theirs, applied_at=max(theirs.applied_at, record.applied_at))
            if self._store.revise(scope, name, latest, over=theirs):
                return
        self._store.doubt([(scope, name, None)])

    def _fingerprint(self, item: Item) -> str:
        value = item.desired.value
        if value is None:
            raise TypeError("a record is made of a value")
        return self._fingerprints.make(item.desired.name, value.identity)

    def _is_of(self, item: Item, record: Record) -> bool:
        value = item.desired.value
        return value is not None and self._fingerprints.matches(item.desired.name, value.identity, record.fingerprint)


def _by_scope(items: Iterable[Item]) -> dict[Scope, list[Item]]:
    groups: dict[Scope, list[Item]] = {}
    for item in items:
        groups.setdefault(item.scope, []).append(item)
    return groups


def _facts(item: Item, write: Write, at: datetime, *, is_created: bool) -> list[Fact]:
    """Return the facts of a write that GitHub confirmed at this time."""
    name = item.desired.name
    if item.desired.state == "absent":
        return deleted(at, _latest_creation(item) or at)
    planned = item.plan.after if item.plan else None
    before, after = _ids(item.current), _ids(planned)
    whole = (item.scope.secret(name), item.scope.repositories(name))
    changed = {key for key in before ^ after if write.path in (*whole, item.scope.repository_access(name, key))}
    facts = access(at, changed & after, changed & before)
    if write.path == item.scope.secret(name):
        facts += written(at, planned.visibility if planned and item.scope.has_visibility else None)
    return [*facts, *(created(at) if is_created or item.current is None else [])]


def _ids(secret: Secret | None) -> set[int]:
    return {repository.id for repository in (secret.repositories if secret else None) or ()}


def _latest_creation(item: Item) -> datetime | None:
    if item.current is not None and item.current.created_at is not None:
        return item.current.created_at
    return item.record.created[1] if item.record and item.record.created else None


def _created(item: Item, confirmed: Confirmed) -> tuple[datetime, datetime] | None:
    """Return when the secret was created, at the earliest and at the latest; None: unknown."""
    if item.current is None or confirmed.created:
        # The first answer to our write may have been lost, so the earliest time is that of the read.
        return (item.read_at, confirmed.at) if item.read_at and confirmed.at else None
    if item.current.created_at is not None:
        return item.current.created_at, item.current.created_at
    return item.record.created if item.record else None
