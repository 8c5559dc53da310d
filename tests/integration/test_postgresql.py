# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Share a store in PostgreSQL between controllers, without showing its password."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from emulator.client import Emulator

from ansible_collections.devex.github.tests.unit.plugins.module_utils.postgres import Postgres

from .conftest import COLLECTIONS, Ansible, Run, Task, repo_secret

pytestmark = pytest.mark.thorough

SCOPE = "repo:octo-org/app"


@pytest.fixture(scope="session")
def running_postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres(running_postgres: Postgres) -> Postgres:
    """Return a PostgreSQL server with an empty database, which a test may stop."""
    running_postgres.start()
    running_postgres.empty_database()
    return running_postgres


@pytest.fixture
def address(postgres: Postgres) -> str:
    """Return the address of the store, with its password."""
    return postgres.address("records")


def at(home: str, ansible: Ansible, address: str) -> Ansible:
    """Return another controller, with this store."""
    path = ansible.home / home
    path.mkdir()
    own = {"HOME": str(path), "XDG_STATE_HOME": str(path / "state"), "DEVEX_GITHUB_FINGERPRINTS": address}
    return replace(ansible, home=path, environment={**ansible.environment, **own})


def user_secret(**options: Any) -> Task:
    return {"devex.github.codespaces_user_secret": {"name": "NPM_TOKEN", **options}}


def bulk(count: int, **options: Any) -> Task:
    rows = [{"name": f"SECRET_{number:03}", "value": f"s3cret-{number:03}"} for number in range(count)]
    return {"devex.github.codespaces_secrets": {"secrets": rows, "repositories": ["octo-org/app"], **options}}


def test_two_controllers_share_a_store_without_extra_writes(ansible: Ansible, emulator: Emulator, address: str) -> None:
    one, two = (at(home, ansible, address) for home in ("one", "two"))
    first, second = repo_secret(value="1st"), repo_secret(value="2nd")
    assert one.play(first).reasons == ["created"]
    assert two.play(first, {**first, "check_mode": True}).reasons == ["unchanged"] * 2
    # A rotation by one controller is not an edit for the other.
    assert two.play(second).reasons == ["value_changed"]
    assert one.play(second).reasons == ["unchanged"]
    emulator.advance(60)
    emulator.edit(SCOPE, "NPM_TOKEN", value="theirs")
    for controller in (one, two):
        assert controller.play(second, check=True).reasons == ["updated_elsewhere"]
    assert two.play(second).reasons == ["updated_elsewhere"]
    assert one.play(second).reasons == ["unchanged"]
    assert not one.fingerprints.exists()
    assert not two.fingerprints.exists()


def test_a_list_change_of_one_controller_is_not_an_edit_for_the_other(
    ansible: Ansible, emulator: Emulator, address: str
) -> None:
    one, two = (at(home, ansible, address) for home in ("one", "two"))
    secret = user_secret(value="s3cret")
    unread = replace(one, warning="list of repositories is empty")
    unread.play(secret)
    emulator.advance(60)
    add = {"devex.github.codespaces_user_secret_repos": {"name": "NPM_TOKEN", "repositories": ["octo-org/app"]}}
    assert two.play(add).changed == [True]
    assert one.play(secret).reasons == ["unchanged"]
    assert two.play({**user_secret(state="absent")}).changed == [True]
    assert unread.play(secret).reasons == ["created"]


def test_two_controllers_share_a_store_and_its_key(ansible: Ansible, emulator: Emulator, address: str) -> None:
    one, two = (at(home, ansible, address) for home in ("one", "two"))
    key = os.urandom(32).hex()
    assert one.play(bulk(30)).changed == [True]
    run = two.play(bulk(30, fingerprint_key=key), bulk(30, fingerprint_key=key))
    assert run.changed == [False, False]
    assert one.play(bulk(30, fingerprint_key=key)).changed == [False]


def test_check_mode_creates_no_tables(ansible: Ansible, emulator: Emulator, postgres: Postgres, address: str) -> None:
    run = ansible.play(repo_secret(value="s3cret", fingerprints=address), check=True)
    assert run.reasons == ["created"]
    assert postgres.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'devex_github'", database="records") == []


def test_dates_need_no_database(ansible: Ansible, emulator: Emulator) -> None:
    nowhere = {"fingerprints": "postgresql://team@127.0.0.1:1/records", "value_changed_at": "2020-01-01T00:00:00Z"}
    assert ansible.play(repo_secret(value="s3cret", **nowhere)).reasons == ["created"]


# --- the password ---


def test_no_output_contains_the_password(ansible: Ansible, emulator: Emulator, postgres: Postgres) -> None:
    wrong, bare = "wr0ng/p@ss", "b4re@p/ass"
    good = postgres.address("records")
    another = postgres.address("records", password=wrong)
    malformed = f"postgresql://team:{bare}@127.0.0.1/records"
    tasks: list[Task] = [
        {**repo_secret(value="s3cret", fingerprints=good), "register": "result"},
        {"ansible.builtin.debug": {"var": "result"}},
        repo_secret(value="s3cret", fingerprints=f"{good}?application_name=x&sslmode=prefer"),
        bulk(2, fingerprints=good),
        repo_secret(value="s3cret"),
        # Each case fails for another reason, in another part of Ansible or of the module.
        repo_secret(value="s3cret", fingerprints=another),
        repo_secret(value="s3cret", fingerprints=f"{good}?sslmod=require"),
        repo_secret(value="s3cret", fingerprints=f"{good}?sslmode=nonsense"),
        repo_secret(value="s3cret", fingerprints=f"{good}?port=nonsense"),
        repo_secret(value="s3cret", fingerprints=f"{good}_of_nobody"),
        repo_secret(value="s3cret", fingerprints=malformed),
        repo_secret(value="s3cret", fingerprints=f"mysql://team:{bare}@127.0.0.1/records"),
        repo_secret(value="s3cret", fingerprints=f"host=127.0.0.1 password={bare}"),
        repo_secret(value="s3cret", fingerprints=[good]),
        repo_secret(value="s3cret", fingerprint=good),
        repo_secret(value="s3cret", fingerprints=good, state="gone"),
        repo_secret(value="s3cret", fingerprints=good, retries="many"),
        repo_secret(value=5, fingerprints=good),
        {"devex.github.codespaces_secret_info": {"repository": "octo-org/app", "fingerprintz": good}},
    ]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [{"ignore_errors": True, **task} for task in tasks],
    }
    # Ansible shows the environment if a task fails before the module reads it.
    environment = {**ansible.environment, "DEVEX_GITHUB_FINGERPRINTS": good, "ANSIBLE_INJECT_INVOCATION": "true"}
    run = replace(ansible, environment=environment).plays([play], "-vvvv")
    assert [result["status"] for result in run.results] == ["ok"] * 5 + ["failed"] * 14
    output = run.output.replace("\\/", "/")
    for password in (postgres.password, wrong, bare, "p@ss", "p/ass", "b4re", "wr0ng"):
        for trace in (password, quote(password, safe=""), base64.b64encode(password.encode()).decode()):
            assert trace not in output
    playbook = ansible.home / "playbook.json"
    files = [path for path in ansible.home.rglob("*") if path.is_file() and path != playbook]
    for path in files:
        assert postgres.password.encode() not in path.read_bytes()
        assert quote(postgres.password, safe="").encode() not in path.read_bytes()
    assert re.search(r"postgresql://team:(\*{8}|\$REDACTED\$)@127\.0\.0\.1", output)
    assert not (ansible.home / "mysql:").exists()


# --- failures ---


def test_a_task_fails_before_a_request_if_the_database_cannot_be_used(
    ansible: Ansible, emulator: Emulator, postgres: Postgres, address: str
) -> None:
    guest = postgres.new_role()
    unusable = {
        "postgresql://team@127.0.0.1:1/records": "Connection refused",
        postgres.address("records", password="wrong"): "password authentication failed",
        postgres.address("records", user=guest): "this role cannot create them",
        f"{address}?options=-c%20default_transaction_read_only%3Don": "the server or the role is read-only",
    }
    run = ansible.play(*(repo_secret(value="s3cret", fingerprints=address) for address in unusable))
    for result, reason in zip(run.results, unusable.values(), strict=True):
        assert result["status"] == "failed"
        assert reason in result["msg"]
        assert result["msg"].startswith("The fingerprint store postgresql://")
    assert emulator.calls() == []


def test_a_task_requires_psycopg_only_for_an_address(ansible: Ansible, emulator: Emulator, address: str) -> None:
    hidden = ansible.home / "hidden"
    hidden.mkdir()
    (hidden / "psycopg.py").write_text("raise ImportError('not here')", encoding="utf-8")
    environment = {"PYTHONPATH": str(hidden)}
    run = ansible.play(
        {**repo_secret(value="s3cret", fingerprints=address), "environment": environment},
        {**repo_secret(value="s3cret"), "environment": environment},
    )
    assert "Failed to import the required Python library (psycopg)" in run[0]["msg"]
    assert run[1]["reason"] == "created"


def module(ansible: Ansible, task: Task) -> subprocess.Popen[bytes]:
    """Start a module as Ansible does."""
    ((name, options),) = task.items()
    arguments = ansible.home / "arguments"
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}), encoding="utf-8")
    module_name = f"ansible_collections.devex.github.plugins.modules.{name.rpartition('.')[2]}"
    return subprocess.Popen(
        [sys.executable, "-m", module_name, str(arguments)],
        env={**ansible.environment, "PYTHONPATH": COLLECTIONS, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )


def await_writes(emulator: Emulator, process: subprocess.Popen[bytes], count: int) -> None:
    while len(emulator.state()[SCOPE]["secrets"]) < count and process.poll() is None:
        time.sleep(0.005)


def settles(ansible: Ansible, task: Task) -> Run:
    """Run the task twice, and check that the second run changes nothing."""
    run = ansible.play(task, task)
    assert [result["status"] for result in run.results] == ["ok", "ok"]
    assert run[1]["changed"] is False
    return run


def test_a_task_stops_if_the_database_goes_away(
    ansible: Ansible, emulator: Emulator, postgres: Postgres, address: str
) -> None:
    emulator.no_limits()
    emulator.switch(latency=0.05)
    task = bulk(60, concurrency=4, fingerprints=address)
    process = module(ansible, task)
    await_writes(emulator, process, 15)
    postgres.kill()
    output, dummy = process.communicate(timeout=120)
    result = json.loads(output)
    assert result["failed"] is True
    assert "not recorded" in result["msg"]
    assert f"postgresql://team@127.0.0.1:{postgres.port}/records" in result["msg"]
    emulator.switch(latency=0)
    postgres.start()
    settles(ansible, task)
    writes = [secret["writes"] for secret in emulator.state()[SCOPE]["secrets"].values()]
    assert len(writes) == 60
    # At most the writes that were under way are missing.
    assert sum(writes) <= 60 + 4


@pytest.mark.parametrize("after", [1, 40])
def test_the_run_after_a_killed_run_repeats_only_unrecorded_writes(
    after: int, ansible: Ansible, emulator: Emulator, address: str
) -> None:
    emulator.no_limits()
    emulator.switch(latency=0.02)
    task = bulk(60, concurrency=4, fingerprints=address)
    process = module(ansible, task)
    await_writes(emulator, process, after)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    emulator.switch(latency=0)
    settles(ansible, task)
    writes = [secret["writes"] for secret in emulator.state()[SCOPE]["secrets"].values()]
    assert len(writes) == 60
    assert sum(writes) <= 60 + 4


def test_concurrent_processes_share_one_store(ansible: Ansible, emulator: Emulator, address: str) -> None:
    names = [f"octo-org/repository-{number}" for number in range(4)]
    emulator.repositories(*names)
    homes = [at(f"home-{number}", ansible, address) for number in range(4)]
    processes = [module(home, bulk(10, repositories=[name])) for home, name in zip(homes, names, strict=True)]
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0
    assert homes[0].play(bulk(10, repositories=names)).changed == [False]


def test_two_controllers_share_the_pace(ansible: Ansible, emulator: Emulator, address: str) -> None:
    one, two = (at(home, ansible, address) for home in ("one", "two"))
    # The first task creates the tables.
    assert one.play(repo_secret(value="1st")).failed == []
    emulator.repositories(*(f"octo-org/{home}-{number}" for home in ("one", "two") for number in range(2)))
    emulator.limit()
    row = {"value": "v", "value_changed_at": "2026-01-01T00:00:00Z"}
    rows = [{"name": f"SECRET_{number:03}", **row} for number in range(83)]

    def run(controller: Ansible) -> Run:
        where = [f"octo-org/{controller.home.name}-{number}" for number in range(2)]
        return controller.play({"devex.github.codespaces_secrets": {"secrets": rows, "repositories": where}})

    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(run, [one, two]))
    assert [run.failed for run in runs] == [[], []]
    assert emulator.refused() == 0
