# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.devex.github.plugins.plugin_utils._role.report import report

ONE = {"name": "ONE", "value": "first value"}


def outcome(**more: Any) -> dict[str, Any]:
    return {
        "changed": False,
        "summary": {"scopes": 1, "created": 0, "left": 1},
        "secrets": [{"name": "ONE"}],
        "operations": [],
        **more,
    }


CREATED = outcome(changed=True, summary={"scopes": 1, "created": 1, "left": 0}, diff=[{"before": {}}])
BAD = outcome(msg="It failed.", failures=[{"error": "It failed."}])


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], {"changed": False, "summary": {}}),
        ([0], CREATED),
        (
            [0, 1],
            {
                "changed": True,
                "failed": True,
                "msg": "It failed.",
                "failures": [{"error": "It failed."}],
                "summary": {"scopes": 2, "created": 1, "left": 1},
                "secrets": [{"name": "ONE"}, {"name": "ONE"}],
                "operations": [],
                "diff": [{"before": {}}],
            },
        ),
    ],
)
def test_a_host_reports_of_its_targets(numbers: list[int], expected: dict[str, Any]) -> None:
    told = report("a", {"refused": {}, "reported": {"a": numbers}}, {"targets": [CREATED, BAD]})
    assert told == expected


def test_warnings_are_told_by_the_first_host() -> None:
    known = {"refused": {}, "reported": {"a": [0], "b": [1]}}
    provisioned = {"targets": [CREATED, CREATED], "warnings": ["Renamed."]}
    assert report("a", known, provisioned) == {**CREATED, "warnings": ["Renamed."]}
    assert report("b", known, provisioned) == CREATED


@pytest.mark.parametrize(
    ("known", "provisioned", "told"),
    [
        ({"refused": {"a": "No."}, "reported": {}}, {"targets": []}, "No."),
        ({"refused": {}, "reported": {"a": [0]}}, {"msg": "No library."}, "No library."),
        ({"refused": {}, "reported": {"a": [0]}}, {"skipped": True}, "Nothing was provisioned."),
    ],
)
def test_what_keeps_a_host_from_being_provisioned(known: Any, provisioned: Any, told: str) -> None:
    assert report("a", known, provisioned) == {"failed": True, "changed": False, "msg": told}
