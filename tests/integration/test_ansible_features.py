# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the modules with Ansible's features: defaults, loops, asynchronous tasks, other hosts, other users."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import TOKEN, Ansible, Run, Task, repo_secret

pytestmark = pytest.mark.thorough

SCOPE = "repo:octo-org/app"
VALUE = "correct horse battery staple"


def without(ansible: Ansible, *names: str) -> Ansible:
    return Ansible(ansible.home, {key: text for key, text in ansible.environment.items() if key not in names})


def on(ansible: Ansible, inventory: dict[str, dict[str, Any]], *tasks: Task, hosts: str = "all") -> Run:
    """Run tasks on hosts of an inventory. Hosts without variables are this machine."""
    local = {
        "ansible_connection": "local",
        "ansible_python_interpreter": ansible.environment["ANSIBLE_PYTHON_INTERPRETER"],
    }
    path = ansible.home / "inventory.json"
    rows = {name: variables or local for name, variables in inventory.items()}
    path.write_text(json.dumps({"all": {"hosts": rows}}), encoding="utf-8")
    return ansible.plays([{"hosts": hosts, "gather_facts": False, "tasks": list(tasks)}], "-i", str(path))


def test_module_defaults_of_the_action_group_apply(ansible: Ansible, emulator: Emulator) -> None:
    bare = without(ansible, "GITHUB_API_URL", "GITHUB_TOKEN")
    elsewhere = {"selected_repositories": ["octo-org/web"]}
    run = bare.play(
        {"devex.github.codespaces_repo_secret": {"repository": "octo-org/app", "name": "ONE", "value": VALUE}},
        {"devex.github.codespaces_user_secret": {"name": "TWO", "value": VALUE, **elsewhere}},
        {"devex.github.codespaces_user_secret_repos": {"name": "TWO", "repositories": ["octo-org/app"]}},
        {
            "devex.github.codespaces_org_secret": {
                "organization": "octo-org",
                "name": "THREE",
                "value": VALUE,
                "visibility": "selected",
                **elsewhere,
            }
        },
        {
            "devex.github.codespaces_org_secret_repos": {
                "organization": "octo-org",
                "name": "THREE",
                "repositories": ["octo-org/app"],
            }
        },
        {"devex.github.codespaces_secrets": {"user": True, "secrets": [{"name": "FOUR", "value": VALUE, **elsewhere}]}},
        {"devex.github.codespaces_secret_info": {"user": True}},
        module_defaults={"group/devex.github.github": {"token": TOKEN, "api_url": emulator.url}},
    )
    assert [result["status"] for result in run.results] == ["ok"] * 7
    assert run.changed == [True] * 6 + [False]
    assert TOKEN not in run.output


def test_a_task_in_check_mode_sends_nothing(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play({**repo_secret(value=VALUE), "check_mode": True}, repo_secret(name="OTHER", value=VALUE))
    assert run.changed == [True, True]
    assert emulator.values(SCOPE) == {"OTHER": VALUE}


def test_a_task_without_check_mode_writes_in_a_dry_run(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play(
        {**repo_secret(value=VALUE), "check_mode": False}, repo_secret(name="OTHER", value=VALUE), check=True
    )
    assert run.changed == [True, True]
    assert emulator.values(SCOPE) == {"NPM_TOKEN": VALUE}


def test_loop(ansible: Ansible, emulator: Emulator) -> None:
    wanted = {"ONE": "the first value", "TWO": "the second value"}
    task = {
        **repo_secret(name="{{ item.key }}", value="{{ item.value }}"),
        "loop": "{{ wanted | dict2items }}",
        "loop_control": {"label": "{{ item.key }}"},
    }
    run = ansible.play(task, task, vars={"wanted": wanted})
    assert [[row["reason"] for row in result["results"]] for result in run.results] == [
        ["created", "created"],
        ["unchanged", "unchanged"],
    ]
    assert emulator.values(SCOPE) == wanted
    assert not any(value in run.output for value in wanted.values())


@pytest.mark.parametrize("poll", [1, 0])
def test_async(poll: int, ansible: Ansible, emulator: Emulator) -> None:
    status: Task = {"ansible.builtin.async_status": {"jid": "{{ job.ansible_job_id }}"}}
    cleanup: Task = {"ansible.builtin.async_status": {"jid": "{{ job.ansible_job_id }}", "mode": "cleanup"}}
    wait = {"register": "status", "until": "status is finished", "retries": 100, "delay": 0.1}
    jobs = ansible.home / "jobs"
    # Ansible reads them in the home directory of the user, regardless of $HOME, but writes them to $HOME.
    asynchronous = Ansible(ansible.home, {**ansible.environment, "ANSIBLE_ASYNC_DIR": str(jobs)})
    job = {**repo_secret(value=VALUE), "async": 60, "poll": poll, "register": "job"}
    run = asynchronous.play(job, *([] if poll else [{**status, **wait}, cleanup]))
    assert run.returncode == 0
    result = run[0 if poll else 1]
    assert (result["changed"], result["reason"], result["api_calls"]) == (True, "created", 3)
    assert emulator.values(SCOPE) == {"NPM_TOKEN": VALUE}
    assert VALUE not in run.output
    # Since ansible-core 2.22, they contain the values that the controller must mask.
    assert list(jobs.iterdir()) == []


def test_delegation(ansible: Ansible, emulator: Emulator) -> None:
    inventory = {"here": {"ansible_host": "192.0.2.1", "ansible_ssh_timeout": 1}, "there": {}}
    run = on(ansible, inventory, {**repo_secret(value=VALUE), "delegate_to": "there"}, hosts="here")
    assert [(row["status"], row["host"], row["reason"]) for row in run.results] == [("ok", "here", "created")]
    assert emulator.values(SCOPE) == {"NPM_TOKEN": VALUE}


def test_two_hosts_at_once(ansible: Ansible, emulator: Emulator) -> None:
    task = repo_secret(repository="octo-org/{{ inventory_hostname }}", value="value of {{ inventory_hostname }}")
    once = {**repo_secret(name="ONCE", value=VALUE), "run_once": True}
    run = on(ansible, {"app": {}, "api": {}}, task, task, once)
    assert sorted(run.changed) == [False, False, True, True, True]
    assert emulator.values(SCOPE) == {"NPM_TOKEN": "value of app", "ONCE": VALUE}
    assert emulator.values("repo:octo-org/api") == {"NPM_TOKEN": "value of api"}


@pytest.mark.parametrize("method", ["sudo", "su"])
def test_become(method: str, ansible: Ansible, emulator: Emulator) -> None:
    if os.geteuid() != 0 or shutil.which(method) is None:
        pytest.skip(f"needs {method} without a password, which root has")
    environment = {
        "GITHUB_API_URL": emulator.url,
        "GITHUB_TOKEN": TOKEN,
        "DEVEX_GITHUB_FINGERPRINTS": str(ansible.home / "of-root.sqlite3"),
    }
    task = {**repo_secret(value=VALUE), "become": True, "become_method": method, "environment": environment}
    run = without(ansible, *environment).play(task, task)
    assert run.reasons == ["created", "unchanged"]
    assert (ansible.home / "of-root.sqlite3").exists()


def bulk(**options: Any) -> Task:
    rows = [{"name": f"SECRET_{number}", "value": VALUE} for number in range(4)]
    return {"devex.github.codespaces_secrets": {"repositories": ["octo-org/app"], "secrets": rows, **options}}


def test_a_long_task_prints_its_progress(ansible: Ansible, emulator: Emulator) -> None:
    emulator.fault("delay", method="PUT", seconds=4, times=None)
    task = bulk(repositories=["octo-org/{{ inventory_hostname }}"], concurrency=1)
    run = on(ansible, {"app": {}, "api": {}}, {**task, "name": "Give secrets"})
    assert run.changed == [True, True]
    for host in ("app", "api"):
        lines = [line for line in run.stderr.splitlines() if line.startswith(f"[{host}]")]
        assert lines
        for line in lines:
            assert re.fullmatch(rf"\[{host}\] Give secrets: [1234] of 4 secrets written", line)
    # The output of callbacks does not contain it.
    assert run.output.count("secrets written") == run.stderr.count("secrets written")


def test_the_action_plugin_works_with_async_and_loop_and_become(ansible: Ansible, emulator: Emulator) -> None:
    ways: dict[str, Task] = {
        "async": {"async": 60, "poll": 1},
        "loop": {"loop": [1, 2]},
        "environment": {"environment": {"A": "b"}},
        "environments": {"environment": [{"A": "b"}]},
    }
    if os.geteuid() == 0 and shutil.which("su") is not None:
        # Root does not need a password.
        given = {"GITHUB_API_URL": emulator.url, "GITHUB_TOKEN": TOKEN, "XDG_STATE_HOME": str(ansible.home)}
        ways["become"] = {"become": True, "become_method": "su", "environment": given}
    where = {f"octo-org/{name}": how for name, how in ways.items()}
    emulator.repositories(*where)
    asynchronous = {"ANSIBLE_ASYNC_DIR": str(ansible.home / "jobs")}
    run = replace(ansible, environment={**ansible.environment, **asynchronous}).play(
        *({**bulk(repositories=[name]), **how} for name, how in where.items())
    )
    assert run.returncode == 0
    assert run.failed == []
    for name in where:
        assert len(emulator.values(f"repo:{name}")) == 4


@pytest.mark.parametrize(
    "environment",
    [{"ANSIBLE_PIPELINING": "1"}, {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal"}],
    ids=["pipelining", "another callback"],
)
def test_settings_of_ansible(environment: dict[str, str], ansible: Ansible, emulator: Emulator) -> None:
    run = Ansible(ansible.home, {**ansible.environment, **environment}).play(bulk())
    assert run.changed == [True]
    assert len(emulator.values(SCOPE)) == 4


def test_tags(ansible: Ansible, emulator: Emulator) -> None:
    tasks = [{**repo_secret(name=name, value=VALUE), "tags": [name]} for name in ("ONE", "TWO")]
    run = ansible.plays([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}], "--tags", "TWO")
    assert run.changed == [True]
    assert emulator.values(SCOPE) == {"TWO": VALUE}


def test_no_log_hides_the_diff(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play({**repo_secret(value=VALUE), "no_log": True})
    assert run.changed == [True]
    assert "octo-org" not in run.output
    assert "NPM_TOKEN" not in run.output
    assert emulator.values(SCOPE) == {"NPM_TOKEN": VALUE}


def test_until(ansible: Ansible, emulator: Emulator) -> None:
    emulator.fault("status", status=500, times=2)
    again = {"register": "result", "until": "result is success", "retries": 5, "delay": 0}
    run = ansible.play({**repo_secret(value=VALUE, retries=0), **again})
    assert (run[0]["status"], run[0]["reason"], run[0]["attempts"]) == ("ok", "created", 3)


def test_results_in_conditions_and_handlers(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play(
        {**repo_secret(value=VALUE), "register": "result", "notify": "Tell"},
        {"ansible.builtin.debug": {"msg": "written"}, "when": "result is changed and result.reason == 'created'"},
        {**repo_secret(value=VALUE), "failed_when": "false", "changed_when": "false"},
        handlers=[{"name": "Tell", "ansible.builtin.debug": {"msg": "message"}}],
    )
    assert [result.get("msg") for result in run.results] == [None, "written", None, "message"]


def test_a_short_name_and_environment_of_a_task(ansible: Ansible, emulator: Emulator) -> None:
    task = {
        "codespaces_repo_secret": {"repo": "octo-org/app", "secret_name": "NPM_TOKEN", "value": VALUE},
        "environment": {"GH_TOKEN": TOKEN},
    }
    run = without(ansible, "GITHUB_TOKEN").play(task, collections=["devex.github"])
    assert run.changed == [True]


def test_ad_hoc(ansible: Ansible, emulator: Emulator) -> None:
    arguments = {"repository": "octo-org/app", "name": "NPM_TOKEN", "value": VALUE}
    command = ["ansible", "localhost", "-m", "devex.github.codespaces_repo_secret", "-a", json.dumps(arguments)]
    outputs = []
    for options in (["--check", "--diff"], [], []):
        done = subprocess.run(
            [*command, *options],
            cwd=ansible.home,
            env=dict(ansible.environment),
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        outputs.append(done.stdout + done.stderr)
    assert [output.count("CHANGED") for output in outputs] == [1, 1, 0]
    assert '"reason": "unchanged"' in outputs[2]
    assert VALUE not in "".join(outputs)
    assert "WARNING" not in "".join(outputs)
    assert emulator.values(SCOPE) == {"NPM_TOKEN": VALUE}
