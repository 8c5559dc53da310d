# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Markdown: wrapped text and tables, and numbers as they stand in a table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

_WIDTH = 118
_NEXT = "\n## "


def wrapped(text: str) -> str:
    """A paragraph, or an item of a list."""
    indent = "  " if text.startswith("- ") else ""
    lines = textwrap.wrap(text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]], words: Sequence[str] = ("", "latency")) -> str:
    """A table. `words` are the heads of the columns that have no numbers."""
    lines = [head, ["---" if name in words else "---:" for name in head], *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def seconds(number: float) -> str:
    return f"{number:.2f}" if number < 10 else f"{number:.1f}"


def with_section(report: str, section: str) -> str:
    """Replace the section with the same title in an earlier report, or add it before the notes at the end."""
    title = section.partition("\n")[0]
    before, found, rest = report.partition(f"\n{title}\n")
    if found:
        dummy, *others = rest.split(_NEXT, 1)
    else:
        before, *others = report.rsplit(_NEXT, 1)
    return _NEXT.join((f"{before}\n{section}", *others))
