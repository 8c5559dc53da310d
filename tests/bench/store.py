# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure a task with one secret beside an empty fingerprint store and beside a large one."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from emulator.client import Emulator

from ansible_collections.devex.github.tests.unit.plugins.module_utils.postgres import Postgres
from bench.cost import run
from bench.plan import Plan
from bench.programs import Programs
from bench.ways import Job, Place, module_with_store

NOTHING, WRITE = "nothing to do", "one value to write"
#: The requests of each run.
_CALLS = {NOTHING: 1, WRITE: 3}
_NAME = "TOKEN"
# Names of the same length, so that both runs do the same work.
_EMPTY, _LARGE = "octo-org/api", "octo-org/app"
# Longer than recent writes are kept.
_PAUSE_SECONDS = 300
# The server of the tests does not wait for its disk. A real one does.
_AS_A_REAL_SERVER = [f"ALTER SYSTEM SET {setting} = on" for setting in ("fsync", "full_page_writes")]
# Rows of other scopes, made from the only record. Neighbours in time are not neighbours in the table,
# which is the worst case for their removal.
_NUMBERS = "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {rows})"
_RECORDS = f"""
INSERT INTO fingerprint {_NUMBERS}
SELECT api_url, 'repo:octo-many/r' || (n % 5000), 'SECRET_' || (n / 5000), fingerprint, applied_at, created_earliest,
       created_latest, unsure
FROM fingerprint CROSS JOIN numbers WHERE scope = 'repo:{_LARGE}'
"""
_RECENT = f"""
INSERT INTO recent {_NUMBERS}
SELECT api_url, 'repo:octo-many/r' || (n % 5000), {{at}} + n / 50, n, '{_NAME}', '{{{{"written":""}}}}'
FROM fingerprint CROSS JOIN numbers WHERE scope = 'repo:{_LARGE}'
ON CONFLICT (api_url, scope, applied_at, number) DO NOTHING
"""
_DAY_SECONDS = 86_400


@dataclass
class Beside:
    """Seconds of the same run beside an empty store and beside a large one, in turns."""

    #: The database and its version.
    database: str
    #: NOTHING or WRITE.
    kind: str
    empty: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How many times longer the run beside the large store takes: the median of all pairs."""
        return statistics.median(large / empty for empty, large in zip(self.empty, self.large, strict=True))


@dataclass(frozen=True)
class _Store:
    #: The value of the option `fingerprints`.
    option: str
    #: Runs SQL statements in the store.
    execute: Callable[..., object]
    #: Statements that a server runs by itself after many changes.
    maintenance: tuple[str, ...] = ()


def measure_store(emulator: Emulator, programs: Programs, plan: Plan) -> Iterator[Beside]:
    """Measure each database. RuntimeError if a run fails or sends other requests than expected."""
    for stores in (_sqlite, _postgresql):
        emulator.reset()
        with stores(programs) as (database, empty, large):
            for repository, store in ((_EMPTY, empty), (_LARGE, large)):
                _seconds(emulator, programs, store, repository, "first")
            large.execute(_RECORDS.format(rows=plan.records))
            refill = _RECENT.format(rows=plan.recent, at=int(time.time()) - _DAY_SECONDS)
            large.execute(refill)
            large.execute(*large.maintenance)
            for kind in (NOTHING, WRITE):
                row = Beside(database, kind)
                for number in range(plan.pairs):
                    value = "first" if kind == NOTHING else f"value {number}"
                    for repository, store, seconds in ((_EMPTY, empty, row.empty), (_LARGE, large, row.large)):
                        # Remove the rows that earlier runs left in their scope, and restore those that they removed.
                        store.execute(f"DELETE FROM recent WHERE scope = 'repo:{repository}'")
                        if store is large:
                            store.execute(refill)
                        seconds.append(_seconds(emulator, programs, store, repository, value, _CALLS[kind]))
                yield row


def _seconds(
    emulator: Emulator, programs: Programs, store: _Store, repository: str, value: str, calls: int = _CALLS[WRITE]
) -> float:
    """Return the seconds of a run of the module, which writes the value if the store has another one."""
    emulator.advance(_PAUSE_SECONDS)
    emulator.clear_calls()
    # Without requests of earlier runs, whose points a task counts.
    with tempfile.TemporaryDirectory(prefix="devex-github-bench-") as directory:
        place = Place(Path(directory), emulator.url, programs)
        call = module_with_store(place, Job({_NAME: value}, [repository]), store.option)
        cost = run(call.command, call.environment, place.directory)
    if len(emulator.calls()) != calls:
        raise RuntimeError(f"{store.option}: {len(emulator.calls())} calls instead of {calls}")
    return cost.seconds


_Stores = tuple[str, _Store, _Store]


@contextmanager
def _sqlite(programs: Programs) -> Iterator[_Stores]:
    def store(path: Path) -> _Store:
        def execute(*statements: str) -> None:
            with closing(sqlite3.connect(path, isolation_level=None)) as database:
                for statement in statements:
                    database.execute(statement)

        return _Store(str(path), execute)

    with tempfile.TemporaryDirectory(prefix="devex-github-bench-") as directory:
        version = f"SQLite {programs.versions['SQLite']}"
        yield version, store(Path(directory) / "empty.sqlite3"), store(Path(directory) / "large.sqlite3")


@contextmanager
def _postgresql(programs: Programs) -> Iterator[_Stores]:
    with Postgres() as server:

        def store(name: str) -> _Store:
            def execute(*statements: str) -> None:
                server.execute("SET search_path = devex_github", *statements, database=name)

            return _Store(server.address(name), execute, ("VACUUM ANALYZE",))

        for name in ("empty", "large"):
            server.execute(f"CREATE DATABASE {name} OWNER {server.user}")
        server.execute(*_AS_A_REAL_SERVER, "SELECT pg_reload_conf()")
        [(version,)] = server.execute("SHOW server_version")
        yield f"PostgreSQL {version}", store("empty"), store("large")
