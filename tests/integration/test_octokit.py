# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use @octokit/rest, GitHub's own library, and libsodium.js with the emulator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import ROOT, TOKEN, Ansible

pytestmark = pytest.mark.thorough

PACKAGES = ("@octokit/rest@21.1.1", "libsodium-wrappers@0.8.4")
INSTALLED = ROOT / "build/node" / "-".join(PACKAGES).replace("/", "-")
SCRIPT = """
import { text } from "node:stream/consumers";
import { Octokit } from "@octokit/rest";
import sodium from "libsodium-wrappers";

const { calls, ...options } = JSON.parse(await text(process.stdin));
const octokit = new Octokit({ ...options, log: { debug() {}, info() {}, warn() {}, error() {} } });
await sodium.ready;

// Each method is one of Codespaces, unless its name starts with another consumer, as in "actions.listRepoSecrets".
async function answer(given, { value, ...parameters }) {
  const [name, consumer = "codespaces"] = given.split(".").reverse();
  const methods = octokit.rest[consumer];
  if (name.startsWith("list")) {
    return octokit.paginate(methods[name], parameters);
  }
  if (value !== undefined) {
    const { data } = await methods[name.replace("createOrUpdate", "get").replace("Secret", "PublicKey")](parameters);
    const sealed = sodium.crypto_box_seal(value, sodium.from_base64(data.key, sodium.base64_variants.ORIGINAL));
    parameters.encrypted_value = sodium.to_base64(sealed, sodium.base64_variants.ORIGINAL);
    parameters.key_id = data.key_id;
  }
  return (await methods[name](parameters)).status;
}

const answers = [];
for (const [name, parameters] of calls) {
  answers.push(await answer(name, parameters).catch((error) => [error.name, error.status, error.message]));
}
console.log(JSON.stringify(answers));
"""

#: Runs calls, each a method's name and its parameters: the status of each; a list's rows; the message of a failure.
Octokit = Callable[..., list[Any]]

USER: dict[str, str] = {"secret_name": "npm_token"}
REPOSITORY = {"owner": "octo-org", "repo": "app", "secret_name": "NPM_TOKEN"}
ORGANIZATION = {"org": "octo-org", "secret_name": "NPM_TOKEN"}


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Return a directory with the packages, which are installed once."""
    for command in ("node", "npm"):
        if shutil.which(command) is None:
            pytest.skip(f"the command {command} is missing")
    if not INSTALLED.exists():
        INSTALLED.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=INSTALLED.parent) as directory:
            complete = Path(directory, "complete")
            complete.mkdir()
            retries = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000")
            options = (*retries, "--engine-strict", "--ignore-scripts", "--no-audit", "--no-fund")
            try:
                process = subprocess.run(
                    ["npm", "install", "--prefix", str(complete), *options, *PACKAGES],
                    check=False,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=60,
                )
            except subprocess.TimeoutExpired:
                pytest.skip("npm install takes longer than a minute: is there a network?")
            if process.returncode != 0:
                pytest.skip(f"npm install failed: {' '.join(process.stderr.split())[:400]}")
            # Another worker may have installed them first.
            with suppress(OSError):
                complete.rename(INSTALLED)
    return INSTALLED


@pytest.fixture
def octokit(node_modules: Path, emulator: Emulator) -> Octokit:
    def run(*calls: tuple[str, dict[str, Any]]) -> list[Any]:
        process = subprocess.run(
            ["node", "--input-type=module", "--eval", SCRIPT],
            cwd=node_modules,
            env={"PATH": os.environ["PATH"]},
            check=False,
            input=json.dumps({"calls": calls, "auth": TOKEN, "baseUrl": emulator.url}),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert process.returncode == 0, process.stderr
        answers: list[Any] = json.loads(process.stdout)
        return answers

    return run


def stored(emulator: Emulator, scope: str) -> dict[str, Any]:
    secret = emulator.secret(scope, "NPM_TOKEN")
    assert secret is not None
    return secret


def test_secrets_of_every_kind(octokit: Octokit, emulator: Emulator) -> None:
    ids = emulator.repositories()
    app, api, web = (ids[f"octo-org/{name}"] for name in ("app", "api", "web"))
    answers = octokit(
        ("createOrUpdateSecretForAuthenticatedUser", {**USER, "value": "1st", "selected_repository_ids": [str(app)]}),
        ("createOrUpdateSecretForAuthenticatedUser", {**USER, "value": "zwölf", "selected_repository_ids": [app]}),
        ("setRepositoriesForSecretForAuthenticatedUser", {**USER, "selected_repository_ids": [app, web]}),
        ("addRepositoryForSecretForAuthenticatedUser", {**USER, "repository_id": api}),
        ("removeRepositoryForSecretForAuthenticatedUser", {**USER, "repository_id": web}),
        ("createOrUpdateRepoSecret", {**REPOSITORY, "value": "2nd"}),
        ("createOrUpdateOrgSecret", {**ORGANIZATION, "value": "3rd", "visibility": "selected"}),
        ("setSelectedReposForOrgSecret", {**ORGANIZATION, "selected_repository_ids": [web]}),
    )
    assert answers == [201, 204, 204, 204, 204, 201, 201, 204]
    values = [stored(emulator, scope)["value"] for scope in ("user", "repo:octo-org/app", "org:octo-org")]
    assert values == ["zwölf", "2nd", "3rd"]
    lists = octokit(
        ("listRepositoriesForSecretForAuthenticatedUser", USER),
        ("listSelectedReposForOrgSecret", ORGANIZATION),
    )
    assert [[row["full_name"] for row in rows] for rows in lists] == [
        ["octo-org/app", "octo-org/api"],
        ["octo-org/web"],
    ]
    answers = octokit(
        ("deleteSecretForAuthenticatedUser", USER),
        ("deleteRepoSecret", REPOSITORY),
        ("deleteOrgSecret", ORGANIZATION),
        ("listSecretsForAuthenticatedUser", {}),
    )
    assert answers == [204, 204, 204, []]


@pytest.mark.parametrize("consumer", ["actions", "dependabot"])
def test_secrets_of_other_consumers(consumer: str, octokit: Octokit, emulator: Emulator) -> None:
    web = emulator.repositories()["octo-org/web"]
    answers = octokit(
        (f"{consumer}.createOrUpdateRepoSecret", {**REPOSITORY, "value": "1st"}),
        (f"{consumer}.createOrUpdateRepoSecret", {**REPOSITORY, "value": "2nd"}),
        (f"{consumer}.createOrUpdateOrgSecret", {**ORGANIZATION, "value": "3rd", "visibility": "selected"}),
        (f"{consumer}.setSelectedReposForOrgSecret", {**ORGANIZATION, "selected_repository_ids": [web]}),
    )
    assert answers == [201, 204, 201, 204]
    assert stored(emulator, f"repo:octo-org/app/{consumer}")["value"] == "2nd"
    assert stored(emulator, f"org:octo-org/{consumer}")["value"] == "3rd"
    assert emulator.values("repo:octo-org/app") == emulator.values("org:octo-org") == {}
    rows, repositories, *statuses = octokit(
        (f"{consumer}.listRepoSecrets", REPOSITORY),
        (f"{consumer}.listSelectedReposForOrgSecret", ORGANIZATION),
        (f"{consumer}.deleteRepoSecret", REPOSITORY),
        (f"{consumer}.deleteOrgSecret", ORGANIZATION),
    )
    assert [row["name"] for row in rows] == ["NPM_TOKEN"]
    assert [row["full_name"] for row in repositories] == ["octo-org/web"]
    assert statuses == [204, 204]


def test_pages_and_errors(octokit: Octokit, emulator: Emulator) -> None:
    names = [f"SECRET_{number:02}" for number in range(65)]
    for name in names:
        emulator.edit("repo:octo-org/app", name, value="text")
    rows, *refusals = octokit(
        ("listRepoSecrets", REPOSITORY),
        ("getRepoSecret", {**REPOSITORY, "secret_name": "ABSENT"}),
        ("createOrUpdateRepoSecret", {**REPOSITORY, "secret_name": "GITHUB_X", "value": "text"}),
    )
    assert [row["name"] for row in rows] == names
    assert [call["status"] for call in emulator.calls()] == [200, 200, 200, 404, 200, 422]
    assert [(name, status) for name, status, dummy in refusals] == [("HttpError", 404), ("HttpError", 422)]
    assert refusals[0][2].startswith("Not Found - https://docs.github.com/rest/codespaces/repository-secrets")
    assert "Secret names must not start with GITHUB_." in refusals[1][2]


def test_the_module_and_octokit_detect_writes_of_the_other(
    octokit: Octokit, ansible: Ansible, emulator: Emulator
) -> None:
    mine = {"devex.github.codespaces_user_secret": {"name": "NPM_TOKEN", "value": "mine"}}
    reader = [emulator.repositories()["octo-org/web"]]
    theirs = (
        "createOrUpdateSecretForAuthenticatedUser",
        {**USER, "value": "theirs", "selected_repository_ids": reader},
    )
    octokit(theirs)
    assert ansible.play(mine)[0]["reason"] == "not_recorded"
    [[row]] = octokit(("listSecretsForAuthenticatedUser", {}))
    assert row["name"] == "NPM_TOKEN"
    assert (stored(emulator, "user")["value"], stored(emulator, "user")["repository_ids"]) == ("mine", reader)
