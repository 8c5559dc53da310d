# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The open questions about GitHub, and the meaning of GitHub's replies for each. No input or output.

Each function has the name of a switch of the emulator. It returns the value of the switch that behaves as GitHub did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: The question of each switch, in the order in which they are asked: reads first, because writes change the lists.
QUESTIONS = {
    "etags": "Do lists of secrets have an ETag, and does a request with it return 304?",
    "missing_scope": "Which status does a classic token without the scope get?",
    "lag": "How many seconds after a write do reads still return the former state?",
    "stale_key": "Does GitHub accept a value that is sealed with a replaced public key?",
    "omitted_ids_on_update": "Does a new value without `selected_repository_ids` clear or keep the list?",
    "put_without_value": "Does GitHub accept an update without a value?",
    "unknown_id": "Which status does a list with an unknown repository get?",
    "remove_absent_repository": "Which status does removing a repository that is not in the list get?",
    "list_change_moves_updated_at": "Does a new list of repositories change `updated_at`?",
    "selected_ids_cap": "How many repositories can a secret select? null: no cap.",
    "user_repositories_paged": "Does the list of repositories of a user secret have pages?",
}
#: With so many accepted repositories, we call it no cap: GitHub's lists have at most this many rows on a page.
MANY = 100


@dataclass(frozen=True)
class Answer:
    """The behaviour of GitHub, as the value of the switch. `note` is for people."""

    value: object
    note: str = ""


class NotObserved(Exception):
    """GitHub did not answer the question; the message is the reason."""


def etags(tag: str | None, status_again: int) -> Answer:
    if tag is None:
        return Answer(False)
    if status_again == 304:
        return Answer(True)
    if status_again != 200:
        raise _unexpected(status_again)
    return Answer(False, "there is an ETag, but a request with it returned 200")


def missing_scope(status: int, scopes: str | None) -> Answer:
    """`scopes`: the scopes of the token, None unless it is a classic one."""
    if scopes is None:
        raise NotObserved("the token is not a classic one")
    if {"codespace", "codespace:secrets"} & {scope.strip() for scope in scopes.split(",")}:
        raise NotObserved("the token has the scope")
    return _by_status(status, {403: 403, 404: 404})


def lag(seconds: Sequence[float | None]) -> Answer:
    """`seconds`: for each write, the time until a read showed it; None if no read did."""
    known = [one for one in seconds if one is not None]
    if len(known) < len(seconds):
        raise NotObserved("no read showed the write in time")
    return Answer(max(known))


def stale_key(status: int) -> Answer:
    return _by_status(status, {201: "accept", 204: "accept", 422: "refuse"})


def omitted_ids_on_update(status: int, before: Sequence[int], after: Sequence[int] | None) -> Answer:
    """`before`, `after`: the lists of repositories."""
    if status != 204:
        raise _unexpected(status)
    if after is not None and not after:
        return Answer("clear")
    if after == before:
        return Answer("keep")
    raise NotObserved("GitHub returned neither an empty list nor the former one")


def put_without_value(status: int) -> Answer:
    return _by_status(status, {204: "accept", 422: "refuse"})


def unknown_id(status: int) -> Answer:
    return _by_status(status, {404: 404, 422: 422})


def remove_absent_repository(status: int) -> Answer:
    return _by_status(status, {204: 204, 404: 404})


def list_change_moves_updated_at(before: str | None, after: str | None) -> Answer:
    """`before`, `after`: the times as GitHub returned them, None if it returned none."""
    if before is None or after is None:
        raise NotObserved("GitHub did not return the secret")
    return Answer(after != before)


def selected_ids_cap(accepted: int, offered: int, status_of_next: int) -> Answer:
    """`accepted`: the longest list that GitHub accepted; `status_of_next`: that of a list of the next one alone."""
    if accepted == offered:
        if offered < MANY:
            raise NotObserved(f"GitHub accepted all {offered} repositories that the token sees, fewer than {MANY}")
        return Answer(None, f"GitHub accepted {accepted} repositories")
    if status_of_next != 204:
        raise NotObserved(f"GitHub answered {status_of_next} to a list of one repository")
    return Answer(accepted)


def user_repositories_paged(rows: int, total: int) -> Answer:
    """`rows`: those in the response to a request for one row; `total`: those that there are."""
    if total < 2:
        raise NotObserved("the token sees only one repository")
    return Answer(rows < total)


def _by_status(status: int, answers: Mapping[int, object]) -> Answer:
    if status not in answers:
        raise _unexpected(status)
    return Answer(answers[status])


def _unexpected(status: int) -> NotObserved:
    return NotObserved(f"GitHub answered {status}")
