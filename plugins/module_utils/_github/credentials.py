# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define what a client authenticates with. A token that the user has set is the simplest kind."""

from __future__ import annotations

from collections.abc import Set
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Protocol

from ansible_collections.devex.github.plugins.module_utils._github.transport import Bearer


class Credentials(Protocol):
    """The token of a client, or the means to get one. Safe for any number of threads."""

    @property
    def identity(self) -> str:
        """Return the name of what GitHub's limits apply to. It may be a token, so it must not be shown."""

    @property
    def is_app(self) -> bool:
        """Whether it is a GitHub App, which gets a new token before the present one expires."""

    @property
    def minted(self) -> Set[str]:
        """The tokens that the user has not set, and that must not be shown."""

    def bearer(self) -> AbstractContextManager[Bearer]:
        """Return the present token for one request, after requests for a token if necessary.

        :raises GitHubError: there is none.
        """

    def accepted(self, bearer: Bearer) -> None:
        """Note that GitHub has accepted a token."""

    def repeat_after(self, bearer: Bearer, at: datetime | None) -> float | None:
        """Return the seconds after which to repeat a request whose token GitHub has rejected; None: never.

        :arg at: GitHub's time of the answer.
        """

    def advice(self, at: datetime | None) -> str:
        """Return what to do after a 401.

        :arg at: GitHub's time of the answer.
        """

    def forget_errors(self) -> None:
        """Forget errors that may have passed, so that the next item of a loop requests a token again."""


class Unrenewed:
    """The part of credentials that never get a new token."""

    minted: Set[str] = frozenset()

    def accepted(self, bearer: Bearer) -> None:
        pass

    def repeat_after(self, bearer: Bearer, at: datetime | None) -> float | None:
        # There is no other token to try.
        return None

    def forget_errors(self) -> None:
        pass


class Token(Unrenewed):
    """A token that the user has set."""

    is_app = False

    def __init__(self, token: str) -> None:
        # Unlike a string, its repr() does not show the token.
        self._bearer = Bearer(token)

    @property
    def identity(self) -> str:
        return self._bearer.token

    def bearer(self) -> AbstractContextManager[Bearer]:
        return nullcontext(self._bearer)

    def advice(self, at: datetime | None) -> str:
        return (
            "The token is wrong or expired. Set a valid token. Nothing more was sent with this one, because GitHub "
            "blocks clients that keep trying."
        )
