# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.devex.github.plugins.module_utils._record.batch import Batches


class Work:
    """Work that doubles numbers. The first batch waits for all other questions. A negative number fails its batch."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.may_end = threading.Event()
        self.batches: list[list[int]] = []

    def __call__(self, numbers: list[int]) -> list[int]:
        self.batches.append(sorted(numbers))
        self.begun.set()
        assert self.may_end.wait(30)
        if min(numbers) < 0:
            raise ValueError(numbers)
        return [2 * number for number in numbers]


def test_questions_during_the_work_form_one_batch() -> None:
    work = Work()
    batches = Batches(work)
    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(batches.do, 0)]
        assert work.begun.wait(30)
        answers += [pool.submit(batches.do, number) for number in range(1, 20)]
        while len(batches._pending) < 19:
            threading.Event().wait(0.01)
        work.may_end.set()
        assert [answer.result(30) for answer in answers] == [2 * number for number in range(20)]
    assert work.batches == [[0], list(range(1, 20))]


def test_an_error_is_raised_in_all_threads_of_the_batch() -> None:
    work = Work()
    batches = Batches(work)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(batches.do, 1)
        assert work.begun.wait(30)
        others = [pool.submit(batches.do, number) for number in (2, -1, 3)]
        while len(batches._pending) < 3:
            threading.Event().wait(0.01)
        work.may_end.set()
        assert first.result(30) == 2
        for other in others:
            with pytest.raises(ValueError, match="-1"):
                other.result(30)
    assert batches.do(4) == 8
