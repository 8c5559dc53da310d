# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.devex.github.plugins.module_utils._validation import shortened


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("short", 5, "short"),
        ("", 5, ""),
        ("two words", 8, "two…"),
        ("two words", 9, "two words"),
        ("some more words", 10, "some more…"),
        ("some more, words", 11, "some more…"),
        ("x" * 20, 10, "x" * 9 + "…"),
        ("a " + "x" * 20, 10, "a xxxxxxx…"),
        ("line\nbreak and more", 12, "line break…"),
    ],
)
def test_a_text_is_cut_between_words(text: str, most: int, shown: str) -> None:
    assert shortened(text, most) == shown
    assert len(shown) <= most
