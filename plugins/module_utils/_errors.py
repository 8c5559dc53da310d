# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever fails a task, as a tree of exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from traceback import extract_tb
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._validation import printable


class Error(Exception):
    """Whatever fails a task; its text is written for the user.

    Error
    ├── InputError           the playbook asks for something that cannot be
    ├── MissingLibrary       a library that only some tasks need is not installed
    ├── StoreError           the fingerprint store cannot be read or written
    ├── Mistake              of ours
    ├── Malformed            a file of a repository is not what it is taken for
    ├── Incomplete           some of several secrets failed; carries the result of all
    └── GitHubError          GitHub, or the way to it
        ├── Unreachable      no usable answer, however often it was tried
        │   └── Unusable     the proxy, the certificate or the address is wrong
        ├── NotFound         404
        ├── Moved            a repository is called something else now
        ├── Refused          422
        └── Stopped          nothing more is sent
            ├── RateLimited  a limit that ends later than the task may wait
            ├── Unauthorized 401
            └── ProxyDenied  407, from a proxy
    """

    #: Whether the same run may succeed later, without a change of the playbook, the permissions or the network.
    passing = False

    def __init__(self, cause: str, *, detail: str = "") -> None:
        """:arg cause: what is wrong, and what to do. The report adds the scope and the secret.

        :arg detail: what differs from secret to secret, such as the request. It is left out if the cause concerns many.
        """
        super().__init__(f"{cause} ({detail})" if detail else cause)
        self.cause = cause
        self.detail = detail


class InputError(Error):
    """Something in the options, or what they ask of the present state, is wrong."""


class MissingLibrary(Error):
    """A library that only some tasks need is not installed."""

    def __init__(self, library: str, trace: str) -> None:
        """:arg trace: the traceback of the import."""
        super().__init__(f"{library} is missing.")
        self.library = library
        self.trace = trace


class StoreError(Error):
    """The fingerprint store cannot be used; the text names its file, or its address without passwords."""


class Mistake(Error):
    """What none of our code expects."""

    def __init__(self, error: Exception) -> None:
        """:arg error: what was raised; its text may hold anything."""
        where = ", ".join(f"{frame.name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)[-3:])
        super().__init__(f"A mistake in devex.github, please report it: {printable(repr(error))} in {where}")


class Malformed(Error):
    """A file of a repository is not what it is taken for; the text says what it is, and does not name it."""


class Incomplete(Error):
    """A task that failed part of the way."""

    def __init__(self, message: str, result: Mapping[str, Any]) -> None:
        """:arg result: what the task returns beside the message."""
        super().__init__(message)
        self.result = result


class GitHubError(Error):
    """GitHub refused a request, or could not be understood."""


class Unreachable(GitHubError):
    """No usable answer came back."""

    passing = True


class Unusable(Unreachable):
    """The way to GitHub is set up wrong, so trying again does not help: a proxy, a certificate or an address."""

    passing = False


class NotFound(GitHubError):
    """404: absent, or hidden from this token. GitHub does not say which."""


class Moved(GitHubError):
    """What the playbook calls a repository leads to one that it does not name."""


class Refused(GitHubError):
    """422: GitHub does not accept what was sent."""


class Stopped(GitHubError):
    """Nothing more is sent with the token: what was not done yet is not tried."""

    passing = True


class RateLimited(Stopped):
    """A rate limit outlasts what the task may wait."""

    def __init__(self, message: str, *, ends: datetime) -> None:
        """:arg ends: when the limit ends, by GitHub's clock."""
        super().__init__(message)
        self.ends = ends


class Unauthorized(Stopped):
    """401: GitHub does not know the token, and locks out who keeps trying."""

    passing = False


class ProxyDenied(Stopped):
    """407: a proxy rejects the user or the password, and may lock the account of clients that keep trying."""

    passing = False
