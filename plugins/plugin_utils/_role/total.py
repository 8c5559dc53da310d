# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sum up in one line what the role did for all hosts of a batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.devex.github.plugins.plugin_utils._role.gather import Target
from ansible_collections.devex.github.plugins.plugin_utils._role.report import summed

# The reasons to write a value, in the order of the line.
_REASONS = {
    "created": "new",
    "value_changed": "changed",
    "rotated": "rotated",
    "updated_elsewhere": "edited elsewhere",
    "not_recorded": "not recorded",
    "forced": "forced",
}


def total(
    targets: Sequence[Target],
    provisioned: Sequence[Mapping[str, Any]],
    reports: Sequence[Mapping[str, Any] | None],
    *,
    check_mode: bool,
) -> str:
    """Return the line.

    :arg targets: of all hosts.
    :arg provisioned: the results of codespaces_secrets for them.
    :arg reports: of each host; None: its variables have an error.
    """
    summary = summed(provisioned)
    counts: Counter[str] = Counter({key: count for key, count in summary.items() if key != "written"})
    written: dict[str, int] = summary.get("written", {})
    values = sum(written.values())
    left_out = sum(found is None or ("failed" in found and not found.get("summary")) for found in reports)
    would = "would be " if check_mode else ""
    reasons = [f"{written[reason]} {word}" for reason, word in _REASONS.items() if written.get(reason)]
    # A secret that is created has a value. One that is updated may only have another list or visibility.
    access = counts["created"] + counts["updated"] - values
    parts = [f"{_number(values, 'value')} {would}written" + (f" ({', '.join(reasons)})" if reasons else "")]
    for count, text in (
        (access, f"{_number(access, 'access list')} {would}changed"),
        (counts["deleted"], f"{counts['deleted']} {would}deleted"),
        (counts["left"], f"{counts['left']} unchanged"),
        (counts["failed"], f"{counts['failed']} failed"),
        (counts["not_reached"], f"{counts['not_reached']} not reached"),
        (left_out, f"{_number(left_out, 'host')} not provisioned"),
    ):
        if count:
            parts.append(text)
    requests = _number(sum(result.get("api_calls", 0) for result in provisioned), "request")
    cost = ""
    if check_mode and "points" in counts:
        seconds = counts["seconds"]
        least = f"take at least {_number(seconds, 'second')}" if seconds else "finish without a wait"
        requests_of_run, points = _number(counts["requests"], "request"), _number(counts["points"], "point")
        cost = f". The run would send {requests_of_run} ({points} of GitHub's rate limit) and {least}"
    return f"{_scopes(targets)}: {', '.join(parts)}; {requests}{cost}"


def _scopes(targets: Sequence[Target]) -> str:
    """Return how many repositories, organizations and users the targets are."""
    repositories = {target["repository"].lower() for target in targets if "repository" in target}
    organizations = {target["organization"].lower() for target in targets if "organization" in target}
    users = {target.get("token") for target in targets if "user" in target}
    named = [_number(len(repositories), "repository", "repositories")] if repositories or not targets else []
    named += [_number(len(found), kind) for found, kind in ((organizations, "organization"), (users, "user")) if found]
    return ", ".join(named)


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"
