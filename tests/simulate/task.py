# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one task in this process, and print its cost as JSON."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from array import array
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# For this collection, and the packages `simulate` and `emulator`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "build/dev"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from emulator.limits import Rules

from ansible_collections.devex.github.plugins.module_utils._engine.provision import Provisioner
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._module.result import many
from ansible_collections.devex.github.plugins.module_utils._options.connection import connection
from ansible_collections.devex.github.plugins.module_utils._options.jobs import jobs
from ansible_collections.devex.github.plugins.module_utils._record.open import open_store
from simulate.clock import Clock
from simulate.github import API, SECRETS, GitHub, repository

FIRST, NOTHING, ROTATION = KINDS = ("first", "nothing", "rotation")
#: Requests at once, as the module sends them by default.
CONCURRENCY = 10
#: Seconds of one request. GitHub takes a thread's share of them, because the clock moves for each sleeping thread.
LATENCY_SECONDS = 0.3
# 10 March 2026, noon.
_START = 1_773_144_000.0
_OPTIONS: dict[str, Any] = {
    "app_id": None,
    "app_private_key": None,
    "app_installation_id": None,
    "token": "ghp_simulated",
    "api_url": API,
    "api_version": "2026-03-10",
    "timeout": 30,
    "retries": 3,
    "validate_certs": True,
    "ca_path": None,
    "organization": None,
    "user": None,
    "targets": None,
    "prune": False,
    "prune_keep": [],
    "prune_max": 10,
    "prune_all": False,
    "used_by": ["codespaces"],
}
_SECRET = {"state": "present", "encrypted_value": None, "key_id": None, "update_value": "on_change", "used_by": None}


@dataclass(frozen=True)
class Took:
    """The time, the requests and the memory of a task."""

    #: Of the virtual clock.
    hours: float
    requests: int
    #: Requests that GitHub rejected because of a limit.
    rejected: int
    #: Resident memory of the process at its peak, in units of 1,000,000 bytes.
    megabytes: float
    #: Of a real clock.
    seconds: float
    #: Secrets that were written.
    written: int
    #: The error that ended the task; empty: none.
    error: str = ""


def run(kind: str, repositories: int, rules: Rules, directory: Path, max_wait: int) -> Took:
    """Run a task.

    :arg directory: with GitHub's secrets and the store, which are left there for the next task.
    """
    state = directory / "github"
    clock = Clock(_START)
    github = GitHub(clock, rules, repositories, LATENCY_SECONDS / CONCURRENCY)
    if state.exists():
        github.times = array("q", state.read_bytes())
        # A day later than the last write.
        clock.sleep(max(github.times) + 86_400 - clock.now())
        github.limits = type(github.limits)(clock, rules)
    start, started = clock.now(), time.monotonic()
    options = {
        **_OPTIONS,
        "max_wait": max_wait,
        "repositories": [repository(number) for number in range(repositories)],
        "secrets": [
            {**_SECRET, "name": name, "value": _value(name, kind), "value_changed_at": None} for name in SECRETS
        ],
    }
    reached = connection(options)
    session = Session(
        reached, adapter=github, pace=lambda: Pace(reached.max_wait, monotonic=clock.now, sleep=clock.sleep)
    )
    key = b"k" * 32
    with closing(session), closing(open_store(str(directory / "store"), reached.api_url)) as store:
        provisioner = Provisioner(session, store, check_mode=False, concurrency=CONCURRENCY, key=key, sleep=clock.sleep)
        readings, items = provisioner.run(jobs(options))
    error = next((str(item.error) for item in items if item.error), "")
    if not error:
        many(readings, items, check_mode=False, diff_mode=False)
    state.write_bytes(github.times.tobytes())
    return Took(
        (clock.now() - start) / 3600,
        github.requests,
        github.limits.refused,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        time.monotonic() - started,
        sum(len(item.sent) for item in items),
        error,
    )


def _value(name: str, kind: str) -> str:
    is_new = kind == ROTATION and name == SECRETS[0]
    return f"the {'new ' if is_new else ''}value of {name}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Run one simulated task.")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("repositories", type=int)
    parser.add_argument("rules", type=json.loads, help="the limits that differ from GitHub's for one token, as JSON")
    parser.add_argument("directory", type=Path)
    parser.add_argument("max_wait", type=int)
    arguments = parser.parse_args(argv)
    took = run(
        arguments.kind, arguments.repositories, Rules(**arguments.rules), arguments.directory, arguments.max_wait
    )
    print(json.dumps(asdict(took)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
