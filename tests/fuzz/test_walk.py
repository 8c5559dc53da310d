# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A random walk: tasks with several stores, edits elsewhere, faults, limits, late lists and killed processes.

`make test` takes the same walks each time, for a minute; `make fuzz` takes others, until one breaks a promise.

To reproduce a failure: Hypothesis prints the steps, as few as it can do with. Put the line with @reproduce_failure
above the class Walk, or, since such a line is good for this version of the files only, make the steps a test:

    walk = Walk()
    walk.begin(root="/user", ahead=0, lists_move_dates=True, retries=1)
    walk.calm(...)
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from ansible_collections.devex.github.tests.fuzz.controller import (
    LATEST,
    ORGANIZATION,
    REPOSITORIES,
    REPOSITORY,
    ROOTS,
    SCOPES,
    USER,
    Brief,
    Controller,
    Killed,
    Limited,
    Outcome,
    Point,
    Script,
    Task,
    Wish,
)
from ansible_collections.devex.github.tests.fuzz.promises import FOREIGN, NAMES, VALUES, Promises
from ansible_collections.devex.github.tests.unit.plugins.module_utils.github import FakeGitHub, Lost

RECORDS = ("ours", "theirs")
_NAME = st.sampled_from([NAMES[0], NAMES[0], NAMES[1]])
#: Other edits elsewhere.
_CHANGES: Mapping[str, tuple[str, ...]] = {
    USER: ("grant", "revoke"),
    ORGANIZATION: ("grant", "revoke", "all", "private", "selected"),
    REPOSITORY: (),
}
_MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None


# --- edits elsewhere ---


@dataclass(frozen=True)
class Elsewhere:
    """An edit of a secret elsewhere, if the state allows it."""

    what: str
    path: str
    repository: int = 1

    def happen(self, github: FakeGitHub) -> None:
        """Make the edit."""
        held = github.secrets.get(self.path)
        if self.what == "write":
            github.put(self.path, FOREIGN)
        elif held is None:
            return
        elif self.what == "delete":
            github.delete(self.path)
        elif self.what in VISIBILITIES and self.path.startswith(ORGANIZATION):
            github.change(self.path, visibility=self.what, ids=held.ids if self.what == "selected" else ())
        elif self.what in ("grant", "revoke") and held.visibility == "selected":
            ids = held.ids ^ {self.repository}
            if (self.repository in ids) == (self.what == "grant"):
                github.change(self.path, ids=ids)


VISIBILITIES = ("all", "private", "selected")
ELSEWHERE = st.runner().flatmap(
    lambda walk: st.builds(
        Elsewhere,
        st.sampled_from(["write", "write", "delete", *(_CHANGES[walk.root])]),
        _NAME.map(SCOPES[walk.root].secret),
        st.integers(1, 2),
    )
)


# --- events during a task ---


@dataclass(frozen=True, repr=False)
class Event(Brief):
    """An event in the middle of a task: time passes, a secret is edited elsewhere, or a fault happens."""

    place: str
    number: int
    seconds: int = 0
    #: The edit of the task's secret elsewhere, and its repository.
    elsewhere: tuple[str, int] | None = None
    #: The fault: lost, limited or killed.
    wrong: str | None = None

    def on(self, github: FakeGitHub, task: Task) -> Callable[[], None]:
        """Return the function for a script."""

        def happen() -> None:
            github.now += self.seconds
            if self.elsewhere is not None:
                what, repository = self.elsewhere
                Elsewhere(what, task.path(task.wishes[0]), repository).happen(github)
            if self.wrong == "killed":
                raise Killed
            if self.wrong == "lost":
                raise Lost
            if self.wrong == "limited":
                raise Limited(7)

        return happen


@st.composite
def _draw_event(draw: Any) -> Event:
    place = draw(st.sampled_from(sorted(_WRONG)))
    number = draw(st.integers(0, _NUMBERS[place]))
    elsewhere = draw(st.none() | st.tuples(st.sampled_from(["write", "delete", "grant", "revoke"]), st.integers(1, 3)))
    return Event(place, number, draw(st.sampled_from([0, 1, 5])), elsewhere, draw(st.sampled_from(_WRONG[place])))


#: The possible faults by place.
_WRONG: Mapping[str, list[str | None]] = {
    "request": [None, "lost", "limited", "killed"],
    "answer": [None, "lost", "killed"],
    "call": [None, "killed"],
    "called": [None, "killed"],
    "wait": [None],
}
#: The number of moments of a task, rounded up.
_NUMBERS = {"request": 4, "answer": 4, "call": 5, "called": 5, "wait": 1}
EVENTS = st.lists(_draw_event(), max_size=3).map(tuple)


# --- tasks ---

_ONE_OR_TWO = (
    st.lists(st.sampled_from(sorted(REPOSITORIES)), unique=True, min_size=1, max_size=2).map(sorted).map(tuple)
)
_REPOSITORIES = st.just(()) | _ONE_OR_TWO
POLICIES = ["on_change"] * 4 + ["on_new_value", "adopt", "always", "on_create"]
_LATE = st.lists(st.sampled_from([0.0, 1.0, LATEST]), min_size=1, max_size=4).map(tuple)


def _wishes(root: str, name: str) -> st.SearchStrategy[Wish]:
    """One secret of a playbook."""
    values = st.sampled_from([*VALUES, *VALUES, None])
    return _wish_present(root, name, values) | st.just(Wish(name, "absent"))


@st.composite
def _wish_present(draw: Any, root: str, name: str, values: Any) -> Wish:
    wish = Wish(name, value=draw(values), policy=draw(st.sampled_from(POLICIES)))
    if wish.policy == "on_change" and wish.value is not None:
        wish = replace(wish, age=draw(st.sampled_from([None, None, None, 0, 2, 30])))
    if root == ORGANIZATION:
        wish = replace(wish, visibility=draw(st.sampled_from([None, None, *VISIBILITIES])))
    if root != REPOSITORY and wish.visibility in (None, "selected"):
        wish = replace(wish, repositories=draw(st.none() | _REPOSITORIES))
    return wish


@st.composite
def _tasks(draw: Any, root: str) -> Task:
    """A task of a playbook."""
    record = draw(st.sampled_from(RECORDS))
    if root != REPOSITORY and draw(st.integers(0, 2)) == 2:
        access = draw(st.sampled_from(["present", "absent", "exact"]))
        repositories = draw(_REPOSITORIES if access == "exact" else _ONE_OR_TWO)
        return Task(record, root, (Wish(draw(_NAME), repositories=repositories, access=access),))
    names = draw(st.sampled_from([NAMES[:1], NAMES[:1], NAMES[:1], NAMES[1:], NAMES]))
    return Task(record, root, tuple(draw(_wishes(root, name)) for name in names), prune=draw(st.integers(0, 9)) == 9)


#: Seconds before a step.
PAUSES = st.sampled_from([0, 0, 1, 2, 5, 60])
TASKS = st.runner().flatmap(lambda walk: _tasks(walk.root))


class Walk(RuleBasedStateMachine):
    """Any steps in any order."""

    @initialize(
        root=st.sampled_from(ROOTS), ahead=st.integers(0, 1), lists_move_dates=st.booleans(), retries=st.integers(0, 1)
    )
    def begin(self, root: str, ahead: int, lists_move_dates: bool, retries: int) -> None:
        self.root = root
        self.directory = Path(tempfile.mkdtemp(dir=_MEMORY))
        self.github = FakeGitHub(ahead=ahead, lists_move_dates=lists_move_dates)
        self.controllers = {record: Controller(self.github, self.directory, record, retries) for record in RECORDS}
        self.promises = Promises(self.github, RECORDS)
        self.number = 0

    def teardown(self) -> None:
        if hasattr(self, "directory"):
            shutil.rmtree(self.directory)

    # --- steps ---

    @rule(pause=PAUSES, task=TASKS, late=st.just((0.0,)) | _LATE)
    def calm(self, pause: int, task: Task, late: tuple[float, ...]) -> None:
        """Run an uninterrupted task in check mode, then for real, then again."""
        self.github.now += pause
        task = replace(task, at=self.github.now)
        dry = self._run(task, Script(late), check_mode=True)
        self.github.now = task.at
        expected = {wish.name: self.promises.expected(task, wish) for wish in task.wishes}
        outcome = self._run(task, Script(late))
        self.promises.check_calm(task, outcome, expected)
        self.promises.check_there(task, outcome)
        for key in () if self._contested(task, outcome) else ("changed", "operations", "diff", "secrets"):
            assert dry.result.get(key) == outcome.result.get(key), f"a dry run says otherwise: {dry} {outcome}"
        self._again(task, outcome, Script())
        self._audit()

    @rule(
        pause=PAUSES,
        task=TASKS,
        events=EVENTS,
        late=st.just((0.0,)) | _LATE,
    )
    def disturbed(self, pause: int, task: Task, events: tuple[Event, ...], late: tuple[float, ...]) -> None:
        """Run a task with events."""
        self.github.now += pause
        task = replace(task, at=self.github.now)
        script = Script(late, {Point(event.place, event.number): event.on(self.github, task) for event in events})
        outcome = self._run(task, script)
        self.promises.check_there(task, outcome)
        if not outcome.killed:
            self._again(task, outcome, Script())
        self._audit()

    @rule(pause=PAUSES, task=TASKS, late=_LATE)
    def again_late(self, pause: int, task: Task, late: tuple[float, ...]) -> None:
        """Run a task twice, the second time before the lists show the first."""
        self.github.now += pause
        task = replace(task, at=self.github.now)
        outcome = self._run(task)
        self._again(task, outcome, Script(late))
        self._audit()

    @rule(pause=PAUSES, what=ELSEWHERE)
    def elsewhere(self, pause: int, what: Elsewhere) -> None:
        """Edit a secret elsewhere."""
        self.github.now += pause
        what.happen(self.github)
        self.promises.follow()

    # --- shared steps ---

    def _run(self, task: Task, script: Script | None = None, *, check_mode: bool = False) -> Outcome:
        self.number += 1
        controller = self.controllers[task.record]
        content, touches = controller.content(), len(self.github.touches)
        outcome = controller.run(task, self.number, script, check_mode=check_mode)
        if check_mode:
            assert len(self.github.touches) == touches, "a dry run writes"
            assert controller.content() == content, "a dry run changes the record"
        else:
            self.promises.check(task, outcome)
            self.promises.follow((task, self.number, outcome))
        return outcome

    def _again(self, task: Task, first: Outcome, script: Script) -> None:
        """Check that a second run changes nothing."""
        if first.error is not None or first.slow or self._contested(task, first):
            return
        if all(wish.policy != "always" for wish in task.wishes):
            second = self._run(task, script)
            assert second.error is None, f"a second run fails: {task} {second}"
            assert not second.writes, f"a second run writes: {task} {second}"
            assert not second.changed, f"a second run says that it writes: {task} {second}"

    def _contested(self, task: Task, outcome: Outcome) -> bool:
        paths = [SCOPES[self.root].secret(name) for name in NAMES]
        return any(self.promises.contested(task.record, path, outcome.started_at) for path in paths)

    def _audit(self) -> None:
        """Check that no record calls a wrong value unchanged after all lists are up to date."""
        now = self.github.now
        self.github.now += 60
        for record in RECORDS:
            task = Task(record, self.root, tuple(self._wrong(record, name) for name in NAMES))
            expected = {wish.name: self.promises.expected(task, wish) for wish in task.wishes}
            outcome = self._run(task, check_mode=True)
            for wish in task.wishes:
                reason = outcome.reasons.get(wish.name)
                assert reason in expected[wish.name].reasons, f"{task} {reason} {expected[wish.name]}"
        self.github.now = now

    def _wrong(self, record: str, name: str) -> Wish:
        """Return a value that GitHub does not have, but that the record may contain."""
        path = SCOPES[self.root].secret(name)
        held, known = self.github.secrets.get(path), self.promises.belief(record, path).value
        wrong = [value for value in (known, *VALUES) if value is not None and (held is None or value != held.value)]
        return Wish(name, value=wrong[0])


TestWalk = Walk.TestCase
