# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run modules over a real SSH server on this machine. They stop if their task ends."""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import TOKEN, Ansible, Task, heed_signals, repo_secret
from .test_pace import ends

pytestmark = pytest.mark.thorough

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Return the variables of a host that Ansible reaches over SSH."""
    if SSHD is None:
        pytest.skip("needs sshd, from the package openssh-server")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    shutil.copy(tmp_path / "user.pub", tmp_path / "authorized_keys")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = {
        "ListenAddress": "127.0.0.1",
        "Port": port,
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": tmp_path / "authorized_keys",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "yes",
        "Subsystem": "sftp internal-sftp",
    }
    (tmp_path / "sshd_config").write_text("".join(f"{key} {value}\n" for key, value in options.items()))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    # The path of a socket must be short, but the directory of the test is not.
    with (
        TemporaryDirectory() as sockets,
        subprocess.Popen([SSHD, "-D", "-e", "-f", tmp_path / "sshd_config"]) as server,
    ):
        for dummy in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield {
            "ansible_host": "127.0.0.1",
            "ansible_port": port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(tmp_path / "user"),
            "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
            "ansible_ssh_args": "-o ControlMaster=auto -o ControlPersist=2s",
            "ansible_control_path_dir": sockets,
            "ansible_remote_tmp": str(tmp_path / "remote"),
        }
        server.terminate()


def many(**options: Any) -> Task:
    """Return a task that writes two secrets a second for a minute."""
    rows = [{"name": f"SECRET_{number:03}", "value": "a value"} for number in range(100)]
    options = {"repositories": ["octo-org/app"], "secrets": rows, "concurrency": 1, **options}
    return {"devex.github.codespaces_secrets": options}


def playbook(ansible: Ansible, emulator: Emulator, host: dict[str, Any], task: Task) -> list[str]:
    """Return the command that runs a task on the host."""
    environment = {"GITHUB_API_URL": emulator.url, "GITHUB_TOKEN": TOKEN, "XDG_STATE_HOME": str(ansible.home / "state")}
    play = {"hosts": "all", "gather_facts": False, "environment": environment, "tasks": [task]}
    (ansible.home / "inventory.json").write_text(json.dumps({"all": {"hosts": {"there": host}}}), encoding="utf-8")
    (ansible.home / "playbook.json").write_text(json.dumps([play]), encoding="utf-8")
    return ["ansible-playbook", "-i", str(ansible.home / "inventory.json"), str(ansible.home / "playbook.json")]


@pytest.mark.parametrize("pipelining", ["0", "1"])
@pytest.mark.parametrize("how", ["a timeout", "killed"])
def test_a_module_on_another_machine_stops_if_its_task_ends(
    how: str, pipelining: str, ansible: Ansible, emulator: Emulator, host: dict[str, Any]
) -> None:
    emulator.fault("delay", method="PUT", seconds=0.5, times=None)
    command = playbook(ansible, emulator, host, {**many(), "timeout": 8} if how == "a timeout" else many())
    with subprocess.Popen(
        command,
        cwd=ansible.home,
        env={**ansible.environment, "ANSIBLE_PIPELINING": pipelining, "RECORD_RESULTS": os.devnull},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=heed_signals,
    ) as process:
        if how == "killed":
            while process.poll() is None and len(emulator.calls(writes_only=True)) < 3:
                time.sleep(0.2)
            process.kill()
        output, dummy = process.communicate(timeout=60)
    assert process.returncode == (2 if how == "a timeout" else -signal.SIGKILL), output
    # The request that was under way may still finish.
    time.sleep(1)
    sent = len(emulator.calls(writes_only=True))
    assert 3 <= sent < 30
    assert ends(ansible.home)
    assert len(emulator.calls(writes_only=True)) == sent
    assert list(ansible.home.rglob("AnsiballZ*")) == [], "no values are left there"


def test_a_single_secret_on_another_machine_stops_if_its_task_ends(
    ansible: Ansible, emulator: Emulator, host: dict[str, Any]
) -> None:
    emulator.fault("status", method="PUT", status=429, headers={"Retry-After": "12"}, times=1)
    *command, path = playbook(ansible, emulator, host, {**repo_secret(value="a value"), "timeout": 10})
    run = ansible.playbook(Path(path), *command[1:])
    assert re.search("timeout|Timed out|expected time frame", run.failed[0])
    time.sleep(6)
    assert emulator.values("repo:octo-org/app") == {}
    assert [call["method"] for call in emulator.calls(writes_only=True)] == ["PUT"]
