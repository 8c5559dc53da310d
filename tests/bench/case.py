# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A case of the benchmark."""

from __future__ import annotations

from dataclasses import dataclass

from bench.ways import Way


@dataclass(frozen=True)
class Case:
    """A way to write so many secrets, and how many times it is measured."""

    way: Way
    secrets: int
    latency_ms: int
    concurrency: int
    repositories: int = 1
    times: int = 1
    #: Whether the first run keeps GitHub's pace.
    paced: bool = True
