# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does in one go what many threads ask for at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

_Question = TypeVar("_Question")
_Answer = TypeVar("_Answer")


class Batches(Generic[_Question, _Answer]):
    """Work that takes a while, however much of it there is: whoever is let in takes along what others wait for."""

    def __init__(self, work: Callable[[list[_Question]], Sequence[_Answer]]) -> None:
        """:arg work: an answer for each question; what it raises is raised for all of them."""
        self._work = work
        self._working = threading.Lock()
        self._pending: deque[tuple[_Question, Future[_Answer]]] = deque()

    def do(self, question: _Question) -> _Answer:
        """The answer, once the work is done."""
        done: Future[_Answer] = Future()
        self._pending.append((question, done))
        with self._working:
            # Whoever was taken along leaves the rest to those who still wait: together, not one by one.
            if not done.done():
                self._do_all([self._pending.popleft() for dummy in range(len(self._pending))])
        return done.result()

    def _do_all(self, batch: list[tuple[_Question, Future[_Answer]]]) -> None:
        try:
            answers = self._work([question for question, dummy in batch])
        except BaseException as error:
            # Whatever it is: the others wait.
            for dummy, done in batch:
                done.set_exception(error)
        else:
            for (dummy, done), answer in zip(batch, answers, strict=True):
                done.set_result(answer)
