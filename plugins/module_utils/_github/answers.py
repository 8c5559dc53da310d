# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What GitHub's answers hold, as the words that the rest speaks of; each raises GitHubError where they hold none."""

from __future__ import annotations

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
    """What a mapping of an answer holds; None where it is none."""
    return body.get(key) if isinstance(body, dict) else None


def secret(row: Any) -> Secret:
    """A secret, as a row of a list."""
    called, visibility = field(row, "name"), field(row, "visibility")
    # It becomes a part of paths.
    if not isinstance(called, str) or not is_secret(called):
        raise GitHubError(f"GitHub sent a secret with a name that none has: {printable(called, 50)!r}.")
    return Secret(
        called.upper(),
        created_at=_time(field(row, "created_at")),
        updated_at=_time(field(row, "updated_at")),
        visibility=printable(visibility, 50) if isinstance(visibility, str) else None,
    )


def path(row: Any) -> str:
    """The path of a configuration, as a row of a list."""
    found_at = field(row, "path")
    # It becomes a part of paths.
    if not isinstance(found_at, str) or not is_file(found_at):
        raise GitHubError(f"GitHub sent a configuration with a path that no file has: {printable(found_at, 50)!r}.")
    return found_at


def _time(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_iso8601(text)
    except (ValueError, AttributeError) as error:
        raise GitHubError("GitHub sent a time that is not ISO 8601.") from error


def repository(row: Any) -> Repository:
    """A repository, as a row of a list."""
    repository_id = field(row, "id")
    if not is_id(repository_id):
        raise GitHubError("GitHub sent a repository without an ID.")
    return Repository(repository_id, name(row, "full_name"))


def name(row: Any, key: str = "nameWithOwner") -> str | None:
    """OWNER/REPO of a repository; None where GitHub sent none."""
    full_name = field(row, key)
    return full_name if isinstance(full_name, str) and is_repository(full_name) else None


def is_id(number: Any) -> bool:
    """Whether this is the ID of a repository."""
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**63


def found(asked: str, row: Any) -> Repository | Moved:
    """The repository that a name stands for."""
    full_name = name(row) or asked
    if full_name.lower().split("/")[0] != asked.lower().split("/")[0]:
        return Moved(
            f"The repository {asked} is {full_name} now, of another owner, which is to get nothing by its former name. "
            f"Write {full_name} if it is meant."
        )
    return Repository(row["databaseId"], asked if full_name.lower() == asked.lower() else full_name)


def graphql_errors(body: Any) -> list[Any]:
    """What GraphQL says that went wrong."""
    errors = field(body, "errors")
    return errors if isinstance(errors, list) else []
