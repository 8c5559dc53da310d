# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get tokens of an installation of a GitHub App, and renew them before they expire."""

from __future__ import annotations

import re
import threading
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timezone

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, NotFound, Stopped
from ansible_collections.devex.github.plugins.module_utils._github import answers
from ansible_collections.devex.github.plugins.module_utils._github.client import Client
from ansible_collections.devex.github.plugins.module_utils._github.transport import App, Bearer
from ansible_collections.devex.github.plugins.module_utils._time import parse_http_date, parse_iso8601

# A token is valid for an hour. A request that starts with it may take some minutes.
_EARLY_SECONDS = 300.0
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class _Minted:
    """A token of an installation."""

    bearer: Bearer
    #: By GitHub's clock.
    expires_at: datetime
    #: In seconds of a monotonic clock.
    renew_at: float


class Installation:
    """The App in one organization or user account. Its first request looks up the installation and gets a token."""

    is_renewed = True

    def __init__(self, app: App, client: Client, owner: str) -> None:
        """:arg client: authenticates as the App.
        :arg owner: the organization or the user.
        """
        self._app = app
        self._client = client
        self._owner = owner
        self._id = app.installation_id
        self._token: _Minted | None = None
        self._failure: GitHubError | None = None
        self._lock = threading.Lock()
        self.minted: Set[str] = frozenset()

    @property
    def identity(self) -> str:
        # The limits of an installation stay the same when its token changes.
        installation = f"owner:{self._owner.lower()}" if self._id is None else f"installation:{self._id}"
        return f"app:{self._app.id}:{installation}"

    def bearer(self) -> Bearer:
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._token is None or self._client.pace.monotonic() >= self._token.renew_at:
                try:
                    self._token = self._mint()
                except GitHubError as error:
                    if not error.passing and not isinstance(error, Stopped):
                        # Otherwise, each secret of this owner would ask again.
                        self._failure = error
                    raise
                self.minted |= {self._token.bearer.token}
            return self._token.bearer

    def has_expired(self, bearer: Bearer, at: datetime | None) -> bool:
        with self._lock:
            if self._token is None or self._token.bearer is not bearer:
                # Another thread has renewed it.
                return True
            # GitHub's Date has no fractions of a second.
            if at is None or (self._token.expires_at - at).total_seconds() >= 1:
                return False
            self._token = None
            return True

    def advice(self, at: datetime | None) -> str:
        return (
            f"The GitHub App may have been uninstalled or suspended for {self._owner} a moment ago. Nothing more was "
            "sent with this token, because GitHub blocks clients that keep trying."
        )

    def _mint(self) -> _Minted:
        if self._id is None:
            self._id = self._look_up()
        try:
            answer = self._client.request("POST", f"/app/installations/{self._id}/access_tokens")
        except NotFound as error:
            raise GitHubError(
                f"The GitHub App {self._app.id} has no installation {self._id}. Check app_id and app_installation_id.",
                detail=error.detail,
            ) from error
        token, expires_at = answers.field(answer.body, "token"), _time(answers.field(answer.body, "expires_at"))
        if not isinstance(token, str) or not _TOKEN.fullmatch(token) or expires_at is None:
            raise GitHubError("GitHub sent no usable token of an installation.")
        now = parse_http_date(answer.headers.get("Date")) or datetime.now(timezone.utc)
        seconds = (expires_at - now).total_seconds()
        if seconds <= 0:
            raise GitHubError("GitHub sent a token of an installation that has expired.")
        renew_at = self._client.pace.monotonic() + max(seconds - _EARLY_SECONDS, seconds / 2)
        return _Minted(Bearer(token), expires_at, renew_at)

    def _look_up(self) -> int:
        """Return the ID of the owner's installation."""
        try:
            try:
                # It also accepts organizations, although GitHub does not document that.
                answer = self._client.request("GET", f"/users/{self._owner}/installation")
            except NotFound:
                answer = self._client.request("GET", f"/orgs/{self._owner}/installation")
        except NotFound as error:
            raise GitHubError(
                f"The GitHub App {self._app.id} is not installed for {self._owner}. Install it there, or check "
                "app_id and the name.",
                detail=error.detail,
            ) from error
        installation = answers.field(answer.body, "id")
        if not answers.is_id(installation):
            raise GitHubError("GitHub sent an installation without an ID.")
        return int(installation)


def _time(value: object) -> datetime | None:
    try:
        return parse_iso8601(value) if isinstance(value, str) else None
    except ValueError:
        return None
