# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator for Python programs: start it, look at it, change it. Standard library only."""

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
    """A running emulator at `url` (without a final slash). One that was started here is stopped by `stop`.

    The methods are the control API; see the module ``control`` for what they take and give. A request that makes no
    sense raises ValueError with the server's message.
    """

    def __init__(self, url: str, process: subprocess.Popen[str] | None = None) -> None:
        self.url = url.rstrip("/")
        self._process = process
        # The certificate is whatever a test made up, and it is this machine that answers.
        context = ssl._create_unverified_context() if url.startswith("https:") else None
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if context is not None:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    @classmethod
    def start(cls, *arguments: str) -> Emulator:
        """Start one with these command line arguments, and wait until it listens."""
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
        """Stop it, if it was started here; may be called again."""
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
        """Every scope: its ``key_id`` and its ``secrets`` by name."""
        return dict(self._control("GET", "state"))

    def secret(self, scope: str, name: str) -> dict[str, Any] | None:
        """One secret with its decrypted ``value``; None if it does not exist. KeyError for an unknown scope."""
        found: dict[str, Any] | None = self.state()[scope]["secrets"].get(name.upper())
        return found

    def values(self, scope: str) -> dict[str, str]:
        """The decrypted value of each secret of a scope by its name. KeyError for an unknown scope."""
        return {name: secret["value"] for name, secret in self.state()[scope]["secrets"].items()}

    def calls(self, writes_only: bool = False) -> list[dict[str, Any]]:
        """The requests that came, in order; `writes_only` leaves out those that change nothing."""
        rows: list[dict[str, Any]] = self._control("GET", "calls")
        if not writes_only:
            return rows
        return [row for row in rows if row["method"] not in ("GET", "HEAD", "OPTIONS") and row["path"] != "/graphql"]

    def clear_calls(self) -> None:
        self._control("DELETE", "calls")

    def fault(self, kind: str, **options: Any) -> None:
        """Let the next request fail, or those that ``method``, ``path`` and ``times`` choose."""
        self._control("POST", "faults", {"kind": kind, **options})

    def limit(self, **options: Any) -> None:
        """GitHub's limits except for these, as ``points`` in any ``window`` of seconds, ``remaining`` of the hour."""
        self._control("POST", "limit", options)

    def no_limits(self) -> None:
        """Limit nothing."""
        self._control("DELETE", "limit")

    def refused(self) -> int:
        """How many requests were refused since the limits were set."""
        return int(self._control("GET", "limit")["refused"])

    def edit(self, scope: str, name: str, **changes: Any) -> None:
        """Somebody else's edit: ``value``, or ``delete=True``."""
        self._control("POST", "edits", {"scope": scope, "name": name, **changes})

    def advance(self, seconds: float) -> None:
        """Move the emulator's clock on."""
        self._control("POST", "clock", {"advance": seconds})

    def switch(self, **values: Any) -> None:
        """Choose the other side of something that is not known about GitHub."""
        self._control("PATCH", "switches", values)

    def rotate_key(self, scope: str) -> str:
        """Give a scope a new key pair; returns its ID."""
        return str(self._control("POST", "rotate-key", {"scope": scope})["key_id"])

    def repositories(self, *rows: dict[str, Any] | str) -> dict[str, int]:
        """Add or change some, a name alone adds one; returns the IDs of all by full name."""
        given = [{"full_name": row} if isinstance(row, str) else row for row in rows]
        found = self._control("POST", "repositories", given) if given else self._control("GET", "repositories")
        return {row["full_name"]: row["id"] for row in found}

    def organization(self, name: str, codespaces: bool = True) -> None:
        """Have an organization, whose plan has Codespaces or not."""
        self._control("POST", "organizations", {"name": name, "codespaces": codespaces})

    def apps(self, apps: dict[str, dict[str, Any]]) -> None:
        """Have these GitHub Apps, by their IDs."""
        self._control("PUT", "apps", apps)

    def tokens(self, tokens: dict[str, dict[str, Any]]) -> None:
        """Accept these tokens only; with none, accept every one again."""
        self._control("PUT", "tokens", tokens)

    def reset(self) -> None:
        """Back to the initial state, the log and the clock included."""
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
