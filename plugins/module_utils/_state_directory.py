# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the directory that keeps what tasks share, and create private directories."""

from __future__ import annotations

import os


def state_directory() -> str:
    """Return the path of the directory. It is not absolute if the environment has no home directory."""
    state = os.environ.get("XDG_STATE_HOME") or with_home("~/.local/state")
    return os.path.join(state, "devex.github")


def with_home(path: str) -> str:
    """Replace a leading C(~), if the home directory is known."""
    # With an empty HOME, Python would use the root directory.
    if path.split("/")[0] == "~" and os.environ.get("HOME") == "":
        return path
    return os.path.expanduser(path)


def make_directory(path: str) -> None:
    """Create a directory for the user only, with missing parents.

    If another task is faster, or something else has this name, the next use of the directory shows that.

    :raises OSError: it cannot be created.
    """
    if not path or os.path.isdir(path):
        return
    make_directory(os.path.dirname(path))
    try:
        os.mkdir(path, 0o700)
        os.chmod(path, 0o700)
    except FileExistsError:
        return
