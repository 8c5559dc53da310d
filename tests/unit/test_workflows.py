# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the workflows and the rest of a checkout have to agree on; the tarball has neither."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import yaml

from ansible_collections.devex.github.plugins.module_utils import _scope

CHECKOUT = Path(_scope.__file__).parents[2]
#: Which pairs of the matrix no workflow tests.
UNRELEASED_PYTHONS = {"3.15"}


def test_the_workflow_tests_what_the_matrix_does() -> None:
    # Without a name that could be imported: ansible-test knows the collection only.
    spec = spec_from_file_location("matrix", CHECKOUT / "tests/matrix.py")
    assert spec is not None
    assert spec.loader is not None
    matrix = module_from_spec(spec)
    spec.loader.exec_module(matrix)
    pairs = {(core, python) for core, pythons in matrix.CONTROLLERS.items() for python in pythons}
    workflow = yaml.safe_load((CHECKOUT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    listed = [(row["core"], row["python"]) for row in workflow["jobs"]["matrix"]["strategy"]["matrix"]["include"]]
    assert sorted(listed) == sorted(pair for pair in pairs if pair[1] not in UNRELEASED_PYTHONS)
