# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run large tasks at GitHub's pace. They finish without rate limits, and failures fit one screen."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import Ansible, Run, Task, heed_signals

pytestmark = pytest.mark.thorough

#: The size of a screen in bytes.
SCREEN = 16_000


def repositories(emulator: Emulator, number: int) -> list[str]:
    """Add so many repositories."""
    names = [f"octo-org/service-{i:03}" for i in range(number)]
    emulator.repositories(*names)
    return names


def secrets(number: int, where: list[str], **options: Any) -> Task:
    rows = [{"name": f"SECRET_{i:03}", "value": f"value-{i:03}"} for i in range(number)]
    return {"devex.github.codespaces_secrets": {"secrets": rows, "repositories": where, **options}}


def screen(run: Run) -> dict[str, Any]:
    """Return the result of the failed task, and check that it fits one screen."""
    assert len(run.output.encode()) < SCREEN, run.output
    assert run[0]["status"] == "failed"
    return run[0]


def failures(result: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Return the error of each failed secret, as a rescue can read it."""
    return {
        (scope, name): row["error"] for row in result["failures"] for scope in row["scopes"] for name in row["names"]
    }


def all_of(where: list[str], number: int) -> set[tuple[str, str]]:
    return {(f"repo:{name}", f"SECRET_{i:03}") for name in where for i in range(number)}


def test_a_run_beyond_a_minutes_points_gets_no_rate_limit(ansible: Ansible, emulator: Emulator) -> None:
    where = repositories(emulator, 40)
    task = secrets(5, where)
    dry = ansible.play(task, check=True)
    # A list and a key for each, and five points for each value.
    assert dry[0]["summary"]["points"] == 40 + 40 + 200 * 5
    assert dry[0]["summary"]["seconds"] == 61
    emulator.limit()
    started = time.monotonic()
    run = ansible.play(task)
    assert run.failed == []
    assert run[0]["summary"]["created"] == 200
    assert emulator.refused() == 0
    assert time.monotonic() - started < 1.35 * 60 + 12
    message = re.findall(
        r"^\[localhost\] devex.github.codespaces_secrets: (\d+) of 200 secrets written", run.stderr, re.M
    )
    assert len(message) >= 4
    assert run.output.count("secrets written") == run.stderr.count("secrets written")
    assert "secrets written" not in dry.output
    emulator.limit()
    again = ansible.play(task)
    assert again.api_calls == [40]
    assert again[0]["summary"]["left"] == 200


def test_a_dry_run_warns_if_the_run_would_wait_for_the_next_hour(ansible: Ansible, emulator: Emulator) -> None:
    where = repositories(emulator, 4)
    # The dry run reads 4 lists. The run reads them again and 4 keys, and writes 8 secrets.
    emulator.limit(remaining=4 + 15, reset_in=600)
    warned = replace(
        ansible, warning="The run needs more requests than GitHub allows a token until the end of the hour."
    )
    (task,) = warned.play(secrets(2, where), check=True).results
    assert task["summary"]["requests"] == 4 + 4 + 8
    assert task["summary"]["seconds"] == pytest.approx(600, abs=30)
    # Without a warning:
    emulator.limit(remaining=4 + 15, reset_in=600)
    ansible.play(secrets(2, where, max_wait=660), check=True)
    emulator.limit(remaining=4 + 16, reset_in=600)
    (task,) = ansible.play(secrets(2, where), check=True).results
    assert task["summary"]["seconds"] == 0


def processes(home: Path) -> dict[int, str]:
    """Return the command lines of processes with this home directory."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if os.fsencode(home) in path.with_name("environ").read_bytes():
                found[int(path.parent.name)] = path.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def modules(home: Path) -> list[str]:
    """Return the command lines of our modules with this home directory."""
    return [command for command in processes(home).values() if "codespaces_secrets" in command]


def interruptible(pid: int) -> list[bool]:
    """Return for each thread of a process except the main one whether it accepts SIGINT."""
    threads = [path for path in Path(f"/proc/{pid}/task").iterdir() if path.name != str(pid)]
    masks = [re.search(r"^SigBlk:\s*(\w+)$", path.joinpath("status").read_text(), re.M) for path in threads]
    return [not int(mask[1], 16) >> (signal.SIGINT - 1) & 1 for mask in masks if mask]


@contextmanager
def playing(ansible: Ansible, play: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    """Return Ansible, with temporary files only below its home directory."""
    playbook = ansible.home / "playbook.json"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, **play}]))
    with subprocess.Popen(
        ["ansible-playbook", str(playbook)],
        cwd=ansible.home,
        env={**ansible.environment, "RECORD_RESULTS": os.devnull, "ANSIBLE_REMOTE_TMP": str(ansible.home / "remote")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=heed_signals,
    ) as process:
        yield process


def until_it_waits(emulator: Emulator) -> int:
    """Wait until the task waits for the next minute, and return the number of writes so far."""
    before = -1
    for dummy in range(100):
        sent = len(emulator.calls(writes_only=True))
        if sent == before > 0:
            break
        before = sent
        time.sleep(2)
    return before


def ends(home: Path) -> bool:
    """Return whether all modules of this collection end soon."""
    for dummy in range(50):
        if not modules(home):
            return True
        time.sleep(0.2)
    return False


def test_a_task_stops_if_ansible_is_interrupted(ansible: Ansible, emulator: Emulator) -> None:
    with playing(ansible, {"tasks": [secrets(5, repositories(emulator, 40))]}) as process:
        before = until_it_waits(emulator)
        # These are the worker and the module. The main process is Ansible itself.
        threads = [interruptible(pid) for pid in processes(ansible.home) if pid != process.pid]
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
    assert sum(map(len, threads)) >= 3
    assert not any(map(any, threads)), "one of them may take what is to wake the main one"
    assert process.returncode == 99, "as Ansible ends when it is interrupted"
    assert ends(ansible.home)
    assert len(emulator.calls(writes_only=True)) == before


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGHUP])
def test_a_task_stops_if_ansible_is_killed(signum: signal.Signals, ansible: Ansible, emulator: Emulator) -> None:
    with playing(ansible, {"tasks": [secrets(5, repositories(emulator, 40))]}) as process:
        before = until_it_waits(emulator)
        process.send_signal(signum)
        process.wait(60)
    assert ends(ansible.home)
    assert len(emulator.calls(writes_only=True)) == before


@pytest.mark.parametrize("role", [False, True], ids=["a task", "the role"])
def test_a_task_stops_after_its_timeout_and_leaves_no_values(role: bool, ansible: Ansible, emulator: Emulator) -> None:
    task = secrets(5, repositories(emulator, 40))
    options = task["devex.github.codespaces_secrets"]
    variables = {f"codespaces_secrets_{name}": options[name] for name in ("secrets", "repositories")}
    used = {"name": "devex.github.codespaces_secrets", "vars": variables, "timeout": 15}
    play = {"roles": [used]} if role else {"tasks": [{**task, "timeout": 15}]}
    with playing(ansible, play) as process:
        before = until_it_waits(emulator)
        process.wait(60)
    assert process.returncode == 2
    assert ends(ansible.home)
    assert len(emulator.calls(writes_only=True)) == before < 200
    assert list(ansible.home.rglob("AnsiballZ*")) == []


def test_a_run_waits_and_slows_down_after_a_rate_limit(ansible: Ansible, emulator: Emulator) -> None:
    emulator.limit(points=60, window=2)
    run = ansible.play(secrets(30, ["octo-org/app"]))
    assert run.failed == []
    assert emulator.refused() > 0
    assert len(emulator.values("repo:octo-org/app")) == 30


def test_a_wrong_token_is_reported_once(ansible: Ansible, emulator: Emulator) -> None:
    emulator.tokens({"good": {"kind": "classic", "scopes": ["repo"], "user": "octocat"}})
    where = repositories(emulator, 100)
    result = screen(ansible.play(secrets(20, where, token="revoked")))
    assert result["msg"].count("401") == 1
    assert result["api_calls"] <= 10
    assert len(emulator.calls()) == result["api_calls"]
    assert result["summary"]["not_reached"] == 2000
    assert failures(result).keys() == all_of(where, 20)


def test_a_mistyped_repository_is_reported_once(ansible: Ansible, emulator: Emulator) -> None:
    where = [*repositories(emulator, 100), "octo-org/typo"]
    result = screen(ansible.play(secrets(20, where), check=True))
    assert result["msg"].count("GitHub answered 404") == 1
    assert result["msg"].startswith("20 of 2020 secrets failed. Others would be: 2000 created.")
    assert failures(result).keys() == all_of(["octo-org/typo"], 20)
    assert result["summary"] | {"created": 2000, "failed": 20} == result["summary"]


def test_a_run_stops_if_the_hour_has_no_requests_left(ansible: Ansible, emulator: Emulator) -> None:
    where = repositories(emulator, 20)
    emulator.limit(remaining=120, reset_in=3600)
    result = screen(ansible.play(secrets(100, where)))
    assert result["msg"].count("rate limit ends at") == 1
    assert "Run the task again after" in result["msg"]
    applied = {(scope, name) for row in result["applied"] for scope in row["scopes"] for name in row["names"]}
    assert len(applied) == result["summary"]["created"] == 80
    assert failures(result).keys() == all_of(where, 100) - applied
    assert result["summary"]["not_reached"] == 1920
    # Until the end of the hour, other tasks with this token send nothing.
    waiting = screen(ansible.play(secrets(100, where)))
    assert waiting["api_calls"] == 0
    assert waiting["msg"].count("rate limit ends at") == 1
    shutil.rmtree(ansible.home / "state/devex.github/pace")
    emulator.limit(remaining=20 + 20 + 5, reset_in=3600)
    again = ansible.play(secrets(100, where))
    assert again[0]["summary"]["created"] > 0
    assert again[0]["summary"]["left"] == 80


def test_a_shared_cause_of_all_writes_is_reported_once(ansible: Ansible, emulator: Emulator) -> None:
    where = repositories(emulator, 20)
    emulator.fault("status", method="PUT", status=403, body={"message": "Repository was archived."}, times=None)
    result = screen(ansible.play(secrets(8, where)))
    assert result["msg"].count("archived") == 1
    assert failures(result).keys() == all_of(where, 8)
    assert set(failures(result).values()) == {result["failures"][0]["error"]}
    assert result["changed"] is False


def test_a_rescue_finds_every_secret_that_failed_and_why(ansible: Ansible, emulator: Emulator) -> None:
    where = [*repositories(emulator, 3), "octo-org/typo"]
    show = "{{ ansible_failed_result.failures | map(attribute='scopes') | flatten }}"
    block: Task = {"block": [secrets(2, where)], "rescue": [{"ansible.builtin.debug": {"msg": show}}]}
    run = ansible.plays([{"hosts": "localhost", "gather_facts": False, "tasks": [block]}])
    assert run[1]["msg"] == ["repo:octo-org/typo"]
    assert run[0]["failures"][0]["names"] == ["SECRET_000", "SECRET_001"]
