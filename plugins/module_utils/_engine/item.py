# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One secret on its way from wish to fact, and what was read of a scope."""

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

#: Where secrets are: two tokens may be of two users, whose scopes look alike.
Place = tuple[GitHub, Scope]


@dataclass
class Item:
    """One secret on its way from wish to fact."""

    github: GitHub
    scope: Scope
    desired: Desired
    #: The secret as it is, as far as the plan needs to know it; None: it is absent.
    current: Secret | None
    #: Of its value.
    record: Record | None
    #: What is known of it.
    view: View
    #: GitHub's time when it first told what there is.
    read_at: datetime | None = None
    #: Why its value is written or left.
    reason: str = ""
    #: Whether the value is the recorded one.
    matches: bool = False
    #: Whether the value is the recorded one, but recorded without the key that there is now.
    lacks_key: bool = False
    #: The repository that each entry of the wanted list stands for.
    resolved: Mapping[str, Repository] = field(default_factory=dict)
    plan: Plan | None = None
    #: The writes that GitHub has carried out, and the one that it may have carried out.
    sent: list[Write] = field(default_factory=list)
    #: Whether a try of the write under way may have reached GitHub, and was not answered.
    lost: bool = False
    #: GitHub's time when it answered the last of them.
    answered_at: datetime | None = None
    error: Error | None = None

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.github, self.scope

    @property
    def writes(self) -> tuple[Write, ...]:
        """The writes that are planned."""
        return self.plan.writes if self.plan else ()

    @property
    def writes_value(self) -> bool:
        """Whether a value is among what is written."""
        return any(write.value is not None for write in self.writes)

    @property
    def outcome(self) -> Secret | None:
        """The secret as the plan leaves it; of its dates only what is known."""
        if self.plan is None or self.plan.after is None or not self.plan.writes:
            return self.plan.after if self.plan else self.current
        after = self.plan.after
        created_at = self.answered_at if self.plan.before is None else after.created_at
        return replace(after, created_at=created_at, updated_at=self.answered_at)


@dataclass
class Reading:
    """What was read of one scope."""

    job: Job
    github: GitHub
    #: Where its secrets are, by the name that the repository has now.
    scope: Scope
    #: What is known of each secret, by name.
    views: dict[str, View] = field(default_factory=dict)
    #: The secrets that there are, by name.
    secrets: dict[str, Secret] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    #: Whether GitHub had to be asked whose the token is.
    is_new_token: bool = False
    error: Error | None = None

    @property
    def place(self) -> Place:
        """Where its secrets are."""
        return self.github, self.scope

    @property
    def read_at(self) -> datetime | None:
        """GitHub's time when it sent the list of secrets."""
        return max((view.read_at for view in self.views.values() if view.read_at is not None), default=None)

    def items(self) -> list[Item]:
        """An item for each secret that the job is about, those to be pruned last."""
        # If the scope could not be read, nothing is to be pruned.
        names = [] if self.error else self._pruned()
        pruned = [Desired(name, state="absent", pruned=True) for name in names]
        return [
            Item(
                self.github,
                self.scope,
                desired,
                self.secrets.get(desired.name),
                self.records.get(desired.name),
                view := self.views.get(desired.name) or View(desired.name),
                view.read_at,
                error=self.error,
            )
            for desired in (*self.job.secrets, *pruned)
        ]

    def refuse_much_pruning(self) -> None:
        """A list that came out too short must not empty a scope.

        :raises InputError: more secrets would be pruned than the job allows.
        """
        names, prune = self._pruned(), self.job.prune
        if prune is not None and len(names) > prune.most:
            raise InputError(
                f"{len(names)} secrets that are not listed would be deleted, and prune_max is {prune.most}, so nothing "
                f"was changed here. If the list is right, give prune_max={len(names)}. They are {some(names, 5)}."
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
