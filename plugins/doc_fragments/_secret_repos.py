# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of repositories of one secret, on its own."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  name:
    description:
      - Name of the secret. It is not case-sensitive.
    type: str
    required: true
    aliases: [secret_name]
  selected_repositories:
    description:
      - The repositories, as V(OWNER/REPO) or as numeric IDs. A number is not looked up, so a dry run cannot tell that
        there is no such repository.
      - A name that GitHub does not know is an error, with O(state=absent) too, since a hidden repository looks the
        same.
    type: list
    elements: str
    required: true
    aliases: [repositories]
  state:
    description:
      - V(present) adds these repositories, V(absent) removes them, each with a call of its own that leaves all others
        alone. V(exact) makes the list equal to these, with one call.
    type: str
    choices: [present, absent, exact]
    default: present
"""
