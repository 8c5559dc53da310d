# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a GitHub App."""

from __future__ import annotations

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


@pytest.mark.parametrize("text", [KEY, KEY.replace("\n", "\\n"), f"  {KEY.strip()}"])
def test_a_key_may_be_a_text(text: str) -> None:
    assert app(app_id=7, app_private_key=text, app_installation_id=11) == App(7, KEY, 11)


def test_a_key_may_be_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.pem").write_text(KEY)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert app(app_id=7, app_private_key="~/app.pem") == app(app_id=7, app_private_key="$HOME/app.pem") == App(7, KEY)


def test_a_task_may_have_no_app() -> None:
    assert app(**TOKEN) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"app_id": 7, **TOKEN}, "token and app_id are both set"),
        ({"app_id": 7}, "app_private_key is missing"),
        ({"app_private_key": KEY}, "app_id is missing"),
        ({"app_installation_id": 7}, "app_id and app_private_key is missing"),
        ({"app_id": 0, "app_private_key": KEY}, "app_id must be at least 1"),
        ({"app_id": 7, "app_private_key": KEY, "app_installation_id": -1}, "app_installation_id must be at least 1"),
        ({"app_id": 7, "app_private_key": " "}, "app_private_key is empty"),
        ({"app_id": 7, "app_private_key": "MIIEvQ"}, "neither a private key in PEM format nor the path of a file"),
        ({"app_id": 7, "app_private_key": "/"}, "the file cannot be read: Is a directory"),
        ({"app_id": 7, "app_private_key": __file__}, "app_private_key: the file has no private key|not a usable key"),
    ],
)
def test_wrong_options_are_input_errors(options: Mapping[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        app(**options)
    assert "MIIEvQ" not in str(caught.value)
