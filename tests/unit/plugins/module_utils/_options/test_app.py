# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a GitHub App."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._github.transport import App
from ansible_collections.devex.github.plugins.module_utils._options import app as _app
from ansible_collections.devex.github.plugins.module_utils._options.argspec import APP

KEY = (
    rsa.generate_private_key(65537, 2048)
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)
TOKEN = {"token": "ghp_abc"}


def app(**options: Any) -> App | None:
    return _app.app({"token": None, **dict.fromkeys(APP), **options})


@pytest.mark.parametrize("text", [KEY, KEY.replace("\n", "\\n"), KEY.replace("\n", "\\r\\n"), f"  {KEY.strip()}"])
def test_a_key_may_be_a_text(text: str) -> None:
    assert app(app_id=7, app_private_key=text, app_installation_id=11) == App(7, KEY, 11)


def test_a_key_may_be_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.pem").write_text(KEY)
    (tmp_path / "bom.pem").write_text(KEY, encoding="utf-8-sig")
    monkeypatch.setenv("HOME", str(tmp_path))

    for path in ("~/app.pem", "$HOME/app.pem", "~/bom.pem"):
        assert app(app_id=7, app_private_key=path) == App(7, KEY)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (KEY.encode("utf-16"), "app_private_key: the file is not text in UTF-8."),
        (base64.b64encode(KEY.encode()), "app_private_key: the file is a PEM file in Base64. Decode it"),
        (b"text", "app_private_key: the file contains no private key in PEM format."),
        (None, "app_private_key: the file cannot be read: it is not a regular file."),
    ],
    ids=["UTF-16", "Base64", "no key", "a pipe"],
)
def test_an_unusable_file_is_an_input_error(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "MIIEvQ"
    if content is None:
        os.mkfifo(path)
    else:
        path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{message}") as caught:
        app(app_id=7, app_private_key=str(path))
    assert "MIIEvQ" not in str(caught.value)


def test_a_task_may_have_no_app() -> None:
    assert app(**TOKEN) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"app_id": 7, **TOKEN}, "token and app_id are both set.* omit "),
        ({"app_id": 7}, "app_private_key is missing"),
        ({"app_private_key": KEY}, "app_id is missing"),
        ({"app_installation_id": 7}, "app_id and app_private_key is missing"),
        ({"app_id": 0, "app_private_key": KEY}, "app_id must be at least 1"),
        ({"app_id": 7, "app_private_key": KEY, "app_installation_id": -1}, "app_installation_id must be at least 1"),
        ({"app_id": 7, "app_private_key": " "}, "app_private_key is empty"),
        ({"app_id": 7, "app_private_key": "MIIEvQ"}, "neither a private key in PEM format nor the path of a file"),
        (
            {"app_id": 7, "app_private_key": "MIIEvQ" * 1000},
            "neither a private key in PEM format nor the path of a file",
        ),
        ({"app_id": 7, "app_private_key": "/dev/null/MIIEvQ"}, "neither a private key in PEM format nor the path"),
        ({"app_id": 7, "app_private_key": "MIIEvQ\0"}, "neither a private key in PEM format nor the path of a file"),
        (
            {"app_id": 7, "app_private_key": base64.b64encode(KEY.encode()).decode()},
            r"app_private_key is a PEM file in Base64\. Decode it",
        ),
        ({"app_id": 7, "app_private_key": "/"}, "the file cannot be read: Is a directory"),
        ({"app_id": 7, "app_private_key": __file__}, "the file contains no private key in PEM format"),
    ],
)
def test_wrong_options_are_input_errors(options: Mapping[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        app(**options)
    assert "MIIEvQ" not in str(caught.value)
