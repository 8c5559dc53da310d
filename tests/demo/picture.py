# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw a part of the demo's output for the README: ``picture.py docs/demo.svg``, started by ``make picture``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from demo.fold import plain

#: The acts in the picture, from their first run of ansible-playbook on.
ACTS = ("1", "2", "3", "4")
#: The least width.
COLUMNS = 80
CHARACTER, LINE, MARGIN = 8.43, 19, 20
#: The classes of the style sheet by the codes of the terminal.
STYLES = {"0": "", "1": "strong", "1;36": "heading", "0;31": "red", "0;32": "green", "0;33": "yellow", "0;36": "cyan"}
HEAD = """\
<!--
Copyright (c) 2026 The devex.github developers
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
Made by `make picture`.
-->
"""
STYLE = """\
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d1d7e0 }
.strong { font-weight: bold; fill: #ffffff }
.heading { font-weight: bold; fill: #76e3ea }
.red { fill: #ff9492 }
.green { fill: #7ee787 }
.yellow { fill: #e8c06a }
.cyan { fill: #76e3ea }
</style>
"""


def chosen(output: str) -> Iterator[str]:
    """Yield the lines of the demo that are in the picture."""
    act, started = "", False
    for line in output.splitlines():
        text = plain(line)
        if heading := re.match(r"== (\d+)\. ", text):
            act, started = heading[1], False
            if act in ACTS:
                yield ""
                yield re.sub(r"\d+\. ", "", line)
        elif text.startswith("===="):
            act = ""
        started = started or text.startswith("$ ansible-playbook") or "octo-org/service-007" in text
        if act in ACTS and started and text:
            yield line


def drawn(output: str) -> str:
    """Return the picture of a demo's output as SVG."""
    lines = list(chosen(output))[1:]
    columns = max(COLUMNS, *(len(plain(line)) for line in lines))
    width, height = round(columns * CHARACTER) + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    rows = [
        f'<text x="{MARGIN}" y="{MARGIN + 14 + number * LINE}" xml:space="preserve">{_spans(line)}</text>\n'
        for number, line in enumerate(lines)
        if line
    ]
    return (
        f"{HEAD}"
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'role="img" aria-label="Output of make demo: a dry run with a diff, the first run, a run with nothing to do, '
        'and a run that finds an edit elsewhere">\n'
        f'{STYLE}<rect width="{width}" height="{height}" rx="8" fill="#151b23"/>\n{"".join(rows)}</svg>\n'
    )


def _spans(line: str) -> str:
    """Turn the colours of a terminal into elements."""
    spans, style = [], ""
    for number, part in enumerate(re.split(r"\033\[([\d;]*)m", line)):
        if number % 2:
            style = STYLES[part]
        elif part:
            text = escape(part, quote=False)
            spans.append(f'<tspan class="{style}">{text}</tspan>' if style else text)
    return "".join(spans)


def main(picture: str) -> int:
    """Play the demo, and write the picture; returns the demo's exit status."""
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("demo.py")],
        env={**environment, "FORCE_COLOR": "1"},
        check=False,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    if done.returncode == 0:
        Path(picture).write_text(drawn(done.stdout), encoding="utf-8")
    else:
        print(done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
