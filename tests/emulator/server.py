# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line, which serves until a signal arrives."""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import sys
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from .api import Api
from .apps import AppApi
from .contents import Contents
from .control import Control
from .limits import Rules
from .repositories import Lists
from .state import FULL_NAME, GitHub
from .traffic import Traffic

# The largest body that is read. It is far above the limit of a value, so that a larger value gets GitHub's answer.
_MAX_BODY = 64 * 1024 * 1024
_TOPIC = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")


def application(github: GitHub, *, limits: bool) -> web.Application:
    """Return the server as an aiohttp application, with GitHub's limits or without limits."""
    traffic = Traffic(github, Rules() if limits else None)
    app = web.Application(middlewares=[traffic.middleware], client_max_size=_MAX_BODY)
    app.add_routes(Control(github, traffic).routes())
    app.add_routes(Api(github).routes())
    app.add_routes(Lists(github).routes())
    app.add_routes(Contents(github).routes())
    app.add_routes(AppApi(lambda: traffic.apps).routes())
    return app


def _repository(text: str) -> dict[str, Any]:
    """Parse ``OWNER/REPO`` or ``OWNER/REPO:TOPIC,TOPIC`` into a row of `GitHub.upsert_repository`."""
    full_name, colon, topics = text.partition(":")
    if not FULL_NAME.fullmatch(full_name):
        raise argparse.ArgumentTypeError(f"{full_name!r} is not of the form OWNER/REPO")
    names = topics.split(",") if colon else []
    for name in names:
        if not _TOPIC.fullmatch(name):
            raise argparse.ArgumentTypeError(
                f"{name!r} is not a topic. A topic has up to 50 lower-case letters, digits and hyphens."
            )
    return {"full_name": full_name, "topics": names} if colon else {"full_name": full_name}


async def serve(arguments: argparse.Namespace) -> None:
    """Print the URL once the server listens. Return after SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    context = None
    if arguments.tls_certificate:
        import ssl

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(arguments.tls_certificate, arguments.tls_key)
    github = GitHub(arguments.repository)
    runner = web.AppRunner(application(github, limits=arguments.limits), access_log=None, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", arguments.port, ssl_context=context, backlog=1024)
    await site.start()
    print(f"{'https' if context else 'http'}://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await stopped.wait()
    await runner.cleanup()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests/emulator", description="A local GitHub with Codespaces secrets.")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; default: a free one")
    parser.add_argument(
        "--repository",
        action="append",
        default=[],
        type=_repository,
        metavar="OWNER/REPO[:TOPIC,...]",
        help="add this repository, or set the topics of a default one; may be repeated",
    )
    parser.add_argument("--no-limits", dest="limits", action="store_false", help="take any number of requests")
    parser.add_argument("--tls-certificate", metavar="PATH", help="serve HTTPS with this certificate")
    parser.add_argument("--tls-key", metavar="PATH", help="its key, if it is in a file of its own")
    try:
        asyncio.run(serve(parser.parse_args(argv)))
    except OSError as error:
        # For example, another program listens on the port.
        sys.exit(f"The emulator cannot start: {error.strerror or error}.")
    return 0
