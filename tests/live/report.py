# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/observed.md, and read the public key that an earlier run saw. The emulator reads the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator.observed import ANSWERED, parsed, rows, shown
from emulator.switches import Switches

from .questions import QUESTIONS, Answer
from .secrets_of import Key

_HEAD = """\
<!--
Copyright (c) 2026 The devex.github developers
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# What GitHub was observed to do

GitHub's documentation leaves some questions open. The local GitHub of our tests, `tests/emulator`, assumes an answer to
each of them. `make live` asks the real GitHub, plays the ritual of each module there, and writes this page. The
emulator takes its defaults from the first table.
"""
_EARLIER = "observed on "
_NOBODY = "nobody has run `make live` yet"
_KEY = re.compile(r"The repository (\d+) had the public key `(\w+)`: `([A-Za-z0-9+/=]+)`\.")


@dataclass(frozen=True)
class Run:
    """When and where the questions were asked, and the public key of the repository; `date` in ISO 8601."""

    date: str
    url: str
    api_version: str
    repository_id: int
    key: Key


def result(switch: str, answer: Answer | str) -> str:
    """Compare an answer with the assumption of the emulator; a text is the reason why there is no answer."""
    if isinstance(answer, str):
        return "not observed"
    assumed = getattr(Switches(), switch)
    return "confirmed" if shown(answer.value) == shown(assumed) else "contradicted"


def page(run: Run | None, answers: Mapping[str, Answer | str], modules: Mapping[str, str]) -> str:
    """Return the text of the page.

    :arg run: None if nobody has run it.
    :arg answers: For each switch, the answer or the reason why there is none.
    :arg modules: For each module, ``passed``, ``failed``, or the reason why it did not run.
    """
    parts = [_HEAD, _when(run)]
    parts += ["## Open questions\n", _questions(answers), "## Modules\n", _modules(modules)]
    if run:
        parts += ["## Public key\n", _public_key(run)]
    return "\n".join(parts)


def nobody(modules: Sequence[str]) -> str:
    """Return the page as it is until somebody runs `make live`."""
    return page(None, dict.fromkeys(QUESTIONS, _NOBODY), dict.fromkeys(modules, _NOBODY))


def earlier_key(path: Path, repository_id: int) -> Key | None:
    """Return the public key of this repository that the page has."""
    found = _KEY.search(path.read_text(encoding="utf-8")) if path.exists() else None
    return Key(found[2], found[3]) if found and int(found[1]) == repository_id else None


def with_earlier(answers: Mapping[str, Answer | str], path: Path, url: str) -> dict[str, Answer | str]:
    """Return the answers, and those of the page to the questions that this run could not answer.

    A page about another GitHub does not count.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    seen = re.search(rf"^- Date: (.+)\n- GitHub: {re.escape(url)}$", text, re.MULTILINE)
    found = dict(answers)
    for switch, dummy, dummy, outcome, value, note in rows(path) if seen else ():
        reason = found.get(switch)
        if seen and outcome in ANSWERED and isinstance(reason, str):
            date = note.removeprefix(_EARLIER)[:10] if note.startswith(_EARLIER) else seen[1]
            found[switch] = Answer(parsed(switch, value), f"{_EARLIER}{date}; not now: {reason}")
    return found


def _when(run: Run | None) -> str:
    if run is None:
        return "Nobody has run it yet, so every answer is still an assumption.\n"
    return f"- Date: {run.date}\n- GitHub: {run.url}\n- API version: {run.api_version}\n"


def _questions(answers: Mapping[str, Answer | str]) -> str:
    table = []
    for switch, question in QUESTIONS.items():
        answer = answers[switch]
        value, note = (f"`{shown(answer.value)}`", answer.note) if isinstance(answer, Answer) else ("", answer)
        assumed = shown(getattr(Switches(), switch))
        table.append([f"`{switch}`", question, f"`{assumed}`", result(switch, answer), value, note])
    return _table(["Switch", "Question", "Assumption", "Result", "GitHub", "Note"], table)


def _modules(modules: Mapping[str, str]) -> str:
    table = []
    for module, outcome in modules.items():
        played = outcome in ("passed", "failed")
        table.append([f"`{module}`", outcome if played else "not observed", "" if played else outcome])
    return _table(["Module", "Ritual", "Note"], table)


def _public_key(run: Run) -> str:
    text = "If GitHub has replaced this key by the next run, that run tries to write a value that is sealed with it."
    return f"{text}\nThe repository {run.repository_id} had the public key `{run.key.key_id}`: `{run.key.key}`.\n"


def _table(head: list[str], body: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "/") for cell in row] for row in body)]
    return "".join(f"| {' | '.join(line)} |\n".replace("|  |", "| |") for line in lines)
