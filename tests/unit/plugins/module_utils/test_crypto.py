# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest

from ansible_collections.devex.github.plugins.module_utils._crypto import SEAL_OVERHEAD, seal
from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import VALUES, KeyPair

KEY = KeyPair()


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_sealed_value_opens_with_the_private_key(value: str) -> None:
    sealed = seal(value, KEY.key)
    assert KEY.open(sealed) == value
    assert len(base64.b64decode(sealed, validate=True)) == len(value.encode()) + SEAL_OVERHEAD


def test_a_value_is_sealed_differently_each_time() -> None:
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
def test_an_invalid_key_fails_without_showing_the_value(key: str) -> None:
    with pytest.raises(GitHubError, match="public key") as caught:
        seal("s3cret", key)
    assert "s3cret" not in str(caught.value)
