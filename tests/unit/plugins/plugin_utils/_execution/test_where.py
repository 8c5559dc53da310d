# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.devex.github.plugins.plugin_utils._execution.where import Circumstances, reason_for_process

OWN = "/venv/bin/python"
HERE = Circumstances(
    connection="local",
    becomes=False,
    is_async=False,
    has_environment=False,
    interpreter="auto",
    own_pythons={OWN},
    libraries={"requests": None, "pynacl": None},
)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"interpreter": OWN}, None),
        ({"interpreter": "/venv/bin/../bin/python"}, None),
        ({"interpreter": "auto_silent"}, None),
        ({"interpreter": "auto_legacy"}, None),
        ({"interpreter": "/usr/bin/python3"}, "ansible_python_interpreter is /usr/bin/python3"),
        ({"interpreter": "no-such-python"}, "ansible_python_interpreter is no-such-python"),
        ({"interpreter": ""}, "ansible_python_interpreter is "),
        ({"connection": "ssh"}, "the connection is ssh"),
        ({"becomes": True}, "the task has become"),
        ({"is_async": True}, "the task has async"),
        ({"has_environment": True}, "the task has an environment"),
        ({"libraries": {"requests": None, "pynacl": "Traceback"}}, "the Python that runs Ansible has no pynacl"),
        (
            {"libraries": {"requests": "Traceback", "pynacl": "Traceback"}},
            "the Python that runs Ansible has no requests and no pynacl",
        ),
    ],
)
def test_a_module_runs_in_the_worker_process_unless_there_is_a_reason(changed: dict[str, Any], reason: str) -> None:
    assert reason_for_process(replace(HERE, **changed)) == reason


def test_an_interpreter_without_a_path_is_looked_up_in_path() -> None:
    found = shutil.which("python3")
    assert found is not None
    assert reason_for_process(replace(HERE, interpreter="python3", own_pythons={found})) is None


def test_another_name_of_the_own_python_counts_only_in_the_same_directory(tmp_path: Path) -> None:
    for directory in ("own", "other"):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "python").symlink_to(sys.executable)
    (tmp_path / "own/python3").symlink_to("python")
    here = replace(HERE, own_pythons={str(tmp_path / "own/python")})
    assert reason_for_process(replace(here, interpreter=str(tmp_path / "own/python3"))) is None
    assert reason_for_process(replace(here, interpreter=str(tmp_path / "other/python"))) is not None
