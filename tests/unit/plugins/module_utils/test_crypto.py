# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest

from ansible_collections.devex.github.plugins.module_utils._crypto import SEAL_OVERHEAD, Fingerprints, seal
from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError
from ansible_collections.devex.github.plugins.module_utils._model import Value
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import KeyPair

KEY = KeyPair()

VALUES = {
    "a word": "s3cret",
    "nothing": "",
    "several lines": "-----BEGIN-----\r\nabc\n\n",
    "blanks around": " s3cret\t",
    "beyond ASCII": "pässwörd 🔑",
    "a NUL": "nul\0inside",
    "48 KiB": "é" * (24 * 1024),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_what_was_sealed_opens_with_the_private_key(value: str) -> None:
    sealed = seal(value, KEY.key)
    assert KEY.open(sealed) == value
    assert len(base64.b64decode(sealed, validate=True)) == len(value.encode()) + SEAL_OVERHEAD


def test_the_same_value_is_never_sealed_the_same() -> None:
    assert seal("s3cret", KEY.key) != seal("s3cret", KEY.key)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("", id="nothing"),
        pytest.param("not base64!", id="not base64"),
        pytest.param("schlüssel", id="not ASCII"),
        pytest.param(base64.b64encode(b"k" * 31).decode(), id="a byte too few"),
        pytest.param(base64.b64encode(b"k" * 33).decode(), id="a byte too many"),
        pytest.param(KEY.key.rstrip("="), id="no padding"),
        pytest.param(base64.b64encode(bytes(32)).decode(), id="zeros, for which nothing can be sealed"),
    ],
)
def test_a_bad_key_is_an_error_that_does_not_show_the_value(key: str) -> None:
    with pytest.raises(GitHubError, match="public key") as caught:
        seal("s3cret", key)
    assert "s3cret" not in str(caught.value)


# --- fingerprints ---


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_fingerprint_matches_its_value(value: str) -> None:
    fingerprint = Fingerprints().make("TOKEN", value)
    assert Fingerprints().matches("TOKEN", value, fingerprint)


@pytest.mark.parametrize("other", ["", "s3cret ", "S3CRET", "s3cre", "s3cret\0", "s3cret\n"])
def test_a_fingerprint_does_not_match_another_value(other: str) -> None:
    assert not Fingerprints().matches("TOKEN", other, Fingerprints().make("TOKEN", "s3cret"))


def test_a_fingerprint_is_slow_to_guess_and_does_not_show_the_value() -> None:
    fingerprint = Fingerprints().make("TOKEN", "s3cret")
    # OWASP's minimum: Argon2id with 7 MiB and 5 passes.
    assert fingerprint.startswith("$argon2id$v=19$m=7168,t=5,p=1$")
    assert "s3cret" not in fingerprint


def test_a_fingerprint_is_salted() -> None:
    assert Fingerprints().make("TOKEN", "s3cret") != Fingerprints().make("TOKEN", "s3cret")


def test_one_name_and_value_have_one_fingerprint() -> None:
    fingerprints = Fingerprints()
    fingerprint = fingerprints.make("TOKEN", "s3cret")
    assert fingerprints.make("TOKEN", "s3cret") == fingerprint
    assert fingerprints.make("OTHER", "s3cret") != fingerprint
    assert fingerprints.make("TOKEN", "s3cret2") != fingerprint


def test_a_fingerprint_that_matched_is_used_again() -> None:
    recorded = Fingerprints().make("TOKEN", "s3cret")
    fingerprints = Fingerprints()
    assert fingerprints.matches("TOKEN", "s3cret", recorded)
    assert fingerprints.make("TOKEN", "s3cret") == recorded
    assert fingerprints.make("OTHER", "s3cret") != recorded


def test_a_fingerprint_that_did_not_match_is_not_used_again() -> None:
    recorded = Fingerprints().make("TOKEN", "s3cret")
    fingerprints = Fingerprints()
    assert not fingerprints.matches("TOKEN", "other", recorded)
    assert fingerprints.make("TOKEN", "other") != recorded


@pytest.mark.parametrize(
    "fingerprint",
    [
        "",
        "odd",
        "$argon2id$",
        "$argon2id$v=19$m=7168,t=5,p=1$c2FsdA$",
        "$argon2i$v=19$m=8,t=1,p=1$YQ$YQ",
        "é",
        "x" * 200,
    ],
)
def test_a_corrupt_fingerprint_matches_nothing(fingerprint: str) -> None:
    assert not Fingerprints().matches("TOKEN", "s3cret", fingerprint)


def test_a_truncated_fingerprint_matches_nothing() -> None:
    fingerprint = Fingerprints().make("TOKEN", "s3cret")
    assert not Fingerprints().matches("TOKEN", "s3cret", fingerprint[:-1])


def test_a_sealed_value_is_not_taken_for_a_plaintext() -> None:
    identities = [value.identity for value in (Value("abc"), Value("abc", "1"), Value("abc", "2"), Value("1abc"))]
    assert len(set(identities)) == 4
