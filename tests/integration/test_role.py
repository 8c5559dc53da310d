# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the role on the example inventory of the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import ROOT, Ansible

EXAMPLES = ROOT / "docs/examples/many-repositories"
INVENTORY = ("-i", str(EXAMPLES / "inventory.yml"))


@pytest.fixture
def bare(ansible: Ansible) -> Ansible:
    """Unset the interpreter, so that the role must choose one."""
    environment = {key: text for key, text in ansible.environment.items() if key != "ANSIBLE_PYTHON_INTERPRETER"}
    return Ansible(ansible.home, environment)


def names(emulator: Emulator) -> dict[str, list[str]]:
    state = emulator.state()
    return {scope.removeprefix("repo:"): sorted(state[scope]["secrets"]) for scope in state if state[scope]["secrets"]}


def test_the_example_of_the_role_works(bare: Ansible, emulator: Emulator) -> None:
    playbook = EXAMPLES / "playbook.yml"
    dry = bare.playbook(playbook, *INVENTORY, "--check")
    assert dry.returncode == 0
    assert names(emulator) == {}
    run = bare.playbook(playbook, *INVENTORY, "--forks", "10")
    assert run.returncode == 0
    assert names(emulator) == {
        "octo-org/app": ["DATABASE_URL", "NPM_TOKEN", "SENTRY_DSN"],
        "octo-org/api": ["DATABASE_URL", "SENTRY_DSN"],
        "octo-org/web": ["NPM_TOKEN", "SENTRY_DSN"],
        "user": ["DOTFILES_KEY"],
    }
    ids = emulator.repositories()
    key = emulator.secret("user", "DOTFILES_KEY")
    assert key is not None
    assert key["value"].startswith("-----BEGIN KEY-----\n")
    assert sorted(key["repository_ids"]) == sorted([ids["octo-org/app"], ids["octo-org/web"]])
    again = bare.playbook(playbook, *INVENTORY)
    assert True not in again.changed


def test_one_unreachable_repository_does_not_stop_the_others(bare: Ansible, emulator: Emulator) -> None:
    emulator.repositories({"full_name": "octo-org/api", "hidden": True})
    run = bare.playbook(EXAMPLES / "playbook.yml", *INVENTORY)
    assert run.returncode != 0
    assert [(row["status"], row["host"]) for row in run.results if row["status"] == "failed"] == [
        ("failed", "octo-org/api")
    ]
    assert sorted(names(emulator)) == ["octo-org/app", "octo-org/web", "user"]


def role(**variables: Any) -> list[dict[str, Any]]:
    prefixed = {f"codespaces_secrets_{name}": value for name, value in variables.items()}
    return [
        {
            "hosts": "all",
            "gather_facts": False,
            "tasks": [
                {
                    "ansible.builtin.include_role": {"name": "devex.github.codespaces_secrets"},
                    "vars": prefixed,
                }
            ],
        }
    ]


def test_a_list_of_repositories_and_prune(bare: Ansible, emulator: Emulator, tmp_path: Path) -> None:
    inventory = ("-i", "team,")
    repositories = ["octo-org/app", "octo-org/api"]
    wanted = [{"name": "ONE", "value": "text"}, {"name": "LEGACY", "value": "text"}]
    mine = [{**row, "selected_repositories": repositories} for row in wanted]
    bare.plays(role(repositories=repositories, secrets=wanted, token="ghp_token", user_secrets=mine), *inventory)
    assert names(emulator) == {name: ["LEGACY", "ONE"] for name in [*repositories, "user"]}
    run = bare.plays(
        role(repositories=repositories, prune=True, prune_all=True, prune_keep=["LEGACY"], user_secrets=mine),
        *inventory,
    )
    assert run.returncode == 0
    assert names(emulator) == {"octo-org/app": ["LEGACY"], "octo-org/api": ["LEGACY"], "user": ["LEGACY", "ONE"]}


def test_the_role_manages_only_the_user(bare: Ansible, emulator: Emulator) -> None:
    wanted = [{"name": "ONE", "value": "text", "selected_repositories": ["octo-org/app"]}]
    run = bare.plays(role(repositories=[], user_secrets=wanted), "-i", "localhost,")
    assert run.returncode == 0
    assert names(emulator) == {"user": ["ONE"]}


def test_arguments_are_validated_without_showing_values(bare: Ansible, emulator: Emulator) -> None:
    bad = [{"name": "ONE", "value": "hunter2-hunter2", "state": "gone"}]
    run = bare.plays(role(secrets=bad), "-i", "octo-org/app,", "-vvvv")
    assert run.returncode != 0
    assert "state" in run.failed[0]
    assert "hunter2-hunter2" not in run.output
    assert emulator.calls() == []
