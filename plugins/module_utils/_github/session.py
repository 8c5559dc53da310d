# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hold the clients of a task, one for each token or installation of an App, which share their connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from ansible_collections.devex.github.plugins.module_utils._errors import InputError, Stopped
from ansible_collections.devex.github.plugins.module_utils._github.app import AppKey
from ansible_collections.devex.github.plugins.module_utils._github.app_api import AppApi
from ansible_collections.devex.github.plugins.module_utils._github.client import Client
from ansible_collections.devex.github.plugins.module_utils._github.credentials import Credentials, Token
from ansible_collections.devex.github.plugins.module_utils._github.installation import Installation
from ansible_collections.devex.github.plugins.module_utils._github.ledger import Shared
from ansible_collections.devex.github.plugins.module_utils._github.ledger_file import FileLedger
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.transport import App, Connection, Transport
from ansible_collections.devex.github.plugins.module_utils._model import Ledger
from ansible_collections.devex.github.plugins.module_utils._scope import Scope

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter


class Session:
    """The clients of a task. Safe for any number of threads."""

    def __init__(
        self, connection: Connection, *, adapter: BaseAdapter | None = None, pace: Callable[[], Pace] | None = None
    ) -> None:
        """:arg pace: makes the pace of a token, which no other process shares; None: all processes of the user do."""
        self._connection = connection
        self._transport = Transport(connection, adapter)
        self._new_pace = pace
        self._ledgers: list[Ledger] = [FileLedger(connection.api_url)]
        self._clients: list[Client] = []
        # Of an App: its endpoints, and the clients of its installations by their owners.
        self._app: AppApi | None = None
        self._installations: dict[str, Client] = {}
        self._stopped: Stopped | None = None
        self._calls_before = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Begin another item of a loop: count its requests and collect its warnings from here on."""
        self._calls_before = self._transport.calls
        for client in self._all():
            client.begin()

    def client(self, token: str | None = None, *, scope: Scope | None = None) -> Client:
        """Return the client of a token; None: of the task's token, or of its App's installation.

        :arg scope: an App uses the installation of its owner. It does not matter for tokens.
        :raises InputError: the task has an App, but no owner can have installed it.
        """
        main, app = self._connection.token or "", self._connection.app
        with self._lock:
            if token is None and app is not None:
                return self._installation(app, scope)
            token = token or main
            client = next((known for known in self._clients if known.credentials.identity == token), None)
            return client or self._add(Token(token), is_main=token == main)

    def share_pace(self, ledger: Ledger | None) -> None:
        """Share the pace through another ledger, too, if there is one. It replaces that of an earlier item."""
        if ledger is None:
            return
        self._ledgers = [self._ledgers[0], ledger]
        for client in self._all():
            client.pace.share(Shared(client.credentials, self._ledgers))

    @property
    def calls(self) -> int:
        """Requests sent, with retries and redirects."""
        return self._transport.calls - self._calls_before

    @property
    def rate_limit(self) -> dict[str, int]:
        """limit, remaining, used and reset (seconds since 1970) of the last answer that had them."""
        latest = max(self._of_tokens(), key=lambda client: client.rate_limit_at, default=None)
        return latest.rate_limit if latest else {}

    @property
    def notices(self) -> list[str]:
        """Warnings for the user."""
        return [notice for client in self._all() for notice in client.notices]

    def seconds_for(self, points: int) -> float:
        """Return the least seconds that GitHub's limits make so many more points take."""
        paces = [client.pace for client in self._of_tokens()]
        return max((pace.seconds_for(points // len(paces)) for pace in paces), default=0.0)

    @property
    def minted(self) -> set[str]:
        """Tokens of installations, which must not be shown."""
        return {token for client in self._of_tokens() for token in client.credentials.minted}

    @property
    def stopped(self) -> bool:
        """Whether the task was interrupted, so that this session sends nothing more."""
        return self._stopped is not None

    def stop(self, reason: str = "The task was interrupted.") -> None:
        """Send nothing more with any token."""
        stopped = Stopped(reason)
        with self._lock:
            self._stopped = self._stopped or stopped
        for client in self._all():
            client.stop(stopped)
        self._transport.abandon()

    def settle(self) -> None:
        """Report the last answers to other processes, and give back reservations that were not used."""
        for client in self._all():
            client.pace.settle()

    def close(self) -> None:
        """Close all connections."""
        self.settle()
        self._transport.close()

    def _installation(self, app: App, scope: Scope | None) -> Client:
        if scope is None or scope.owner is None:
            raise InputError("app_id: a GitHub App has no access to secrets of a user. Set token instead of app_id.")
        key = scope.owner.lower()
        if key not in self._installations:
            self._app = self._app or AppApi(app, self._new(AppKey(app)))
            is_organization = scope.kind == "organization"
            self._installations[key] = self._add(Installation(self._app, scope.owner, is_organization=is_organization))
        return self._installations[key]

    def _add(self, credentials: Credentials, *, is_main: bool = True) -> Client:
        client = self._new(credentials, is_main=is_main)
        self._clients.append(client)
        return client

    def _new(self, credentials: Credentials, *, is_main: bool = True) -> Client:
        client = Client(self._connection, self._transport, credentials, self._pace(credentials), is_main=is_main)
        if self._stopped is not None:
            client.stop(self._stopped)
        return client

    def _pace(self, credentials: Credentials) -> Pace:
        if self._new_pace is not None:
            return self._new_pace()
        return Pace(self._connection.max_wait, shared=Shared(credentials, self._ledgers))

    def _all(self) -> list[Client]:
        with self._lock:
            return [*self._clients, *([] if self._app is None else [self._app.client])]

    def _of_tokens(self) -> list[Client]:
        """Return all clients but that of the App, which only gets tokens."""
        with self._lock:
            return [*self._clients]
