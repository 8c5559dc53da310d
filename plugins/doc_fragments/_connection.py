# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach GitHub: options of every module, and of the inventory."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  token:
    description:
      - A personal access token, or a token of a GitHub App.
      - Secrets of a user take the scope C(codespace:secrets) of a classic token, or the permission C(Codespaces user
        secrets) of a fine-grained one. Secrets of a repository take the scope C(repo) and the admin role, or the
        permission C(Codespaces secrets) with write access, even to read. Secrets of an organization take the scope
        C(admin:org), or the permission C(Organization codespaces secrets).
      - By GitHub's documentation, a GitHub App needs the same permissions. Secrets of a user take its user token only;
        those of repositories and organizations take its installation token.
      - Where it is not given, the environment variable E(GITHUB_TOKEN) is used, or else E(GH_TOKEN). Environment
        variables are those of the machine that runs the module. Without any of them, the task fails.
    type: str
  api_url:
    description:
      - Address of the API. C(https://api.SUBDOMAIN.ghe.com) for GHE.com and C(https://HOST/api/v3) for GitHub
        Enterprise Server are taken as well, but neither has Codespaces.
      - Plain C(http) is accepted for C(localhost) and loopback addresses only, and never goes through a proxy.
      - Where it is not given, the environment variable E(GITHUB_API_URL) is used.
      - For C(https), a proxy is used where the environment variables that C(requests) knows, such as E(HTTPS_PROXY) and
        E(NO_PROXY), ask for one.
    type: str
    default: https://api.github.com
  api_version:
    description:
      - Version of the API; V(2022-11-28) works as well.
    type: str
    default: "2026-03-10"
  timeout:
    description:
      - Seconds that one request may take, from the look-up of the address to the end of the answer. From V(1) to
        V(3600).
    type: int
    default: 30
  retries:
    description:
      - How often one request is tried again when the connection fails, when no usable answer comes, or when GitHub
        answers with a server error. The pause is half a second at first, and doubles each time, up to a minute. From
        V(0) to V(100).
      - Every request of this collection is safe to repeat.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that the task may wait, in all, because GitHub has refused a request for a rate limit. From V(0) to
        V(86400).
      - When a limit ends later than that, the task fails at once and says when the limit ends.
      - The pace that a task keeps by itself, below GitHub's 900 points a minute, is no such wait.
    type: int
    default: 120
  validate_certs:
    description:
      - Whether the certificate of the API is checked. Use V(false) only where there is nothing to lose.
    type: bool
    default: true
  ca_path:
    description:
      - Path of a PEM file with the certificates to trust, instead of those that C(requests) trusts.
    type: path
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_tokens
    description: Which token it takes, and what its errors mean.
requirements:
  - Python 3.10 or newer
  - requests
  - pynacl, for the modules
"""
