# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Call GitHub's endpoints with typed arguments and results."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, Malformed, Moved, NotFound
from ansible_collections.devex.github.plugins.module_utils._github import answers
from ansible_collections.devex.github.plugins.module_utils._github.client import Client, Request, Turn
from ansible_collections.devex.github.plugins.module_utils._github.refusal import missing
from ansible_collections.devex.github.plugins.module_utils._github.transport import Answer
from ansible_collections.devex.github.plugins.module_utils._github.use import Use
from ansible_collections.devex.github.plugins.module_utils._model import Repository, Secret, Write
from ansible_collections.devex.github.plugins.module_utils._scope import Need, Scope, need, renamed
from ansible_collections.devex.github.plugins.module_utils._time import parse_http_date
from ansible_collections.devex.github.plugins.module_utils._validation import is_key_id, printable

_CREATED = 201
_NAMES_A_QUERY = 100
# More rows than any list has.
_ROWS = 100_000
_MAY_LIST_DEVCONTAINERS = need("scope codespace", "Codespaces metadata: read")
_MAY_READ_FILES = Need(
    "scope repo (classic, for private repositories), or 'Contents: read' (fine-grained)", form="Contents: read"
)

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public key of a scope."""

    key_id: str
    #: X25519, 32 bytes in base64.
    key: str


@dataclass(frozen=True)
class SecretList:
    """The secrets of a scope."""

    #: With the present name of the repository.
    scope: Scope
    #: By name, without their repositories.
    secrets: dict[str, Secret]
    #: GitHub's time of the answer.
    read_at: datetime | None


@dataclass(frozen=True)
class Confirmed:
    """A write that GitHub has carried out."""

    #: GitHub's time of the answer.
    at: datetime | None
    #: Whether the write has created the secret.
    created: bool = False

    @classmethod
    def by(cls, answer: Answer | None) -> Confirmed:
        """Return what the answer to a write confirms."""
        if answer is None:
            raise TypeError("only an answer can confirm a write")
        return cls(parse_http_date(answer.headers.get("Date")), created=answer.status == _CREATED)


@dataclass(frozen=True)
class GitHub:
    """The endpoints of GitHub for one token or installation. Each method raises GitHubError."""

    _client: Client

    @property
    def identity(self) -> str:
        """Return the name of what GitHub's limits apply to. It may be a token, so it must not be shown."""
        return self._client.credentials.identity

    @property
    def now(self) -> datetime | None:
        """GitHub's time in its last answer; None: no answer had one."""
        return self._client.now

    @property
    def monotonic(self) -> float:
        """Seconds of a monotonic clock."""
        return self._client.pace.monotonic()

    @property
    def used(self) -> Use:
        """The use of GitHub's limits by the task so far."""
        return self._client.pace.used

    def hour_seconds_for(self, requests: Mapping[str, int]) -> float:
        """Return the least seconds that GitHub's limit of each hour makes so many more requests take; see Pace."""
        return self._client.pace.hour_seconds_for(requests)

    def user_id(self, scope: Scope) -> int:
        """Return the ID of the token's user, whose scope this is."""
        user_id = answers.field(self._client.request("GET", "/user", need=scope.need).body, "id")
        if not answers.is_id(user_id) or user_id == 0:
            raise GitHubError("GET /user: GitHub sent a user without a valid ID.")
        return int(user_id)

    def secrets(self, scope: Scope) -> SecretList:
        """List all secrets of a scope. A secret that the list omits is absent, not hidden from the token.

        :raises Moved: the repository has another owner now.
        """
        secrets, read_at, moved = self._all(scope.secrets, "secrets", answers.secret, scope)
        return SecretList(self._now(scope, moved), {secret.name: secret for secret in secrets}, read_at)

    def devcontainers(self, scope: Scope) -> tuple[Scope, list[str]]:
        """List the dev container configurations of a repository.

        :returns: the scope, with the present name of the repository, and the path of each configuration.
        :raises Moved: the repository has another owner now.
        """
        needing = replace(scope, need=_MAY_LIST_DEVCONTAINERS)
        try:
            paths, dummy, moved = self._all(scope.devcontainers, "devcontainers", answers.path, needing)
        except GitHubError as error:
            # Other endpoints report this for a repository without a commit.
            if "repository is empty" not in str(error).lower():
                raise
            return scope, []
        return self._now(scope, moved), paths

    def file(self, scope: Scope, path: str) -> bytes:
        """Return the content of a file on the default branch of a repository.

        :raises Malformed: the path is not a file, or GitHub sends no usable content.
        """
        body = self._client.request("GET", scope.file(path), need=_MAY_READ_FILES).body
        kind = "directory" if isinstance(body, list) else printable(answers.field(body, "type"), 50)
        if kind != "file":
            raise Malformed(f"it is a {kind}, not a file" if kind else "it is not a regular file")
        if answers.field(body, "encoding") == "none":
            raise Malformed("it is larger than 1 MB, so GitHub does not send its content")
        try:
            return base64.b64decode("".join(answers.field(body, "content").split()), validate=True)
        except (AttributeError, ValueError, binascii.Error) as error:
            raise Malformed("GitHub sent its content in another encoding than base64") from error

    def public_key(self, scope: Scope) -> PublicKey:
        """Return the public key of a scope. Keys of two scopes differ, even if their IDs are the same."""
        body = self._client.request("GET", scope.public_key, need=scope.need).body
        key_id, key = answers.field(body, "key_id"), answers.field(body, "key")
        if not isinstance(key_id, (str, int)) or not is_key_id(str(key_id)) or not isinstance(key, str):
            raise GitHubError(f"GET {scope.public_key}: GitHub sent no public key.")
        return PublicKey(str(key_id), key)

    def repositories(self, scope: Scope, name: str) -> tuple[Repository, ...]:
        """List the repositories that may read a secret."""
        rows, *dummy = self._rows(scope.repositories(name), "repositories", answers.repository, scope)
        return tuple(rows)

    def with_repositories(self, scope: Scope, secret: Secret) -> Secret:
        """Return the secret with its repositories, if its visibility has a list."""
        if scope.has_visibility and secret.visibility != "selected":
            return secret
        return replace(secret, repositories=self.repositories(scope, secret.name))

    def repositories_named(self, full_names: Iterable[str]) -> dict[str, Repository | GitHubError]:
        """Look up repositories, a hundred in each request.

        :arg full_names: OWNER/REPO, of valid characters only.
        :returns: the repository, or the error of its lookup, by the name in full_names. A former name leads to the
            repository with its present name, or to Moved if it has another owner. Repositories that are absent or
            hidden from the token are omitted.
        """
        repositories: dict[str, Repository | GitHubError] = {}
        for full_name, row in self._rows_named(full_names).items():
            repositories[full_name] = row if isinstance(row, GitHubError) else answers.found(full_name, row)
            self._note_rename(full_name, repositories[full_name])
        return repositories

    def _rows_named(self, full_names: Iterable[str]) -> dict[str, dict[str, Any] | GitHubError]:
        """Return GraphQL's fields of repositories, or the error of the lookup, by name."""
        names = list(full_names)
        rows: dict[str, dict[str, Any] | GitHubError] = {}
        for start in range(0, len(names), _NAMES_A_QUERY):
            asked = {f"repo_{i:03}": name for i, name in enumerate(names[start : start + _NAMES_A_QUERY])}
            fields = " ".join(
                f"{alias}: repository(owner: {json.dumps(owner)}, name: {json.dumps(name)}) "
                "{ databaseId nameWithOwner }"
                for alias, (owner, dummy, name) in ((alias, full.partition("/")) for alias, full in asked.items())
            )
            body = self._client.request("POST", "/graphql", {"query": f"query {{ {fields} }}"}).body
            data, errors = answers.field(body, "data"), answers.graphql_errors(body)
            if not isinstance(data, dict):
                message = printable(" ".join(printable(answers.field(error, "message")) for error in errors))
                raise GitHubError(f"POST /graphql: the repositories could not be looked up. {message}")
            rejected = {
                path[0]: printable(answers.field(error, "message"))
                for error in errors
                if (path := answers.field(error, "path")) and isinstance(path, list) and isinstance(path[0], str)
                if answers.field(error, "type") != "NOT_FOUND"
            }
            for alias, full_name in asked.items():
                row = data.get(alias)
                if isinstance(row, dict) and answers.is_id(row.get("databaseId")):
                    rows[full_name] = row
                elif alias in rejected:
                    cause = f"POST /graphql: {full_name} could not be looked up. {rejected[alias]}"
                    rows[full_name] = GitHubError(cause)
        return rows

    def _note_rename(self, asked: str, repository: Repository | GitHubError) -> None:
        if isinstance(repository, Repository) and repository.full_name != asked:
            self._client.notices.append(
                f"The repository {asked} was renamed to {repository.full_name}. Use the new name in the playbook."
            )

    def _now(self, scope: Scope, moved: bool) -> Scope:
        """Return a scope with the present name of its repository, whose answer may have come after a redirect."""
        return renamed(scope, self._name_now(scope.repository)) if moved and scope.repository else scope

    def _name_now(self, full_name: str) -> str:
        """Return the present name of a repository whose former name GitHub redirects."""
        advice = (
            f"The repository {full_name} was renamed or transferred, but GitHub does not report its present name. Find "
            "the name on GitHub, and use it in the playbook."
        )
        try:
            row = self._rows_named([full_name]).get(full_name)
        except GitHubError as error:
            raise Moved(f"{advice} {error}") from error
        if isinstance(row, GitHubError):
            raise row
        if row is None or answers.name(row) is None:
            raise Moved(advice)
        repository = answers.found(full_name, row)
        if isinstance(repository, GitHubError):
            raise repository
        self._note_rename(full_name, repository)
        return str(repository.full_name)

    def turns(self, scope: Scope, write: Write) -> Iterator[Turn]:
        """Yield the turns of a write. The caller creates a body for each turn, and sends it."""
        return self._client.turns(Request(write.method, write.path, scope.need))

    def _all(
        self, path: str, key: str, parse: Callable[[Any], _Row], scope: Scope
    ) -> tuple[list[_Row], datetime | None, bool]:
        """Return _rows() of a list that each scope has, so a 404 means that the scope is absent or hidden."""
        try:
            return self._rows(path, key, parse, scope, follow=scope.repository is not None)
        except NotFound as error:
            if scope.kind is None:
                raise
            raise missing(scope.kind, error) from error

    def _rows(
        self, path: str, key: str, parse: Callable[[Any], _Row], scope: Scope, *, follow: bool = False
    ) -> tuple[list[_Row], datetime | None, bool]:
        """Return all rows of a list, GitHub's time, and whether GitHub redirected the request."""
        rows: list[_Row] = []
        total, read_at, moved = None, None, False
        for answer in self._client.pages(path, need=scope.need, follow=follow):
            if total is not None and len(rows) >= total:
                raise GitHubError(f"GET {path}: GitHub counts {total} {key}, but lists more pages. Run the task again.")
            page, count = answers.field(answer.body, key), answers.field(answer.body, "total_count")
            read_at, moved = parse_http_date(answer.headers.get("Date")), moved or answer.moved
            if not isinstance(page, list):
                raise GitHubError(f"GET {path}: GitHub sent no list of {key}.")
            rows += map(parse, page)
            if len(rows) > _ROWS:
                raise GitHubError(f"GET {path}: GitHub sent more than {_ROWS} {key}.")
            total = count if isinstance(count, int) and 0 <= count <= _ROWS else None
        if len(rows) < (total or 0):
            # A partial list would make the engine delete secrets or revoke access.
            raise GitHubError(f"GET {path}: GitHub counts {total} {key}, but listed {len(rows)}. Run the task again.")
        return rows, read_at, moved
