# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the role on many hosts. One process provisions all of them, with a result for each host."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import Ansible, Run
from .test_role import names

APP, API, WEB = "octo-org/app", "octo-org/api", "octo-org/web"
ONE = [{"name": "ONE", "value": "first value"}]
TWO = [{"name": "TWO", "value": "second value"}]
INCLUDE = {"ansible.builtin.include_role": {"name": "devex.github.codespaces_secrets"}}

Hosts = dict[str, dict[str, Any]]

# With the password "pass".
VAULTED = """
$ANSIBLE_VAULT;1.1;AES256
36333965643634386137643938323133636561393565326563396531366630313662653333326562
3936376466346666393036373130393639336135633661390a376130346133666633646666313861
31613432306565346261656638333339326663353165383366636264396437303464386632643834
6137343030353364380a373533333363643931386636616133643162313764656337353537646138
3762
"""


def play(ansible: Ansible, hosts: Hosts, *arguments: str, tasks: Any = (INCLUDE,), **keywords: Any) -> Run:
    """Run the role on an inventory. Variables of hosts are without their prefix."""
    prefixed = {
        host: {f"codespaces_secrets_{name}" if name[0] != "/" else name[1:]: value for name, value in given.items()}
        for host, given in hosts.items()
    }
    inventory = ansible.home / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": prefixed}}), encoding="utf-8")
    plays = [{"hosts": "all", "gather_facts": False, "tasks": list(tasks), **keywords}]
    return ansible.plays(plays, "-i", str(inventory), *arguments)


def reported(run: Run) -> dict[str, tuple[str, bool]]:
    """Return the status of each host, and whether it was changed."""
    return {
        row["host"]: (row["status"], row.get("changed", False))
        for row in run.results
        if row["status"] == "failed" or "summary" in row
    }


def failed(run: Run) -> dict[str, str]:
    return {row["host"]: row["msg"] for row in run.results if row["status"] == "failed"}


def test_each_host_is_read_once_and_reports_for_itself(ansible: Ansible, emulator: Emulator) -> None:
    hosts: Hosts = {APP: {"secrets": ONE}, API: {"secrets": ONE, "for_api": TWO}, "octo-org/gone": {"secrets": ONE}}
    dry = play(ansible, hosts, "--check")
    assert reported(dry) == {APP: ("ok", True), API: ("ok", True), "octo-org/gone": ("failed", False)}
    assert emulator.calls(writes_only=True) == []
    emulator.clear_calls()
    run = play(ansible, hosts)
    assert reported(run) == reported(dry)
    assert names(emulator) == {APP: ["ONE"], API: ["ONE", "TWO"]}
    emulator.clear_calls()
    again = play(ansible, hosts, "--limit", f"{APP}:{API}")
    assert reported(again) == {APP: ("ok", False), API: ("ok", False)}
    assert len(emulator.calls()) == 2
    for row in run.results:
        if "summary" in row and row["status"] == "ok":
            assert {secret["scope"] for secret in row["secrets"]} == {f"repo:{row['host']}"}


def test_diffs_contain_no_values(ansible: Ansible, emulator: Emulator) -> None:
    run = play(ansible, {APP: {"secrets": ONE}, API: {"secrets": TWO}}, "-vvv")
    assert run.output.count(f"+++ after: repo:{APP}") == 1
    assert run.output.count(f"+++ after: repo:{API}") == 1
    recorded = json.dumps(run.results)
    for value in ("first value", "second value"):
        assert value not in run.output
        assert value not in recorded
    assert emulator.values(f"repo:{API}") == {"TWO": "second value"}


def test_the_diff_of_a_host_shows_why_its_values_are_written(ansible: Ansible, emulator: Emulator) -> None:
    hosts: Hosts = {APP: {"secrets": ONE}, API: {"secrets": ONE}}
    play(ansible, hosts)
    emulator.advance(60)
    emulator.edit(f"repo:{APP}", "ONE", value="an edit")
    emulator.edit(f"repo:{APP}", "STALE", value="text")
    stored = emulator.secret(f"repo:{APP}", "ONE")
    assert stored is not None
    hosts = {APP: {"secrets": ONE, "prune": True}, API: {"secrets": [{"name": "ONE", "value": "rotated value"}]}}
    diffs = []
    for check in (("--check",), ()):
        run = play(ansible, hosts, *check)
        diffs.append({row["host"]: row["diff"] for row in run.results if "summary" in row})
        assert f"new (edited elsewhere on {stored['updated_at']})" in run.output
        assert "rotated value" not in run.output
    assert diffs[0] == diffs[1]
    assert {host: block["after"] for host, (block,) in diffs[0].items()} == {
        APP: {
            "ONE": {"value": f"new (edited elsewhere on {stored['updated_at']})"},
            "STALE": "deleted (pruned, because it is not listed)",
        },
        API: {"ONE": {"value": "new (differs from the recorded value)"}},
    }


#: A host with a mistake, and parts of its message.
SLIPS: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "o/1",
        {"/codespaces_secret_for_x": TWO},
        ["codespaces_secret_for_x (with TWO) is not a variable of the role", "codespaces_secrets_for_"],
    ),
    ("o/2", {"for_x": [{"name": "TWO", "value": "{{ vault_two }}"}]}, ["for_x, secret TWO", "'vault_two'"]),
    ("o/3", {"/base": [{"name": "TWO", "value": "{{ no.where }}"}], "for_x": "{{ base + [] }}"}, ["TWO", "'no'"]),
    ("o/4", {"for_x": "{{ vault_list }}"}, ["codespaces_secrets_for_x", "'vault_list' is undefined"]),
    ("o/5", {"for_x": None}, ["codespaces_secrets_for_x is null"]),
    (
        "o/6",
        {"for_x": ONE},
        ["codespaces_secrets_for_x", "ONE is in codespaces_secrets_secrets as well. Remove one of them."],
    ),
    ("o/7", {"for_x": [{"name": "TWO", "value": 2}]}, ["codespaces_secrets_for_x: TWO: the value must be text"]),
    (
        "o/8",
        {"for_x": [{"name": "TWO", "vlaue": "third value"}]},
        ["codespaces_secrets_for_x, row 1: vlaue is not an option. Did you mean value?"],
    ),
    ("o/9", {"for_x": [{"name": "TWO", "state": "gone"}]}, ["state must be one of", "codespaces_secrets_for_x"]),
    ("o/10", {"token": "no token"}, ["token contains a space or a line break"]),
    ("o/19", {"token": None}, ["codespaces_secrets_token is null"]),
    ("o/20", {"token": ""}, ["token is empty"]),
    ("o/21", {"for_x": [{"name": "TWO", "value": None}]}, ["codespaces_secrets_for_x, row 1: value is null"]),
    ("o/22", {"prune_max": -1}, ["codespaces_secrets_prune_max must be 0 or more"]),
    ("o/23", {"prune_max": "inf"}, ["codespaces_secrets_prune_max must be a whole number"]),
    ("o/24", {"organization_secrets": TWO, "organization": ["octo-org"]}, ["codespaces_secrets_organization must be"]),
    ("o/26", {"update_value": "adapt"}, ["codespaces_secrets_update_value must be one of on_change, ", "adopt"]),
    ("o/27", {"update_value": None}, ["codespaces_secrets_update_value is null"]),
    ("o/28", {"/codespaces_secret_update_value": "adopt"}, ["Rename it to codespaces_secrets_update_value, "]),
    ("o/11", {"prune": "perhaps"}, ["prune"]),
    (
        "o/25",
        {"prune": "yes", "secrets": []},
        ["prune would keep no listed secret", "codespaces_secrets_prune_all=true"],
    ),
    ("o/12", {"repositories": [5]}, ["codespaces_secrets_repositories must be a list"]),
    ("o/13", {"organization_secrets": TWO}, ["codespaces_secrets_organization is missing"]),
    ("o/14", {"organization_secrets": TWO, "organization": None}, ["codespaces_secrets_organization is missing"]),
    ("o/15", {"concurrency": "{{ many }}"}, ["codespaces_secrets_concurrency: 'many' is undefined"]),
    ("o/16", {"for_x": "{{ [] + vault_list }}"}, ["codespaces_secrets_for_x: 'vault_list' is undefined"]),
    ("o/17", {"for_x": [{"name": "TWO", "value": "{{ 'third value' | to_datetime }}"}]}, ["secret TWO", "ValueError"]),
    ("o/18", {"for_x": [{"name": "TWO", "value": "{{ 'third value' | from_json }}"}]}, ["TWO", "JSONDecodeError"]),
    ("api", {}, ["api is not of the form OWNER/REPO", "codespaces_secrets_repositories"]),
]


def test_an_invalid_variable_fails_only_its_host(ansible: Ansible, emulator: Emulator) -> None:
    hosts: Hosts = {host: {"secrets": ONE, **variables} for host, variables, dummy in SLIPS}
    run = play(ansible, {APP: {"secrets": ONE}, **hosts})
    assert reported(run) == {APP: ("ok", True), **dict.fromkeys(hosts, ("failed", False))}
    for host, dummy, message in SLIPS:
        assert all(text in failed(run)[host] for text in [host, *message]), failed(run)[host]
    assert names(emulator) == {APP: ["ONE"]}
    assert "third value" not in run.output


def test_existing_secrets_are_adopted_with_an_extra_variable(ansible: Ansible, emulator: Emulator) -> None:
    for scope in (f"repo:{APP}", f"repo:{API}", "user", "org:octo-org"):
        emulator.edit(scope, "ONE", value="first value")
    shared: dict[str, Any] = {"organization": "octo-org", "organization_secrets": ONE, "user_secrets": ONE}
    forced = [{**TWO[0], "update_value": "always"}]
    hosts: Hosts = {APP: {"secrets": ONE, **shared}, API: {"secrets": ONE, "for_api": forced, **shared}}
    emulator.edit(f"repo:{API}", "TWO", value="another value")
    for check in (("--check",), ()):
        emulator.clear_calls()
        run = play(ansible, hosts, "-e", "codespaces_secrets_update_value=adopt", *check)
        assert reported(run) == {APP: ("ok", False), API: ("ok", True)}
        writes = [call["path"] for call in emulator.calls(writes_only=True)]
        assert writes == ([] if check else [f"/repos/{API}/codespaces/secrets/TWO"])
    emulator.clear_calls()
    again = play(ansible, {**hosts, API: {"secrets": ONE, **shared}})
    assert reported(again) == {APP: ("ok", False), API: ("ok", False)}
    assert emulator.calls(writes_only=True) == []


def test_a_host_without_a_list_prunes_nothing(ansible: Ansible, emulator: Emulator) -> None:
    for name in ("ONE", "TWO"):
        for host in (APP, API, WEB):
            emulator.edit(f"repo:{host}", name, value="text")
    hosts: Hosts = {
        APP: {},
        API: {"secrets": [{"name": "ONE", "state": "absent"}]},
        WEB: {"prune_all": True, "prune_max": 1},
        "octo-org/other": {"repositories": [APP], "secrets": ONE},
    }
    for arguments in (("--check",), ()):
        run = play(ansible, hosts, *arguments, vars={"codespaces_secrets_prune": True})
        assert failed(run).keys() == hosts.keys()
        assert all("codespaces_secrets_prune_all=true" in failed(run)[host] for host in (APP, API))
        assert "codespaces_secrets_prune_max is 1" in failed(run)[WEB]
        # The list of a host with an error is not known.
        assert f"manage the repository {APP}" in failed(run)["octo-org/other"]
        assert emulator.calls(writes_only=True) == []


def test_a_host_named_like_the_owner_of_another_host_fails(ansible: Ansible, emulator: Emulator) -> None:
    directory = ansible.home / "host_vars/octo-org"
    directory.mkdir(parents=True)
    (directory / "web.yml").write_text(json.dumps({"codespaces_secrets_secrets": ONE}), encoding="utf-8")
    run = play(ansible, {"octo-org": {"repositories": [APP], "user_secrets": TWO}, WEB: {}})
    assert "octo-org also gets the variables of octo-org/web, because" in failed(run)["octo-org"]
    assert names(emulator) == {WEB: ["ONE"]}
    run = play(ansible, {"octo-org": {"repositories": [APP]}, WEB: {}}, "--limit", "octo-org")
    assert failed(run).keys() == {"octo-org"}
    assert names(emulator) == {WEB: ["ONE"]}


def test_a_task_of_the_role_fails_if_earlier_tasks_were_skipped(ansible: Ansible, emulator: Emulator) -> None:
    role = {"role": "devex.github.codespaces_secrets"}
    for task in ("Write the secrets of all hosts", "Report the result of each host"):
        run = play(ansible, {APP: {"secrets": ONE}, API: {}}, "--start-at-task", task, tasks=[], roles=[role])
        assert failed(run).keys() == {APP, API}
        assert all("The tasks of the role belong together" in message for message in failed(run).values())
    stepwise = subprocess.run(
        ["ansible-playbook", "-i", "inventory.json", "--step", "playbook.json"],
        cwd=ansible.home,
        env=ansible.environment,
        check=False,
        # The second task is skipped.
        input="y\nn\ny\ny\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert stepwise.stdout.count(f'"{APP}: The tasks of the role belong together') == 1
    assert stepwise.stdout.count("failed=1") == 2
    assert emulator.calls() == []


def test_each_host_uses_its_token(ansible: Ansible, emulator: Emulator) -> None:
    emulator.tokens({"ghp_rich": {}, "ghp_poor": {"scopes": ["gist"]}})
    hosts: Hosts = {APP: {"token": "ghp_rich"}, API: {"/team_token": "ghp_rich"}, WEB: {"/team_token": "ghp_poor"}}
    defaults = {"group/devex.github.github": {"token": "{{ team_token | default('ghp_wrong') }}"}}
    environment = {"GITHUB_TOKEN": "{{ team_token | default('ghp_wrong') }}"}
    for keywords in ({"module_defaults": defaults}, {"environment": environment}):
        run = play(ansible, hosts, vars={"codespaces_secrets_secrets": ONE}, **keywords)
        assert {host: status for host, (status, dummy) in reported(run).items()} == {
            APP: "ok",
            API: "ok",
            WEB: "failed",
        }
        assert "'gist'" in failed(run)[WEB]
        assert names(emulator) == {APP: ["ONE"], API: ["ONE"]}


def test_each_host_manages_the_user_of_its_token(ansible: Ansible, emulator: Emulator) -> None:
    """Use two owners with a token each, and secrets of the user for all hosts, as in the guide."""
    hosts: Hosts = {APP: {"token": "ghp_one"}, API: {"token": "ghp_two"}, WEB: {"token": "ghp_two"}}
    mine = [{**TWO[0], "selected_repositories": [APP]}]
    run = play(ansible, hosts, vars={"codespaces_secrets_secrets": ONE, "codespaces_secrets_user_secrets": mine})
    assert reported(run) == {APP: ("ok", True), API: ("ok", True), WEB: ("ok", True)}
    assert names(emulator) == {APP: ["ONE"], API: ["ONE"], WEB: ["ONE"], "user": ["TWO"]}
    tokens = [call["headers"]["authorization"] for call in emulator.calls() if call["path"].startswith("/user/")]
    assert set(tokens) == {"Bearer ghp_one", "Bearer ghp_two"}


def test_a_scope_of_several_hosts_is_provisioned_once(ansible: Ansible, emulator: Emulator) -> None:
    mine = [{"name": "MINE", "value": "my value"}]
    ours = [{"name": "OURS", "value": "our value", "visibility": "all"}]
    shared: dict[str, Any] = {"organization": "octo-org", "organization_secrets": ours}
    hosts: Hosts = {
        APP: {"user_secrets": mine, **shared},
        API: {"user_secrets": [*mine, *TWO], **shared},
        WEB: {"repositories": [API, WEB], "secrets": ONE},
    }
    run = play(replace(ansible, warning="list of repositories is empty: MINE (user), TWO (user)."), hosts)
    assert names(emulator) == {API: ["ONE"], WEB: ["ONE"], "user": ["MINE", "TWO"], "org:octo-org": ["OURS"]}
    assert reported(run) == {APP: ("ok", True), API: ("ok", True), WEB: ("ok", True)}
    assert len(emulator.calls(writes_only=True)) == 5
    emulator.clear_calls()
    again = play(ansible, hosts)
    assert True not in again.changed
    assert len(emulator.calls()) == 5


@pytest.mark.parametrize(
    ("hosts", "message"),
    [
        (
            {APP: {"user_secrets": ONE}, API: {"user_secrets": [{"name": "one", "value": "x"}]}},
            "secret ONE of the user",
        ),
        (
            {APP: {"repositories": [API], "secrets": TWO, "prune": True}, API: {"repositories": ["octo-org/API"]}},
            "prune it",
        ),
        ({APP: {"/where": "a"}, API: {"/where": "b"}}, "CA of this host and of octo-org/web differ"),
    ],
)
def test_hosts_that_disagree_fail(hosts: Hosts, message: str, ansible: Ansible, emulator: Emulator) -> None:
    environment = {"CA": "{{ where }}"} if "/where" in hosts[APP] else {}
    run = play(ansible, {WEB: {"secrets": ONE, "/where": "a"}, **hosts}, environment=environment)
    refused = failed(run)
    assert refused.keys() == {APP, API} - ({APP} if environment else set())
    assert all(message in text for text in refused.values())
    assert names(emulator) == {WEB: ["ONE"]}


def totals(run: Run) -> list[str]:
    return [row["msg"] for row in run.results if row["task"].endswith("Show the total") and row["status"] == "ok"]


def test_one_line_has_the_total_of_all_hosts(ansible: Ansible, emulator: Emulator) -> None:
    emulator.edit(f"repo:{WEB}", "STALE", value="text")
    ours = [{"name": "OURS", "value": "our value", "visibility": "all"}]
    hosts: Hosts = {
        APP: {"secrets": ONE, "for_app": TWO, "organization": "octo-org", "organization_secrets": ours},
        API: {"secrets": ONE},
        WEB: {"secrets": ONE, "prune": True},
        "octo-org/gone": {"secrets": ONE},
        "octo-org/slip": {"secrets": None},
    }
    dry = play(ansible, hosts, "--check")
    assert totals(dry) == [
        "4 repositories, 1 organization: 5 values would be written (5 new), 1 would be deleted, 1 failed, "
        "1 host not provisioned; 5 requests. "
        "The run would send 15 requests (39 points of GitHub's rate limit) and finish without a wait"
    ]
    emulator.clear_calls()
    run = play(ansible, hosts)
    assert totals(run) == [
        "4 repositories, 1 organization: 5 values written (5 new), 1 deleted, 1 failed, 1 host not provisioned; "
        f"{len(emulator.calls())} requests"
    ]
    assert run.output.count("values written") == 1
    # It comes last.
    assert run.results[-1]["task"].endswith("Show the total")
    emulator.advance(60)
    emulator.edit(f"repo:{APP}", "ONE", value="an edit")
    again = play(ansible, {APP: {"secrets": ONE}, API: {"secrets": [{"name": "ONE", "value": "rotated"}]}})
    assert totals(again) == ["2 repositories: 2 values written (1 changed, 1 edited elsewhere); 6 requests"]


@pytest.mark.parametrize(
    ("hosts", "keywords", "expected"),
    [
        ({APP: {"repositories": []}}, {}, ["0 repositories: 0 values written; 0 requests"]),
        ({APP: {"secrets": []}}, {}, ["1 repository: 0 values written; 1 request"]),
        ({"o/gone": {"secrets": ONE}}, {}, ["1 repository: 0 values written, 1 failed; 1 request"]),
        ({APP: {"secrets": None}}, {}, []),
        (
            {APP: {"secrets": ONE}, API: {"secrets": ONE}, WEB: {"secrets": ONE}},
            {"serial": 2},
            [
                "2 repositories: 2 values written (2 new); 6 requests",
                "1 repository: 1 value written (1 new); 3 requests",
            ],
        ),
        ({APP: {"secrets": ONE}}, {"no_log": True}, ["1 repository: 1 value written (1 new); 3 requests"]),
        # A separate process provisions each host.
        ({APP: {"secrets": ONE}, API: {"secrets": ONE}}, {"strategy": "free"}, []),
        (
            {APP: {"secrets": ONE}, API: {"secrets": None}},
            {"any_errors_fatal": True},
            ["1 repository: 0 values written, 2 hosts not provisioned; 0 requests"],
        ),
    ],
    ids=["no repository", "no secret", "all failed", "a slip", "serial", "no_log", "free", "any error is fatal"],
)
def test_the_total_of_a_batch(
    hosts: Hosts, keywords: dict[str, Any], expected: list[str], ansible: Ansible, emulator: Emulator
) -> None:
    assert totals(play(ansible, hosts, **keywords)) == expected


def test_the_total_is_shown_before_rescue(ansible: Ansible, emulator: Emulator) -> None:
    tasks = [
        {"block": [INCLUDE], "rescue": [{"ansible.builtin.debug": {"msg": "{{ ansible_failed_result.summary }}"}}]}
    ]
    run = play(ansible, {"o/gone": {"secrets": ONE}}, tasks=tasks)
    assert run.returncode == 0
    assert totals(run) == ["1 repository: 0 values written, 1 failed; 1 request"]
    assert run[-1]["msg"]["failed"] == 1


def test_hosts_that_do_not_wait_for_each_other_get_their_own_results(ansible: Ansible, emulator: Emulator) -> None:
    """Ansible registers the result for all hosts if run_once is a template, even if the template becomes false."""
    repositories = [f"octo-org/repository-{number}" for number in range(12)]
    emulator.repositories(*repositories)
    hosts: Hosts = {host: {"secrets": ONE} for host in repositories}
    hosts["octo-org/slip"] = {"secrets": None}
    run = play(ansible, hosts, "--forks", "8", strategy="free")
    assert failed(run).keys() == {"octo-org/slip"}
    assert {host for host, outcome in reported(run).items() if outcome == ("ok", True)} == set(repositories)


def test_hosts_get_their_results_if_the_writing_host_has_failed(ansible: Ansible, emulator: Emulator) -> None:
    # With fewer hosts, all have begun their reports before the first one fails.
    repositories = [f"octo-org/repository-{number}" for number in range(7)]
    emulator.repositories(*repositories)
    hosts: Hosts = {host: {"secrets": ONE} for host in (APP, "octo-org/gone", *repositories)}
    role = {"role": "devex.github.codespaces_secrets", "when": f"inventory_hostname != '{APP}'"}
    run = play(ansible, hosts, tasks=[], roles=[role], throttle=1)
    assert reported(run) == {"octo-org/gone": ("failed", False), **dict.fromkeys(repositories, ("ok", True))}


@pytest.mark.thorough
@pytest.mark.parametrize(
    "keywords",
    [
        {"strategy": "free"},
        {"strategy": "host_pinned"},
        {"serial": 2},
        {"no_log": True},
        {"ignore_errors": True},
        {"any_errors_fatal": False, "max_fail_percentage": 90},
    ],
    ids=str,
)
def test_keywords_of_a_play(keywords: dict[str, Any], ansible: Ansible, emulator: Emulator) -> None:
    hosts: Hosts = {APP: {"secrets": ONE}, "octo-org/gone": {"secrets": ONE}, API: {"secrets": TWO}}
    tell = {"ansible.builtin.debug": {"msg": "{{ codespaces_secrets_result.changed }}"}}
    run = play(ansible, hosts, tasks=[INCLUDE, tell], **keywords)
    assert names(emulator) == {APP: ["ONE"], API: ["TWO"]}
    assert "octo-org/gone" in {row["host"] for row in run.results if row["status"] == "failed"}
    assert (run.returncode == 0) is ("ignore_errors" in keywords)
    emulator.clear_calls()
    again = play(ansible, hosts, "--limit", f"{APP}:{API}", **keywords)
    assert again.returncode == 0
    assert True not in again.changed
    assert len(emulator.calls()) == 2


def test_no_request_is_sent_if_any_error_is_fatal(ansible: Ansible, emulator: Emulator) -> None:
    run = play(ansible, {APP: {"secrets": ONE}, API: {"for_x": None}}, any_errors_fatal=True)
    assert run.returncode != 0
    assert emulator.calls() == []


def test_only_hosts_that_play_the_role_are_provisioned(ansible: Ansible, emulator: Emulator) -> None:
    """Failed hosts and excluded hosts are not provisioned, even if they ran the role before."""
    hosts: Hosts = {APP: {"secrets": ONE}, API: {"secrets": ONE}, WEB: {"secrets": ONE}}
    fail = {"ansible.builtin.fail": {"msg": "earlier"}, "when": f"inventory_hostname == '{WEB}'"}
    # The second host is excluded after its first task.
    broken = {
        "block": [INCLUDE],
        "rescue": [{"ansible.builtin.meta": "noop"}],
        "vars": {"codespaces_secrets_for_x": "{{ oops }}"},
    }
    later = {**INCLUDE, "when": f"inventory_hostname == '{APP}'", "vars": {"codespaces_secrets_for_y": TWO}}
    run = play(ansible, hosts, tasks=[fail, broken, later])
    assert names(emulator) == {APP: ["ONE", "TWO"]}
    assert failed(run).keys() == {APP, API, WEB}


@pytest.mark.thorough
def test_the_others_continue_if_the_first_host_is_excluded(ansible: Ansible, emulator: Emulator) -> None:
    hosts: Hosts = {APP: {"secrets": ONE}, API: {"secrets": ONE}, WEB: {"secrets": TWO}}
    role = {"role": "devex.github.codespaces_secrets", "when": f"inventory_hostname != '{APP}'"}
    run = play(ansible, hosts, tasks=[], roles=[role])
    assert run.returncode == 0
    assert reported(run) == {API: ("ok", True), WEB: ("ok", True)}
    assert totals(run) == ["2 repositories: 2 values written (2 new); 6 requests"]
    assert len(emulator.calls()) == 6
    emulator.clear_calls()
    slip = play(ansible, {**hosts, APP: {"for_x": None}}, ignore_errors=True)
    assert len(emulator.calls()) == 2
    assert slip.returncode == 0
    assert reported(slip) == {APP: ("failed", False), API: ("ok", False), WEB: ("ok", False)}
    assert totals(slip) == ["2 repositories: 0 values written, 2 unchanged, 1 host not provisioned; 2 requests"]
    assert "codespaces_secrets_for_x is null" in failed(slip)[APP]
    assert names(emulator) == {API: ["ONE"], WEB: ["TWO"]}


@pytest.mark.thorough
def test_a_role_that_runs_once_provisions_one_host(ansible: Ansible, emulator: Emulator) -> None:
    role = {"ansible.builtin.import_role": {"name": "devex.github.codespaces_secrets"}, "run_once": True}
    run = play(ansible, {APP: {"secrets": ONE, "prune": True}, API: {"secrets": TWO}}, tasks=[role])
    assert reported(run) == {APP: ("ok", True)}
    assert names(emulator) == {APP: ["ONE"]}


def test_a_role_of_a_play_with_tags(ansible: Ansible, emulator: Emulator) -> None:
    hosts: Hosts = {APP: {"secrets": ONE}, API: {"secrets": TWO}}
    role = {"role": "devex.github.codespaces_secrets", "tags": "secrets"}
    other = {"ansible.builtin.fail": {"msg": "not chosen"}}
    run = play(ansible, hosts, "--tags", "secrets", tasks=[other], roles=[role])
    assert run.returncode == 0
    assert names(emulator) == {APP: ["ONE"], API: ["TWO"]}
    assert play(ansible, hosts, "--skip-tags", "secrets", tasks=[], roles=[role]).results == []


def test_a_rescue_gets_no_values(ansible: Ansible, emulator: Emulator) -> None:
    tell = {"ansible.builtin.debug": {"var": "codespaces_secrets_result"}}
    hosts: Hosts = {APP: {"secrets": ONE}, API: {"for_x": None}}
    run = play(ansible, hosts, "-vvv", tasks=[{"block": [INCLUDE], "rescue": [tell]}], any_errors_fatal=True)
    assert run.returncode == 0
    assert "codespaces_secrets_for_x is null" in failed(run)[APP]
    assert "first value" not in run.output
    assert emulator.calls() == []


def test_a_rescue_gets_the_writes_so_far(ansible: Ansible, emulator: Emulator) -> None:
    emulator.fault("status", status=422, body={"message": "No."}, path="/TWO", times=9)
    block = {
        "block": [INCLUDE],
        "rescue": [
            {"ansible.builtin.debug": {"msg": "{{ codespaces_secrets_result.applied | map(attribute='names') }}"}}
        ],
    }
    run = play(ansible, {APP: {"secrets": [*ONE, *TWO]}, API: {"secrets": ONE}}, tasks=[block])
    assert run.returncode == 0
    assert run.results[-1]["msg"] == [["ONE"]]
    assert reported(run) == {APP: ("failed", True), API: ("ok", True)}


def test_values_that_look_like_templates_and_vaulted_ones(ansible: Ansible, emulator: Emulator) -> None:
    password = ansible.home / "password"
    password.write_text("pass", encoding="utf-8")
    playbook = ansible.home / "unsafe.yml"
    vaulted = "\n".join(f"              {line}" for line in VAULTED.split())
    playbook.write_text(
        f"""
- hosts: all
  gather_facts: false
  vars:
    codespaces_secrets_for_x:
      - {{name: RAW, value: !unsafe "{{{{ no_template }}}}"}}
      - {{name: DATED, value: text, value_changed_at: 2020-01-01T00:00:00Z, selected_repositories: "{{{{ omit }}}}"}}
      - name: VAULTED
        value: !vault |
{vaulted}
  roles: [devex.github.codespaces_secrets]
""",
        encoding="utf-8",
    )
    run = ansible.playbook(playbook, "-i", f"{APP},", "--vault-password-file", str(password))
    assert run.returncode == 0, run.output
    assert emulator.values(f"repo:{APP}") == {"RAW": "{{ no_template }}", "DATED": "text", "VAULTED": "a vaulted value"}


def test_the_role_shows_the_warnings_of_the_module(ansible: Ansible, emulator: Emulator) -> None:
    emulator.repositories({"full_name": APP, "renamed_to": "octo-org/application"})
    warned = Ansible(ansible.home, ansible.environment, "octo-org/application")
    run = play(warned, {APP: {"secrets": ONE}})
    assert reported(run) == {APP: ("ok", True)}


@pytest.mark.thorough
def test_a_repository_listed_by_two_names_does_not_change(ansible: Ansible, emulator: Emulator) -> None:
    """Otherwise, each host would delete the secrets of the other."""
    play(ansible, {APP: {"secrets": [*ONE, *TWO]}})
    now = "octo-org/application"
    emulator.repositories({"full_name": APP, "renamed_to": now})
    warned = replace(ansible, warning=now)
    run = play(warned, {APP: {"secrets": ONE, "prune": True}, now: {"secrets": TWO, "prune": True}})
    assert failed(run).keys() == {APP, now}
    for message in failed(run).values():
        assert f"{APP} and {now} are the same repository" in message
    assert names(emulator) == {now: ["ONE", "TWO"]}
