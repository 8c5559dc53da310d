# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils._options.argspec import (
    connection_argument_spec,
    secret_argument_spec,
    secrets_argument_spec,
)
from ansible_collections.devex.github.plugins.module_utils._options.masking import (
    fit,
    message_of,
    redacted,
    without_unmaskable,
)

TOKEN = "ghp_0123456789"
ONE = {**connection_argument_spec(), **secret_argument_spec()}
MANY = {**connection_argument_spec(), **secrets_argument_spec()}
VALUE = "hunter2-hunter2"
ROW = {"name": "A", "value": VALUE}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"token": "t", "secrets": None, "repositories": ["a/b", "a/c"], "_ansible_verbosity": 3},
        {"secrets": [ROW, {"secret_name": "B", "value": 5, "state": None}], "prune": True, "timeout": "30"},
        {"repositories": "a/b,a/c", "prune_keep": 7, "secrets": []},
        {"org": "octo-org", "secrets": [{"name": "B", "selected_repositories": ["a/b", 5]}]},
    ],
    ids=["nothing", "nulls", "rows", "lists as text", "aliases"],
)
def test_well_formed_options_are_kept(given: dict[str, Any]) -> None:
    assert fit(MANY, given) == (given, [])


ADDRESS = "has a URL, which is not shown, because it may contain a login."
SWAPPED = "The name is not shown, because it may be a value. Check that name and value are not swapped."
BAD_NAME = (
    f"is not allowed: use only letters, digits and underscores, at most 255, and do not start with a digit. {SWAPPED}"
)
RESERVED = f"is not allowed: GitHub reserves names that begin with GITHUB_. {SWAPPED}"
NESTED = "must be a mapping, not a list. To join two lists, use +."


@pytest.mark.parametrize(
    ("spec", "given", "left", "input_errors"),
    [
        pytest.param(
            MANY,
            {"secrets": [[ROW], [ROW]]},
            {"secrets": []},
            [f"secrets: row 1 {NESTED}", f"secrets: row 2 {NESTED}"],
            id="a list in a list",
        ),
        pytest.param(
            MANY,
            {"secrets": [ROW, None, 5, True, f"name=A value={VALUE}"]},
            {"secrets": [ROW]},
            [
                "secrets: row 2 must be a mapping, not null.",
                "secrets: row 3 must be a mapping, not a number.",
                "secrets: row 4 must be a mapping, not a boolean.",
                "secrets: row 5 must be a mapping, not text.",
            ],
            id="rows that are no mappings",
        ),
        pytest.param(
            MANY,
            {"secrets": {"A": VALUE}},
            {"secrets": []},
            [
                "secrets must be a list, not a mapping. If it maps names to values, convert it with the filter "
                "dict2items: secrets_dict | dict2items(key_name='name', value_name='value')."
            ],
            id="a mapping of names to values",
        ),
        pytest.param(
            MANY,
            {"secrets": ROW, "targets": {"user": True, "secrets": {"secret_name": "A"}}},
            {"secrets": [], "targets": []},
            [
                "secrets must be a list, not a mapping. If it is one row, put a dash in front of it.",
                "targets must be a list, not a mapping. If it is one row, put a dash in front of it.",
            ],
            id="a row that is no list",
        ),
        pytest.param(
            MANY,
            {"secrets": [ROW, {"name": f"{VALUE}!", "value": "A"}, {"secret_name": 5}, {"name": "github_pat_0"}]},
            {"secrets": [ROW, {"value": "A"}, {}, {}]},
            [
                f"secrets, row 2: name {BAD_NAME}",
                f"secrets, row 3: secret_name {BAD_NAME}",
                f"secrets, row 4: name {RESERVED}",
            ],
            id="names that no secret has",
        ),
        pytest.param(
            MANY,
            {
                "repositories": ["a/b", f"https://me:{VALUE}@github.com/a/c.git"],
                "secrets": [{**ROW, "selected_repositories": f"a/b,{VALUE}@github.com"}],
                "targets": [{"repo": "git@github.com:a/d.git"}, {"repo": "https://github.com/a/d"}],
            },
            {"secrets": [ROW], "targets": [{}, {"repo": "https://github.com/a/d"}]},
            [
                f"repositories {ADDRESS} Write a/c.",
                f"secrets, row 1: selected_repositories {ADDRESS} Write OWNER/REPO.",
                f"targets, row 1: repo {ADDRESS} Write a/d.",
            ],
            id="addresses with a login",
        ),
        pytest.param(
            MANY,
            {"secrets": json.dumps([ROW])},
            {"secrets": []},
            ["secrets must be a list, not text."],
            id="a list as text",
        ),
        pytest.param(MANY, {"secrets": 5}, {"secrets": []}, ["secrets must be a list, not a number."], id="a number"),
        pytest.param(
            MANY,
            {"secrets": [{"name": {"A": VALUE}}, {"name": "B", "value": {VALUE: 1}, "key_id": [VALUE]}]},
            {"secrets": [{}, {"name": "B"}]},
            [
                "secrets, row 1: name must be text, not a mapping.",
                "secrets, row 2: value must be text, not a mapping. To pass JSON, add the filter to_json. "
                "If it is text that looks like a list or a mapping, add the filter string directly after the variable "
                "or the lookup.",
                "secrets, row 2: key_id must be text, not a list.",
            ],
            id="structures where texts belong",
        ),
        pytest.param(
            MANY,
            {"repositories": [None, {"A": VALUE}, [VALUE], "a/b"], "prune_keep": {VALUE: 1}},
            {"repositories": ["a/b"], "prune_keep": []},
            [
                "repositories: row 1 must be text, not null.",
                "repositories: row 2 must be text, not a mapping.",
                "repositories: row 3 must be text, not a list. To join two lists, use +.",
                "prune_keep must be a list, not a mapping.",
            ],
            id="structures in lists of texts",
        ),
        pytest.param(ONE, {"token": [VALUE]}, {}, ["token must be text, not a list."], id="a token in a list"),
        pytest.param(
            ONE,
            {"timeout": {VALUE: 1}},
            {},
            ["timeout must be a whole number of a few digits, not a mapping."],
            id="a number's place",
        ),
    ],
)
def test_malformed_options_are_dropped_and_reported(
    spec: dict[str, Any], given: dict[str, Any], left: dict[str, Any], input_errors: list[str]
) -> None:
    before = copy.deepcopy(given)
    assert fit(spec, given) == (left, input_errors)
    assert given == before


@pytest.mark.parametrize("number", [5, -5, 5.0, "5", " 5", "+5", "5.0", "5.", None], ids=repr)
def test_a_whole_number_is_accepted_in_several_forms(number: Any) -> None:
    assert fit(ONE, {"timeout": number}) == ({"timeout": number}, [])


@pytest.mark.parametrize(
    "number", [10**30, float("inf"), float("nan"), True, "inf", "nan", "1e400", "1e2000000", "5 s", "0x5", "9" * 40, ""]
)
def test_an_invalid_or_huge_number_is_dropped_and_reported(number: Any) -> None:
    left, input_errors = fit(ONE, {"timeout": number})
    assert left == {}
    assert [slip.partition(", not ")[0] for slip in input_errors] == ["timeout must be a whole number of a few digits"]


CREDENTIALS = ["-----BEGIN RSA PRIVATE KEY-----", "ghp_0123456789abcdefghij", "x github_pat_0123456789abcdefghij"]


@pytest.mark.parametrize("text", CREDENTIALS)
def test_a_credential_in_an_option_that_is_not_secret_is_dropped_and_reported(text: str) -> None:
    swapped = (
        "contains a private key or a token, so it is not shown. Check that two options or variables are not swapped."
    )
    row = {**ROW, "key_id": text, "selected_repositories": ["a/b", text]}
    assert fit(MANY, {"api_version": text, "ca_path": text, "secrets": [row], "token": text}) == (
        {"secrets": [ROW], "token": text},
        [
            f"api_version {swapped}",
            f"ca_path {swapped}",
            f"secrets, row 1: key_id {swapped}",
            f"secrets, row 1: selected_repositories {swapped}",
        ],
    )


@pytest.mark.parametrize("text", ["ghp_short", "octo-org/ghost_0123456789abcdefghij", "highp_0123456789abcdefghij"])
def test_a_text_that_only_resembles_a_token_is_kept(text: str) -> None:
    assert fit(MANY, {"repositories": [text]}) == ({"repositories": [text]}, [])


NULL = "is null, which usually means a variable without a value. Set a value, or omit it."


@pytest.mark.parametrize(
    "name", ["repositories", "repository", "repo", "organization", "org", "user", "targets", "token"]
)
def test_a_null_in_an_option_that_chooses_a_scope_fails(name: str) -> None:
    """Otherwise, the secrets of a repository could be written for the user, or for the user of another token."""
    spec = {name: {"type": "list", "elements": "str"} if name == "repositories" else {"type": "str"}}
    assert fit(spec, {name: None}) == ({}, [f"{name} {NULL}"])
    targets = {"targets": {"type": "list", "elements": "dict", "options": spec}}
    assert fit(targets, {"targets": [{name: None}]}) == ({"targets": [{}]}, [f"targets, row 1: {name} {NULL}"])


@pytest.mark.parametrize("name", ["value", "encrypted_value", "value_changed_at", "selected_repositories"])
def test_a_null_instead_of_a_value_fails(name: str) -> None:
    """Otherwise, the present value would be kept without an error."""
    row = {"name": "A", name: None, "update_value": "always"}
    assert fit(MANY, {"secrets": [row]})[1] == [f"secrets, row 1: {name} {NULL}"]
    assert fit(MANY, {"secrets": [{"name": "A", name: None, "state": "absent"}]})[1] == []


@pytest.mark.parametrize("value", [VALUE, [VALUE], {VALUE: VALUE}, 5, None], ids=repr)
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("nam", "name"),
        ("NAME", "name"),
        ("valeu", "value"),
        ("_ansible_update_value", "update_value"),
        ("selected_repos", "selected_repositories"),
        ("encryptedvalue", "encrypted_value"),
        # The names of options in community.general.github_secrets and Terraform.
        ("key", "name"),
        ("plaintext_value", "value"),
        ("selected_repository_ids", "selected_repositories"),
    ],
)
def test_the_error_about_an_unknown_option_suggests_the_nearest_one(name: str, meant: str, value: Any) -> None:
    slip = f"{name} is not an option. Did you mean {meant}?"
    assert fit(MANY, {"secrets": [{name: value}]}) == ({"secrets": [{}]}, [f"secrets, row 1: {slip}"])


def test_the_error_about_an_unknown_option_lists_all_options_if_no_name_is_similar() -> None:
    spec: dict[str, Any] = {"name": {"type": "str", "aliases": ["secret_name"]}, "value": {"type": "raw"}}
    slip = "environment is not an option. The options are name, secret_name, value."
    assert fit(spec, {"environment": VALUE}) == ({}, [slip])


@pytest.mark.parametrize("name", ["hunter2", "correct horse", "ghp_0123", "x" * 41, "", "a\nb", "name "])
def test_an_unknown_option_that_may_be_a_value_is_not_shown(name: str) -> None:
    fitted, input_errors = fit(ONE, {"name": "A", name: "B"})
    assert fitted == {"name": "A"}
    assert [slip.partition(". The options are ")[0] for slip in input_errors] == [
        "an option is unknown, and is not shown, because it may be a value"
    ]


def test_an_unknown_option_is_reported_before_other_mistakes_of_a_row() -> None:
    input_errors = fit(MANY, {"secrets": [{"name": ["A"], "valeu": VALUE}]})[1]
    assert [slip.partition(": ")[2].partition(" ")[0] for slip in input_errors] == ["valeu", "name"]


def test_a_message_contains_the_first_mistakes() -> None:
    assert message_of(["A.", "B."]) == "A. B."
    assert (
        message_of([f"{number}." for number in range(1000)]) == "0. 1. 2. 3. 4. 5. 6. 7. 8. 9. And 990 more mistakes."
    )


def no_log(spec: dict[str, Any], *path: str) -> Any:
    """Return no_log of an option, by the names of the options that it is in."""
    for name in path[:-1]:
        spec = spec[name]["options"]
    return spec[path[-1]].get("no_log")


@pytest.mark.parametrize(
    ("given", "path", "expected"),
    [
        ({}, ("token",), True),
        ({"token": TOKEN}, ("token",), True),
        ({"token": "abc"}, ("token",), False),
        ({"secrets": [ROW]}, ("secrets", "value"), True),
        ({"secrets": [ROW, {"name": "B", "value": "e"}]}, ("secrets", "value"), False),
        ({"secrets": [ROW, {"name": "B", "value": 5}]}, ("secrets", "value"), False),
        ({"secrets": [{"name": "B", "value": " e  \n"}]}, ("secrets", "value"), False),
        ({"secrets": [{"name": "B", "value": "TRUE"}]}, ("secrets", "value"), False),
        ({"secrets": [{"name": "B", "value": "changed"}]}, ("secrets", "value"), False),
        ({"secrets": [{"name": "B", "value": "_item"}]}, ("secrets", "value"), False),
        ({"secrets": [{"name": "B", "value": "unchanged"}]}, ("secrets", "value"), True),
        ({"secrets": [{"name": "B", "value": None}]}, ("secrets", "value"), True),
        ({"secrets": [{"name": "B", "value": "e"}]}, ("secrets", "encrypted_value"), True),
        ({"secrets": [{"name": "B", "value": "e"}]}, ("targets", "secrets", "value"), True),
        ({"targets": [{"secrets": [ROW]}, {"secrets": [{"value": "e"}]}]}, ("targets", "secrets", "value"), False),
        ({"targets": [{"token": "t"}]}, ("targets", "token"), False),
        ({"secrets": "a text"}, ("secrets", "value"), True),
    ],
)
def test_no_log_is_off_for_an_option_with_a_short_or_common_value(
    given: dict[str, Any], path: tuple[str, ...], expected: bool
) -> None:
    before = copy.deepcopy(MANY)
    assert no_log(without_unmaskable(MANY, given), *path) is expected
    assert before == MANY


def test_redacted_options_show_no_secret() -> None:
    row = {"secret_name": "A", "value": 5, "selected_repositories": ["a/b"]}
    assert redacted(MANY, {"token": "t", "fingerprint_key": None, "prune": True, "secrets": [row]}) == {
        "token": "$REDACTED$",
        "fingerprint_key": None,
        "prune": True,
        "secrets": [{"secret_name": "A", "value": "$REDACTED$", "selected_repositories": ["a/b"]}],
    }
    assert redacted(MANY, {"targets": [{"org": "o", "token": "t", "secrets": [{"value": ""}]}]}) == {
        "targets": [{"org": "o", "token": "$REDACTED$", "secrets": [{"value": "$REDACTED$"}]}]
    }
