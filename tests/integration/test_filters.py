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
from .test_role_hosts import VAULTED

DOTENV = """\
# The secrets of the service
export NPM_TOKEN=npm_0123
QUOTED="first line
second # line \\"quoted\\""
SINGLE='as $it ${HOME} is'
SPACED = blanks around
TWICE=1st
TWICE=2nd
"""

EXPECTED = {
    "NPM_TOKEN": "npm_0123",
    "QUOTED": 'first line\nsecond # line "quoted"',
    "SINGLE": "as $it ${HOME} is",
    "SPACED": "blanks around",
    "TWICE": "2nd",
}


KEY = base64.b64encode(b"32 bytes that make a public key.").decode()


def refusals(ansible: Ansible, *expressions: str, **variables: object) -> list[str]:
    """What each expression fails with; the value, which has the word hunter2 in it, is shown nowhere."""
    tasks = [{"ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"}} for expression in expressions]
    run = ansible.play(*tasks, vars=variables)
    assert {result["status"] for result in run.results} == {"failed"}
    assert "hunter2" not in run.output
    return run.failed


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


# What stands in usual files, and what is made of it.
ENTRIES = {
    "a comment, indented": ("A=1\n  # B=2\nC=3\n", {"A": "1", "C": "3"}),
    "a comment after a value": ("A=one two # three\n", {"A": "one two"}),
    "CRLF": ("A=1\r\n\r\nB='2'\r\nC=3\r\n", {"A": "1", "B": "2", "C": "3"}),
    "no line break at the end": ("A=1", {"A": "1"}),
    "indented from the start": ("  A=1", {"A": "1"}),
    "indented after quotes": ("A='1'\n  B=2\n", {"A": "1", "B": "2"}),
    "a name in quotes": ("'A'=1\n", {"A": "1"}),
    "a blank, in quotes": ("A=' '\n", {"A": " "}),
    "base64": ("A=aHVudGVyMg==\nB=-_8=\n", {"A": "aHVudGVyMg==", "B": "-_8="}),
    "nothing but =, in quotes": ("A='=='\n", {"A": "=="}),
    "a URL": ("A=https://a.example/?b=c&d[]=#e\n", {"A": "https://a.example/?b=c&d[]=#e"}),
    "JSON in one line": ('A={"b": ["c=d"]}\n', {"A": '{"b": ["c=d"]}'}),
    "a key in one line": (
        "A=-----BEGIN KEY-----\\nMIIE\\n-----END KEY-----\\n\n",
        {"A": "-----BEGIN KEY-----\\nMIIE\\n-----END KEY-----\\n"},
    ),
    "a key in quotes": (
        'A="-----BEGIN KEY-----\nMIIE=\n-----END KEY-----\n"\n',
        {"A": "-----BEGIN KEY-----\nMIIE=\n-----END KEY-----\n"},
    ),
    "brackets inside": ("A=[%(name)s] it's p(w<{\\d\n", {"A": "[%(name)s] it's p(w<{\\d"}),
    "backquotes": ("A=`date`\n", {"A": "`date`"}),
    "nothing": ("", {}),
}

NO_ENTRY = "is not NAME=value"
NO_VALUE = "has no value, or is the end of one"
INDENTED = "is indented, as if it continued the value above"
GOES_ON = "has a value that seems to go on in the next line"

# The line and what is wrong with it.
MISTAKES = {
    "no name": ("hunter2 without a name\n", 1, NO_ENTRY),
    "no name, later": ("GOOD=1\nhunter2 without a name\n", 2, NO_ENTRY),
    "blank lines before": ("A=1\n\n\nno assignment, hunter2\n", 4, NO_ENTRY),
    "a comment before": ("\n\n# A comment\n\nhunter2\nGOOD=1\n", 5, NO_ENTRY),
    "a value of several lines before": ('A="two\nlines"\n\nhunter2\n', 4, NO_ENTRY),
    "CRLF before": ("A=1\r\n\r\n\r\nhunter2\r\n", 4, NO_ENTRY),
    "CR before": ("A=1\r\r\rhunter2\r", 4, NO_ENTRY),
    "quotes that are never closed": ("GOOD=1\n\nBAD='hunter2\n", 3, NO_ENTRY),
    "text after quotes": ("A='1' hunter2\n", 1, NO_ENTRY),
    "a digit in front": ("A=1\n2hunter2=x\n", 2, NO_ENTRY),
    "base64 with other signs": ("A=QUJD\nhunter2+/xyz==\n", 2, NO_ENTRY),
    "base64url": ("A=QUJD\nhunter2-xyz=\n", 2, NO_ENTRY),
    "JSON": ('A=1\n"hunter2": "x=y"\n', 2, NO_ENTRY),
    "not ASCII": ("A=1\nh\u00fcnter2=hunter2\n", 2, NO_ENTRY),
    "a name in quotes, with a blank": ("'hunter2 x'=1\n", 1, NO_ENTRY),
    "a name in quotes, of two lines": ("A=1\n'hunter2\nx'=1\n", 2, NO_ENTRY),
    "base64 with one =": ("A=QUJD\nhunter2=\n", 2, NO_VALUE),
    "base64 with two =": ("A=QUJD\nhunter2==\n", 2, NO_VALUE),
    "base64 with two =, CRLF": ("A=QUJD\r\nhunter2==\r\n", 2, NO_VALUE),
    "base64 with two = at the end": ("A=QUJD\nhunter2==", 2, NO_VALUE),
    "empty": ("A=\nhunter2=1\n", 1, NO_VALUE),
    "empty, in quotes": ("A=1\nhunter2=''\n", 2, NO_VALUE),
    "empty, in double quotes": ('A=1\nhunter2=""\n', 2, NO_VALUE),
    "indented": ("A=1\n  hunter2=x\n", 2, INDENTED),
    "indented after a comment": ("A=1\n# B\n\n\thunter2=x\n", 4, INDENTED),
    "a key": ("A=-----BEGIN KEY-----\nhunter2==\n-----END KEY-----\n", 1, GOES_ON),
    "a backslash": ("A=hunter2 \\\nhunter2=x\n", 1, GOES_ON),
    "a backslash before a comment": ("A=hunter2 \\ # B\nhunter2=x\n", 1, GOES_ON),
    "an opening bracket": ("B=1\nA={\nhunter2=x\n}\n", 2, GOES_ON),
    "an opening bracket at the end": ("A=hunter2 (\nhunter2=x\n)\n", 1, GOES_ON),
    "a bracket that is never closed": ('A=[{"b": "hunter2"},\nhunter2=x]\n', 1, GOES_ON),
    "a tag that is never closed": ("A=<a\nhunter2=x>\n", 1, GOES_ON),
    "a backquote": ("A=`hunter2\nhunter2=x`\n", 1, GOES_ON),
    "a double quote inside": ('A=a "hunter2\nhunter2=x"\n', 1, GOES_ON),
}


def test_usual_dotenv_files(ansible: Ansible) -> None:
    texts = [text for text, dummy in ENTRIES.values()]
    run = ansible.play(
        {"ansible.builtin.set_fact": {"parsed": "{{ texts | map('devex.github.from_dotenv') }}"}}, vars={"texts": texts}
    )
    assert run.failed == []
    parsed = [{secret["name"]: secret["value"] for secret in secrets} for secrets in run[0]["ansible_facts"]["parsed"]]
    assert dict(zip(ENTRIES, parsed, strict=True)) == {name: expected for name, (dummy, expected) in ENTRIES.items()}


def test_dotenv_files_with_a_mistake(ansible: Ansible) -> None:
    tasks = [
        {"ansible.builtin.debug": {"msg": f"{{{{ texts[{number}] | devex.github.from_dotenv }}}}"}}
        for number in range(len(MISTAKES))
    ]
    run = ansible.play(*tasks, vars={"texts": [text for text, *dummy in MISTAKES.values()]})
    assert "hunter2" not in run.output
    found = [message.partition("devex.github.from_dotenv: ")[2] for message in run.failed]
    advice = "Values of several lines need quotes, and no secret is empty."
    expected = {name: f"line {line} {mistake}. {advice}" for name, (dummy, line, mistake) in MISTAKES.items()}
    assert dict(zip(MISTAKES, found, strict=True)) == expected


def test_what_looks_like_an_entry_is_one(ansible: Ansible) -> None:
    # As documented: nothing tells it from the end of a value of two lines.
    run = ansible.play({"ansible.builtin.debug": {"msg": "{{ 'A=1\nb=c' | devex.github.from_dotenv }}"}})
    assert run[0]["msg"] == [{"name": "A", "value": "1"}, {"name": "b", "value": "c"}]


def test_from_dotenv_wants_a_text(ansible: Ansible) -> None:
    texts: list[object] = [7, ["hunter2=1"], {"hunter2": 1}]
    expressions = [f"texts[{number}] | devex.github.from_dotenv" for number in range(len(texts))]
    for message in refusals(ansible, *expressions, texts=texts):
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
NO_KEY = "devex.github.seal: The public key is no X25519 key in base64."


#: A value, a key, and what is said of them.
UNSEALED: list[tuple[object, object, str]] = [
    ("hunter2", "AAAA", NO_KEY),
    ("hunter2", "not base64!", NO_KEY),
    ("hunter2", 7, WANTED),
    (["hunter2"], KEY, WANTED),
    ("", KEY, "devex.github.seal: the value is empty, as that of a variable that is not set is."),
    # Half of a pair of UTF-16.
    ("{{ 'hunter2 %c' | format(0xDCFF) }}", KEY, "devex.github.seal: the value is not valid Unicode."),
]


def test_seal_refuses(ansible: Ansible) -> None:
    rows = [{"value": value, "key": key} for value, key, dummy in UNSEALED]
    expressions = [f"rows[{number}].value | devex.github.seal(rows[{number}].key)" for number in range(len(rows))]
    for (*dummy, expected), message in zip(UNSEALED, refusals(ansible, *expressions, rows=rows), strict=True):
        assert message.endswith(expected)


def test_a_text_that_is_vaulted_by_itself_and_one_that_is_not_there(ansible: Ansible) -> None:
    password, playbook = ansible.home / "password", ansible.home / "filters.yml"
    password.write_text("pass", encoding="utf-8")
    vaulted = "\n".join(f"        {line}" for line in VAULTED.split())
    playbook.write_text(
        f"""
- hosts: localhost
  gather_facts: false
  vars:
    vaulted: !vault |
{vaulted}
  tasks:
    - ansible.builtin.debug: {{msg: "{{{{ vaulted | devex.github.seal('{KEY}') | length }}}}"}}
    - ansible.builtin.debug: {{msg: "{{{{ ('A=' ~ vaulted) | devex.github.from_dotenv }}}}"}}
    - ansible.builtin.debug: {{msg: "{{{{ vaulted | devex.github.from_dotenv }}}}"}}
      ignore_errors: true
    - ansible.builtin.debug: {{msg: "{{{{ not_there | devex.github.seal('{KEY}') }}}}"}}
      ignore_errors: true
    - ansible.builtin.debug: {{msg: "{{{{ not_there | devex.github.from_dotenv }}}}"}}
      ignore_errors: true
""",
        encoding="utf-8",
    )
    run = ansible.playbook(playbook, "--vault-password-file", str(password))
    # What is sealed is 48 bytes longer, and in base64.
    assert int(run[0]["msg"]) == -(-(len("a vaulted value") + 48) // 3) * 4
    assert run[1]["msg"] == [{"name": "A", "value": "a vaulted value"}]
    not_a_file, *undefined = run.failed
    assert "line 1 is not NAME=value" in not_a_file
    for message in undefined:
        assert "'not_there' is undefined" in message


@pytest.mark.thorough
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
    (message,) = refusals(without, expression)
    assert message.endswith(f"{name} needs the Python library {library} on the controller.")
