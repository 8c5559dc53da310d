# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters, in playbooks."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from emulator.client import Emulator

from .conftest import TOKEN, Ansible

DOTENV = """\
# The secrets of the service
export NPM_TOKEN=npm_0123
QUOTED="first line
second # line \\"quoted\\""
SINGLE='as $it ${HOME} is'
EMPTY=
SPACED = blanks around
TWICE=1st
TWICE=2nd
"""

EXPECTED = {
    "NPM_TOKEN": "npm_0123",
    "QUOTED": 'first line\nsecond # line "quoted"',
    "SINGLE": "as $it ${HOME} is",
    "EMPTY": "",
    "SPACED": "blanks around",
    "TWICE": "2nd",
}


KEY = base64.b64encode(b"32 bytes that make a public key.").decode()


def refusal(ansible: Ansible, expression: str, **variables: object) -> str:
    """What an expression fails with; the value, which has the word hunter2 in it, is shown nowhere."""
    run = ansible.play({"ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"}}, vars=variables)
    assert run[0]["status"] == "failed"
    assert "hunter2" not in run.output
    return str(run[0]["msg"])


def test_a_dotenv_file(ansible: Ansible, emulator: Emulator) -> None:
    (ansible.home / "secrets.env").write_text(DOTENV, encoding="utf-8")
    run = ansible.play(
        {
            "devex.github.codespaces_secrets": {
                "repositories": ["octo-org/app"],
                "secrets": "{{ lookup('ansible.builtin.file', 'secrets.env') | devex.github.from_dotenv }}",
            }
        }
    )
    assert run.failed == []
    assert emulator.values("repo:octo-org/app") == EXPECTED


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("hunter2 without a name\n", 1),
        ("GOOD=1\nhunter2 without a name\n", 2),
        ("A=1\n\n\nno assignment, hunter2\n", 4),
        ("\n\n# A comment\n\nhunter2\nGOOD=1\n", 5),
        ('A="two\nlines"\n\nhunter2\n', 4),
        ("GOOD=1\n\nBAD='hunter2\n", 3),
    ],
)
def test_a_dotenv_file_with_a_mistake(text: str, line: int, ansible: Ansible) -> None:
    message = refusal(ansible, "text | devex.github.from_dotenv", text=text)
    assert message.endswith(f"devex.github.from_dotenv: line {line} is not NAME=value.")


@pytest.mark.parametrize("text", [7, ["hunter2=1"], {"hunter2": 1}])
def test_from_dotenv_wants_a_text(text: object, ansible: Ansible) -> None:
    message = refusal(ansible, "text | devex.github.from_dotenv", text=text)
    assert message.endswith("devex.github.from_dotenv takes the text of a file.")


def test_values_are_sealed_on_the_controller(ansible: Ansible, emulator: Emulator) -> None:
    public_key = f"{emulator.url}/repos/octo-org/app/codespaces/secrets/public-key"
    secret = {
        "repository": "octo-org/app",
        "name": "NPM_TOKEN",
        "encrypted_value": "{{ plain | devex.github.seal(key.json.key) }}",
        "key_id": "{{ key.json.key_id }}",
    }
    dated = {**secret, "value_changed_at": "2020-01-01T00:00:00Z"}
    run = ansible.play(
        {
            "ansible.builtin.uri": {"url": public_key, "headers": {"Authorization": f"Bearer {TOKEN}"}},
            "register": "key",
        },
        {"devex.github.codespaces_repo_secret": dated},
        {"devex.github.codespaces_repo_secret": dated},
        {"devex.github.codespaces_repo_secret": secret},
        vars={"plain": "sealed on the controller"},
    )
    assert run.reasons[1:] == ["created", "unchanged", "not_recorded"]
    assert emulator.values("repo:octo-org/app")["NPM_TOKEN"] == "sealed on the controller"


WANTED = "devex.github.seal takes a text, and a public key in base64."
NO_KEY = "devex.github.seal: GitHub sent a public key that is not an X25519 key in base64."


@pytest.mark.parametrize(
    ("value", "key", "expected"),
    [
        ("hunter2", "AAAA", NO_KEY),
        ("hunter2", "not base64!", NO_KEY),
        ("hunter2", 7, WANTED),
        (["hunter2"], KEY, WANTED),
        # Half of a pair of UTF-16.
        ("{{ 'hunter2 %c' | format(0xDCFF) }}", KEY, "devex.github.seal: the value is not valid Unicode."),
    ],
    ids=["short", "not base64", "number", "list", "not Unicode"],
)
def test_seal_refuses(value: object, key: object, expected: str, ansible: Ansible) -> None:
    message = refusal(ansible, "value | devex.github.seal(key)", value=value, key=key)
    assert message.endswith(expected)


@pytest.mark.parametrize(
    ("expression", "module", "library"),
    [
        ("'hunter2=1' | devex.github.from_dotenv", "dotenv", "python-dotenv"),
        (f"'hunter2' | devex.github.seal('{KEY}')", "nacl", "pynacl"),
    ],
    ids=["dotenv", "nacl"],
)
def test_a_missing_library_is_named(
    expression: str, module: str, library: str, ansible: Ansible, tmp_path: Path
) -> None:
    (tmp_path / f"{module}.py").write_text("raise ImportError('not here')", encoding="utf-8")
    without = replace(ansible, environment={**ansible.environment, "PYTHONPATH": str(tmp_path)})
    name = expression.partition("| ")[2].partition("(")[0]
    assert refusal(without, expression).endswith(f"{name} needs the Python library {library} on the controller.")
