# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run tasks with malformed options. They fail with a clear error, and show no value and no token."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import TOKEN, Ansible, Run, Task, repo_secret
from .test_leaks import LINES, PLAIN, traces

ROW = {"name": "ONE", "value": "{{ plain }}"}
LIST = [ROW, {"name": "TWO", "value": "{{ lines }}"}]


def bulk(secrets: Any, **options: Any) -> Task:
    return {"devex.github.codespaces_secrets": {"repositories": ["octo-org/app"], "secrets": secrets, **options}}


def targets(*rows: Any) -> Task:
    return {"devex.github.codespaces_secrets": {"targets": list(rows)}}


#: A part of the error, and the task.
TASKS: list[tuple[str, Task]] = [
    ("secrets: row 1 must be a mapping, not a list", bulk(["{{ common }}", "{{ team }}"])),
    ("secrets: row 2 must be a mapping, not a list", bulk([ROW, [ROW]])),
    ("secrets: row 2 must be a mapping, not null", bulk([ROW, None])),
    ("secrets: row 2 must be a mapping, not a number", bulk([ROW, 5])),
    ("secrets: row 1 must be a mapping, not text", bulk(["{{ plain }}"])),
    ("secrets: row 1 must be a mapping, not text", bulk(["name=ONE value={{ plain }}"])),
    ("secrets must be a list, not a mapping. If it maps names to values", bulk({"ONE": "{{ plain }}"})),
    ("secrets must be a list, not text", bulk("{{ common }}{{ team }}")),
    ("secrets must be a list, not text", bulk("{{ plain }}")),
    (
        "secrets, row 2: vlaue is not an option. Did you mean value?",
        bulk([{"name": "ONE", "vlaue": "{{ plain }}"}, {"name": "TWO", "vlaue": ["{{ lines }}"]}]),
    ),
    ("secrets, row 1: ONE is not an option", bulk([{"ONE": "{{ plain }}"}, {"name": "TWO", "value": "{{ lines }}"}])),
    ("secrets, row 1: an option is unknown, and is not shown", bulk([{"{{ plain }}": "ONE"}])),
    ("secrets, row 1: nam is not an option. Did you mean name?", bulk([{"nam": "ONE", "value": "{{ plain }}"}])),
    ("missing required arguments: name", bulk([{"value": "{{ plain }}"}])),
    ("secrets, row 2: name is not allowed", bulk([ROW, {"name": "{{ plain }}", "value": "TWO"}])),
    ("name is not allowed", repo_secret(name="{{ lines }}", value="ONE")),
    (
        "ONE: the value is or contains Ansible Vault ciphertext",
        bulk([{**ROW, "value": "{{ plain }} $ANSIBLE_VAULT;1.1;AES256"}]),
    ),
    (
        "repository has a URL, which is not shown",
        repo_secret(repository="https://{{ plain }}@github.com/octo-org"),
    ),
    ("Write octo-org/app", bulk(LIST, repositories=["https://me:{{ plain }}@github.com/octo-org/app"])),
    ("row 1: name must be text, not a mapping", bulk([{"name": {"ONE": "{{ plain }}"}}])),
    ("row 1: value must be text, not a mapping", bulk([{"name": "ONE", "value": {"{{ plain }}": "{{ lines }}"}}])),
    ("row 1: value must be text, not a list", bulk([{"name": "ONE", "value": ["{{ plain }}", None]}])),
    ("row 1 must be text, not a mapping", bulk(LIST, repositories=[{"octo-org/app": "{{ plain }}"}])),
    ("prune_keep must be a list", bulk(LIST, prune_keep={"{{ plain }}": 1})),
    (
        "secret is not an option. Did you mean secrets?",
        {"devex.github.codespaces_secrets": {"repositories": ["octo-org/app"], "secret": LIST}},
    ),
    (
        "targets, row 1: secrets: row 1 must be a mapping, not a list",
        targets({"user": True, "secrets": ["{{ team }}"]}),
    ),
    ("targets: row 2 must be a mapping, not a list", targets({"user": True, "secrets": LIST}, ["{{ team }}"])),
    ("targets: row 1 must be a mapping, not text", targets("{{ plain }}")),
    ("targets, row 1: secrets must be a list", targets({"user": True, "secrets": {"ONE": "{{ plain }}"}})),
    ("targets, row 1: token must be text, not a list", targets({"user": True, "secrets": LIST, "token": [TOKEN]})),
    (
        "targets, row 1: tokne is not an option. Did you mean token?",
        targets({"user": True, "secrets": LIST, "tokne": TOKEN}),
    ),
    (
        "targets, row 1: secrets, row 1: name is not allowed",
        targets({"user": True, "secrets": [{"name": "{{ plain }}", "value": "ONE"}]}),
    ),
    (
        "targets, row 1: ONE: the value is or contains a mask",
        targets({"user": True, "secrets": [{"name": "ONE", "value": "{{ plain }}$REDACTED$"}]}),
    ),
    (
        "targets, row 1: secrets, row 1: vlaue is not",
        targets({"user": True, "secrets": [{"name": "ONE", "vlaue": "{{ plain }}"}]}),
    ),
    ("valeu", repo_secret(valeu="{{ plain }}")),
    ("secrets", repo_secret(value="{{ plain }}", secrets=LIST)),
    ("token must be text, not a list", repo_secret(value="{{ plain }}", token=[TOKEN])),
    ("token must be text, not a mapping", repo_secret(value="{{ plain }}", token={TOKEN: 1})),
    ("tokne", repo_secret(value="{{ plain }}", tokne=TOKEN)),
    ("timeout must be a whole number", repo_secret(value="{{ plain }}", timeout={"{{ plain }}": 1})),
    ("value must be text, not a mapping", repo_secret(value={"{{ plain }}": 1})),
    ("name must be text, not a list", repo_secret(name=["ONE", "{{ plain }}"])),
    (
        "values",
        {"devex.github.codespaces_secret_info": {"repository": "octo-org/app", "values": {"ONE": "{{ plain }}"}}},
    ),
]


def role(**variables: Any) -> Task:
    prefixed = {f"codespaces_secrets_{name}": value for name, value in variables.items()}
    return {
        "ansible.builtin.include_role": {"name": "devex.github.codespaces_secrets"},
        "vars": {"codespaces_secrets_repositories": ["octo-org/app"], **prefixed},
    }


ROLES: list[tuple[str, Task]] = [
    ("row 1 must be a mapping, not a list", role(secrets=["{{ common }}", "{{ team }}"])),
    ("row 2 must be a mapping, not null", role(secrets=[ROW, None])),
    ("row 1 must be a mapping, not text", role(secrets=["{{ plain }}"])),
    ("list", role(secrets={"ONE": "{{ plain }}"})),
    ("row 1 must be a mapping, not a list", role(user_secrets=["{{ common }}", "{{ team }}"])),
    ("list", role(user_secrets={"ONE": "{{ plain }}"})),
    (
        "user_secrets, row 1: vlaue is not an option. Did you mean value?",
        role(user_secrets=[{"name": "ONE", "vlaue": "{{ plain }}"}]),
    ),
    ("row 1 must be a mapping, not a list", role(for_team=["{{ common }}", "{{ team }}"])),
    ("for_team: row 1 must be a mapping, not a number", role(for_team=[5], secrets=LIST)),
    ("must be a list, not a mapping", role(for_team={"ONE": "{{ plain }}"})),
    ("must be a list, not text", role(for_team="{{ plain }}")),
    ("codespaces_secret_for_team", {**role(), "vars": {"codespaces_secret_for_team": LIST}}),
    ("secret ONE: 'nowhere' is undefined", role(for_team=[{**ROW, "value": "{{ plain }}{{ nowhere }}"}])),
    (
        "codespaces_secrets_for_team, row 1: name is not allowed",
        role(for_team=[{"name": "{{ plain }}", "value": "ONE"}]),
    ),
    (
        "Write octo-org/app",
        {**role(), "vars": {"codespaces_secrets_repositories": ["https://{{ plain }}@github.com/octo-org/app"]}},
    ),
    (
        "ONE: the value is or contains sops",
        role(secrets=[{"name": "ONE", "value": "{{ plain }} ENC[AES256_GCM,data:"}]),
    ),
    ("for_team, row 1: vlaue is not", role(for_team=[{"name": "ONE", "vlaue": "{{ plain }}"}])),
]


def play(ansible: Ansible, slips: list[tuple[str, Task]], *arguments: str, **environment: str) -> Run:
    """Return each task, with the variables of its rescue."""
    blocks = [
        {"block": [task], "rescue": [{"ansible.builtin.debug": {"var": "ansible_failed_result"}}]}
        for dummy, task in slips
    ]
    values = {"plain": PLAIN, "lines": LINES, "common": LIST, "team": LIST}
    variables = ansible.home / "values.json"
    variables.write_text(json.dumps(values), encoding="utf-8")
    playbook = ansible.home / "playbook.json"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": blocks}]), encoding="utf-8")
    return ansible.playbook(playbook, "-e", f"@{variables}", *arguments, **environment)


@pytest.mark.parametrize(
    ("slips", "own_process"),
    [
        pytest.param(TASKS, False, id="modules"),
        pytest.param(TASKS, True, id="modules in processes", marks=pytest.mark.thorough),
        pytest.param(ROLES, False, id="role"),
    ],
)
def test_a_malformed_option_fails_and_shows_no_value(
    slips: list[tuple[str, Task]], own_process: bool, ansible: Ansible, emulator: Emulator
) -> None:
    environment = {}
    if own_process:
        # A Python at another path runs modules in processes of their own.
        other = ansible.home / "python"
        other.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
        other.chmod(0o755)
        environment["ANSIBLE_PYTHON_INTERPRETER"] = str(other)
    # With the most verbose output, and with the invocation in the results.
    run = play(ansible, slips, "-vvvv", ANSIBLE_INJECT_INVOCATION="1", **environment)
    assert run.returncode == 0, "each of them is rescued"
    assert {call["method"] for call in emulator.calls()} <= {"GET"}
    for (named, dummy), message in zip(slips, run.failed, strict=True):
        assert named in message
    recorded = json.dumps(run.results, ensure_ascii=False)
    for secret in [trace for text in (PLAIN, LINES, TOKEN) for trace in traces(text)]:
        assert secret not in run.output
        assert secret not in recorded
