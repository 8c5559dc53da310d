# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the secrets that repositories recommend with those that exist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.devex.github.plugins.module_utils._devcontainer import PROVIDED, Recommendations, recommended
from ansible_collections.devex.github.plugins.module_utils._engine.pool import Pool
from ansible_collections.devex.github.plugins.module_utils._engine.progress import Progress
from ansible_collections.devex.github.plugins.module_utils._errors import Error, GitHubError, Malformed
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._scope import Scope, to_read, user

# Each configuration costs a request. Real projects have far fewer, but an untrusted repository may have any number.
_CONFIGURATIONS = 200


@dataclass
class Comparison:
    """The secrets that a repository recommends, and their status."""

    scope: Scope
    #: The present name of the repository; empty until it is read.
    full_name: str = ""
    #: Paths of the dev container configurations.
    configurations: list[str] = field(default_factory=list)
    recommended: Recommendations = field(default_factory=Recommendations)
    #: Names of the repository's own secrets.
    provided: Collection[str] = ()
    #: The status() of each recommended secret; empty until all is read.
    status: dict[str, str] = field(default_factory=dict)
    error: Error | None = None


@dataclass
class Readers:
    """The repositories that may read a secret of the user, in lower case."""

    name: str
    repositories: Collection[str] = ()
    error: Error | None = None


def compare(
    session: Session, scopes: Iterable[Scope], *, concurrency: int, progress: Progress | None = None
) -> list[Comparison]:
    """Compare repositories with the secrets that exist. A repository that cannot be read does not stop the others.

    :raises GitHubError: the secrets of the user cannot be read.
    """
    github = GitHub(session.client())
    rows, own = [Comparison(to_read(scope)) for scope in scopes], to_read(user())
    mine = github.secrets(own).secrets

    def read_readers(secret: Readers) -> None:
        repositories = github.repositories(own, secret.name)
        if not all(repository.full_name for repository in repositories):
            raise GitHubError(f"GitHub did not send the names of all repositories that may read {secret.name}.")
        secret.repositories = {str(repository.full_name).lower() for repository in repositories}

    with Pool(concurrency, session, progress) as pool:
        pool.each(lambda row: _read(github, row), rows, "repositories read", 3)
        wanted = {name for row in rows if row.error is None for name in row.recommended.secrets}
        readers = {name: Readers(name) for name in sorted((wanted & mine.keys()) - PROVIDED)}
        pool.each(read_readers, readers.values(), "lists of repositories read", 1)
    for row in rows:
        errors = (readers[name].error for name in row.recommended.secrets if name in readers)
        row.error = row.error or next(filter(None, errors), None)
        if row.error is None:
            row.status = {name: status(name, row, readers) for name in row.recommended.secrets}
    return rows


def status(name: str, row: Comparison, readers: Mapping[str, Readers]) -> str:
    """Return the status of a recommended secret: provided, granted, repository, not_granted or missing.

    :arg readers: of the user's secrets.
    """
    if name in PROVIDED:
        return "provided"
    if name in readers and row.full_name.lower() in readers[name].repositories:
        return "granted"
    if name in row.provided:
        return "repository"
    return "not_granted" if name in readers else "missing"


def _read(github: GitHub, row: Comparison) -> None:
    scope, row.configurations = github.devcontainers(row.scope)
    if not row.configurations:
        return
    row.full_name = str(scope.repository)
    row.provided = github.secrets(scope).secrets.keys()
    if len(row.configurations) > _CONFIGURATIONS:
        row.recommended.problems.append(
            f"Only {_CONFIGURATIONS} of {len(row.configurations)} configurations were read."
        )
    for path in row.configurations[:_CONFIGURATIONS]:
        try:
            row.recommended.add(path, recommended(github.file(scope, path)))
        except Malformed as error:
            row.recommended.problems.append(f"{path}: {error}.")
