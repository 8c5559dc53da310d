# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types that all rooms share: desired secrets, GitHub's state, records and plans.

Those that a task has for each secret have slots, which saves memory in tasks with hundreds of thousands of secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ansible_collections.devex.github.plugins.module_utils._scope import Scope

# --- the desired state ---

#: The default of prune_max.
PRUNE_MAX = 10


@dataclass(frozen=True)
class Value:
    """A secret's value: plaintext or sealed."""

    #: The plaintext; if key_id is set, the sealed box in base64.
    text: str = field(repr=False)
    #: The public key that the text is sealed for; None: plaintext.
    key_id: str | None = None

    @property
    def identity(self) -> str:
        """The input of the fingerprint, which differs between a sealed value and a plaintext."""
        return self.text if self.key_id is None else f"{self.key_id}\0{self.text}"


@dataclass(frozen=True)
class Access:
    """The desired repositories that may read a secret."""

    #: OWNER/REPO or the digits of a numeric ID.
    repositories: tuple[str, ...]
    #: exact: these and no others; present: at least these; absent: none of these.
    mode: str = "exact"


@dataclass(frozen=True, slots=True)
class Desired:
    """One secret of the playbook."""

    name: str
    state: str = "present"
    value: Value | None = None
    #: on_change, on_new_value, always, on_create or adopt.
    update_value: str = "on_change"
    #: When the value was last rotated at its source.
    value_changed_at: datetime | None = None
    #: all, private or selected (organizations only); None: keep it.
    visibility: str | None = None
    #: None: keep the list.
    access: Access | None = None
    #: Whether the secret is deleted because it is not listed.
    pruned: bool = False

    @property
    def entries(self) -> tuple[str, ...]:
        """The repositories to look up, as the playbook has them."""
        return () if self.access is None or self.state == "absent" else self.access.repositories

    @property
    def recorded(self) -> bool:
        """Whether the value is recorded. A value with a rotation date needs no record."""
        undated = self.value_changed_at is None or self.update_value == "adopt"
        return self.state == "present" and self.value is not None and undated

    @property
    def compared(self) -> bool:
        """Whether the value is compared with the record."""
        return self.recorded and self.update_value in ("on_change", "on_new_value", "adopt")


@dataclass(frozen=True)
class Prune:
    """Delete secrets that are not listed."""

    #: Shell patterns of names that are kept.
    keep: tuple[str, ...] = ()
    #: If more secrets would be deleted in a scope, the scope fails.
    most: int = PRUNE_MAX


@dataclass(frozen=True, slots=True)
class Job:
    """The desired secrets of one scope."""

    scope: Scope
    secrets: tuple[Desired, ...]
    #: None: the token of the task.
    token: str | None = field(default=None, repr=False)
    #: Whether only the lists of repositories of existing secrets are managed.
    access_only: bool = False
    #: None: keep secrets that are not listed.
    prune: Prune | None = None
    #: The number of the target, or else of the place, in the options. It has a scope for each consumer.
    row: int = 0

    @property
    def records(self) -> bool:
        """Whether a value is recorded in the fingerprint store."""
        return any(secret.recorded for secret in self.secrets)

    @property
    def compares(self) -> bool:
        """Whether a value is compared with the fingerprint store."""
        return any(secret.compared for secret in self.secrets)

    @property
    def touches_records(self) -> bool:
        """Whether existing records may change, because a list of repositories is written or a secret is deleted."""
        deletes = self.prune is not None or any(secret.state == "absent" for secret in self.secrets)
        return deletes or (
            self.scope.has_repositories and any(secret.value_changed_at is None for secret in self.secrets)
        )


# --- GitHub's state ---


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that may read a secret."""

    id: int
    #: OWNER/REPO; None: only the ID is known.
    full_name: str | None = None


@dataclass(frozen=True)
class OwnedRepository:
    """A repository in the list of its owner."""

    id: int
    full_name: str
    #: Whether the owner is an organization.
    of_organization: bool
    #: public, private or internal.
    visibility: str
    archived: bool
    fork: bool
    topics: tuple[str, ...] = ()
    #: The main programming language.
    language: str | None = None
    default_branch: str | None = None
    #: Whether the token's user may administer it; None: GitHub does not report it.
    administered: bool | None = None

    @property
    def owner(self) -> str:
        """The login of the owner."""
        return self.full_name.partition("/")[0]


#: The custom properties of a repository, by name: a string or a list of strings; None: not set.
Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret at GitHub, without its value."""

    name: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    visibility: str | None = None
    #: None: not read, or the secret has no such list.
    repositories: tuple[Repository, ...] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The record of our last write of a value."""

    #: Encoded hash, with its salt: keyed BLAKE2b, or Argon2id.
    fingerprint: str = field(repr=False)
    #: GitHub's time when it answered our last write.
    applied_at: datetime
    #: GitHub's time when the secret was created, at the earliest and at the latest.
    created: tuple[datetime, datetime] | None = None
    #: Whether GitHub may have another value, because a write was not confirmed, or because two were sent at once.
    unsure: bool = False
    #: Whether an earlier version stored it without its user, so it may belong to any user.
    unowned: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A change that GitHub has confirmed, but that its lists might not show yet."""

    #: The subject, such as the visibility or the ID of a repository.
    what: str
    #: GitHub's time of the confirmation.
    at: datetime
    #: The state of the subject, such as the new visibility.
    state: str = ""


# --- plans ---


@dataclass(frozen=True, slots=True)
class Write:
    """One request that changes something."""

    method: str
    path: str
    reason: str
    body: dict[str, Any] | None = None
    #: Whether the body needs the current public key.
    with_key: bool = False
    #: Sealed into the body right before it is sent.
    value: Value | None = None
    #: False: the write was sent, but GitHub did not answer, so it may have been carried out.
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """The writes for one secret."""

    #: create, update, delete or none.
    action: str
    #: Why the value is written or left.
    reason: str
    before: Secret | None
    after: Secret | None
    writes: tuple[Write, ...] = ()


# --- the pace that processes share ---

#: Gets a text and the seconds of the ledger's clock. Returns the new text, and when it may be dropped.
Change = Callable[[str, float], tuple[str, float]]


class Ledger(Protocol):
    """Keeps a text for each token, which all processes change in turn."""

    def change(self, token: str, change: Change) -> None:
        """Replace the text of a token, which is empty at first. Nothing is written if it stays the same.

        :raises Error, OSError, ValueError: the ledger cannot be used.
        """
