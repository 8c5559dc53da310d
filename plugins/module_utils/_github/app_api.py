# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Call GitHub's endpoints for a GitHub App itself: find its installations, and get their tokens."""

from __future__ import annotations

import threading

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, NotFound, Unauthorized
from ansible_collections.devex.github.plugins.module_utils._github import answers
from ansible_collections.devex.github.plugins.module_utils._github.client import Client
from ansible_collections.devex.github.plugins.module_utils._github.transport import Answer, App
from ansible_collections.devex.github.plugins.module_utils._validation import printable

# GitHub's message with a 404 for an unknown App.
_NO_APP = "Integration not found"


class AppApi:
    """The endpoints. Each method raises GitHubError. Safe for any number of threads."""

    def __init__(self, app: App, client: Client) -> None:
        """:arg client: authenticates as the App."""
        self.app = app
        self.client = client
        #: The owner of the installation that the user has set.
        self._owner: str | GitHubError | None = None
        self._lock = threading.Lock()

    def installation(self, owner: str, *, is_organization: bool) -> int:
        """Return the ID of an owner's installation.

        :arg is_organization: whether the owner is known to be an organization. It may be one anyway.
        """
        number = self.app.installation_id
        if number is None:
            return self._look_up(owner, is_organization=is_organization)
        actual = self._owner_of(number)
        if actual.lower() != owner.lower():
            raise GitHubError(
                f"app_installation_id: installation {number} belongs to {actual}, not to {owner}. Omit "
                f"app_installation_id to use the installation of each owner. If {owner} was renamed, use its present "
                "name."
            )
        return number

    def token(self, installation: int) -> Answer:
        """Return the answer with a new token of an installation."""
        try:
            return self._request("POST", f"/app/installations/{installation}/access_tokens")
        except NotFound as error:
            raise self._no_installation(installation, error) from error

    def forget_errors(self) -> None:
        """Forget an error that may have passed."""
        with self._lock:
            if isinstance(self._owner, GitHubError) and self._owner.passing:
                self._owner = None

    def _look_up(self, owner: str, *, is_organization: bool) -> int:
        of_organization, of_user = f"/orgs/{owner}/installation", f"/users/{owner}/installation"
        try:
            if is_organization:
                answer = self._request("GET", of_organization)
            else:
                try:
                    # It also accepts organizations, although GitHub does not document that.
                    answer = self._request("GET", of_user)
                except NotFound:
                    answer = self._request("GET", of_organization)
        except NotFound as error:
            raise GitHubError(
                f"The GitHub App {self.app.id} is not installed for {owner}. Install it there, or check app_id and the "
                "name.",
                detail=error.detail,
            ) from error
        number = answers.field(answer.body, "id")
        if not answers.is_id(number):
            raise GitHubError("GitHub sent an installation without an ID.")
        return int(number)

    def _owner_of(self, installation: int) -> str:
        """Return the owner of the installation that the user has set. All threads share one request and its error."""
        with self._lock:
            if self._owner is None:
                try:
                    self._owner = self._read_owner(installation)
                except GitHubError as error:
                    self._owner = error
            owner = self._owner
        if isinstance(owner, GitHubError):
            raise owner
        return owner

    def _read_owner(self, installation: int) -> str:
        try:
            body = self._request("GET", f"/app/installations/{installation}").body
        except NotFound as error:
            raise self._no_installation(installation, error) from error
        login = answers.field(answers.field(body, "account"), "login")
        if not isinstance(login, str):
            # The account of an enterprise has no login.
            raise GitHubError(
                f"app_installation_id: installation {installation} belongs to neither an organization nor a user. Omit "
                "app_installation_id to use the installation of each owner."
            )
        return printable(login, 100)

    def _request(self, method: str, path: str) -> Answer:
        try:
            return self.client.request(method, path)
        except NotFound as error:
            if _NO_APP not in error.cause:
                raise
            unknown = Unauthorized(
                f"app_id: GitHub has no App {self.app.id}. Use the App ID from the settings page of the App.",
                detail=error.detail,
            )
            self.client.stop(unknown)
            raise unknown from error

    def _no_installation(self, installation: int, error: NotFound) -> GitHubError:
        return GitHubError(
            f"The GitHub App {self.app.id} has no installation {installation}. Check app_id and app_installation_id.",
            detail=error.detail,
        )
