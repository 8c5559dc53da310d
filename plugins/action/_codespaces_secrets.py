# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the role codespaces_secrets that are not the module's: before it, and after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from os import environ
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.plugins.loader import strategy_loader
from ansible.plugins.strategy.linear import StrategyModule as Linear

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.plugin_utils._role.evaluate import Evaluator
from ansible_collections.devex.github.plugins.plugin_utils._role.gather import targets
from ansible_collections.devex.github.plugins.plugin_utils._role.report import report
from ansible_collections.devex.github.plugins.plugin_utils._role.unite import unite

_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
_ENVIRONMENT = f"environment variable {' or '.join(_TOKENS)}"
_DEFAULTS = ("group/devex.github.github", "devex.github.codespaces_secrets")


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible's plugins declare no types
    _VALID_ARGS = frozenset({"step"})
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        step = {"gather": self._gather, "unite": self._unite, "report": self._report}[self._task.args["step"]]
        return {"changed": False, **result, **step(task_vars or {})}

    def _gather(self, variables: dict[str, Any]) -> dict[str, Any]:
        host = variables["inventory_hostname"]
        evaluator = Evaluator(variables, self._templar.template)
        try:
            connection = self._connection_of(evaluator)
            token = _token(variables, evaluator, connection)
            wanted = targets(variables, evaluator.value_of, host=host, token=token)
        except InputError as error:
            return {"failed": True, "msg": f"{host}: {error}"}
        return {
            "inclusion": self._inclusion,
            "together": self._together,
            "targets": wanted,
            "connection": connection,
            # Values are in it.
            "_ansible_no_log": True,
        }

    def _unite(self, variables: dict[str, Any]) -> dict[str, Any]:
        together = variables["codespaces_secrets_result"]["together"]
        hosts = variables["ansible_play_batch"] if together else [variables["inventory_hostname"]]
        gathered = {host: variables["hostvars"][host].get("codespaces_secrets_result") for host in hosts}
        # Others have failed, or do not play the role this time.
        current = {
            host: found
            for host, found in gathered.items()
            if isinstance(found, Mapping) and found.get("inclusion") == self._inclusion
        }
        united = unite(
            {host: found["targets"] for host, found in current.items()},
            {host: found["connection"] for host, found in current.items()},
        )
        return {**asdict(united), "_ansible_no_log": True}

    def _report(self, variables: dict[str, Any]) -> dict[str, Any]:
        return report(
            variables["inventory_hostname"],
            variables["codespaces_secrets_united"],
            variables["codespaces_secrets_provisioned"],
        )

    @property
    def _inclusion(self) -> str:
        """Tells one use of the role from another, whose results hosts may still have."""
        return str(self._task._parent._uuid)

    @property
    def _together(self) -> bool:
        """Whether all hosts of a batch are done with a task before the next one begins."""
        strategy = strategy_loader.get(self._task.play.strategy, class_only=True)
        return strategy is not None and issubclass(strategy, Linear)

    def _connection_of(self, evaluator: Evaluator) -> dict[str, Any]:
        """What modules of the collection have by default, for this host, and the environment of its tasks."""
        defaults: dict[str, Any] = {}
        for given in self._task.module_defaults or []:
            defaults.update(given)
        connection: dict[str, Any] = {}
        for key in _DEFAULTS:
            connection.update(evaluator.value("module_defaults", defaults.get(key) or {}))
        environment = self._task.environment
        for given in environment if isinstance(environment, list) else [environment]:
            connection.update(evaluator.value("environment", given) or {})
        return connection


def _token(variables: Mapping[str, Any], evaluator: Evaluator, connection: dict[str, Any]) -> str | None:
    """The token of the host; None: the module finds one in the environment of this process.

    :arg connection: it is taken out of.
    """
    given = [connection.pop(name, None) for name in ("token", *_TOKENS)]
    if "codespaces_secrets_token" in variables:
        given.insert(0, evaluator.value_of("codespaces_secrets_token"))
    found = next((token for token in given if token is not None), None)
    if found is None and not any(name in environ for name in _TOKENS):
        raise InputError(f"There is no token. Set codespaces_secrets_token, or the {_ENVIRONMENT}.")
    return found
