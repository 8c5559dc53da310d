# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A view: what is known of one secret, from GitHub's lists and from what GitHub has confirmed to us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ansible_collections.devex.github.plugins.module_utils._model import Fact, Repository, Secret
from ansible_collections.devex.github.plugins.module_utils._scope import Scope

#: GitHub's times have a resolution of one second, and an answer's Date may be a moment off.
TOLERANCE = timedelta(seconds=2)

# By how much GitHub's date of a write was seen to be later than the time of its answer.
_AHEAD = timedelta(seconds=1)

# How old a list may be; nobody has measured it.
_LATENESS = timedelta(seconds=10) + TOLERANCE

# What facts are about, beside the IDs of repositories.
_EXISTS, _FORMER, _WRITTEN, _VISIBILITY = "exists", "former", "written", "visibility"
_YES, _NO = "yes", "no"


@dataclass(frozen=True)
class View:
    """What is known of one secret. Times are GitHub's."""

    name: str
    #: What GitHub has confirmed lately.
    facts: tuple[Fact, ...] = ()
    #: The secret in the list of secrets; None: it is not in it, or the list was not read.
    row: Secret | None = None
    #: When GitHub sent that list; None: it was not read, or had no date.
    read_at: datetime | None = None
    #: The list of its repositories.
    listed: tuple[Repository, ...] = ()
    #: When GitHub sent that list.
    listed_at: datetime | None = None
    #: When it was read what goes along with a value, in seconds of a clock that does not go back.
    seen: float = 0.0

    def is_doubtful(self, listed: Mapping[str, Secret]) -> bool:
        """Whether the secret was created a moment ago, and the list of secrets may be older.

        :arg listed: that list.
        """
        exists = _recent(self.facts, self.read_at).get(_EXISTS)
        if self.name in listed or exists is None or exists.told == _NO:
            return False
        return not any(_is_newer(other, exists) for other in listed.values())

    def secret(self, *, trusting: bool) -> Secret | None:
        """The secret, without its repositories; None: it is absent.

        :arg trusting: whether a doubtful one is taken to be there.
        """
        told = _recent(self.facts, self.read_at)
        exists, change, visibility = told.get(_EXISTS), told.get(_WRITTEN), told.get(_VISIBILITY)
        secret = self.row
        older = secret is not None and _is_former(secret, told)
        if secret is None or older:
            if exists is None or exists.told == _NO or not (trusting or older):
                return None
            secret = Secret(self.name)
        if change is not None and (secret.updated_at is None or secret.updated_at < change.at):
            secret = replace(secret, updated_at=change.at)
        if visibility is not None and not _is_newer(secret, visibility):
            secret = replace(secret, visibility=visibility.told)
        return secret

    def repositories(self) -> tuple[Repository, ...]:
        """The repositories that may read the secret."""
        told = _recent(self.facts, self.listed_at)
        latest = max((fact.at for fact in told.values()), default=None)
        updated_at = self.row.updated_at if self.row else None
        if updated_at is not None and latest is not None and updated_at > latest + _AHEAD:
            # The list of secrets is newer than the facts, and so is the other list.
            told = {}
        # The list may be that of the secret before.
        listed = () if _EXISTS in told and _FORMER in told else self.listed
        about = {int(what): fact.told == _YES for what, fact in told.items() if what.isdecimal()}
        ids = {repository.id for repository in listed}
        kept = (repository for repository in listed if about.get(repository.id, True))
        added = (Repository(key) for key, given in sorted(about.items()) if given and key not in ids)
        return (*kept, *added)

    def whole(self, scope: Scope, *, is_listed: bool = False) -> Secret | None:
        """The secret with its repositories, once their list was read; None: it is absent.

        :arg is_listed: whether the list of secrets was not read, and the secret is there since it has the other list.
        """
        secret = Secret(self.name, visibility="selected") if is_listed else self.secret(trusting=True)
        if secret is None:
            return None
        return replace(secret, repositories=self.repositories() if scope.has_list(secret.visibility) else None)

    def remembered(self, scope: Scope) -> Secret | None:
        """The secret as it is if it exists though no list shows it yet; None: there is no sign of it."""
        view = replace(self, row=None, listed=(), listed_at=self.read_at)
        secret = view.secret(trusting=True)
        if secret is None:
            return None
        if scope.has_repositories and not scope.has_visibility:
            secret = replace(secret, visibility="selected")
        return replace(secret, repositories=view.repositories() if scope.has_list(secret.visibility) else None)


# --- what a write that GitHub has confirmed tells, and its lists may not show yet ---


def written(at: datetime, visibility: str | None) -> list[Fact]:
    """Facts about a secret that was written."""
    return [Fact(_WRITTEN, at), *([] if visibility is None else [Fact(_VISIBILITY, at, visibility)])]


def created(at: datetime) -> list[Fact]:
    """Facts about a secret that was created."""
    return [Fact(_EXISTS, at, _YES)]


def deleted(at: datetime, created_at: datetime) -> list[Fact]:
    """Facts about a secret that was deleted.

    :arg created_at: when it had been created, at the latest.
    """
    return [Fact(_EXISTS, at, _NO), Fact(_FORMER, at, str(int(created_at.timestamp())))]


def access(at: datetime, given: Iterable[int], taken: Iterable[int]) -> list[Fact]:
    """Facts about the access of repositories, by ID."""
    return [
        *(Fact(str(repository_id), at, _YES) for repository_id in given),
        *(Fact(str(repository_id), at, _NO) for repository_id in taken),
    ]


def _recent(facts: Iterable[Fact], read_at: datetime | None) -> dict[str, Fact]:
    """The facts that a list of that time may not show yet, by what they are about."""
    if read_at is None:
        return {}
    return {fact.what: fact for fact in facts if -TOLERANCE <= read_at - fact.at < _LATENESS}


def _is_newer(listed: Secret, fact: Fact) -> bool:
    return listed.updated_at is not None and listed.updated_at > fact.at


def _is_former(listed: Secret, told: dict[str, Fact]) -> bool:
    """Whether what is listed is a secret that we have deleted."""
    former = told.get(_FORMER)
    if former is None or not former.told.isdecimal():
        return False
    return listed.created_at is None or listed.created_at.timestamp() <= int(former.told)
