# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rest speaks of: what is wanted, what there is, what was recorded, and what is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._scope import Scope

# --- what is wanted ---

#: How many secrets of one scope are pruned, unless the task allows for more.
PRUNE_MAX = 10


@dataclass(frozen=True)
class Value:
    """A secret's value: plaintext, or sealed beforehand."""

    #: The plaintext; or, where key_id is given, the sealed box in base64.
    text: str = field(repr=False)
    #: The public key that the text is sealed for; None: it is plaintext.
    key_id: str | None = None

    @property
    def identity(self) -> str:
        """What a fingerprint is made of: a sealed value is never taken for a plaintext."""
        return self.text if self.key_id is None else f"{self.key_id}\0{self.text}"


@dataclass(frozen=True)
class Access:
    """What is wanted of the list of repositories that may read a secret."""

    #: OWNER/REPO or the digits of a numeric ID.
    repositories: tuple[str, ...]
    #: exact: these and no others; present: these as well; absent: not these.
    mode: str = "exact"


@dataclass(frozen=True)
class Desired:
    """One secret as the playbook wants it."""

    name: str
    state: str = "present"
    value: Value | None = None
    #: on_change, on_new_value, always, on_create or adopt.
    update_value: str = "on_change"
    #: When the value was last rotated at its source.
    value_changed_at: datetime | None = None
    #: all, private or selected (organizations only); None: as it is.
    visibility: str | None = None
    #: None: as it is.
    access: Access | None = None
    #: The secret is deleted because it is not listed.
    pruned: bool = False

    @property
    def entries(self) -> tuple[str, ...]:
        """The repositories that the list is to hold, or not to hold, as they were given."""
        return () if self.access is None or self.state == "absent" else self.access.repositories

    @property
    def recorded(self) -> bool:
        """Whether the value is recorded: a rotation date does without."""
        undated = self.value_changed_at is None or self.update_value == "adopt"
        return self.state == "present" and self.value is not None and undated

    @property
    def compared(self) -> bool:
        """Whether the value is compared with the record."""
        return self.recorded and self.update_value in ("on_change", "on_new_value", "adopt")


@dataclass(frozen=True)
class Prune:
    """Secrets that are not listed are deleted."""

    #: Save those that match one of these patterns.
    keep: tuple[str, ...] = ()
    #: More of them in one scope are a mistake.
    most: int = PRUNE_MAX


@dataclass(frozen=True)
class Job:
    """What is wanted of one scope."""

    scope: Scope
    secrets: tuple[Desired, ...]
    #: What the scope is reached with; None: the token of the task.
    token: str | None = field(default=None, repr=False)
    #: Only the lists of repositories are managed, of secrets that exist.
    access_only: bool = False
    #: None: secrets that are not listed stay.
    prune: Prune | None = None

    @property
    def records(self) -> bool:
        """Whether values are recorded in the fingerprint store."""
        return any(secret.recorded for secret in self.secrets)

    @property
    def compares(self) -> bool:
        """Whether values are compared with the fingerprint store."""
        return any(secret.compared for secret in self.secrets)

    @property
    def touches_records(self) -> bool:
        """Whether a record that there is may have to move on with a list of repositories, or go with its secret."""
        deletes = self.prune is not None or any(secret.state == "absent" for secret in self.secrets)
        return deletes or (
            self.scope.has_repositories and any(secret.value_changed_at is None for secret in self.secrets)
        )


# --- what there is ---


@dataclass(frozen=True)
class Repository:
    """A repository that may read a secret."""

    id: int
    #: OWNER/REPO; None: only the ID is known.
    full_name: str | None = None


@dataclass(frozen=True)
class OwnedRepository:
    """A repository as its owner's list tells of it."""

    id: int
    full_name: str
    #: Whether its owner is one, rather than a user.
    of_organization: bool
    #: public, private or internal.
    visibility: str
    archived: bool
    fork: bool
    topics: tuple[str, ...] = ()
    #: What most of it is written in.
    language: str | None = None
    default_branch: str | None = None
    #: Whether the token's user may administer it; None: GitHub does not tell.
    administered: bool | None = None

    @property
    def owner(self) -> str:
        """The login of its owner."""
        return self.full_name.partition("/")[0]


#: The custom properties of a repository, by name: a text, or a list of texts; None: not set.
Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Secret:
    """What GitHub tells of a secret."""

    name: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    visibility: str | None = None
    #: None: not read, or the scope has no such list.
    repositories: tuple[Repository, ...] | None = None


@dataclass(frozen=True)
class Record:
    """What the fingerprint store holds of our last write of a value."""

    #: Encoded Argon2id hash, salt and parameters included.
    fingerprint: str = field(repr=False)
    #: GitHub's time when it answered our last write.
    applied_at: datetime
    #: When the secret that was written came into being, at the earliest and at the latest, by GitHub's clock.
    created: tuple[datetime, datetime] | None = None
    #: Whether another value may have been written since: a write began whose answer is not recorded, or two at once.
    unsure: bool = False
    #: Whether it was kept before records of users had an owner, so that it may be any user's.
    unowned: bool = False


@dataclass(frozen=True)
class Fact:
    """Something that GitHub was told and has confirmed, which its lists may not show for a while."""

    #: What it is about: such as its visibility, or the ID of a repository.
    what: str
    #: GitHub's time when it confirmed it.
    at: datetime
    told: str = ""


# --- what is to be done ---


@dataclass(frozen=True)
class Write:
    """One call that changes something."""

    method: str
    path: str
    reason: str
    body: dict[str, Any] | None = None
    #: Whether GitHub wants to know the current public key.
    with_key: bool = False
    #: Sealed into the body right before it is sent.
    value: Value | None = None
    #: Once it was sent, whether GitHub has answered; otherwise it may have been carried out all the same.
    answered: bool = True


@dataclass(frozen=True)
class Plan:
    """What is to be done about one secret."""

    #: create, update, delete or none.
    action: str
    #: Why the value is written or left.
    reason: str
    before: Secret | None
    after: Secret | None
    writes: tuple[Write, ...] = ()
