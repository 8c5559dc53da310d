# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command of ansible-test, such as ``sanity``, on a copy of the working tree.

``ansible-test`` requires a real directory ``ansible_collections/devex/github``. If a tool is missing, it skips a test
and prints a warning. The arguments after the command are those of ``ansible-test``; for example, ``integration``
accepts the names of targets. By default, it tests with the version of Python that runs this file.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import ansible_test
from ansible_test._internal.python_requirements import get_venv_packages

ROOT = Path(__file__).resolve().parent.parent
CORE = version("ansible-core")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
COPY = ROOT / f"build/ansible-test/{CORE}/ansible_collections/devex/github"

GET_PIP_HOST = "https://ci-files.testing.ansible.com"
GET_PIP = '''\
"""Install pip from the standard library, for machines that cannot download the real get-pip."""

import subprocess
import sys

# In separate processes, because ensurepip would hide pip's configuration from the rest of this one.
options = [arg for arg in sys.argv[1:] if arg not in ("--no-setuptools", "--no-wheel")]
subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *options], check=True)
'''


def copy_working_tree() -> None:
    """Copy tracked and new files to a separate git repository, because ansible-test asks git for the files."""
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


def is_reachable(url: str) -> bool:
    """Return whether the host of a URL accepts connections."""
    try:
        socket.create_connection((urlsplit(url).hostname, 443), timeout=10).close()
    except OSError:
        return False
    return True


def provide_get_pip() -> None:
    """Put a script in place of the downloaded get-pip of ansible-test, unless it has it or can download it."""
    pip = get_venv_packages(SimpleNamespace(version=PYTHON))["pip"].replace(".", "_")
    path = Path.home() / f".ansible/test/cache/get_pip_{pip}.py"
    if not path.exists() and not is_reachable(GET_PIP_HOST):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(GET_PIP, encoding="utf-8")


def unreachable_tests() -> list[str]:
    """Return the options that skip the sanity tests whose requirements are on a host that cannot be reached."""
    options = []
    for file in Path(ansible_test.__path__[0]).glob("_data/requirements/sanity.*.txt"):
        for url in re.findall(r"@ *(https://\S+)", file.read_text(encoding="utf-8")):
            if not is_reachable(url):
                test = file.name.split(".")[1]
                print(f"SKIPPED: {test}, since {url} cannot be reached", flush=True)
                options += ["--skip-test", test]
    return options


def main() -> int:
    """Return the exit status of ansible-test: not 0 on any finding."""
    command, *arguments = sys.argv[1:]
    copy_working_tree()
    if command == "sanity":
        provide_get_pip()
        arguments += ["--requirements", *unreachable_tests()]
    if not any(argument.startswith(("--target", "--python")) for argument in arguments):
        arguments += ["--local", "--python", PYTHON]
    print(f"ansible-test {command} {' '.join(arguments)}, ansible-core {CORE}", flush=True)
    ansible_test_command = Path(sys.executable).with_name("ansible-test")
    environment = {name: text for name, text in os.environ.items() if name != "ANSIBLE_COLLECTIONS_PATH"}
    return subprocess.call([ansible_test_command, command, *arguments], cwd=COPY, env=environment)


if __name__ == "__main__":
    sys.exit(main())
