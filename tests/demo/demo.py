# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection at work: the playbooks beside this file and their real output, against the local GitHub.

It needs no account, touches nothing but a temporary directory, and checks everything that it shows.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from emulator.client import Emulator

HERE = Path(__file__).resolve().parent
COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
# As wide as what ansible-playbook prints to a pipe.
WIDTH = 79
HOUR = 3600.0

APP = "repo:octo-org/app DATABASE_URL"
API = "repo:octo-org/api DATABASE_URL"
USER = "user NPM_TOKEN"


class CommandError(Exception):
    """A command failed; its output has been shown."""


@dataclass
class Stage:
    """A directory with the playbooks, and the GitHub that they manage."""

    github: Emulator
    directory: Path
    environment: dict[str, str]
    #: Every value by what it is called here, since none may be shown.
    values: dict[str, str] = field(default_factory=dict)
    output: str = ""
    totals: Counter[str] = field(default_factory=Counter)
    #: What turned out otherwise than it should.
    differences: list[str] = field(default_factory=list)

    def act(self, heading: str) -> None:
        """Announce what happens next, an hour later."""
        print("\n" + styled(f"== {heading} ".ljust(WIDTH, "="), "1;36"))
        self.github.advance(HOUR)

    def write_vault(self, **variables: str) -> None:
        """Encrypt the value of each variable, which is called so and made up when it is new."""
        vault = {name: self.values.setdefault(called, secrets.token_hex()) for name, called in variables.items()}
        self._run("ansible-vault", "encrypt", "--output", "vault.yml", text=json.dumps(vault))

    def play(self, *arguments: str, calls: int, writes: int, changed: int, reason: str) -> None:
        """Play a playbook, show the calls that GitHub saw, and compare with what is expected."""
        self.github.clear_calls()
        output = self._run("ansible-playbook", *arguments)
        seen, written = self.github.calls(), self.github.calls(writes_only=True)
        title = f"GitHub saw {counted(len(seen), 'call')}, {counted(len(written), 'write')}"
        print("\n" + styled(title, "1"))
        for call in seen:
            row = f"  {call['method']:<7}{call['path']:<66}{call['status']:>4}"
            print(styled(row, "33") if call in written else row)
        self.totals.update(runs=1, calls=len(seen), writes=len(written))
        run = f"run {self.totals['runs']}"
        self.expect(f"{run}: calls", len(seen), calls)
        self.expect(f"{run}: writes", len(written), writes)
        self.expect(f"{run}: changed tasks", re.findall(r"\bchanged=(\d+)", output), [str(changed)])
        self.expect(f"{run}: {reason} in the output", bool(re.search(rf"\b{reason}\b", output)), True)

    def expect(self, what: str, found: object, expected: object) -> None:
        if found != expected:
            self.differences.append(f"{what}: {found}, not {expected}")

    def expect_secrets(self, expected: dict[str, str]) -> None:
        """Compare with all that GitHub holds: what each value is called, and the repositories that may read it."""
        called = {value: name for name, value in self.values.items()}
        repositories = {number: name for name, number in self.github.repositories().items()}
        found = {}
        for scope, vault in self.github.state().items():
            for name, secret in vault["secrets"].items():
                readers = sorted(repositories[number] for number in secret["repository_ids"])
                found[f"{scope} {name}"] = ", ".join([called.get(secret["value"], "an unknown value"), *readers])
        self.expect(f"secrets after run {self.totals['runs']}", found, expected)

    def expect_no_leak(self) -> None:
        """Search for the values in what was shown, and in every file that is left."""
        files = [path for path in self.directory.rglob("*") if path.is_file()]
        self.expect("fingerprint stores", len([path for path in files if path.name == "fingerprints.sqlite3"]), 1)
        for called, value in self.values.items():
            self.expect(f"{called} in the output", value in self.output, False)
            found = [path.name for path in files if value.encode() in path.read_bytes()]
            self.expect(f"files with {called}", found, [])

    def _run(self, *command: str, text: str = "") -> str:
        print("\n" + styled(f"$ {' '.join(command)}", "1"), flush=True)
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment,
            check=False,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
        )
        if done.stdout:
            print(done.stdout.rstrip())
        output = re.sub(r"\033\[[\d;]*m", "", done.stdout)
        self.output += output
        if done.returncode:
            raise CommandError(f"{command[0]} failed with status {done.returncode}")
        self.expect(f"warnings of {' '.join(command)}", re.findall(r"\[[A-Z ]*WARNING\].*", output), [])
        return output


def counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def styled(text: str, code: str) -> str:
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


def play_all(stage: Stage) -> None:
    stage.act("1. A dry run tells what would be done, and writes nothing")
    stage.write_vault(vault_github_token="token", vault_database_url="database", vault_npm_token="npm")
    stage.play("--check", "--diff", "playbook.yml", calls=4, writes=0, changed=2, reason="created")
    stage.expect_secrets({})

    stage.act("2. The first run creates the secrets")
    stage.play("playbook.yml", calls=10, writes=3, changed=2, reason="created")
    held = {APP: "database", API: "database", USER: "npm, octo-org/api, octo-org/app"}
    stage.expect_secrets(held)

    stage.act("3. The second run finds nothing to do")
    stage.play("playbook.yml", calls=4, writes=0, changed=0, reason="unchanged")
    stage.expect_secrets(held)

    stage.act("4. A value was rotated in the vault: that one alone is written")
    stage.write_vault(vault_github_token="token", vault_database_url="database", vault_npm_token="rotated npm")
    stage.play("--diff", "playbook.yml", calls=6, writes=1, changed=1, reason="value_changed")
    held[USER] = "rotated npm, octo-org/api, octo-org/app"
    stage.expect_secrets(held)

    stage.act("5. Somebody edited a secret on GitHub: noticed, and put right")
    stage.github.edit("repo:octo-org/api", "DATABASE_URL", value="somebody else's")
    stage.play("playbook.yml", calls=6, writes=1, changed=1, reason="updated_elsewhere")
    stage.expect_secrets(held)

    stage.act("6. One more repository may read a secret: one write, without value")
    stage.play("--diff", "new_repository.yml", calls=4, writes=1, changed=1, reason="repository_added")
    held[USER] = "rotated npm, octo-org/api, octo-org/app, octo-org/web"
    stage.expect_secrets(held)
    print("\nIt is added to repositories.yml too; the next run finds no edit by others:")
    with (stage.directory / "repositories.yml").open("a", encoding="utf-8") as file:
        file.write("  - octo-org/web\n")
    stage.play("playbook.yml", calls=4, writes=0, changed=0, reason="unchanged")
    stage.expect_secrets(held)

    stage.act("7. A secret that is no longer needed is deleted")
    stage.play("--diff", "retired_secret.yml", calls=2, writes=1, changed=1, reason="deleted")
    del held[API]
    stage.expect_secrets(held)

    stage.expect_no_leak()


def prepared(directory: Path, api_url: str) -> dict[str, str]:
    """Put the playbooks into a directory; returns an environment in which Ansible knows nothing else."""
    for playbook in HERE.glob("*.yml"):
        shutil.copy(playbook, directory)
    password = directory / "vault-password"
    password.write_text(secrets.token_hex(), encoding="utf-8")
    settings = directory / "ansible.cfg"
    settings.touch()
    collections = os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(HERE.parents[1] / "build/collections"))
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(directory),
        "XDG_STATE_HOME": str(directory / "state"),
        "TMPDIR": str(directory),
        "LC_ALL": "C.UTF-8",
        "GITHUB_API_URL": api_url,
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_COLLECTIONS_PATH": collections,
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_FORCE_COLOR" if COLOUR else "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_VAULT_PASSWORD_FILE": str(password),
    }


def main() -> int:
    """Return the exit status: 1 if anything was not as it should be."""
    # When it is killed, it cleans up as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="devex-github-demo-") as directory, Emulator.start() as github:
        print(f"The playbooks in tests/demo, played against a local GitHub at {github.url}")
        stage = Stage(github, Path(directory), prepared(Path(directory), github.url))
        try:
            play_all(stage)
        except (CommandError, KeyboardInterrupt, subprocess.TimeoutExpired) as error:
            stage.differences.append(str(error) or "interrupted")
    print("\n" + styled("=" * WIDTH, "1;36"))
    if stage.differences:
        print(styled("Not as it should be:", "1;31"))
        print("\n".join(f"  {difference}" for difference in stage.differences))
        return 1
    runs, calls, writes = (counted(stage.totals[nouns], nouns[:-1]) for nouns in ("runs", "calls", "writes"))
    print(f"{runs}, {calls}, {writes}: each run changed what it should, and nothing else.")
    print("After each, GitHub held exactly the values and repositories of the playbook.")
    print("No value or token was shown, or is in any file, the fingerprint store included.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
