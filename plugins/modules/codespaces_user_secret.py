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
  - Creates, updates and deletes a secret of the user whom the token belongs to. The user's codespaces of the selected
    repositories can read it.
  - The module reads first, and sends only the requests that are needed. GitHub never shows a value, so dates and a hash
    of the last written value decide whether to write it. See O(update_value).
extends_documentation_fragment:
  - devex.github._attributes
  - devex.github._attributes.actiongroup
  - devex.github._attributes.idempotent_value
  - devex.github._app.user
  - devex.github._connection
  - devex.github._token.user
  - devex.github._fingerprints
  - devex.github._secret
  - devex.github._selected_repositories.user
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_values
    description: Values from vault files, C(.env) files and secret managers, with their dates.
  - name: GitHub documentation of the endpoints
    description: REST API for the Codespaces secrets of a user.
    link: https://docs.github.com/en/rest/codespaces/secrets
  - module: devex.github.codespaces_user_secret_repos
"""

EXAMPLES = r"""
- name: Set the registry token for two repositories
  devex.github.codespaces_user_secret:
    token: "{{ vault_github_token }}"
    name: NPM_TOKEN
    value: "{{ vault_npm_token }}"
    selected_repositories:
      - octo-org/app
      - octo-org/api

- name: Update the registry token and keep its repositories
  devex.github.codespaces_user_secret:
    token: "{{ vault_github_token }}"
    name: NPM_TOKEN
    value: "{{ vault_npm_token }}"
"""

RETURN = r"""
secret:
  description:
    - The secret after the task. In check mode, as it would be.
    - V(null) if the secret is absent.
  returned: success
  type: dict
  contains:
    scope:
      description: The scope of the secret.
      returned: always
      type: str
      sample: user
    name:
      description: Name of the secret as GitHub stores it, in upper case.
      returned: always
      type: str
      sample: NPM_TOKEN
    created_at:
      description: When the secret was created.
      returned: when known
      type: str
      sample: "2026-03-10T12:00:00Z"
    updated_at:
      description: When the secret was last changed.
      returned: when known
      type: str
      sample: "2026-03-10T12:00:00Z"
    visibility:
      description: Which repositories may read the secret.
      returned: when known
      type: str
      sample: selected
    selected_repositories:
      description: Repositories that may read the secret.
      returned: when the task read or wrote the list
      type: list
      elements: dict
      contains:
        id:
          description: Numeric ID of the repository.
          returned: always
          type: int
          sample: 1296269
        full_name:
          description: Name of the repository as C(OWNER/REPO), or V(null) if only the ID is known.
          returned: always
          type: str
          sample: octo-org/app
reason:
  description:
    - Why the value is written (V(created), V(forced), V(rotated), V(not_recorded), V(value_changed),
      V(updated_elsewhere)) or kept (V(kept), V(unchanged), V(left_as_edited), V(adopted), V(unmanaged)).
    - With O(state=absent), V(deleted) or V(absent).
  returned: success
  type: str
  sample: unchanged
operations:
  description: Requests that changed something, in order. In check mode, requests that would be sent.
  returned: when the task contacted GitHub
  type: list
  elements: dict
  contains:
    method:
      description: HTTP method of the request, V(PUT) or V(DELETE).
      returned: always
      type: str
      sample: PUT
    path:
      description: Path of the request, below O(api_url).
      returned: always
      type: str
      sample: /user/codespaces/secrets/NPM_TOKEN
    reason:
      description:
        - Why the request was sent.
        - As RV(reason) if it wrote the value or deleted the secret.
        - V(repositories_changed) if it replaced only the list of repositories.
      returned: always
      type: str
      sample: value_changed
    answered:
      description: V(false) if GitHub sent no answer. The task failed, but GitHub may have carried out the request.
      returned: when GitHub sent no answer
      type: bool
      sample: false
api_calls:
  description: Number of requests sent to GitHub, including reads, retries and redirects.
  returned: always
  type: int
  sample: 3
rate_limit:
  description:
    - GitHub's rate limit for the token, from the latest answer that reported one. C(reset) is in seconds since 1970.
  returned: when GitHub reported it
  type: dict
  sample:
    limit: 5000
    remaining: 4997
    used: 3
    reset: 1773144000
"""

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._model import Job
from ansible_collections.devex.github.plugins.module_utils._module.process import run
from ansible_collections.devex.github.plugins.module_utils._module.run import provision_one
from ansible_collections.devex.github.plugins.module_utils._options.argspec import (
    access_argument_spec,
    secret_argument_spec,
    secret_constraints,
)
from ansible_collections.devex.github.plugins.module_utils._options.desired import desired_secret

MODULE = provision_one(
    {**secret_argument_spec(), **access_argument_spec()},
    lambda params: Job(_scope.user(), (desired_secret(params),)),
    secret_constraints(),
    of_user=True,
)


def main() -> None:
    run(MODULE)


if __name__ == "__main__":
    main()
