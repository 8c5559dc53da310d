# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import Clock, Script
from ansible_collections.devex.github.tests.unit.plugins.module_utils.postgres import Postgres

# A busy machine is slow, and Hypothesis must not write its database into the checkout.
settings.register_profile("devex.github", deadline=None, database=None)
settings.load_profile("devex.github")


@pytest.fixture
def script() -> Iterator[Script]:
    """Return a script that also fails if an expected request was not sent."""
    script = Script()
    yield script
    script.finish()


@pytest.fixture(scope="session")
def running_postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres(running_postgres: Postgres) -> Postgres:
    """Return a PostgreSQL server, which a test may stop."""
    running_postgres.start()
    return running_postgres


@pytest.fixture
def clock() -> Clock:
    """Return a clock that only sleep() moves."""
    return Clock()
