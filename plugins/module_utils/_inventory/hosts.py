# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the hosts of an inventory, with their variables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, InputError
from ansible_collections.devex.github.plugins.module_utils._github.owners import Owners
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._inventory.selection import (
    Selection,
    matches,
    matches_properties,
)
from ansible_collections.devex.github.plugins.module_utils._model import OwnedRepository, Properties
from ansible_collections.devex.github.plugins.module_utils._scope import organization

#: Variables by host, in types of JSON.
Hosts = dict[str, dict[str, Any]]


def hosts(session: Session, wanted: Selection) -> Hosts:
    """Return the selected repositories, by name.

    :raises InputError: a GitHub App cannot list repositories of users.
    :raises GitHubError: a list is not complete, or two repositories have the same name.
    """
    # A repository in several lists may have been renamed in the meantime. The last list has its present name.
    latest = {repo.id: repo for repo in _listed(session, wanted)}.values()
    selected = sorted((repo for repo in latest if matches(wanted, repo)), key=lambda repo: repo.full_name.lower())
    for repo, following in pairwise(selected):
        if repo.full_name.lower() == following.full_name.lower():
            raise GitHubError(
                f"GitHub listed two repositories as {repo.full_name}, with the IDs {repo.id} and {following.id}. One "
                "of them was probably renamed while they were listed. Run the command again."
            )
    if not wanted.gather_custom_properties:
        return {repo.full_name: variables(repo) for repo in selected}
    # Users have no custom properties. GitHub's list may omit a repository without any.
    organizations = sorted({repo.owner for repo in selected if repo.of_organization})
    properties = dict(chain.from_iterable(_owners(session, name).custom_properties(name) for name in organizations))
    pairs = ((repo, properties.get(repo.id, {})) for repo in selected)
    return {repo.full_name: variables(repo, its) for repo, its in pairs if matches_properties(wanted, its)}


def variables(repository: OwnedRepository, properties: Properties | None = None) -> dict[str, Any]:
    """Return the variables of a host. The prefix avoids names that Ansible reserves, such as C(tags)."""
    owner, dummy, name = repository.full_name.partition("/")
    basics = {
        "github_id": repository.id,
        "github_owner": owner,
        "github_name": name,
        "github_visibility": repository.visibility,
        "github_archived": repository.archived,
        "github_fork": repository.fork,
        "github_topics": [*repository.topics],
        "github_language": repository.language,
        "github_default_branch": repository.default_branch,
    }
    return basics if properties is None else {**basics, "github_custom_properties": dict(properties)}


def _listed(session: Session, wanted: Selection) -> Iterator[OwnedRepository]:
    if not wanted.organizations and not wanted.users:
        return _of_user(session).own()
    # A client of a user's repositories comes first, because a GitHub App fails there before a request.
    of_users = [(_of_user(session), name) for name in wanted.users]
    return chain(
        chain.from_iterable(_owners(session, name).of_organization(name) for name in wanted.organizations),
        chain.from_iterable(owners.of_user(name) for owners, name in of_users),
    )


def _owners(session: Session, name: str) -> Owners:
    return Owners(session.client(scope=organization(name)))


def _of_user(session: Session) -> Owners:
    try:
        return Owners(session.client())
    except InputError:
        raise InputError(
            "app_id: a GitHub App cannot list the repositories of a user. Set organizations, without users. If you "
            "need those of a user, set token instead of app_id."
        ) from None
