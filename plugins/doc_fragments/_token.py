# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token of a module, with the permissions that its secrets require."""

from __future__ import annotations

_BEFORE = r"""
options:
  token:
    description:
      - A personal access token or a token of a GitHub App."""

_AFTER = r"""
      - If it is unset, the environment variable E(GITHUB_TOKEN) or E(GH_TOKEN) of the machine that runs the module is
        used.
    type: str
"""


class ModuleDocFragment:
    # With types, because ansible-test takes assignments without types for literals.

    # For modules that manage secrets in several kinds of places.
    DOCUMENTATION: str = f"""{_BEFORE}
      - The permissions that it needs depend on where the secrets are. See
        R(Tokens and permissions,ansible_collections.devex.github.docsite.guide_tokens).{_AFTER}"""

    USER: str = f"""{_BEFORE} An App needs a user token.
      - Requires the scope C(codespace:secrets), or, if it is not a classic token, write access to C(Codespaces user
        secrets).{_AFTER}"""

    REPOSITORY: str = f"""{_BEFORE}
      - Requires the scope C(repo) and the admin role in the repository, or, if it is not a classic token, write access
        to C(Codespaces secrets), even for check mode.{_AFTER}"""

    ORGANIZATION: str = f"""{_BEFORE}
      - Requires the scope C(admin:org), or, if it is not a classic token, write access to C(Organization codespaces
        secrets).{_AFTER}"""
