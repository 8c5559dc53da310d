# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says on standard error how far a long task is, and tells the module when nobody waits for it any more."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ansible import constants
from ansible.plugins.action.normal import ActionModule as NormalActionModule
from ansible.utils.display import Display

from ansible_collections.devex.github.plugins.module_utils._engine.progress import VARIABLE
from ansible_collections.devex.github.plugins.module_utils._threads import without_signals

_EVERY_SECONDS = 10.0
_LOOK_SECONDS = 0.2


class ActionModule(NormalActionModule):  # type: ignore[misc]  # Ansible's plugins declare no types
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        # Elsewhere, nobody would see the file; and nobody waits for an asynchronous task.
        if self._connection.transport != "local" or self._task.async_val:
            return self._run(tmp, task_vars)
        host = (task_vars or {}).get("inventory_hostname", "localhost")
        environment = self._task.environment
        # A name may hold what no_log hides.
        name = self._task.action if self._task.no_log else self._task.get_name()
        with _watched(f"[{host}] {name}") as path:
            if path is not None:
                before = environment if isinstance(environment, list) else [environment]
                self._task.environment = [*before, {VARIABLE: str(path)}]
            try:
                return self._run(tmp, task_vars)
            finally:
                # The task of a loop is used again.
                self._task.environment = environment

    def _run(self, tmp: str | None, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        return result


@contextmanager
def _watched(title: str) -> Iterator[Path | None]:
    """Show what is in a file every ten seconds; None: there is none, which is no reason to fail.

    The module stops once the file is gone, as when Ansible ends without this process, or leaves the task for its time.
    """
    over = threading.Event()
    ansible = os.getppid()

    def watch(path: Path, directory: TemporaryDirectory[str]) -> None:
        shown_at = time.monotonic()
        while not over.wait(_LOOK_SECONDS):
            if os.getppid() != ansible:
                directory.cleanup()
                return
            if time.monotonic() - shown_at < _EVERY_SECONDS:
                continue
            with suppress(Exception):
                line = path.read_text(encoding="utf-8")
                # It is empty for a moment while it is written anew.
                if line:
                    shown_at = time.monotonic()
                    Display().display(f"{title}: {line}", color=constants.COLOR_VERBOSE, stderr=True)

    directory = path = None
    with suppress(OSError):
        # Ansible removes it, if nobody else does.
        directory = TemporaryDirectory(dir=constants.DEFAULT_LOCAL_TMP, ignore_cleanup_errors=True)
        path = Path(directory.name) / "progress"
        path.touch(mode=0o600)
    if directory is None or path is None:
        yield None
        return
    with without_signals():
        threading.Thread(target=watch, args=(path, directory), daemon=True).start()
    try:
        yield path
    finally:
        over.set()
        directory.cleanup()
