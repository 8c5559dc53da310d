# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A GitHub that keeps secrets, whose lists may lag, and to which something happens at a given request."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any

import requests
from requests.adapters import BaseAdapter

from ansible_collections.devex.github.plugins.module_utils._time import format_time
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import API, KeyPair, response


@dataclass(frozen=True)
class Held:
    """A secret; times are seconds since 1970."""

    value: str
    created_at: int
    updated_at: int
    visibility: str = "selected"
    ids: frozenset[int] = frozenset()


class Lost(requests.ConnectionError):
    """An answer that does not arrive."""


@dataclass
class Happening:
    """What happens at a request, once."""

    method: str
    path: str
    do: Callable[[], Any]
    #: Before GitHub carries the request out, or before it answers.
    after: bool


class Octo(BaseAdapter):
    """Time passes where somebody waits, and where a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_773_144_000.0
        #: Seconds that lists are late.
        self.lag = 0.0
        #: The ID of the user of each token; of any other token, 1.
        self.users: dict[str, int] = {}
        #: By the path of each; below /user for user 1, below /user:ID for others.
        self.secrets: dict[str, Held] = {}
        #: Method and path of each request.
        self.came: list[str] = []
        self._pair = KeyPair()
        self._past: list[tuple[float, dict[str, Held]]] = []
        self._happenings: list[Happening] = []

    def before(self, method: str, path: str, do: Callable[[], Any]) -> None:
        """Have something done right before a request is carried out, or a status answered instead."""
        self._happenings.append(Happening(method, path, do, after=False))

    def after(self, method: str, path: str, do: Callable[[], Any]) -> None:
        """Have something done after a request was carried out, before it is answered."""
        self._happenings.append(Happening(method, path, do, after=True))

    def passes(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    def put(self, path: str, value: str, **changes: Any) -> bool:
        """Create a secret or change its value; whether it is new."""
        held = self.secrets.get(path)
        new = replace(held or Held("", int(self.now), 0), value=value, updated_at=int(self.now), **changes)
        self._set({**self.secrets, path: new})
        return held is None

    def share(self, path: str, *ids: int) -> None:
        """Say who may read a secret."""
        self._set({**self.secrets, path: replace(self.secrets[path], ids=frozenset(ids), updated_at=int(self.now))})

    def delete(self, path: str) -> None:
        """Delete a secret."""
        self._set({key: held for key, held in self.secrets.items() if key != path})

    def writes(self) -> list[str]:
        """The requests that are no reads, and forget all so far."""
        came, self.came = self.came, []
        return [one for one in came if not one.startswith(("GET", "POST"))]

    def send(self, request: requests.PreparedRequest, *dummy: Any, **options: Any) -> requests.Response:
        method, path = str(request.method), str(request.url).removeprefix(API).partition("?")[0]
        self.came.append(f"{method} {path}")
        status = self._happens(method, path, after=False)
        body: Any = None
        if status is None:
            user_id = self.users.get(str(request.headers["Authorization"]).removeprefix("Bearer "), 1)
            status, body = self._carry_out(method, path, json.loads(request.body or "null"), user_id)
            self._happens(method, path, after=True)
        date = format_datetime(datetime.fromtimestamp(int(self.now), timezone.utc), usegmt=True)
        headers = {"Date": date, **({"Retry-After": "30"} if status == 429 else {})}
        return response(request, status, headers, body)

    def close(self) -> None:
        """There is nothing to close."""

    def _happens(self, method: str, path: str, *, after: bool) -> Any:
        for one in self._happenings:
            if (one.method, one.path, one.after) == (method, path, after):
                self._happenings.remove(one)
                found = one.do()
                return found if isinstance(found, int) else None
        return None

    def _set(self, secrets: dict[str, Held]) -> None:
        self._past.append((self.now, self.secrets))
        self.secrets = secrets

    def _shown(self) -> dict[str, Held]:
        return next((past for until, past in self._past if until > self.now - self.lag), self.secrets)

    def _carry_out(self, method: str, path: str, body: Any, user_id: int) -> tuple[int, Any]:
        if path == "/user":
            return 200, {"id": user_id}
        if path.startswith("/user/") and user_id != 1:
            path = path.replace("/user/", f"/user:{user_id}/", 1)
        root, dummy, rest = path.partition("/codespaces/secrets")
        name, dummy, number = rest.strip("/").partition("/repositories")
        secret = f"{root}/codespaces/secrets/{name}"
        if name == "public-key":
            return 200, self._pair.body
        if method == "GET" and not name:
            return 200, _list(
                "secrets", [_row(key, one) for key, one in self._shown().items() if key.startswith(f"{root}/")]
            )
        if method == "GET":
            held = self._shown().get(secret)
            rows = [{"id": one, "full_name": f"octo/r{one}"} for one in sorted(held.ids if held else ())]
            return (200, _list("repositories", rows)) if held else (404, {"message": "Not Found"})
        if "/repositories" in rest:
            return self._change_access(method, secret, number.strip("/"), body)
        if method == "DELETE":
            if secret not in self.secrets:
                return 404, {"message": "Not Found"}
            self.delete(secret)
            return 204, None
        ids = frozenset(body.get("selected_repository_ids", ()))
        visibility = body.get("visibility", "selected")
        value = self._pair.open(body["encrypted_value"]) if "encrypted_value" in body else self.secrets[secret].value
        return (201, {}) if self.put(secret, value, ids=ids, visibility=visibility) else (204, None)

    def _change_access(self, method: str, path: str, number: str, body: Any) -> tuple[int, Any]:
        held = self.secrets.get(path)
        if held is None or (method == "DELETE" and int(number) not in held.ids):
            return 404, {"message": "Not Found"}
        if held.visibility != "selected":
            return 409, {"message": "Conflict"}
        if not number:
            self.share(path, *body["selected_repository_ids"])
        else:
            self.share(path, *(held.ids | {int(number)} if method == "PUT" else held.ids - {int(number)}))
        return 204, None


def _row(path: str, held: Held) -> dict[str, Any]:
    times = {"created_at": held.created_at, "updated_at": held.updated_at}
    told = {key: format_time(datetime.fromtimestamp(time, timezone.utc)) for key, time in times.items()}
    return {"name": path.rpartition("/")[2], "visibility": held.visibility, **told}


def _list(key: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"total_count": len(rows), key: rows}
