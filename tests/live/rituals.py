# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Play the ritual of each module: create, repeat, change and delete, with a check of each result."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .github import LIMIT_SECONDS, RateLimited

DIRECTORY = Path(__file__).resolve().parent / "rituals"
#: The kinds of scopes that the ritual of each module needs.
MODULES = {
    "codespaces_repo_secret": ("repository",),
    "codespaces_secrets": ("repository",),
    "codespaces_secret_info": ("repository",),
    "codespaces_recommended_secrets_info": ("repository", "user"),
    "codespaces_user_secret": ("repository", "user"),
    "codespaces_user_secret_repos": ("repository", "user"),
    "codespaces_org_secret": ("repository", "organization"),
    "codespaces_org_secret_repos": ("repository", "organization"),
}
#: How the names of environment variables start that would change how Ansible and the modules behave.
_SETTINGS = ("ANSIBLE_", "DEVEX_", "GH_", "GITHUB_")
_TIMEOUT = 600
_END_SECONDS = 30


class RitualError(Exception):
    """A module did not do what its ritual expects; the message is Ansible's output."""


@dataclass(frozen=True)
class Player:
    """Plays rituals in a temporary home directory, which also has the store of the modules."""

    home: Path
    token: str = field(repr=False)
    url: str
    variables: Mapping[str, str]

    def play(self, module: str) -> None:
        """Play the ritual of a module.

        :raises RitualError: it failed.
        :raises RateLimited: it failed because of a rate limit.
        """
        command = ["ansible-playbook", "--extra-vars", json.dumps(self.variables), str(DIRECTORY / f"{module}.yml")]
        # In a session of its own, Ctrl-C does not reach it: this program first ends it, and then deletes its secrets.
        with subprocess.Popen(
            command,
            cwd=self.home,
            env=self._environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, dummy = process.communicate(timeout=_TIMEOUT)
            except subprocess.TimeoutExpired as error:
                _end(process)
                raise RitualError(f"{module}.yml did not end within {_TIMEOUT} seconds.") from error
            except BaseException:
                _end(process)
                raise
        if process.returncode:
            text = output.replace(self.token, "***")
            raise RateLimited(text, LIMIT_SECONDS) if "rate limit" in text else RitualError(text)

    def _environment(self, users: Mapping[str, str]) -> dict[str, str]:
        """Return the user's environment with our own settings of Ansible and of the collection."""
        settings = self.home / "ansible.cfg"
        settings.touch()
        return {
            **{name: value for name, value in users.items() if not name.startswith(_SETTINGS)},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{users.get('PATH', os.defpath)}",
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "LC_ALL": "C.UTF-8",
            "GITHUB_API_URL": self.url,
            "GITHUB_TOKEN": self.token,
            "ANSIBLE_COLLECTIONS_PATH": users["ANSIBLE_COLLECTIONS_PATH"],
            "ANSIBLE_CONFIG": str(settings),
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        }


def _end(process: subprocess.Popen[str]) -> None:
    """End a playbook and its modules."""
    process.terminate()
    try:
        process.communicate(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
