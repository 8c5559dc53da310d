# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment variables of options that are not set."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils._options.argspec import (
    connection_argument_spec,
    fingerprints_argument_spec,
    scopes_argument_spec,
)
from ansible_collections.devex.github.plugins.module_utils._options.environment import ignored_app, read

SPEC = {**connection_argument_spec(), **fingerprints_argument_spec(), **scopes_argument_spec()}
PEM = "-----BEGIN RSA PRIVATE KEY-----"
GITHUB_TOKEN = {"GITHUB_TOKEN": "ghp_one"}
GH_TOKEN = {"GH_TOKEN": "ghp_two"}
GITHUB_APP = {"GITHUB_APP_ID": "8", "GITHUB_APP_PRIVATE_KEY": PEM}
OPTION: dict[str, Any] = {"token": "ghp_abc"}
APP: dict[str, Any] = {"app_id": 7}
NO_APP = {"app_id": None, "app_private_key": None, "app_installation_id": None}


@pytest.mark.parametrize(
    ("given", "environment", "used"),
    [
        ({}, {}, {}),
        ({}, GITHUB_APP, {"app_id": "8", "app_private_key": PEM}),
        ({}, {**GH_TOKEN, **GITHUB_TOKEN}, {"token": "ghp_one"}),
        ({}, {**GH_TOKEN, **GITHUB_APP}, {"token": "ghp_two"}),
        (OPTION, {**GITHUB_TOKEN, **GITHUB_APP}, OPTION),
        (APP, GITHUB_TOKEN, APP),
        (APP, {**GITHUB_TOKEN, **GITHUB_APP}, {**APP, "app_private_key": PEM}),
        ({"app_private_key": PEM}, GITHUB_APP, {"app_id": "8", "app_private_key": PEM}),
        ({**OPTION, **APP}, GITHUB_APP, {**OPTION, **APP}),
        # The role sets the options of an App to null if a host has a token.
        (NO_APP, {**GITHUB_TOKEN, **GITHUB_APP}, {**NO_APP, "token": "ghp_one"}),
        ({}, {"GITHUB_API_URL": "https://a"}, {"api_url": "https://a"}),
        ({"api_url": "https://b"}, {"GITHUB_API_URL": "https://a"}, {"api_url": "https://b"}),
        (
            OPTION,
            {"DEVEX_GITHUB_FINGERPRINTS": "/a", "DEVEX_GITHUB_FINGERPRINT_KEY": "b"},
            {**OPTION, "fingerprints": "/a", "fingerprint_key": "b"},
        ),
    ],
)
def test_an_option_precedes_the_environment_of_the_other_kind(
    given: dict[str, Any], environment: dict[str, str], used: dict[str, Any]
) -> None:
    assert read(SPEC, given, environment) == (used, [])


@pytest.mark.parametrize(
    ("environment", "used"),
    [
        ({**GITHUB_APP, "GITHUB_APP_INSTALLATION_ID": ""}, {"app_id": "8", "app_private_key": PEM}),
        ({**GITHUB_APP, "GITHUB_TOKEN": ""}, {"app_id": "8", "app_private_key": PEM}),
        ({"GITHUB_APP_ID": "", "GITHUB_APP_PRIVATE_KEY": ""}, {}),
        ({"GITHUB_TOKEN": "", **GH_TOKEN}, {"token": "ghp_two"}),
        # These fail later, with a clear error.
        ({"GITHUB_TOKEN": ""}, {"token": ""}),
        ({"GITHUB_API_URL": ""}, {"api_url": ""}),
        ({"DEVEX_GITHUB_FINGERPRINT_KEY": ""}, {"fingerprint_key": ""}),
    ],
)
def test_an_empty_variable_of_credentials_counts_as_unset(environment: dict[str, str], used: dict[str, Any]) -> None:
    assert read(SPEC, {}, environment) == (used, [])


@pytest.mark.parametrize(
    ("given", "environment", "of_user", "used"),
    [
        ({**OPTION, **APP}, {}, True, {**OPTION, **NO_APP}),
        ({**OPTION, **APP, "user": True}, {}, False, {**OPTION, **NO_APP, "user": True}),
        ({**OPTION, **APP, "user": "yes"}, {}, False, {**OPTION, **NO_APP, "user": "yes"}),
        ({**OPTION, **APP, "user": "no"}, {}, False, {**OPTION, **APP, "user": "no"}),
        (APP, GITHUB_TOKEN, True, {"token": "ghp_one", **NO_APP}),
        (APP, {"GITHUB_TOKEN": ""}, True, APP),
        ({}, {**GITHUB_TOKEN, **GITHUB_APP}, True, {"token": "ghp_one", **NO_APP}),
        ({}, GITHUB_APP, True, {"app_id": "8", "app_private_key": PEM}),
    ],
)
def test_a_task_for_a_user_ignores_an_app_beside_a_token(
    given: dict[str, Any], environment: dict[str, str], of_user: bool, used: dict[str, Any]
) -> None:
    assert read(SPEC, given, environment, of_user=of_user) == (used, [])


@pytest.mark.parametrize("text", [PEM, "ghp_0123456789abcdefghij", "9" * 5000, "Iv1.0123456789abcdef", "4711.5"])
def test_a_malformed_id_in_the_environment_is_not_shown(text: str) -> None:
    used, (about_id, about_installation) = read(SPEC, {}, {"GITHUB_APP_ID": text, "GITHUB_APP_INSTALLATION_ID": text})
    number = "must be a whole number of a few digits, not text."
    assert used == {}
    assert about_id == f"GITHUB_APP_ID {number} Set the App ID from the settings of the GitHub App, not its client ID."
    assert about_installation == f"GITHUB_APP_INSTALLATION_ID {number}"


@pytest.mark.parametrize("variable", ["GITHUB_API_URL", "DEVEX_GITHUB_FINGERPRINTS"])
@pytest.mark.parametrize(
    "text", [f"{PEM}\nMIIEvQ", "github_pat_0123456789abcdefghij", "https://ghs_0123456789abcdefghij"]
)
def test_a_credential_in_another_variable_is_not_shown(variable: str, text: str) -> None:
    used, (error,) = read(SPEC, {}, {variable: text})
    assert used == {}
    assert error.startswith(f"{variable} contains a private key or a token, so it is not shown.")


def test_a_login_in_the_api_url_of_the_environment_is_not_shown() -> None:
    used, (error,) = read(SPEC, {}, {"GITHUB_API_URL": "https://me:secret@github.com"})
    assert used == {}
    assert error.startswith("GITHUB_API_URL contains a login, so it is not shown.")


@pytest.mark.parametrize(
    ("given", "environment", "of_user", "warns"),
    [
        ({}, {**GITHUB_TOKEN, **GITHUB_APP}, False, True),
        (NO_APP, {**GITHUB_TOKEN, **GITHUB_APP}, False, True),
        ({}, {**GITHUB_TOKEN, **GITHUB_APP}, True, False),
        ({"user": True}, {**GITHUB_TOKEN, **GITHUB_APP}, False, False),
        (OPTION, {**GITHUB_TOKEN, **GITHUB_APP}, False, False),
        (APP, {**GITHUB_TOKEN, **GITHUB_APP}, False, False),
        ({}, {**GITHUB_APP, "GITHUB_TOKEN": ""}, False, False),
        ({}, {**GITHUB_TOKEN, "GITHUB_APP_ID": ""}, False, False),
    ],
)
def test_an_app_in_the_environment_beside_a_token_is_reported(
    given: dict[str, Any], environment: dict[str, str], of_user: bool, warns: bool
) -> None:
    found = ignored_app(given, environment, of_user=of_user)
    assert [text.partition(".")[0] for text in found] == ["GITHUB_TOKEN and GITHUB_APP_ID are both set"] * warns
