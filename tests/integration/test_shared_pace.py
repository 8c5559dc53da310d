# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several tasks of a user together stay below GitHub's limits."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from emulator.client import Emulator

from .conftest import Ansible, Run, Task


def repositories(emulator: Emulator, number: int, team: str = "service") -> list[str]:
    """Add so many repositories."""
    names = [f"octo-org/{team}-{i:03}" for i in range(number)]
    emulator.repositories(*names)
    return names


def secrets(number: int, where: list[str], **options: object) -> Task:
    rows = [{"name": f"SECRET_{i:03}", "value": f"value-{i:03}"} for i in range(number)]
    return {"devex.github.codespaces_secrets": {"secrets": rows, "repositories": where, **options}}


def beside(ansible: Ansible, name: str) -> Ansible:
    """Return another shell of the same user, with its own files."""
    home = ansible.home / name
    home.mkdir()
    return replace(ansible, home=home)


def test_tasks_and_the_inventory_share_a_ledger(ansible: Ansible, emulator: Emulator) -> None:
    emulator.limit()
    info: Task = {"devex.github.codespaces_secret_info": {"repository": "octo-org/app"}}
    assert ansible.play(info, secrets(1, ["octo-org/app"])).failed == []
    source = ansible.home / "repositories.yml"
    source.write_text("plugin: devex.github.repositories\norganizations: [octo-org]\n")
    plays = [{"hosts": "localhost", "gather_facts": False, "tasks": [info]}]
    assert ansible.plays(plays, "--inventory", str(source)).failed == []
    directory = ansible.home / "state/devex.github/pace"
    [ledger] = [path for path in directory.iterdir() if path.name != "salt"]
    spent = json.loads(ledger.read_text())["rest"]["spent"]
    # Five reads and a write.
    assert len(emulator.calls()) == 6
    assert sum(points for dummy, points in spent) == 10


def test_a_task_does_without_a_ledger_if_its_directory_cannot_be_created(ansible: Ansible, emulator: Emulator) -> None:
    here = replace(ansible, environment={**ansible.environment, "XDG_STATE_HOME": "/proc/state"})
    info: Task = {"devex.github.codespaces_secret_info": {"repository": "octo-org/app"}}
    store = str(ansible.home / "fingerprints.sqlite3")
    run = here.play(info, secrets(1, ["octo-org/app"], fingerprints=store))
    assert run.failed == []
    assert run.changed == [False, True]


@pytest.mark.thorough
def test_a_dry_run_and_the_run_after_get_no_rejection(ansible: Ansible, emulator: Emulator) -> None:
    emulator.limit()
    task = secrets(5, repositories(emulator, 30))
    # A list for each repository, and in the run also a key and five writes.
    for dummy in range(4):
        assert ansible.play(task, check=True).failed == []
    assert ansible.play(task).failed == []
    assert emulator.refused() == 0


@pytest.mark.thorough
def test_two_playbooks_at_once_are_rejected_nothing_and_take_one_minute(ansible: Ansible, emulator: Emulator) -> None:
    # 2 lists, 2 keys and 166 writes each, without the time that fingerprints take.
    rows = [{"name": f"SECRET_{i:03}", "value": "v", "value_changed_at": "2026-01-01T00:00:00Z"} for i in range(83)]
    where = [repositories(emulator, 2, team) for team in ("one", "two")]
    tasks = [{"devex.github.codespaces_secrets": {"secrets": rows, "repositories": names}} for names in where]
    shells = [beside(ansible, name) for name in ("one", "two")]
    emulator.limit()
    started = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(Ansible.play, shells, tasks))
    elapsed = time.monotonic() - started
    assert [run.failed for run in runs] == [[], []]
    assert emulator.refused() == 0
    assert elapsed <= 1.2 * 61 + 12


@pytest.mark.thorough
def test_sixty_hosts_in_twenty_forks_are_rejected_nothing(ansible: Ansible, emulator: Emulator) -> None:
    where = repositories(emulator, 60)
    hosts = {name: {"ansible_connection": "local"} for name in where}
    inventory = ansible.home / "hosts.yml"

    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    emulator.limit()
    plays = [
        {
            "hosts": "all",
            "gather_facts": False,
            "strategy": "free",
            "tasks": [secrets(3, ["{{ inventory_hostname }}"])],
        }
    ]
    run: Run = ansible.plays(plays, "--inventory", str(inventory), "--forks", "20")
    assert run.failed == []
    assert run.changed == [True] * 60
    assert emulator.refused() == 0


def test_the_used_up_hour_of_codespaces_does_not_stop_the_inventory(ansible: Ansible, emulator: Emulator) -> None:
    emulator.limit(remaining=2, reset_in=600)
    assert "rate limit ends at" in ansible.play(secrets(4, ["octo-org/app"])).failed[0]
    source = ansible.home / "repositories.yml"
    source.write_text("plugin: devex.github.repositories\norganizations: [octo-org]\n")
    play = {"hosts": "octo-org/app", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": "found"}}]}
    run = ansible.plays([play], "--inventory", str(source))
    assert [row["host"] for row in run.results] == ["octo-org/app"]
    assert emulator.refused() == 0
