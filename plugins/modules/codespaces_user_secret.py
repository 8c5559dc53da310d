#!/usr/bin/python
# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codespaces_user_secret
short_description: Manage a Codespaces secret of the authenticated GitHub user
version_added: 0.1.0
author:
  - The devex.github developers (@devex)
description:
  - Creates, updates and deletes a secret of the user whom the token belongs to. GitHub gives it to the user's
    codespaces of the selected repositories.
  - The present state is read first, and only the calls that are needed are sent. GitHub never shows a value, so whether
    the value has to be written is decided from dates and from a local fingerprint; see O(update_value).
  - Writing the value never changes which repositories may read it, unless O(selected_repositories) asks for that.
extends_documentation_fragment:
  - devex.github._attributes
  - devex.github._attributes.actiongroup
  - devex.github._attributes.idempotent_value
  - devex.github._connection
  - devex.github._fingerprints
  - devex.github._secret
  - devex.github._selected_repositories
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_values
    description: Vault files, C(.env) files and secret managers, and the date that each gives.
  - name: GitHub documentation of the endpoints
    description: What the API offers for the Codespaces secrets of a user.
    link: https://docs.github.com/en/rest/codespaces/secrets
  - module: devex.github.codespaces_user_secret_repos
"""

EXAMPLES = r"""
- name: Give my codespaces of two repositories a token from the vault
  devex.github.codespaces_user_secret:
    token: "{{ vault_github_token }}"
    name: NPM_TOKEN
    value: "{{ vault_npm_token }}"
    selected_repositories:
      - octo-org/app
      - octo-org/api

- name: The repositories of a team, from a variable of the inventory
  devex.github.codespaces_user_secret:
    token: "{{ vault_github_token }}"
    name: NPM_TOKEN
    value: "{{ vault_npm_token }}"
    selected_repositories: "{{ team_repositories }}"

- name: Change the value only, whoever may read it
  devex.github.codespaces_user_secret:
    token: "{{ vault_github_token }}"
    name: NPM_TOKEN
    value: "{{ vault_npm_token }}"

- name: Take the secret away from all repositories, but keep it
  devex.github.codespaces_user_secret:
    token: "{{ vault_github_token }}"
    name: NPM_TOKEN
    selected_repositories: []
"""

RETURN = r"""
secret:
  description: The secret as the task leaves it; V(null) when it is absent.
  returned: success
  type: dict
  contains:
    scope:
      description: Where the secret lives.
      returned: always
      type: str
      sample: user
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
      returned: when they were read or written
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
reason:
  description:
    - Why the value is written (V(created), V(forced), V(rotated), V(not_recorded), V(value_changed),
      V(updated_elsewhere)) or left (V(kept), V(unchanged), V(left_as_edited), V(adopted),
      V(unmanaged)).
    - For O(state=absent), V(deleted) or V(absent).
  returned: success
  type: str
  sample: unchanged
operations:
  description: The requests that changed something, in order; in check mode those that would be sent.
  returned: when GitHub was asked
  type: list
  elements: dict
  contains:
    method:
      description: Its method, V(PUT) or V(DELETE).
      returned: always
      type: str
      sample: PUT
    path:
      description: Its path, below O(api_url).
      returned: always
      type: str
      sample: /user/codespaces/secrets/NPM_TOKEN
    reason:
      description:
        - Why it is sent, V(created), V(forced), V(rotated), V(not_recorded), V(value_changed), V(updated_elsewhere),
          V(repositories_changed) or V(deleted).
      returned: always
      type: str
      sample: value_changed
    answered:
      description:
        - V(false) where GitHub has sent no answer. The request may have been carried out all the same, and the task has
          failed.
      returned: when there was none
      type: bool
      sample: false
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

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._model import Job
from ansible_collections.devex.github.plugins.module_utils._module.run import provision_one
from ansible_collections.devex.github.plugins.module_utils._options.argspec import (
    access_argument_spec,
    secret_argument_spec,
    secret_constraints,
)
from ansible_collections.devex.github.plugins.module_utils._options.desired import desired_secret


def main() -> None:
    provision_one(
        {**secret_argument_spec(), **access_argument_spec()},
        lambda params: Job(_scope.user(), (desired_secret(params),)),
        secret_constraints(),
    )


if __name__ == "__main__":
    main()
