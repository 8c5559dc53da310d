# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delete the throwaway secrets, as far as GitHub lets us, and find out which ones are left."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from . import signals
from .github import RateLimited, Reply, Unanswered
from .secrets_of import Secrets, names
from .signals import say

#: How many seconds the cleanup may wait for limits, faults and late writes.
MAX_WAIT = 180.0
#: The statuses of a DELETE after which the secret does not exist.
GONE = (204, 404)
LATE = "GitHub still lists it"

#: The kind of a scope, and the name of a secret.
Place = tuple[str, str]
#: A reply; a text explains why there is none.
Answered = Reply | str
Key = TypeVar("Key")


def left(deleted: Mapping[Place, Answered], lists: Mapping[str, Sequence[str] | None]) -> dict[Place, str]:
    """Return the secrets that are left, and why.

    :arg deleted: The answer to the deletion of each secret.
    :arg lists: The names in the list of each kind of scope; None if GitHub did not return the list.
    """
    found = {}
    for place, answer in deleted.items():
        kind, name = place
        gone = isinstance(answer, Reply) and answer.status in GONE
        listed = lists[kind]
        if listed is None:
            if not gone:
                found[place] = f"{problem(answer)}, and GitHub did not list the secrets"
        elif name in listed:
            found[place] = LATE if gone else problem(answer)
    return found


def problem(answer: Answered) -> str:
    return answer if isinstance(answer, str) else f"GitHub answered {answer.status}"


class Cleanup:
    """Deletes secrets. A signal makes it hurry: then it waits neither for limits nor for faults."""

    def __init__(self, ours: Sequence[tuple[Secrets, str]], patience: float) -> None:
        self._ours = {(scope.kind, name): scope for scope, name in ours}
        self._scopes = {scope.kind: scope for scope, dummy in ours}
        self._patience = patience
        self._end = self._limited_until = 0.0
        self._hurried = False

    def run(self, *, late_writes: bool, limited_until: float = 0.0) -> bool:
        """Delete all, and report those that are left; returns whether none is.

        :arg late_writes: Whether GitHub may still carry out a write.
        :arg limited_until: When a rate limit ends; of time.monotonic().
        """
        signals.hurry(self._hurry)
        self._end = time.monotonic() + MAX_WAIT
        self._limited_until = limited_until
        found = self._deleted(list(self._ours))
        if late_writes and self._ours:
            say(f"Waiting {math.ceil(self._patience)} seconds, because GitHub may still carry out a write.")
            # It is short, so a signal does not end it.
            time.sleep(self._patience)
            found = self._deleted(list(self._ours))
        settled = time.monotonic() + self._patience
        while time.monotonic() < settled:
            late = [place for place, reason in found.items() if reason == LATE]
            if not late or not self._wait(min(1.0, self._patience / 4)):
                break
            found = {place: found[place] for place in found if place not in late} | self._deleted(late)
        for (kind, name), reason in found.items():
            say(f"Could not delete {name} of {self._scopes[kind].title}: {reason}.", error=True)
        if found:
            say("The next run tries to delete them again.", error=True)
        return not found

    def _deleted(self, places: Sequence[Place]) -> dict[Place, str]:
        """Delete secrets; returns those that are left, and why."""
        deleted = self._answers({place: partial(self._ours[place].delete, place[1]) for place in places})
        kinds = {kind for kind, dummy in places}
        lists = self._answers({kind: partial(_list, self._scopes[kind]) for kind in kinds})
        return left(deleted, {kind: _names(answer) for kind, answer in lists.items()})

    def _answers(self, wanted: Mapping[Key, Callable[[], Reply]]) -> dict[Key, Answered]:
        """Send each request, and send it again while GitHub is limiting or failing and there is time."""
        found: dict[Key, Answered] = {}
        pause = 1.0
        while True:
            for key, request in wanted.items():
                if not isinstance(found.get(key), Reply):
                    found[key] = self._answer(request)
            if all(isinstance(answer, Reply) for answer in found.values()) or not self._wait(pause):
                return found
            pause = min(2 * pause, 30.0)

    def _answer(self, request: Callable[[], Reply]) -> Answered:
        seconds = self._limited_until - time.monotonic()
        if seconds > 0:
            return f"GitHub's rate limit ends in {math.ceil(seconds)} seconds"
        try:
            reply = request()
        except RateLimited as error:
            self._limited_until = time.monotonic() + error.seconds
            return str(error).rstrip(".")
        except Unanswered as error:
            return str(error)
        return reply if reply.status < 500 else problem(reply)

    def _wait(self, seconds: float) -> bool:
        """Wait, also for the end of a limit; returns False if there is no time for it."""
        now = time.monotonic()
        until = max(now + seconds, self._limited_until)
        if self._hurried or until > self._end:
            return False
        if self._limited_until > now:
            say(f"Waiting {math.ceil(until - now)} seconds for the end of the limit, to delete the throwaway secrets.")
        while not self._hurried and time.monotonic() < until:
            time.sleep(0.1)
        return not self._hurried

    def _hurry(self) -> None:
        self._hurried = True


def _list(scope: Secrets) -> Reply:
    """List the secrets.

    :raises Unanswered: GitHub answered 200, but without a list.
    """
    reply = scope.listing()
    _names(reply)
    return reply


def _names(answer: Answered) -> list[str] | None:
    """Return the names in a list of secrets; None if there is no list."""
    return names(answer) if isinstance(answer, Reply) and answer.status == 200 else None
