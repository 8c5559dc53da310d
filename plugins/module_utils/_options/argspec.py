# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the modules, as Ansible wants them described."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import env_fallback

from ansible_collections.devex.github.plugins.module_utils._model import PRUNE_MAX

#: The environment variables that a token is taken from.
TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
#: The environment variable that says where the fingerprint store is.
FINGERPRINTS = "DEVEX_GITHUB_FINGERPRINTS"

_Spec = dict[str, dict[str, Any]]

_POLICIES = ["on_change", "on_new_value", "always", "on_create", "adopt"]


def connection_argument_spec() -> _Spec:
    """How to reach GitHub: options of every module."""
    return {
        "token": {"type": "str", "no_log": True, "fallback": (env_fallback, list(TOKENS))},
        "api_url": {"type": "str", "default": "https://api.github.com", "fallback": (env_fallback, ["GITHUB_API_URL"])},
        "api_version": {"type": "str", "default": "2026-03-10"},
        "timeout": {"type": "int", "default": 30},
        "retries": {"type": "int", "default": 3},
        "max_wait": {"type": "int", "default": 120},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
    }


def fingerprints_argument_spec() -> _Spec:
    """Where the fingerprint store is, and its key: options of every module, so that module_defaults can set them."""
    return {
        # No path, in which Ansible would replace variables: it may be an address.
        "fingerprints": {"type": "str", "fallback": (env_fallback, [FINGERPRINTS])},
        "fingerprint_key": {
            "type": "str",
            "no_log": True,
            "fallback": (env_fallback, ["DEVEX_GITHUB_FINGERPRINT_KEY"]),
        },
    }


def secret_argument_spec() -> _Spec:
    """One secret, without its access."""
    return {
        "name": {"type": "str", "required": True, "aliases": ["secret_name"]},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        # raw: a number or a boolean is refused rather than turned into a text that nobody wrote.
        "value": {"type": "raw", "no_log": True},
        "encrypted_value": {"type": "str", "no_log": True},
        "key_id": {"type": "str"},
        "update_value": {"type": "str", "choices": _POLICIES, "default": "on_change"},
        "value_changed_at": {"type": "str"},
    }


def access_argument_spec() -> _Spec:
    """The repositories that may read a secret."""
    return {"selected_repositories": {"type": "list", "elements": "str"}}


def secret_repos_argument_spec() -> _Spec:
    """The list of one secret on its own."""
    return {
        "name": {"type": "str", "required": True, "aliases": ["secret_name"]},
        "selected_repositories": {"type": "list", "elements": "str", "required": True, "aliases": ["repositories"]},
        "state": {"type": "str", "choices": ["present", "absent", "exact"], "default": "present"},
    }


def scopes_argument_spec() -> _Spec:
    """Where: repositories, an organization or the user."""
    return {
        "repositories": {"type": "list", "elements": "str"},
        "organization": {"type": "str", "aliases": ["org"]},
        "user": {"type": "bool"},
    }


def secrets_argument_spec() -> _Spec:
    """Many secrets at once."""
    visibility = {"visibility": {"type": "str", "choices": ["all", "private", "selected"]}}
    wanted: _Spec = {
        "secrets": {
            "type": "list",
            "elements": "dict",
            # The values in it are marked themselves.
            "no_log": False,
            "options": {**secret_argument_spec(), **access_argument_spec(), **visibility},
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
    }
    target["secrets"] = {**wanted["secrets"], "required": True}
    return {
        **scopes_argument_spec(),
        **wanted,
        "targets": {"type": "list", "elements": "dict", "options": target},
        **concurrency_argument_spec(),
    }


def concurrency_argument_spec() -> _Spec:
    """How many requests are under way at once."""
    return {"concurrency": {"type": "int", "default": 10}}


def secret_constraints() -> dict[str, Any]:
    """What holds between the options of one secret."""
    return {"mutually_exclusive": [("value", "encrypted_value")], "required_together": [("encrypted_value", "key_id")]}
