# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is: by GitHub's lists, and by what GitHub has confirmed to us since; no input, no output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from ansible_collections.devex.github.plugins.module_utils._model import Fact, Repository, Secret

#: GitHub's times have a resolution of one second, and an answer's Date may be a moment off.
TOLERANCE = timedelta(seconds=2)

# By how much GitHub's date of a write was seen to be later than the time of its answer.
_AHEAD = timedelta(seconds=1)

# How old a list may be; nobody has measured it.
_LATENESS = timedelta(seconds=10) + TOLERANCE

# What facts are about, beside the IDs of repositories.
_EXISTS, _FORMER, _WRITTEN, _VISIBILITY = "exists", "former", "written", "visibility"
_YES, _NO = "yes", "no"


# --- what is learnt from a write ---


def written(at: datetime, visibility: str | None) -> list[Fact]:
    """What is known once a secret was written."""
    return [Fact(_WRITTEN, at), *([] if visibility is None else [Fact(_VISIBILITY, at, visibility)])]


def created(at: datetime) -> list[Fact]:
    """What is known once a secret was created."""
    return [Fact(_EXISTS, at, _YES)]


def deleted(at: datetime, created_at: datetime) -> list[Fact]:
    """What is known once a secret was deleted.

    :arg created_at: when it had come into being, at the latest.
    """
    return [Fact(_EXISTS, at, _NO), Fact(_FORMER, at, str(int(created_at.timestamp())))]


def access(at: datetime, given: Iterable[int], taken: Iterable[int]) -> list[Fact]:
    """What is known once repositories were given access, or had it taken away."""
    return [
        *(Fact(str(repository_id), at, _YES) for repository_id in given),
        *(Fact(str(repository_id), at, _NO) for repository_id in taken),
    ]


# --- what there is ---


def is_doubtful(name: str, listed: Mapping[str, Secret], facts: Iterable[Fact], read_at: datetime | None) -> bool:
    """Whether a secret that is not in a list came into being a moment ago, so that the list may be older.

    :arg read_at: GitHub's time when it answered with the list.
    """
    exists = _recent(facts, read_at).get(_EXISTS)
    if name in listed or exists is None or exists.told == _NO:
        return False
    return not any(_is_newer(other, exists) for other in listed.values())


def secret(
    name: str, listed: Secret | None, facts: Iterable[Fact], read_at: datetime | None, *, trusting: bool
) -> Secret | None:
    """A secret as it is; None: it is absent.

    :arg listed: what a list of that time has of it.
    :arg trusting: whether one that is doubtful is taken to be there.
    """
    told = _recent(facts, read_at)
    exists, change, visibility = told.get(_EXISTS), told.get(_WRITTEN), told.get(_VISIBILITY)
    older = listed is not None and _is_former(listed, told)
    if listed is None or older:
        if exists is None or exists.told == _NO or not (trusting or older):
            return None
        listed = Secret(name)
    if change is not None and (listed.updated_at is None or listed.updated_at < change.at):
        listed = replace(listed, updated_at=change.at)
    if visibility is not None and not _is_newer(listed, visibility):
        listed = replace(listed, visibility=visibility.told)
    return listed


def repositories(
    listed: tuple[Repository, ...], facts: Iterable[Fact], read_at: datetime | None, row: Secret | None
) -> tuple[Repository, ...]:
    """The repositories that may read a secret.

    :arg listed: what a list of that time has of them.
    :arg row: what the list of secrets has of the secret. Where that is newer than what we know, so is the other list.
    """
    told = _recent(facts, read_at)
    latest = max((fact.at for fact in told.values()), default=None)
    if row is not None and row.updated_at is not None and latest is not None and row.updated_at > latest + _AHEAD:
        told = {}
    if _EXISTS in told and _FORMER in told:
        # The list may be that of the secret before.
        listed = ()
    about = {int(what): fact.told == _YES for what, fact in told.items() if what.isdecimal()}
    ids = {repository.id for repository in listed}
    kept = (repository for repository in listed if about.get(repository.id, True))
    added = (Repository(key) for key, given in sorted(about.items()) if given and key not in ids)
    return (*kept, *added)


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
