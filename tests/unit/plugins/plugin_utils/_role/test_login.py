# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token or the GitHub App of a host."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.plugin_utils._role.login import Login, login

NONE = {"app_id": None, "app_private_key": None, "app_installation_id": None}
APP = {"app_id": 7, "app_private_key": "key"}
IN_ENVIRONMENT = {"GITHUB_APP_ID": "8", "GITHUB_APP_PRIVATE_KEY": "another"}


@pytest.mark.parametrize(
    ("variables", "defaults", "environment", "process", "found"),
    [
        ({"token": "a"}, {"token": "b"}, {}, {"GITHUB_TOKEN": "c"}, Login("a", NONE)),
        ({"token": "a"}, APP, IN_ENVIRONMENT, {}, Login("a", NONE)),
        ({}, {"token": "b"}, {"GITHUB_TOKEN": "c"}, {}, Login("b", NONE)),
        ({}, {}, {"GITHUB_TOKEN": "c", "GH_TOKEN": "d"}, {"GITHUB_TOKEN": "e"}, Login("c", NONE)),
        ({}, {}, IN_ENVIRONMENT, {"GH_TOKEN": "e"}, Login(None, NONE)),
        ({}, {}, {"GITHUB_TOKEN": ""}, {"GH_TOKEN": "e"}, Login(None, NONE)),
        (
            {},
            {},
            {"GITHUB_TOKEN": ""},
            IN_ENVIRONMENT,
            Login(None, {**NONE, "app_id": "8", "app_private_key": "another"}),
        ),
        (APP, {"token": "b"}, {"GITHUB_TOKEN": "c"}, {}, Login(None, {**NONE, **APP})),
        ({}, APP, {}, {"GITHUB_TOKEN": "c"}, Login(None, {**NONE, **APP})),
        ({"app_id": 1}, {"app_private_key": "key"}, {}, {}, Login(None, {**NONE, **APP, "app_id": 1})),
        (
            {"app_id": 7},
            {},
            {"GITHUB_APP_PRIVATE_KEY": "key"},
            {"GITHUB_APP_INSTALLATION_ID": "11"},
            Login(None, {**APP, "app_installation_id": "11"}),
        ),
        ({}, {}, {}, IN_ENVIRONMENT, Login(None, {**NONE, "app_id": "8", "app_private_key": "another"})),
    ],
)
def test_variables_precede_defaults_and_defaults_precede_the_environment(
    variables: dict[str, Any],
    defaults: dict[str, Any],
    environment: dict[str, Any],
    process: dict[str, str],
    found: Login,
) -> None:
    assert login(variables, defaults, environment, process) == found


@pytest.mark.parametrize(
    ("variables", "defaults", "message"),
    [
        ({}, {}, "codespaces_secrets_token is unset"),
        ({"token": "a", "app_id": 7}, {}, "codespaces_secrets_token and codespaces_secrets_app_id are both set"),
        ({}, {"token": "a", "app_private_key": "key"}, "token and app_private_key are both set"),
        ({"app_id": None}, {}, "codespaces_secrets_app_id is null"),
        ({"token": "a"}, {"token": None}, "token is null"),
    ],
)
def test_a_host_needs_a_token_or_an_app(variables: dict[str, Any], defaults: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}"):
        login(variables, defaults, {}, {})
