# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use the inventory of repositories with Ansible's commands."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import TOKEN, Ansible

STRICT = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1"}
OCTO_ORG: dict[str, Any] = {"organizations": ["octo-org"]}
REPOSITORIES: tuple[dict[str, Any], ...] = (
    {"full_name": "octo-org/app", "topics": ["service", "node"], "language": "TypeScript"},
    {"full_name": "octo-org/api", "topics": ["service"], "language": "Python", "properties": {"team": "ops"}},
    {"full_name": "octo-org/web", "visibility": "internal", "properties": {"team": "web", "env": ["dev", "test"]}},
    {"full_name": "octo-org/old", "archived": True, "topics": ["service"]},
    {"full_name": "octo-org/copy", "fork": True, "admin": False, "default_branch": "trunk"},
    {"full_name": "octocat/notes", "private": True},
)


@dataclass(frozen=True)
class Inventory:
    """Runs ansible-inventory with a configuration file."""

    ansible: Ansible

    def write(self, name: str = "x.repositories.yml", **options: Any) -> Path:
        path = self.ansible.home / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"plugin": "devex.github.repositories", **options}), encoding="utf-8")
        return path

    def run(self, path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["ansible-inventory", "-i", str(path), *arguments],
            cwd=self.ansible.home,
            env={**self.ansible.environment, **environment},
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def shown(self, *arguments: str, **options: Any) -> dict[str, Any]:
        """Return the output of `--list`."""
        done = self.run(self.write(**options), "--list", *arguments, **STRICT)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        found: dict[str, Any] = json.loads(done.stdout, object_hook=_plain)
        return found

    def hosts(self, *arguments: str, **options: Any) -> dict[str, dict[str, Any]]:
        """Return the variables of each host."""
        found: dict[str, dict[str, Any]] = self.shown(*arguments, **options)["_meta"]["hostvars"]
        return found

    def names(self, *arguments: str, **options: Any) -> list[str]:
        """Return the hosts of octo-org, without this prefix."""
        return [host.removeprefix("octo-org/") for host in self.hosts(*arguments, **{**OCTO_ORG, **options})]

    def fails(
        self, *arguments: str, path: Path | None = None, env: Mapping[str, str] | None = None, **options: Any
    ) -> str:
        """Return the error in one line, and check that there is no host."""
        done = self.run(path or self.write(**options), "--list", *arguments, **(env or {}))
        assert json.loads(done.stdout)["_meta"]["hostvars"] == {}
        assert "Unable to parse" in done.stderr
        assert "Traceback" not in done.stderr
        assert TOKEN not in done.stderr
        # Before ansible-core 2.19, Ansible breaks lines, even at hyphens.
        return re.sub(r"(?<=\w-) ", "", " ".join(done.stderr.split()))


def _plain(found: dict[str, Any]) -> Any:
    """Remove the mark of texts that are not templates."""
    return found.get("__ansible_unsafe", found)


@pytest.fixture
def inventory(ansible: Ansible, emulator: Emulator) -> Inventory:
    emulator.repositories(*REPOSITORIES)
    return Inventory(ansible)


def requests(emulator: Emulator) -> list[str]:
    return [call["path"] for call in emulator.calls()]


# --- hosts ---


def test_the_variables_of_a_host(inventory: Inventory, ids: dict[str, int], emulator: Emulator) -> None:
    assert inventory.hosts(**OCTO_ORG)["octo-org/app"] == {
        "github_id": ids["octo-org/app"],
        "github_owner": "octo-org",
        "github_name": "app",
        "github_visibility": "public",
        "github_archived": False,
        "github_fork": False,
        "github_topics": ["service", "node"],
        "github_language": "TypeScript",
        "github_default_branch": "main",
        "ansible_connection": "local",
    }
    assert requests(emulator) == ["/orgs/octo-org/repos"]


def test_owners(inventory: Inventory, emulator: Emulator) -> None:
    of_octo_org = ["octo-org/api", "octo-org/app", "octo-org/copy", "octo-org/web"]
    assert [*inventory.hosts()] == [*of_octo_org, "octocat/hello-world", "octocat/notes"]
    assert [*inventory.hosts(users=["octocat"])] == ["octocat/hello-world"]
    assert [*inventory.hosts(organizations="OCTO-ORG", users="octocat")] == [*of_octo_org, "octocat/hello-world"]
    assert [*inventory.hosts(include="octocat/*")] == ["octocat/hello-world", "octocat/notes"]
    emulator.tokens({TOKEN: {"kind": "classic", "scopes": []}})
    assert inventory.names() == ["api", "app", "copy"]


#: Options, and the hosts of octo-org that they select.
FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({"topics": ["service"]}, {"api", "app"}),
    ({"topics": ["service", "node"]}, {"app"}),
    ({"topics": ["service"], "archived": "only"}, {"old"}),
    ({"archived": "include", "forks": "exclude"}, {"api", "app", "old", "web"}),
    ({"languages": ["python", "TypeScript"]}, {"api", "app"}),
    ({"visibility": ["internal"]}, {"web"}),
    ({"administered": True}, {"api", "app", "web"}),
    ({"include": ["*/A*"], "exclude": ["octo-org/api"]}, {"app"}),
    ({"properties": {"team": ["web", "ops"]}}, {"api", "web"}),
    ({"properties": {"env": "test"}}, {"web"}),
    ({"topics": ["nobody-has-it"]}, set()),
]


def test_filters(inventory: Inventory) -> None:
    # Each case has a source, which adds its hosts to a separate group.
    for number, (options, _names) in enumerate(FILTERS):
        path = inventory.write(
            f"sources/{number}.repositories.yml", **OCTO_ORG, **options, groups={f"case_{number}": "true"}
        )
    done = inventory.run(path.parent, "--list", **STRICT)
    assert done.stderr == ""
    groups = json.loads(done.stdout)
    for number, (_options, names) in enumerate(FILTERS):
        assert {*groups.get(f"case_{number}", {}).get("hosts", ())} == {f"octo-org/{name}" for name in names}


def test_custom_properties(inventory: Inventory, emulator: Emulator) -> None:
    found = inventory.hosts(**OCTO_ORG, gather_custom_properties=True)
    assert found["octo-org/web"]["github_custom_properties"] == {"team": "web", "env": ["dev", "test"]}
    assert found["octo-org/app"]["github_custom_properties"] == {}
    assert requests(emulator) == ["/orgs/octo-org/repos", "/orgs/octo-org/properties/values"]


def test_groups_and_composed_variables(inventory: Inventory) -> None:
    found = inventory.shown(
        **OCTO_ORG,
        gather_custom_properties=True,
        strict=True,
        compose={"team": "github_custom_properties.team | default('nobody')"},
        groups={"forks": "github_fork", "operations": "team == 'ops'"},
        keyed_groups=[
            {"key": "github_topics", "prefix": "topic"},
            # Before ansible-core 2.19, there is no default for null.
            {"key": "github_language | default('', true)", "prefix": "language", "default_value": "none"},
        ],
    )
    assert {group: [*row["hosts"]] for group, row in found.items() if "hosts" in row} == {
        "forks": ["octo-org/copy"],
        "operations": ["octo-org/api"],
        "topic_node": ["octo-org/app"],
        "topic_service": ["octo-org/api", "octo-org/app"],
        "language_none": ["octo-org/copy", "octo-org/web"],
        "language_Python": ["octo-org/api"],
        "language_TypeScript": ["octo-org/app"],
    }
    assert found["_meta"]["hostvars"]["octo-org/app"]["team"] == "nobody"


def test_texts_from_github_are_not_templates(inventory: Inventory, emulator: Emulator) -> None:
    text = "{{ lookup('pipe', 'id') }}"
    emulator.repositories({"full_name": "octo-org/app", "language": text, "properties": {"team": text}})
    inventory.write(**OCTO_ORG, gather_custom_properties=True)
    show = {"ansible.builtin.debug": {"msg": ["{{ github_language }}", "{{ github_custom_properties.team }}"]}}
    play = {"hosts": "octo-org/app", "gather_facts": False, "connection": "local", "tasks": [show]}
    run = inventory.ansible.plays([play], "-i", "x.repositories.yml")
    assert run[0]["msg"] == [text, text]


def test_pages(inventory: Inventory, emulator: Emulator) -> None:
    emulator.repositories(*(f"octo-org/repository-{number:03}" for number in range(245)))
    assert len(inventory.names(archived="include")) == 250
    assert requests(emulator) == ["/orgs/octo-org/repos", *["/organizations/2/repos"] * 2]
    emulator.clear_calls()
    assert len(inventory.names(archived="include", gather_custom_properties=True)) == 250
    assert len(requests(emulator)) == 6


def test_secrets_by_topic(inventory: Inventory, emulator: Emulator) -> None:
    inventory.write(**OCTO_ORG, keyed_groups=[{"key": "github_topics", "prefix": "topic"}])
    secrets = {"codespaces_secrets_for_services": [{"name": "NPM_TOKEN", "value": "npm_0123"}]}
    play = {"hosts": "topic_service", "gather_facts": False, "vars": secrets}
    run = inventory.ansible.plays([{**play, "roles": ["devex.github.codespaces_secrets"]}], "-i", "x.repositories.yml")
    assert run.returncode == 0, run.output
    scopes = {name: [*scope["secrets"]] for name, scope in emulator.state().items() if scope["secrets"]}
    assert scopes == {"repo:octo-org/app": ["NPM_TOKEN"], "repo:octo-org/api": ["NPM_TOKEN"]}


def test_a_module_runs_for_each_host_without_ssh(inventory: Inventory, emulator: Emulator) -> None:
    inventory.write(**OCTO_ORG)
    task = {
        "devex.github.codespaces_repo_secret": {"repository": "{{ inventory_hostname }}", "name": "A", "value": "b"}
    }
    play = {"hosts": "all", "gather_facts": False, "tasks": [task]}
    run = inventory.ansible.plays([play], "-i", "x.repositories.yml", "--limit", "octo-org/app:octo-org/web", "-vvv")
    assert run.changed == [True, True], run.output
    assert "in a process of its own" not in run.output
    assert [scope for scope, found in emulator.state().items() if found["secrets"]] == [
        "repo:octo-org/app",
        "repo:octo-org/web",
    ]


def test_local_connection_can_be_turned_off_and_compose_has_precedence(
    inventory: Inventory, cached: dict[str, Any], emulator: Emulator
) -> None:
    for options, expected in (
        ({}, {"local"}),
        # These read the cache.
        ({"local_connection": False}, {None}),
        ({"compose": {"ansible_connection": "'ssh'"}}, {"ssh"}),
        ({"compose": {"ansible_connection": "'ssh' if github_fork else ansible_connection"}}, {"local", "ssh"}),
    ):
        found = inventory.hosts(**cached, **options)
        assert {variables.get("ansible_connection") for variables in found.values()} == expected
    assert requests(emulator) == ["/orgs/octo-org/repos"]


def test_names_of_files(inventory: Inventory) -> None:
    for name in ("repositories.yml", "octo-org.repositories.yaml"):
        done = inventory.run(inventory.write(name, **OCTO_ORG), "--graph", **STRICT)
        assert "octo-org/app" in done.stdout
    assert "could not be verified by inventory plugin" in inventory.fails(path=inventory.write("x.yml", **OCTO_ORG))


# --- tokens ---


@pytest.mark.thorough
def test_tokens(inventory: Inventory, emulator: Emulator) -> None:
    emulator.tokens({"ghp_another": {}, TOKEN: {}})
    environment = inventory.ansible.environment
    without = Inventory(Ansible(inventory.ansible.home, {k: v for k, v in environment.items() if k != "GITHUB_TOKEN"}))
    given: tuple[tuple[Inventory, dict[str, str], dict[str, str], list[str]], ...] = (
        (inventory, {}, {"GH_TOKEN": "ghp_unknown"}, []),
        (without, {}, {"GH_TOKEN": TOKEN}, []),
        (without, {"token": "ghp_another"}, {}, []),
        (inventory, {"token": "{{ token_of_the_user }}"}, {}, ["-e", "token_of_the_user=ghp_another"]),
        (inventory, {"token": "{{ lookup('ansible.builtin.env', 'MY_TOKEN') }}"}, {"MY_TOKEN": "ghp_another"}, []),
    )
    for who, options, env, arguments in given:
        done = who.run(who.write(**OCTO_ORG, **options), "--graph", *arguments, **STRICT, **env)
        assert "octo-org/app" in done.stdout, done.stderr
    assert "token is unset" in without.fails(**OCTO_ORG)


@pytest.mark.parametrize("place", ["environment", "vault"])
def test_one_place_for_the_token_serves_the_inventory_and_the_role(
    place: str, inventory: Inventory, emulator: Emulator
) -> None:
    """The token is in the environment, or in a vaulted file of extra variables that the inventory refers to."""
    home, environment = inventory.ansible.home, dict(inventory.ansible.environment)
    emulator.tokens({"ghp_onlyOne": {}})
    options: dict[str, Any] = {**OCTO_ORG, "include": ["octo-org/app"]}
    arguments: list[str] = []
    if place == "environment":
        environment["GITHUB_TOKEN"] = "ghp_onlyOne"
    else:
        del environment["GITHUB_TOKEN"]
        (home / "password").write_text("pass", encoding="utf-8")
        (home / "token.yml").write_text("codespaces_secrets_token: ghp_onlyOne\n", encoding="utf-8")
        vault = ["ansible-vault", "encrypt", "--vault-password-file", "password", "token.yml"]
        subprocess.run(vault, cwd=home, env=environment, check=True, capture_output=True, timeout=60)
        options["token"] = "{{ codespaces_secrets_token }}"
        arguments = ["-e", "@token.yml", "--vault-password-file", "password"]
    role = {"role": "devex.github.codespaces_secrets"}
    wanted = {"codespaces_secrets_secrets": [{"name": "ONE", "value": "text"}]}
    play = {"hosts": "all", "gather_facts": False, "roles": [role], "vars": wanted}
    path = inventory.write(**options)
    run = Ansible(home, environment).plays([play], "-i", str(path), *arguments)
    assert run.returncode == 0
    assert emulator.values("repo:octo-org/app") == {"ONE": "text"}
    assert "ghp_onlyOne" not in run.output


def test_only_our_error_is_shown_if_auto_is_the_only_plugin(inventory: Inventory, emulator: Emulator) -> None:
    """Ansible has every enabled plugin that accepts the file try it, even if the first plugin raises an exception."""
    emulator.tokens({"ghp_another": {}})
    # Before ansible-core 2.19, the name of the plugin has no quotation marks.
    other = re.compile("'?(yaml|ini)'? plugin")
    assert other.search(inventory.fails(**OCTO_ORG))
    message = inventory.fails(**OCTO_ORG, env={"ANSIBLE_INVENTORY_ENABLED": "host_list,auto"})
    assert "Bad credentials" in message
    assert not other.search(message)


def test_any_option_may_be_a_template(inventory: Inventory) -> None:
    options: dict[str, Any] = {
        "organizations": ["{{ organization }}"],
        "topics": ["{{ topic }}"],
        "properties": {"team": "{{ team }}"},
    }
    variables = json.dumps({"organization": "octo-org", "topic": "service", "team": "ops"})
    assert [*inventory.hosts("-e", variables, **options)] == ["octo-org/api"]


# --- errors ---


@pytest.mark.thorough
def test_an_invalid_option_fails(inventory: Inventory, emulator: Emulator) -> None:
    for options, said in (
        ({"organisations": ["octo-org"]}, "Unknown options: organisations. Check the spelling"),
        ({"organizations": ["octo-org/app"]}, "organizations: 'octo-org/app' is not a valid entry."),
        (
            {"organizations": None},
            "These options are null, which usually means a variable without a value: organizations.",
        ),
        ({"exclude": None, "token": None}, ": exclude, token."),
        ({"organizations": [" octo-org"]}, "organizations: ' octo-org' is not a valid entry."),
        ({"visibility": ["secret"]}, "visibility"),
        ({"properties": {"team": None}}, "properties: 'team' requires a value"),
        ({"timeout": 0}, "timeout must be from 1 to 3600."),
        ({"token": f"{TOKEN}\n"}, "token contains a space or a line break"),
        ({"api_url": "http://example.com"}, "api_url"),
    ):
        assert said in inventory.fails(**options)
    assert requests(emulator) == []


def test_an_unknown_owner_fails(inventory: Inventory) -> None:
    assert "/orgs/octo-orgg/repos" in inventory.fails(organizations=["octo-org", "octo-orgg"])
    strict = inventory.run(inventory.write(organizations=["octo-orgg"]), "--list", **STRICT)
    assert strict.returncode != 0
    assert strict.stdout == ""
    assert "Check the name, too" in inventory.fails(users=["octocatt"])
    assert "octo-org is an organization" in inventory.fails(users=["octo-org"])


@pytest.mark.thorough
def test_tokens_without_a_permission_are_rejected(inventory: Inventory, emulator: Emulator) -> None:
    emulator.tokens({TOKEN: {"kind": "fine_grained", "permissions": {"metadata": "read"}}})
    said = inventory.fails(**OCTO_ORG, gather_custom_properties=True)
    assert "'Custom properties: read'" in said
    emulator.tokens({TOKEN: {"sso": "https://github.com/orgs/octo-org/sso"}})
    assert "https://github.com/orgs/octo-org/sso" in inventory.fails(**OCTO_ORG)
    assert "GitHub omitted organizations that require SAML" in inventory.fails()
    emulator.tokens({TOKEN: {"kind": "installation", "permissions": {"metadata": "read"}}})
    assert "Resource not accessible by integration" in inventory.fails()
    emulator.tokens({"another": {}})
    emulator.clear_calls()
    assert "Bad credentials" in inventory.fails(organizations=["octo-org", "another-org"])
    assert [call["status"] for call in emulator.calls()] == [401]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 404},
        {"kind": "status", "status": 200, "body": {"repositories": []}},
        {"kind": "status", "status": 200, "body": [{"full_name": "octo-org/app"}]},
        {"kind": "not_json"},
        {"kind": "truncate"},
        {"kind": "drop"},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_a_missing_page_fails_the_inventory(fault: dict[str, Any], inventory: Inventory, emulator: Emulator) -> None:
    emulator.repositories(*(f"octo-org/repository-{number:03}" for number in range(245)))
    emulator.fault(**fault, path="page=3", times=None)
    inventory.fails(**OCTO_ORG, retries=0)
    assert [call["query"].get("page") for call in emulator.calls()] == [None, "2", "3"]


@pytest.mark.thorough
def test_a_page_is_retried_after_a_fault(inventory: Inventory, emulator: Emulator) -> None:
    emulator.fault("status", status=502)
    assert inventory.names(topics=["node"]) == ["app"]


@pytest.mark.thorough
def test_a_limit_that_ends_too_late_fails_the_inventory(inventory: Inventory, emulator: Emulator) -> None:
    emulator.limit(remaining=0, reset_in=600)
    assert "GitHub's rate limit ends at" in inventory.fails(**OCTO_ORG)
    # Another user does not know the limit yet.
    shutil.rmtree(inventory.ansible.home / "state")
    emulator.limit(points=1, window=2)
    assert inventory.names(gather_custom_properties=True, topics=["node"]) == ["app"]
    assert emulator.refused() > 0


@pytest.mark.thorough
def test_a_group_that_cannot_be_built_adds_no_host(inventory: Inventory) -> None:
    options: dict[str, Any] = {**OCTO_ORG, "strict": True}
    assert "Could not set x for host octo-org/copy" in inventory.fails(
        **options, compose={"x": "{'main': 1}[github_default_branch]"}
    )
    assert "Could not add host octo-org/api to group x" in inventory.fails(**options, groups={"x": "undefined_y"})


@pytest.mark.thorough
def test_a_failed_source_keeps_the_hosts_of_another_source(inventory: Inventory) -> None:
    static = inventory.ansible.home / "static.ini"
    static.write_text("octo-org/app own=1\n", encoding="utf-8")
    path = inventory.write(**OCTO_ORG, strict=True, compose={"x": "undefined_y"})
    done = inventory.run(static, "-i", str(path), "--list")
    assert [*json.loads(done.stdout)["_meta"]["hostvars"]] == ["octo-org/app"]


@pytest.mark.thorough
def test_a_missing_library_fails_the_inventory(inventory: Inventory) -> None:
    stub = inventory.ansible.home / "stubs/requests.py"
    stub.parent.mkdir()
    stub.write_text("raise ImportError('there is none')\n", encoding="utf-8")
    said = inventory.fails(**OCTO_ORG, env={"PYTHONPATH": str(stub.parent)})
    assert "(requests)" in said
    assert sys.executable in said or os.path.realpath(sys.executable) in said


# --- the cache ---


@pytest.fixture
def cached(inventory: Inventory) -> dict[str, Any]:
    directory = inventory.ansible.home / "cache"
    return {
        **OCTO_ORG,
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(directory),
        "keyed_groups": [{"key": "github_topics", "prefix": "topic"}],
    }


def entries(inventory: Inventory) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in (inventory.ansible.home / "cache").iterdir()}


def test_the_cache(inventory: Inventory, cached: dict[str, Any], emulator: Emulator) -> None:
    first = inventory.shown(**cached)
    assert first["topic_node"]["hosts"] == ["octo-org/app"]
    [(entry, text)] = entries(inventory).items()
    assert "octo-org/app" in text
    assert TOKEN not in text
    age = entry.stat().st_mtime - 1000
    os.utime(entry, (age, age))
    emulator.clear_calls()
    assert inventory.shown(**cached) == first
    assert emulator.calls() == []
    # An entry that was read is not written again.
    assert entry.stat().st_mtime == age
    emulator.repositories({"full_name": "octo-org/app", "topics": []})
    assert inventory.shown(**cached) == first
    # Old releases of ansible-inventory do not have this option of ansible-playbook.
    if "--flush-cache" not in inventory.run(Path("x.repositories.yml"), "--help").stdout:
        return
    assert "topic_node" not in inventory.shown("--flush-cache", **cached)
    assert entry.stat().st_mtime > age
    os.utime(entry, (age, age))
    emulator.clear_calls()
    inventory.shown(**cached, cache_timeout=900)
    assert len(emulator.calls()) == 1


def test_host_names_in_lower_case(inventory: Inventory, cached: dict[str, Any], emulator: Emulator) -> None:
    emulator.repositories({"full_name": "Octo-Org/Site", "topics": ["node"]})
    options = {**cached, "organizations": ["Octo-Org"], "topics": ["node"]}
    as_on_github = inventory.hosts(**options)
    emulator.clear_calls()
    # The option also applies to cached hosts.
    shown = inventory.shown(**options, lowercase_hostnames=True, strict=True)
    assert emulator.calls() == []
    assert shown["_meta"]["hostvars"] == {name.lower(): its for name, its in as_on_github.items()}
    assert (
        {*shown["topic_node"]["hosts"]} == {name.lower() for name in as_on_github} == {"octo-org/app", "octo-org/site"}
    )
    assert [*inventory.hosts(**options)] == [*as_on_github]
    assert "lowercase_hostnames" in inventory.fails(**options, lowercase_hostnames=None)


@pytest.mark.thorough
def test_each_choice_of_hosts_has_a_separate_cache_entry(
    inventory: Inventory, cached: dict[str, Any], emulator: Emulator
) -> None:
    inventory.shown(**cached)
    emulator.clear_calls()
    inventory.shown(**{**cached, "keyed_groups": []}, compose={"x": "1"}, token="ghp_another", timeout=7)
    assert emulator.calls() == []
    assert [*inventory.hosts(**cached, topics=["node"])] == ["octo-org/app"]
    assert len(emulator.calls()) == 1
    assert len(entries(inventory)) == 2


@pytest.mark.thorough
def test_a_failed_inventory_is_not_cached(inventory: Inventory, cached: dict[str, Any], emulator: Emulator) -> None:
    inventory.fails(**{**cached, "organizations": ["octo-orgg"]})
    assert not (inventory.ansible.home / "cache").exists() or not entries(inventory)
