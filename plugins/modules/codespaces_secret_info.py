#!/usr/bin/python
# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codespaces_secret_info
short_description: List Codespaces secrets of a GitHub repository, an organization or the user
version_added: 0.1.0
author:
  - The devex.github developers (@devex)
description:
  - Lists names, dates and visibility of all secrets, however many pages that takes. GitHub never shows a value.
  - A repository or an organization that cannot be reached is an error, never an empty list.
extends_documentation_fragment:
  - devex.github._attributes.info_module
  - devex.github._attributes.actiongroup
  - devex.github._connection
options:
  repository:
    description:
      - The repository, as V(OWNER/REPO).
      - A former name is followed, with a warning, to the repository that has it no more, unless that has another owner
        by now, which is an error.
      - Without it, and without O(organization), the secrets are those of the user whom the token belongs to.
    type: str
    aliases: [repo]
  organization:
    description:
      - Name of the organization.
    type: str
    aliases: [org]
  name:
    description:
      - Name of the only secret to return, whatever its case. When there is none, the list is empty.
    type: str
    aliases: [secret_name]
  gather_selected_repositories:
    description:
      - Whether to list the repositories that may read each secret, which takes one more call for each secret that has
        such a list. The secrets of a repository have none.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: What the codespaces of a repository are given
  devex.github.codespaces_secret_info:
    token: "{{ vault_github_token }}"
    repository: octo-org/app
  register: app

- name: Fail unless it is there
  ansible.builtin.assert:
    that: "'NPM_TOKEN' in app.secrets | map(attribute='name')"

- name: My own secrets, with the repositories that may read them
  devex.github.codespaces_secret_info:
    gather_selected_repositories: true
"""

RETURN = r"""
secrets:
  description: The secrets, in the order of their names.
  returned: success
  type: list
  elements: dict
  contains:
    scope:
      description: Where the secret lives.
      returned: always
      type: str
      sample: repo:octo-org/app
    name:
      description: Its name, as GitHub stores it.
      returned: always
      type: str
      sample: NPM_TOKEN
    created_at:
      description: When it was created.
      returned: when known
      type: str
      sample: "2026-03-10T12:00:00Z"
    updated_at:
      description: When it was last changed.
      returned: when known
      type: str
      sample: "2026-03-10T12:00:00Z"
    visibility:
      description: Which repositories may read it.
      returned: when known
      type: str
      sample: selected
    selected_repositories:
      description: The repositories that may read it.
      returned: with O(gather_selected_repositories), where the secret has such a list
      type: list
      elements: dict
      contains:
        id:
          description: Numeric ID of the repository.
          returned: always
          type: int
          sample: 1296269
        full_name:
          description: Its name, V(null) where only the ID is known.
          returned: always
          type: str
          sample: octo-org/app
api_calls:
  description: How many requests were sent; reads, retries and redirects included.
  returned: always
  type: int
  sample: 3
rate_limit:
  description: GitHub's rate limit of the token, as the last answer told it.
  returned: when GitHub sent it
  type: dict
  sample:
    limit: 5000
    remaining: 4997
    used: 3
    reset: 1773144000
"""

from typing import Any

from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._module import options, result
from ansible_collections.devex.github.plugins.module_utils._module.run import Options, inform


def gather(params: Options, github: GitHub) -> dict[str, Any]:
    scope = options.info_scope(params)
    name = None if params["name"] is None else options.secret_name(params["name"])
    present = github.secrets(scope).secrets
    secrets = [present[found] for found in sorted(present) if name in (None, found)]
    if params["gather_selected_repositories"]:
        secrets = [github.with_repositories(scope, secret) for secret in secrets]
    return {"secrets": [result.secret_row(scope, secret) for secret in secrets]}


def main() -> None:
    inform(
        {
            "repository": {"type": "str", "aliases": ["repo"]},
            "organization": {"type": "str", "aliases": ["org"]},
            "name": {"type": "str", "aliases": ["secret_name"]},
            "gather_selected_repositories": {"type": "bool", "default": False},
        },
        gather,
        {"mutually_exclusive": [("repository", "organization")]},
    )


if __name__ == "__main__":
    main()
