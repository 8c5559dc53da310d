# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._model import Desired, Job, Prune
from ansible_collections.devex.github.plugins.module_utils._options import jobs as _jobs
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import SECRET

NONE: dict[str, Any] = {
    "organization": None,
    "user": None,
    "prune": False,
    "prune_keep": [],
    "prune_max": 10,
    "prune_all": False,
    "used_by": ["codespaces"],
}
ABSENT = {**SECRET, "state": "absent"}
HIDDEN = "ghp_nobodyMaySeeIt"


def jobs(**options: Any) -> list[Job]:
    given = {
        **NONE,
        "repositories": None,
        "targets": None,
        "secrets": [SECRET],
        "token": "ghp_abc",
        "app_id": None,
        **options,
    }
    return _jobs.jobs(given)


def targets(*rows: dict[str, Any], **options: Any) -> list[Job]:
    defaults = {**NONE, "repository": None, "token": None, "secrets": [SECRET], "used_by": None}
    filled = [{**defaults, **row} for row in rows]
    return jobs(targets=filled, **{"secrets": None, **options})


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        pytest.param({"user": True}, ["user"], id="the user"),
        pytest.param({"organization": "octo", "user": False}, ["org:octo"], id="an organization"),
        pytest.param(
            {"repositories": ["octo/web", "octo/api", "Octo/Web"]},
            ["repo:octo/web", "repo:octo/api"],
            id="repositories, each once",
        ),
    ],
)
def test_each_scope_is_a_job(options: dict[str, Any], labels: list[str]) -> None:
    made = jobs(**options)
    assert [job.scope.label for job in made] == labels
    assert all(job.secrets == (Desired("TOKEN"),) for job in made)
    assert all(job.prune is None for job in made)


def test_pruning_is_off_by_default() -> None:
    assert jobs(user=True, prune_keep=["CI_*"], prune_max=99)[0].prune is None
    assert jobs(user=True, prune=True)[0].prune == Prune((), 10)
    assert jobs(user=True, prune=True, prune_max=0)[0].prune == Prune((), 0)
    # Ansible splits a text at commas in this way.
    assert jobs(user=True, prune=True, prune_keep=["CI_*", " OLD"])[0].prune == Prune(("CI_*", "OLD"), 10)


@pytest.mark.parametrize("secrets", [[], [ABSENT]], ids=["empty", "only absent"])
def test_pruning_to_nothing_fails_without_prune_all(secrets: list[dict[str, Any]]) -> None:
    with pytest.raises(InputError, match=r"^prune would keep no listed secret, .* set prune_all=true\.$"):
        jobs(user=True, secrets=secrets, prune=True, prune_keep=["CI_*"])
    with pytest.raises(InputError, match=r"^targets, row 2: prune would keep no listed secret"):
        targets({"repository": "octo/web", "prune": True}, {"user": True, "secrets": secrets, "prune": True})
    assert jobs(user=True, secrets=secrets, prune=True, prune_all=True, prune_max=3)[0].prune == Prune((), 3)
    assert targets({"user": True, "secrets": secrets, "prune": True, "prune_all": True})[0].prune == Prune((), 10)
    assert jobs(user=True, secrets=secrets)[0].prune is None


def test_prune_all_alone_does_not_prune() -> None:
    assert jobs(user=True, secrets=[], prune_all=True)[0].prune is None


def test_pruning_keeps_a_listed_secret_without_a_value() -> None:
    assert jobs(user=True, secrets=[ABSENT, {**SECRET, "name": "OTHER", "value": None}], prune=True)[0].prune


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({}, r"exactly one of .*user: true, targets\. Now set: none of them", id="no scope"),
        pytest.param({"user": False}, "exactly one of", id="not the user"),
        pytest.param({"user": True, "organization": "octo"}, "Now set: organization, user", id="two scopes"),
        pytest.param({"user": True, "targets": []}, "Now set: user, targets", id="targets beside a scope"),
        pytest.param({"repositories": [], "user": True}, "Now set: repositories, user", id="an empty list beside one"),
        pytest.param({"repositories": []}, "empty list", id="no repository at all"),
        pytest.param({"repositories": ["octo"]}, "OWNER/REPO", id="a bad repository"),
        pytest.param({"organization": "octo/web"}, "'octo/web'", id="a bad organization"),
        pytest.param({"user": True, "secrets": None}, "secrets is missing", id="no secrets"),
        pytest.param({"user": True, "secrets": [SECRET, SECRET]}, "more than once", id="one name twice"),
        pytest.param({"user": True, "token": None}, "token is unset for user.*GITHUB_TOKEN or GH_TOKEN", id="no token"),
        pytest.param(
            {"repositories": ["octo/web"], "secrets": [{**SECRET, "selected_repositories": []}]},
            "TOKEN: selected_repositories cannot be set for a repository secret",
            id="a list for a repository's secret",
        ),
        pytest.param(
            {"repositories": ["octo/web"], "secrets": [{**SECRET, "visibility": "all"}]},
            "TOKEN: .*organization",
            id="a visibility for a repository's secret",
        ),
        pytest.param(
            {"user": True, "secrets": [{**SECRET, "visibility": "selected"}]},
            "TOKEN: .*organization",
            id="a visibility for a user's secret",
        ),
    ],
)
def test_invalid_options_of_a_job_fail(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        jobs(**options)


# --- consumers ---


@pytest.mark.parametrize(
    ("used_by", "rows", "scopes"),
    [
        pytest.param(["codespaces"], [None], {"repo:octo/web": "TOKEN_0"}, id="one"),
        pytest.param(
            ["actions", "codespaces", "actions"],
            [None],
            {"repo:octo/web": "TOKEN_0", "repo:octo/web (actions)": "TOKEN_0"},
            id="two, each once",
        ),
        pytest.param(
            ["codespaces", "dependabot"],
            [None, ["agents"]],
            {
                "repo:octo/web": "TOKEN_0",
                "repo:octo/web (agents)": "TOKEN_1",
                "repo:octo/web (dependabot)": "TOKEN_0",
            },
            id="one for a single row",
        ),
        pytest.param(
            ["codespaces"], [["actions"]], {"repo:octo/web (actions)": "TOKEN_0"}, id="no row for the default"
        ),
        pytest.param(
            ["agents", "actions"], [], {"repo:octo/web (agents)": "", "repo:octo/web (actions)": ""}, id="no rows"
        ),
    ],
)
def test_each_consumer_gets_a_job_with_its_secrets(
    used_by: list[str], rows: list[list[str] | None], scopes: dict[str, str]
) -> None:
    secrets = [{**SECRET, "name": f"TOKEN_{number}", "used_by": row} for number, row in enumerate(rows)]
    made = jobs(repositories=["octo/web"], secrets=secrets, used_by=used_by)
    assert {job.scope.title: " ".join(secret.name for secret in job.secrets) for job in made} == scopes
    assert made == targets({"repository": "octo/web", "secrets": secrets}, used_by=used_by)
    assert made == targets({"repository": "octo/web", "secrets": secrets, "used_by": used_by})


def test_jobs_of_one_place_have_the_same_row() -> None:
    made = jobs(repositories=["octo/web", "octo/api"], used_by=["codespaces", "actions"])
    assert [(job.scope.title, job.row) for job in made] == [
        ("repo:octo/web", 0),
        ("repo:octo/web (actions)", 0),
        ("repo:octo/api", 1),
        ("repo:octo/api (actions)", 1),
    ]
    # Thousands of scopes share the parsed secrets.
    assert all(job.secrets[0] is made[0].secrets[0] for job in made)


def test_pruning_concerns_the_consumers_of_the_target_only() -> None:
    secrets = [SECRET, {**SECRET, "name": "OTHER", "used_by": ["agents"]}]
    made = targets({"repository": "octo/web", "secrets": secrets, "prune": True, "used_by": ["codespaces"]})
    assert {job.scope.title: job.prune is not None for job in made} == {
        "repo:octo/web": True,
        "repo:octo/web (agents)": False,
    }


def test_a_consumer_without_listed_secrets_is_not_pruned_without_prune_all() -> None:
    options: dict[str, Any] = {
        "repositories": ["octo/web"],
        "secrets": [{**SECRET, "used_by": ["agents"]}],
        "used_by": ["agents", "actions"],
        "prune": True,
    }
    with pytest.raises(InputError, match=r"^prune would keep no listed secret for actions, because .* prune_all=true"):
        jobs(**options)
    made = jobs(**options, prune_all=True)
    assert {job.scope.title: len(job.secrets) for job in made} == {
        "repo:octo/web (agents)": 1,
        "repo:octo/web (actions)": 0,
    }
    assert all(job.prune for job in made)


def test_a_name_may_have_a_value_for_each_consumer() -> None:
    secrets = [{**SECRET, "value": consumer, "used_by": [consumer]} for consumer in ("codespaces", "actions")]
    made = jobs(organization="octo", secrets=secrets)
    assert [secret.value.text for job in made for secret in job.secrets if secret.value] == ["codespaces", "actions"]
    with pytest.raises(InputError, match="listed more than once: TOKEN"):
        jobs(organization="octo", secrets=[*secrets, {**SECRET, "used_by": ["agents", "actions"]}])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"user": True, "used_by": ["agents"]}, "^used_by: a user has secrets for codespaces only, not for agents"),
        ({"user": True, "secrets": [{**SECRET, "used_by": ["codespaces", "actions"]}]}, "only, not for actions"),
        ({"organization": "octo", "used_by": []}, "^used_by is an empty list"),
        ({"organization": "octo", "secrets": [{**SECRET, "used_by": []}]}, "^TOKEN: used_by is an empty list"),
    ],
)
def test_invalid_consumers_fail(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        jobs(**options)


@pytest.mark.parametrize(
    ("options", "consumer", "most"),
    [
        ({"user": True}, "codespaces", 100),
        ({"repositories": ["octo/web"]}, "codespaces", 100),
        ({"organization": "octo"}, "codespaces", 100),
        ({"repositories": ["octo/web"]}, "actions", 100),
        ({"organization": "octo"}, "actions", 1000),
        ({"repositories": ["octo/web"]}, "agents", None),
        ({"organization": "octo"}, "dependabot", None),
    ],
)
def test_more_secrets_than_a_scope_can_have_fail(options: dict[str, Any], consumer: str, most: int | None) -> None:
    def listed(number: int) -> int:
        rows = [{**SECRET, "name": f"TOKEN_{i}"} for i in range(number)]
        absent = [{**ABSENT, "name": f"ABSENT_{i}"} for i in range(5)]
        return len(jobs(**options, used_by=[consumer], secrets=[*rows, *absent])[0].secrets)

    assert listed(most or 1500) == (most or 1500) + 5
    if most is not None:
        message = f"{most + 1} secrets are listed, but GitHub stores at most {most} in each scope"
        with pytest.raises(InputError, match=message):
            listed(most + 1)


# --- targets ---


def test_each_target_is_a_separate_job() -> None:
    found = targets(
        {"repository": "octo/web", "prune": True, "prune_keep": ["CI_*"], "prune_max": 3},
        {"repository": "octo/api", "secrets": [], "token": HIDDEN},
        {"organization": "octo"},
        {"user": True, "secrets": [{**SECRET, "selected_repositories": ["octo/web"]}]},
    )
    assert [(job.scope.label, job.token, len(job.secrets), job.prune) for job in found] == [
        ("repo:octo/web", None, 1, Prune(("CI_*",), 3)),
        ("repo:octo/api", HIDDEN, 0, None),
        ("org:octo", None, 1, None),
        ("user", None, 1, None),
    ]
    assert HIDDEN not in repr(found)


def test_targets_with_tokens_require_no_token_of_the_task() -> None:
    assert len(targets({"user": True, "token": HIDDEN}, token=None)) == 1


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        pytest.param([], {}, "targets is an empty list", id="no target at all"),
        pytest.param(
            [{"user": True}],
            {"secrets": [SECRET]},
            "^secrets cannot be set together with targets",
            id="secrets beside them",
        ),
        pytest.param(
            [{"user": True}], {"prune": True}, "^prune cannot be set together with targets", id="pruning beside them"
        ),
        pytest.param(
            [{"user": True}],
            {"prune_keep": ["A"]},
            "^prune_keep cannot be set together with targets",
            id="what is kept beside them",
        ),
        pytest.param(
            [{"user": True}],
            {"prune_max": 0},
            "^prune_max cannot be set together with targets",
            id="how many beside them",
        ),
        pytest.param(
            [{"user": True}],
            {"prune_all": True},
            "^prune_all cannot be set together with targets",
            id="all beside them",
        ),
        pytest.param([{"user": True, "prune_max": -1}], {}, "row 1: prune_max must be 0", id="less than none"),
        pytest.param([{"user": True}, {}], {}, "row 2: Set exactly one of repository", id="a row without a scope"),
        pytest.param([{"user": True, "repository": "o/r"}], {}, "row 1: .*repository, user", id="two scopes in a row"),
        pytest.param([{"repository": "octo"}], {}, "row 1: The repository 'octo'", id="a bad repository"),
        pytest.param(
            [{"repository": "octo/web"}, {"repository": "Octo/Web"}], {}, "more than once", id="a repository twice"
        ),
        pytest.param(
            [{"repository": "octo/web"}, {"repository": "octo/web", "used_by": ["codespaces", "actions"]}],
            {},
            "targets lists repo:octo/web more than once",
            id="a consumer twice",
        ),
        pytest.param([{"user": True}, {"user": True}], {}, "more than once", id="the user twice"),
        pytest.param([{"user": True, "token": "one"}] * 2, {}, "more than once", id="a token twice"),
        pytest.param([{"user": True, "token": f"{HIDDEN} "}], {}, "row 1: token contains a space", id="a bad token"),
        pytest.param([{"user": True}], {"token": None}, "token is unset for user", id="no token"),
    ],
)
def test_invalid_targets_fail(rows: list[dict[str, Any]], options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        targets(*rows, **options)
    assert HIDDEN not in str(caught.value)


# --- scopes to list ---


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        ({"user": True}, ["user"]),
        ({"organization": "octo"}, ["org:octo"]),
        ({"repositories": ["octo/web", "octo/api"]}, ["repo:octo/web", "repo:octo/api"]),
    ],
    ids=["the user's", "an organization's", "of repositories"],
)
def test_the_info_module_lists_scopes(options: dict[str, Any], labels: list[str]) -> None:
    none = {
        "repositories": None,
        "organization": None,
        "user": None,
        "gather_selected_repositories": False,
        "used_by": ["codespaces"],
    }
    assert [scope.label for scope in _jobs.scopes_to_list({**none, **options})] == labels


def test_gather_selected_repositories_fails_for_a_repository() -> None:
    none = {"organization": None, "user": None, "used_by": ["actions"]}
    with pytest.raises(
        InputError, match=r"^gather_selected_repositories: repository secrets have no list of repositories"
    ):
        _jobs.scopes_to_list({**none, "repositories": ["octo/web"], "gather_selected_repositories": True})
