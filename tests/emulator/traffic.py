# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handle every request to the API: log it, apply faults and limits, answer it, or lose the answer."""

from __future__ import annotations

import asyncio
import hashlib
import http
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from aiohttp import web

from . import errors
from .access import ANONYMOUS
from .apps import Apps
from .exchange import VERSIONS, Exchange, json_response, refusal, token_text
from .faults import Fault, Faults
from .limits import Limits, Rules, cost
from .state import GitHub

CONTROL = "/_emulator"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Call:
    """A request in the log.

    `status` is None as long as it has no answer, and for ever if the answer was lost. `in_flight` is how many requests
    of its token were under way when it came, itself included.
    """

    method: str
    path: str
    query: dict[str, str]
    status: int | None
    body: Any
    headers: dict[str, str]
    rate_points: int
    in_flight: int


class Traffic:
    """The middleware around the API, but not around the control API. `rules`: the initial limits."""

    def __init__(self, github: GitHub, rules: Rules | None) -> None:
        self.github = github
        self._rules = rules
        self._count = 0
        self._in_flight: Counter[str] = Counter()
        self.reset()

    def reset(self) -> None:
        """Forget all requests, after `github` was reset."""
        self.faults = Faults()
        self.apps = Apps(self.github)
        self.calls: list[Call] = []
        self.limit(self._rules)

    def limit(self, rules: Rules | None) -> None:
        """Set limits, and reset their use; None: no limits."""
        self.limits = Limits(self.github.clock, rules)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(CONTROL):
            return await handler(request)
        token = token_text(request)
        self._in_flight[token] += 1
        try:
            return await self._handled(request, handler)
        finally:
            self._in_flight[token] -= 1

    async def _handled(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        exchange = Exchange(request, await request.read())
        self._recognise(exchange)
        call = self._logged(exchange)
        seconds, fault = self.faults.take(request.method, exchange.path, exchange.query_string)
        kind = fault.kind if fault else None
        if seconds:
            await asyncio.sleep(seconds)
        if kind == "drop":
            return _lost(request)
        if fault is not None and kind in ("status", "not_json"):
            response = _faulty(fault)
            self._complete(exchange, response)
        else:
            response = await self._answered(exchange, handler, call.in_flight)
        if kind == "drop_after":
            return _lost(request)
        if kind == "truncate":
            call.status = response.status
            return _truncated(request, response)
        if request.transport is not None and not request.transport.is_closing():
            call.status = response.status
        return response

    def _logged(self, exchange: Exchange) -> Call:
        request = exchange.request
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = dict(request.query)
        points = cost(request.method, exchange.path)
        in_flight = self._in_flight[exchange.token_text]
        call = Call(request.method, exchange.path, query, None, exchange.json, headers, points, in_flight)
        self.calls.append(call)
        return call

    async def _answered(self, exchange: Exchange, handler: Handler, in_flight: int) -> web.Response:
        refused: errors.Refused | None = None
        try:
            self._admit(exchange, in_flight)
        except errors.Refused as problem:
            refused = problem
        if self.github.switches.latency:
            await asyncio.sleep(self.github.switches.latency)
        if refused is None:
            try:
                answer = await handler(exchange.request)
                if not isinstance(answer, web.Response):
                    raise TypeError(f"not a response: {answer!r}")
                response = self._cacheable(exchange, answer)
            except errors.Refused as problem:
                refused = problem
            except web.HTTPClientError:
                # GitHub sends the same answer for an unknown path and for a wrong method.
                refused = errors.not_found()
        if refused is not None:
            response = refusal(refused, exchange.need.documentation)
        self._complete(exchange, response)
        return response

    def _recognise(self, exchange: Exchange) -> None:
        """Note the token and the API version if they are valid."""
        headers = exchange.request.headers
        version = headers.get("X-GitHub-Api-Version", VERSIONS[0])
        if version in VERSIONS:
            exchange.version = version
        text = exchange.token_text
        found = self.apps.recognise(exchange.path, text) or (self.github.token(text) if text else None)
        if isinstance(found, errors.Refused):
            exchange.rejected, found = found, None
        exchange.token = found or ANONYMOUS

    def _admit(self, exchange: Exchange, in_flight: int) -> None:
        headers = exchange.request.headers
        if not headers.get("User-Agent"):
            raise errors.no_user_agent()
        version = headers.get("X-GitHub-Api-Version", VERSIONS[0])
        if version not in VERSIONS:
            raise errors.unknown_version(version, VERSIONS)
        if exchange.rejected is not None:
            raise exchange.rejected
        if exchange.token is ANONYMOUS:
            raise errors.bad_token() if exchange.token_text else errors.no_token()
        self.limits.admit(exchange, in_flight)

    def _cacheable(self, exchange: Exchange, response: web.Response) -> web.Response:
        """Return an answer with the headers for caches; 304 if the client has it already."""
        method, status = exchange.request.method, response.status
        if (method, status) not in (("GET", 200), ("PUT", 201), ("PUT", 204), ("DELETE", 204)):
            return response
        tag = _tag(exchange, response) if status != 204 and self.github.switches.etags else None
        if tag and exchange.request.headers.get("If-None-Match") == tag:
            self.limits.give_back(exchange)
            response = web.Response(status=304)
        response.headers["Vary"] = "Accept, Authorization, Cookie, X-GitHub-OTP"
        if status != 204:
            response.headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
        if tag:
            response.headers["ETag"] = tag
        return response

    def _complete(self, exchange: Exchange, response: web.Response) -> None:
        """Add the headers of every answer, unless the answer has them already."""
        self._count += 1
        common = {
            "Date": formatdate(int(self.github.clock.now()), usegmt=True),
            "Server": "emulated GitHub",
            "X-GitHub-Request-Id": f"E0E0:{id(self) & 0xFFFF:04X}:{self._count:08X}",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Api-Version-Selected": exchange.version,
            **self.limits.headers(exchange),
            **exchange.need.headers(exchange.token),
        }
        if exchange.token.expires:
            common["GitHub-Authentication-Token-Expiration"] = exchange.token.expires
        for name, value in common.items():
            response.headers.setdefault(name, value)


def _tag(exchange: Exchange, response: web.Response) -> str:
    """Return the ETag: strong for a creation, weak for a read, and different for each token."""
    sent = exchange.request.headers
    body = response.body if isinstance(response.body, bytes) else b""
    covered = (sent.get("Accept", "").encode(), sent.get("Authorization", "").encode(), body)
    digest = hashlib.sha256(b"\0".join(covered)).hexdigest()
    return f'"{digest}"' if response.status == 201 else f'W/"{digest}"'


def _faulty(fault: Fault) -> web.Response:
    if fault.kind == "not_json":
        page = "<!DOCTYPE html>\n<html><head><title>Unicorn!</title></head><body>Please try again.</body></html>\n"
        return web.Response(text=page, content_type="text/html")
    if fault.body is None:
        message = http.HTTPStatus(fault.status).phrase
        response = json_response(errors.Refused(fault.status, message).body(), fault.status)
    elif isinstance(fault.body, str):
        response = web.Response(text=fault.body, status=fault.status, content_type="text/html")
    else:
        response = json_response(fault.body, fault.status)
    for name, value in fault.headers.items():
        response.headers[name] = value
    return response


def _lost(request: web.Request) -> web.Response:
    """Close the connection. The returned answer cannot be sent any more."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _truncated(request: web.Request, response: web.Response) -> web.Response:
    """Send the headers of an answer with half of its body, then close the connection."""
    body = response.body if isinstance(response.body, bytes) else b""
    # An answer without a body cannot be cut, so it becomes one with a body.
    status = response.status if body else 200
    head = [f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}"]
    head += [f"{name}: {value}" for name, value in response.headers.items() if name.lower() != "content-length"]
    head += [f"Content-Length: {len(body) + 20}", "", ""]
    if request.transport is not None:
        request.transport.write("\r\n".join(head).encode("latin-1") + body[: len(body) // 2])
        request.transport.close()
    return web.Response()
