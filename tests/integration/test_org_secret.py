# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of an organization: the value, the visibility and the list of repositories."""

from __future__ import annotations

from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import Ansible, Task


def org_secret(**options: Any) -> Task:
    return {"devex.github.codespaces_org_secret": {"organization": "octo-org", "name": "NPM_TOKEN", **options}}


def org_repos(*repositories: str | int, **options: Any) -> Task:
    module = "devex.github.codespaces_org_secret_repos"
    return {module: {"organization": "octo-org", "name": "NPM_TOKEN", "repositories": list(repositories), **options}}


@pytest.mark.parametrize("without_value", ["accept", pytest.param("refuse", marks=pytest.mark.thorough)])
def test_organization_secrets(without_value: str, ansible: Ansible, emulator: Emulator, ids: dict[str, int]) -> None:
    emulator.switch(put_without_value=without_value)
    run = ansible.play(
        org_secret(value="1st"),
        org_secret(value="1st", visibility="private"),
        org_secret(value="1st", visibility="all"),
        org_secret(value="2nd"),
        org_secret(value="2nd", visibility="selected", selected_repositories=["octo-org/app"]),
        org_secret(value="3rd"),
        org_secret(selected_repositories=["octo-org/api"]),
        org_repos("octo-org/app"),
        org_repos("octo-org/app", state="absent"),
        org_secret(value="3rd", visibility="selected"),
        org_secret(state="absent"),
    )
    assert run.failed == []
    assert run.changed == [True, False, True, True, True, True, True, True, True, False, True]
    assert run.api_calls == [3, 1, 3, 3, 4, 4, 4, 4, 3, 1, 2]
    assert [operation["reason"] for operation in run[2]["operations"]] == ["visibility_changed"]
    bodies = [call["body"] for call in emulator.calls(writes_only=True)]
    assert [body and body.get("visibility") for body in bodies][:5] == ["private", "all", "all", "selected", "selected"]
    assert bodies[3]["selected_repository_ids"] == bodies[4]["selected_repository_ids"] == [ids["octo-org/app"]]


def test_a_list_needs_the_visibility_selected(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play(
        org_secret(value="text", visibility="all", selected_repositories=["octo-org/app"]),
        org_secret(value="text", visibility="all"),
        org_secret(selected_repositories=["octo-org/app"]),
        org_repos("octo-org/app"),
    )
    assert [result["status"] for result in run.results] == ["failed", "ok", "failed", "failed"]
    assert "visibility" in run[0]["msg"]
    assert "visibility" in run[2]["msg"]
    assert "selected_repositories requires visibility=selected" in run[3]["msg"]


@pytest.mark.thorough
def test_the_visibility_changes_without_the_value(ansible: Ansible, emulator: Emulator) -> None:
    change = org_secret(visibility="all")
    ansible.play(org_secret(value="text"))
    assert ansible.play(change, change).changed == [True, False]
    emulator.switch(put_without_value="refuse")
    run = ansible.play(org_secret(visibility="private"))
    assert run[0]["status"] == "failed"
    assert "422" in run[0]["msg"]
