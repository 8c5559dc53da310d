# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters, in playbooks."""

from __future__ import annotations

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
    stored = emulator.state()["repo:octo-org/app"]["secrets"]
    assert {name: secret["value"] for name, secret in stored.items()} == EXPECTED


def test_a_dotenv_file_with_a_mistake(ansible: Ansible) -> None:
    for text, line in (("GOOD=1\nno assignment\n", 2), ("GOOD=1\n\nBAD='open quote\n", 2)):
        run = ansible.play(
            {"ansible.builtin.debug": {"msg": "{{ text | devex.github.from_dotenv }}"}}, vars={"text": text}
        )
        assert run[0]["status"] == "failed"
        assert f"line {line}" in run[0]["msg"] or f"line {line + 1}" in run[0]["msg"]
        assert "open quote" not in run[0]["msg"]


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
    assert [result.get("reason") for result in run.results[1:]] == ["created", "unchanged", "not_recorded"]
    stored = emulator.secret("repo:octo-org/app", "NPM_TOKEN")
    assert stored is not None
    assert stored["value"] == "sealed on the controller"


def test_seal_refuses_what_is_no_key(ansible: Ansible) -> None:
    for key in ("AAAA", "not base64!", 7):
        run = ansible.play(
            {"ansible.builtin.debug": {"msg": "{{ 'hunter2' | devex.github.seal(key) }}"}}, vars={"key": key}
        )
        assert run[0]["status"] == "failed"
        assert "devex.github.seal" in run[0]["msg"]
