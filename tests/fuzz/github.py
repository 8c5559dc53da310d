# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A model of GitHub: what it holds, what it answers, and what it showed a moment ago; time passes only where told."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._time import format_time
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import KeyPair

#: Where secrets are: what their paths begin with.
USER, ORGANIZATION, REPOSITORY = "/user", "/orgs/octo-org", "/repos/octo-org/app"
ROOTS = (USER, ORGANIZATION, REPOSITORY)
#: Repositories that may be given access, by ID.
REPOSITORIES = {1: "octo-org/one", 2: "octo-org/two", 3: "octo-org/three"}
#: The longest that a list lags behind, in seconds.
LATEST = 3.0

_KEYS = {root: KeyPair() for root in ROOTS}
_PATH = re.compile(
    rf"(?P<root>{'|'.join(ROOTS)})/codespaces/secrets"
    r"(?:/(?P<key>public-key)|/(?P<name>[A-Z]+)(?P<list>/repositories(?:/(?P<id>\d+))?)?)?"
)
_LOOKUP = re.compile(r'(\w+): repository\(owner: "([^"]+)", name: "([^"]+)"\)')


@dataclass(frozen=True)
class Key:
    """Which secret."""

    root: str
    name: str


@dataclass(frozen=True)
class Grant:
    """That a repository may read a secret."""

    since: float
    #: The record of whoever gave it; None: somebody else.
    by: str | None


@dataclass(frozen=True)
class Held:
    """A secret, as GitHub holds it; the dates are whole seconds since 1970."""

    value: str
    created_at: int
    updated_at: int
    visibility: str | None = None
    grants: Mapping[int, Grant] = field(default_factory=dict)


@dataclass(frozen=True)
class Touch:
    """A change of a secret."""

    time: float
    key: Key
    #: The record of whoever made it; None: somebody else.
    by: str | None
    #: The task that made it; 0: none of ours.
    task: int
    before: Held | None
    after: Held | None

    @property
    def of_value(self) -> bool:
        """Whether a value came or went, rather than who may read it."""
        return self.before is None or self.after is None or self.before.value != self.after.value or self.rewritten

    #: Whether a value was sent, though it may be the same.
    rewritten: bool = False


@dataclass(frozen=True)
class Reply:
    """What GitHub answers."""

    status: int
    body: Any = None


class World:
    """GitHub, and its clock."""

    def __init__(self, *, ahead: int = 0, lists_move_dates: bool = True) -> None:
        """:arg ahead: seconds by which updated_at may be later than the Date of the answer to the write.

        :arg lists_move_dates: whether a change of who may read a secret moves its updated_at.
        """
        self.now = 1_773_144_000.0
        self.secrets: dict[Key, Held] = {}
        self.touches: list[Touch] = []
        self._ahead = ahead
        self._lists_move_dates = lists_move_dates
        self._past: list[tuple[float, dict[Key, Held]]] = []

    def date(self) -> str:
        """The Date of an answer."""
        return format_datetime(datetime.fromtimestamp(int(self.now), timezone.utc), usegmt=True)

    def shown(self, late: float) -> dict[Key, Held]:
        """What lists show that are so many seconds late."""
        for until, secrets in self._past:
            if until > self.now - late:
                return secrets
        return self.secrets

    # --- somebody else ---

    def put(self, key: Key, value: str, *, by: str | None = None, task: int = 0, **changes: Any) -> None:
        """Create a secret, or give it another value."""
        held = self.secrets.get(key)
        if held is None:
            visibility = {USER: "selected", ORGANIZATION: "private"}.get(key.root)
            held = Held(value, self._stamp(), 0, visibility)
        self._set(key, replace(held, value=value, updated_at=self._stamp(), **changes), by, task, rewritten=True)

    def delete(self, key: Key, *, by: str | None = None, task: int = 0) -> None:
        """Delete a secret that there is."""
        self._set(key, None, by, task)

    def change(self, key: Key, *, by: str | None = None, task: int = 0, **changes: Any) -> None:
        """Change who may read a secret that there is."""
        held = replace(self.secrets[key], **changes)
        if self._lists_move_dates:
            held = replace(held, updated_at=self._stamp())
        self._set(key, held, by, task)

    def grants(self, key: Key, ids: Any, by: str | None) -> dict[int, Grant]:
        """Who may read a secret once these may."""
        held = self.secrets.get(key)
        old = held.grants if held else {}
        return {one: old.get(one, Grant(self.now, by)) for one in ids}

    def _stamp(self) -> int:
        return int(self.now) + self._ahead

    def _set(self, key: Key, held: Held | None, by: str | None, task: int, *, rewritten: bool = False) -> None:
        self._past.append((self.now, self.secrets))
        self._past = [(until, secrets) for until, secrets in self._past if until > self.now - LATEST]
        self.touches.append(Touch(self.now, key, by, task, self.secrets.get(key), held, rewritten))
        self.secrets = {other: one for other, one in self.secrets.items() if other != key}
        if held is not None:
            self.secrets[key] = held

    # --- requests ---

    def answer(self, method: str, path: str, body: Any, *, by: str, task: int, late: float) -> Reply:
        """Answer a request of one of our tasks."""
        if path == "/graphql":
            return self._names(body["query"])
        if path == "/user":
            return Reply(200, {"id": 1})
        found = _PATH.fullmatch(path.partition("?")[0])
        assert found is not None, path
        root, name = found["root"], found["name"]
        if found["key"]:
            return Reply(200, _KEYS[root].body)
        if name is None:
            shown = self.shown(late)
            return Reply(200, _listed("secrets", [_row(key.name, shown[key]) for key in shown if key.root == root]))
        key = Key(root, name)
        if found["list"]:
            return self._answer_access(method, key, found["id"], body, by, task, late)
        if method == "DELETE":
            if key not in self.secrets:
                return Reply(404, {"message": "Not Found"})
            self.delete(key, by=by, task=task)
            return Reply(204)
        return self._answer_put(key, body, by, task)

    def _answer_put(self, key: Key, body: Any, by: str, task: int) -> Reply:
        held = self.secrets.get(key)
        changes: dict[str, Any] = {}
        if key.root == ORGANIZATION:
            changes["visibility"] = body["visibility"]
        if key.root != REPOSITORY:
            # What is left out is cleared.
            changes["grants"] = self.grants(key, body.get("selected_repository_ids", ()), by)
        sealed = body.get("encrypted_value")
        if sealed is not None:
            self.put(key, _KEYS[key.root].open(sealed), by=by, task=task, **changes)
        elif held is None:
            return Reply(422, {"message": "encrypted_value wasn't supplied"})
        else:
            self.change(key, by=by, task=task, **changes)
        return Reply(201, {}) if held is None else Reply(204)

    def _answer_access(
        self, method: str, key: Key, number: str | None, body: Any, by: str, task: int, late: float
    ) -> Reply:
        held = (self.shown(late) if method == "GET" else self.secrets).get(key)
        if held is None:
            return Reply(404, {"message": "Not Found"})
        if method == "GET":
            rows = [{"id": one, "full_name": REPOSITORIES[one]} for one in sorted(held.grants)]
            return Reply(200, _listed("repositories", rows))
        if held.visibility != "selected":
            return Reply(409, {"message": "Conflict"})
        ids = set(held.grants)
        if number is None:
            ids = set(body["selected_repository_ids"])
        elif method == "PUT":
            ids.add(int(number))
        elif int(number) not in ids:
            return Reply(404, {"message": "Not Found"})
        else:
            ids.remove(int(number))
        self.change(key, by=by, task=task, grants=self.grants(key, ids, by))
        return Reply(204)

    def _names(self, query: str) -> Reply:
        ids = {full_name: one for one, full_name in REPOSITORIES.items()}
        data = {
            alias: {"databaseId": ids[f"{owner}/{name}"], "nameWithOwner": f"{owner}/{name}"}
            for alias, owner, name in _LOOKUP.findall(query)
        }
        return Reply(200, {"data": data})


def _row(name: str, held: Held) -> dict[str, Any]:
    times = {"created_at": held.created_at, "updated_at": held.updated_at}
    row: dict[str, Any] = {
        "name": name,
        **{key: format_time(datetime.fromtimestamp(time, timezone.utc)) for key, time in times.items()},
    }
    return row if held.visibility is None else {**row, "visibility": held.visibility}


def _listed(key: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return json.loads(json.dumps({"total_count": len(rows), key: rows}))  # type: ignore[no-any-return]
