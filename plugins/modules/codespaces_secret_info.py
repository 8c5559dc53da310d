#!/usr/bin/python
# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codespaces_secret_info
short_description: List secrets of GitHub repositories, an organization or the user
version_added: 0.1.0
author:
  - The devex.github developers (@devex)
description:
  - Lists the names, dates and visibility of secrets for Codespaces, or for the consumers in O(used_by). GitHub never
    shows a value.
  - If a repository or an organization cannot be read, the task fails instead of returning an empty list. The result
    still contains the others.
extends_documentation_fragment:
  - devex.github._attributes.info_module
  - devex.github._attributes.actiongroup
  - devex.github._app
  - devex.github._connection
  - devex.github._token
  - devex.github._fingerprints.info
options:
  repositories:
    description:
      - The repositories, as V(OWNER/REPO).
      - A former name after a rename still works, with a warning. A former name after a transfer to another owner fails.
      - Exactly one of O(repositories), O(organization) and O(user) is required.
    type: list
    elements: str
    aliases: [repository, repo]
  organization:
    description:
      - Name of the organization, as in its address.
    type: str
    aliases: [org]
  user:
    description:
      - List the secrets of the user whom the token belongs to.
    type: bool
  used_by:
    description:
      - Whose secrets to list. V(codespaces), V(agents) (Copilot's cloud agent), V(dependabot) and V(actions) each have
        their own secrets on GitHub.
      - The user has secrets for V(codespaces) only.
    type: list
    elements: str
    choices: [codespaces, agents, dependabot, actions]
    default: [codespaces]
  name:
    description:
      - Return only the secret with this name. GitHub ignores the case.
      - If there is no such secret, the list is empty.
    type: str
    aliases: [secret_name]
  gather_selected_repositories:
    description:
      - Also list the repositories that may read each secret. This requires one more request for each secret with such a
        list. Secrets of repositories have none.
    type: bool
    default: false
  concurrency:
    description:
      - Maximum number of requests at a time, from V(1) to V(100).
    type: int
    default: 10
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_migration
    description: How to take over existing secrets.
  - module: devex.github.codespaces_recommended_secrets_info
"""

EXAMPLES = r"""
- name: List the secrets of a repository
  devex.github.codespaces_secret_info:
    token: "{{ vault_github_token }}"
    repository: octo-org/app
  register: app

- name: Fail if the registry token does not exist
  ansible.builtin.assert:
    that: "'NPM_TOKEN' in app.secrets | map(attribute='name')"

- name: List the secrets of all repositories of the team
  devex.github.codespaces_secret_info:
    token: "{{ vault_github_token }}"
    repositories: "{{ team_repositories }}"
  register: team

- name: Show secrets that have not changed for 90 days
  ansible.builtin.debug:
    msg: "{{ item.scope }} {{ item.name }}: {{ item.updated_at }}"
  loop: "{{ team.secrets | selectattr('updated_at', '<', '%Y-%m-%dT%H:%M:%SZ' | strftime(long_ago, utc=true)) }}"
  vars:
    long_ago: "{{ now().timestamp() - 90 * 24 * 3600 }}"

- name: List the secrets of an organization for Copilot agents and Actions
  devex.github.codespaces_secret_info:
    token: "{{ vault_github_token }}"
    organization: octo-org
    used_by: [agents, actions]

- name: List my secrets with the repositories that may read them
  devex.github.codespaces_secret_info:
    token: "{{ vault_github_token }}"
    user: true
    gather_selected_repositories: true
"""

RETURN = r"""
secrets:
  description:
    - A row for each secret in each scope, so also for each consumer.
    - The secrets of a scope are in alphabetical order. If some scopes could not be read, only the others have rows.
  returned: success; if some scopes could not be read, only if they fit on one screen
  type: list
  elements: dict
  contains:
    scope:
      description:
        - The scope of the secret.
        - V(user), C(repo:OWNER/REPO) or C(org:NAME).
      returned: always
      type: str
      sample: repo:octo-org/app
    used_by:
      description: Who uses the secret, as in O(used_by).
      returned: always
      type: str
      sample: codespaces
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
      description:
        - Which repositories may read the secret.
        - V(all), V(private) or V(selected).
      returned: when known
      type: str
      sample: selected
    selected_repositories:
      description: Repositories that may read the secret.
      returned: with O(gather_selected_repositories), if the secret has such a list
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
failures:
  description: Causes of failures, with a row for each cause.
  returned: when some scopes could not be read
  type: list
  elements: dict
  contains:
    error:
      description: The cause, and what to do. Long texts are cut.
      returned: always
      type: str
      sample: "GitHub answered 404: Not Found."
    scopes:
      description: Affected scopes, as V(user), C(repo:OWNER/REPO) or C(org:NAME).
      returned: always
      type: list
      elements: str
      sample: ["repo:octo-org/app", "repo:octo-org/api"]
    used_by:
      description: Affected consumers, V(codespaces), V(agents), V(dependabot) or V(actions).
      returned: always
      type: list
      elements: str
      sample: [codespaces]
    names:
      description:
        - Names of the secrets that are affected in each of these scopes. If the list is empty, the scopes themselves
          are affected.
      returned: always
      type: list
      elements: str
      sample: []
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

from typing import Any

from ansible_collections.devex.github.plugins.module_utils._engine.survey import survey
from ansible_collections.devex.github.plugins.module_utils._module import result
from ansible_collections.devex.github.plugins.module_utils._module.process import run
from ansible_collections.devex.github.plugins.module_utils._module.run import Task, inform
from ansible_collections.devex.github.plugins.module_utils._options.argspec import (
    concurrency_argument_spec,
    scopes_argument_spec,
    used_by_argument_spec,
)
from ansible_collections.devex.github.plugins.module_utils._options.desired import concurrency, secret_name
from ansible_collections.devex.github.plugins.module_utils._options.jobs import scopes_to_list


def gather(task: Task) -> dict[str, Any]:
    found = survey(
        task.session,
        scopes_to_list(task.options),
        name=None if task.options["name"] is None else secret_name(task.options["name"]),
        with_repositories=task.options["gather_selected_repositories"],
        concurrency=concurrency(task.options),
        progress=task.progress,
    )
    return result.survey(found)


_where = scopes_argument_spec()
MODULE = inform(
    {
        **_where,
        "repositories": {**_where["repositories"], "aliases": ["repository", "repo"]},
        "name": {"type": "str", "aliases": ["secret_name"]},
        **used_by_argument_spec(),
        "gather_selected_repositories": {"type": "bool", "default": False},
        **concurrency_argument_spec(),
    },
    gather,
)


def main() -> None:
    run(MODULE)


if __name__ == "__main__":
    main()
