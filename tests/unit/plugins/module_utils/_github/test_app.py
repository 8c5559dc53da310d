# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures of a GitHub App."""

from __future__ import annotations

import sys
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ansible_collections.devex.github.plugins.module_utils._errors import (
    InputError,
    MissingLibrary,
)
from ansible_collections.devex.github.plugins.module_utils._github.app import AppKey, sign
from ansible_collections.devex.github.plugins.module_utils._github.transport import App
from ansible_collections.devex.github.plugins.module_utils._time import from_seconds

NOW = 1_800_000_000


def private(key: Any, encryption: Any = None) -> str:
    return str(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            encryption or serialization.NoEncryption(),
        ).decode()
    )


KEY = rsa.generate_private_key(65537, 2048)
APP = App(7, private(KEY))


def test_a_signature_is_valid_for_nine_minutes_from_a_minute_ago() -> None:
    claims = jwt.decode(sign(APP, NOW + 0.9), KEY.public_key(), ["RS256"], options={"verify_iat": False})

    assert claims == {"iss": "7", "iat": NOW - 60, "exp": NOW + 540}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("no key", id="no PEM"),
        pytest.param("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", id="damaged"),
        pytest.param(private(ec.generate_private_key(ec.SECP256R1())), id="another kind"),
        pytest.param(private(KEY, serialization.BestAvailableEncryption(b"pass")), id="encrypted"),
    ],
)
def test_an_unusable_key_is_an_input_error_without_the_key(text: str) -> None:
    with pytest.raises(InputError, match=r"^app_private_key is not a usable key\.") as caught:
        sign(App(7, text), NOW)
    assert caught.value.__cause__ is None
    assert text.splitlines()[-1] not in str(caught.value)


@pytest.mark.parametrize(
    ("clock", "text"),
    [
        (NOW, "Check that app_private_key is a current key of the GitHub App 7, and app_id is right."),
        (NOW + 57, "Check that app_private_key"),
        (NOW + 62, "The clock of this machine is 62 s ahead of GitHub's"),
        (NOW + 3600, "The clock of this machine is 3600 s ahead of GitHub's"),
        (NOW - 300, "Check that app_private_key"),
        (NOW - 537, "Check that app_private_key"),
        (NOW - 540, "The clock of this machine is 540 s behind GitHub's"),
    ],
)
def test_the_advice_after_a_401_depends_on_the_clock(clock: float, text: str) -> None:
    assert text in AppKey(APP, lambda: clock).advice(from_seconds(NOW))


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)

    with pytest.raises(MissingLibrary) as caught:
        sign(APP, NOW)
    assert caught.value.library == "pyjwt[crypto]>=2"


def test_an_old_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # PyJWT 1 returned bytes.
    monkeypatch.setattr(jwt, "encode", lambda *args, **kwargs: b"eyJ")
    monkeypatch.setattr(jwt, "__version__", "1.7.1")

    with pytest.raises(MissingLibrary) as caught:
        sign(APP, NOW)
    assert caught.value.library == "pyjwt[crypto]>=2"
    assert caught.value.trace == "PyJWT 1.7.1 is too old. Version 2 or newer is required."
