# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the options of the modules for Ansible."""

from __future__ import annotations

from typing import Any

from ansible_collections.devex.github.plugins.module_utils._model import PRUNE_MAX
from ansible_collections.devex.github.plugins.module_utils._scope import CODESPACES, CONSUMERS

#: The environment variables with a token.
TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
#: The options of a GitHub App.
APP = ("app_id", "app_private_key", "app_installation_id")
#: The environment variable of each other option. They are no fallbacks of Ansible, which would show them if they have
#: the wrong type.
VARIABLES = {
    "app_id": "GITHUB_APP_ID",
    "app_private_key": "GITHUB_APP_PRIVATE_KEY",
    "app_installation_id": "GITHUB_APP_INSTALLATION_ID",
    "api_url": "GITHUB_API_URL",
    "fingerprints": "DEVEX_GITHUB_FINGERPRINTS",
    "fingerprint_key": "DEVEX_GITHUB_FINGERPRINT_KEY",
}

_Spec = dict[str, dict[str, Any]]

_POLICIES = ["on_change", "on_new_value", "always", "on_create", "adopt"]


def connection_argument_spec() -> _Spec:
    """Return the options of every module for the connection to GitHub."""
    return {
        "token": {"type": "str", "no_log": True},
        "app_id": {"type": "int"},
        # A text or a path, in which only the module expands variables.
        "app_private_key": {"type": "str", "no_log": True},
        "app_installation_id": {"type": "int"},
        "api_url": {"type": "str", "default": "https://api.github.com"},
        "api_version": {"type": "str", "default": "2026-03-10"},
        "timeout": {"type": "int", "default": 30},
        "retries": {"type": "int", "default": 3},
        "max_wait": {"type": "int", "default": 120},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
    }


def fingerprints_argument_spec() -> _Spec:
    """Return the options of the fingerprint store. All modules have them, so that module_defaults can set them."""
    return {
        # In a path, Ansible would expand variables, but this may be an address.
        "fingerprints": {"type": "str"},
        "fingerprint_key": {"type": "str", "no_log": True},
    }


def secret_argument_spec() -> _Spec:
    """Return the options of one secret, without its access."""
    return {
        "name": {"type": "str", "required": True, "aliases": ["secret_name"]},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        # raw, so that numbers and booleans are rejected instead of changed to another text.
        "value": {"type": "raw", "no_log": True},
        "encrypted_value": {"type": "str", "no_log": True},
        "key_id": {"type": "str"},
        "update_value": {"type": "str", "choices": _POLICIES, "default": "on_change"},
        "value_changed_at": {"type": "str"},
    }


def access_argument_spec() -> _Spec:
    """Return the option of the repositories that may read a secret."""
    return {"selected_repositories": {"type": "list", "elements": "str"}}


def secret_repos_argument_spec() -> _Spec:
    """Return the options of a module that only manages the list of repositories of a secret."""
    return {
        "name": {"type": "str", "required": True, "aliases": ["secret_name"]},
        "selected_repositories": {"type": "list", "elements": "str", "required": True, "aliases": ["repositories"]},
        "state": {"type": "str", "choices": ["present", "absent", "exact"], "default": "present"},
    }


def scopes_argument_spec() -> _Spec:
    """Return the options that choose scopes."""
    return {
        "repositories": {"type": "list", "elements": "str"},
        "organization": {"type": "str", "aliases": ["org"]},
        "user": {"type": "bool"},
    }


def secrets_argument_spec() -> _Spec:
    """Return the options of a module that manages many secrets."""
    visibility = {"visibility": {"type": "str", "choices": ["all", "private", "selected"]}}
    wanted: _Spec = {
        "secrets": {
            "type": "list",
            "elements": "dict",
            # Only the values in it are secret, and have no_log themselves.
            "no_log": False,
            "options": {**secret_argument_spec(), **access_argument_spec(), **visibility, **_used_by()},
            **secret_constraints(),
        },
        "prune": {"type": "bool", "default": False},
        "prune_keep": {"type": "list", "elements": "str", "default": []},
        "prune_max": {"type": "int", "default": PRUNE_MAX},
        "prune_all": {"type": "bool", "default": False},
    }
    target: _Spec = {
        "repository": {"type": "str", "aliases": ["repo"]},
        "organization": {"type": "str", "aliases": ["org"]},
        "user": {"type": "bool"},
        "token": {"type": "str", "no_log": True},
        **wanted,
        **_used_by(),
    }
    target["secrets"] = {**wanted["secrets"], "required": True}
    return {
        **scopes_argument_spec(),
        **wanted,
        **used_by_argument_spec(),
        "targets": {"type": "list", "elements": "dict", "options": target},
        **concurrency_argument_spec(),
    }


def used_by_argument_spec() -> _Spec:
    """Return the option of the consumers of secrets."""
    return _used_by(default=[CODESPACES])


def _used_by(**default: list[str]) -> _Spec:
    """:arg default: empty: the row above decides."""
    return {"used_by": {"type": "list", "elements": "str", "choices": list(CONSUMERS), **default}}


def concurrency_argument_spec() -> _Spec:
    """Return the option of parallel requests."""
    return {"concurrency": {"type": "int", "default": 10}}


def secret_constraints() -> dict[str, Any]:
    """Return the constraints between the options of one secret."""
    return {"mutually_exclusive": [("value", "encrypted_value")], "required_together": [("encrypted_value", "key_id")]}
