# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub's endpoints: the secrets of users, repositories and organizations, and the related lookups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from . import errors, graphql, shapes
from .access import Need, ScopeKind, Token, secrets_need
from .exchange import Exchange, json_response
from .lookup import repository_of
from .pages import Row, page
from .state import Account, GitHub, Repository
from .vault import CONSUMERS, Secret, Vault

_LOOKUP = Need(("repo",), (("metadata", "read"),), documentation="https://docs.github.com/rest/repos/repos")
_BASES: tuple[tuple[ScopeKind, str], ...] = (
    ("user", "/user"),
    ("repo", "/repos/{owner}/{repo}"),
    ("repo", r"/repositories/{repository_id:\d+}"),
    ("org", "/orgs/{org}"),
    ("org", r"/organizations/{organization_id:\d+}"),
)


@dataclass(frozen=True)
class Target:
    """The owner of the secrets of a request.

    `path`: the path in GitHub's objects; `pages`: the path in its Link headers. Both are without a final slash.
    """

    exchange: Exchange
    vault: Vault
    path: str
    pages: str

    @property
    def name(self) -> str:
        return self.exchange.request.match_info["name"]

    @property
    def repository_id(self) -> int:
        text = self.exchange.request.match_info["repository_id"]
        if not text.isdecimal():
            raise errors.not_found()
        return int(text)


Operation = Callable[[Target], web.Response]


class Api:
    """The endpoints, with one implementation for all kinds of scope."""

    def __init__(self, github: GitHub) -> None:
        self.github = github

    def routes(self) -> list[web.RouteDef]:
        routes = [
            web.get("/", self.root),
            web.get("/meta", self.root),
            web.get("/user", self.user),
            web.get("/repos/{owner}/{repo}", self.repository),
            web.get(r"/repositories/{repository_id:\d+}", self.repository),
            web.post("/graphql", self.graphql),
        ]
        for kind, base in _BASES:
            # A user has secrets for Codespaces only.
            for consumer in ("codespaces",) if kind == "user" else CONSUMERS:
                routes += self._secrets(kind, base, consumer)
        return routes

    def _secrets(self, kind: ScopeKind, base: str, consumer: str) -> list[web.RouteDef]:
        """Return the routes for the secrets of a place for a consumer."""

        def route(method: str, path: str, operation: Operation, *, names_repository: bool = False) -> web.RouteDef:
            return self._route(method, path, kind, consumer, operation, names_repository=names_repository)

        secrets = f"{base}/{consumer}/secrets"
        secret = secrets + "/{name}"
        routes = [
            route("GET", secrets, self.list_secrets),
            route("GET", f"{secrets}/public-key", self.public_key),
            route("GET", secret, self.get_secret),
            route("PUT", secret, self.put_secret),
            route("DELETE", secret, self.delete_secret),
        ]
        if kind != "repo":
            listed = f"{secret}/repositories"
            one = listed + "/{repository_id}"
            routes += [
                route("GET", listed, self.list_repositories),
                route("PUT", listed, self.set_repositories),
                route("PUT", one, self.add_repository, names_repository=True),
                route("DELETE", one, self.remove_repository, names_repository=True),
            ]
        return routes

    def list_secrets(self, target: Target) -> web.Response:
        rows = target.vault.listed()
        shown, headers = self._page(target, rows)
        secrets = [self._shape(target, one) for one in shown]
        return json_response({"total_count": len(rows), "secrets": secrets}, headers=headers)

    def public_key(self, target: Target) -> web.Response:
        return json_response(shapes.public_key(target.vault))

    def get_secret(self, target: Target) -> web.Response:
        return json_response(self._shape(target, target.vault.shown(target.name)))

    def put_secret(self, target: Target) -> web.Response:
        created = target.vault.put(target.name, target.exchange.body())
        return json_response({}, 201) if created else web.Response(status=204)

    def delete_secret(self, target: Target) -> web.Response:
        target.vault.delete(target.name)
        return web.Response(status=204)

    def list_repositories(self, target: Target) -> web.Response:
        found = (self.github.repository(one) for one in target.vault.shown(target.name).repository_ids)
        rows = [one for one in found if one is not None]
        shown: Sequence[Repository] = rows
        headers: Mapping[str, str] = {}
        if target.vault.kind == "org" or self.github.switches.user_repositories_paged:
            shown, headers = self._page(target, rows, f"/{target.name}/repositories")
        exchange = target.exchange
        repositories = [shapes.repository(one, exchange.base, exchange.version) for one in shown]
        return json_response({"total_count": len(rows), "repositories": repositories}, headers=headers)

    def set_repositories(self, target: Target) -> web.Response:
        target.vault.set_repositories(target.name, target.exchange.body())
        return web.Response(status=204)

    def add_repository(self, target: Target) -> web.Response:
        target.vault.add_repository(target.name, target.repository_id)
        return web.Response(status=204)

    def remove_repository(self, target: Target) -> web.Response:
        target.vault.remove_repository(target.name, target.repository_id)
        return web.Response(status=204)

    async def root(self, request: web.Request) -> web.Response:
        base = Exchange.of(request).base
        return json_response({"current_user_url": f"{base}/user", "verifiable_password_authentication": False})

    async def user(self, request: web.Request) -> web.Response:
        exchange = Exchange.of(request)
        if exchange.token.kind == "installation":
            raise errors.not_for_token("installation")
        return json_response(shapes.user(self._account(exchange.token), exchange.base))

    async def repository(self, request: web.Request) -> web.Response:
        exchange = Exchange.of(request)
        exchange.need = _LOOKUP
        found = repository_of(self.github, exchange)
        return json_response(shapes.full_repository(found, exchange.base, exchange.version))

    async def graphql(self, request: web.Request) -> web.Response:
        exchange = Exchange.of(request)
        token = exchange.token

        def find(full_name: str) -> Mapping[str, Any] | str:
            found = self.github.repository_named(full_name)
            if found is None or (found.private and not token.sees_private()):
                return "NOT_FOUND"
            if found.owner.organization and token.sso:
                return "FORBIDDEN"
            return {
                "id": shapes.node_id("Repository", found.id),
                "databaseId": found.id,
                "name": found.name,
                "nameWithOwner": found.full_name,
                "owner": {"login": found.owner.login},
                "isPrivate": found.private,
                "isArchived": found.archived,
                "visibility": found.visibility.upper(),
                "url": f"https://github.com/{found.full_name}",
            }

        account = self._account(token)
        viewer = {"login": account.login, "databaseId": account.id, "id": shapes.node_id("User", account.id)}
        return json_response(graphql.answer(exchange.body(), find, viewer))

    def _route(
        self,
        method: str,
        path: str,
        kind: ScopeKind,
        consumer: str,
        operation: Operation,
        *,
        names_repository: bool = False,
    ) -> web.RouteDef:
        write = method != "GET"
        need = secrets_need(kind, consumer, write=write, names_repository=names_repository)

        async def handle(request: web.Request) -> web.Response:
            exchange = Exchange.of(request)
            exchange.need = need
            return operation(self._target(exchange, kind, consumer, write))

        return web.route(method, path, handle)

    def _target(self, exchange: Exchange, kind: ScopeKind, consumer: str, write: bool) -> Target:
        token, missing_scope = exchange.token, self.github.switches.missing_scope
        if kind == "repo":
            repository = repository_of(self.github, exchange)
            if not token.serves(repository.owner.login):
                raise errors.not_for_token(token.kind)
            exchange.need.check(token, missing_scope)
            if write and repository.archived:
                raise errors.archived()
            path = f"/repositories/{repository.id}"
            return Target(exchange, self.github.vault(kind, repository.id, consumer), path, path)
        if kind == "user":
            exchange.need.check(token, missing_scope)
            return Target(exchange, self.github.vault(kind, self._account(token).id), "/user", "/user")
        organization = self._organization(exchange, consumer)
        if not token.serves(organization.login):
            raise errors.not_for_token(token.kind)
        if token.sso:
            raise errors.sso_required(token.sso)
        exchange.need.check(token, missing_scope)
        path, pages = f"/orgs/{organization.login}", f"/organizations/{organization.id}"
        return Target(exchange, self.github.vault(kind, organization.id, consumer), path, pages)

    def _account(self, token: Token) -> Account:
        return self.github.account(token.user, organization=False)

    def _organization(self, exchange: Exchange, consumer: str) -> Account:
        """Return the organization in the path, unless its plan does not include the consumer."""
        place = exchange.request.match_info
        if "organization_id" in place:
            found = self.github.account_of(int(place["organization_id"]))
        else:
            found = self.github.organization(place["org"])
        hidden = consumer == "codespaces" and found is not None and not found.codespaces
        if found is None or not found.organization or hidden:
            raise errors.not_found()
        return found

    def _shape(self, target: Target, secret: Secret) -> dict[str, object]:
        url = f"{target.exchange.base}{target.path}/{target.vault.consumer}/secrets/{secret.name}"
        return shapes.secret(secret, url, self.github.switches.timestamps)

    def _page(self, target: Target, rows: Sequence[Row], rest: str = "") -> tuple[Sequence[Row], Mapping[str, str]]:
        return page(target.exchange, rows, f"{target.pages}/{target.vault.consumer}/secrets{rest}")
