# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The GitHub App that can authenticate instead of a token."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  app_id:
    description:
      - App ID of a GitHub App that authenticates instead of O(token), with O(app_private_key). A number, not the client
        ID. See R(Use a GitHub App,ansible_collections.devex.github.docsite.guide_tokens.app).
      - If it is unset, the environment variable E(GITHUB_APP_ID) is used, unless a token is set.
      - An App cannot manage secrets of a user. Tasks for these use the token and ignore the App, if both are set.
    type: int
  app_private_key:
    description:
      - Private key of the GitHub App, as the text or the path of the PEM file that GitHub generates.
      - If it is unset, the environment variable E(GITHUB_APP_PRIVATE_KEY) is used, unless a token is set.
      - Requires C(pyjwt[crypto]>=2).
    type: str
  app_installation_id:
    description:
      - ID of the installation of the GitHub App, which must belong to the owner of everything in the task.
      - If it is unset, the environment variable E(GITHUB_APP_INSTALLATION_ID) is used. Without both, the installation
        is looked up for each organization, and for each owner of a repository.
    type: int
requirements:
  - pyjwt[crypto] 2 or newer, for O(app_id)
"""

    # For modules that need the user of a token. They have the options so that module_defaults can set them for others.
    USER = r"""
options:
  app_id:
    description:
      - Not used if there is a token. Accepted so that C(module_defaults) can set it for all modules.
      - If there is no token, the task fails, because a GitHub App cannot manage secrets of a user.
    type: int
  app_private_key:
    description:
      - See O(app_id).
    type: str
  app_installation_id:
    description:
      - See O(app_id).
    type: int
"""
