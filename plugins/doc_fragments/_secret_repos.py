# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the modules that manage only the list of repositories of a secret."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  name:
    description:
      - Name of the secret. GitHub ignores the case.
    type: str
    required: true
    aliases: [secret_name]
  selected_repositories:
    description:
      - Repositories to add, to remove or to set, as V(OWNER/REPO) or numeric IDs.
      - An unknown name fails, even with O(state=absent), because a repository that the token cannot see looks the same.
      - For names of private repositories, a classic token also requires the scope C(repo). Numeric IDs are not checked.
    type: list
    elements: str
    required: true
    aliases: [repositories]
  state:
    description:
      - V(present) adds the repositories to the list, and V(absent) removes them. All others keep their access.
      - V(exact) replaces the list. All others lose access.
    type: str
    choices: [present, absent, exact]
    default: present
"""
