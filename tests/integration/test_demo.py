# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo, and how it shortens Ansible's output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html import unescape

import pytest
from ansible.release import __version__
from demo.fold import fold, plain

from .conftest import ROOT

MOST_LINES = 150
#: Older releases print diffs and errors differently.
SHOWN_BY = (2, 19)
ANSIBLE_CORE = tuple(map(int, __version__.split(".")[:2]))

PLAY = "\nPLAY [Secrets] ****\n"
RECAP = "\nPLAY RECAP ****\nocto-org/a : ok=1    changed=0\n"


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (
            "ok: [octo-org/b]\nok: [octo-org/a]\nchanged: [octo-org/c]\n",
            ["ok: [octo-org/a] and 1 more", "changed: [octo-org/c]"],
        ),
        (
            "ok: [octo-org/a] => \n    msg: created\nok: [octo-org/b] => \n    msg: unchanged\n",
            ["ok: [octo-org/a] => ", "    msg: created", "ok: [octo-org/b] => ", "    msg: unchanged"],
        ),
        (
            "--- before: octo-org/a\n+++ after: octo-org/a\n+ new\n\n\nchanged: [octo-org/a]\n"
            "--- before: octo-org/b\n+++ after: octo-org/b\n+ new\n\n\nchanged: [octo-org/b]\n",
            ["--- before: octo-org/a", "+++ after: octo-org/a", "+ new", "changed: [octo-org/a] and 1 more"],
        ),
        (
            "[ERROR]: octo-org/a: wrong\nOrigin: main.yml:1\n\n1 - name: x\n  ^ column 1\n\n"
            "fatal: [octo-org/a]: FAILED! => \n    msg: 'octo-org/a: wrong'\n"
            "fatal: [octo-org/b]: FAILED! => \n    msg: 'octo-org/b: wrong'\n",
            [
                "[ERROR]: octo-org/a: wrong",
                "fatal: [octo-org/a]: FAILED! => ",
                "fatal: [octo-org/b]: FAILED! => ",
            ],
        ),
        (
            "\033[0;32mok: [octo-org/a]\033[0m\n\033[0;32mok: [octo-org/b]\033[0m\n",
            ["\033[0;32mok: [octo-org/a] and 1 more\033[0m"],
        ),
    ],
    ids=["status", "result", "diff", "error", "colours"],
)
def test_fold_shows_each_result_of_a_task_once(task: str, expected: list[str]) -> None:
    assert fold(f"{PLAY}\nTASK [Show] ****\n{task}{RECAP}") == ["TASK [Show]", *expected]


def test_fold_leaves_out_the_first_steps_of_the_role() -> None:
    role = "devex.github.codespaces_secrets"
    output = f"{PLAY}\nTASK [{role} : Collect x] *\nok: [octo-org/a]\n\nTASK [{role} : Report x] *\nok: [octo-org/a]\n"
    assert fold(output) == [f"TASK [{role} : Report x]", "ok: [octo-org/a]"]


def play(*arguments: str) -> str:
    """Play the demo; returns its output without colours."""
    environment = {**os.environ, "NO_COLOR": "1"}
    command = (sys.executable, str(ROOT / "tests/demo/demo.py"), *arguments)
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return plain(done.stdout)


@pytest.mark.thorough
@pytest.mark.skipif(ANSIBLE_CORE < SHOWN_BY, reason="the demo needs ansible-core 2.19 or newer")
def test_the_demo_is_short_and_contains_the_lines_of_the_picture() -> None:
    lines = play().splitlines()
    assert len(lines) <= MOST_LINES
    picture = (ROOT / "docs/demo.svg").read_text(encoding="utf-8")
    drawn = [unescape(re.sub(r"<.*?>", "", row)) for row in re.findall(r"<text .*?</text>", picture)]
    assert len(drawn) > 20
    shown = {line.removeprefix("== ").rstrip("= ") for line in (re.sub(r"^== \d+\. ", "== ", line) for line in lines)}
    missing = [line for line in drawn if line.removeprefix("== ").rstrip("= ") not in shown]
    assert missing == [], "run: make picture"


@pytest.mark.thorough
@pytest.mark.skipif(ANSIBLE_CORE < SHOWN_BY, reason="the demo needs ansible-core 2.19 or newer")
def test_the_verbose_demo_shows_every_call() -> None:
    output = play("--verbose")
    assert "DELETE /repos/octo-org/api/codespaces/secrets/DATABASE_URL                204" in output
    assert "PLAY RECAP" in output
