# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the emulated GitHub holds, and its rules: accounts, repositories, tokens, and the secrets of each scope."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from . import errors
from .access import ScopeKind, Token

MAX_SECRETS = 100
MAX_VALUE_BYTES = 48 * 1024
VISIBILITIES = ("all", "private", "selected")
DEFAULT_USER = "octocat"
DEFAULT_REPOSITORIES = {
    "octo-org/app": 1001,
    "octo-org/api": 1002,
    "octo-org/web": 1003,
    "octocat/hello-world": 1296269,
}

_ANY_TOKEN = Token()
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BASE64_SOURCE = r"^(?:[A-Za-z0-9+\/]{4})*(?:[A-Za-z0-9+\/]{2}==|[A-Za-z0-9+\/]{3}=|[A-Za-z0-9+\/]{4})$"
_BASE64 = re.compile(_BASE64_SOURCE[1:-1])
_FULL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


class Clock:
    """The emulator's own time: real time, moved on by `advance`."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self.offset


def _one_of(*choices: object) -> dict[str, object]:
    return {"choices": choices}


@dataclass
class Switches:
    """What nobody has established about GitHub, one side each; the default is the likelier one."""

    omitted_ids_on_update: str = field(default="clear", metadata=_one_of("clear", "keep"))
    put_without_value: str = field(default="accept", metadata=_one_of("accept", "refuse"))
    unknown_id: int = field(default=404, metadata=_one_of(404, 422))
    remove_absent_repository: int = field(default=204, metadata=_one_of(204, 404))
    selected_ids_cap: int | None = field(default=None, metadata={"types": (int, type(None))})
    user_repositories_paged: bool = field(default=False, metadata=_one_of(False, True))
    stale_key: str = field(default="refuse", metadata=_one_of("refuse", "accept"))
    list_change_moves_updated_at: bool = field(default=True, metadata=_one_of(True, False))
    etags: bool = field(default=True, metadata=_one_of(True, False))
    missing_scope: int = field(default=403, metadata=_one_of(403, 404))
    lag: float = field(default=0.0, metadata={"types": (int, float)})
    latency: float = field(default=0.0, metadata={"types": (int, float)})
    timestamps: str = field(default="z", metadata=_one_of("z", "offset"))

    def change(self, values: Mapping[str, object]) -> None:
        """Set some; ValueError for a name or a value that there is not."""
        known = {one.name: one.metadata for one in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"there is no switch {name!r}, only {', '.join(known)}")
            choices, types = known[name].get("choices"), known[name].get("types", ())
            # Not only equal: 1 is not True here.
            if choices and not any(value == choice and type(value) is type(choice) for choice in choices):
                raise ValueError(f"{name} is one of {choices}, not {value!r}")
            if types and (not isinstance(value, types) or isinstance(value, bool)):
                raise ValueError(f"{name} is a number, not {value!r}")
        for name, value in values.items():
            setattr(self, name, value)


@dataclass(frozen=True)
class Account:
    """A user or an organization; `codespaces` is false for an organization whose plan has none."""

    id: int
    login: str
    organization: bool
    codespaces: bool = True


@dataclass(frozen=True)
class Repository:
    """`hidden`: no token can see it."""

    id: int
    owner: Account
    name: str
    private: bool = False
    archived: bool = False
    hidden: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"


@dataclass(frozen=True)
class Secret:
    """A secret with its plaintext. Times are whole seconds since the epoch; `writes` counts values sent to the API."""

    name: str
    value: str
    created_at: int
    updated_at: int
    visibility: str | None = None
    repository_ids: tuple[int, ...] = ()
    writes: int = 0


class Vault:
    """The secrets and the key pairs of one scope.

    A repository's secrets have neither visibility nor repositories, a user's are always ``selected``, and an
    organization's have one of `VISIBILITIES`.
    """

    def __init__(self, github: GitHub, kind: ScopeKind) -> None:
        self.github = github
        self.kind = kind
        self.secrets: dict[str, Secret] = {}
        self.rotations = 0
        self._keys: dict[str, PrivateKey] = {}
        self._earlier: list[tuple[float, dict[str, Secret]]] = []

    @property
    def key_id(self) -> str:
        """Every scope starts with the same one, as GitHub was seen to do: only the keys themselves differ."""
        return str(12345678912345678 + self.rotations).rjust(18, "0")

    def key(self) -> PrivateKey:
        """The present key pair, made when it is first asked for."""
        key = self._keys.get(self.key_id)
        if key is None:
            key = self._keys[self.key_id] = PrivateKey.generate()
        return key

    def rotate_key(self) -> str:
        self.rotations += 1
        return self.key_id

    def read(self) -> Mapping[str, Secret]:
        """What a reader is shown: with a lag, the secrets as they were before the writes of the last seconds."""
        horizon = self.github.clock.now() - self.github.switches.lag
        while self._earlier and self._earlier[0][0] <= horizon:
            self._earlier.pop(0)
        return self._earlier[0][1] if self._earlier else self.secrets

    def listed(self) -> list[Secret]:
        """What a reader is shown, by name."""
        return sorted(self.read().values(), key=lambda secret: secret.name)

    def shown(self, name: str) -> Secret:
        return _existing(self.read(), name)

    def put(self, name: str, body: Mapping[str, object]) -> bool:
        """Create or update a secret from a request's body; true if it was created."""
        key_id = body.get("key_id")
        if "key_id" not in body:
            raise errors.unprocessable('"key_id" wasn\'t supplied.')
        if not isinstance(key_id, str):
            raise errors.unprocessable(f"For 'properties/key_id', {_shown(key_id)} is not a string.")
        name = _checked_name(name)
        before = self.secrets.get(name)
        visibility = self._sent_visibility(body)
        value = self._opened(key_id, body)
        ids = self._sent_ids(body, before, visibility)
        if before is None and value is None:
            raise errors.unprocessable('"encrypted_value" wasn\'t supplied.')
        if value is None and self.github.switches.put_without_value == "refuse":
            raise errors.unprocessable('"encrypted_value" wasn\'t supplied.')
        if before is None and len(self.secrets) >= MAX_SECRETS:
            raise errors.Refused(422, f"You have reached the maximum number of secrets ({MAX_SECRETS}).")
        now = int(self.github.clock.now())
        if before is None:
            self._store(name, Secret(name, value or "", now, now, visibility, ids, 1))
        elif value is None:
            self._store(name, self._with_access(before, visibility, ids))
        else:
            access = replace(before, visibility=visibility, repository_ids=ids)
            self._store(name, replace(access, value=value, updated_at=now, writes=before.writes + 1))
        return before is None

    def delete(self, name: str) -> None:
        _existing(self.secrets, name)
        self._store(name.upper(), None)

    def set_repositories(self, name: str, body: Mapping[str, object]) -> None:
        secret = self._selected(name)
        if "selected_repository_ids" not in body:
            raise errors.unprocessable('"selected_repository_ids" wasn\'t supplied.')
        self._store(secret.name, self._with_access(secret, secret.visibility, self._checked_ids(body)))

    def add_repository(self, name: str, repository_id: int) -> None:
        secret = self._selected(name)
        ids = self._checked_ids({"selected_repository_ids": [*secret.repository_ids, repository_id]})
        self._store(secret.name, self._with_access(secret, secret.visibility, ids))

    def remove_repository(self, name: str, repository_id: int) -> None:
        secret = self._selected(name)
        if repository_id not in secret.repository_ids:
            if self.github.switches.remove_absent_repository == 404:
                raise errors.not_found()
            return
        ids = tuple(one for one in secret.repository_ids if one != repository_id)
        self._store(secret.name, self._with_access(secret, secret.visibility, ids))

    def edit(self, name: str, changes: Mapping[str, Any]) -> None:
        """Somebody else's edit: moves ``updated_at``, creates what is not there. ValueError if it makes no sense."""
        name = name.upper()
        if changes.get("delete"):
            if name not in self.secrets:
                raise ValueError(f"there is no secret {name}")
            self._store(name, None)
            return
        now = int(self.github.clock.now())
        before = self.secrets.get(name)
        if before is None:
            default = {"user": "selected", "org": "private"}.get(self.kind)
            before = Secret(name, "", now, now, default)
        self._store(
            name,
            replace(
                before,
                updated_at=now,
                value=changes.get("value", before.value),
                visibility=changes.get("visibility", before.visibility),
                repository_ids=tuple(sorted(changes.get("repository_ids", before.repository_ids))),
            ),
        )

    def forget_repository(self, repository_id: int) -> None:
        """Drop a repository that was deleted from every secret's list."""
        for secret in self.secrets.values():
            if repository_id in secret.repository_ids:
                ids = tuple(one for one in secret.repository_ids if one != repository_id)
                self.secrets = {**self.secrets, secret.name: replace(secret, repository_ids=ids)}

    def _store(self, name: str, secret: Secret | None) -> None:
        if self.github.switches.lag:
            self._earlier.append((self.github.clock.now(), dict(self.secrets)))
        if secret is None:
            del self.secrets[name]
        else:
            self.secrets[name] = secret

    def _with_access(self, secret: Secret, visibility: str | None, ids: tuple[int, ...]) -> Secret:
        if (visibility, ids) == (secret.visibility, secret.repository_ids):
            return secret
        moves = self.github.switches.list_change_moves_updated_at
        updated_at = int(self.github.clock.now()) if moves else secret.updated_at
        return replace(secret, visibility=visibility, repository_ids=ids, updated_at=updated_at)

    def _selected(self, name: str) -> Secret:
        secret = _existing(self.secrets, name)
        if secret.visibility != "selected":
            raise errors.not_selected()
        return secret

    def _sent_visibility(self, body: Mapping[str, object]) -> str | None:
        if self.kind != "org":
            return "selected" if self.kind == "user" else None
        if "visibility" not in body:
            raise errors.unprocessable('"visibility" wasn\'t supplied.')
        visibility = body["visibility"]
        if not isinstance(visibility, str) or visibility not in VISIBILITIES:
            raise errors.unprocessable(f"{_shown(visibility)} is not a member of {json.dumps(VISIBILITIES)}.")
        return visibility

    def _sent_ids(self, body: Mapping[str, object], before: Secret | None, visibility: str | None) -> tuple[int, ...]:
        if self.kind == "repo":
            return ()
        if "selected_repository_ids" in body:
            ids = self._checked_ids(body)
            if ids and visibility != "selected":
                raise errors.Refused(422, "selected_repository_ids can only be provided if visibility is 'selected'")
            return ids
        kept = before is not None and visibility == "selected" and self.github.switches.omitted_ids_on_update == "keep"
        return before.repository_ids if kept and before is not None else ()

    def _checked_ids(self, body: Mapping[str, object]) -> tuple[int, ...]:
        sent = body["selected_repository_ids"]
        if not isinstance(sent, list):
            raise errors.unprocessable(f"For 'properties/selected_repository_ids', {_shown(sent)} is not an array.")
        ids = set()
        for one in sent:
            if isinstance(one, bool) or not (isinstance(one, int) or (isinstance(one, str) and one.isdecimal())):
                raise errors.unprocessable(f"For 'items', {_shown(one)} is not an integer.")
            ids.add(int(one))
        cap = self.github.switches.selected_ids_cap
        if cap is not None and len(ids) > cap:
            raise errors.Refused(422, f"You can select at most {cap} repositories for a secret.")
        if any(self.github.repository(one) is None for one in ids):
            if self.github.switches.unknown_id == 404:
                raise errors.not_found()
            missing = {"resource": "Repository", "field": "id", "code": "missing"}
            raise errors.Refused(422, "Validation Failed", errors=[missing])
        return tuple(sorted(ids))

    def _opened(self, key_id: str, body: Mapping[str, object]) -> str | None:
        """The plaintext of the sealed box that was sent; None if none was."""
        if "encrypted_value" not in body:
            return None
        sealed = body["encrypted_value"]
        if not isinstance(sealed, str):
            raise errors.unprocessable(f"For 'properties/encrypted_value', {_shown(sealed)} is not a string.")
        if not _BASE64.fullmatch(sealed):
            raise errors.unprocessable(f"{sealed} does not match /{_BASE64_SOURCE}/.")
        key = self._keys.get(key_id)
        if key is None or (key_id != self.key_id and self.github.switches.stale_key == "refuse"):
            raise errors.improperly_encrypted()
        try:
            value = SealedBox(key).decrypt(base64.b64decode(sealed))
        except (CryptoError, ValueError):
            raise errors.improperly_encrypted() from None
        if len(value) > MAX_VALUE_BYTES:
            raise errors.Refused(422, "Secret value is too large: the limit is 48 KB.")
        return value.decode("utf-8", "backslashreplace")


class GitHub:
    """All of it. `repositories` are further ones to have from the start, `latency` is in seconds."""

    def __init__(self, repositories: Sequence[str] = (), latency: float = 0.0) -> None:
        self._initial = (tuple(repositories), latency)
        self.reset()

    def reset(self) -> None:
        """Back to the initial state."""
        repositories, latency = self._initial
        self.clock = Clock()
        self.switches = Switches(latency=latency)
        self.tokens: dict[str, Token] = {}
        self.accounts: dict[str, Account] = {}
        self.repositories: dict[int, Repository] = {}
        self._ids_by_name: dict[str, int] = {}
        self._vaults: dict[tuple[ScopeKind, int], Vault] = {}
        self._next_id = 2000
        self.account(DEFAULT_USER, organization=False)
        self.account("octo-org", organization=True)
        for full_name, repository_id in DEFAULT_REPOSITORIES.items():
            self.upsert_repository({"full_name": full_name, "id": repository_id})
        for full_name in repositories:
            self.upsert_repository({"full_name": full_name})

    def token(self, text: str) -> Token | None:
        """The token as it is known; as long as none is registered, every text is a token that may do everything."""
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
            if tokens[text].kind not in ("classic", "fine_grained", "installation"):
                raise ValueError(f"there is no kind of token {tokens[text].kind!r}")
            self.account(tokens[text].user, organization=False)
        self.tokens = tokens

    def account(self, login: str, *, organization: bool) -> Account:
        """The account of that name, made if there is none."""
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
        """The organization of that name, if it is one that has Codespaces."""
        found = self.accounts.get(name.lower())
        return found if found and found.organization and found.codespaces else None

    def repository(self, repository_id: int) -> Repository | None:
        """The repository of that ID, unless it is hidden."""
        found = self.repositories.get(repository_id)
        return None if found is None or found.hidden else found

    def repository_named(self, full_name: str) -> Repository | None:
        """The repository that has or once had this name, unless it is hidden; its `full_name` tells which."""
        return self.repository(self._ids_by_name.get(full_name.lower(), 0))

    def upsert_repository(self, row: Mapping[str, Any]) -> None:
        """Add, change, rename or delete one; ValueError for a row that makes no sense."""
        unknown = set(row) - {"full_name", "id", "private", "archived", "hidden", "renamed_to", "delete"}
        full_name = row.get("full_name")
        if unknown or not isinstance(full_name, str) or not _FULL_NAME.fullmatch(full_name):
            raise ValueError(f"not a repository: {dict(row)!r}")
        found = self.repositories.get(self._ids_by_name.get(full_name.lower(), 0))
        if found is not None and found.full_name.lower() != full_name.lower():
            found = None  # the name was given up, another repository can have it
        if row.get("delete"):
            if found is not None:
                self._delete_repository(found.id)
            return
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
            private=bool(row.get("private", found.private)),
            archived=bool(row.get("archived", found.archived)),
            hidden=bool(row.get("hidden", found.hidden)),
        )

    def vault(self, kind: ScopeKind, owner_id: int) -> Vault:
        """The secrets of a user, a repository or an organization."""
        found = self._vaults.get((kind, owner_id))
        if found is None:
            found = self._vaults[kind, owner_id] = Vault(self, kind)
        return found

    def scopes(self) -> dict[str, Vault]:
        """Every scope: ``user``, ``user:LOGIN`` for further users, ``repo:OWNER/REPO``, ``org:NAME``."""
        found = {}
        for account in self.accounts.values():
            if account.organization:
                found[f"org:{account.login}"] = self.vault("org", account.id)
            else:
                name = "user" if account.login == DEFAULT_USER else f"user:{account.login}"
                found[name] = self.vault("user", account.id)
        for repository in self.repositories.values():
            found[f"repo:{repository.full_name}"] = self.vault("repo", repository.id)
        return found

    def scope(self, name: str) -> Vault:
        """The scope of that name, case ignored; ValueError if there is none."""
        wanted = "user" if name.lower() == f"user:{DEFAULT_USER}" else name.lower()
        for one, vault in self.scopes().items():
            if one.lower() == wanted:
                return vault
        raise ValueError(f"there is no scope {name!r}, only {', '.join(self.scopes())}")

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def _named(self, repository: Repository, full_name: str) -> Repository:
        if not _FULL_NAME.fullmatch(full_name):
            raise ValueError(f"not OWNER/REPO: {full_name!r}")
        owner, _slash, name = full_name.partition("/")
        self._ids_by_name[full_name.lower()] = repository.id
        return replace(repository, owner=self.account(owner, organization=True), name=name)

    def _delete_repository(self, repository_id: int) -> None:
        del self.repositories[repository_id]
        self._ids_by_name = {name: one for name, one in self._ids_by_name.items() if one != repository_id}
        self._vaults.pop(("repo", repository_id), None)
        for vault in self._vaults.values():
            vault.forget_repository(repository_id)


def _existing(secrets: Mapping[str, Secret], name: str) -> Secret:
    secret = secrets.get(name.upper())
    if secret is None:
        raise errors.not_found()
    return secret


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise errors.Refused(
            422,
            "Secret names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). "
            "Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_).",
        )
    if name.upper().startswith("GITHUB_"):
        raise errors.Refused(422, "Secret names must not start with GITHUB_.")
    return name.upper()


def _shown(value: object) -> str:
    """A value as GitHub, which is written in Ruby, puts it into its texts."""
    return "nil" if value is None else str(value)
