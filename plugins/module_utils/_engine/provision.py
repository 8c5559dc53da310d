# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what there is, has it planned, and has the plan carried out: for one secret or a thousand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ansible_collections.devex.github.plugins.module_utils._engine.apply import Applier
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.plan import (
    may_be_late,
    needs_repositories,
    plan,
    value_reason,
)
from ansible_collections.devex.github.plugins.module_utils._engine.pool import Pool
from ansible_collections.devex.github.plugins.module_utils._errors import (
    GitHubError,
    InputError,
    NotFound,
)
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._model import Job, Repository, Secret
from ansible_collections.devex.github.plugins.module_utils._record.fingerprint import Fingerprints
from ansible_collections.devex.github.plugins.module_utils._record.store import Store

# Seconds between reads of a list that may be late.
_LATE_PAUSES = (0.5, 1.0, 2.0, 4.0)


class Provisioner:
    """Reads, plans, and unless it is check mode applies: the same way for one secret and for a thousand."""

    def __init__(
        self,
        github: GitHub,
        store: Store,
        *,
        check_mode: bool,
        concurrency: int = 1,
        key: bytes | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """:arg concurrency: requests at a time.
        :arg key: of the fingerprints; None: they are made without.
        """
        self._github = github
        self._store = store
        self._check_mode = check_mode
        self._sleep = sleep
        self._fingerprints = Fingerprints(key)
        self._applier = Applier(github, store, self._fingerprints)
        self._pool = Pool(concurrency, github)

    def run(self, jobs: Sequence[Job]) -> tuple[list[Reading], list[Item]]:
        """Bring all secrets to the state that is wanted.

        What fails is told by the error of its reading (then nothing of the scope was touched) or of its item, and
        does not stop the others.

        :raises StoreError: the store cannot be used; nothing was sent.
        """
        self._open_store(jobs)
        readings = [Reading(job, job.scope) for job in jobs]
        with self._pool:
            self._pool.each(self._read, readings, "scopes read", 1)
            items = [item for reading in readings for item in reading.items()]
            self._pool.each(self._decide, items, "values compared")
            self._pool.each(self._read_repositories, items, "lists of repositories read", 1)
            resolved = self._resolve(items)
            self._pool.each(lambda item: self._plan(item, resolved), items, "secrets planned")
            if not self._check_mode:
                self._apply(items)
        return readings, items

    def _open_store(self, jobs: Sequence[Job]) -> None:
        records = any(job.records for job in jobs)
        touches_records = any(job.touches_records for job in jobs) and self._store.exists()
        if records or touches_records:
            (self._store.check if self._check_mode else self._store.prepare)()

    def _read(self, reading: Reading) -> None:
        scope = reading.job.scope
        if reading.job.records or reading.job.touches_records:
            reading.records = self._store.read(scope).records
        if not reading.job.access_only:
            self._list(reading)
            reading.refuse_much_pruning()
            return
        for desired in reading.job.secrets:
            try:
                repositories = self._github.repositories(scope, desired.name)
            except NotFound as error:
                raise InputError(
                    f"The secret {desired.name} ({scope.label}) does not exist, or this token may not see it. "
                    f"{scope.module} creates it. {error}"
                ) from error
            reading.secrets[desired.name] = Secret(desired.name, visibility="selected", repositories=repositories)

    def _list(self, reading: Reading) -> None:
        """Read the secrets of a scope, again where one may be missing that was written a moment ago."""
        for pause in (*_LATE_PAUSES, None):
            listing = self._github.secrets(reading.job.scope)
            reading.scope, reading.secrets, reading.read_at = listing.scope, listing.secrets, listing.read_at
            late = any(
                may_be_late(
                    desired, listing.secrets.get(desired.name), reading.records.get(desired.name), listing.read_at
                )
                for desired in reading.job.secrets
            )
            if not late or pause is None:
                return
            self._sleep(pause)

    def _decide(self, item: Item) -> None:
        desired, record = item.desired, item.record
        matches = (
            desired.value is not None
            and desired.recorded
            and desired.update_value == "on_change"
            and item.current is not None
            and record is not None
            and self._fingerprints.matches(desired.name, desired.value.identity, record.fingerprint)
        )
        item.reason = value_reason(desired, item.current, record, matches)
        item.lacks_key = matches and record is not None and self._fingerprints.lacks_key(record.fingerprint)

    def _read_repositories(self, item: Item) -> None:
        if item.current is None or item.current.repositories is not None:
            return
        if needs_repositories(item.scope, item.desired, item.current, item.reason):
            repositories = self._github.repositories(item.scope, item.desired.name)
            item.current = replace(item.current, repositories=repositories)

    def _resolve(self, items: Iterable[Item]) -> dict[str | None, dict[str, Repository | GitHubError]]:
        """What the entries of all wanted lists stand for, as far as they can be found, or why that cannot be told.

        By token, since each may see other repositories.
        """
        asking: dict[str | None, list[Item]] = {}
        for item in items:
            if item.error is None and item.desired.entries:
                asking.setdefault(item.scope.token, []).append(item)
        return {token: self._resolve_with(token, those) for token, those in asking.items()}

    def _resolve_with(self, token: str | None, asking: Sequence[Item]) -> dict[str, Repository | GitHubError]:
        entries = list(dict.fromkeys(entry for item in asking for entry in item.desired.entries))
        present = [repository for item in asking if item.current for repository in item.current.repositories or ()]
        known: dict[str, Repository | GitHubError] = {str(repository.id): repository for repository in present}
        known.update({repository.full_name.lower(): repository for repository in present if repository.full_name})
        known.update({entry: Repository(int(entry)) for entry in entries if entry.isdecimal() and entry not in known})
        missing = {entry.lower(): entry for entry in entries if entry.lower() not in known}
        try:
            answers = self._github.repositories_named(missing.values(), token)
            known.update({full_name.lower(): answer for full_name, answer in answers.items()})
        except GitHubError as error:
            known.update(dict.fromkeys(missing, error))
        return {entry: known[entry.lower()] for entry in entries if entry.lower() in known}

    def _plan(self, item: Item, resolved: dict[str | None, dict[str, Repository | GitHubError]]) -> None:
        repositories: dict[str, Repository] = {}
        for entry in item.desired.entries:
            answer = resolved[item.scope.token].get(entry)
            if isinstance(answer, GitHubError):
                raise answer
            if answer is not None:
                repositories[entry] = answer
        unresolved = [entry for entry in item.desired.entries if entry not in repositories]
        if unresolved:
            raise InputError(
                f"No such repository, or hidden from this token: {', '.join(unresolved)}. Nothing of the secret "
                f"{item.desired.name} was changed.",
                cause=f"No such repository, or hidden from this token: {', '.join(unresolved)}.",
            )
        item.plan = plan(item.scope, item.desired, item.current, item.reason, repositories)

    def _apply(self, items: Iterable[Item]) -> None:
        # A value that is written is recorded anew anyway.
        unkeyed = [item for item in items if item.lacks_key and not item.writes_value]
        self._pool.each(self._applier.key, unkeyed, "fingerprints keyed")
        changing = [item for item in items if item.writes]
        with_key = {item.scope: item for item in changing if any(write.with_key for write in item.writes)}
        self._pool.each(self._applier.prepare, with_key.values(), "public keys read", 1)
        # Deletions first: they make room where a scope is full.
        deletions = [item for item in changing if item.desired.state == "absent"]
        self._pool.each(self._applier.apply, deletions, "secrets deleted", 5)
        rest = [item for item in changing if item.desired.state != "absent"]
        self._pool.each(self._applier.apply, rest, "secrets written", 5)
