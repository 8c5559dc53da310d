# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage a repository secret, and check GitHub's state, the requests and the result."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from emulator.client import Emulator
from nacl.public import PublicKey, SealedBox

from .conftest import TOKEN, Ansible, repo_secret

SCOPE = "repo:octo-org/app"
PATH = "/repos/octo-org/app/codespaces/secrets/NPM_TOKEN"
#: The key of the fingerprints.
KEY = "8f14e45fceea167a5a36dedd4bea2543"


def test_the_life_of_a_secret(ansible: Ansible, emulator: Emulator) -> None:
    present = repo_secret(value="first value")
    dry = ansible.play(present, check=True)
    assert emulator.calls(writes_only=True) == []
    assert not ansible.fingerprints.exists()
    assert dry[0]["api_calls"] == 1

    emulator.clear_calls()
    run = ansible.play(
        present,
        present,
        {**repo_secret(value="second value"), "check_mode": True},
        repo_secret(value="second value"),
        repo_secret(name="npm_token"),
        {**repo_secret(state="absent"), "check_mode": True},
        repo_secret(state="absent"),
        repo_secret(state="absent"),
    )
    assert run.failed == []
    assert run.changed == [True, False, True, True, False, True, True, False]
    assert run.reasons == [
        "created",
        "unchanged",
        "value_changed",
        "value_changed",
        "unmanaged",
        "deleted",
        "deleted",
        "absent",
    ]
    calls = run.api_calls
    assert calls == [3, 1, 1, 3, 1, 1, 2, 1]
    assert len(emulator.calls()) == sum(calls)
    assert dry[0]["operations"] == run[0]["operations"] == [{"method": "PUT", "path": PATH, "reason": "created"}]
    assert run[2]["operations"] == run[3]["operations"]
    assert run[5]["operations"] == run[6]["operations"] == [{"method": "DELETE", "path": PATH, "reason": "deleted"}]
    assert run[1]["operations"] == run[7]["operations"] == []
    assert run[6]["secret"] is None
    assert emulator.secret(SCOPE, "NPM_TOKEN") is None


def test_results_and_diff(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play(repo_secret(name="npm_token", value="first value"), repo_secret(value="second value"))
    stored = emulator.secret(SCOPE, "NPM_TOKEN")
    assert stored is not None
    assert run[0]["secret"]["scope"] == SCOPE
    assert run[0]["secret"]["name"] == "NPM_TOKEN"
    assert run[0]["secret"]["created_at"] == run[1]["secret"]["created_at"] == stored["created_at"]
    assert run[1]["secret"]["updated_at"] == stored["updated_at"]
    assert run[1]["rate_limit"].keys() == {"limit", "remaining", "used", "reset"}
    assert run[0]["diff"]["before"] == ""
    assert run[0]["diff"]["after"] == {"name": "NPM_TOKEN", "value": "new"}
    assert run[1]["diff"]["before"] == {"name": "NPM_TOKEN", "value": "set"}
    assert run[1]["diff"]["after"] == {"name": "NPM_TOKEN", "value": "new (differs from the recorded value)"}
    assert "first value" not in run.output
    assert TOKEN not in run.output


def test_the_diff_shows_when_a_secret_was_edited_elsewhere(ansible: Ansible, emulator: Emulator) -> None:
    wanted = repo_secret(value="first value")
    ansible.play(wanted)
    emulator.advance(60)
    emulator.edit(SCOPE, "NPM_TOKEN", value="an edit")
    stored = emulator.secret(SCOPE, "NPM_TOKEN")
    assert stored is not None
    run = ansible.play({**wanted, "check_mode": True}, wanted, wanted)
    assert run.reasons == ["updated_elsewhere", "updated_elsewhere", "unchanged"]
    assert run[0]["diff"] == run[1]["diff"]
    assert run[1]["diff"]["after"]["value"] == f"new (edited elsewhere on {stored['updated_at']})"
    assert run[2]["diff"]["before"] == run[2]["diff"]["after"]


VALUES = {
    "A_BLANK": " ",
    "BLANKS": " leading and trailing blanks\t ",
    "LINES": "-----BEGIN KEY-----\nAAAA\nBBBB\n-----END KEY-----\n",
    "QUOTES": "a 'single' and a \"double\" quote, a \\ backslash and a $dollar",
    "UNICODE": "Grüße, 世界 🔑, \u0000 and \u200d",
    "JSON": '{"json": [1, true, null]}',
    "CONTROL": "\r\n\t",
    "DIGITS": "0123",
    "KIB_48": "é" * (24 * 1024),
}


def test_values_arrive_byte_for_byte(ansible: Ansible, emulator: Emulator) -> None:
    # Before ansible-core 2.19, JSON becomes a mapping without the filter.
    rows = [
        {"name": name, "value": f"{{{{ texts.{name}{' | string' if name == 'JSON' else ''} }}}}"} for name in VALUES
    ]
    again = {"devex.github.codespaces_secrets": {"repositories": ["octo-org/app"], "secrets": rows}}
    run = ansible.play(*(repo_secret(**row) for row in rows), again, vars={"texts": VALUES})
    assert emulator.values(SCOPE) == VALUES
    assert run.changed == [True] * len(VALUES) + [False]


def test_a_line_break_kept_by_yaml_causes_one_warning(ansible: Ansible, emulator: Emulator) -> None:
    message = "Values of one line end in a line break, which most tokens must not have: NPM_TOKEN."
    wanted = repo_secret(value="s3cr3t\n")
    run = replace(ansible, warning=message).play({**wanted, "check_mode": True}, wanted)
    assert emulator.values(SCOPE)["NPM_TOKEN"] == "s3cr3t\n"
    assert "s3cr3t" not in run.output
    # An unchanged value causes no warning.
    assert ansible.play(wanted).changed == [False]


def test_a_python_mapping_as_a_value_causes_a_warning(ansible: Ansible, emulator: Emulator) -> None:
    wanted = repo_secret(value="{{ account | string }}")
    account = {"type": "service_account", "private_key": "s3cr3t"}
    run = replace(ansible, warning="which is not valid JSON: NPM_TOKEN").play(wanted, vars={"account": account})
    assert "s3cr3t" not in run.output
    assert ansible.play(repo_secret(value="{{ account | to_json }}"), vars={"account": account}).changed == [True]
    assert json.loads(emulator.values(SCOPE)["NPM_TOKEN"]) == account


def test_each_policy_decides_about_the_value(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play(
        repo_secret(value="1st", update_value="on_create"),
        repo_secret(value="2nd", update_value="on_create"),
        repo_secret(value="1st", update_value="always"),
        repo_secret(value="1st"),
        repo_secret(value="2nd", update_value="always", value_changed_at="2000-01-01T00:00:00Z"),
        repo_secret(value="3rd", value_changed_at="2000-01-01T00:00:00Z"),
        repo_secret(value="3rd", value_changed_at="2100-01-01T00:00:00+02:00"),
    )
    assert run.reasons == [
        "created",
        "kept",
        "forced",
        "unchanged",
        "forced",
        "unchanged",
        "rotated",
    ]
    assert run.api_calls == [3, 1, 3, 1, 3, 1, 3]
    assert emulator.values(SCOPE)["NPM_TOKEN"] == "3rd"


def test_a_rotation_date_needs_no_store(ansible: Ansible, emulator: Emulator) -> None:
    rotated = repo_secret(value="value", value_changed_at="2020-01-01T00:00:00.5Z", fingerprints="/proc/none/store")
    nowhere = {"XDG_STATE_HOME": "state"}
    undated = {**repo_secret(value="value"), "environment": nowhere}
    dated = {**repo_secret(value="value", value_changed_at="2020-01-01T00:00:00Z"), "environment": nowhere}
    run = ansible.play(rotated, rotated, dated, undated)
    assert run.reasons == ["created", "unchanged", "unchanged", None]
    assert "DEVEX_GITHUB_FINGERPRINTS" in run.failed[0]
    assert not ansible.fingerprints.exists()


@pytest.mark.thorough
def test_a_new_fingerprint_key_causes_no_write(ansible: Ansible, emulator: Emulator) -> None:
    keyless = repo_secret(value="s3cret")
    keyed, other = (repo_secret(value="s3cret", fingerprint_key=key) for key in (KEY, KEY[::-1]))
    from_environment = {**keyless, "environment": {"DEVEX_GITHUB_FINGERPRINT_KEY": KEY}}
    ansible.play(keyless)
    dry = ansible.fingerprints.read_bytes()
    assert ansible.play(keyed, check=True).reasons == ["unchanged"]
    assert ansible.fingerprints.read_bytes() == dry
    run = ansible.play(keyed, keyed, other, other, keyless, from_environment, keyed)
    kept, changed = ("unchanged", 1), ("value_changed", 3)
    expected = [kept, kept, changed, kept, changed, kept, kept]
    assert list(zip(run.reasons, run.api_calls, strict=True)) == expected


def test_an_edit_elsewhere_is_detected(ansible: Ansible, emulator: Emulator) -> None:
    mine = repo_secret(value="mine")
    ansible.play(mine)
    emulator.advance(60)
    emulator.edit(SCOPE, "NPM_TOKEN", value="theirs")
    run = ansible.play(
        repo_secret(), repo_secret(value="mine", update_value="on_create"), {**mine, "check_mode": True}, mine, mine
    )
    assert run.reasons == [
        "unmanaged",
        "kept",
        "updated_elsewhere",
        "updated_elsewhere",
        "unchanged",
    ]
    emulator.advance(60)
    emulator.edit(SCOPE, "NPM_TOKEN", delete=True)
    run = ansible.play(mine, mine)
    assert run.reasons == ["created", "unchanged"]


@pytest.mark.thorough
def test_a_lost_store_costs_one_write(ansible: Ansible) -> None:
    mine = repo_secret(value="mine")
    ansible.play(mine)
    ansible.fingerprints.unlink()
    run = ansible.play(mine, mine)
    assert run.reasons == ["not_recorded", "unchanged"]


@pytest.mark.thorough
def test_the_clock_of_this_machine_does_not_matter(ansible: Ansible, emulator: Emulator) -> None:
    emulator.advance(-10 * 365 * 86400)
    mine = repo_secret(value="mine")
    assert ansible.play(mine, mine).reasons == ["created", "unchanged"]
    emulator.advance(20 * 365 * 86400)
    assert ansible.play(mine)[0]["reason"] == "unchanged"
    emulator.edit(SCOPE, "NPM_TOKEN", value="theirs")
    assert ansible.play(mine)[0]["reason"] == "updated_elsewhere"


def test_a_new_secret_fails_without_a_value(ansible: Ansible, emulator: Emulator) -> None:
    for check in (True, False):
        run = ansible.play(repo_secret(), check=check)
        assert run[0]["status"] == "failed"
        assert "repo:octo-org/app NPM_TOKEN: value is unset, but the secret does not exist yet" in run[0]["msg"]
    assert emulator.calls(writes_only=True) == []


@pytest.mark.thorough
def test_a_renamed_repository_is_used_by_its_present_name(ansible: Ansible, emulator: Emulator) -> None:
    emulator.repositories({"full_name": "octo-org/app", "renamed_to": "octo-org/new-app"})
    ansible = replace(
        ansible,
        warning="The repository octo-org/app was renamed to octo-org/new-app. Use the new name in the playbook.",
    )
    run = ansible.play(repo_secret(value="value"), repo_secret(value="value"))
    assert run.changed == [True, False]
    assert run.api_calls == [5, 3]
    assert run[0]["operations"][0]["path"] == "/repos/octo-org/new-app/codespaces/secrets/NPM_TOKEN"
    assert emulator.values("repo:octo-org/new-app")["NPM_TOKEN"] == "value"


@pytest.mark.thorough
def test_a_transferred_repository_gets_no_secret(ansible: Ansible, emulator: Emulator) -> None:
    emulator.repositories({"full_name": "octo-org/app", "renamed_to": "octocat/app"})
    for check in (True, False):
        run = ansible.play(
            repo_secret(value="value"),
            repo_secret(state="absent"),
            {"devex.github.codespaces_secret_info": {"repository": "octo-org/app"}},
            check=check,
        )
        assert [result["status"] for result in run.results] == ["failed"] * 3
        for message in run.failed:
            assert "octo-org/app was transferred to another owner and is octocat/app now" in message
    assert emulator.calls(writes_only=True) == []
    assert ansible.play(repo_secret(value="value", repository="octocat/app")).changed == [True]


@pytest.mark.thorough
def test_a_hidden_repository_does_not_count_as_an_absent_secret(ansible: Ansible, emulator: Emulator) -> None:
    emulator.repositories({"full_name": "octo-org/app", "hidden": True})
    run = ansible.play(repo_secret(state="absent"))
    assert run[0]["status"] == "failed"
    assert run[0]["msg"].startswith(
        "repo:octo-org/app NPM_TOKEN: The repository does not exist, or this token cannot see it. GitHub answered 404"
    )
    assert "A 404 does not count as absent" in run[0]["msg"]


BAD_INPUT: dict[str, tuple[dict[str, Any], str]] = {
    "a digit in front": ({"name": "1ST"}, "name is not allowed: use only letters"),
    "a dash in the name": ({"name": "NPM-TOKEN"}, "name is not allowed: use only letters"),
    "a name that GitHub keeps": ({"name": "github_token"}, "GITHUB_"),
    "a repository without an owner": ({"repository": "app"}, "OWNER/REPO"),
    "a path for a repository": ({"repository": "octo-org/app/secrets"}, "OWNER/REPO"),
    "a value that is too long": ({"value": "long " * 9830 + "end"}, "49153 bytes"),
    "a number for a value": ({"value": 83}, "must be text, not int"),
    "a boolean for a value": ({"value": True}, "must be text, not bool"),
    "a list for a value": ({"value": ["a list"]}, "must be text, not a list"),
    "null for a value": ({"value": None}, "value is null"),
    "null for a date": ({"value": "a value", "value_changed_at": None}, "value_changed_at is null"),
    "null for a token": ({"value": "a value", "token": None}, "token is null"),
    "a number that is none": ({"value": "a value", "timeout": "inf"}, "timeout must be a whole number"),
    "a date without an offset": ({"value": "a value", "value_changed_at": "2026-03-10T12:00:00"}, "with an offset"),
    "a sealed value without its key": ({"encrypted_value": "A" * 64}, "key_id"),
    "a sealed value that is not base64": ({"encrypted_value": "*" * 64, "key_id": "1"}, "not a sealed box"),
    "both kinds of value": ({"value": "first", "encrypted_value": "A" * 64, "key_id": "1"}, "mutually exclusive"),
    "http to the network": ({"value": "a value", "api_url": "http://example.com"}, "plain HTTP"),
    "a token with a line break": (
        {"value": "a value", "token": "ghp_secret\nX-Header: 1"},
        "token contains a space or a line break",
    ),
    "a time-out of nothing": ({"value": "a value", "timeout": 0}, "timeout must be from 1"),
    "a key that is too short": ({"value": "a value", "fingerprint_key": "8f14e45fceea167a5a36dedd4bea25"}, "128 bits"),
    "a repetitive key": ({"value": "a value", "fingerprint_key": "deadbeef" * 8}, "is repetitive"),
    "a store that is a directory": ({"value": "a value", "fingerprints": "/proc"}, "/proc cannot be written"),
    "a store beside the playbook": (
        {"value": "a value", "fingerprints": "records"},
        "fingerprints is not an absolute path",
    ),
    "a store by keywords of libpq": ({"value": "a value", "fingerprints": "service=records"}, "keywords of libpq"),
}


def test_invalid_input_fails_before_a_request(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play(*(repo_secret(**options) for options, dummy in BAD_INPUT.values()))
    for result, (case, (dummy, message)) in zip(run.results, BAD_INPUT.items(), strict=True):
        assert result["status"] == "failed", case
        assert message in result["msg"], case
    assert emulator.calls() == []
    assert not ansible.fingerprints.exists()


@pytest.mark.thorough
def test_an_error_about_missing_libraries_names_them(ansible: Ansible, tmp_path: Path) -> None:
    for library, package in (("requests", "requests"), ("nacl", "pynacl")):
        hidden = tmp_path / library
        hidden.mkdir()
        (hidden / f"{library}.py").write_text("raise ImportError('not here')", encoding="utf-8")
        run = ansible.play({**repo_secret(value="a value"), "environment": {"PYTHONPATH": str(hidden)}})
        assert run[0]["status"] == "failed"
        assert f"({package})" in run[0]["msg"]
        assert "python" in run[0]["msg"].lower()


def test_a_sealed_value_is_stored(ansible: Ansible, emulator: Emulator) -> None:
    request = urllib.request.Request(
        f"{emulator.url}/repos/octo-org/app/codespaces/secrets/public-key",
        headers={"Authorization": f"Bearer {TOKEN}", "User-Agent": "test"},
    )
    with urllib.request.urlopen(request) as response:
        key = json.load(response)
    sealed = b64encode(SealedBox(PublicKey(b64decode(key["key"]))).encrypt(b"sealed elsewhere")).decode()
    task = repo_secret(encrypted_value=sealed, key_id=key["key_id"])
    run = ansible.play(task, task, repo_secret(encrypted_value=sealed, key_id="42", update_value="always"))
    assert run.reasons == ["created", "unchanged", None]
    assert "sealed for the key 42" in run[2]["msg"]
    assert key["key_id"] in run[2]["msg"]
    assert emulator.values(SCOPE)["NPM_TOKEN"] == "sealed elsewhere"
    assert sealed not in run.output


@pytest.mark.thorough
@pytest.mark.parametrize("switches", [{"etags": True}, {"etags": False}, {"timestamps": "offset"}], ids=str)
def test_etags_and_the_form_of_times_do_not_matter(
    switches: dict[str, Any], ansible: Ansible, emulator: Emulator
) -> None:
    emulator.switch(**switches)
    run = ansible.play(repo_secret(value="1st"), repo_secret(value="1st"), repo_secret(value="2nd"))
    assert run.reasons == ["created", "unchanged", "value_changed"]
    assert run.api_calls == [3, 1, 3]
    emulator.advance(60)
    emulator.edit(SCOPE, "NPM_TOKEN", value="theirs")
    assert ansible.play(repo_secret(value="2nd")).reasons == ["updated_elsewhere"]


@pytest.mark.thorough
@pytest.mark.parametrize("version", ["2022-11-28", "2026-03-10"])
def test_both_api_versions_work(version: str, ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play(repo_secret(value="a value", api_version=version))
    assert run.changed == [True]
    assert {call["headers"]["x-github-api-version"] for call in emulator.calls()} == {version}
