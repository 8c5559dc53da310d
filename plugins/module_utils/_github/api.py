# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub's endpoints as typed calls."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError
from ansible_collections.devex.github.plugins.module_utils._github.http import Http
from ansible_collections.devex.github.plugins.module_utils._model import Repository, Secret, Write
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.plugins.module_utils._time import parse_http_date, parse_iso8601

_NAMES_A_QUERY = 100
_SAID_LENGTH = 500


@dataclass(frozen=True)
class PublicKey:
    """What values of one scope are sealed for."""

    key_id: str
    #: X25519, 32 bytes in base64.
    key: str


@dataclass(frozen=True)
class Listing:
    """The secrets of a scope."""

    #: By name, without their repositories.
    secrets: dict[str, Secret]
    #: GitHub's time when it answered.
    read_at: datetime | None


class GitHub:
    """The endpoints, as typed calls; each raises GitHubError."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def secrets(self, scope: Scope) -> Listing:
        """All secrets of a scope.

        A list that arrives means that the scope can be reached: what is not in it is absent, not hidden.
        """
        rows, read_at = self._rows(scope.secrets, "secrets", scope)
        secrets = [_secret(row) for row in rows]
        return Listing({secret.name: secret for secret in secrets}, read_at)

    def public_key(self, scope: Scope) -> PublicKey:
        """The key of a scope; it differs between scopes even where the ID is the same."""
        body = self._http.request("GET", scope.public_key, permission=scope.permission).body
        key_id, key = _field(body, "key_id"), _field(body, "key")
        if not isinstance(key_id, (str, int)) or not isinstance(key, str):
            raise GitHubError(f"GET {scope.public_key}: GitHub sent no public key.")
        return PublicKey(str(key_id), key)

    def repositories(self, scope: Scope, name: str) -> tuple[Repository, ...]:
        """The repositories that may read a secret, all pages."""
        rows, dummy = self._rows(scope.repositories(name), "repositories", scope)
        return tuple(_repository(row) for row in rows)

    def with_repositories(self, scope: Scope, secret: Secret) -> Secret:
        """The secret with its repositories; as it is where its visibility allows for no list."""
        if scope.has_visibility and secret.visibility != "selected":
            return secret
        return replace(secret, repositories=self.repositories(scope, secret.name))

    def repositories_named(self, full_names: Iterable[str]) -> dict[str, Repository | GitHubError]:
        """Look repositories up, a hundred in one call.

        :arg full_names: OWNER/REPO, of valid characters only.
        :returns: what was found, or what GitHub refuses to tell, under the names that were asked for; a former name
            finds its repository too. What does not exist, or is hidden, is left out.
        """
        names = list(full_names)
        found: dict[str, Repository | GitHubError] = {}
        for start in range(0, len(names), _NAMES_A_QUERY):
            asked = {f"repo_{i:03}": name for i, name in enumerate(names[start : start + _NAMES_A_QUERY])}
            fields = " ".join(
                f"{alias}: repository(owner: {json.dumps(owner)}, name: {json.dumps(name)}) {{ databaseId }}"
                for alias, (owner, dummy, name) in ((alias, full.partition("/")) for alias, full in asked.items())
            )
            body = self._http.request("POST", "/graphql", {"query": f"query {{ {fields} }}"}).body
            data = _field(body, "data")
            if not isinstance(data, dict):
                said = " ".join(str(_field(error, "message")) for error in _graphql_errors(body))
                raise GitHubError(f"POST /graphql: the repositories could not be looked up. {said[:_SAID_LENGTH]}")
            refused = {
                str(path[0]): str(_field(error, "message"))
                for error in _graphql_errors(body)
                if (path := _field(error, "path")) and isinstance(path, list) and _field(error, "type") != "NOT_FOUND"
            }
            for alias, full_name in asked.items():
                repository_id = _field(data.get(alias), "databaseId")
                if isinstance(repository_id, int):
                    found[full_name] = Repository(repository_id, full_name)
                elif alias in refused:
                    said = refused[alias][:_SAID_LENGTH]
                    found[full_name] = GitHubError(f"POST /graphql: {full_name} could not be looked up. {said}")
        return found

    def send(self, scope: Scope, write: Write, body: Mapping[str, Any] | None) -> datetime | None:
        """Carry out a write.

        :arg body: the write's, with the value sealed into it.
        :returns: GitHub's time when it answered.
        """
        answer = self._http.request(write.method, write.path, body, permission=scope.permission)
        return parse_http_date(answer.headers.get("Date"))

    def _rows(self, path: str, key: str, scope: Scope) -> tuple[list[Any], datetime | None]:
        """All rows of a list, and GitHub's time."""
        rows: list[Any] = []
        total, read_at = 0, None
        for answer in self._http.pages(path, permission=scope.permission):
            page, count = _field(answer.body, key), _field(answer.body, "total_count")
            read_at = parse_http_date(answer.headers.get("Date"))
            if not isinstance(page, list):
                raise GitHubError(f"GET {path}: GitHub sent no list of {key}.")
            rows += page
            total = count if isinstance(count, int) else 0
        if len(rows) < total:
            # Acting on a part would delete or drop what is missing.
            raise GitHubError(f"GET {path}: GitHub counts {total} {key}, and listed {len(rows)}.")
        return rows, read_at


def _field(body: Any, key: str) -> Any:
    return body.get(key) if isinstance(body, dict) else None


def _secret(row: Any) -> Secret:
    name, visibility = _field(row, "name"), _field(row, "visibility")
    if not isinstance(name, str):
        raise GitHubError("GitHub sent a secret without a name.")
    return Secret(
        name.upper(),
        created_at=_time(_field(row, "created_at")),
        updated_at=_time(_field(row, "updated_at")),
        visibility=visibility if isinstance(visibility, str) else None,
    )


def _time(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_iso8601(str(text))
    except ValueError as error:
        raise GitHubError("GitHub sent a time that is not ISO 8601.") from error


def _repository(row: Any) -> Repository:
    repository_id, full_name = _field(row, "id"), _field(row, "full_name")
    if not isinstance(repository_id, int):
        raise GitHubError("GitHub sent a repository without an ID.")
    return Repository(repository_id, full_name if isinstance(full_name, str) else None)


def _graphql_errors(body: Any) -> list[Any]:
    errors = _field(body, "errors")
    return errors if isinstance(errors, list) else []
