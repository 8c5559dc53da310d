# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses that GitHub sends: a token goes to no other host, whatever they say."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, Unusable
from ansible_collections.devex.github.plugins.module_utils._validation import printable

_PATH_LENGTH = 1000


def next_path(api_url: str, link: str | None) -> str | None:
    """The path of the next page, with its query; None: there is none.

    :arg link: from the C(Link) header. Only its path counts.
    :raises GitHubError: it cannot be followed.
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
        raise GitHubError("GitHub sent a link to the next page that cannot be followed.")
    return path


def redirected(api_url: str, url: str, location: str) -> str:
    """The address that a request is redirected to.

    :arg url: what was asked.
    :raises Unusable: it is of another host, or is none.
    """
    try:
        target = urljoin(url, location)
        there, here = urlsplit(target), urlsplit(api_url)
        same_host = (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
    except ValueError as error:
        raise Unusable(f"{api_url} redirects to something that is no address.") from error
    if not same_host or there.username is not None:
        host = printable(f"{there.scheme}://{there.hostname}", 100)
        raise Unusable(f"{api_url} redirects to {host}, where the token must not go.")
    return target
