# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._record import address
from ansible_collections.devex.github.plugins.module_utils._record.address import Address

PASSWORD = "hunter2"


@pytest.mark.parametrize(
    ("text", "shown", "secrets"),
    [
        ("postgresql://", "postgresql://", set()),
        ("postgres://host", "postgres://host", set()),
        ("postgresql://host/records", "postgresql://host/records", set()),
        ("postgresql://team@host:5432/records", "postgresql://team@host:5432/records", set()),
        ("postgresql://team:hunter2@host/records", "postgresql://team@host/records", {"hunter2"}),
        ("postgresql://team:hun:ter2@host", "postgresql://team@host", {"hun:ter2"}),
        ("postgresql://:hunter2@host", "postgresql://@host", {"hunter2"}),
        ("postgresql://team:@host", "postgresql://team@host", set()),
        ("postgresql://team:h%40nter%202@[::1]:5/r", "postgresql://team@[::1]:5/r", {"h%40nter%202", "h@nter 2"}),
        ("postgresql://one:5432,two:5433/r?target_session_attrs=primary", "postgresql://one:5432,two:5433/r", set()),
        ("postgresql://%2Fvar%2Frun/r", "postgresql://%2Fvar%2Frun/r", set()),
        ("postgresql:///r?host=/var/run&port=5433", "postgresql:///r", set()),
        ("postgresql:///r?user=team&password=hunt%2Br2", "postgresql:///r", {"hunt%2Br2", "hunt+r2"}),
        (
            "postgresql://a:one@h/r?sslpassword=two&oauth_client_secret=three&scram_client_key=four",
            "postgresql://a@h/r",
            {"one", "two", "three", "four"},
        ),
        ("postgresql://?service=records", "postgresql://", set()),
        ("postgresql://tëam:hünter2@host", "postgresql://tëam@host", {"hünter2"}),
    ],
)
def test_an_address_is_shown_without_its_passwords(text: str, shown: str, secrets: set[str]) -> None:
    assert address.is_address(text)
    found = Address(text)
    assert (found.text, found.shown, found.secrets) == (text, shown, secrets)
    assert address.secrets(text) == secrets
    assert not any(secret in repr(found) for secret in secrets)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("//team:hunter2@host/r", id="no scheme"),
        pytest.param("postgresql://team:hun@ter2@host/r", id="a bare @ in the password"),
        pytest.param("postgresql://team:hun/ter2@host/r", id="a bare / in the password"),
        pytest.param("postgresql://team:12/ter2@host", id="a password that looks like a port"),
        pytest.param("postgresql://team:hun?ter2@host/r", id="a bare ? in the password"),
        pytest.param("postgresql://team:hun#ter2@host/r", id="a bare # in the password"),
        pytest.param("postgresql://team:hun ter2@host/r", id="a blank"),
        pytest.param("postgresql://team:hunter2%@host/r", id="a bare % in the password"),
        pytest.param("postgresql://team:hunter2%00@host/r", id="a NUL"),
        pytest.param("postgresql://host?password=hunter2@host", id="a password that makes the rest a user"),
        pytest.param("postgresql://host/r?password=hun&ter2", id="a bare & in the password"),
        pytest.param("postgresql://host/r?password=hun=ter2", id="a bare = in the password"),
        pytest.param("postgresql://host:hunter2/r", id="a password for a port"),
        pytest.param("postgresql://team:hunter2@host/r\n", id="a line break"),
        pytest.param("postgresql://team:hunter2@host/r\x1b[0m", id="an escape sequence"),
        pytest.param("postgresql://team:hunter2@host/r\udc80", id="no Unicode"),
        pytest.param(" postgresql://team:hunter2@host/r", id="a blank in front"),
        pytest.param("POSTGRESQL://team:hunter2@host/r", id="capitals"),
        pytest.param("postgresql:/team:hunter2@host/r", id="one slash"),
        pytest.param("postgresql:team:hunter2@host/r", id="no slash"),
        pytest.param("postgresql+psycopg://team:hunter2@host/r", id="for SQLAlchemy"),
        pytest.param("mysql://team:hunter2@host/r", id="another database"),
        pytest.param("team:hunter2@host/r", id="no scheme"),
        pytest.param("/r?host=db password=hunter2", id="keywords after a path"),
    ],
)
def test_a_malformed_address_is_rejected_and_masked_as_a_whole(text: str) -> None:
    assert address.is_address(text)
    with pytest.raises(InputError, match="neither the path of a file nor an address") as caught:
        Address(text)
    assert "hun" not in str(caught.value)
    assert text in address.secrets(text)
    assert text.strip() in address.secrets(text)


@pytest.mark.parametrize(
    "text",
    [
        "service=records",
        "host=db user=x",
        " host = db",
        "HOST=db",
        "host=db.example.com password=hunter2",
        "host='/var/run' password='hun\\'ter2'",
        "password='hunter2@host'",
        "user=team passwd=hunter2 dbname=r",
        "dbname=hunter2",
        "dbname=postgresql://team:hunter2@host/r",
        "host=db\nuser=hunter2",
        "records=old",
    ],
)
def test_keywords_of_libpq_fail_by_name_and_are_masked_as_a_whole(text: str) -> None:
    assert address.is_address(text)
    with pytest.raises(InputError, match=r"keywords of libpq.* postgresql://") as caught:
        Address(text)
    assert "hun" not in str(caught.value)
    assert text in address.secrets(text)


@pytest.mark.parametrize(
    "path",
    [
        "/a/b",
        "/a@b",
        "~a@b/c",
        "/a=b",
        "$A=b",
        "~/b",
        "b",
        "./b",
        ":memory:",
        "$HOME/x",
        "a b#?%",
        "1:/x",
        "password",
        "",
    ],
)
def test_the_path_of_a_file_is_not_an_address(path: str) -> None:
    assert not address.is_address(path)
    assert address.secrets(path) == set()


@pytest.mark.parametrize("given", [None, 5, ["postgresql://a:b@c"], {}])
def test_a_value_that_is_not_text_has_no_password(given: object) -> None:
    assert address.secrets(given) == set()
