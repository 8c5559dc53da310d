#!/usr/bin/python
# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codespaces_recommended_secrets_info
short_description: Compare the Codespaces secrets that GitHub repositories recommend with existing secrets
version_added: 0.1.0
author:
  - The devex.github developers (@devex)
description:
  - A project can recommend secrets in C(devcontainer.json). GitHub only asks for them if you create a codespace with
    C(New with options). This module reports which of them exist, for any number of repositories.
  - The module reads all dev container configurations on the default branch, the secrets of the repository, and the
    secrets of the user whom the token belongs to. GitHub never shows a value.
  - The module cannot see secrets of organizations. If only the organization provides a secret, its status is
    V(missing).
  - If a file is not valid, the row of its repository has an RV(repositories[].error), and the task continues. If GitHub
    rejects a request, the task fails after it has compared the other repositories.
extends_documentation_fragment:
  - devex.github._attributes.info_module
  - devex.github._attributes.actiongroup
  - devex.github._app.user
  - devex.github._connection
  - devex.github._fingerprints.info
options:
  token:
    description:
      - A personal access token or a user token of a GitHub App.
      - A classic token requires the scopes C(codespace) and C(repo), and the admin role in the repositories. The
        permissions of other tokens are in
        R(Tokens and permissions,ansible_collections.devex.github.docsite.guide_tokens).
      - If it is unset, the environment variable E(GITHUB_TOKEN) or E(GH_TOKEN) of the machine that runs the module is
        used.
    type: str
  repositories:
    description:
      - The repositories, as V(OWNER/REPO).
      - A former name after a rename still works, with a warning. A former name after a transfer to another owner fails.
    type: list
    elements: str
    required: true
    aliases: [repository, repo]
  concurrency:
    description:
      - Maximum number of requests at a time, from V(1) to V(100).
    type: int
    default: 10
requirements:
  - json5
notes:
  - The module reads files as JSON5, with comments and trailing commas. If a file repeats a name, the last one counts.
  - Files over 64 KiB, and files that recommend more than 100 secrets, are reported as errors. If a repository has more
    than 200 configurations, only the first 200 are read.
  - If several configurations recommend the same secret, the first description counts.
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_recommended
    description: How to find recommended secrets and provide them.
  - module: devex.github.codespaces_secrets
  - module: devex.github.codespaces_user_secret_repos
  - name: Specifying recommended secrets for a repository
    description: How a project recommends secrets.
    link: https://docs.github.com/codespaces/setting-up-your-project-for-codespaces/configuring-dev-containers/specifying-recommended-secrets-for-a-repository
"""

EXAMPLES = r"""
- name: Check the recommended secrets of all repositories of the team
  devex.github.codespaces_recommended_secrets_info:
    token: "{{ vault_github_token }}"
    repositories: "{{ team_repositories }}"
  register: report

- name: Fail if a secret is missing or a file cannot be read
  ansible.builtin.assert:
    that:
      - report.missing == 0
      - report.unreadable == 0

- name: Let the repositories read secrets that the user already has
  devex.github.codespaces_user_secret_repos:
    token: "{{ vault_github_token }}"
    name: "{{ item.1.name }}"
    repositories:
      - "{{ item.0.repository }}"
  loop: "{{ report.repositories | subelements('secrets') | selectattr('1.status', '==', 'not_granted') }}"
"""

RETURN = r"""
repositories:
  description: Rows for the repositories, in the order of the option O(repositories).
  returned: success; if GitHub rejected some requests, only if they fit on one screen
  type: list
  elements: dict
  contains:
    repository:
      description: Name of the repository, as set in O(repositories).
      returned: always
      type: str
      sample: octo-org/app
    configurations:
      description: Paths of its dev container configurations. The list is empty if there are none.
      returned: always
      type: list
      elements: str
      sample: [.devcontainer/devcontainer.json]
    secrets:
      description: Secrets that the configurations recommend, in alphabetical order.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: Name of the secret as GitHub stores it, in upper case.
          returned: always
          type: str
          sample: NPM_TOKEN
        description:
          description: The purpose of the secret, or V(null) if no configuration describes it.
          returned: always
          type: str
          sample: Token for the registry of packages
        documentation_url:
          description: A link to more about the secret, or V(null) if no configuration has one.
          returned: always
          type: str
          sample: https://example.com/npm-token
        status:
          description:
            - The first of these that applies.
            - V(provided) if GitHub sets the environment variable in each codespace, such as E(GITHUB_TOKEN). No secret
              is needed.
            - V(granted) if the user has the secret, and this repository may read it.
            - V(repository) if it is a secret of the repository.
            - V(not_granted) if the user has the secret, but this repository cannot read it.
            - V(missing) if none of these applies.
          returned: always
          type: str
          sample: missing
    error:
      description:
        - The problem with the files of the repository. For example, a file is not JSON, or recommends a name that no
          secret can have. RV(repositories[].secrets) then has what the other files recommend.
        - VS Code ignores syntax errors, so it may open a file that this module cannot read. The error points this out.
        - If GitHub rejected a request, the reason. RV(repositories[].secrets) is then empty.
      returned: when there is a problem
      type: str
      sample: ".devcontainer/devcontainer.json: its secrets are not an object."
missing:
  description:
    - Number of missing secrets in all repositories. If a secret is missing in two repositories, it counts twice.
    - Secrets in unreadable files do not count, so also check RV(unreadable).
  returned: success
  type: int
  sample: 1
unreadable:
  description: Number of rows of RV(repositories) with RV(repositories[].error).
  returned: success
  type: int
  sample: 0
failures:
  description: Causes of failures, with a row for each cause.
  returned: when GitHub rejected some requests
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

from ansible_collections.devex.github.plugins.module_utils._devcontainer import JSON5_IMPORT_ERROR
from ansible_collections.devex.github.plugins.module_utils._engine.recommended import compare
from ansible_collections.devex.github.plugins.module_utils._module.process import run
from ansible_collections.devex.github.plugins.module_utils._module.recommended import compared
from ansible_collections.devex.github.plugins.module_utils._module.run import Task, inform
from ansible_collections.devex.github.plugins.module_utils._options.argspec import (
    concurrency_argument_spec,
    scopes_argument_spec,
)
from ansible_collections.devex.github.plugins.module_utils._options.desired import concurrency
from ansible_collections.devex.github.plugins.module_utils._options.jobs import repositories


def gather(task: Task) -> dict[str, Any]:
    options = task.options
    rows = compare(task.session, repositories(options), concurrency=concurrency(options), progress=task.progress)
    return compared(rows)


_where = scopes_argument_spec()["repositories"]
MODULE = inform(
    {
        "repositories": {**_where, "required": True, "aliases": ["repository", "repo"]},
        **concurrency_argument_spec(),
    },
    gather,
    {"json5": JSON5_IMPORT_ERROR},
    # It compares with the secrets of the user.
    of_user=True,
)


def main() -> None:
    run(MODULE)


if __name__ == "__main__":
    main()
