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
_ADVICE = (
    "Set the option fingerprints, or the environment variable DEVEX_GITHUB_FINGERPRINTS, to an absolute path or to an "
    "address of PostgreSQL."
)


def file_path(text: str) -> str:
    """Expand the path that a task or the environment sets.

    :raises InputError: the result is not an absolute path. The message does not contain the text, because an address
        without its scheme, which may contain a password, looks like a relative path.
    """
    if not text.startswith(("/", "~", "$")):
        raise InputError(
            f"fingerprints is not an absolute path. {_ADVICE} For a file next to the playbook, set "
            "{{ playbook_dir }}/NAME."
        )
    for match in _VARIABLE.finditer(text):
        name = match[1] or match[2]
        if not os.environ.get(name):
            raise InputError(
                f"fingerprints contains the environment variable {name}, which is unset on the machine that runs the "
                f"module. {_ADVICE}"
            )
    path = with_home(os.path.expandvars(text))
    if path.startswith("~"):
        raise InputError(
            "fingerprints starts with ~, but the module cannot find that home directory, because HOME is unset or the "
            f"user does not exist. {_ADVICE}"
        )
    if not os.path.isabs(path):
        raise InputError(f"fingerprints is not an absolute path after its variables are expanded. {_ADVICE}")
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise InputError(f"fingerprints is not a valid path. {_ADVICE}") from error
    if "\0" in path:
        raise InputError(f"fingerprints is not a valid path. {_ADVICE}")
    return path


def default_path() -> str:
    """Return the default path of the store. It is not absolute if the environment has no home directory."""
    return os.path.join(state_directory(), "fingerprints.sqlite3")
