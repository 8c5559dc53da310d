# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one task of a playbook in this process against the fake GitHub, with events such as faults and edits."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import requests
from requests.adapters import BaseAdapter

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._engine.estimate import estimate
from ansible_collections.devex.github.plugins.module_utils._engine.provision import Provisioner
from ansible_collections.devex.github.plugins.module_utils._errors import Error, Incomplete
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import Connection
from ansible_collections.devex.github.plugins.module_utils._model import Job, Prune
from ansible_collections.devex.github.plugins.module_utils._module import result
from ansible_collections.devex.github.plugins.module_utils._options.desired import desired_access, desired_secret
from ansible_collections.devex.github.plugins.module_utils._record import key
from ansible_collections.devex.github.plugins.module_utils._record.open import open_store
from ansible_collections.devex.github.plugins.module_utils._time import format_time, from_seconds
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import API, CONNECTION, SECRET
from ansible_collections.devex.github.tests.unit.plugins.module_utils.github import Caller, FakeGitHub, limited

SCOPES = {scope.root: scope for scope in (_scope.user(), _scope.organization("octo"), _scope.repository("octo/app"))}
#: The beginnings of the paths of secrets.
ROOTS = USER, ORGANIZATION, REPOSITORY = tuple(SCOPES)
#: The IDs of repositories that may get access.
REPOSITORIES = (1, 2, 3)
#: The longest delay of a list, in seconds.
LATEST = 3.0
_LISTS = ("/codespaces/secrets?per_page=100", "/repositories?per_page=100")
_REQUEST_SECONDS = 0.1
_SLOW_SECONDS = 2.0
# With a key, fingerprints are fast.
_KEY = "6f1ed002ab5595859014ebf0951522d9"


# --- the desired state ---


class Brief:
    """A dataclass whose repr() omits default values."""

    def __repr__(self) -> str:
        given = ((one.name, getattr(self, one.name), one.default) for one in fields(self))  # type: ignore[arg-type]
        message = ", ".join(f"{name}={value!r}" for name, value, default in given if value != default)
        return f"{type(self).__name__}({message})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print the object for Hypothesis."""
        printer.text(repr(self))


@dataclass(frozen=True, repr=False)
class Wish(Brief):
    """One secret of a playbook."""

    name: str
    state: str = "present"
    value: str | None = None
    policy: str = "on_change"
    #: The seconds between the rotation of the value at its source and the first run of the task.
    age: int | None = None
    visibility: str | None = None
    repositories: tuple[int, ...] | None = None
    #: The mode of the list if only the list is managed: exact, present or absent.
    access: str | None = None


@dataclass(frozen=True, repr=False)
class Task(Brief):
    """A task of a playbook."""

    #: The controller whose store the task uses.
    record: str
    root: str
    wishes: tuple[Wish, ...]
    #: Whether unlisted secrets are deleted.
    prune: bool = False
    #: The time of the first run, in seconds since 1970.
    at: float = 0.0

    @property
    def job(self) -> Job:
        """Return the job of the engine."""
        access_only = self.wishes[:1] and self.wishes[0].access is not None
        desired = desired_access if access_only else desired_secret
        return Job(
            SCOPES[self.root],
            tuple(desired(self._options(wish)) for wish in self.wishes),
            access_only=bool(access_only),
            prune=Prune() if self.prune else None,
        )

    def path(self, wish: Wish) -> str:
        """Return the path of a secret."""
        return SCOPES[self.root].secret(wish.name)

    def changed_at(self, wish: Wish) -> int | None:
        """Return the time of rotation at the source, in seconds since 1970."""
        return None if wish.age is None else int(self.at) - wish.age

    def _options(self, wish: Wish) -> dict[str, Any]:
        repositories = None if wish.repositories is None else [str(one) for one in wish.repositories]
        changed_at = self.changed_at(wish)
        return {
            **SECRET,
            "name": wish.name,
            "state": wish.access or wish.state,
            "value": wish.value,
            "update_value": wish.policy,
            "value_changed_at": None if changed_at is None else format_time(from_seconds(changed_at)),
            "visibility": wish.visibility,
            "selected_repositories": repositories,
        }


# --- events ---


class Limited(Exception):
    """Answer with a rate limit."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Killed(BaseException):
    """The process of the module was killed."""


@dataclass(frozen=True)
class Point:
    """A point in a run at which an event may happen."""

    #: request: before GitHub carries it out; answer: before its answer arrives; call, called: before and after a call
    #: of the store; wait: in the middle of a pause.
    place: str
    number: int


@dataclass
class Script:
    """The events of a run."""

    #: The delay of each list in seconds. The last delay applies to all further lists.
    late: tuple[float, ...] = (0.0,)
    #: The events, by moment.
    events: Mapping[Point, Callable[[], None]] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """A list that GitHub sent to a run."""

    #: The time of the answer.
    read_at: float
    #: The time whose state the list shows.
    true_at: float


@dataclass(frozen=True)
class Written:
    """A write that GitHub has carried out."""

    method: str
    path: str
    #: The index among all changes of the fake GitHub.
    touch: int
    #: The last lists before the write, by path: the secrets of the scope, and the repositories of a secret.
    seen: Mapping[str, View]


@dataclass
class Outcome:
    """The result of a task, and its requests."""

    started_at: float
    result: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    killed: bool = False
    #: Writes that GitHub has carried out, even if the answer was lost.
    writes: list[Written] = field(default_factory=list)
    #: Writes that reached GitHub.
    sent: list[tuple[str, str]] = field(default_factory=list)
    #: The moments of the run.
    points: list[Point] = field(default_factory=list, repr=False)
    #: Whether the run was so slow that its list change may look like an edit elsewhere.
    slow: bool = False
    #: The reasons, by name of the secret.
    reasons: dict[str, str] = field(default_factory=dict)
    #: The names of failed secrets.
    failed: set[str] = field(default_factory=set)

    @property
    def changed(self) -> bool:
        """Whether the task reports a change."""
        return bool(self.result.get("changed"))

    @property
    def operations(self) -> list[tuple[str, str]]:
        """The writes that the task reports."""
        return [(one["method"], one["path"]) for one in self.result.get("operations", ())]

    def is_well(self, name: str) -> bool:
        """Return whether the task reports that a secret is in the desired state."""
        return name in self.reasons and name not in self.failed


class Controller:
    """A machine whose tasks share a store."""

    def __init__(self, github: FakeGitHub, directory: Path, record: str, retries: int = 1) -> None:
        self.github = github
        self.record = record
        self.retries = retries
        self.path = directory / f"{record}.sqlite3"

    def run(self, task: Task, number: int, script: Script | None = None, *, check_mode: bool = False) -> Outcome:
        """Run a task.

        :arg number: the number of the task, which identifies its writes.
        """
        return _Run(self, task, number, script or Script()).go(check_mode)

    def content(self) -> bytes | None:
        """Return the content of the store."""
        return self.path.read_bytes() if os.path.lexists(self.path) else None


class _Run:
    """A run of a task."""

    def __init__(self, controller: Controller, task: Task, number: int, script: Script) -> None:
        self.github, self.controller, self.task, self.number = controller.github, controller, task, number
        self.outcome = Outcome(self.github.now)
        self._script = script
        self._late = list(script.late)
        self.seen: dict[str, View] = {}
        self._counts: dict[str, int] = {}
        self._dead = False

    def go(self, check_mode: bool) -> Outcome:
        """Run the task."""
        connection = Connection(**{**CONNECTION, "retries": self.controller.retries})
        session = Session(
            connection,
            adapter=_Line(self),
            pace=lambda: Pace(connection.max_wait, monotonic=self.github.monotonic, sleep=self.sleep),
        )
        job = self.task.job
        given = {"fingerprints": str(self.controller.path), "fingerprint_key": _KEY}
        store: Any = _Watched(open_store(given["fingerprints"], API), self)
        fingerprint_key = key.parse(given["fingerprint_key"])
        provisioner = Provisioner(session, store, check_mode=check_mode, key=fingerprint_key, sleep=self.sleep)
        try:
            readings, items = provisioner.run([job])
            self.outcome.reasons = {item.desired.name: item.plan.reason for item in items if item.plan}
            self.outcome.failed = {item.desired.name for item in items if item.error}
            self.outcome.result = result.many(
                readings, items, check_mode=check_mode, diff_mode=True, foreseen=estimate(readings, items)
            )
        except Incomplete as error:
            self.outcome.result, self.outcome.error = dict(error.result), str(error)
        except Error as error:
            self.outcome.error = str(error)
        except Killed:
            self.outcome.killed = True
        finally:
            session.close()
        return self.outcome

    def sleep(self, seconds: float) -> None:
        """Replace time.sleep()."""
        self.github.now += seconds / 2
        self.at("wait")
        self.github.now += seconds / 2

    def at(self, place: str) -> None:
        """Run the events of a moment."""
        point = Point(place, self._counts.setdefault(place, 0))
        self._counts[place] += 1
        if self._dead:
            raise Killed
        self.outcome.points.append(point)
        event = self._script.events.get(point)
        if event is not None:
            began = self.github.now
            try:
                event()
            except Killed:
                self._dead = True
                raise
            finally:
                self.outcome.slow = self.outcome.slow or self.github.now - began > _SLOW_SECONDS

    def lateness(self) -> float:
        """Return the delay of the next list."""
        return self._late.pop(0) if len(self._late) > 1 else self._late[0]


class _Line(BaseAdapter):
    """An adapter that passes the requests of a run to the fake GitHub."""

    def __init__(self, run: _Run) -> None:
        super().__init__()
        self._run = run

    def send(self, request: requests.PreparedRequest, *dummy: Any, **options: Any) -> requests.Response:
        """Pass on a request, and return its answer."""
        run, github = self._run, self._run.github
        github.now += _REQUEST_SECONDS / 2
        try:
            run.at("request")
            response = self._exchange(request)
            run.at("answer")
        except Limited as limit:
            response = github.respond(request, limited(limit.seconds))
        github.now += _REQUEST_SECONDS / 2
        return response

    def close(self) -> None:
        """Do nothing, because there is nothing to close."""

    def _exchange(self, request: requests.PreparedRequest) -> requests.Response:
        run, github = self._run, self._run.github
        method, path = str(request.method), str(request.url).removeprefix(API)
        late = run.lateness() if path.endswith(_LISTS) else 0.0
        response = github.exchange(request, Caller(run.task.record, run.number), late)
        if path.endswith(_LISTS):
            run.seen[path.partition("?")[0]] = View(github.now, github.now - late)
        elif method in ("PUT", "DELETE"):
            run.outcome.sent.append((method, path))
            if response.status_code < 300:
                run.outcome.writes.append(Written(method, path, len(github.touches) - 1, dict(run.seen)))
        return response


class _Watched:
    """A store that runs events before and after each call."""

    def __init__(self, store: Any, run: _Run) -> None:
        self._store = store
        self._run = run

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._store, name)
        if not callable(attribute):
            return attribute

        def call(*arguments: Any, **named: Any) -> Any:
            self._run.at("call")
            returned = attribute(*arguments, **named)
            self._run.at("called")
            return returned

        return call
