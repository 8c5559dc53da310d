# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable

import pytest

from ansible_collections.devex.github.plugins.module_utils._model import Value
from ansible_collections.devex.github.plugins.module_utils._record.fingerprint import Fingerprints
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import VALUES


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_fingerprint_matches_its_value(value: str) -> None:
    fingerprint = Fingerprints().make("TOKEN", value)
    assert Fingerprints().matches("TOKEN", value, fingerprint)


@pytest.mark.parametrize("other", ["", "s3cret ", "S3CRET", "s3cre", "s3cret\0", "s3cret\n"])
def test_a_fingerprint_does_not_match_another_value(other: str) -> None:
    assert not Fingerprints().matches("TOKEN", other, Fingerprints().make("TOKEN", "s3cret"))


def test_a_fingerprint_is_slow_to_guess_and_does_not_show_the_value() -> None:
    fingerprint = Fingerprints().make("TOKEN", "s3cret")
    # OWASP's minimum is Argon2id with 7 MiB and 5 passes.
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


@pytest.mark.parametrize(
    ("change", "matches"),
    [
        pytest.param(("m=7168,t=5", "m=7168,t=5"), True, id="as it was made"),
        pytest.param(("m=7168", "m=4194304"), False, id="4 GiB"),
        pytest.param(("t=5", "t=99"), False, id="passes that take long"),
        pytest.param(("t=5", "t=4294967295"), False, id="passes that take for ever"),
    ],
)
def test_an_expensive_hash_is_not_verified(change: tuple[str, str], matches: bool) -> None:
    fingerprint = Fingerprints().make("TOKEN", "s3cret").replace(*change)
    started = time.monotonic()
    assert Fingerprints().matches("TOKEN", "s3cret", fingerprint) is matches
    assert time.monotonic() - started < 5


# --- with a key ---

KEY = bytes(range(100, 132))
OTHER_KEY = bytes(range(101, 133))


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_keyed_fingerprint_matches_its_value_and_no_other(value: str) -> None:
    fingerprint = Fingerprints(KEY).make("TOKEN", value)
    assert Fingerprints(KEY).matches("TOKEN", value, fingerprint)
    assert not Fingerprints(KEY).matches("TOKEN", f"{value} ", fingerprint)


def test_a_keyed_fingerprint_is_salted_blake2b() -> None:
    dummy, algorithm, salt, digest = Fingerprints(KEY).make("TOKEN", "s3cret").split("$")
    assert algorithm == "blake2b"
    of = hashlib.blake2b(b"s3cret", digest_size=32, key=KEY, salt=base64.b64decode(f"{salt}=="), person=b"devex.github")
    assert base64.b64decode(f"{digest}=") == of.digest()


def test_every_keyed_fingerprint_has_a_separate_salt() -> None:
    fingerprints = Fingerprints(KEY)
    made = {fingerprints.make("TOKEN", "s3cret") for dummy in range(10)}
    assert len({fingerprint.split("$")[2] for fingerprint in made}) == 10


def test_a_keyed_fingerprint_matches_with_its_key_only() -> None:
    fingerprint = Fingerprints(KEY).make("TOKEN", "s3cret")
    for key in (OTHER_KEY, KEY[:16], KEY + b"\0", None):
        assert not Fingerprints(key).matches("TOKEN", "s3cret", fingerprint)


@pytest.mark.parametrize("change", [lambda text: text[:-1], lambda text: text + "A", lambda text: text[:-1] + "="])
def test_a_damaged_keyed_fingerprint_matches_nothing(change: Callable[[str], str]) -> None:
    fingerprint = change(Fingerprints(KEY).make("TOKEN", "s3cret"))
    assert not Fingerprints(KEY).matches("TOKEN", "s3cret", fingerprint)


def test_a_fingerprint_without_a_key_matches_and_is_unkeyed() -> None:
    slow = Fingerprints().make("TOKEN", "s3cret")
    fingerprints = Fingerprints(KEY)
    assert fingerprints.matches("TOKEN", "s3cret", slow)
    assert not fingerprints.matches("TOKEN", "another", slow)
    assert fingerprints.is_unkeyed(slow)
    assert not fingerprints.is_unkeyed(fingerprints.make("TOKEN", "s3cret"))
    assert not Fingerprints().is_unkeyed(slow)
