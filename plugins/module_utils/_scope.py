# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scopes of secrets: the user, a repository or an organization. Only this file builds paths of scopes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote

#: GitHub's limit of secrets in each scope.
SECRETS_A_SCOPE = 100


@dataclass(frozen=True)
class Need:
    """The permissions that an endpoint requires, for errors in which GitHub does not report them."""

    #: The scope of a classic token, or the permission of a fine-grained one.
    permission: str
    #: The role that the token's user also needs.
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """A user, repository or organization that has secrets, and the paths of its endpoints."""

    #: Its name in results.
    label: str
    #: The start of its paths.
    root: str
    #: The module that creates a secret in it.
    module: str
    need: Need
    #: repository or organization, for the error if it does not exist; None: it always exists.
    kind: str | None = None
    #: OWNER/REPO; None: not a repository.
    repository: str | None = None
    #: None: not a user, or not known yet.
    user_id: int | None = None
    #: Whether secrets can have a list of the repositories that may read them.
    has_repositories: bool = False
    #: Whether secrets have a visibility that can be set.
    has_visibility: bool = False

    def has_list(self, visibility: str | None) -> bool:
        """Return whether a secret of this visibility has a list of repositories."""
        return self.has_repositories and (not self.has_visibility or visibility == "selected")

    @property
    def is_users(self) -> bool:
        """Whether the secrets are those of the token's user."""
        return self.root == "/user"

    @property
    def owner(self) -> str | None:
        """The organization, or the owner of the repository; None: a user."""
        return None if self.is_users else self.root.split("/")[2]

    @property
    def record_key(self) -> str:
        """Its name in the fingerprint store, in lower case. Users have their ID in it, because they share a store."""
        return self.label.lower() if self.user_id is None else f"{self.label.lower()}:{self.user_id}"

    # --- paths of endpoints ---

    @property
    def secrets(self) -> str:
        return f"{self.root}/codespaces/secrets"

    @property
    def public_key(self) -> str:
        return f"{self.secrets}/public-key"

    @property
    def devcontainers(self) -> str:
        return f"{self.root}/codespaces/devcontainers"

    def file(self, path: str) -> str:
        """Return the path of a file of a repository. The file must pass is_file()."""
        return f"{self.root}/contents/{quote(path)}"

    def secret(self, name: str) -> str:
        return f"{self.secrets}/{name}"

    def repositories(self, name: str) -> str:
        return f"{self.secret(name)}/repositories"

    def repository_access(self, name: str, repository_id: int) -> str:
        return f"{self.repositories(name)}/{repository_id}"


_REPOSITORY_NEED = Need(
    "scope repo and the admin role (classic), or 'Codespaces secrets: write' (fine-grained)",
    role="the admin role of the repository",
)


def user() -> Scope:
    """Return the scope of the token's user."""
    return Scope(
        label="user",
        root="/user",
        module="devex.github.codespaces_user_secret",
        need=Need("scope codespace:secrets (classic), or 'Codespaces user secrets: write' (fine-grained)"),
        has_repositories=True,
    )


def repository(full_name: str) -> Scope:
    """Return the scope of the repository C(OWNER/REPO)."""
    return Scope(
        label=f"repo:{full_name}",
        root=f"/repos/{full_name}",
        module="devex.github.codespaces_repo_secret",
        need=_REPOSITORY_NEED,
        kind="repository",
        repository=full_name,
    )


def renamed(scope: Scope, full_name: str) -> Scope:
    """Return the scope of a renamed repository. Results and records keep the name from the playbook."""
    return replace(repository(full_name), label=scope.label)


def organization(name: str) -> Scope:
    """Return the scope of an organization."""
    return Scope(
        label=f"org:{name}",
        root=f"/orgs/{name}",
        module="devex.github.codespaces_org_secret",
        need=Need(
            "scope admin:org (classic), or 'Organization codespaces secrets: write' (fine-grained)",
            role="the role of an owner of the organization",
        ),
        kind="organization",
        has_repositories=True,
        has_visibility=True,
    )
