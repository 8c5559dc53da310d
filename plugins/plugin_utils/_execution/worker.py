# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module in Ansible's worker process: no file is packed, written or started."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.utils.display import Display

from ansible_collections.devex.github.plugins.module_utils import _redaction
from ansible_collections.devex.github.plugins.module_utils._engine.progress import Progress
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._module.run import (
    Kept,
    Modes,
    Module,
    Outcome,
    Watch,
    perform,
)
from ansible_collections.devex.github.plugins.module_utils._module.waiting import (
    ABANDONED,
    EVERY_SECONDS,
    TIMEOUT_IS_OVER,
    allowed_seconds,
)
from ansible_collections.devex.github.plugins.module_utils._options.environment import ignored_app, read
from ansible_collections.devex.github.plugins.module_utils._options.masking import (
    both_names,
    message_of,
    no_log_values,
    redacted,
    register_options,
)
from ansible_collections.devex.github.plugins.module_utils._record.address import secrets
from ansible_collections.devex.github.plugins.module_utils._threads import repeating
from ansible_collections.devex.github.plugins.plugin_utils._plain import plain

PROGRESS_EVERY_SECONDS = 10.0


def run_here(
    module: Module, args: Mapping[str, Any], modes: Modes, kept: Kept, watch: Watch, *, with_invocation: bool
) -> dict[str, Any]:
    """Validate the arguments of a task, do the work of its module, and return its result as AnsibleModule would.

    :arg with_invocation: whether the result has the arguments.
    :raises MissingLibrary: a library is missing that only these arguments need. Nothing was sent.
    """
    given = plain(args)
    fitted, input_errors = read(module.argument_spec, given, os.environ, of_user=module.of_user)
    addresses = secrets(fitted.get("fingerprints"))
    _redaction.register(addresses)
    argument_spec, input_warnings = register_options(module.argument_spec, fitted)
    input_warnings += ignored_app(given, os.environ, of_user=module.of_user)
    validation = ArgumentSpecValidator(argument_spec, **module.constraints).validate(fitted)
    options: dict[str, Any] = validation.validated_parameters
    error = message_of(input_errors) or next(iter(validation.error_messages), None)
    outcome = Outcome({"api_calls": 0}, [], error) if error else perform(module, options, modes, kept, watch)
    result = _result(outcome)
    if with_invocation:
        shown = redacted(module.argument_spec, options) if _redaction.MASKS_OUTPUT else options
        result["invocation"] = {"module_args": shown}
    result["warnings"] = both_names(module.argument_spec, fitted) + outcome.warnings + input_warnings
    hidden = no_log_values(module.argument_spec, fitted) | no_log_values(module.argument_spec, options) | addresses
    hidden |= outcome.minted
    return _masked({key: value for key, value in result.items() if key != "warnings" or value}, hidden)


def _result(outcome: Outcome) -> dict[str, Any]:
    if outcome.error is None:
        return {"changed": False, **outcome.result}
    trace = {"exception": outcome.trace} if outcome.trace else {}
    return {"changed": False, **outcome.result, "failed": True, "msg": outcome.error, **trace}


def watching(title: str, left_seconds: float | None) -> Watch:
    """Return a Watch that stops the task before its timeout or if Ansible has ended, and prints a long task's progress.

    :arg left_seconds: of the task's timeout; None: it has none.
    """

    def watch(session: Session, progress: Progress) -> AbstractContextManager[None]:
        return repeating(_look(session.stop, progress.line), EVERY_SECONDS)

    def _look(stop: Callable[[str], None], line: Callable[[], str]) -> Callable[[], bool]:
        started = shown_at = time.monotonic()
        ansible = os.getppid()

        def look() -> bool:
            nonlocal shown_at
            now = time.monotonic()
            if left_seconds is not None and now - started >= allowed_seconds(left_seconds):
                stop(TIMEOUT_IS_OVER)
                return False
            if os.getppid() != ansible:
                stop(ABANDONED)
                return False
            if now - shown_at >= PROGRESS_EVERY_SECONDS:
                shown_at = now
                show_progress(title, line())
            return True

        return look

    return watch


def show_progress(title: str, line: str) -> None:
    """Print the progress line of a task."""
    # Without a color: Ansible colors standard error whenever standard output is a terminal.
    Display().display(f"{title}: {line}", stderr=True)


@contextmanager
def working_in(directory: str) -> Iterator[None]:
    """Work in a directory during the C(with) statement, as Ansible lets local modules do, for relative paths."""
    before = None
    # The present directory may have been deleted, or be closed to this user, as after sudo.
    with suppress(OSError):
        before = os.getcwd()
    with suppress(OSError):
        os.chdir(directory)
    try:
        yield
    finally:
        with suppress(OSError):
            if before is not None:
                os.chdir(before)


def _masked(result: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    """Return a result as it may be printed, without the values of options that are secret."""
    masked: dict[str, Any] = _redaction.masked(result, hidden)
    return {**masked, **{key: value for key, value in result.items() if value is None or isinstance(value, bool)}}


def injects_invocation(setting: Callable[[], Any]) -> bool:
    """Return whether results have the arguments of the module: always, before ansible-core 2.22 made it a setting."""
    try:
        return bool(setting())
    except AnsibleError:
        return True
