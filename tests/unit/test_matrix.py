# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers and the table of ``make matrix``."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope


def load() -> ModuleType:
    # The file is not imported by name, because ansible-test knows only the collection.
    spec = spec_from_file_location("matrix", Path(_scope.__file__).parents[2] / "tests/matrix.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MATRIX = load()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["=== 512 passed, 3 skipped, 2013 deselected in 11.75s ==="], "512 passed, 3 skipped"),
        (["2 failed, 5 passed, 1 error in 52.46s (0:00:52)"], "5 passed, 3 failed"),
        (["10 passed in 1.00s", "20 passed, 1 xfailed in 2.50s"], "30 passed"),
        (
            [
                'Running sanity test "ansible-doc"',
                'Running sanity test "import" on Python 3.13',
                'WARNING: Skipping sanity test "pylint" on Python 3.14 because it is unsupported.',
                'Running sanity test "validate-modules"',
                "FATAL: The 1 sanity test(s) listed below (out of 3) failed. See error output above for details.",
            ],
            "2 passed, 1 failed, 1 skipped",
        ),
        (["Running codespaces_org_secret integration test role", "Running life integration test role"], "2 passed"),
        (["Traceback (most recent call last):"], ""),
    ],
)
def test_tests_are_counted_in_the_output(lines: list[str], expected: str) -> None:
    assert MATRIX.count_tests(lines) == expected


def test_the_table_has_a_line_for_each_version() -> None:
    report = MATRIX.Report(["unit", "integration"])
    report.rows["core 2.22"] = {"unit": "12 passed", "integration": "FAILED: 1 failed"}
    report.omit("core 2.20", "no Python 3.12")
    report.rows["modules"] = {"unit": "5 passed"}
    assert report.table().splitlines() == [
        "            unit        integration",
        "core 2.22   12 passed   FAILED: 1 failed",
        "core 2.20   skipped: no Python 3.12",
        "modules     5 passed    -",
    ]
