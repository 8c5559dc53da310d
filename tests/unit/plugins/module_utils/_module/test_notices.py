# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._engine.estimate import Estimate
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._engine.plan import plan
from ansible_collections.devex.github.plugins.module_utils._engine.view import View
from ansible_collections.devex.github.plugins.module_utils._model import Access, Desired, Repository, Secret, Value
from ansible_collections.devex.github.plugins.module_utils._module.notices import hour_notices, notices
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import GITHUB

REPOSITORY = _scope.repository("octo/web")
ORGANIZATION = _scope.organization("octo")
WEB = Access(("octo/web",))


def item_of(scope: Scope, desired: Desired, current: Secret | None = None, reason: str = "created") -> Item:
    """Return an item with a plan."""
    item = Item(GITHUB, scope, desired, current, None, View("TOKEN"))
    item.plan = plan(scope, desired, current, reason, {"octo/web": Repository(7, "octo/web")})
    return item


def written(text: str, name: str = "TOKEN", key_id: str | None = None) -> Item:
    return item_of(REPOSITORY, Desired(name, value=Value(text, key_id)))


# --- line breaks ---


@pytest.mark.parametrize(
    "text",
    ["s3cret\n", "s3cret\r\n", "\n", "s3cret\n\n", "s3 cret \n"],
    ids=["LF", "CRLF", "nothing else", "two of them", "blanks"],
)
def test_a_line_with_a_line_break_causes_a_warning_without_its_text(text: str) -> None:
    (message,) = notices([written(text)])
    assert message.startswith(
        "Values of one line end in a line break, which most tokens must not have: TOKEN. To remove"
    )
    assert "s3" not in message


@pytest.mark.parametrize("text", ["s3cret", "two\nlines\n", "two\r\nlines\r\n", " s3cret ", "s3cret\t"])
def test_other_values_cause_no_warning(text: str) -> None:
    assert notices([written(text)]) == []


def test_a_sealed_value_causes_no_warning() -> None:
    assert notices([written("AAAA\n", key_id="1")]) == []


def test_an_unchanged_value_causes_no_warning() -> None:
    desired = Desired("TOKEN", value=Value("s3cret\n"))
    assert notices([item_of(REPOSITORY, desired, Secret("TOKEN"), "unchanged")]) == []


def test_many_secrets_are_named_in_one_warning() -> None:
    items = [written("s3cret\n", f"TOKEN_{number}") for number in range(200)]
    (message,) = notices([*items, *items])
    assert "TOKEN_0, TOKEN_1, TOKEN_2 and 197 more" in message
    assert len(message) < 400


# --- texts in Python's notation ---


@pytest.mark.parametrize("text", ["{'type': 'account', 'x': None}", "['a', 'b']", "[{'a': True}]\n"])
def test_a_python_text_causes_a_warning_without_its_text(text: str) -> None:
    (message,) = [line for line in notices([written(text)]) if "not valid JSON" in line]
    assert "a Python mapping or list, which is not valid JSON: TOKEN. To pass JSON, use the filter to_json" in message
    assert "account" not in message


@pytest.mark.parametrize("text", ['{"a": "\'b\'"}', "[1, 2]", "{'", "{'a': 1} and more", "'a'", '["a"]'])
def test_json_and_other_texts_cause_no_warning(text: str) -> None:
    assert notices([written(text)]) == []


# --- repositories ---

VALUE = Value("s3cret")


@pytest.mark.parametrize(
    ("item", "message"),
    [
        pytest.param(item_of(_scope.user(), Desired("A", value=VALUE)), "A (user)", id="of the user"),
        pytest.param(
            item_of(_scope.user(), Desired("A", value=VALUE, access=Access(()))), "A (user)", id="an empty list"
        ),
        pytest.param(
            item_of(ORGANIZATION, Desired("A", value=VALUE, visibility="selected")), "A (org:octo)", id="organization"
        ),
        pytest.param(
            item_of(ORGANIZATION, Desired("A", visibility="selected"), Secret("A", visibility="all"), "unmanaged"),
            "A (org:octo)",
            id="selected from now on",
        ),
        pytest.param(item_of(_scope.user(), Desired("A", value=VALUE, access=WEB)), None, id="given to one"),
        pytest.param(item_of(ORGANIZATION, Desired("A", value=VALUE)), None, id="private"),
        pytest.param(written("s3cret"), None, id="of a repository"),
        pytest.param(
            item_of(_scope.user(), Desired("A", value=VALUE), Secret("A", visibility="selected"), "forced"),
            None,
            id="an existing secret, whose list does not change",
        ),
        pytest.param(
            item_of(
                _scope.user(),
                Desired("A", access=Access(())),
                Secret("A", visibility="selected", repositories=(Repository(7),)),
                "unmanaged",
            ),
            None,
            id="taken from all",
        ),
        pytest.param(
            item_of(_scope.user(), Desired("A", state="absent"), Secret("A", visibility="selected")), None, id="deleted"
        ),
    ],
)
def test_a_new_secret_with_an_empty_list_causes_a_warning(item: Item, message: str | None) -> None:
    found = notices([item])
    assert len(found) == (message is not None)
    assert all(f"list of repositories is empty: {message}. Set selected_repositories" in text for text in found)


# --- controllers that overwrite each other ---


def compared(reason: str, *, update_value: str = "on_change") -> Item:
    desired = Desired("TOKEN", value=Value("text"), update_value=update_value)
    return Item(GITHUB, _scope.user(), desired, Secret("TOKEN"), None, View("TOKEN"), reason=reason)


@pytest.mark.parametrize(
    ("reasons", "warns"),
    [
        pytest.param(["not_recorded"] * 10, True, id="all not recorded"),
        pytest.param(["updated_elsewhere"] * 10, True, id="all edited elsewhere"),
        pytest.param(["updated_elsewhere"] * 9, False, id="too few to warn"),
        pytest.param(["updated_elsewhere"] * 3 + ["not_recorded"] * 3 + ["unchanged"] * 5, True, id="most"),
        pytest.param(["updated_elsewhere"] * 5 + ["unchanged"] * 5, False, id="half of them"),
        pytest.param(["value_changed"] * 10 + ["updated_elsewhere"] * 5, False, id="most are new"),
        pytest.param(["left_as_edited"] * 10, False, id="left"),
        pytest.param(["unchanged"] * 100 + ["not_recorded"] * 20, False, id="some of many"),
    ],
)
def test_controllers_that_overwrite_each_other_cause_a_warning(reasons: list[str], warns: bool) -> None:
    found = notices([compared(reason) for reason in reasons])
    assert len(found) == warns
    for message in found:
        written = sum(reason in ("not_recorded", "updated_elsewhere") for reason in reasons)
        assert message.startswith(f"{written} of {len(reasons)} values")
        for way_out in ("fingerprints", "update_value=on_new_value", "value_changed_at", "update_value=adopt"):
            assert way_out in message


def test_only_compared_values_count_for_the_warning() -> None:
    new = [replace(compared("created"), current=None) for dummy in range(20)]
    forced = [compared("forced", update_value="always") for dummy in range(20)]
    assert notices([*new, *forced, *(compared("updated_elsewhere") for dummy in range(9))]) == []
    assert len(notices([*new, *forced, *(compared("updated_elsewhere") for dummy in range(10))])) == 1


def test_values_without_a_time_of_github_cause_one_warning() -> None:
    items = [written("s3cret", name) for name in "ABCDE"]
    for item in items:
        item.sent = item.writes
    items[1].answered_at = datetime(2026, 3, 10, tzinfo=timezone.utc)
    items[2].sent = ()
    items[3].sent = tuple(replace(write, answered=False) for write in items[3].writes)
    (message,) = notices(items)
    assert message.startswith("GitHub's responses have no usable Date header, so these values could not be recorded")
    assert "again: A, E. Check whether a proxy" in message


# --- the hour ---


@pytest.mark.parametrize(("hour_seconds", "max_wait"), [(0, 0), (120, 120), (120, 3600)])
def test_a_wait_within_max_wait_causes_no_warning(hour_seconds: int, max_wait: int) -> None:
    assert hour_notices(Estimate(27000, 7000, 1830, hour_seconds), max_wait) == []


def test_a_wait_beyond_max_wait_causes_a_warning() -> None:
    (message,) = hour_notices(Estimate(27000, 7000, 3300, 3300), 120)
    assert message.startswith("The run needs more requests than GitHub allows a token until the end of the hour.")
    assert message.endswith("set max_wait to at least 3300.")
