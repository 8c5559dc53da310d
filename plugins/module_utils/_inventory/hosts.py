# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of an inventory, with their variables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError
from ansible_collections.devex.github.plugins.module_utils._github.owners import Owners
from ansible_collections.devex.github.plugins.module_utils._inventory.selection import Selection, takes, takes_with
from ansible_collections.devex.github.plugins.module_utils._model import OwnedRepository, Properties

#: Variables by host, in a form that JSON has.
Hosts = dict[str, dict[str, Any]]


def hosts(owners: Owners, wanted: Selection) -> Hosts:
    """The repositories that are asked for, by name.

    :raises GitHubError: a list is not complete, for whatever reason, or two repositories have the same name.
    """
    # A repository in several lists may have been renamed in the meantime. The last list has its present name.
    latest = {one.id: one for one in _listed(owners, wanted)}.values()
    taken = sorted((one for one in latest if takes(wanted, one)), key=lambda one: one.full_name.lower())
    for one, following in pairwise(taken):
        if one.full_name.lower() == following.full_name.lower():
            raise GitHubError(
                f"GitHub listed two repositories as {one.full_name}, with the IDs {one.id} and {following.id}. One of "
                "them was probably renamed while they were listed. Run it again."
            )
    if not wanted.gather_custom_properties:
        return {one.full_name: variables(one) for one in taken}
    # Users have none. GitHub lists a repository without any, or leaves it out.
    organizations = sorted({one.owner for one in taken if one.of_organization})
    properties = dict(chain.from_iterable(map(owners.custom_properties, organizations)))
    found = ((one, properties.get(one.id, {})) for one in taken)
    return {one.full_name: variables(one, its) for one, its in found if takes_with(wanted, its)}


def variables(repository: OwnedRepository, properties: Properties | None = None) -> dict[str, Any]:
    """The variables of a host; those that Ansible reserves, such as tags, have no such prefix."""
    owner, dummy, name = repository.full_name.partition("/")
    found = {
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
    return found if properties is None else {**found, "github_custom_properties": dict(properties)}


def _listed(owners: Owners, wanted: Selection) -> Iterator[OwnedRepository]:
    if not wanted.organizations and not wanted.users:
        return owners.own()
    return chain(
        chain.from_iterable(map(owners.of_organization, wanted.organizations)),
        chain.from_iterable(map(owners.of_user, wanted.users)),
    )
