# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where secrets live: the user, a repository or an organization; the only place that builds a path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote

#: As many secrets as GitHub holds for each.
SECRETS_A_SCOPE = 100


@dataclass(frozen=True)
class Need:
    """What an endpoint asks of a token, for when GitHub's answer does not say."""

    #: The scope of a classic token, or the permission of a fine-grained one.
    permission: str
    #: What the token's user has to be beside; None: nothing.
    role: str | None = None


@dataclass(frozen=True)
class Scope:
    """Where secrets live, and the only place that builds their paths.

    A further scope is a further function below.
    """

    #: How results name it.
    label: str
    #: What the paths of its endpoints start with.
    root: str
    #: The module that creates a secret in it.
    module: str
    #: What its endpoints ask of a token.
    need: Need
    #: What may be missing: a repository or an organization; None: it is always there.
    kind: str | None = None
    #: OWNER/REPO; None: it is no repository.
    repository: str | None = None
    #: The ID of the user whose secrets these are; None: they are no user's, or the ID is not known yet.
    user_id: int | None = None
    #: Whether each secret carries a list of the repositories that may read it.
    has_repositories: bool = False
    #: Whether a secret's visibility is ours to choose.
    has_visibility: bool = False

    def has_list(self, visibility: str | None) -> bool:
        """Whether a secret of this visibility has a list of repositories."""
        return self.has_repositories and (not self.has_visibility or visibility == "selected")

    @property
    def is_users(self) -> bool:
        """Whether the secrets are those of the token's user."""
        return self.root == "/user"

    @property
    def record_key(self) -> str:
        """What the fingerprint store calls it, in lower case: any number of users share one store."""
        return self.label.lower() if self.user_id is None else f"{self.label.lower()}:{self.user_id}"

    @property
    def secrets(self) -> str:
        """Path of all secrets."""
        return f"{self.root}/codespaces/secrets"

    @property
    def public_key(self) -> str:
        """Path of the key that values are sealed for."""
        return f"{self.secrets}/public-key"

    @property
    def devcontainers(self) -> str:
        """Path of the dev container configurations of a repository."""
        return f"{self.root}/codespaces/devcontainers"

    def file(self, path: str) -> str:
        """Path of a file of a repository.

        :arg path: in the repository, without dots for a directory.
        """
        return f"{self.root}/contents/{quote(path)}"

    def secret(self, name: str) -> str:
        """Path of one secret."""
        return f"{self.secrets}/{name}"

    def repositories(self, name: str) -> str:
        """Path of the repositories that may read a secret."""
        return f"{self.secret(name)}/repositories"

    def repository_access(self, name: str, repository_id: int) -> str:
        """Path of one repository's access to a secret."""
        return f"{self.repositories(name)}/{repository_id}"


def user() -> Scope:
    """Secrets of whoever the token belongs to."""
    return Scope(
        label="user",
        root="/user",
        module="devex.github.codespaces_user_secret",
        need=Need("scope codespace:secrets (classic), or 'Codespaces user secrets: write' (fine-grained)"),
        has_repositories=True,
    )


def repository(full_name: str) -> Scope:
    """Secrets of the repository C(OWNER/REPO)."""
    return Scope(
        label=f"repo:{full_name}",
        root=f"/repos/{full_name}",
        module="devex.github.codespaces_repo_secret",
        need=Need(
            "scope repo and the admin role (classic), or 'Codespaces secrets: write' (fine-grained)",
            role="the admin role of the repository",
        ),
        kind="repository",
        repository=full_name,
    )


def renamed(scope: Scope, full_name: str) -> Scope:
    """A repository's scope by the name that it has now; results and records keep the one that it was asked for by."""
    return replace(repository(full_name), label=scope.label)


def organization(name: str) -> Scope:
    """Secrets of an organization."""
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
