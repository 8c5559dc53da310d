# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs that are measured: found, installed into an environment of the benchmark's own, and their versions."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
VENV = ROOT / "build/bench/venv"
COMMUNITY = "community.general"

# The oldest Python that has a release of the package `ansible` with github_secrets.
_NEEDED = (3, 12)
_CANDIDATES = ("python3.14", "python3.13", "python3.12")


@dataclass
class Programs:
    """The installed programs. `missing` has the reason for each peer that cannot be measured."""

    #: Runs Ansible, and the modules.
    python: str
    #: Where this collection is installed.
    collections: str
    gh: str | None
    #: Whether matplotlib is installed, which draws the chart.
    has_matplotlib: bool = False
    versions: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def bin(self) -> Path:
        return Path(self.python).parent


def find() -> Programs:
    """Install what the benchmark needs, unless it is there already. RuntimeError without this collection."""
    collections = os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(ROOT / "build/collections"))
    if not any((Path(path) / "ansible_collections/devex/github").is_dir() for path in collections.split(os.pathsep)):
        raise RuntimeError(f"devex.github is not installed in {collections}: make collection")
    problem = _install(_interpreter())
    programs = Programs(
        python=sys.executable if problem else str(VENV / "bin/python"),
        collections=collections,
        gh=shutil.which("gh"),
        has_matplotlib=not problem,
    )
    programs.versions = _versions(programs)
    if COMMUNITY not in programs.versions:
        needed = ".".join(map(str, _NEEDED))
        programs.missing[COMMUNITY] = problem or f"it needs Python {needed} or newer, which is not here"
    if programs.gh is None:
        programs.missing["gh"] = "gh is not installed"
    return programs


def machine() -> str:
    """This machine in one line."""
    cpu, memory = platform.machine(), ""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
        cpu = found[1] if found else cpu
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB of memory"
    except (OSError, ValueError):
        pass
    return f"{cpu}, {os.cpu_count()} cores{memory}, {platform.system()} {platform.release()}"


def _interpreter() -> str:
    """Return the newest Python that is new enough; this one if there is none."""
    check = f"import ensurepip, sys; sys.exit(sys.version_info < {_NEEDED})"
    for name in _CANDIDATES:
        path = shutil.which(name)
        # It may be a shim of pyenv that leads nowhere.
        if path and subprocess.run([path, "-c", check], check=False, stderr=subprocess.DEVNULL).returncode == 0:
            return path
    return sys.executable


def _install(interpreter: str) -> str | None:
    """Make the environment, and return the reason if that fails."""
    stamp = VENV / "installed"
    wanted = f"{interpreter}\n{REQUIREMENTS.read_text(encoding='utf-8')}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return None
    print(f"Installing the benchmark's environment with {interpreter} …", flush=True)
    pip = [str(VENV / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", "--requirement"]
    for command in ([interpreter, "-m", "venv", "--clear", str(VENV)], [*pip, str(REQUIREMENTS)]):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            errors = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line.upper()]
            return f"its environment could not be installed ({errors[-1] if errors else 'pip failed'})"
    stamp.write_text(wanted, encoding="utf-8")
    return None


def _versions(programs: Programs) -> dict[str, str]:
    galaxy = (ROOT / "galaxy.yml").read_text(encoding="utf-8")
    own = re.search(r"^version:\s*['\"]?([^\s'\"]+)", galaxy, re.MULTILINE)
    script = (
        "import importlib.metadata as found, json, platform, sqlite3\n"
        "names = ('ansible-core', 'requests', 'pynacl', 'psycopg')\n"
        "own = {'Python': platform.python_version(), 'SQLite': sqlite3.sqlite_version}\n"
        "print(json.dumps({**{name: found.version(name) for name in names}, **own}))"
    )
    versions = {"devex.github": own[1] if own else "?", **json.loads(_output(programs.python, "-c", script))}
    listing = _output(str(programs.bin / "ansible-galaxy"), "collection", "list", COMMUNITY, "--format", "json")
    for collections in json.loads(listing or "{}").values():
        if COMMUNITY in collections:
            versions[COMMUNITY] = collections[COMMUNITY]["version"]
    if programs.gh:
        versions["gh"] = _output(programs.gh, "--version").split()[2]
    return versions


def _output(*command: str) -> str:
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
