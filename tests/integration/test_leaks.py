# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that no value, sealed value or token appears anywhere, in success and failure."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import OWN_PROCESS, TOKEN, Ansible, Run, Task, repo_secret

PLAIN = "correct horse battery staple"
LINES = 'a key of\nseveral lines, "quoted", with Umlauts: äöü'
STUBS = Path(__file__).parent / "stubs"


@contextmanager
def command_lines(home: Path) -> Iterator[set[str]]:
    """Collect the command lines of all processes with this home directory."""
    seen: set[str] = set()
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    if os.fsencode(home) not in path.with_name("environ").read_bytes():
                        continue
                    seen.add(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
                except OSError:
                    continue

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def traces(text: str) -> list[str]:
    """Return a text in all forms in which it could appear."""
    return [
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        repr(text)[1:-1],
        base64.b64encode(text.encode()).decode(),
        text.splitlines()[-1],
    ]


def user_secret(**options: Any) -> Task:
    return {"devex.github.codespaces_user_secret": {"name": "NPM_TOKEN", **options}}


def bulk(value: str, **options: Any) -> Task:
    rows = [{"name": "ONE", "value": value}, {"name": "TWO", "value": f"{value} 2"}]
    return {"devex.github.codespaces_secrets": {"secrets": rows, "repositories": ["octo-org/app"], **options}}


def everything(ansible: Ansible, emulator: Emulator, way: Task) -> Run:
    """Run tasks that succeed and fail in all ways, with the most verbose output."""
    sealed = base64.b64encode(b"x" * 64).decode()
    values = {"plain": PLAIN, "lines": LINES, "bad_seal": sealed}
    failing: list[Task] = [
        {"kind": "status", "status": 422, "method": "PUT", "body": {"message": "no", "errors": "bad value"}},
        {"kind": "status", "status": 500, "method": "PUT", "times": None},
        {"kind": "drop", "method": "PUT", "times": None},
        {"kind": "not_json", "method": "GET", "times": None},
        {"kind": "status", "status": 401, "body": {"message": "Bad credentials"}},
    ]
    tasks: list[Task] = []
    for value in ("{{ plain }}", "{{ lines }}"):
        tasks += [
            {**repo_secret(value=value), "register": "result"},
            {"ansible.builtin.debug": {"var": "result"}},
            {**bulk(value), "register": "result"},
            {"ansible.builtin.debug": {"var": "result"}},
            user_secret(value=value, selected_repositories=["octo-org/app"]),
            repo_secret(value=value, state="gone"),
            repo_secret(value=value, unknown_option=1),
            repo_secret(value=[value]),
            repo_secret(value=value, name="2BAD"),
            bulk(value, concurrency=0),
            repo_secret(value=value, fingerprints="/proc/none/store"),
            repo_secret(value=value, repository="octo-org/nope"),
            repo_secret(value=value, token=f"{TOKEN}\n"),
            user_secret(value=value, selected_repositories=["octo-org/nope"]),
        ]
    tasks.append(repo_secret(encrypted_value="{{ bad_seal }}", key_id="012345678912345678", update_value="always"))
    tasks.append(repo_secret(encrypted_value="{{ bad_seal }}", key_id="42", update_value="always"))
    for fault in failing:
        tasks.append(
            {
                "ansible.builtin.uri": {
                    "url": f"{emulator.url}/_emulator/faults",
                    "method": "POST",
                    "body": {"times": 3, **fault},
                    "body_format": "json",
                }
            }
        )
        tasks.append(repo_secret(value="{{ plain }}", update_value="always", retries=0))
        tasks.append(bulk("{{ lines }}", retries=0))
        tasks.append({"ansible.builtin.uri": {"url": f"{emulator.url}/_emulator/faults", "method": "DELETE"}})
    plays = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [{"ignore_errors": True, **task} for task in tasks],
            **way,
        }
    ]
    variables = ansible.home / "values.json"
    variables.write_text(json.dumps(values), encoding="utf-8")
    return ansible.plays(plays, "-vvvv", "-e", f"@{variables}")


@pytest.mark.parametrize(
    "way", [{}, pytest.param(OWN_PROCESS, marks=pytest.mark.thorough)], ids=["worker", "own process"]
)
def test_no_output_contains_a_value_or_a_token(way: Task, ansible: Ansible, emulator: Emulator) -> None:
    log = ansible.home / "system.log"
    ansible = replace(ansible, environment={**ansible.environment, "PYTHONPATH": str(STUBS), "SYSTEM_LOG": str(log)})
    with command_lines(ansible.home) as commands:
        run = everything(ansible, emulator, way)
    assert sum(result["status"] == "ok" for result in run.results) >= 10
    assert sum(result["status"] == "failed" for result in run.results) >= 25

    sent = [call["body"]["encrypted_value"] for call in emulator.calls() if "encrypted_value" in (call["body"] or {})]
    assert len(sent) > 10
    assert len(commands) > 10
    logged = log.read_text(encoding="utf-8").count("ansible-devex.github.codespaces_repo_secret Invoked")
    assert logged > 10 if way else logged == 0
    inputs = {ansible.home / "playbook.json", ansible.home / "values.json"}
    files = {path: path.read_bytes() for path in ansible.home.rglob("*") if path.is_file() and path not in inputs}
    assert {log, ansible.fingerprints} < set(files)
    for secret in [trace for text in (PLAIN, LINES, TOKEN) for trace in traces(text)] + sent:
        assert secret not in run.output
        assert not any(secret in line for line in commands)
        assert [path for path, content in files.items() if secret.encode() in content] == []
    store = files[ansible.fingerprints]
    for text in (PLAIN, LINES):
        for algorithm in ("md5", "sha1", "sha256", "sha512", "blake2b"):
            digest = hashlib.new(algorithm, text.encode())
            assert digest.digest() not in store
            assert digest.hexdigest().encode() not in store
            assert base64.b64encode(digest.digest()).rstrip(b"=") not in store


@pytest.mark.thorough
def test_no_output_contains_the_fingerprint_key(ansible: Ansible, emulator: Emulator) -> None:
    key, of_environment = (os.urandom(32).hex() for dummy in range(2))
    tasks = [
        repo_secret(value="{{ plain }}"),
        bulk("{{ plain }}"),
        repo_secret(value="{{ plain }}", fingerprint_key="{{ key }}"),
        bulk("{{ plain }}", fingerprint_key="{{ key }}"),
        {**bulk("{{ plain }}", fingerprint_key="{{ key }}\n"), "register": "result"},
        {"ansible.builtin.debug": {"var": "result"}},
        # A rejected value.
        repo_secret(value="{{ plain }}", fingerprint_key="{{ key[:30] }}"),
        repo_secret(value="{{ plain }}", fingerprint_key="{{ key }}x"),
        repo_secret(value="{{ plain }}", fingerprint_key=["{{ key }}"]),
        repo_secret(value="{{ plain }}", fingerprint_keys="{{ key }}"),
    ]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"plain": PLAIN, "key": key},
        "tasks": [{"ignore_errors": True, **task} for task in tasks],
    }
    inherited = replace(ansible, environment={**ansible.environment, "DEVEX_GITHUB_FINGERPRINT_KEY": of_environment})
    run = inherited.plays([play], "-vvvv")
    assert [result["status"] for result in run.results] == ["ok"] * 6 + ["failed"] * 4
    store = ansible.fingerprints.read_bytes()
    hashes = re.findall(rb"\$blake2b\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})", store)
    assert len(set(hashes)) == 3
    for salt, digest in (
        map(base64.b64decode, (f"{salt.decode()}==", f"{digest.decode()}=")) for salt, digest in hashes
    ):
        for person in (b"", b"devex.github"):
            unkeyed = {
                hashlib.blake2b(PLAIN.encode(), digest_size=32, salt=of, person=person).digest() for of in (b"", salt)
            }
            assert digest not in unkeyed
    for secret in (key, of_environment, key[:30]):
        for trace in (
            secret,
            bytes.fromhex(secret).decode("latin-1"),
            base64.b64encode(bytes.fromhex(secret)).decode(),
        ):
            assert trace not in run.output
            assert trace.encode() not in store


@pytest.mark.thorough
def test_long_tokens_of_a_github_app_are_accepted(ansible: Ansible, emulator: Emulator) -> None:
    installation, user = (prefix + base64.urlsafe_b64encode(os.urandom(447)).decode() for prefix in ("ghs_", "ghu_"))
    assert len(installation) == len(user) == 600
    emulator.tokens(
        {
            installation: {"kind": "installation", "permissions": {"codespaces_secrets": "write"}},
            user: {"kind": "app_user", "permissions": {"codespaces_user_secrets": "write"}},
        }
    )
    tasks = [
        repo_secret(value="{{ plain }}", token="{{ installation }}"),
        user_secret(
            value="{{ plain }}", token="{{ user }}", selected_repositories=[emulator.repositories()["octo-org/app"]]
        ),
        user_secret(value="{{ plain }}", token="{{ installation }}"),
        repo_secret(value="{{ plain }}", token="{{ user }}"),
    ]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"plain": PLAIN, "installation": installation, "user": user},
        "tasks": [{"ignore_errors": True, **task} for task in tasks],
    }
    run = ansible.plays([play], "-vvvv")
    assert run.changed == [True, True, False, False]
    assert emulator.values("repo:octo-org/app")["NPM_TOKEN"] == emulator.values("user")["NPM_TOKEN"] == PLAIN
    [not_for_installations, no_permission] = run.failed
    assert "403" in not_for_installations
    assert "Grant the GitHub App the permission 'Codespaces user secrets: write'" in not_for_installations
    assert "Secrets of a user require a user token of the App, not an installation token" in not_for_installations
    assert "Grant the GitHub App the permission 'Codespaces secrets: write'" in no_permission
    sent = {call["headers"]["authorization"] for call in emulator.calls()}
    assert sent == {f"Bearer {token}" for token in (installation, user)}
    for text in (PLAIN, installation, user):
        assert not any(trace in run.output for trace in traces(text))
        assert text[-20:] not in run.output


def test_an_echo_of_the_sent_value_is_removed(ansible: Ansible, emulator: Emulator) -> None:
    # This is valid base64, so it is sent, but not a sealed box. GitHub's message shows rejected values.
    sealed = base64.b64encode(os.urandom(80)).decode()
    run = ansible.play(
        repo_secret(encrypted_value="{{ sealed }}", key_id="012345678912345678"), vars={"sealed": sealed}
    )
    assert run[0]["status"] == "failed"
    assert "422" in run[0]["msg"]
    emulator.fault(
        "status", method="PUT", status=422, body={"message": f"Invalid request.\n\n{sealed} does not match /^x$/."}
    )
    run = ansible.play(
        repo_secret(encrypted_value="{{ sealed }}", key_id="012345678912345678"), vars={"sealed": sealed}
    )
    assert "does not match" in run[0]["msg"]
    assert sealed not in run[0]["msg"]


@pytest.mark.thorough
def test_netrc_cannot_replace_the_token(ansible: Ansible, emulator: Emulator) -> None:
    netrc = ansible.home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login mona password another-secret\n", encoding="utf-8")
    netrc.chmod(0o600)
    emulator.repositories({"full_name": "octo-org/app", "renamed_to": "octo-org/new-app"})
    run = replace(ansible, warning="octo-org/new-app").play(repo_secret(value="text"))
    assert run.changed == [True]
    assert {call["headers"]["authorization"] for call in emulator.calls()} == {f"Bearer {TOKEN}"}


@pytest.mark.thorough
@pytest.mark.parametrize(("method", "status"), [("GET", 301), ("PUT", 307), ("GET", 302)])
def test_a_redirect_to_another_host_gets_no_token(
    method: str, status: int, ansible: Ansible, emulator: Emulator
) -> None:
    asked: list[str] = []

    class Thief(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(str(self.headers))
            self.send_response(404)
            self.end_headers()

        do_PUT = do_GET

    thief = HTTPServer(("127.0.0.1", 0), Thief)
    thread = threading.Thread(target=thief.serve_forever)
    thread.start()
    try:
        location = f"http://127.0.0.1:{thief.server_port}/"
        emulator.fault("status", method=method, status=status, headers={"Location": location}, body={})
        run = ansible.play(repo_secret(value="text"))
    finally:
        thief.shutdown()
        thread.join()
        thief.server_close()
    assert run[0]["status"] == "failed"
    # A write does not follow redirects.
    assert ("has another address now" if method == "PUT" else "the token must not be sent there") in run[0]["msg"]
    assert asked == []
