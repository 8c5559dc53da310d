# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse a .env file, and report its invalid lines by number. Only this file imports dotenv."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from ansible.errors import AnsibleFilterError

from ansible_collections.devex.github.plugins.module_utils._validation import (
    is_reserved,
    is_unset,
    some,
    wrong_name,
)

try:
    from dotenv.parser import Binding, parse_stream
except ImportError:
    HAS_DOTENV = False
else:
    HAS_DOTENV = True

_LINE_BREAK = re.compile(r"\r\n?")
_BRACKETS = {"{": "}", "[": "]", "(": ")", "<": ">"}
# The byte order mark of UTF-16, in the form in which lookups return bytes that are not UTF-8.
_UTF_16 = ("\udcff\udcfe", "\udcfe\udcff")
_NO_ENTRY = "is not NAME=value"
_NO_VALUE = "has no value, or continues the value above"
_INDENTED = "is indented like a continuation of the value above"
_CONTINUES = "has a value that seems to continue in the next line"
_QUOTE = "has a quote that is not closed, or text after the closing quote"
_RESERVED = "has a name that begins with GITHUB_, which GitHub reserves"
_CASE = "has a name that differs from another name only in its case, which GitHub ignores"
_ENCODING = "is not UTF-8"
_PLURAL = {"is": "are", "has": "have"}
# The number of lines with the same mistake that an error lists.
_LINES = 100


@dataclass(frozen=True)
class _Entry:
    """The text between two line breaks outside of quotes, unless it is a comment."""

    line: int
    name: str
    value: str
    mistake: str | None


def parse(text: str, *, skip_empty: bool) -> dict[str, str]:
    """Return the values of a .env file by name, in the order of the file.

    If a name occurs twice, its last value counts.

    :arg skip_empty: whether to omit entries without a value.
    :raises AnsibleFilterError: the text has no entries, or invalid lines. The message does not contain their content.
    """
    text = _LINE_BREAK.sub("\n", text.removeprefix("\ufeff"))
    if text.startswith(_UTF_16) or "\0" in text:
        raise _error("The text looks like UTF-16 or binary data. Save the file as UTF-8.")
    if text.lstrip().startswith("$ANSIBLE_VAULT;"):
        raise _error("The text is Ansible Vault ciphertext. Read the file with the lookup ansible.builtin.unvault.")
    entries = list(_entries(text, skip_empty=skip_empty))
    mistakes = _mistakes(entries)
    if mistakes:
        raise _error(_message(mistakes))
    found = {entry.name: entry.value for entry in entries if not is_unset(entry.value)}
    if not found:
        raise _error("The text has no entry with a value. Check that you read the right file.")
    return found


def _error(text: str) -> AnsibleFilterError:
    return AnsibleFilterError(f"devex.github.from_dotenv: {text}")


def _entries(text: str, *, skip_empty: bool) -> Iterator[_Entry]:
    after_unquoted = False
    for binding in parse_stream(StringIO(text)):
        if binding.key is None and not binding.error:
            # A comment, or the end.
            continue
        # The parser counts blank lines before an entry as its beginning.
        original = binding.original.string.lstrip()
        before = binding.original.string.removesuffix(original)
        quoted = original.partition("=")[2].lstrip().startswith(("'", '"'))
        if after_unquoted and before and not before.endswith("\n"):
            mistake: str | None = _INDENTED
        else:
            mistake = _mistake(binding, quoted=quoted, skip_empty=skip_empty)
        line = binding.original.line + before.count("\n")
        yield _Entry(line, binding.key or "", binding.value or "", mistake)
        after_unquoted = not quoted


def _mistake(binding: Binding, *, quoted: bool, skip_empty: bool) -> str | None:
    """Return what is wrong with an entry; None: it is valid.

    python-dotenv itself would skip an invalid line with a warning, or parse part of a value as a name.
    """
    name, value = binding.key, binding.value
    if binding.error and quoted:
        return _QUOTE
    if name is None or value is None or (wrong_name(name) and not is_reserved(name)):
        return _NO_ENTRY
    if is_unset(value) and skip_empty:
        return None
    if is_unset(value) or (not quoted and not value.strip("=")):
        return _NO_VALUE
    if not quoted and _continues(value):
        return _CONTINUES
    if wrong_name(name):
        return _RESERVED
    if not _is_unicode(value):
        return _ENCODING
    return None


def _continues(value: str) -> bool:
    """Return whether an unquoted value looks like the first of several lines."""
    first = value[0]
    return (
        value.endswith(("\\", *_BRACKETS))
        or (first in _BRACKETS and value.count(first) > value.count(_BRACKETS[first]))
        or (first == "`" and value.count("`") % 2 == 1)
        or value.count('"') % 2 == 1
        or (value.startswith("-----BEGIN") and "-----END" not in value)
    )


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _mistakes(entries: list[_Entry]) -> dict[str, list[int]]:
    """Return each mistake with the numbers of its lines."""
    spellings: dict[str, set[str]] = {}
    for entry in entries:
        spellings.setdefault(entry.name.upper(), set()).add(entry.name)
    lines: dict[str, list[int]] = {}
    for entry in entries:
        mistake = entry.mistake or (_CASE if len(spellings[entry.name.upper()]) > 1 else None)
        if mistake is not None:
            lines.setdefault(mistake, []).append(entry.line)
    return lines


def _message(mistakes: dict[str, list[int]]) -> str:
    sentences = [f"{'; '.join(_clause(mistake, lines) for mistake, lines in mistakes.items())}."]
    if not mistakes.keys() <= {_RESERVED, _CASE, _ENCODING}:
        sentences.append("Put values of several lines in quotes.")
    if _NO_VALUE in mistakes:
        sentences.append("To omit entries without a value, set skip_empty=true.")
    return " ".join(sentences)


def _clause(mistake: str, lines: list[int]) -> str:
    verb, dummy, rest = mistake.partition(" ")
    if len(lines) == 1:
        return f"line {lines[0]} {verb} {rest}"
    return f"lines {some([str(line) for line in lines], _LINES)} {_PLURAL[verb]} {rest}"
