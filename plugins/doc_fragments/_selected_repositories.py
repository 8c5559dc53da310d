# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repositories that may read a secret."""

from __future__ import annotations

_BEFORE = r"""
options:
  selected_repositories:
    description:
      - The only repositories that may read the secret, as V(OWNER/REPO) or numeric IDs. All others lose access.
      - If it is unset, the list is kept."""

_AFTER = r"""
      - For names of private repositories, a classic token also requires the scope C(repo). Numeric IDs are not checked.
    type: list
    elements: str
"""


class ModuleDocFragment:
    # With types, because ansible-test takes assignments without types for literals.

    USER: str = f"""{_BEFORE} A new secret has no repositories. An empty list means none.{_AFTER}"""

    ORGANIZATION: str = f"""{_BEFORE} An empty list means none. Requires the
        visibility V(selected), which is the default for a new secret with this option.{_AFTER}"""
