# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watch a module that runs in its own process: print its progress, and stop it if Ansible gave the task up."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from ansible import constants

from ansible_collections.devex.github.plugins.module_utils._module.waiting import EVERY_SECONDS
from ansible_collections.devex.github.plugins.module_utils._threads import repeating
from ansible_collections.devex.github.plugins.plugin_utils._execution.worker import (
    PROGRESS_EVERY_SECONDS,
    show_progress,
)


@contextmanager
def watched(title: str, *, local: bool) -> Iterator[Path | None]:
    """Show the progress of a module, and stop it if Ansible ends, is interrupted, or gives the task up.

    :arg local: whether the module runs on this machine. Then it writes its progress to a file, and stops once the file
        is gone. None: there is no file, which is no reason to fail.
    """
    ansible = os.getppid()
    directory = path = None
    if local:
        with suppress(OSError):
            # If the worker is killed, Ansible removes it.
            directory = TemporaryDirectory(dir=constants.DEFAULT_LOCAL_TMP, ignore_cleanup_errors=True)
            path = Path(directory.name) / "progress"
            path.touch(mode=0o600)
    shown_at = time.monotonic()

    def give_up() -> None:
        if directory is not None:
            directory.cleanup()
        elif not local:
            _end_children()

    def look() -> bool:
        nonlocal shown_at
        if os.getppid() != ansible:
            give_up()
            return False
        if path is not None and time.monotonic() - shown_at >= PROGRESS_EVERY_SECONDS:
            with suppress(Exception):
                line = path.read_text(encoding="utf-8")
                # It is empty for a moment while it is written again.
                if line:
                    shown_at = time.monotonic()
                    show_progress(title, line)
        return True

    try:
        with repeating(look, EVERY_SECONDS):
            yield path
    except BaseException:
        give_up()
        raise
    finally:
        if directory is not None:
            directory.cleanup()


def _end_children() -> None:
    """End the processes that carry the connection, such as ssh. The other machine then ends the module, or notifies it.

    This works on Linux only. Elsewhere, a module ends with its task's timeout, which the module knows.
    """
    for path in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            for pid in path.read_text(encoding="ascii").split():
                os.kill(int(pid), signal.SIGTERM)
