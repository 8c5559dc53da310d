# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the emulator: accounts, repositories and tokens, and the vault of each scope."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, get_args

from . import observed
from .access import ScopeKind, Token, TokenKind
from .clock import Clock
from .vault import CONSUMERS, Vault

DEFAULT_USER = "octocat"
DEFAULT_REPOSITORIES = {
    "octo-org/app": 1001,
    "octo-org/api": 1002,
    "octo-org/web": 1003,
    "octocat/hello-world": 1296269,
}

_ANY_TOKEN = Token()
FULL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_VISIBILITIES = ("public", "private", "internal")
#: The keys of a row that describe a repository.
_SETTABLE = ("archived", "hidden", "fork", "admin", "language", "default_branch", "properties", "files")


@dataclass(frozen=True)
class Account:
    """A user or an organization; `codespaces`: whether the plan of an organization includes Codespaces."""

    id: int
    login: str
    organization: bool
    codespaces: bool = True


@dataclass(frozen=True)
class Repository:
    """A repository; `hidden`: no token can see it; `admin`: the users of the tokens may administer it."""

    id: int
    owner: Account
    name: str
    visibility: str = "public"
    archived: bool = False
    hidden: bool = False
    fork: bool = False
    admin: bool = True
    topics: tuple[str, ...] = ()
    language: str | None = None
    default_branch: str = "main"
    #: The custom properties: a text, or a list of texts.
    properties: Mapping[str, str | list[str]] = field(default_factory=dict)
    #: The files by path; see `contents`.
    files: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def private(self) -> bool:
        return self.visibility != "public"


class GitHub:
    """The whole state. `repositories`: further initial repositories."""

    def __init__(self, repositories: Sequence[Mapping[str, Any]] = ()) -> None:
        self._further = tuple(repositories)
        self.reset()

    def reset(self) -> None:
        """Restore the initial state."""
        self.clock = Clock()
        self.switches = observed.switches()
        self.tokens: dict[str, Token] = {}
        self.accounts: dict[str, Account] = {}
        self.repositories: dict[int, Repository] = {}
        self._ids_by_name: dict[str, int] = {}
        self._vaults: dict[tuple[ScopeKind, int, str], Vault] = {}
        self._next_id = 2000
        self.account(DEFAULT_USER, organization=False)
        self.account("octo-org", organization=True)
        for full_name, repository_id in DEFAULT_REPOSITORIES.items():
            self.upsert_repository({"full_name": full_name, "id": repository_id})
        for row in self._further:
            self.upsert_repository(row)

    def token(self, text: str) -> Token | None:
        """Return a token. If no tokens are registered, any text is a token with all permissions."""
        return self.tokens.get(text) if self.tokens else _ANY_TOKEN

    def register_tokens(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        tokens = {}
        for text, row in rows.items():
            unknown = set(row) - {one.name for one in fields(Token)}
            if unknown:
                raise ValueError(f"a token has no {', '.join(sorted(unknown))}")
            given = {**row, "scopes": tuple(row.get("scopes") or ()), "permissions": dict(row.get("permissions") or {})}
            if "scopes" not in row and row.get("kind", "classic") == "classic":
                del given["scopes"]
            tokens[text] = Token(**given)
            if tokens[text].kind not in get_args(TokenKind):
                raise ValueError(f"there is no kind of token {tokens[text].kind!r}")
            self.account(tokens[text].user, organization=False)
        self.tokens = tokens

    def account(self, login: str, *, organization: bool) -> Account:
        """Return the account with this name, and create it if it does not exist."""
        found = self.accounts.get(login.lower())
        if found is None:
            found = self.accounts[login.lower()] = Account(len(self.accounts) + 1, login, organization)
        return found

    def set_organization(self, name: str, *, codespaces: bool) -> Account:
        found = replace(self.account(name, organization=True), codespaces=codespaces)
        if not found.organization:
            raise ValueError(f"{name} is a user")
        self.accounts[name.lower()] = found
        return found

    def organization(self, name: str) -> Account | None:
        """Return the organization with this name."""
        found = self.accounts.get(name.lower())
        return found if found and found.organization else None

    def account_of(self, account_id: int) -> Account | None:
        """Return the account with this ID."""
        return next((one for one in self.accounts.values() if one.id == account_id), None)

    def repository(self, repository_id: int) -> Repository | None:
        """Return the repository with this ID, unless it is hidden."""
        found = self.repositories.get(repository_id)
        return None if found is None or found.hidden else found

    def repository_named(self, full_name: str) -> Repository | None:
        """Return the repository with this present or former name, unless it is hidden. Its `full_name` is present."""
        return self.repository(self._ids_by_name.get(full_name.lower(), 0))

    def upsert_repository(self, row: Mapping[str, Any]) -> None:
        """Add, change or rename a repository. Raise ValueError for an invalid row."""
        unknown = set(row) - {"full_name", "id", "renamed_to", "private", "visibility", "topics", *_SETTABLE}
        full_name = row.get("full_name")
        if unknown or not isinstance(full_name, str) or not FULL_NAME.fullmatch(full_name):
            raise ValueError(f"not a repository: {dict(row)!r}")
        found = self.repositories.get(self._ids_by_name.get(full_name.lower(), 0))
        if found is not None and found.full_name.lower() != full_name.lower():
            found = None  # The former name is free for another repository.
        if found is None:
            repository_id = row.get("id") or self._new_id()
            if repository_id in self.repositories:
                raise ValueError(f"{repository_id} is {self.repositories[repository_id].full_name}")
            found = self._named(Repository(repository_id, Account(0, "", True), ""), full_name)
        elif row.get("id", found.id) != found.id:
            raise ValueError(f"{full_name} is {found.id}")
        if row.get("renamed_to"):
            found = self._named(found, row["renamed_to"])
        self.repositories[found.id] = replace(
            found,
            visibility=_visibility(row, found.visibility),
            topics=tuple(row.get("topics", found.topics)),
            **{name: row[name] for name in _SETTABLE if name in row},
        )

    def vault(self, kind: ScopeKind, owner_id: int, consumer: str = "codespaces") -> Vault:
        """Return the secrets of a user, a repository or an organization for a consumer."""
        found = self._vaults.get((kind, owner_id, consumer))
        if found is None:
            found = Vault(kind, consumer, self.clock, self.switches, self._exists)
            self._vaults[kind, owner_id, consumer] = found
        return found

    def scopes(self) -> dict[str, Vault]:
        """Return every scope: ``user``, ``user:LOGIN`` for further users, ``repo:OWNER/REPO``, ``org:NAME``.

        These are the secrets for Codespaces. Scopes of other consumers end in ``/CONSUMER``.
        """
        found: dict[str, Vault] = {}
        for account in self.accounts.values():
            if account.organization:
                found |= self._of_consumers(f"org:{account.login}", "org", account.id)
            else:
                name = "user" if account.login == DEFAULT_USER else f"user:{account.login}"
                found[name] = self.vault("user", account.id)
        for repository in self.repositories.values():
            found |= self._of_consumers(f"repo:{repository.full_name}", "repo", repository.id)
        return found

    def _of_consumers(self, name: str, kind: ScopeKind, owner_id: int) -> dict[str, Vault]:
        others = [consumer for consumer in CONSUMERS if consumer != "codespaces"]
        return {
            name: self.vault(kind, owner_id),
            **{f"{name}/{consumer}": self.vault(kind, owner_id, consumer) for consumer in others},
        }

    def scope(self, name: str) -> Vault:
        """Return the scope with this name in any case. Raise ValueError if it does not exist."""
        wanted = "user" if name.lower() == f"user:{DEFAULT_USER}" else name.lower()
        for one, vault in self.scopes().items():
            if one.lower() == wanted:
                return vault
        raise ValueError(f"there is no scope {name!r}, only {', '.join(self.scopes())}")

    def _exists(self, repository_id: int) -> bool:
        return self.repository(repository_id) is not None

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def _named(self, repository: Repository, full_name: str) -> Repository:
        if not FULL_NAME.fullmatch(full_name):
            raise ValueError(f"not OWNER/REPO: {full_name!r}")
        owner, _slash, name = full_name.partition("/")
        self._ids_by_name[full_name.lower()] = repository.id
        return replace(repository, owner=self.account(owner, organization=True), name=name)


def _visibility(row: Mapping[str, Any], before: str) -> str:
    """Return the visibility in a row; `private` is a short form."""
    if "private" in row:
        before = "private" if row["private"] else "public"
    visibility = str(row.get("visibility", before))
    if visibility not in _VISIBILITIES:
        raise ValueError(f"{visibility} is not one of {', '.join(_VISIBILITIES)}")
    return visibility
