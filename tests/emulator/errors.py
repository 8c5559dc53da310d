# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub's error answers, as exceptions. Only this file contains their wording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(eq=False)
class Refused(Exception):
    """An answer of 300 or more: its status, message, extra headers, and GitHub's ``errors`` (a list or a string)."""

    status: int
    message: str
    errors: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    html: bool = False
    documentation: str = DOCUMENTATION

    def body(self) -> dict[str, object]:
        """Return the JSON of the answer."""
        if self.url is not None:
            return {"message": self.message, "url": self.url, "documentation_url": self.documentation}
        body: dict[str, object] = {"message": self.message}
        if self.errors is not None:
            body["errors"] = self.errors
        return {**body, "documentation_url": self.documentation, "status": str(self.status)}


def not_found() -> Refused:
    return Refused(404, "Not Found")


def empty_repository() -> Refused:
    return Refused(404, "This repository is empty.")


def unprocessable(reason: str) -> Refused:
    """422 for a request that does not fit the schema."""
    return Refused(422, f"Invalid request.\n\n{reason}")


def improperly_encrypted() -> Refused:
    return Refused(422, "Bad request - validation failed due to an improperly encrypted secret")


def no_user_agent() -> Refused:
    return Refused(
        403,
        "\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header "
        "(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). "
        "Check https://developer.github.com for other possible causes.\r\n",
        html=True,
    )


def unknown_version(version: str, supported: tuple[str, ...]) -> Refused:
    return Refused(
        400,
        f'The version you specified in the "X-GitHub-API-Version" request header, "{version}", is not a supported '
        f"version. Specify one of: {', '.join(supported)}.",
    )


def no_token() -> Refused:
    return Refused(401, "Requires authentication")


def bad_token() -> Refused:
    return Refused(401, "Bad credentials")


def lacks_scope(status: int) -> Refused:
    return not_found() if status == 404 else Refused(403, "Must have admin rights to Repository.")


def not_for_token(kind: str) -> Refused:
    """Return the 403 for a token with permissions, not scopes, if one is missing."""
    bearer = "personal access token" if kind == "fine_grained" else "integration"
    return Refused(403, f"Resource not accessible by {bearer}")


def sso_required(url: str) -> Refused:
    return Refused(
        403,
        "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to "
        "this organization.",
        headers={"X-GitHub-SSO": f"required; url={url}"},
    )


def archived() -> Refused:
    return Refused(403, "Repository was archived so is read-only.")


def moved(status: int, url: str) -> Refused:
    """Return the redirect from a repository's former name: 301 for a read, 307 for a write."""
    message = "Moved Permanently" if status == 301 else "Temporary Redirect"
    return Refused(status, message, headers={"Location": url}, url=url)


def not_selected() -> Refused:
    return Refused(
        409,
        "Conflict",
        errors="You cannot update selected repositories for a secret when the visibility is not set to 'selected'",
    )


def secondary_limit(status: int, headers: Mapping[str, str]) -> Refused:
    return Refused(
        status,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        headers=headers,
        documentation="https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
    )


def primary_limit(status: int, headers: Mapping[str, str], login: str) -> Refused:
    return Refused(
        status,
        f"API rate limit exceeded for {login}.",
        headers=headers,
        documentation="https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
    )
