# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The aims of the collection, as ratios within one run of the benchmark."""

from __future__ import annotations

from collections.abc import Iterator

from bench.plan import FAST, RELATIVE_MS
from bench.results import Results
from bench.ways import (
    CONCURRENCY,
    DATED,
    DEBUG,
    GH,
    INVENTORY,
    KEYED,
    LOOP,
    MODULE,
    PEER,
    PROCESSES,
    ROLE,
    SHARED,
    STAT,
    TASK,
)

_LOOP_RATIO = 20
_GH_RATIO = 3
# As measured, with a margin for noise.
_DATED_RATIO = 1.1
_START_SECONDS = 2
_MEGABYTES = 200
_ROLE_RATIO = 2
_ROLE_SECONDS = 4
_ROLE_MEGABYTES = 300
_INVENTORY_SECONDS = 3
_CACHED_SECONDS = 1
_PAGE = 100
_STORE_RATIO = 1.1
_STAT_RATIO = 0.5
_PEER_RATIO = 0.25
_TOGETHER_RATIO = 1.2


def judged(results: Results) -> Iterator[str]:
    """Yield a line for each aim: PASS, MISS, or that it was not measured."""
    for passed, text in _judged(results):
        yield f"{'not measured' if passed is None else 'PASS' if passed else 'MISS':<13}{text}"


def _judged(results: Results) -> Iterator[tuple[bool | None, str]]:
    yield from _one_repository(results)
    yield from _beside_gh(results)
    yield from _repositories(results)
    yield from _hosts(results)
    yield from _inventory(results)
    yield from _limited(results)
    yield from _loops(results)
    yield from _together(results)
    yield from _beside(results)


def _one_repository(results: Results) -> Iterator[tuple[bool | None, str]]:
    most = results.most_secrets
    task, peer = (results.find(way, most, RELATIVE_MS) for way in (TASK, PEER))
    if task is None:
        return
    yield task.first.calls == most + 2, f"first run, {most} secrets, calls: {task.first.calls} (aim: {most + 2})"
    yield task.again.calls == 1, f"nothing to do, {most} secrets, calls: {task.again.calls} (aim: 1)"
    if peer is None:
        yield None, f"{PEER.title}, {most} secrets"
        return
    ratio = peer.again.seconds / task.again.seconds
    text = f"nothing to do, {most} secrets: {ratio:.1f} times faster than {PEER.title}"
    yield ratio >= _LOOP_RATIO, f"{text} (aim: {_LOOP_RATIO})"


def _beside_gh(results: Results) -> Iterator[tuple[bool | None, str]]:
    most = results.most_secrets
    gh = results.find(GH, most, RELATIVE_MS)
    for way in PROCESSES:
        text = f"first run, {most} secrets, concurrency {FAST}, compared with gh, {way.title}"
        module = results.find(way, most, RELATIVE_MS, FAST)
        if module is None or gh is None:
            yield None, text
        else:
            ratio = module.first.seconds / gh.first.seconds
            yield ratio <= _GH_RATIO, f"{text}: {ratio:.1f} times (aim: {_GH_RATIO})"

    keyed, dated = (results.find(way, most, RELATIVE_MS, FAST) for way in (KEYED, DATED))
    text = f"nothing to do, {most} secrets, with a key, compared with dates"
    if keyed is None or dated is None:
        yield None, text
    else:
        ratio = keyed.again.seconds / dated.again.seconds
        yield ratio <= _DATED_RATIO, f"{text}: {ratio:.1f} times (aim: {_DATED_RATIO})"


def _repositories(results: Results) -> Iterator[tuple[bool | None, str]]:
    for row in results.rows:
        count, again = row.case.repositories, row.again
        if row.case.way is TASK and count > 1:
            yield again.calls == count, f"nothing to do, {count} repositories, calls: {again.calls} (aim: {count})"
            aim = 2 * again.calls * RELATIVE_MS / 1000 / CONCURRENCY + _START_SECONDS
            text = f"nothing to do, {count} repositories, time: {again.seconds:.1f} s"
            yield again.seconds <= aim, f"{text} (aim: {aim:.1f} s)"
        if row.case.way is SHARED:
            aim_calls = count * len(SHARED.consumers)
            text = f"nothing to do, {count} repositories, {len(SHARED.consumers)} consumers, calls: {again.calls}"
            yield again.calls == aim_calls, f"{text} (aim: {aim_calls})"
        if row.case.way is MODULE and count > 1:
            peak = max(row.first.megabytes, row.again.megabytes)
            yield peak < _MEGABYTES, f"{count} repositories: the module needs {peak:.0f} MB (aim: {_MEGABYTES} MB)"


def _hosts(results: Results) -> Iterator[tuple[bool | None, str]]:
    rows = [row for row in results.rows if row.case.way is ROLE]
    debug = next((row for row in results.rows if row.case.way is DEBUG), None)
    if debug is None or not rows:
        return
    role, largest = rows[0], rows[-1]
    count, again = role.case.repositories, role.again
    yield again.calls == count, f"the role with nothing to do, {count} hosts, calls: {again.calls} (aim: {count})"
    aim = _ROLE_RATIO * debug.again.seconds + _ROLE_SECONDS
    text = f"the role with nothing to do, {count} hosts, time: {again.seconds:.1f} s"
    yield again.seconds <= aim, f"{text} (aim: {aim:.1f} s, twice a debug task and {_ROLE_SECONDS} s)"
    peak = max(largest.first.megabytes, largest.again.megabytes)
    text = f"the role, {largest.case.repositories} hosts: the largest process needs {peak:.0f} MB"
    yield peak < _ROLE_MEGABYTES, f"{text} (aim: {_ROLE_MEGABYTES} MB)"


def _inventory(results: Results) -> Iterator[tuple[bool | None, str]]:
    for row in results.rows:
        if row.case.way is not INVENTORY:
            continue
        count, pages = row.case.repositories, -(-row.case.repositories // _PAGE)
        yield row.first.calls == pages, f"inventory of {count}, calls: {row.first.calls} (aim: {pages})"
        for runs, aim, kind in ((row.first, _INVENTORY_SECONDS, "asked"), (row.again, _CACHED_SECONDS, "cached")):
            yield runs.seconds < aim, f"inventory of {count}, {kind}: {runs.seconds:.1f} s (aim: {aim} s)"


def _limited(results: Results) -> Iterator[tuple[bool | None, str]]:
    for row in results.limited:
        if row.case.way is TASK and row.limits:
            text = f"GitHub's limits, secrets that arrived: {row.arrived} (aim: {row.wanted})"
            yield row.arrived == row.wanted and not row.refused, f"{text}, calls refused: {row.refused} (aim: 0)"


def _loops(results: Results) -> Iterator[tuple[bool | None, str]]:
    found = {loop.way: loop.median for loop in results.loops}
    for way, aim in ((STAT, _STAT_RATIO), (PEER, _PEER_RATIO)):
        if LOOP in found:
            text = f"a loop of {results.plan.items} with nothing to do, compared with {way.title}"
            if way not in found:
                yield None, text
                continue
            ratio = found[LOOP] / found[way]
            yield ratio <= aim, f"{text}: {ratio:.2f} times (aim: {aim})"


def _together(results: Results) -> Iterator[tuple[bool | None, str]]:
    for row in results.together:
        yield row.refused == 0, f"{row.title}, calls rejected: {row.refused} (aim: 0)"
        aim = _TOGETHER_RATIO * row.least
        text = f"{row.title}, time: {row.seconds:.1f} s"
        yield row.seconds <= aim, f"{text} (aim: {aim:.1f} s, {_TOGETHER_RATIO} times what the limit takes)"


def _beside(results: Results) -> Iterator[tuple[bool | None, str]]:
    for row in results.beside:
        text = f"{row.database}, {row.kind}, beside {results.plan.records:,} records compared with none"
        passed = 1 / _STORE_RATIO <= row.ratio <= _STORE_RATIO
        yield passed, f"{text}: {row.ratio:.2f} times (aim: 1, within 10%)"
