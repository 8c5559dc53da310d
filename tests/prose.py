# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find words and phrases that make our prose hard to read, and suggest others.

It reads documentation, changelog fragments, docstrings, comments, the names of tests, and the texts of the plugins. It
leaves out code, literals and addresses. The words are in ``prose_words.txt``. ``prose.py [PATH ...]`` checks files and
directories, by default all files in Git, and prints the file, the line, the words and the advice for each finding.
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORDS = Path(__file__).with_name("prose_words.txt")
SUFFIXES = {".md", ".rst", ".py", ".yml", ".yaml", ".toml"}
#: Licences, what tools generate, and the tests of this check.
LEFT_OUT = re.compile(
    r"LICENSES/|CODE_OF_CONDUCT\.md|CHANGELOG\.rst|changelogs/changelog\.yaml|docs/benchmark\.md|tests/unit/test_prose\.py"
)
#: Stands for code and literals, so that the words around them stay separate.
MASK = "·"
#: In plugins, a text of at least so many words is a message or documentation.
WORDS_OF_A_TEXT = 4
WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
HIDDEN = re.compile(
    r"``.*?``|`[^`\n]*`_{0,2}|\b[A-Z]\([^)]*\)|\{\{.*?\}\}|\{%.*?%\}|\{[^{}\n]*\}|https?://\S+|\S*[\w/]\.(?:py|md|rst|ya?ml)\b"
    # Parameters in docstrings, and columns of tables.
    r"|:arg \w+:|\b\w+ (?:TEXT|BIGINT)\b",
    re.DOTALL,
)


@dataclass(frozen=True)
class Pattern:
    """An expression to avoid, and what to write instead."""

    expression: re.Pattern[str]
    advice: str
    test_names: bool = False


@dataclass(frozen=True)
class Finding:
    """A place in a text."""

    line: int
    found: str
    advice: str


def read_patterns(text: str) -> list[Pattern]:
    """Parse the list of words.

    Raises:
        ValueError: A line has no advice.
    """
    patterns = []
    test_names = False
    for line in text.splitlines():
        if line == "[test names]":
            test_names = True
        elif line.strip() and not line.startswith("#"):
            expression, advice = re.split(r" {2,}", line.strip(), maxsplit=1)
            # Not as a part of code, such as `x.told` or `given(`.
            whole = rf"(?<![\w.])(?:{expression})(?![\w(=])".replace(" ", r"\s+")
            patterns.append(Pattern(re.compile(whole, re.IGNORECASE), advice, test_names))
    return patterns


def prose(name: str, text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield each piece of prose of a file: its first line, its text, and whether it is the name of a test."""
    suffix = Path(name).suffix
    if suffix == ".py":
        yield from _of_python(text, is_plugin=name.startswith("plugins/"))
    elif suffix == ".md":
        yield 1, re.sub(r"^( *)(```|~~~).*?^ *\2|<!--.*?-->|\]\([^)]*\)", _hidden, text, flags=re.M | re.S), False
    elif suffix == ".rst":
        blocks = r"^( *)\.\.(?! (?:note|warning|seealso|versionadded)).*\n(?:\1 +.*\n|\n(?=\1 +))*"
        yield 1, re.sub(blocks, _hidden, text + "\n", flags=re.MULTILINE), False
    elif suffix in (".yml", ".yaml"):
        yield 1, re.sub(r"^ *(# )?|^ *- |[\w.]+:(?= |$)", _blank, text, flags=re.MULTILINE), False
    else:
        yield 1, "\n".join(line if line.startswith("#") else "" for line in text.splitlines()), False


def _hidden(found: re.Match[str]) -> str:
    """Replace everything except line breaks."""
    return re.sub(r"[^\n]", MASK, found[0])


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _of_python(text: str, is_plugin: bool) -> Iterator[tuple[int, str, bool]]:
    comment: list[str] = []
    first = last = 0
    starts_line, previous = True, ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        if kind == "COMMENT":
            # Comments on consecutive lines are one text.
            if comment and token.start[0] != last + 1:
                yield first, "\n".join(comment), False
                comment = []
            first = first if comment else token.start[0]
            last = token.start[0]
            comment.append(token.string.lstrip("#: "))
        elif kind in ("STRING", "FSTRING_MIDDLE"):
            if starts_line or (is_plugin and len(WORD.findall(token.string)) >= WORDS_OF_A_TEXT):
                yield token.start[0], token.string, False
        elif kind == "NAME" and previous == "def" and token.string.startswith("test_"):
            yield token.start[0], token.string.replace("_", " "), True
        if kind not in ("COMMENT", "NL"):
            starts_line, previous = kind in ("NEWLINE", "INDENT", "DEDENT"), token.string
    if comment:
        yield first, "\n".join(comment), False


def check(name: str, text: str, patterns: list[Pattern]) -> tuple[list[Finding], int]:
    """Return the findings in a file, and its number of words."""
    findings, words = [], 0
    for first, piece, is_test_name in prose(name, text):
        visible = HIDDEN.sub(_hidden, piece)
        words += len(WORD.findall(visible))
        for pattern in patterns:
            if pattern.test_names and not is_test_name:
                continue
            for match in pattern.expression.finditer(visible):
                line = first + visible.count("\n", 0, match.start())
                findings.append(Finding(line, " ".join(WORD.findall(match[0])), pattern.advice))
    return sorted(set(findings), key=lambda finding: (finding.line, finding.found)), words


def files(paths: list[str]) -> list[Path]:
    """Return the files to check, relative to the checkout."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *paths]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [
        Path(name)
        for name in listed
        if (Path(name).suffix in SUFFIXES or Path(name).name == "Makefile")
        and not LEFT_OUT.match(name)
        and (ROOT / name).is_file()
        and not (ROOT / name).is_symlink()
    ]


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 1 if there are findings."""
    parser = argparse.ArgumentParser(description="Find words that make our prose hard to read, and suggest others.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or directories; default: all of the checkout")
    parser.add_argument("--summary", action="store_true", help="print only the number of findings for each directory")
    options = parser.parse_args(arguments)
    paths = [str(Path(path).resolve().relative_to(ROOT)) for path in options.paths]
    patterns = read_patterns(WORDS.read_text(encoding="utf-8"))
    found: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for path in files(paths):
        findings, number = check(str(path), (ROOT / path).read_text(encoding="utf-8"), patterns)
        directory = "/".join(path.parts[:2]) if len(path.parts) > 2 else "/".join(path.parts[:-1]) or "."
        found[directory] += len(findings)
        words[directory] += number
        if not options.summary:
            for finding in findings:
                print(f"{path}:{finding.line}: {finding.found!r}, write: {finding.advice}")
    if options.summary:
        for directory in sorted(words):
            print(
                f"{directory:<30}{found[directory]:>6}{_rate(found[directory], words[directory]):>8.1f} per 1,000 words"
            )
    total, number = found.total(), words.total()
    print(f"{total} findings in {number} words, {_rate(total, number):.1f} per 1,000 words")
    return 1 if total else 0


def _rate(findings: int, words: int) -> float:
    return 1000 * findings / max(words, 1)


if __name__ == "__main__":
    sys.exit(main())
