# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a repository on its default branch, and its dev container configurations.

A file is a text, ``{"base64": …}`` (bytes), ``{"symlink": target}`` or ``{"submodule": address}``.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import web

from . import errors
from .access import Need
from .exchange import Exchange, json_response
from .lookup import repository_of
from .pages import page
from .state import GitHub, Repository

_DEVCONTAINERS = Need(
    ("codespace",),
    (("codespaces_metadata", "read"),),
    documentation="https://docs.github.com/rest/codespaces/codespaces",
)
_CONTENTS = Need((), (("contents", "read"),), documentation="https://docs.github.com/rest/repos/contents")
_CONFIGURATION = re.compile(r"\.devcontainer\.json|\.devcontainer/(?:([^/]+)/)?devcontainer\.json")
# For larger files, GitHub sends no content.
_MOST = 1024 * 1024


class Contents:
    """The endpoints."""

    def __init__(self, github: GitHub) -> None:
        self.github = github

    def routes(self) -> list[web.RouteDef]:
        routes = []
        for base in ("/repos/{owner}/{repo}", r"/repositories/{repository_id:\d+}"):
            routes += [
                web.get(f"{base}/codespaces/devcontainers", self.devcontainers),
                web.get(f"{base}/contents/{{path:.*}}", self.contents),
            ]
        return routes

    async def devcontainers(self, request: web.Request) -> web.Response:
        exchange = Exchange.of(request)
        found = self._repository(exchange, _DEVCONTAINERS)
        if not found.files and self.github.switches.empty_repository == "not_found":
            raise errors.empty_repository()
        rows = [row for path in found.files if (row := _configuration(path))]
        shown, headers = page(exchange, rows, f"/repositories/{found.id}/codespaces/devcontainers")
        return json_response({"total_count": len(rows), "devcontainers": shown}, headers=headers)

    async def contents(self, request: web.Request) -> web.Response:
        exchange = Exchange.of(request)
        found = self._repository(exchange, _CONTENTS)
        if not found.files:
            raise errors.empty_repository()
        path = request.match_info["path"].strip("/")
        if path in found.files:
            return json_response(_file(exchange, found, path))
        below = path + "/" if path else ""
        names = sorted({name.removeprefix(below).split("/")[0] for name in found.files if name.startswith(below)})
        if not names:
            raise errors.not_found()
        return json_response([_row(exchange, found, below + name) for name in names])

    def _repository(self, exchange: Exchange, need: Need) -> Repository:
        exchange.need = need
        found = repository_of(self.github, exchange)
        need.check(exchange.token, self.github.switches.missing_scope)
        return found


def _configuration(path: str) -> dict[str, str] | None:
    match = _CONFIGURATION.fullmatch(path)
    if match is None:
        return None
    if match[1]:
        return {"path": path, "name": match[1], "display_name": match[1]}
    return {"path": path, "display_name": "Default project configuration"}


def _row(exchange: Exchange, found: Repository, path: str) -> dict[str, Any]:
    """Return the fields that a directory shows of an entry, and that the entry itself has, too."""
    kind, content = _kind(found.files, path)
    sha = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    place, site = f"{exchange.base}/repos/{found.full_name}", f"https://github.com/{found.full_name}"
    url = f"{place}/contents/{quote(path)}?ref={found.default_branch}"
    git_url, html_url = f"{place}/git/blobs/{sha}", f"{site}/blob/{found.default_branch}/{quote(path)}"
    raw = f"https://raw.githubusercontent.com/{found.full_name}/{found.default_branch}/{quote(path)}"
    return {
        "name": posixpath.basename(path),
        "path": path,
        "sha": sha,
        "size": len(content) if kind == "file" else 0,
        "url": url,
        "html_url": html_url,
        "git_url": git_url,
        "download_url": raw if kind in ("file", "symlink") else None,
        "type": kind,
        "_links": {"self": url, "git": git_url, "html": html_url},
    }


def _file(exchange: Exchange, found: Repository, path: str) -> dict[str, Any]:
    row, entry = _row(exchange, found, path), found.files[path]
    if row["type"] == "submodule":
        return {**row, "submodule_git_url": entry["submodule"]}
    if row["type"] == "symlink":
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), entry["symlink"]))
        kind, content = _kind(found.files, target)
        if kind != "file" or target not in found.files:
            return {**row, "target": entry["symlink"]}
        row |= {"type": "file", "size": len(content)}
    else:
        dummy, content = _kind(found.files, path)
    if len(content) > _MOST:
        return {**row, "content": "", "encoding": "none"}
    return {**row, "content": base64.encodebytes(content).decode(), "encoding": "base64"}


def _kind(files: Mapping[str, Any], path: str) -> tuple[str, bytes]:
    entry = files.get(path)
    if entry is None:
        return "dir", b""
    if isinstance(entry, str):
        return "file", entry.encode()
    if "base64" in entry:
        return "file", base64.b64decode(entry["base64"])
    return ("symlink" if "symlink" in entry else "submodule"), b""
