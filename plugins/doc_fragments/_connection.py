# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options for the connection to GitHub, of every module and of the inventory. Not those for authentication."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of GitHub's REST API. Plain C(http) is accepted for loopback addresses only.
      - If it is unset, the environment variable E(GITHUB_API_URL) is used.
      - For GHE.com, it is C(https://api.SUBDOMAIN.ghe.com). See
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
      - How often a request is repeated if it fails for a passing reason, with growing pauses. From V(0) to V(100).
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that the task may wait in total for rate limits that GitHub reports. From V(0) to V(2592000), which is
        30 days.
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
"""
