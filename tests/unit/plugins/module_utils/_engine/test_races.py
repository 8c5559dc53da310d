# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two at once, somebody else meanwhile, answers that are lost, and lists that are late.

What matters is said of whole runs: what is there afterwards, who may read it, and what a further run does.
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
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import Connection
from ansible_collections.devex.github.plugins.module_utils._model import Access, Desired, Job, Prune, Secret, Value
from ansible_collections.devex.github.plugins.module_utils._module import result
from ansible_collections.devex.github.plugins.module_utils._record.sqlite import SqliteStore
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.tests.unit.plugins.module_utils._engine.octo import Lost, Octo
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import API, CONNECTION, TOKEN

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
def octo() -> Octo:
    return Octo()


@pytest.fixture
def run(octo: Octo, tmp_path: Path) -> Run:
    """Run one task, a second after the one before, with the store of a controller."""

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
        octo.passes(pause)
        connection = Connection(**{**CONNECTION, "retries": retries, "token": token})

        def pace() -> Pace:
            return Pace(connection.max_wait, monotonic=lambda: octo.now, sleep=octo.passes)

        session = Session(connection, adapter=octo, pace=pace)
        provisioner = Provisioner(
            session, SqliteStore(str(tmp_path / at), API), check_mode=check_mode, sleep=octo.passes
        )
        only = desired.value is None and desired.access is not None
        dummy, items = provisioner.run([Job(scope, (desired,), access_only=only, prune=prune)])
        return items[0]

    return run


def done(item: Item) -> str:
    """The reason, of a task that must not fail."""
    assert item.error is None, item.error
    assert item.plan is not None
    return item.plan.reason


def later(octo: Octo) -> None:
    """Long enough for every list to show everything."""
    octo.passes(60)


# --- two tasks at once, with one store ---


def test_a_list_change_does_not_put_an_older_fingerprint_back(octo: Octo, run: Run) -> None:
    done(run(OLD))
    octo.before("PUT", f"{LIST}/2", lambda: done(run(NEW)))
    done(run(access("present", 2)))
    later(octo)
    assert octo.secrets[SECRET].value == "new"
    assert done(run(OLD)) == "value_changed"


@pytest.mark.parametrize("seconds", [0, 1, 2, 5])
@pytest.mark.parametrize("first", [True, False], ids=["theirs comes first", "ours comes first"])
@pytest.mark.parametrize("existed", [False, True], ids=["a new secret", "one that is there"])
def test_of_two_values_at_once_none_is_wrongly_unchanged(
    existed: bool, first: bool, seconds: int, octo: Octo, run: Run
) -> None:
    """Whichever comes last, and however late its answer: both are tried afterwards."""
    if existed:
        done(run(replace(OLD, value=Value("before"))))

    def theirs() -> None:
        octo.passes(seconds)
        done(run(NEW))
        octo.passes(seconds)

    (octo.before if first else octo.after)("PUT", SECRET, theirs)
    done(run(OLD))
    there = octo.secrets[SECRET].value
    later(octo)

    other = OLD if there == "new" else NEW
    assert done(run(other)) != "unchanged"
    assert octo.secrets[SECRET].value == (other.value and other.value.text)
    assert done(run(other)) == "unchanged"


@pytest.mark.parametrize("first", [True, False], ids=["theirs comes first", "ours comes first"])
def test_the_same_value_at_once_is_unchanged_afterwards(first: bool, octo: Octo, run: Run) -> None:
    done(run(OLD))
    (octo.before if first else octo.after)("PUT", SECRET, lambda: done(run(NEW)))
    done(run(NEW))
    later(octo)
    assert done(run(NEW)) == "unchanged"


@pytest.mark.parametrize("existed", [False, True], ids=["a new secret", "one that is there"])
def test_four_tasks_with_one_value_leave_no_doubt(existed: bool, octo: Octo, run: Run) -> None:
    """Each begins within the one before: before its record is doubted, and before its value arrives."""
    if existed:
        done(run(OLD))
    octo.before("GET", USER.public_key, lambda: done(run(NEW)))
    octo.before("PUT", SECRET, lambda: done(run(NEW)))
    octo.after("PUT", SECRET, lambda: done(run(NEW)))
    done(run(NEW))
    later(octo)
    assert done(run(NEW)) == "unchanged"


# --- several users with one store, within a second ---

USERS = {"token of alice": 1, "token of bob": 2, "token of carol": 3}


@pytest.fixture
def users(octo: Octo) -> dict[str, str]:
    """The paths of the users' secrets by token, which were all created in one second, with access for two."""
    octo.users = dict(USERS)
    paths = {
        token: SECRET if number == 1 else f"/user:{number}/codespaces/secrets/TOKEN" for token, number in USERS.items()
    }
    for path in paths.values():
        octo.put(path, "before", ids=frozenset({1, 2}))
    later(octo)
    return paths


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [(access("absent", 2), {1}), (access("present", 3), {1, 2, 3}), (access("exact"), set())],
    ids=["take access", "give access", "take all access"],
)
def test_a_list_change_in_a_loop_reaches_every_user(
    wanted: Desired, ids: set[int], users: dict[str, str], octo: Octo, run: Run
) -> None:
    octo.lag = 5
    for token in users:
        run(wanted, token=token, pause=0)
    assert [octo.secrets[path].ids for path in users.values()] == [ids] * 3


@pytest.mark.parametrize("values", [("same", "same", "same"), ("a", "b", "c")], ids=["one value", "own values"])
def test_a_value_in_a_loop_is_written_once_for_every_user(
    values: tuple[str, ...], users: dict[str, str], octo: Octo, run: Run
) -> None:
    wanted = {token: Desired("TOKEN", value=Value(value)) for token, value in zip(users, values, strict=True)}
    began = octo.now
    assert [done(run(wanted[token], token=token, pause=0)) for token in users] == ["not_recorded"] * 3
    assert [octo.secrets[path].value for path in users.values()] == [*values]
    for dummy in range(2):
        assert [done(run(wanted[token], token=token, pause=0)) for token in users] == ["unchanged"] * 3
    assert octo.now == began, "a task has waited"


@pytest.mark.parametrize("state", [ABSENT, OLD], ids=["delete", "create"])
def test_what_one_user_has_changed_says_nothing_about_another(
    state: Desired, users: dict[str, str], octo: Octo, run: Run
) -> None:
    for path in users.values():
        if state is OLD:
            octo.delete(path)
    later(octo)
    for token in users:
        run(state, token=token, pause=0)
    assert [path in octo.secrets for path in users.values()] == [state is OLD] * 3


def test_a_new_token_of_a_user_continues_with_the_records_of_the_old_one(octo: Octo, run: Run) -> None:
    done(run(OLD, token="old token"))
    later(octo)
    octo.came.clear()
    assert done(run(OLD, token="new token")) == "unchanged"
    assert octo.came == ["GET /user", "GET /user/codespaces/secrets"]
    octo.came.clear()
    assert done(run(OLD, token="new token")) == "unchanged"
    assert octo.came == ["GET /user/codespaces/secrets"]


def targets(octo: Octo, path: Path, *jobs: tuple[str, Desired, Prune | None]) -> list[str | None]:
    """The errors of a task with a target for each token."""
    connection = Connection(**CONNECTION)
    session = Session(connection, adapter=octo, pace=lambda: Pace(0, monotonic=lambda: octo.now, sleep=octo.passes))
    provisioner = Provisioner(session, SqliteStore(str(path), API), check_mode=False, sleep=octo.passes)
    wanted = [Job(USER, (desired,), token, prune=prune) for token, desired, prune in jobs]
    readings, dummy = provisioner.run(wanted)
    return [str(reading.error) if reading.error else None for reading in readings]


def test_several_users_are_targets_of_one_task(octo: Octo, tmp_path: Path) -> None:
    octo.users = dict(USERS)
    jobs = [(token, Desired("TOKEN", value=Value(token)), None) for token in USERS]
    assert targets(octo, tmp_path / "store", *jobs) == [None] * 3
    assert sorted(held.value for held in octo.secrets.values()) == sorted(USERS)


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
    second: Desired, prune: Prune | None, fails: bool, octo: Octo, tmp_path: Path
) -> None:
    errors = targets(octo, tmp_path / "store", ("one token", OLD, None), ("another", second, prune))
    assert [error is not None for error in errors] == [fails] * 2
    assert (octo.secrets == {}) is fails
    if fails:
        assert str(errors[0]).startswith("2 targets with different tokens are of the same user.")


# --- records from before they had an owner ---


@pytest.fixture
def unowned(octo: Octo, run: Run, tmp_path: Path) -> None:
    """The record of a value that was written before records had an owner."""
    done(run(OLD))
    later(octo)
    with closing(sqlite3.connect(tmp_path / "here", isolation_level=None)) as database:
        database.execute("UPDATE fingerprint SET scope = 'user'")
        database.execute("DELETE FROM account")


@pytest.mark.usefixtures("unowned")
@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "in check mode"])
def test_an_unowned_record_is_taken_over_without_a_write(check_mode: bool, octo: Octo, run: Run) -> None:
    assert done(run(OLD, check_mode=check_mode)) == "unchanged"
    assert done(run(OLD)) == "unchanged"
    assert done(run(NEW)) == "value_changed"


@pytest.mark.usefixtures("unowned")
def test_an_unowned_record_moves_on_with_a_list_change(octo: Octo, run: Run) -> None:
    done(run(access("present", 2)))
    later(octo)
    assert done(run(OLD)) == "unchanged"


@pytest.mark.usefixtures("unowned")
def test_an_unowned_record_keeps_an_edit_elsewhere(octo: Octo, run: Run) -> None:
    octo.put(SECRET, "edited")
    later(octo)
    assert done(run(replace(OLD, update_value="on_new_value"))) == "left_as_edited"
    assert done(run(OLD)) == "updated_elsewhere"


@pytest.mark.usefixtures("unowned")
@pytest.mark.parametrize("earlier", [0, 100], ids=["created in the same second", "created earlier"])
def test_an_unowned_record_is_not_that_of_a_secret_that_was_not_written_then(
    earlier: int, octo: Octo, run: Run
) -> None:
    mine = octo.secrets[SECRET]
    theirs = "/user:2/codespaces/secrets/TOKEN"
    octo.users = {"token of bob": 2}
    octo.secrets[theirs] = replace(
        mine, value="something else", created_at=mine.created_at - earlier, updated_at=mine.created_at - 3
    )
    assert done(run(OLD, token="token of bob")) == "not_recorded"
    assert octo.secrets[theirs].value == "old"
    assert done(run(OLD)) == "unchanged"


# --- writes that leave no record ---


def test_a_value_with_a_date_takes_the_record_away(octo: Octo, run: Run) -> None:
    done(run(OLD))
    tomorrow = datetime.fromtimestamp(octo.now, timezone.utc) + timedelta(days=1)
    assert done(run(replace(NEW, value_changed_at=tomorrow))) == "rotated"
    later(octo)
    assert done(run(OLD)) == "not_recorded"
    assert octo.secrets[SECRET].value == "old"


def test_a_value_whose_answer_is_lost_makes_the_record_unsure(octo: Octo, run: Run) -> None:
    done(run(OLD))

    def lose() -> None:
        raise Lost

    octo.after("PUT", SECRET, lose)
    assert isinstance(run(NEW, retries=0).error, Unreachable)
    later(octo)
    assert octo.secrets[SECRET].value == "new"
    assert done(run(OLD)) == "not_recorded"
    assert done(run(OLD)) == "unchanged"


class Killed(BaseException):
    """The process is no more."""


@pytest.mark.parametrize("policy", ["on_change", "on_new_value"])
def test_a_task_that_is_killed_before_the_answer_makes_the_record_unsure(policy: str, octo: Octo, run: Run) -> None:
    old, new = replace(OLD, update_value=policy), replace(NEW, update_value=policy)
    done(run(old))

    def kill() -> None:
        raise Killed

    octo.after("PUT", SECRET, kill)
    with pytest.raises(Killed):
        run(new)
    later(octo)
    assert octo.secrets[SECRET].value == "new"
    assert done(run(old)) == "not_recorded"
    assert octo.secrets[SECRET].value == "old"
    assert done(run(old)) == "unchanged"


def test_a_write_without_an_answer_is_told(octo: Octo, run: Run) -> None:
    def lose() -> None:
        raise Lost

    octo.after("PUT", SECRET, lose)
    octo.after("PUT", SECRET, lose)
    item = run(NEW)
    assert isinstance(item.error, Unreachable)
    assert item.error.cause.endswith("It may have been carried out all the same.")
    assert [(write.method, write.answered) for write in item.sent] == [("PUT", False)]


def test_a_write_that_was_lost_and_then_refused_is_told(octo: Octo, run: Run) -> None:
    def lose() -> None:
        raise Lost

    octo.after("PUT", SECRET, lose)
    octo.before("PUT", SECRET, lambda: None)
    octo.before("PUT", SECRET, lambda: 403)
    item = run(NEW)
    assert item.error is not None
    assert [(write.method, write.answered) for write in item.sent] == [("PUT", False)]


def test_a_write_that_never_left_is_not_told(octo: Octo, run: Run) -> None:
    def refuse() -> None:
        raise Lost(OSError()) from ConnectionRefusedError()

    octo.before("PUT", SECRET, refuse)
    item = run(NEW, retries=0)
    assert isinstance(item.error, Unreachable)
    assert "may have been" not in str(item.error)
    assert item.sent == []


# --- somebody else, while a task waits ---


def limited(octo: Octo, meanwhile: Callable[[], Any]) -> Callable[[], int]:
    def limited() -> int:
        octo.passes(5)
        meanwhile()
        return 429

    return limited


def test_an_edit_of_the_value_while_a_list_change_waits_is_seen(octo: Octo, run: Run) -> None:
    done(run(OLD))
    octo.before("PUT", LIST, limited(octo, lambda: octo.put(SECRET, "edited")))
    done(run(access("exact", 2)))
    later(octo)
    assert done(run(OLD)) == "updated_elsewhere"
    assert octo.secrets[SECRET].value == "old"


def test_an_edit_of_the_value_right_after_our_look_is_seen_where_the_list_change_waits(octo: Octo, run: Run) -> None:
    done(run(OLD))
    later(octo)

    def limited_at_once() -> int:
        octo.put(SECRET, "edited")
        return 429

    octo.before("PUT", LIST, limited_at_once)
    done(run(access("exact", 2)))
    later(octo)
    assert done(run(OLD)) == "updated_elsewhere"


def test_an_edit_of_the_value_between_two_list_changes_is_seen(octo: Octo, run: Run) -> None:
    done(run(OLD))

    def edit() -> None:
        octo.passes(10)
        octo.put(SECRET, "edited")
        octo.passes(10)

    octo.before("PUT", f"{LIST}/3", edit)
    done(run(access("present", 2, 3)))
    later(octo)
    assert done(run(OLD)) == "updated_elsewhere"


def test_a_list_change_that_waits_is_no_edit(octo: Octo, run: Run) -> None:
    done(run(OLD))
    octo.before("PUT", f"{LIST}/3", limited(octo, lambda: None))
    done(run(access("present", 2, 3)))
    later(octo)
    assert done(run(OLD)) == "unchanged"


@pytest.mark.parametrize("scope", [USER, ORGANIZATION], ids=["user", "organization"])
@pytest.mark.parametrize("how", ["a limit", "a fault"])
def test_a_repository_that_is_given_access_while_a_value_waits_keeps_it(
    how: str, scope: Scope, octo: Octo, run: Run
) -> None:
    path = scope.secret("TOKEN")
    octo.put(path, "old", ids=frozenset({1}))
    later(octo)

    def give() -> int:
        octo.share(path, 1, 2)
        return 429 if how == "a limit" else 502

    octo.before("PUT", path, give)
    done(run(NEW, scope))
    assert octo.secrets[path].value == "new"
    assert octo.secrets[path].ids == {1, 2}


def test_access_to_a_secret_that_came_into_being_while_ours_waited_stays(octo: Octo, run: Run) -> None:
    octo.before("PUT", SECRET, limited(octo, lambda: octo.put(SECRET, "theirs", ids=frozenset({2}))))
    done(run(NEW))
    assert (octo.secrets[SECRET].value, octo.secrets[SECRET].ids) == ("new", frozenset({2}))


def test_a_visibility_that_is_changed_while_a_value_waits_stays(octo: Octo, run: Run) -> None:
    path = ORGANIZATION.secret("TOKEN")
    octo.put(path, "old", visibility="private")
    octo.before("PUT", path, limited(octo, lambda: octo.put(path, "old", visibility="all")))
    done(run(NEW, ORGANIZATION))
    assert (octo.secrets[path].value, octo.secrets[path].visibility) == ("new", "all")


def test_a_value_whose_list_was_read_long_ago_reads_it_again(octo: Octo, run: Run) -> None:
    done(run(OLD))
    later(octo)

    def slow() -> None:
        octo.passes(6)
        octo.share(SECRET, 2)

    octo.after("GET", USER.public_key, slow)
    done(run(NEW))
    assert octo.secrets[SECRET].ids == {2}


@pytest.mark.parametrize("scope", [REPOSITORY, USER, ORGANIZATION], ids=lambda scope: scope.label)
def test_a_secret_that_was_deleted_elsewhere_counts_as_created(scope: Scope, octo: Octo, run: Run) -> None:
    done(run(OLD, scope))
    later(octo)
    octo.before("PUT", scope.secret("TOKEN"), lambda: octo.delete(scope.secret("TOKEN")))
    item = run(NEW, scope)
    assert done(item) == "created"
    assert [write.reason for write in item.sent] == ["created"]
    told = result.many([], [item], check_mode=False, diff_mode=True)
    assert (told["summary"]["created"], told["summary"]["updated"]) == (1, 0)
    assert (told["secrets"][0]["action"], told["secrets"][0]["reason"]) == ("create", "created")
    assert told["diff"][0]["before"] == {}
    assert item.outcome is not None
    assert item.outcome.created_at == item.answered_at
    later(octo)
    assert done(run(NEW, scope)) == "unchanged"


@pytest.mark.parametrize("lag", [0, 5])
def test_a_value_that_is_forced_into_a_deleted_secret_counts_as_created(lag: int, octo: Octo, run: Run) -> None:
    octo.lag = lag
    done(run(OLD, REPOSITORY))
    later(octo)
    octo.delete(REPOSITORY.secret("TOKEN"))
    assert done(run(replace(OLD, update_value="always"), REPOSITORY)) == "created"


def test_a_secret_that_exists_counts_as_updated(octo: Octo, run: Run) -> None:
    done(run(OLD, REPOSITORY))
    later(octo)
    item = run(NEW, REPOSITORY)
    assert done(item) == "value_changed"
    assert [write.reason for write in item.sent] == ["value_changed"]


def test_a_removal_whose_answer_is_lost_is_ours(octo: Octo, run: Run) -> None:
    done(run(replace(OLD, access=Access(("1", "2")))))
    later(octo)

    def lose() -> None:
        raise Lost

    octo.after("DELETE", f"{LIST}/2", lose)
    done(run(access("absent", 2)))
    later(octo)
    assert octo.secrets[SECRET].ids == {1}
    assert done(run(OLD)) == "unchanged"


# --- lists that are late ---

LAG = 4.0


def test_access_that_we_gave_is_not_taken_away_by_a_late_list(octo: Octo, run: Run) -> None:
    done(run(replace(OLD, access=Access(("1",)))))
    later(octo)
    octo.lag = LAG
    done(run(access("present", 2)))
    done(run(NEW))
    assert octo.secrets[SECRET].ids == {1, 2}


def test_access_that_another_task_of_ours_gives_while_a_value_waits_stays(octo: Octo, run: Run) -> None:
    done(run(replace(OLD, access=Access(("1",)))))
    later(octo)
    octo.lag = LAG

    def give() -> int:
        done(run(access("present", 2)))
        return 503

    octo.before("PUT", SECRET, give)
    done(run(NEW))
    assert octo.secrets[SECRET].ids == {1, 2}


def test_access_that_we_took_is_not_given_back_by_a_late_list(octo: Octo, run: Run) -> None:
    done(run(replace(OLD, access=Access(("1", "2")))))
    later(octo)
    octo.lag = LAG
    done(run(access("exact", 1)))
    done(run(NEW))
    assert octo.secrets[SECRET].ids == {1}


def test_somebody_elses_change_of_the_list_is_seen_soon_after_ours(octo: Octo, run: Run) -> None:
    done(run(OLD))
    done(run(access("present", 1)))
    octo.passes(2)
    octo.share(SECRET, 3)
    assert done(run(access("present", 1))) == "unmanaged"
    assert octo.secrets[SECRET].ids == {1, 3}


def test_what_was_created_a_moment_ago_is_deleted(octo: Octo, run: Run) -> None:
    octo.lag = LAG
    done(run(OLD))
    assert done(run(ABSENT)) == "deleted"
    assert octo.secrets == {}


def test_what_was_created_a_moment_ago_is_pruned(octo: Octo, run: Run) -> None:
    octo.lag = LAG
    done(run(OLD))
    done(run(Desired("OTHER", state="absent"), prune=Prune()))
    assert octo.secrets == {}


@pytest.mark.parametrize(("seconds", "ids"), [(3, (2, 3)), (5, ())])
def test_both_of_two_list_changes_are_known_until_somebody_else_changes_it(seconds: int, ids: tuple[int, ...]) -> None:
    begin = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
    facts = [*access_facts(begin, [2], []), *access_facts(begin + timedelta(seconds=2), [3], [])]
    row = Secret("TOKEN", updated_at=begin + timedelta(seconds=seconds))
    found = View("TOKEN", tuple(facts), row, listed_at=begin + timedelta(seconds=6)).repositories()
    assert tuple(repository.id for repository in found) == ids


def test_a_list_may_be_late_by_ten_seconds_between_whole_ones(octo: Octo, run: Run) -> None:
    done(run(replace(OLD, access=Access(("1",)))))
    later(octo)
    octo.lag = 10.0
    octo.now = int(octo.now) + 0.95 - 1
    done(run(access("exact", 1, 2)))
    octo.passes(9 - 0.9)
    done(run(NEW))
    assert octo.secrets[SECRET].ids == {1, 2}


@pytest.mark.parametrize("seconds", [0.0, 4.0])
@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        pytest.param(USER, OLD, id="user"),
        pytest.param(ORGANIZATION, replace(OLD, visibility="selected"), id="organization"),
        pytest.param(ORGANIZATION, replace(OLD, visibility="all"), id="organization, all"),
    ],
)
def test_what_was_created_a_moment_ago_keeps_its_readers(
    scope: Scope, wanted: Desired, seconds: float, octo: Octo, run: Run
) -> None:
    octo.lag = 10.0
    chosen = scope is USER or wanted.visibility == "selected"
    done(run(replace(wanted, access=Access(("1",)) if chosen else None), scope))
    created = octo.secrets[scope.secret("TOKEN")]
    octo.passes(seconds)
    assert done(run(NEW, scope)) == "created"
    held = octo.secrets[scope.secret("TOKEN")]
    assert (held.value, held.ids, held.visibility) == ("new", created.ids, created.visibility)
    later(octo)
    assert done(run(NEW, scope)) == "unchanged"


def test_what_was_created_a_moment_ago_has_a_list(octo: Octo, run: Run) -> None:
    octo.lag = LAG
    done(run(replace(OLD, access=Access(("1",)))))
    done(run(access("present", 2)))
    assert octo.secrets[SECRET].ids == {1, 2}
    later(octo)
    assert done(run(OLD)) == "unchanged"


def test_what_was_deleted_a_moment_ago_is_absent(octo: Octo, run: Run) -> None:
    done(run(OLD))
    later(octo)
    octo.lag = LAG
    assert done(run(ABSENT)) == "deleted"
    assert done(run(ABSENT)) == "absent"
    assert done(run(ABSENT, check_mode=True)) == "absent"


def test_what_was_deleted_a_moment_ago_is_created_once(octo: Octo, run: Run) -> None:
    done(run(OLD))
    later(octo)
    octo.lag = LAG
    done(run(ABSENT))
    assert done(run(OLD)) == "created"
    for dummy in range(3):
        assert done(run(OLD)) == "unchanged"
    later(octo)
    assert done(run(OLD)) == "unchanged"


def test_what_somebody_else_made_of_what_we_deleted_is_there(octo: Octo, run: Run) -> None:
    done(run(OLD))
    later(octo)
    done(run(ABSENT))
    octo.passes(1)
    octo.put(SECRET, "theirs")
    assert done(run(ABSENT)) == "deleted"
    assert octo.secrets == {}


@pytest.mark.parametrize("existed", [False, True], ids=["a new secret", "one that is there"])
def test_a_value_with_a_date_is_written_once(existed: bool, octo: Octo, run: Run) -> None:
    if existed:
        octo.put(SECRET, "before")
        later(octo)
    octo.lag = LAG
    dated = replace(NEW, value_changed_at=datetime.fromtimestamp(octo.now - 10, timezone.utc))
    run(dated)
    octo.writes()
    assert done(run(dated)) == "unchanged"
    assert done(run(dated)) == "unchanged"
    assert octo.writes() == []


@pytest.mark.parametrize(
    "wanted", [access("present", 2), access("absent", 1), access("exact", 2)], ids=["present", "absent", "exact"]
)
@pytest.mark.parametrize("recorded", [False, True], ids=["of somebody else's secret", "of ours"])
def test_a_list_change_is_sent_once(recorded: bool, wanted: Desired, octo: Octo, run: Run) -> None:
    if recorded:
        done(run(OLD))
    else:
        octo.put(SECRET, "theirs")
    octo.share(SECRET, 1)
    later(octo)
    octo.lag = LAG
    octo.writes()
    done(run(wanted))
    assert len(octo.writes()) == 1
    done(run(wanted))
    assert octo.writes() == []


def test_a_visibility_is_changed_once(octo: Octo, run: Run) -> None:
    octo.put(ORGANIZATION.secret("TOKEN"), "theirs", visibility="private")
    later(octo)
    octo.lag = LAG
    done(run(Desired("TOKEN", visibility="all"), ORGANIZATION))
    octo.writes()
    done(run(Desired("TOKEN", visibility="all"), ORGANIZATION))
    assert octo.writes() == []
    done(run(NEW, ORGANIZATION))
    assert octo.secrets[ORGANIZATION.secret("TOKEN")].visibility == "all"


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "in check mode"])
def test_a_secret_that_is_deleted_elsewhere_after_our_update_costs_no_wait(
    check_mode: bool, octo: Octo, run: Run
) -> None:
    done(run(OLD, REPOSITORY))
    later(octo)
    done(run(NEW, REPOSITORY))
    octo.delete(REPOSITORY.secret("TOKEN"))
    octo.came.clear()
    began = octo.now
    assert done(run(NEW, REPOSITORY, check_mode=check_mode)) == "created"
    assert octo.came.count(f"GET {REPOSITORY.secrets}") == 1
    assert octo.now == began + 1


def test_a_secret_that_is_deleted_elsewhere_after_we_created_it_costs_two_lists(octo: Octo, run: Run) -> None:
    done(run(OLD, REPOSITORY))
    octo.delete(REPOSITORY.secret("TOKEN"))
    octo.came.clear()
    began = octo.now
    assert done(run(OLD, REPOSITORY)) == "created"
    assert octo.came.count(f"GET {REPOSITORY.secrets}") == 3
    assert octo.now == began + 1 + 4


# --- policies, with two controllers ---


def test_two_controllers_settle_with_on_new_value(octo: Octo, run: Run) -> None:
    wish = replace(OLD, update_value="on_new_value")
    assert done(run(wish, at="one")) == "created"
    later(octo)
    assert done(run(wish, at="two")) == "not_recorded"
    for dummy in range(3):
        later(octo)
        assert done(run(wish, at="one")) == "left_as_edited"
        later(octo)
        assert done(run(wish, at="two")) == "unchanged"
    rotated = replace(NEW, update_value="on_new_value")
    assert done(run(rotated, at="one")) == "value_changed"


def test_what_is_adopted_is_unchanged_until_it_is_edited(octo: Octo, run: Run) -> None:
    octo.put(SECRET, "old", ids=frozenset({1}))
    later(octo)
    adopted = replace(OLD, update_value="adopt")
    assert done(run(adopted, check_mode=True)) == "adopted"
    assert done(run(OLD, check_mode=True)) == "not_recorded"
    assert done(run(adopted)) == "adopted"
    assert done(run(adopted)) == "adopted"
    assert octo.writes() == []
    assert done(run(OLD)) == "unchanged"
    assert done(run(NEW, check_mode=True)) == "value_changed"
    later(octo)
    octo.put(SECRET, "edited")
    later(octo)
    assert done(run(OLD, check_mode=True)) == "updated_elsewhere"
    assert done(run(adopted)) == "adopted"
    assert done(run(OLD)) == "unchanged"


def test_what_is_adopted_may_have_its_list_changed(octo: Octo, run: Run) -> None:
    octo.put(SECRET, "old", ids=frozenset({1}))
    later(octo)
    assert done(run(replace(OLD, update_value="adopt", access=Access(("2",))))) == "adopted"
    assert octo.secrets[SECRET].ids == {2}
    later(octo)
    assert done(run(OLD)) == "unchanged"


# --- what can be seen beforehand ---


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "in check mode"])
@pytest.mark.parametrize("wanted", [access("exact"), access("present", 2)], ids=["nobody", "one more"])
def test_a_list_needs_a_visibility_of_selected(wanted: Desired, check_mode: bool, octo: Octo, run: Run) -> None:
    octo.put(ORGANIZATION.secret("TOKEN"), "theirs", visibility="all")
    item = run(wanted, ORGANIZATION, check_mode=check_mode)
    assert isinstance(item.error, InputError)
    assert "visibility all" in str(item.error)
    assert octo.writes() == []


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "in check mode"])
def test_a_full_scope_has_no_room(check_mode: bool, octo: Octo, run: Run) -> None:
    for number in range(100):
        octo.put(REPOSITORY.secret(f"S{number}"), "theirs")
    item = run(OLD, REPOSITORY, check_mode=check_mode)
    assert isinstance(item.error, InputError)
    assert "100 secrets" in str(item.error)
    assert octo.writes() == []
