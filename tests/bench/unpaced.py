# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A copy of this collection that does not keep GitHub's pace, to see what its work takes.

The pace is no option, since GitHub's limits are none. What is measured without it is said to be.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

from bench.programs import ROOT, Programs

_COPY = ROOT / "build/bench/unpaced"
_OURS = "ansible_collections/devex/github"
_PACE = "plugins/module_utils/_github/budget.py"


def unpaced(programs: Programs) -> Programs:
    """The same programs with the copy, which is made anew."""
    installed = next(path for path in programs.collections.split(os.pathsep) if (Path(path) / _OURS).is_dir())
    shutil.rmtree(_COPY, ignore_errors=True)
    shutil.copytree(Path(installed) / _OURS, _COPY / _OURS, ignore=shutil.ignore_patterns("__pycache__"))
    pace = _COPY / _OURS / _PACE
    text, found = re.subn(r"^POINTS = \d+$", "POINTS = 10**9", pace.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if found != 1:
        raise RuntimeError(f"{_PACE} has no POINTS")
    pace.write_text(text, encoding="utf-8")
    # What comes first is found first.
    return replace(programs, collections=f"{_COPY}{os.pathsep}{programs.collections}")
