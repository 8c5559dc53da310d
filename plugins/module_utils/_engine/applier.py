# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send the planned writes, and record each one as soon as GitHub has answered it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._crypto import seal
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._engine.keys import Keys
from ansible_collections.devex.github.plugins.module_utils._engine.planner import Planner
from ansible_collections.devex.github.plugins.module_utils._engine.recorder import Recorder
from ansible_collections.devex.github.plugins.module_utils._engine.watch import Watch
from ansible_collections.devex.github.plugins.module_utils._errors import (
    Error,
    InputError,
    NotFound,
    Refused,
    StoreError,
)
from ansible_collections.devex.github.plugins.module_utils._github.api import Confirmed, PublicKey
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._model import Write


class Applier:
    """Sends writes. Safe for any number of threads."""

    def __init__(self, session: Session, planner: Planner, recorder: Recorder, keys: Keys) -> None:
        self._session = session
        self._planner = planner
        self._recorder = recorder
        self._keys = keys

    def prepare(self, item: Item) -> None:
        """Fetch the public key of the item's scope."""
        self._keys.get(item)

    def apply(self, item: Item) -> None:
        """Carry out an item's plan.

        :raises Error: a write failed. item.sent has the earlier writes, and the failed one if GitHub may have
            carried it out.
        """
        watch = Watch(item)
        for write in item.writes:
            item.lost = False
            try:
                confirmed = self._send(item, write, watch)
            except Error:
                if item.lost:
                    item.sent += (replace(write, answered=False),)
                raise
            if confirmed.created and item.plan is not None and item.plan.before is not None:
                # The secret was deleted elsewhere after it was read.
                item.plan = replace(item.plan, action="create", reason="created", before=None)
                write = replace(write, reason="created")
            item.sent += (write,)
            item.answered_at = confirmed.at
            self._record(item, write, confirmed, watch)

    def _record(self, item: Item, write: Write, confirmed: Confirmed, watch: Watch) -> None:
        try:
            self._recorder.wrote(item, write, confirmed, ours=watch.covers(confirmed.at))
        except StoreError as error:
            # Further writes could not be recorded either, so the next run would repeat them.
            self._session.stop("The fingerprint store could not be written, so nothing more was sent.")
            then = " The next run repeats it." if write.value is not None else ""
            raise StoreError(
                f"The write was carried out, but not recorded.{then} {error}", detail=f"{write.method} {write.path}"
            ) from error

    def _send(self, item: Item, write: Write, watch: Watch) -> Confirmed:
        """Send a write, with retries, until GitHub has answered it."""
        self._planner.freshen(item, write, watch)
        try:
            return self._send_sealed(item, write, watch) if write.with_key else self._try(item, write, watch, None)
        except NotFound as error:
            if write.method == "DELETE" and self._planner.is_gone(item, write):
                return Confirmed(item.github.now)
            raise _explained(error, item, write) from error
        except Refused as error:
            raise _explained(error, item, write) from error

    def _send_sealed(self, item: Item, write: Write, watch: Watch) -> Confirmed:
        """Send a write with the public key, and once more if GitHub has changed the key."""
        key = self._keys.get(item)
        try:
            return self._try(item, write, watch, key)
        except Refused:
            current_key = self._keys.after(item, rejected=key)
            if current_key == key:
                raise
        return self._try(item, write, watch, current_key)

    def _try(self, item: Item, write: Write, watch: Watch, key: PublicKey | None) -> Confirmed:
        answer = None
        for turn in item.github.turns(item.scope, write):
            if turn.waited:
                self._planner.refresh(item, write, watch, lost=turn.lost)
            body = write.body if key is None else _sealed(item.writes[0], key)
            try:
                turn.send(body)
            finally:
                item.lost = item.lost or turn.lost
            answer = turn.answer
        return Confirmed.by(answer)


def _sealed(write: Write, key: PublicKey) -> Mapping[str, Any]:
    """Return the body of a write, with the sealed value and the ID of the key."""
    body = {**(write.body or {}), "key_id": key.key_id}
    value = write.value
    if value is None:
        return body
    if value.key_id is None:
        return {**body, "encrypted_value": seal(value.text, key.key)}
    if value.key_id != key.key_id:
        raise InputError(
            f"key_id: the value was sealed for the key {value.key_id}, but GitHub's key is {key.key_id} now. Seal the "
            "value again."
        )
    return {**body, "encrypted_value": value.text}


def _explained(error: NotFound | Refused, item: Item, write: Write) -> NotFound | Refused:
    """Add advice that GitHub's message does not contain."""
    if isinstance(error, Refused) and write.reason == "visibility_changed" and write.value is None:
        return _with_advice(error, "GitHub may require the value too. Set it, with update_value=always for one run.")
    # If repositories were set by ID, GitHub does not report which IDs are unknown.
    after = item.plan.after if item.plan else None
    repositories = (after and after.repositories) or ()
    ids = [str(repository.id) for repository in repositories if repository.full_name is None]
    if not ids:
        return error
    return _with_advice(
        error, f"Check that each repository ID exists, and that the token can see it: {', '.join(ids)}."
    )


def _with_advice(error: NotFound | Refused, advice: str) -> NotFound | Refused:
    return type(error)(f"{error.cause} {advice}", detail=error.detail)
