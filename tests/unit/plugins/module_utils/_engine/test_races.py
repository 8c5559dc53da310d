# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Concurrent tasks, edits elsewhere, lost answers and late lists.

Each test checks whole runs: the secrets and their access afterwards, and the result of a further run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._engine.provision import Provisioner
from ansible_collections.devex.github.plugins.module_utils._engine.view import View
from ansible_collections.devex.github.plugins.module_utils._engine.view import access as access_facts
from ansible_collections.devex.github.plugins.module_utils._errors import InputError, Unreachable
from ansible_collections.devex.github.plugins.module_utils._model import Access, Desired, Job, Prune, Secret, Value
from ansible_collections.devex.github.plugins.module_utils._module import result
from ansible_collections.devex.github.plugins.module_utils._record.sqlite import SqliteStore
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import API, TOKEN
from ansible_collections.devex.github.tests.unit.plugins.module_utils.github import (
    FakeGitHub,
    Lost,
    Reply,
    limited,
    lose,
)

USER = _scope.user()
ORGANIZATION = _scope.organization("octo")
REPOSITORY = _scope.repository("octo/web")
SECRET = USER.secret("TOKEN")
LIST = USER.repositories("TOKEN")
OLD = Desired("TOKEN", value=Value("old"))
NEW = Desired("TOKEN", value=Value("new"))
ABSENT = Desired("TOKEN", state="absent")

Run = Callable[..., Item]


def access(mode: str, *ids: int) -> Desired:
    return Desired("TOKEN", access=Access(tuple(map(str, ids)), mode))


@pytest.fixture
def github() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
def run(github: FakeGitHub, tmp_path: Path) -> Run:
    """Run one task, a second after the previous one, with the store of a controller."""

    def run(
        desired: Desired,
        scope: Scope = USER,
        *,
        at: str = "here",
        check_mode: bool = False,
        retries: int = 1,
        prune: Prune | None = None,
        token: str = TOKEN,
        pause: float = 1,
    ) -> Item:
        github.advance(pause)
        session = github.session(retries=retries, token=token)
        provisioner = Provisioner(
            session, SqliteStore(str(tmp_path / at), API), check_mode=check_mode, sleep=github.sleep
        )
        only = desired.value is None and desired.access is not None
        dummy, items = provisioner.run([Job(scope, (desired,), access_only=only, prune=prune)])
        return items[0]

    return run


def done(item: Item) -> str:
    """Return the reason of a task, which must not fail."""
    assert item.error is None, item.error
    assert item.plan is not None
    return item.plan.reason


def later(github: FakeGitHub) -> None:
    """Wait until all lists show all writes."""
    github.advance(60)


# --- two tasks at once, with one store ---


def test_a_list_change_keeps_the_fingerprint_that_another_task_has_recorded_meanwhile(
    github: FakeGitHub, run: Run
) -> None:
    done(run(OLD))
    github.before("PUT", f"{LIST}/2", lambda: done(run(NEW)))
    done(run(access("present", 2)))
    later(github)
    assert github.secrets[SECRET].value == "new"
    assert done(run(OLD)) == "value_changed"


@pytest.mark.parametrize("seconds", [0, 1, 2, 5])
@pytest.mark.parametrize("first", [True, False], ids=["theirs comes first", "ours comes first"])
@pytest.mark.parametrize("existed", [False, True], ids=["a new secret", "one that is there"])
def test_two_values_that_are_written_at_once_are_never_wrongly_unchanged(
    existed: bool, first: bool, seconds: int, github: FakeGitHub, run: Run
) -> None:
    """Cover both orders of the writes, and late answers. Both values are tried afterwards."""
    if existed:
        done(run(replace(OLD, value=Value("before"))))

    def theirs() -> None:
        github.advance(seconds)
        done(run(NEW))
        github.advance(seconds)

    (github.before if first else github.after)("PUT", SECRET, theirs)
    done(run(OLD))
    there = github.secrets[SECRET].value
    later(github)

    other = OLD if there == "new" else NEW
    assert done(run(other)) != "unchanged"
    assert github.secrets[SECRET].value == (other.value and other.value.text)
    assert done(run(other)) == "unchanged"


@pytest.mark.parametrize("first", [True, False], ids=["theirs comes first", "ours comes first"])
def test_one_value_that_two_tasks_write_at_once_is_unchanged_afterwards(
    first: bool, github: FakeGitHub, run: Run
) -> None:
    done(run(OLD))
    (github.before if first else github.after)("PUT", SECRET, lambda: done(run(NEW)))
    done(run(NEW))
    later(github)
    assert done(run(NEW)) == "unchanged"


@pytest.mark.parametrize("existed", [False, True], ids=["a new secret", "one that is there"])
def test_one_value_that_four_tasks_write_at_once_is_unchanged_afterwards(
    existed: bool, github: FakeGitHub, run: Run
) -> None:
    """Start each task within the previous one: before its record is marked unsure, and before its value arrives."""
    if existed:
        done(run(OLD))
    github.before("GET", USER.public_key, lambda: done(run(NEW)))
    github.before("PUT", SECRET, lambda: done(run(NEW)))
    github.after("PUT", SECRET, lambda: done(run(NEW)))
    done(run(NEW))
    later(github)
    assert done(run(NEW)) == "unchanged"


# --- several users with one store, within a second ---

USERS = {"token of alice": 1, "token of bob": 2, "token of carol": 3}


@pytest.fixture
def users(github: FakeGitHub) -> dict[str, str]:
    """Create a secret of each user in one second, with access for two repositories. Return the paths by token."""
    github.users = dict(USERS)
    paths = {
        token: SECRET if number == 1 else f"/user:{number}/codespaces/secrets/TOKEN" for token, number in USERS.items()
    }
    for path in paths.values():
        github.put(path, "before", ids={1, 2})
    later(github)
    return paths


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [(access("absent", 2), {1}), (access("present", 3), {1, 2, 3}), (access("exact"), set())],
    ids=["take access", "give access", "take all access"],
)
def test_a_list_change_in_a_loop_reaches_every_user(
    wanted: Desired, ids: set[int], users: dict[str, str], github: FakeGitHub, run: Run
) -> None:
    github.lag = 5
    for token in users:
        run(wanted, token=token, pause=0)
    assert [github.secrets[path].ids for path in users.values()] == [ids] * 3


@pytest.mark.parametrize("values", [("same", "same", "same"), ("a", "b", "c")], ids=["one value", "own values"])
def test_a_value_in_a_loop_is_written_once_for_every_user(
    values: tuple[str, ...], users: dict[str, str], github: FakeGitHub, run: Run
) -> None:
    wanted = {token: Desired("TOKEN", value=Value(value)) for token, value in zip(users, values, strict=True)}
    began = github.now
    assert [done(run(wanted[token], token=token, pause=0)) for token in users] == ["not_recorded"] * 3
    assert [github.secrets[path].value for path in users.values()] == [*values]
    for dummy in range(2):
        assert [done(run(wanted[token], token=token, pause=0)) for token in users] == ["unchanged"] * 3
    assert github.now == began, "a task has waited"


@pytest.mark.parametrize("state", [ABSENT, OLD], ids=["delete", "create"])
def test_a_change_of_one_user_does_not_affect_another_user(
    state: Desired, users: dict[str, str], github: FakeGitHub, run: Run
) -> None:
    for path in users.values():
        if state is OLD:
            github.delete(path)
    later(github)
    for token in users:
        run(state, token=token, pause=0)
    assert [path in github.secrets for path in users.values()] == [state is OLD] * 3


def test_a_new_token_of_a_user_continues_with_the_records_of_the_old_one(github: FakeGitHub, run: Run) -> None:
    done(run(OLD, token="old token"))
    later(github)
    github.forget()
    assert done(run(OLD, token="new token")) == "unchanged"
    assert sorted(github.calls()) == ["GET /user", "GET /user/codespaces/secrets"]
    github.forget()
    assert done(run(OLD, token="new token")) == "unchanged"
    assert github.calls() == ["GET /user/codespaces/secrets"]


def targets(
    github: FakeGitHub, path: Path, *jobs: tuple[str, Desired, Prune | None], check_mode: bool = False
) -> list[str | None]:
    """Return the errors of a task with a target for each token."""
    provisioner = Provisioner(
        github.session(max_wait=0), SqliteStore(str(path), API), check_mode=check_mode, sleep=github.sleep
    )
    wanted = [Job(USER, (desired,), token, prune=prune) for token, desired, prune in jobs]
    readings, dummy = provisioner.run(wanted)
    return [str(reading.error) if reading.error else None for reading in readings]


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "in check mode"])
@pytest.mark.parametrize("usable", [False, True], ids=["an unusable store", "no store yet"])
def test_two_tokens_of_one_user_fail_without_a_store_if_they_disagree(
    usable: bool, check_mode: bool, github: FakeGitHub, tmp_path: Path
) -> None:
    if not usable:
        # A file instead of the directory.
        (tmp_path / "state").write_text("a file", encoding="utf-8")
    github.put(SECRET, "before")
    dated = [
        replace(one, value_changed_at=datetime(2020, 1, 1, tzinfo=timezone.utc))
        for one in (OLD, replace(NEW, name="B"))
    ]
    jobs = [(token, wanted, Prune()) for token, wanted in zip(("one token", "another"), dated, strict=True)]
    errors = targets(github, tmp_path / "state/store", *jobs, check_mode=check_mode)
    assert [str(error).partition(". ")[0] for error in errors] == [
        "targets lists the same user 2 times, with different tokens"
    ] * 2
    assert github.secrets[SECRET].value == "before"


def test_targets_with_the_tokens_of_three_users_are_written_for_each_user(github: FakeGitHub, tmp_path: Path) -> None:
    github.users = dict(USERS)
    jobs = [(token, Desired("TOKEN", value=Value(token)), None) for token in USERS]
    assert targets(github, tmp_path / "store", *jobs) == [None] * 3
    assert sorted(held.value for held in github.secrets.values()) == sorted(USERS)


@pytest.mark.parametrize(
    ("second", "prune", "fails"),
    [
        (NEW, None, True),
        (OLD, Prune(), True),
        (OLD, None, False),
        (replace(NEW, name="OTHER"), None, False),
    ],
    ids=["another value", "prune", "the same value", "another secret"],
)
def test_two_tokens_of_one_user_in_one_task_fail_if_they_disagree(
    second: Desired, prune: Prune | None, fails: bool, github: FakeGitHub, tmp_path: Path
) -> None:
    errors = targets(github, tmp_path / "store", ("one token", OLD, None), ("another", second, prune))
    assert [error is not None for error in errors] == [fails] * 2
    assert (github.secrets == {}) is fails
    if fails:
        assert str(errors[0]).startswith("targets lists the same user 2 times, with different tokens.")


# --- records from before they had an owner ---


@pytest.fixture
def unowned(github: FakeGitHub, run: Run, tmp_path: Path) -> None:
    """Store the record of a value that was written before records had an owner."""
    done(run(OLD))
    later(github)
    with closing(sqlite3.connect(tmp_path / "here", isolation_level=None)) as database:
        database.execute("UPDATE fingerprint SET scope = 'user'")
        database.execute("DELETE FROM account")


@pytest.mark.usefixtures("unowned")
@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "in check mode"])
def test_an_unowned_record_is_taken_over_without_a_write(check_mode: bool, github: FakeGitHub, run: Run) -> None:
    assert done(run(OLD, check_mode=check_mode)) == "unchanged"
    assert done(run(OLD)) == "unchanged"
    assert done(run(NEW)) == "value_changed"


@pytest.mark.usefixtures("unowned")
def test_an_unowned_record_moves_on_with_a_list_change(github: FakeGitHub, run: Run) -> None:
    done(run(access("present", 2)))
    later(github)
    assert done(run(OLD)) == "unchanged"


@pytest.mark.usefixtures("unowned")
def test_an_unowned_record_detects_an_edit_elsewhere(github: FakeGitHub, run: Run) -> None:
    github.put(SECRET, "edited")
    later(github)
    assert done(run(replace(OLD, update_value="on_new_value"))) == "left_as_edited"
    assert done(run(OLD)) == "updated_elsewhere"


@pytest.mark.usefixtures("unowned")
@pytest.mark.parametrize("earlier", [0, 100], ids=["created in the same second", "created earlier"])
def test_an_unowned_record_is_not_taken_over_if_the_secret_was_not_written_then(
    earlier: int, github: FakeGitHub, run: Run
) -> None:
    mine = github.secrets[SECRET]
    theirs = "/user:2/codespaces/secrets/TOKEN"
    github.users = {"token of bob": 2}
    github.secrets[theirs] = replace(
        mine, value="something else", created_at=mine.created_at - earlier, updated_at=mine.created_at - 3
    )
    assert done(run(OLD, token="token of bob")) == "not_recorded"
    assert github.secrets[theirs].value == "old"
    later(github)
    assert done(run(OLD, token="token of bob")) == "unchanged"
    assert done(run(OLD)) == "unchanged"


# --- writes that leave no record ---


def test_a_value_with_a_date_removes_the_record(github: FakeGitHub, run: Run) -> None:
    done(run(OLD))
    tomorrow = datetime.fromtimestamp(github.now, timezone.utc) + timedelta(days=1)
    assert done(run(replace(NEW, value_changed_at=tomorrow))) == "rotated"
    later(github)
    assert done(run(OLD)) == "not_recorded"
    assert github.secrets[SECRET].value == "old"


def test_a_record_is_unsure_if_the_answer_to_a_value_is_lost(github: FakeGitHub, run: Run) -> None:
    done(run(OLD))

    github.after("PUT", SECRET, lose)
    assert isinstance(run(NEW, retries=0).error, Unreachable)
    later(github)
    assert github.secrets[SECRET].value == "new"
    assert done(run(OLD)) == "not_recorded"
    assert done(run(OLD)) == "unchanged"


class Killed(BaseException):
    """The process was killed."""


@pytest.mark.parametrize("policy", ["on_change", "on_new_value"])
def test_a_record_is_unsure_if_the_task_is_killed_before_the_answer(policy: str, github: FakeGitHub, run: Run) -> None:
    old, new = replace(OLD, update_value=policy), replace(NEW, update_value=policy)
    done(run(old))

    def kill() -> None:
        raise Killed

    github.after("PUT", SECRET, kill)
    with pytest.raises(Killed):
        run(new)
    later(github)
    assert github.secrets[SECRET].value == "new"
    assert done(run(old)) == "not_recorded"
    assert github.secrets[SECRET].value == "old"
    assert done(run(old)) == "unchanged"


def test_a_write_without_an_answer_is_reported_as_unanswered(github: FakeGitHub, run: Run) -> None:
    github.after("PUT", SECRET, lose)
    github.after("PUT", SECRET, lose)
    item = run(NEW)
    assert isinstance(item.error, Unreachable)
    assert item.error.cause.endswith("It may have been carried out all the same.")
    assert [(write.method, write.answered) for write in item.sent] == [("PUT", False)]


def test_a_write_that_is_lost_and_then_rejected_is_reported_as_unanswered(github: FakeGitHub, run: Run) -> None:
    github.after("PUT", SECRET, lose)
    github.before("PUT", SECRET, lambda: None)
    github.before("PUT", SECRET, lambda: 403)
    item = run(NEW)
    assert item.error is not None
    assert [(write.method, write.answered) for write in item.sent] == [("PUT", False)]


def test_a_write_is_not_reported_if_the_connection_is_refused(github: FakeGitHub, run: Run) -> None:
    def refuse() -> None:
        raise Lost(OSError()) from ConnectionRefusedError()

    github.before("PUT", SECRET, refuse)
    item = run(NEW, retries=0)
    assert isinstance(item.error, Unreachable)
    assert "may have been" not in str(item.error)
    assert item.sent == ()


# --- edits elsewhere while a task waits ---


def beyond_limit(github: FakeGitHub, meanwhile: Callable[[], Any]) -> Callable[[], Reply]:
    """Answer with a rate limit, after five seconds in which another change happens."""

    def beyond_limit() -> Reply:
        github.advance(5)
        meanwhile()
        return limited()

    return beyond_limit


def test_an_edit_while_a_list_change_waits_is_detected(github: FakeGitHub, run: Run) -> None:
    done(run(OLD))
    github.before("PUT", LIST, beyond_limit(github, lambda: github.put(SECRET, "edited")))
    done(run(access("exact", 2)))
    later(github)
    assert done(run(OLD)) == "updated_elsewhere"
    assert github.secrets[SECRET].value == "old"


def test_an_edit_right_before_a_list_change_that_waits_is_detected(github: FakeGitHub, run: Run) -> None:
    done(run(OLD))
    later(github)

    def limited_at_once() -> Reply:
        github.put(SECRET, "edited")
        return limited()

    github.before("PUT", LIST, limited_at_once)
    done(run(access("exact", 2)))
    later(github)
    assert done(run(OLD)) == "updated_elsewhere"


def test_an_edit_between_two_list_changes_is_detected(github: FakeGitHub, run: Run) -> None:
    done(run(OLD))

    def edit() -> None:
        github.advance(10)
        github.put(SECRET, "edited")
        github.advance(10)

    github.before("PUT", f"{LIST}/3", edit)
    done(run(access("present", 2, 3)))
    later(github)
    assert done(run(OLD)) == "updated_elsewhere"


def test_a_list_change_that_waits_is_not_taken_for_an_edit(github: FakeGitHub, run: Run) -> None:
    done(run(OLD))
    github.before("PUT", f"{LIST}/3", beyond_limit(github, lambda: None))
    done(run(access("present", 2, 3)))
    later(github)
    assert done(run(OLD)) == "unchanged"


@pytest.mark.parametrize("scope", [USER, ORGANIZATION], ids=["user", "organization"])
@pytest.mark.parametrize("how", ["a limit", "a fault"])
def test_access_given_elsewhere_while_a_value_waits_is_kept(
    how: str, scope: Scope, github: FakeGitHub, run: Run
) -> None:
    path = scope.secret("TOKEN")
    github.put(path, "old", visibility="selected", ids={1})
    later(github)

    def give() -> Reply:
        github.change(path, ids={1, 2})
        return limited() if how == "a limit" else Reply(502)

    github.before("PUT", path, give)
    done(run(NEW, scope))
    assert github.secrets[path].value == "new"
    assert github.secrets[path].ids == {1, 2}


def test_access_is_kept_if_the_secret_is_created_elsewhere_while_the_value_waits(github: FakeGitHub, run: Run) -> None:
    github.before("PUT", SECRET, beyond_limit(github, lambda: github.put(SECRET, "theirs", ids={2})))
    done(run(NEW))
    assert (github.secrets[SECRET].value, github.secrets[SECRET].ids) == ("new", {2})


def test_a_visibility_changed_elsewhere_while_a_value_waits_is_kept(github: FakeGitHub, run: Run) -> None:
    path = ORGANIZATION.secret("TOKEN")
    github.put(path, "old", visibility="private")
    github.before("PUT", path, beyond_limit(github, lambda: github.put(path, "old", visibility="all")))
    done(run(NEW, ORGANIZATION))
    assert (github.secrets[path].value, github.secrets[path].visibility) == ("new", "all")


def test_access_given_elsewhere_is_kept_if_the_list_was_read_long_before_the_write(
    github: FakeGitHub, run: Run
) -> None:
    done(run(OLD))
    later(github)

    def slow() -> None:
        github.advance(6)
        github.change(SECRET, ids={2})

    github.after("GET", USER.public_key, slow)
    done(run(NEW))
    assert github.secrets[SECRET].ids == {2}


@pytest.mark.parametrize("scope", [REPOSITORY, USER, ORGANIZATION], ids=lambda scope: scope.label)
def test_a_write_counts_as_created_if_the_secret_was_deleted_elsewhere_meanwhile(
    scope: Scope, github: FakeGitHub, run: Run
) -> None:
    done(run(OLD, scope))
    later(github)
    github.before("PUT", scope.secret("TOKEN"), lambda: github.delete(scope.secret("TOKEN")))
    item = run(NEW, scope)
    assert done(item) == "created"
    assert [write.reason for write in item.sent] == ["created"]
    message = result.many([], [item], check_mode=False, diff_mode=True)
    assert (message["summary"]["created"], message["summary"]["updated"]) == (1, 0)
    assert (message["secrets"][0]["action"], message["secrets"][0]["reason"]) == ("create", "created")
    assert message["diff"][0]["before"] == {}
    assert item.outcome is not None
    assert item.outcome.created_at == item.answered_at
    later(github)
    assert done(run(NEW, scope)) == "unchanged"


@pytest.mark.parametrize("lag", [0, 5])
def test_a_forced_value_counts_as_created_if_the_secret_was_deleted_elsewhere_before(
    lag: int, github: FakeGitHub, run: Run
) -> None:
    github.lag = lag
    done(run(OLD, REPOSITORY))
    later(github)
    github.delete(REPOSITORY.secret("TOKEN"))
    assert done(run(replace(OLD, update_value="always"), REPOSITORY)) == "created"


def test_a_write_counts_as_updated_if_the_secret_exists(github: FakeGitHub, run: Run) -> None:
    done(run(OLD, REPOSITORY))
    later(github)
    item = run(NEW, REPOSITORY)
    assert done(item) == "value_changed"
    assert [write.reason for write in item.sent] == ["value_changed"]


def test_a_removal_whose_answer_is_lost_is_not_taken_for_an_edit(github: FakeGitHub, run: Run) -> None:
    done(run(replace(OLD, access=Access(("1", "2")))))
    later(github)

    github.after("DELETE", f"{LIST}/2", lose)
    done(run(access("absent", 2)))
    later(github)
    assert github.secrets[SECRET].ids == {1}
    assert done(run(OLD)) == "unchanged"


# --- lists that are late ---

LAG = 4.0


def test_access_that_the_task_before_gave_is_kept_if_the_list_is_late(github: FakeGitHub, run: Run) -> None:
    done(run(replace(OLD, access=Access(("1",)))))
    later(github)
    github.lag = LAG
    done(run(access("present", 2)))
    done(run(NEW))
    assert github.secrets[SECRET].ids == {1, 2}


def test_access_that_another_task_of_ours_gives_while_a_value_waits_is_kept(github: FakeGitHub, run: Run) -> None:
    done(run(replace(OLD, access=Access(("1",)))))
    later(github)
    github.lag = LAG

    def give() -> int:
        done(run(access("present", 2)))
        return 503

    github.before("PUT", SECRET, give)
    done(run(NEW))
    assert github.secrets[SECRET].ids == {1, 2}


def test_access_that_the_task_before_removed_stays_removed_if_the_list_is_late(github: FakeGitHub, run: Run) -> None:
    done(run(replace(OLD, access=Access(("1", "2")))))
    later(github)
    github.lag = LAG
    done(run(access("exact", 1)))
    done(run(NEW))
    assert github.secrets[SECRET].ids == {1}


def test_a_list_change_elsewhere_soon_after_ours_is_kept(github: FakeGitHub, run: Run) -> None:
    done(run(OLD))
    done(run(access("present", 1)))
    github.advance(2)
    github.change(SECRET, ids={3})
    assert done(run(access("present", 1))) == "unmanaged"
    assert github.secrets[SECRET].ids == {1, 3}


def test_a_deletion_reaches_a_secret_that_a_late_list_does_not_show(github: FakeGitHub, run: Run) -> None:
    github.lag = LAG
    done(run(OLD))
    assert done(run(ABSENT)) == "deleted"
    assert github.secrets == {}


def test_prune_reaches_a_secret_that_a_late_list_does_not_show(github: FakeGitHub, run: Run) -> None:
    github.lag = LAG
    done(run(OLD))
    done(run(Desired("OTHER", state="absent"), prune=Prune()))
    assert github.secrets == {}


@pytest.mark.parametrize(("seconds", "ids"), [(3, (2, 3)), (5, ())])
def test_two_list_changes_are_remembered_until_the_list_is_changed_elsewhere(
    seconds: int, ids: tuple[int, ...]
) -> None:
    begin = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
    facts = [*access_facts(begin, [2], []), *access_facts(begin + timedelta(seconds=2), [3], [])]
    row = Secret("TOKEN", updated_at=begin + timedelta(seconds=seconds))
    found = View("TOKEN", tuple(facts), row, listed_at=begin + timedelta(seconds=6)).repositories()
    assert tuple(repository.id for repository in found) == ids


def test_access_is_kept_if_the_list_is_ten_seconds_late_between_whole_seconds(github: FakeGitHub, run: Run) -> None:
    done(run(replace(OLD, access=Access(("1",)))))
    later(github)
    github.lag = 10.0
    github.now = int(github.now) + 0.95 - 1
    done(run(access("exact", 1, 2)))
    github.advance(9 - 0.9)
    done(run(NEW))
    assert github.secrets[SECRET].ids == {1, 2}


@pytest.mark.parametrize("seconds", [0.0, 4.0])
@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        pytest.param(USER, OLD, id="user"),
        pytest.param(ORGANIZATION, replace(OLD, visibility="selected"), id="organization"),
        pytest.param(ORGANIZATION, replace(OLD, visibility="all"), id="organization, all"),
    ],
)
def test_a_value_keeps_the_access_to_a_secret_that_a_late_list_does_not_show(
    scope: Scope, wanted: Desired, seconds: float, github: FakeGitHub, run: Run
) -> None:
    github.lag = 10.0
    chosen = scope is USER or wanted.visibility == "selected"
    done(run(replace(wanted, access=Access(("1",)) if chosen else None), scope))
    created = github.secrets[scope.secret("TOKEN")]
    github.advance(seconds)
    assert done(run(NEW, scope)) == "created"
    held = github.secrets[scope.secret("TOKEN")]
    assert (held.value, held.ids, held.visibility) == ("new", created.ids, created.visibility)
    later(github)
    assert done(run(NEW, scope)) == "unchanged"


def test_a_list_change_reaches_a_secret_that_a_late_list_does_not_show(github: FakeGitHub, run: Run) -> None:
    github.lag = LAG
    done(run(replace(OLD, access=Access(("1",)))))
    done(run(access("present", 2)))
    assert github.secrets[SECRET].ids == {1, 2}
    later(github)
    assert done(run(OLD)) == "unchanged"


def test_a_second_deletion_is_absent_if_the_list_still_shows_the_secret(github: FakeGitHub, run: Run) -> None:
    done(run(OLD))
    later(github)
    github.lag = LAG
    assert done(run(ABSENT)) == "deleted"
    assert done(run(ABSENT)) == "absent"
    assert done(run(ABSENT, check_mode=True)) == "absent"


def test_a_deleted_secret_is_created_once_if_the_list_still_shows_it(github: FakeGitHub, run: Run) -> None:
    done(run(OLD))
    later(github)
    github.lag = LAG
    done(run(ABSENT))
    assert done(run(OLD)) == "created"
    for dummy in range(3):
        assert done(run(OLD)) == "unchanged"
    later(github)
    assert done(run(OLD)) == "unchanged"


def test_a_deletion_reaches_a_secret_that_was_re_created_elsewhere(github: FakeGitHub, run: Run) -> None:
    done(run(OLD))
    later(github)
    done(run(ABSENT))
    github.advance(1)
    github.put(SECRET, "theirs")
    assert done(run(ABSENT)) == "deleted"
    assert github.secrets == {}


@pytest.mark.parametrize("existed", [False, True], ids=["a new secret", "one that is there"])
def test_a_value_with_a_date_is_written_once_if_the_list_is_late(existed: bool, github: FakeGitHub, run: Run) -> None:
    if existed:
        github.put(SECRET, "before")
        later(github)
    github.lag = LAG
    dated = replace(NEW, value_changed_at=datetime.fromtimestamp(github.now - 10, timezone.utc))
    run(dated)
    github.forget()
    assert done(run(dated)) == "unchanged"
    assert done(run(dated)) == "unchanged"
    assert github.writes() == []


@pytest.mark.parametrize(
    "wanted", [access("present", 2), access("absent", 1), access("exact", 2)], ids=["present", "absent", "exact"]
)
@pytest.mark.parametrize("recorded", [False, True], ids=["of a secret created elsewhere", "of ours"])
def test_a_list_change_is_sent_once_if_the_list_is_late(
    recorded: bool, wanted: Desired, github: FakeGitHub, run: Run
) -> None:
    if recorded:
        done(run(OLD))
    else:
        github.put(SECRET, "theirs")
    github.change(SECRET, ids={1})
    later(github)
    github.lag = LAG
    github.forget()
    done(run(wanted))
    assert len(github.writes()) == 1
    github.forget()
    done(run(wanted))
    assert github.writes() == []


def test_a_visibility_is_changed_once_if_the_list_is_late(github: FakeGitHub, run: Run) -> None:
    github.put(ORGANIZATION.secret("TOKEN"), "theirs", visibility="private")
    later(github)
    github.lag = LAG
    done(run(Desired("TOKEN", visibility="all"), ORGANIZATION))
    github.forget()
    done(run(Desired("TOKEN", visibility="all"), ORGANIZATION))
    assert github.writes() == []
    done(run(NEW, ORGANIZATION))
    assert github.secrets[ORGANIZATION.secret("TOKEN")].visibility == "all"


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "in check mode"])
def test_a_secret_deleted_elsewhere_after_our_update_is_created_without_a_wait(
    check_mode: bool, github: FakeGitHub, run: Run
) -> None:
    done(run(OLD, REPOSITORY))
    later(github)
    done(run(NEW, REPOSITORY))
    github.delete(REPOSITORY.secret("TOKEN"))
    github.forget()
    began = github.now
    assert done(run(NEW, REPOSITORY, check_mode=check_mode)) == "created"
    assert github.reads().count(f"GET {REPOSITORY.secrets}") == 1
    assert github.now == began + 1


def test_a_secret_deleted_elsewhere_after_our_creation_is_created_after_two_more_lists(
    github: FakeGitHub, run: Run
) -> None:
    done(run(OLD, REPOSITORY))
    github.delete(REPOSITORY.secret("TOKEN"))
    github.forget()
    began = github.now
    assert done(run(OLD, REPOSITORY)) == "created"
    assert github.reads().count(f"GET {REPOSITORY.secrets}") == 3
    assert github.now == began + 1 + 4


# --- policies, with two controllers ---


def test_two_controllers_settle_with_on_new_value(github: FakeGitHub, run: Run) -> None:
    wish = replace(OLD, update_value="on_new_value")
    assert done(run(wish, at="one")) == "created"
    later(github)
    assert done(run(wish, at="two")) == "not_recorded"
    for dummy in range(3):
        later(github)
        assert done(run(wish, at="one")) == "left_as_edited"
        later(github)
        assert done(run(wish, at="two")) == "unchanged"
    rotated = replace(NEW, update_value="on_new_value")
    assert done(run(rotated, at="one")) == "value_changed"


def test_an_adopted_value_is_unchanged_until_it_is_edited(github: FakeGitHub, run: Run) -> None:
    github.put(SECRET, "old", ids={1})
    later(github)
    adopted = replace(OLD, update_value="adopt")
    assert done(run(adopted, check_mode=True)) == "adopted"
    assert done(run(OLD, check_mode=True)) == "not_recorded"
    assert done(run(adopted)) == "adopted"
    assert done(run(adopted)) == "adopted"
    assert github.writes() == []
    assert done(run(OLD)) == "unchanged"
    assert done(run(NEW, check_mode=True)) == "value_changed"
    later(github)
    github.put(SECRET, "edited")
    later(github)
    assert done(run(OLD, check_mode=True)) == "updated_elsewhere"
    assert done(run(adopted)) == "adopted"
    assert done(run(OLD)) == "unchanged"


def test_an_adopted_value_is_unchanged_after_a_list_change(github: FakeGitHub, run: Run) -> None:
    github.put(SECRET, "old", ids={1})
    later(github)
    assert done(run(replace(OLD, update_value="adopt", access=Access(("2",))))) == "adopted"
    assert github.secrets[SECRET].ids == {2}
    later(github)
    assert done(run(OLD)) == "unchanged"


# --- what can be seen beforehand ---


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "in check mode"])
@pytest.mark.parametrize("wanted", [access("exact"), access("present", 2)], ids=["nobody", "one more"])
def test_a_list_change_fails_if_the_visibility_is_not_selected(
    wanted: Desired, check_mode: bool, github: FakeGitHub, run: Run
) -> None:
    github.put(ORGANIZATION.secret("TOKEN"), "theirs", visibility="all")
    item = run(wanted, ORGANIZATION, check_mode=check_mode)
    assert isinstance(item.error, InputError)
    assert "visibility=all" in str(item.error)
    assert github.writes() == []


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "in check mode"])
def test_a_new_secret_fails_if_the_scope_is_full(check_mode: bool, github: FakeGitHub, run: Run) -> None:
    for number in range(100):
        github.put(REPOSITORY.secret(f"S{number}"), "theirs")
    item = run(OLD, REPOSITORY, check_mode=check_mode)
    assert isinstance(item.error, InputError)
    assert "100 secrets" in str(item.error)
    assert github.writes() == []
