#!/usr/bin/python
# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codespaces_user_secret_repos
short_description: Manage which repositories may read a Codespaces secret of the authenticated GitHub user
version_added: 0.1.0
author:
  - The devex.github developers (@devex)
description:
  - Adds repositories to the list of those that may read a secret of the user whom the token belongs to, removes
    repositories from the list, or replaces the list. The value is never changed.
  - With O(state=present) and O(state=absent), you can grant and remove access without managing the whole list.
  - The secret must exist. To create it, use M(devex.github.codespaces_user_secret).
extends_documentation_fragment:
  - devex.github._attributes
  - devex.github._attributes.actiongroup
  - devex.github._attributes.idempotent
  - devex.github._app.user
  - devex.github._connection
  - devex.github._token.user
  - devex.github._fingerprints.repos
  - devex.github._secret_repos
seealso:
  - name: GitHub documentation of the endpoints
    description: REST API for the Codespaces secrets of a user.
    link: https://docs.github.com/en/rest/codespaces/secrets
  - module: devex.github.codespaces_user_secret
"""

EXAMPLES = r"""
- name: Let another repository read the registry token
  devex.github.codespaces_user_secret_repos:
    token: "{{ vault_github_token }}"
    name: NPM_TOKEN
    repositories:
      - octo-org/new-app

- name: Remove the access of a repository
  devex.github.codespaces_user_secret_repos:
    token: "{{ vault_github_token }}"
    name: NPM_TOKEN
    repositories:
      - octo-org/old-app
    state: absent

- name: Let only the repositories of the team read the registry token
  devex.github.codespaces_user_secret_repos:
    token: "{{ vault_github_token }}"
    name: NPM_TOKEN
    repositories: "{{ team_repositories }}"
    state: exact
"""

RETURN = r"""
secret:
  description: The secret after the task. In check mode, as it would be.
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
      contains: &repository
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
added:
  description: Repositories that the task added to the list. In check mode, repositories that it would add.
  returned: success
  type: list
  elements: dict
  contains: *repository
removed:
  description: Repositories that the task removed from the list. In check mode, repositories that it would remove.
  returned: success
  type: list
  elements: dict
  contains: *repository
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
      sample: /user/codespaces/secrets/NPM_TOKEN/repositories/1296269
    reason:
      description:
        - Why the request was sent.
        - V(repository_added) or V(repository_removed) if it changed the access of one repository.
        - V(repositories_changed) if it replaced only the list of repositories.
      returned: always
      type: str
      sample: repository_added
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
from ansible_collections.devex.github.plugins.module_utils._options.argspec import secret_repos_argument_spec
from ansible_collections.devex.github.plugins.module_utils._options.desired import desired_access

MODULE = provision_one(
    secret_repos_argument_spec(),
    lambda params: Job(_scope.user(), (desired_access(params),), access_only=True),
    of_user=True,
)


def main() -> None:
    run(MODULE)


if __name__ == "__main__":
    main()
