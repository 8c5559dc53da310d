# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries plans out, and has each write recorded as soon as GitHub has answered it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._crypto import seal
from ansible_collections.devex.github.plugins.module_utils._engine import view
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._engine.keys import Keys
from ansible_collections.devex.github.plugins.module_utils._engine.reader import Reader
from ansible_collections.devex.github.plugins.module_utils._engine.recorder import Recorder
from ansible_collections.devex.github.plugins.module_utils._engine.watch import Watch
from ansible_collections.devex.github.plugins.module_utils._errors import (
    Error,
    InputError,
    NotFound,
    Refused,
    StoreError,
)
from ansible_collections.devex.github.plugins.module_utils._github.api import Confirmed, GitHub, PublicKey
from ansible_collections.devex.github.plugins.module_utils._github.client import Attempt
from ansible_collections.devex.github.plugins.module_utils._model import Write

# What is sent along with a value is read again where it is older than this.
_OLD_SECONDS = 5.0


class Applier:
    """Sends what is planned, and has it recorded. For any number of threads."""

    def __init__(self, github: GitHub, reader: Reader, recorder: Recorder) -> None:
        self._github = github
        self._reader = reader
        self._recorder = recorder
        self._keys = Keys(github)

    def prepare(self, item: Item) -> None:
        """Have the public key of the item's scope at hand."""
        self._keys.get(item.scope)

    def apply(self, item: Item) -> None:
        """Carry out an item's plan.

        :raises Error: a write failed; item.sent holds those before it, and itself if it may have been carried out.
        """
        watch = Watch(self._github, item)
        for write in item.writes:
            attempt = Attempt(None, lambda: None)
            try:
                watch.refresh()
                confirmed = self._send(item, write, attempt, watch)
            except Error:
                if attempt.lost:
                    item.sent.append(replace(write, answered=False))
                raise
            if confirmed.created and item.plan is not None and item.plan.before is not None:
                # It was deleted elsewhere after it was read.
                item.plan = replace(item.plan, action="create", reason="created", before=None)
                write = replace(write, reason="created")
            item.sent.append(write)
            item.answered_at = confirmed.at
            try:
                self._recorder.wrote(item, write, confirmed, ours=watch.covers(confirmed.at))
            except StoreError as error:
                # Whatever else is written would not be recorded either, and be repeated.
                self._github.stop("The record could not be written, so no more was sent.")
                then = " The next run repeats it." if write.value is not None else ""
                raise StoreError(
                    f"{write.method} {write.path} was carried out, but not recorded.{then} {error}",
                    cause=f"The write was carried out, but not recorded.{then} {error}",
                ) from error

    def _send(self, item: Item, write: Write, attempt: Attempt, watch: Watch) -> Confirmed:
        try:
            if write.with_key:
                return self._send_with_key(item, write, attempt, watch)

            def renew() -> Mapping[str, Any] | None:
                watch.look(lost=attempt.lost)
                return write.body

            attempt.body, attempt.renew = write.body, renew
            return self._github.send(item.scope, write, attempt)
        except NotFound as error:
            if write.method == "DELETE" and self._is_gone(item, write):
                return Confirmed(self._github.now)
            raise _explained(error, item, write) from error
        except Refused as error:
            raise _explained(error, item, write) from error

    def _send_with_key(self, item: Item, write: Write, attempt: Attempt, watch: Watch) -> Confirmed:
        """Send the one write of a plan that takes the secret's list of repositories along."""
        key = self._keys.get(item.scope)

        def renew() -> Mapping[str, Any]:
            watch.look(lost=attempt.lost)
            self._reader.read_again(item)
            return _body(item.writes[0], key)

        if self._github.monotonic(item.scope) - item.seen > _OLD_SECONDS:
            self._reader.read_again(item)
        attempt.body, attempt.renew = _body(item.writes[0], key), renew
        try:
            return self._github.send(item.scope, write, attempt)
        except Refused:
            current_key = self._keys.after(item.scope, refused=key)
            if current_key == key:
                raise
        key = current_key
        attempt.body = _body(item.writes[0], key)
        return self._github.send(item.scope, write, attempt)

    def _is_gone(self, item: Item, write: Write) -> bool:
        """Whether what a 404 denied to delete is gone already, as after an answer that was lost."""
        name = item.desired.name
        if write.path == item.scope.secret(name):
            listing = self._github.secrets(item.scope)
            listed = listing.secrets.get(name)
            return known.secret(name, listed, item.facts, listing.read_at, trusting=False) is None
        listed_repositories = self._github.repositories(item.scope, name)
        present = known.repositories(listed_repositories, item.facts, self._github.now, item.row)
        return all(write.path != item.scope.repository_access(name, repository.id) for repository in present)


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
