#!/usr/bin/python
# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codespaces_secrets
short_description: Manage many Codespaces secrets of GitHub repositories, an organization or the user at once
version_added: 0.1.0
author:
  - The devex.github developers (@devex)
description:
  - Creates, updates and deletes the secrets of a list, in each of many repositories, in an organization, or of the
    user whom the token belongs to.
  - For each scope (a repository, the organization, the user), the present secrets are read with one call, and the
    public key with one more if a value or a visibility is to be written. For users and organizations, one more reads
    the repositories of each secret that has a list, where the task gives the list or writes the value, and one looks
    up each 100 repositories that are given by name. Then only the writes that are needed are sent, several at once.
  - A secret that cannot be written, or a repository that cannot be reached, fails the task, but neither stops nor hides
    the others. The next run sends only what is missing.
  - Requests keep below GitHub's limit of points a minute, so a task that needs more of them takes some minutes. Every
    ten seconds it says on standard error how far it is, where the module runs on the controller.
extends_documentation_fragment:
  - devex.github._attributes
  - devex.github._attributes.actiongroup
  - devex.github._attributes.idempotent_value
  - devex.github._connection
  - devex.github._fingerprints
options:
  repositories:
    description:
      - The repositories that get the secrets, as V(OWNER/REPO).
      - A former name is followed, with a warning, to the repository that has it no more, unless that has another owner
        by now, which is an error.
      - Exactly one of O(repositories), O(organization), O(user) and O(targets) has to be given. A null, as of a
        variable without a value, is an error.
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
  secrets:
    description:
      - The secrets, unless O(targets) is given.
      - At most 100 of them with O(secrets[].state=present), which is as many as GitHub holds for each scope.
    type: list
    elements: dict
    suboptions: &secret
      name:
        description: Name of the secret. It is not case-sensitive.
        type: str
        required: true
        aliases: [secret_name]
      state:
        description: Whether the secret is created and updated, or deleted.
        type: str
        choices: [present, absent]
        default: present
      value:
        description:
          - The value, which is sealed for GitHub before it leaves the machine that runs the module. At most 48 KiB in
            UTF-8.
          - An empty value, null, or one of nothing but line breaks, is an error, since it is what a variable looks
            like that is not set. Ciphertext of Ansible Vault or sops, also inside other text, and Ansible's masks fail
            too. To store ciphertext on purpose, set O(secrets[].encrypted_value).
          - It must be text. Numbers and booleans are refused, since YAML may have changed them (V(0123) is the number
            83, V(yes) is true). Quote them, and where a template gives one, add C(| string) to it; mappings and lists
            take C(| to_json). Quote times as well (V(2026-03-10 12:00:00)), which Ansible turns into another text
            before the module sees them.
          - Before ansible-core 2.19, a template also takes a text for a mapping or a list that looks like one, such as
            JSON from a file. Add C(| string) where the text comes from, directly behind the variable of the vault or
            the lookup; that leaves it as it is. Behind a variable that is made of it without that, it is a mapping by
            then, and C(string) makes no JSON of it. C(| to_json) does, but from ansible-core 2.19 on, where it is a
            text still, it puts that in quotes. The modules warn of a value that looks like what C(string) makes of a
            mapping or a list.
          - A secret that exists needs no value; then only its other properties are managed. A secret that does not
            exist cannot be created without one.
        type: raw
      encrypted_value:
        description:
          - A value that was sealed beforehand, in base64, instead of O(secrets[].value). The filter
            P(devex.github.seal#filter) seals one.
          - Sealing the same value again gives another text, which counts as another value. Unless the sealed text is
            kept, give O(secrets[].value_changed_at) too.
          - Each scope has a key of its own, so a list with such values suits one scope only.
        type: str
      key_id:
        description: ID of the public key that O(secrets[].encrypted_value) was sealed for.
        type: str
      update_value:
        description:
          - When the value of a secret that exists is written.
          - V(on_change) writes it when it was rotated according to O(secrets[].value_changed_at); or, where that is not
            given, when it differs from the recorded one, when there is no record of it, or when somebody else has
            changed the secret since.
          - V(on_new_value) does the same, but leaves what somebody else has changed. Two controllers that do not share
            a record then settle after one write each, and write again when the value that they are given is a new one.
          - V(always) writes it on every run.
          - V(on_create) leaves the value of a secret that exists alone.
          - V(adopt) writes nothing, and records the value as the one that is there. Nobody can check that. Where it is
            not, later runs with V(on_change) call the secret V(unchanged) until somebody edits it or the value changes.
            It is meant for one run, in which secrets that exist are taken over.
        type: str
        choices: [on_change, on_new_value, always, on_create, adopt]
        default: on_change
      value_changed_at:
        description:
          - When the value was last rotated at its source, as ISO 8601 with an offset, for example
            V(2026-03-10T12:00:00Z). Fractions of a second are ignored.
          - With O(secrets[].update_value=on_change), the value is written exactly when GitHub's date of the secret is
            earlier. That needs no fingerprint store, so any number of controllers and CI jobs agree.
        type: str
      selected_repositories:
        description:
          - For secrets of the user or of an organization, the repositories that may read the secret, and no others, as
            V(OWNER/REPO) or as numeric IDs.
          - Where it is not given, the list stays as it is, and a new secret is given to no repository, unless its
            visibility is V(all) or V(private). An empty list means none.
        type: list
        elements: str
      visibility:
        description:
          - For secrets of an organization, which repositories may read the secret, V(all), V(private) ones (with
            internal ones), or V(selected) ones.
          - Where it is not given, the visibility of a secret that exists stays as it is, and a new secret is
            V(private), or V(selected) with O(secrets[].selected_repositories).
        type: str
        choices: [all, private, selected]
  prune:
    description:
      - Delete the secrets that are not in O(secrets), at most O(prune_max) of each scope. Try it with C(--check --diff)
        first.
      - If O(secrets) has no row with O(secrets[].state=present), the task fails before it sends a request, unless
        O(prune_all) is set.
    type: bool
    default: false
  prune_keep:
    description:
      - Names of secrets that are never pruned. Shell patterns such as V(LEGACY_*) are allowed; the case is ignored.
    type: list
    elements: str
    default: []
  prune_max:
    description:
      - How many secrets of one scope O(prune) may delete. Where there are more that are not listed, that is an error
        which names the first of them, and nothing of that scope is changed; the other scopes go on.
      - So a list that came out too short, of a variable or a file that is not what it should be, does not empty a
        scope of more secrets than that.
    type: int
    default: 10
  prune_all:
    description:
      - Allow O(prune) to delete every secret, if O(secrets) has no secret to keep.
      - O(prune_keep) and O(prune_max) apply all the same.
    type: bool
    default: false
  targets:
    description:
      - Repositories, organizations and users with secrets of their own, all of them in one task, which keeps one pace
        for each token.
    type: list
    elements: dict
    suboptions:
      repository:
        description:
          - A repository, as V(OWNER/REPO).
          - Exactly one of O(targets[].repository), O(targets[].organization) and O(targets[].user) has to be given.
        type: str
        aliases: [repo]
      organization:
        description: Name of an organization.
        type: str
        aliases: [org]
      user:
        description: Whether it is the user whom the token belongs to.
        type: bool
      token:
        description: The token for this target, where O(token) is not the one. Fine-grained tokens belong to one owner.
        type: str
      secrets:
        description: The secrets of this target, as O(secrets).
        type: list
        elements: dict
        required: true
        suboptions: *secret
      prune:
        description: Whether secrets that are not in O(targets[].secrets) are deleted, as O(prune).
        type: bool
        default: false
      prune_keep:
        description: Names of secrets that are never pruned, as O(prune_keep).
        type: list
        elements: str
        default: []
      prune_max:
        description: How many secrets O(targets[].prune) may delete, as O(prune_max).
        type: int
        default: 10
      prune_all:
        description: Allow O(targets[].prune) to delete every secret of this target, as O(prune_all).
        type: bool
        default: false
  concurrency:
    description:
      - How many requests are under way at once, from 1 to 100, which is as many as GitHub allows.
      - However many they are, they keep below GitHub's limit of points a minute.
    type: int
    default: 10
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_inventory
    description: The role that does the same for the hosts of an inventory.
  - ref: ansible_collections.devex.github.docsite.guide_limits
    description: How large runs get along with the limits of GitHub.
  - ref: ansible_collections.devex.github.docsite.guide_values
    description: Vault files, C(.env) files and secret managers, and the date that each gives.
  - module: devex.github.codespaces_repo_secret
  - module: devex.github.codespaces_org_secret
  - module: devex.github.codespaces_user_secret
"""

EXAMPLES = r"""
- name: The same secrets for all repositories of a team
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

- name: These secrets and no others, save those that somebody else looks after
  devex.github.codespaces_secrets:
    token: "{{ vault_github_token }}"
    repositories:
      - octo-org/app
    secrets: "{{ app_secrets }}"
    prune: true
    prune_keep:
      - LEGACY_*

- name: Secrets that differ, in one task
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

- name: My own secrets, each with the repositories that may read it
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
  description: Number of secrets by outcome. In check mode, by the outcome that the run would have.
  returned: when the task contacted GitHub
  type: dict
  contains:
    scopes:
      description: Number of repositories, organizations and users.
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
    points:
      description: Points of GitHub's rate limit, 900 a minute, that the run would take.
      returned: in check mode
      type: int
      sample: 1620
    seconds:
      description: Minimum duration of the run, because of these points.
      returned: in check mode
      type: int
      sample: 61
targets:
  description:
    - Result of each row of O(targets), or of each scope, in order. Each is the result that a task of its own would have
      returned.
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
      description: What failed, and what to do. Long texts are cut.
      returned: always
      type: str
      sample: "GitHub answered 404: Not Found."
    scopes:
      description: Affected scopes, as V(user), C(repo:OWNER/REPO) or C(org:NAME).
      returned: always
      type: list
      elements: str
      sample: ["repo:octo-org/app", "repo:octo-org/api"]
    names:
      description:
        - Names of the secrets that are affected in each of these scopes. If the list is empty, the scopes themselves
          are affected.
      returned: always
      type: list
      elements: str
      sample: [NPM_TOKEN]
applied:
  description: What was written in spite of the failures. In check mode, what would be written.
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
    names:
      description: Names of the secrets that were written in each of these scopes.
      returned: always
      type: list
      elements: str
      sample: [NPM_TOKEN]
secrets:
  description:
    - A row for each secret in each scope.
    - Only secrets that are listed or pruned have rows.
    - If some secrets failed, only those that were written have rows. The failed ones are in RV(failures).
  returned: when the task contacted GitHub; if some secrets failed, only if they fit on one screen
  type: list
  elements: dict
  contains:
    scope:
      description: Where the secret is stored, as V(user), C(repo:OWNER/REPO) or C(org:NAME).
      returned: always
      type: str
      sample: repo:octo-org/app
    name:
      description: Name of the secret as GitHub stores it, in upper case.
      returned: always
      type: str
      sample: NPM_TOKEN
    action:
      description: What was done, V(create), V(update), V(delete) or V(none). In check mode, what would be done.
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
    reason:
      description:
        - Why the request was sent.
        - V(created), V(forced), V(rotated), V(not_recorded), V(value_changed) or V(updated_elsewhere) if it wrote the
          value.
        - V(visibility_changed) if it changed the visibility, but not the value.
        - V(repositories_changed) if it replaced only the list of repositories.
        - V(deleted) or V(pruned) if it deleted the secret.
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

from ansible_collections.devex.github.plugins.module_utils._module.run import provision_many
from ansible_collections.devex.github.plugins.module_utils._options.argspec import secrets_argument_spec
from ansible_collections.devex.github.plugins.module_utils._options.jobs import jobs


def main() -> None:
    provision_many(secrets_argument_spec(), jobs)


if __name__ == "__main__":
    main()
