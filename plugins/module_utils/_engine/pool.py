# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a step for many items in threads, and keep the error of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, TypeVar

from ansible_collections.devex.github.plugins.module_utils._engine.progress import Progress
from ansible_collections.devex.github.plugins.module_utils._errors import Error, Mistake
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._threads import without_signals


class _MayFail(Protocol):
    error: Error | None


_Thing = TypeVar("_Thing", bound=_MayFail)


class Pool:
    """A context manager that runs steps and counts what is done of each."""

    def __init__(self, concurrency: int, session: Session, progress: Progress | None = None) -> None:
        self._concurrency = concurrency
        self._session = session
        self._progress = progress or Progress(session.seconds_for)
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> Pool:
        if self._concurrency > 1:
            self._threads = ThreadPoolExecutor(self._concurrency)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            # After Ctrl-C for example, threads that wait for their turn would still write.
            self._session.stop()
        if self._threads is not None:
            # After a timeout, Ansible does not wait for requests that are under way.
            self._threads.shutdown(wait=kind is None, cancel_futures=True)

    def each(self, step: Callable[[_Thing], None], things: Iterable[_Thing], what: str, points: int = 0) -> None:
        """Run a step for each thing without an error. An exception becomes the error of its thing.

        :arg what: for the progress line, such as C(scopes read).
        :arg points: of GitHub's limits that each thing uses.
        """

        def work(dummy: int) -> None:
            # Taking a thing from an iterator is atomic.
            for thing in left:
                try:
                    step(thing)
                except Error as error:
                    thing.error = error
                except Exception as error:
                    thing.error = Mistake(error)
                self._progress.done(thing.error is not None)

        pending = [thing for thing in things if thing.error is None]
        left = iter(pending)
        self._progress.begin(what, len(pending), points)
        with without_signals():
            # map() starts the threads, which inherit the mask. One task for each thread, not for each thing, because
            # the pool would keep a kilobyte for each task until the end of the step.
            done = (map if self._threads is None else self._threads.map)(
                work, range(min(self._concurrency, len(pending)))
            )
        for dummy in done:
            pass
