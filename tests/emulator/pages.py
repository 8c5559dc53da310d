# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of a list, and their Link headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from .exchange import Exchange

Row = TypeVar("Row")


def page(exchange: Exchange, rows: Sequence[Row], path: str) -> tuple[Sequence[Row], Mapping[str, str]]:
    """Return the rows of the requested page, and the Link header unless one page has all rows.

    `path`: the path of the links, which have the query of the request.
    """
    query = exchange.request.query
    size = min(_positive(query.get("per_page"), 30), 100)
    number = _positive(query.get("page"), 1)
    last = max(1, -(-len(rows) // size))
    others = {name: value for name, value in query.items() if name not in ("per_page", "page")}
    url = f"{exchange.base}{path}?{urlencode({**others, 'per_page': size})}&page="
    links = []
    if number > 1:
        links.append(f'<{url}{min(number - 1, last)}>; rel="prev"')
    if number < last:
        links += [f'<{url}{number + 1}>; rel="next"', f'<{url}{last}>; rel="last"']
    if number > 1:
        links.append(f'<{url}1>; rel="first"')
    return rows[(number - 1) * size : number * size], {"Link": ", ".join(links)} if links else {}


def _positive(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and int(text) > 0 else default
