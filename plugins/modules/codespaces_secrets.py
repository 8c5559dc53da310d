#!/usr/bin/python
# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codespaces_secrets
short_description: Manage many secrets of GitHub repositories, an organization or the user at once
version_added: 0.1.0
author:
  - The devex.github developers (@devex)
description:
  - Creates, updates and deletes many secrets, in any number of repositories, in an organization, or for the user whom
    the token belongs to. They are secrets for Codespaces, or for the consumers in O(used_by).
  - Each repository, the organization and the user is a scope, once for each consumer.
  - The module reads first, usually with one request for each scope, and sends only the writes that are needed, several
    at a time.
  - If a secret or a scope fails, the task continues with the others, and fails at the end. Another run continues with
    the rest.
  - The module stays below GitHub's rate limit, so a large run takes some minutes. On the controller, it prints its
    progress to standard error every ten seconds.
extends_documentation_fragment:
  - devex.github._attributes
  - devex.github._attributes.actiongroup
  - devex.github._attributes.idempotent_value
  - devex.github._app
  - devex.github._connection
  - devex.github._token
  - devex.github._fingerprints
options:
  repositories:
    description:
      - The repositories that get the secrets, as V(OWNER/REPO).
      - A former name after a rename still works, with a warning. A former name after a transfer to another owner fails.
      - Exactly one of O(repositories), O(organization), O(user) and O(targets) is required. Null fails, because it
        usually means an unset variable.
    type: list
    elements: str
  organization:
    description:
      - Name of the organization that gets the secrets.
    type: str
    aliases: [org]
  user:
    description:
      - Whether the user whom the token belongs to gets the secrets.
    type: bool
  used_by:
    description:
      - Who uses the secrets. V(codespaces), V(agents) (Copilot's cloud agent), V(dependabot) and V(actions) each have
        their own secrets on GitHub.
      - O(secrets[].used_by) overrides it for a secret, and O(targets[].used_by) for a target. O(prune) deletes secrets
        of the consumers in O(used_by) only.
      - The user has secrets for V(codespaces) only.
    type: list
    elements: str
    choices: [codespaces, agents, dependabot, actions]
    default: [codespaces]
  secrets:
    description:
      - The secrets of each scope. Required unless O(targets) is set.
      - GitHub limits how many a scope can hold, see
        R(Limits,ansible_collections.devex.github.docsite.guide_consumers).
    type: list
    elements: dict
    suboptions: &secret
      name:
        description: Name of the secret. GitHub ignores the case and stores the name in upper case.
        type: str
        required: true
        aliases: [secret_name]
      state:
        description:
          - V(present) creates the secret, or updates what differs. V(absent) deletes it.
        type: str
        choices: [present, absent]
        default: present
      value:
        description:
          - The text to store, up to 48 KiB in UTF-8. The module seals it for GitHub and never shows it.
          - If it is unset, the value of an existing secret is kept. A new secret requires O(secrets[].value) or
            O(secrets[].encrypted_value).
          - Only text is accepted. Quote numbers, booleans and times. In templates, add C(| string), or C(| to_json) to
            mappings and lists. Empty values and ciphertext fail, see
            R(Values that the modules reject,ansible_collections.devex.github.docsite.guide_sealing).
        type: raw
      encrypted_value:
        description:
          - A value that is already sealed, in base64, instead of O(secrets[].value). The filter
            P(devex.github.seal#filter) seals it.
          - Sealing the same value again gives a different text, which counts as a new value. Set
            O(secrets[].value_changed_at) too, or keep the sealed text.
        type: str
      key_id:
        description:
          - ID of the public key that O(secrets[].encrypted_value) is sealed for.
          - Each scope has its own key, so a sealed value fits one scope only.
        type: str
      update_value:
        description:
          - When to write the value of a secret that exists.
          - V(on_change) writes it if O(secrets[].value_changed_at) is later than the last change on GitHub. Without
            O(secrets[].value_changed_at), it writes if there is no record of this value, or the secret was edited on
            GitHub since.
          - V(on_new_value) is like V(on_change), but without O(secrets[].value_changed_at), it keeps edits on GitHub.
            Use it for controllers with separate stores.
          - V(always) writes on every run.
          - V(on_create) never writes. Only a new secret gets the value.
          - V(adopt) never writes. It records the value as the current one, without a check. Use it once, to take over a
            secret.
        type: str
        choices: [on_change, on_new_value, always, on_create, adopt]
        default: on_change
      value_changed_at:
        description:
          - When the value was last rotated at its source, as ISO 8601 with an offset, for example
            V(2026-03-10T12:00:00Z).
          - If O(secrets[].update_value) is V(on_change) or V(on_new_value), the module compares only this date with the
            last change on GitHub, and does not use the fingerprint store. Any number of controllers and CI jobs agree.
          - A rotation is missed if the date is earlier than the last change on GitHub. A future date writes on every
            run.
        type: str
      selected_repositories:
        description:
          - For secrets of the user or of an organization, the only repositories that may read the secret, as
            V(OWNER/REPO) or numeric IDs. All others lose access.
          - If it is unset, the list is kept. A new secret has no repositories, unless O(secrets[].visibility) grants
            access. An empty list means none.
          - For names of private repositories, a classic token also requires the scope C(repo). Numeric IDs are not
            checked.
        type: list
        elements: str
      visibility:
        description:
          - For secrets of an organization, which repositories may read the secret, V(all), V(private) and internal
            ones, or those V(selected) with O(secrets[].selected_repositories).
          - If it is unset, the visibility is kept. A new secret is V(private), or V(selected) if
            O(secrets[].selected_repositories) is set.
        type: str
        choices: [all, private, selected]
      used_by:
        description:
          - Who uses this secret. If it is unset, the O(used_by) of the target or the task counts.
          - A name may be listed several times, with a value for each consumer.
        type: list
        elements: str
        choices: [codespaces, agents, dependabot, actions]
  prune:
    description:
      - Delete all secrets that are not in O(secrets), at most O(prune_max) in each scope. Try it with
        C(--check --diff) first.
      - If O(secrets) has no row with O(secrets[].state=present), the task fails before it sends a request, unless
        O(prune_all) is set.
    type: bool
    default: false
  prune_keep:
    description:
      - Names of secrets that O(prune) keeps. Shell patterns such as V(LEGACY_*) are allowed. The case is ignored.
    type: list
    elements: str
    default: []
  prune_max:
    description:
      - How many secrets of one scope O(prune) may delete, in case the list of secrets is too short by mistake.
      - If a scope has more unlisted secrets, it fails and nothing in it changes. The other scopes continue.
    type: int
    default: 10
  prune_all:
    description:
      - Allow O(prune) to delete every secret, if O(secrets) has no secret to keep.
      - O(prune_keep) and O(prune_max) still apply.
    type: bool
    default: false
  targets:
    description:
      - Scopes with different secrets, in one task. All scopes with the same token share its rate limit.
    type: list
    elements: dict
    suboptions:
      repository:
        description:
          - A repository, as V(OWNER/REPO).
          - Exactly one of O(targets[].repository), O(targets[].organization) and O(targets[].user) is required.
        type: str
        aliases: [repo]
      organization:
        description: Name of an organization.
        type: str
        aliases: [org]
      user:
        description: Whether the target is the user whom the token belongs to.
        type: bool
      token:
        description: The token for this target. If it is unset, O(token) is used.
        type: str
      secrets:
        description: The secrets of this target, as in O(secrets).
        type: list
        elements: dict
        required: true
        suboptions: *secret
      prune:
        description: Delete all secrets of this target that are not in O(targets[].secrets), as with O(prune).
        type: bool
        default: false
      prune_keep:
        description: Names of secrets that O(targets[].prune) keeps, as in O(prune_keep).
        type: list
        elements: str
        default: []
      prune_max:
        description: How many secrets O(targets[].prune) may delete, as in O(prune_max).
        type: int
        default: 10
      prune_all:
        description: Allow O(targets[].prune) to delete every secret of this target, as with O(prune_all).
        type: bool
        default: false
      used_by:
        description: Who uses the secrets of this target. If it is unset, O(used_by) counts.
        type: list
        elements: str
        choices: [codespaces, agents, dependabot, actions]
  concurrency:
    description:
      - Maximum number of requests at a time, from V(1) to V(100). A higher number does not raise GitHub's rate limit.
    type: int
    default: 10
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_consumers
    description: The same secret for codespaces, agents, Dependabot and Actions.
  - ref: ansible_collections.devex.github.docsite.guide_inventory
    description: The role for an inventory whose hosts are repositories.
  - ref: ansible_collections.devex.github.docsite.guide_limits
    description: Duration of large runs, and GitHub's rate limits.
  - ref: ansible_collections.devex.github.docsite.guide_values
    description: Values from vault files, C(.env) files and secret managers, with their dates.
  - module: devex.github.codespaces_repo_secret
  - module: devex.github.codespaces_org_secret
  - module: devex.github.codespaces_user_secret
"""

EXAMPLES = r"""
- name: Set the same secrets for all repositories of the team
  devex.github.codespaces_secrets:
    token: "{{ vault_github_token }}"
    repositories: "{{ team_repositories }}"
    secrets:
      - name: NPM_TOKEN
        value: "{{ vault_npm_token }}"
      - name: SENTRY_DSN
        value: "{{ vault_sentry_dsn }}"
      - name: OLD_TOKEN
        state: absent

- name: Delete all other secrets, except those that another team manages
  devex.github.codespaces_secrets:
    token: "{{ vault_github_token }}"
    repositories:
      - octo-org/app
    secrets: "{{ app_secrets }}"
    prune: true
    prune_keep:
      - LEGACY_*

- name: Set a secret for codespaces, Copilot agents, Dependabot and Actions
  devex.github.codespaces_secrets:
    token: "{{ vault_github_token }}"
    repositories: "{{ team_repositories }}"
    used_by: [codespaces, agents, dependabot, actions]
    secrets:
      - name: NPM_TOKEN
        value: "{{ vault_npm_token }}"
      - name: SENTRY_DSN
        value: "{{ vault_sentry_dsn }}"
        used_by: [actions]

- name: Set different secrets in one task
  devex.github.codespaces_secrets:
    token: "{{ vault_github_token }}"
    targets:
      - repository: octo-org/app
        secrets:
          - name: SENTRY_DSN
            value: "{{ vault_sentry_dsn }}"
      - organization: octo-org
        secrets:
          - name: NPM_TOKEN
            value: "{{ vault_npm_token }}"
            visibility: all
      - repository: octocat/hello-world
        token: "{{ vault_token_of_octocat }}"
        secrets: []
        prune: true
        prune_all: true

- name: Set my own secrets with the repositories that may read them
  devex.github.codespaces_secrets:
    token: "{{ vault_github_token }}"
    user: true
    secrets:
      - name: NPM_TOKEN
        value: "{{ vault_npm_token }}"
        selected_repositories:
          - octo-org/app
      - name: DOTFILES_KEY
        value: "{{ vault_dotfiles_key }}"
        selected_repositories:
          - octo-org/app
          - octo-org/web
"""

RETURN = r"""
summary:
  description: Number of secrets by outcome. In check mode, the outcome of a real run.
  returned: when the task contacted GitHub
  type: dict
  contains:
    scopes:
      description: Number of repositories, organizations and users, each counted once for each consumer.
      returned: always
      type: int
      sample: 60
    created:
      description: Secrets that were created, also those that were deleted elsewhere in the meantime.
      returned: always
      type: int
      sample: 12
    updated:
      description: Secrets whose value, visibility or list of repositories was written.
      returned: always
      type: int
      sample: 3
    deleted:
      description: Secrets that were deleted.
      returned: always
      type: int
      sample: 0
    left:
      description: Secrets that were left unchanged.
      returned: always
      type: int
      sample: 285
    failed:
      description: Secrets that could not be read or written.
      returned: always
      type: int
      sample: 0
    not_reached:
      description:
        - Secrets that were not tried, because nothing more could be sent. For example, GitHub's limit ends too late, or
          GitHub rejects the token.
      returned: always
      type: int
      sample: 0
    written:
      description: Number of values that were written, by RV(secrets[].reason). Failed secrets do not count.
      returned: always
      type: dict
      sample:
        created: 12
        value_changed: 2
    requests:
      description: Requests that a real run would send, without those that get tokens of a GitHub App.
      returned: in check mode
      type: int
      sample: 420
    points:
      description: Points of GitHub's rate limit that a real run would take. GitHub allows 900 a minute.
      returned: in check mode
      type: int
      sample: 1620
    seconds:
      description:
        - Minimum duration of a real run in seconds, because of GitHub's limits.
        - If the task would wait for GitHub's next hour for longer than O(max_wait), a warning shows the time.
      returned: in check mode
      type: int
      sample: 61
targets:
  description:
    - Result of each row of O(targets), or of each scope, in order. Each row is what a separate task would return.
  returned: when C(no_log) hides the result
  type: list
  elements: dict
failures:
  description:
    - Causes of failures, with a row for each cause.
    - Failed secrets have no row in RV(secrets).
  returned: when some secrets failed or were not reached
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
      sample: [NPM_TOKEN]
applied:
  description: The secrets that were written despite the failures. In check mode, those that would be written.
  returned: when some secrets failed or were not reached, if it fits on one screen
  type: list
  elements: dict
  contains:
    action:
      description: V(create), V(update) or V(delete).
      returned: always
      type: str
      sample: create
    reason:
      description: Why the secrets were written, as in RV(secrets[].reason).
      returned: always
      type: str
      sample: created
    scopes:
      description: Scopes in which these secrets were written, as V(user), C(repo:OWNER/REPO) or C(org:NAME).
      returned: always
      type: list
      elements: str
      sample: ["repo:octo-org/web"]
    used_by:
      description: The consumers for which these secrets were written, as in O(used_by).
      returned: always
      type: list
      elements: str
      sample: [codespaces]
    names:
      description: Names of the secrets that were written in each of these scopes.
      returned: always
      type: list
      elements: str
      sample: [NPM_TOKEN]
secrets:
  description:
    - A row for each secret in each scope, so also for each consumer.
    - Only secrets that are listed or pruned have rows.
    - If some secrets failed, only those that were written have rows. The failed ones are in RV(failures).
  returned: when the task contacted GitHub; if some secrets failed, only if they fit on one screen
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
    action:
      description: The change, V(create), V(update), V(delete) or V(none). In check mode, the change that would be made.
      returned: always
      type: str
      sample: update
    reason:
      description:
        - Why the value is written (V(created), V(forced), V(rotated), V(not_recorded), V(value_changed),
          V(updated_elsewhere)) or kept (V(kept), V(unchanged), V(left_as_edited), V(adopted), V(unmanaged)).
        - For a secret that must not exist, V(deleted), V(pruned) or V(absent).
      returned: when it was decided
      type: str
      sample: value_changed
operations:
  description:
    - Requests that changed something, in order. In check mode, requests that would be sent.
    - Deletions are sent first. The others are in the order of the rows, although the task sends several at a time.
  returned: when the task contacted GitHub; if some secrets failed, only if they fit on one screen
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
      sample: /repos/octo-org/app/codespaces/secrets/NPM_TOKEN
    used_by:
      description: Who uses the secret, as in O(used_by).
      returned: always
      type: str
      sample: codespaces
    reason:
      description:
        - Why the request was sent.
        - As RV(secrets[].reason) if it wrote the value or deleted the secret.
        - V(visibility_changed) if it changed the visibility, but not the value.
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

from ansible_collections.devex.github.plugins.module_utils._module.process import run
from ansible_collections.devex.github.plugins.module_utils._module.run import provision_many
from ansible_collections.devex.github.plugins.module_utils._options.argspec import secrets_argument_spec
from ansible_collections.devex.github.plugins.module_utils._options.jobs import jobs

MODULE = provision_many(secrets_argument_spec(), jobs)


def main() -> None:
    run(MODULE)


if __name__ == "__main__":
    main()
