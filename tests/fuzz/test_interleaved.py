# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interrupt a task at each of its moments, by another task or by killing the process.

To reproduce a failure: the ID of the test names the initial state, the tasks, the store of the inner task, and the
seconds around it. The message begins with the moment. With --hypothesis-profile endless, pytest runs all cases.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from ansible_collections.devex.github.tests.fuzz.controller import (
    SCOPES,
    USER,
    Controller,
    Killed,
    Limited,
    Outcome,
    Point,
    Script,
    Task,
    Wish,
)
from ansible_collections.devex.github.tests.fuzz.promises import FOREIGN, VALUES, Promises
from ansible_collections.devex.github.tests.unit.plugins.module_utils.github import FakeGitHub, Lost

RECORDS = ("ours", "theirs")
ONE = SCOPES[USER].secret("ONE")

WISHES = {
    "write": Wish("ONE", value=VALUES[0]),
    "write the other": Wish("ONE", value=VALUES[1]),
    "force the other": Wish("ONE", value=VALUES[1], policy="always"),
    "write if new": Wish("ONE", value=VALUES[0], policy="on_new_value"),
    "adopt the other": Wish("ONE", value=VALUES[1], policy="adopt"),
    "write with a date": Wish("ONE", value=VALUES[1], age=0),
    "write with a list": Wish("ONE", value=VALUES[1], repositories=(1, 2)),
    "delete": Wish("ONE", state="absent"),
    "give access": Wish("ONE", repositories=(2, 3), access="present"),
    "take access": Wish("ONE", repositories=(1,), access="absent"),
    "set access": Wish("ONE", repositories=(3,), access="exact"),
}
#: The initial state, written by us, and its age in seconds.
BEFORE = {"nothing": 0, "just written": 1, "long there": 60, "edited elsewhere": 60}
#: The initial state, the task, the inner task, the store of the inner task, and the seconds before and after it.
INTERLEAVED = [*product(BEFORE, WISHES, WISHES, RECORDS, [0, 6])]

#: The initial state, the task, the fault, and the edit elsewhere right before the fault.
TROUBLED = [*product(BEFORE, WISHES, ["killed", "lost", "limited"], ["nothing", "write", "delete", "give access"])]
#: No edit elsewhere.
ALONE = [("long there", outer, trouble, "nothing") for outer, trouble in product(WISHES, ["killed", "lost"])]


#: A value is written in the middle of any other task with the same store.
AT_ONCE = [("long there", outer, inner, "ours", 0) for outer, inner in product(WISHES, WISHES) if "write" in inner]


def _some(cases: list[tuple[Any, ...]], every: int) -> list[tuple[Any, ...]]:
    """Return all cases in `make fuzz`, and an evenly spread sample in `make fuzz-minute`."""
    return cases if settings.get_current_profile_name() == "endless" else cases[::every]


@dataclass
class Story:
    """The initial state, and the tasks that ran."""

    directory: Path
    github: FakeGitHub = field(default_factory=FakeGitHub)

    def __post_init__(self) -> None:
        self.promises = Promises(self.github, RECORDS)
        self.controllers = {record: Controller(self.github, self.directory, record) for record in RECORDS}
        self.number = 0
        self.runs: list[tuple[Task, int, Outcome]] = []

    def begin(self, before: str) -> None:
        """Create the initial state."""
        if before != "nothing":
            self.run(Task("ours", USER, (replace(WISHES["write"], repositories=(1,)),)))
            self.github.now += BEFORE[before]
        if before == "edited elsewhere":
            self.elsewhere("write")
            self.github.now += BEFORE[before]
        self.settle()

    def run(self, task: Task, script: Script | None = None) -> Outcome:
        """Run a task."""
        self.number += 1
        number = self.number
        task = replace(task, at=self.github.now)
        outcome = self.controllers[task.record].run(task, number, script)
        self.promises.check(task, outcome)
        self.runs.append((task, number, outcome))
        return outcome

    def elsewhere(self, what: str) -> None:
        """Edit a secret elsewhere."""
        held = self.github.secrets.get(ONE)
        if what == "write":
            self.github.put(ONE, FOREIGN)
        elif what == "delete" and held is not None:
            self.github.delete(ONE)
        elif what == "give access" and held is not None:
            self.github.change(ONE, ids=held.ids | {2})

    def settle(self) -> None:
        """Process the changes so far."""
        runs, self.runs = self.runs, []
        self.promises.follow(*runs)
        for task, dummy, outcome in runs if len(runs) == 1 else ():
            self.promises.check_there(task, outcome)

    def audit(self) -> None:
        """Check that no record calls a wrong value unchanged."""
        for record in RECORDS:
            for value in VALUES:
                held = self.github.secrets.get(ONE)
                task = Task(record, USER, (Wish("ONE", value=value),))
                outcome = self.controllers[record].run(task, 0, check_mode=True)
                expected = self.promises.expected(task, task.wishes[0])
                reason = outcome.reasons.get("ONE")
                assert reason in expected.reasons, f"{value} with the record {record}: {reason}, but there is {held}"


@pytest.fixture
def directory() -> Iterator[Path]:
    """Return a directory, in memory if the system has one."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as path:
        yield Path(path)


def points(directory: Path, before: str, wish: str) -> list[Point]:
    """Return the moments of an uninterrupted task, and check its results."""
    story = Story(directory)
    story.begin(before)
    task = Task("ours", USER, (WISHES[wish],), at=story.github.now)
    expected = story.promises.expected(task, WISHES[wish])
    outcome = story.run(task)
    story.promises.check_calm(task, outcome, {"ONE": expected})
    story.controllers["ours"].path.unlink(missing_ok=True)
    # An event before a step is the same as an event after the previous step.
    return [point for point in outcome.points if point.place in ("answer", "called")]


@pytest.mark.parametrize(("before", "outer", "inner", "record", "seconds"), sorted({*AT_ONCE, *_some(INTERLEAVED, 23)}))
def test_another_task_between_two_steps_breaks_no_promise(
    directory: Path, before: str, outer: str, inner: str, record: str, seconds: int
) -> None:
    for point in points(directory, before, outer):
        story = Story(directory)

        def between(story: Story = story) -> None:
            story.github.now += seconds
            story.run(Task(record, USER, (WISHES[inner],)))
            story.github.now += seconds

        story.begin(before)
        story.run(Task("ours", USER, (WISHES[outer],)), Script(events={point: between}))
        _ends_well(story, point)


@pytest.mark.parametrize(("before", "outer", "trouble", "meanwhile"), sorted({*ALONE, *_some(TROUBLED, 7)}))
def test_a_fault_at_any_step_breaks_no_promise(
    directory: Path, before: str, outer: str, trouble: str, meanwhile: str
) -> None:
    for point in points(directory, before, outer):
        if trouble in ("lost", "limited") and point.place != "answer":
            continue
        story = Story(directory)

        def happen(story: Story = story) -> None:
            story.elsewhere(meanwhile)
            raise {"killed": Killed(), "lost": Lost(), "limited": Limited(7)}[trouble]

        story.begin(before)
        place = "request" if trouble == "limited" else point.place
        story.run(Task("ours", USER, (WISHES[outer],)), Script(events={Point(place, point.number): happen}))
        _ends_well(story, point)


def _ends_well(story: Story, point: Point) -> None:
    """Check that no wrong value is called unchanged, and that one more run reaches the desired state."""
    try:
        story.settle()
        story.github.now += 60
        story.audit()
        task = Task("ours", USER, (Wish("ONE", value=VALUES[0]),))
        outcome = story.run(task)
        story.settle()
        assert outcome.error is None, outcome.error
        assert story.run(task).reasons == {"ONE": "unchanged"}
    except AssertionError as error:
        raise AssertionError(f"{point}: {error}") from error
    finally:
        for controller in story.controllers.values():
            controller.path.unlink(missing_ok=True)
