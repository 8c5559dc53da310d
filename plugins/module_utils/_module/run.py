# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Do the work of a module, from validated options to one result, in the worker process or in its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from traceback import format_exc
from typing import Any

from ansible_collections.devex.github.plugins.module_utils import _redaction
from ansible_collections.devex.github.plugins.module_utils._crypto import NACL_IMPORT_ERROR
from ansible_collections.devex.github.plugins.module_utils._engine.estimate import estimate
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.keys import Keys
from ansible_collections.devex.github.plugins.module_utils._engine.progress import Progress
from ansible_collections.devex.github.plugins.module_utils._engine.provision import Provisioner
from ansible_collections.devex.github.plugins.module_utils._errors import Error, Incomplete, MissingLibrary, Mistake
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import REQUESTS_IMPORT_ERROR, Connection
from ansible_collections.devex.github.plugins.module_utils._model import Job
from ansible_collections.devex.github.plugins.module_utils._module import result
from ansible_collections.devex.github.plugins.module_utils._module.notices import hour_notices, notices
from ansible_collections.devex.github.plugins.module_utils._options.argspec import (
    connection_argument_spec,
    fingerprints_argument_spec,
)
from ansible_collections.devex.github.plugins.module_utils._options.connection import connection
from ansible_collections.devex.github.plugins.module_utils._options.desired import concurrency
from ansible_collections.devex.github.plugins.module_utils._record import key
from ansible_collections.devex.github.plugins.module_utils._record.open import open_store

Options = Mapping[str, Any]
#: Makes a context manager that watches a running task: it calls Session.stop() if Ansible no longer waits for the task,
#: and shows the progress.
Watch = Callable[[Session, Progress], AbstractContextManager[None]]

#: The libraries of modules that write, and the traceback of a failed import.
_LIBRARIES = {"requests": REQUESTS_IMPORT_ERROR, "pynacl": NACL_IMPORT_ERROR}


@dataclass(frozen=True)
class Modes:
    """The modes of a task that its result depends on."""

    check_mode: bool
    diff_mode: bool
    no_log: bool


class Kept:
    """The state that the items of a loop share: the connections to GitHub, the pace, and the public keys."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._session: Session | None = None
        self.keys = Keys()

    def session(self, connection: Connection) -> Session:
        """Return the session of the previous item, or a new one if its options differ."""
        if self._session is None or self._connection != connection:
            self.close()
            self._connection, self._session, self.keys = connection, Session(connection), Keys()
        else:
            self._session.begin()
            self.keys.forget_errors()
        return self._session

    @property
    def is_spoilt(self) -> bool:
        """Whether the task was interrupted, so that the next item needs something new."""
        return self._session is not None and self._session.stopped

    def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            self._session.close()
            self._session = None


@dataclass(frozen=True)
class Task:
    """A running task."""

    options: Options
    modes: Modes
    session: Session
    keys: Keys
    api_url: str
    progress: Progress
    warnings: list[str] = field(default_factory=list)

    def provision(self, jobs: Sequence[Job], concurrency: int = 1) -> tuple[list[Reading], list[Item]]:
        """Bring all secrets to the desired state, and collect warnings."""
        parsed_key = key.parse(self.options["fingerprint_key"])
        with closing(open_store(self.options["fingerprints"], self.api_url)) as store:
            self.session.share_pace(store.ledger())
            provisioner = Provisioner(
                self.session,
                store,
                check_mode=self.modes.check_mode,
                concurrency=concurrency,
                key=parsed_key,
                keys=self.keys,
                progress=self.progress,
            )
            try:
                readings, items = provisioner.run(jobs)
            finally:
                # The store may be a ledger, too.
                self.session.settle()
        self.warnings.extend(notices(items))
        return readings, items


@dataclass(frozen=True)
class Module:
    """A module apart from its documentation: its options, what it imports, and its work."""

    argument_spec: Mapping[str, Any]
    #: Returns the result, without the keys that all results have.
    work: Callable[[Task], dict[str, Any]]
    #: The libraries that it requires, and the traceback of a failed import; None: imported.
    libraries: Mapping[str, str | None]
    #: Arguments of AnsibleModule about several options, such as C(mutually_exclusive).
    constraints: Mapping[str, Any] = field(default_factory=dict)
    #: Whether it always acts for the user of a token. Then it ignores a GitHub App if there is a token.
    of_user: bool = False


@dataclass(frozen=True)
class Outcome:
    """The end of a task. Nothing in it is masked yet."""

    result: dict[str, Any]
    warnings: list[str]
    #: The message of a failed task; None: it succeeded.
    error: str | None = None
    #: The traceback of a mistake in the collection.
    trace: str | None = None
    #: Tokens that are not options, to be masked.
    minted: Set[str] = frozenset()


def provision_one(
    argument_spec: Mapping[str, Any],
    job_of: Callable[[Options], Job],
    constraints: Mapping[str, Any] | None = None,
    *,
    of_user: bool = False,
) -> Module:
    """Define a module that manages one secret. From its options, job_of() makes a job with one secret."""

    def work(task: Task) -> dict[str, Any]:
        job = job_of(task.options)
        dummy, (item,) = task.provision([job])
        modes = task.modes
        return result.one(item, access_only=job.access_only, check_mode=modes.check_mode, diff_mode=modes.diff_mode)

    return _module(argument_spec, work, _LIBRARIES, constraints, of_user=of_user)


def provision_many(argument_spec: Mapping[str, Any], jobs_of: Callable[[Options], list[Job]]) -> Module:
    """Define a module that manages many secrets. From its options, jobs_of() makes a job for each scope."""

    def work(task: Task) -> dict[str, Any]:
        readings, items = task.provision(jobs_of(task.options), concurrency(task.options))
        foreseen = estimate(readings, items) if task.modes.check_mode else None
        if foreseen is not None:
            task.warnings.extend(hour_notices(foreseen, task.options["max_wait"]))
        modes = {"check_mode": task.modes.check_mode, "diff_mode": task.modes.diff_mode}
        # Ansible does not print the result of a task with no_log, so its length does not matter.
        hidden = {"targets": result.by_target(readings, items, **modes)} if task.modes.no_log else {}
        try:
            return {**result.many(readings, items, **modes, foreseen=foreseen), **hidden}
        except Incomplete as error:
            raise Incomplete(str(error), {**error.result, **hidden}) from error

    return _module(argument_spec, work, _LIBRARIES)


def inform(
    argument_spec: Mapping[str, Any],
    gather: Callable[[Task], dict[str, Any]],
    libraries: Mapping[str, str | None] | None = None,
    *,
    of_user: bool = False,
) -> Module:
    """Define a module that only reads.

    :arg libraries: those that other modules do not need; see Module.libraries.
    """
    return _module(argument_spec, gather, {"requests": REQUESTS_IMPORT_ERROR, **(libraries or {})}, of_user=of_user)


def perform(module: Module, options: Options, modes: Modes, kept: Kept, watch: Watch) -> Outcome:
    """Do the work of a module. An exception becomes the outcome, so that the caller can mask it.

    :arg options: validated by C(module.argument_spec).
    :arg kept: from the previous item of a loop, or new.
    :raises MissingLibrary: a library is missing that only these options need. Nothing was sent.
    """
    task: Task | None = None
    try:
        reached = connection(options, token_needed="targets" not in options)
        session = kept.session(reached)
        task = Task(options, modes, session, kept.keys, reached.api_url, Progress(session.seconds_for))
        with watch(task.session, task.progress):
            returned = module.work(task)
        session.settle()
        return _outcome(task, returned)
    except MissingLibrary:
        raise
    except Incomplete as error:
        return _outcome(task, error.result, str(error))
    except Error as error:
        return _outcome(task, {}, str(error))
    except Exception as error:
        return _outcome(task, {}, str(Mistake(error)), format_exc())


def _outcome(
    task: Task | None, returned: Mapping[str, Any], error: str | None = None, trace: str | None = None
) -> Outcome:
    """Return the outcome with the keys that all results have: how many requests were sent, and GitHub's limit."""
    if task is None:
        return Outcome({**returned, "api_calls": 0}, [], error, trace)
    _redaction.register(task.session.minted)
    usage: dict[str, Any] = {"api_calls": task.session.calls}
    if task.session.rate_limit:
        usage["rate_limit"] = task.session.rate_limit
    # Each text once.
    warnings = [*dict.fromkeys([*task.warnings, *task.session.notices])]
    return Outcome({**returned, **usage}, warnings, error, trace, task.session.minted)


def _module(
    argument_spec: Mapping[str, Any],
    work: Callable[[Task], dict[str, Any]],
    libraries: Mapping[str, str | None],
    constraints: Mapping[str, Any] | None = None,
    *,
    of_user: bool = False,
) -> Module:
    """Define a module with the options that all modules share."""
    spec = {**connection_argument_spec(), **fingerprints_argument_spec(), **argument_spec}
    return Module(spec, work, libraries, constraints or {}, of_user)
