# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module: read its options, do its work, and return one result to Ansible."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from traceback import format_exc
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.devex.github.plugins.module_utils._crypto import NACL_IMPORT_ERROR
from ansible_collections.devex.github.plugins.module_utils._engine.estimate import estimate
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Reading
from ansible_collections.devex.github.plugins.module_utils._engine.provision import Provisioner
from ansible_collections.devex.github.plugins.module_utils._errors import (
    Error,
    Incomplete,
    InputError,
    MissingLibrary,
    Mistake,
)
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import REQUESTS_IMPORT_ERROR
from ansible_collections.devex.github.plugins.module_utils._model import Job
from ansible_collections.devex.github.plugins.module_utils._module import result
from ansible_collections.devex.github.plugins.module_utils._module.notices import notices
from ansible_collections.devex.github.plugins.module_utils._module.waiting import stopping
from ansible_collections.devex.github.plugins.module_utils._options.argspec import (
    FINGERPRINTS,
    connection_argument_spec,
    fingerprints_argument_spec,
)
from ansible_collections.devex.github.plugins.module_utils._options.connection import connection
from ansible_collections.devex.github.plugins.module_utils._options.desired import concurrency
from ansible_collections.devex.github.plugins.module_utils._options.masking import fit, message_of
from ansible_collections.devex.github.plugins.module_utils._record import key
from ansible_collections.devex.github.plugins.module_utils._record.address import secrets
from ansible_collections.devex.github.plugins.module_utils._record.open import open_store

Options = Mapping[str, Any]

#: The libraries of modules that write, and the traceback of a failed import.
_LIBRARIES = {"requests": REQUESTS_IMPORT_ERROR, "pynacl": NACL_IMPORT_ERROR}


def provision_one(
    argument_spec: Mapping[str, Any], job_of: Callable[[Options], Job], constraints: Mapping[str, Any] | None = None
) -> None:
    """Run a module that manages one secret. From its options, job_of() makes a job with one secret."""

    def work(module: _Module, session: Session, api_url: str) -> dict[str, Any]:
        job = job_of(module.params)
        dummy, (item,) = _provision(module, session, api_url, [job])
        return result.one(item, access_only=job.access_only, check_mode=module.check_mode, diff_mode=module._diff)

    _run(argument_spec, work, _LIBRARIES, constraints)


def provision_many(argument_spec: Mapping[str, Any], jobs_of: Callable[[Options], list[Job]]) -> None:
    """Run a module that manages many secrets. From its options, jobs_of() makes a job for each scope."""

    def work(module: _Module, session: Session, api_url: str) -> dict[str, Any]:
        jobs = jobs_of(module.params)
        readings, items = _provision(module, session, api_url, jobs, concurrency(module.params))
        modes = {"check_mode": module.check_mode, "diff_mode": module._diff}
        # Ansible does not print the result of a task with no_log, so its length does not matter.
        hidden = {"targets": result.by_target(readings, items, **modes)} if module.no_log else {}
        try:
            return {**result.many(readings, items, **modes, foreseen=estimate(readings, items)), **hidden}
        except Incomplete as error:
            raise Incomplete(str(error), {**error.result, **hidden}) from error

    _run(argument_spec, work, _LIBRARIES)


def inform(
    argument_spec: Mapping[str, Any],
    gather: Callable[[Options, Session], dict[str, Any]],
    libraries: Mapping[str, str | None] | None = None,
) -> None:
    """Run a module that only reads. Its libraries are those that others do not need; see _LIBRARIES."""

    def work(module: AnsibleModule, session: Session, dummy: str) -> dict[str, Any]:
        return gather(module.params, session)

    _run(argument_spec, work, {"requests": REQUESTS_IMPORT_ERROR, **(libraries or {})})


class _Module(AnsibleModule):  # type: ignore[misc]  # AnsibleModule declares no types
    """An AnsibleModule that gets only options that Ansible can mask."""

    params: dict[str, Any]

    def _load_params(self) -> None:
        super()._load_params()
        self.params, self.input_errors = fit(self.argument_spec, self.params)
        # Ansible may show the address of a store, even from the environment, before it is parsed.
        for text in (self.params.get("fingerprints"), os.environ.get(FINGERPRINTS)):
            self.no_log_values |= secrets(text)

    def _log_invocation(self) -> None:
        # The log would have the repr() of lists of secrets, in which values with line breaks escape Ansible's masking.
        self.log("Invoked")

    def tell(self, notices: Iterable[str]) -> None:
        """Warn the user, once for each text."""
        for notice in dict.fromkeys(notices):
            self.warn(notice)

    def fail_json(self, msg: str, **result: Any) -> None:
        # Ansible's message about the remaining options would only confuse.
        super().fail_json(message_of(self.input_errors) or msg, **result)


def _provision(
    module: _Module, session: Session, api_url: str, jobs: Sequence[Job], concurrency: int = 1
) -> tuple[list[Reading], list[Item]]:
    """Bring all secrets to the desired state, and show warnings."""
    parsed_key = key.parse(module.params["fingerprint_key"])
    with closing(open_store(module.params["fingerprints"], api_url)) as store:
        session.share_pace(store.ledger())
        provisioner = Provisioner(session, store, check_mode=module.check_mode, concurrency=concurrency, key=parsed_key)
        readings, items = provisioner.run(jobs)
    module.tell(notices(items))
    return readings, items


def _run(
    argument_spec: Mapping[str, Any],
    work: Callable[[_Module, Session, str], dict[str, Any]],
    libraries: Mapping[str, str | None],
    constraints: Mapping[str, Any] | None = None,
) -> None:
    """Run a module with the options that all modules share, and report any exception as a failure."""
    module = _Module(
        argument_spec={**connection_argument_spec(), **fingerprints_argument_spec(), **argument_spec},
        supports_check_mode=True,
        **(constraints or {}),
    )
    for library, error in libraries.items():
        if error:
            module.fail_json(msg=missing_required_lib(library), exception=error)
    session: Session | None = None
    try:
        if module.input_errors:
            raise InputError(message_of(module.input_errors))
        reached = connection(module.params, token_needed="targets" not in module.params)
        session = Session(reached)
        with stopping(session.stop):
            returned = work(module, session, reached.api_url)
    except MissingLibrary as error:
        module.fail_json(msg=missing_required_lib(error.library), exception=error.trace, **_finish(module, session))
    except Error as error:
        partial = error.result if isinstance(error, Incomplete) else {}
        module.fail_json(msg=str(error), **partial, **_finish(module, session))
    except Exception as error:
        # fail_json() masks secrets, but Ansible would print an uncaught exception unmasked.
        module.fail_json(msg=str(Mistake(error)), exception=format_exc(), **_finish(module, session))
    module.exit_json(**returned, **_finish(module, session))


def _finish(module: _Module, session: Session | None) -> dict[str, Any]:
    """Close the session, show its warnings, and return how many requests the task has sent."""
    if session is None:
        return {"api_calls": 0}
    session.close()
    module.tell(session.notices)
    usage: dict[str, Any] = {"api_calls": session.calls}
    if session.rate_limit:
        usage["rate_limit"] = session.rate_limit
    return usage
