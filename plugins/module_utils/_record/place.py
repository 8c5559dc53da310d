# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the file of the fingerprint store."""

from __future__ import annotations

import os
import re

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._state_directory import state_directory, with_home

_VARIABLE = re.compile(r"\$(?:(\w+)|\{([^}]*)\})", re.ASCII)
_WAY_OUT = (
    "Set the option fingerprints, or the environment variable DEVEX_GITHUB_FINGERPRINTS, to an absolute path or an "
    "address in PostgreSQL."
)


def file_path(text: str) -> str:
    """Expand the path that a task or the environment sets.

    :raises InputError: the result is not an absolute path. The message does not contain the text, because an address
        without its scheme, which may hold a password, looks like a relative path.
    """
    if not text.startswith(("/", "~", "$")):
        raise InputError(
            f"The path of the fingerprint store is not absolute. {_WAY_OUT} For a file beside the playbook, write "
            "{{ playbook_dir }}/NAME."
        )
    for match in _VARIABLE.finditer(text):
        name = match[1] or match[2]
        if not os.environ.get(name):
            raise InputError(
                f"The path of the fingerprint store contains the environment variable {name}, which is not set on the "
                f"machine that runs the module. {_WAY_OUT}"
            )
    path = with_home(os.path.expandvars(text))
    if path.startswith("~"):
        raise InputError(
            "The path of the fingerprint store starts with ~, but the module cannot find that home directory: HOME is "
            f"not set, or the user does not exist. {_WAY_OUT}"
        )
    if not os.path.isabs(path):
        raise InputError(
            f"The path of the fingerprint store is not absolute after its variables are expanded. {_WAY_OUT}"
        )
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise InputError("fingerprints is not the path of a file.") from error
    if "\0" in path:
        raise InputError("fingerprints is not the path of a file.")
    return path


def default_path() -> str:
    """Return the default path of the store. It is not absolute if the environment has no home directory."""
    return os.path.join(state_directory(), "fingerprints.sqlite3")
