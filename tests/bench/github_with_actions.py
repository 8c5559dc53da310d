# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The local GitHub, with the two endpoints of Actions secrets that ``community.general.github_secrets`` calls.

A repository's Actions secrets are its Codespaces secrets here. Latency, call log and control API are the emulator's,
so that all ways are measured alike.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aiohttp import web
from emulator import errors, shapes
from emulator.exchange import Exchange, json_response
from emulator.server import application
from emulator.state import GitHub
from emulator.vault import Vault

SECRETS = "/repos/{owner}/{repo}/actions/secrets"


def routes(github: GitHub) -> list[web.RouteDef]:
    def vault(request: web.Request) -> Vault:
        repository = github.repository_named("{owner}/{repo}".format(**request.match_info))
        if repository is None:
            raise errors.not_found()
        return github.vault("repo", repository.id)

    async def public_key(request: web.Request) -> web.Response:
        return json_response(shapes.public_key(vault(request)))

    async def put(request: web.Request) -> web.Response:
        created = vault(request).put(request.match_info["name"], Exchange.of(request).body())
        return json_response({}, 201) if created else web.Response(status=204)

    return [web.get(f"{SECRETS}/public-key", public_key), web.put(SECRETS + "/{name}", put)]


def main() -> None:
    """Print the address, then serve until a signal comes."""
    github = GitHub()
    app = application(github, limits=False)
    app.add_routes(routes(github))
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    web.run_app(app, sock=listening, access_log=None, print=None, shutdown_timeout=0, backlog=1024)


if __name__ == "__main__":
    main()
