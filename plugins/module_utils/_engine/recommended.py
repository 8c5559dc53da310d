# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What repositories recommend, beside what is provided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.devex.github.plugins.module_utils._devcontainer import (
    PROVIDED,
    Recommendations,
    recommended,
)
from ansible_collections.devex.github.plugins.module_utils._engine.pool import Pool
from ansible_collections.devex.github.plugins.module_utils._errors import Error, GitHubError, Malformed
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._scope import Scope, user

# Each of them takes a request. No project has that many, but a repository of somebody else may.
_CONFIGURATIONS = 200


@dataclass
class Comparison:
    """What a repository recommends, and what of it there is."""

    scope: Scope
    #: The name that it has now, once it was read.
    full_name: str = ""
    #: Their paths.
    configurations: list[str] = field(default_factory=list)
    recommended: Recommendations = field(default_factory=Recommendations)
    #: Its own secrets.
    provided: Collection[str] = ()
    #: Of each recommended secret, as status() returns it, once all is read.
    status: dict[str, str] = field(default_factory=dict)
    error: Error | None = None


@dataclass
class Readers:
    """The repositories that may read a secret of the user, in lower case."""

    name: str
    repositories: Collection[str] = ()
    error: Error | None = None


def compare(session: Session, scopes: Iterable[Scope], *, concurrency: int) -> list[Comparison]:
    """Read what repositories recommend, and what of it there is; what cannot be read does not stop the others.

    :arg scopes: the repositories.
    :raises GitHubError: the secrets of the user cannot be read.
    """
    github = GitHub(session.client())
    found = [Comparison(scope) for scope in scopes]
    mine = github.secrets(user()).secrets

    def read_readers(one: Readers) -> None:
        rows = github.repositories(user(), one.name)
        if not all(row.full_name for row in rows):
            raise GitHubError(f"GitHub does not name all repositories that may read {one.name}.")
        one.repositories = {str(row.full_name).lower() for row in rows}

    with Pool(concurrency, session) as pool:
        pool.each(lambda one: _read(github, one), found, "repositories read", 3)
        wanted = {name for one in found if one.error is None for name in one.recommended.secrets}
        readers = {name: Readers(name) for name in sorted((wanted & mine.keys()) - PROVIDED)}
        pool.each(read_readers, readers.values(), "lists of repositories read", 1)
    for one in found:
        errors = (readers[name].error for name in one.recommended.secrets if name in readers)
        one.error = one.error or next(filter(None, errors), None)
        if one.error is None:
            one.status = {name: status(name, one, readers) for name in one.recommended.secrets}
    return found


def status(name: str, one: Comparison, readers: Mapping[str, Readers]) -> str:
    """Whether a recommended secret is there: provided, granted, repository, not_granted or missing.

    :arg readers: of the secrets that the user has.
    """
    if name in PROVIDED:
        return "provided"
    if name in readers and one.full_name.lower() in readers[name].repositories:
        return "granted"
    if name in one.provided:
        return "repository"
    return "not_granted" if name in readers else "missing"


def _read(github: GitHub, one: Comparison) -> None:
    scope, one.configurations = github.devcontainers(one.scope)
    if not one.configurations:
        return
    one.full_name = str(scope.repository)
    one.provided = github.secrets(scope).secrets.keys()
    if len(one.configurations) > _CONFIGURATIONS:
        one.recommended.problems.append(
            f"Only {_CONFIGURATIONS} of {len(one.configurations)} configurations were read."
        )
    for path in one.configurations[:_CONFIGURATIONS]:
        try:
            one.recommended.add(path, recommended(github.file(scope, path)))
        except Malformed as error:
            one.recommended.problems.append(f"{path}: {error}.")
