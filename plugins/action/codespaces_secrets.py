# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs every module of the collection: prints how far a long task is, and stops a module that Ansible gave up."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ansible import constants
from ansible.plugins.action.normal import ActionModule as NormalActionModule
from ansible.utils.display import Display

from ansible_collections.devex.github.plugins.module_utils._engine import progress
from ansible_collections.devex.github.plugins.module_utils._module import waiting
from ansible_collections.devex.github.plugins.module_utils._threads import without_signals

_EVERY_SECONDS = 10.0
_LOOK_SECONDS = 0.2


class ActionModule(NormalActionModule):  # type: ignore[misc]  # Ansible's plugins declare no types
    _progress: Path | None = None

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        host = (task_vars or {}).get("inventory_hostname", "localhost")
        # A name may hold what no_log hides.
        name = self._task.action if self._task.no_log else self._task.get_name()
        # Ansible does not wait for an asynchronous task.
        local = self._connection.transport == "local"
        with nullcontext() if self._task.async_val else _watched(f"[{host}] {name}", local=local) as self._progress:
            result: dict[str, Any] = super().run(tmp, task_vars)
            return result

    def _compute_environment_string(self, raw_environment_out: dict[str, Any] | None = None) -> Any:
        # Ansible calls this after it has copied the module, so the copying does not count as time that is left.
        environment = self._task.environment
        before = environment if isinstance(environment, list) else [environment]
        self._task.environment = [*before, self._own_environment()]
        try:
            return super()._compute_environment_string(raw_environment_out)
        finally:
            # A loop uses the task again.
            self._task.environment = environment

    def _own_environment(self) -> dict[str, str]:
        """The environment variables for the module only; the task has no option for them."""
        own = {}
        if self._progress is not None:
            own[progress.VARIABLE] = str(self._progress)
        if self._task.timeout and not self._task.async_val:
            # Ansible sets an alarm for the timeout. It may have begun before this action, as in the role.
            left, dummy = signal.getitimer(signal.ITIMER_REAL)
            own[waiting.VARIABLE] = f"{left or self._task.timeout:.1f}"
        return own


@contextmanager
def _watched(title: str, *, local: bool) -> Iterator[Path | None]:
    """Show the progress of a module, and have it stop if Ansible ends, is interrupted, or gives the task up.

    :arg local: whether the module runs on this machine. Then it writes its progress to a file, and stops once the file
        is gone. None: there is no file, which is no reason to fail.
    """
    over = threading.Event()
    ansible = os.getppid()
    directory = path = None
    if local:
        with suppress(OSError):
            # Ansible removes it, if nobody else does.
            directory = TemporaryDirectory(dir=constants.DEFAULT_LOCAL_TMP, ignore_cleanup_errors=True)
            path = Path(directory.name) / "progress"
            path.touch(mode=0o600)

    def give_up() -> None:
        if directory is not None:
            directory.cleanup()
        elif not local:
            _end_children()

    def watch() -> None:
        shown_at = time.monotonic()
        while not over.wait(_LOOK_SECONDS):
            if os.getppid() != ansible:
                give_up()
                return
            if path is None or time.monotonic() - shown_at < _EVERY_SECONDS:
                continue
            with suppress(Exception):
                line = path.read_text(encoding="utf-8")
                # It is empty for a moment while it is written again.
                if line:
                    shown_at = time.monotonic()
                    # Without a color: Ansible colors standard error whenever standard output is a terminal.
                    Display().display(f"{title}: {line}", stderr=True)

    with without_signals():
        threading.Thread(target=watch, daemon=True).start()
    try:
        yield path
    except BaseException:
        give_up()
        raise
    finally:
        over.set()
        if directory is not None:
            directory.cleanup()


def _end_children() -> None:
    """End the processes that carry the connection, such as ssh. The other machine then ends the module, or tells it.

    It finds them on Linux only. Elsewhere, a module ends with its task's timeout, which it knows.
    """
    for path in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            for pid in path.read_text(encoding="ascii").split():
                os.kill(int(pid), signal.SIGTERM)
