# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The promises that every task must keep, and a model of what each record should contain."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ansible_collections.devex.github.tests.fuzz.controller import LATEST, SCOPES, Outcome, Task, Wish, Written
from ansible_collections.devex.github.tests.unit.plugins.module_utils.github import FakeGitHub, Held, Touch

#: The names of secrets.
NAMES = ("ONE", "TWO")
#: The values that tasks write.
VALUES = ("the first value", "the second value")
#: The value of edits elsewhere.
FOREIGN = "a value from elsewhere"

WRITTEN = {"created", "forced", "rotated", "not_recorded", "value_changed", "updated_elsewhere"}
# An edit elsewhere this close to our write cannot be detected: the tolerance of 2 s, and 1 s for rounding.
_CLOSE = 3.0
# The maximum age of the list of repositories that is sent with a value.
_MEANWHILE = 6.0
# The time for which our facts count more than a list.
_RECENT = 10.0


@dataclass(frozen=True)
class Belief:
    """The expected content of a record about a secret."""

    #: none: no record. sure: the value, without a change elsewhere. edited: the value, with a later change of the
    #: secret elsewhere. unsure: any record that does not call a wrong value unchanged.
    state: str = "none"
    #: The last value that was written or adopted with this store.
    value: str | None = None
    #: The time of that write, or of our last answered write.
    at: float = 0.0
    #: The task that wrote the value, until it has ended successfully.
    task: int = 0
    #: The times of the last change of the secret and of its value elsewhere.
    touched_at: float | None = None
    edited_at: float | None = None
    #: Whether an edit elsewhere may be missed, because it was too close to our write.
    hidden: bool = False


@dataclass(frozen=True)
class Expected:
    """The expected result for a secret if no event interrupts the task."""

    reasons: frozenset[str]
    #: None: both are allowed.
    changed: bool | None
    error: bool = False


class Promises:
    """A model that follows the changes at the fake GitHub, and checks the results of tasks."""

    def __init__(self, github: FakeGitHub, records: Iterable[str]) -> None:
        self._github = github
        paths = [scope.secret(name) for scope in SCOPES.values() for name in NAMES]
        self._beliefs = {(record, path): Belief() for record in records for path in paths}
        self._read = 0
        # Tasks that failed or were killed.
        self._unwell: set[int] = set()

    def belief(self, record: str, path: str) -> Belief:
        """Return the expected content of a record."""
        return self._beliefs[record, path]

    # --- following changes ---

    def follow(self, *runs: tuple[Task, int, Outcome]) -> None:
        """Process the changes since the last call, during which tasks with these numbers ran."""
        written = {write.touch: write for run in runs for write in run[2].writes}
        for index in range(self._read, len(self._github.touches)):
            touch = self._github.touches[index]
            for record, path in list(self._beliefs):
                if path == touch.path:
                    self._beliefs[record, path] = _after_touch(
                        self._beliefs[record, path], touch, written.get(index) if touch.by.record == record else None
                    )
        self._read = len(self._github.touches)
        for task, number, outcome in runs:
            for name in {*(wish.name for wish in task.wishes), *(_name(write) for write in outcome.writes)}:
                self._settle(task, number, name, outcome)
                if sum(other.record == task.record for other, *dummy in runs) > 1:
                    # After two writes at once, no record is sure.
                    path = SCOPES[task.root].secret(name)
                    self._beliefs[task.record, path] = replace(self.belief(task.record, path), state="unsure", task=0)

    def _settle(self, task: Task, number: int, name: str, outcome: Outcome) -> None:
        """Process the end of a task."""
        wish = next((wish for wish in task.wishes if wish.name == name), None)
        path = SCOPES[task.root].secret(name)
        belief = self.belief(task.record, path)
        well = outcome.is_well(name)
        touched = any(_name(write) == name for write in outcome.writes)
        if not well:
            self._unwell.add(number)
        if not well or (touched and wish is not None and wish.age is not None):
            belief = replace(belief, state="unsure", task=0)
            if wish is not None and wish.policy == "adopt":
                # The value may have been recorded, with or without its write.
                belief = replace(belief, value=wish.value, hidden=True)
        elif belief.task == number:
            gone = path not in self._github.secrets
            state = "none" if gone else "sure"
            belief = replace(belief, state=state, task=0)
        elif touched and outcome.slow and belief.state == "sure":
            belief = replace(belief, state="unsure")
        elif outcome.reasons.get(name) == "adopted" and wish is not None:
            held = self._github.secrets.get(path)
            just_touched = belief.touched_at is not None and belief.touched_at > outcome.started_at - LATEST
            state = "unsure" if just_touched or held is None else "sure"
            hidden = just_touched or held is None or held.value != wish.value
            belief = Belief(state, wish.value, self._github.now, hidden=hidden)
        elif outcome.reasons.get(name) in ("absent", "deleted", "pruned"):
            belief = replace(belief, state="none" if belief.state == "none" else "unsure", task=0)
        self._beliefs[task.record, path] = belief

    # --- checking promises ---

    def expected(self, task: Task, wish: Wish) -> Expected:
        """Return the expected result for a secret, from GitHub's state and the expected record."""
        path = task.path(wish)
        held = self._github.secrets.get(path)
        if wish.access is None and wish.state == "absent":
            return Expected(frozenset({"absent" if held is None else "deleted"}), held is not None)
        if held is None:
            impossible = wish.value is None
            return Expected(frozenset({"created"}), not impossible, impossible)
        visibility = wish.visibility or held.visibility
        listed = wish.repositories is not None
        if listed and visibility != "selected":
            return Expected(frozenset(), False, error=True)
        reasons = frozenset({"unmanaged"}) if wish.access else self._reasons(task, held, wish)
        otherwise = visibility != held.visibility or (listed and wanted(wish, held) != held.ids)
        written = {reason in WRITTEN for reason in reasons}
        return Expected(reasons, None if len(written) > 1 and not otherwise else True in written or otherwise)

    def _reasons(self, task: Task, held: Held, wish: Wish) -> frozenset[str]:
        if wish.policy == "on_create":
            return frozenset({"kept"})
        if wish.value is None:
            return frozenset({"unmanaged"})
        if wish.policy == "always":
            return frozenset({"forced"})
        if wish.policy == "adopt":
            return frozenset({"adopted", "unchanged"})
        changed_at = task.changed_at(wish)
        if changed_at is not None:
            return frozenset({"rotated" if held.updated_at < changed_at else "unchanged"})
        belief = self.belief(task.record, task.path(wish))
        edited = "left_as_edited" if wish.policy == "on_new_value" else "updated_elsewhere"
        if belief.state == "none":
            return frozenset({"not_recorded"})
        if belief.state == "unsure":
            all_of_them = {"not_recorded", "value_changed", edited}
            is_true = wish.value == held.value or (belief.hidden and wish.value == belief.value)
            return frozenset({*all_of_them, "unchanged"} if is_true else all_of_them)
        if wish.value != belief.value:
            return frozenset({"value_changed"})
        return frozenset({edited if belief.state == "edited" else "unchanged"})

    def contested(self, record: str, path: str, since: float) -> bool:
        """Return whether a secret has a recent change that neither the record nor the lists need to show.

        :arg since: the beginning of the task.
        """
        return any(
            touch.path == path
            and touch.time >= since - _RECENT
            and (touch.by.record != record or touch.by.task in self._unwell)
            for touch in self._github.touches
        )

    def check_calm(self, task: Task, outcome: Outcome, expected: dict[str, Expected]) -> None:
        """Check that an uninterrupted task had the expected results.

        :arg expected: the expected results by name, computed before the task.
        """
        for wish in task.wishes:
            if self.contested(task.record, task.path(wish), outcome.started_at):
                continue
            one, reason = expected[wish.name], outcome.reasons.get(wish.name)
            message = f"{task} {wish.name}: expected {one}, got {reason}, {outcome.error}"
            if one.error:
                assert not outcome.is_well(wish.name), message
                continue
            assert outcome.is_well(wish.name), message
            assert reason in one.reasons, message
            paths = [write for write in outcome.writes if _name(write) == wish.name]
            assert one.changed is None or one.changed == bool(paths), message

    def check(self, task: Task, outcome: Outcome) -> None:
        """Check the promises of every task, even an interrupted one."""
        message = json.dumps(outcome.result) + str(outcome.error)
        assert "This is a bug in devex.github" not in message, message
        assert not any(value in message for value in (*VALUES, FOREIGN)), f"a value is shown: {message}"
        if not outcome.killed:
            said = outcome.operations
            did = list(dict.fromkeys((write.method, write.path) for write in outcome.writes))
            if outcome.error is None:
                assert outcome.changed == bool(said), f"changed and operations differ: {message}"
                assert set(did) <= set(said), f"written, but not said: {did} {message}"
                assert set(said) <= set(outcome.sent), f"said, but not written: {did} {message}"
            else:
                assert bool(did) <= outcome.changed, f"written, but not changed: {did} {message}"
        for write in outcome.writes:
            self._check_access(task, write)

    def _check_access(self, task: Task, write: Written) -> None:
        """Check that no repository loses its access without a report."""
        touch = self._github.touches[write.touch]
        if touch.before is None or touch.after is None:
            return
        wish = next(wish for wish in task.wishes if task.path(wish) == touch.path)
        if wish.visibility not in (None, touch.before.visibility):
            return
        for lost in touch.before.ids - touch.after.ids:
            if wish.repositories is not None and lost not in wanted(wish, touch.before):
                continue
            grant = touch.before.grants[lost]
            view = write.seen.get(f"{touch.path}/repositories") or write.seen[touch.path.rpartition("/")[0]]
            late = view.true_at < grant.since <= view.read_at and grant.by != task.record
            meanwhile = view.read_at < grant.since and touch.time - grant.since <= _MEANWHILE
            excused = late or meanwhile
            assert excused, f"access is lost: {lost} {grant} {write.path} {task}"

    def check_there(self, task: Task, outcome: Outcome) -> None:
        """Check that GitHub has the desired state."""
        for wish in task.wishes:
            path = task.path(wish)
            if self.contested(task.record, path, outcome.started_at) or not outcome.is_well(wish.name):
                continue
            held = self._github.secrets.get(path)
            message = f"{task} {wish.name}: {held} {outcome.result}"
            if wish.access is None and wish.state == "absent":
                assert held is None, f"it is there: {message}"
                continue
            assert held is not None, f"it is not there: {message}"
            assert held is not None
            assert wish.visibility in (None, held.visibility), f"another visibility: {message}"
            assert wish.repositories is None or wanted(wish, held) == held.ids, f"other access: {message}"
            if outcome.reasons.get(wish.name) in WRITTEN:
                assert held.value == wish.value, f"another value: {message}"
        listed = {wish.name for wish in task.wishes}
        for path in self._github.secrets:
            if task.prune and outcome.error is None and not outcome.killed and path.startswith(f"{task.root}/"):
                fresh = self.contested(task.record, path, outcome.started_at)
                assert path.rpartition("/")[2] in listed or fresh, f"not pruned: {path} {task}"


def wanted(wish: Wish, held: Held) -> set[int]:
    """Return the repositories that must have access to a secret."""
    named = set(wish.repositories or ())
    return {"present": held.ids | named, "absent": held.ids - named}.get(wish.access or "", named)


def _after_touch(belief: Belief, touch: Touch, ours: Written | None) -> Belief:
    """Return the expected record after a change of a secret, by a task with this store or elsewhere."""
    if ours is not None:
        return _after_our_touch(belief, touch, ours)
    if not touch.of_value and touch.before and touch.after and touch.before.updated_at == touch.after.updated_at:
        return belief
    close = touch.time - belief.at <= _CLOSE
    belief = replace(
        belief, touched_at=touch.time, edited_at=touch.time if touch.of_value else belief.edited_at, task=0
    )
    if belief.state == "sure":
        return replace(belief, state="unsure" if close else "edited", hidden=touch.of_value and close)
    if belief.state == "unsure":
        return replace(belief, hidden=close if touch.of_value else belief.hidden)
    return belief


def _after_our_touch(belief: Belief, touch: Touch, ours: Written) -> Belief:
    if touch.after is None:
        return Belief("unsure", belief.value, touch.time, touch.by.task)
    if touch.rewritten:
        return Belief("unsure", touch.after.value, touch.time, touch.by.task)
    view = ours.seen.get(touch.path.rpartition("/")[0])

    def unseen(time: float | None) -> bool:
        """Return whether a change elsewhere came right before our write, or was not in the list that the task read."""
        late = view is not None and time is not None and view.true_at < time <= view.read_at
        return time is not None and (late or touch.time - time <= _CLOSE)

    if belief.state != "sure" and unseen(belief.touched_at):
        return replace(belief, state="unsure", hidden=belief.hidden or unseen(belief.edited_at), at=touch.time)
    return replace(belief, at=touch.time)


def _name(write: Written) -> str:
    return write.path.split("/codespaces/secrets/")[1].split("/")[0]
