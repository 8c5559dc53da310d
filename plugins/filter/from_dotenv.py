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
  - Converts C(NAME=value) lines to a list for O(devex.github.codespaces_secrets#module:secrets). Comments, quotes and
    C(export) are supported.
  - Put quotes around a value of several lines. Otherwise each line would be an entry, and GitHub would show part of the
    value as the name of a secret.
  - Variables such as C(${HOME}) are not expanded. If a name occurs twice, the last value counts. Line breaks in values
    become line feeds.
  - If the text has no entries, or a line is not an entry, the filter fails. The error shows the numbers of these lines,
    but not their content.
options:
  _input:
    description: The text of the file.
    type: str
    required: true
  skip_empty:
    description:
      - Whether to omit entries without a value, such as C(NAME=).
      - By default, they fail, because an empty value usually means an unset variable.
      - If all entries are empty, the filter still fails.
    type: bool
    default: false
requirements:
  - python-dotenv, on the controller
notes:
  - Values without quotes fail if they look like the start or the end of a value of several lines. Examples are an open
    bracket, a final backslash, C(-----BEGIN) without C(-----END), an odd number of double quotes, or only C(=).
  - Names fail if GitHub rejects them, such as C(GITHUB_TOKEN), or if they differ only in case.
  - If a line inside an unquoted value looks like C(NAME=value), it counts as an entry. The filter cannot detect this.
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_values
    description: Values from vault files, C(.env) files and secret managers, with their dates.
  - module: devex.github.codespaces_secrets
"""

EXAMPLES = r"""
- name: Set the secrets of an encrypted .env file for a repository
  devex.github.codespaces_secrets:
    token: "{{ vault_github_token }}"
    repositories:
      - octo-org/app
    secrets: "{{ lookup('ansible.builtin.unvault', 'secrets.env') | devex.github.from_dotenv }}"

- name: Set only the secrets that have a value
  devex.github.codespaces_secrets:
    token: "{{ vault_github_token }}"
    repositories:
      - octo-org/app
    secrets: "{{ lookup('ansible.builtin.unvault', 'secrets.env') | devex.github.from_dotenv(skip_empty=true) }}"
"""

RETURN = r"""
_value:
  description: A dictionary for each secret, with C(name) and C(value), in the order of the file.
  type: list
  elements: dict
"""

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.devex.github.plugins.module_utils import _redaction
from ansible_collections.devex.github.plugins.plugin_utils import _dotenv
from ansible_collections.devex.github.plugins.plugin_utils._text import text


def from_dotenv(content: object, *, skip_empty: object = False) -> list[dict[str, str]]:
    if not _dotenv.HAS_DOTENV:
        raise AnsibleFilterError(
            "devex.github.from_dotenv: the Python library python-dotenv is missing on the controller. Install it with "
            "'pip install python-dotenv'."
        )
    plain = text(content)
    if plain is None:
        raise AnsibleFilterError(
            "devex.github.from_dotenv: the input must be the text of a .env file. Read the file with the lookup "
            "ansible.builtin.file or ansible.builtin.unvault."
        )
    skip = _boolean(skip_empty)
    if skip is None:
        raise AnsibleFilterError("devex.github.from_dotenv: skip_empty must be true or false.")
    values = _dotenv.parse(plain, skip_empty=skip)
    _redaction.register(values.values())
    return [{"name": name, "value": value} for name, value in values.items()]


def _boolean(value: object) -> bool | None:
    try:
        return bool(boolean(value))
    except TypeError:
        return None


class FilterModule:
    def filters(self) -> dict[str, Callable[..., list[dict[str, str]]]]:
        return {"from_dotenv": from_dotenv}
