# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "minute",
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Hypothesis's explain phase is slow, and shows little for programs of this length.
    phases=set(Phase) - {Phase.explain},
    print_blob=True,
    # The same steps on every machine.
    derandomize=True,
    database=None,
    max_examples=120,
    stateful_step_count=15,
)
settings.register_profile(
    "endless",
    settings.get_profile("minute"),
    derandomize=False,
    max_examples=1_000_000_000,
    stateful_step_count=40,
)
settings.load_profile("minute")
