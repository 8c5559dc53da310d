# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = ("status", "drop", "drop_after", "delay", "truncate", "not_json")


@dataclass
class Fault:
    """A fault of some requests.

    ``kind``: ``status`` (answer with `status`, `headers`, `body`), ``drop`` (close the connection, nothing is done),
    ``drop_after`` (do it, then close the connection without an answer), ``delay`` (by `seconds`, then as usual),
    ``truncate`` (do it, send half of the answer), ``not_json`` (answer with a page of HTML, nothing is done).
    ``method`` and ``path`` (a regular expression, searched in the path without and with the query) choose the
    requests; the first `times` of them (None: all) are hit.
    """

    kind: str
    method: str | None = None
    path: str = ""
    times: int | None = 1
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no kind of fault {self.kind!r}, only {', '.join(KINDS)}")
        re.compile(self.path)

    def hits(self, method: str, path: str, query: str) -> bool:
        """Return whether the fault applies to this request, and count the request."""
        if self.times == 0 or (self.method and self.method.upper() != method):
            return False
        if not re.search(self.path, path) and not (query and re.search(self.path, f"{path}?{query}")):
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """All faults. A request gets the first one that applies. A delay adds to the following fault."""

    def __init__(self) -> None:
        self.rows: list[Fault] = []

    def take(self, method: str, path: str, query: str) -> tuple[float, Fault | None]:
        """Return the seconds to wait before this request, and its fault."""
        seconds = 0.0
        for fault in self.rows:
            if fault.hits(method, path, query):
                if fault.kind != "delay":
                    return seconds, fault
                seconds += fault.seconds
        return seconds, None
