# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build and check URLs, so that a token never goes to another host."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, Unusable
from ansible_collections.devex.github.plugins.module_utils._github.budget import is_graphql
from ansible_collections.devex.github.plugins.module_utils._validation import printable

_PATH_LENGTH = 1000
# The path of REST on GitHub Enterprise Server, and what GraphQL has in its place.
_REST, _GRAPHQL = "/api/v3", "/api"


def url_of(api_url: str, path: str) -> str:
    """Return the URL of a path."""
    if is_graphql(path) and api_url.endswith(_REST):
        api_url = api_url.removesuffix(_REST) + _GRAPHQL
    return api_url + path


def next_path(api_url: str, link: str | None) -> str | None:
    """Return the path of the next page, with its query; None: this was the last page.

    :arg link: from the C(Link) header. Its host is ignored.
    :raises GitHubError: the link is malformed.
    """
    if link is None:
        return None
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    path = parts.path.removeprefix(urlsplit(api_url).path)
    path = f"{path}?{parts.query}" if parts.query else path
    if not path.startswith("/") or printable(path, _PATH_LENGTH) != path:
        raise GitHubError("GitHub sent a malformed link to the next page.")
    return path


def redirected(api_url: str, url: str, location: str) -> str:
    """Return the URL that a request for a URL is redirected to.

    :raises Unusable: the location is malformed, or on another host.
    """
    try:
        target = urljoin(url, location)
        there, here = urlsplit(target), urlsplit(api_url)
        same_host = (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
    except ValueError as error:
        raise Unusable(f"{api_url} redirects to an invalid URL. Check api_url.") from error
    if not same_host or there.username is not None:
        host = printable(f"{there.scheme}://{there.hostname}", 100)
        raise Unusable(f"{api_url} redirects to {host}, but the token must not be sent there. Check api_url.")
    return target
