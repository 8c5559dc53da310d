# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the repository in the path of a request."""

from __future__ import annotations

from . import errors
from .exchange import Exchange
from .state import GitHub, Repository


def repository_of(github: GitHub, exchange: Exchange) -> Repository:
    """Return the repository if the token may see it. Redirect a former name to the present one."""
    place = exchange.request.match_info
    if "repository_id" in place:
        found = github.repository(int(place["repository_id"]))
    else:
        found = github.repository_named(f"{place['owner']}/{place['repo']}")
    if found is None or (found.private and not exchange.token.sees_private()):
        raise errors.not_found()
    if found.owner.organization and exchange.token.sso:
        raise errors.sso_required(exchange.token.sso)
    if "repo" in place and f"{place['owner']}/{place['repo']}".lower() != found.full_name.lower():
        rest = "/".join(["", *exchange.path.split("/")[4:]])
        query = f"?{exchange.query_string}" if exchange.query_string else ""
        status = 301 if exchange.request.method in ("GET", "HEAD") else 307
        raise errors.moved(status, f"{exchange.base}/repositories/{found.id}{rest.rstrip('/')}{query}")
    return found
