# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get tokens of an installation of a GitHub App, and renew them before they expire."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError
from ansible_collections.devex.github.plugins.module_utils._github import answers
from ansible_collections.devex.github.plugins.module_utils._github.app_api import AppApi
from ansible_collections.devex.github.plugins.module_utils._github.transport import Bearer
from ansible_collections.devex.github.plugins.module_utils._time import parse_http_date, parse_iso8601

# A token is valid for an hour. A request that starts with it may take some minutes.
_EARLY_SECONDS = 300.0
# It may take some seconds until all parts of GitHub know a new token.
_NEW_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 1.0
# So many tokens may be rejected before they expire, apart from the first seconds.
_REJECTED = 3
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass
class _Minted:
    """A token of an installation."""

    bearer: Bearer
    #: By GitHub's clock.
    expires_at: datetime
    #: In seconds of a monotonic clock.
    minted_at: float
    renew_at: float
    #: Whether GitHub has ever accepted it.
    has_worked: bool = False
    #: Whether GitHub has accepted it in its last answer.
    is_accepted: bool = False

    def has_expired(self, at: datetime | None) -> bool:
        # GitHub's Date has no fractions of a second.
        return at is not None and (self.expires_at - at).total_seconds() < 1


class Installation:
    """The App in one organization or user account. Its first request looks up the installation and gets a token."""

    is_app = True

    def __init__(self, api: AppApi, owner: str, *, is_organization: bool) -> None:
        """:arg owner: the organization or the user.
        :arg is_organization: whether the owner is known to be an organization. It may be one anyway.
        """
        self._api = api
        self._owner = owner
        self._is_organization = is_organization
        self._id: int | None = None
        #: GitHubError: there is none, so each request fails without another try to get one.
        self._token: _Minted | GitHubError | None = None
        self._rejected = 0
        self._lock = threading.Lock()
        #: Held during requests with a token that GitHub may reject.
        self._trial = threading.Lock()
        self.minted: Set[str] = frozenset()

    @property
    def identity(self) -> str:
        # The limits of an installation stay the same when its token changes.
        number = self._id or self._api.app.installation_id
        installation = f"owner:{self._owner.lower()}" if number is None else f"installation:{number}"
        return f"app:{self._api.app.id}:{installation}"

    @contextmanager
    def bearer(self) -> Iterator[Bearer]:
        while True:
            token = self._present()
            if token.is_accepted:
                yield token.bearer
                return
            # One thread tries the token. Otherwise, GitHub might reject many requests.
            with self._trial:
                if not token.is_accepted and self._present() is token:
                    yield token.bearer
                    return

    def accepted(self, bearer: Bearer) -> None:
        with self._lock:
            if isinstance(self._token, _Minted) and self._token.bearer is bearer:
                self._token.has_worked = self._token.is_accepted = True

    def repeat_after(self, bearer: Bearer, at: datetime | None) -> float | None:
        with self._lock:
            token = self._token
            if not isinstance(token, _Minted) or token.bearer is not bearer:
                # Another thread has renewed it.
                return 0.0
            token.is_accepted = False
            age, has_expired = self._monotonic() - token.minted_at, token.has_expired(at)
            if age < _NEW_SECONDS and not has_expired:
                return min(max(age, _FIRST_PAUSE_SECONDS), _NEW_SECONDS - age)
            if not token.has_worked or not has_expired:
                self._rejected += 1
                if self._rejected > _REJECTED or not (token.has_worked or has_expired):
                    return None
            self._token = None
            return 0.0

    def advice(self, at: datetime | None) -> str:
        return (
            f"GitHub keeps rejecting new tokens of the GitHub App for {self._owner}. Check that the App is still "
            "installed there and not suspended, or run the task again later. Nothing more was sent with these tokens, "
            "because GitHub blocks clients that keep trying."
        )

    def forget_errors(self) -> None:
        self._api.forget_errors()
        with self._lock:
            if isinstance(self._token, GitHubError) and self._token.passing:
                self._token = None

    def _present(self) -> _Minted:
        """Return the present token, or a new one. All threads share one try to get one, and its error."""
        with self._lock:
            if self._token is None or (isinstance(self._token, _Minted) and self._monotonic() >= self._token.renew_at):
                try:
                    self._token = self._mint()
                    self.minted |= {self._token.bearer.token}
                except GitHubError as error:
                    self._token = error
            token = self._token
        if isinstance(token, GitHubError):
            raise token
        return token

    def _mint(self) -> _Minted:
        if self._id is None:
            self._id = self._api.installation(self._owner, is_organization=self._is_organization)
        answer = self._api.token(self._id)
        token, expires_at = answers.field(answer.body, "token"), _time(answers.field(answer.body, "expires_at"))
        if not isinstance(token, str) or not _TOKEN.fullmatch(token) or expires_at is None:
            raise GitHubError("GitHub sent no usable token of an installation.")
        now = parse_http_date(answer.headers.get("Date")) or datetime.now(timezone.utc)
        seconds = (expires_at - now).total_seconds()
        if seconds <= 0:
            raise GitHubError("GitHub sent a token of an installation that has expired.")
        minted_at = self._monotonic()
        renew_at = minted_at + max(seconds - _EARLY_SECONDS, seconds / 2)
        return _Minted(Bearer(token), expires_at, minted_at, renew_at)

    def _monotonic(self) -> float:
        return self._api.client.pace.monotonic()


def _time(value: object) -> datetime | None:
    try:
        return parse_iso8601(value) if isinstance(value, str) else None
    except ValueError:
        return None
