# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options for the connection to GitHub, of every module and of the inventory. The token has its own fragments."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  app_id:
    description:
      - ID of a GitHub App that authenticates instead of O(token), with O(app_private_key). See
        R(Use a GitHub App,ansible_collections.devex.github.docsite.guide_tokens.app).
      - If it is unset, the environment variable E(GITHUB_APP_ID) is used, unless a token is set.
      - An App cannot manage secrets of a user.
    type: int
  app_private_key:
    description:
      - Private key of the GitHub App, as the text or the path of the PEM file that GitHub generates.
      - If it is unset, the environment variable E(GITHUB_APP_PRIVATE_KEY) is used, unless a token is set.
      - Requires C(pyjwt[crypto]).
    type: str
  app_installation_id:
    description:
      - ID of the installation of the GitHub App, to use for all owners.
      - If it is unset, the environment variable E(GITHUB_APP_INSTALLATION_ID) is used. Without both, the installation
        is looked up for each organization, and for each owner of a repository.
    type: int
  api_url:
    description:
      - Address of GitHub's REST API. Plain C(http) is accepted for loopback addresses only.
      - If it is unset, the environment variable E(GITHUB_API_URL) is used.
      - For GHE.com, it is C(https://api.SUBDOMAIN.ghe.com). GitHub Enterprise Server has no Codespaces secrets, see
        R(GitHub Enterprise,ansible_collections.devex.github.docsite.guide_tokens.enterprise).
    type: str
    default: https://api.github.com
  api_version:
    description:
      - Version of GitHub's REST API. V(2022-11-28) works too.
    type: str
    default: "2026-03-10"
  timeout:
    description:
      - Seconds until a request fails, from the DNS lookup to the end of the response. From V(1) to V(3600).
    type: int
    default: 30
  retries:
    description:
      - How often a request is repeated after a connection error, an unusable response or a server error, with growing
        pauses. From V(0) to V(100).
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that the task may wait in total after GitHub rejects requests because of a rate limit. From V(0) to
        V(2592000), which is 30 days.
      - If the limit ends later, the task fails at once and reports when the limit ends.
    type: int
    default: 120
  validate_certs:
    description:
      - Whether to verify the TLS certificate of the API. If this is V(false), an attacker can read the token.
    type: bool
    default: true
  ca_path:
    description:
      - Path of a PEM file with certificate authorities to trust, instead of those that C(requests) trusts.
    type: path
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_tokens
    description: Tokens, permissions, and what errors mean.
requirements:
  - Python 3.10 or newer
  - requests
  - pyjwt[crypto], for O(app_id)
"""
