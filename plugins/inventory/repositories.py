# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: repositories
short_description: GitHub repositories as hosts
version_added: 0.1.0
author:
  - The devex.github developers (@devex)
description:
  - Takes the repositories of organizations or of users from GitHub. A host is called C(OWNER/REPO).
  - The configuration is a YAML file whose name ends in C(repositories.yml) or C(repositories.yaml).
  - A repository is in the inventory when all filters let it pass.
  - Whatever goes wrong is an error, and then there is no host at all. Ansible itself goes on without an inventory that
    failed, unless E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) is V(true).
  - A hundred repositories of an owner take one request, and a hundred repositories with their custom properties
    another one.
notes:
  - The variables of a host are C(github_id), C(github_owner), C(github_name), C(github_visibility), C(github_archived),
    C(github_fork), C(github_topics) (a list), C(github_language) (null where GitHub knows none) and
    C(github_default_branch); with O(gather_custom_properties) also C(github_custom_properties), a mapping.
  - Before ansible-core 2.19, C(default_value) of C(keyed_groups) counts for an empty text only, so make one of null.
  - Texts in options, also those in a list, may be templates of lookups and extra variables.
  - The cache holds the hosts with their variables, and no token. An entry is for the options that choose hosts, and for
    O(api_url), whatever the token is, since tokens of GitHub Apps are new in every run. With a token that sees other
    repositories, use another O(cache_prefix), or C(--flush-cache), which C(ansible-playbook) has, and
    C(ansible-inventory) from ansible-core 2.19 on.
extends_documentation_fragment:
  - devex.github._connection
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices:
      - devex.github.repositories
  token:
    description:
      - A personal access token, or a token of a GitHub App.
      - Private repositories take the scope C(repo) of a classic token, or the permission C(Metadata) with read access,
        which every fine-grained token has for its repositories. Custom properties take the scope C(read:org), or the
        permission C(Custom properties) of the organization with read access.
      - An installation token of a GitHub App lists repositories of O(organizations) and O(users) only.
      - Where it is not given, the environment variable E(GITHUB_TOKEN) is used, or else E(GH_TOKEN).
    # The last one that is set counts.
    env:
      - name: GH_TOKEN
      - name: GITHUB_TOKEN
  api_url:
    env:
      - name: GITHUB_API_URL
  organizations:
    description:
      - Organizations whose repositories are listed, as far as the token may see them.
      - With neither O(organizations) nor O(users), all repositories are listed that the token's user owns or works on.
    type: list
    elements: str
    default: []
  users:
    description:
      - Users whose repositories are listed. GitHub lists their public ones only. For the private ones of the token's
        user, give neither O(organizations) nor O(users), and choose with O(include).
    type: list
    elements: str
    default: []
  include:
    description:
      - Shell patterns, such as V(octo-org/service-*), of which C(OWNER/REPO) matches at least one. An asterisk also
        stands for a slash, and case does not count.
      - Without any, all names pass.
    type: list
    elements: str
    default: []
  exclude:
    description: Shell patterns, of which C(OWNER/REPO) matches none.
    type: list
    elements: str
    default: []
  topics:
    description: Topics, all of which the repository has.
    type: list
    elements: str
    default: []
  languages:
    description: Languages, one of which GitHub calls the main one of the repository. Case does not count.
    type: list
    elements: str
    default: []
  visibility:
    description: Who may see the repository. Without any, it does not matter.
    type: list
    elements: str
    choices:
      - public
      - private
      - internal
    default: []
  archived:
    description: What happens to archived repositories, to which nothing can be written.
    type: str
    choices:
      - exclude
      - include
      - only
    default: exclude
  forks:
    description: What happens to forks.
    type: str
    choices:
      - exclude
      - include
      - only
    default: include
  administered:
    description:
      - Whether to take only repositories that the token's user may administer, which classic tokens need for secrets
        of a repository.
    type: bool
    default: false
  properties:
    description:
      - Custom properties that the repository has, by name. Each is a value, or a list of values that will do. Of a
        property with several values, one is enough.
      - Repositories of users have none.
    type: dict
    default: {}
  lowercase_hostnames:
    description:
      - Convert host names to lower case, so that C(host_vars), C(--limit) and other inventory sources need one spelling
        only. GitHub accepts any case.
      - The host variables, such as C(github_name), keep GitHub's spelling.
    type: bool
    default: false
  gather_custom_properties:
    description: Whether to set C(github_custom_properties). O(properties) implies it.
    type: bool
    default: false
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_organization
    description: Secrets for an organization, by topic.
"""

EXAMPLES = r"""
# octo-org.repositories.yml: groups such as topic_node and language_python, with the token that GITHUB_TOKEN holds
plugin: devex.github.repositories
organizations:
  - octo-org
exclude:
  - octo-org/sandbox-*
keyed_groups:
  - key: github_topics
    prefix: topic
  - key: github_language | default('', true)
    prefix: language
    default_value: none

---
# mine.repositories.yml: what the user of the token administers, without forks
plugin: devex.github.repositories
token: "{{ lookup('ansible.builtin.env', 'MY_TOKEN') }}"
administered: true
forks: exclude

---
# payments.repositories.yml: by custom properties, with variables and groups of one's own, for an hour from a cache
plugin: devex.github.repositories
organizations:
  - octo-org
topics:
  - service
properties:
  team: payments
  environment:
    - staging
    - production
strict: true
compose:
  team: github_custom_properties.team
groups:
  inner_source: github_visibility == 'internal'
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/ansible
cache_timeout: 3600
"""

from collections.abc import Callable, Iterable
from dataclasses import fields
from hashlib import sha256
from importlib import import_module
from typing import Any

from ansible import template
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.module_utils.basic import missing_required_lib
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.devex.github.plugins.module_utils._errors import Error, Mistake
from ansible_collections.devex.github.plugins.module_utils._github.owners import Owners
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import REQUESTS_IMPORT_ERROR
from ansible_collections.devex.github.plugins.module_utils._inventory.hosts import Hosts, hosts
from ansible_collections.devex.github.plugins.module_utils._inventory.selection import Selection, selection
from ansible_collections.devex.github.plugins.module_utils._options.argspec import connection_argument_spec
from ansible_collections.devex.github.plugins.module_utils._options.connection import connection

# Texts from GitHub must not be evaluated as templates. Since ansible-core 2.19, only trusted texts are templates.
_literal: Callable[[dict[str, Any]], dict[str, Any]] = (
    dict if hasattr(template, "trust_as_template") else import_module("ansible.utils.unsafe_proxy").wrap_var
)

# To be increased if the format of cached hosts changes, so that old entries are ignored.
_CACHED_FORM = 1
# The options of this plugin. All others are Ansible's.
_OWN = {*connection_argument_spec(), *(field.name for field in fields(Selection)), "lowercase_hostnames"}


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]  # they declare no types
    NAME = "devex.github.repositories"

    def verify_file(self, path: str) -> bool:
        return super().verify_file(path) and path.endswith(("repositories.yml", "repositories.yaml"))

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self.templar.available_variables = self._vars
        given = self._read_config_data(path)
        unknown = set(given) - set(self._options)
        if unknown:
            raise AnsibleParserError(
                f"Unknown options: {', '.join(sorted(map(str, unknown)))}. Check the spelling, or remove them. For all "
                f"options, run: ansible-doc -t inventory {self.NAME}"
            )
        nulls = sorted(name for name in _OWN if name in given and given[name] is None)
        if nulls:
            raise AnsibleParserError(
                f"These options are null, which usually means a variable without a value: {', '.join(nulls)}. Set a "
                "value, or omit the option."
            )
        try:
            found = self._hosts(cache)
            # The cache holds GitHub's spelling, so its entries do not depend on the option.
            if self.get_option("lowercase_hostnames"):
                found = {name.lower(): variables for name, variables in found.items()}
            self._populate(found)
        except Error as error:
            raise AnsibleParserError(str(error)) from None

    def _hosts(self, may_be_cached: bool) -> Hosts:
        """Return the hosts, from the cache if allowed. An entry that was read is not written, so it still expires."""
        wanted = selection(self._chosen(field.name for field in fields(Selection)))
        if not self.get_option("cache"):
            return self._fetched(wanted)
        form = f"{_CACHED_FORM} {self._chosen(['api_url'])['api_url']} {wanted}"
        key = f"{self.NAME}_{sha256(form.encode()).hexdigest()}"
        if not may_be_cached or key not in self._cache:
            self._cache[key] = self._fetched(wanted)
        found: Hosts = self._cache[key]
        return found

    def _fetched(self, wanted: Selection) -> Hosts:
        if REQUESTS_IMPORT_ERROR:
            raise AnsibleParserError(missing_required_lib("requests"))
        session = Session(connection(self._chosen(connection_argument_spec())))
        try:
            return hosts(Owners(session.client()), wanted)
        except Error:
            raise
        except Exception as error:
            raise Mistake(error) from None
        finally:
            session.close()
            for notice in session.notices:
                self.display.warning(notice)

    def _chosen(self, names: Iterable[str]) -> dict[str, Any]:
        """Return options, with their templates evaluated."""
        return {name: self.templar.template(self.get_option(name)) for name in names}

    def _populate(self, found: Hosts) -> None:
        new = [name for name in found if self.inventory.get_host(name) is None]
        try:
            for name, variables in found.items():
                self._add(name, variables)
        except Exception:
            # Otherwise, Ansible would continue with the hosts added so far.
            for host in filter(None, map(self.inventory.get_host, new)):
                self.inventory.remove_host(host)
            raise

    def _add(self, name: str, variables: dict[str, Any]) -> None:
        self.inventory.add_host(name)
        variables = _literal(variables)
        for variable, value in variables.items():
            self.inventory.set_variable(name, variable, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)
