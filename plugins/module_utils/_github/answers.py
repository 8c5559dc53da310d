# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse GitHub's JSON into the types of _model. Each function raises GitHubError if the JSON is malformed."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, Moved
from ansible_collections.devex.github.plugins.module_utils._model import Repository, Secret
from ansible_collections.devex.github.plugins.module_utils._time import parse_iso8601
from ansible_collections.devex.github.plugins.module_utils._validation import (
    is_file,
    is_repository,
    is_secret,
    printable,
)


def field(body: Any, key: str) -> Any:
    """Return a field of an object; None: missing, or not an object."""
    return body.get(key) if isinstance(body, dict) else None


def secret(row: Any) -> Secret:
    """Parse a row of a list of secrets."""
    secret_name, visibility = field(row, "name"), field(row, "visibility")
    # The name becomes a part of paths.
    if not isinstance(secret_name, str) or not is_secret(secret_name):
        raise GitHubError(f"GitHub sent a secret with an invalid name: {printable(secret_name, 50)!r}.")
    return Secret(
        # Many scopes have secrets of the same names.
        sys.intern(secret_name.upper()),
        created_at=_time(field(row, "created_at")),
        updated_at=_time(field(row, "updated_at")),
        visibility=printable(visibility, 50) if isinstance(visibility, str) else None,
    )


def path(row: Any) -> str:
    """Parse a row of a list of dev container configurations into its path."""
    file = field(row, "path")
    # The path becomes a part of URLs.
    if not isinstance(file, str) or not is_file(file):
        raise GitHubError(f"GitHub sent a configuration with an invalid path: {printable(file, 50)!r}.")
    return file


def _time(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_iso8601(text)
    except (ValueError, AttributeError, TypeError) as error:
        raise GitHubError("GitHub sent a time that is not ISO 8601.") from error


def repository(row: Any) -> Repository:
    """Parse a row of a list of repositories."""
    repository_id = field(row, "id")
    if not is_id(repository_id):
        raise GitHubError("GitHub sent a repository without an ID.")
    return Repository(repository_id, name(row, "full_name"))


def name(row: Any, key: str = "nameWithOwner") -> str | None:
    """Return the OWNER/REPO of a repository; None: missing or malformed."""
    full_name = field(row, key)
    return full_name if isinstance(full_name, str) and is_repository(full_name) else None


def is_id(number: Any) -> bool:
    """Return whether this is the ID of a repository or a user."""
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**63


def found(asked: str, row: Any) -> Repository | Moved:
    """Return the repository that was looked up, or Moved if it has another owner now."""
    full_name = name(row) or asked
    if full_name.lower().split("/")[0] != asked.lower().split("/")[0]:
        return Moved(
            f"The repository {asked} was transferred to another owner and is {full_name} now, so its former name is "
            f"rejected. If you mean this repository, write {full_name}."
        )
    return Repository(row["databaseId"], asked if full_name.lower() == asked.lower() else full_name)


def graphql_errors(body: Any) -> list[Any]:
    """Return the errors in an answer of GraphQL."""
    errors = field(body, "errors")
    return errors if isinstance(errors, list) else []
