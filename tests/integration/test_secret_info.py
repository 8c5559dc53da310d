# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List secrets with the info module."""

from __future__ import annotations

from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import Ansible, Task


def info(**options: Any) -> Task:
    return {"devex.github.codespaces_secret_info": options}


def test_info_lists_secrets(ansible: Ansible, emulator: Emulator) -> None:
    app = emulator.repositories()["octo-org/app"]
    for scope, name in (("repo:octo-org/app", "ONE"), ("repo:octo-org/app", "TWO"), ("user", "ALONE")):
        emulator.edit(scope, name, value="text")
    emulator.edit("org:octo-org", "PRIVATE", value="text")
    mine = {"name": "MINE", "value": "text", "selected_repositories": [app]}
    ansible.play({"devex.github.codespaces_user_secret": mine})
    run = ansible.play(
        info(repository="octo-org/app"),
        info(repository="octo-org/app", name="two"),
        info(repository="octo-org/app", name="NONE"),
        info(user=True),
        info(user=True, gather_selected_repositories=True),
        info(organization="octo-org", gather_selected_repositories=True),
        info(repository="octo-org/nope"),
        info(organization="nobody"),
        info(repository="octo-org/app", gather_selected_repositories=True),
        check=True,
    )
    assert run.changed == [False] * 9
    names = [[secret["name"] for secret in result.get("secrets", [])] for result in run.results]
    assert names == [
        ["ONE", "TWO"],
        ["TWO"],
        [],
        ["ALONE", "MINE"],
        ["ALONE", "MINE"],
        ["PRIVATE"],
        [],
        [],
        [],
    ]
    assert [result["status"] for result in run.results] == ["ok"] * 6 + ["failed"] * 3
    assert "selected_repositories" not in run[3]["secrets"][0]
    lists = [secret["selected_repositories"] for secret in run[4]["secrets"]]
    assert lists == [[], [{"id": app, "full_name": "octo-org/app"}]]
    assert run.api_calls == [1, 1, 1, 1, 3, 1, 1, 1, 0]


@pytest.mark.thorough
def test_info_about_many_repositories(ansible: Ansible, emulator: Emulator) -> None:
    names = [f"octo-org/service-{i:02}" for i in range(30)]
    emulator.repositories(*names)
    for name in names:
        emulator.edit(f"repo:{name}", "ONE", value="text")
    run = ansible.play(info(repositories=names), info(repositories=[*names, "octo-org/nope"]), info())
    assert [secret["scope"] for secret in run[0]["secrets"]] == [f"repo:{name}" for name in names]
    assert run.api_calls == [30, 31, 0]
    assert run[1]["status"] == "failed"
    assert "The secrets of 1 of 31 scopes could not be read." in run[1]["msg"]
    assert [row["scopes"] for row in run[1]["failures"]] == [["repo:octo-org/nope"]]
    assert len(run[1]["secrets"]) == 30
    assert "exactly one of repositories, organization, user: true" in run[2]["msg"]


def test_info_does_not_require_pynacl(ansible: Ansible, emulator: Emulator) -> None:
    stub = ansible.home / "stub/nacl"
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text("raise ImportError('none here')\n", encoding="utf-8")
    without = Ansible(ansible.home, {**ansible.environment, "PYTHONPATH": str(stub.parent)})
    run = without.play(info(user=True), {"devex.github.codespaces_user_secret": {"name": "A", "value": "text"}})
    assert [result["status"] for result in run.results] == ["ok", "failed"]
    assert "pynacl" in run[1]["msg"]


def test_every_module_accepts_the_defaults_of_the_group(ansible: Ansible, emulator: Emulator) -> None:
    """Return options that module_defaults sets for all modules."""
    record = {"fingerprints": str(ansible.home / "a-store"), "fingerprint_key": "8f14e45fceea167a5a36dedd4bea2543"}
    run = ansible.play(info(repository="octo-org/app", **record))
    assert run[0]["status"] == "ok"
    assert not (ansible.home / "a-store").exists()
