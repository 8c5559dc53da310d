# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import secrets

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._record import key

KEY = "8f14e45fceea167a5a36dedd4bea2543"


@pytest.mark.parametrize("size", [16, 32, 64])
def test_a_random_key_is_accepted(size: int) -> None:
    text = secrets.token_hex(size)
    assert key.parse(text) == bytes.fromhex(text)


@pytest.mark.parametrize("text", [KEY, KEY.upper(), f"{KEY}\n", f" {KEY} "])
def test_case_and_surrounding_spaces_are_ignored(text: str) -> None:
    assert key.parse(text) == bytes.fromhex(KEY)


def test_an_unset_key_is_accepted() -> None:
    assert key.parse(None) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("\n", id="a line break"),
        pytest.param(KEY[2:], id="120 bits"),
        pytest.param(KEY[1:], id="124 bits"),
        pytest.param(f"{KEY}a", id="half a byte too many"),
        pytest.param(f"{KEY[:16]} {KEY[16:]}", id="a blank inside"),
        pytest.param(f"0x{KEY}", id="a prefix"),
        pytest.param("correct horse battery staple, and a lot more of it", id="a sentence"),
        pytest.param("8J+UkfCflJHwn5SR8J+UkfCflJHwn5SR8J+UkfCflJE=", id="base64"),
        pytest.param("٣" * 64, id="digits of another alphabet"),
        pytest.param(secrets.token_hex(65), id="65 bytes"),
        pytest.param("00" * 32, id="zeros"),
        pytest.param("deadbeef" * 8, id="a word"),
        pytest.param("0123456789abcdef" * 4, id="all digits in turn"),
        pytest.param(bytes(range(32)).hex(), id="all bytes in turn"),
        pytest.param(bytes(range(64, 0, -2)).hex(), id="counting down"),
    ],
)
def test_a_weak_key_is_rejected_without_being_shown(text: str) -> None:
    with pytest.raises(InputError, match=r"^fingerprint_key .*openssl rand -hex 32") as caught:
        key.parse(text)
    assert not text.strip() or text.strip() not in str(caught.value)
