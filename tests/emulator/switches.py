# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for behaviour of GitHub that is not known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields


def _one_of(*choices: object) -> dict[str, object]:
    return {"choices": choices}


@dataclass
class Switches:
    """Alternatives for unknown behaviour of GitHub. The defaults are assumptions, or GitHub's answers in `observed`."""

    omitted_ids_on_update: str = field(default="clear", metadata=_one_of("clear", "keep"))
    put_without_value: str = field(default="accept", metadata=_one_of("accept", "refuse"))
    unknown_id: int = field(default=404, metadata=_one_of(404, 422))
    remove_absent_repository: int = field(default=204, metadata=_one_of(204, 404))
    selected_ids_cap: int | None = field(default=None, metadata={"types": (int, type(None)), "least": 1})
    user_repositories_paged: bool = field(default=False, metadata=_one_of(False, True))
    stale_key: str = field(default="refuse", metadata=_one_of("refuse", "accept"))
    list_change_moves_updated_at: bool = field(default=True, metadata=_one_of(True, False))
    etags: bool = field(default=True, metadata=_one_of(True, False))
    missing_scope: int = field(default=403, metadata=_one_of(403, 404))
    empty_repository: str = field(default="list", metadata=_one_of("list", "not_found"))
    installation_token_seconds: float = field(default=3600.0, metadata={"types": (int, float)})
    installation_token_lag: float = field(default=0.0, metadata={"types": (int, float)})
    lag: float = field(default=0.0, metadata={"types": (int, float)})
    #: The reads that `lag` delays: all, or only lists of secrets.
    late_reads: str = field(default="all", metadata=_one_of("all", "lists"))
    latency: float = field(default=0.0, metadata={"types": (int, float)})
    timestamps: str = field(default="z", metadata=_one_of("z", "offset"))

    def change(self, values: Mapping[str, object]) -> None:
        """Set switches. Raise ValueError for an unknown name or value."""
        known = {one.name: one.metadata for one in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"there is no switch {name!r}, only {', '.join(known)}")
            choices, types = known[name].get("choices"), known[name].get("types", ())
            # The type must match too, because 1 equals True.
            if choices and not any(value == choice and type(value) is type(choice) for choice in choices):
                raise ValueError(f"{name} is one of {choices}, not {value!r}")
            if types and (not isinstance(value, types) or isinstance(value, bool)):
                raise ValueError(f"{name} is a number, not {value!r}")
            least = known[name].get("least", 0)
            if types and isinstance(value, (int, float)) and not (math.isfinite(value) and value >= least):
                raise ValueError(f"{name} is at least {least}, not {value!r}")
        for name, value in values.items():
            setattr(self, name, value)
