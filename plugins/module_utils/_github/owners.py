# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the repositories of organizations and users, and their custom properties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, NotFound
from ansible_collections.devex.github.plugins.module_utils._github.client import Client
from ansible_collections.devex.github.plugins.module_utils._github.refusal import missing
from ansible_collections.devex.github.plugins.module_utils._model import OwnedRepository, Properties
from ansible_collections.devex.github.plugins.module_utils._scope import Need, need
from ansible_collections.devex.github.plugins.module_utils._validation import is_repository, printable

# The oldest repositories come first. A repository created in the meantime does not shift the others between pages.
_ORDER = "&sort=created&direction=asc"
_MAY_SEE = Need(
    "scope repo (classic, for private repositories), or 'Metadata: read' (fine-grained)", form="Metadata: read"
)
_MAY_SEE_PROPERTIES = need("scope read:org", "Custom properties: read")
_VISIBILITIES = ("public", "private", "internal")
# Characters of a custom property's value.
_VALUE = 1000

_Value = TypeVar("_Value")


class Owners:
    """Lists for an inventory. Each method raises GitHubError.

    A malformed row fails the whole list, because a host that an inventory omits counts as absent.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def of_organization(self, name: str) -> Iterator[OwnedRepository]:
        """List an organization's repositories that the token may see."""
        return self._of(name, f"/orgs/{name}/repos", "organization")

    def of_user(self, name: str) -> Iterator[OwnedRepository]:
        """List a user's public repositories."""
        for repository in self._of(name, f"/users/{name}/repos", "user"):
            if repository.of_organization:
                raise GitHubError(f"{name} is an organization. List it in organizations, not in users.")
            yield repository

    def own(self) -> Iterator[OwnedRepository]:
        """List the repositories of the token's user and of others that the user works on, if the token may see them."""
        return map(_listed, self._rows("/user/repos", _ORDER, _MAY_SEE))

    def custom_properties(self, organization: str) -> Iterator[tuple[int, Properties]]:
        """Return the ID and the custom properties of an organization's repositories."""
        return map(_properties, self._rows(f"/orgs/{organization}/properties/values", "", _MAY_SEE_PROPERTIES))

    def _of(self, owner: str, path: str, kind: str) -> Iterator[OwnedRepository]:
        try:
            for row in self._rows(path, _ORDER, _MAY_SEE):
                repository = _listed(row)
                if repository.owner.lower() != owner.lower():
                    raise GitHubError(
                        f"GET {path}: GitHub listed {repository.full_name}, which does not belong to {owner}. If "
                        f"{owner} was renamed, use its present name."
                    )
                yield repository
        except NotFound as error:
            raise missing(kind, error) from error

    def _rows(self, path: str, query: str, need: Need) -> Iterator[Any]:
        for answer in self._client.pages(path, query=query, need=need):
            if answer.headers.get("X-GitHub-SSO", "").startswith("partial-results"):
                raise GitHubError(
                    f"GET {path}: GitHub omitted organizations that require SAML single sign-on. Authorize the token "
                    "for these organizations."
                )
            if not isinstance(answer.body, list):
                raise GitHubError(f"GET {path}: GitHub sent no list.")
            yield from answer.body


def _listed(row: Any) -> OwnedRepository:
    full_name = _required(row, "full_name", str)
    # The name becomes a part of paths.
    if not is_repository(full_name):
        raise GitHubError(f"GitHub sent a repository with an invalid name: {printable(full_name, 50)!r}.")
    visibility, permissions = _required(row, "visibility", str), row.get("permissions")
    if visibility not in _VISIBILITIES:
        raise GitHubError(f"GitHub sent an unknown visibility: {printable(visibility, 50)!r}.")
    return OwnedRepository(
        id=_required(row, "id", int),
        full_name=full_name,
        of_organization=_required(_required(row, "owner", dict), "type", str) == "Organization",
        visibility=visibility,
        archived=_required(row, "archived", bool),
        fork=_required(row, "fork", bool),
        topics=tuple(printable(topic) for topic in _required(row, "topics", list)),
        language=printable(row.get("language")) or None,
        default_branch=printable(row.get("default_branch")) or None,
        administered=None if permissions is None else _required(permissions, "admin", bool),
    )


def _properties(row: Any) -> tuple[int, Properties]:
    rows = _required(row, "properties", list)
    return _required(row, "repository_id", int), {
        printable(_required(one, "property_name", str)): _property_value(one.get("value")) for one in rows
    }


def _property_value(value: Any) -> str | list[str] | None:
    if isinstance(value, list):
        return [printable(one, _VALUE) for one in value]
    return None if value is None else printable(value, _VALUE)


def _required(row: Any, key: str, kind: type[_Value]) -> _Value:
    """Return a required field of this type."""
    value = row.get(key) if isinstance(row, dict) else None
    # In Python, a bool is an int.
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise GitHubError(f"GitHub sent a repository without a usable {key}.")
    return value
