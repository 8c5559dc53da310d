# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use the filters in playbooks."""

from __future__ import annotations

import base64
import re
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


def as_variable(text: str) -> str:
    """Return a text for a playbook, as a template if it contains NUL or bytes that are not UTF-8."""
    odd = "[\0\udc80-\udcff]"
    codes = ", ".join(str(ord(character)) for character in re.findall(odd, text))
    return f"{{{{ '{re.sub(odd, '%c', text)}' | format({codes}) }}}}" if codes else text


def refusals(ansible: Ansible, *expressions: str, **variables: object) -> list[str]:
    """Return the error of each expression, and check that no output contains the value hunter2."""
    tasks = [{"ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"}} for expression in expressions]
    run = ansible.play(*tasks, vars=variables)
    assert {result["status"] for result in run.results} == {"failed"}
    assert "hunter2" not in run.output
    return run.failed


def test_a_dotenv_file_becomes_a_list_of_secrets(ansible: Ansible, emulator: Emulator) -> None:
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


# Common content of files, and the result.
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
    "a byte order mark": ("\ufeffA=1\n", {"A": "1"}),
    "CRLF inside quotes": ("A=\"1\r\n2\"\r\nB='1\r\n\r\n2'\r\n", {"A": "1\n2", "B": "1\n\n2"}),
    "CR inside quotes": ("A='1\r2'\rB=3\r", {"A": "1\n2", "B": "3"}),
    "an escaped CR in double quotes": ('A="1\\r\\n2"\n', {"A": "1\r\n2"}),
    "not UTF-8, in a comment": ("A=1\n# \udce9\n", {"A": "1"}),
}

NO_ENTRY = "is not NAME=value"
NO_VALUE = "has no value, or continues the value above"
QUOTE = "has a quote that is not closed, or text after the closing quote"
RESERVED = "has a name that begins with GITHUB_, which GitHub reserves"
INDENTED = "is indented like a continuation of the value above"
CONTINUES = "has a value that seems to continue in the next line"

# The text, the line with the mistake, and the message.
MISTAKES = {
    "no name": ("hunter2 without a name\n", 1, NO_ENTRY),
    "no name, later": ("GOOD=1\nhunter2 without a name\n", 2, NO_ENTRY),
    "blank lines before": ("A=1\n\n\nno assignment, hunter2\n", 4, NO_ENTRY),
    "a comment before": ("\n\n# A comment\n\nhunter2\nGOOD=1\n", 5, NO_ENTRY),
    "a value of several lines before": ('A="two\nlines"\n\nhunter2\n', 4, NO_ENTRY),
    "CRLF before": ("A=1\r\n\r\n\r\nhunter2\r\n", 4, NO_ENTRY),
    "CR before": ("A=1\r\r\rhunter2\r", 4, NO_ENTRY),
    "quotes that are never closed": ("GOOD=1\n\nBAD='hunter2\n", 3, QUOTE),
    "text after quotes": ("A='1' hunter2\n", 1, QUOTE),
    "a digit in front": ("A=1\n2hunter2=x\n", 2, NO_ENTRY),
    "base64 with other signs": ("A=QUJD\nhunter2+/xyz==\n", 2, NO_ENTRY),
    "base64url": ("A=QUJD\nhunter2-xyz=\n", 2, NO_ENTRY),
    "JSON": ('A=1\n"hunter2": "x=y"\n', 2, NO_ENTRY),
    "not ASCII": ("A=1\nh\u00fcnter2=hunter2\n", 2, NO_ENTRY),
    "a name in quotes, with a blank": ("'hunter2 x'=1\n", 1, NO_ENTRY),
    "a name in quotes, of two lines": ("A=1\n'hunter2\nx'=1\n", 2, NO_ENTRY),
    "a quote that is closed two lines below": ('A="hunter2\nB=1\nC="x"\nD=2\n', 1, QUOTE),
    "a name that GitHub reserves": ("A=1\nGitHub_hunter2=x\n", 2, RESERVED),
    "a token": ("A=1\n\ngithub_pat_hunter2=x\n", 3, RESERVED),
    "not UTF-8": ("A=1\nB=hunter2 \udce9\n", 2, "is not UTF-8"),
    "a byte order mark further on": ("A=1\n\ufeffhunter2=1\n", 2, NO_ENTRY),
    "nothing but a line break": ('A="\\n"\nB=hunter2', 1, NO_VALUE),
    "base64 with one =": ("A=QUJD\nhunter2=\n", 2, NO_VALUE),
    "base64 with two =": ("A=QUJD\nhunter2==\n", 2, NO_VALUE),
    "base64 with two =, CRLF": ("A=QUJD\r\nhunter2==\r\n", 2, NO_VALUE),
    "base64 with two = at the end": ("A=QUJD\nhunter2==", 2, NO_VALUE),
    "empty": ("A=\nhunter2=1\n", 1, NO_VALUE),
    "empty, in quotes": ("A=1\nhunter2=''\n", 2, NO_VALUE),
    "empty, in double quotes": ('A=1\nhunter2=""\n', 2, NO_VALUE),
    "indented": ("A=1\n  hunter2=x\n", 2, INDENTED),
    "indented after a comment": ("A=1\n# B\n\n\thunter2=x\n", 4, INDENTED),
    "a backslash": ("A=hunter2 \\\nhunter2=x\n", 1, CONTINUES),
    "a backslash before a comment": ("A=hunter2 \\ # B\nhunter2=x\n", 1, CONTINUES),
    "an opening bracket": ("B=1\nA={\nhunter2=x\n", 2, CONTINUES),
    "an opening bracket at the end": ("A=hunter2 (\nhunter2=x\n", 1, CONTINUES),
    "a bracket that is never closed": ('A=[{"b": "hunter2"},\nhunter2=x]\n', 1, CONTINUES),
    "a tag that is never closed": ("A=<a\nhunter2=x>\n", 1, CONTINUES),
    "a backquote": ("A=`hunter2\nhunter2=x`\n", 1, CONTINUES),
}

LINES_NEED_QUOTES = "Put values of several lines in quotes."
SKIP = "To omit entries without a value, set skip_empty=true."
MANY_NO_VALUE = "have no value, or continues the value above"
NOTHING = "The text has no entry with a value. Check that you read the right file."
UTF_16 = "The text looks like UTF-16 or binary data. Save the file as UTF-8."

#: A text, and the complete error.
SEVERAL = {
    "empty entries and a line that is none": (
        "A=\nB=1\nC=''\n\nhunter2 is no entry\nD= # later\n",
        f"lines 1, 3, 6 {MANY_NO_VALUE}; line 5 {NO_ENTRY}. {LINES_NEED_QUOTES} {SKIP}",
    ),
    "forty-one empty entries": (
        "".join(f"A{number}=\n" for number in range(1, 42)),
        f"lines {', '.join(map(str, range(1, 42)))} {MANY_NO_VALUE}. {LINES_NEED_QUOTES} {SKIP}",
    ),
    "a key without quotes": (
        "A=-----BEGIN KEY-----\nhunter2==\n-----END KEY-----\n",
        f"line 1 {CONTINUES}; line 2 {NO_VALUE}; line 3 {NO_ENTRY}. {LINES_NEED_QUOTES} {SKIP}",
    ),
    "a key whose quote is not closed": (
        'KEY="-----BEGIN\nhunter2\nOTHER=1\n',
        f"line 1 {QUOTE}; line 2 {NO_ENTRY}. {LINES_NEED_QUOTES}",
    ),
    "a double quote in a value": (
        'A=a "hunter2\nhunter2=x"\n',
        "lines 1, 2 have a value that seems to continue in the next line. Put values of several lines in quotes.",
    ),
    "indented lines": ("A=1\n  B=2\n  C=3\n", f"lines 2, 3 are{INDENTED.removeprefix('is')}. {LINES_NEED_QUOTES}"),
    "names equal but for case": (
        "hunter2=1\nA=1\nHUNTER2=2\nA=2\n",
        "lines 1, 3 have a name that differs from another name only in its case, which GitHub ignores.",
    ),
    "nothing": ("", NOTHING),
    "blank lines": ("\r\n \n\n", NOTHING),
    "comments": ("# HUNTER2=hunter2\n#B=2", NOTHING),
    "UTF-16": ("\udcff\udcfehunter2\0=\0", UTF_16),
    "UTF-16, big endian": ("\udcfe\udcff\0hunter2\0=", UTF_16),
    "UTF-16 without a mark": ("h\0u\0n\0=\x001\0", UTF_16),
    "a vault": (
        "$ANSIBLE_VAULT;1.1;AES256\n3031\n",
        "The text is Ansible Vault ciphertext. Read the file with the lookup ansible.builtin.unvault.",
    ),
}

#: A text, and the result with skip_empty: values, or an error.
SKIPPED: dict[str, tuple[str, dict[str, str] | str]] = {
    "empty entries": ("A=\nB=1\nC=''\nD=\"\" # later\nGITHUB_TOKEN=\n", {"B": "1"}),
    "an empty entry takes nothing away": ("A=1\nB=1\nA=\n", {"A": "1", "B": "1"}),
    "the last value counts": ("A=1\nB=1\nA=2\n", {"A": "2", "B": "1"}),
    "no value at all": ("A=\nB=\n", NOTHING),
    "the end of base64": ("A=QUJD\nhunter2==\n", f"line 2 {NO_VALUE}. {LINES_NEED_QUOTES} {SKIP}"),
    "other mistakes": ("A=\nB=1\nhunter2\n", f"line 3 {NO_ENTRY}. {LINES_NEED_QUOTES}"),
}


def test_common_dotenv_files_are_read(ansible: Ansible) -> None:
    texts = [as_variable(text) for text, dummy in ENTRIES.values()]
    run = ansible.play(
        {"ansible.builtin.set_fact": {"parsed": "{{ texts | map('devex.github.from_dotenv') }}"}}, vars={"texts": texts}
    )
    assert run.failed == []
    parsed = [{secret["name"]: secret["value"] for secret in secrets} for secrets in run[0]["ansible_facts"]["parsed"]]
    assert dict(zip(ENTRIES, parsed, strict=True)) == {name: expected for name, (dummy, expected) in ENTRIES.items()}


def test_a_dotenv_file_with_a_mistake_fails(ansible: Ansible) -> None:
    tasks = [
        {"ansible.builtin.debug": {"msg": f"{{{{ texts[{number}] | devex.github.from_dotenv }}}}"}}
        for number in range(len(MISTAKES))
    ]
    run = ansible.play(*tasks, vars={"texts": [as_variable(text) for text, *dummy in MISTAKES.values()]})
    assert "hunter2" not in run.output
    found = [message.partition("devex.github.from_dotenv: ")[2] for message in run.failed]
    expected = {name: f"line {line} {mistake}" for name, (dummy, line, mistake) in MISTAKES.items()}
    assert {name: text.partition(". ")[0].rstrip(".") for name, text in zip(MISTAKES, found, strict=True)} == expected


def test_a_dotenv_file_with_several_mistakes_fails_with_all_of_them(ansible: Ansible) -> None:
    texts = [as_variable(text) for text, dummy in SEVERAL.values()]
    expressions = [f"texts[{number}] | devex.github.from_dotenv" for number in range(len(texts))]
    found = [text.partition("devex.github.from_dotenv: ")[2] for text in refusals(ansible, *expressions, texts=texts)]
    assert dict(zip(SEVERAL, found, strict=True)) == {name: expected for name, (dummy, expected) in SEVERAL.items()}


def test_skip_empty_omits_empty_entries(ansible: Ansible) -> None:
    texts = [text for text, dummy in SKIPPED.values()]
    run = ansible.play(
        *(
            {"ansible.builtin.debug": {"msg": f"{{{{ texts[{n}] | devex.github.from_dotenv(skip_empty=true) }}}}"}}
            for n in range(len(texts))
        ),
        {"ansible.builtin.debug": {"msg": "{{ 'A=\nB=1' | devex.github.from_dotenv(skip_empty='yes') }}"}},
        {"ansible.builtin.debug": {"msg": "{{ 'B=1' | devex.github.from_dotenv(skip_empty='hunter2') }}"}},
        vars={"texts": texts},
    )
    assert "hunter2" not in run.output
    *found, as_text, no_boolean = (
        result["msg"].partition("devex.github.from_dotenv: ")[2]
        if result["status"] == "failed"
        else {secret["name"]: secret["value"] for secret in result["msg"]}
        for result in run.results
    )
    assert dict(zip(SKIPPED, found, strict=True)) == {name: expected for name, (dummy, expected) in SKIPPED.items()}
    assert as_text == {"B": "1"}
    assert no_boolean == "skip_empty must be true or false."


def test_a_line_like_an_entry_counts_as_an_entry(ansible: Ansible) -> None:
    # As documented, the filter cannot distinguish such a line from the end of a value of two lines.
    run = ansible.play({"ansible.builtin.debug": {"msg": "{{ 'A=1\nb=c' | devex.github.from_dotenv }}"}})
    assert run[0]["msg"] == [{"name": "A", "value": "1"}, {"name": "b", "value": "c"}]


def test_from_dotenv_fails_if_the_input_is_not_text(ansible: Ansible) -> None:
    texts: list[object] = [7, ["hunter2=1"], {"hunter2": 1}]
    expressions = [f"texts[{number}] | devex.github.from_dotenv" for number in range(len(texts))]
    for message in refusals(ansible, *expressions, texts=texts):
        assert message.endswith("Read the file with the lookup ansible.builtin.file or ansible.builtin.unvault.")


#: No module accepts this as a value.
CIPHERTEXT = "sealed on the controller: $ANSIBLE_VAULT;1.1;AES256 ENC[AES256_GCM,data:"


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
        vars={"plain": CIPHERTEXT},
    )
    assert run.reasons[1:] == ["created", "unchanged", "not_recorded"]
    assert emulator.values("repo:octo-org/app")["NPM_TOKEN"] == CIPHERTEXT


WANTED = "devex.github.seal: the value and the public key must be texts. The key is in base64."
NO_KEY = "devex.github.seal: The public key is not an X25519 key in base64."


#: A value, a key, and the error.
UNSEALED: list[tuple[object, object, str]] = [
    ("hunter2", "AAAA", NO_KEY),
    ("hunter2", "not base64!", NO_KEY),
    ("hunter2", 7, WANTED),
    (["hunter2"], KEY, WANTED),
    ("", KEY, "the value is empty, which usually means an unset variable. Set the variable, or omit the secret."),
    (
        "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
        KEY,
        "the value is a mask that Ansible shows for a hidden value. Pass the value itself.",
    ),
    # A lone surrogate of UTF-16.
    (
        "{{ 'hunter2 %c' | format(0xDCFF) }}",
        KEY,
        "devex.github.seal: the value is not valid Unicode. Encode binary data, for example in base64.",
    ),
]


def test_seal_fails_if_the_value_or_the_key_is_invalid(ansible: Ansible) -> None:
    rows = [{"value": value, "key": key} for value, key, dummy in UNSEALED]
    expressions = [f"rows[{number}].value | devex.github.seal(rows[{number}].key)" for number in range(len(rows))]
    for (*dummy, expected), message in zip(UNSEALED, refusals(ansible, *expressions, rows=rows), strict=True):
        assert message.endswith(expected)


def test_filters_accept_vaulted_texts_and_report_undefined_variables(ansible: Ansible) -> None:
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
    # A sealed value is 48 bytes longer, and in base64.
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
def test_an_error_about_a_missing_library_names_it(
    expression: str, module: str, library: str, ansible: Ansible, tmp_path: Path
) -> None:
    (tmp_path / f"{module}.py").write_text("raise ImportError('not here')", encoding="utf-8")
    without = replace(ansible, environment={**ansible.environment, "PYTHONPATH": str(tmp_path)})
    name = expression.partition("| ")[2].partition("(")[0]
    (message,) = refusals(without, expression)
    assert f"{name}: the Python library {library} is missing on the controller." in message
