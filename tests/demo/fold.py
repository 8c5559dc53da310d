# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shorten the output of ``ansible-playbook``: the same result of many repositories appears once."""

from __future__ import annotations

import re
from collections.abc import Iterator

COLOUR = re.compile(r"\033\[[\d;]*m")
HOST = re.compile(r"octo-org/[\w-]+")
#: Steps of the role that report nothing.
STEPS = re.compile(r"TASK \[devex\.github\.codespaces_secrets : (Collect|Write) ")
STATUS = re.compile(r"(ok|changed|skipping|fatal|failed): \[")


def plain(text: str) -> str:
    """Remove the colours."""
    return COLOUR.sub("", text)


def fold(output: str) -> list[str]:
    """Return the lines to show: each task, and below it one of the hosts with the same result.

    The lines keep their colours. Left out are blank lines, the name of the play, the recap, the first steps of the
    role, and the source code and the second copy of the message that Ansible prints for an error.
    """
    shown: list[str] = []
    for heading, lines in _tasks(output):
        shown.append(heading)
        groups: dict[str, list[list[str]]] = {}
        for result in _results(lines):
            groups.setdefault(HOST.sub("*", plain("\n".join(result))), []).append(result)
        for results in groups.values():
            # The order of the hosts differs from run to run.
            first = min(results, key=lambda result: plain("\n".join(result)))
            shown += _with_number(first, len(results) - 1)
    return shown


def _tasks(output: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the heading of each task with its lines."""
    for part in re.split(r"^(?=TASK \[|PLAY )", output, flags=re.MULTILINE):
        heading, *lines = [line for line in part.splitlines() if plain(line).strip()] or [""]
        if heading.startswith("TASK [") and not STEPS.match(heading):
            yield heading.rstrip(" *"), lines


def _results(lines: list[str]) -> Iterator[list[str]]:
    """Yield the lines of each host: a diff or an error, the status, then what the task returned."""
    result: list[str] = []
    complete = hidden = False
    for line in lines:
        text = plain(line)
        starts = text.startswith(("--- before", "[ERROR]"))
        if complete and (starts or STATUS.match(text)):
            yield result
            result, complete = [], False
        if text.startswith("[ERROR]"):
            hidden = False
        if STATUS.match(text):
            complete, hidden = True, False
        if not hidden:
            result.append(line)
        # An error shows the task's source above the status, and repeats the message below it.
        if text.startswith(("[ERROR]", "fatal: [")):
            hidden = True
    if result:
        yield result


def _with_number(result: list[str], others: int) -> list[str]:
    """Add to the line with the status how many other hosts have the same result."""
    if not others:
        return result
    return [line.replace("]", f"] and {others} more", 1) if STATUS.match(plain(line)) else line for line in result]
