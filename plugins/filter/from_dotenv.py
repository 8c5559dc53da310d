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
  - Variables such as C(${HOME}) in a value stay as they are. If a name occurs twice, the last value counts.
  - Line breaks of Windows (CRLF) and a byte order mark of UTF-8 are accepted. Line breaks in values become line feeds.
  - A value of several lines needs quotes. Without them, each of its lines would be an entry, and GitHub would show part
    of the value as the name of a secret.
  - The filter fails if the text has no entries, or lines that are not entries. The error names the numbers of all these
    lines, and nothing of their content.
options:
  _input:
    description: The text of the file.
    type: str
    required: true
  skip_empty:
    description:
      - Whether entries without a value, such as C(NAME=), are left out.
      - By default they fail, because an empty value usually means an unset variable.
      - A text in which all entries are empty fails all the same.
    type: bool
    default: false
requirements:
  - python-dotenv, on the controller
notes:
  - These values fail if they have no quotes. A value of nothing but C(=), as the end of base64. One that ends in a
    backslash or an opening bracket. One that starts with a bracket or a backquote that it does not close, or with
    C(-----BEGIN) without C(-----END). One with an odd number of double quotes. One with an indented entry after it.
  - These lines fail too. A quote that is not closed. A name that GitHub rejects, such as C(GITHUB_TOKEN). Names that
    differ only in case, because GitHub ignores the case. Text that is not UTF-8.
  - Any other line that looks like C(NAME=value) counts as an entry, even inside an unquoted value of several lines.
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

- name: Leave out the entries that nobody has filled in
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
    return [{"name": name, "value": value} for name, value in values.items()]


def _boolean(value: object) -> bool | None:
    try:
        return bool(boolean(value))
    except TypeError:
        return None


class FilterModule:
    def filters(self) -> dict[str, Callable[..., list[dict[str, str]]]]:
        return {"from_dotenv": from_dotenv}
