# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep a ledger in small files of the state directory, for all processes of a user on one machine."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import hmac
import os
import random
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ansible_collections.devex.github.plugins.module_utils._model import Change
from ansible_collections.devex.github.plugins.module_utils._state_directory import make_directory, state_directory

_SALT = "salt"
_SALT_BYTES = 16
_LABEL_DIGITS = 24
# More than a budget ever has.
_FILE_BYTES = 256 * 1024
# A change takes less than a millisecond, so a file that stays locked for longer belongs to a process that hangs.
_PATIENCE_SECONDS = 2.0
_TRY_SECONDS = (0.0002, 0.002)
# Longer than anything in a file counts.
_OLD_SECONDS = 24 * 3600.0


class FileLedger:
    """A file for each token and API address. Its name is a hash of both with a salt, and never shows the token.

    A lock on the file ends with its process, and each file is read from its start to the first line break. So a process
    that is killed leaves nothing behind that others must repair.
    """

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self._directory = os.path.join(state_directory(), "pace")
        self._salt = b""

    def change(self, token: str, change: Change) -> None:
        """See Ledger.

        :raises OSError: the directory or the file cannot be used.
        """
        if not self._salt:
            self._open_directory()
            self._salt = self._read_salt()
        key = f"{self._api_url} {token}".encode()
        label = hmac.new(self._salt, key, hashlib.sha256).hexdigest()[:_LABEL_DIGITS]
        with _locked(os.path.join(self._directory, label)) as descriptor:
            content = os.pread(descriptor, _FILE_BYTES, 0)
            before = content.partition(b"\n")[0].decode(errors="replace")
            after, dummy = change(before, time.time())
            if after != before:
                _write(descriptor, f"{after}\n".encode())

    def _open_directory(self) -> None:
        """Create the directory, if necessary, and remove old files."""
        if not os.path.isabs(self._directory):
            raise OSError(errno.ENOENT, "there is no home directory")
        if not os.path.isdir(self._directory):
            _leave_homes_to_their_users(self._directory)
            make_directory(self._directory)
        status = os.lstat(self._directory)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "it is not a directory of this user")
        if status.st_mode & 0o077:
            os.chmod(self._directory, 0o700)
        with os.scandir(self._directory) as entries:
            for entry in entries:
                with suppress(OSError):
                    age = time.time() - entry.stat(follow_symlinks=False).st_mtime
                    if entry.name != _SALT and age > _OLD_SECONDS:
                        os.unlink(entry.path)

    def _read_salt(self) -> bytes:
        """Return the salt of all files, which the first process creates."""
        path = os.path.join(self._directory, _SALT)
        # After a power failure, the file may be empty.
        with suppress(FileNotFoundError):
            if os.lstat(path).st_size != _SALT_BYTES:
                os.unlink(path)
        if not os.path.lexists(path):
            with tempfile.NamedTemporaryFile(dir=self._directory, prefix=f"{_SALT}-") as file:
                file.write(os.urandom(_SALT_BYTES))
                file.flush()
                # Unlike a new file, a link has its content at once.
                with suppress(FileExistsError):
                    os.link(file.name, path)
        with _opened(path, os.O_RDONLY) as descriptor:
            return os.pread(descriptor, _SALT_BYTES, 0)


def _leave_homes_to_their_users(path: str) -> None:
    """Keep root, for example with sudo, from creating directories in a home directory whose user could not use them.

    :raises PermissionError: it would.
    """
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    if os.stat(path).st_uid != os.geteuid() == 0:
        raise PermissionError(errno.EPERM, "it belongs to another user")


@contextmanager
def _locked(path: str) -> Iterator[int]:
    """Open a file that no other process changes at the same time, and create it if necessary.

    :raises OSError: it cannot be used, or stays locked.
    """
    gives_up_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with _opened(path, os.O_RDWR | os.O_CREAT) as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > gives_up_at:
                    raise
            else:
                # Another process may have removed the file in the meantime.
                if os.fstat(descriptor).st_nlink:
                    yield descriptor
                    return
        time.sleep(random.uniform(*_TRY_SECONDS))


@contextmanager
def _opened(path: str, flags: int) -> Iterator[int]:
    # O_NONBLOCK matters for a pipe in its place.
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "it is not a file of this user")
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    """Replace the content of a file.

    :raises OSError: the disk is full, so the file is empty.
    """
    try:
        written = os.pwrite(descriptor, content, 0)
        if written < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.ftruncate(descriptor, written)
    except OSError:
        os.ftruncate(descriptor, 0)
        raise
