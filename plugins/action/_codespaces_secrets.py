# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of the role codespaces_secrets: gather the targets of each host, provision all hosts in one process, and
report the result of each host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import environ
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.plugins.loader import strategy_loader
from ansible.plugins.strategy.linear import StrategyModule as Linear

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.plugin_utils._role.directories import refuse_foreign_variables
from ansible_collections.devex.github.plugins.plugin_utils._role.evaluate import Evaluator
from ansible_collections.devex.github.plugins.plugin_utils._role.gather import (
    repositories,
    requests_at_once,
    targets,
)
from ansible_collections.devex.github.plugins.plugin_utils._role.login import LOGIN, PREFIX, VARIABLES, login
from ansible_collections.devex.github.plugins.plugin_utils._role.report import failed, outcomes_of, report
from ansible_collections.devex.github.plugins.plugin_utils._role.total import total
from ansible_collections.devex.github.plugins.plugin_utils._role.unite import rounds, unite
from ansible_collections.devex.github.plugins.plugin_utils._role.variables import USER

_MODULE = "devex.github.codespaces_secrets"
_TOGETHER = (
    "The tasks of the role belong together, but an earlier task was skipped, so nothing was changed. With "
    "--start-at-task, start at a task before the role. With --step, run all tasks of the role."
)
_NOT_PROVISIONED = "The secrets of this host were not provisioned, because the task before failed."
# Ansible shows these keys of a result for any host.
_SHOWN = ("warnings", "deprecations")
_DEFAULTS = ("group/devex.github.github", _MODULE)


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible's plugins declare no types
    _VALID_ARGS = frozenset({"step"})
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        step = {"gather": self._gather, "provision": self._provision, "report": self._report}[self._task.args["step"]]
        return {"changed": False, **result, **step(task_vars or {})}

    def _gather(self, variables: dict[str, Any]) -> dict[str, Any]:
        host = variables["inventory_hostname"]
        # With run_once, every host gets this result, so it contains the host.
        gathered = {"host": host, "inclusion": self._inclusion}
        evaluator = Evaluator(variables, self._templar.template)
        try:
            refuse_foreign_variables(variables)
            defaults = self._defaults(evaluator)
            environment = self._environment(evaluator)
            own = {name: evaluator.value_of(f"{PREFIX}{name}") for name in LOGIN if f"{PREFIX}{name}" in variables}
            chosen = login(own, defaults, environment, environ)
            options = {**{name: value for name, value in defaults.items() if name not in LOGIN}, **chosen.app}
            connection = {
                **{name: value for name, value in environment.items() if name not in VARIABLES},
                **{name: value for name, value in options.items() if value is not None},
            }
            concurrency = requests_at_once(evaluator.value_of)
            wanted = targets(variables, evaluator.value_of, host=host, token=chosen.token)
            if chosen.has_app and any("user" in target for target in wanted):
                raise InputError(f"A GitHub App cannot manage {USER}. Set codespaces_secrets_token instead of an App.")
        except InputError as error:
            # The last step reports all errors.
            return {**gathered, "error": f"{host}: {error}", "repositories": repositories(evaluator.value_of)}
        return {
            **gathered,
            "together": self._together,
            "targets": wanted,
            "connection": connection,
            "options": {**options, "concurrency": concurrency},
            # The targets contain values.
            "_ansible_no_log": True,
        }

    def _provision(self, variables: dict[str, Any]) -> dict[str, Any]:
        own = variables["codespaces_secrets_gathered"]
        if self._writer(variables, together=own["together"]) != variables["inventory_hostname"]:
            return {"skipped": True, "skip_reason": "Another host writes the secrets of all hosts."}
        current = dict(self._gathered(variables, together=own["together"]))
        fatal = [found["error"] for found in current.values() if "error" in found and self._task.any_errors_fatal]
        united = unite(current)
        outcomes: dict[int, Any] = {}
        shown: dict[str, Any] = {}
        results = []
        for numbers in rounds(united.targets):
            wanted = [united.targets[number] for number in numbers]
            provisioned = _stopped(fatal) if fatal else self._module({**own["options"], "targets": wanted}, variables)
            results.append(provisioned)
            outcomes |= outcomes_of(numbers, provisioned)
            for key in _SHOWN:
                shown[key] = shown.get(key, []) + list(provisioned.get(key, []))
        reports = {host: report(host, united, outcomes) for host in [*united.reported, *united.refused]}
        shown = {key: found for key, found in shown.items() if found}
        line = total(united.targets, results, list(map(reports.get, current)), check_mode=self._task.check_mode)
        return {**shown, "inclusion": self._inclusion, "reports": reports, "total": line}

    def _gathered(self, variables: dict[str, Any], *, together: bool) -> Iterator[tuple[str, Any]]:
        """Yield the hosts that run the role this time, with their gathered data."""
        for host in variables["ansible_play_batch"] if together else [variables["inventory_hostname"]]:
            gathered = variables["hostvars"][host].get("codespaces_secrets_gathered")
            if self._is_current(host, gathered):
                yield host, gathered

    def _writer(self, variables: dict[str, Any], *, together: bool) -> str | None:
        """Return the host that writes the secrets of all hosts: the first one without an error."""
        of_batch = self._gathered(variables, together=together)
        return next((host for host, gathered in of_batch if "error" not in gathered), None)

    def _is_current(self, host: str, gathered: Any) -> bool:
        """Return whether a host gathered this data in the present use of the role."""
        if not isinstance(gathered, Mapping):
            return False
        return (gathered.get("inclusion"), gathered.get("host")) == (self._inclusion, host)

    def _module(self, options: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Run the module like a separate task, without showing it, and return its result."""
        task = self._task.copy()
        task.action, task.args, task.no_log = _MODULE, dict(options), True
        action = self._shared_loader_obj.action_loader.get(
            _MODULE,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        try:
            result: dict[str, Any] = action.run(task_vars=variables)
        finally:
            # The values are in a temporary file. Ansible removes only files of the outer action.
            action.cleanup()
        return result

    def _report(self, variables: dict[str, Any]) -> dict[str, Any]:
        host = variables["inventory_hostname"]
        gathered = variables.get("codespaces_secrets_gathered") or {}
        if not self._is_current(host, gathered):
            return failed(f"{host}: {_TOGETHER}")
        if "error" in gathered:
            return failed(gathered["error"])
        if not gathered["together"]:
            # Ansible would register the result of one host's provisioning for all hosts, even if run_once is false.
            alone = self._provision(variables)
            shown = {key: alone[key] for key in _SHOWN if key in alone}
            return {**shown, **alone["reports"][host]}
        # Without run_once, only the host that wrote the secrets has the result. If that host has failed since, it is no
        # longer in the batch, so all hosts of the play are searched.
        hosts = [host, *variables["ansible_play_batch"], *variables["ansible_play_hosts_all"]]
        for provisioned in (self._provisioned(variables, other) for other in hosts):
            if provisioned.get("inclusion") == self._inclusion and host in provisioned["reports"]:
                reported: dict[str, Any] = provisioned["reports"][host]
                return reported
        # The provisioning may have failed before it reported any host.
        has_failed = any(self._provisioned(variables, other).get("failed") for other in hosts)
        return failed(f"{host}: {_NOT_PROVISIONED if has_failed else _TOGETHER}")

    @staticmethod
    def _provisioned(variables: dict[str, Any], host: str) -> Mapping[str, Any]:
        """Return the result of the last provisioning that is registered for a host."""
        return variables["hostvars"][host].get("codespaces_secrets_provisioned") or {}

    @property
    def _inclusion(self) -> str:
        """The ID of this use of the role, because hosts may still have the results of another use."""
        return str(self._task._parent._uuid)

    @property
    def _together(self) -> bool:
        """Whether all hosts of a batch finish a task before the next task begins."""
        strategy = strategy_loader.get(self._task.play.strategy, class_only=True)
        return strategy is not None and issubclass(strategy, Linear)

    def _defaults(self, evaluator: Evaluator) -> dict[str, Any]:
        """Return the module_defaults of the collection for this host."""
        defaults: dict[str, Any] = {}
        for given in self._task.module_defaults or []:
            defaults.update(given)
        evaluated: dict[str, Any] = {}
        for key in _DEFAULTS:
            evaluated.update(evaluator.value("module_defaults", defaults.get(key) or {}))
        return evaluated

    def _environment(self, evaluator: Evaluator) -> dict[str, Any]:
        """Return the environment of the tasks of this host."""
        environment: dict[str, Any] = {}
        for given in self._task.environment if isinstance(self._task.environment, list) else [self._task.environment]:
            environment.update(evaluator.value("environment", given) or {})
        return environment


def _stopped(errors: list[str]) -> dict[str, Any]:
    return failed(f"Nothing was changed, because any_errors_fatal is set and a host has an error: {errors[0]}")
