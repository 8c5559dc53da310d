# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage the value and the list of repositories of user secrets, together and separately."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import Ansible, Task

PATH = "/user/codespaces/secrets/NPM_TOKEN"
#: The request for the user of a token that the store does not know yet.
WHO = 1
REPOSITORIES = ["octo-org/app", "octo-org/api", "octo-org/web", "octocat/hello-world"]


def user_secret(**options: Any) -> Task:
    return {"devex.github.codespaces_user_secret": {"name": "NPM_TOKEN", **options}}


def user_repos(*repositories: str | int, **options: Any) -> Task:
    module = "devex.github.codespaces_user_secret_repos"
    return {module: {"name": "NPM_TOKEN", "repositories": list(repositories), **options}}


def readers(emulator: Emulator) -> list[int]:
    secret = emulator.secret("user", "NPM_TOKEN")
    assert secret is not None
    return sorted(secret["repository_ids"])


@pytest.mark.parametrize("omitted", ["keep", pytest.param("clear", marks=pytest.mark.thorough)])
def test_the_value_and_the_list(omitted: str, ansible: Ansible, emulator: Emulator, ids: dict[str, int]) -> None:
    emulator.switch(omitted_ids_on_update=omitted)
    app, api, web = (ids[name] for name in REPOSITORIES[:3])
    run = ansible.play(
        user_secret(value="1st", selected_repositories=[app, str(api)]),
        user_secret(value="1st", selected_repositories=[api, app, api]),
        user_secret(value="1st"),
        user_secret(value="2nd"),
        user_secret(value="2nd", selected_repositories=[api, web]),
        user_secret(value="2nd"),
        user_secret(value="3rd", selected_repositories=[web]),
        user_secret(selected_repositories=[web]),
        user_secret(selected_repositories=[]),
        user_secret(value="3rd"),
    )
    assert run.failed == []
    assert run.changed == [True, False, False, True, True, False, True, False, True, False]
    assert run.reasons == [
        "created",
        "unchanged",
        "unchanged",
        "value_changed",
        "unchanged",
        "unchanged",
        "value_changed",
        "unmanaged",
        "unmanaged",
        "unchanged",
    ]
    assert run.api_calls == [3 + WHO, 2, 1, 4, 3, 1, 4, 2, 3, 1]
    writes = emulator.calls(writes_only=True)
    assert [call["path"] for call in writes] == [PATH, PATH, f"{PATH}/repositories", PATH, f"{PATH}/repositories"]
    lists = [sorted(call["body"]["selected_repository_ids"]) for call in writes]
    assert lists == [sorted([app, api]), sorted([app, api]), sorted([api, web]), [web], []]
    assert readers(emulator) == []
    assert run[4]["diff"]["before"]["repositories"] == ["octo-org/api", "octo-org/app"]
    # If a repository was set by ID and was not in the list, only its ID is known.
    assert run[4]["diff"]["after"]["repositories"] == [str(web), "octo-org/api"]
    assert run[4]["diff"]["after"]["value"] == "set"
    assert run[4]["operations"][0]["reason"] == "repositories_changed"
    assert {row["id"]: row["full_name"] for row in run[4]["secret"]["selected_repositories"]} == {
        api: "octo-org/api",
        web: None,
    }


def test_repositories_are_looked_up_in_one_request(ansible: Ansible, emulator: Emulator, ids: dict[str, int]) -> None:
    run = ansible.play(
        user_secret(value="1st", selected_repositories=["octo-org/app", "OCTO-ORG/Api", ids["octo-org/web"]]),
        user_secret(value="1st", selected_repositories=["octo-org/web", "octo-org/APP", "octo-org/api"]),
        user_secret(value="2nd", selected_repositories=["octo-org/app", "octocat/hello-world"]),
    )
    assert run.api_calls == [4 + WHO, 2, 5]
    assert run.changed == [True, False, True]
    assert readers(emulator) == sorted([ids["octo-org/app"], ids["octocat/hello-world"]])
    assert run[2]["diff"]["before"]["repositories"] == ["octo-org/api", "octo-org/app", "octo-org/web"]
    assert run[2]["diff"]["after"]["repositories"] == ["octo-org/app", "octocat/hello-world"]


def test_unknown_repositories_are_reported_together(ansible: Ansible, emulator: Emulator) -> None:
    emulator.repositories({"full_name": "octo-org/secret", "hidden": True})
    names = ["octo-org/app", "octo-org/nope", "octo-org/secret"]
    ansible.play(user_secret(value="a value", selected_repositories=["octo-org/app"]))
    emulator.clear_calls()
    run = ansible.play(
        user_secret(name="NEW", value="text", selected_repositories=names),
        user_repos(*names),
        user_repos(*names, state="absent"),
    )
    for result in run.results:
        assert result["status"] == "failed"
        assert "octo-org/nope, octo-org/secret" in result["msg"]
        assert "octo-org/app" not in result["msg"]
    assert emulator.calls(writes_only=True) == []


@pytest.mark.thorough
def test_a_private_repository_that_the_token_cannot_see_fails(ansible: Ansible, emulator: Emulator) -> None:
    emulator.repositories({"full_name": "octo-org/private", "private": True})
    emulator.tokens({"narrow": {"scopes": ["codespace"]}, "wide": {"scopes": ["codespace", "repo"]}})
    names = ["octo-org/app", "octo-org/private"]
    ansible.play(user_secret(value="1st", selected_repositories=["octo-org/app"], token="narrow"))
    before = emulator.state()
    run = ansible.play(
        user_secret(value="2nd", selected_repositories=names, token="narrow"),
        user_secret(name="NEW", value="text", selected_repositories=names, token="narrow"),
        user_repos(*names, token="narrow"),
    )
    for result in run.results:
        assert result["status"] == "failed"
        assert result["changed"] is False
        assert "octo-org/private" in result["msg"]
        assert "octo-org/app" not in result["msg"]
    assert emulator.state() == before
    assert ansible.play(user_repos(*names, token="wide")).changed == [True]
    assert readers(emulator) == [emulator.repositories()[name] for name in names]


def test_the_list_changes_without_the_value(ansible: Ansible, emulator: Emulator, ids: dict[str, int]) -> None:
    app, api, web, hello = (ids[name] for name in REPOSITORIES)
    # Another controller has written no value.
    elsewhere = {"fingerprints": str(ansible.home / "another-store")}
    run = ansible.play(
        user_secret(value="1st", selected_repositories=[app]),
        user_repos(app, **elsewhere),
        user_repos(app, api, web, **elsewhere),
        user_repos("octo-org/api", "octocat/hello-world", **elsewhere),
        user_repos(app, web, state="absent", **elsewhere),
        user_repos(app, web, state="absent", **elsewhere),
        user_repos(web, app, state="exact", **elsewhere),
        user_repos(web, app, state="exact", **elsewhere),
        user_repos(state="exact", **elsewhere),
    )
    assert run.changed == [True, False, True, True, True, False, True, False, True]
    assert run.api_calls == [3 + WHO, 1 + WHO, 3, 3, 3, 1, 2, 1, 2]
    assert [(operation["method"], operation["path"].removeprefix(PATH)) for operation in run[4]["operations"]] == [
        ("DELETE", f"/repositories/{number}") for number in sorted([app, web])
    ]
    assert hello not in readers(emulator)
    message = [[{row["id"] for row in result[key]} for key in ("added", "removed")] for result in run.results[1:]]
    nothing: set[int] = set()
    assert [added for added, dummy in message] == [
        nothing,
        {api, web},
        {hello},
        *[nothing] * 2,
        {web, app},
        *[nothing] * 2,
    ]
    assert [removed for dummy, removed in message] == [
        *[nothing] * 3,
        {app, web},
        nothing,
        {api, hello},
        nothing,
        {web, app},
    ]
    assert run[3]["added"] == [{"id": hello, "full_name": "octocat/hello-world"}]
    assert run.reasons == ["created"] + [None] * 8


def test_a_list_change_is_not_an_edit_of_the_value(ansible: Ansible, emulator: Emulator, ids: dict[str, int]) -> None:
    app, api, web, dummy = (ids[name] for name in REPOSITORIES)
    value = user_secret(value="mine")
    ansible.play(user_secret(value="mine", selected_repositories=[app]))
    emulator.advance(60)
    run = ansible.play(user_repos(api, web))
    assert run.api_calls == [4]
    emulator.advance(60)
    assert ansible.play(value, user_repos(api, state="exact")).reasons == ["unchanged", None]
    emulator.advance(60)
    assert ansible.play(value, user_secret(selected_repositories=[web])).reasons == ["unchanged", "unmanaged"]
    emulator.advance(60)
    assert ansible.play(value).reasons == ["unchanged"]

    emulator.edit("user", "NPM_TOKEN", value="theirs")
    emulator.advance(60)
    run = ansible.play(user_repos(app), value, value)
    assert run.reasons == [None, "updated_elsewhere", "unchanged"]
    assert emulator.values("user")["NPM_TOKEN"] == "mine"
    assert readers(emulator) == sorted([app, web])


@pytest.mark.thorough
def test_users_in_one_store_are_kept_apart(ansible: Ansible, emulator: Emulator, ids: dict[str, int]) -> None:
    """Each task stands for a loop over tokens of users, and all tasks run within seconds."""
    app, api = ids["octo-org/app"], ids["octo-org/api"]
    values = {"alice": "same", "bob": "same", "carol": "another"}
    emulator.tokens({f"token-of-{user}": {"user": user} for user in values})

    def loop(task: Task) -> list[Task]:
        ((module, options),) = task.items()
        tasks = [{**options, "token": f"token-of-{user}"} for user in values]
        if "value" in options:
            tasks = [{**task, "value": value} for task, value in zip(tasks, values.values(), strict=True)]
        return [{module: task} for task in tasks]

    elsewhere = str(ansible.home / "elsewhere")
    ansible.play(*loop(user_secret(value="…", selected_repositories=[app, api], fingerprints=elsewhere)))
    run = ansible.play(
        *loop(user_repos(api, state="absent")),
        *loop(user_secret(value="…")),
        *loop(user_secret(value="…")),
        *loop(user_secret(selected_repositories=[])),
        *loop(user_repos(api, state="present")),
    )
    assert run.failed == []
    assert run.changed == [True] * 6 + [False] * 3 + [True] * 6
    assert run.reasons[3:9] == ["not_recorded"] * 3 + ["unchanged"] * 3
    assert run.api_calls == [2 + WHO] * 3 + [4] * 3 + [1] * 3 + [3] * 3 + [3] * 3
    for user, value in values.items():
        secret = emulator.secret(f"user:{user}", "NPM_TOKEN")
        assert secret is not None
        assert (secret["value"], secret["repository_ids"]) == (value, [api])


def test_a_list_fails_if_the_secret_does_not_exist(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play(user_repos("octo-org/app"), user_repos("octo-org/app", state="absent"))
    for result in run.results:
        assert result["status"] == "failed"
        assert "Create it with devex.github.codespaces_user_secret" in result["msg"]
    assert emulator.calls(writes_only=True) == []


@pytest.mark.thorough
@pytest.mark.parametrize("status", [404, 422])
def test_an_unknown_repository_id_fails(status: int, ansible: Ansible, emulator: Emulator, ids: dict[str, int]) -> None:
    emulator.switch(unknown_id=status)
    app = ids["octo-org/app"]
    run = ansible.play(
        user_secret(value="text", selected_repositories=[app, 987654]),
        user_secret(value="text", selected_repositories=[app]),
        user_secret(value="text", selected_repositories=[app, 987654]),
        user_repos(987654),
        user_repos(987654, state="exact"),
    )
    assert [result["status"] for result in run.results] == ["failed", "ok", "failed", "failed", "failed"]
    for result in (run[0], run[2], run[3], run[4]):
        assert "987654" in result["msg"]
        assert result["changed"] is False
    assert readers(emulator) == [app]


@pytest.mark.thorough
def test_more_repositories_than_github_accepts_fail(ansible: Ansible, emulator: Emulator, ids: dict[str, int]) -> None:
    app, api, web = (ids[name] for name in REPOSITORIES[:3])
    emulator.switch(selected_ids_cap=2)
    run = ansible.play(
        user_secret(value="1st", selected_repositories=[app, api]),
        user_secret(value="2nd", selected_repositories=[app, api, web]),
        user_secret(selected_repositories=[app, api, web]),
        user_repos(app, api, web, state="exact"),
        user_repos(web),
        user_secret(name="NEW", value="text", selected_repositories=[app, api, web]),
    )
    assert run.changed == [True] + [False] * 5
    assert len(run.failed) == 5
    for message in run.failed:
        assert "422" in message
        assert "You can select at most 2 repositories for a secret." in message
    assert emulator.values("user") == {"NPM_TOKEN": "1st"}
    assert readers(emulator) == sorted([app, api])


@pytest.mark.thorough
@pytest.mark.parametrize("gone", [204, 404])
def test_a_removal_succeeds_if_the_repository_was_removed_elsewhere(
    gone: int, ansible: Ansible, emulator: Emulator, ids: dict[str, int]
) -> None:
    emulator.switch(remove_absent_repository=gone)
    app, api = ids["octo-org/app"], ids["octo-org/api"]
    ansible.play(user_secret(value="text", selected_repositories=[app, api]))
    # The answer to the removal is lost, so it is sent again for a repository that was removed already.
    emulator.fault("drop_after", method="DELETE", path=f"/repositories/{app}$")
    run = ansible.play(user_repos(app, state="absent"))
    assert run.changed == [True]
    assert readers(emulator) == [api]


@pytest.mark.thorough
@pytest.mark.parametrize("paged", [True, False])
def test_a_long_list_is_read_completely(paged: bool, ansible: Ansible, emulator: Emulator) -> None:
    emulator.switch(user_repositories_paged=paged)
    names = [f"octo-org/repository-{number:03}" for number in range(230)]
    numbers = emulator.repositories(*names)
    run = ansible.play(
        user_secret(value="1st", selected_repositories=names),
        user_secret(value="1st", selected_repositories=[name.upper() for name in reversed(names)]),
        user_secret(value="2nd"),
        user_repos(*names[100:], state="exact"),
        user_repos(*names[100:], state="exact"),
    )
    assert run.changed == [True, False, True, True, False]
    pages = 3 if paged else 1
    assert run.api_calls == [3 + 3 + WHO, 1 + pages, 3 + pages, pages + 2, 2 if paged else 1]
    assert readers(emulator) == sorted(numbers[name] for name in names[100:])


@pytest.mark.thorough
def test_a_renamed_repository_is_recognised_by_its_id(ansible: Ansible, emulator: Emulator) -> None:
    declared = user_secret(value="text", selected_repositories=["octo-org/app", "octo-org/api"])
    ansible.play(declared)
    emulator.repositories({"full_name": "octo-org/app", "renamed_to": "octo-org/new-app"})
    renamed = replace(
        ansible,
        warning="The repository octo-org/app was renamed to octo-org/new-app. Use the new name in the playbook.",
    )
    run = renamed.play(declared, user_repos("octo-org/app"))
    assert run.changed == [False, False]
    assert run.api_calls == [3, 2]


@pytest.mark.thorough
def test_a_transferred_repository_gets_no_access(ansible: Ansible, emulator: Emulator) -> None:
    ansible.play(user_secret(value="text", selected_repositories=["octo-org/api"]))
    emulator.repositories({"full_name": "octo-org/app", "renamed_to": "octocat/app"})
    run = ansible.play(
        user_secret(value="text", selected_repositories=["octo-org/app"]),
        user_repos("octo-org/app"),
        user_repos("octocat/app"),
    )
    for message in run.failed:
        assert "octo-org/app was transferred to another owner and is octocat/app now" in message
    assert run.changed == [False, False, True]


@pytest.mark.parametrize("moves", [pytest.param(True, marks=pytest.mark.thorough), False])
def test_check_mode_predicts_what_the_run_does(
    moves: bool, ansible: Ansible, emulator: Emulator, ids: dict[str, int]
) -> None:
    emulator.switch(list_change_moves_updated_at=moves)
    cases = [
        user_secret(value="1st", selected_repositories=["octo-org/app"]),
        user_secret(value="1st"),
        user_secret(value="2nd"),
        user_secret(selected_repositories=["octo-org/app", "octo-org/api"]),
        user_secret(value="3rd", selected_repositories=["octo-org/api", ids["octo-org/web"]]),
        user_repos("octocat/hello-world", "octo-org/app"),
        user_repos("octo-org/app", "octo-org/web", state="absent"),
        user_repos("octo-org/app", state="exact"),
        user_repos("octo-org/app", state="exact"),
        user_secret(value="3rd", update_value="always"),
        user_secret(state="absent"),
        user_secret(state="absent"),
    ]
    run = ansible.play(*(task for case in cases for task in ({**case, "check_mode": True}, case)))
    sent = iter((call["method"], call["path"]) for call in emulator.calls(writes_only=True))
    for predicted, actual in zip(run.results[::2], run.results[1::2], strict=True):
        for key in ("changed", "operations", "reason", "added", "removed", "diff"):
            assert predicted.get(key) == actual.get(key)
        for operation in actual["operations"]:
            assert next(sent) == (operation["method"], operation["path"])
    assert next(sent, None) is None


def test_invalid_input_fails_before_a_request(ansible: Ansible, emulator: Emulator) -> None:
    run = ansible.play(
        user_secret(value="text", selected_repositories=["app"]),
        user_secret(value="text", selected_repositories=["octo-org/app", ["octo-org/api"]]),
        user_secret(value="text", selected_repositories=["octo-org/app/x", "-1"]),
        user_repos("octo-org/app", name="GITHUB_X"),
        user_repos("https://github.com/octo-org/app"),
    )
    assert [result["status"] for result in run.results] == ["failed"] * 5
    assert "'octo-org/app/x', '-1'" in run[2]["msg"]
    assert emulator.calls() == []
