# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.devex.github.plugins.module_utils._devcontainer import (
    PROVIDED,
    Recommendations,
    Recommended,
    recommended,
)
from ansible_collections.devex.github.plugins.module_utils._errors import Malformed

TOKEN = [Recommended("TOKEN")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", []),
        ('{"name": "app", "secrets": {}}', []),
        ('{"secrets": null}', []),
        ('{"secrets": {"TOKEN": {}}}', TOKEN),
        ('\ufeff{"secrets": {"TOKEN": {},},}\r\n', TOKEN),
        ('// {\n{"secrets": /* { */ {"TOKEN": null}} // }', TOKEN),
        ('{"secrets": {"TOKEN": ["no", "object"]}}', TOKEN),
        ('{"secrets": {"A": {}}, "secrets": {"TOKEN": {"description": "1st"}, "TOKEN": {}}}', TOKEN),
        ('{"a": "\\" // {", "b": "/*", "secrets": {"TOKEN": {}}}', TOKEN),
        (
            '{"secrets": {"A": {"description": "// not a /* comment", "documentationUrl": "https://example.com/a"}}}',
            [Recommended("A", "// not a /* comment", "https://example.com/a")],
        ),
        (
            '{"secrets": {"A": {"description": 1, "documentationUrl": {}}, "B": {"description": ""}}}',
            [Recommended("A"), Recommended("B")],
        ),
        ('{"secrets": {"a-b": {}, "": {}}}', [Recommended("a-b"), Recommended("")]),
    ],
)
def test_a_file_recommends_its_secrets(text: str, found: list[Recommended]) -> None:
    assert recommended(text.encode()) == found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON with comments"),
        (b"// nothing else", "not JSON with comments"),
        (b"{'secrets': {}", "not JSON with comments: line 1"),
        (b'{"secrets": {}} /* open', "not JSON with comments"),
        (b'{"a": 1,, "secrets": {}}', "not JSON with comments"),
        (b'{"a": %s}' % (b"9" * 5000), "not JSON with comments"),
        (b"null", "not an object"),
        (b'"secrets"', "not an object"),
        (b'{"secrets": false}', "its secrets are not an object"),
        (b'{"secrets": ""}', "its secrets are not an object"),
        (b'{"secrets": ["TOKEN"]}', "its secrets are not an object"),
        (b"[" * 10_000, "nested too deeply"),
        (b'{"a": ' * 10_000, "nested too deeply"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b" " * (64 * 1024) + b"{}", "larger than 64 KiB"),
        (b'{"secrets": {%s}}' % b",".join(b'"A%d": {}' % i for i in range(101)), "it recommends 101 secrets"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_a_malformed_file_fails(content: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        recommended(content)


@pytest.mark.parametrize(
    ("content", "lenient"),
    [
        (b'{"image": "x" "secrets": {"TOKEN": {}}}', True),
        (b'{"secrets": {"TOKEN": {}}', True),
        (b'{"a": 1,, "secrets": {}}', True),
        (b"", False),
        (b"// nothing", False),
        (b"[]", False),
        ("{}".encode("utf-16"), False),
    ],
)
def test_only_the_error_about_syntax_mentions_vs_code(content: bytes, lenient: bool) -> None:
    with pytest.raises(Malformed) as caught:
        recommended(content)
    assert ("VS Code may open it all the same" in str(caught.value)) is lenient


@pytest.mark.parametrize("name", sorted(PROVIDED))
def test_a_variable_that_github_sets_is_accepted_as_a_name(name: str) -> None:
    all_together = Recommendations()
    all_together.add("a", [Recommended(name.lower(), "1st")])
    assert (all_together.secrets, all_together.problems) == ({name: Recommended(name, "1st")}, [])


def test_texts_of_several_configurations_are_merged() -> None:
    all_together = Recommendations()
    all_together.add("a", [Recommended("Token")])
    all_together.add("b", [Recommended("TOKEN", "the 1st", None), Recommended("OTHER")])
    all_together.add("c", [Recommended("token", "the 2nd", "https://example.com")])
    assert all_together.secrets == {
        "TOKEN": Recommended("TOKEN", "the 1st", "https://example.com"),
        "OTHER": Recommended("OTHER"),
    }
    assert all_together.problems == []


@pytest.mark.parametrize("name", ["", "1ST", "a-b", "github_x", "GITHUB_", "naïve", "a b", "A\n", "x" * 256])
def test_an_invalid_name_is_reported_as_a_problem(name: str) -> None:
    all_together = Recommendations()
    all_together.add("a", [Recommended(name), Recommended("GOOD")])
    assert [*all_together.secrets] == ["GOOD"]
    (slip,) = all_together.problems
    assert slip.startswith("a: ")
    assert "cannot be the name of a secret" in slip


@given(st.binary(max_size=60) | st.text("{}[]\":,/*\\\n'a1 secrets", max_size=60).map(str.encode))
def test_any_content_is_recommended_or_malformed(content: bytes) -> None:
    try:
        found = recommended(content)
    except Malformed:
        return
    assert all(isinstance(one.name, str) for one in found)
