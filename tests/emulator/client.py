# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start, inspect and change the emulator from Python. Requires only the standard library."""

from __future__ import annotations

import atexit
import json
import select
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

_DIRECTORY = Path(__file__).resolve().parent
_START_SECONDS = 20.0
_STOP_SECONDS = 5.0


class Emulator:
    """A running emulator at `url` (without a final slash). stop() stops an emulator that was started here.

    The methods call the control API; see the module ``control`` for their arguments and results. An invalid request
    raises ValueError with the server's message.
    """

    def __init__(self, url: str, process: subprocess.Popen[str] | None = None) -> None:
        self.url = url.rstrip("/")
        self._process = process
        # Tests create the certificate, and the emulator runs on this machine, so there is nothing to verify.
        context = ssl._create_unverified_context() if url.startswith("https:") else None
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if context is not None:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    @classmethod
    def start(cls, *arguments: str) -> Emulator:
        """Start an emulator with these command line arguments, and wait until it listens."""
        command = [sys.executable, str(_DIRECTORY), *arguments]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if process.stdout is None:
            raise RuntimeError("the emulator has no standard output")
        ready = select.select([process.stdout], [], [], _START_SECONDS)[0]
        url = process.stdout.readline().strip() if ready else ""
        if not url:
            process.kill()
            raise RuntimeError(f"the emulator did not start, its status is {process.wait()}")
        emulator = cls(url, process)
        atexit.register(emulator.stop)
        return emulator

    def stop(self) -> None:
        """Stop the emulator if it was started here. Further calls do nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def state(self) -> dict[str, Any]:
        """Return each scope, with its ``key_id`` and its ``secrets`` by name."""
        return dict(self._control("GET", "state"))

    def secret(self, scope: str, name: str) -> dict[str, Any] | None:
        """Return a secret with its decrypted ``value``; None: absent. Raise KeyError for an unknown scope."""
        found: dict[str, Any] | None = self.state()[scope]["secrets"].get(name.upper())
        return found

    def values(self, scope: str) -> dict[str, str]:
        """Return the decrypted values of a scope by name. Raise KeyError for an unknown scope."""
        return {name: secret["value"] for name, secret in self.state()[scope]["secrets"].items()}

    def calls(self, writes_only: bool = False) -> list[dict[str, Any]]:
        """Return the requests in order; `writes_only` omits requests that change nothing."""
        rows: list[dict[str, Any]] = self._control("GET", "calls")
        if not writes_only:
            return rows
        return [row for row in rows if row["method"] not in ("GET", "HEAD", "OPTIONS") and row["path"] != "/graphql"]

    def clear_calls(self) -> None:
        self._control("DELETE", "calls")

    def fault(self, kind: str, **options: Any) -> None:
        """Make the next request fail, or the requests that ``method``, ``path`` and ``times`` select."""
        self._control("POST", "faults", {"kind": kind, **options})

    def limit(self, **options: Any) -> None:
        """Set limits such as ``points`` in each ``window`` of seconds or ``remaining``. Other limits are GitHub's."""
        self._control("POST", "limit", options)

    def no_limits(self) -> None:
        """Remove all limits."""
        self._control("DELETE", "limit")

    def refused(self) -> int:
        """Return the number of requests rejected since the limits were set."""
        return int(self._control("GET", "limit")["refused"])

    def edit(self, scope: str, name: str, **changes: Any) -> None:
        """Edit a secret elsewhere: ``value``, or ``delete=True``."""
        self._control("POST", "edits", {"scope": scope, "name": name, **changes})

    def advance(self, seconds: float) -> None:
        """Move the emulator's clock forward."""
        self._control("POST", "clock", {"advance": seconds})

    def switch(self, **values: Any) -> None:
        """Set a switch of unknown behaviour of GitHub."""
        self._control("PATCH", "switches", values)

    def rotate_key(self, scope: str) -> str:
        """Give a scope a new key pair, and return its ID."""
        return str(self._control("POST", "rotate-key", {"scope": scope})["key_id"])

    def repositories(self, *rows: dict[str, Any] | str) -> dict[str, int]:
        """Add or change repositories, and return all IDs by full name. A name alone adds a repository."""
        given = [{"full_name": row} if isinstance(row, str) else row for row in rows]
        found = self._control("POST", "repositories", given) if given else self._control("GET", "repositories")
        return {row["full_name"]: row["id"] for row in found}

    def organization(self, name: str, codespaces: bool = True) -> None:
        """Add an organization, with or without Codespaces in its plan."""
        self._control("POST", "organizations", {"name": name, "codespaces": codespaces})

    def apps(self, apps: dict[str, dict[str, Any]]) -> None:
        """Have these GitHub Apps, by their IDs."""
        self._control("PUT", "apps", apps)

    def revoke(self) -> None:
        """Revoke all tokens of installations."""
        self._control("POST", "revocations")

    def tokens(self, tokens: dict[str, dict[str, Any]]) -> None:
        """Accept only these tokens; with an empty map, accept any token again."""
        self._control("PUT", "tokens", tokens)

    def reset(self) -> None:
        """Restore the initial state, including the log and the clock."""
        self._control("POST", "reset")

    def _control(self, method: str, name: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/_emulator/{name}", data, headers, method=method)
        try:
            with self._opener.open(request, timeout=_START_SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as refused:
            with refused:
                text = refused.read().decode("utf-8", "replace")
            raise ValueError(f"{method} {name}: {text}") from None
