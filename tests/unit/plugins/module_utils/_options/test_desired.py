# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import re
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._model import Access, Desired, Value
from ansible_collections.devex.github.plugins.module_utils._options import desired as _options
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import SECRET

LIMIT = 48 * 1024
OVERHEAD = 48


def desired(**options: Any) -> Desired:
    return _options.desired_secret({**SECRET, **options})


def sealed(size: int) -> str:
    """Return base64 with the length of a sealed box, for a plaintext of so many bytes."""
    return base64.b64encode(b"\xfb" * (size + OVERHEAD)).decode()


# --- names ---


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        pytest.param("TOKEN", "TOKEN", id="upper case"),
        pytest.param("npm_Token2", "NPM_TOKEN2", id="any case"),
        pytest.param("_", "_", id="an underscore"),
        pytest.param("GITHUB", "GITHUB", id="GITHUB alone"),
        pytest.param("MY_GITHUB_TOKEN", "MY_GITHUB_TOKEN", id="GITHUB_ further on"),
    ],
)
def test_a_good_name_is_stored_in_upper_case(name: str, stored: str) -> None:
    assert _options.secret_name(name) == stored
    assert desired(name=name).name == stored


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="nothing"),
        pytest.param("2FA", id="a digit in front"),
        pytest.param("MY-TOKEN", id="a hyphen"),
        pytest.param("MY TOKEN", id="a blank"),
        pytest.param("TOKEN\n", id="a line break at the end"),
        pytest.param("TOKEN٣", id="a digit other than ASCII"),
        pytest.param("TÖKEN", id="a letter other than ASCII"),
        pytest.param("../TOKEN", id="a path"),
        pytest.param("GITHUB_TOKEN", id="GITHUB_ in front"),
        pytest.param("github_token", id="github_ in lower case"),
        pytest.param("GitHub_", id="GitHub_ and nothing more"),
        pytest.param("github_pat_0123", id="a token"),
        pytest.param("A" * 256, id="256 letters"),
    ],
)
def test_an_invalid_name_fails_without_being_shown(name: str) -> None:
    with pytest.raises(
        InputError, match=r"^name is not allowed: .* Check that name and value are not swapped"
    ) as caught:
        desired(name=name)
    assert not name or name not in str(caught.value).replace("begin with GITHUB_", "")


# --- lists of secrets ---


def rows(count: int, state: str = "present") -> list[dict[str, Any]]:
    return [{**SECRET, "name": f"{state}_{i}", "state": state} for i in range(count)]


def test_a_list_keeps_its_order() -> None:
    names = [secret.name for secret in _options.desired_secrets(reversed(rows(3)), ["actions"])["actions"]]
    assert names == ["PRESENT_2", "PRESENT_1", "PRESENT_0"]


def test_a_name_listed_twice_fails_in_any_case() -> None:
    with pytest.raises(InputError, match=r"listed more than once: TOKEN\. .* case does not matter\.$"):
        _options.desired_secrets([SECRET, {**SECRET, "name": "OTHER"}, {**SECRET, "name": "token"}], ["actions"])


# --- requests at once ---


@pytest.mark.parametrize("number", [1, 100])
def test_a_valid_concurrency_is_accepted(number: int) -> None:
    assert _options.concurrency({"concurrency": number}) == number


@pytest.mark.parametrize("number", [-1, 0, 101])
def test_a_concurrency_out_of_bounds_fails(number: int) -> None:
    with pytest.raises(InputError, match="from 1 to 100"):
        _options.concurrency({"concurrency": number})


# --- repositories ---

GOOD_REPOSITORIES = ["octo/web", "o/r", "Octo-Org/.github", "0cto/a.b_c-D", "octo/...", "octo_short/r"]
BAD_REPOSITORIES = [
    pytest.param("", id="nothing"),
    pytest.param("web", id="no owner"),
    pytest.param("octo/", id="no name"),
    pytest.param("/web", id="an empty owner"),
    pytest.param("octo/web/tree", id="three parts"),
    pytest.param("octo/web\n", id="a line break at the end"),
    pytest.param("octo /web", id="a blank"),
    pytest.param("octo/..", id="the directory above"),
    pytest.param("octo/.", id="the directory itself"),
    pytest.param("../web", id="an owner of dots"),
    pytest.param("octo/web?x=1", id="a query"),
    pytest.param("octo/web#1", id="a fragment"),
    pytest.param("octo/wéb", id="a letter other than ASCII"),
    pytest.param('octo/we"b', id="a quote"),
    pytest.param("https://github.com/octo/web", id="an address"),
    pytest.param("octo/web.git", id="the end of an address"),
]


@pytest.mark.parametrize("name", GOOD_REPOSITORIES)
def test_a_valid_repository_is_unchanged(name: str) -> None:
    assert _options.repository_name(name) == name
    assert _options.repository_entries([name]) == (name,)


@pytest.mark.parametrize("name", BAD_REPOSITORIES)
def test_an_invalid_repository_fails(name: str) -> None:
    with pytest.raises(InputError, match="OWNER/REPO"):
        _options.repository_name(name)
    with pytest.raises(InputError, match="OWNER/REPO"):
        _options.repository_names(["octo/web", name])
    with pytest.raises(InputError, match="OWNER/REPO"):
        _options.repository_entries(["octo/web", name])


def test_spaces_after_commas_are_ignored() -> None:
    # Ansible splits a text at commas in this way.
    assert _options.repository_names(["octo/web", " octo/api", "octo/web "]) == ("octo/web", "octo/api")
    assert _options.repository_entries(["octo/web", " 2", " octo/web"]) == ("octo/web", "2")


def test_every_invalid_repository_of_a_list_is_named() -> None:
    with pytest.raises(InputError, match=r"'web', 'octo/'"):
        _options.repository_entries(["web", "octo/web", "octo/"])


def test_a_url_is_not_shown_and_its_repository_is_suggested() -> None:
    address = "https://me:S3cr@github.com/octo/web.git"
    with pytest.raises(InputError, match=r"^The repository \(an address\) is not .* Write octo/web\.$") as caught:
        _options.repository_name(address)
    assert "S3cr" not in str(caught.value)
    with pytest.raises(
        InputError, match=r"'octo/api\.git' \(write octo/api\), \(an address\) \(write octo/web\)"
    ) as caught:
        _options.repository_entries(["octo/api.git", address])
    assert "S3cr" not in str(caught.value)


def test_only_lists_of_access_accept_repository_ids() -> None:
    assert _options.repository_entries(["1296269", "octo/web", "1296269"]) == ("1296269", "octo/web")
    with pytest.raises(InputError, match="OWNER/REPO"):
        _options.repository_name("1296269")


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param("٣", id="digits other than ASCII"),
        pytest.param("²", id="a superscript"),
        pytest.param("-1", id="a negative number"),
        pytest.param("1.0", id="a fraction"),
        pytest.param("9" * 5000, id="more digits than an integer can be made of"),
    ],
)
def test_an_invalid_repository_id_fails(entry: str) -> None:
    with pytest.raises(InputError, match="numeric ID"):
        _options.repository_entries([entry])


@pytest.mark.parametrize(
    ("names", "once"),
    [
        pytest.param(["octo/web", "octo/api"], ("octo/web", "octo/api"), id="in the order given"),
        pytest.param(["octo/web", "octo/api", "octo/api"], ("octo/web", "octo/api"), id="one twice"),
        pytest.param(["Octo/Web", "octo/api", "octo/web"], ("Octo/Web", "octo/api"), id="as the first is"),
        pytest.param([], (), id="none"),
    ],
)
def test_duplicate_repositories_are_removed(names: list[str], once: tuple[str, ...]) -> None:
    assert _options.repository_names(names) == once


@pytest.mark.parametrize("name", ["octo", "Octo-Org", "0cto", "octo_short"])
def test_a_valid_organization_is_unchanged(name: str) -> None:
    assert _options.organization_name(name) == name


@pytest.mark.parametrize("name", ["", "octo/web", "-octo", "octo\n", "öcto", "..", "octo?"])
def test_an_invalid_organization_fails(name: str) -> None:
    with pytest.raises(InputError, match=re.escape(repr(name))):
        _options.organization_name(name)


# --- access ---


def test_access_is_kept_if_the_option_is_unset() -> None:
    assert desired().access is None
    assert desired(selected_repositories=None).access is None
    assert desired(selected_repositories=[]).access == Access((), "exact")
    assert desired(selected_repositories=["octo/web", "2"]).access == Access(("octo/web", "2"), "exact")


@pytest.mark.parametrize("visibility", [None, "selected"])
def test_a_list_is_accepted_with_visibility_selected(visibility: str | None) -> None:
    secret = desired(selected_repositories=["octo/web"], visibility=visibility)
    assert (secret.access, secret.visibility) == (Access(("octo/web",)), visibility)


@pytest.mark.parametrize("visibility", ["all", "private"])
@pytest.mark.parametrize("repositories", [["octo/web"], []], ids=["one", "none"])
def test_a_list_fails_with_another_visibility(repositories: list[str], visibility: str) -> None:
    with pytest.raises(InputError, match=f"TOKEN: .*visibility=selected, not {visibility}"):
        desired(selected_repositories=repositories, visibility=visibility)


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_the_state_of_a_list_is_its_mode(state: str) -> None:
    options = {"name": "token", "selected_repositories": ["octo/web", "2", "2"], "state": state}
    assert _options.desired_access(options) == Desired("TOKEN", access=Access(("octo/web", "2"), state))


# --- values ---


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("s3cret", id="text"),
        pytest.param(" ", id="a blank"),
        pytest.param("-----BEGIN-----\nabc\n", id="several lines"),
        pytest.param("a" * LIMIT, id="48 KiB"),
        pytest.param("é" * (LIMIT // 2), id="48 KiB of two bytes each"),
        pytest.param("🔑" * (LIMIT // 4), id="48 KiB of four bytes each"),
        pytest.param("nul\0inside", id="a NUL"),
    ],
)
def test_a_valid_value_is_unchanged(value: str) -> None:
    assert desired(value=value).value == Value(value)


def test_a_value_may_be_missing() -> None:
    assert desired().value is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param("", "the value is empty", id="empty"),
        pytest.param("\n", "the value is empty", id="what YAML keeps of an empty block"),
        pytest.param(
            "S3cr $ANSIBLE_VAULT;1.1;AES256", "Ansible Vault ciphertext, .* seal .* encrypted_value", id="a vault"
        ),
        pytest.param("ENC[AES256_GCM,data:S3cr", "sops ciphertext, not the secret", id="sops"),
        pytest.param("S3cr$REDACTED$", "a mask that Ansible shows", id="a mask"),
        pytest.param("S3cr" + "a" * (LIMIT - 3), f"{LIMIT + 1} bytes", id="a byte too much"),
        pytest.param("S3cr" + "a" * (LIMIT - 5) + "é", f"{LIMIT + 1} bytes", id="half a letter too much"),
        pytest.param("S3cr\udcff", "not valid Unicode", id="a lone surrogate"),
        pytest.param(20261, r"text, not int\. Put it in quotes.* template, add \| string", id="a number"),
        pytest.param(True, "text, not bool", id="a boolean"),
        pytest.param(1.5, "text, not float", id="a fraction"),
        pytest.param(["S3cr"], "text, not list", id="a list"),
        pytest.param({"S3cr": 1}, "text, not dict", id="a mapping"),
        pytest.param(b"S3cr", "text, not bytes", id="bytes"),
    ],
)
def test_an_invalid_value_fails_without_being_shown(value: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^TOKEN: .*{message}") as caught:
        desired(value=value)
    assert "S3cr" not in str(caught.value)
    assert not str(value).strip() or str(value) not in str(caught.value)
    # With -vvv, Ansible also shows the cause of an exception.
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize("value", ["", "$REDACTED$"])
def test_an_absent_secret_requires_no_value(value: str) -> None:
    assert desired(value=value, state="absent").state == "absent"


@pytest.mark.parametrize("size", [1, LIMIT])
def test_a_sealed_value_has_its_key_id(size: int) -> None:
    assert desired(encrypted_value=sealed(size), key_id="key-1").value == Value(sealed(size), "key-1")


@pytest.mark.parametrize(
    ("encrypted_value", "key_id", "message"),
    [
        pytest.param(sealed(1), "\udc80", "key_id is not valid", id="a key_id of a surrogate"),
        pytest.param(sealed(1), "1 2", "key_id is not valid", id="a key_id with a blank"),
        pytest.param(sealed(1), "", "key_id is not valid", id="an empty key_id"),
        pytest.param("", "key-1", "not a sealed box in base64", id="nothing"),
        pytest.param(sealed(0), "key-1", "the sealed value is empty", id="nothing, sealed"),
        pytest.param("S3cr!!", "key-1", "not a sealed box in base64", id="not base64"),
        pytest.param("S3crét", "key-1", "not a sealed box in base64", id="not ASCII"),
        pytest.param(sealed(1) + "\n", "key-1", "not a sealed box in base64", id="a line break"),
        pytest.param(sealed(1).rstrip("="), "key-1", "not a sealed box in base64", id="no padding"),
        pytest.param(sealed(1).replace("+", "-"), "key-1", "not a sealed box in base64", id="base64 for addresses"),
        pytest.param(sealed(-1), "key-1", "not a sealed box in base64", id="shorter than any sealed box"),
        pytest.param(sealed(LIMIT + 1), "key-1", f"{LIMIT + 1} bytes", id="a byte too much"),
    ],
)
def test_an_invalid_sealed_value_fails(encrypted_value: str, key_id: str | None, message: str) -> None:
    with pytest.raises(InputError, match=f"^TOKEN: .*{message}") as caught:
        desired(encrypted_value=encrypted_value, key_id=key_id)
    assert not encrypted_value or encrypted_value not in str(caught.value)


def test_no_representation_contains_a_value() -> None:
    assert "s3cret" not in repr(desired(value="s3cret"))
    assert sealed(1) not in repr(desired(encrypted_value=sealed(1), key_id="key-1"))


@pytest.mark.parametrize("text", ["2026-03-10T12:00:00Z", "2026-03-10T14:00:00.5+02:00", "2026-03-10 14:00:00 +0200"])
def test_value_changed_at_is_parsed(text: str) -> None:
    assert desired(value_changed_at=text).value_changed_at == datetime(2026, 3, 10, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize("text", ["2026-03-10T12:00:00", "2026-03-10", "", "soon", "1773144000"])
def test_value_changed_at_fails_without_an_offset(text: str) -> None:
    with pytest.raises(InputError, match=r"TOKEN: value_changed_at must be .* with an offset"):
        desired(value_changed_at=text)


# --- the store ---
