# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the report about GitHub's limits."""

from __future__ import annotations

from bench.limited import Limited, least_seconds
from bench.markdown import seconds, table, wrapped
from bench.results import Results
from bench.ways import TASK

_WORDS = ("", "limits", "succeeded")


def limited(results: Results) -> str:
    """Return the section; empty: it was not measured."""
    ours = next((row for row in results.limited if row.case.way is TASK and row.limits), None)
    if ours is None:
        return ""
    rows = [
        [
            row.case.way.title,
            "GitHub's" if row.limits else "none",
            f"{row.arrived} of {row.wanted}",
            "no" if row.cost.status else "yes",
            f"{row.calls:,}",
            f"{row.points:,}",
            row.refused,
            f"{seconds(row.cost.seconds)} s",
        ]
        for row in results.limited
    ]
    head = ["", "limits", "secrets that arrived", "succeeded", "calls", "points", "calls refused", "time"]
    case = ours.case
    return "\n".join(
        (
            f"## A first run with GitHub's limits, {case.latency_ms} ms\n",
            wrapped(
                f"{case.secrets} secrets in each of {case.repositories} repositories, once on an emulator that has "
                "GitHub's limit of 900 points a minute and refuses what is too much, and once on one that has none. "
                "Calls and points are of all that was sent, refused or not:"
            ),
            table(head, rows, _WORDS),
            *_notes(ours),
        )
    )


def _notes(ours: Limited) -> tuple[str, ...]:
    return (
        wrapped(_floor(ours)),
        wrapped(
            "This collection keeps GitHub's pace by itself. It cannot know whether there is a limit, so without one "
            "its first run is as slow. A process of `gh`, and one of `community.general.github_secrets`, writes as "
            "fast as it can and does not try again what was refused. Here the loop of `gh` goes on with the next "
            "repository, and that of Ansible with the next secret. Where nothing of theirs was refused, they were too "
            "slow to meet the limit, and their two times differ by what else the machine did."
        ),
    )


def _floor(ours: Limited) -> str:
    """Compare this collection with the least time that the limits allow."""
    floor = least_seconds(ours.points)
    needed = f"{ours.points:,} points, at 900 a minute, take at least {floor:.0f} s: that is the floor."
    if not floor or ours.arrived < ours.wanted:
        return needed
    return f"{needed} This collection needed {ours.cost.seconds / floor:.2f} times as long."
