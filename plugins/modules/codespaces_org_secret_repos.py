#!/usr/bin/python
# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codespaces_org_secret_repos
short_description: Manage which repositories may read a Codespaces secret of a GitHub organization
version_added: 0.1.0
author:
  - The devex.github developers (@devex)
description:
  - Adds repositories to the list of those that may read a secret of an organization, removes them from it, or sets
    the whole list. The value is never touched; with O(state=present) and O(state=absent), neither is the rest of the
    list.
  - The secret has to exist; M(devex.github.codespaces_org_secret) creates it.
  - The visibility of the secret has to be V(selected).
extends_documentation_fragment:
  - devex.github._attributes
  - devex.github._attributes.actiongroup
  - devex.github._attributes.idempotent
  - devex.github._connection
  - devex.github._fingerprints.repos
  - devex.github._secret_repos
options:
  organization:
    description:
      - Name of the organization, as in its address.
    type: str
    required: true
    aliases: [org]
seealso:
  - name: GitHub documentation of the endpoints
    description: What the API offers for the Codespaces secrets of an organization.
    link: https://docs.github.com/en/rest/codespaces/organization-secrets
  - module: devex.github.codespaces_org_secret
"""

EXAMPLES = r"""
- name: Let one more repository read the secret, without owning the list
  devex.github.codespaces_org_secret_repos:
    token: "{{ vault_github_token }}"
    organization: octo-org
    name: NPM_TOKEN
    repositories:
      - octo-org/new-app
"""

RETURN = r"""
secret:
  description: The secret as the task leaves it.
  returned: success
  type: dict
  contains:
    scope:
      description: Where the secret lives.
      returned: always
      type: str
      sample: org:octo-org
    name:
      description: Its name, as GitHub stores it.
      returned: always
      type: str
      sample: NPM_TOKEN
    updated_at:
      description: When it was last changed.
      returned: when the list was changed, outside check mode
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
added:
  description: The repositories that may read it from now on; in check mode those that would.
  returned: success
  type: list
  elements: dict
  contains: &repository
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
removed:
  description: The repositories that may read it no more; in check mode those that would not.
  returned: success
  type: list
  elements: dict
  contains: *repository
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
      sample: /orgs/octo-org/codespaces/secrets/NPM_TOKEN/repositories/1296269
    reason:
      description: Why it is sent, V(repository_added), V(repository_removed) or V(repositories_changed).
      returned: always
      type: str
      sample: repository_added
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
from ansible_collections.devex.github.plugins.module_utils._options.argspec import secret_repos_argument_spec
from ansible_collections.devex.github.plugins.module_utils._options.desired import desired_access, organization_name


def main() -> None:
    provision_one(
        {**secret_repos_argument_spec(), "organization": {"type": "str", "required": True, "aliases": ["org"]}},
        lambda params: Job(
            _scope.organization(organization_name(params["organization"])),
            (desired_access(params),),
            access_only=True,
        ),
    )


if __name__ == "__main__":
    main()
