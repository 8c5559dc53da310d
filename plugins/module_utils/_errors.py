# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exceptions that fail a task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from traceback import extract_tb
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._validation import printable


class Error(Exception):
    """A reason to fail a task. Its text is written for the user."""

    #: Whether the same run may succeed later, without a change of the playbook, the permissions or the network.
    passing = False

    def __init__(self, cause: str, *, detail: str = "") -> None:
        """:arg cause: what failed, and what to do. The report adds the scope and the secret.

        :arg detail: the part that differs between secrets, such as the request. A cause of many errors omits it.
        """
        super().__init__(f"{cause} ({detail})" if detail else cause)
        self.cause = cause
        self.detail = detail


class InputError(Error):
    """An option is wrong, or does not fit the present state."""


class MissingLibrary(Error):
    """A library that only some tasks need is not installed."""

    def __init__(self, library: str, trace: str) -> None:
        """:arg trace: the traceback of the import."""
        super().__init__(f"{library} is missing.")
        self.library = library
        self.trace = trace


class StoreError(Error):
    """The fingerprint store cannot be used. The text has its path, or its address without passwords."""


class Mistake(Error):
    """A bug in this collection."""

    def __init__(self, error: Exception) -> None:
        """:arg error: the exception, whose text is not trusted."""
        where = ", ".join(f"{frame.name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)[-3:])
        super().__init__(f"This is a bug in devex.github, please report it: {printable(repr(error))} in {where}")


class Malformed(Error):
    """A file of a repository cannot be read. The text is a clause about the file, such as C(it is not UTF-8)."""


class Incomplete(Error):
    """A task failed partway."""

    def __init__(self, message: str, result: Mapping[str, Any]) -> None:
        """:arg result: what the task returns besides the message."""
        super().__init__(message)
        self.result = result


class GitHubError(Error):
    """GitHub rejected a request, could not be reached, or sent something unexpected."""


class Unreachable(GitHubError):
    """GitHub sent no usable answer, in all tries."""

    passing = True


class Unusable(Unreachable):
    """A proxy, a certificate or an address is wrong, so trying again does not help."""

    passing = False


class NotFound(GitHubError):
    """404: absent, or hidden from this token."""


class Moved(GitHubError):
    """A repository's name leads to one of another owner, or to an unknown one."""


class Refused(GitHubError):
    """422: GitHub does not accept the body of a request."""


class Stopped(GitHubError):
    """Nothing more is sent with the token, so the remaining secrets are not tried."""

    passing = True


class RateLimited(Stopped):
    """A rate limit ends later than the task may wait."""

    def __init__(self, message: str, *, ends: datetime) -> None:
        """:arg ends: when the limit ends, by GitHub's clock."""
        super().__init__(message)
        self.ends = ends


class Unauthorized(Stopped):
    """401: the token is not valid. GitHub locks out clients that keep trying."""

    passing = False


class ProxyDenied(Stopped):
    """407: a proxy rejects the user or the password, and may lock the account of clients that keep trying."""

    passing = False
