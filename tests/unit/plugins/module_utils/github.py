# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fake GitHub in this process. It stores secrets, its lists may be late, and tests add events around requests.

Its clock moves only if a test moves it, or the code under test sleeps.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import requests
from nacl.exceptions import CryptoError
from requests.adapters import BaseAdapter

from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import Connection
from ansible_collections.devex.github.plugins.module_utils._scope import CODESPACES, CONSUMERS
from ansible_collections.devex.github.plugins.module_utils._time import format_time
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import API, CONNECTION, KeyPair, response

_PATH = re.compile(
    r"(?P<root>/user|/orgs/[^/]+|/repos/[^/]+/[^/]+)/(?P<consumer>codespaces|agents|dependabot|actions)/secrets"
    r"(?:/(?P<name>[\w-]+)(?P<list>/repositories(?:/(?P<id>\d+))?)?)?"
)
_BY_ID = re.compile(r"/repositories/(\d+)/")
_LOOKUP = re.compile(r'(\w+): repository\(owner: "([^"]+)", name: "([^"]+)"\)')
_NOT_FOUND = {"message": "Not Found"}


@dataclass(frozen=True)
class Caller:
    """The author of a change of a secret."""

    #: The store that the author's task uses; None: an edit elsewhere, without a store.
    record: str | None = None
    #: The number of the task.
    task: int = 0


ELSEWHERE = Caller()


@dataclass(frozen=True)
class Grant:
    """The access of a repository to a secret: since when, and granted by which author."""

    since: float
    by: str | None


@dataclass(frozen=True)
class Held:
    """A secret at GitHub. Times are whole seconds since 1970."""

    value: str
    created_at: int
    updated_at: int
    #: None: a repository secret.
    visibility: str | None = None
    #: The access of repositories, by ID.
    grants: Mapping[int, Grant] = field(default_factory=dict)

    @property
    def ids(self) -> set[int]:
        """The IDs of the repositories that may read the secret."""
        return set(self.grants)


@dataclass(frozen=True)
class Touch:
    """A change of a secret."""

    time: float
    path: str
    by: Caller
    before: Held | None
    after: Held | None
    #: Whether a value was sent, even the same one.
    rewritten: bool

    @property
    def of_value(self) -> bool:
        """Whether the value changed, not only the access."""
        return self.before is None or self.after is None or self.before.value != self.after.value or self.rewritten


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int
    body: Any = None
    #: Headers besides Date; None removes a header.
    headers: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """A request that reached GitHub."""

    method: str
    #: The path without the query.
    path: str
    body: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Happening:
    """An event around one request."""

    method: str
    path: str
    do: Callable[[], Any]
    #: Whether the event happens after GitHub has carried out the request, instead of before.
    after: bool


class Lost(requests.ConnectionError):
    """A request or its answer is lost."""


def lose() -> None:
    """Lose an answer."""
    raise Lost


def limited(seconds: int = 30) -> Reply:
    """Return the answer to a request beyond a rate limit."""
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return Reply(429, {"message": message}, {"Retry-After": str(seconds)})


class FakeGitHub(BaseAdapter):
    """GitHub and its clock, as an adapter for requests. Safe for any number of threads."""

    def __init__(self, *, ahead: int = 0, lists_move_dates: bool = True) -> None:
        """:arg ahead: seconds by which updated_at may be later than the Date of the answer to the write.

        :arg lists_move_dates: whether a change of the repositories of a secret changes its updated_at.
        """
        super().__init__()
        #: The present time in seconds since 1970. It starts on 10 March 2026, at noon.
        self.now = 1_773_144_000.0
        #: The seconds of each sleep of the code under test.
        self.pauses: list[float] = []
        #: The seconds by which lists are late.
        self.lag = 0.0
        #: Secrets by path. Those of user 2 are below /user:2.
        self.secrets: dict[str, Held] = {}
        #: All changes.
        self.touches: list[Touch] = []
        #: All requests since the start or the last forget().
        self.received: list[Received] = []
        #: The user of each token. Any other token belongs to user 1.
        self.users: dict[str, int] = {}
        #: The text of files in repositories, by the path of their endpoint.
        self.files: dict[str, str] = {}
        #: The repositories that tokens can see.
        self.repositories = {number: f"octo/r{number}" for number in range(1, 10)}
        #: The IDs of repositories by their former names.
        self.former: dict[str, int] = {}
        #: GraphQL's error for repositories that it rejects.
        self.protected: dict[str, str] = {}
        self._ahead = ahead
        self._lists_move_dates = lists_move_dates
        self._keys: dict[str, KeyPair] = {}
        self._past: list[tuple[float, dict[str, Held]]] = []
        self._happenings: list[Happening] = []
        self._lock = threading.Lock()

    # --- events that a test sets up ---

    def before(self, method: str, path: str, do: Callable[[], Any]) -> None:
        """Call a function once, right before a request is carried out.

        :arg do: returns a status or a Reply to answer instead, or raises Lost.
        """
        self._happenings.append(Happening(method, path, do, after=False))

    def after(self, method: str, path: str, do: Callable[[], Any]) -> None:
        """Call a function once after a request was carried out, before it is answered.

        :arg do: as for before().
        """
        self._happenings.append(Happening(method, path, do, after=True))

    def session(self, **options: Any) -> Session:
        """Return a real session of a task, connected to this GitHub.

        :arg options: those of the connection that differ from CONNECTION.
        """
        connection = Connection(**{**CONNECTION, **options})

        def pace() -> Pace:
            return Pace(connection.max_wait, monotonic=self.monotonic, sleep=self.sleep)

        return Session(connection, adapter=self, pace=pace)

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self.now += seconds

    def sleep(self, seconds: float) -> None:
        """Replace time.sleep() in the code under test."""
        self.pauses.append(seconds)
        self.advance(seconds)

    def monotonic(self) -> float:
        """Replace time.monotonic() in the code under test."""
        return self.now

    def put(
        self, path: str, value: str, *, ids: Iterable[int] | None = None, by: Caller = ELSEWHERE, **changes: Any
    ) -> None:
        """Create a secret, or change its value.

        :arg ids: the repositories that may read it; None: as before.
        """
        held = self.secrets.get(path)
        if held is None:
            visibility = "private" if path.startswith("/orgs/") else None if path.startswith("/repos/") else "selected"
            held = Held(value, self._stamp(), 0, visibility)
        if ids is not None:
            changes["grants"] = self._grants(held, ids, by)
        self._set(path, replace(held, value=value, updated_at=self._stamp(), **changes), by, rewritten=True)

    def change(self, path: str, *, ids: Iterable[int] | None = None, by: Caller = ELSEWHERE, **changes: Any) -> None:
        """Change the access of an existing secret.

        :arg ids: the repositories that may read it; None: as before.
        """
        held = self.secrets[path]
        if ids is not None:
            changes["grants"] = self._grants(held, ids, by)
        if self._lists_move_dates:
            changes["updated_at"] = self._stamp()
        self._set(path, replace(held, **changes), by)

    def delete(self, path: str, *, by: Caller = ELSEWHERE) -> None:
        """Delete an existing secret."""
        self._set(path, None, by)

    def key(self, root: str) -> KeyPair:
        """Return the key of a scope.

        :arg root: the beginning of the paths of the scope.
        """
        return self._keys.setdefault(root, KeyPair())

    def rotate_key(self, root: str, key_id: str = "key-2") -> None:
        """Replace the key of a scope."""
        self._keys[root] = KeyPair(key_id)

    # --- requests that a test checks ---

    def forget(self) -> None:
        """Forget the requests so far."""
        self.received.clear()

    def calls(self) -> list[str]:
        """Return the method and path of each request, in the order of arrival."""
        return [str(request) for request in self.received]

    def reads(self) -> list[str]:
        """Return the requests that read."""
        return [str(request) for request in self.received if request.method in ("GET", "POST")]

    def writes(self) -> list[str]:
        """Return the requests that write."""
        return [str(request) for request in self.received if request.method not in ("GET", "POST")]

    def bodies(self, method: str, path: str) -> list[Any]:
        """Return the JSON of each request with this method and path."""
        return [request.body for request in self.received if (request.method, request.path) == (method, path)]

    # --- requests ---

    def send(self, request: requests.PreparedRequest, *dummy: Any, **options: Any) -> requests.Response:
        """Answer a request."""
        return self.exchange(request)

    def close(self) -> None:
        """Do nothing, because there is nothing to close."""

    def exchange(
        self, request: requests.PreparedRequest, by: Caller = ELSEWHERE, late: float | None = None
    ) -> requests.Response:
        """Answer a request.

        :arg by: the author of the request.
        :arg late: seconds that a list is late; None: the lag.
        """
        method, url = str(request.method), str(request.url).removeprefix(API)
        path, dummy, query = url.partition("?")
        received = Received(method, path, json.loads(request.body or "null"))
        self.received.append(received)
        reply = self._happens(received, after=False)
        if reply is None:
            token = str(request.headers["Authorization"]).removeprefix("Bearer ")
            with self._lock:
                shown = self._shown(self.lag if late is None else late)
                reply = self._carry_out(received, self.users.get(token, 1), by, shown)
            reply = self._happens(received, after=True) or reply
        return self.respond(request, _page(reply, path, query))

    def respond(self, request: requests.PreparedRequest, reply: Reply) -> requests.Response:
        """Send an answer."""
        date = format_datetime(datetime.fromtimestamp(int(self.now), timezone.utc), usegmt=True)
        headers = {key: text for key, text in {"Date": date, **reply.headers}.items() if text is not None}
        return response(request, reply.status, headers, reply.body)

    def _happens(self, received: Received, *, after: bool) -> Reply | None:
        with self._lock:
            due = [one for one in self._happenings if (one.method, one.path) == (received.method, received.path)]
            happening = next((one for one in due if one.after is after), None)
            if happening is None:
                return None
            self._happenings.remove(happening)
        answer = happening.do()
        if isinstance(answer, int):
            answer = Reply(answer, {"message": f"The test answers {answer}."})
        return answer if isinstance(answer, Reply) else None

    def _carry_out(self, received: Received, user_id: int, by: Caller, shown: Mapping[str, Held]) -> Reply:
        """:arg shown: the secrets, as lists show them."""
        method, path, body = received.method, received.path, received.body
        if path == "/graphql":
            return self._look_up(body["query"])
        if path == "/user":
            return Reply(200, {"id": user_id})
        if path in self.files:
            content = base64.encodebytes(self.files[path].encode()).decode()
            return Reply(200, {"type": "file", "encoding": "base64", "content": content})
        if path.endswith("/codespaces/devcontainers"):
            below = path.replace("/codespaces/devcontainers", "/contents/")
            paths = [file.removeprefix(below) for file in self.files if file.startswith(below)]
            return _list("devcontainers", [{"path": file} for file in paths if file.endswith("devcontainer.json")])
        found = _PATH.fullmatch(_BY_ID.sub(lambda match: f"/repos/{self.repositories[int(match[1])]}/", path))
        if found is None:
            raise AssertionError(f"The fake GitHub does not know {path}.")
        root, name, number = found["root"], found["name"], found["id"]
        if root.removeprefix("/repos/") in self.former:
            number = self.former[root.removeprefix("/repos/")]
            location = f"{API}{path.replace(root, f'/repositories/{number}')}?per_page=100"
            return Reply(301 if method == "GET" else 307, None, {"Location": location})
        if root == "/user" and user_id != 1:
            root = f"/user:{user_id}"
        consumer = found["consumer"]
        if consumer != CODESPACES and root.startswith("/user"):
            return Reply(404, _NOT_FOUND)
        # Each consumer has a key of its own.
        keys = root if consumer == CODESPACES else f"{root}/{consumer}"
        if name == "public-key":
            return Reply(200, self.key(keys).body)
        if name is None:
            return _list("secrets", [_row(key, shown[key]) for key in self._below(root, consumer, shown)])
        key = f"{root}/{consumer}/secrets/{name}"
        if found["list"]:
            return self._repositories(shown, key) if method == "GET" else self._share(received, key, number, by)
        if method == "PUT":
            return self._put(root, consumer, key, body, by)
        if method != "DELETE":
            raise AssertionError(f"The fake GitHub does not know {received}.")
        if key not in self.secrets:
            return Reply(404, _NOT_FOUND)
        self.delete(key, by=by)
        return Reply(204)

    def _put(self, root: str, consumer: str, path: str, body: Any, by: Caller) -> Reply:
        held = self.secrets.get(path)
        key = self.key(root if consumer == CODESPACES else f"{root}/{consumer}")
        changes: dict[str, Any] = {}
        if root.startswith("/orgs/"):
            if "visibility" not in body:
                return Reply(422, {"message": 'Invalid request. "visibility" wasn\'t supplied.'})
            changes["visibility"] = body["visibility"]
        if not root.startswith("/repos/"):
            # GitHub clears a list that a write omits.
            changes["ids"] = body.get("selected_repository_ids", ())
            if not self.repositories.keys() >= {*changes["ids"]}:
                return Reply(404, _NOT_FOUND)
        if "encrypted_value" not in body:
            if held is None or CONSUMERS[consumer].visibility_needs_value:
                return Reply(422, {"message": 'Invalid request. "encrypted_value" wasn\'t supplied.'})
            self.change(path, by=by, **changes)
            return Reply(204)
        try:
            value = key.open(body["encrypted_value"])
        except CryptoError:
            value = None
        if value is None or body["key_id"] != key.key_id:
            return Reply(422, {"message": "Validation failed due to an improperly encrypted secret."})
        limit = CONSUMERS[consumer].limits[root.startswith("/orgs/")]
        if held is None and limit is not None and len(self._below(root, consumer, self.secrets)) >= limit:
            return Reply(422, {"message": f"No more than {limit} secrets are allowed."})
        self.put(path, value, by=by, **changes)
        return Reply(201, {}) if held is None else Reply(204)

    def _repositories(self, shown: Mapping[str, Held], path: str) -> Reply:
        if path not in shown:
            return Reply(404, _NOT_FOUND)
        rows = [{"id": number, "full_name": self.repositories[number]} for number in sorted(shown[path].ids)]
        return _list("repositories", rows)

    def _share(self, received: Received, path: str, number: str | None, by: Caller) -> Reply:
        held = self.secrets.get(path)
        if held is None:
            return Reply(404, _NOT_FOUND)
        if held.visibility != "selected":
            return Reply(409, {"message": "Conflict"})
        if number is None:
            ids = {*received.body["selected_repository_ids"]}
        elif received.method == "PUT":
            ids = held.ids | {int(number)}
        else:
            ids = held.ids - {int(number)}
            if ids == held.ids:
                return Reply(404, _NOT_FOUND)
        if not self.repositories.keys() >= ids:
            return Reply(404, _NOT_FOUND)
        self.change(path, ids=ids, by=by)
        return Reply(204)

    def _look_up(self, query: str) -> Reply:
        numbers = {full_name.lower(): number for number, full_name in self.repositories.items()} | self.former
        data: dict[str, Any] = {}
        errors = []
        for alias, owner, name in _LOOKUP.findall(query):
            full_name = f"{owner}/{name}".lower()
            number = numbers.get(full_name)
            if full_name in self.protected:
                number = None
                errors.append({"type": "FORBIDDEN", "path": [alias], "message": self.protected[full_name]})
            elif number is None:
                errors.append({"type": "NOT_FOUND", "path": [alias], "message": "Could not resolve."})
            row = None if number is None else {"databaseId": number, "nameWithOwner": self.repositories[number]}
            data[alias] = row
        return Reply(200, {"data": data, **({"errors": errors} if errors else {})})

    # --- stored secrets ---

    def _below(self, root: str, consumer: str, secrets: Mapping[str, Held]) -> list[str]:
        return [path for path in secrets if path.startswith(f"{root}/{consumer}/secrets/")]

    def _stamp(self) -> int:
        return int(self.now) + self._ahead

    def _grants(self, held: Held, ids: Iterable[int], by: Caller) -> dict[int, Grant]:
        return {number: held.grants.get(number, Grant(self.now, by.record)) for number in ids}

    def _set(self, path: str, held: Held | None, by: Caller, *, rewritten: bool = False) -> None:
        self._past.append((self.now, self.secrets))
        self.touches.append(Touch(self.now, path, by, self.secrets.get(path), held, rewritten))
        self.secrets = {key: other for key, other in self.secrets.items() if key != path}
        if held is not None:
            self.secrets[path] = held

    def _shown(self, late: float) -> dict[str, Held]:
        """Return the secrets as they were so many seconds ago."""
        return next((secrets for until, secrets in self._past if until > self.now - late), self.secrets)


def _row(path: str, held: Held) -> dict[str, Any]:
    times = {"created_at": held.created_at, "updated_at": held.updated_at}
    row = {key: format_time(datetime.fromtimestamp(time, timezone.utc)) for key, time in times.items()}
    row["name"] = path.rpartition("/")[2]
    return row if held.visibility is None else {**row, "visibility": held.visibility}


def _list(key: str, rows: list[dict[str, Any]]) -> Reply:
    return Reply(200, {"total_count": len(rows), key: rows})


def _page(reply: Reply, path: str, query: str) -> Reply:
    """Return the requested page of a list, with a link to the next one."""
    asked = {key: int(texts[0]) for key, texts in parse_qs(query).items()}
    size, number = asked.get("per_page", 30), asked.get("page", 1)
    key = next((key for key in ("secrets", "repositories") if isinstance(reply.body, dict) and key in reply.body), None)
    if key is None or len(reply.body[key]) <= size:
        return reply
    rows = reply.body[key][(number - 1) * size : number * size]
    is_last = number * size >= len(reply.body[key])
    link = None if is_last else f'<{API}{path}?per_page={size}&page={number + 1}>; rel="next"'
    return Reply(reply.status, {**reply.body, key: rows}, {**reply.headers, "Link": link})
