# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.plugin_utils._role.variables import refuse_near_misses

ONE = {"name": "ONE", "value": "first value"}
TWO = {"name": "TWO", "value": "second value"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("codespaces_secret_for_x", "codespaces_secrets_for_NAME"),
        ("codespace_secrets_for_x", "codespaces_secrets_for_NAME"),
        ("codespaces_secerts_for_x", "codespaces_secrets_for_NAME"),
        ("codespaces_secrets_For_x", "codespaces_secrets_for_NAME"),
        ("codespaces_secrets_fro_x", "codespaces_secrets_for_NAME"),
        ("codespaces_secrets_forx", "codespaces_secrets_for_NAME"),
        ("codespaces_secrets_for_", "codespaces_secrets_for_NAME"),
        ("codespaces_secrets_for", "codespaces_secrets_for_NAME"),
        ("codespaces_secrets_org_for_x", "codespaces_secrets_for_NAME"),
        ("codespaces_secrets_secret", "codespaces_secrets_secrets"),
        ("codespaces_secrets_user_secret", "codespaces_secrets_user_secrets"),
        ("codespaces_secrets_organisation_secrets", "codespaces_secrets_organization_secrets"),
        ("codespaces_secrets_users", "codespaces_secrets_user_secrets"),
        ("codespaces_user_secrets", "codespaces_secrets_user_secrets"),
        ("codespaces_secrets_org_secrets", "codespaces_secrets_organization_secrets"),
    ],
)
def test_a_misspelt_variable_fails_with_the_right_name_and_its_secrets(name: str, meant: str) -> None:
    with pytest.raises(
        InputError, match=f"^{name} \\(with ONE, TWO\\) is not a variable of the role. Rename it to {meant},"
    ):
        refuse_near_misses({name: [ONE, TWO]})


@pytest.mark.parametrize(
    "name",
    [
        "codespaces_secrets_for_x",
        "codespaces_secrets_for_x_for_y",
        "codespaces_secrets_secrets",
        "codespaces_secrets_organization",
        "codespaces_secrets_result",
        "codespaces_secrets_prune_all",
        "codespaces_secrets_update_value",
        "codespaces_secrets_updated",
        "codespaces_secrets_all",
        "codespaces_secrets_tokens",
        "codespaces_secrets_by_team",
        "vault_codespaces_secrets_for_x",
        "dependabot_secrets_for_x",
        "common_secrets",
        "codespaces",
    ],
)
def test_variables_with_other_names_are_ignored(name: str) -> None:
    refuse_near_misses({name: [ONE]})


@pytest.mark.parametrize("value", ["octo-org", True, 5, ["red", "blue"]])
def test_a_variable_without_secrets_may_have_a_similar_name(value: Any) -> None:
    refuse_near_misses({"codespaces_secrets_owner": value, "codespaces_secrets_users": value})


@pytest.mark.parametrize("value", ["{{ ours }}", ["{{ one }}"], [{"value": "x"}], [], {"name": "ONE"}, None, "[{}]"])
def test_a_variable_that_may_contain_secrets_may_not_have_a_similar_name(value: Any) -> None:
    with pytest.raises(InputError, match=r"Rename it to codespaces_secrets_for_NAME"):
        refuse_near_misses({"codespaces_secrets_fro_x": value})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("codespaces_secrets_prune_keeps", "codespaces_secrets_prune_keep"),
        ("codespaces_secret_prune_keep", "codespaces_secrets_prune_keep"),
        ("codespaces_secrets_prune_mx", "codespaces_secrets_prune_max"),
        ("codespaces_secrets_prune_al", "codespaces_secrets_prune_all"),
        ("codespaces_secrets_pruned", "codespaces_secrets_prune"),
    ],
)
def test_a_misspelt_variable_about_pruning_fails_with_the_right_name(name: str, meant: str) -> None:
    with pytest.raises(InputError, match=rf"Rename it to {meant},"):
        refuse_near_misses({name: ["LEGACY_*"]})


@pytest.mark.parametrize(
    "name", ["codespaces_secret_update_value", "codespaces_secrets_update_values", "codespaces_secrets_updated_value"]
)
def test_a_misspelt_update_value_fails(name: str) -> None:
    with pytest.raises(InputError, match="Rename it to codespaces_secrets_update_value,"):
        refuse_near_misses({name: "adopt"})
