# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's defaults: the answers of GitHub in docs/observed.md, and the assumptions for the rest."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from .switches import Switches

PAGE = Path(__file__).resolve().parents[2] / "docs/observed.md"
#: The results of a question that GitHub answered.
ANSWERED = ("confirmed", "contradicted")


def switches(page: Path = PAGE) -> Switches:
    """Return the switches with the observed answers; without a page, the assumptions.

    :raises ValueError: a row has an answer that its switch does not accept.
    """
    found = Switches()
    for switch, dummy, dummy, result, value, dummy in rows(page):
        if result in ANSWERED:
            try:
                found.change({switch: parsed(switch, value)})
            except ValueError as error:
                raise ValueError(f"{page}, row {switch}: {error}") from error
    return found


def rows(page: Path) -> list[list[str]]:
    """Return the table of questions: the switch, question, assumption, result, answer and note of each."""
    return table(page.read_text(encoding="utf-8") if page.exists() else "")


def table(text: str) -> list[list[str]]:
    """Return the table of questions in the text of a page."""
    known = {one.name for one in fields(Switches)}
    tables = [[cell.strip().strip("`") for cell in line.strip().strip("|").split("|")] for line in text.splitlines()]
    return [cells for cells in tables if len(cells) == 6 and cells[0] in known]


def shown(value: object) -> str:
    """Write the value of a switch as the page shows it."""
    return value if isinstance(value, str) else json.dumps(value)


def parsed(switch: str, text: str) -> object:
    """Read the value of a switch from the page.

    :raises ValueError: it is neither a choice of the switch nor JSON.
    """
    choices = next(one.metadata.get("choices", ()) for one in fields(Switches) if one.name == switch)
    return text if text in choices else json.loads(text)
