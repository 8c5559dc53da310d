# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read secrets, the lists of repositories that may read them, and records."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Place, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.plan import may_be_record_of
from ansible_collections.devex.github.plugins.module_utils._engine.view import View
from ansible_collections.devex.github.plugins.module_utils._errors import InputError, NotFound, StoreError
from ansible_collections.devex.github.plugins.module_utils._model import Fact
from ansible_collections.devex.github.plugins.module_utils._record.store import Rows, Store
from ansible_collections.devex.github.plugins.module_utils._scope import Scope

# Seconds between reads of a list that omits a secret created a moment ago.
_LATE_PAUSES = (1.0, 3.0)


class Reader:
    """Reads, and changes nothing. Safe for any number of threads."""

    def __init__(self, store: Store | None, sleep: Callable[[float], None]) -> None:
        """:arg store: None: no store can be used."""
        self._store = store
        self._sleep = sleep

    def read(self, reading: Reading) -> None:
        """Read the secrets of a job, and their records."""
        self._identify(reading)
        rows = self._store.read(reading.scope, unowned=True) if self._store is not None else Rows()
        reading.records = rows.records
        (self._read_lists if reading.job.access_only else self._read_secrets)(reading, rows.facts)
        for name, record in rows.records.copy().items():
            if record.unowned and not may_be_record_of(reading.secrets.get(name), record):
                del reading.records[name]

    def facts(self, item: Item) -> View:
        """Return the item's view with the facts that other tasks have stored by now, if the store can be read."""
        if self._store is not None:
            with suppress(StoreError):
                return replace(item.view, facts=self._store.read(item.scope).facts.get(item.desired.name, ()))
        return item.view

    def _identify(self, reading: Reading) -> None:
        """Find the ID of the user whose secrets a scope has, if the store or the other scopes require the ID."""
        if not reading.scope.is_users:
            return
        store = self._store if self._store is not None and self._store.exists() else None
        if store is None and not reading.is_beside_users:
            return
        user_id = store.user_id(reading.github.identity) if store else None
        if user_id is None:
            user_id, reading.is_new_token = reading.github.user_id(reading.scope), True
        reading.scope = replace(reading.scope, user_id=user_id)

    def _read_secrets(self, reading: Reading, facts: dict[str, tuple[Fact, ...]]) -> None:
        """Read the secrets of a scope, again if the list may omit one that was created a moment ago."""
        github, job = reading.github, reading.job
        wanted = {secret.name for secret in job.secrets if secret.state == "present"}
        for pause in (*_LATE_PAUSES, None):
            seen = github.monotonic
            listing = github.secrets(reading.scope)
            names = {*listing.secrets, *facts, *(desired.name for desired in job.secrets)}
            reading.views = {
                name: View(name, facts.get(name, ()), listing.secrets.get(name), listing.read_at, seen=seen)
                for name in names
            }
            if pause is None or not any(reading.views[name].is_doubtful(listing.secrets) for name in wanted):
                break
            self._sleep(pause)
        reading.scope = listing.scope
        for name, view in reading.views.items():
            # It is safe to delete a secret that may exist, but not to leave it or to count on its value.
            secret = view.secret(trusting=name not in wanted)
            if secret is not None:
                reading.secrets[name] = secret

    def _read_lists(self, reading: Reading, facts: dict[str, tuple[Fact, ...]]) -> None:
        """Read the lists of repositories of a job's secrets.

        :raises InputError: a secret does not exist.
        """
        scope = reading.scope
        for desired in reading.job.secrets:
            record = reading.records.get(desired.name)
            view = View(desired.name, facts.get(desired.name, ()))
            try:
                view = self.repositories(reading.place, view)
            except NotFound as error:
                raise absent(scope, error) from error
            secret = view.whole(scope, is_listed=True)
            is_late = view.repositories() != view.listed
            if is_late or (scope.has_visibility and not view.listed) or (record is not None and record.unowned):
                # The list may be older than our facts, or empty because of another visibility. GitHub's dates show
                # whether an unowned record belongs to this secret.
                view = self.secret(reading.place, view)
                secret = view.whole(scope)
            if secret is None:
                raise absent(scope)
            reading.views[desired.name], reading.secrets[desired.name] = view, secret

    def secret(self, place: Place, view: View) -> View:
        """Return the view with its row of a new list of secrets."""
        github, scope = place
        listing = github.secrets(scope)
        return replace(view, row=listing.secrets.get(view.name), read_at=listing.read_at)

    def repositories(self, place: Place, view: View) -> View:
        """Return the view with a new list of the repositories that may read the secret.

        :raises NotFound: the secret does not exist.
        """
        github, scope = place
        seen = github.monotonic
        try:
            listed = github.repositories(scope, view.name)
        except NotFound:
            # A secret that was created a moment ago might not have a list yet.
            if not replace(view, read_at=github.now).is_doubtful({}):
                raise
            listed = ()
        return replace(view, listed=listed, listed_at=github.now, seen=seen)


def absent(scope: Scope, error: NotFound | None = None) -> InputError:
    """Return the error for a secret that does not exist, although its list of repositories is managed."""
    cause = f"The secret does not exist, or this token cannot see it. Create it with {scope.module}."
    return InputError(f"{cause} {error.cause}", detail=error.detail) if error else InputError(cause)
