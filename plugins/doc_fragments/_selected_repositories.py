# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repositories that may read a secret."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  selected_repositories:
    description:
      - The repositories that may read the secret, and no others, as V(OWNER/REPO) or as numeric IDs.
        A number is not looked up, so a dry run cannot tell that there is no such repository.
      - A former name of a repository is followed, with a warning, unless that has another owner by now, which is an
        error.
      - Where it is not given, the list stays as it is, and a new secret is given to no repository, unless its
        visibility is V(all) or V(private). An empty list means none.
    type: list
    elements: str
"""
