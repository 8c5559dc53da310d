# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse and validate the options of secrets, before anything is sent."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._crypto import SEAL_OVERHEAD
from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._model import Access, Desired, Prune, Value
from ansible_collections.devex.github.plugins.module_utils._options.masking import NAME_NOT_SHOWN
from ansible_collections.devex.github.plugins.module_utils._time import parse_iso8601
from ansible_collections.devex.github.plugins.module_utils._validation import (
    is_key_id,
    is_organization,
    is_repository,
    is_repository_id,
    is_unset,
    not_plaintext,
    quoted,
    repository_in,
    wrong_name,
)

# GitHub's limits.
_VALUE_BYTES = 48 * 1024
_REQUESTS_AT_ONCE = 100

_NO_EMPTY_VALUE = "Set a value, or set state=absent to delete the secret."
_NO_CIPHERTEXT = (
    "Pass the secret itself. To store this text on purpose, seal it with the filter devex.github.seal and set "
    "encrypted_value."
)


def desired_secret(options: Mapping[str, Any]) -> Desired:
    """Parse one secret from the options of a task or a row of a list.

    :raises InputError: an option is not valid. The message does not contain the value.
    """
    name = secret_name(options["name"])
    access = options.get("selected_repositories")
    visibility = options.get("visibility")
    if access is not None and visibility not in (None, "selected"):
        raise InputError(f"{name}: selected_repositories requires visibility=selected, not {visibility}.")
    return Desired(
        name,
        state=options["state"],
        value=_value(name, options),
        update_value=options["update_value"],
        value_changed_at=_value_changed_at(name, options["value_changed_at"]),
        visibility=visibility,
        access=None if access is None else Access(repository_entries(access)),
    )


def desired_access(options: Mapping[str, Any]) -> Desired:
    """Parse the list of repositories of one secret whose value is not managed."""
    access = Access(repository_entries(options["selected_repositories"]), mode=options["state"])
    return Desired(secret_name(options["name"]), access=access)


def used_by(options: Mapping[str, Any], default: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the consumers of a task, a target or a secret, each once.

    :arg default: those of the row above, if the option is unset.
    """
    given = options["used_by"]
    if given is not None and not given:
        raise InputError("used_by is an empty list. List at least one consumer, or omit it.")
    return tuple(dict.fromkeys(default if given is None else given))


def desired_secrets(rows: Iterable[Mapping[str, Any]], default: Sequence[str]) -> dict[str, tuple[Desired, ...]]:
    """Parse the secrets of one place, and sort them by consumer.

    :arg default: the consumers of rows without their own.
    :raises InputError: a row is not valid, or a consumer has a name twice.
    """
    secrets: dict[str, list[Desired]] = {}
    for row in rows:
        secret = desired_secret(row)
        try:
            consumers = used_by(row, default)
        except InputError as error:
            raise InputError(f"{secret.name}: {error}") from error
        for consumer in consumers:
            secrets.setdefault(consumer, []).append(secret)
    for of_consumer in secrets.values():
        times = Counter(secret.name for secret in of_consumer)
        twice = sorted(name for name, count in times.items() if count > 1)
        if twice:
            raise InputError(
                f"These secrets are listed more than once: {', '.join(twice)}. List each name once; case does not "
                "matter."
            )
    return {consumer: tuple(of_consumer) for consumer, of_consumer in secrets.items()}


def prune(options: Mapping[str, Any]) -> Prune | None:
    """Parse the options about secrets that are not listed; None: keep these secrets."""
    if options["prune_max"] < 0:
        raise InputError("prune_max must be 0 or more.")
    keep = tuple(map(_stripped, options["prune_keep"] or ()))
    return Prune(keep, options["prune_max"]) if options["prune"] else None


def concurrency(options: Mapping[str, Any]) -> int:
    """Return the number of parallel requests."""
    if not 1 <= options["concurrency"] <= _REQUESTS_AT_ONCE:
        raise InputError(f"concurrency must be from 1 to {_REQUESTS_AT_ONCE}.")
    return int(options["concurrency"])


def secret_name(name: str) -> str:
    """Return a name as GitHub stores it.

    :raises InputError: GitHub does not allow the name. The message does not contain it.
    """
    wrong = wrong_name(name)
    if wrong is not None:
        raise InputError(f"name is not allowed: {wrong}. {NAME_NOT_SHOWN}")
    return name.upper()


def repository_name(name: str) -> str:
    """Return a valid OWNER/REPO."""
    if not is_repository(name):
        meant = repository_in(name)
        hint = f" Write {meant}." if meant else ""
        raise InputError(f"The repository {_without_login(name)} is not of the form OWNER/REPO.{hint}")
    return name


def repository_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return valid OWNER/REPO, each once, regardless of case."""
    unique: dict[str, str] = {}
    for name in map(_stripped, names):
        unique.setdefault(repository_name(name).lower(), name)
    return tuple(unique.values())


def repository_entries(entries: Iterable[str]) -> tuple[str, ...]:
    """Return valid names and numeric IDs of repositories, each once."""
    entries = [_stripped(entry) for entry in entries]
    wrong = [entry for entry in entries if not is_repository_id(entry) and not is_repository(entry)]
    if wrong:
        named = ", ".join(map(_wrong_repository, wrong[:10]))
        raise InputError(f"selected_repositories: not a repository: {named}. Write OWNER/REPO, or a numeric ID.")
    return tuple(dict.fromkeys(entries))


def organization_name(name: str) -> str:
    """Return a valid login of an organization."""
    if not is_organization(name):
        raise InputError(
            f"organization: {quoted(name)} is not a valid name. Use only letters, digits, dashes and underscores."
        )
    return name


def _value(name: str, options: Mapping[str, Any]) -> Value | None:
    sealed = options["encrypted_value"]
    if sealed is not None:
        return Value(sealed, _sealed_for(name, sealed, options["key_id"]))
    value = options["value"]
    if value is None:
        return None
    if is_unset(value) and options["state"] == "present":
        raise InputError(f"{name}: the value is empty, which usually means an unset variable. {_NO_EMPTY_VALUE}")
    if not isinstance(value, str):
        raise InputError(
            f"{name}: the value must be text, not {type(value).__name__}. Put it in quotes, because YAML converts "
            "unquoted values. In a template, add | string."
        )
    stand_in = not_plaintext(value)
    if stand_in and options["state"] == "present":
        raise InputError(f"{name}: the value is or contains {stand_in}, not the secret. {_NO_CIPHERTEXT}")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        # The text of the original exception contains the value, so the exception is dropped.
        raise InputError(
            f"{name}: the value is not valid Unicode. Encode binary data, for example in base64."
        ) from None
    if size > _VALUE_BYTES:
        raise InputError(f"{name}: the value has {size} bytes in UTF-8, but GitHub accepts at most {_VALUE_BYTES}.")
    return Value(value)


def _sealed_for(name: str, sealed: str, key_id: str) -> str:
    try:
        size = len(base64.b64decode(sealed, validate=True)) - SEAL_OVERHEAD
    except (binascii.Error, ValueError):
        size = -1
    if size < 0:
        raise InputError(
            f"{name}: encrypted_value is not a sealed box in base64. Seal the value with the filter devex.github.seal."
        )
    if size == 0:
        raise InputError(f"{name}: the sealed value is empty. {_NO_EMPTY_VALUE}")
    if size > _VALUE_BYTES:
        raise InputError(f"{name}: the sealed value has {size} bytes, but GitHub accepts at most {_VALUE_BYTES}.")
    if not is_key_id(key_id):
        raise InputError(f"{name}: key_id is not valid. Set the ID of the public key that the value was sealed for.")
    return key_id


def _wrong_repository(entry: str) -> str:
    meant = repository_in(entry)
    return _without_login(entry) + (f" (write {meant})" if meant else "")


def _without_login(entry: str) -> str:
    """Return the text for an entry in an error. A URL that may contain a login is not shown."""
    return "(an address)" if "@" in entry else quoted(entry)


def _stripped(entry: str) -> str:
    """Remove spaces around an entry, because Ansible splits a string at commas only."""
    return entry.strip(" ")


def _value_changed_at(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_iso8601(text)
    except ValueError as error:
        raise InputError(
            f"{name}: value_changed_at must be an ISO 8601 time with an offset, such as 2026-03-10T12:00:00Z."
        ) from error
