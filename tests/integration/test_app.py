# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A GitHub App instead of a token: tokens of its installations, their renewal, and what an App cannot do."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from emulator.client import Emulator

from .conftest import OWN_PROCESS, TOKEN, Ansible, Task, repo_secret
from .test_role import names
from .test_role_hosts import Hosts, failed, play

APP = 123456
MINT = ("POST", "/app/installations/11/access_tokens")
LOOK_UP = ("GET", "/users/octo-org/installation")
LOOK_UP_ORGANIZATION = ("GET", "/orgs/octo-org/installation")
OWNER = ("GET", "/app/installations/11")


def key_pair() -> tuple[str, str]:
    """A private and a public key in PEM format."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


PRIVATE, PUBLIC = key_pair()
OTHER_PRIVATE = key_pair()[0]


@pytest.fixture
def app(emulator: Emulator) -> Emulator:
    """The local GitHub with an App, which octo-org and octocat have installed."""
    installations = {"octo-org": 11, "octocat": 12}
    emulator.apps({str(APP): {"public_key": PUBLIC, "installations": installations}})
    emulator.tokens({TOKEN: {}})
    return emulator


@pytest.fixture
def tokenless(ansible: Ansible) -> Ansible:
    """Ansible without a token in the environment."""
    return replace(
        ansible, environment={name: text for name, text in ansible.environment.items() if "TOKEN" not in name}
    )


def as_app(task: Task, **options: Any) -> Task:
    """The task with the App as its credentials."""
    ((module, given),) = task.items()
    return {module: {**given, "app_id": APP, "app_private_key": PRIVATE, **options}}


def bulk(*repositories: str, **options: Any) -> Task:
    secrets = [{"name": "NPM_TOKEN", "value": "first value"}, {"name": "PYPI_TOKEN", "value": "second value"}]
    return {"devex.github.codespaces_secrets": {"repositories": [*repositories], "secrets": secrets, **options}}


def requests(emulator: Emulator) -> list[tuple[str, str]]:
    return [(call["method"], call["path"]) for call in emulator.calls()]


def bearers(emulator: Emulator) -> list[str]:
    """The tokens of all requests that are not about tokens."""
    calls = [call for call in emulator.calls() if "installation" not in call["path"]]
    return [call["headers"]["authorization"] for call in calls]


def test_a_repository_secret_is_written_with_a_token_of_the_installation(app: Emulator, tokenless: Ansible) -> None:
    run = tokenless.play(as_app(repo_secret(value="first value")), as_app(repo_secret(value="first value")))

    assert run.failed == []
    assert run.changed == [True, False]
    assert app.values("repo:octo-org/app") == {"NPM_TOKEN": "first value"}
    assert requests(app)[:2] == [LOOK_UP, MINT]
    assert run.api_calls == [5, 3]
    assert all(re.fullmatch(r"Bearer ghs_\w+", bearer) for bearer in bearers(app))


def test_the_owner_of_a_set_installation_is_read_once(app: Emulator, tokenless: Ansible) -> None:
    run = tokenless.play(as_app(bulk("octo-org/app", "octo-org/web"), app_installation_id=11), check=True)

    assert run.failed == []
    assert run.api_calls == [4]
    assert requests(app)[:2] == [OWNER, MINT]


def test_a_set_installation_of_another_owner_fails_before_a_token_is_used(app: Emulator, tokenless: Ansible) -> None:
    run = tokenless.play(as_app(bulk("octo-org/app", "octocat/hello-world"), app_installation_id=12))

    assert len(run.failed) == 1
    assert "app_installation_id: installation 12 belongs to octocat, not to octo-org." in run.failed[0]
    assert app.values("repo:octo-org/app") == {}
    assert app.values("repo:octocat/hello-world") == {"NPM_TOKEN": "first value", "PYPI_TOKEN": "second value"}
    assert not [path for method, path in requests(app) if "octo-org" in path]


def test_an_unknown_app_id_is_named_after_one_request(app: Emulator, tokenless: Ansible) -> None:
    run = tokenless.play(as_app(bulk("octo-org/app", "octocat/hello-world"), app_id=999))

    assert "app_id: GitHub has no App 999. Use the App ID from the settings page of the App." in run.failed[0]
    assert len(requests(app)) == 1


def test_a_missing_permission_is_named_as_in_the_form_of_the_app(app: Emulator, tokenless: Ansible) -> None:
    app.apps({str(APP): {"public_key": PUBLIC, "installations": {"octo-org": 11}, "permissions": {"metadata": "read"}}})

    run = tokenless.play(as_app(bulk("octo-org/app", used_by="dependabot")))

    grant = "Grant the GitHub App the permission 'Dependabot secrets: write', and accept it in the installation"
    assert grant in run.failed[0]
    assert "user token" not in run.failed[0]


def test_a_repository_outside_the_installation_is_explained(app: Emulator, tokenless: Ansible) -> None:
    run = tokenless.play(as_app(repo_secret(value="first value", repository="octo-org/hidden")))

    assert "whether the installation of the App has access to the repository" in run.failed[0]
    assert "classic" not in run.failed[0]


@pytest.mark.parametrize(
    "task",
    [
        {"devex.github.codespaces_repo_secret": {"repository": "octo-org/app", "name": "A", "value": "first value"}},
        {"devex.github.codespaces_org_secret": {"organization": "octo-org", "name": "A", "value": "first value"}},
        {
            "devex.github.codespaces_org_secret_repos": {
                "organization": "octo-org",
                "name": "SELECTED",
                "selected_repositories": ["octo-org/app"],
            }
        },
        bulk("octo-org/app", "octo-org/web"),
        {"devex.github.codespaces_secret_info": {"repositories": ["octo-org/app"]}},
        {"devex.github.codespaces_secret_info": {"organization": "octo-org"}},
    ],
    ids=lambda task: next(iter(task)).rpartition(".")[2],
)
def test_every_module_without_a_user_works_with_an_app(task: Task, app: Emulator, ansible: Ansible) -> None:
    options = {"organization": "octo-org", "name": "SELECTED", "value": "first value", "visibility": "selected"}
    prepared = ansible.play(
        {"devex.github.codespaces_org_secret": {**options, "selected_repositories": ["octo-org/web"]}}
    )
    app.clear_calls()

    run = ansible.play(as_app(task))

    assert (prepared.failed, run.failed) == ([], [])
    assert requests(app)[0] in (LOOK_UP, LOOK_UP_ORGANIZATION)
    assert requests(app)[1] == MINT
    assert TOKEN not in str(bearers(app))


def test_each_owner_gets_one_token_for_all_repositories(app: Emulator, tokenless: Ansible) -> None:
    run = tokenless.play(as_app(bulk("octo-org/app", "octocat/hello-world", "octo-org/web", "octo-org/api")))

    assert run.failed == []
    assert [path for method, path in requests(app) if method == "POST"].count(MINT[1]) == 1
    assert len(set(bearers(app))) == 2
    assert run.api_calls == [4 + 4 * (1 + 1 + 2)]


def test_an_owner_without_the_app_does_not_stop_the_others(app: Emulator, tokenless: Ansible) -> None:
    app.repositories("other/one", "other/two")

    run = tokenless.play(as_app(bulk("other/one", "octo-org/app", "other/two")))

    assert len(run.failed) == 1
    assert "The GitHub App 123456 is not installed for other." in run.failed[0]
    assert app.values("repo:octo-org/app") == {"NPM_TOKEN": "first value", "PYPI_TOKEN": "second value"}
    assert requests(app).count(("GET", "/users/other/installation")) == 1


def test_a_loop_uses_one_token(app: Emulator, tokenless: Ansible) -> None:
    task = {**as_app(repo_secret(name="{{ item }}", value="first value")), "loop": ["A", "B", "C"]}

    run = tokenless.play(task)

    assert run.failed == []
    assert requests(app).count(MINT) == requests(app).count(LOOK_UP) == 1


def test_tokens_are_renewed(app: Emulator, tokenless: Ansible) -> None:
    app.switch(installation_token_seconds=1, latency=0.2)

    run = tokenless.play(as_app(bulk("octo-org/app", "octo-org/web", "octo-org/api", concurrency=1)))

    assert run.failed == []
    assert requests(app).count(MINT) >= 3
    assert requests(app).count(LOOK_UP) == 1
    for repository in ("app", "web", "api"):
        assert app.values(f"repo:octo-org/{repository}") == {"NPM_TOKEN": "first value", "PYPI_TOKEN": "second value"}


def test_a_new_token_that_github_does_not_know_yet_is_tried_again(app: Emulator, tokenless: Ansible) -> None:
    app.switch(installation_token_lag=2)

    run = tokenless.play(as_app(bulk("octo-org/app", "octo-org/web", "octo-org/api", concurrency=8)))

    assert run.failed == []
    assert requests(app).count(MINT) == 1
    assert 1 <= [call["status"] for call in app.calls()].count(401) <= 3


def test_a_new_token_that_github_never_knows_stops_the_task(app: Emulator, tokenless: Ansible) -> None:
    app.switch(installation_token_lag=1000)

    run = tokenless.play(as_app(bulk("octo-org/app", "octo-org/web", "octo-org/api", concurrency=8)))

    assert "GitHub keeps rejecting new tokens of the GitHub App for octo-org." in run.failed[0]
    assert requests(app).count(MINT) == 1
    assert [call["status"] for call in app.calls()].count(401) <= 6


def test_a_revoked_token_is_renewed(app: Emulator, tokenless: Ansible) -> None:
    app.switch(latency=0.3)
    repositories = [f"octo-org/r{number}" for number in range(8)]
    app.repositories(*repositories)

    def revoke() -> None:
        while not app.calls(writes_only=True)[1:]:
            time.sleep(0.05)
        app.revoke()

    revoking = threading.Thread(target=revoke)
    revoking.start()
    run = tokenless.play(as_app(bulk(*repositories, concurrency=1)))
    revoking.join()

    assert run.failed == []
    assert requests(app).count(MINT) == 2
    assert 2 <= [call["status"] for call in app.calls()].count(401) <= 6


@pytest.mark.parametrize("concurrency", [1, 8])
def test_an_endpoint_for_tokens_that_fails_is_asked_once_for_all_repositories(
    concurrency: int, app: Emulator, tokenless: Ansible
) -> None:
    app.fault("status", status=500, path=MINT[1], times=1000)
    repositories = [f"octo-org/r{number}" for number in range(8)]
    app.repositories(*repositories)

    run = tokenless.play(as_app(bulk(*repositories, concurrency=concurrency, retries=1)))

    assert f"{MINT[0]} at {app.url} failed after 2 tries" in run.failed[0]
    assert requests(app) == [LOOK_UP, MINT, MINT]


def test_the_key_may_be_a_file(app: Emulator, tokenless: Ansible, tmp_path: Path) -> None:
    (tmp_path / "app.pem").write_text(PRIVATE)

    run = tokenless.play(as_app(repo_secret(value="first value"), app_private_key="~/app.pem"))

    assert run.failed == []


@pytest.mark.parametrize("key", [PRIVATE, PRIVATE.replace("\n", "\\n")], ids=["line breaks", "escaped line breaks"])
def test_the_environment_may_hold_the_app(key: str, app: Emulator, tokenless: Ansible) -> None:
    given = {"GITHUB_APP_ID": str(APP), "GITHUB_APP_PRIVATE_KEY": key, "GITHUB_APP_INSTALLATION_ID": "11"}
    ansible = replace(tokenless, environment={**tokenless.environment, **given})

    run = ansible.play(repo_secret(value="first value"), repo_secret(value="first value", token=TOKEN))

    assert run.failed == []
    of_app, of_token = bearers(app)[:3], bearers(app)[3:]
    assert f"Bearer {TOKEN}" not in of_app
    assert of_token == [f"Bearer {TOKEN}"]


def test_a_token_in_the_environment_precedes_an_app_in_the_environment(app: Emulator, ansible: Ansible) -> None:
    given = {"GITHUB_APP_ID": str(APP), "GITHUB_APP_PRIVATE_KEY": PRIVATE}
    warning = "GITHUB_TOKEN and GITHUB_APP_ID are both set. The token is used, and the GitHub App is ignored."
    ansible = replace(ansible, environment={**ansible.environment, **given}, warning=warning)

    run = ansible.play(repo_secret(value="first value"), {**repo_secret(value="first value"), **OWN_PROCESS})

    assert run.failed == []
    assert set(bearers(app)) == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("way", [{}, OWN_PROCESS], ids=["worker", "process"])
def test_empty_variables_count_as_unset(way: Task, app: Emulator, tokenless: Ansible) -> None:
    given = {"GITHUB_APP_ID": str(APP), "GITHUB_APP_PRIVATE_KEY": PRIVATE}
    empty = {"GITHUB_TOKEN": "", "GITHUB_APP_INSTALLATION_ID": ""}
    ansible = replace(tokenless, environment={**tokenless.environment, **given, **empty})

    run = ansible.play({**repo_secret(value="first value"), **way})

    assert run.failed == []
    assert requests(app)[:2] == [LOOK_UP, MINT]
    role = play(ansible, {"octo-org/app": {"secrets": ONE}}, **way)
    assert role.failed == []
    assert inventory(ansible, {"organizations": ["octo-org"]}).returncode == 0


SWAPPED = {"GITHUB_APP_ID": PRIVATE, "GITHUB_APP_PRIVATE_KEY": str(APP), "GITHUB_APP_INSTALLATION_ID": PRIVATE}


def assert_hidden(output: str) -> None:
    assert not [line for line in PRIVATE.splitlines()[1:-1] if line in output]


@pytest.mark.parametrize(
    "way", [{}, OWN_PROCESS, {"async": 60, "poll": 1}], ids=["worker", "process", "asynchronous process"]
)
def test_a_key_in_the_wrong_variable_is_not_shown(way: Task, app: Emulator, tokenless: Ansible) -> None:
    # Ansible writes the results of jobs below $HOME, but reads them in the home directory of the user.
    jobs = {"ANSIBLE_ASYNC_DIR": str(tokenless.home / "jobs")}
    ansible = replace(tokenless, environment={**tokenless.environment, **SWAPPED, **jobs})
    task = {**repo_secret(value="first value"), **way, "ignore_errors": True, "register": "result"}
    show = {"ansible.builtin.debug": {"var": "result"}}

    run = ansible.plays([{"hosts": "localhost", "gather_facts": False, "tasks": [task, show]}], "-vvvv")

    assert "GITHUB_APP_ID must be a whole number of a few digits" in run.failed[0]
    assert "GITHUB_APP_INSTALLATION_ID must be a whole number of a few digits" in run.failed[0]
    assert_hidden(run.output)
    assert requests(app) == []


def test_the_role_does_not_show_a_key_in_the_wrong_variable(app: Emulator, tokenless: Ansible) -> None:
    ansible = replace(tokenless, environment={**tokenless.environment, **SWAPPED})

    run = play(ansible, {"octo-org/app": {"secrets": ONE}}, "-vvvv")

    assert "app_id must be a whole number of a few digits" in run.output
    assert_hidden(run.output)
    assert requests(app) == []


@pytest.mark.parametrize("variable", ["GITHUB_API_URL", "DEVEX_GITHUB_FINGERPRINTS"])
@pytest.mark.parametrize("way", [{}, OWN_PROCESS], ids=["worker", "process"])
def test_a_key_in_another_variable_is_not_shown(way: Task, variable: str, app: Emulator, ansible: Ansible) -> None:
    wrong = replace(ansible, environment={**ansible.environment, variable: PRIVATE})
    task = {**repo_secret(value="first value"), **way}

    run = wrong.plays([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}], "-vvvv")

    assert f"{variable} contains a private key or a token, so it is not shown." in run.failed[0]
    assert_hidden(run.output)
    assert requests(app) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"token": TOKEN}, "token and app_id are both set."),
        ({"app_id": "Iv1.0123456789abcdef"}, "Set the App ID from the settings of the GitHub App, not its client ID."),
        ({"app_private_key": None}, "app_private_key is missing."),
        ({"app_id": None}, "app_id is missing."),
        ({"app_id": 0}, "app_id must be at least 1."),
        ({"app_private_key": "/nowhere/app.pem"}, "app_private_key is neither a private key in PEM format nor"),
        ({"app_private_key": "/dev"}, "app_private_key: the file cannot be read:"),
        ({"app_private_key": PRIVATE.replace("A", "B")}, "app_private_key is not a usable key."),
        ({"app_private_key": PUBLIC}, "app_private_key is not a usable key."),
        ({"app_private_key": "x" * 300}, "app_private_key is neither a private key in PEM format nor"),
    ],
)
def test_wrong_options_fail_before_a_request(
    options: dict[str, Any], message: str, app: Emulator, tokenless: Ansible
) -> None:
    run = tokenless.play(as_app(repo_secret(value="first value"), **options))

    assert message in run.failed[0]
    assert "/nowhere" not in run.failed[0]
    assert "BEGIN" not in run.failed[0]
    assert run.api_calls == [0]
    assert requests(app) == []


def test_a_key_of_another_app_is_sent_once(app: Emulator, tokenless: Ansible) -> None:
    repositories = ("octo-org/app", "octo-org/web", "octocat/hello-world")

    run = tokenless.play(as_app(bulk(*repositories), app_private_key=OTHER_PRIVATE))

    assert "A JSON web token could not be decoded. Check that app_private_key" in run.failed[0]
    assert len(requests(app)) == 1


def test_a_wrong_clock_is_reported(app: Emulator, tokenless: Ansible) -> None:
    app.advance(-3600)

    run = tokenless.play(as_app(repo_secret(value="first value")))

    assert re.search(r"clock of this machine is 3\d\d\d s ahead of GitHub's", run.failed[0])


@pytest.mark.parametrize(
    "task",
    [
        {"devex.github.codespaces_user_secret": {"name": "A", "value": "first value"}},
        {"devex.github.codespaces_user_secret_repos": {"name": "A", "selected_repositories": []}},
        {"devex.github.codespaces_secret_info": {"user": True}},
        {"devex.github.codespaces_recommended_secrets_info": {"repositories": ["octo-org/app"]}},
        {
            "devex.github.codespaces_secrets": {
                "targets": [{"repository": "octo-org/app", "secrets": []}, {"user": True, "secrets": []}]
            }
        },
    ],
    ids=lambda task: next(iter(task)).rpartition(".")[2],
)
def test_secrets_of_a_user_fail_before_a_request(task: Task, app: Emulator, tokenless: Ansible) -> None:
    run = tokenless.play(as_app(task))

    assert "app_id: a GitHub App has no access to secrets of a user. Set token" in run.failed[0]
    assert requests(app) == []


@pytest.mark.parametrize("way", [{}, OWN_PROCESS], ids=["worker", "process"])
@pytest.mark.parametrize("source", ["option", "environment"])
def test_tasks_for_a_user_ignore_an_app_beside_a_token(
    source: str, way: Task, app: Emulator, ansible: Ansible, tokenless: Ansible
) -> None:
    token = {"token": TOKEN} if source == "option" else {}
    secret = {"name": "A", "value": "first value", "selected_repositories": [1001]}
    tasks: list[Task] = [
        {"devex.github.codespaces_user_secret": {**secret, **token}},
        {"devex.github.codespaces_user_secret_repos": {"name": "A", "selected_repositories": [1001], **token}},
        {"devex.github.codespaces_secret_info": {"user": True, **token}},
        {"devex.github.codespaces_secrets": {"user": "yes", "secrets": [secret], **token}},
        {"devex.github.codespaces_recommended_secrets_info": {"repositories": ["octo-org/app"], **token}},
    ]
    defaults = {"group/devex.github.github": {"app_id": APP, "app_private_key": PRIVATE}}

    run = (tokenless if token else ansible).play(*({**task, **way} for task in tasks), module_defaults=defaults)

    assert run.failed == []
    assert set(bearers(app)) == {f"Bearer {TOKEN}"}
    assert app.values("user") == {"A": "first value"}


def test_a_target_may_have_a_token_beside_the_app(app: Emulator, tokenless: Ansible) -> None:
    secrets = [{"name": "A", "value": "first value"}]
    targets = [
        {"repository": "octo-org/app", "secrets": secrets},
        {"user": True, "token": TOKEN, "secrets": [{**secrets[0], "selected_repositories": [1001]}]},
    ]

    run = tokenless.play(as_app({"devex.github.codespaces_secrets": {"targets": targets}}))

    assert run.failed == []
    assert app.values("repo:octo-org/app") == app.values("user") == {"A": "first value"}


ROLE_APP = {"app_id": APP, "app_private_key": PRIVATE}
ONE = [{"name": "ONE", "value": "first value"}]


def test_the_role_uses_an_app_for_all_hosts(app: Emulator, tokenless: Ansible) -> None:
    hosts: Hosts = {name: {**ROLE_APP, "secrets": ONE} for name in ("octo-org/app", "octocat/hello-world")}

    run = play(tokenless, hosts)

    assert run.failed == []
    assert names(app) == {"octo-org/app": ["ONE"], "octocat/hello-world": ["ONE"]}
    assert requests(app).count(MINT) == 1


@pytest.mark.parametrize("defaults", [ROLE_APP, {"app_id": APP}])
def test_the_role_finds_an_app_in_module_defaults_and_in_the_environment(
    defaults: dict[str, Any], app: Emulator, ansible: Ansible
) -> None:
    ansible = replace(ansible, environment={**ansible.environment, "GITHUB_APP_PRIVATE_KEY": PRIVATE})

    run = play(ansible, {"octo-org/app": {"secrets": ONE}}, module_defaults={"group/devex.github.github": defaults})

    assert run.failed == []
    assert TOKEN not in str(bearers(app))


def test_secrets_of_a_user_fail_only_their_host_with_an_app(app: Emulator, tokenless: Ansible) -> None:
    hosts: Hosts = {
        "octo-org/app": {**ROLE_APP, "secrets": ONE},
        "octo-org/web": {**ROLE_APP, "user_secrets": ONE},
    }

    run = play(tokenless, hosts)

    assert "A GitHub App cannot manage codespaces_secrets_user_secrets." in failed(run)["octo-org/web"]
    assert names(app) == {"octo-org/app": ["ONE"]}


def test_hosts_with_a_token_and_with_an_app_are_apart(app: Emulator, tokenless: Ansible) -> None:
    hosts: Hosts = {"octo-org/app": {**ROLE_APP, "secrets": ONE}, "octo-org/web": {"token": TOKEN, "secrets": ONE}}

    run = play(tokenless, hosts)

    assert "app_id, app_private_key of this host and of octo-org/app differ" in failed(run)["octo-org/web"]
    assert names(app) == {"octo-org/app": ["ONE"]}
    assert "BEGIN" not in run.output


def inventory(ansible: Ansible, options: dict[str, Any], *arguments: str) -> subprocess.CompletedProcess[str]:
    path = ansible.home / "x.repositories.yml"
    path.write_text(json.dumps({"plugin": "devex.github.repositories", **options}), encoding="utf-8")
    command = ["ansible-inventory", "-i", str(path), "--list", "-vvvv", *arguments]
    environment = {**ansible.environment, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=120)


def test_the_inventory_fails_with_an_installation_of_another_owner(app: Emulator, tokenless: Ansible) -> None:
    app.repositories({"full_name": "other-org/app", "visibility": "private"})
    installations = {"octo-org": 11, "other-org": 13}
    app.apps({str(APP): {"public_key": PUBLIC, "installations": installations}})

    options = {"organizations": ["octo-org", "other-org"], "app_installation_id": 13}
    process = inventory(tokenless, {**ROLE_APP, **options})

    assert process.returncode != 0
    text = " ".join(process.stderr.split())
    assert "app_installation_id: installation 13 belongs to other-org, not to octo-org." in text
    assert requests(app) == [("GET", "/app/installations/13")]


def test_the_inventory_lists_organizations_as_an_app(app: Emulator, ansible: Ansible) -> None:
    process = inventory(ansible, {**ROLE_APP, "organizations": ["octo-org"], "gather_custom_properties": True})

    assert process.returncode == 0, process.stderr
    assert "octo-org/web" in process.stdout
    assert requests(app).count(MINT) == 1
    assert TOKEN not in str(bearers(app))
    for secret in (*bearers(app), PRIVATE.splitlines()[1]):
        assert secret.removeprefix("Bearer ") not in process.stdout + process.stderr


@pytest.mark.parametrize("options", [{}, {"users": ["octocat"]}, {"organizations": ["octo-org"], "users": ["octocat"]}])
def test_the_inventory_of_a_user_fails_with_an_app(options: dict[str, Any], app: Emulator, tokenless: Ansible) -> None:
    process = inventory(tokenless, {**ROLE_APP, **options})

    assert process.returncode != 0
    assert "cannot list the repositories of a user. Set organizations, without users." in " ".join(
        process.stderr.split()
    )
    assert requests(app) == []


def test_options_of_an_app_may_be_templates_in_the_inventory(app: Emulator, tokenless: Ansible) -> None:
    options = {"app_id": "{{ id }}", "app_installation_id": "{{ 11 }}", "app_private_key": "{{ key }}"}
    variables = json.dumps({"id": str(APP), "key": PRIVATE})

    process = inventory(tokenless, {**options, "organizations": ["octo-org"]}, "-e", variables)

    assert process.returncode == 0, process.stderr
    assert "octo-org/web" in process.stdout
    assert MINT in requests(app)


@pytest.mark.parametrize("options", [{}, {"token": TOKEN}], ids=["environment", "option"])
def test_an_inventory_with_a_token_ignores_the_variables_of_an_app(
    options: dict[str, Any], app: Emulator, ansible: Ansible
) -> None:
    ansible = replace(ansible, environment={**ansible.environment, "GITHUB_APP_ID": "Iv1.0123456789abcdef"})

    process = inventory(ansible, {**options, "organizations": ["octo-org"]})

    assert process.returncode == 0, process.stderr
    assert set(bearers(app)) == {f"Bearer {TOKEN}"}
    warning = "GITHUB_TOKEN and GITHUB_APP_ID are both set."
    assert (warning in " ".join(process.stderr.split())) is not bool(options)


@pytest.mark.parametrize(
    ("options", "environment", "message"),
    [
        ({}, SWAPPED, "GITHUB_APP_ID must be a whole number of a few digits"),
        ({"app_id": PRIVATE, "app_private_key": APP}, {}, "app_id must be a whole number of a few digits"),
        ({"app_id": [PRIVATE], "app_private_key": PRIVATE}, {}, "app_id must be a whole number of a few digits"),
        ({"app_id": APP, "app_private_key": [PRIVATE]}, {}, "app_private_key must be text, not a list."),
        ({"token": {PRIVATE: PRIVATE}}, {}, "token must be text, not a mapping."),
        ({"app_id": "{{ key }}"}, {}, "app_id must be a whole number of a few digits"),
        ({"app_id": "9" * 5000}, {}, "app_id must be a whole number of a few digits"),
    ],
)
def test_the_inventory_does_not_show_a_key_in_the_wrong_place(
    options: dict[str, Any], environment: dict[str, str], message: str, app: Emulator, tokenless: Ansible
) -> None:
    ansible = replace(tokenless, environment={**tokenless.environment, **environment})

    process = inventory(ansible, {**options, "organizations": ["octo-org"]}, "-e", json.dumps({"key": PRIVATE}))

    output = process.stdout + process.stderr
    assert process.returncode != 0
    assert message in " ".join(output.split())
    assert_hidden(output)
    assert requests(app) == []


def test_all_tokens_of_an_installation_share_its_pace(app: Emulator, tokenless: Ansible) -> None:
    for dummy in range(2):
        assert tokenless.play(as_app(repo_secret(value="first value"))).failed == []

    assert len(set(bearers(app))) == 2
    ledgers = {path.name for path in (tokenless.home / "state/devex.github/pace").iterdir()} - {"salt"}
    # One is of the installation. The other one is of the App, which gets the tokens.
    assert len(ledgers) == 2


@pytest.mark.parametrize("task", [{}, {"environment": {"ANY": "thing"}}], ids=["worker", "process"])
def test_keys_and_tokens_appear_nowhere(task: Task, app: Emulator, tokenless: Ansible) -> None:
    log = tokenless.home / "log"
    ansible = replace(tokenless, environment={**tokenless.environment, "ANSIBLE_LOG_PATH": str(log)})
    loop = {"loop": ["A", "B"], "register": "result"}
    tasks: list[Task] = [
        {**as_app(repo_secret(name="{{ item }}", value="first value")), **loop, **task},
        {"ansible.builtin.debug": {"var": "result"}},
        {**as_app(repo_secret(value="first value", repository="other/one")), **task},
        {**as_app(repo_secret(value="first value"), app_id="none"), **task},
        {**as_app(repo_secret(value="first value"), app_installation_id=99), **task},
        {**as_app(repo_secret(value="first value"), app_private_key=[PRIVATE]), **task},
        {**as_app(repo_secret(value="first value"), app_private_key=PRIVATE.replace("A", "B")), **task},
        {**as_app(repo_secret(value="first value", unknown=1)), **task},
    ]
    plays = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"ignore_errors": True, **one} for one in tasks]}]

    run = ansible.plays(plays, "-vvvv")

    assert len(run.failed) == 6
    secret = {call["headers"]["authorization"].removeprefix("Bearer ") for call in app.calls()}
    assert any(text.startswith("ghs_") for text in secret)
    assert any(text.startswith("eyJ") for text in secret)
    lines = [line for line in PRIVATE.splitlines() if not line.startswith("-")]
    files = [path for path in tokenless.home.rglob("*") if path.is_file() and path.name != "playbook.json"]
    texts = [run.output, *(path.read_bytes().decode("latin-1") for path in files)]
    assert log in files
    for text in texts:
        assert not [found for found in (*secret, *lines, *[line.replace("A", "B") for line in lines]) if found in text]


def test_a_token_that_github_echoes_is_masked(app: Emulator, tokenless: Ansible) -> None:
    first = tokenless.play(as_app(repo_secret(value="first value"), app_installation_id=11), check=True)
    token = bearers(app)[0].removeprefix("Bearer ")
    app.fault("status", status=201, path=MINT[1], body={"token": token, "expires_at": "2999-01-01T00:00:00Z"})
    app.fault(
        "status", status=403, path="/repos/octo-org/app/codespaces/secrets", body={"message": f"What is {token}?"}
    )

    run = tokenless.play(as_app(repo_secret(value="first value"), app_installation_id=11))

    assert first.failed == []
    # ansible-core 2.22 has another placeholder.
    assert "What is ******" in run.failed[0] or "What is $REDACTED$" in run.failed[0]
    assert token not in run.output
