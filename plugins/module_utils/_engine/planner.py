# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plan the writes of each secret, and plan again if a write had to wait."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias

from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._engine.plan import needs_repositories, plan, value_reason
from ansible_collections.devex.github.plugins.module_utils._engine.reader import Reader, absent
from ansible_collections.devex.github.plugins.module_utils._engine.watch import Watch
from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, InputError, NotFound
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._model import Repository, Write
from ansible_collections.devex.github.plugins.module_utils._record.fingerprint import Fingerprints

# The visibility and the list of repositories are read again before a write of a value if they are older than this.
_OLD_SECONDS = 5.0

#: The repository, or the error of its lookup, for each entry of the desired lists in lower case.
Resolved: TypeAlias = "dict[str, Repository | GitHubError]"


class Planner:
    """Plans items from what the reader returns. Safe for any number of threads."""

    def __init__(self, reader: Reader, fingerprints: Fingerprints) -> None:
        self._reader = reader
        self._fingerprints = fingerprints

    def decide(self, item: Item) -> None:
        """Compare the value with the record, and decide whether it is written."""
        desired, record = item.desired, item.record
        item.matches = (
            desired.value is not None
            and desired.compared
            and item.current is not None
            and record is not None
            and self._fingerprints.matches(desired.name, desired.value.identity, record.fingerprint)
        )
        item.reason = value_reason(desired, item.current, record, item.matches)
        item.is_unkeyed = item.matches and record is not None and self._fingerprints.is_unkeyed(record.fingerprint)
        if item.current is None and desired.value is not None and desired.state == "present":
            # A secret of ours that the list omits counts as absent, so its value is written. The list may be late, so
            # the write keeps the known access.
            item.current = item.view.remembered(item.scope)

    def needs_list(self, item: Item) -> bool:
        """Return whether the plan requires the list of repositories, which was not read yet."""
        return (
            item.current is not None
            and item.current.repositories is None
            and needs_repositories(item.scope, item.desired, item.current, item.reason)
        )

    def list_repositories(self, item: Item) -> None:
        """Read the repositories that may read the secret."""
        if item.current is not None:
            item.view = self._reader.repositories(item.place, item.view)
            item.current = replace(item.current, repositories=item.view.repositories())

    def resolve(self, github: GitHub, items: Sequence[Item]) -> Resolved:
        """Look up the repositories in desired lists.

        :arg items: with such lists, all of one token, because each token may see other repositories.
        """
        entries = list(dict.fromkeys(entry for item in items for entry in item.desired.entries))
        present = [repository for item in items if item.current for repository in item.current.repositories or ()]
        known: Resolved = {str(repository.id): repository for repository in present}
        known.update({repository.full_name.lower(): repository for repository in present if repository.full_name})
        known.update({entry: Repository(int(entry)) for entry in entries if entry.isdecimal() and entry not in known})
        missing = {entry.lower(): entry for entry in entries if entry.lower() not in known}
        try:
            answers = github.repositories_named(missing.values())
            known.update({full_name.lower(): answer for full_name, answer in answers.items()})
        except GitHubError as error:
            known.update(dict.fromkeys(missing, error))
        return known

    def plan(self, item: Item, resolved: Resolved) -> None:
        """Plan the writes of an item.

        :raises Error: the present state, or a repository in the list, does not allow the change.
        """
        if item.desired.entries:
            item.resolved = _chosen(item, resolved)
        self._plan(item)
        is_unseen = item.scope.has_visibility and item.current is not None and item.view.row is None
        if item.writes and not item.writes_value and is_unseen:
            # So far only the list of repositories was read, which does not show the visibility.
            item.view = self._reader.secret(item.place, item.view)
            item.read_at, item.current = item.view.read_at, item.view.whole(item.scope)
            if item.current is None:
                raise absent(item.scope)
            self._plan(item)

    def freshen(self, item: Item, write: Write, watch: Watch) -> None:
        """Read again what a write relies on, unless it was read a moment ago."""
        if watch.is_due(item.github.now):
            watch.note_read(self._reader.secret(item.place, item.view))
        if write.with_key and item.github.monotonic - item.view.seen > _OLD_SECONDS:
            self._plan_again(item)

    def refresh(self, item: Item, write: Write, watch: Watch, *, lost: bool) -> None:
        """Plan again after a write has waited, so that changes made elsewhere in the meantime are kept.

        :arg lost: whether a try of the write may have reached GitHub.
        """
        if watch.on:
            watch.note_read(self._reader.secret(item.place, item.view), lost=lost)
        if write.with_key:
            self._plan_again(item)

    def is_gone(self, item: Item, write: Write) -> bool:
        """Return whether the target of a DELETE that got a 404 is gone, as after a lost answer."""
        name = item.desired.name
        if write.path == item.scope.secret(name):
            return self._reader.secret(item.place, item.view).secret(trusting=False) is None
        present = self._reader.repositories(item.place, item.view).repositories()
        return all(write.path != item.scope.repository_access(name, repository.id) for repository in present)

    def _plan(self, item: Item) -> None:
        item.plan = plan(item.scope, item.desired, item.current, item.reason, item.resolved)

    def _plan_again(self, item: Item) -> None:
        """Read the visibility and the repositories again, and plan again."""
        scope, desired = item.scope, item.desired
        if not scope.has_repositories:
            return
        item.view = self._reader.facts(item)
        if item.current is None or (scope.has_visibility and desired.visibility is None):
            row = item.view.row
            view = self._reader.secret(item.place, item.view)
            item.view = view if view.row is not None else replace(view, row=row)
            secret = item.view.secret(trusting=True)
            if secret is None and item.current is None:
                return
            if secret is not None:
                item.current = replace(secret, repositories=item.current.repositories if item.current else None)
        is_exact = desired.access is not None and desired.access.mode == "exact"
        if not is_exact and needs_repositories(scope, desired, item.current, item.reason):
            # A secret that was deleted in the meantime is created again with the list read before.
            with suppress(NotFound):
                self.list_repositories(item)
        self._plan(item)


def _chosen(item: Item, resolved: Resolved) -> dict[str, Repository]:
    """Return the repository for each entry of an item's list.

    :raises GitHubError: a lookup failed.
    :raises InputError: a repository does not exist, or the token may not see it.
    """
    repositories: dict[str, Repository] = {}
    for entry in item.desired.entries:
        answer = resolved.get(entry.lower())
        if isinstance(answer, GitHubError):
            raise answer
        if answer is not None:
            repositories[entry] = answer
    unresolved = [entry for entry in item.desired.entries if entry not in repositories]
    if unresolved:
        raise InputError(
            f"selected_repositories: {', '.join(unresolved)} cannot be found. Either the name is wrong, or this token "
            "cannot see the repository. The secret was not changed."
        )
    return repositories
