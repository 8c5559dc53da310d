# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs every module of the collection: in Ansible's worker process if it can, and otherwise as any module."""

from __future__ import annotations

import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.action.normal import ActionModule as NormalActionModule
from ansible.utils.display import Display

from ansible_collections.devex.github.plugins.module_utils._errors import MissingLibrary
from ansible_collections.devex.github.plugins.module_utils._module import waiting
from ansible_collections.devex.github.plugins.module_utils._module.run import Kept, Modes, Module
from ansible_collections.devex.github.plugins.modules import (
    codespaces_org_secret,
    codespaces_org_secret_repos,
    codespaces_recommended_secrets_info,
    codespaces_repo_secret,
    codespaces_secret_info,
    codespaces_secrets,
    codespaces_user_secret,
    codespaces_user_secret_repos,
)
from ansible_collections.devex.github.plugins.plugin_utils._execution import worker
from ansible_collections.devex.github.plugins.plugin_utils._execution.process import watched
from ansible_collections.devex.github.plugins.plugin_utils._execution.where import Circumstances, reason_for_process

_MODULES = {
    "codespaces_org_secret": codespaces_org_secret.MODULE,
    "codespaces_org_secret_repos": codespaces_org_secret_repos.MODULE,
    "codespaces_recommended_secrets_info": codespaces_recommended_secrets_info.MODULE,
    "codespaces_repo_secret": codespaces_repo_secret.MODULE,
    "codespaces_secret_info": codespaces_secret_info.MODULE,
    "codespaces_secrets": codespaces_secrets.MODULE,
    "codespaces_user_secret": codespaces_user_secret.MODULE,
    "codespaces_user_secret_repos": codespaces_user_secret_repos.MODULE,
}


class ActionModule(NormalActionModule):  # type: ignore[misc]  # Ansible's plugins declare no types
    _progress: Path | None = None
    #: The task that ran last in this process, and what the next item of its loop shares with it. Each item has its own
    #: copy of the task, with the same ID. A retry has the very same task.
    _kept: tuple[Any, Kept] | None = None

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        # A name may hold what no_log hides.
        name = self._task.action if self._task.no_log else self._task.get_name()
        title = f"[{variables.get('inventory_hostname', 'localhost')}] {name}"
        module = _MODULES[self._task.action.rpartition(".")[2]]
        reason = reason_for_process(self._circumstances(module, variables))
        if reason is None:
            try:
                return self._run_here(module, title, variables)
            except MissingLibrary as error:
                reason = f"the Python that runs Ansible has no {error.library}"
        Display().vvv(f"{title}: the module runs in a process of its own, because {reason}.")
        # Ansible does not wait for an asynchronous task.
        local = self._connection.transport == "local"
        with nullcontext() if self._task.async_val else watched(title, local=local) as self._progress:
            result: dict[str, Any] = super().run(tmp, task_vars)
            return result

    def _circumstances(self, module: Module, variables: dict[str, Any]) -> Circumstances:
        delegated = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, variables)
        interpreter = delegated.get("ansible_python_interpreter")
        if interpreter is None:
            interpreter = constants.config.get_config_value("INTERPRETER_PYTHON", variables=delegated)
        environment = self._task.environment
        return Circumstances(
            connection=self._connection.transport,
            becomes=bool(self._connection.become),
            is_async=bool(self._task.async_val),
            has_environment=any(environment) if isinstance(environment, list) else bool(environment),
            interpreter=str(self._templar.template(interpreter)),
            own_pythons={sys.executable, str(variables.get("ansible_playbook_python", sys.executable))},
            libraries=module.libraries,
        )

    def _run_here(self, module: Module, title: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the module in this process.

        :raises MissingLibrary: it needs another library. Nothing was sent.
        """
        modes = Modes(bool(self._task.check_mode), bool(self._task.diff), bool(self._task.no_log))
        kept = self._of_loop()
        with_invocation = worker.injects_invocation(
            lambda: constants.config.get_config_value("INJECT_INVOCATION", variables=variables)
        )
        with worker.working_in(self._loader.get_basedir()):
            result = worker.run_here(
                module,
                self._task.args,
                modes,
                kept,
                worker.watching(title, self._left_seconds()),
                with_invocation=with_invocation,
            )
        if not kept.is_spoilt:
            ActionModule._kept = self._task, kept
        return result

    def _of_loop(self) -> Kept:
        """Return what an earlier item of the same loop has left, or something new."""
        left, ActionModule._kept = ActionModule._kept, None
        if left is not None:
            task, kept = left
            if task._uuid == self._task._uuid and task is not self._task:
                return kept
            kept.close()
        return Kept()

    def _left_seconds(self) -> float | None:
        """Return the seconds that are left of the task's timeout; None: it has none."""
        if not self._task.timeout:
            return None
        # Ansible sets an alarm for the timeout. It may have begun before this action, as in the role.
        left, dummy = signal.getitimer(signal.ITIMER_REAL)
        return left or float(self._task.timeout)

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
        """Return the environment variables for the module only; the task has no option for them."""
        own = {}
        if self._progress is not None:
            own[waiting.PROGRESS] = str(self._progress)
        left = None if self._task.async_val else self._left_seconds()
        if left is not None:
            own[waiting.TIMEOUT] = f"{left:.1f}"
        return own
