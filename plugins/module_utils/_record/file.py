# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create and check the file of a store, which must be private to its user."""

from __future__ import annotations

import os
import stat
import tempfile

from ansible_collections.devex.github.plugins.module_utils._state_directory import make_directory

# Files next to the store that SQLite reads, and may replay into it.
_BESIDE = ("-journal", "-wal", "-shm")


def create(path: str) -> None:
    """Create the file, and missing directories, if they do not exist.

    :raises OSError: they cannot be created.
    """
    _require_absolute(path)
    make_directory(os.path.dirname(path))
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    try:
        # The umask may have removed more rights.
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def check_room(path: str) -> None:
    """Check that the missing file could be created, and leave nothing behind.

    :raises OSError: it could not.
    """
    _require_absolute(path)
    directory = os.path.dirname(path)
    while not os.path.lexists(directory):
        directory = os.path.dirname(directory)
    # On most systems, this file has no name.
    tempfile.TemporaryFile(dir=directory).close()


def check(path: str) -> None:
    """Check that the file belongs to the user. It is not opened, because closing it would drop SQLite's locks.

    :raises OSError: it belongs to another user, or is not a regular file.
    """
    _require_absolute(path)
    for name in _all_of(path):
        try:
            status = os.lstat(name)
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is a link, or is not a regular file")
        if status.st_uid != os.geteuid():
            raise OSError(0, "it belongs to another user")


def make_private(path: str) -> None:
    """Remove the rights of other users from a checked file."""
    for name in _all_of(path):
        if os.path.lexists(name) and os.lstat(name).st_mode & 0o077:
            os.chmod(name, 0o600)


def _require_absolute(path: str) -> None:
    """Reject a relative path, because other tasks have other working directories."""
    if not os.path.isabs(path):
        raise OSError(0, "its path is not absolute, so check the environment variables HOME and XDG_STATE_HOME")


def _all_of(path: str) -> list[str]:
    return [path, *(path + suffix for suffix in _BESIDE)]
