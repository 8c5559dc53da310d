# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use GitHub's own command with the emulator, together with the modules."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from emulator.client import Emulator

from .conftest import TOKEN, Ansible, Task

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(shutil.which("gh") is None, reason="the command gh is missing: `make gh` installs it"),
]

#: Run `gh secret`, or another `command`, with these arguments, and return its output; with `fails`, return its
#: error.
Gh = Callable[..., str]

#: The warning about a secret of the user with an empty list of repositories.
UNREAD = "list of repositories is empty: NPM_TOKEN (user)."
USER = ("--user",)
REPOSITORY = ("--app", "codespaces", "--repo", "github.localhost/octo-org/app")
ORGANIZATION = ("--app", "codespaces", "--org", "octo-org")
OWNERS = {"user": USER, "repo:octo-org/app": REPOSITORY, "org:octo-org": ORGANIZATION}
DOTENV = """\
# The secrets of the service
NPM_TOKEN=npm_0123
export QUOTED="two words, # no comment"
SINGLE='$it is as it is'
LINES="first\\nsecond"
"""


@pytest.fixture
def gh(emulator: Emulator, tmp_path: Path) -> Gh:
    # gh uses plain HTTP for this host, at api.github.localhost. The proxy leads to the emulator.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GH_CONFIG_DIR": str(tmp_path / "gh"),
        "GH_HOST": "github.localhost",
        "GH_TOKEN": TOKEN,
        "GH_ENTERPRISE_TOKEN": TOKEN,
        "GH_NO_UPDATE_NOTIFIER": "1",
        "GH_PROMPT_DISABLED": "1",
        "HTTP_PROXY": emulator.url,
    }

    def run(*arguments: str, command: str = "secret", stdin: str = "", fails: bool = False) -> str:
        process = subprocess.run(
            ["gh", command, *arguments],
            cwd=tmp_path,
            env=environment,
            check=False,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (process.returncode != 0) == fails, process.stderr
        return process.stderr if fails else process.stdout

    return run


def readers(emulator: Emulator, scope: str, name: str = "NPM_TOKEN") -> list[str]:
    """Return the full names of the repositories that may read a secret."""
    secret = emulator.secret(scope, name)
    assert secret is not None
    return [name for name, number in emulator.repositories().items() if number in secret["repository_ids"]]


def rows(output: str) -> dict[str, list[str]]:
    """Return the output of `gh secret list`: the names, each with its date and, if any, its visibility."""
    return {name: rest for name, *rest in (line.split("\t") for line in output.splitlines())}


def test_secrets_of_the_user(gh: Gh, emulator: Emulator) -> None:
    gh("set", "NPM_TOKEN", *USER, "--body", "1st")
    assert readers(emulator, "user") == []
    gh("set", "npm_token", *USER, "--repos", "octo-org/app,octocat/hello-world", "--body", "2nd")
    gh("set", "LINES", *USER, stdin="first\nsecond: zwölf")
    assert emulator.values("user") == {"NPM_TOKEN": "2nd", "LINES": "first\nsecond: zwölf"}
    assert readers(emulator, "user") == ["octo-org/app", "octocat/hello-world"]
    listed = rows(gh("list", *USER))
    assert {name: row[1] for name, row in listed.items()} == {"LINES": "SELECTED", "NPM_TOKEN": "SELECTED"}
    gh("delete", "NPM_TOKEN", *USER)
    assert list(rows(gh("list", *USER))) == ["LINES"]


def test_secrets_of_a_repository(gh: Gh, emulator: Emulator) -> None:
    gh("set", "NPM_TOKEN", *REPOSITORY, "--body", "1st")
    gh("set", "NPM_TOKEN", *REPOSITORY, "--body", "2nd")
    gh("set", "ANOTHER", *REPOSITORY, "--body", "text")
    assert emulator.values("repo:octo-org/app") == {"NPM_TOKEN": "2nd", "ANOTHER": "text"}
    assert list(rows(gh("list", *REPOSITORY))) == ["ANOTHER", "NPM_TOKEN"]
    gh("delete", "another", *REPOSITORY)
    assert list(rows(gh("list", *REPOSITORY))) == ["NPM_TOKEN"]


def test_secrets_of_an_organization(gh: Gh, emulator: Emulator) -> None:
    gh("set", "DEFAULT", *ORGANIZATION, "--body", "1st")
    gh("set", "EVERYWHERE", *ORGANIZATION, "--visibility", "all", "--body", "2nd")
    gh("set", "SOMEWHERE", *ORGANIZATION, "--visibility", "selected", "--repos", "app,web", "--body", "3rd")
    assert emulator.values("org:octo-org") == {"DEFAULT": "1st", "EVERYWHERE": "2nd", "SOMEWHERE": "3rd"}
    assert readers(emulator, "org:octo-org", "SOMEWHERE") == ["octo-org/app", "octo-org/web"]
    shown = {name: row[1] for name, row in rows(gh("list", *ORGANIZATION)).items()}
    assert shown == {"DEFAULT": "PRIVATE", "EVERYWHERE": "ALL", "SOMEWHERE": "SELECTED"}
    gh("delete", "EVERYWHERE", *ORGANIZATION)
    assert list(rows(gh("list", *ORGANIZATION))) == ["DEFAULT", "SOMEWHERE"]


@pytest.mark.parametrize("consumer", ["actions", "dependabot"])
def test_the_module_detects_a_write_of_gh_for_another_consumer(
    consumer: str, gh: Gh, ansible: Ansible, emulator: Emulator
) -> None:
    repository = ("--app", consumer, *REPOSITORY[2:])
    organization = ("--app", consumer, *ORGANIZATION[2:])
    task = {
        "devex.github.codespaces_secrets": {
            "repositories": ["octo-org/app"],
            "secrets": [{"name": "NPM_TOKEN", "value": "ours"}],
            "used_by": ["codespaces", consumer],
        }
    }
    assert ansible.play(task).changed == [True]
    emulator.advance(60)
    gh("set", "NPM_TOKEN", *repository, "--body", "theirs")
    assert emulator.values(f"repo:octo-org/app/{consumer}") == {"NPM_TOKEN": "theirs"}
    assert emulator.values("repo:octo-org/app") == {"NPM_TOKEN": "ours"}
    run = ansible.play(task)
    assert [row["reason"] for row in run[0]["secrets"]] == ["unchanged", "updated_elsewhere"]
    assert list(rows(gh("list", *repository))) == ["NPM_TOKEN"]
    gh("delete", "NPM_TOKEN", *repository)
    gh("set", "SOMEWHERE", *organization, "--visibility", "selected", "--repos", "app,web", "--body", "text")
    assert readers(emulator, f"org:octo-org/{consumer}", "SOMEWHERE") == ["octo-org/app", "octo-org/web"]
    assert emulator.values("repo:octo-org/app") == {"NPM_TOKEN": "ours"}


def test_gh_understands_rejections(gh: Gh, emulator: Emulator) -> None:
    assert "HTTP 422: Secret names must not start with GITHUB_." in gh(
        "set", "GITHUB_X", *USER, "--body", "v", fails=True
    )
    assert "HTTP 404: Not Found" in gh("delete", "ABSENT", *REPOSITORY, fails=True)
    unknown = gh("set", "NPM_TOKEN", *USER, "--repos", "octo-org/app,octo-org/nope", "--body", "v", fails=True)
    assert "Could not resolve to a Repository with the name 'octo-org/nope'." in unknown
    emulator.tokens({"another": {}})
    assert "HTTP 401: Bad credentials" in gh("list", *USER, fails=True)
    assert emulator.state()["user"]["secrets"] == {}


def test_lists_of_repositories(gh: Gh, emulator: Emulator) -> None:
    emulator.repositories(
        *(f"octo-org/repository-{number:03}" for number in range(200)),
        {"full_name": "octo-org/app", "topics": ["node"]},
    )
    shown = ("--paginate", "--jq", '.[] | [.full_name, (.topics | join(","))] | @tsv')
    listed = rows(gh("orgs/octo-org/repos", *shown, command="api"))
    assert len(listed) == 203
    assert (listed["octo-org/app"], listed["octo-org/repository-199"]) == (["node"], [""])
    assert [call["path"] for call in emulator.calls()] == ["/orgs/octo-org/repos", *["/organizations/2/repos"] * 2]
    assert list(rows(gh("users/octocat/repos", *shown, command="api"))) == ["octocat/hello-world"]
    assert "Not Found (HTTP 404)" in gh("orgs/nobody/repos", command="api", fails=True)


def test_gh_and_the_filter_read_the_same_values_from_a_file(gh: Gh, ansible: Ansible, emulator: Emulator) -> None:
    (ansible.home / "service.env").write_text(DOTENV, encoding="utf-8")
    gh("set", *REPOSITORY, "--env-file", "service.env")
    secrets = "{{ lookup('ansible.builtin.file', 'service.env') | devex.github.from_dotenv }}"
    run = ansible.play({"devex.github.codespaces_secrets": {"repositories": ["octo-org/api"], "secrets": secrets}})
    assert run.changed == [True]
    assert emulator.values("repo:octo-org/app") == {
        "NPM_TOKEN": "npm_0123",
        "QUOTED": "two words, # no comment",
        "SINGLE": "$it is as it is",
        "LINES": "first\nsecond",
    }
    assert emulator.values("repo:octo-org/api") == emulator.values("repo:octo-org/app")


#: A file, and the values that gh and the filter read; None: an error. The migration guide has the rows of this table.
DIFFERENCES: dict[str, tuple[str, dict[str, str] | None, dict[str, str] | None]] = {
    "a variable": ("B=base\nA=${B}/x\n", {"B": "base", "A": "base/x"}, {"B": "base", "A": "${B}/x"}),
    "a variable in double quotes": ('B=base\nA="$B"\n', {"B": "base", "A": "base"}, {"B": "base", "A": "$B"}),
    "a variable that is not set": ("A=pa$WORD\n", {"A": "pa"}, {"A": "pa$WORD"}),
    "a variable of the environment": ("A=${HOME}\n", {"A": ""}, {"A": "${HOME}"}),
    "a number after a dollar sign": ("A=pa$5\n", {"A": "pa"}, {"A": "pa$5"}),
    "a name in small letters": ("A=pa$word\n", {"A": "pa$word"}, {"A": "pa$word"}),
    "a backslash before a dollar sign": ("A=\\$B\n", {"A": "$B"}, {"A": "\\$B"}),
    "line breaks in double quotes": ('A="1\\n2\\r3"\n', {"A": "1\n2\r3"}, {"A": "1\n2\r3"}),
    "a tab in double quotes": ('A="1\\t2"\n', {"A": "1t2"}, {"A": "1\t2"}),
    "another backslash in double quotes": ('A="1\\d2"\n', {"A": "1d2"}, {"A": "1\\d2"}),
    "a backslash in single quotes": ("A='1\\d2'\n", {"A": "1\\d2"}, {"A": "1\\d2"}),
    "two backslashes in single quotes": ("A='1\\\\2'\n", {"A": "1\\\\2"}, {"A": "1\\2"}),
    "an escaped single quote": ("A='it\\'s'\n", {"A": "it\\'s"}, {"A": "it's"}),
    "single quotes without a backslash": (
        "A='$B ${C} # d \"e\"'\n",
        {"A": '$B ${C} # d "e"'},
        {"A": '$B ${C} # d "e"'},
    ),
    "a comment": ("A=1 # 2\nB=1#2\n", {"A": "1", "B": "1#2"}, {"A": "1", "B": "1#2"}),
    "a comment with a number sign": ("A=1 # 2 # 3\n", {"A": "1 # 2"}, {"A": "1"}),
    "an empty value": ("A=\nB=1\n", {"A": "", "B": "1"}, None),
    "an empty value with a comment": ("A= # 1\nB=1\n", {"A": "# 1", "B": "1"}, None),
    "a colon": ("A: 1\n", {"A": "1"}, None),
    "a byte order mark": ("\ufeffA=1\n", None, {"A": "1"}),
    "no entries": ("# A=1\n", None, None),
}


def test_a_file_of_secrets_differs_as_in_the_migration_guide(gh: Gh, ansible: Ansible, emulator: Emulator) -> None:
    tasks: list[Task] = []
    for case, (text, stored, dummy) in DIFFERENCES.items():
        emulator.reset()
        (ansible.home / "service.env").write_text(text, encoding="utf-8")
        gh("set", *REPOSITORY, "--env-file", "service.env", fails=stored is None)
        assert emulator.values("repo:octo-org/app") == (stored or {}), case
        tasks.append({"ansible.builtin.debug": {"msg": f"{{{{ texts[{len(tasks)}] | devex.github.from_dotenv }}}}"}})
    run = ansible.play(*tasks, vars={"texts": [text for text, *dummies in DIFFERENCES.values()]})
    expected = {case: ours or {} for case, (dummy_text, dummy, ours) in DIFFERENCES.items()}
    returned = [[] if result["status"] == "failed" else result["msg"] for result in run.results]
    found = [{row["name"]: row["value"] for row in secrets} for secrets in returned]
    assert dict(zip(DIFFERENCES, found, strict=True)) == expected


def test_line_breaks_at_the_end_differ_as_in_the_migration_guide(gh: Gh, ansible: Ansible, emulator: Emulator) -> None:
    text = "first\nsecond \n\n"
    (ansible.home / "key").write_text(text, encoding="utf-8")
    gh("set", "FROM_FILE", *REPOSITORY, stdin=text)
    gh("set", "FROM_BODY", *REPOSITORY, "--body", text)
    assert emulator.values("repo:octo-org/app") == {"FROM_FILE": "first\nsecond ", "FROM_BODY": text}
    run = ansible.play(
        {"ansible.builtin.debug": {"msg": "{{ lookup('ansible.builtin.file', 'key') }}"}},
        {"ansible.builtin.debug": {"msg": "{{ lookup('ansible.builtin.file', 'key', rstrip=false) }}"}},
        {"ansible.builtin.debug": {"msg": "{{ lookup('ansible.builtin.unvault', 'key') }}"}},
    )
    assert [result["msg"] for result in run.results] == ["first\nsecond", text, text]


def task(scope: str, **options: Any) -> Task:
    module, where = {
        "user": ("devex.github.codespaces_user_secret", {}),
        "repo:octo-org/app": ("devex.github.codespaces_repo_secret", {"repository": "octo-org/app"}),
        "org:octo-org": ("devex.github.codespaces_org_secret", {"organization": "octo-org"}),
    }[scope]
    return {module: {"name": "NPM_TOKEN", **where, **options}}


def test_the_modules_detect_a_write_of_gh_and_keep_the_access(gh: Gh, ansible: Ansible, emulator: Emulator) -> None:
    declared = [task(scope, value="mine") for scope in OWNERS]
    replace(ansible, warning=UNREAD).play(*declared)
    emulator.advance(60)
    gh("set", "NPM_TOKEN", *USER, "--repos", "octo-org/api,octocat/hello-world", "--body", "theirs")
    gh("set", "NPM_TOKEN", *REPOSITORY, "--body", "theirs")
    gh("set", "NPM_TOKEN", *ORGANIZATION, "--repos", "api,web", "--body", "theirs")
    assert [emulator.values(scope) for scope in OWNERS] == [{"NPM_TOKEN": "theirs"}] * 3
    run = ansible.play(*declared)
    assert run.reasons == ["updated_elsewhere"] * 3
    assert [emulator.values(scope) for scope in OWNERS] == [{"NPM_TOKEN": "mine"}] * 3
    assert readers(emulator, "user") == ["octo-org/api", "octocat/hello-world"]
    assert readers(emulator, "org:octo-org") == ["octo-org/api", "octo-org/web"]
    assert rows(gh("list", *ORGANIZATION))["NPM_TOKEN"][1] == "SELECTED"


def test_gh_lists_the_secrets_of_the_modules(gh: Gh, ansible: Ansible, emulator: Emulator) -> None:
    emulator.advance(-1000 * 86400)
    run = replace(ansible, warning=UNREAD).play(
        task("user", value="mine"),
        task("repo:octo-org/app", value="mine"),
        task("org:octo-org", value="mine", visibility="all"),
    )
    assert run.changed == [True] * 3
    day = run[0]["secret"]["updated_at"][:10]
    listed = [rows(gh("list", *owner)) for owner in OWNERS.values()]
    assert [[*found] for found in listed] == [["NPM_TOKEN"]] * 3
    assert [[row[0][:10], *row[1:]] for found in listed for row in found.values()] == [
        [day, "SELECTED"],
        [day],
        [day, "ALL"],
    ]
    for owner in OWNERS.values():
        gh("delete", "NPM_TOKEN", *owner)
    # Until then, our writes count more than a list that may be late.
    emulator.advance(60)
    run = ansible.play(task("user", state="absent"), task("org:octo-org", value="mine"))
    assert run.reasons == ["absent", "created"]
