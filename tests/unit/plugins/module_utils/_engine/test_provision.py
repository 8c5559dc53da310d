# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provision secrets, and check the state of GitHub and the store afterwards, and the requests.

The number of requests in each case is tested with whole playbooks, in the integration tests.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._crypto import seal
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._engine.provision import Provisioner
from ansible_collections.devex.github.plugins.module_utils._errors import (
    GitHubError,
    InputError,
    NotFound,
    Refused,
    StoreError,
    Unreachable,
)
from ansible_collections.devex.github.plugins.module_utils._model import Access, Desired, Job, Record, Value
from ansible_collections.devex.github.plugins.module_utils._record.fingerprint import Fingerprints
from ansible_collections.devex.github.plugins.module_utils._record.sqlite import SqliteStore
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import API
from ansible_collections.devex.github.tests.unit.plugins.module_utils.github import FakeGitHub, Reply, lose

#: GitHub's time at the beginning of each test.
NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)

REPOSITORY = _scope.repository("octo/web")
USER = replace(_scope.user(), user_id=1)
ORGANIZATION = _scope.organization("octo")
PATH = REPOSITORY.secret("TOKEN")
USERS_PATH = USER.secret("TOKEN")

WISH = Desired("TOKEN", value=Value("s3cret"))
GONE = Desired("TOKEN", state="absent")
DATED = replace(WISH, value_changed_at=NOON)
#: The time of creation of the secret that hold() creates.
RECORD = Record(
    Fingerprints().make("TOKEN", "s3cret"), applied_at=NOON - HOUR, created=(NOON - 2 * HOUR, NOON - 2 * HOUR)
)

#: The key of the fingerprints.
KEY = b"a key of thirty-two random bytes"

Run = Callable[..., list[Item]]


@pytest.fixture
def github() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(str(tmp_path / "state/store"), API)


@pytest.fixture
def run(github: FakeGitHub, store: SqliteStore) -> Run:
    """Provision the secrets of a scope. Raise the error of its reading."""

    def run(
        scope: Scope,
        *secrets: Desired,
        check_mode: bool = False,
        access_only: bool = False,
        key: bytes | None = None,
        retries: int = 0,
    ) -> list[Item]:
        session = github.session(retries=retries)
        provisioner = Provisioner(session, store, check_mode=check_mode, key=key, sleep=github.sleep)
        dummy, items = provisioner.run([Job(scope, secrets, access_only=access_only)])
        return items

    return run


def hold(
    github: FakeGitHub,
    path: str = PATH,
    *,
    value: str = "s3cret",
    updated_at: datetime = NOON - HOUR,
    **changes: Any,
) -> None:
    """Create a secret at GitHub that is two hours old."""
    github.now = (NOON - 2 * HOUR).timestamp()
    github.put(path, value, **changes)
    github.now = updated_at.timestamp()
    github.put(path, value)
    github.now = NOON.timestamp()


def record(store: SqliteStore, scope: Scope, record: Record = RECORD) -> None:
    store.prepare()
    store.write(scope, "TOKEN", record, over=None)


def reads_of(github: FakeGitHub, path: str) -> int:
    return github.reads().count(f"GET {path}")


def reads_come_first(github: FakeGitHub) -> bool:
    return github.calls() == [*github.reads(), *github.writes()]


def methods(item: Item) -> list[str]:
    return [write.method for write in item.sent]


# --- the order of requests, where it matters ---


@pytest.mark.parametrize("scope", [REPOSITORY, USER, ORGANIZATION], ids=lambda scope: scope.label)
def test_a_secret_is_written_after_all_reads(scope: Scope, github: FakeGitHub, run: Run) -> None:
    (item,) = run(scope, WISH)

    assert item.error is None
    assert github.writes() == [f"PUT {scope.secret('TOKEN')}"]
    assert reads_of(github, scope.secrets) == 1
    assert reads_come_first(github)


def test_a_full_scope_is_given_room_before_it_is_written(github: FakeGitHub, run: Run) -> None:
    for number in range(99):
        github.put(REPOSITORY.secret(f"S{number}"), "theirs")
    github.put(PATH, "ours")

    items = run(REPOSITORY, replace(WISH, name="OTHER"), GONE)

    assert [item.error for item in items] == [None, None]
    assert github.writes() == [f"DELETE {PATH}", f"PUT {REPOSITORY.secret('OTHER')}"]
    assert len(github.secrets) == 100


# --- sealing ---


def test_a_value_is_sealed_for_the_key_of_its_scope(github: FakeGitHub, run: Run) -> None:
    (item,) = run(REPOSITORY, WISH)

    assert item.error is None
    (body,) = github.bodies("PUT", PATH)
    assert body.keys() == {"encrypted_value", "key_id"}
    assert body["key_id"] == github.key(REPOSITORY.root).key_id
    assert github.key(REPOSITORY.root).open(body["encrypted_value"]) == "s3cret"
    assert github.secrets[PATH].value == "s3cret"


def test_a_key_is_fetched_once_for_three_secrets(github: FakeGitHub, run: Run) -> None:
    wishes = {REPOSITORY.secret(f"TOKEN{i}"): Desired(f"TOKEN{i}", value=Value(f"value {i}")) for i in range(3)}

    run(REPOSITORY, *wishes.values())

    assert sorted(github.writes()) == [f"PUT {path}" for path in wishes]
    assert [github.secrets[path].value for path in wishes] == ["value 0", "value 1", "value 2"]
    assert reads_of(github, REPOSITORY.public_key) == 1


@pytest.mark.parametrize("key_id", ["key-2", "key-1"], ids=["of another ID", "of the same ID"])
def test_a_value_is_sealed_and_sent_again_after_the_key_changed(key_id: str, github: FakeGitHub, run: Run) -> None:
    old = github.key(REPOSITORY.root)
    github.before("PUT", PATH, lambda: github.rotate_key(REPOSITORY.root, key_id))

    (item,) = run(REPOSITORY, WISH)

    assert item.error is None
    assert methods(item) == ["PUT"]
    first, second = github.bodies("PUT", PATH)
    assert (first["key_id"], second["key_id"]) == ("key-1", key_id)
    assert old.open(first["encrypted_value"]) == "s3cret"
    assert github.key(REPOSITORY.root).open(second["encrypted_value"]) == "s3cret"
    assert github.secrets[PATH].value == "s3cret"
    assert github.calls()[-3:] == [f"PUT {PATH}", f"GET {REPOSITORY.public_key}", f"PUT {PATH}"]
    assert reads_of(github, REPOSITORY.public_key) == 2


def test_a_changed_key_serves_the_secrets_that_follow(github: FakeGitHub, run: Run) -> None:
    other = REPOSITORY.secret("OTHER")
    github.before("PUT", PATH, lambda: github.rotate_key(REPOSITORY.root))

    items = run(REPOSITORY, WISH, replace(WISH, name="OTHER"))

    assert [item.error for item in items] == [None, None]
    assert sorted(github.writes()) == [f"PUT {other}", f"PUT {PATH}", f"PUT {PATH}"]
    assert {path: held.value for path, held in github.secrets.items()} == {PATH: "s3cret", other: "s3cret"}
    assert reads_of(github, REPOSITORY.public_key) == 2


def test_a_rejected_value_fails_if_the_key_is_the_same(github: FakeGitHub, run: Run) -> None:
    github.before("PUT", PATH, lambda: Reply(422, {"message": "No more than 100 secrets."}))

    (item,) = run(REPOSITORY, WISH)

    assert isinstance(item.error, Refused)
    assert item.error.cause == "GitHub answered 422: No more than 100 secrets."
    assert item.sent == ()
    assert github.writes() == [f"PUT {PATH}"]
    assert github.secrets == {}


def test_a_value_fails_if_it_is_rejected_twice(github: FakeGitHub, run: Run) -> None:
    github.before("PUT", PATH, lambda: github.rotate_key(REPOSITORY.root, "key-2"))
    github.before("PUT", PATH, lambda: github.rotate_key(REPOSITORY.root, "key-3"))

    (item,) = run(REPOSITORY, WISH)

    assert isinstance(item.error, Refused)
    assert item.sent == ()
    assert github.writes() == [f"PUT {PATH}"] * 2
    assert reads_of(github, REPOSITORY.public_key) == 2
    assert github.secrets == {}


def test_an_unchanged_key_is_fetched_again_once_for_three_rejected_values(github: FakeGitHub, run: Run) -> None:
    names = ("ONE", "THREE", "TWO")
    for name in names:
        github.before("PUT", REPOSITORY.secret(name), lambda: 422)

    items = run(REPOSITORY, *(replace(WISH, name=name) for name in names))

    assert [type(item.error) for item in items] == [Refused] * 3
    assert sorted(github.writes()) == [f"PUT {REPOSITORY.secret(name)}" for name in names]
    assert reads_of(github, REPOSITORY.public_key) == 2


def test_a_key_serves_the_other_secrets_if_it_cannot_be_fetched_again(github: FakeGitHub, run: Run) -> None:
    one, two = REPOSITORY.secret("ONE"), REPOSITORY.secret("TWO")

    def refuse() -> int:
        github.before("GET", REPOSITORY.public_key, lambda: 404)
        return 422

    github.before("PUT", one, refuse)

    items = run(REPOSITORY, *(replace(WISH, name=name) for name in ("ONE", "TWO")))

    assert [type(item.error) for item in items] == [Refused, type(None)]
    assert sorted(github.writes()) == [f"PUT {one}", f"PUT {two}"]
    assert reads_of(github, REPOSITORY.public_key) == 2
    assert {path: held.value for path, held in github.secrets.items()} == {two: "s3cret"}


def test_a_value_that_was_sealed_beforehand_is_sent_unchanged(github: FakeGitHub, run: Run) -> None:
    sealed = seal("s3cret", github.key(REPOSITORY.root).key)

    (item,) = run(REPOSITORY, Desired("TOKEN", value=Value(sealed, "key-1")))

    assert item.error is None
    assert github.bodies("PUT", PATH) == [{"encrypted_value": sealed, "key_id": "key-1"}]
    assert github.secrets[PATH].value == "s3cret"


def test_a_value_that_was_sealed_for_another_key_fails_before_a_write(github: FakeGitHub, run: Run) -> None:
    sealed = seal("s3cret", github.key(REPOSITORY.root).key)
    github.rotate_key(REPOSITORY.root)

    (item,) = run(REPOSITORY, Desired("TOKEN", value=Value(sealed, "key-1")))

    assert isinstance(item.error, InputError)
    assert "key-1" in str(item.error)
    assert "key-2" in str(item.error)
    assert item.sent == ()
    assert github.writes() == []


def test_a_value_that_was_sealed_beforehand_fails_if_the_key_changes(github: FakeGitHub, run: Run) -> None:
    sealed = seal("s3cret", github.key(REPOSITORY.root).key)
    github.before("PUT", PATH, lambda: github.rotate_key(REPOSITORY.root))

    (item,) = run(REPOSITORY, Desired("TOKEN", value=Value(sealed, "key-1")))

    assert isinstance(item.error, InputError)
    assert "key-1" in str(item.error)
    assert "key-2" in str(item.error)
    assert github.writes() == [f"PUT {PATH}"]
    assert github.secrets == {}


def test_a_visibility_without_a_value_is_sent_with_the_id_of_the_key(github: FakeGitHub, run: Run) -> None:
    path = ORGANIZATION.secret("TOKEN")
    hold(github, path, visibility="all")

    (item,) = run(ORGANIZATION, Desired("TOKEN", visibility="private"))

    assert item.error is None
    assert github.bodies("PUT", path) == [{"visibility": "private", "key_id": "key-1"}]
    assert (github.secrets[path].value, github.secrets[path].visibility) == ("s3cret", "private")


def test_a_value_keeps_a_list_of_repositories_of_two_pages(github: FakeGitHub, run: Run) -> None:
    github.repositories = {number: f"octo/r{number}" for number in range(1, 151)}
    hold(github, USERS_PATH, ids=github.repositories)

    (item,) = run(USER, replace(WISH, value=Value("new")))

    assert item.error is None
    assert github.secrets[USERS_PATH].value == "new"
    assert github.secrets[USERS_PATH].ids == {*github.repositories}


# --- a list that is late ---


@pytest.mark.parametrize(("lag", "pauses"), [(6, [1]), (8, [1, 3])], ids=["one list", "two lists"])
def test_a_new_secret_that_the_list_omits_is_waited_for(
    lag: float, pauses: list[float], github: FakeGitHub, run: Run
) -> None:
    run(REPOSITORY, WISH)
    github.advance(5)
    github.forget()
    github.lag = lag

    (item,) = run(REPOSITORY, WISH)

    assert item.reason == "unchanged"
    assert github.pauses == pauses
    assert github.calls() == [f"GET {REPOSITORY.secrets}"] * (1 + len(pauses))


def test_a_secret_that_does_not_appear_is_created_after_three_lists(github: FakeGitHub, run: Run) -> None:
    run(REPOSITORY, WISH)
    github.delete(PATH)
    github.advance(5)
    github.forget()

    (item,) = run(REPOSITORY, WISH)

    assert item.reason == "created"
    assert github.pauses == [1, 3]
    assert reads_of(github, REPOSITORY.secrets) == 3
    assert github.writes() == [f"PUT {PATH}"]
    assert github.secrets[PATH].value == "s3cret"


def test_a_secret_that_existed_before_our_last_write_is_created_without_a_wait(github: FakeGitHub, run: Run) -> None:
    """The list is late, so it would show the former secret."""
    hold(github, value="before")
    run(REPOSITORY, WISH)
    github.delete(PATH)
    github.advance(5)
    github.forget()

    (item,) = run(REPOSITORY, WISH)

    assert item.reason == "created"
    assert github.pauses == []
    assert reads_of(github, REPOSITORY.secrets) == 1
    assert github.writes() == [f"PUT {PATH}"]
    assert github.secrets[PATH].value == "s3cret"


# --- names of repositories ---

OTHER = USER.secret("OTHER")


@pytest.fixture
def two(github: FakeGitHub) -> None:
    """Create a secret with two repositories, and one with an empty list."""
    hold(github, USERS_PATH, ids={1, 2})
    hold(github, OTHER)


def list_wish(*entries: str, name: str = "TOKEN") -> Desired:
    """Return the repositories that may read a secret."""
    return Desired(name, access=Access(entries))


@pytest.mark.usefixtures("two")
def test_a_name_is_looked_up_only_if_no_present_list_has_it(github: FakeGitHub, run: Run) -> None:
    items = run(USER, list_wish("octo/r1", "OCTO/R2", "octo/r9", "7"), list_wish("Octo/R9", "octo/r2", name="OTHER"))

    assert [item.error for item in items] == [None, None]
    (lookup,) = github.bodies("POST", "/graphql")
    assert lookup["query"].count("databaseId") == 1
    assert sorted(github.writes()) == [f"PUT {OTHER}/repositories", f"PUT {USERS_PATH}/repositories"]
    assert github.secrets[USERS_PATH].ids == {1, 2, 7, 9}
    assert github.secrets[OTHER].ids == {2, 9}


@pytest.mark.usefixtures("two")
def test_unresolved_names_are_all_reported_before_a_write(github: FakeGitHub, run: Run) -> None:
    (item,) = run(USER, list_wish("octo/gone", "octo/r9", "octo/r1", "octo/hidden"))

    assert isinstance(item.error, InputError)
    assert "octo/gone, octo/hidden cannot be found." in str(item.error)
    assert item.sent == ()
    assert github.writes() == []


@pytest.mark.usefixtures("two")
def test_a_lookup_that_fails_affects_only_secrets_that_need_it(github: FakeGitHub, run: Run) -> None:
    github.before("POST", "/graphql", lambda: Reply(200, {"errors": [{"message": "Something went wrong"}]}))

    items = run(USER, list_wish("octo/r2", "7"), list_wish("octo/r9", name="OTHER"))

    assert [type(item.error) for item in items] == [type(None), GitHubError]
    assert github.writes() == [f"PUT {USERS_PATH}/repositories"]
    assert github.secrets[USERS_PATH].ids == {2, 7}


@pytest.mark.usefixtures("two")
def test_a_name_that_github_protects_affects_only_secrets_that_need_it(github: FakeGitHub, run: Run) -> None:
    github.protected["octo/saml"] = "Protected by SAML"

    items = run(USER, list_wish("octo/R9"), list_wish("octo/r9", "Octo/saml", name="OTHER"))

    assert [str(item.error or "") for item in items] == [
        "",
        "POST /graphql: Octo/saml could not be looked up. Protected by SAML",
    ]
    assert github.writes() == [f"PUT {USERS_PATH}/repositories"]
    assert github.secrets[USERS_PATH].ids == {9}


# --- several requests at once ---


def test_eight_writes_are_sent_four_at_a_time(github: FakeGitHub, store: SqliteStore) -> None:
    together, lock = threading.Barrier(4), threading.Lock()
    under_way = most = 0

    def meet() -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait(10)
        with lock:
            under_way -= 1

    secrets = tuple(replace(WISH, name=f"S{i}") for i in range(8))
    for secret in secrets:
        github.before("PUT", REPOSITORY.secret(secret.name), meet)
    session = github.session(retries=0)

    dummy, items = Provisioner(session, store, check_mode=False, concurrency=4).run([Job(REPOSITORY, secrets)])

    assert [item.error for item in items] == [None] * 8
    assert most == 4
    assert sorted(github.writes()) == [f"PUT {REPOSITORY.secret(secret.name)}" for secret in secrets]
    assert session.calls == len(github.received) == 2 + 8
    assert [held.value for held in github.secrets.values()] == ["s3cret"] * 8
    assert len(store.read(REPOSITORY).records) == 8


# --- failures ---


def test_a_visibility_that_is_rejected_may_need_the_value(github: FakeGitHub, run: Run) -> None:
    path = ORGANIZATION.secret("TOKEN")
    hold(github, path, visibility="private")
    github.before("PUT", path, lambda: Reply(422, {"message": "Invalid request."}))

    (item,) = run(ORGANIZATION, replace(DATED, value_changed_at=NOON - 9 * HOUR, visibility="all"))

    assert isinstance(item.error, Refused)
    assert "GitHub may require the value too. Set it, with update_value=always for one run." in str(item.error)
    assert github.writes() == [f"PUT {path}"]
    assert github.secrets[path].visibility == "private"


def test_a_write_that_fails_does_not_stop_the_others(github: FakeGitHub, run: Run, store: SqliteStore) -> None:
    names = ("FIRST", "SECOND", "THIRD")
    github.before("PUT", REPOSITORY.secret("SECOND"), lambda: 502)

    items = run(REPOSITORY, *(replace(WISH, name=name) for name in names))

    assert [type(item.error) for item in items] == [type(None), Unreachable, type(None)]
    assert [[write.answered for write in item.sent] for item in items] == [[True], [False], [True]]
    assert sorted(github.writes()) == [f"PUT {REPOSITORY.secret(name)}" for name in names]
    assert github.secrets.keys() == {REPOSITORY.secret("FIRST"), REPOSITORY.secret("THIRD")}
    assert store.read(REPOSITORY).records.keys() == {"FIRST", "THIRD"}


def test_a_scope_that_cannot_be_read_is_left_alone(github: FakeGitHub, run: Run) -> None:
    github.before("GET", REPOSITORY.secrets, lambda: 404)
    items = run(REPOSITORY, WISH, replace(GONE, name="OTHER"))
    assert [type(item.error) for item in items] == [NotFound, NotFound]
    assert github.calls() == [f"GET {REPOSITORY.secrets}"]


def test_values_fail_before_a_write_if_the_key_cannot_be_read(github: FakeGitHub, run: Run) -> None:
    github.before("GET", REPOSITORY.public_key, lambda: 403)
    items = run(REPOSITORY, WISH, replace(WISH, name="OTHER"))
    assert [type(item.error) for item in items] == [GitHubError, GitHubError]
    assert [item.sent for item in items] == [(), ()]
    assert reads_of(github, REPOSITORY.public_key) == 1
    assert github.writes() == []


def test_ids_that_github_does_not_know_are_named(github: FakeGitHub, run: Run) -> None:
    hold(github, USERS_PATH, ids={1})

    (item,) = run(USER, list_wish("1", "77", "88"))

    assert isinstance(item.error, NotFound)
    assert item.error.cause.endswith("that the token can see it: 77, 88.")
    assert github.secrets[USERS_PATH].ids == {1}


# --- deletion ---


@pytest.mark.parametrize("meanwhile", ["lost", "elsewhere"])
def test_a_deletion_succeeds_if_the_secret_is_gone(
    meanwhile: str, github: FakeGitHub, run: Run, store: SqliteStore
) -> None:
    """Cover both a lost first answer and a deletion elsewhere."""
    hold(github)
    record(store, REPOSITORY)
    if meanwhile == "lost":
        github.after("DELETE", PATH, lose)
    else:
        github.before("DELETE", PATH, lambda: github.delete(PATH))

    (item,) = run(REPOSITORY, GONE, retries=1)

    assert item.error is None
    assert methods(item) == ["DELETE"]
    assert github.writes() == [f"DELETE {PATH}"] * (2 if meanwhile == "lost" else 1)
    assert github.secrets == {}
    assert store.read(REPOSITORY).records == {}


def test_a_deletion_that_is_denied_fails(github: FakeGitHub, run: Run, store: SqliteStore) -> None:
    hold(github)
    record(store, REPOSITORY)
    github.before("DELETE", PATH, lambda: 404)

    (item,) = run(REPOSITORY, GONE)

    assert isinstance(item.error, NotFound)
    assert item.sent == ()
    assert github.writes() == [f"DELETE {PATH}"]
    assert github.secrets.keys() == {PATH}
    assert store.read(REPOSITORY).records == {"TOKEN": RECORD}


REMOVAL = Desired("TOKEN", access=Access(("2",), "absent"))


@pytest.mark.parametrize("left", [{1}, {1, 3}, set()], ids=["one left", "another came", "none left"])
def test_a_removal_succeeds_if_the_access_is_gone(left: set[int], github: FakeGitHub, run: Run) -> None:
    hold(github, USERS_PATH, ids={1, 2})
    path = USER.repository_access("TOKEN", 2)
    github.before("DELETE", path, lambda: github.change(USERS_PATH, ids=left))

    (item,) = run(USER, REMOVAL, access_only=True)

    assert item.error is None
    assert methods(item) == ["DELETE"]
    assert github.writes() == [f"DELETE {path}"]
    assert github.secrets[USERS_PATH].ids == left


def test_a_removal_that_is_denied_fails(github: FakeGitHub, run: Run) -> None:
    hold(github, USERS_PATH, ids={1, 2})
    path = USER.repository_access("TOKEN", 2)
    github.before("DELETE", path, lambda: 404)

    (item,) = run(USER, REMOVAL, access_only=True)

    assert isinstance(item.error, NotFound)
    assert item.sent == ()
    assert github.writes() == [f"DELETE {path}"]
    assert github.secrets[USERS_PATH].ids == {1, 2}


# --- the record ---


def test_a_creation_is_recorded_with_the_time_of_its_answer(github: FakeGitHub, run: Run, store: SqliteStore) -> None:
    github.after("PUT", PATH, lambda: github.advance(HOUR.total_seconds()))

    run(REPOSITORY, WISH)

    recorded = store.read(REPOSITORY).records["TOKEN"]
    assert (recorded.applied_at, recorded.created) == (NOON + HOUR, (NOON, NOON + HOUR))
    assert Fingerprints().matches("TOKEN", "s3cret", recorded.fingerprint)
    assert b"s3cret" not in Path(store.path).read_bytes()


def test_an_update_is_recorded_with_the_time_of_creation(github: FakeGitHub, run: Run, store: SqliteStore) -> None:
    hold(github)
    record(store, REPOSITORY, replace(RECORD, created=(NOON - 3 * HOUR, NOON - HOUR)))

    (item,) = run(REPOSITORY, replace(WISH, value=Value("another")))

    assert item.reason == "value_changed"
    assert github.secrets[PATH].value == "another"
    recorded = store.read(REPOSITORY).records["TOKEN"]
    assert (recorded.applied_at, recorded.created) == (NOON, (NOON - 2 * HOUR, NOON - 2 * HOUR))
    assert Fingerprints().matches("TOKEN", "another", recorded.fingerprint)


def test_a_write_is_not_recorded_if_its_answer_has_no_date(github: FakeGitHub, run: Run, store: SqliteStore) -> None:
    github.after("PUT", PATH, lambda: Reply(201, {}, {"Date": None}))
    (item,) = run(REPOSITORY, WISH)
    assert methods(item) == ["PUT"]
    assert github.secrets[PATH].value == "s3cret"
    assert store.read(REPOSITORY).records == {}


def test_a_value_with_a_date_needs_no_store(github: FakeGitHub, run: Run, store: SqliteStore) -> None:
    hold(github, value="before")
    Path(store.path).parent.write_text("no directory", encoding="utf-8")
    (item,) = run(REPOSITORY, DATED)
    assert (item.error, item.reason) == (None, "rotated")
    assert github.secrets[PATH].value == "s3cret"


def test_a_value_with_a_date_removes_the_record(github: FakeGitHub, run: Run, store: SqliteStore) -> None:
    hold(github)
    record(store, REPOSITORY)
    (item,) = run(REPOSITORY, DATED)
    assert item.reason == "rotated"
    assert github.writes() == [f"PUT {PATH}"]
    assert store.read(REPOSITORY).records == {}


def test_check_mode_changes_neither_github_nor_the_store(github: FakeGitHub, run: Run, store: SqliteStore) -> None:
    (item,) = run(REPOSITORY, WISH, check_mode=True)
    assert [write.method for write in item.writes] == ["PUT"]
    assert item.sent == ()
    assert github.writes() == []
    assert not store.exists()


def test_a_record_without_the_key_is_replaced_by_one_with_it_and_nothing_is_sent(
    github: FakeGitHub, run: Run, store: SqliteStore
) -> None:
    hold(github)
    record(store, REPOSITORY)
    for check_mode in (True, False, False):
        before = store.read(REPOSITORY).records["TOKEN"]
        (item,) = run(REPOSITORY, WISH, check_mode=check_mode, key=KEY)
        assert (item.error, item.reason, item.writes) == (None, "unchanged", ())
        if check_mode:
            assert store.read(REPOSITORY).records == {"TOKEN": before}
    assert github.calls() == [f"GET {REPOSITORY.secrets}"] * 3
    keyed = store.read(REPOSITORY).records["TOKEN"]
    assert keyed == before
    assert keyed == replace(RECORD, fingerprint=keyed.fingerprint)
    assert Fingerprints(KEY).matches("TOKEN", "s3cret", keyed.fingerprint)
    assert not Fingerprints().matches("TOKEN", "s3cret", keyed.fingerprint)


def test_a_list_change_is_recorded_with_the_key(github: FakeGitHub, run: Run, store: SqliteStore) -> None:
    hold(github, USERS_PATH, ids={1})
    record(store, USER)

    (item,) = run(USER, replace(WISH, access=Access(("1", "2"))), key=KEY)

    assert (item.error, item.reason, methods(item)) == (None, "unchanged", ["PUT"])
    assert github.writes() == [f"PUT {USER.repositories('TOKEN')}"]
    assert github.secrets[USERS_PATH].ids == {1, 2}
    recorded = store.read(USER).records["TOKEN"]
    assert recorded.applied_at == NOON
    assert not Fingerprints(KEY).is_unkeyed(recorded.fingerprint)


@pytest.mark.parametrize("key", [None, b"another key of sixteen or more bytes"], ids=["no key", "another key"])
def test_a_record_with_a_key_does_not_match_without_it(
    key: bytes | None, github: FakeGitHub, run: Run, store: SqliteStore
) -> None:
    hold(github)
    record(store, REPOSITORY, replace(RECORD, fingerprint=Fingerprints(KEY).make("TOKEN", "s3cret")))
    (item,) = run(REPOSITORY, WISH, key=key)
    assert item.reason == "value_changed"
    assert github.writes() == [f"PUT {PATH}"]
    assert Fingerprints(key).matches("TOKEN", "s3cret", store.read(REPOSITORY).records["TOKEN"].fingerprint)


ADDITION = Desired("TOKEN", access=Access(("2", "3"), "present"))
ADDITION_WRITES = [f"PUT {USER.repository_access('TOKEN', number)}" for number in (2, 3)]


def test_a_list_change_moves_the_record_on_before_the_next_one_fails(
    github: FakeGitHub, run: Run, store: SqliteStore
) -> None:
    hold(github, USERS_PATH, ids={1})
    record(store, USER)
    github.before("PUT", USER.repository_access("TOKEN", 3), lambda: 502)

    (item,) = run(USER, ADDITION, access_only=True)

    assert isinstance(item.error, Unreachable)
    assert [write.answered for write in item.sent] == [True, False]
    assert github.writes() == ADDITION_WRITES
    assert reads_come_first(github)
    assert reads_of(github, USER.secrets) == 1
    assert github.secrets[USERS_PATH].ids == {1, 2}
    assert store.read(USER).records == {"TOKEN": replace(RECORD, applied_at=NOON)}


def test_a_list_change_does_not_hide_an_edit_elsewhere(github: FakeGitHub, run: Run, store: SqliteStore) -> None:
    hold(github, USERS_PATH, ids={1}, updated_at=NOON - HOUR / 2)
    record(store, USER)

    (item,) = run(USER, ADDITION, access_only=True)

    assert item.error is None
    assert github.writes() == ADDITION_WRITES
    assert reads_come_first(github)
    assert github.secrets[USERS_PATH].ids == {1, 2, 3}
    assert store.read(USER).records == {"TOKEN": RECORD}


def test_a_record_does_not_move_on_if_the_secret_is_not_listed(
    github: FakeGitHub, run: Run, store: SqliteStore
) -> None:
    hold(github, USERS_PATH, ids={1})
    record(store, USER)
    github.before("GET", USER.secrets, lambda: Reply(200, {"total_count": 0, "secrets": []}))

    (item,) = run(USER, ADDITION, access_only=True)

    assert item.error is None
    assert github.writes() == ADDITION_WRITES
    assert github.secrets[USERS_PATH].ids == {1, 2, 3}
    assert store.read(USER).records == {"TOKEN": RECORD}


def test_a_list_change_fails_before_a_write_if_the_secret_cannot_be_read(
    github: FakeGitHub, run: Run, store: SqliteStore
) -> None:
    hold(github, USERS_PATH, ids={1})
    record(store, USER)
    github.before("GET", USER.secrets, lambda: 502)

    (item,) = run(USER, ADDITION, access_only=True)

    assert isinstance(item.error, Unreachable)
    assert item.sent == ()
    assert github.writes() == []
    assert store.read(USER).records == {"TOKEN": RECORD}


# --- a store that fails ---


def execute(store: SqliteStore, statement: str) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as database:
        database.execute(statement)


def fill_the_disk(store: SqliteStore, action: str) -> None:
    """Make the store fail as if the disk were full."""
    execute(store, f"CREATE TRIGGER full BEFORE {action} ON fingerprint BEGIN SELECT RAISE(ABORT, 'disk full'); END")


def test_a_value_that_cannot_be_recorded_is_reported_as_carried_out(
    github: FakeGitHub, run: Run, store: SqliteStore
) -> None:
    github.after("PUT", PATH, lambda: fill_the_disk(store, "INSERT"))

    (item,) = run(REPOSITORY, WISH)

    assert isinstance(item.error, StoreError)
    assert str(item.error).startswith("The write was carried out, but not recorded. The next run repeats it. ")
    assert store.path in str(item.error)
    assert "disk full" in str(item.error)
    assert methods(item) == ["PUT"]
    assert github.secrets[PATH].value == "s3cret"


@pytest.mark.parametrize(
    ("desired", "trigger", "method"),
    [
        pytest.param(GONE, "DELETE", "DELETE", id="a deletion"),
        pytest.param(list_wish("7"), "UPDATE", "PUT", id="a change of the list"),
    ],
)
def test_a_write_that_is_not_repeated_is_not_announced_as_repeated(
    desired: Desired, trigger: str, method: str, github: FakeGitHub, run: Run, store: SqliteStore
) -> None:
    hold(github, USERS_PATH, ids={1})
    record(store, USER)
    path = USER.repositories("TOKEN") if method == "PUT" else USERS_PATH
    github.after(method, path, lambda: fill_the_disk(store, trigger))

    (item,) = run(USER, desired)

    assert isinstance(item.error, StoreError)
    assert str(item.error).startswith("The write was carried out, but not recorded. The fingerprint store")
    assert methods(item) == [method]
    assert github.writes() == [f"{method} {path}"]


@pytest.mark.parametrize(
    ("scope", "secrets", "uses_it"),
    [
        pytest.param(REPOSITORY, (WISH,), True, id="a value without a date"),
        pytest.param(REPOSITORY, (DATED,), False, id="a date"),
        pytest.param(REPOSITORY, (DATED, replace(WISH, name="OTHER")), True, id="one of two has no date"),
        pytest.param(REPOSITORY, (Desired("TOKEN"),), False, id="no value"),
        pytest.param(REPOSITORY, (GONE,), True, id="a deletion"),
        pytest.param(USER, (DATED,), False, id="a date, with a list"),
        pytest.param(USER, (Desired("TOKEN"),), True, id="only a list, with which a record moves on"),
    ],
)
def test_an_unusable_store_fails_only_tasks_that_need_it(
    scope: Scope, secrets: tuple[Desired, ...], uses_it: bool, github: FakeGitHub, run: Run, store: SqliteStore
) -> None:
    Path(store.path).mkdir(parents=True)
    if not uses_it:
        hold(github, scope.secret("TOKEN"), updated_at=NOON)
        assert [item.error for item in run(scope, *secrets)] == [None]
        assert github.calls() == [f"GET {scope.secrets}"]
    else:
        with pytest.raises(StoreError, match=store.path):
            run(scope, *secrets)
        assert github.calls() == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any file")
def test_a_deletion_that_cannot_be_recorded_is_not_sent(github: FakeGitHub, run: Run, store: SqliteStore) -> None:
    record(store, REPOSITORY)
    Path(store.path).chmod(0o400)
    with pytest.raises(StoreError, match=store.path):
        run(REPOSITORY, GONE)
    assert github.calls() == []


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "in check mode"])
def test_a_store_of_a_newer_version_fails_before_a_request(
    check_mode: bool, github: FakeGitHub, run: Run, store: SqliteStore
) -> None:
    """Fail even if only a deletion would change the store, and the task does not need the store otherwise."""
    record(store, REPOSITORY)
    execute(store, "PRAGMA user_version = 4")
    try:
        (item,) = run(REPOSITORY, GONE, check_mode=check_mode)
        error = item.error
    except StoreError as raised:
        error = raised
    assert isinstance(error, StoreError)
    assert github.calls() == []


def test_a_repository_fails_if_it_is_listed_by_its_former_name_as_well(github: FakeGitHub, store: SqliteStore) -> None:
    github.repositories[7] = "Octo/Web"
    github.former["octo/former"] = 7
    former = _scope.repository("octo/former")
    provisioner = Provisioner(github.session(retries=0), store, check_mode=False, sleep=github.sleep)

    readings, items = provisioner.run([Job(former, (WISH,)), Job(REPOSITORY, (WISH,))])

    assert [str(reading.error) for reading in readings] == [
        "octo/former and octo/web are the same repository, so nothing was changed in it. "
        "List it once, by its present name Octo/Web."
    ] * 2
    assert all(item.error is not None for item in items)
    assert len(github.bodies("POST", "/graphql")) == 1
    assert github.writes() == []
