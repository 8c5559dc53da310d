# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules return the same result in Ansible's worker process and in a process of their own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import certifi
import pytest
from emulator.client import Emulator

from .conftest import OWN_PROCESS, TOKEN, Ansible, Run, Task, repo_secret

VARYING = ("created_at", "updated_at", "rate_limit", "deprecations")

USER = "devex.github.codespaces_user_secret"
USER_REPOS = "devex.github.codespaces_user_secret_repos"
ORG = "devex.github.codespaces_org_secret"
ORG_REPOS = "devex.github.codespaces_org_secret_repos"
BULK = "devex.github.codespaces_secrets"

RITUALS: dict[str, list[Task]] = {
    "repo_secret": [
        {**repo_secret(value="first"), "check_mode": True},
        repo_secret(value="first"),
        repo_secret(value="first"),
        {**repo_secret(value="second"), "check_mode": True},
        repo_secret(value="second", secret_name="NPM_TOKEN"),
        repo_secret(state="absent"),
        repo_secret(state="absent"),
    ],
    "user_secret": [
        {USER: {"name": "A", "value": "first", "selected_repositories": ["octo-org/app"]}},
        {USER: {"name": "A", "value": "first", "selected_repositories": ["octo-org/app"]}},
        {USER_REPOS: {"name": "A", "repositories": ["octo-org/api"]}},
        {USER_REPOS: {"name": "A", "repositories": ["octo-org/api"], "state": "exact"}},
        {USER: {"name": "A", "state": "absent"}},
    ],
    "org_secret": [
        {ORG: {"organization": "octo-org", "name": "A", "value": "1", "visibility": "selected"}},
        {ORG_REPOS: {"organization": "octo-org", "name": "A", "repositories": ["octo-org/app"]}},
        {ORG: {"organization": "octo-org", "name": "A", "visibility": "private"}},
        {ORG: {"organization": "octo-org", "name": "A", "state": "absent"}},
    ],
    "secrets": [
        {BULK: {"repositories": ["octo-org/app", "octo-org/api"], "secrets": [{"name": "A", "value": "one\n"}]}},
        {
            BULK: {
                "targets": [
                    {"repository": "octo-org/app", "secrets": [{"name": "B", "value": "two"}], "prune": True},
                    {"repository": "octo-org/none", "secrets": [{"name": "B", "value": "two"}]},
                ]
            },
            "no_log": True,
        },
        {"devex.github.codespaces_secret_info": {"repository": "octo-org/app"}},
        {"devex.github.codespaces_recommended_secrets_info": {"repository": "octo-org/app"}},
    ],
    "mistakes": [
        repo_secret(value=""),
        repo_secret(value=["in", "a", "list"]),
        repo_secret(value="x", encrypted_value="eA==", key_id="1"),
        repo_secret(valeu="x"),
        repo_secret(value="x", timeout="soon"),
        repo_secret(value="x", state="gone"),
        repo_secret(value="x", repository="octo-org/none"),
        repo_secret(value="x", token="bad token"),
        repo_secret(value="x", fingerprints="postgresql://user:pa@ss@host/database"),
        {"devex.github.codespaces_repo_secret": {"name": "A"}},
        {USER: {"name": "A", "value": "x", "selected_repositories": ["octo-org/none"]}},
        {BULK: {"repositories": ["octo-org/app"], "secrets": {"A": "x"}}},
        {BULK: {"repositories": ["octo-org/app"], "user": True, "secrets": []}},
        {"devex.github.codespaces_secret_info": {"name": "A"}},
    ],
}


def without_varying(value: Any) -> Any:
    """Return a result without what differs between two runs."""
    if isinstance(value, dict):
        return {key: without_varying(one) for key, one in value.items() if key not in VARYING}
    if isinstance(value, list):
        return [without_varying(one) for one in value]
    return re.sub("request ID [0-9A-F:]+", "request ID", value) if isinstance(value, str) else value


@pytest.mark.parametrize("ritual", RITUALS)
def test_both_ways_return_the_same_results(ritual: str, ansible: Ansible, emulator: Emulator) -> None:
    runs, states = [], []
    ways: tuple[dict[str, Any], ...] = ({}, OWN_PROCESS)
    if ritual not in ("user_secret", "mistakes"):
        # Each of the others has a task with a warning, which is part of the result.
        ansible = replace(ansible, warning="")
    for way in ways:
        emulator.reset()
        ansible.fingerprints.unlink(missing_ok=True)
        runs.append(ansible.play(*RITUALS[ritual], **way))
        states.append(without_varying(emulator.state()))
    here, own = (without_varying(run.results) for run in runs)
    assert here == own
    assert states[0] == states[1]
    assert "in a process of its own" not in runs[0].output


def test_a_loop_reads_the_public_key_once(ansible: Ansible, emulator: Emulator) -> None:
    names = [f"A{number}" for number in range(5)]
    run = ansible.play({**repo_secret(name="{{ item }}", value="v-{{ item }}"), "loop": names})
    assert [row["api_calls"] for row in run[0]["results"]] == [3, 2, 2, 2, 2]
    assert emulator.values("repo:octo-org/app") == {name: f"v-{name}" for name in names}
    assert sum("public-key" in call["path"] for call in emulator.calls()) == 1


def test_a_wrong_token_is_sent_once_in_a_loop(ansible: Ansible, emulator: Emulator) -> None:
    emulator.tokens({TOKEN: {"kind": "classic", "scopes": ["repo"], "user": "octocat"}})
    run = ansible.play({**repo_secret(name="{{ item }}", value="x", token="ghp_wrong"), "loop": ["A", "B", "C"]})
    assert all("401" in row["msg"] for row in run[0]["results"])
    assert [row["api_calls"] for row in run[0]["results"]] == [1, 0, 0]


def test_a_retry_sends_a_request_again(ansible: Ansible, emulator: Emulator) -> None:
    emulator.tokens({TOKEN: {"kind": "classic", "scopes": ["repo"], "user": "octocat"}})
    task = {**repo_secret(value="x", token="ghp_wrong"), "until": "result is succeeded", "retries": 2, "delay": 0}
    run = ansible.play({**task, "register": "result"})
    assert run[0]["attempts"] == 2
    assert len(emulator.calls()) == 3


def test_the_items_of_a_loop_may_have_different_tokens(ansible: Ansible, emulator: Emulator) -> None:
    emulator.tokens({TOKEN: {"kind": "classic", "scopes": ["repo"], "user": "octocat"}})
    tokens = [TOKEN, "ghp_wrong", TOKEN]
    run = ansible.play({**repo_secret(value="x", token="{{ item }}"), "loop": tokens})
    assert ["401" in row.get("msg", "") for row in run[0]["results"]] == [False, True, False]
    assert [row["api_calls"] for row in run[0]["results"]] == [3, 1, 1]


def test_a_module_in_the_worker_writes_no_files_to_ansibles_directory(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.playbook(
        playbook_of(ansible, repo_secret(value="no-trace-of-this")), "-vvv", ANSIBLE_KEEP_REMOTE_FILES="true"
    )
    assert run.returncode == 0, run.output
    assert "EXEC" not in run.output
    assert emulator.values("repo:octo-org/app")["NPM_TOKEN"] == "no-trace-of-this"
    left = [path for path in (ansible.home / ".ansible").rglob("*") if path.is_file()]
    assert not any(b"no-trace-of-this" in path.read_bytes() for path in left)


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        ({}, None),
        ({"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}}, None),
        ({"vars": {"ansible_python_interpreter": "auto_silent"}}, None),
        ({"delegate_to": "other", "vars": {"ansible_connection": "local"}}, None),
        ({"environment": {}}, None),
        ({"environment": "{{ {'A': 'b'} }}"}, "the task has an environment"),
        ({"vars": {"ansible_python_interpreter": "/OTHER/python"}}, "ansible_python_interpreter is /OTHER/python"),
    ],
)
def test_verbose_output_explains_why_a_module_has_its_own_process(
    task: Task, reason: str | None, ansible: Ansible, emulator: Emulator
) -> None:
    # A Python at another path, with the same libraries.
    other = ansible.home / "other"
    other.mkdir()
    (other / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    (other / "python").chmod(0o755)
    text = str({**repo_secret(value="x"), **task}).replace("/OTHER", str(other))
    run = ansible.playbook(playbook_of(ansible, eval(text)), "-vvv")
    assert run.returncode == 0, run.output
    shown = [line for line in run.output.splitlines() if "in a process of its own" in line]
    assert bool(shown) is (reason is not None)
    if reason is not None:
        assert reason.replace("/OTHER", str(other)) in shown[0]


@pytest.mark.parametrize("way", [{}, OWN_PROCESS])
def test_a_relative_path_starts_at_the_directory_of_the_playbook(
    way: Task, ansible: Ansible, emulator: Emulator
) -> None:
    directory = ansible.home / "plays"
    directory.mkdir()
    shutil.copy(certifi.where(), directory / "ca.pem")
    path = playbook_of(ansible, {**repo_secret(value="x", ca_path="ca.pem"), **way}).rename(directory / "play.json")
    run = ansible.playbook(path)
    assert run.changed == [True], run.output


def test_a_read_only_home_does_not_fail_a_task_that_records_nothing(ansible: Ansible, emulator: Emulator) -> None:
    run: Run = ansible.play(repo_secret(value="x", update_value="always"))
    assert run.changed == [True]


def playbook_of(ansible: Ansible, task: Task) -> Path:
    """Write a playbook with one task."""
    path = ansible.home / "playbook.json"
    path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("way", "seconds"),
    # The start of a process takes some seconds on a busy machine.
    [({}, 8), pytest.param(OWN_PROCESS, 20, marks=pytest.mark.thorough)],
    ids=["worker", "process"],
)
def test_a_timeout_during_a_request_reports_the_written_secrets(
    way: Task, seconds: int, ansible: Ansible, emulator: Emulator
) -> None:
    emulator.fault("delay", method="PUT", path="/repos/octo-org/app/codespaces/secrets/S3", seconds=60)
    rows = [{"name": f"S{number}", "value": "text"} for number in range(6)]
    task: Task = {BULK: {"repositories": ["octo-org/app"], "secrets": rows, "concurrency": 1}}
    run = ansible.play({**task, "timeout": seconds, **way})
    assert "The task's timeout is over" in run.failed[0]
    applied = {name for row in run[0]["applied"] for name in row["names"]}
    assert {"S0", "S1", "S2"} <= applied <= {"S0", "S1", "S2", "S3"}
    assert run[0]["summary"]["created"] == 3


@pytest.mark.parametrize("way", [{}, OWN_PROCESS], ids=["worker", "process"])
def test_a_task_runs_although_the_working_directory_was_deleted(
    way: Task, ansible: Ansible, emulator: Emulator
) -> None:
    directory = ansible.home / "gone"
    directory.mkdir()
    tasks: list[Task] = [
        {"ansible.builtin.file": {"path": str(directory), "state": "absent"}},
        {**repo_secret(value="x"), **way},
    ]
    playbook = ansible.home / "playbook.json"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    process = subprocess.run(
        ["ansible-playbook", str(playbook)],
        cwd=directory,
        env=ansible.environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert emulator.values("repo:octo-org/app") == {"NPM_TOKEN": "x"}
