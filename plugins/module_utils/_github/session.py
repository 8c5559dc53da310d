# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hold the clients of a task, one for each token, which share their connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from ansible_collections.devex.github.plugins.module_utils._errors import Stopped
from ansible_collections.devex.github.plugins.module_utils._github.client import Client
from ansible_collections.devex.github.plugins.module_utils._github.ledger import Shared
from ansible_collections.devex.github.plugins.module_utils._github.ledger_file import FileLedger
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.transport import Connection, Transport
from ansible_collections.devex.github.plugins.module_utils._model import Ledger

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
        self._stopped: Stopped | None = None
        self._calls_before = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Begin another item of a loop: count its requests and collect its warnings from here on."""
        self._calls_before = self._transport.calls
        for client in self._all():
            client.begin()

    def client(self, token: str | None = None) -> Client:
        """Return the client of a token; None: the token of the task."""
        main = self._connection.token or ""
        token = token or main
        with self._lock:
            client = next((known for known in self._clients if known.token == token), None)
            if client is None:
                client = Client(self._connection, self._transport, token, self._pace(token), is_main=token == main)
                if self._stopped is not None:
                    client.stop(self._stopped)
                self._clients.append(client)
            return client

    def share_pace(self, ledger: Ledger | None) -> None:
        """Share the pace through another ledger, too, if there is one. It replaces that of an earlier item."""
        if ledger is None:
            return
        self._ledgers = [self._ledgers[0], ledger]
        for client in self._all():
            client.pace.share(Shared(client.token, self._ledgers))

    @property
    def calls(self) -> int:
        """Requests sent, with retries and redirects."""
        return self._transport.calls - self._calls_before

    @property
    def rate_limit(self) -> dict[str, int]:
        """limit, remaining, used and reset (seconds since 1970) of the last answer that had them."""
        latest = max(self._all(), key=lambda client: client.rate_limit_at, default=None)
        return latest.rate_limit if latest else {}

    @property
    def notices(self) -> list[str]:
        """Warnings for the user."""
        return [notice for client in self._all() for notice in client.notices]

    def seconds_for(self, points: int) -> float:
        """Return the least seconds that GitHub's limits make so many more points take."""
        paces = [client.pace for client in self._all()]
        return max((pace.seconds_for(points // len(paces)) for pace in paces), default=0.0)

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

    def settle(self) -> None:
        """Report the last answers to other processes, and give back reservations that were not used."""
        for client in self._all():
            client.pace.settle()

    def close(self) -> None:
        """Close all connections."""
        self.settle()
        self._transport.close()

    def _pace(self, token: str) -> Pace:
        if self._new_pace is not None:
            return self._new_pace()
        return Pace(self._connection.max_wait, shared=Shared(token, self._ledgers))

    def _all(self) -> list[Client]:
        with self._lock:
            return [*self._clients]
