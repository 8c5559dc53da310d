# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run tasks with faults of GitHub, the network and the machine."""

from __future__ import annotations

import ipaddress
import json
import os
import resource
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import COLLECTIONS, Ansible, Task, repo_secret

pytestmark = pytest.mark.thorough

APP = ["octo-org/app"]
SCOPE = "repo:octo-org/app"
GHE_COM = "api.octo.ghe.com"


def secrets(count: int, **options: Any) -> Task:
    rows = [{"name": f"SECRET_{number:03}", "value": f"value-{number:03}"} for number in range(count)]
    return {"devex.github.codespaces_secrets": {"secrets": rows, "repositories": APP, "concurrency": 20, **options}}


def writes(emulator: Emulator) -> list[int]:
    """Return how often each secret was written."""
    return [secret["writes"] for secret in emulator.state()[SCOPE]["secrets"].values()]


# --- transport ---


#: Faults of the first request of a method, after which the request is sent again.
PASSING: list[tuple[str, dict[str, Any]]] = [
    *(
        (method, fault)
        for method in ("GET", "PUT")
        for fault in (
            {"kind": "status", "status": 500},
            {"kind": "status", "status": 502, "body": "<html>Bad gateway</html>"},
            {"kind": "drop"},
            {"kind": "drop_after"},
            {"kind": "truncate"},
            {"kind": "not_json"},
        )
    ),
    # Answers with an unexpected status.
    ("PUT", {"kind": "status", "status": 200, "body": ""}),
    ("PUT", {"kind": "status", "status": 200, "body": {"message": "odd"}}),
    ("PUT", {"kind": "status", "status": 202, "body": {}}),
    ("GET", {"kind": "status", "status": 204, "body": ""}),
]


def test_a_request_is_retried_after_a_fault(ansible: Ansible, emulator: Emulator) -> None:
    # Each case has a separate repository.
    cases = {f"octo-org/{number}": case for number, case in enumerate(PASSING)}
    emulator.repositories(*cases)
    for name, (method, fault) in cases.items():
        emulator.fault(method=method, path=f"^/repos/{name}/codespaces/secrets(/NPM_TOKEN)?$", **fault)
    tasks = [repo_secret(repository=name, value="value") for name in cases]
    run = ansible.play(*tasks, *tasks)
    message = dict(zip(cases, run.results, strict=False))
    assert {name: (row["status"], row["changed"], row["api_calls"]) for name, row in message.items()} == dict.fromkeys(
        cases, ("ok", True, 4)
    )
    for name in cases:
        assert emulator.values(f"repo:{name}") == {"NPM_TOKEN": "value"}
    assert run.reasons[len(cases) :] == ["unchanged"] * len(cases)


def test_an_unexpected_status_is_not_a_success(ansible: Ansible, emulator: Emulator) -> None:
    emulator.fault("status", method="PUT", status=202, body={})
    run = ansible.play(repo_secret(value="value", retries=0), repo_secret(value="value"))
    assert "GitHub answered 202" in run[0]["msg"]
    assert run[1]["reason"] == "created"


def test_a_request_is_retried_if_the_answer_is_too_slow(ansible: Ansible, emulator: Emulator) -> None:
    emulator.fault("delay", method="PUT", seconds=3)
    run = ansible.play(repo_secret(value="value", timeout=1))
    assert run.changed == [True]
    assert run[0]["api_calls"] == 4
    assert ansible.play(repo_secret(value="value")).changed == [False]


def test_a_task_fails_if_a_fault_persists(ansible: Ansible, emulator: Emulator) -> None:
    emulator.fault("status", status=503, times=None)
    run = ansible.play(repo_secret(value="value", retries=1), repo_secret(value="value", retries=0))
    assert run.api_calls == [2, 1]
    assert "failed after 2 tries: GitHub answered 503" in run[0]["msg"]
    assert run[0]["changed"] is False


def test_a_task_fails_if_the_server_does_not_listen(ansible: Ansible) -> None:
    run = ansible.play(repo_secret(value="value", api_url="http://127.0.0.1:9", retries=0))
    assert "failed after one try: ConnectionError, Connection refused" in run[0]["msg"]


def test_a_rejected_request_is_not_retried(ansible: Ansible, emulator: Emulator) -> None:
    refusals = {f"octo-org/{status}": status for status in (400, 401, 403, 404, 409, 422)}
    emulator.repositories(*refusals)
    for name, status in refusals.items():
        path = f"^/repos/{name}/"
        emulator.fault("status", method="GET", path=path, status=status, body={"message": "No."}, times=None)
    run = ansible.play(*(repo_secret(repository=name, value="value") for name in refusals))
    for status, message in zip(refusals.values(), run.failed, strict=True):
        assert str(status) in message
    assert run.api_calls == [1] * len(refusals)


# --- limits ---


@pytest.mark.parametrize(
    ("status", "answer"), [(403, "retry_after"), (429, "retry_after_date"), (429, "retry_after"), (403, "reset")]
)
def test_thirty_writes_twenty_at_a_time(status: int, answer: str, ansible: Ansible, emulator: Emulator) -> None:
    # With few secrets, the slower pace after a rate limit does not cause a wait of minutes.
    emulator.limit(points=100, window=1.0, status=status, answer=answer)
    run = ansible.play(secrets(30))
    assert run.failed == []
    assert writes(emulator) == [1] * 30


def test_a_task_fails_at_once_if_a_limit_ends_too_late(ansible: Ansible, emulator: Emulator) -> None:
    emulator.limit(remaining=30, reset_in=3600)
    started = time.monotonic()
    run = ansible.play(secrets(100))
    assert time.monotonic() - started < 30
    assert run[0]["status"] == "failed"
    ends = datetime.now(timezone.utc) + timedelta(seconds=3600)
    assert (
        ends.strftime("%Y-%m-%dT%H") in run[0]["msg"] or (ends - timedelta(minutes=5)).strftime("T%H") in run[0]["msg"]
    )
    assert "max_wait is 120 s" in run[0]["msg"]
    applied = [row["name"] for row in run[0]["secrets"]]
    assert sorted(applied) == sorted(emulator.state()[SCOPE]["secrets"])
    assert len(applied) == len(run[0]["operations"]) == 28
    assert run[0]["api_calls"] < 60

    # A user who does not know the limit from the run before.
    shutil.rmtree(ansible.home / "state/devex.github/pace")
    emulator.limit()
    run = ansible.play(secrets(100))
    assert len(run[0]["operations"]) == 72


def test_a_task_waits_a_minute_if_a_limit_has_no_end(ansible: Ansible, emulator: Emulator) -> None:
    emulator.limit(points=1, window=600, answer="bare")
    run = ansible.play(repo_secret(value="value", max_wait=59))
    assert "in 60 s" in run[0]["msg"]


# --- permissions ---

TOKENS: dict[str, dict[str, Any]] = {
    "token-no-scope": {"kind": "classic", "scopes": ["gist"], "user": "octocat"},
    "token-no-permission": {"kind": "fine_grained", "permissions": {}, "user": "octocat"},
    "token-app": {"kind": "installation", "permissions": {}, "user": "octocat"},
    "token-sso": {
        "kind": "classic",
        "scopes": ["repo", "admin:org", "codespace"],
        "user": "octocat",
        "sso": "https://github.com/orgs/octo-org/sso?authorization_request=AB",
    },
    "good-token": {"kind": "classic", "scopes": ["repo", "admin:org", "codespace"], "user": "octocat"},
}


@pytest.mark.parametrize("missing_scope", [403, 404])
def test_an_error_about_permissions_names_the_missing_one(
    missing_scope: int, ansible: Ansible, emulator: Emulator
) -> None:
    emulator.switch(missing_scope=missing_scope)
    emulator.tokens(TOKENS)
    emulator.repositories({"full_name": "octo-org/old", "archived": True})
    emulator.organization("free-plan", codespaces=False)
    run = ansible.play(
        repo_secret(state="absent", token="revoked"),
        repo_secret(state="absent", token="token-no-scope"),
        repo_secret(state="absent", token="token-no-permission"),
        repo_secret(state="absent", token="token-app"),
        repo_secret(state="absent", token="token-sso"),
        repo_secret(value="text", token="good-token", repository="octo-org/old"),
        {
            "devex.github.codespaces_org_secret": {
                "organization": "free-plan",
                "name": "ONE",
                "state": "absent",
                "token": "good-token",
            }
        },
    )
    messages = [result["msg"] for result in run.results]
    assert "The token is wrong or expired" in messages[0]
    assert "'repo'" in messages[1]
    assert "It has the scopes 'gist'" in messages[1]
    assert "The token needs the permission 'Codespaces secrets: write'." in messages[2]
    assert "Grant the GitHub App the permission 'Codespaces secrets: write', and accept it in the" in messages[3]
    assert "https://github.com/orgs/octo-org/sso?authorization_request=AB" in messages[4]
    assert "Unarchive the repository" in messages[5]
    assert "A 404 does not count as absent" in messages[6]
    assert {result["status"] for result in run.results} == {"failed"}


def test_a_token_that_expires_soon_causes_a_warning(ansible: Ansible, emulator: Emulator) -> None:
    # This date is in the future, but in less than a year.
    soon = datetime.now(timezone.utc) + timedelta(days=3)
    expires = {"soon": f"{soon:%Y-%m-%d %H:%M:%S} UTC", "later": f"{soon.year + 1}-12-31 12:00:00 -0500"}
    emulator.tokens({name: {"expires": text} for name, text in expires.items()})
    run = replace(
        ansible, warning=f"The token expires at {soon:%Y-%m-%dT%H:%M:%SZ}. Create a new token before then."
    ).play(repo_secret(value="text", token="soon"), repo_secret(value="text", token="soon"))
    assert run.changed == [True, False]
    assert run.output.count("WARNING]") == 1
    assert ansible.play(repo_secret(value="text", token="later")).changed == [False]


# --- keys ---


@pytest.mark.parametrize(("stale_key", "calls"), [("refuse", 5), ("accept", 3)])
def test_a_value_is_sealed_again_if_the_key_changes_before_the_write(
    stale_key: str, calls: int, ansible: Ansible, emulator: Emulator
) -> None:
    emulator.switch(stale_key=stale_key)
    emulator.fault("delay", method="PUT", seconds=2)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(ansible.play, repo_secret(value="value"))
        for dummy in range(200):
            if any(call["path"].endswith("public-key") for call in emulator.calls()):
                break
            time.sleep(0.05)
        emulator.rotate_key(SCOPE)
        run = running.result()
    assert run.changed == [True]
    assert run[0]["api_calls"] == calls
    assert emulator.values(SCOPE)["NPM_TOKEN"] == "value"
    assert ansible.play(repo_secret(value="value")).changed == [False]


# --- crashes ---


def module(
    ansible: Ansible, task: Task, number: int = 0, limit_file_size: int | None = None
) -> subprocess.Popen[bytes]:
    """Start a module as Ansible does."""
    ((name, options),) = task.items()
    arguments = ansible.home / f"arguments-{number}"
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}), encoding="utf-8")

    def limit() -> None:
        if limit_file_size is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_file_size, limit_file_size))

    module_name = f"ansible_collections.devex.github.plugins.modules.{name.rpartition('.')[2]}"
    return subprocess.Popen(
        [sys.executable, "-m", module_name, str(arguments)],
        env={**ansible.environment, "PYTHONPATH": COLLECTIONS, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if limit_file_size is not None else subprocess.DEVNULL,
        preexec_fn=limit,
    )


@pytest.mark.parametrize("after", [1, 60])
def test_the_run_after_a_killed_run_repeats_only_unrecorded_writes(
    after: int, ansible: Ansible, emulator: Emulator
) -> None:
    emulator.switch(latency=0.02)
    task = secrets(100, concurrency=4)
    process = module(ansible, task)
    while len(emulator.state()[SCOPE]["secrets"]) < after and process.poll() is None:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    emulator.switch(latency=0)
    run = ansible.play(task, task)
    assert run[1]["changed"] is False
    assert run[0]["status"] == "ok"
    assert {row["reason"] for row in run[0]["secrets"]} <= {"created", "not_recorded", "unchanged"}
    assert len(writes(emulator)) == 100
    assert sum(writes(emulator)) <= 100 + 4


def test_a_task_stops_if_the_disk_is_full(ansible: Ansible, emulator: Emulator) -> None:
    # The task has more writes than GitHub allows in a minute.
    emulator.no_limits()
    ansible.play(secrets(3))
    size = ansible.fingerprints.stat().st_size
    task = secrets(100, concurrency=1)
    process = module(ansible, task, limit_file_size=size)
    output, dummy = process.communicate(timeout=60)
    result = json.loads(output)
    assert result["failed"] is True
    assert str(ansible.fingerprints) in result["msg"]
    assert "carried out, but not recorded" in result["msg"]
    assert "nothing more was sent" in result["msg"]
    run = ansible.play(secrets(100), secrets(100))
    assert run.changed == [True, False]
    assert {row["reason"] for row in run[0]["secrets"][:3]} == {"unchanged"}
    # Only the write that could not be recorded was repeated.
    assert sorted(writes(emulator))[-2:] == [1, 2]


@pytest.mark.parametrize("damage", ["corrupt", "directory"])
def test_a_task_fails_before_a_request_if_the_store_cannot_be_used(
    damage: str, ansible: Ansible, emulator: Emulator
) -> None:
    ansible.fingerprints.parent.mkdir(parents=True)
    if damage == "directory":
        ansible.fingerprints.mkdir()
    else:
        ansible.fingerprints.write_text("This is no database. " * 100, encoding="utf-8")
    for check in (True, False):
        run = ansible.play(repo_secret(value="value"), check=check)
        assert run[0]["status"] == "failed"
        assert str(ansible.fingerprints) in run[0]["msg"]
    assert emulator.calls() == []


def test_a_python_without_sqlite3_fails_only_tasks_that_compare_values(
    ansible: Ansible, emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "stubs").mkdir()
    (tmp_path / "stubs/sqlite3.py").write_text("raise ImportError('No module named _sqlite3')\n", encoding="utf-8")
    without = replace(ansible, environment={**ansible.environment, "PYTHONPATH": str(tmp_path / "stubs")})
    user = {"name": "NPM_TOKEN", "repositories": ["octo-org/app"]}
    run = without.play(
        repo_secret(value="a value"),
        repo_secret(value="a value", value_changed_at="2026-01-01T00:00:00Z"),
        repo_secret(value="another value", update_value="always"),
        {
            "devex.github.codespaces_user_secret": {
                "name": "NPM_TOKEN",
                "value": "a value",
                "value_changed_at": "2026-01-01T00:00:00Z",
                "selected_repositories": ["octo-org/api"],
            }
        },
        {"devex.github.codespaces_user_secret_repos": user},
        repo_secret(state="absent"),
    )
    assert [result["status"] for result in run.results] == ["failed"] + ["ok"] * 5
    assert run.changed[1:] == [True] * 5
    assert "cannot be used: this Python was built without sqlite3. Run the task with another Python" in run[0]["msg"]
    assert run[0]["api_calls"] == 0
    assert not ansible.fingerprints.exists()


def test_ten_processes_share_one_store(ansible: Ansible, emulator: Emulator) -> None:
    names = [f"octo-org/repository-{number}" for number in range(10)]
    emulator.repositories(*names)
    processes = [module(ansible, secrets(10, repositories=[name]), number) for number, name in enumerate(names)]
    for process in processes:
        assert process.wait(60) == 0
    run = ansible.play(secrets(10, repositories=names))
    assert run.changed == [False]


@pytest.mark.parametrize("lag", [1, 3])
def test_a_late_list_causes_no_second_write(lag: int, ansible: Ansible, emulator: Emulator) -> None:
    emulator.switch(lag=lag)
    run = ansible.play(repo_secret(value="1st"), repo_secret(value="1st"))
    assert run.changed == [True, False]
    run = ansible.play(repo_secret(value="2nd"), repo_secret(value="2nd"))
    assert run.changed == [True, False]
    assert writes(emulator) == [2]


# --- certificates ---


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return an untrusted certificate for localhost and an address of GHE.com, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName(GHE_COM)]
    now = datetime.now(timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    directory = tmp_path_factory.mktemp("tls")
    certificate, private = directory / "certificate.pem", directory / "key.pem"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


def test_certificates_are_checked(ansible: Ansible, certificate: tuple[Path, Path]) -> None:
    authority, key = map(str, certificate)
    with Emulator.start("--tls-certificate", authority, "--tls-key", key) as server:
        run = ansible.play(
            repo_secret(value="text", api_url=server.url),
            repo_secret(value="text", api_url=server.url, ca_path=authority),
            {**repo_secret(value="text", api_url=server.url), "environment": {"REQUESTS_CA_BUNDLE": authority}},
            repo_secret(value="text", api_url=server.url, validate_certs=False),
            repo_secret(value="text", api_url=server.url, ca_path="/does/not/exist.pem"),
        )
        calls = server.calls()
    assert [result["status"] for result in run.results] == ["failed", "ok", "ok", "ok", "failed"]
    assert "Set ca_path to" in run[0]["msg"]
    assert run[0]["api_calls"] == 1
    assert "'/does/not/exist.pem' does not exist" in run[4]["msg"]
    assert len(calls) == 3 + 1 + 1


@contextmanager
def tunnel(port: int) -> Iterator[tuple[str, list[str]]]:
    """A proxy that leads all connections to one port of this machine, and the addresses that they asked for."""
    asked: list[str] = []

    def forward(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            asked.append(self.request.recv(65536).split()[1].decode())
            with socket.create_connection(("127.0.0.1", port)) as upstream:
                self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                answers = threading.Thread(target=forward, args=(upstream, self.request))
                answers.start()
                forward(self.request, upstream)
                answers.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


def test_ghe_com_has_all_secrets(ansible: Ansible, certificate: tuple[Path, Path]) -> None:
    authority, key = map(str, certificate)
    with ExitStack() as stack:
        server = stack.enter_context(Emulator.start("--tls-certificate", authority, "--tls-key", key))
        proxy, asked = stack.enter_context(tunnel(int(server.url.rpartition(":")[2])))
        options = {"api_url": f"https://{GHE_COM}", "ca_path": authority}
        ghe = replace(ansible, environment={**ansible.environment, "HTTPS_PROXY": proxy})
        organization = {"organization": "octo-org", "name": "A", "value": "text", "visibility": "all"}
        run = ghe.play(
            repo_secret(value="text", **options),
            {
                "devex.github.codespaces_user_secret": {
                    "name": "A",
                    "value": "text",
                    "selected_repositories": APP,
                    **options,
                }
            },
            {"devex.github.codespaces_org_secret": {**organization, **options}},
            repo_secret(value="text", **options),
        )
        state = server.state()
    assert run.changed == [True, True, True, False], run.output
    assert {scope for scope, found in state.items() if found["secrets"]} == {SCOPE, "user", "org:octo-org"}
    assert set(asked) == {f"{GHE_COM}:443"}


def test_a_proxy_that_rejects_the_password_is_asked_once(ansible: Ansible) -> None:
    seen: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def reject() -> None:
        with suppress(OSError):
            while True:
                connection, dummy = server.accept()
                with connection:
                    seen.append(connection.recv(65536))
                    connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    thread = threading.Thread(target=reject)
    thread.start()
    proxy = f"http://octo:hunter2@127.0.0.1:{server.getsockname()[1]}"
    names = [f"octo-org/{number}" for number in range(30)]
    task = {**secrets(3, repositories=names, api_url="https://api.github.com"), "environment": {"HTTPS_PROXY": proxy}}
    run = ansible.play(task)
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()
    assert len(seen) == run[0]["api_calls"] == 1
    assert f"the proxy {proxy.replace('octo:hunter2@', '')} (HTTPS_PROXY) answered 407" in run[0]["msg"]
    assert run[0]["summary"]["not_reached"] == 90
    assert "hunter2" not in run.output
