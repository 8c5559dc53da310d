# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fakes of the network, the clock and GitHub's keys for unit tests."""

from __future__ import annotations

import base64
import io
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import nacl.public
import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._github.client import Client
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import Connection

API = "https://api.github.com"
TOKEN = "ghp_theTokenThatNobodyMaySee"
CONNECTION: Mapping[str, Any] = {
    "token": TOKEN,
    "api_url": API,
    "api_version": "2026-03-10",
    "timeout": 30,
    "retries": 3,
    "max_wait": 120,
    "verify": True,
}

#: The options of a secret, with the defaults that Ansible fills in.
SECRET: Mapping[str, Any] = {
    "name": "TOKEN",
    "state": "present",
    "value": None,
    "encrypted_value": None,
    "key_id": None,
    "update_value": "on_change",
    "value_changed_at": None,
    "used_by": None,
}

#: Values that careless code would change.
VALUES = {
    "a word": "s3cret",
    "nothing": "",
    "several lines": "-----BEGIN-----\r\nabc\n\n",
    "blanks around": " s3cret\t",
    "beyond ASCII": "pässwörd 🔑",
    "a NUL": "nul\0inside",
    "48 KiB": "é" * (24 * 1024),
}


@dataclass(frozen=True)
class Expected:
    """An expected request, and its answer."""

    method: str
    url: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    #: bytes and streams are sent unchanged, None sends no body, and anything else is sent as JSON.
    body: Any = None
    #: The exception to raise instead of an answer.
    error: Exception | None = None
    #: A function to call before the answer, such as an edit elsewhere.
    meanwhile: Callable[[], None] | None = None


def response(
    request: requests.PreparedRequest, status: int, headers: Mapping[str, str], body: Any
) -> requests.Response:
    """Return an answer of the network.

    :arg body: as in Expected.
    """
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body, default=str).encode()
    raw = urllib3.HTTPResponse(
        body if isinstance(body, io.RawIOBase) else io.BytesIO(content),
        headers,
        status,
        preload_content=False,
        enforce_content_length=True,
        request_method=request.method,
    )
    return HTTPAdapter().build_response(request, raw)


class Drip(io.RawIOBase):
    """An endless body that arrives byte by byte."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Return a byte after a pause."""
        time.sleep(0.05)
        buffer[:1] = b" "
        return 1


class Script(BaseAdapter):
    """An adapter that plays a script, and fails if a request is not the next one in it."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[requests.PreparedRequest] = []
        #: The options of each request, such as timeout and verify.
        self.options: list[dict[str, Any]] = []
        #: The number of sessions with this adapter that were closed.
        self.closed = 0
        self._expected: deque[Expected] = deque()

    def expect(self, method: str, path: str, **answer: Any) -> None:
        """Expect a request, to a path of the API or to a whole URL."""
        self._expected.append(Expected(method, path if "://" in path else API + path, **answer))

    def finish(self) -> None:
        """Fail if an expected request was not sent."""
        left_over = [f"{expected.method} {expected.url}" for expected in self._expected]
        if left_over:
            raise AssertionError(f"requests that did not come: {left_over}")

    def sent(self, index: int = -1) -> Any:
        """Return the JSON of a request."""
        return json.loads(self.requests[index].body or "null")

    def send(self, request: requests.PreparedRequest, *dummy: Any, **options: Any) -> requests.Response:
        """Send the next answer of the script."""
        self.requests.append(request)
        self.options.append(options)
        came = f"{request.method} {request.url}"
        wanted = f"{self._expected[0].method} {self._expected[0].url}" if self._expected else "nothing more"
        if came != wanted:
            raise AssertionError(f"{came} came instead of {wanted}")
        expected = self._expected.popleft()
        if expected.meanwhile is not None:
            expected.meanwhile()
        if expected.error is not None:
            raise expected.error
        return response(request, expected.status, expected.headers, expected.body)

    def close(self) -> None:
        """Count the closed session."""
        self.closed += 1


class Clock:
    """A clock that only sleep() moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        """Replace time.monotonic()."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Replace time.sleep()."""
        self.pauses.append(seconds)
        self.now += seconds


class KeyPair:
    """A key pair of GitHub."""

    def __init__(self, key_id: str = "key-1") -> None:
        self.key_id = key_id
        self._private = nacl.public.PrivateKey.generate()

    @property
    def key(self) -> str:
        """The public key, in base64."""
        return base64.b64encode(bytes(self._private.public_key)).decode()

    @property
    def body(self) -> dict[str, str]:
        """GitHub's answer to a request for the public key."""
        return {"key_id": self.key_id, "key": self.key}

    def open(self, sealed: str) -> str:
        """Return the plaintext of a sealed box."""
        return nacl.public.SealedBox(self._private).decrypt(base64.b64decode(sealed, validate=True)).decode()


#: For tests that send no requests.
GITHUB = GitHub(Session(Connection(**CONNECTION)).client())


def new_session(script: Script, clock: Clock, **options: Any) -> Session:
    """Return a real session on top of the fakes."""
    connection = Connection(**{**CONNECTION, **options})

    def pace() -> Pace:
        return Pace(connection.max_wait, monotonic=clock.monotonic, sleep=clock.sleep)

    return Session(connection, adapter=script, pace=pace)


def new_client(script: Script, clock: Clock, **options: Any) -> Client:
    """Return a real client of the task's token on top of the fakes."""
    return new_session(script, clock, **options).client()
