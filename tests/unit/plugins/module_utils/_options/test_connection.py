# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._options import connection as _connection

CONNECTION = {
    "token": "ghp_abc",
    "app_id": None,
    "app_private_key": None,
    "app_installation_id": None,
    "api_url": "https://api.github.com",
    "api_version": "2026-03-10",
    "timeout": 30,
    "retries": 3,
    "max_wait": 120,
    "validate_certs": True,
    "ca_path": None,
}


def connection(**options: Any) -> Any:
    return _connection.connection({**CONNECTION, **options})


def test_a_connection_has_the_values_of_the_options() -> None:
    made = connection(timeout=1, retries=0, max_wait=0, api_version="2022-11-28")
    assert (made.token, made.api_url, made.api_version) == ("ghp_abc", "https://api.github.com", "2022-11-28")
    assert (made.timeout, made.retries, made.max_wait, made.verify) == (1, 0, 0, True)
    assert "ghp_abc" not in repr(made)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        pytest.param("", "is empty, .* GITHUB_TOKEN or GH_TOKEN", id="empty"),
        pytest.param(
            "ghp_S3cr\n",
            "contains a space or a line break. Remove it, for example with the filter trim",
            id="line break after",
        ),
        pytest.param("\nghp_S3cr", "contains a space or a line break", id="line break before"),
        pytest.param("ghp S3cr", "contains a space or a line break", id="blank"),
        pytest.param("ghp_S3cr\r\nX-Header: 1", "contains a space or a line break", id="header"),
        pytest.param("ghp_S3cré", "contains a character that is not printable ASCII", id="not ASCII"),
        pytest.param("ghp_S3cr\0", "contains a character that is not printable ASCII", id="NUL"),
    ],
)
def test_a_malformed_token_fails_without_being_shown(token: str, message: str) -> None:
    with pytest.raises(InputError, match=f"^token {message}") as caught:
        connection(token=token)
    assert "S3cr" not in str(caught.value)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("timeout", 0),
        ("timeout", -1),
        ("timeout", 10**10),
        ("retries", -1),
        ("retries", 101),
        ("max_wait", -1),
        ("max_wait", 10**5000),
    ],
    ids=lambda part: str(part)[:20] if isinstance(part, str) or part < 10**20 else "a very large number",
)
def test_a_number_out_of_bounds_fails(option: str, value: int) -> None:
    with pytest.raises(InputError, match=rf"^{option} must be from \d to \d+\.$"):
        connection(**{option: value})


def test_the_error_about_an_unset_token_names_the_variables() -> None:
    with pytest.raises(
        InputError, match=r"^token is unset\. .* GITHUB_TOKEN or GH_TOKEN\. .* app_id and app_private_key\.$"
    ):
        connection(token=None)
    assert _connection.connection({**CONNECTION, "token": None}, token_needed=False).token is None


@pytest.mark.parametrize("version", ["", "2026-03-10\n", "2026 03 10", "2026-03-10\r\nX-Header: 1"])
def test_a_malformed_api_version_fails(version: str) -> None:
    with pytest.raises(InputError, match=r"^api_version must be a date"):
        connection(api_version=version)


def test_certificates_are_checked_against_a_path(tmp_path: Path) -> None:
    (tmp_path / "2e5ac55d.0").touch()
    assert connection(ca_path=str(tmp_path)).verify == str(tmp_path)
    assert connection(ca_path=str(tmp_path), validate_certs=False).verify is False
    assert connection(validate_certs=False).verify is False
    with pytest.raises(InputError, match=r"^ca_path: .*missing' does not exist"):
        connection(ca_path=str(tmp_path / "missing"))
    with pytest.raises(InputError, match=r"^ca_path: .*2e5ac55d.0' contains no certificate in PEM format\.$"):
        connection(ca_path=str(tmp_path / "2e5ac55d.0"))


@pytest.mark.parametrize(
    ("api_url", "used"),
    [
        pytest.param("https://api.github.com", "https://api.github.com", id="GitHub"),
        pytest.param("https://api.github.com/", "https://api.github.com", id="a slash at the end"),
        pytest.param("https://api.octo.ghe.com:8443", "https://api.octo.ghe.com:8443", id="a port"),
        pytest.param("https://ghe.example.com/api/v3//", "https://ghe.example.com/api/v3", id="a path"),
        pytest.param("HTTPS://API.GitHub.com/Path", "https://api.github.com/Path", id="upper case"),
        pytest.param("http://localhost:8080", "http://localhost:8080", id="http to localhost"),
        pytest.param("http://LocalHost", "http://localhost", id="http to localhost in any case"),
        pytest.param("http://127.0.0.1:1", "http://127.0.0.1:1", id="http to 127.0.0.1"),
        pytest.param("http://127.0.0.2", "http://127.0.0.2", id="http to another loopback address"),
        pytest.param("http://[::1]:8080/x", "http://[::1]:8080/x", id="http to IPv6 loopback"),
    ],
)
def test_a_valid_api_url_is_normalised(api_url: str, used: str) -> None:
    assert connection(api_url=api_url).api_url == used


@pytest.mark.parametrize(
    "api_url",
    [
        pytest.param("http://api.github.com", id="a host"),
        pytest.param("http://localhost.example.com", id="a host that begins with localhost"),
        pytest.param("http://notlocalhost", id="a host that ends with localhost"),
        pytest.param("http://127.0.0.1.example.com", id="a host that begins with a loopback address"),
        pytest.param("http://10.0.0.1", id="an address in a private network"),
        pytest.param("http://0.0.0.0", id="any address"),
        pytest.param("http://[::2]", id="an IPv6 address"),
        pytest.param(r"http://api.example.com\.localhost", id="a host before a backslash"),
    ],
)
def test_plain_http_fails_except_for_loopback(api_url: str) -> None:
    with pytest.raises(InputError, match=r"^api_url"):
        connection(api_url=api_url)


def test_the_error_about_plain_http_contains_the_right_url() -> None:
    with pytest.raises(InputError, match=r"Set https://ghe\.example\.com:8443/api/v3\.$"):
        connection(api_url="http://ghe.example.com:8443/api/v3")


@pytest.mark.parametrize(
    "api_url",
    [
        pytest.param("", id="nothing"),
        pytest.param("api.github.com", id="no scheme"),
        pytest.param("ftp://api.github.com", id="another scheme"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("https://", id="no host"),
        pytest.param("https:///path", id="no host, but a path"),
        pytest.param("https://[::1", id="half an address"),
        pytest.param("https://api.github.com:port", id="a port of letters"),
        pytest.param("https://api.github.com:99999", id="a port too high"),
        pytest.param("https://api.github.com ", id="a blank at the end"),
        pytest.param("https://api.github.com?x=1", id="a query"),
        pytest.param("https://api.github.com#x", id="a fragment"),
        pytest.param("https://octo:S3cr@api.github.com", id="a name and a password"),
        pytest.param("https://S3cr@api.github.com", id="a name"),
        pytest.param("https://:S3cr@api.github.com", id="a password"),
    ],
)
def test_a_malformed_api_url_fails(api_url: str) -> None:
    with pytest.raises(InputError, match=r"^api_url") as caught:
        connection(api_url=api_url)
    assert "S3cr" not in str(caught.value)
