# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module in its own process, as Ansible runs any module."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.devex.github.plugins.module_utils import _redaction
from ansible_collections.devex.github.plugins.module_utils._errors import MissingLibrary
from ansible_collections.devex.github.plugins.module_utils._module.run import Kept, Modes, Module, perform
from ansible_collections.devex.github.plugins.module_utils._module.waiting import watching
from ansible_collections.devex.github.plugins.module_utils._options.environment import ignored_app, read
from ansible_collections.devex.github.plugins.module_utils._options.masking import (
    message_of,
    redacted,
    register_options,
)
from ansible_collections.devex.github.plugins.module_utils._record.address import secrets


def run(module: Module) -> None:
    """Run a module: read its options from Ansible, and print its result."""
    ansible = _AnsibleModule(module)
    for library, trace in module.libraries.items():
        if trace:
            ansible.fail_json(msg=missing_required_lib(library), exception=trace)
    if ansible.input_errors:
        ansible.fail_json(msg=message_of(ansible.input_errors))
    modes = Modes(ansible.check_mode, ansible._diff, ansible.no_log)
    kept = Kept()
    try:
        outcome = perform(module, ansible.params, modes, kept, watching)
    except MissingLibrary as error:
        ansible.fail_json(msg=missing_required_lib(error.library), exception=error.trace)
    kept.close()
    ansible.no_log_values |= outcome.minted
    for warning in outcome.warnings:
        ansible.warn(warning)
    if outcome.error is not None:
        raised = {"exception": outcome.trace} if outcome.trace else {}
        ansible.fail_json(msg=outcome.error, **outcome.result, **raised)
    ansible.exit_json(**outcome.result)


class _AnsibleModule(AnsibleModule):  # type: ignore[misc]  # AnsibleModule declares no types
    """An AnsibleModule that gets only options that Ansible can mask."""

    argument_spec: dict[str, Any]
    params: dict[str, Any]
    # Ansible may fail before it loads the options.
    _input_warnings: Sequence[str] = ()
    _secret_options: Mapping[str, Any] = {}

    def __init__(self, module: Module) -> None:
        self._of_user = module.of_user
        super().__init__(argument_spec=dict(module.argument_spec), supports_check_mode=True, **module.constraints)

    def _load_params(self) -> None:
        super()._load_params()
        given = self.params
        self.params, self.input_errors = read(self.argument_spec, given, os.environ, of_user=self._of_user)
        # Ansible may show the address of a store before it is parsed.
        self.no_log_values |= secrets(self.params.get("fingerprints"))
        _redaction.register(self.no_log_values)
        self._secret_options = self.argument_spec
        self.argument_spec, input_warnings = register_options(self.argument_spec, self.params)
        self._input_warnings = input_warnings + ignored_app(given, os.environ, of_user=self._of_user)

    def _return_formatted(self, kwargs: dict[str, Any]) -> None:
        for warning in self._input_warnings:
            self.warn(warning)
        if _redaction.MASKS_OUTPUT:
            kwargs["invocation"] = {"module_args": redacted(self._secret_options, self.params)}
        super()._return_formatted(kwargs)

    def _log_invocation(self) -> None:
        # The log would have the repr() of lists of secrets, in which values with line breaks escape Ansible's masking.
        self.log("Invoked")

    def fail_json(self, msg: str, **result: Any) -> None:
        # Ansible's message about the remaining options would only confuse.
        super().fail_json(message_of(self.input_errors) or msg, **{"api_calls": 0, **result})
