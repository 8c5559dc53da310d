# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests that answer each open question. `questions` interprets the replies."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from . import questions
from .github import GitHub, Reply
from .questions import Answer, NotObserved
from .secrets_of import Key, Secrets, names

#: No repository had an ID as high as this when this was written; one that has it is not ours.
UNKNOWN_ID = 2**31 - 1

#: Seconds between the reads that measure the lag.
_TICK = 0.1

Read = TypeVar("Read")


@dataclass
class Sandbox:
    """The means of the questions.

    `name` is the throwaway secret. `listed` are the scopes with lists of repositories that the token may be able to
    manage: the user, and the organization. `reasons` explain why it cannot manage the others.
    Reads wait for up to `patience` seconds until they show a write.
    """

    name: str
    repository: Secrets
    repository_id: int
    key: Key
    listed: list[Secrets]
    user_reply: Reply | None
    other_github: GitHub | None
    earlier_key: Key | None
    patience: float
    reasons: list[str] = field(default_factory=list)

    def with_list(self, ids: Sequence[int]) -> tuple[Secrets, Key]:
        """Have the secret with a list of repositories; returns where it is.

        :raises NotObserved: the token cannot do that, or not now.
        """
        while self.listed:
            there = self.listed[0]
            found = reply = there.public_key()
            request = "the request for the public key"
            if found.status == 200:
                key = Key.of(found)
                reply = there.put_value(self.name, key, selected_repository_ids=list(ids))
                if reply.status in (201, 204):
                    return there, key
                request = "writing a secret"
            reason = f"GitHub answered {reply.status} to {request} of the {there.kind}"
            if reply.status not in (403, 404):
                raise NotObserved(reason)
            self.reasons.append(reason)
            del self.listed[0]
        raise NotObserved("; ".join(self.reasons))

    def until(self, read: Callable[[], Read], wanted: Callable[[Read], bool]) -> Read:
        """Read until the result is the wanted one; returns the last result if it never is."""
        end = time.monotonic() + self.patience
        while True:
            found = read()
            if wanted(found) or time.monotonic() >= end:
                return found
            time.sleep(min(1.0, self.patience / 4))

    def lag(self, status: int) -> float | None:
        """Return the seconds until the secret has a status, and until the list agrees; None: not in time.

        Call it as soon as GitHub has answered the write.
        """
        start, wanted = time.monotonic(), status == 200
        reads: list[Callable[[], bool]] = [
            lambda: self.repository.get(self.name).status == status,
            lambda: (self.name in names(self.repository.listing())) is wanted,
        ]
        reads = [read for read in reads if not read()]
        if not reads:
            return 0.0
        while time.monotonic() - start < self.patience:
            time.sleep(_TICK)
            reads = [read for read in reads if not read()]
            if not reads:
                return math.ceil((time.monotonic() - start) * 10) / 10
        return None


def etags(sandbox: Sandbox) -> Answer:
    first = sandbox.repository.listing()
    if first.status != 200:
        raise NotObserved(f"GitHub answered {first.status}")
    tag = first.headers.get("etag")
    again = sandbox.repository.github("GET", f"{sandbox.repository.path}?per_page=100", If_None_Match=tag or "")
    return questions.etags(tag, again.status)


def missing_scope(sandbox: Sandbox) -> Answer:
    if sandbox.other_github:
        reply = sandbox.other_github("GET", "/user/codespaces/secrets")
    elif sandbox.user_reply is None:
        raise NotObserved("GitHub did not answer")
    elif sandbox.user_reply.status == 200:
        raise NotObserved("the token has the scope, and GITHUB_TOKEN_WITHOUT_SCOPES is not set")
    else:
        reply = sandbox.user_reply
    return questions.missing_scope(reply.status, reply.headers.get("x-oauth-scopes"))


def lag(sandbox: Sandbox) -> Answer:
    status = sandbox.repository.put_value(sandbox.name, sandbox.key).status
    if status != 201:
        raise NotObserved(f"GitHub answered {status} to creating a secret of the repository")
    created = sandbox.lag(200)
    status = sandbox.repository.delete(sandbox.name).status
    if status != 204:
        raise NotObserved(f"GitHub answered {status} to deleting a secret of the repository")
    return questions.lag([created, sandbox.lag(404)])


def stale_key(sandbox: Sandbox) -> Answer:
    earlier = sandbox.earlier_key
    if earlier is None:
        raise NotObserved("no earlier run saw the public key of this repository")
    if earlier.key_id == sandbox.key.key_id:
        raise NotObserved("GitHub has not replaced the public key since the last run")
    return questions.stale_key(sandbox.repository.put_value(sandbox.name, earlier).status)


def omitted_ids_on_update(sandbox: Sandbox) -> Answer:
    before = [sandbox.repository_id]
    there, key = sandbox.with_list(before)
    # Otherwise, a late read would look like a list that is kept.
    sandbox.until(lambda: _ids(there.selected(sandbox.name)), lambda ids: ids == before)
    status = there.put_value(sandbox.name, key).status
    after = sandbox.until(lambda: _ids(there.selected(sandbox.name)), lambda ids: ids == [])
    return questions.omitted_ids_on_update(status, before, after)


def put_without_value(sandbox: Sandbox) -> Answer:
    ids = [sandbox.repository_id]
    there, key = sandbox.with_list(ids)
    return questions.put_without_value(there.put(sandbox.name, key, selected_repository_ids=ids).status)


def unknown_id(sandbox: Sandbox) -> Answer:
    there, dummy = sandbox.with_list([sandbox.repository_id])
    return questions.unknown_id(there.select(sandbox.name, [sandbox.repository_id, UNKNOWN_ID]).status)


def remove_absent_repository(sandbox: Sandbox) -> Answer:
    there, dummy = sandbox.with_list([])
    return questions.remove_absent_repository(there.deselect(sandbox.name, sandbox.repository_id).status)


def list_change_moves_updated_at(sandbox: Sandbox) -> Answer:
    there, dummy = sandbox.with_list([])
    # The times are whole seconds, and the first read must not be a late one.
    time.sleep(max(sandbox.patience, 1.1))
    before = _updated_at(there.get(sandbox.name))
    status = there.select(sandbox.name, [sandbox.repository_id]).status
    if status != 204:
        raise NotObserved(f"GitHub answered {status} to the new list")
    after = sandbox.until(lambda: _updated_at(there.get(sandbox.name)), lambda now: now != before)
    return questions.list_change_moves_updated_at(before, after)


def selected_ids_cap(sandbox: Sandbox) -> Answer:
    there, dummy = sandbox.with_list([])
    ids = _repositories(there)
    accepted, rejected = 0, len(ids) + 1
    candidate = len(ids)
    while accepted < candidate < rejected:
        status = there.select(sandbox.name, ids[:candidate]).status
        if status not in (204, 404, 409, 422):
            raise NotObserved(f"GitHub answered {status} to a list of {candidate} repositories")
        accepted, rejected = (candidate, rejected) if status == 204 else (accepted, candidate)
        candidate = (accepted + rejected) // 2
    alone = there.select(sandbox.name, [ids[accepted]]).status if accepted < len(ids) else 204
    return questions.selected_ids_cap(accepted, len(ids), alone)


def user_repositories_paged(sandbox: Sandbox) -> Answer:
    there, dummy = sandbox.with_list([])
    if there.kind != "user":
        raise NotObserved("; ".join(sandbox.reasons))
    ids = _repositories(there)[:2]
    status = there.select(sandbox.name, ids).status
    if status != 204:
        raise NotObserved(f"GitHub answered {status} to a list of {len(ids)} repositories")

    def read() -> tuple[int, int]:
        reply = there.selected(sandbox.name, "?per_page=1")
        found = reply.status == 200
        return (len(reply.part("repositories", list)), reply.part("total_count", int)) if found else (0, 0)

    rows, total = sandbox.until(read, lambda found: found[1] == len(ids))
    return questions.user_repositories_paged(rows, total)


ASK: dict[str, Callable[[Sandbox], Answer]] = {
    "etags": etags,
    "missing_scope": missing_scope,
    "lag": lag,
    "stale_key": stale_key,
    "omitted_ids_on_update": omitted_ids_on_update,
    "put_without_value": put_without_value,
    "unknown_id": unknown_id,
    "remove_absent_repository": remove_absent_repository,
    "list_change_moves_updated_at": list_change_moves_updated_at,
    "selected_ids_cap": selected_ids_cap,
    "user_repositories_paged": user_repositories_paged,
}


def _repositories(there: Secrets) -> list[int]:
    """Return the IDs of up to 100 repositories that belong to the scope."""
    owner = there.path.removesuffix("/codespaces/secrets")
    query = "&affiliation=owner" if there.kind == "user" else ""
    reply = there.github("GET", f"{owner}/repos?per_page=100{query}")
    return reply.column("id") if reply.status == 200 else []


def _ids(reply: Reply) -> list[int] | None:
    """Return the IDs in a list of repositories; None if GitHub returned no list."""
    return reply.column("id", "repositories") if reply.status == 200 else None


def _updated_at(reply: Reply) -> str | None:
    return reply.part("updated_at", str) if reply.status == 200 else None
