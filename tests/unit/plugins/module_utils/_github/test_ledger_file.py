# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a ledger: who may read them, what may be wrong with them, and processes that change them at once."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from ansible_collections.devex.github.plugins.module_utils._github.credentials import Token
from ansible_collections.devex.github.plugins.module_utils._github.ledger import Shared
from ansible_collections.devex.github.plugins.module_utils._github.ledger_file import FileLedger
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace

API = "https://api.github.com"
WRITE = ("PUT", "/user/codespaces/secrets/TOKEN")
LABEL = "[0-9a-f]" * 24


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the ledger, which no task has created yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state/devex.github/pace"


def put(text: str, token: str = "a token", api_url: str = API) -> str:
    """Replace the text of a token, as a new process does, and return the former text."""
    before = ""

    def change(former: str, now: float) -> tuple[str, float]:
        nonlocal before
        before = former
        return text, now + 60

    FileLedger(api_url).change(token, change)
    return before


def file_of(state: Path) -> Path:
    [path] = state.glob(LABEL)
    return path


def test_processes_share_a_text_for_each_token_and_address(state: Path) -> None:
    assert put("one") == ""
    assert put("other", token="another token") == ""
    assert put("elsewhere", api_url="http://127.0.0.1:8000") == ""
    assert put("shorter") == "one"
    assert put("1") == "shorter"
    assert put("") == "1"
    assert len([*state.glob(LABEL)]) == 3


def test_the_files_are_private_and_do_not_contain_the_token(state: Path) -> None:
    before = os.umask(0)
    try:
        put("one", token="s3cret")
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (state.parent, state)] == [0o700, 0o700]
    for path in state.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"s3cret" not in path.read_bytes()
        assert "s3cret" not in path.name


def test_the_name_of_a_file_depends_on_the_salt(state: Path) -> None:
    put("one")
    first = file_of(state)
    first.unlink()
    (state / "salt").unlink()
    put("one")
    assert file_of(state).name != first.name


def test_a_damaged_salt_is_replaced(state: Path) -> None:
    put("one")
    (state / "salt").write_bytes(b"")
    assert put("two") == ""
    assert put("three") == "two"


def test_an_unchanged_text_is_not_written(state: Path) -> None:
    put("one")
    ledger = FileLedger(API)
    ledger.change("a token", lambda text, now: (text, now))
    os.utime(file_of(state), (1000, 1000))
    ledger.change("a token", lambda text, now: (text, now))
    assert file_of(state).stat().st_mtime == 1000


def test_old_files_are_removed(state: Path) -> None:
    put("one", token="former")
    old = file_of(state)
    os.utime(old, (1, 1))
    os.utime(state / "salt", (1, 1))
    put("two")
    assert not old.exists()
    assert put("three") == "two"


def test_a_file_that_is_removed_in_the_meantime_is_replaced(state: Path) -> None:
    put("one")
    path = file_of(state)
    with path.open("rb") as held, ThreadPoolExecutor(1) as pool:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = pool.submit(put, "two")
        time.sleep(0.1)
        path.unlink()
        fcntl.flock(held, fcntl.LOCK_UN)
        assert waiting.result(10) == ""
    assert put("three") == "two"


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"\xff\xfe", b"x" * 1_000_000], ids=len)
def test_a_damaged_file_is_repaired(content: bytes, state: Path) -> None:
    put("one")
    file_of(state).write_bytes(content)
    put("two")
    assert file_of(state).read_bytes() == b"two\n"


def salt_is_a_directory(state: Path) -> None:
    put("one")
    (state / "salt").unlink()
    (state / "salt").mkdir()


def directory_is_a_file(state: Path) -> None:
    state.parent.mkdir(parents=True)
    state.write_text("")


def directory_is_a_link(state: Path) -> None:
    state.parent.mkdir(parents=True)
    (state.parent / "other").mkdir()
    state.symlink_to(state.parent / "other")


def file_is_a_directory(state: Path) -> None:
    put("one")
    path = file_of(state)
    path.unlink()
    path.mkdir()


def file_is_a_link(state: Path) -> None:
    put("one")
    path = file_of(state)
    path.rename(state.parent / "other")
    path.symlink_to(state.parent / "other")


def file_is_a_pipe(state: Path) -> None:
    put("one")
    path = file_of(state)
    path.unlink()
    os.mkfifo(path)


def file_belongs_to_another_user(state: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    put("one")
    os.chown(file_of(state), 65534, 65534)


def directory_belongs_to_another_user(state: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    put("one")
    os.chown(state, 65534, 65534)


def home_belongs_to_another_user(state: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("root only")
    os.chown(state.parents[2], 65534, 65534)


def file_is_from_a_later_version(state: Path) -> None:
    put('{"layout":99}')


def file_stays_locked(state: Path) -> None:
    put("one")
    # The descriptor stays open, as that of a process that is stopped.
    fcntl.flock(os.open(file_of(state), os.O_RDWR), fcntl.LOCK_EX)


def entries(state: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.lstat().st_mode) for path in state.parents[2].rglob("*"))


@pytest.mark.parametrize(
    "damage",
    [
        salt_is_a_directory,
        directory_is_a_file,
        directory_is_a_link,
        file_is_a_directory,
        file_is_a_link,
        file_is_a_pipe,
        file_belongs_to_another_user,
        directory_belongs_to_another_user,
        home_belongs_to_another_user,
        file_is_from_a_later_version,
        file_stays_locked,
    ],
)
def test_a_task_keeps_its_own_pace_if_the_ledger_cannot_be_used(damage: Callable[[Path], None], state: Path) -> None:
    damage(state)
    before = entries(state)
    pauses: list[float] = []
    now = [1000.0]

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    pace = Pace(0, shared=Shared(Token("a token"), [FileLedger(API)]), monotonic=lambda: now[0], sleep=sleep)
    started = time.monotonic()
    for dummy in range(180):
        while not pace.enter(*WRITE):
            pass
        pace.answered(*WRITE)
    pace.settle()
    assert pauses == [61]
    assert time.monotonic() - started < 10
    assert entries(state) == before


@pytest.mark.parametrize("home", ["", "relative", "/proc/nowhere", "/dev/null"])
def test_a_task_keeps_its_own_pace_without_a_home_directory(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "")
    monkeypatch.setenv("XDG_STATE_HOME", home)
    with pytest.raises(OSError, match=r".+"):
        put("one")
    Pace(0, shared=Shared(Token("a token"), [FileLedger(API)])).enter(*WRITE)


def test_a_full_disk_leaves_an_empty_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(tmp_path)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no tmpfs can be mounted")
    try:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        put("one")
        with suppress(OSError), (tmp_path / "filler").open("wb") as filler:
            filler.write(b"x" * 100_000)
        with pytest.raises(OSError, match="No space left"):
            put("x" * 20_000)
        assert file_of(tmp_path / "devex.github/pace").read_bytes() == b""
        (tmp_path / "filler").unlink()
        put("two")
        assert put("three") == "two"
    finally:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


COUNT = """
import sys
from ansible_collections.devex.github.plugins.module_utils._github.ledger_file import FileLedger
ledger = FileLedger("https://api.github.com")
number = int(sys.argv[1])
while number:
    ledger.change("a token", lambda text, now: (str(int(text or 0) + 1), now + 60))
    number -= 1
print("done")
"""


def start(number: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", COUNT, str(number)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
    )


def test_changes_of_processes_at_once_are_not_lost(state: Path) -> None:
    processes = [start(100) for dummy in range(8)]
    for process in processes:
        assert process.communicate(timeout=60)[0] == b"done\n"
    assert put("") == "800"


def test_a_killed_process_leaves_the_ledger_usable(state: Path) -> None:
    """Whenever it is killed, in the middle of a change as well."""
    latest = 0
    for dummy in range(10):
        process = start(-1)
        end = time.monotonic() + 30
        while int(put_nothing() or 0) < latest + 20:
            assert time.monotonic() < end
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
        text = put_nothing()
        assert text.isdigit()
        assert int(text) > latest
        latest = int(text)


def put_nothing() -> str:
    """Return the text of the token, and leave it."""
    found = ""

    def change(text: str, now: float) -> tuple[str, float]:
        nonlocal found
        found = text
        return text, now

    FileLedger(API).change("a token", change)
    return found
