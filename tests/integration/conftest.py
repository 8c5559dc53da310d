# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from emulator.client import Emulator
from emulator.switches import Switches

ROOT = Path(__file__).parents[2]
COLLECTIONS = os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(ROOT / "build/collections"))
TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"

# Many tests have short values, which ansible-core does not mask since 2.22.
SHORT_VALUE = "Ansible does not mask one of the secret values"

Task = dict[str, Any]

#: A task or play with an environment runs its modules in processes of their own.
OWN_PROCESS: Task = {"environment": {"DEVEX_TEST": "1"}}


def repo_secret(**options: Any) -> Task:
    """A task that manages a secret of octo-org/app."""
    return {"devex.github.codespaces_repo_secret": {"repository": "octo-org/app", "name": "NPM_TOKEN", **options}}


@dataclass(frozen=True)
class Run:
    """The result of one run of ansible-playbook."""

    returncode: int
    #: Standard output and error.
    output: str
    stderr: str
    #: The result of each task, in order, with its status (ok, failed, skipped), host and task.
    results: list[dict[str, Any]]

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.results[index]

    @property
    def failed(self) -> list[str]:
        """The messages of the tasks that failed."""
        return [result["msg"] for result in self.results if result["status"] == "failed"]

    @property
    def changed(self) -> list[bool]:
        return [result.get("changed", False) for result in self.results]

    @property
    def reasons(self) -> list[str | None]:
        return [result.get("reason") for result in self.results]

    @property
    def api_calls(self) -> list[int]:
        """The number of requests of each task with a module of this collection."""
        return [result["api_calls"] for result in self.results if "api_calls" in result]


@dataclass(frozen=True)
class Ansible:
    """Runs Ansible's commands as a user does, in a separate home directory."""

    home: Path
    environment: Mapping[str, str]
    #: A text of the warning that every run must print; None: no warning.
    warning: str | None = None

    @property
    def fingerprints(self) -> Path:
        """The fingerprint store, at its default place."""
        return self.home / "state/devex.github/fingerprints.sqlite3"

    def play(self, *tasks: Task, check: bool = False, **play: Any) -> Run:
        """Run tasks on localhost, including those after a failed one."""
        tasks_ = [{"ignore_errors": True, **task} for task in tasks]
        return self.plays([{"hosts": "localhost", "gather_facts": False, "tasks": tasks_, **play}], check=check)

    def plays(self, plays: list[dict[str, Any]], *arguments: str, check: bool = False) -> Run:
        """Run a playbook."""
        playbook = self.home / "playbook.json"
        playbook.write_text(json.dumps(plays), encoding="utf-8")
        return self.playbook(playbook, *arguments, *(["--check"] if check else []))

    def playbook(self, path: Path, *arguments: str, **environment: str) -> Run:
        """Run a playbook from a file."""
        record = self.home / "results"
        record.unlink(missing_ok=True)
        process = subprocess.run(
            ["ansible-playbook", "--diff", *arguments, str(path)],
            cwd=self.home,
            env={**self.environment, "RECORD_RESULTS": str(record), **environment},
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        output = process.stdout + process.stderr
        warnings = [line for line in output.splitlines() if "WARNING]" in line and SHORT_VALUE not in line]
        assert bool(warnings) is (self.warning is not None), output
        assert (self.warning or "") in " ".join(output.split())
        assert "Traceback" not in output
        lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
        return Run(process.returncode, output, process.stderr, [json.loads(line) for line in lines])


class AsAssumed(Emulator):
    """An emulator that behaves as we assume, so that no answer in docs/observed.md breaks a test."""

    def reset(self) -> None:
        super().reset()
        self.switch(**asdict(Switches()))


def heed_signals() -> None:
    """Restore the signals, which background jobs of a shell and nohup ignore."""
    for signum in (signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, signal.SIG_DFL)


@pytest.fixture(scope="session")
def running_emulator() -> Iterator[Emulator]:
    with AsAssumed.start() as emulator:
        yield emulator


@pytest.fixture
def emulator(running_emulator: Emulator) -> Emulator:
    """The local GitHub, in its initial state."""
    running_emulator.reset()
    return running_emulator


@pytest.fixture
def ids(emulator: Emulator) -> dict[str, int]:
    """The IDs of all repositories."""
    return emulator.repositories()


@pytest.fixture
def ansible(emulator: Emulator, tmp_path: Path) -> Ansible:
    return Ansible(
        tmp_path,
        {
            # Ansible's commands are in the directory of this Python.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": COLLECTIONS,
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "GITHUB_API_URL": emulator.url,
            "GITHUB_TOKEN": TOKEN,
        },
    )
