# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of a task: one item for each secret, and one reading for each scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase

from ansible_collections.devex.github.plugins.module_utils._engine.view import View
from ansible_collections.devex.github.plugins.module_utils._errors import Error, InputError
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._model import (
    Desired,
    Job,
    Plan,
    Record,
    Repository,
    Secret,
    Write,
)
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.plugins.module_utils._validation import some

#: Where secrets are. The client is part of it, because two tokens may belong to two users, whose scopes look alike.
Place = tuple[GitHub, Scope]

_NONE: Mapping[str, Repository] = {}


@dataclass(slots=True)
class Item:
    """One secret, from what is desired to what was written."""

    github: GitHub
    scope: Scope
    desired: Desired
    #: The secret at GitHub, with the details that the plan needs; None: absent.
    current: Secret | None
    record: Record | None
    view: View
    #: GitHub's time when the secret was first read.
    read_at: datetime | None = None
    #: Why the value is written or left.
    reason: str = ""
    #: Whether the value is the recorded one.
    matches: bool = False
    #: Whether the value matches, but was recorded without the present key.
    is_unkeyed: bool = False
    #: The repository for each entry of the desired list.
    resolved: Mapping[str, Repository] = field(default_factory=lambda: _NONE)
    plan: Plan | None = None
    #: The writes that GitHub has carried out, and the one that it may have carried out.
    sent: tuple[Write, ...] = ()
    #: Whether a try of the current write may have reached GitHub without an answer.
    lost: bool = False
    #: GitHub's time when it answered the last write.
    answered_at: datetime | None = None
    error: Error | None = None

    @property
    def place(self) -> Place:
        return self.github, self.scope

    @property
    def writes(self) -> tuple[Write, ...]:
        """The planned writes."""
        return self.plan.writes if self.plan else ()

    @property
    def writes_value(self) -> bool:
        """Whether a planned write has a value."""
        return any(write.value is not None for write in self.writes)

    @property
    def outcome(self) -> Secret | None:
        """The secret after the plan; unknown dates are None."""
        if self.plan is None or self.plan.after is None or not self.plan.writes:
            return self.plan.after if self.plan else self.current
        after = self.plan.after
        created_at = self.answered_at if self.plan.before is None else after.created_at
        return replace(after, created_at=created_at, updated_at=self.answered_at)


@dataclass(slots=True)
class Reading:
    """What was read of one scope. Its dictionaries are by name of the secret."""

    job: Job
    github: GitHub
    #: With the present name of the repository.
    scope: Scope
    #: Whether the task has other scopes of users, which may be the same user's with another token.
    is_beside_users: bool = False
    views: dict[str, View] = field(default_factory=dict)
    secrets: dict[str, Secret] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    #: Whether the token's user was read from GitHub, because the store did not have it.
    is_new_token: bool = False
    error: Error | None = None

    @property
    def place(self) -> Place:
        return self.github, self.scope

    @property
    def read_at(self) -> datetime | None:
        """GitHub's time when it sent the list of secrets."""
        return max((view.read_at for view in self.views.values() if view.read_at is not None), default=None)

    def items(self) -> list[Item]:
        """Return an item for each secret of the job, then one for each secret to prune."""
        # If the scope could not be read, its list of secrets may be incomplete.
        names = [] if self.error else self._pruned()
        pruned = [Desired(name, state="absent", pruned=True) for name in names]
        items = []
        for desired in (*self.job.secrets, *pruned):
            current, record = self.secrets.get(desired.name), self.records.get(desired.name)
            view = self.views.get(desired.name) or View(desired.name)
            items.append(Item(self.github, self.scope, desired, current, record, view, view.read_at, error=self.error))
        return items

    def release(self) -> None:
        """Drop what only the items need from now on, because the dictionaries of many scopes take much memory."""
        self.views, self.secrets, self.records = {}, {}, {}

    def limit_pruning(self) -> None:
        """Protect a scope from a desired list that is too short by mistake.

        :raises InputError: more secrets would be pruned than the job allows.
        """
        names, prune = self._pruned(), self.job.prune
        if prune is not None and len(names) > prune.most:
            raise InputError(
                f"prune_max is {prune.most}, but the number of unlisted secrets is {len(names)}, so nothing was "
                f"changed in this scope. If the list is right, set prune_max={len(names)} to delete these secrets: "
                f"{some(names, 5)}."
            )

    def _pruned(self) -> list[str]:
        if self.job.prune is None:
            return []
        listed = {desired.name for desired in self.job.secrets}
        keep = [pattern.upper() for pattern in self.job.prune.keep]
        return [
            name
            for name in sorted(self.secrets)
            if name not in listed and not any(fnmatchcase(name, pattern) for pattern in keep)
        ]
