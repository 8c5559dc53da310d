# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API, by which tests inspect and change the emulator. It uses JSON and requires no token.

All of it is under ``/_emulator/``:

``GET state``            every scope with its key and its secrets, including the decrypted values
``GET, DELETE calls``    the requests to the API in order
``POST, DELETE faults``  see `faults.Fault`
``GET limit``            ``refused``: the number of requests that the limits have rejected
``POST limit``           see `limits.Rules`; omitted limits are GitHub's. Resets the use of all limits
``DELETE limit``         remove all limits
``POST edits``           an edit elsewhere: ``scope``, ``name``, and ``value`` or ``delete``
``POST clock``           ``advance``: move the emulator's time forward by so many seconds
``PATCH switches``       see `switches.Switches`; returns all of them
``POST rotate-key``      ``scope``: create a new key pair
``GET, POST repositories``  a list of ``full_name``, and what `state.Repository` has: ``id``, ``visibility`` (or
                         ``private``), ``archived``, ``hidden``, ``fork``, ``admin``, ``topics``, ``language``,
                         ``default_branch``, ``properties``, ``files`` (see `contents`); ``renamed_to``: the
                         new name of one
``POST organizations``   ``name``, ``codespaces``
``PUT apps``             GitHub Apps by their IDs: ``public_key`` in PEM format, ``installations`` (IDs by the owners'
                         names), and ``permissions``, if they are not all
``POST revocations``     revoke all tokens of installations
``PUT tokens``           a map of tokens to `access.Token`: accept only these tokens; ``{}``: accept any token
``POST reset``           restore the initial state

Scopes are ``user``, ``user:LOGIN``, ``repo:OWNER/REPO`` and ``org:NAME``. An invalid request gets 400 and a message.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from . import shapes
from .exchange import json_response
from .faults import Fault
from .limits import Rules
from .state import GitHub
from .traffic import CONTROL, Traffic
from .vault import Vault

Action = Callable[[Any], object]


class Control:
    """The control API for an emulated GitHub and its traffic."""

    def __init__(self, github: GitHub, traffic: Traffic) -> None:
        self.github = github
        self.traffic = traffic

    def routes(self) -> list[web.RouteDef]:
        actions: tuple[tuple[str, str, Action], ...] = (
            ("GET", "state", self.state),
            ("GET", "calls", self.calls),
            ("DELETE", "calls", self.clear_calls),
            ("POST", "faults", self.add_fault),
            ("DELETE", "faults", self.clear_faults),
            ("GET", "limit", self.limit),
            ("POST", "limit", self.set_limit),
            ("DELETE", "limit", self.no_limits),
            ("POST", "edits", self.edit),
            ("POST", "clock", self.advance),
            ("PATCH", "switches", self.switches),
            ("POST", "rotate-key", self.rotate_key),
            ("GET", "repositories", self.repositories),
            ("POST", "repositories", self.add_repositories),
            ("POST", "organizations", self.organization),
            ("PUT", "apps", self.apps),
            ("POST", "revocations", self.revoke),
            ("PUT", "tokens", self.tokens),
            ("POST", "reset", self.reset),
        )
        return [_route(method, f"{CONTROL}/{name}", action) for method, name, action in actions]

    def state(self, dummy: Any) -> object:
        return {name: self._scope(vault) for name, vault in self.github.scopes().items()}

    def calls(self, dummy: Any) -> object:
        return [asdict(call) for call in self.traffic.calls]

    def clear_calls(self, dummy: Any) -> object:
        self.traffic.calls = []
        return {}

    def add_fault(self, body: Any) -> object:
        fault = Fault(**body)
        self.traffic.faults.rows.append(fault)
        return asdict(fault)

    def clear_faults(self, dummy: Any) -> object:
        self.traffic.faults.rows = []
        return {}

    def limit(self, dummy: Any) -> object:
        return {"refused": self.traffic.limits.refused}

    def set_limit(self, body: Any) -> object:
        rules = Rules(**body)
        self.traffic.limit(rules)
        return asdict(rules)

    def no_limits(self, dummy: Any) -> object:
        self.traffic.limit(None)
        return {}

    def edit(self, body: Any) -> object:
        if set(body) - {"scope", "name", "value", "delete"} or ("value" in body) == bool(body.get("delete")):
            raise ValueError("an edit is scope, name, and either a value or delete")
        vault = self.github.scope(body["scope"])
        vault.edit(body["name"], body.get("value"))
        return self._scope(vault)

    def advance(self, body: Any) -> object:
        self.github.clock.offset += float(body["advance"])
        return {"now": self.github.clock.now()}

    def switches(self, body: Any) -> object:
        self.github.switches.change(body)
        return asdict(self.github.switches)

    def rotate_key(self, body: Any) -> object:
        return {"key_id": self.github.scope(body["scope"]).rotate_key()}

    def repositories(self, dummy: Any) -> object:
        return [
            {
                "id": one.id,
                "full_name": one.full_name,
                "private": one.private,
                "archived": one.archived,
                "hidden": one.hidden,
            }
            for one in self.github.repositories.values()
        ]

    def add_repositories(self, body: Any) -> object:
        for row in body:
            self.github.upsert_repository(row)
        return self.repositories(None)

    def organization(self, body: Any) -> object:
        found = self.github.set_organization(body["name"], codespaces=bool(body.get("codespaces", True)))
        return {"name": found.login, "id": found.id, "codespaces": found.codespaces}

    def apps(self, body: Any) -> object:
        self.traffic.apps.register(body)
        return {}

    def revoke(self, dummy: Any) -> object:
        self.traffic.apps.revoke()
        return {}

    def tokens(self, body: Any) -> object:
        self.github.register_tokens(body)
        return {}

    def reset(self, dummy: Any) -> object:
        self.github.reset()
        self.traffic.reset()
        return {}

    def _scope(self, vault: Vault) -> dict[str, object]:
        secrets = {}
        for secret in sorted(vault.secrets.values(), key=lambda one: one.name):
            secrets[secret.name] = {
                "value": secret.value,
                "created_at": shapes.timestamp(secret.created_at),
                "updated_at": shapes.timestamp(secret.updated_at),
                "visibility": secret.visibility,
                "repository_ids": list(secret.repository_ids),
                "writes": secret.writes,
            }
        return {"key_id": vault.key_id, "secrets": secrets}


def _route(method: str, path: str, action: Action) -> web.RouteDef:
    async def handle(request: web.Request) -> web.Response:
        raw = await request.read()
        try:
            return json_response(action(json.loads(raw) if raw else None))
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            return json_response({"message": f"{type(problem).__name__}: {problem}"}, 400)

    return web.route(method, path, handle)
