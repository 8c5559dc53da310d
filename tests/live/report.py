# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of docs/observed.md, and what the page of an earlier run has. The emulator reads the answers."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emulator.observed import ANSWERED, parsed, shown, switches, table
from emulator.switches import Switches

from .questions import QUESTIONS, Answer
from .secrets_of import Key

_HEAD = """\
<!--
Copyright (c) 2026 The devex.github developers
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Observed behaviour of GitHub

GitHub's documentation leaves some questions open. The local GitHub of our tests, `tests/emulator`, assumes an answer to
each of them. `make live` asks the real GitHub, runs each module there, and generates this page. Do not edit the page,
because the next run overwrites it. The emulator takes its defaults from the first table.
"""
_EARLIER = "observed on "
_NOT_RUN = "`make live` has not run yet"
_PLACE = re.compile(r"^- Date: (.+)\n- GitHub: (.+)$", re.MULTILINE)
_KEY = re.compile(r"The repository (\d+) had the public key `(\w+)`: `([A-Za-z0-9+/=]+)`\.")


@dataclass(frozen=True)
class Run:
    """When and where the questions were asked, and the public key of the repository; `date` in ISO 8601."""

    date: str
    url: str
    api_version: str
    repository_id: int
    key: Key


class PageError(Exception):
    """The page of an earlier run cannot be read or replaced."""


@dataclass(frozen=True)
class Earlier:
    """The content of an earlier page: `answers` have the date in their notes, `repository_id` is that of `key`."""

    url: str | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    repository_id: int | None = None
    key: Key | None = None

    def key_of(self, repository_id: int) -> Key | None:
        """Return the public key of this repository."""
        return self.key if repository_id == self.repository_id else None

    def complete(self, answers: Mapping[str, Answer | str], url: str) -> dict[str, Answer | str]:
        """Return the answers, and the earlier ones to the questions that this run could not answer.

        A page about another GitHub does not count.
        """
        found = dict(answers)
        for switch, answer in self.answers.items() if url == self.url else ():
            reason = found.get(switch)
            if isinstance(reason, str):
                found[switch] = Answer(answer.value, f"{answer.note}; not now: {reason}")
        return found


def result(switch: str, answer: Answer | str) -> str:
    """Compare an answer with the assumption of the emulator; a text is the reason why there is no answer."""
    if isinstance(answer, str):
        return "not observed"
    assumed = getattr(Switches(), switch)
    return "confirmed" if shown(answer.value) == shown(assumed) else "contradicted"


def page(run: Run | None, answers: Mapping[str, Answer | str], modules: Mapping[str, str]) -> str:
    """Return the text of the page.

    :arg run: None before the first run.
    :arg answers: For each switch, the answer or the reason why there is none.
    :arg modules: For each module, ``passed``, ``failed``, or the reason why it did not run.
    """
    parts = [_HEAD, _when(run)]
    parts += ["## Open questions\n", _questions(answers), "## Modules\n", _modules(modules)]
    if run:
        parts += ["## Public key\n", _public_key(run)]
    return "\n".join(parts)


def before_the_first_run(modules: Sequence[str]) -> str:
    """Return the page for the time before the first run of `make live`."""
    return page(None, dict.fromkeys(QUESTIONS, _NOT_RUN), dict.fromkeys(modules, _NOT_RUN))


def earlier(path: Path) -> Earlier:
    """Read the page of an earlier run, and check that this run can replace it.

    :raises PageError: it cannot.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        # The emulator would fail, too.
        switches(path)
        _check_writable(path)
    except (OSError, ValueError) as error:
        raise PageError(f"{path} cannot be used: {error}\nRestore it, for example with git, or delete it.") from error
    place, key = _PLACE.search(text), _KEY.search(text)
    if place is None:
        return Earlier()
    answers = {}
    for switch, dummy, dummy, outcome, value, note in table(text):
        if outcome in ANSWERED:
            date = note.removeprefix(_EARLIER)[:10] if note.startswith(_EARLIER) else place[1]
            answers[switch] = Answer(parsed(switch, value), f"{_EARLIER}{date}")
    return Earlier(place[2], answers, *((int(key[1]), Key(key[2], key[3])) if key else ()))


def _check_writable(path: Path) -> None:
    """Raise OSError if the page cannot be written."""
    if path.exists():
        path.open("r+b").close()
    elif not os.access(path.parent, os.W_OK):
        raise OSError("its directory does not exist, or is read-only")


def _when(run: Run | None) -> str:
    if run is None:
        return "`make live` has not run yet, so every answer is still an assumption.\n"
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
