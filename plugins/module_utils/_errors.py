# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever fails a task, as a tree of exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Error(Exception):
    """Whatever fails a task; its text is written for the user.

    Error
    ├── InputError       the playbook asks for something that cannot be
    ├── StoreError       the fingerprint store cannot be read or written
    ├── Incomplete       some of several secrets failed; carries the result of all
    └── GitHubError      GitHub, or the way to it
        ├── Unreachable  no usable answer, however often it was tried
        ├── NotFound     404
        ├── Moved        a repository is called something else now
        ├── Refused      422
        └── RateLimited  a limit that ends later than the task may wait
    """


class InputError(Error):
    """Something in the options, or what they ask of the present state, is wrong."""


class StoreError(Error):
    """The fingerprint store cannot be used; the text names its file."""


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


class NotFound(GitHubError):
    """404: absent, or hidden from this token. GitHub does not say which."""


class Moved(GitHubError):
    """What the playbook calls a repository leads to one that it does not name."""


class Refused(GitHubError):
    """422: GitHub does not accept what was sent."""


class RateLimited(GitHubError):
    """A rate limit outlasts what the task may wait."""
