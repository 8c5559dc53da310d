# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what there is, has it planned, and has the plan carried out: for one secret or a thousand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from ansible_collections.devex.github.plugins.module_utils._engine.applier import Applier
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.plan import (
    beyond_limit,
    needs_repositories,
    plan,
    value_reason,
)
from ansible_collections.devex.github.plugins.module_utils._engine.pool import Pool
from ansible_collections.devex.github.plugins.module_utils._engine.reader import Reader
from ansible_collections.devex.github.plugins.module_utils._engine.recorder import Recorder
from ansible_collections.devex.github.plugins.module_utils._errors import (
    GitHubError,
    InputError,
    StoreError,
)
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._model import Job, Plan, Repository
from ansible_collections.devex.github.plugins.module_utils._record.fingerprint import Fingerprints
from ansible_collections.devex.github.plugins.module_utils._record.store import Store
from ansible_collections.devex.github.plugins.module_utils._scope import SECRETS_A_SCOPE, Scope


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
        self._pool = Pool(concurrency, github)

    def run(self, jobs: Sequence[Job]) -> tuple[list[Reading], list[Item]]:
        """Bring all secrets to the state that is wanted.

        What fails is told by the error of its reading (then nothing of the scope was touched) or of its item, and
        does not stop the others.

        :raises StoreError: the store cannot be used; nothing was sent.
        """
        store = self._store if self._can_use_store(jobs) else None
        reader = Reader(self._github, store, self._sleep)
        readings = [Reading(job, job.scope) for job in jobs]
        with self._pool:
            self._pool.each(reader.read, readings, "scopes read", 1)
            _refuse_two_names(readings)
            _refuse_one_user_twice(readings)
            items = [item for reading in readings for item in reading.items()]
            self._pool.each(self._decide, items, "values compared")
            for item in items:
                reader.recall(item)
            listed = [item for item in items if _lacks_repositories(item)]
            self._pool.each(reader.repositories, listed, "lists of repositories read", 1)
            resolved = self._resolve(items)
            self._pool.each(lambda item: self._plan(item, resolved, reader), items, "secrets planned")
            _refuse_beyond_limit(readings, items)
            if not self._check_mode:
                recorder = Recorder(store, self._fingerprints)
                recorder.settle(readings, items)
                self._apply(items, recorder, Applier(self._github, reader, recorder))
                recorder.tidy(self._github.now, len(readings))
        return readings, items

    def _can_use_store(self, jobs: Sequence[Job]) -> bool:
        """Whether the store can be used. If it only helps against lists that are late, the task does without.

        :raises StoreError: it cannot, and is needed.
        """
        if not self._store.installed and not any(job.compares for job in jobs):
            return False
        needed = any(job.records for job in jobs) or (any(job.touches_records for job in jobs) and self._store.exists())
        try:
            (self._store.check if self._check_mode else self._store.prepare)()
        except StoreError:
            if needed:
                raise
            return False
        return True

    def _decide(self, item: Item) -> None:
        desired, record = item.desired, item.record
        item.matches = (
            desired.value is not None
            and desired.compared
            and item.current is not None
            and record is not None
            and self._fingerprints.matches(desired.name, desired.value.identity, record.fingerprint)
        )
        item.reason = value_reason(desired, item.current, record, item.matches)
        item.lacks_key = item.matches and record is not None and self._fingerprints.lacks_key(record.fingerprint)

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

    def _plan(
        self, item: Item, resolved: dict[str | None, dict[str, Repository | GitHubError]], reader: Reader
    ) -> None:
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
        item.resolved = repositories
        item.plan = plan(item.scope, item.desired, item.current, item.reason, repositories)
        unseen = item.scope.has_visibility and item.current is not None and item.row is None
        if item.writes and not item.writes_value and unseen:
            # Only the list of repositories was read, which does not tell whether the visibility allows for one.
            reader.see(item)
            item.plan = plan(item.scope, item.desired, item.current, item.reason, repositories)

    def _apply(self, items: Sequence[Item], recorder: Recorder, applier: Applier) -> None:
        # A value that is written is recorded anew anyway.
        unkeyed = [item for item in items if item.lacks_key and not item.writes_value]
        self._pool.each(recorder.key, unkeyed, "fingerprints keyed")
        self._pool.each(recorder.adopt, [item for item in items if item.reason == "adopted"], "values recorded")
        changing = [item for item in items if item.writes and item.error is None]
        with_key = {item.scope: item for item in changing if any(write.with_key for write in item.writes)}
        self._pool.each(applier.prepare, with_key.values(), "public keys read", 1)
        try:
            recorder.begin(item for item in changing if item.error is None)
        except StoreError as error:
            for item in changing:
                item.error = item.error or error
        # Deletions first: they make room where a scope is full.
        deletions = [item for item in changing if item.desired.state == "absent"]
        self._pool.each(applier.apply, deletions, "secrets deleted", 5)
        rest = [item for item in changing if item.desired.state != "absent"]
        self._pool.each(applier.apply, rest, "secrets written", 5)


def _lacks_repositories(item: Item) -> bool:
    return (
        item.current is not None
        and item.current.repositories is None
        and needs_repositories(item.scope, item.desired, item.current, item.reason)
    )


def _refuse_two_names(readings: Iterable[Reading]) -> None:
    """Have a repository fail that is given by its former name as well: each list would prune what the other gives."""
    named: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.scope.repository is not None and reading.error is None:
            named.setdefault(reading.scope.repository.lower(), []).append(reading)
    for those in named.values():
        if len(those) > 1:
            names = " and ".join(str(reading.job.scope.repository) for reading in those)
            for reading in those:
                reading.error = InputError(
                    f"{names} are one repository, which is {those[0].scope.repository} now, so nothing was changed "
                    "here. Give it once, by its present name."
                )


def _refuse_one_user_twice(readings: Iterable[Reading]) -> None:
    """Fail what two tokens of one user ask for if one list would prune, or change, what the other has."""
    found: dict[int, list[Reading]] = {}
    for reading in readings:
        if reading.scope.user_id is not None and reading.error is None:
            found.setdefault(reading.scope.user_id, []).append(reading)
    for those in found.values():
        wanted = {desired for reading in those for desired in reading.job.secrets}
        disagree = len({desired.name for desired in wanted}) < len(wanted)
        if len(those) > 1 and (disagree or any(reading.job.prune for reading in those)):
            for reading in those:
                reading.error = InputError(
                    f"{len(those)} targets with different tokens are of the same user. They prune, or disagree about a "
                    "secret, so nothing was changed for this user. List the user once, with all secrets."
                )


def _refuse_beyond_limit(readings: Iterable[Reading], items: Iterable[Item]) -> None:
    """Have those secrets fail for which there is no room, rather than have GitHub say so."""
    planned: dict[Scope, list[tuple[Item, Plan]]] = {}
    for item in items:
        if item.plan is not None and item.error is None:
            planned.setdefault(item.scope, []).append((item, item.plan))
    for reading in readings:
        pairs = planned.get(reading.scope, [])
        for (item, dummy), refused in zip(
            pairs, beyond_limit(len(reading.secrets), (one for dummy, one in pairs)), strict=True
        ):
            if refused:
                item.plan = None
                item.error = InputError(
                    f"{reading.scope.label} holds {SECRETS_A_SCOPE} secrets, as many as GitHub allows: there is no "
                    f"room for {item.desired.name}. Delete others first.",
                    cause=f"The scope holds {SECRETS_A_SCOPE} secrets, as many as GitHub allows. Delete others first.",
                )
