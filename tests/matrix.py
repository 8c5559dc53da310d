# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests with every supported ansible-core, and the modules with every supported Python.

It runs the unit tests, sanity, and both kinds of integration tests. The arguments select releases, such as ``2.20``;
the default is every ansible-core. Each release gets a virtual environment below ``build/matrix``, with the newest patch
release, and a Python of this machine that it supports, if possible one that no other release uses. A table at the end
shows how many tests passed, failed and were skipped, and the releases that this machine cannot test.

It is started by ``make matrix``, which installs the collection for it.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from shutil import which

ROOT = Path(__file__).resolve().parent.parent
MATRIX = ROOT / "build/matrix"
ANSIBLE_TEST = "tests/run_ansible_test.py"
UNIT = ("-r", "tests/unit/requirements.txt")
#: The columns of the table. The targets are those of ``ansible-test integration``.
STEPS = ("unit", "sanity", "targets", "integration")

#: The supported releases of ansible-core, and which Pythons their controllers run on.
CONTROLLERS = {
    "2.16": ("3.10", "3.11", "3.12"),
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
    "2.22": ("3.13", "3.14", "3.15"),
}
#: Release candidates to test.
PRERELEASES = {"2.22": "~=2.22.0rc0"}
#: The Pythons of the modules, independent of the controller.
MODULES = ("3.10", "3.11", "3.12", "3.13", "3.14")


def find_pythons() -> dict[str, str]:
    """Return the Pythons of this machine by version: on the path, or installed by pyenv."""
    versions = sorted({*MODULES, *(python for pythons in CONTROLLERS.values() for python in pythons)})
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = {}
    for version in versions:
        name = f"python{version}"
        for candidate in (name, *sorted(map(str, pyenv.glob(f"{version}.*/bin/{name}")))):
            python = which(candidate)
            if python is None:
                continue
            # The commands of pyenv also exist for disabled versions, and Debian's Python may have no ensurepip.
            if subprocess.run([python, "-c", "import ensurepip"], check=False, capture_output=True).returncode == 0:
                found[version] = python
                break
    return found


def count_tests(lines: Iterable[str]) -> str:
    """Return how many tests passed, failed and were skipped, according to the output of pytest or ansible-test."""
    counts: Counter[str] = Counter()
    for line in lines:
        if re.search(r" in [0-9.]+s\b", line):
            for number, kind in re.findall(r"([0-9]+) (passed|failed|error|skipped)", line):
                counts["failed" if kind == "error" else kind] += int(number)
        elif re.search(r"Running (?:sanity test \"|\S+ integration test )", line):
            counts["passed"] += 1
        elif "Skipping sanity test" in line:
            counts["skipped"] += 1
        elif failed := re.search(r"The ([0-9]+) \w+ test\(s\) listed below", line):
            counts["failed"] += int(failed[1])
            counts["passed"] -= int(failed[1])
    return ", ".join(f"{counts[kind]} {kind}" for kind in ("passed", "failed", "skipped") if counts[kind])


class Report:
    """Run steps, each with its own log, and keep their results."""

    def __init__(self, steps: Collection[str]) -> None:
        self.steps = [step for step in STEPS if step in steps]
        #: The cells of each row by step, or a text for the whole row.
        self.rows: dict[str, dict[str, str] | str] = {}
        self.failed: list[str] = []
        self.skipped: list[str] = []

    def omit(self, title: str, reason: str) -> None:
        """Keep why a row cannot be tested on this machine."""
        self.rows[title] = f"skipped: {reason}"

    def make_venv(self, title: str, name: str, python: str, *requirements: str) -> Path | None:
        """Create or update a virtual environment. Return its Python; None: it failed, and the report has the error."""
        venv = MATRIX / name
        pip = (str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", "--upgrade")
        try:
            if not (venv / "bin/pip").exists():
                subprocess.run([python, "-m", "venv", "--clear", venv], check=True)
            subprocess.run([*pip, *requirements], cwd=ROOT, check=True)
        except subprocess.CalledProcessError as error:
            self.rows[title] = "FAILED: no virtual environment"
            self.failed.append(f"{title}: {error}")
            return None
        return venv / "bin/python"

    def run(self, title: str, step: str, python: Path, *arguments: str) -> None:
        """Run one step of a row, if it is selected."""
        if step not in self.steps:
            return
        log = MATRIX / f"{title}-{step}.log".replace(" ", "-")
        path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
        print(f"{title}: {step} … ", end="", flush=True)
        start = time.monotonic()
        with log.open("w", encoding="utf-8") as file:
            status = subprocess.run(
                [python, *arguments],
                cwd=ROOT,
                env={**os.environ, "PATH": path},
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            ).returncode
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        counted = count_tests(lines)
        cell = f"FAILED: {counted or f'exit status {status}'}" if status else counted or "ok"
        print(f"{cell}, {time.monotonic() - start:.0f} s", flush=True)
        row = self.rows.setdefault(title, {})
        if isinstance(row, dict):
            row[step] = cell
        self.skipped += [f"{title}: {step}: {line}" for line in lines if line.startswith("SKIPPED")]
        if status:
            self.failed.append(f"{title}: {step}: see {log.relative_to(ROOT)}")
            print("\n".join(lines[-60:]))

    def table(self) -> str:
        """Return a line for each row, with a column for each step."""
        rows: dict[str, dict[str, str] | str] = {"": {step: step for step in self.steps}, **self.rows}
        cells = [row for row in rows.values() if isinstance(row, dict)]
        widths = {step: max(len(row.get(step, "-")) for row in cells) for step in self.steps}
        lines = []
        for title, row in rows.items():
            texts = [row] if isinstance(row, str) else [row.get(step, "-").ljust(widths[step]) for step in self.steps]
            lines.append("   ".join([title.ljust(max(map(len, rows))), *texts]).rstrip())
        return "\n".join(lines)


def choose(cores: list[str], pythons: set[str]) -> Iterator[tuple[str, str | None]]:
    """Choose a Python for each ansible-core, if possible a different one; None if this machine has no suitable one."""
    used: set[str] = set()
    for core in cores:
        suitable = [version for version in CONTROLLERS[core] if version in pythons]
        chosen = next((version for version in suitable if version not in used), suitable[-1] if suitable else None)
        if chosen is not None:
            used.add(chosen)
        yield core, chosen


def check_controller(report: Report, title: str, core: str, version: str, python: str) -> Path | None:
    """Run the tests with one ansible-core. Return the Python of its virtual environment; None: there is none."""
    wanted = f"ansible-core{PRERELEASES.get(core, f'=={core}.*')}"
    requirements = (wanted, *UNIT, "-r", "tests/integration/requirements.txt")
    venv = report.make_venv(title, f"{core}-{version}", python, *requirements)
    if venv is not None:
        report.run(title, "unit", venv, "-m", "pytest", "-rs", "tests/unit")
        report.run(title, "sanity", venv, ANSIBLE_TEST, "sanity")
        report.run(title, "targets", venv, ANSIBLE_TEST, "integration")
        report.run(title, "integration", venv, "-m", "pytest", "-rs", "-n", "auto", "tests/integration")
    return venv


def check_modules(report: Report, title: str, controller: Path, version: str, python: str) -> None:
    """Run modules and their unit tests with a Python that no controller uses."""
    requirements = (*UNIT, "-r", "meta/ee-requirements.txt", "pytest-xdist", "pyyaml")
    venv = report.make_venv(title, f"modules-{version}", python, *requirements)
    if venv is None:
        return
    own = ("--local", "--python", version, "--python-interpreter", str(venv))
    # The other unit tests import ansible-core's libraries for controllers.
    report.run(title, "unit", controller, ANSIBLE_TEST, "units", *own, "tests/unit/plugins/module_utils/")
    target = ("--controller", "origin:python=default", "--target", f"controller:python={version}@{venv}")
    some = ("codespaces_user_secret", "module_codespaces_secrets")
    report.run(title, "targets", controller, ANSIBLE_TEST, "integration", *target, *some)


def main() -> int:
    """Return the exit status: 1 if anything failed."""
    parser = argparse.ArgumentParser(description="Run the tests with every supported ansible-core.")
    parser.add_argument("cores", nargs="*", metavar="CORE", help=f"of {', '.join(CONTROLLERS)}; default: all")
    parser.add_argument(
        "--python", help="the only Python for controllers, such as 3.13; default: any that is supported"
    )
    parser.add_argument("--only", action="append", choices=STEPS, help="a step to run, may be repeated; default: all")
    arguments = parser.parse_args()
    cores = arguments.cores or list(CONTROLLERS)
    if unknown := set(cores) - set(CONTROLLERS):
        parser.error(f"not supported: {', '.join(sorted(unknown))}")
    if arguments.python and not all(arguments.python in CONTROLLERS[core] for core in cores):
        parser.error(f"ansible-core {' or '.join(cores)} does not run on Python {arguments.python}")
    MATRIX.mkdir(parents=True, exist_ok=True)
    report = Report(arguments.only or STEPS)
    try:
        run(report, cores, arguments.python)
    finally:
        # Also if the run is interrupted.
        print("\n".join(["", *(f"Skipped: {text}" for text in report.skipped)]))
        print(f"\n{report.table()}\n")
    print("\n".join(f"FAILED: {text}" for text in report.failed) or "Everything else passed.")
    return 1 if report.failed else 0


def run(report: Report, cores: list[str], only: str | None) -> None:
    """Test releases of ansible-core, and the modules with the Pythons that none of them uses."""
    pythons = find_pythons()
    covered: set[str] = set()
    controller = None
    for core, version in choose(cores, {only} & set(pythons) if only else set(pythons)):
        if version is None:
            needed = only or " or ".join(CONTROLLERS[core])
            report.omit(f"ansible-core {core}", f"this machine has no Python {needed} with ensurepip")
            continue
        title = f"ansible-core {core}, Python {version}"
        controller = check_controller(report, title, core, version, pythons[version]) or controller
        covered.add(version)
    for version in MODULES:
        title = f"modules, Python {version}"
        if version in covered:
            continue
        if version not in pythons:
            report.omit(title, "this machine has none with ensurepip")
        elif controller is not None and not {"unit", "targets"}.isdisjoint(report.steps):
            check_modules(report, title, controller, version, pythons[version])
    if controller is None:
        report.failed.append("no ansible-core was tested")


if __name__ == "__main__":
    sys.exit(main())
