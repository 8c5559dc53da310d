# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stage for playbooks: it shows what is played and what GitHub saw of it, and compares that with what is expected."""

from __future__ import annotations

import difflib
import json
import os
import re
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.client import Emulator

COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
# As wide as what ansible-playbook prints to a pipe.
WIDTH = 79
HOUR = 3600.0
# More calls than this are shown by their kinds.
MOST_CALLS = 12

HEADING, STRONG, WRITE, WRONG = "1;36", "1", "33", "1;31"


class CommandError(Exception):
    """A command failed; its output has been shown."""


@dataclass(frozen=True)
class Run:
    """A playbook that was played in an act, with the reason that it gave, and what GitHub saw."""

    act: str
    reason: str
    calls: int
    writes: int


@dataclass
class Stage:
    """A directory with the playbooks, and the GitHub that they manage."""

    github: Emulator
    directory: Path
    environment: dict[str, str]
    #: Every value by what it is called here, since none may be shown.
    values: dict[str, str] = field(default_factory=dict)
    output: str = ""
    heading: str = ""
    runs: list[Run] = field(default_factory=list)
    #: What turned out otherwise than it should.
    differences: list[str] = field(default_factory=list)

    def act(self, heading: str) -> None:
        """Announce what happens next, an hour later."""
        self.heading = heading
        print("\n" + styled(f"== {heading} ".ljust(WIDTH, "="), HEADING))
        self.github.advance(HOUR)

    def tell(self, text: str) -> None:
        """Say what has happened beside the playbooks."""
        print("\n" + styled(text, STRONG))

    def show(self, name: str) -> None:
        """Show a file, without its comment on the licence."""
        text = (self.directory / name).read_text(encoding="utf-8")
        self.tell(f"$ cat {name}")
        print(text.partition("\n\n")[2].rstrip())

    def edit(self, name: str, before: str, after: str) -> None:
        """Replace a part of a file, and show it as a difference."""
        path = self.directory / name
        old = path.read_text(encoding="utf-8")
        new = old.replace(before, after, 1)
        path.write_text(new, encoding="utf-8")
        self.tell(f"{name} is edited:")
        print("\n".join([*difflib.unified_diff(old.splitlines(), new.splitlines(), n=2, lineterm="")][3:]))

    def write_vault(self, **variables: str) -> None:
        """Encrypt the value of each variable, which is called so and made up when it is new."""
        vault = {name: self.values.setdefault(called, secrets.token_hex()) for name, called in variables.items()}
        self._run("ansible-vault", "encrypt", "--output", "vault.yml", text=json.dumps(vault))

    def play(self, *arguments: str, calls: int, writes: int, changed: int, reason: str) -> None:
        """Play a playbook, show the calls that GitHub saw, and compare with what is expected."""
        self.github.clear_calls()
        output = self._run("ansible-playbook", *arguments)
        seen, written = self.github.calls(), self.github.calls(writes_only=True)
        print("\n" + styled(f"GitHub saw {counted(len(seen), 'call')}, {counted(len(written), 'write')}", STRONG))
        rows = [(f"{call['method']:<7}{call['path']}", call["status"], call in written) for call in seen]
        for row, number in abridged(rows):
            text, status, is_write = row
            times = f"{number} x {status}" if number > 1 else str(status)
            line = f"  {text}".ljust(WIDTH - len(times)) + times
            print(styled(line, WRITE) if is_write else line)
        self.runs.append(Run(self.heading, reason, len(seen), len(written)))
        run = f"run {len(self.runs)}"
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
        self.expect(f"secrets after run {len(self.runs)}", found, expected)

    def expect_no_leak(self) -> None:
        """Search for the values in what was shown, and in every file that is left."""
        files = [path for path in self.directory.rglob("*") if path.is_file()]
        self.expect("fingerprint stores", len([path for path in files if path.name == "fingerprints.sqlite3"]), 1)
        for called, value in self.values.items():
            self.expect(f"{called} in the output", value in self.output, False)
            found = [path.name for path in files if value.encode() in path.read_bytes()]
            self.expect(f"files with {called}", found, [])

    def show_runs(self) -> None:
        """A table of what was played, act by act."""
        print("\n" + styled(f"{'':<41}{'reason':<20}{'calls':>8}{'writes':>10}", STRONG))
        previous = ""
        for run in self.runs:
            act = run.act.partition(":")[0] if run.act != previous else ""
            print(f"{act:<41}{run.reason:<20}{run.calls:>8}{run.writes:>10}")
            previous = run.act

    def _run(self, *command: str, text: str = "") -> str:
        print("\n" + styled(f"$ {' '.join(command)}", STRONG), flush=True)
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


def abridged(rows: list[tuple[str, Any, bool]]) -> Iterable[tuple[tuple[str, Any, bool], int]]:
    """The calls, each once; or where they are many, each kind of call with its number, `*` for any repository."""
    if len(rows) <= MOST_CALLS:
        return [(row, 1) for row in rows]
    return Counter((re.sub(r"(/repos/[^/]+/)[^/]+", r"\1*", text), *rest) for text, *rest in rows).items()


def counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def styled(text: str, code: str) -> str:
    return f"\033[{code}m{text}\033[0m" if COLOUR else text
