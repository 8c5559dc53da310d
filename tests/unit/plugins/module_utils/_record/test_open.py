# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Open the store that the option or the environment sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import InputError, StoreError
from ansible_collections.devex.github.plugins.module_utils._record.open import open_store
from ansible_collections.devex.github.plugins.module_utils._record.sqlite import SqliteStore


@pytest.mark.parametrize(("state_home", "expected"), [("{home}/state", "state"), ("", ".local/state")])
def test_the_default_store_is_in_the_state_directory(
    state_home: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", state_home.format(home=tmp_path))
    store = open_store(None, "https://api.github.com")
    assert isinstance(store, SqliteStore)
    assert store.path == str(tmp_path / expected / "devex.github/fingerprints.sqlite3")


@pytest.mark.parametrize("path", ["/some/where", "~/where", "$HOME/where", "${HOME}/where"])
def test_the_store_is_at_the_path_of_the_option(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/some")
    store = open_store(path, "https://api.github.com")
    assert isinstance(store, SqliteStore)
    assert store.path == "/some/where"


RELATIVE = [
    "records",
    "./records",
    "a/b.sqlite3",
    ":memory:",
    "8f14e45fceea167a5a36dedd4bea2543",
    "-",
    " /a",
    "\0",
    ".",
]


@pytest.mark.parametrize(
    ("path", "home", "message"),
    [
        *((path, "/some", r"^fingerprints is not an absolute path.*\{\{ playbook_dir \}\}/NAME") for path in RELATIVE),
        ("~/where", "", "cannot find that home directory"),
        ("~", "", "cannot find that home directory"),
        ("~no-such-user/where", "/some", "cannot find that home directory"),
        ("~/where", "some", "^fingerprints is not an absolute path after its variables"),
        ("$HOME/where", "some", "^fingerprints is not an absolute path after its variables"),
        ("$HOME/where", "", "environment variable HOME, which is unset on the machine"),
        ("$NO_SUCH/where", "/some", "environment variable NO_SUCH, which is unset on the machine"),
        ("/some/${NO_SUCH}/where", "/some", "environment variable NO_SUCH, which is unset on the machine"),
        ("~/$NO_SUCH", "/some", "environment variable NO_SUCH, which is unset on the machine"),
    ],
)
def test_a_store_without_an_absolute_path_fails(
    path: str, home: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", home)
    with pytest.raises(InputError, match=message) as caught:
        open_store(path, "https://api.github.com")
    assert "DEVEX_GITHUB_FINGERPRINTS" in str(caught.value)
    assert len(path) < 10 or path not in str(caught.value)


@pytest.mark.parametrize(("home", "state_home"), [("", ""), ("some", ""), ("/some", "state"), ("/some", "~/state")])
def test_a_default_store_without_an_absolute_path_fails_once_it_is_needed(
    home: str, state_home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", home)
    monkeypatch.setenv("XDG_STATE_HOME", state_home)
    store = open_store("", "https://api.github.com")
    for use in (store.check, store.prepare):
        with pytest.raises(StoreError, match=r"HOME and XDG_STATE_HOME.* DEVEX_GITHUB_FINGERPRINTS"):
            use()
    assert list(tmp_path.iterdir()) == []


def test_an_address_is_unchanged() -> None:
    store = open_store("postgresql://~a:$HOME@db/$HOME", "https://api.github.com")
    assert repr(vars(store)["_address"]) == "Address('postgresql://~a@db/$HOME')"
    assert vars(store)["_address"].secrets == {"$HOME"}


def test_psycopg_is_imported_for_an_address_only() -> None:
    program = (
        "import sys\n"
        "from ansible_collections.devex.github.plugins.module_utils._module import run\n"
        "from ansible_collections.devex.github.plugins.module_utils._record.open import open_store\n"
        "for place in ('/some/where', 'postgresql://db'):\n"
        "    open_store(place, 'https://api.github.com')\n"
        "    print('psycopg' in sys.modules)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["False", "True"]
