# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub Apps: they sign JSON web tokens, find their installations, and get tokens for them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from . import errors, shapes
from .access import Token
from .exchange import Exchange, json_response
from .state import Account, GitHub

_PATHS = re.compile(r"/app/installations/\d+(?:/access_tokens)?|/(?:orgs|users|repos/[^/]+)/[^/]+/installation")
_LONGEST_SECONDS = 600
_PERMISSIONS = {
    "agent_secrets": "write",
    "codespaces_secrets": "write",
    "contents": "read",
    "dependabot_secrets": "write",
    "metadata": "read",
    "organization_agent_secrets": "write",
    "organization_codespaces_secrets": "write",
    "organization_custom_properties": "read",
    "organization_dependabot_secrets": "write",
    "organization_secrets": "write",
    "secrets": "write",
}


@dataclass(frozen=True)
class Installation:
    """An App in the account of its `owner`."""

    id: int
    owner: Account
    permissions: Mapping[str, str]


@dataclass(frozen=True)
class App:
    """An App. `public_key` is in PEM format; `installations` are by the owner's login in lower case."""

    id: int
    public_key: str
    installations: Mapping[str, Installation] = field(default_factory=dict)

    def installation(self, number: int) -> Installation | None:
        return next((one for one in self.installations.values() if one.id == number), None)


class Apps:
    """All Apps, and the tokens of their installations."""

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self._apps: dict[str, App] = {}
        #: With the times between which each is valid, in seconds since the epoch.
        self._tokens: dict[str, tuple[Token, float, int]] = {}

    def register(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Have these Apps, by their IDs. A row has a `public_key`, and `installations`: IDs by the owners' logins."""
        apps = {}
        for number, row in rows.items():
            installations = {
                login.lower(): Installation(
                    installation,
                    self._github.account(login, organization=True),
                    dict(row.get("permissions", _PERMISSIONS)),
                )
                for login, installation in row["installations"].items()
            }
            apps[number] = App(int(number), row["public_key"], installations)
        self._apps = apps

    def recognise(self, path: str, text: str) -> Token | errors.Refused | None:
        """Return the token, or the reason for its rejection; None: it does not belong to an App."""
        if _PATHS.fullmatch(path):
            return self._signed(text)
        if text not in self._tokens:
            return None
        token, known_at, expires_at = self._tokens[text]
        return token if known_at <= self._github.clock.now() < expires_at else errors.bad_token()

    def revoke(self) -> None:
        """Revoke all tokens of installations."""
        self._tokens = {text: (token, known_at, 0) for text, (token, known_at, dummy) in self._tokens.items()}

    def mint(self, app: App, installation: Installation) -> tuple[str, int]:
        """A new token, and when it expires."""
        text = f"ghs_{secrets.token_hex(18)}"
        now, switches = self._github.clock.now(), self._github.switches
        expires_at = int(now + switches.installation_token_seconds)
        user = f"app-{app.id}-in-{installation.owner.login}[bot]"
        token = Token(
            "installation",
            user,
            (),
            installation.permissions,
            installation=installation.id,
            owner=installation.owner.login,
        )
        self._tokens[text] = token, now + switches.installation_token_lag, expires_at
        return text, expires_at

    def app(self, exchange: Exchange) -> App:
        return self._apps[exchange.token.user]

    def _signed(self, text: str) -> Token | errors.Refused:
        """The App that has signed a JSON web token, as a token whose user is the App's ID."""
        # Most users of the emulator have no App, and need not install it.
        import jwt

        now = self._github.clock.now()
        # Its own clock may differ from that of this machine.
        timeless: Any = {"verify_exp": False, "verify_iat": False}
        try:
            number = str(jwt.decode(text, options={"verify_signature": False})["iss"])
            if number not in self._apps:
                return errors.Refused(404, "Integration not found")
            claims = jwt.decode(text, self._apps[number].public_key, ["RS256"], options=timeless)
        except (jwt.InvalidTokenError, KeyError):
            return errors.Refused(401, "A JSON web token could not be decoded")
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or issued > now:
            said = "must be an Integer representing the time that the assertion was issued"
            return errors.Refused(401, f"'Issued at' claim ('iat') {said}")
        if not isinstance(expires, int) or expires <= now:
            said = "must be a numeric value representing the future time at which the assertion expires"
            return errors.Refused(401, f"'Expiration time' claim ('exp') {said}")
        if expires > now + _LONGEST_SECONDS:
            return errors.Refused(401, "'Expiration time' claim ('exp') is too far in the future")
        return Token("app", number, ())


class AppApi:
    """The endpoints."""

    def __init__(self, apps: Callable[[], Apps]) -> None:
        """`apps` returns those since the last reset."""
        self.apps = apps

    def routes(self) -> list[web.RouteDef]:
        return [
            # As GitHub's, that of users accepts organizations, too.
            web.get("/users/{owner}/installation", self.installation),
            web.get("/orgs/{owner}/installation", self.installation),
            web.get("/repos/{owner}/{repo}/installation", self.installation),
            web.get(r"/app/installations/{id:\d+}", self.installation_by_id),
            web.post(r"/app/installations/{id:\d+}/access_tokens", self.access_token),
        ]

    async def installation(self, request: web.Request) -> web.Response:
        exchange = Exchange.of(request)
        app = self.apps().app(exchange)
        found = app.installations.get(request.match_info["owner"].lower())
        return self._installation(exchange, app, found)

    async def installation_by_id(self, request: web.Request) -> web.Response:
        exchange = Exchange.of(request)
        app = self.apps().app(exchange)
        return self._installation(exchange, app, app.installation(int(request.match_info["id"])))

    async def access_token(self, request: web.Request) -> web.Response:
        app = self.apps().app(Exchange.of(request))
        found = app.installation(int(request.match_info["id"]))
        if found is None:
            raise errors.not_found()
        text, expires_at = self.apps().mint(app, found)
        return json_response(
            {
                "token": text,
                "expires_at": shapes.timestamp(expires_at),
                "permissions": found.permissions,
                "repository_selection": "all",
            },
            201,
        )

    def _installation(self, exchange: Exchange, app: App, found: Installation | None) -> web.Response:
        if found is None:
            raise errors.not_found()
        moment = shapes.timestamp(0)
        url = f"{exchange.base}/app/installations/{found.id}"
        return json_response(
            {
                "id": found.id,
                "account": shapes.account(found.owner, exchange.base),
                "repository_selection": "all",
                "access_tokens_url": f"{url}/access_tokens",
                "repositories_url": f"{exchange.base}/installation/repositories",
                "html_url": f"https://github.com/settings/installations/{found.id}",
                "app_id": app.id,
                "app_slug": f"app-{app.id}",
                "target_id": found.owner.id,
                "target_type": "Organization" if found.owner.organization else "User",
                "permissions": found.permissions,
                "events": [],
                "created_at": moment,
                "updated_at": moment,
                "single_file_name": None,
                "suspended_by": None,
                "suspended_at": None,
            }
        )
