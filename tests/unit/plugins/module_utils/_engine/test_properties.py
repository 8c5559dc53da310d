# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any input from a playbook or from GitHub works, or raises an error of ours, and shows no secret."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import datetime, timezone
from tempfile import TemporaryDirectory
from typing import Any

import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.module_utils._engine.provision import Provisioner
from ansible_collections.devex.github.plugins.module_utils._errors import Error, InputError
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import Connection
from ansible_collections.devex.github.plugins.module_utils._model import Access, Desired, Job, Value
from ansible_collections.devex.github.plugins.module_utils._options import connection as _connection
from ansible_collections.devex.github.plugins.module_utils._options import desired as _options
from ansible_collections.devex.github.plugins.module_utils._record.sqlite import SqliteStore
from ansible_collections.devex.github.plugins.module_utils._time import format_time, parse_iso8601
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import CONNECTION, TOKEN, response

TEXT = st.text(max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
TIME = st.datetimes(timezones=st.just(timezone.utc)).map(format_time) | TEXT | JSON
ROW = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["NPM_TOKEN", "npm_token", "OTHER"]) | JSON,
        "created_at": TIME,
        "updated_at": TIME,
        "visibility": st.sampled_from(["all", "selected"]) | JSON,
        "id": st.integers(1, 3) | JSON,
        "full_name": st.sampled_from(["octo-org/app", "octo-org/api"]) | JSON,
    },
)
BODY = JSON | st.fixed_dictionaries(
    {},
    optional={
        "total_count": st.integers(0, 3) | JSON,
        "secrets": st.lists(ROW, max_size=3) | JSON,
        "repositories": st.lists(ROW, max_size=3) | JSON,
        "key_id": st.just("1") | JSON,
        "key": st.just("AAAA") | JSON,
        "data": st.dictionaries(st.sampled_from(["repo_000", "repo_001"]), ROW | JSON) | JSON,
        "message": TEXT | JSON,
        "errors": JSON,
    },
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Date": st.just("Tue, 10 Mar 2026 12:00:00 GMT") | st.text(st.characters(codec="ascii"), max_size=20),
        "Link": st.sampled_from(['</x?page=2>; rel="next"', "<>; rel=next", "<;;>,", '<//evil>; rel="next"']),
        "Location": st.sampled_from(["/x", "//evil", "http://[", "https://api.github.com/y", ""]),
        "Retry-After": st.sampled_from(["1", "-1", "soon", "9" * 400, "Tue, 10 Mar 2026 12:00:05 GMT"]),
        "X-RateLimit-Remaining": st.sampled_from(["0", "1", "many"]),
        "X-RateLimit-Reset": st.sampled_from(["0", "1773144000", "9" * 400, "later"]),
        "X-GitHub-SSO": st.sampled_from(["required; url=https://github.com/x", "partial", ""]),
    },
)
STATUS = st.sampled_from([200, 201, 204, 301, 302, 304, 307, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503])
ANSWER = st.tuples(STATUS, HEADERS, BODY.map(lambda body: json.dumps(body).encode()) | st.binary(max_size=20))


class Anything(BaseAdapter):
    """An adapter that returns the given answers, and then repeats the last one."""

    def __init__(self, answers: list[tuple[int, dict[str, str], bytes]]) -> None:
        super().__init__()
        self._answers = answers

    def send(self, request: requests.PreparedRequest, *dummy: Any, **options: Any) -> requests.Response:
        assert request.url is not None
        assert request.url.startswith("https://api.github.com/")
        status, headers, body = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return response(request, status, headers, body)

    def close(self) -> None:
        """Do nothing, because there is nothing to close."""


def new_session(answers: list[tuple[int, dict[str, str], bytes]]) -> Session:
    connection = Connection(**{**CONNECTION, "retries": 1, "max_wait": 100})
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    def pace() -> Pace:
        return Pace(connection.max_wait, monotonic=lambda: now[0], sleep=sleep)

    return Session(connection, adapter=Anything(answers), pace=pace)


DESIRED = st.builds(
    Desired,
    name=st.sampled_from(["NPM_TOKEN", "OTHER"]),
    state=st.sampled_from(["present", "absent"]),
    value=st.none() | st.builds(Value, text=TEXT, key_id=st.none() | st.just("1")),
    update_value=st.sampled_from(["on_change", "always", "on_create"]),
    value_changed_at=st.none() | st.just(datetime(2026, 3, 10, tzinfo=timezone.utc)),
    access=st.none() | st.builds(Access, st.lists(st.sampled_from(["octo-org/app", "1", "2"])).map(tuple)),
)
SCOPES = st.sampled_from([_scope.user(), _scope.organization("octo-org"), _scope.repository("octo-org/app")])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ANSWER, min_size=1, max_size=6), SCOPES, DESIRED, st.booleans())
def test_any_answer_succeeds_or_raises_an_error_of_ours(
    answers: list[tuple[int, dict[str, str], bytes]], scope: _scope.Scope, desired: Desired, check_mode: bool
) -> None:
    if not scope.has_repositories and desired.access is not None:
        return
    with TemporaryDirectory() as directory:
        store = SqliteStore(f"{directory}/store", "https://api.github.com")
        provisioner = Provisioner(new_session(answers), store, check_mode=check_mode, sleep=lambda dummy: None)
        readings, items = provisioner.run([Job(scope, (desired,))])
    assert len(items) >= 1
    for error in (*(reading.error for reading in readings), *(item.error for item in items)):
        assert error is None or isinstance(error, Error)
        assert TOKEN not in str(error)


def _works_or_is_an_input_error(check: Callable[[Any], Any], given_: Any) -> None:
    with contextlib.suppress(InputError):
        check(given_)


@given(TEXT)
def test_any_name_or_url_is_accepted_or_an_input_error(text: str) -> None:
    for check in (
        _options.secret_name,
        _options.repository_name,
        _options.organization_name,
        lambda entry: _options.repository_entries([entry]),
        _connection._api_url,
    ):
        _works_or_is_an_input_error(check, text)


@given(st.text() | st.integers() | st.floats() | st.booleans() | JSON)
def test_any_value_is_unchanged_or_rejected(value: Any) -> None:
    options = {
        "name": "NPM_TOKEN",
        "state": "present",
        "value": value,
        "encrypted_value": None,
        "key_id": None,
        "update_value": "on_change",
        "value_changed_at": None,
    }
    try:
        desired = _options.desired_secret(options)
    except InputError:
        empty = isinstance(value, str) and not value.strip("\r\n")
        assert empty or not isinstance(value, str) or any("\ud800" <= character <= "\udfff" for character in value)
    else:
        assert (desired.value and desired.value.text) == value


@given(st.datetimes(datetime(1970, 1, 2), datetime(2999, 12, 30), timezones=st.timezones() | st.just(timezone.utc)))
def test_any_time_survives_to_the_second(time: datetime) -> None:
    assert parse_iso8601(format_time(time)) == time.astimezone(timezone.utc).replace(microsecond=0)


@given(TEXT)
def test_any_text_is_a_time_or_raises_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_iso8601(text).tzinfo is not None
