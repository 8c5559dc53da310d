# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide whether a module can run in Ansible's worker process, or needs a process of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Circumstances:
    """What decides where a task runs its module."""

    #: The name of the connection plugin, such as C(local).
    connection: str
    becomes: bool
    is_async: bool
    has_environment: bool
    #: The setting C(ansible_python_interpreter), such as C(auto) or a path.
    interpreter: str
    #: The paths of the Python that runs Ansible.
    own_pythons: Collection[str]
    #: The libraries that the module cannot do without, and the traceback of a failed import.
    libraries: Mapping[str, str | None]


def reason_for_process(found: Circumstances) -> str | None:
    """Return why the module needs a process of its own; None: it runs in the worker process."""
    if found.connection != "local":
        return f"the connection is {found.connection}"
    if found.becomes:
        return "the task has become"
    if found.is_async:
        return "the task has async"
    if found.has_environment:
        return "the task has an environment"
    if not _is_own(found.interpreter, found.own_pythons):
        return f"ansible_python_interpreter is {found.interpreter}"
    missing = [library for library, trace in found.libraries.items() if trace]
    if missing:
        return f"the Python that runs Ansible has no {' and no '.join(missing)}"
    return None


def _is_own(interpreter: str, own_pythons: Collection[str]) -> bool:
    """Return whether a setting of the interpreter allows the Python that runs Ansible."""
    # The modes of discovery are auto, auto_silent, auto_legacy and auto_legacy_silent.
    if interpreter.startswith("auto"):
        return True
    path = os.path.expanduser(interpreter)
    return _identity(path if os.sep in path else shutil.which(path) or path) in map(_identity, own_pythons)


def _identity(python: str) -> tuple[str, str]:
    """Return what is the same for all names of a Python in one directory, such as C(python) and C(python3.11)."""
    path = os.path.normpath(python)
    # The directory counts, because a virtual environment has links to a Python with other libraries.
    return os.path.realpath(os.path.dirname(path)), os.path.realpath(path)
