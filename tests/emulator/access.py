# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens, and the permissions that requests require."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from . import errors

#: Tokens of a GitHub App act for a user who has authorized the app (``app_user``), or for the app (``installation``).
#: A JSON web token that the app has signed only serves to get tokens (``app``).
TokenKind = Literal["classic", "fine_grained", "app_user", "installation", "app"]
ScopeKind = Literal["user", "repo", "org"]

_IMPLIED = {"codespace": {"codespace:secrets"}, "repo": {"public_repo"}, "admin:org": {"write:org", "read:org"}}
_LEVELS = {"read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True)
class Token:
    """A token as GitHub knows it; `expires`: the time in the format of GitHub's header.

    Only a token of an installation has `installation`, its ID, and `owner`, the only account that the token serves.
    """

    kind: TokenKind = "classic"
    user: str = "octocat"
    scopes: tuple[str, ...] = ("admin:org", "codespace", "repo", "user")
    permissions: Mapping[str, str] = field(default_factory=dict)
    sso: str | None = None
    expires: str | None = None
    installation: int | None = None
    owner: str | None = None

    def has_scope(self, scope: str) -> bool:
        return scope in self.scopes or any(scope in _IMPLIED.get(held, ()) for held in self.scopes)

    def has_permission(self, name: str, level: str) -> bool:
        return _LEVELS.get(self.permissions.get(name, ""), 0) >= _LEVELS[level]

    def serves(self, owner: str) -> bool:
        return self.owner is None or self.owner.lower() == owner.lower()

    def sees_private(self) -> bool:
        return self.kind != "classic" or self.has_scope("repo")


# An unrecognised token, which has no scopes.
ANONYMOUS = Token(kind="fine_grained", user="", scopes=())


@dataclass(frozen=True)
class Need:
    """The requirements of an endpoint: one of `scopes`, or all of `permissions`.

    `installations`: whether the endpoint accepts installation tokens, which belong to no user.
    """

    scopes: tuple[str, ...] = ()
    permissions: tuple[tuple[str, str], ...] = ()
    installations: bool = True
    documentation: str = errors.DOCUMENTATION

    def headers(self, token: Token) -> dict[str, str]:
        """Return the headers with the required permissions. GitHub sends them with every answer."""
        if token.kind == "classic":
            return {"X-OAuth-Scopes": ", ".join(token.scopes), "X-Accepted-OAuth-Scopes": ", ".join(self.scopes)}
        if not self.permissions:
            return {}
        needed = ",".join(f"{name}={level}" for name, level in self.permissions)
        return {"X-Accepted-GitHub-Permissions": needed}

    def check(self, token: Token, missing_scope: int) -> None:
        """Raise GitHub's answer to a token without the permissions; `missing_scope` is 403 or 404."""
        if token.kind == "classic":
            if self.scopes and not any(token.has_scope(scope) for scope in self.scopes):
                raise errors.lacks_scope(missing_scope)
        elif token.kind == "installation" and not self.installations:
            raise errors.not_for_token(token.kind)
        else:
            for name, level in self.permissions:
                if not token.has_permission(name, level):
                    raise errors.not_for_token(token.kind)


# The permissions for the secrets of a repository and of an organization, by consumer.
_PERMISSIONS = {
    "agents": ("agent_secrets", "organization_agent_secrets"),
    "dependabot": ("dependabot_secrets", "organization_dependabot_secrets"),
    "actions": ("secrets", "organization_secrets"),
}


def secrets_need(kind: ScopeKind, consumer: str, *, write: bool, names_repository: bool) -> Need:
    """Return the requirements of a scope; `names_repository`: adding or removing one repository."""
    level = "write" if write else "read"
    if consumer in _PERMISSIONS:
        permission, scope = _PERMISSIONS[consumer][kind == "org"], "admin:org" if kind == "org" else "repo"
        page = f"https://docs.github.com/rest/{consumer}/secrets"
        return Need((scope,), ((permission, level),), documentation=page)
    page = "https://docs.github.com/rest/codespaces/"
    if kind == "repo":
        # Repositories have no read permission for Codespaces secrets, so reading requires write, too.
        return Need(("repo",), (("codespaces_secrets", "write"),), documentation=page + "repository-secrets")
    metadata = (("metadata", "read"),) if names_repository else ()
    if kind == "user":
        permissions = (("codespaces_user_secrets", level), *metadata)
        return Need(
            ("codespace", "codespace:secrets"), permissions, installations=False, documentation=page + "secrets"
        )
    permissions = (("organization_codespaces_secrets", level), *metadata)
    return Need(("admin:org",), permissions, documentation=page + "organization-secrets")
