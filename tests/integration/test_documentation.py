# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the examples of the guides, the README and the modules unchanged.

In a guide, a block that starts with the comment `# NAME` is the file NAME. A `console` block contains commands
after `$`, each followed by a part of its output: lines in their order, with `…` for omitted text.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from ansible.release import __version__
from emulator.client import Emulator

from ansible_collections.devex.github.tests.unit.plugins.module_utils.postgres import Postgres

from .conftest import COLLECTIONS, ROOT, TOKEN, Ansible
from .test_app import PRIVATE, PUBLIC

DIRECTIVE = ".. code-block::"
GUIDES = sorted(
    path for path in (ROOT / "docs/docsite").rglob("*.rst") if DIRECTIVE in path.read_text(encoding="utf-8")
)
EXAMPLES = ROOT / "docs/examples"
#: The example whose files the guide to inventories and the README of the role show.
MANY = EXAMPLES / "many-repositories"
PLUGINS = sorted(
    path for kind in ("modules", "filter") for path in (ROOT / "plugins" / kind).glob("*.py") if path.stem[0] != "_"
)

ANSIBLE_CORE = tuple(map(int, __version__.split(".")[:2]))

#: The content of the vault files of the guides.
VAULT = {
    "vault_github_token": TOKEN,
    "vault_token_of_octocat": TOKEN,
    "vault_token_of_hubot": "ghp_hubot",
    "vault_npm_token_of_octocat": "npm_octocat",
    "vault_npm_token_of_hubot": "npm_hubot",
    "vault_npm_token": "npm_0123456789",
    "vault_fingerprint_key": "8f14e45fceea167a5a36dedd4bea2543",
    "vault_database_url": "postgres://app:password@db.example.com/database",
    "vault_github_app_key": PRIVATE,
    "vault_prebuild_token": "ghp_prebuild",
    "vault_registry_user": "puller",
    "vault_registry_password": "a password",
    "vault_deploy_key": "-----BEGIN KEY-----\n0123456789\n-----END KEY-----\n",
    "vault_dotfiles_key": "a key for dotfiles",
    "vault_sentry_dsn": "https://0123456789@sentry.example.com/1",
    "vault_api_key": "key_0123456789",
}

#: Commands that prepare a machine, or that no test can run.
NOT_RUN = (
    "ansible-builder",
    "ansible-galaxy collection install",
    "ansible-vault edit",
    "cd",
    "git clone",
    "make",
    "openssl",
    "pip",
    "rm",
    "sqlite3",
    "terraform",
)


@dataclass(frozen=True)
class Block:
    language: str
    text: str

    @property
    def file(self) -> str | None:
        """Return the name in the first line."""
        match = re.match(r"# ([\w./-]+\.\w+)\n", self.text)
        return match[1] if match else None

    @property
    def is_playbook(self) -> bool:
        return self.language.startswith("yaml") and "\n  hosts: " in self.text


def guide_blocks(path: Path) -> list[Block]:
    text = path.read_text(encoding="utf-8") + "\n"
    found = re.findall(r"^\.\. code-block:: (\S+)\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    assert len(found) == text.count(DIRECTIVE), f"a block of {path.name} is written in another way"
    return [Block(language, textwrap.dedent(text).strip("\n") + "\n") for language, text in found]


@dataclass
class Reader:
    """A reader who follows a guide, in a separate directory."""

    ansible: Ansible
    emulator: Emulator
    #: URLs that differ in the tests.
    addresses: dict[str, str]
    environment: dict[str, str] = field(default_factory=dict)
    #: The text to type into the editor of ansible-vault.
    typed: dict[str, str] = field(default_factory=dict)
    commands: list[list[str]] = field(default_factory=list)
    #: Processes that run for the reader.
    opened: ExitStack = field(default_factory=ExitStack)

    @property
    def home(self) -> Path:
        return self.ansible.home

    def write(self, name: str, text: str) -> None:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(text), encoding="utf-8")

    def follow(self, blocks: list[Block]) -> None:
        """Write all files and run all commands, in their order."""
        created = re.findall(r"ansible-vault create (\S+)", "\n".join(block.text for block in blocks))
        self.typed |= {block.file: block.text for block in blocks if block.file and block.file in created}
        for block in blocks:
            if block.language == "console":
                self._console(block.text)
            elif block.file is not None and block.file not in created:
                self.write(block.file, block.text)
        played = {argument for command in self.commands for argument in command}
        assert {block.file for block in blocks if block.is_playbook} <= played, "a playbook that is never run"

    def _console(self, text: str) -> None:
        assert text.startswith("$ ")
        text = re.sub(r"\\\n *", "", text)
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, dummy, shown = part.partition("\n")
            self._run(line, shown)

    def _run(self, line: str, shown: str) -> None:
        command = shlex.split(self._here(line), comments=True)
        self.commands.append(command)
        if line.startswith(NOT_RUN):
            return
        written = self.emulator.calls(writes_only=True)
        status, output = self._output(command)
        assert (status != 0) == ("[ERROR]" in shown), output
        assert "WARNING" not in output
        assert "Traceback" not in output
        if "--check" in command:
            assert self.emulator.calls(writes_only=True) == written
        position = 0
        for fragment in filter(None, (piece.strip() for piece in re.split("[…\n]", self._here(_as_printed(shown))))):
            found = output.find(fragment, position)
            assert found >= 0, f"{line} does not show {fragment!r} (any more):\n{output}"
            position = found + len(fragment)

    def _output(self, command: list[str]) -> tuple[int, str]:
        name, *arguments = command
        if name == "export":
            here = (argument.replace("$PWD", str(self.home)) for argument in arguments)
            self.environment |= dict(argument.split("=", 1) for argument in here)
        elif name == "curl":
            return 0, _curl(arguments)
        elif command[:2] == ["python", "tests/emulator"]:
            # On a free port.
            del command[command.index("--port") : command.index("--port") + 2]
            self.emulator = Emulator.start(*command[2:])
            self.addresses["http://127.0.0.1:8765"] = self.emulator.url
            return 0, self.emulator.url
        elif command[:2] == ["ansible-vault", "create"]:
            typed = self.home / "typed"
            typed.write_text(self.typed[command[2]], encoding="utf-8")
            (self.home / command[2]).unlink(missing_ok=True)
            return self._process([*command, "--skip-tty-check"], EDITOR=f"cp {typed}")
        elif name in ("ansible-inventory", "ansible-playbook", "ansible-vault", "git"):
            return self._process([argument for argument in command if argument != "--ask-vault-pass"])
        else:
            pytest.fail(f"There is no test for this command: {shlex.join(command)}")
        return 0, ""

    def _process(self, command: list[str], **environment: str) -> tuple[int, str]:
        done = subprocess.run(
            command,
            cwd=self.home,
            env={**self.ansible.environment, **self.environment, **environment},
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    def _here(self, text: str) -> str:
        for address, here in self.addresses.items():
            text = text.replace(address, here)
        return text


def _as_printed(shown: str) -> str:
    """Convert the output in the guides, which is that of ansible-core 2.19, to that of the installed release."""
    return shown if ANSIBLE_CORE >= (2, 19) else shown.replace("[ERROR]: Task failed: ", "…")


def _curl(arguments: list[str]) -> str:
    data = arguments[arguments.index("-d") + 1].encode() if "-d" in arguments else None
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(arguments[-1], data, timeout=20) as answer:
        return str(answer.read().decode())


@pytest.fixture
def reader(ansible: Ansible, emulator: Emulator) -> Iterator[Reader]:
    environment = {
        **ansible.environment,
        "ANSIBLE_VAULT_PASSWORD_FILE": str(ansible.home / "password"),
        "GIT_AUTHOR_NAME": "reader",
        "GIT_AUTHOR_EMAIL": "reader@example.com",
        "GIT_COMMITTER_NAME": "reader",
        "GIT_COMMITTER_EMAIL": "reader@example.com",
    }
    # The guides explain how to choose the interpreter, and how to set the token.
    for name in ("ANSIBLE_PYTHON_INTERPRETER", "ANSIBLE_CALLBACKS_ENABLED", "GITHUB_TOKEN"):
        del environment[name]
    reader = Reader(Ansible(ansible.home, environment), emulator, {"https://api.github.com": emulator.url})
    reader.write("password", "the password of the vault")
    reader.write("vault.yml", json.dumps(VAULT))
    with reader.opened:
        yield reader
    if reader.emulator is not emulator:
        reader.emulator.stop()


# --- requirements of the guides ---


def tokens(reader: Reader) -> None:
    reader.emulator.tokens({TOKEN: {}, "ghp_for_gists": {"kind": "classic", "scopes": ["gist"]}})
    reader.emulator.apps({"123456": {"public_key": PUBLIC, "installations": {"octo-org": 64209}}})


def inventory(reader: Reader) -> None:
    reader.emulator.edit("org:octo-org", "OLD_TOKEN", value="text")
    reader.write("group_vars/all/vault.yml", (MANY / "group_vars/all/vault.yml").read_text(encoding="utf-8"))


def organization(reader: Reader) -> None:
    inventory(reader)
    organization_with_topics(reader)


def organization_with_topics(reader: Reader) -> None:
    reader.emulator.repositories(
        {"full_name": "octo-org/app", "topics": ["service", "node"]},
        {"full_name": "octo-org/api", "topics": ["service"]},
        {"full_name": "octo-org/web", "properties": {"team": "web"}},
        {"full_name": "octo-org/old", "topics": ["service"], "archived": True},
        "octo-org/sandbox-1",
    )


def developers(reader: Reader) -> None:
    reader.emulator.tokens({TOKEN: {}, "ghp_hubot": {"user": "hubot"}})


def audit(reader: Reader) -> None:
    npm, sentry = ({"name": name, "value": VAULT[f"vault_{name.lower()}"]} for name in ("NPM_TOKEN", "SENTRY_DSN"))
    targets = [
        {"repository": "octo-org/app", "secrets": [npm, sentry]},
        {"repository": "octo-org/api", "secrets": [npm]},
    ]
    days = 100 * 24 * 3600
    reader.emulator.advance(-days)
    run = reader.ansible.play({"devex.github.codespaces_secrets": {"token": TOKEN, "targets": targets}})
    assert run.returncode == 0
    reader.emulator.advance(days)
    reader.emulator.edit("repo:octo-org/app", "NPM_TOKEN", value="an edit")


def recommended(reader: Reader) -> None:
    text = guide_blocks(ROOT / "docs/docsite/rst/guide_recommended.rst")[0].text
    path = ".devcontainer/devcontainer.json"
    api = json.dumps({"secrets": {"NPM_TOKEN": {}, "DATABASE_URL": {}}})
    reader.emulator.repositories(
        {"full_name": "octo-org/app", "files": {path: text}}, {"full_name": "octo-org/api", "files": {path: api}}
    )
    reader.emulator.edit("repo:octo-org/api", "DATABASE_URL", value="text")
    mine = {"token": TOKEN, "name": "NPM_TOKEN", "value": "text", "selected_repositories": ["octo-org/api"]}
    assert reader.ansible.play({"devex.github.codespaces_user_secret": mine}).returncode == 0


#: Replacements of lookups that are not installed. They return values in the documented shape.
VERSION = {"secret": {"token": "npm_0123"}, "metadata": {"created_time": "2026-03-10T12:00:00.123456789Z"}}
ITEM = {"login": {"password": "npm_0123", "passwordRevisionDate": None}, "revisionDate": "2026-03-10T12:00:00.123Z"}
RETURNED: dict[str, object] = {
    "sops/plugins/lookup/sops": "npm_token: npm_0123\n",
    "general/plugins/lookup/onepassword": "npm_0123",
    "general/plugins/lookup/onepassword_raw": {"updated_at": "2026-03-10T12:00:00Z"},
    "general/plugins/lookup/bitwarden": [ITEM],
    "hashi_vault/plugins/lookup/vault_kv2_get": VERSION,
}


def lookup_that_returns(returned: object) -> str:
    """Return the source of a lookup with one answer."""
    return f"""
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **options):
        return [{returned!r}]
"""


def values(reader: Reader) -> None:
    for name, returned in RETURNED.items():
        reader.write(f"collections/ansible_collections/community/{name}.py", lookup_that_returns(returned))
    reader.environment["ANSIBLE_COLLECTIONS_PATH"] = f"{COLLECTIONS}:{reader.home / 'collections'}"
    subprocess.run(["git", "init", "--quiet", str(reader.home)], check=True)
    # The secret that the guide rotates.
    day = 24 * 3600
    old = {"token": TOKEN, "repository": "octo-org/api", "name": "NPM_TOKEN", "value": "npm_of_yesterday"}
    reader.emulator.advance(-day)
    assert reader.ansible.play({"devex.github.codespaces_repo_secret": old}).returncode == 0
    reader.emulator.advance(day)


def sealing(reader: Reader) -> None:
    reader.write(
        "hosts.ini", f"bastion ansible_connection=local ansible_python_interpreter={shlex.quote(sys.executable)}\n"
    )


def migration(reader: Reader) -> None:
    names = ("NPM_TOKEN", "API_KEY", "DATABASE_URL", "FEATURE_FLAGS")
    secrets = [
        {"name": name, "value": "set by Terraform", "value_changed_at": "2026-01-01T00:00:00Z"} for name in names
    ]
    run = reader.ansible.play(
        {"devex.github.codespaces_secrets": {"token": TOKEN, "repositories": ["octo-org/app"], "secrets": secrets}}
    )
    assert run.returncode == 0


def execution_environments(reader: Reader) -> None:
    token = reader.home / "token"
    token.write_text(f"{TOKEN}\n", encoding="utf-8")
    reader.environment |= {
        "GITHUB_TOKEN_FILE": str(token),
        "GITHUB_TOKEN": TOKEN,
        "NPM_TOKEN": "npm_0123456789",
        "NPM_TOKEN_CHANGED_AT": "2026-03-10T12:00:00Z",
    }
    # The file cannot be created.
    reader.environment["XDG_STATE_HOME"] = "/proc/state"


def shared_record(reader: Reader) -> None:
    server = reader.opened.enter_context(Postgres())
    guide = ROOT / "docs/docsite/rst/guide_shared_record.rst"
    logins, tables, ledger = (block.text for block in guide_blocks(guide) if block.language == "sql")
    # The server already has a database of this name.
    database = "shared"
    server.execute(*filter(None, map(str.strip, logins.replace("records", database).split(";"))))
    server.execute(f"ALTER ROLE codespaces PASSWORD '{server.password}'")
    server.execute(f"ALTER DATABASE {database} OWNER TO postgres")
    server.execute(tables, ledger, database=database)
    reader.environment["PGPASSWORD"] = server.password
    address = "postgresql://codespaces@db.example.com/records?sslmode=verify-full&sslrootcert=system"
    reader.addresses[address] = f"postgresql://codespaces@{server.host}:{server.port}/{database}"


PREPARE: dict[str, Callable[[Reader], None]] = {
    "guide_audit": audit,
    "guide_developers": developers,
    "guide_execution_environments": execution_environments,
    "guide_tokens": tokens,
    "guide_inventory": inventory,
    "guide_organization": organization,
    "guide_recommended": recommended,
    "guide_shared_record": shared_record,
    "guide_sealing": sealing,
    "guide_values": values,
    "guide_migration": migration,
}


# --- tests ---


@pytest.mark.thorough
@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_the_playbooks_of_a_guide_work(guide: Path, reader: Reader) -> None:
    blocks = guide_blocks(guide)
    if guide.stem in PREPARE:
        PREPARE[guide.stem](reader)
    reader.follow(blocks)


def fenced(markdown: str, language: str) -> list[str]:
    """Return the code blocks in one language, also those in lists."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", markdown, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(text) for dummy, text in found]


#: The secrets at GitHub after the commands of each example.
HELD_BY_EXAMPLE = {
    "one-repository": {"repo:octo-org/app": {"NPM_TOKEN"}},
    "many-repositories": {
        "repo:octo-org/app": {"DATABASE_URL", "NPM_TOKEN", "SENTRY_DSN"},
        "repo:octo-org/api": {"DATABASE_URL", "SENTRY_DSN"},
        "repo:octo-org/web": {"NPM_TOKEN", "SENTRY_DSN"},
        "user": {"DOTFILES_KEY"},
    },
    "by-topic": {"repo:octo-org/app": {"DATABASE_URL", "NPM_TOKEN"}, "repo:octo-org/api": {"DATABASE_URL"}},
}


def held(emulator: Emulator) -> dict[str, set[str]]:
    return {scope: set(vault["secrets"]) for scope, vault in emulator.state().items() if vault["secrets"]}


def test_every_example_is_run() -> None:
    assert {path.parent.name for path in EXAMPLES.glob("*/README.md")} == HELD_BY_EXAMPLE.keys()


@pytest.mark.parametrize("name", HELD_BY_EXAMPLE)
def test_the_commands_of_an_example_create_its_secrets(name: str, reader: Reader) -> None:
    shutil.copytree(EXAMPLES / name, reader.home, dirs_exist_ok=True)
    organization_with_topics(reader)
    readme = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")
    reader.follow([Block("console", text) for text in fenced(readme, "console")])
    assert held(reader.emulator) == HELD_BY_EXAMPLE[name]
    assert len([command for command in reader.commands if command[0] == "ansible-playbook"]) == 2


README_SECTIONS = {"one-repository": "Start with one repository", "many-repositories": "Continue with 200"}


@pytest.mark.parametrize("name", README_SECTIONS)
def test_the_readme_shows_the_files_and_commands_of_an_example(name: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition(f"\n## {README_SECTIONS[name]}\n")[2].partition("\n## ")[0]
    blocks = [Block("yaml", text) for text in fenced(section, "yaml")]
    assert blocks
    for block in blocks:
        example = (EXAMPLES / name / str(block.file)).read_text(encoding="utf-8")
        assert yaml.safe_load(block.text) == yaml.safe_load(example)
    of_example = "".join(fenced((EXAMPLES / name / "README.md").read_text(encoding="utf-8"), "console"))
    commands = [line for text in fenced(section, "console") for line in text.splitlines()]
    # The directory of the example already has a vault file.
    commands = [line.replace("ansible-vault create", "ansible-vault encrypt") for line in commands]
    assert [line for line in of_example.splitlines() if line.startswith("$ ")] == commands


def test_the_inventory_of_the_guide_is_the_example() -> None:
    files: dict[str | None, str] = {}
    for block in guide_blocks(ROOT / "docs/docsite/rst/guide_inventory.rst"):
        # The first block is the example. A later one shows a change.
        files.setdefault(block.file, block.text)
    examples = [path for path in MANY.rglob("*.yml") if path.name != "vault.yml"]
    assert examples
    for path in examples:
        text = path.read_text(encoding="utf-8")
        assert yaml.safe_load(files[str(path.relative_to(MANY))]) == yaml.safe_load(text)


def test_the_readme_of_the_role_shows_the_playbook_of_the_guide() -> None:
    (shown,) = fenced((ROOT / "roles/codespaces_secrets/README.md").read_text(encoding="utf-8"), "yaml")
    assert yaml.safe_load(shown) == yaml.safe_load((MANY / "playbook.yml").read_text(encoding="utf-8"))


def test_the_examples_of_modules_and_filters_work(reader: Reader) -> None:
    emulator = reader.emulator
    emulator.repositories("octo-org/new-app", "octo-org/old-app")
    variables = {**VAULT, "team_repositories": ["octo-org/app", "octo-org/web"], "app_secrets": [{"name": "NPM_TOKEN"}]}
    plays = [
        {
            "name": "Secrets that the examples take for granted",
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [
                {
                    "devex.github.codespaces_org_secret": {
                        "token": TOKEN,
                        "organization": "octo-org",
                        "name": "NPM_TOKEN",
                        "value": "npm_0123",
                        "selected_repositories": ["octo-org/web"],
                    }
                }
            ],
        }
    ]
    for path in PLUGINS:
        tasks = yaml.safe_load(_examples(path).replace("https://api.github.com", emulator.url))
        assert tasks
        plays.append(
            {"name": path.stem, "hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
        )
    reader.write("secrets.env", "FROM_A_FILE=1\n")
    run = reader.ansible.plays(plays)
    assert run.returncode == 0, run.output


def test_the_examples_of_the_inventory_work(reader: Reader) -> None:
    reader.emulator.repositories(
        {
            "full_name": "octo-org/app",
            "topics": ["service"],
            "properties": {"team": "payments", "environment": "production"},
        }
    )
    reader.environment |= {"GITHUB_TOKEN": TOKEN, "MY_TOKEN": TOKEN, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    examples = re.findall(
        r"^# (\S+\.yml): .*\n((?:(?!---\n).*\n)+)", _examples(ROOT / "plugins/inventory/repositories.py"), re.MULTILINE
    )
    assert len(examples) == 3
    for name, text in examples:
        reader.follow(
            [
                Block("yaml", f"# {name}\n{text}"),
                Block("console", f"$ ansible-inventory -i {name} --graph\nocto-org/app\n"),
            ]
        )


def _examples(path: Path) -> str:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
            return str(ast.literal_eval(node.value))
    pytest.fail(f"{path} has no examples")
