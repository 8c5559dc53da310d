# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub within the process of the engine, with the limits of the emulator.

It keeps two times of each secret and nothing else, so that the measured memory is that of the engine.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import formatdate
from io import BytesIO
from typing import Any

import requests
import urllib3
from emulator.errors import Refused
from emulator.limits import Limits, Rules
from requests.adapters import BaseAdapter, HTTPAdapter

from simulate.clock import Clock

API = "https://api.github.com"
OWNER = "octo-many"
SECRETS = tuple(f"SECRET_{number}" for number in range(5))

_PATH = re.compile(rf"/repos/{OWNER}/r(\d+)/codespaces/secrets(?:/(?:SECRET_(\d)|(public-key)))?")
_KEY_ID = "012345678912345678"


@dataclass(frozen=True)
class Received:
    """A request, as the limits count it."""

    method: str
    path: str
    spender: str
    user: str = "octocat"


def repository(number: int) -> str:
    """Return the full name of a repository."""
    return f"{OWNER}/r{number:05}"


class GitHub(BaseAdapter):
    """An adapter for requests, for any number of threads."""

    def __init__(self, clock: Clock, rules: Rules, repositories: int, latency: float) -> None:
        """:arg latency: seconds that one request takes."""
        super().__init__()
        self._clock = clock
        self._latency = latency
        self._lock = threading.Lock()
        self._builder = HTTPAdapter()
        self._under_way = 0
        self.limits = Limits(clock, rules)
        #: Requests that came.
        self.requests = 0
        #: When each secret was created and updated, in seconds since 1970, repository by repository; 0: absent.
        self.times = array("q", bytes(2 * 8 * len(SECRETS) * repositories))

    def send(self, request: requests.PreparedRequest, *dummy: Any, **options: Any) -> requests.Response:
        """Answer a request, after half of its latency on the way to GitHub."""
        with self._lock:
            self.requests += 1
            self._under_way += 1
        self._clock.move(self._clock.now() + self._latency / 2)
        with self._lock:
            response = self._answer(request)
            self._under_way -= 1
        self._clock.move(self._clock.now() + self._latency / 2)
        return response

    def close(self) -> None:
        """There is nothing to close."""

    def _answer(self, request: requests.PreparedRequest) -> requests.Response:
        path = str(request.url).removeprefix(API).partition("?")[0]
        received = Received(str(request.method), path, str(request.headers["Authorization"]))
        try:
            self.limits.admit(received, self._under_way)
            status, body, headers = *self._carried_out(received), {}
        except Refused as refused:
            status, body, headers = refused.status, refused.body(), {**refused.headers}
        common = {"Date": formatdate(int(self._clock.now()), usegmt=True), **self.limits.headers(received)}
        return self._response(request, status, body, {**common, **headers})

    def _carried_out(self, received: Received) -> tuple[int, Any]:
        found = _PATH.fullmatch(received.path)
        if found is None:
            raise AssertionError(f"no request of this simulation: {received}")
        number, secret, key = found.groups()
        start = 2 * len(SECRETS) * int(number)
        if key is not None:
            # Any 32 bytes are a public key, and the simulation never opens the sealed values.
            text = base64.b64encode(hashlib.sha256(number.encode()).digest()).decode()
            return 200, {"key_id": _KEY_ID, "key": text}
        if secret is None:
            rows = [self._row(name, start + 2 * index) for index, name in enumerate(SECRETS)]
            present = [row for row in rows if row is not None]
            return 200, {"total_count": len(present), "secrets": present}
        at = start + 2 * int(secret)
        is_new = self.times[at] == 0
        self.times[at + 1] = int(self._clock.now())
        if is_new:
            self.times[at] = self.times[at + 1]
        return (201, {}) if is_new else (204, None)

    def _row(self, name: str, at: int) -> dict[str, str] | None:
        created, updated = self.times[at], self.times[at + 1]
        return {"name": name, "created_at": _text(created), "updated_at": _text(updated)} if created else None

    def _response(
        self, request: requests.PreparedRequest, status: int, body: Any, headers: Mapping[str, str]
    ) -> requests.Response:
        content = BytesIO(b"" if body is None else json.dumps(body).encode())
        raw = urllib3.HTTPResponse(content, headers, status, preload_content=False, request_method=request.method)
        return self._builder.build_response(request, raw)


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
