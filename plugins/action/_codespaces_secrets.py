# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role codespaces_secrets: what each host wants, one process for all of it, and what came of each host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from os import environ
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import strategy_loader
from ansible.plugins.strategy.linear import StrategyModule as Linear

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.plugin_utils._role.evaluate import Evaluator
from ansible_collections.devex.github.plugins.plugin_utils._role.gather import requests_at_once, targets
from ansible_collections.devex.github.plugins.plugin_utils._role.report import failed, outcomes_of, report
from ansible_collections.devex.github.plugins.plugin_utils._role.unite import United, rounds, unite

_MODULE = "devex.github.codespaces_secrets"
_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
_ENVIRONMENT = f"environment variable {' or '.join(_TOKENS)}"
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
        evaluator = Evaluator(variables, self._templar.template)
        try:
            defaults = self._defaults(evaluator)
            connection = {**defaults, **self._environment(evaluator)}
            token = _token(variables, evaluator, connection)
            defaults.pop("token", None)
            concurrency = requests_at_once(evaluator.value_of)
            wanted = targets(variables, evaluator.value_of, host=host, token=token)
        except InputError as error:
            return {"failed": True, "msg": f"{host}: {error}"}
        return {
            # Of a task that runs once, every host has the result.
            "host": host,
            "inclusion": self._inclusion,
            "together": self._together,
            "targets": wanted,
            "connection": connection,
            "options": {**defaults, "concurrency": concurrency},
            # Values are in it.
            "_ansible_no_log": True,
        }

    def _provision(self, variables: dict[str, Any]) -> dict[str, Any]:
        own = variables["codespaces_secrets_result"]
        united = self._unite(variables, together=own["together"])
        outcomes: dict[int, Any] = {}
        told: dict[str, Any] = {}
        for numbers in rounds(united.targets):
            wanted = [united.targets[number] for number in numbers]
            provisioned = self._module({**own["options"], "targets": wanted}, variables)
            outcomes |= outcomes_of(numbers, provisioned)
            for key in ("warnings", "deprecations"):
                told[key] = told.get(key, []) + list(provisioned.get(key, []))
        self._reports.mkdir(mode=0o700, exist_ok=True)
        for host in [*united.reported, *united.refused]:
            self._report_of(host).write_text(json.dumps(report(host, united, outcomes)), encoding="utf-8")
        return {key: found for key, found in told.items() if found}

    def _unite(self, variables: dict[str, Any], *, together: bool) -> United:
        hosts = variables["ansible_play_batch"] if together else [variables["inventory_hostname"]]
        gathered = {host: variables["hostvars"][host].get("codespaces_secrets_result") for host in hosts}
        # Others have failed, or do not play the role this time.
        current = {
            host: found
            for host, found in gathered.items()
            if isinstance(found, Mapping) and (found.get("inclusion"), found.get("host")) == (self._inclusion, host)
        }
        return unite(
            {host: found["targets"] for host, found in current.items()},
            {host: found["connection"] for host, found in current.items()},
        )

    def _module(self, options: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """The result of the module, which is a task of its own but for what is told of it."""
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
        result: dict[str, Any] = action.run(task_vars=variables)
        return result

    def _report(self, variables: dict[str, Any]) -> dict[str, Any]:
        path = self._report_of(variables["inventory_hostname"])
        if path.exists():
            told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return told
        gathered = variables["codespaces_secrets_result"]
        return failed(str(gathered.get("msg", "What this host wants was not provisioned.")))

    @property
    def _inclusion(self) -> str:
        """Tells one use of the role from another, whose results hosts may still have."""
        return str(self._task._parent._uuid)

    @property
    def _reports(self) -> Path:
        """Where reports wait for their hosts, in a directory that Ansible removes. No value is in them."""
        return Path(constants.DEFAULT_LOCAL_TMP) / f"codespaces_secrets-{self._inclusion}"

    def _report_of(self, host: str) -> Path:
        return self._reports / sha256(host.encode()).hexdigest()

    @property
    def _together(self) -> bool:
        """Whether all hosts of a batch are done with a task before the next one begins."""
        strategy = strategy_loader.get(self._task.play.strategy, class_only=True)
        return strategy is not None and issubclass(strategy, Linear)

    def _defaults(self, evaluator: Evaluator) -> dict[str, Any]:
        """What modules of the collection have by default, for this host."""
        defaults: dict[str, Any] = {}
        for given in self._task.module_defaults or []:
            defaults.update(given)
        evaluated: dict[str, Any] = {}
        for key in _DEFAULTS:
            evaluated.update(evaluator.value("module_defaults", defaults.get(key) or {}))
        return evaluated

    def _environment(self, evaluator: Evaluator) -> dict[str, Any]:
        """The environment of the tasks of this host."""
        environment: dict[str, Any] = {}
        for given in self._task.environment if isinstance(self._task.environment, list) else [self._task.environment]:
            environment.update(evaluator.value("environment", given) or {})
        return environment


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
