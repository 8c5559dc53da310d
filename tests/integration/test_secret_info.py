# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is."""

from __future__ import annotations

from typing import Any

from emulator.client import Emulator

from .conftest import Ansible, Task


def info(**options: Any) -> Task:
    return {"devex.github.codespaces_secret_info": options}


def test_info(ansible: Ansible, emulator: Emulator) -> None:
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
        info(),
        info(gather_selected_repositories=True),
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
