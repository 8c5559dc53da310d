# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Codespaces secrets of one scope: the user, a repository or an organization."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nacl.public import PublicKey, SealedBox

from .github import GitHub, Reply, Unanswered

#: No secret, so no output can reveal one.
VALUE = "a throwaway value of make live"


@dataclass(frozen=True)
class Key:
    """A public key; `key` in base64."""

    key_id: str
    key: str

    @staticmethod
    def of(reply: Reply) -> Key:
        """Return the public key in a reply with status 200."""
        return Key(reply.part("key_id", str), reply.part("key", str))

    def seal(self, value: str) -> str:
        """Seal a value; returns base64.

        :raises Unanswered: it is not a public key.
        """
        try:
            return b64encode(SealedBox(PublicKey(b64decode(self.key))).encrypt(value.encode())).decode()
        except ValueError as error:
            raise Unanswered("the public key is not valid") from error


@dataclass(frozen=True)
class Secrets:
    """The secrets of a scope of some `kind`: user, repository or organization.

    `title` names the scope in the output. The page must not name it, because it may be private.
    `required`: the fields that a PUT requires in this scope, besides the value.
    """

    github: GitHub
    kind: str
    title: str
    path: str
    required: Mapping[str, str]

    def listing(self) -> Reply:
        """List the secrets. A scope holds at most 100, so one page is enough."""
        return self.github("GET", f"{self.path}?per_page=100")

    def get(self, name: str) -> Reply:
        return self.github("GET", f"{self.path}/{name}")

    def delete(self, name: str) -> Reply:
        return self.github("DELETE", f"{self.path}/{name}")

    def public_key(self) -> Reply:
        return self.github("GET", f"{self.path}/public-key")

    def put(self, name: str, key: Key, **fields: Any) -> Reply:
        """Write a secret without a value."""
        return self.github("PUT", f"{self.path}/{name}", {"key_id": key.key_id, **self.required, **fields})

    def put_value(self, name: str, key: Key, **fields: Any) -> Reply:
        """Write a secret with the throwaway value, sealed with a key."""
        return self.put(name, key, encrypted_value=key.seal(VALUE), **fields)

    def select(self, name: str, ids: list[int]) -> Reply:
        """Replace the list of repositories that may read a secret."""
        return self.github("PUT", f"{self.path}/{name}/repositories", {"selected_repository_ids": ids})

    def deselect(self, name: str, repository_id: int) -> Reply:
        """Remove one repository from the list."""
        return self.github("DELETE", f"{self.path}/{name}/repositories/{repository_id}")

    def selected(self, name: str, query: str = "") -> Reply:
        """Read the list of repositories that may read a secret."""
        return self.github("GET", f"{self.path}/{name}/repositories{query}")


def names(listing: Reply) -> list[str]:
    """Return the names in a list of secrets.

    :raises Unanswered: it is not a list of secrets.
    """
    return listing.column("name", "secrets")


def of_repository(github: GitHub, repository: str) -> Secrets:
    return Secrets(github, "repository", f"the repository {repository}", f"/repos/{repository}/codespaces/secrets", {})


def of_user(github: GitHub) -> Secrets:
    return Secrets(github, "user", "the user of the token", "/user/codespaces/secrets", {})


def of_organization(github: GitHub, organization: str) -> Secrets:
    path = f"/orgs/{organization}/codespaces/secrets"
    return Secrets(github, "organization", f"the organization {organization}", path, {"visibility": "selected"})
