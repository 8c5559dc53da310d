# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests with every supported ansible-core, and the modules with every supported Python.

It runs the unit tests, sanity, and both kinds of integration tests. The arguments select releases, such as ``2.20``;
the default is every ansible-core. Each release gets a virtual environment below ``build/matrix``, with the newest patch
release, and a Python of this machine that it supports, if possible one that no other release uses. The releases that
this machine cannot test are listed at the end.

It is started by ``make matrix``, which installs the collection for it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which

ROOT = Path(__file__).resolve().parent.parent
MATRIX = ROOT / "build/matrix"
ANSIBLE_TEST = "tests/run_ansible_test.py"
UNIT = ("-r", "tests/unit/requirements.txt")

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


def make_venv(name: str, python: str, *requirements: str) -> Path:
    """Create or update a virtual environment; returns its Python."""
    venv = MATRIX / name
    if not (venv / "bin/pip").exists():
        subprocess.run([python, "-m", "venv", "--clear", venv], check=True)
    pip = (str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", "--upgrade")
    subprocess.run([*pip, *requirements], cwd=ROOT, check=True)
    return venv / "bin/python"


class Report:
    """Run steps, each with its own log, and keep their results."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.skipped: list[str] = []

    def run(self, title: str, python: Path, *arguments: str) -> None:
        log = MATRIX / f"{title.replace(' ', '-')}.log"
        path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
        print(f"{title} … ", end="", flush=True)
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
        print(f"{'FAILED' if status else 'ok'}, {time.monotonic() - start:.0f} s")
        self.skipped += [f"{title}: {line}" for line in lines if line.startswith("SKIPPED")]
        if status:
            self.failed.append(f"{title}: see {log.relative_to(ROOT)}")
            print("\n".join(lines[-60:]))


def choose(cores: list[str], pythons: set[str]) -> Iterator[tuple[str, str | None]]:
    """Choose a Python for each ansible-core, if possible a different one; None if this machine has no suitable one."""
    used: set[str] = set()
    for core in cores:
        suitable = [version for version in CONTROLLERS[core] if version in pythons]
        chosen = next((version for version in suitable if version not in used), suitable[-1] if suitable else None)
        if chosen is not None:
            used.add(chosen)
        yield core, chosen


def check_controller(report: Report, core: str, version: str, python: str) -> Path:
    """Run the tests with one ansible-core; returns the Python of its virtual environment."""
    wanted = f"ansible-core{PRERELEASES.get(core, f'=={core}.*')}"
    venv = make_venv(f"{core}-{version}", python, wanted, *UNIT, "-r", "tests/integration/requirements.txt")
    title = f"ansible-core {core}, Python {version}"
    report.run(f"{title}: unit", venv, "-m", "pytest", "-rs", "tests/unit")
    report.run(f"{title}: sanity", venv, ANSIBLE_TEST, "sanity")
    report.run(f"{title}: ansible-test integration", venv, ANSIBLE_TEST, "integration")
    report.run(f"{title}: integration", venv, "-m", "pytest", "-rs", "-n", "auto", "tests/integration")
    return venv


def check_modules(report: Report, controller: Path, version: str, python: str) -> None:
    """Run modules and their unit tests with a Python that no controller uses here."""
    venv = make_venv(f"modules-{version}", python, *UNIT, "-r", "meta/ee-requirements.txt", "pytest-xdist", "pyyaml")
    title = f"modules with Python {version}"
    own = ("--local", "--python", version, "--python-interpreter", str(venv))
    report.run(f"{title}: unit", controller, ANSIBLE_TEST, "units", *own)
    target = ("--controller", "origin:python=default", "--target", f"controller:python={version}@{venv}")
    some = ("codespaces_user_secret", "module_codespaces_secrets")
    report.run(f"{title}: integration", controller, ANSIBLE_TEST, "integration", *target, *some)


def main() -> int:
    """Return the exit status: 1 if anything failed."""
    parser = argparse.ArgumentParser(description="Run the tests with every supported ansible-core.")
    parser.add_argument("cores", nargs="*", metavar="CORE", help=f"of {', '.join(CONTROLLERS)}; default: all")
    parser.add_argument("--python", help="the only Python for controllers, such as 3.13; default: one that suits")
    arguments = parser.parse_args()
    cores = arguments.cores or list(CONTROLLERS)
    if unknown := set(cores) - set(CONTROLLERS):
        parser.error(f"not supported: {', '.join(sorted(unknown))}")
    if arguments.python and not all(arguments.python in CONTROLLERS[core] for core in cores):
        parser.error(f"ansible-core {' or '.join(cores)} does not run on Python {arguments.python}")
    MATRIX.mkdir(parents=True, exist_ok=True)
    pythons = find_pythons()
    report = Report()
    covered: set[str] = set()
    controller = None
    only = {arguments.python} if arguments.python else set(pythons)
    for core, version in choose(cores, only & set(pythons)):
        if version is None:
            needed = arguments.python or " or ".join(CONTROLLERS[core])
            report.skipped.append(f"ansible-core {core}: this machine has no Python {needed} with ensurepip")
        else:
            controller = check_controller(report, core, version, pythons[version])
            covered.add(version)
    for version in MODULES:
        if version in covered:
            continue
        if version not in pythons:
            report.skipped.append(f"modules with Python {version}: this machine has none with ensurepip")
        elif controller is not None:
            check_modules(report, controller, version, pythons[version])
    print("\n".join(["", *(f"Skipped: {text}" for text in report.skipped)]))
    if controller is None:
        report.failed.append("no ansible-core was tested")
    print("\n".join(f"FAILED: {text}" for text in report.failed) or "Everything else passed.")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
