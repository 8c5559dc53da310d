# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._engine.plan import (
    WRITTEN,
    beyond_limit,
    needs_repositories,
    plan,
    untouched,
    value_reason,
)
from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._model import (
    Access,
    Desired,
    Plan,
    Record,
    Repository,
    Secret,
    Value,
    Write,
)
from ansible_collections.devex.github.plugins.module_utils._scope import Scope

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)

REPOSITORY = _scope.repository("octo/web")
USER = _scope.user()
ORGANIZATION = _scope.organization("octo")

VALUE = Value("s3cret")
API = Repository(1, "octo/api")
WEB = Repository(2, "octo/web")
DOCS = Repository(3, "octo/docs")
RESOLVED = {"octo/api": API, "octo/web": WEB, "octo/docs": DOCS, "1": API, "2": WEB, "3": DOCS}

WISH = Desired("TOKEN", value=VALUE)
SECRET = Secret("TOKEN", created_at=NOON - DAY, updated_at=NOON, visibility="selected")
RECORD = Record("$argon2id$", applied_at=NOON, created=(NOON - DAY, NOON - DAY))


def secret(*repositories: Repository, visibility: str | None = "selected") -> Secret:
    return replace(SECRET, visibility=visibility, repositories=repositories)


def plan_of(
    desired: Desired, current: Secret | None, reason: str = "unchanged", scope: Scope = USER, **more: Repository
) -> Plan:
    return plan(scope, desired, current, reason, {**RESOLVED, **more})


def put(scope: Scope, reason: str, body: dict[str, object], value: Value | None) -> Write:
    return Write("PUT", scope.secret("TOKEN"), reason, body, with_key=True, value=value)


def only_write(planned: Plan) -> Write:
    (write,) = planned.writes
    return write


# --- is the value written? ---

ROTATED_AT_NOON = replace(WISH, value_changed_at=NOON)
ON_NEW_VALUE = replace(WISH, update_value="on_new_value")
ADOPT = replace(WISH, update_value="adopt")


@pytest.mark.parametrize(
    ("desired", "current", "record", "matches", "reason"),
    [
        pytest.param(WISH, None, None, False, "created", id="on_change, and no secret"),
        pytest.param(WISH, None, RECORD, True, "created", id="on_change, no secret, though one was recorded"),
        pytest.param(replace(WISH, update_value="always"), None, None, False, "created", id="always, and no secret"),
        pytest.param(replace(WISH, update_value="on_create"), None, None, False, "created", id="on_create, no secret"),
        pytest.param(ROTATED_AT_NOON, None, None, False, "created", id="a date, and no secret"),
        pytest.param(Desired("TOKEN"), None, None, False, "created", id="no value, and no secret"),
        pytest.param(replace(WISH, update_value="always"), SECRET, RECORD, True, "forced", id="always"),
        pytest.param(replace(WISH, update_value="on_create"), SECRET, None, False, "kept", id="on_create"),
        pytest.param(
            Desired("TOKEN", update_value="on_create"), SECRET, None, False, "kept", id="on_create without a value"
        ),
        pytest.param(
            replace(ROTATED_AT_NOON, update_value="always"), SECRET, None, False, "forced", id="always, despite a date"
        ),
        pytest.param(
            ROTATED_AT_NOON, replace(SECRET, updated_at=NOON - SECOND), None, False, "rotated", id="older than the date"
        ),
        pytest.param(
            ROTATED_AT_NOON,
            replace(SECRET, updated_at=NOON - SECOND),
            RECORD,
            True,
            "rotated",
            id="older than the date, with any record",
        ),
        pytest.param(ROTATED_AT_NOON, SECRET, None, False, "unchanged", id="as old as the date"),
        pytest.param(
            ROTATED_AT_NOON, replace(SECRET, updated_at=NOON + DAY), None, False, "unchanged", id="newer than the date"
        ),
        pytest.param(
            ROTATED_AT_NOON, replace(SECRET, updated_at=None), None, False, "rotated", id="a date, and no known age"
        ),
        pytest.param(WISH, SECRET, None, False, "not_recorded", id="nothing recorded"),
        pytest.param(WISH, SECRET, RECORD, False, "value_changed", id="another value than recorded"),
        pytest.param(
            WISH,
            replace(SECRET, updated_at=NOON + DAY),
            RECORD,
            False,
            "value_changed",
            id="another value than recorded, and edited elsewhere",
        ),
        pytest.param(
            WISH, replace(SECRET, updated_at=NOON + DAY), RECORD, True, "updated_elsewhere", id="edited elsewhere"
        ),
        pytest.param(WISH, SECRET, RECORD, True, "unchanged", id="the recorded value, untouched"),
        pytest.param(
            WISH, SECRET, replace(RECORD, unsure=True), True, "not_recorded", id="perhaps no more the recorded value"
        ),
        pytest.param(WISH, SECRET, replace(RECORD, unsure=True), False, "value_changed", id="another value anyway"),
        pytest.param(ON_NEW_VALUE, SECRET, None, False, "not_recorded", id="on a new value, nothing recorded"),
        pytest.param(ON_NEW_VALUE, SECRET, RECORD, False, "value_changed", id="on a new value, one"),
        pytest.param(ON_NEW_VALUE, SECRET, RECORD, True, "unchanged", id="on a new value, none"),
        pytest.param(
            ON_NEW_VALUE,
            replace(SECRET, updated_at=NOON + DAY),
            RECORD,
            True,
            "left_as_edited",
            id="on a new value, none, and edited elsewhere",
        ),
        pytest.param(
            ON_NEW_VALUE,
            replace(SECRET, updated_at=NOON + DAY),
            replace(RECORD, unsure=True),
            True,
            "not_recorded",
            id="on a new value, and the edit may be a write of ours",
        ),
        pytest.param(
            replace(ON_NEW_VALUE, value_changed_at=NOON),
            SECRET,
            RECORD,
            True,
            "unchanged",
            id="on a new value, with a date",
        ),
        pytest.param(ADOPT, None, None, False, "created", id="to adopt an absent secret"),
        pytest.param(ADOPT, SECRET, None, False, "adopted", id="to adopt an existing secret"),
        pytest.param(ADOPT, SECRET, RECORD, False, "adopted", id="to adopt another value than recorded"),
        pytest.param(
            replace(ADOPT, value_changed_at=NOON + DAY),
            SECRET,
            None,
            False,
            "adopted",
            id="to adopt, despite a date",
        ),
        pytest.param(replace(ADOPT, value=None), SECRET, RECORD, False, "unmanaged", id="to adopt nothing"),
        pytest.param(Desired("TOKEN"), SECRET, None, False, "unmanaged", id="no value"),
        pytest.param(Desired("TOKEN"), SECRET, RECORD, False, "unmanaged", id="no value, though one was recorded"),
        pytest.param(
            Desired("TOKEN", update_value="always"), SECRET, None, False, "unmanaged", id="always without a value"
        ),
        pytest.param(
            Desired("TOKEN", value_changed_at=NOON + DAY), SECRET, None, False, "unmanaged", id="a date without a value"
        ),
    ],
)
def test_the_policy_decides_the_reason(
    desired: Desired, current: Secret | None, record: Record | None, matches: bool, reason: str
) -> None:
    assert value_reason(desired, current, record, matches) == reason


def test_only_these_reasons_write_the_value() -> None:
    left = {"adopted", "kept", "left_as_edited", "unchanged", "unmanaged"}
    written = {"created", "forced", "rotated", "not_recorded", "value_changed", "updated_elsewhere"}
    assert written == WRITTEN
    assert not WRITTEN & left


@pytest.mark.parametrize(
    ("current", "record", "expected"),
    [
        pytest.param(SECRET, RECORD, True, id="the moment of our write"),
        pytest.param(replace(SECRET, updated_at=NOON + 2 * SECOND), RECORD, True, id="two seconds after it"),
        pytest.param(replace(SECRET, updated_at=NOON + 3 * SECOND), RECORD, False, id="three seconds after it"),
        pytest.param(replace(SECRET, updated_at=NOON - DAY), RECORD, True, id="long before it, as after a lag"),
        pytest.param(replace(SECRET, updated_at=None), RECORD, True, id="no known age"),
        pytest.param(
            replace(SECRET, created_at=NOON - DAY + 2 * SECOND), RECORD, True, id="created two seconds after the record"
        ),
        pytest.param(
            replace(SECRET, created_at=NOON - DAY - 2 * SECOND), RECORD, True, id="created two seconds before it"
        ),
        pytest.param(replace(SECRET, created_at=NOON - DAY + 3 * SECOND), RECORD, False, id="created three s after it"),
        pytest.param(
            replace(SECRET, created_at=NOON - DAY - 3 * SECOND), RECORD, False, id="created three s before it"
        ),
        pytest.param(replace(SECRET, created_at=None), RECORD, True, id="no known creation"),
        pytest.param(SECRET, replace(RECORD, created=None), True, id="no recorded creation"),
        pytest.param(
            replace(SECRET, created_at=NOON - 30 * SECOND),
            replace(RECORD, created=(NOON - 60 * SECOND, NOON)),
            True,
            id="created while we tried to",
        ),
        pytest.param(
            replace(SECRET, created_at=NOON - 63 * SECOND),
            replace(RECORD, created=(NOON - 60 * SECOND, NOON)),
            False,
            id="created before we tried to",
        ),
    ],
)
def test_a_secret_is_untouched_within_two_seconds(current: Secret, record: Record, expected: bool) -> None:
    assert untouched(current, record) is expected
    assert value_reason(WISH, current, record, True) == ("unchanged" if expected else "updated_elsewhere")


# --- is the present list needed? ---

LISTED = replace(WISH, access=Access(("octo/api",)))


@pytest.mark.parametrize(
    ("scope", "desired", "current", "reason", "expected"),
    [
        pytest.param(USER, LISTED, SECRET, "unchanged", True, id="a list is wanted"),
        pytest.param(USER, replace(WISH, access=Access(())), SECRET, "unchanged", True, id="an empty list is wanted"),
        pytest.param(USER, WISH, SECRET, "value_changed", True, id="a value is written, and the list sent along"),
        pytest.param(USER, WISH, SECRET, "unchanged", False, id="nothing is to do"),
        pytest.param(USER, WISH, SECRET, "kept", False, id="the value is left"),
        pytest.param(USER, LISTED, None, "created", False, id="there is no secret yet"),
        pytest.param(USER, replace(WISH, state="absent"), SECRET, "value_changed", False, id="it is deleted"),
        pytest.param(REPOSITORY, WISH, SECRET, "value_changed", False, id="repository secrets have no list"),
        pytest.param(ORGANIZATION, LISTED, SECRET, "unchanged", True, id="selected, and a list is wanted"),
        pytest.param(ORGANIZATION, WISH, SECRET, "forced", True, id="selected, and a value is written"),
        pytest.param(
            ORGANIZATION, LISTED, replace(SECRET, visibility="all"), "unchanged", False, id="all have no list to read"
        ),
        pytest.param(
            ORGANIZATION, WISH, replace(SECRET, visibility="private"), "forced", False, id="private has no list either"
        ),
    ],
)
def test_only_a_plan_that_depends_on_the_list_reads_the_list(
    scope: Scope, desired: Desired, current: Secret | None, reason: str, expected: bool
) -> None:
    assert needs_repositories(scope, desired, current, reason) is expected


# --- creation ---


@pytest.mark.parametrize(
    ("scope", "desired", "body", "after"),
    [
        pytest.param(REPOSITORY, WISH, {}, Secret("TOKEN"), id="repository secret"),
        pytest.param(
            USER,
            WISH,
            {"selected_repository_ids": []},
            Secret("TOKEN", visibility="selected", repositories=()),
            id="user secret with an empty list",
        ),
        pytest.param(
            USER,
            replace(WISH, access=Access(("octo/web", "octo/api"))),
            {"selected_repository_ids": [1, 2]},
            Secret("TOKEN", visibility="selected", repositories=(WEB, API)),
            id="user secret with a list",
        ),
        pytest.param(
            ORGANIZATION,
            WISH,
            {"visibility": "private"},
            Secret("TOKEN", visibility="private"),
            id="organization secret, private by default",
        ),
        pytest.param(
            ORGANIZATION,
            replace(WISH, visibility="all"),
            {"visibility": "all"},
            Secret("TOKEN", visibility="all"),
            id="organization secret for all",
        ),
        pytest.param(
            ORGANIZATION,
            replace(WISH, visibility="selected"),
            {"visibility": "selected", "selected_repository_ids": []},
            Secret("TOKEN", visibility="selected", repositories=()),
            id="organization secret, selected, for nobody",
        ),
        pytest.param(
            ORGANIZATION,
            LISTED,
            {"visibility": "selected", "selected_repository_ids": [1]},
            Secret("TOKEN", visibility="selected", repositories=(API,)),
            id="organization secret, selected since it has a list",
        ),
    ],
)
def test_a_creation_sends_the_value_and_the_access(
    scope: Scope, desired: Desired, body: dict[str, object], after: Secret
) -> None:
    planned = plan_of(desired, None, "created", scope)
    assert planned == Plan("create", "created", None, after, (put(scope, "created", body, VALUE),))


@pytest.mark.parametrize("scope", [REPOSITORY, USER, ORGANIZATION], ids=["repository", "user", "organization"])
def test_a_creation_fails_without_a_value(scope: Scope) -> None:
    with pytest.raises(InputError, match=r"^value is unset, .*does not exist.* to create it\.$"):
        plan_of(Desired("TOKEN"), None, "created", scope)


# --- deletion ---


@pytest.mark.parametrize("scope", [REPOSITORY, USER, ORGANIZATION], ids=["repository", "user", "organization"])
def test_a_deletion_is_one_request(scope: Scope) -> None:
    planned = plan_of(Desired("TOKEN", state="absent"), SECRET, "unmanaged", scope)
    assert planned == Plan("delete", "deleted", SECRET, None, (Write("DELETE", scope.secret("TOKEN"), "deleted"),))


def test_a_pruned_secret_has_the_reason_pruned() -> None:
    planned = plan_of(Desired("TOKEN", state="absent", pruned=True), SECRET, "unmanaged")
    assert (planned.action, planned.reason, only_write(planned).reason) == ("delete", "pruned", "pruned")


def test_an_absent_secret_stays_absent() -> None:
    planned = plan_of(Desired("TOKEN", state="absent", value=VALUE), None, "created")
    assert planned == Plan("none", "absent", None, None)


# --- update of the value ---


@pytest.mark.parametrize("reason", sorted(WRITTEN - {"created"}))
def test_every_reason_to_write_writes_the_value(reason: str) -> None:
    planned = plan_of(WISH, SECRET, reason, REPOSITORY)
    assert (planned.action, planned.reason) == ("update", reason)
    assert planned.writes == (put(REPOSITORY, reason, {}, VALUE),)


@pytest.mark.parametrize("reason", ["unchanged", "kept", "unmanaged", "adopted", "left_as_edited"])
@pytest.mark.parametrize(
    ("scope", "visibility"),
    [(REPOSITORY, None), (USER, "selected"), (ORGANIZATION, "all")],
    ids=["repo", "user", "org"],
)
def test_no_reason_to_write_writes_nothing(scope: Scope, visibility: str | None, reason: str) -> None:
    current = replace(SECRET, visibility=visibility)
    planned = plan_of(WISH, current, reason, scope)
    assert planned == Plan("none", reason, current, current)


@pytest.mark.parametrize(
    ("scope", "desired", "current", "body"),
    [
        pytest.param(USER, WISH, secret(WEB, API), {"selected_repository_ids": [1, 2]}, id="the present list"),
        pytest.param(USER, WISH, secret(), {"selected_repository_ids": []}, id="the present list, though empty"),
        pytest.param(USER, LISTED, secret(WEB), {"selected_repository_ids": [1]}, id="the wanted list"),
        pytest.param(
            USER,
            replace(WISH, access=Access(())),
            secret(WEB),
            {"selected_repository_ids": []},
            id="the desired empty list",
        ),
        pytest.param(
            USER,
            replace(WISH, access=Access(("octo/api",), "present")),
            secret(WEB),
            {"selected_repository_ids": [1, 2]},
            id="the present list and one more",
        ),
        pytest.param(
            USER,
            replace(WISH, access=Access(("octo/api",), "absent")),
            secret(WEB, API),
            {"selected_repository_ids": [2]},
            id="the present list but one",
        ),
        pytest.param(
            ORGANIZATION,
            WISH,
            secret(WEB),
            {"visibility": "selected", "selected_repository_ids": [2]},
            id="the present list of an organization",
        ),
        pytest.param(
            ORGANIZATION, WISH, replace(SECRET, visibility="all"), {"visibility": "all"}, id="the present visibility"
        ),
    ],
)
def test_a_written_value_is_sent_with_the_access(
    scope: Scope, desired: Desired, current: Secret, body: dict[str, object]
) -> None:
    planned = plan_of(desired, current, "value_changed", scope)
    assert planned.writes == (put(scope, "value_changed", body, VALUE),)


# --- update of the list alone ---


def exact(*ids: int) -> Write:
    return Write("PUT", USER.repositories("TOKEN"), "repositories_changed", {"selected_repository_ids": list(ids)})


def added(repository_id: int) -> Write:
    return Write("PUT", USER.repository_access("TOKEN", repository_id), "repository_added")


def removed(repository_id: int) -> Write:
    return Write("DELETE", USER.repository_access("TOKEN", repository_id), "repository_removed")


@pytest.mark.parametrize(
    ("access", "present", "writes", "after"),
    [
        pytest.param(None, (WEB,), (), (WEB,), id="omitted: unchanged"),
        pytest.param(Access(()), (WEB, API), (exact(),), (), id="empty: nobody"),
        pytest.param(Access(()), (), (), (), id="empty already"),
        pytest.param(Access(("octo/api",)), (WEB,), (exact(1),), (API,), id="exact: one for another"),
        pytest.param(Access(("octo/web", "octo/api")), (API, WEB), (), (WEB, API), id="exact: in another order"),
        pytest.param(Access(("2", "octo/api")), (API, WEB), (), (WEB, API), id="exact: partly by ID"),
        pytest.param(Access(("octo/api", "1", "octo/api")), (API,), (), (API,), id="exact: one, three times"),
        pytest.param(Access(("3", "3", "octo/docs")), (API,), (exact(3),), (DOCS,), id="exact: a new one, three times"),
        pytest.param(
            Access(("octo/docs", "octo/api"), "present"),
            (WEB,),
            (added(1), added(3)),
            {API, WEB, DOCS},
            id="present: two more",
        ),
        pytest.param(Access(("octo/api", "1"), "present"), (WEB,), (added(1),), {API, WEB}, id="present: one, twice"),
        pytest.param(Access(("octo/web",), "present"), (API, WEB), (), {API, WEB}, id="present: there already"),
        pytest.param(Access((), "present"), (API,), (), (API,), id="present: none more"),
        pytest.param(
            Access(("octo/web", "octo/api"), "absent"),
            (DOCS, WEB, API),
            (removed(1), removed(2)),
            (DOCS,),
            id="absent: two less",
        ),
        pytest.param(Access(("octo/api", "1"), "absent"), (API, WEB), (removed(1),), (WEB,), id="absent: one, twice"),
        pytest.param(Access(("octo/docs",), "absent"), (API,), (), (API,), id="absent: not there"),
    ],
)
def test_the_list_of_a_user_secret_changes_without_the_value(
    access: Access | None,
    present: tuple[Repository, ...],
    writes: tuple[Write, ...],
    after: tuple[Repository, ...] | set[Repository],
) -> None:
    planned = plan_of(replace(WISH, access=access), secret(*present))

    assert planned.writes == writes
    assert planned.action == ("update" if writes else "none")
    assert planned.reason == "unchanged"
    assert planned.after is not None
    assert planned.after.repositories is not None
    assert len(planned.after.repositories) == len(after)
    assert set(planned.after.repositories) == set(after)


def test_a_renamed_repository_is_recognised_by_its_id() -> None:
    renamed = Repository(1, "octo/service")
    planned = plan_of(replace(WISH, access=Access(("octo/api",))), secret(renamed))
    assert planned.writes == ()
    assert planned.after == secret(renamed)


def test_a_list_is_managed_without_a_value() -> None:
    planned = plan_of(Desired("TOKEN", access=Access(("octo/api",))), secret(WEB), "unmanaged")
    assert planned.writes == (exact(1),)
    assert planned.reason == "unmanaged"


# --- visibility of an organization's secret ---


@pytest.mark.parametrize(
    ("reason", "value"),
    [
        pytest.param("unchanged", VALUE, id="with the value that is known to be there"),
        pytest.param("unmanaged", None, id="without a value, because it is unset"),
        pytest.param("kept", None, id="without a value, because it may differ"),
        pytest.param("left_as_edited", None, id="without a value, because it differs"),
    ],
)
def test_a_visibility_changes_without_a_value(reason: str, value: Value | None) -> None:
    desired = Desired("TOKEN", value=None if reason == "unmanaged" else VALUE, visibility="all")
    planned = plan_of(desired, replace(SECRET, visibility="private"), reason, ORGANIZATION)

    assert (planned.action, planned.reason) == ("update", reason)
    assert planned.writes == (put(ORGANIZATION, "visibility_changed", {"visibility": "all"}, value),)


def test_a_visibility_is_sent_without_a_value_that_has_a_date() -> None:
    desired = replace(WISH, value_changed_at=NOON, visibility="all")
    planned = plan_of(desired, replace(SECRET, visibility="private"), "unchanged", ORGANIZATION)
    assert planned.writes == (put(ORGANIZATION, "visibility_changed", {"visibility": "all"}, None),)


def test_a_change_of_visibility_goes_with_a_value() -> None:
    desired = replace(WISH, visibility="all")
    planned = plan_of(desired, secret(API), "value_changed", ORGANIZATION)
    assert planned.writes == (put(ORGANIZATION, "value_changed", {"visibility": "all"}, VALUE),)
    assert planned.after == replace(SECRET, visibility="all", repositories=None)


@pytest.mark.parametrize(
    ("access", "ids"),
    [
        pytest.param(None, [], id="an empty list, without a present list"),
        pytest.param(Access(("octo/web", "octo/api")), [1, 2], id="those of the list"),
        pytest.param(Access(("octo/web",), "present"), [2], id="those that are added"),
        pytest.param(Access(("octo/web",), "absent"), [], id="an empty list, if all are removed"),
    ],
)
def test_a_secret_that_becomes_selected_gets_the_desired_list(access: Access | None, ids: list[int]) -> None:
    desired = replace(WISH, visibility="selected", access=access)
    planned = plan_of(desired, replace(SECRET, visibility="all"), "unchanged", ORGANIZATION)
    write = only_write(planned)
    assert (write.method, write.path) == ("PUT", ORGANIZATION.secret("TOKEN"))
    assert write.body == {"visibility": "selected", "selected_repository_ids": ids}


@pytest.mark.parametrize("visibility", ["all", "private"])
@pytest.mark.parametrize("mode", ["exact", "present", "absent"])
def test_a_list_fails_without_visibility_selected(mode: str, visibility: str) -> None:
    desired = replace(WISH, access=Access(("octo/api",), mode))
    with pytest.raises(
        InputError, match=f"^selected_repositories requires visibility=selected, .* visibility={visibility}"
    ):
        plan_of(desired, replace(SECRET, visibility=visibility), "unchanged", ORGANIZATION)


def test_the_list_of_a_selected_secret_changes_without_the_value() -> None:
    planned = plan_of(replace(LISTED, visibility="selected"), secret(WEB), "unchanged", ORGANIZATION)
    write = only_write(planned)
    assert (write.path, write.reason) == (ORGANIZATION.repositories("TOKEN"), "repositories_changed")
    assert write.value is None


def test_an_omitted_visibility_does_not_change() -> None:
    planned = plan_of(WISH, replace(SECRET, visibility="all"), "forced", ORGANIZATION)
    assert only_write(planned).body == {"visibility": "all"}


@pytest.mark.parametrize("consumer", ["codespaces", "agents", "dependabot", "actions"])
@pytest.mark.parametrize("reason", ["unchanged", "unmanaged"])
def test_a_visibility_changes_without_the_value_only_if_github_accepts_that(consumer: str, reason: str) -> None:
    scope = _scope.organization("octo", consumer)
    desired = Desired("TOKEN", value=Value("s3cret") if reason == "unchanged" else None, visibility="all")

    def planned() -> Plan:
        return plan(scope, desired, Secret("TOKEN", visibility="private"), reason, {})

    if reason == "unmanaged" and consumer in ("agents", "actions"):
        with pytest.raises(InputError, match=f"^visibility: .* for {consumer} only together with its value"):
            planned()
    else:
        write = only_write(planned())
        assert (write.path, write.value) == (f"/orgs/octo/{consumer}/secrets/TOKEN", desired.value)


# --- room ---


def a_plan(action: str) -> Plan:
    return Plan(action, "", None, None)


@pytest.mark.parametrize(
    ("limit", "present", "actions", "beyond"),
    [
        pytest.param(100, 99, "c", "-", id="the last one"),
        pytest.param(100, 100, "c", "c", id="one too many"),
        pytest.param(100, 98, "ccc", "--c", id="the first have room"),
        pytest.param(100, 100, "cdu", "---", id="one makes room"),
        pytest.param(100, 100, "ccdn", "-c--", id="one makes room for one"),
        pytest.param(100, 100, "un", "--", id="nothing new"),
        pytest.param(1000, 999, "cc", "-c", id="another limit"),
        pytest.param(None, 5000, "cc", "--", id="no limit"),
        pytest.param(100, 101, "c", "-", id="GitHub allows more than we know"),
    ],
)
def test_a_creation_beyond_the_limit_is_detected(limit: int | None, present: int, actions: str, beyond: str) -> None:
    names = {"c": "create", "d": "delete", "u": "update", "n": "none"}
    expected = [one != "-" for one in beyond]
    assert beyond_limit(limit, present, [a_plan(names[action]) for action in actions]) == expected


# --- and once more ---


@given(
    scope=st.sampled_from([REPOSITORY, USER, ORGANIZATION]),
    visibility=st.sampled_from([None, "all", "private", "selected"]),
    present=st.none() | st.sets(st.sampled_from([API, WEB, DOCS])),
    names=st.none() | st.lists(st.sampled_from(sorted(RESOLVED))),
    mode=st.sampled_from(["exact", "present", "absent"]),
    state=st.sampled_from(["present", "absent"]),
    reason=st.sampled_from(["value_changed", "unchanged", "kept"]),
)
def test_a_second_run_has_nothing_to_do(
    scope: Scope,
    visibility: str | None,
    present: set[Repository] | None,
    names: list[str] | None,
    mode: str,
    state: str,
    reason: str,
) -> None:
    """A second plan is empty after the first one was applied, for any present and desired state."""
    access = None if names is None or not scope.has_repositories else Access(tuple(names), mode)
    if not scope.has_visibility or access is not None:
        visibility = None
    desired = replace(WISH, state=state, visibility=visibility, access=access)
    current = (
        None if present is None else secret(*present) if scope.has_repositories else replace(SECRET, visibility=None)
    )
    first = plan(scope, desired, current, "created" if current is None else reason, RESOLVED)

    second = plan(scope, desired, first.after, "created" if first.after is None else "unchanged", RESOLVED)

    assert second.writes == ()
    assert second.action == "none"
