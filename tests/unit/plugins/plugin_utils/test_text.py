# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from jinja2 import StrictUndefined, UndefinedError

from ansible_collections.devex.github.plugins.plugin_utils._text import text


class Vaulted:
    """Imitate the vaulted text of ansible-core 2.18."""

    __ENCRYPTED__ = True

    def __str__(self) -> str:
        return "plain"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a", "a"),
        ("", ""),
        (Vaulted(), "plain"),
        (b"a", None),
        (7, None),
        (None, None),
        (["a"], None),
        ({"a": 1}, None),
    ],
)
def test_text_and_vaulted_text_are_text(value: object, found: str | None) -> None:
    assert text(value) == found


def test_an_undefined_variable_is_named() -> None:
    with pytest.raises(UndefinedError, match="'not_there' is undefined"):
        text(StrictUndefined(name="not_there"))
