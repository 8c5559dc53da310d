# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Since ansible-core 2.22, secrets are masked in all later output, except values that are too short."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible.release import __version__
from emulator.client import Emulator

from .conftest import OWN_PROCESS, SHORT_VALUE, TOKEN, Ansible, Task, repo_secret

MASKS_OUTPUT = tuple(map(int, __version__.split(".")[:2])) >= (2, 22)
LONG = "npm_0123456789"
STORE = "postgresql://octocat:hunter2@127.0.0.1:1/database"


def bulk(*values: str) -> Task:
    rows = [{"name": f"S{number}", "value": value} for number, value in enumerate(values)]
    return {"devex.github.codespaces_secrets": {"repositories": ["octo-org/app"], "secrets": rows}}


def show(text: str) -> Task:
    """Return a task that shows a text that is not in the playbook."""
    return {"ansible.builtin.debug": {"msg": f"shown: {{{{ '{text[::-1]}' | reverse }}}}"}}


@pytest.fixture(params=[{}, OWN_PROCESS], ids=["worker", "own process"])
def way(request: pytest.FixtureRequest) -> Task:
    found: Task = request.param
    return found


@pytest.mark.parametrize("short", ["e", "nge", "true", "changed", "failed"])
def test_a_short_value_leaves_the_output_readable(short: str, way: Task, ansible: Ansible, emulator: Emulator) -> None:
    tasks = [repo_secret(value=short), bulk(short, LONG), show(LONG), show("change")]
    run = ansible.play(*({"loop": [1, 2], **task, **way} for task in tasks[:2]), *tasks[2:])
    assert run.failed == []
    assert emulator.values("repo:octo-org/app") == {"NPM_TOKEN": short, "S0": short, "S1": LONG}
    assert "changed=2" in run.output
    # The first item of both loops.
    assert run.output.count("changed: [localhost]") == 2
    assert "shown: change" in run.output
    assert ("shown: $REDACTED$" in run.output) is MASKS_OUTPUT
    assert (f"shown: {LONG}" in run.output) is not MASKS_OUTPUT
    assert run.output.count(SHORT_VALUE) == MASKS_OUTPUT


def test_a_short_value_is_hidden_in_the_invocation(way: Task, ansible: Ansible, emulator: Emulator) -> None:
    ansible = replace(ansible, environment={**ansible.environment, "ANSIBLE_INJECT_INVOCATION": "true"})
    run = ansible.play({**repo_secret(value="Q7"), **way}, {**bulk("Q7", LONG), **way})
    assert all("invocation" in result for result in run.results)
    shown = json.dumps(run.results)
    assert "Q7" not in shown
    assert TOKEN not in shown
    assert LONG not in shown
    assert "NPM_TOKEN" in shown


def test_a_module_that_fails_warns_about_a_short_value(way: Task, ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play({**repo_secret(value="e", state="gone"), **way}, {**repo_secret(value="e", timeout=0), **way})
    assert len(run.failed) == 2
    assert "failed=0" in run.output
    assert [SHORT_VALUE in str(result.get("warnings")) for result in run.results] == [MASKS_OUTPUT] * 2


def test_the_password_of_a_store_is_masked(way: Task, ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play({**repo_secret(value=LONG, fingerprints=STORE), **way}, show("hunter2"))
    assert len(run.failed) == 1
    assert ("shown: hunter2" in run.output) is not MASKS_OUTPUT
    assert "hunter2@" not in run.output


@pytest.mark.parametrize(
    "expression",
    [
        "'A=npm_0123456789\nB=e' | devex.github.from_dotenv",
        "'npm_0123456789' | devex.github.seal('MzIgYnl0ZXMgdGhhdCBtYWtlIGEgcHVibGljIGtleS4=')",
    ],
    ids=["from_dotenv", "seal"],
)
def test_a_filter_registers_values(expression: str, ansible: Ansible) -> None:
    facts: Task = {"ansible.builtin.set_fact": {"facts": f"{{{{ {expression} }}}}"}}
    run = ansible.play(facts, {"ansible.builtin.debug": {"var": "facts"}}, show(LONG), show("one"))
    assert run.failed == []
    assert "shown: one" in run.output
    assert ("shown: $REDACTED$" in run.output) is MASKS_OUTPUT
    if MASKS_OUTPUT:
        assert LONG not in run.output


def test_the_token_of_the_inventory_is_masked(ansible: Ansible, emulator: Emulator) -> None:
    options: dict[str, Any] = {"organizations": ["octo-org"], "token": "{{ 'ghp_' ~ 'of_the_inventory' }}"}
    path = ansible.home / "x.repositories.yml"
    path.write_text(json.dumps({"plugin": "devex.github.repositories", **options}), encoding="utf-8")
    emulator.tokens({"ghp_of_the_inventory": {}})
    play = {"hosts": "octo-org/app", "gather_facts": False, "tasks": [show("ghp_of_the_inventory")]}
    run = ansible.plays([play], "-i", str(path))
    assert run.returncode == 0, run.output
    assert ("shown: $REDACTED$" in run.output) is MASKS_OUTPUT
