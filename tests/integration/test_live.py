# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make live`` on the emulator: it names the switch that differs from the assumption, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from emulator import observed
from emulator.client import Emulator
from emulator.switches import Switches
from live import ask, report, rituals, secrets_of
from live.github import GitHub
from live.questions import QUESTIONS
from live.secrets_of import VALUE, Key

from .conftest import COLLECTIONS, ROOT, TOKEN, Ansible, heed_signals
from .rest import Rest

REPOSITORY = "octo-org/app"
POOR = "ghp_ofNoScope"
#: The other side of each switch.
FLIPPED: dict[str, Any] = {
    "etags": False,
    "missing_scope": 404,
    "lag": 0.5,
    "stale_key": "accept",
    "omitted_ids_on_update": "keep",
    "put_without_value": "refuse",
    "unknown_id": 422,
    "remove_absent_repository": 404,
    "list_change_moves_updated_at": False,
    "selected_ids_cap": 3,
    "user_repositories_paged": True,
}


class Program:
    """Runs the program of ``make live`` against the emulator."""

    def __init__(self, emulator: Emulator, home: Path, ansible: Ansible) -> None:
        self.page = home / "observed.md"
        self._environment = {
            "PATH": ansible.environment["PATH"],
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": COLLECTIONS,
            "GITHUB_API_URL": emulator.url,
            "GITHUB_TOKEN": TOKEN,
            "REPOSITORY": REPOSITORY,
        }

    @contextmanager
    def started(self, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "tests/live/live.py", f"--page={self.page}", "--pause=0", "--patience=1.2"]
        with subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env={**self._environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=heed_signals,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, *arguments: str, status: int = 0, **environment: str) -> str:
        """Run it to its end; returns its output."""
        with self.started(*arguments, **environment) as process:
            return self.output(process, status)

    def output(self, process: subprocess.Popen[str], status: int) -> str:
        """Wait for its end; returns its output."""
        output = process.communicate(timeout=300)[0]
        assert process.returncode == status, output
        assert "Traceback" not in output
        for hidden in (TOKEN, POOR, VALUE, "throwaway value"):
            assert hidden not in output
            assert not self.page.exists() or hidden not in self.page.read_text(encoding="utf-8")
        return output

    def results(self) -> dict[str, tuple[str, str, str]]:
        """Return the result, the answer and the note of each question on the page."""
        return {row[0]: (row[3], row[4], row[5]) for row in observed.rows(self.page)}

    def modules(self) -> dict[str, str]:
        """Return the result of the ritual of each module on the page."""
        text = self.page.read_text(encoding="utf-8")
        return dict(re.findall(r"^\| `(codespaces_\w+)` \| ([\w ]+) \|", text, re.MULTILINE))


@pytest.fixture
def program(emulator: Emulator, ansible: Ansible, tmp_path: Path) -> Program:
    """The program, on an emulator with enough repositories."""
    emulator.repositories(*[f"octocat/repository-{number}" for number in range(100)])
    emulator.tokens({TOKEN: {}, POOR: {"scopes": ["gist"]}})
    return Program(emulator, tmp_path, ansible)


def have_stale_key(emulator: Emulator, page: Path) -> None:
    """Have a page of an earlier run, and another public key since then."""
    with closing(Rest(emulator.url)) as rest:
        found = rest("GET", f"/repos/{REPOSITORY}/codespaces/secrets/public-key").json()
    run = report.Run("2026-01-01", emulator.url, "2026-03-10", 1001, Key(found["key_id"], found["key"]))
    page.write_text(report.page(run, dict.fromkeys(QUESTIONS, "not asked"), {}), encoding="utf-8")
    emulator.rotate_key(f"repo:{REPOSITORY}")


def names(emulator: Emulator) -> set[str]:
    """Return the names of all secrets."""
    return {name for scope in emulator.state().values() for name in scope["secrets"]}


def ours(emulator: Emulator) -> list[str]:
    """Return the throwaway secrets that are left."""
    return [name for name in names(emulator) if name.startswith("DEVEX_LIVE_")]


def test_every_question_is_flipped_once() -> None:
    assert FLIPPED.keys() == QUESTIONS.keys()


@pytest.mark.parametrize("flipped", [None, *[pytest.param(one, marks=pytest.mark.thorough) for one in FLIPPED]])
def test_the_page_contradicts_only_the_flipped_switch(
    flipped: str | None, program: Program, emulator: Emulator
) -> None:
    have_stale_key(emulator, program.page)
    if flipped:
        emulator.switch(**{flipped: FLIPPED[flipped]})
    program.run("--module=none", GITHUB_TOKEN_WITHOUT_SCOPES=POOR)
    results = program.results()
    expected = {switch: "contradicted" if switch == flipped else "confirmed" for switch in QUESTIONS}
    assert {switch: result for switch, (result, dummy, dummy) in results.items()} == expected
    found = observed.switches(program.page)
    if flipped == "lag":
        assert 0.5 <= found.lag <= 2
    elif flipped:
        assert found == Switches(**{flipped: FLIPPED[flipped]})
    else:
        assert found == Switches()
    emulator.switch(lag=0)
    assert ours(emulator) == []


def test_the_rituals_of_all_modules_pass_and_leave_nothing(program: Program, emulator: Emulator) -> None:
    emulator.edit("user", "MINE", value="text")
    emulator.edit("user", "DEVEX_LIVE_MINE", value="text")
    emulator.edit(f"repo:{REPOSITORY}", "DEVEX_LIVE_0123ABCD_R", value="text")
    before = emulator.secret("user", "MINE")
    output = program.run(ORGANIZATION="octo-org")
    assert program.modules() == dict.fromkeys(rituals.MODULES, "passed")
    assert "Deleting DEVEX_LIVE_0123ABCD_R of the repository octo-org/app, left over from a run" in output
    assert names(emulator) == {"MINE", "DEVEX_LIVE_MINE"}
    assert emulator.secret("user", "MINE") == before


@pytest.mark.thorough
def test_every_module_has_a_ritual() -> None:
    modules = {path.stem for path in (ROOT / "plugins/modules").glob("codespaces_*.py")}
    assert modules == rituals.MODULES.keys() == {path.stem for path in rituals.DIRECTORY.glob("*.yml")}


@pytest.mark.thorough
def test_a_token_for_repositories_only_leaves_the_rest_unobserved(program: Program, emulator: Emulator) -> None:
    emulator.tokens({TOKEN: {"scopes": ["repo"]}})
    program.run("--module=codespaces_repo_secret")
    results = program.results()
    assert {switch for switch, row in results.items() if row[0] == "confirmed"} == {"etags", "missing_scope", "lag"}
    reason = "GitHub answered 403 to the list of secrets of the user"
    assert results["unknown_id"] == ("not observed", "", reason)
    modules = program.modules()
    assert modules.pop("codespaces_repo_secret") == "passed"
    assert set(modules.values()) == {"not observed"}
    assert "ORGANIZATION is not set" in program.page.read_text(encoding="utf-8")


@pytest.mark.thorough
def test_without_user_secrets_the_organization_answers(program: Program, emulator: Emulator) -> None:
    emulator.tokens({TOKEN: {"scopes": ["repo", "admin:org"]}})
    program.run("--module=none", ORGANIZATION="octo-org")
    results = program.results()
    assert results["omitted_ids_on_update"][:2] == ("confirmed", "clear")
    assert results["user_repositories_paged"][0] == "not observed"
    assert "accepted all 3 repositories" in results["selected_ids_cap"][2]


@pytest.mark.thorough
def test_an_earlier_answer_is_kept_if_there_is_no_new_one(program: Program, emulator: Emulator) -> None:
    emulator.switch(unknown_id=422)
    program.run("--module=none")
    emulator.tokens({TOKEN: {"scopes": ["repo"]}})
    program.run("--module=none")
    first = program.results()["unknown_id"]
    program.run("--module=none")
    assert program.results()["unknown_id"] == first
    assert first[:2] == ("contradicted", "422")
    assert re.match(r"observed on \d{4}-\d\d-\d\d; not now: GitHub answered 403", first[2])


def wait_for(happened: Callable[[], object]) -> None:
    for dummy in range(600):
        if happened():
            return
        time.sleep(0.05)
    pytest.fail("It did not happen in time.")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("letter", "number"), [("Q", signal.SIGINT), ("R", signal.SIGINT), ("Q", signal.SIGTERM), ("R", signal.SIGHUP)]
)
def test_an_interrupted_run_deletes_its_secrets(
    letter: str, number: signal.Signals, program: Program, emulator: Emulator
) -> None:
    with program.started("--module=codespaces_repo_secret") as process:
        wait_for(lambda: any(name.endswith(f"_{letter}") for name in ours(emulator)))
        process.send_signal(number)
        output = program.output(process, 130)
    assert "Interrupted; nothing was written." in output
    assert ours(emulator) == []
    assert not program.page.exists()


@pytest.mark.thorough
def test_a_closed_terminal_does_not_stop_the_cleanup(program: Program, emulator: Emulator) -> None:
    with program.started("--module=none") as process:
        wait_for(lambda: ours(emulator))
        assert process.stdout is not None
        process.stdout.close()
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 130
    assert ours(emulator) == []


def test_a_write_that_arrives_after_the_interruption_is_deleted(program: Program, emulator: Emulator) -> None:
    emulator.fault("delay", method="PUT", path="_Q$", seconds=1.5)
    with program.started("--module=none", "--patience=2") as process:
        wait_for(lambda: emulator.calls(writes_only=True))
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        output = program.output(process, 130)
    assert "because GitHub may still carry out a write" in output
    assert ours(emulator) == []
    time.sleep(1.5)
    assert ours(emulator) == []


@pytest.mark.thorough
def test_a_second_interruption_ends_the_wait_for_a_limit(program: Program, emulator: Emulator) -> None:
    with program.started("--module=none") as process:
        wait_for(lambda: ours(emulator))
        emulator.fault("status", method="DELETE", status=429, headers={"Retry-After": "100"}, times=None)
        process.send_signal(signal.SIGINT)
        wait_for(lambda: [call for call in emulator.calls() if call["status"] == 429])
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        output = program.output(process, 130)
    assert "Waiting 100 seconds for the end of the limit" in output
    assert "GitHub's rate limit ends in" in output
    assert "The next run tries to delete them again." in output


def test_a_rejected_deletion_does_not_stop_the_others(program: Program, emulator: Emulator) -> None:
    # As for an archived repository, and for a token that can only read.
    emulator.edit(f"repo:{REPOSITORY}", "DEVEX_LIVE_0123ABCD_R", value="text")
    for method in ("PUT", "DELETE"):
        emulator.fault("status", method=method, path=f"^/repos/{REPOSITORY}/", status=403, times=None)
    output = program.run("--module=none", status=1)
    assert ours(emulator) == ["DEVEX_LIVE_0123ABCD_R"]
    assert "Could not delete it: GitHub answered 403. This run tries again at its end." in output
    left = f"Could not delete DEVEX_LIVE_0123ABCD_R of the repository {REPOSITORY}: GitHub answered 403."
    assert re.findall("^Could not delete DEVEX.*", output, re.MULTILINE) == [left]
    reason = "GitHub answered 403 to creating a secret of the repository"
    assert program.results()["lag"] == ("not observed", "", reason)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 429, "headers": {"Retry-After": "2"}},
        {"kind": "status", "status": 502},
        {"kind": "drop"},
    ],
)
def test_the_cleanup_repeats_a_request_that_failed(fault: dict[str, Any], program: Program, emulator: Emulator) -> None:
    with program.started("--module=none") as process:
        wait_for(lambda: any("/user/" in call["path"] for call in emulator.calls(writes_only=True)))
        emulator.clear_calls()
        emulator.fault(**fault, method="DELETE", path="/user/.*_[QRS]$")
        process.send_signal(signal.SIGINT)
        program.output(process, 130)
    assert ours(emulator) == []
    assert emulator.calls()[-1]["method"] == "GET"


@pytest.mark.thorough
def test_the_cleanup_repeats_a_list_that_is_not_json(program: Program, emulator: Emulator) -> None:
    with program.started("--module=none") as process:
        wait_for(lambda: emulator.state()["user"]["secrets"])
        emulator.fault("status", method="DELETE", path="/user/.*_Q$", status=403, times=None)
        emulator.fault("not_json", method="GET", path="/user/codespaces/secrets$")
        process.send_signal(signal.SIGINT)
        output = program.output(process, 130)
    left = re.findall("^Could not delete .*", output, re.MULTILINE)
    assert left == [f"Could not delete {ours(emulator)[0]} of the user of the token: GitHub answered 403."]


@pytest.mark.thorough
def test_a_list_that_stays_unreadable_leaves_no_false_report(program: Program, emulator: Emulator) -> None:
    emulator.fault("status", path="^/user/codespaces/secrets$", status=200, body={"ok": True}, times=None)
    output = program.run("--module=none")
    assert "Left out: GitHub answered 200 without the expected JSON, when asked for the list" in output
    assert "Could not" not in output


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["drop", "drop_after", "not_json", "truncate"])
def test_a_lost_answer_leaves_one_question_open(kind: str, program: Program, emulator: Emulator) -> None:
    emulator.fault(kind, method="GET", path="/user/.*_Q/repositories$")
    program.run("--module=none")
    results = program.results()
    assert results.pop("omitted_ids_on_update")[2].startswith("GitHub ")
    assert {result for result, dummy, dummy in results.values() if result != "confirmed"} == {"not observed"}
    assert {switch for switch, row in results.items() if row[0] == "not observed"} == {"missing_scope", "stale_key"}
    assert ours(emulator) == []


def test_the_organization_answers_if_the_user_is_read_only(program: Program, emulator: Emulator) -> None:
    permissions = {
        "codespaces_secrets": "write",
        "codespaces_user_secrets": "read",
        "organization_codespaces_secrets": "write",
        "metadata": "read",
    }
    emulator.tokens({TOKEN: {"kind": "fine_grained", "permissions": permissions}})
    output = program.run("--module=none", ORGANIZATION="octo-org")
    assert "repositories of the user or of the organization may read" in output
    results = program.results()
    assert results["omitted_ids_on_update"][:2] == ("confirmed", "clear")
    assert results["unknown_id"][:2] == ("confirmed", "404")
    reason = "GitHub answered 403 to writing a secret of the user"
    assert results["user_repositories_paged"] == ("not observed", "", reason)


@pytest.mark.parametrize("late_reads", ["all", "lists"])
def test_the_lag_is_that_of_the_slowest_read(late_reads: str, emulator: Emulator) -> None:
    emulator.switch(lag=0.8, late_reads=late_reads)
    with closing(GitHub(emulator.url, TOKEN, pause=1)) as github:
        repository = secrets_of.of_repository(github, REPOSITORY)
        key = Key.of(repository.public_key())
        sandbox = ask.Sandbox("DEVEX_LIVE_0123ABCD_Q", repository, 1001, key, [], None, None, None, patience=3)
        found = ask.lag(sandbox).value
        assert isinstance(found, float)
        assert 0.8 <= found < 1.5
        emulator.switch(lag=0)
        assert ask.lag(sandbox).value == 0.0


@pytest.mark.thorough
def test_the_user_settings_of_the_collection_have_no_effect(program: Program, tmp_path: Path) -> None:
    store, settings = tmp_path / "mine.sqlite3", tmp_path / "mine.cfg"
    settings.write_text("[defaults]\nforks = many\n", encoding="utf-8")
    program.run(
        "--module=codespaces_repo_secret",
        ANSIBLE_CONFIG=str(settings),
        DEVEX_GITHUB_FINGERPRINTS=f"sqlite:///{store}",
        DEVEX_GITHUB_FINGERPRINT_KEY="short",
        GITHUB_APP_ID="1",
        GH_HOST="example.org",
    )
    assert program.modules()["codespaces_repo_secret"] == "passed"
    assert not store.exists()


def test_an_unusable_page_fails_before_the_first_request(program: Program, emulator: Emulator) -> None:
    program.page.write_text("| `selected_ids_cap` | ? | `null` | contradicted | `-3` | |\n", encoding="utf-8")
    output = program.run("--module=none", status=2)
    assert "row selected_ids_cap: selected_ids_cap is at least 1, not -3" in output
    assert emulator.calls() == []


@pytest.mark.thorough
def test_a_page_that_cannot_be_written_at_the_end_is_printed(program: Program, emulator: Emulator) -> None:
    with program.started("--module=none") as process:
        wait_for(lambda: ours(emulator))
        program.page.mkdir()
        output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "| `unknown_id` |" in output
    assert f"Could not write {program.page}" in output
    assert "Traceback" not in output


@pytest.mark.thorough
def test_a_failed_ritual_is_reported(program: Program, emulator: Emulator) -> None:
    emulator.fault("status", method="PUT", path=".*_R$", status=422, times=9)
    output = program.run("--module=codespaces_repo_secret", status=1)
    assert program.modules()["codespaces_repo_secret"] == "failed"
    assert "422" in output
    assert ours(emulator) == []


@pytest.mark.thorough
def test_a_rate_limit_stops_the_run(program: Program, emulator: Emulator) -> None:
    emulator.limit(remaining=15)
    output = program.run("--module=none", status=1)
    assert "because of a rate limit" in output
    assert re.search("Could not delete DEVEX_LIVE_.*_Q of the user of the token: GitHub's rate limit ends in", output)
    assert "The next run tries to delete them again." in output
    assert not program.page.exists()
    assert emulator.refused() == 1


@pytest.mark.thorough
def test_a_short_limit_is_waited_for_before_the_secrets_are_deleted(program: Program, emulator: Emulator) -> None:
    emulator.limit(points=60, window=4)
    output = program.run("--module=none", status=1)
    assert "to delete the throwaway secrets" in output
    assert ours(emulator) == []


@pytest.mark.thorough
def test_a_token_without_access_to_the_repository_fails_with_the_needed_permissions(
    program: Program, emulator: Emulator
) -> None:
    emulator.tokens({TOKEN: {"scopes": ["gist"]}})
    output = program.run(status=1)
    assert "GitHub answered 403 to the list of secrets of the repository." in output
    assert "a classic token with the scopes" in output
    assert emulator.calls(writes_only=True) == []


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "REPOSITORY and GITHUB_TOKEN must be set."),
        ({"REPOSITORY": "a/b"}, "GITHUB_TOKEN must be set."),
        ({"GH_TOKEN": TOKEN}, "REPOSITORY must be set."),
        ({"GH_TOKEN": TOKEN, "REPOSITORY": "b"}, "REPOSITORY must be owner/name."),
        ({"GH_TOKEN": TOKEN, "REPOSITORY": "a/.."}, "REPOSITORY must be owner/name."),
        ({"GH_TOKEN": TOKEN, "REPOSITORY": "a/b", "ORGANIZATION": "c"}, "ORGANIZATION must be the owner"),
        ({"GITHUB_API_URL": "http://x"}, "must start with https://"),
        ({"GITHUB_API_URL": "http://joe:hunter2@localhost:1"}, "without a user or password"),
        ({"GITHUB_API_URL": "http://["}, "GITHUB_API_URL must be an address"),
        ({"GITHUB_API_URL": "https://"}, "GITHUB_API_URL must be an address"),
        ({"GITHUB_API_URL": "https://x:y"}, "GITHUB_API_URL must be an address"),
    ],
)
def test_make_live_explains_missing_settings(environment: dict[str, str], message: str) -> None:
    # The address is checked last.
    others = {"GH_TOKEN": TOKEN, "REPOSITORY": "a/b"} if environment.keys() == {"GITHUB_API_URL"} else {}
    done = subprocess.run(
        ["make", "live", f"PYTHON={sys.executable}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **others, **environment},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert "admin:org" in done.stderr
    assert TOKEN not in done.stderr
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
