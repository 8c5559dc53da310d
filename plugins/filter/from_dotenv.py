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
options:
  _input:
    description: The text of the file.
    type: str
    required: true
requirements:
  - python-dotenv, on the controller
seealso:
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

from collections.abc import Callable
from io import StringIO

from ansible.errors import AnsibleFilterError

try:
    from dotenv.parser import parse_stream
except ImportError:
    HAS_DOTENV = False
else:
    HAS_DOTENV = True


def from_dotenv(text: object) -> list[dict[str, str]]:
    if not HAS_DOTENV:
        raise AnsibleFilterError("devex.github.from_dotenv needs the Python library python-dotenv on the controller.")
    if not isinstance(text, str):
        raise AnsibleFilterError("devex.github.from_dotenv takes the text of a file.")
    secrets: dict[str, str] = {}
    for binding in parse_stream(StringIO(text)):
        # python-dotenv itself would skip the line with a warning.
        if binding.error or (binding.key is not None and binding.value is None):
            # The blank lines before it belong to it.
            content = binding.original.string.lstrip()
            line = binding.original.line + binding.original.string.removesuffix(content).count("\n")
            raise AnsibleFilterError(f"devex.github.from_dotenv: line {line} is not NAME=value.")
        if binding.key is not None and binding.value is not None:
            secrets[binding.key] = binding.value
    return [{"name": name, "value": value} for name, value in secrets.items()]


class FilterModule:
    def filters(self) -> dict[str, Callable[..., list[dict[str, str]]]]:
        return {"from_dotenv": from_dotenv}
