# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Combine what GitHub's lists show of a secret with what GitHub has confirmed to us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ansible_collections.devex.github.plugins.module_utils._model import Fact, Repository, Secret
from ansible_collections.devex.github.plugins.module_utils._scope import Scope

#: GitHub's times have a resolution of one second, and the Date of an answer may be a moment off.
TOLERANCE = timedelta(seconds=2)

# The updated_at of a write was seen to be this much later than the Date of its answer.
_AHEAD = timedelta(seconds=1)

# How old GitHub's lists may be. This is an assumption, not a measurement.
_LATENESS = timedelta(seconds=10) + TOLERANCE

# Subjects of facts. The others are IDs of repositories.
_EXISTS, _FORMER, _WRITTEN, _VISIBILITY = "exists", "former", "written", "visibility"
_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class View:
    """What is known of one secret. Times are GitHub's."""

    name: str
    #: Recent changes that GitHub has confirmed.
    facts: tuple[Fact, ...] = ()
    #: The secret in the list of secrets; None: not in it, or the list was not read.
    row: Secret | None = None
    #: When GitHub sent the list of secrets; None: not read, or without a date.
    read_at: datetime | None = None
    #: The list of its repositories.
    listed: tuple[Repository, ...] = ()
    #: When GitHub sent the list of repositories.
    listed_at: datetime | None = None
    #: When the visibility or the repositories were read, in seconds of a monotonic clock.
    seen: float = 0.0

    def is_doubtful(self, listed: Mapping[str, Secret]) -> bool:
        """Return whether the secret was created a moment ago, and this list of secrets may be older."""
        exists = _recent(self.facts, self.read_at).get(_EXISTS)
        if self.name in listed or exists is None or exists.state == _NO:
            return False
        return not any(_is_newer(other, exists) for other in listed.values())

    def secret(self, *, trusting: bool) -> Secret | None:
        """Return the secret, without its repositories; None: absent.

        :arg trusting: whether a doubtful secret counts as present.
        """
        recent = _recent(self.facts, self.read_at)
        exists, change, visibility = recent.get(_EXISTS), recent.get(_WRITTEN), recent.get(_VISIBILITY)
        secret = self.row
        older = secret is not None and _is_former(secret, recent)
        if secret is None or older:
            if exists is None or exists.state == _NO or not (trusting or older):
                return None
            secret = Secret(self.name)
        if change is not None and (secret.updated_at is None or secret.updated_at < change.at):
            secret = replace(secret, updated_at=change.at)
        if visibility is not None and not _is_newer(secret, visibility):
            secret = replace(secret, visibility=visibility.state)
        return secret

    def repositories(self) -> tuple[Repository, ...]:
        """Return the repositories that may read the secret."""
        recent = _recent(self.facts, self.listed_at)
        latest = max((fact.at for fact in recent.values()), default=None)
        updated_at = self.row.updated_at if self.row else None
        if updated_at is not None and latest is not None and updated_at > latest + _AHEAD:
            # The list of secrets is newer than the facts, so the list of repositories is, too.
            recent = {}
        # After a deletion, the list may still be that of the former secret.
        listed = () if _EXISTS in recent and _FORMER in recent else self.listed
        access = {int(what): fact.state == _YES for what, fact in recent.items() if what.isdecimal()}
        ids = {repository.id for repository in listed}
        kept = (repository for repository in listed if access.get(repository.id, True))
        added = (Repository(key) for key, granted in sorted(access.items()) if granted and key not in ids)
        return (*kept, *added)

    def whole(self, scope: Scope, *, is_listed: bool = False) -> Secret | None:
        """Return the secret with its repositories, whose list was read; None: absent.

        :arg is_listed: whether only the list of repositories was read, which shows that the secret exists.
        """
        secret = Secret(self.name, visibility="selected") if is_listed else self.secret(trusting=True)
        if secret is None:
            return None
        return replace(secret, repositories=self.repositories() if scope.has_list(secret.visibility) else None)

    def remembered(self, scope: Scope) -> Secret | None:
        """Return what our facts say about a secret that no list shows yet; None: nothing."""
        view = replace(self, row=None, listed=(), listed_at=self.read_at)
        secret = view.secret(trusting=True)
        if secret is None:
            return None
        if scope.has_repositories and not scope.has_visibility:
            secret = replace(secret, visibility="selected")
        return replace(secret, repositories=view.repositories() if scope.has_list(secret.visibility) else None)


# --- facts from writes that GitHub has confirmed ---


def written(at: datetime, visibility: str | None) -> list[Fact]:
    """Return the facts about a secret that was written."""
    return [Fact(_WRITTEN, at), *([] if visibility is None else [Fact(_VISIBILITY, at, visibility)])]


def created(at: datetime) -> list[Fact]:
    """Return the facts about a secret that was created."""
    return [Fact(_EXISTS, at, _YES)]


def deleted(at: datetime, created_at: datetime) -> list[Fact]:
    """Return the facts about a secret that was deleted, and that was created at this time at the latest."""
    return [Fact(_EXISTS, at, _NO), Fact(_FORMER, at, str(int(created_at.timestamp())))]


def access(at: datetime, granted: Iterable[int], revoked: Iterable[int]) -> list[Fact]:
    """Return the facts about the access of repositories, by ID."""
    return [*(Fact(str(key), at, _YES) for key in granted), *(Fact(str(key), at, _NO) for key in revoked)]


def _recent(facts: Iterable[Fact], read_at: datetime | None) -> dict[str, Fact]:
    """Return the facts that a list of this time may not show yet, by subject."""
    if read_at is None:
        return {}
    return {fact.what: fact for fact in facts if -TOLERANCE <= read_at - fact.at < _LATENESS}


def _is_newer(listed: Secret, fact: Fact) -> bool:
    return listed.updated_at is not None and listed.updated_at > fact.at


def _is_former(listed: Secret, recent: dict[str, Fact]) -> bool:
    """Return whether the listed secret is one that we have deleted."""
    former = recent.get(_FORMER)
    if former is None or not former.state.isdecimal():
        return False
    return listed.created_at is None or listed.created_at.timestamp() <= int(former.state)
