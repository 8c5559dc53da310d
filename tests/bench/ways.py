# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways to write secrets that are compared: the files that each needs, and its command."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.programs import COMMUNITY, Programs

#: Of fingerprints.
KEY = "8f14e45fceea167a5a36dedd4bea2543c9f0f895fb98ab9159f51fd0297e236d"
TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
FORKS = 10
#: The default of codespaces_secrets.
CONCURRENCY = 10
#: All consumers of secrets.
CONSUMERS = ("codespaces", "agents", "dependabot", "actions")
_MODULE = "ansible_collections.devex.github.plugins.modules.codespaces_secrets"


@dataclass(frozen=True)
class Job:
    """The secrets to write, their repositories, and the requests at once, for ways with such an option."""

    secrets: Mapping[str, str]
    repositories: Sequence[str]
    concurrency: int = CONCURRENCY

    def rows(self, **more: str) -> list[dict[str, str]]:
        """Return the secrets as rows of options for Ansible's modules, each with some more options."""
        return [{"name": name, "value": value, **more} for name, value in self.secrets.items()]


@dataclass(frozen=True)
class Place:
    """An empty directory to work in, and the GitHub to work on."""

    directory: Path
    url: str
    programs: Programs

    def write(self, name: str, content: object) -> str:
        """Write a file, as JSON unless it is text."""
        path = self.directory / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    def environment(self, **more: str) -> dict[str, str]:
        """Return an environment without the settings of the user who runs the benchmark."""
        return {
            "PATH": f"{self.programs.bin}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.directory),
            "XDG_STATE_HOME": str(self.directory / "state"),
            "LC_ALL": "C.UTF-8",
            **more,
        }

    def ansible(self, *arguments: str) -> Call:
        """A run of ansible-playbook with Ansible's defaults."""
        return Call(
            [str(self.programs.bin / "ansible-playbook"), *arguments],
            self.environment(
                ANSIBLE_COLLECTIONS_PATH=self.programs.collections,
                ANSIBLE_CONFIG=self.write("ansible.cfg", ""),
                ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
                ANSIBLE_LOCALHOST_WARNING="false",
                ANSIBLE_NOCOLOR="true",
                ANSIBLE_PYTHON_INTERPRETER=self.programs.python,
                ANSIBLE_REMOTE_TMP=str(self.directory / "tmp"),
                GITHUB_API_URL=self.url,
                GITHUB_TOKEN=TOKEN,
            ),
        )

    def play(self, task: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> Call:
        """A run of a playbook with one task, which finds the secrets in the variable ``secrets``."""
        play = {"hosts": "localhost", "gather_facts": False, "vars": {"secrets": rows}, "tasks": [task]}
        return self.ansible(self.write("playbook.json", [play]))


@dataclass(frozen=True)
class Call:
    """A command and its whole environment."""

    command: list[str]
    environment: dict[str, str]


@dataclass(frozen=True)
class Way:
    """One way. `peer` is the tool that it requires in addition to this collection. `consumers` get the secrets."""

    key: str
    title: str
    call: Callable[[Place, Job], Call]
    peer: str | None = None
    consumers: tuple[str, ...] = CONSUMERS[:1]


def _one_task(place: Place, job: Job) -> Call:
    return _task(place, job)


def _one_task_for_all(place: Place, job: Job) -> Call:
    return _task(place, job, used_by=CONSUMERS)


def _task(place: Place, job: Job, **more: Sequence[str]) -> Call:
    options = {"repositories": job.repositories, "secrets": "{{ secrets }}", "concurrency": job.concurrency, **more}
    return place.play({"devex.github.codespaces_secrets": options}, job.rows())


def _module(place: Place, job: Job) -> Call:
    return _module_alone(place, job, job.rows())


def _module_dated(place: Place, job: Job) -> Call:
    return _module_alone(place, job, job.rows(value_changed_at="2020-01-01T00:00:00Z"))


def _module_keyed(place: Place, job: Job) -> Call:
    return _module_alone(place, job, job.rows(), fingerprint_key=KEY)


def _module_alone(place: Place, job: Job, rows: list[dict[str, str]], **more: str) -> Call:
    options = {
        **more,
        "api_url": place.url,
        "token": TOKEN,
        "repositories": job.repositories,
        "secrets": rows,
        "concurrency": job.concurrency,
    }
    arguments = place.write("arguments.json", {"ANSIBLE_MODULE_ARGS": options})
    environment = place.environment(PYTHONPATH=place.programs.collections)
    return Call([place.programs.python, "-m", _MODULE, arguments], environment)


def module_with_store(place: Place, job: Job, fingerprints: str) -> Call:
    """The module's process with another fingerprint store than that of the place."""
    return _module_alone(place, job, job.rows(), fingerprints=fingerprints)


def _own_loop(place: Place, job: Job) -> Call:
    module = "devex.github.codespaces_repo_secret"
    return _loop(place, job.rows(), module, repository=job.repositories[0], name="{{ item.name }}")


def _community_loop(place: Place, job: Job) -> Call:
    organization, repository = job.repositories[0].split("/")
    return _community(place, job.rows(), organization=organization, repository=repository)


def _community_each(place: Place, job: Job) -> Call:
    pairs = [repository.split("/") for repository in job.repositories]
    rows = [row for owner, name in pairs for row in job.rows(organization=owner, repository=name)]
    return _community(place, rows, organization="{{ item.organization }}", repository="{{ item.repository }}")


def _community(place: Place, rows: Sequence[Mapping[str, str]], **options: str) -> Call:
    return _loop(place, rows, f"{COMMUNITY}.github_secrets", key="{{ item.name }}", **options)


def _loop(place: Place, rows: Sequence[Mapping[str, str]], module: str, **options: str) -> Call:
    options = {**options, "value": "{{ item.value }}", "api_url": place.url, "token": TOKEN}
    return place.play({module: options, "loop": "{{ secrets }}", "loop_control": {"label": "{{ item.name }}"}}, rows)


def _stat_loop(place: Place, job: Job) -> Call:
    task = {"ansible.builtin.stat": {"path": str(place.directory)}, "loop": "{{ secrets }}"}
    return place.play({**task, "loop_control": {"label": "{{ item.name }}"}}, job.rows())


def _gh(place: Place, job: Job) -> Call:
    return _gh_call(place, _gh_set(place, job, job.repositories[0]))


def _gh_each(place: Place, job: Job) -> Call:
    """Run a shell loop, which continues after a failed repository, and fails at the end."""
    lines = [f"{shlex.join(_gh_set(place, job, repository))} || failed=1\n" for repository in job.repositories]
    return _gh_call(place, ["sh", place.write("each.sh", f"failed=0\n{''.join(lines)}exit $failed\n")])


def _gh_set(place: Place, job: Job, repository: str) -> list[str]:
    values = place.write("secrets.env", "".join(f"{name}={value}\n" for name, value in job.secrets.items()))
    where = f"github.localhost/{repository}"
    return [str(place.programs.gh), "secret", "set", "-f", values, "-R", where, "-a", "codespaces"]


def _gh_call(place: Place, command: list[str]) -> Call:
    return Call(
        command,
        place.environment(
            GH_HOST="github.localhost",
            GH_TOKEN=TOKEN,
            GH_ENTERPRISE_TOKEN=TOKEN,
            GH_NO_UPDATE_NOTIFIER="1",
            # gh uses plain HTTP only for this host, and only through this proxy.
            HTTP_PROXY=f"http://{urlsplit(place.url).netloc}",
        ),
    )


def _role(place: Place, job: Job) -> Call:
    variables = {"codespaces_secrets_secrets": job.rows(), "codespaces_secrets_concurrency": job.concurrency}
    role = {"role": "devex.github.codespaces_secrets"}
    return _play_of_hosts(place, job, {"vars": variables, "roles": [role]})


def _debug(place: Place, job: Job) -> Call:
    task = {"ansible.builtin.debug": {"msg": "Nothing else is done."}}
    return _play_of_hosts(place, job, {"tasks": [task]})


def _play_of_hosts(place: Place, job: Job, play: Mapping[str, Any]) -> Call:
    play = {"hosts": "all", "gather_facts": False, **play}
    inventory = place.write("inventory.json", {"all": {"hosts": {name: {} for name in job.repositories}}})
    return place.ansible(place.write("playbook.json", [play]), "--inventory", inventory, "--forks", str(FORKS))


def _inventory(place: Place, job: Job) -> Call:
    source = {"plugin": "devex.github.repositories", "organizations": [job.repositories[0].split("/")[0]]}
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(place.directory)}
    path = place.write("bench.repositories.yml", {**source, **cache})
    call = place.ansible("--inventory", path, "--list")
    return Call([str(place.programs.bin / "ansible-inventory"), *call.command[1:]], call.environment)


TASK = Way("task", "`devex.github.codespaces_secrets`, one task", _one_task)
SHARED = Way("shared", f"{TASK.title} for {len(CONSUMERS)} consumers", _one_task_for_all, consumers=CONSUMERS)
LOOP = Way("loop", "`devex.github.codespaces_repo_secret`, loop", _own_loop)
PEER = Way("community", "`community.general.github_secrets`, loop", _community_loop, COMMUNITY)
STAT = Way("stat", "`ansible.builtin.stat`, loop", _stat_loop)
GH = Way("gh", "`gh secret set -f`", _gh, "gh")
PEER_EACH = Way("community", f"{PEER.title} over repositories and secrets", _community_each, COMMUNITY)
GH_EACH = Way("gh", f"{GH.title}, a process for each repository", _gh_each, "gh")
MODULE = Way("module", "`devex.github.codespaces_secrets`, the module's process", _module)
DATED = Way("dated", f"{MODULE.title}, with `value_changed_at`", _module_dated)
KEYED = Way("keyed", f"{MODULE.title}, with `fingerprint_key`", _module_keyed)
#: The ways that run the module without ansible-playbook.
PROCESSES = (MODULE, DATED, KEYED)
ROLE = Way("role", f"role, a host for each repository, `--forks {FORKS}`", _role)
DEBUG = Way("debug", f"one `debug` task, the same hosts, `--forks {FORKS}`", _debug)
INVENTORY = Way("inventory", "`ansible-inventory --list`, `devex.github.repositories`", _inventory)
