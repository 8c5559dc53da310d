# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Combine what many threads ask for into batches."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

_Question = TypeVar("_Question")
_Answer = TypeVar("_Answer")


class Batches(Generic[_Question, _Answer]):
    """A queue for work that takes as long for one question as for many. One thread does the work of all that wait."""

    def __init__(self, work: Callable[[list[_Question]], Sequence[_Answer]]) -> None:
        """:arg work: returns an answer for each question. Its exceptions are raised in all threads of the batch."""
        self._work = work
        self._working = threading.Lock()
        self._pending: deque[tuple[_Question, Future[_Answer]]] = deque()

    def do(self, question: _Question) -> _Answer:
        """Return the answer, once the work is done."""
        done: Future[_Answer] = Future()
        self._pending.append((question, done))
        with self._working:
            # If another thread has answered this question, a thread that still waits handles the pending ones.
            if not done.done():
                self._do_all([self._pending.popleft() for dummy in range(len(self._pending))])
        return done.result()

    def _do_all(self, batch: list[tuple[_Question, Future[_Answer]]]) -> None:
        try:
            answers = self._work([question for question, dummy in batch])
        except BaseException as error:
            # Any exception must end the wait of the other threads.
            for dummy, done in batch:
                done.set_exception(error)
        else:
            for (dummy, done), answer in zip(batch, answers, strict=True):
                done.set_result(answer)
