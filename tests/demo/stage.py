# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Play playbooks against the emulator: show their output, count the calls, and compare the result with the story."""

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

from demo.fold import fold, plain

COLOUR = not os.environ.get("NO_COLOR") and (sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR")))
# The width of what ansible-playbook prints to a pipe.
WIDTH = 79
HOUR = 3600.0
# With more calls than this, list only the kinds of calls.
MOST_CALLS = 12
VAULT_FILE = "group_vars/all/vault.yml"

HEADING, STRONG, WRITE, WRONG = "1;36", "1", "33", "1;31"


class CommandError(Exception):
    """A command failed unexpectedly; its output has been printed."""


@dataclass(frozen=True)
class Run:
    """A playbook run: its act, the reason it reported, and how many calls and writes GitHub received."""

    act: str
    reason: str
    calls: int
    writes: int


@dataclass
class Stage:
    """A directory with the playbooks, and the emulator that they manage."""

    github: Emulator
    directory: Path
    environment: dict[str, str]
    #: Show the whole output and each call, and play the further acts.
    verbose: bool = False
    #: Every value by its nickname here, because no value may be shown.
    values: dict[str, str] = field(default_factory=dict)
    output: str = ""
    heading: str = ""
    runs: list[Run] = field(default_factory=list)
    #: Where the demo differs from the story.
    differences: list[str] = field(default_factory=list)

    def act(self, heading: str) -> None:
        """Print the heading of the next act, and move the clock by an hour."""
        self.heading = heading
        print("\n" + styled(f"== {heading} ".ljust(WIDTH, "="), HEADING))
        self.github.advance(HOUR)

    def comment(self, text: str) -> None:
        """Print what happens outside the playbooks."""
        print(f"{self._space}{styled(text, STRONG)}")

    def show(self, name: str) -> None:
        """Print a file without its licence header."""
        text = (self.directory / name).read_text(encoding="utf-8")
        self.comment(f"$ cat {name}")
        print(text.partition("\n\n")[2].rstrip())

    def edit(self, name: str, before: str, after: str) -> None:
        """Replace a part of a file, and print the difference."""
        path = self.directory / name
        old = path.read_text(encoding="utf-8")
        new = old.replace(before, after, 1)
        path.write_text(new, encoding="utf-8")
        self.comment(f"You edit {name}:")
        changes = [*difflib.unified_diff(old.splitlines(), new.splitlines(), n=2, lineterm="")][3:]
        print("\n".join(line for line in changes if self.verbose or line[0] in "+-"))

    def write_vault(self, **variables: str) -> None:
        """Encrypt each variable with the value of this nickname; a new nickname gets a random value."""
        vault = {name: self.values.setdefault(called, secrets.token_hex()) for name, called in variables.items()}
        command = ("ansible-vault", "encrypt", "--output", VAULT_FILE)
        if self.verbose:
            self.comment(f"$ {' '.join(command)}")
        self._print(self._run(*command, text=json.dumps(vault)))

    def play(self, *arguments: str, calls: int, writes: int, changed: int, reason: str) -> None:
        """Run a playbook, and compare its reason, its changed hosts and GitHub's calls with the story.

        The reason ``failed`` means that the playbook must fail.
        """
        self.github.clear_calls()
        self.comment(f"$ ansible-playbook {' '.join(arguments)}")
        output = self._run("ansible-playbook", *arguments, fails=reason == "failed")
        self._print(output)
        seen, written = self.github.calls(), self.github.calls(writes_only=True)
        self.comment(f"GitHub received {counted(len(seen), 'call')}, {counted(len(written), 'write')}")
        if self.verbose:
            _print_calls(seen, written)
        self.runs.append(Run(self.heading, reason, len(seen), len(written)))
        run = f"run {len(self.runs)}"
        self.expect(f"{run}: calls", len(seen), calls)
        self.expect(f"{run}: writes", len(written), writes)
        self.expect(f"{run}: changed tasks", sum(map(int, re.findall(r"\bchanged=(\d+)", plain(output)))), changed)
        self.expect(f"{run}: {reason} in the output", bool(re.search(rf"\b{reason}\b", plain(output))), True)

    def expect(self, what: str, found: object, expected: object) -> None:
        """Note a difference from the story."""
        if found != expected:
            self.differences.append(f"{what}: {found}, not {expected}")

    def expect_secrets(self, expected: dict[str, str]) -> None:
        """Compare all secrets on GitHub: the nickname of each value, and the repositories that may read it."""
        called = {value: name for name, value in self.values.items()}
        repositories = {number: name for name, number in self.github.repositories().items()}
        found = {}
        for scope, vault in self.github.state().items():
            for name, secret in vault["secrets"].items():
                readers = sorted(repositories[number] for number in secret["repository_ids"])
                found[f"{scope} {name}"] = ", ".join([called.get(secret["value"], "an unknown value"), *readers])
        self.expect(f"secrets after run {len(self.runs)}", found, expected)

    def expect_no_leak(self) -> None:
        """Search the output and every remaining file for the values."""
        files = [path for path in self.directory.rglob("*") if path.is_file()]
        self.expect("fingerprint stores", len([path for path in files if path.name == "fingerprints.sqlite3"]), 1)
        for called, value in self.values.items():
            self.expect(f"{called} in the output", value in self.output, False)
            found = [path.name for path in files if value.encode() in path.read_bytes()]
            self.expect(f"files with {called}", found, [])

    def show_runs(self) -> None:
        """Print the table of all runs."""
        print(styled(f"{'':<41}{'reason':<20}{'calls':>8}{'writes':>10}", STRONG))
        previous = ""
        for run in self.runs:
            act = run.act.partition(":")[0] if run.act != previous else ""
            print(f"{act:<41}{run.reason:<20}{run.calls:>8}{run.writes:>10}")
            previous = run.act

    @property
    def _space(self) -> str:
        return "\n" if self.verbose else ""

    def _print(self, output: str) -> None:
        lines = [output.rstrip()] if self.verbose else fold(output)
        if any(lines):
            print("\n".join(lines))

    def _run(self, *command: str, text: str = "", fails: bool = False) -> str:
        """Return what a command prints, standard error included.

        Raises:
            CommandError: Its status is not the expected one.
        """
        sys.stdout.flush()
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
        output = plain(done.stdout)
        self.output += output
        if (done.returncode != 0) != fails:
            print(done.stdout)
            raise CommandError(f"{command[0]} ended with status {done.returncode}")
        self.expect(f"warnings of {' '.join(command)}", re.findall(r"\[[A-Z ]*WARNING\].*", output), [])
        return done.stdout


def _print_calls(seen: list[dict[str, Any]], written: list[dict[str, Any]]) -> None:
    rows = [(f"{call['method']:<7}{call['path']}", call["status"], call in written) for call in seen]
    for (text, status, is_write), number in abridged(rows):
        times = f"{number} x {status}" if number > 1 else str(status)
        line = f"  {text}".ljust(WIDTH - len(times)) + times
        print(styled(line, WRITE) if is_write else line)


def abridged(rows: list[tuple[str, Any, bool]]) -> Iterable[tuple[tuple[str, Any, bool], int]]:
    """Return each call once. If there are many, return each kind of call with its number, with `*` for repositories."""
    if len(rows) <= MOST_CALLS:
        return [(row, 1) for row in rows]
    return Counter((re.sub(r"(/repos/[^/]+/)[^/]+", r"\1*", text), *rest) for text, *rest in rows).items()


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as ``no writes``."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def styled(text: str, code: str) -> str:
    """Add the escape sequences of a style, if the output has colours."""
    return f"\033[{code}m{text}\033[0m" if COLOUR else text
