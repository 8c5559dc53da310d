# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The prose check of ``make lint``: what it reads, what it finds, and where."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope

CHECKOUT = Path(_scope.__file__).parents[2]


def load() -> ModuleType:
    # By its path, because ansible-test imports only the collection.
    spec = spec_from_file_location("prose", CHECKOUT / "tests/prose.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    # Its dataclasses look for the module.
    sys.modules["prose"] = module
    spec.loader.exec_module(module)
    return module


PROSE = load()
PATTERNS = PROSE.read_patterns(PROSE.WORDS.read_text(encoding="utf-8"))


def found(name: str, text: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.found) for finding in PROSE.check(name, text, PATTERNS)[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GitHub refuses the token.", ["refuses"]),
        ("An empty value\nis an error.", ["is an error"]),
        ("The list is what it was. Where it is empty, it fails.", ["Where"]),
        ("Whoever goes on is told so.", ["Whoever", "goes on", "told"]),
        ("If no value is given, nothing is written.", ["given"]),
        ("At most ten, no more than that.", ["no more than"]),
        ("Seal it anew.", ["anew"]),
        ("What is left is kept.", ["What"]),
        ("It is kept. What is left is kept.", ["What"]),
        ("It has to be set.", ["has to"]),
    ],
)
def test_a_phrase_to_avoid_is_found(text: str, expected: list[str]) -> None:
    assert sorted(phrase for dummy, phrase in found("README.md", text)) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        "GitHub rejects the token.",
        "The proxy answers: connection refused.",
        "What is a fingerprint? It is a hash.",
        "The file is in the directory where the module runs.",
        "See `whoever` and ``given``, or https://example.com/refused.",
        "The task fails with an error in the file.",
        "It is sent unless there is an error.",
        "A locked file is given up.",
        "The message has two parts: what failed, and what to do.",
        "A recommendation, an amendment and a retold story only contain such words.",
    ],
)
def test_a_good_sentence_has_no_finding(text: str) -> None:
    assert found("README.md", text) == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.md", "```yaml\ntold\n```\n\ntold\n<!-- told -->\n", [(5, "told")]),
        ("a.md", "1. x\n\n   ```yaml\n   told\n   ```\n\n   told\n", [(7, "told")]),
        ("a.md", "[words](https://example.com/told)\n", []),
        ("a.rst", ".. code-block:: yaml\n\n    told\n\n    told\n\ntold\n", [(7, "told")]),
        ("a.rst", "..\n  told\n\n.. note::\n\n    told\n", [(6, "told")]),
        ("a.yml", "# told\ntold: 1\nname: told\n- told\n", [(1, "told"), (3, "told"), (4, "told")]),
        ("a.yml", 'msg: "{{ told }} {% if told %}"\n', []),
        ("a.yml", "text:\n  # This is an\n  # error.\n", [(2, "is an error")]),
        ("a.py", '"""Told.\n\nx told\n"""\n\ntold = 1  # told\n', [(1, "Told"), (3, "told"), (6, "told")]),
        ("a.py", "# This is an\n# error.\nx = 1\n", [(1, "is an error")]),
        ("a.py", "# This is an\nx = 1\n# error.\n", []),
        ("a.py", 'def f():\n    "told"\n    return "told in four words"\n', [(2, "told")]),
        ("plugins/a.py", 'fail("told")\nfail(f"{told} told in four words")\n', [(2, "told")]),
        ("plugins/a.py", '"""Store it.\n\n:arg given: told\n"""\n', [(3, "told")]),
        ("plugins/a.py", 'x = "CREATE TABLE x ( told TEXT NOT NULL )"\n', []),
        ("plugins/a.py", 'def f(x):\n    """:arg x: what failed."""\n', []),
        ("tests/a.py", "# --- what fails ---\nx = 1\n# What fails.\n", [(1, "what"), (3, "What")]),
        ("tests/a.py", "def test_what_is_told() -> None:\n    what = it\n", [(1, "told"), (1, "what")]),
        ("tests/a.py", "def what_it_is(given: str) -> None:\n    x.told(given)\n", []),
        ("Makefile", "x:\n\techo told\n# told\n", [(3, "told")]),
    ],
)
def test_only_prose_is_read_and_lines_are_exact(name: str, text: str, expected: list[tuple[int, str]]) -> None:
    assert found(name, text) == expected


def test_words_are_counted_without_code() -> None:
    assert PROSE.check("a.md", "Two `code` words.\n```\nno words\n```\n", PATTERNS)[1] == 2


def test_every_expression_has_advice_and_compiles() -> None:
    assert len(PATTERNS) > 30
    assert all(pattern.advice for pattern in PATTERNS)
    assert any(pattern.test_names for pattern in PATTERNS)
