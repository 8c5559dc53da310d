# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: from_dotenv
short_description: Turn the text of a .env file into a list of secrets
version_added: 0.1.0
author:
  - The devex.github developers (@devex)
description:
  - Reads C(NAME=value) lines, with comments, quotes, C(export), and quoted values of several lines, and returns what
    O(devex.github.codespaces_secrets#module:secrets) takes.
  - Variables such as C(${HOME}) in a value stay as they are. When a name occurs twice, the last value counts.
  - A value of several lines needs quotes. Without them, each of its lines would be an entry, and a part of the value
    the name of a secret, which GitHub shows. A line that looks like that is an error, which tells its number, and
    nothing of what is in it.
options:
  _input:
    description: The text of the file.
    type: str
    required: true
requirements:
  - python-dotenv, on the controller
notes:
  - These are errors, where there are no quotes around the value. It is nothing but C(=), as the end of base64 is. It
    ends in a backslash or an opening bracket. It starts with a bracket or a backquote that it does not close, or with
    C(-----BEGIN) and has no C(-----END). It has an odd number of double quotes. The entry after it is indented.
  - An empty value, with or without quotes, and a name that GitHub would not take are errors as well.
  - Whatever else looks like C(NAME=value) is taken for an entry. In a value of several lines without quotes, it cannot
    be told apart.
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_values
    description: Vault files, C(.env) files and secret managers, and the date that each gives.
  - module: devex.github.codespaces_secrets
"""

EXAMPLES = r"""
- name: Give a repository the secrets of an encrypted .env file
  devex.github.codespaces_secrets:
    token: "{{ vault_github_token }}"
    repositories:
      - octo-org/app
    secrets: "{{ lookup('ansible.builtin.unvault', 'secrets.env') | devex.github.from_dotenv }}"
"""

RETURN = r"""
_value:
  description: A dictionary for each secret, with C(name) and C(value), in the order of the file.
  type: list
  elements: dict
"""

import re
from collections.abc import Callable
from io import StringIO

from ansible.errors import AnsibleFilterError

from ansible_collections.devex.github.plugins.plugin_utils._text import text

try:
    from dotenv.parser import parse_stream
except ImportError:
    HAS_DOTENV = False
else:
    HAS_DOTENV = True

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LINE_BREAK = re.compile(r"\r\n?|\n")
_BRACKETS = {"{": "}", "[": "]", "(": ")", "<": ">"}


def _goes_on(value: str) -> bool:
    """Whether an unquoted value looks like the first line of several."""
    first = value[0]
    return (
        value.endswith(("\\", *_BRACKETS))
        or (first in _BRACKETS and value.count(first) > value.count(_BRACKETS[first]))
        or (first == "`" and value.count("`") % 2 == 1)
        or value.count('"') % 2 == 1
        or (value.startswith("-----BEGIN") and "-----END" not in value)
    )


def from_dotenv(content: object) -> list[dict[str, str]]:
    if not HAS_DOTENV:
        raise AnsibleFilterError("devex.github.from_dotenv needs the Python library python-dotenv on the controller.")
    plain = text(content)
    if plain is None:
        raise AnsibleFilterError("devex.github.from_dotenv takes the text of a file.")
    secrets: dict[str, str] = {}
    after_unquoted = False
    for binding in parse_stream(StringIO(plain)):
        name, value = binding.key, binding.value
        if name is None and not binding.error:
            # A comment, or the end.
            continue
        # The blank lines before it belong to it.
        entry = binding.original.string.lstrip()
        before = binding.original.string.removesuffix(entry)
        unquoted = not entry.partition("=")[2].lstrip().startswith(("'", '"'))
        # python-dotenv itself would skip such a line with a warning, or take part of a value for a name.
        if name is None or value is None or not _NAME.fullmatch(name):
            mistake = "is not NAME=value"
        elif after_unquoted and before and not before.endswith(("\r", "\n")):
            mistake = "is indented, as if it continued the value above"
        elif not value or (unquoted and not value.strip("=")):
            mistake = "has no value, or is the end of one"
        elif unquoted and _goes_on(value):
            mistake = "has a value that seems to go on in the next line"
        else:
            secrets[name] = value
            after_unquoted = unquoted
            continue
        line = binding.original.line + len(_LINE_BREAK.findall(before))
        raise AnsibleFilterError(
            f"devex.github.from_dotenv: line {line} {mistake}. "
            "Values of several lines need quotes, and no secret is empty."
        )
    return [{"name": name, "value": value} for name, value in secrets.items()]


class FilterModule:
    def filters(self) -> dict[str, Callable[..., list[dict[str, str]]]]:
        return {"from_dotenv": from_dotenv}
