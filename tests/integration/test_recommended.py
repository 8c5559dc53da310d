# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare recommended secrets with existing ones."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import Ansible, Task

APP, API, WEB = "octo-org/app", "octo-org/api", "octo-org/web"
FILE = ".devcontainer/devcontainer.json"

COMMENTED = """\
// What a container is made of. See https://containers.dev
{
    "image": "mcr.microsoft.com/devcontainers/base:ubuntu", /* no, "secrets": {"OLD": {}} */
    "secrets": {
        "npm_token": {
            "description": "Reads // packages, and /* nothing */ else,",
            "documentationUrl": "https://example.com/npm", // not http
        },
        "Sentry_DSN": {},
    },
}
"""
GPU = json.dumps({"secrets": {"NPM_TOKEN": {"description": "another"}, "SENTRY_DSN": {"description": "Errors"}}})


def info(*repositories: str, **options: Any) -> Task:
    return {"devex.github.codespaces_recommended_secrets_info": {"repositories": [*repositories], **options}}


def have(emulator: Emulator, repository: str, files: Mapping[str, object]) -> None:
    emulator.repositories({"full_name": repository, "files": files})


def recommends(*names: str) -> dict[str, str]:
    """Return the files of a repository that recommends these secrets."""
    return {FILE: json.dumps({"secrets": {name: {} for name in names}})}


def statuses(row: Mapping[str, Any]) -> dict[str, str]:
    return {secret["name"]: secret["status"] for secret in row["secrets"]}


def test_each_recommended_secret_has_a_status(ansible: Ansible, emulator: Emulator) -> None:
    have(emulator, APP, {FILE: COMMENTED, ".devcontainer/gpu/devcontainer.json": GPU})
    have(emulator, API, recommends("NPM_TOKEN", "DATABASE_URL", "BOTH", "ABSENT"))
    secrets = [{"name": name, "value": "text", "selected_repositories": [APP]} for name in ("NPM_TOKEN", "BOTH")]
    mine = {"devex.github.codespaces_secrets": {"user": True, "secrets": secrets}}
    for name in ("DATABASE_URL", "BOTH"):
        emulator.edit(f"repo:{API}", name, value="text")
    emulator.edit("user", "NEVER_RECOMMENDED", value="text")
    run = ansible.play(mine, info(APP, API, WEB), info(APP, API, WEB), check=False)
    assert run[1]["repositories"] == [
        {
            "repository": APP,
            "configurations": [FILE, ".devcontainer/gpu/devcontainer.json"],
            "secrets": [
                {
                    "name": "NPM_TOKEN",
                    "description": "Reads // packages, and /* nothing */ else,",
                    "documentation_url": "https://example.com/npm",
                    "status": "granted",
                },
                {"name": "SENTRY_DSN", "description": "Errors", "documentation_url": None, "status": "missing"},
            ],
        },
        {
            "repository": API,
            "configurations": [FILE],
            "secrets": [
                {"name": name, "description": None, "documentation_url": None, "status": status}
                for name, status in (
                    ("ABSENT", "missing"),
                    ("BOTH", "repository"),
                    ("DATABASE_URL", "repository"),
                    ("NPM_TOKEN", "not_granted"),
                )
            ],
        },
        {"repository": WEB, "configurations": [], "secrets": []},
    ]
    assert (run[1]["missing"], run[1]["changed"], run[1]["status"]) == (2, False, "ok")
    # The user's list, two of repositories; list, secrets and files of each repository with a configuration.
    assert run[1]["api_calls"] == run[2]["api_calls"] == 1 + 2 + (2 + 2) + (2 + 1) + 1


def test_a_secret_of_the_user_is_granted_even_if_the_repository_has_the_same_secret(
    ansible: Ansible, emulator: Emulator
) -> None:
    have(emulator, APP, recommends("BOTH"))
    emulator.edit(f"repo:{APP}", "BOTH", value="text")
    mine = {"name": "BOTH", "value": "text", "selected_repositories": [APP]}
    run = ansible.play({"devex.github.codespaces_user_secret": mine}, info("OCTO-ORG/App"))
    assert run[1]["repositories"][0]["repository"] == "OCTO-ORG/App"
    assert statuses(run[1]["repositories"][0]) == {"BOTH": "granted"}


DEEP = '{"secrets": ' + '{"A": ' * 5000 + "1" + "}" * 5000 + "}"


#: The content of a broken configuration, and the error.
BAD: list[tuple[object, str]] = [
    ('{"secrets": {"A": {}}', "is not JSON with comments: line 1"),
    ('{"image": "x" "secrets": {}}', "VS Code may open it all the same"),
    ("", "is not JSON with comments"),
    ("[]", "is JSON, but not an object"),
    ('{"secrets": ["A"]}', "its secrets are not an object"),
    (DEEP, "is nested too deeply"),
    ({"base64": base64.b64encode(b'{"name": "\xff"}').decode()}, "is not UTF-8"),
    ("//" + "x" * 300_000, "is larger than 64 KiB"),
    ("//" + "x" * 1_100_000, "is larger than 1 MB, so GitHub does not send its content"),
    (
        json.dumps({"secrets": {f"A{i}": {} for i in range(101)}}),
        "it recommends 101 secrets, but GitHub stores at most 100",
    ),
    ({"symlink": "nowhere"}, "it is a symlink, not a file"),
    ({"submodule": "https://example.com/x.git"}, "it is a submodule, not a file"),
    ('{"secrets": {"GITHUB_X": {}, "1ST": 1, "a-b": [], "OTHER": null}}', "'GITHUB_X' cannot be the name of a"),
]


def test_an_unreadable_configuration_does_not_stop_the_others(ansible: Ansible, emulator: Emulator) -> None:
    other = ".devcontainer/other/devcontainer.json"
    bad = {f"octo-org/{number}": case for number, case in enumerate(BAD)}
    emulator.repositories(*bad)
    for name, (file, dummy) in bad.items():
        have(emulator, name, {FILE: file, other: '{"secrets": {"OTHER": {}}}'})
    have(emulator, API, recommends("NPM_TOKEN", "GITHUB_TOKEN"))
    have(emulator, WEB, {FILE: '{"secrets": null}', other: '{"secrets": {"NPM_TOKEN": null}}'})
    run = ansible.play(info(API, *bad, WEB))
    first, *rows, last = run[0]["repositories"]
    for row, (_file, said) in zip(rows, bad.values(), strict=True):
        assert said in row["error"]
        assert row["error"].startswith(f"{FILE}: ")
        assert row["configurations"] == [FILE, other]
        assert statuses(row) == {"OTHER": "missing"}
    assert statuses(first) == {"GITHUB_TOKEN": "provided", "NPM_TOKEN": "missing"}
    assert statuses(last) == {"NPM_TOKEN": "missing"}
    assert "error" not in first
    assert "error" not in last
    assert (run[0]["status"], run[0]["missing"], run[0]["unreadable"]) == ("ok", 2 + len(bad), len(bad))


def test_texts_contain_no_control_characters(ansible: Ansible, emulator: Emulator) -> None:
    message = {"description": "a\u001b[31m\nb" + "c" * 1000, "documentationUrl": ["no text"]}
    path = ".devcontainer/a b?%2e#\u001b[0m/devcontainer.json"
    have(emulator, APP, {path: json.dumps({"secrets": {"GOOD": message, "b\u001b[0md": {}}})})
    run = ansible.play(info(APP))
    (row,) = run[0]["repositories"]
    assert "\u001b" not in json.dumps(run[0], ensure_ascii=False)
    assert row["configurations"] == [path.replace("\u001b", "\N{REPLACEMENT CHARACTER}")]
    (secret,) = row["secrets"]
    assert secret["description"].startswith("a\N{REPLACEMENT CHARACTER}[31m bccc")
    assert len(secret["description"]) == 500
    assert secret["documentation_url"] is None
    assert "cannot be the name of a secret" in row["error"]


@pytest.mark.thorough
def test_a_rejected_repository_is_reported_once(ansible: Ansible, emulator: Emulator) -> None:
    names = [f"octo-org/service-{number:02}" for number in range(20)]
    for name in names:
        have(emulator, name, recommends("NPM_TOKEN"))
    nope = [f"octo-org/nope-{number}" for number in range(3)]
    run = ansible.play(info(*names, *nope))
    assert run[0]["status"] == "failed"
    assert "3 of 23" in run[0]["msg"]
    assert [row["scopes"] for row in run[0]["failures"]] == [[f"repo:{name}" for name in nope]]
    rows = run[0]["repositories"]
    assert [row["repository"] for row in rows] == [*names, *nope]
    assert [statuses(row) for row in rows] == [{"NPM_TOKEN": "missing"}] * 20 + [{}] * 3
    assert ["error" in row for row in rows] == [False] * 20 + [True] * 3
    assert run.api_calls == [1 + 3 * 20 + 3]


@pytest.mark.thorough
def test_an_unreadable_list_fails_only_repositories_that_recommend_the_secret(
    ansible: Ansible, emulator: Emulator
) -> None:
    have(emulator, APP, recommends("NPM_TOKEN"))
    have(emulator, API, recommends("SENTRY_DSN"))
    emulator.edit("user", "NPM_TOKEN", value="text")
    emulator.fault("status", status=404, path="/user/codespaces/secrets/NPM_TOKEN/repositories")
    run = ansible.play(info(APP, API))
    assert run[0]["status"] == "failed"
    assert [statuses(row) for row in run[0]["repositories"]] == [{}, {"SENTRY_DSN": "missing"}]
    assert "404" in run[0]["repositories"][0]["error"]


#: The permissions of a token, the missing one in the error, and the number of requests.
LACKING: list[tuple[dict[str, Any], str, int]] = [
    ({"scopes": ["repo"]}, "one of the scopes 'codespace, codespace:secrets'. It has the scopes 'repo'", 1),
    ({"scopes": ["repo", "codespace:secrets"]}, "one of the scopes 'codespace'", 2),
    ({"kind": "fine_grained", "permissions": {}}, "'Codespaces user secrets: read'", 1),
    ({"kind": "fine_grained", "permissions": {"codespaces_user_secrets": "read"}}, "'Codespaces metadata: read'", 2),
    (
        {
            "kind": "fine_grained",
            "permissions": {
                "codespaces_user_secrets": "read",
                "codespaces_metadata": "read",
                "codespaces_secrets": "write",
            },
        },
        "'Contents: read'",
        4,
    ),
]


def test_an_error_names_the_missing_permission(ansible: Ansible, emulator: Emulator) -> None:
    have(emulator, APP, recommends("NPM_TOKEN"))
    tokens = {f"token-{number}": row[0] for number, row in enumerate(LACKING)}
    emulator.tokens(tokens)
    run = ansible.play(*(info(APP, token=token) for token in tokens))
    for (_token, needs, _calls), message in zip(LACKING, run.failed, strict=True):
        assert needs in message
    assert run.api_calls == [row[2] for row in LACKING]


@pytest.mark.thorough
@pytest.mark.parametrize("empty", ["list", "not_found"])
def test_an_empty_repository_recommends_nothing(empty: str, ansible: Ansible, emulator: Emulator) -> None:
    emulator.switch(empty_repository=empty)
    run = ansible.play(info(APP), info(APP, "octo-org/nope"))
    assert run[0]["repositories"] == [{"repository": APP, "configurations": [], "secrets": []}]
    assert run[0]["missing"] == 0
    assert run[1]["status"] == "failed"


@pytest.mark.thorough
def test_many_configurations(ansible: Ansible, emulator: Emulator) -> None:
    files = {f".devcontainer/{number:03}/devcontainer.json": "{}" for number in range(203)}
    files[".devcontainer/150/devcontainer.json"] = '{"secrets": {"ON_PAGE_2": {}}}'
    have(emulator, APP, files)
    run = ansible.play(info(APP))
    (row,) = run[0]["repositories"]
    assert len(row["configurations"]) == 203
    assert statuses(row) == {"ON_PAGE_2": "missing"}
    assert row["error"] == "Only 200 of 203 configurations were read."
    assert run.api_calls == [1 + 3 + 1 + 200]


@pytest.mark.thorough
def test_a_former_name_is_followed(ansible: Ansible, emulator: Emulator) -> None:
    have(emulator, APP, recommends("NPM_TOKEN"))
    mine = {"name": "NPM_TOKEN", "value": "text", "selected_repositories": [APP]}
    assert ansible.play({"devex.github.codespaces_user_secret": mine}).returncode == 0
    emulator.repositories({"full_name": APP, "renamed_to": "octo-org/new"})
    warned = Ansible(
        ansible.home,
        ansible.environment,
        "The repository octo-org/app was renamed to octo-org/new. Use the new name in the playbook.",
    )
    run = warned.play(info(APP))
    assert [row["repository"] for row in run[0]["repositories"]] == [APP]
    assert statuses(run[0]["repositories"][0]) == {"NPM_TOKEN": "granted"}


def test_an_invalid_option_of_the_module_fails(ansible: Ansible, emulator: Emulator) -> None:
    module = "devex.github.codespaces_recommended_secrets_info"
    run = ansible.play(
        info(), info("octo-org"), info(APP, concurrency=0), {module: {}}, {module: {"repositories": None}}
    )
    for result, said in zip(
        run.results, ("empty list", "OWNER/REPO", "concurrency", "repositories", "repositories"), strict=True
    ):
        assert result["status"] == "failed"
        assert said in result["msg"]
    assert emulator.calls() == []


@pytest.mark.thorough
def test_only_this_module_requires_json5(ansible: Ansible, emulator: Emulator) -> None:
    stub = ansible.home / "stub/json5"
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text("raise ImportError('none here')\n", encoding="utf-8")
    without = Ansible(ansible.home, {**ansible.environment, "PYTHONPATH": str(stub.parent)})
    run = without.play(info(APP), {"devex.github.codespaces_secret_info": {"user": True}})
    assert [result["status"] for result in run.results] == ["failed", "ok"]
    assert "json5" in run[0]["msg"]
    assert len(emulator.calls()) == 1


@pytest.mark.thorough
def test_this_module_does_not_require_pynacl(ansible: Ansible, emulator: Emulator) -> None:
    stub = ansible.home / "stub/nacl"
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text("raise ImportError('none here')\n", encoding="utf-8")
    without = Ansible(ansible.home, {**ansible.environment, "PYTHONPATH": str(stub.parent)})
    assert without.play(info(APP))[0]["status"] == "ok"
