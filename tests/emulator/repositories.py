# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub's lists of repositories: an organization's, a user's, the token's own, and their custom properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiohttp import web

from . import errors, shapes
from .access import Need, Token
from .exchange import Exchange, json_response
from .pages import page
from .state import Account, GitHub, Repository

_METADATA = (("metadata", "read"),)
_REPOSITORIES = "https://docs.github.com/rest/repos/repos"
_LIST = Need((), _METADATA, documentation=_REPOSITORIES)
_OWN = Need((), _METADATA, installations=False, documentation=_REPOSITORIES)
_PROPERTIES = Need(
    ("read:org",),
    (("organization_custom_properties", "read"),),
    documentation="https://docs.github.com/rest/orgs/custom-properties",
)


class Lists:
    """The endpoints."""

    def __init__(self, github: GitHub) -> None:
        self.github = github

    def routes(self) -> list[web.RouteDef]:
        routes = [
            web.get("/user/repos", self.own),
            web.get("/users/{login}/repos", self.of_user),
            web.get(r"/user/{account_id:\d+}/repos", self.of_user),
        ]
        for base in ("/orgs/{login}", r"/organizations/{account_id:\d+}"):
            routes += [
                web.get(f"{base}/repos", self.of_organization),
                web.get(f"{base}/properties/values", self.properties),
            ]
        return routes

    async def own(self, request: web.Request) -> web.Response:
        """List all repositories that the token may see. A header reports organizations that SAML hides."""
        exchange = Exchange.of(request)
        exchange.need, token = _OWN, exchange.token
        if token.kind == "installation":
            raise errors.not_for_token(token.kind)
        rows = self._seen(token)
        partial = {}
        if token.sso:
            left_out = {str(one.owner.id) for one in rows if one.owner.organization}
            rows = [one for one in rows if not one.owner.organization]
            partial = {"X-GitHub-SSO": f"partial-results; organizations={','.join(sorted(left_out))}"}
        return self._listed(exchange, rows, "/user/repos", partial)

    async def of_user(self, request: web.Request) -> web.Response:
        """List public repositories only, as GitHub documents."""
        exchange = Exchange.of(request)
        exchange.need = _LIST
        owner = self._account(request)
        rows = [one for one in self._of(owner) if not one.private and not one.hidden]
        return self._listed(exchange, rows, f"/user/{owner.id}/repos")

    async def of_organization(self, request: web.Request) -> web.Response:
        exchange = Exchange.of(request)
        exchange.need = _LIST
        owner = self._organization(exchange)
        return self._listed(exchange, self._seen(exchange.token, owner), f"/organizations/{owner.id}/repos")

    async def properties(self, request: web.Request) -> web.Response:
        exchange = Exchange.of(request)
        exchange.need = _PROPERTIES
        owner = self._organization(exchange)
        exchange.need.check(exchange.token, self.github.switches.missing_scope)
        rows = self._seen(exchange.token, owner)
        shown, headers = page(exchange, rows, f"/organizations/{owner.id}/properties/values")
        return json_response([shapes.custom_properties(one) for one in shown], headers=headers)

    def _listed(
        self, exchange: Exchange, rows: list[Repository], path: str, headers: Mapping[str, str] | None = None
    ) -> web.Response:
        shown, links = page(exchange, rows, path)
        repositories = [shapes.repository(one, exchange.base, exchange.version) for one in shown]
        return json_response(repositories, headers={**links, **(headers or {})})

    def _account(self, request: web.Request) -> Account:
        place = request.match_info
        if "account_id" in place:
            found = self.github.account_of(int(place["account_id"]))
        else:
            found = self.github.accounts.get(place["login"].lower())
        if found is None:
            raise errors.not_found()
        return found

    def _organization(self, exchange: Exchange) -> Account:
        found = self._account(exchange.request)
        if not found.organization:
            raise errors.not_found()
        if exchange.token.sso:
            raise errors.sso_required(exchange.token.sso)
        return found

    def _of(self, owner: Account) -> Iterable[Repository]:
        return (one for one in self.github.repositories.values() if one.owner.id == owner.id)

    def _seen(self, token: Token, owner: Account | None = None) -> list[Repository]:
        """Return the repositories that the token may see, of one owner or of all, oldest first."""
        rows = self._of(owner) if owner else self.github.repositories.values()
        return [one for one in rows if not one.hidden and (token.sees_private() or not one.private)]
