# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scopes of secrets: a place and a consumer. Only this file builds paths of scopes.

A place is the user, a repository or an organization. GitHub keeps a separate store in it for each consumer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

#: The consumer whose secrets the single-secret modules manage.
CODESPACES = "codespaces"


@dataclass(frozen=True)
class Need:
    """The permissions that an endpoint requires, for errors in which GitHub does not report them."""

    #: The scope of a classic token, or the permission of a fine-grained one.
    permission: str
    #: The role that the token's user also needs.
    role: str | None = None
    #: The permission of a fine-grained token or an App, as GitHub's forms name it, with the level that the whole task
    #: needs. GitHub reports the level of one request.
    form: str | None = None


@dataclass(frozen=True)
class Consumer:
    """The differences between the stores that a place has for its consumers."""

    #: The permissions of a fine-grained token or an App: for a repository, and for an organization.
    permissions: tuple[str, str]
    #: The role that the token's user needs in a repository.
    role: str
    #: GitHub's limits of secrets in a repository, and in an organization; None: GitHub documents none.
    limits: tuple[int | None, int | None]
    #: The levels of the permissions that are enough to only read.
    levels_to_read: tuple[str, str] = ("read", "read")
    #: Whether GitHub requires the value to change the visibility of an organization's secret.
    visibility_needs_value: bool = False


#: All consumers, by the part of the path that is theirs.
CONSUMERS: Mapping[str, Consumer] = {
    CODESPACES: Consumer(
        ("Codespaces secrets", "Organization codespaces secrets"),
        "the admin role",
        (100, 100),
        levels_to_read=("write", "read"),
    ),
    "agents": Consumer(
        ("Agent secrets", "Organization agent secrets"),
        "the role of a collaborator",
        (None, None),
        visibility_needs_value=True,
    ),
    "dependabot": Consumer(
        ("Dependabot secrets", "Organization dependabot secrets"),
        "the role of a collaborator",
        (None, None),
    ),
    "actions": Consumer(
        ("Secrets", "Organization secrets"),
        "the role of a collaborator",
        (100, 1000),
        visibility_needs_value=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The secrets that a user, repository or organization has for one consumer, and the paths of their endpoints."""

    #: The name of its place in results.
    label: str
    #: The start of its paths.
    root: str
    #: The module that creates a secret in it.
    module: str
    need: Need
    #: Who uses the secrets: a key of CONSUMERS.
    consumer: str = CODESPACES
    #: GitHub's limit of secrets; None: GitHub documents none.
    limit: int | None = None
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
    #: Whether GitHub requires the value to change the visibility of a secret.
    visibility_needs_value: bool = False

    @property
    def title(self) -> str:
        """Its name in messages."""
        return self.label if self.consumer == CODESPACES else f"{self.label} ({self.consumer})"

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
        if self.user_id is not None:
            return f"{self.label.lower()}:{self.user_id}"
        return self.label.lower() if self.consumer == CODESPACES else f"{self.label.lower()}/{self.consumer}"

    # --- paths of endpoints ---

    @property
    def secrets(self) -> str:
        return f"{self.root}/{self.consumer}/secrets"

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


def user() -> Scope:
    """Return the scope of the token's user, who has secrets for Codespaces only."""
    return Scope(
        label="user",
        root="/user",
        module="devex.github.codespaces_user_secret",
        need=_user_need("write"),
        limit=100,
        has_repositories=True,
    )


def repository(full_name: str, consumer: str = CODESPACES) -> Scope:
    """Return the scope of the repository C(OWNER/REPO) for a consumer."""
    data = CONSUMERS[consumer]
    return Scope(
        label=f"repo:{full_name}",
        root=f"/repos/{full_name}",
        module=_module(consumer, "devex.github.codespaces_repo_secret"),
        need=_NEEDS[consumer][0],
        consumer=consumer,
        limit=data.limits[0],
        kind="repository",
        repository=full_name,
    )


def renamed(scope: Scope, full_name: str) -> Scope:
    """Return the scope of a renamed repository. Results and records keep the name from the playbook."""
    return replace(repository(full_name, scope.consumer), label=scope.label, need=scope.need)


def to_read(scope: Scope) -> Scope:
    """Return the scope for a task that only reads, so that errors ask for no more permissions."""
    if scope.is_users:
        return replace(scope, need=_user_need("read"))
    return replace(scope, need=_NEEDS_TO_READ[scope.consumer][scope.repository is None])


def organization(name: str, consumer: str = CODESPACES) -> Scope:
    """Return the scope of an organization for a consumer."""
    data = CONSUMERS[consumer]
    return Scope(
        label=f"org:{name}",
        root=f"/orgs/{name}",
        module=_module(consumer, "devex.github.codespaces_org_secret"),
        need=_NEEDS[consumer][1],
        consumer=consumer,
        limit=data.limits[1],
        kind="organization",
        has_repositories=True,
        has_visibility=True,
        visibility_needs_value=data.visibility_needs_value,
    )


def _module(consumer: str, single: str) -> str:
    """Return the module that creates a secret: the single-secret modules manage those of Codespaces only."""
    return single if consumer == CODESPACES else "devex.github.codespaces_secrets"


def need(classic: str, form: str, role: str | None = None) -> Need:
    """Return the permissions of a classic token, and of a fine-grained one or an App."""
    return Need(f"{classic} (classic), or '{form}' (fine-grained)", role, form)


def _user_need(level: str) -> Need:
    return need("scope codespace:secrets", f"Codespaces user secrets: {level}")


def _needs(consumer: Consumer, levels: tuple[str, str]) -> tuple[Need, Need]:
    """Return the permissions for the secrets of a repository, and of an organization."""
    forms = [f"{name}: {level}" for name, level in zip(consumer.permissions, levels, strict=True)]
    return (
        need(f"scope repo and {consumer.role}", forms[0], f"{consumer.role} of the repository"),
        need("scope admin:org", forms[1], "the role of an owner of the organization"),
    )


# Thousands of scopes share them.
_NEEDS = {name: _needs(consumer, ("write", "write")) for name, consumer in CONSUMERS.items()}
_NEEDS_TO_READ = {name: _needs(consumer, consumer.levels_to_read) for name, consumer in CONSUMERS.items()}
