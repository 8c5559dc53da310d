# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run Ansible's sanity tests on a copy of the working tree.

``ansible-test`` insists on a real directory ``ansible_collections/devex/github``. It tests with one version of
Python, that of the virtual environment, and says itself which of its tests it skips for lack of a tool.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from ansible_test._internal.python_requirements import get_venv_packages

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "build/sanity/ansible_collections/devex/github"

GET_PIP = '''\
"""Installs pip from the standard library, for machines that cannot download the real get-pip."""

import subprocess
import sys

# Processes of their own: in this one, ensurepip would hide pip's configuration from what comes after it.
options = [arg for arg in sys.argv[1:] if arg not in ("--no-setuptools", "--no-wheel")]
subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *options], check=True)
'''


def copy_working_tree() -> None:
    """Copy what git tracks, or would track, to a git repository of its own: ansible-test asks git for the files."""
    shutil.rmtree(COPY, ignore_errors=True)
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in listing.split("\0"):
        source = ROOT / name
        if name and (source.is_symlink() or source.exists()):
            target = COPY / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet"], cwd=COPY, check=True)


def provide_get_pip(python: str) -> None:
    """Put a script where ansible-test keeps the get-pip that it would download otherwise."""
    version = get_venv_packages(SimpleNamespace(version=python))["pip"].replace(".", "_")
    path = Path.home() / f".ansible/test/cache/get_pip_{version}.py"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(GET_PIP, encoding="utf-8")


def main() -> int:
    """Return the exit status of ansible-test: not 0 on any finding."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    copy_working_tree()
    provide_get_pip(python)
    print(f"ansible-test sanity, with Python {python} only", flush=True)
    ansible_test = Path(sys.executable).with_name("ansible-test")
    return subprocess.call([ansible_test, "sanity", "--local", "--requirements", "--python", python], cwd=COPY)


if __name__ == "__main__":
    sys.exit(main())
