# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From wishes to facts, shown by the requests that are sent.

How many requests each case takes is tested with whole playbooks, in the integration tests.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

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
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import Connection
from ansible_collections.devex.github.plugins.module_utils._model import Access, Desired, Fact, Job, Record, Value
from ansible_collections.devex.github.plugins.module_utils._record.fingerprint import Fingerprints
from ansible_collections.devex.github.plugins.module_utils._record.sqlite import SqliteStore
from ansible_collections.devex.github.plugins.module_utils._scope import Scope
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import (
    API,
    CONNECTION,
    TOKEN,
    Clock,
    KeyPair,
    Script,
    new_session,
    response,
)

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
AT_NOON = {"Date": "Tue, 10 Mar 2026 12:00:00 GMT"}
HOUR = timedelta(hours=1)

REPOSITORY = _scope.repository("octo/web")
USER = replace(_scope.user(), user_id=1)
PATH = REPOSITORY.secret("TOKEN")

WISH = Desired("TOKEN", value=Value("s3cret"))
GONE = Desired("TOKEN", state="absent")
DATED = replace(WISH, value_changed_at=NOON)
RECORD = Record(
    Fingerprints().make("TOKEN", "s3cret"), applied_at=NOON - HOUR, created=(NOON - 2 * HOUR, NOON - 2 * HOUR)
)

#: Of fingerprints.
KEY = b"a key of thirty-two random bytes"

NO_SECRETS = {"total_count": 0, "secrets": []}
THE_SECRET: dict[str, Any] = {
    "total_count": 1,
    "secrets": [{"name": "TOKEN", "created_at": "2026-03-10T10:00:00Z", "updated_at": "2026-03-10T11:00:00Z"}],
}
EDITED = {"total_count": 1, "secrets": [{"name": "TOKEN", "updated_at": "2026-03-10T11:30:00Z"}]}

Run = Callable[..., list[Item]]


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(str(tmp_path / "state/store"), API)


@pytest.fixture
def run(script: Script, clock: Clock, store: SqliteStore) -> Run:
    """Bring the secrets of a scope to what is wanted; an error of the reading is raised."""

    def run(
        scope: Scope,
        *secrets: Desired,
        check_mode: bool = False,
        access_only: bool = False,
        key: bytes | None = None,
    ) -> list[Item]:
        client_session = new_session(script, clock, retries=0)
        if scope.is_users and not check_mode:
            # A token that is known from before.
            with suppress(StoreError):
                store.prepare()
                store.keep_user(TOKEN, 1, NOON)
        provisioner = Provisioner(client_session, store, check_mode=check_mode, key=key, sleep=clock.sleep)
        dummy, items = provisioner.run([Job(scope, secrets, access_only=access_only)])
        return items

    return run


def expect_list(script: Script, body: dict[str, Any], scope: Scope = REPOSITORY, **headers: str) -> None:
    script.expect("GET", f"{scope.secrets}?per_page=100", body=body, headers={**AT_NOON, **headers})


def expect_key(script: Script, pair: KeyPair, scope: Scope = REPOSITORY) -> None:
    script.expect("GET", scope.public_key, body=pair.body)


def expect_repositories(script: Script, *ids: int) -> None:
    rows = [{"id": number, "full_name": f"octo/r{number}"} for number in ids]
    body = {"total_count": len(ids), "repositories": rows}
    script.expect("GET", f"{USER.repositories('TOKEN')}?per_page=100", body=body)


def record(store: SqliteStore, scope: Scope) -> None:
    store.prepare()
    store.write(scope, "TOKEN", RECORD, over=None)


def methods(item: Item) -> list[str]:
    return [write.method for write in item.sent]


# --- sealing ---


def test_a_value_is_sealed_for_the_key_of_the_scope(script: Script, run: Run) -> None:
    pair = KeyPair()
    expect_list(script, NO_SECRETS)
    expect_key(script, pair)
    script.expect("PUT", PATH, status=201, body={}, headers=AT_NOON)

    (item,) = run(REPOSITORY, WISH)

    assert item.error is None
    assert script.sent().keys() == {"encrypted_value", "key_id"}
    assert script.sent()["key_id"] == pair.key_id
    assert pair.open(script.sent()["encrypted_value"]) == "s3cret"


def test_the_key_of_a_scope_is_fetched_once(script: Script, run: Run) -> None:
    pair = KeyPair()
    secrets = [Desired(f"TOKEN{i}", value=Value(f"value {i}")) for i in range(3)]
    expect_list(script, NO_SECRETS)
    expect_key(script, pair)
    for secret in secrets:
        script.expect("PUT", REPOSITORY.secret(secret.name), status=201)

    run(REPOSITORY, *secrets)

    assert [pair.open(script.sent(i)["encrypted_value"]) for i in (2, 3, 4)] == ["value 0", "value 1", "value 2"]


@pytest.mark.parametrize("key_id", ["key-2", "key-1"], ids=["of another ID", "of the same ID"])
def test_after_a_change_of_the_key_the_value_is_sealed_and_sent_once_more(
    key_id: str, script: Script, run: Run
) -> None:
    old, new = KeyPair("key-1"), KeyPair(key_id)
    expect_list(script, NO_SECRETS)
    expect_key(script, old)
    script.expect("PUT", PATH, status=422, body={"message": "improperly encrypted secret"})
    expect_key(script, new)
    script.expect("PUT", PATH, status=201, headers=AT_NOON)

    (item,) = run(REPOSITORY, WISH)

    assert item.error is None
    assert methods(item) == ["PUT"]
    assert old.open(script.sent(2)["encrypted_value"]) == new.open(script.sent(4)["encrypted_value"]) == "s3cret"
    assert (script.sent(2)["key_id"], script.sent(4)["key_id"]) == ("key-1", key_id)


def test_the_new_key_serves_the_secrets_that_follow(script: Script, run: Run) -> None:
    old, new = KeyPair("key-1"), KeyPair("key-2")
    expect_list(script, NO_SECRETS)
    expect_key(script, old)
    script.expect("PUT", PATH, status=422)
    expect_key(script, new)
    script.expect("PUT", PATH, status=201)
    script.expect("PUT", REPOSITORY.secret("OTHER"), status=201)

    items = run(REPOSITORY, WISH, replace(WISH, name="OTHER"))

    assert [item.error for item in items] == [None, None]
    assert new.open(script.sent()["encrypted_value"]) == "s3cret"


def test_a_refusal_with_the_same_key_is_an_error(script: Script, run: Run) -> None:
    pair = KeyPair()
    expect_list(script, NO_SECRETS)
    expect_key(script, pair)
    script.expect("PUT", PATH, status=422, body={"message": "No more than 100 secrets."})
    expect_key(script, pair)

    (item,) = run(REPOSITORY, WISH)

    assert isinstance(item.error, Refused)
    assert item.error.cause == "GitHub answered 422: No more than 100 secrets."
    assert item.sent == []


def test_a_second_refusal_is_an_error(script: Script, run: Run) -> None:
    expect_list(script, NO_SECRETS)
    for pair in (KeyPair("key-1"), KeyPair("key-2")):
        expect_key(script, pair)
        script.expect("PUT", PATH, status=422, body={"message": "No."})

    (item,) = run(REPOSITORY, WISH)

    assert isinstance(item.error, Refused)
    assert item.sent == []


def test_a_key_that_has_not_changed_is_asked_for_once_however_many_values_are_refused(script: Script, run: Run) -> None:
    names = ("ONE", "TWO", "THREE")
    pair = KeyPair()
    expect_list(script, NO_SECRETS)
    expect_key(script, pair)
    for name in names:
        script.expect("PUT", REPOSITORY.secret(name), status=422)
        if name == "ONE":
            expect_key(script, pair)

    items = run(REPOSITORY, *(replace(WISH, name=name) for name in names))

    assert [type(item.error) for item in items] == [Refused] * 3


def test_a_key_that_cannot_be_fetched_again_stays_good_for_the_others(script: Script, run: Run) -> None:
    pair = KeyPair()
    expect_list(script, NO_SECRETS)
    expect_key(script, pair)
    script.expect("PUT", REPOSITORY.secret("ONE"), status=422)
    script.expect("GET", REPOSITORY.public_key, status=404)
    script.expect("PUT", REPOSITORY.secret("TWO"), status=201)

    items = run(REPOSITORY, *(replace(WISH, name=name) for name in ("ONE", "TWO")))

    assert [type(item.error) for item in items] == [Refused, type(None)]
    assert pair.open(script.sent()["encrypted_value"]) == "s3cret"


def test_a_value_sealed_beforehand_is_sent_as_it_is(script: Script, run: Run) -> None:
    pair = KeyPair()
    sealed = seal("s3cret", pair.key)
    expect_list(script, NO_SECRETS)
    expect_key(script, pair)
    script.expect("PUT", PATH, status=201)

    (item,) = run(REPOSITORY, Desired("TOKEN", value=Value(sealed, pair.key_id)))

    assert item.error is None
    assert script.sent() == {"encrypted_value": sealed, "key_id": pair.key_id}


def test_a_value_sealed_for_another_key_is_not_sent(script: Script, run: Run) -> None:
    expect_list(script, NO_SECRETS)
    expect_key(script, KeyPair("key-2"))

    (item,) = run(REPOSITORY, Desired("TOKEN", value=Value(seal("s3cret", KeyPair().key), "key-1")))

    assert isinstance(item.error, InputError)
    assert "key-1" in str(item.error)
    assert "key-2" in str(item.error)
    assert item.sent == []


def test_a_value_sealed_for_a_key_that_has_just_changed_is_not_sent_again(script: Script, run: Run) -> None:
    old = KeyPair("key-1")
    expect_list(script, NO_SECRETS)
    expect_key(script, old)
    script.expect("PUT", PATH, status=422)
    expect_key(script, KeyPair("key-2"))

    (item,) = run(REPOSITORY, Desired("TOKEN", value=Value(seal("s3cret", old.key), "key-1")))

    assert isinstance(item.error, InputError)
    assert "key-1" in str(item.error)
    assert "key-2" in str(item.error)


def test_a_visibility_without_a_value_goes_with_the_id_of_the_key(script: Script, run: Run) -> None:
    scope = _scope.organization("octo")
    expect_list(script, {"total_count": 1, "secrets": [{"name": "TOKEN", "visibility": "all"}]}, scope)
    expect_key(script, KeyPair("key-1"), scope)
    script.expect("PUT", scope.secret("TOKEN"), status=204)

    (item,) = run(scope, Desired("TOKEN", visibility="private"))

    assert item.error is None
    assert script.sent() == {"visibility": "private", "key_id": "key-1"}


# --- a list that is late ---

SOON_AFTER = "Tue, 10 Mar 2026 11:00:05 GMT"


CREATED_AT_11 = [Fact("exists", NOON - HOUR, "yes"), Fact("written", NOON - HOUR)]


@pytest.mark.parametrize("late", [1, 2])
def test_a_secret_that_was_just_created_is_waited_for(
    late: int, script: Script, run: Run, store: SqliteStore, clock: Clock
) -> None:
    record(store, REPOSITORY)
    store.note(REPOSITORY, "TOKEN", CREATED_AT_11)
    for dummy in range(late):
        expect_list(script, NO_SECRETS, Date=SOON_AFTER)
    expect_list(script, THE_SECRET, Date=SOON_AFTER)

    (item,) = run(REPOSITORY, WISH)

    assert item.reason == "unchanged"
    assert clock.pauses == [1, 3][:late]


def test_a_secret_that_does_not_appear_is_created(script: Script, run: Run, store: SqliteStore) -> None:
    record(store, REPOSITORY)
    store.note(REPOSITORY, "TOKEN", CREATED_AT_11)
    for dummy in range(3):
        expect_list(script, NO_SECRETS, Date=SOON_AFTER)
    expect_key(script, KeyPair())
    script.expect("PUT", PATH, status=201)
    (item,) = run(REPOSITORY, WISH)
    assert item.reason == "created"


def test_a_secret_that_was_there_before_our_last_write_is_not_waited_for(
    script: Script, run: Run, store: SqliteStore, clock: Clock
) -> None:
    """A list that is late would show it as it was."""
    record(store, REPOSITORY)
    store.note(REPOSITORY, "TOKEN", [Fact("written", NOON - HOUR)])
    expect_list(script, NO_SECRETS, Date=SOON_AFTER)
    expect_key(script, KeyPair())
    script.expect("PUT", PATH, status=201)
    (item,) = run(REPOSITORY, WISH)
    assert item.reason == "created"
    assert clock.pauses == []


# --- names of repositories ---


def test_only_names_that_the_present_list_does_not_hold_are_looked_up(script: Script, run: Run) -> None:
    expect_list(script, {"secrets": [{"name": "TOKEN"}, {"name": "OTHER"}]}, USER)
    expect_repositories(script, 1, 2)
    script.expect("GET", f"{USER.repositories('OTHER')}?per_page=100", body={"repositories": []})
    script.expect("POST", "/graphql", body={"data": {"repo_000": {"databaseId": 9}}})
    script.expect("PUT", USER.repositories("TOKEN"), status=204)
    script.expect("PUT", USER.repositories("OTHER"), status=204)

    names = ("octo/r1", "OCTO/R2", "octo/r9", "7")
    items = run(USER, Desired("TOKEN", access=Access(names)), Desired("OTHER", access=Access(("Octo/R9", "octo/r2"))))

    assert [item.error for item in items] == [None, None]
    assert script.sent(3)["query"].count("databaseId") == 1
    assert script.sent(4) == {"selected_repository_ids": [1, 2, 7, 9]}
    assert script.sent(5) == {"selected_repository_ids": [2, 9]}


def test_every_name_that_does_not_resolve_is_told_before_anything_is_changed(script: Script, run: Run) -> None:
    expect_list(script, THE_SECRET, USER)
    expect_repositories(script, 1)
    script.expect("POST", "/graphql", body={"data": {"repo_000": None, "repo_001": {"databaseId": 9}}})

    (item,) = run(USER, Desired("TOKEN", access=Access(("octo/gone", "octo/r9", "octo/r1", "octo/hidden"))))

    assert isinstance(item.error, InputError)
    assert "octo/gone, octo/hidden." in str(item.error)
    assert item.sent == []


def test_a_lookup_that_fails_stops_only_those_who_need_it(script: Script, run: Run) -> None:
    expect_list(script, {"secrets": [{"name": "TOKEN"}, {"name": "OTHER"}]}, USER)
    expect_repositories(script, 1, 2)
    script.expect("GET", f"{USER.repositories('OTHER')}?per_page=100", body={"repositories": []})
    script.expect("POST", "/graphql", body={"errors": [{"message": "Something went wrong"}]})
    script.expect("PUT", USER.repositories("TOKEN"), status=204)

    items = run(USER, Desired("TOKEN", access=Access(("octo/r2", "7"))), Desired("OTHER", access=Access(("octo/r9",))))

    assert [type(item.error) for item in items] == [type(None), GitHubError]
    assert script.sent() == {"selected_repository_ids": [2, 7]}


def test_a_name_that_is_refused_stops_only_those_who_need_it(script: Script, run: Run) -> None:
    expect_list(script, {"secrets": [{"name": "TOKEN"}, {"name": "OTHER"}]}, USER)
    expect_repositories(script, 1)
    script.expect("GET", f"{USER.repositories('OTHER')}?per_page=100", body={"repositories": []})
    refusal = {"type": "FORBIDDEN", "path": ["repo_001"], "message": "Protected by SAML"}
    data = {"repo_000": {"databaseId": 9}, "repo_001": None}
    script.expect("POST", "/graphql", body={"data": data, "errors": [refusal]})
    script.expect("PUT", USER.repositories("TOKEN"), status=204)

    items = run(
        USER,
        Desired("TOKEN", access=Access(("octo/R9",))),
        Desired("OTHER", access=Access(("octo/r9", "Octo/saml"))),
    )

    assert [str(item.error or "") for item in items] == [
        "",
        "POST /graphql: Octo/saml could not be looked up. Protected by SAML",
    ]
    assert script.sent() == {"selected_repository_ids": [9]}


# --- several requests at once ---


class Together(BaseAdapter):
    """A transport that answers once so many requests are under way."""

    def __init__(self, number: int, pair: KeyPair) -> None:
        super().__init__()
        self.most = 0
        self._pair = pair
        self._under_way = 0
        self._lock = threading.Lock()
        self._all_here = threading.Barrier(number)

    def send(self, request: requests.PreparedRequest, *dummy: Any, **options: Any) -> requests.Response:
        path = str(request.url).removeprefix(API)
        body: Any = self._pair.body if path == REPOSITORY.public_key else NO_SECRETS
        if request.method == "PUT":
            with self._lock:
                self._under_way += 1
                self.most = max(self.most, self._under_way)
            self._all_here.wait(10)
            with self._lock:
                self._under_way -= 1
        return response(request, 201 if request.method == "PUT" else 200, AT_NOON, body)

    def close(self) -> None:
        """There is nothing to close."""


def test_as_many_requests_at_once_as_may_be(store: SqliteStore) -> None:
    together = Together(4, KeyPair())
    at_once = Session(Connection(**{**CONNECTION, "retries": 0}), adapter=together)
    secrets = tuple(replace(WISH, name=f"S{i}") for i in range(8))

    dummy, items = Provisioner(at_once, store, check_mode=False, concurrency=4).run([Job(REPOSITORY, secrets)])

    assert [item.error for item in items] == [None] * 8
    assert together.most == 4
    assert at_once.calls == 2 + 8
    assert len(store.read(REPOSITORY).records) == 8


# --- failures ---


def test_a_visibility_that_is_refused_may_need_the_value(script: Script, run: Run) -> None:
    organization = _scope.organization("octo")
    secret = {**THE_SECRET["secrets"][0], "visibility": "private"}
    pair = KeyPair()
    expect_list(script, {"secrets": [secret]}, organization)
    expect_key(script, pair, organization)
    script.expect("PUT", organization.secret("TOKEN"), status=422, body={"message": "Invalid request."})
    expect_key(script, pair, organization)

    (item,) = run(organization, replace(DATED, value_changed_at=NOON - 9 * HOUR, visibility="all"))

    assert isinstance(item.error, Refused)
    assert "GitHub may want the value too: give it, once with update_value=always." in str(item.error)


def test_what_fails_does_not_stop_the_others(script: Script, run: Run, store: SqliteStore) -> None:
    expect_list(script, NO_SECRETS)
    expect_key(script, KeyPair())
    script.expect("PUT", REPOSITORY.secret("FIRST"), status=201, headers=AT_NOON)
    script.expect("PUT", REPOSITORY.secret("SECOND"), status=502)
    script.expect("PUT", REPOSITORY.secret("THIRD"), status=201, headers=AT_NOON)

    items = run(REPOSITORY, *(replace(WISH, name=name) for name in ("FIRST", "SECOND", "THIRD")))

    assert [type(item.error) for item in items] == [type(None), Unreachable, type(None)]
    assert [[write.answered for write in item.sent] for item in items] == [[True], [False], [True]]
    assert store.read(REPOSITORY).records.keys() == {"FIRST", "THIRD"}


def test_a_scope_that_cannot_be_read_is_left_alone(script: Script, run: Run) -> None:
    script.expect("GET", f"{REPOSITORY.secrets}?per_page=100", status=404)
    items = run(REPOSITORY, WISH, replace(GONE, name="OTHER"))
    assert [type(item.error) for item in items] == [NotFound, NotFound]


def test_without_a_key_nothing_is_written(script: Script, run: Run) -> None:
    expect_list(script, NO_SECRETS)
    script.expect("GET", REPOSITORY.public_key, status=403)
    items = run(REPOSITORY, WISH, replace(WISH, name="OTHER"))
    assert [type(item.error) for item in items] == [GitHubError, GitHubError]
    assert [item.sent for item in items] == [[], []]


def test_ids_that_github_does_not_know_are_named(script: Script, run: Run) -> None:
    expect_list(script, THE_SECRET, USER)
    expect_repositories(script, 1)
    script.expect("PUT", USER.repositories("TOKEN"), status=404, body={"message": "Not Found"})

    (item,) = run(USER, Desired("TOKEN", access=Access(("1", "77", "88"))))

    assert isinstance(item.error, NotFound)
    assert item.error is not None
    assert item.error.cause.endswith("may the token see it: 77, 88?")


# --- deletion ---


def test_a_deletion_whose_answer_was_lost_is_a_success(script: Script, run: Run, store: SqliteStore) -> None:
    record(store, REPOSITORY)
    expect_list(script, THE_SECRET)
    script.expect("DELETE", PATH, status=404)
    expect_list(script, NO_SECRETS)

    (item,) = run(REPOSITORY, GONE)

    assert item.error is None
    assert methods(item) == ["DELETE"]
    assert store.read(REPOSITORY).records == {}


def test_a_deletion_that_is_denied_is_an_error(script: Script, run: Run, store: SqliteStore) -> None:
    record(store, REPOSITORY)
    expect_list(script, THE_SECRET)
    script.expect("DELETE", PATH, status=404)
    expect_list(script, THE_SECRET)

    (item,) = run(REPOSITORY, GONE)

    assert isinstance(item.error, NotFound)
    assert item.sent == []
    assert store.read(REPOSITORY).records == {"TOKEN": RECORD}


REMOVAL = Desired("TOKEN", access=Access(("2",), "absent"))


@pytest.mark.parametrize("left", [(1,), (1, 3), ()], ids=["one left", "another came", "none left"])
def test_a_removal_whose_answer_was_lost_is_a_success(left: tuple[int, ...], script: Script, run: Run) -> None:
    expect_repositories(script, 1, 2)
    script.expect("DELETE", USER.repository_access("TOKEN", 2), status=404)
    expect_repositories(script, *left)

    (item,) = run(USER, REMOVAL, access_only=True)

    assert item.error is None
    assert methods(item) == ["DELETE"]


def test_a_removal_that_is_denied_is_an_error(script: Script, run: Run) -> None:
    expect_repositories(script, 1, 2)
    script.expect("DELETE", USER.repository_access("TOKEN", 2), status=404)
    expect_repositories(script, 1, 2)

    (item,) = run(USER, REMOVAL, access_only=True)

    assert isinstance(item.error, NotFound)
    assert item.sent == []


# --- the record ---


def test_a_creation_is_recorded_with_the_time_of_its_answer(script: Script, run: Run, store: SqliteStore) -> None:
    expect_list(script, NO_SECRETS, Date=AT_NOON["Date"])
    expect_key(script, KeyPair())
    script.expect("PUT", PATH, status=201, headers={"Date": format_datetime(NOON + HOUR, usegmt=True)})

    run(REPOSITORY, WISH)

    recorded = store.read(REPOSITORY).records["TOKEN"]
    assert (recorded.applied_at, recorded.created) == (NOON + HOUR, (NOON, NOON + HOUR))
    assert Fingerprints().matches("TOKEN", "s3cret", recorded.fingerprint)
    assert b"s3cret" not in Path(store.path).read_bytes()


def test_an_update_is_recorded_with_the_time_of_creation(script: Script, run: Run, store: SqliteStore) -> None:
    store.prepare()
    store.write(REPOSITORY, "TOKEN", replace(RECORD, created=(NOON - 3 * HOUR, NOON - HOUR)), over=None)
    expect_list(script, THE_SECRET)
    expect_key(script, KeyPair())
    script.expect("PUT", PATH, status=204, headers=AT_NOON)

    (item,) = run(REPOSITORY, replace(WISH, value=Value("another")))

    assert item.reason == "value_changed"
    recorded = store.read(REPOSITORY).records["TOKEN"]
    assert (recorded.applied_at, recorded.created) == (NOON, (NOON - 2 * HOUR, NOON - 2 * HOUR))
    assert Fingerprints().matches("TOKEN", "another", recorded.fingerprint)


def test_an_answer_without_a_date_is_not_recorded(script: Script, run: Run, store: SqliteStore) -> None:
    expect_list(script, NO_SECRETS)
    expect_key(script, KeyPair())
    script.expect("PUT", PATH, status=201)
    (item,) = run(REPOSITORY, WISH)
    assert methods(item) == ["PUT"]
    assert store.read(REPOSITORY).records == {}


def test_a_date_of_rotation_needs_no_store(script: Script, run: Run, store: SqliteStore) -> None:
    Path(store.path).parent.write_text("no directory", encoding="utf-8")
    expect_list(script, THE_SECRET)
    expect_key(script, KeyPair())
    script.expect("PUT", PATH, status=204, headers=AT_NOON)
    (item,) = run(REPOSITORY, replace(WISH, value_changed_at=NOON))
    assert (item.error, item.reason) == (None, "rotated")


def test_a_value_with_a_date_takes_its_record_away(script: Script, run: Run, store: SqliteStore) -> None:
    record(store, REPOSITORY)
    expect_list(script, THE_SECRET)
    expect_key(script, KeyPair())
    script.expect("PUT", PATH, status=204, headers=AT_NOON)
    run(REPOSITORY, replace(WISH, value_changed_at=NOON))
    assert store.read(REPOSITORY).records == {}


def test_check_mode_writes_neither_there_nor_here(script: Script, run: Run, store: SqliteStore) -> None:
    expect_list(script, NO_SECRETS)
    (item,) = run(REPOSITORY, WISH, check_mode=True)
    assert [write.method for write in item.writes] == ["PUT"]
    assert item.sent == []
    assert not store.exists()


def test_what_was_recorded_without_the_key_is_recorded_with_it_and_not_sent(
    script: Script, run: Run, store: SqliteStore
) -> None:
    record(store, REPOSITORY)
    for check_mode in (True, False, False):
        before = store.read(REPOSITORY).records["TOKEN"]
        expect_list(script, THE_SECRET)
        (item,) = run(REPOSITORY, WISH, check_mode=check_mode, key=KEY)
        assert (item.error, item.reason, item.writes) == (None, "unchanged", ())
        if check_mode:
            assert store.read(REPOSITORY).records == {"TOKEN": before}
    keyed = store.read(REPOSITORY).records["TOKEN"]
    assert keyed == before
    assert keyed == replace(RECORD, fingerprint=keyed.fingerprint)
    assert Fingerprints(KEY).matches("TOKEN", "s3cret", keyed.fingerprint)
    assert not Fingerprints().matches("TOKEN", "s3cret", keyed.fingerprint)


def test_a_change_of_the_list_records_with_the_key(script: Script, run: Run, store: SqliteStore) -> None:
    record(store, USER)
    expect_list(script, {"total_count": 1, "secrets": [{**THE_SECRET["secrets"][0], "visibility": "selected"}]}, USER)
    expect_repositories(script, 1)
    script.expect("PUT", USER.repositories("TOKEN"), status=204, headers=AT_NOON)

    (item,) = run(USER, replace(WISH, access=Access(("1", "2"))), key=KEY)

    assert (item.error, item.reason, methods(item)) == (None, "unchanged", ["PUT"])
    recorded = store.read(USER).records["TOKEN"]
    assert recorded.applied_at == NOON
    assert not Fingerprints(KEY).lacks_key(recorded.fingerprint)


@pytest.mark.parametrize("key", [None, b"another key of sixteen or more bytes"], ids=["no key", "another key"])
def test_what_was_recorded_with_a_key_is_no_match_without_it(
    key: bytes | None, script: Script, run: Run, store: SqliteStore
) -> None:
    store.prepare()
    store.write(REPOSITORY, "TOKEN", replace(RECORD, fingerprint=Fingerprints(KEY).make("TOKEN", "s3cret")), over=None)
    expect_list(script, THE_SECRET)
    expect_key(script, KeyPair())
    script.expect("PUT", PATH, status=204, headers=AT_NOON)
    (item,) = run(REPOSITORY, WISH, key=key)
    assert item.reason == "value_changed"
    assert Fingerprints(key).matches("TOKEN", "s3cret", store.read(REPOSITORY).records["TOKEN"].fingerprint)


ADDITION = Desired("TOKEN", access=Access(("2", "3"), "present"))


def test_each_change_of_the_list_moves_the_record_on_at_once(script: Script, run: Run, store: SqliteStore) -> None:
    record(store, USER)
    expect_repositories(script, 1)
    expect_list(script, THE_SECRET, USER)
    script.expect("PUT", USER.repository_access("TOKEN", 2), status=204, headers=AT_NOON)
    script.expect("PUT", USER.repository_access("TOKEN", 3), status=502)

    (item,) = run(USER, ADDITION, access_only=True)

    assert isinstance(item.error, Unreachable)
    assert [write.answered for write in item.sent] == [True, False]
    assert store.read(USER).records == {"TOKEN": replace(RECORD, applied_at=NOON)}


def test_a_change_of_the_list_does_not_hide_an_edit_elsewhere(script: Script, run: Run, store: SqliteStore) -> None:
    record(store, USER)
    expect_repositories(script, 1)
    expect_list(script, EDITED, USER)
    for number in (2, 3):
        script.expect("PUT", USER.repository_access("TOKEN", number), status=204, headers=AT_NOON)

    (item,) = run(USER, ADDITION, access_only=True)

    assert item.error is None
    assert store.read(USER).records == {"TOKEN": RECORD}


def test_a_secret_that_is_not_listed_may_have_been_edited(script: Script, run: Run, store: SqliteStore) -> None:
    record(store, USER)
    expect_repositories(script, 1)
    expect_list(script, NO_SECRETS, USER)
    for number in (2, 3):
        script.expect("PUT", USER.repository_access("TOKEN", number), status=204, headers=AT_NOON)

    (item,) = run(USER, ADDITION, access_only=True)

    assert item.error is None
    assert store.read(USER).records == {"TOKEN": RECORD}


def test_nothing_is_changed_when_it_cannot_be_told_whether_it_was_edited(
    script: Script, run: Run, store: SqliteStore
) -> None:
    record(store, USER)
    expect_repositories(script, 1)
    script.expect("GET", f"{USER.secrets}?per_page=100", status=502)

    (item,) = run(USER, ADDITION, access_only=True)

    assert isinstance(item.error, Unreachable)
    assert item.sent == []
    assert store.read(USER).records == {"TOKEN": RECORD}


# --- a store that fails ---


def execute(store: SqliteStore, statement: str) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as database:
        database.execute(statement)


def fill_the_disk(store: SqliteStore, action: str) -> None:
    """As far as it matters to whoever does this to the store."""
    execute(store, f"CREATE TRIGGER full BEFORE {action} ON fingerprint BEGIN SELECT RAISE(ABORT, 'disk full'); END")


def test_a_write_that_cannot_be_recorded_says_that_it_was_carried_out(
    script: Script, run: Run, store: SqliteStore
) -> None:
    expect_list(script, NO_SECRETS)
    expect_key(script, KeyPair())
    script.expect("PUT", PATH, status=201, headers=AT_NOON, meanwhile=lambda: fill_the_disk(store, "INSERT"))

    (item,) = run(REPOSITORY, WISH)

    assert isinstance(item.error, StoreError)
    assert str(item.error).startswith("The write was carried out, but not recorded. The next run repeats it. ")
    assert store.path in str(item.error)
    assert "disk full" in str(item.error)
    assert methods(item) == ["PUT"]


@pytest.mark.parametrize(
    ("desired", "trigger", "method"),
    [
        pytest.param(GONE, "DELETE", "DELETE", id="a deletion"),
        pytest.param(Desired("TOKEN", access=Access(("7",))), "UPDATE", "PUT", id="a change of the list"),
    ],
)
def test_what_is_not_repeated_does_not_say_so(
    desired: Desired, trigger: str, method: str, script: Script, run: Run, store: SqliteStore
) -> None:
    record(store, USER)
    expect_list(script, THE_SECRET, USER)
    if method == "PUT":
        expect_repositories(script, 1)
    path = USER.repositories("TOKEN") if method == "PUT" else USER.secret("TOKEN")
    script.expect(method, path, status=204, headers=AT_NOON, meanwhile=lambda: fill_the_disk(store, trigger))

    (item,) = run(USER, desired)

    assert isinstance(item.error, StoreError)
    assert str(item.error).startswith("The write was carried out, but not recorded. The fingerprint store")
    assert methods(item) == [method]


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
def test_who_needs_the_store(
    scope: Scope, secrets: tuple[Desired, ...], uses_it: bool, script: Script, run: Run, store: SqliteStore
) -> None:
    """A store that nobody could use fails only those who need it."""
    Path(store.path).mkdir(parents=True)
    if not uses_it:
        expect_list(
            script, {"total_count": 1, "secrets": [{"name": "TOKEN", "updated_at": "2026-03-10T12:00:00Z"}]}, scope
        )
        assert [item.error for item in run(scope, *secrets)] == [None]
    else:
        with pytest.raises(StoreError, match=store.path):
            run(scope, *secrets)


def test_a_store_that_cannot_be_used_fails_before_anything_is_sent(
    script: Script, run: Run, store: SqliteStore
) -> None:
    Path(store.path).mkdir(parents=True)
    with pytest.raises(StoreError, match=store.path):
        run(REPOSITORY, WISH)
    assert script.requests == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any file")
def test_a_deletion_that_could_not_be_recorded_is_not_sent(script: Script, run: Run, store: SqliteStore) -> None:
    record(store, REPOSITORY)
    Path(store.path).chmod(0o400)
    with pytest.raises(StoreError, match=store.path):
        run(REPOSITORY, GONE)
    assert script.requests == []


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "in check mode"])
def test_the_store_of_a_newer_version_is_left_alone(
    check_mode: bool, script: Script, run: Run, store: SqliteStore
) -> None:
    """Also where only a deletion would touch it, which does not need it otherwise."""
    record(store, REPOSITORY)
    execute(store, "PRAGMA user_version = 4")
    try:
        (item,) = run(REPOSITORY, GONE, check_mode=check_mode)
        error = item.error
    except StoreError as raised:
        error = raised
    assert isinstance(error, StoreError)
    assert script.requests == []


def test_a_repository_under_its_former_name_as_well_is_refused(
    script: Script, clock: Clock, store: SqliteStore
) -> None:
    former = _scope.repository("octo/former")
    list_of_former = "/repositories/7/codespaces/secrets?per_page=100"
    script.expect("GET", f"{former.secrets}?per_page=100", status=301, headers={"Location": list_of_former})
    script.expect("GET", list_of_former, body=NO_SECRETS, headers=AT_NOON)
    script.expect("POST", "/graphql", body={"data": {"repo_000": {"databaseId": 7, "nameWithOwner": "Octo/Web"}}})
    expect_list(script, NO_SECRETS)
    provisioner = Provisioner(new_session(script, clock), store, check_mode=False, sleep=clock.sleep)
    readings, items = provisioner.run([Job(former, (WISH,)), Job(REPOSITORY, (WISH,))])
    assert [str(reading.error) for reading in readings] == [
        "octo/former and octo/web are one repository, which is Octo/Web now, so nothing was changed here. "
        "Give it once, by its present name."
    ] * 2
    assert all(item.error is not None for item in items)
