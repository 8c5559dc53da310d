# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub's rules for the secrets of one scope."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from . import errors
from .access import ScopeKind
from .clock import Clock
from .switches import Switches

#: The consumers of secrets, with GitHub's limits for a repository or a user, and for an organization; None: no limit.
CONSUMERS: Mapping[str, tuple[int | None, int | None]] = {
    "codespaces": (100, 100),
    "agents": (None, None),
    "dependabot": (None, None),
    "actions": (100, 1000),
}
# For these, GitHub's description requires a value in each write.
_ALWAYS_WITH_VALUE = ("agents", "actions")
MAX_VALUE_BYTES = 48 * 1024
VISIBILITIES = ("all", "private", "selected")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BASE64_SOURCE = r"^(?:[A-Za-z0-9+\/]{4})*(?:[A-Za-z0-9+\/]{2}==|[A-Za-z0-9+\/]{3}=|[A-Za-z0-9+\/]{4})$"
_BASE64 = re.compile(_BASE64_SOURCE[1:-1])


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
    organization's have one of `VISIBILITIES`. `exists` returns whether a repository with an ID exists.
    """

    def __init__(
        self, kind: ScopeKind, consumer: str, clock: Clock, switches: Switches, exists: Callable[[int], bool]
    ) -> None:
        self.kind = kind
        self.consumer = consumer
        self._clock = clock
        self._switches = switches
        self._exists = exists
        self.secrets: dict[str, Secret] = {}
        self.rotations = 0
        self._keys: dict[str, PrivateKey] = {}
        self._earlier: list[tuple[float, dict[str, Secret]]] = []

    @property
    def key_id(self) -> str:
        """Return the ID of the key. All scopes start with the same ID, as at GitHub, and only the keys differ."""
        return str(12345678912345678 + self.rotations).rjust(18, "0")

    def key(self) -> PrivateKey:
        """Return the present key pair, which is created at the first call."""
        key = self._keys.get(self.key_id)
        if key is None:
            key = self._keys[self.key_id] = PrivateKey.generate()
        return key

    def rotate_key(self) -> str:
        self.rotations += 1
        return self.key_id

    def read(self) -> Mapping[str, Secret]:
        """Return the secrets as late reads show them. With a lag, these are the secrets before the latest writes."""
        horizon = self._clock.now() - self._switches.lag
        while self._earlier and self._earlier[0][0] <= horizon:
            self._earlier.pop(0)
        return self._earlier[0][1] if self._earlier else self.secrets

    def listed(self) -> list[Secret]:
        """Return a secret as lists show it, by name."""
        return sorted(self.read().values(), key=lambda secret: secret.name)

    def shown(self, name: str) -> Secret:
        late = self._switches.late_reads == "all"
        return _existing(self.read() if late else self.secrets, name)

    def put(self, name: str, body: Mapping[str, object]) -> bool:
        """Create or update a secret from a request's body. Return whether it was created."""
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
        if value is None and (self._switches.put_without_value == "refuse" or self.consumer in _ALWAYS_WITH_VALUE):
            raise errors.unprocessable('"encrypted_value" wasn\'t supplied.')
        most = CONSUMERS[self.consumer][self.kind == "org"]
        if before is None and most is not None and len(self.secrets) >= most:
            raise errors.Refused(422, f"You have reached the maximum number of secrets ({most}).")
        now = int(self._clock.now())
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
            if self._switches.remove_absent_repository == 404:
                raise errors.not_found()
            return
        ids = tuple(one for one in secret.repository_ids if one != repository_id)
        self._store(secret.name, self._with_access(secret, secret.visibility, ids))

    def edit(self, name: str, value: str | None) -> None:
        """Edit a secret elsewhere: set the value of a present or new secret; None: delete it.

        Raise ValueError if the secret to delete does not exist.
        """
        name = name.upper()
        if value is None:
            if name not in self.secrets:
                raise ValueError(f"there is no secret {name}")
            self._store(name, None)
            return
        now = int(self._clock.now())
        before = self.secrets.get(name)
        if before is None:
            default = {"user": "selected", "org": "private"}.get(self.kind)
            before = Secret(name, "", now, now, default)
        self._store(name, replace(before, updated_at=now, value=value))

    def _store(self, name: str, secret: Secret | None) -> None:
        if self._switches.lag:
            self._earlier.append((self._clock.now(), dict(self.secrets)))
        if secret is None:
            del self.secrets[name]
        else:
            self.secrets[name] = secret

    def _with_access(self, secret: Secret, visibility: str | None, ids: tuple[int, ...]) -> Secret:
        if (visibility, ids) == (secret.visibility, secret.repository_ids):
            return secret
        moves = self._switches.list_change_moves_updated_at
        updated_at = int(self._clock.now()) if moves else secret.updated_at
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
        kept = before is not None and visibility == "selected" and self._switches.omitted_ids_on_update == "keep"
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
        cap = self._switches.selected_ids_cap
        if cap is not None and len(ids) > cap:
            raise errors.Refused(422, f"You can select at most {cap} repositories for a secret.")
        if not all(map(self._exists, ids)):
            if self._switches.unknown_id == 404:
                raise errors.not_found()
            missing = {"resource": "Repository", "field": "id", "code": "missing"}
            raise errors.Refused(422, "Validation Failed", errors=[missing])
        return tuple(sorted(ids))

    def _opened(self, key_id: str, body: Mapping[str, object]) -> str | None:
        """Return the plaintext of the sealed box in a request; None: no value."""
        if "encrypted_value" not in body:
            return None
        sealed = body["encrypted_value"]
        if not isinstance(sealed, str):
            raise errors.unprocessable(f"For 'properties/encrypted_value', {_shown(sealed)} is not a string.")
        if not _BASE64.fullmatch(sealed):
            raise errors.unprocessable(f"{sealed} does not match /{_BASE64_SOURCE}/.")
        key = self._keys.get(key_id)
        if key is None or (key_id != self.key_id and self._switches.stale_key == "refuse"):
            raise errors.improperly_encrypted()
        try:
            value = SealedBox(key).decrypt(base64.b64decode(sealed))
        except (CryptoError, ValueError):
            raise errors.improperly_encrypted() from None
        if len(value) > MAX_VALUE_BYTES:
            raise errors.Refused(422, "Secret value is too large: the limit is 48 KB.")
        return value.decode("utf-8", "backslashreplace")


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
    """Format a value as GitHub's messages do, in Ruby's notation."""
    return "nil" if value is None else str(value)
