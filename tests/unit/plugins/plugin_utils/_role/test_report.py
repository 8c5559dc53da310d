# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.devex.github.plugins.plugin_utils._role.report import outcomes_of, report
from ansible_collections.devex.github.plugins.plugin_utils._role.unite import United

ONE = {"name": "ONE", "value": "first value"}


def outcome(**more: Any) -> dict[str, Any]:
    return {
        "changed": False,
        "summary": {"scopes": 1, "created": 0, "left": 1, "written": {}},
        "secrets": [{"name": "ONE"}],
        "operations": [],
        **more,
    }


CREATED = outcome(
    changed=True, summary={"scopes": 1, "created": 1, "left": 0, "written": {"created": 1}}, diff=[{"before": {}}]
)
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
                "summary": {"scopes": 2, "created": 1, "left": 1, "written": {"created": 1}},
                "secrets": [{"name": "ONE"}, {"name": "ONE"}],
                "operations": [],
                "diff": [{"before": {}}],
            },
        ),
    ],
)
def test_a_host_reports_its_targets(numbers: list[int], expected: dict[str, Any]) -> None:
    outcomes = outcomes_of([1, 0], {"targets": [BAD, CREATED]})
    assert report("a", United(reported={"a": numbers}), outcomes) == expected


@pytest.mark.parametrize(
    ("provisioned", "message"), [({"msg": "No library."}, "No library."), ({}, "Nothing was provisioned.")]
)
def test_a_host_reports_the_reason_if_nothing_was_provisioned(provisioned: dict[str, Any], message: str) -> None:
    outcomes = outcomes_of([0, 1], provisioned)
    assert report("a", United(reported={"a": [0, 1]}), outcomes) == {
        "failed": True,
        "changed": False,
        "msg": message,
        "summary": {},
    }


def test_a_report_names_the_variable_of_the_role_instead_of_the_option() -> None:
    message = "12 secrets of o/prune_max=1 would go, and prune_max is 10. If the list is right, give prune_max=12."
    bad = outcome(msg=message, failures=[{"error": message, "names": []}], secrets=[{"name": "ONE", "error": message}])
    found = report("a", United(reported={"a": [0]}), {0: bad})
    expected = message.replace(" prune_max", " codespaces_secrets_prune_max")
    assert found["msg"] == found["failures"][0]["error"] == found["secrets"][0]["error"] == expected


def test_a_rejected_host_reports_the_reason() -> None:
    assert report("a", United(refused={"a": "No."}), {}) == {"failed": True, "changed": False, "msg": "No."}
