# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to the API, with its token and permissions, shared by `traffic` and `api`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from . import errors
from .access import ANONYMOUS, Need

VERSIONS = ("2022-11-28", "2026-03-10")
_KEY = "exchange"


class Exchange:
    """A request whose body has been read. `token` and `need` are set while it is handled."""

    def __init__(self, request: web.Request, raw: bytes) -> None:
        self.request = request
        self.token_text = token_text(request)
        self.version = VERSIONS[0]
        self.token = ANONYMOUS
        self.need = Need()
        # The gh command sends a whole URL through its proxy setting. Only the path and the query count.
        target = urlsplit(request.raw_path)
        self.path = target.path or "/"
        self.query_string = target.query
        #: Why its token is rejected.
        self.rejected: errors.Refused | None = None
        self.malformed = False
        self.json: Any = None
        if raw:
            try:
                self.json = json.loads(raw)
            except ValueError:
                self.malformed = True
        request[_KEY] = self

    @staticmethod
    def of(request: web.Request) -> Exchange:
        found = request[_KEY]
        if not isinstance(found, Exchange):
            raise TypeError("no exchange in this request")
        return found

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def spender(self) -> str:
        """The owner of the limits of a minute: the token, or its installation."""
        return self.token_text if self.token.installation is None else f"installation {self.token.installation}"

    @property
    def user(self) -> str:
        """The user of the token."""
        return self.token.user

    @property
    def base(self) -> str:
        """The URL under which the client reached the server."""
        return f"{self.request.scheme}://{self.request.headers.get('Host') or self.request.host}"

    def body(self) -> Mapping[str, Any]:
        """Return the JSON object of the request. A missing body counts as an empty object."""
        if self.malformed:
            raise errors.Refused(400, "Problems parsing JSON")
        if self.json is None:
            return {}
        if not isinstance(self.json, dict):
            raise errors.Refused(400, "Body should be a JSON object")
        return self.json


def token_text(request: web.Request) -> str:
    """Return the token, in any form that GitHub accepts; empty: none."""
    scheme, _space, text = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return text.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(text).decode().partition(":")[2]
        except ValueError:
            return ""
    return ""


def json_response(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    body = json.dumps(data, separators=(",", ":")).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json", charset="utf-8")


def refusal(refused: errors.Refused, documentation: str) -> web.Response:
    """Return the answer for an error; `documentation`: the page of the endpoint, for errors without a page."""
    if refused.html:
        return web.Response(text=refused.message, status=refused.status, content_type="text/html")
    if refused.documentation == errors.DOCUMENTATION:
        refused.documentation = documentation
    return json_response(refused.body(), refused.status, refused.headers)
