# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what there is: from GitHub, and from the store where it knows better."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace

from ansible_collections.devex.github.plugins.module_utils._engine import view
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.plan import (
    is_selected,
    may_be_record_of,
    needs_repositories,
    plan,
)
from ansible_collections.devex.github.plugins.module_utils._errors import InputError, NotFound, StoreError
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._model import Desired, Fact, Repository, Secret
from ansible_collections.devex.github.plugins.module_utils._record.store import Rows, Store
from ansible_collections.devex.github.plugins.module_utils._scope import Scope

# Seconds between reads of a list that lacks what was created a moment ago.
_LATE_PAUSES = (1.0, 3.0)


class Reader:
    """Reads scopes and lists of repositories; for any number of threads."""

    def __init__(self, github: GitHub, store: Store | None, sleep: Callable[[float], None]) -> None:
        """:arg store: None: there is none to ask."""
        self._github = github
        self._store = store
        self._sleep = sleep

    def read(self, reading: Reading) -> None:
        """Read the secrets that a job is about."""
        self._identify(reading)
        rows = self._store.read(reading.scope) if self._store is not None else Rows()
        reading.records, reading.facts = rows.records, rows.facts
        if reading.job.access_only:
            self._lists(reading)
        else:
            self._secrets(reading)
            reading.refuse_much_pruning()

    def _identify(self, reading: Reading) -> None:
        """Find out whose secrets a scope of a user has, if anything is kept of users at all."""
        scope = reading.scope
        if not scope.is_users or self._store is None or not self._store.exists():
            return
        token = self._github.token(scope)
        user_id = self._store.user_id(token)
        if user_id is None:
            user_id, reading.new_token = self._github.user_id(scope), token
        reading.scope = replace(scope, user_id=user_id)

    def _secrets(self, reading: Reading) -> None:
        """The secrets of a scope, read again where one may be missing that was created a moment ago."""
        wanted = {secret.name for secret in reading.job.secrets if secret.state == "present"}
        for pause in (*_LATE_PAUSES, None):
            reading.seen = self._github.monotonic(reading.scope)
            listing = self._github.secrets(reading.scope)
            doubtful = any(
                known.is_doubtful(name, listing.secrets, reading.facts.get(name, ()), listing.read_at)
                for name in wanted
            )
            if not doubtful or pause is None:
                break
            self._sleep(pause)
        reading.scope, reading.rows, reading.read_at = listing.scope, listing.secrets, listing.read_at
        for name in {*listing.secrets, *reading.facts, *(desired.name for desired in reading.job.secrets)}:
            facts = reading.facts.get(name, ())
            # Deleting what may be there does no harm; leaving it does, and so does taking it to have a value.
            found = known.secret(name, listing.secrets.get(name), facts, listing.read_at, trusting=name not in wanted)
            if found is not None:
                reading.secrets[name] = found
        self._disown(reading)

    def _disown(self, reading: Reading) -> None:
        """Leave out unowned records that cannot be those of this user's secrets."""
        for name, record in list(reading.records.items()):
            if record.unowned and not may_be_record_of(reading.secrets.get(name), record):
                del reading.records[name]

    def recall(self, item: Item) -> None:
        """Have a value that is written leave as it is who may read the secret, though no list shows it yet.

        One that we created a moment ago counts as deleted where a list does not show it, so its value is written. But
        the list may be late, and the secret there.
        """
        scope, desired = item.scope, item.desired
        if item.current is not None or desired.value is None or desired.state == "absent":
            return
        found = known.secret(desired.name, None, item.facts, item.read_at, trusting=True)
        if found is None:
            return
        if scope.has_repositories and not scope.has_visibility:
            found = replace(found, visibility="selected")
        given = known.repositories((), item.facts, item.read_at, None)
        item.current = replace(found, repositories=given if is_selected(scope, found.visibility) else None)

    def _lists(self, reading: Reading) -> None:
        """The lists of repositories of secrets that exist."""
        scope = reading.scope
        for desired in reading.job.secrets:
            record = reading.records.get(desired.name)
            facts = reading.facts.get(desired.name, ())
            try:
                listed = self._list(scope, desired.name, facts)
            except NotFound as error:
                raise _absent(scope, desired, str(error)) from error
            secret = Secret(desired.name, visibility="selected", repositories=listed)
            item = Item(scope, desired, secret, None, facts)
            late = known.repositories(listed, facts, self._github.now, None) != listed
            if late or (scope.has_visibility and not listed) or (record is not None and record.unowned):
                # The list may be older than what we know; or there is none, since the visibility is another one; or
                # GitHub's dates tell whose the record is.
                self.see(item)
                reading.read_at = item.read_at
            if item.current is not None:
                reading.secrets[desired.name] = item.current
            if item.row is not None:
                reading.rows[desired.name] = item.row
        self._disown(reading)

    def see(self, item: Item) -> None:
        """Read in the list of secrets what there is of a secret of which only the list of repositories was read.

        :raises InputError: it does not exist.
        """
        listing = self._github.secrets(item.scope)
        item.row, item.read_at = listing.secrets.get(item.desired.name), listing.read_at
        found = known.secret(item.desired.name, item.row, item.facts, listing.read_at, trusting=True)
        if found is None or item.current is None:
            raise _absent(item.scope, item.desired)
        listed = item.current.repositories or ()
        current = known.repositories(listed, item.facts, self._github.now, item.row)
        item.current = replace(found, repositories=current if is_selected(item.scope, found.visibility) else None)

    def repositories(self, item: Item) -> None:
        """Read the repositories that may read an item's secret."""
        if item.current is None:
            return
        item.seen = self._github.monotonic(item.scope)
        listed = self._list(item.scope, item.desired.name, item.facts)
        current = known.repositories(listed, item.facts, self._github.now, item.row)
        item.current = replace(item.current, repositories=current)

    def read_again(self, item: Item) -> None:
        """Read what goes along with a value anew, and plan anew, so that what somebody else has changed stays."""
        scope, desired = item.scope, item.desired
        if not scope.has_repositories:
            return
        if self._store is not None:
            # Without it, GitHub's list alone tells what another task of ours has done meanwhile.
            with suppress(StoreError):
                item.facts = self._store.read(scope).facts.get(desired.name, ())
        if item.current is None or (scope.has_visibility and desired.visibility is None):
            listing = self._github.secrets(scope)
            item.row = listing.secrets.get(desired.name, item.row)
            found = known.secret(desired.name, item.row, item.facts, listing.read_at, trusting=True)
            if found is None and item.current is None:
                return
            if found is not None:
                item.current = replace(found, repositories=item.current.repositories if item.current else None)
        exact = desired.access is not None and desired.access.mode == "exact"
        if not exact and needs_repositories(scope, desired, item.current, item.reason):
            # Deleted meanwhile, it comes back for those who could read it.
            with suppress(NotFound):
                self.repositories(item)
        item.plan = plan(scope, desired, item.current, item.reason, item.resolved)

    def _list(self, scope: Scope, name: str, facts: Iterable[Fact]) -> tuple[Repository, ...]:
        try:
            return self._github.repositories(scope, name)
        except NotFound:
            if known.is_doubtful(name, {}, facts, self._github.now):
                return ()
            raise


def _absent(scope: Scope, desired: Desired, said: str = "") -> InputError:
    return InputError(
        f"The secret {desired.name} ({scope.label}) does not exist, or this token may not see it. "
        f"{scope.module} creates it. {said}".rstrip()
    )
