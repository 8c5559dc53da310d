# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring secrets to the desired state: read, plan, and apply unless in check mode."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from ansible_collections.devex.github.plugins.module_utils._engine.applier import Applier
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Place, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.keys import Keys
from ansible_collections.devex.github.plugins.module_utils._engine.plan import beyond_limit
from ansible_collections.devex.github.plugins.module_utils._engine.planner import Planner
from ansible_collections.devex.github.plugins.module_utils._engine.pool import Pool
from ansible_collections.devex.github.plugins.module_utils._engine.progress import Progress
from ansible_collections.devex.github.plugins.module_utils._engine.reader import Reader
from ansible_collections.devex.github.plugins.module_utils._engine.recorder import Recorder
from ansible_collections.devex.github.plugins.module_utils._errors import InputError, StoreError
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._model import Job, Plan
from ansible_collections.devex.github.plugins.module_utils._record.fingerprint import Fingerprints
from ansible_collections.devex.github.plugins.module_utils._record.store import Store


class Provisioner:
    """Reads, plans and applies one secret or thousands in the same way."""

    def __init__(
        self,
        session: Session,
        store: Store,
        *,
        check_mode: bool,
        concurrency: int = 1,
        key: bytes | None = None,
        keys: Keys | None = None,
        progress: Progress | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """:arg key: for the fingerprints; None: they have no key.

        :arg keys: the public keys that are known already.
        :arg progress: counts what is done.
        """
        self._session = session
        self._store = store
        self._check_mode = check_mode
        self._sleep = sleep
        self._fingerprints = Fingerprints(key)
        self._keys = keys or Keys()
        self._pool = Pool(concurrency, session, progress)

    def run(self, jobs: Sequence[Job]) -> tuple[list[Reading], list[Item]]:
        """Bring all secrets to the desired state.

        An error is kept in its reading, whose scope was not changed, or in its item, and does not stop the others.

        :raises StoreError: the store cannot be used. Nothing was written to GitHub.
        """
        store = self._store if self._can_use_store(jobs) else None
        reader = Reader(store, self._sleep)
        planner = Planner(reader, self._fingerprints)
        github = [GitHub(self._session.client(job.token, scope=job.scope)) for job in jobs]
        users = sum(job.scope.is_users for job in jobs)
        readings = [
            Reading(job, its, job.scope, is_beside_users=users > 1) for job, its in zip(jobs, github, strict=True)
        ]
        with self._pool:
            self._pool.each(reader.read, readings, "scopes read", 1)
            self._pool.each(Reading.limit_pruning, readings, "lists compared")
            _reject_two_names(readings)
            _reject_one_user_twice(readings)
            items = [item for reading in readings for item in reading.items()]
            self._plan(items, planner)
            _reject_beyond_limit(readings, items)
            if not self._check_mode:
                recorder = Recorder(store, self._fingerprints)
                recorder.settle(readings, items)
                for reading in readings:
                    reading.release()
                self._apply(items, recorder, Applier(self._session, planner, recorder, self._keys))
                recorder.tidy(max((api.now for api in github if api.now), default=None), len(readings))
        return readings, items

    def _can_use_store(self, jobs: Sequence[Job]) -> bool:
        """Return whether the store can be used. If only late lists would make it useful, the task works without it.

        :raises StoreError: the store cannot be used, but is needed.
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

    def _plan(self, items: Sequence[Item], planner: Planner) -> None:
        self._pool.each(planner.decide, items, "values compared")
        listed = [item for item in items if planner.needs_list(item)]
        self._pool.each(planner.list_repositories, listed, "lists of repositories read", 1)
        asking: dict[GitHub, list[Item]] = {}
        for item in items:
            if item.error is None and item.desired.entries:
                asking.setdefault(item.github, []).append(item)
        resolved = {github: planner.resolve(github, group) for github, group in asking.items()}
        self._pool.each(lambda item: planner.plan(item, resolved.get(item.github, {})), items, "secrets planned")

    def _apply(self, items: Sequence[Item], recorder: Recorder, applier: Applier) -> None:
        # A value that is written gets a new record anyway.
        unkeyed = [item for item in items if item.is_unkeyed and not item.writes_value]
        self._pool.each(recorder.key, unkeyed, "fingerprints keyed")
        self._pool.each(recorder.adopt, [item for item in items if item.reason == "adopted"], "values recorded")
        changing = [item for item in items if item.writes and item.error is None]
        with_key = {item.place: item for item in changing if any(write.with_key for write in item.writes)}
        self._pool.each(applier.prepare, with_key.values(), "public keys read", 1)
        try:
            recorder.begin(item for item in changing if item.error is None)
        except StoreError as error:
            for item in changing:
                item.error = item.error or error
        # Deletions come first, because they make room in a full scope.
        deletions = [item for item in changing if item.desired.state == "absent"]
        self._pool.each(applier.apply, deletions, "secrets deleted", 5)
        rest = [item for item in changing if item.desired.state != "absent"]
        self._pool.each(applier.apply, rest, "secrets written", 5)


def _reject_two_names(readings: Iterable[Reading]) -> None:
    """Reject a repository that is also listed by its former name, because each list would prune the other's secrets."""
    named: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.scope.repository is not None and reading.error is None:
            named.setdefault(reading.scope.secrets.lower(), []).append(reading)
    for group in named.values():
        if len(group) > 1:
            names = " and ".join(str(reading.job.scope.repository) for reading in group)
            for reading in group:
                reading.error = InputError(
                    f"{names} are the same repository, so nothing was changed in it. List it once, by its present name "
                    f"{group[0].scope.repository}."
                )


def _reject_one_user_twice(readings: Iterable[Reading]) -> None:
    """Reject targets with several tokens of one user if they disagree about a secret, or would prune each other's."""
    by_user: dict[int, list[Reading]] = {}
    for reading in readings:
        if reading.scope.user_id is not None and reading.error is None:
            by_user.setdefault(reading.scope.user_id, []).append(reading)
    for group in by_user.values():
        wanted = {desired for reading in group for desired in reading.job.secrets}
        disagree = len({desired.name for desired in wanted}) < len(wanted)
        if len(group) > 1 and (disagree or any(reading.job.prune for reading in group)):
            for reading in group:
                reading.error = InputError(
                    f"targets lists the same user {len(group)} times, with different tokens. These targets prune, or "
                    "disagree about a secret, so nothing was changed for this user. List the user once, with all "
                    "secrets."
                )


def _reject_beyond_limit(readings: Iterable[Reading], items: Iterable[Item]) -> None:
    """Reject new secrets beyond GitHub's limit before they are sent."""
    planned: dict[Place, list[tuple[Item, Plan]]] = {}
    for item in items:
        if item.plan is not None and item.error is None:
            planned.setdefault(item.place, []).append((item, item.plan))
    for reading in readings:
        pairs = planned.get(reading.place, [])
        beyond = beyond_limit(reading.scope.limit, len(reading.secrets), (plan for dummy, plan in pairs))
        for (item, dummy), is_beyond in zip(pairs, beyond, strict=True):
            if is_beyond:
                item.plan = None
                item.error = InputError(
                    f"The scope is full, because GitHub allows at most {item.scope.limit} secrets. Delete others first."
                )
