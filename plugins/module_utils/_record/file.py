# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of a store: its user's own, and nobody else's."""

from __future__ import annotations

import os
import stat
import tempfile

# What SQLite reads beside its file, and would play back into it.
_BESIDE = ("-journal", "-wal", "-shm")


def create(path: str) -> None:
    """Create the file, with the directories that it lacks, unless it is there.

    :raises OSError: it cannot be created.
    """
    _require_absolute(path)
    _make_directory(os.path.dirname(path))
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    try:
        # Whatever the umask takes away.
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def check_room(path: str) -> None:
    """See to it that the file, which is not there, could be created; nothing is left behind.

    :raises OSError: it could not.
    """
    _require_absolute(path)
    directory = os.path.dirname(path)
    while not os.path.lexists(directory):
        directory = os.path.dirname(directory)
    # Without a name, where the system has such files.
    tempfile.TemporaryFile(dir=directory).close()


def check(path: str) -> None:
    """See to it that the file is the user's own; it is not opened, which would end the locks of SQLite.

    :raises OSError: it belongs to somebody else, or is something else than a file.
    """
    _require_absolute(path)
    for name in _all_of(path):
        try:
            status = os.lstat(name)
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is a link, or something else than a file")
        if status.st_uid != os.geteuid():
            raise OSError(0, "it belongs to another user")


def make_private(path: str) -> None:
    """Take the rights of others away, of a file that was checked."""
    for name in _all_of(path):
        if os.path.lexists(name) and os.lstat(name).st_mode & 0o077:
            os.chmod(name, 0o600)


def _require_absolute(path: str) -> None:
    """Fail for a path below the current directory, where no other task would find the file."""
    if not os.path.isabs(path):
        raise OSError(0, "its path is not absolute, so check HOME and XDG_STATE_HOME")


def _all_of(path: str) -> list[str]:
    return [path, *(path + suffix for suffix in _BESIDE)]


def _make_directory(path: str) -> None:
    if not path or os.path.isdir(path):
        return
    _make_directory(os.path.dirname(path))
    try:
        os.mkdir(path, 0o700)
        os.chmod(path, 0o700)
    except FileExistsError:
        # Another task was quicker, or it is no directory, which is told when the file is created in it.
        return
