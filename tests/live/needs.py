# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the settings of ``make live`` from the environment. Standard library only: this runs before any installation."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

HELP = """
`make live` runs every module against GitHub, on throwaway secrets that it deletes again, and writes what it
observed to docs/observed.md. It needs a repository to experiment with, and a token:

    export GITHUB_TOKEN=...
    make live REPOSITORY=owner/sandbox

The token, in GITHUB_TOKEN or GH_TOKEN, is one of:
  - a classic token with the scopes `repo` and `codespace`, and `admin:org` if you set ORGANIZATION;
  - a fine-grained token for the repository with the permissions "Codespaces secrets: write", "Codespaces user
    secrets: write", "Codespaces metadata: read", "Contents: read" and "Metadata: read". If you set ORGANIZATION,
    also "Organization codespaces secrets: write".
Its user needs the admin role in the repository.

Optional variables:
  ORGANIZATION                  also check the secrets of this organization, which must own the repository
  GITHUB_TOKEN_WITHOUT_SCOPES   a classic token without any scope, to see how GitHub rejects it
  GITHUB_API_URL                another address of the API, for example https://api.SUBDOMAIN.ghe.com
"""

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.{1,2}$)[A-Za-z0-9._-]+")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NeedsError(Exception):
    """A setting is missing or not valid."""


@dataclass(frozen=True)
class Settings:
    """Where to run, and with which tokens."""

    repository: str
    organization: str | None
    url: str
    token: str = field(repr=False)
    token_without_scopes: str | None = field(default=None, repr=False)


def settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings.

    :raises NeedsError: one is missing or not valid. The message does not contain a token.
    """
    repository, organization = environment.get("REPOSITORY", ""), environment.get("ORGANIZATION", "")
    token = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN") or ""
    url = (environment.get("GITHUB_API_URL") or "https://api.github.com").rstrip("/")
    missing = [name for name, value in (("REPOSITORY", repository), ("GITHUB_TOKEN", token)) if not value]
    if missing:
        raise NeedsError(f"{' and '.join(missing)} must be set.")
    if not _REPOSITORY.fullmatch(repository):
        raise NeedsError("REPOSITORY must be owner/name.")
    if organization and repository.partition("/")[0].lower() != organization.lower():
        raise NeedsError("ORGANIZATION must be the owner of REPOSITORY.")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise NeedsError("GITHUB_TOKEN must be a token without blanks and line breaks.")
    _check_url(url)
    without_scopes = environment.get("GITHUB_TOKEN_WITHOUT_SCOPES") or None
    return Settings(repository, organization or None, url, token, without_scopes)


def _check_url(url: str) -> None:
    """Check the address of the API. The page shows it, so it must not contain a password.

    :raises NeedsError: it is not valid. The message does not contain it.
    """
    try:
        address = urlsplit(url)
        # Reading an invalid port raises ValueError.
        host, dummy = address.hostname, address.port
    except ValueError:
        host = None
    if not host or not url.isprintable() or set(url) & set(" @?#"):
        raise NeedsError(
            "GITHUB_API_URL must be an address such as https://api.github.com, without a user or password."
        )
    if address.scheme != "https" and not (address.scheme == "http" and host in _LOOPBACK):
        raise NeedsError("GITHUB_API_URL must start with https://.")


def main() -> int:
    """Return the exit status: 2 if a setting is missing or not valid."""
    try:
        settings(os.environ)
    except NeedsError as error:
        print(f"{error}\n{HELP}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
