# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries plans out, and records each write as soon as GitHub has answered it."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._crypto import seal
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._engine.plan import untouched
from ansible_collections.devex.github.plugins.module_utils._errors import (
    Error,
    InputError,
    NotFound,
    Refused,
    StoreError,
)
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub, PublicKey
from ansible_collections.devex.github.plugins.module_utils._model import Record, Secret, Write
from ansible_collections.devex.github.plugins.module_utils._record.fingerprint import Fingerprints
from ansible_collections.devex.github.plugins.module_utils._record.store import Store
from ansible_collections.devex.github.plugins.module_utils._scope import Scope


class Applier:
    """Sends what is planned, and records each write as soon as GitHub has answered it. For any number of threads."""

    def __init__(self, github: GitHub, store: Store, fingerprints: Fingerprints) -> None:
        self._github = github
        self._store = store
        self._fingerprints = fingerprints
        self._keys = _Keys(github)

    def prepare(self, item: Item) -> None:
        """Have the public key of the item's scope at hand."""
        self._keys.get(item.scope)

    def key(self, item: Item) -> None:
        """Replace a fingerprint of the item's value that was made without the key."""
        value = item.desired.value
        if value is None or item.record is None:
            return
        record = replace(item.record, fingerprint=self._fingerprints.make(item.desired.name, value.identity))
        if self._store.revise(item.scope, item.desired.name, record, over=item.record):
            item.record = record

    def apply(self, item: Item) -> None:
        """Carry out an item's plan.

        :raises Error: a write failed; item.sent holds those before it.
        """
        undisturbed = self._undisturbed(item)
        for write in item.writes:
            fingerprint = self._fingerprint_after(item, write, undisturbed)
            item.answered_at = self._send(item, write)
            item.sent.append(write)
            try:
                self._record(item, write, fingerprint)
            except StoreError as error:
                then = " The next run repeats it." if write.value is not None else ""
                raise StoreError(
                    f"{write.method} {write.path} was carried out, but not recorded.{then} {error}",
                    cause=f"The write was carried out, but not recorded.{then} {error}",
                ) from error

    # --- the record ---

    def _undisturbed(self, item: Item) -> bool:
        """Whether the value is still the recorded one, so that a change of ours around it does not hide an edit."""
        if item.record is None or item.current is None or item.writes_value:
            return False
        current: Secret | None = item.current
        if item.current.updated_at is None:
            current = self._github.secrets(item.scope).secrets.get(item.desired.name)
        return current is not None and untouched(current, item.record)

    def _fingerprint_after(self, item: Item, write: Write, undisturbed: bool) -> str | None:
        """The fingerprint that is true once the write is done; None where none is known or wanted."""
        if write.value is not None:
            if not item.desired.recorded:
                return None
            return self._fingerprints.make(item.desired.name, write.value.identity)
        return item.record.fingerprint if item.record is not None and undisturbed else None

    def _record(self, item: Item, write: Write, fingerprint: str | None) -> None:
        if item.desired.state == "absent":
            if item.record is not None:
                self._store.forget(item.scope, item.desired.name)
        elif fingerprint is not None and item.answered_at is not None:
            record = Record(fingerprint, item.answered_at, _created(item))
            if write.value is not None:
                self._store.write(item.scope, item.desired.name, record, over=item.record)
            elif item.record is not None:
                self._store.revise(item.scope, item.desired.name, record, over=item.record)
            item.record = record

    # --- the call ---

    def _send(self, item: Item, write: Write) -> datetime | None:
        try:
            if write.with_key:
                return self._send_with_key(item.scope, write)
            return self._github.send(item.scope, write, write.body)
        except NotFound as error:
            if write.method == "DELETE" and self._is_gone(item, write):
                return None
            raise _explained(error, item, write) from error
        except Refused as error:
            raise _explained(error, item, write) from error

    def _send_with_key(self, scope: Scope, write: Write) -> datetime | None:
        key = self._keys.get(scope)
        try:
            return self._github.send(scope, write, _body(write, key))
        except Refused:
            current_key = self._keys.after(scope, refused=key)
            if current_key == key:
                raise
        return self._github.send(scope, write, _body(write, current_key))

    def _is_gone(self, item: Item, write: Write) -> bool:
        """Whether what a 404 denied to delete is gone already, as after an answer that was lost."""
        name = item.desired.name
        if write.path == item.scope.secret(name):
            return name not in self._github.secrets(item.scope).secrets
        present = self._github.repositories(item.scope, name)
        return all(write.path != item.scope.repository_access(name, repository.id) for repository in present)


class _Keys:
    """The public key of each scope, fetched once, for all threads."""

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self._lock = threading.Lock()
        self._locks: dict[Scope, threading.Lock] = {}
        self._keys: dict[Scope, PublicKey | Error] = {}
        #: Keys that were refused, after which GitHub was asked again.
        self._asked_again: dict[Scope, PublicKey] = {}

    def get(self, scope: Scope) -> PublicKey:
        """The key of a scope."""
        with self._lock_of(scope):
            if scope not in self._keys:
                try:
                    self._keys[scope] = self._github.public_key(scope)
                except Error as error:
                    self._keys[scope] = error
            key = self._keys[scope]
        if isinstance(key, Error):
            raise key
        return key

    def after(self, scope: Scope, refused: PublicKey) -> PublicKey:
        """The key of a scope after a value was refused that was sealed for this one; it may be the same."""
        with self._lock_of(scope):
            if self._keys[scope] == refused and self._asked_again.get(scope) != refused:
                self._asked_again[scope] = refused
                # Where that fails, the refusal tells more, and the others go on with the key that there is.
                with suppress(Error):
                    self._keys[scope] = self._github.public_key(scope)
        return self.get(scope)

    def _lock_of(self, scope: Scope) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(scope, threading.Lock())


def _created(item: Item) -> tuple[datetime, datetime] | None:
    """When the item's secret came into being, at the earliest and at the latest, as far as it is known."""
    if item.current is None:
        # The first answer to our write may have been lost: all we know is that it was absent when we looked.
        return (item.read_at, item.answered_at) if item.read_at and item.answered_at else None
    if item.current.created_at is not None:
        return item.current.created_at, item.current.created_at
    return item.record.created if item.record else None


def _body(write: Write, key: PublicKey) -> dict[str, Any]:
    body = {**(write.body or {}), "key_id": key.key_id}
    value = write.value
    if value is None:
        return body
    if value.key_id is None:
        return {**body, "encrypted_value": seal(value.text, key.key)}
    if value.key_id != key.key_id:
        raise InputError(
            f"The value was sealed for the key {value.key_id}, but GitHub's key is now {key.key_id}: seal it anew."
        )
    return {**body, "encrypted_value": value.text}


def _explained(error: NotFound | Refused, item: Item, write: Write) -> NotFound | Refused:
    """Add what GitHub does not say."""
    if isinstance(error, Refused) and write.reason == "visibility_changed" and write.value is None:
        return _with_advice(error, "GitHub may want the value too: give it, once with update_value=always.")
    # Which of the repositories that were given as numbers it does not know.
    after = item.plan.after if item.plan else None
    numbers = [
        str(repository.id) for repository in (after and after.repositories) or () if repository.full_name is None
    ]
    if not numbers:
        return error
    return _with_advice(error, f"Does each repository ID exist, and may the token see it: {', '.join(numbers)}?")


def _with_advice(error: NotFound | Refused, advice: str) -> NotFound | Refused:
    return type(error)(f"{error} {advice}", cause=f"{error.cause} {advice}")
