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
  - Lists repositories of organizations or users on GitHub as hosts. The name of a host is C(OWNER/REPO).
  - The name of the configuration file must end in C(repositories.yml) or C(repositories.yaml). A repository must match
    all filters in the file.
  - If anything fails, there are no hosts. By default, Ansible then continues without this inventory. To make it stop,
    set E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) to V(true).
notes:
  - Host variables are C(github_id), C(github_owner), C(github_name), C(github_visibility), C(github_archived),
    C(github_fork), C(github_topics) (a list), C(github_language) (null if GitHub detects none) and
    C(github_default_branch). With O(gather_custom_properties), C(github_custom_properties) is a mapping. With
    O(local_connection), C(ansible_connection) is V(local).
  - Before ansible-core 2.19, C(default_value) of C(keyed_groups) applies to empty text only, not to null.
  - Options of this plugin accept templates with lookups and extra variables, also inside lists.
  - The cache holds hosts and their variables, but no token. Its key does not depend on the token. If you use tokens
    that see different repositories, set a different O(cache_prefix) for each, or clear the cache with
    C(--flush-cache).
extends_documentation_fragment:
  - devex.github._app
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
      - A personal access token or a token of a GitHub App. An installation token requires O(organizations) or O(users).
      - For private repositories, a classic token requires the scope C(repo). For custom properties, it requires
        C(read:org). The permissions of other tokens are in
        R(Tokens and permissions,ansible_collections.devex.github.docsite.guide_tokens).
      - If it is unset, the environment variable E(GITHUB_TOKEN) or E(GH_TOKEN) of the controller is used.
    # These options are raw, because Ansible would show a secret that it cannot convert.
    type: raw
    env:
      - name: GH_TOKEN
      - name: GITHUB_TOKEN
  app_id:
    type: raw
    env:
      - name: GITHUB_APP_ID
  app_private_key:
    type: raw
    env:
      - name: GITHUB_APP_PRIVATE_KEY
  app_installation_id:
    type: raw
    env:
      - name: GITHUB_APP_INSTALLATION_ID
  api_url:
    env:
      - name: GITHUB_API_URL
  organizations:
    description:
      - List repositories of these organizations that the token can see.
      - If O(organizations) and O(users) are empty, the inventory lists all repositories that the token's user owns or
        works on.
    type: list
    elements: str
    default: []
  users:
    description:
      - List public repositories of these users.
      - GitHub does not list private ones here. For your own, leave O(organizations) and O(users) empty, and filter with
        O(include).
    type: list
    elements: str
    default: []
  include:
    description:
      - Shell patterns for C(OWNER/REPO), such as V(octo-org/service-*). A repository must match at least one.
      - If the list is empty, all names match.
      - An asterisk also matches a slash. The case is ignored.
    type: list
    elements: str
    default: []
  exclude:
    description: Shell patterns for C(OWNER/REPO), as in O(include). A repository must not match any.
    type: list
    elements: str
    default: []
  topics:
    description: Topics. A repository must have all of them.
    type: list
    elements: str
    default: []
  languages:
    description: Main languages, as GitHub detects them. A repository must have one of them. The case is ignored.
    type: list
    elements: str
    default: []
  visibility:
    description: Visibility of the repositories. If the list is empty, all match.
    type: list
    elements: str
    choices:
      - public
      - private
      - internal
    default: []
  archived:
    description: Whether to exclude or include archived repositories, or to list only them. They are read-only.
    type: str
    choices:
      - exclude
      - include
      - only
    default: exclude
  forks:
    description: Whether to exclude or include forks, or to list only them.
    type: str
    choices:
      - exclude
      - include
      - only
    default: include
  administered:
    description:
      - List only repositories in which the token's user is an administrator. Classic tokens require this role to manage
        secrets of a repository.
    type: bool
    default: false
  properties:
    description:
      - Custom properties by name, each with a value or a list of accepted values. A repository must match all of them.
      - If a property of a repository has several values, one match is enough.
      - Repositories of users have no custom properties, so they never match.
    type: dict
    default: {}
  local_connection:
    description:
      - Set the host variable C(ansible_connection) to V(local), so modules for these hosts run on the controller.
        Otherwise, Ansible would connect to the name of the repository over SSH.
      - O(compose), C(host_vars), and variables of plays can change it. C(group_vars) cannot.
    type: bool
    default: true
  lowercase_hostnames:
    description:
      - Convert host names to lower case, so that C(host_vars), C(--limit) and other inventory sources need one spelling
        only. GitHub accepts any case.
      - The host variables, such as C(github_name), keep GitHub's spelling.
    type: bool
    default: false
  gather_custom_properties:
    description: Set the host variable C(github_custom_properties). O(properties) implies it.
    type: bool
    default: false
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_organization
    description: Set secrets for an organization by topic.
"""

EXAMPLES = r"""
# octo-org.repositories.yml: group repositories by topic and language, with the token in GITHUB_TOKEN
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
# mine.repositories.yml: list repositories that you administer, except forks
plugin: devex.github.repositories
token: "{{ lookup('ansible.builtin.env', 'MY_TOKEN') }}"
administered: true
forks: exclude

---
# payments.repositories.yml: filter by custom properties, add variables and groups, and cache for an hour
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

import os
from collections.abc import Callable, Iterable
from dataclasses import fields
from hashlib import sha256
from importlib import import_module
from typing import Any

from ansible import template
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.devex.github.plugins.module_utils import _redaction
from ansible_collections.devex.github.plugins.module_utils._errors import Error, InputError, MissingLibrary, Mistake
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import REQUESTS_IMPORT_ERROR, Connection
from ansible_collections.devex.github.plugins.module_utils._inventory.hosts import Hosts, hosts
from ansible_collections.devex.github.plugins.module_utils._inventory.selection import Selection, selection
from ansible_collections.devex.github.plugins.module_utils._options.argspec import connection_argument_spec
from ansible_collections.devex.github.plugins.module_utils._options.connection import connection
from ansible_collections.devex.github.plugins.module_utils._options.environment import ignored_app, read
from ansible_collections.devex.github.plugins.module_utils._options.masking import message_of, without_unmaskable
from ansible_collections.devex.github.plugins.plugin_utils._plain import plain

# Texts from GitHub must not be evaluated as templates. Since ansible-core 2.19, only trusted texts are templates.
_literal: Callable[[dict[str, Any]], dict[str, Any]] = (
    dict if hasattr(template, "trust_as_template") else import_module("ansible.utils.unsafe_proxy").wrap_var
)

# To be increased if the format of cached hosts changes, so that old entries are ignored.
_CACHED_FORM = 1
# The options of this plugin. All others are Ansible's.
_OWN = {
    *connection_argument_spec(),
    *(field.name for field in fields(Selection)),
    "local_connection",
    "lowercase_hostnames",
}


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
        self._given = set(given)
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
        try:
            reached = self._connection()
        except MissingLibrary as error:
            raise AnsibleParserError(missing_required_lib(error.library)) from None
        # Ansible could register the options themselves, but not the values of their templates.
        keys = [reached.token, reached.app.private_key if reached.app else None]
        _redaction.register(filter(None, keys))
        session = Session(reached)
        try:
            return hosts(session, wanted)
        except Error:
            raise
        except Exception as error:
            raise Mistake(error) from None
        finally:
            session.close()
            for notice in session.notices:
                self.display.warning(notice)

    def _connection(self) -> Connection:
        spec = connection_argument_spec()
        given = plain(self._chosen(name for name in spec if name in self._given))
        options, input_errors = read(spec, given, os.environ)
        validation = ArgumentSpecValidator(without_unmaskable(spec, options)).validate(options)
        if error := message_of(input_errors) or next(iter(validation.error_messages), None):
            raise InputError(error)
        for warning in ignored_app(given, os.environ):
            self.display.warning(warning)
        return connection(validation.validated_parameters)

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
        if self.get_option("local_connection"):
            variables["ansible_connection"] = "local"
        for variable, value in variables.items():
            self.inventory.set_variable(name, variable, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)
