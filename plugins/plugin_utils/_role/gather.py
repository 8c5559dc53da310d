# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turn the variables of one host into targets for codespaces_secrets, so that a mistake fails only its host."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.devex.github.plugins.module_utils import _redaction
from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._options import jobs
from ansible_collections.devex.github.plugins.module_utils._options.argspec import (
    secret_argument_spec,
    secrets_argument_spec,
)
from ansible_collections.devex.github.plugins.module_utils._options.desired import (
    concurrency,
    desired_secrets,
    prune,
    repository_names,
    used_by,
)
from ansible_collections.devex.github.plugins.module_utils._options.masking import (
    IS_NULL,
    fit,
    message_of,
    no_log_values,
    register_options,
)
from ansible_collections.devex.github.plugins.module_utils._scope import CODESPACES
from ansible_collections.devex.github.plugins.module_utils._validation import is_repository, printable
from ansible_collections.devex.github.plugins.plugin_utils._role.variables import (
    ORGANIZATION,
    UPDATE_VALUE,
    USER,
    of_repositories,
    refuse_near_misses,
)

Target = dict[str, Any]
Rows = list[dict[str, Any]]

# The variables about pruning, without the prefix.
_PRUNING = ("prune", "prune_keep", "prune_max", "prune_all")


def targets(
    variables: Mapping[str, Any], value_of: Callable[[str], Any], *, host: str, token: str | None
) -> list[Target]:
    """Return a target for each repository of a host, for its organization, and for the user.

    :arg variables: all variables of the host, before templates are evaluated.
    :arg value_of: returns the value of a variable by name, or raises InputError.
    :arg token: the token for all targets; None: the module finds one in the environment.
    :raises InputError: a variable is not valid. The message contains no values.
    """
    refuse_near_misses(variables)
    update_value = _update_value(value_of)
    consumers = _used_by(value_of)
    wanted = _repositories(variables, value_of, host, consumers)
    if rows := _secrets([ORGANIZATION], value_of, consumers):
        name = "codespaces_secrets_organization"
        organization = value_of(name) if name in variables else None
        if organization is None:
            raise InputError(f"{name} is missing. Set it to the organization that {ORGANIZATION} are for.")
        _checked({"organization": organization})
        wanted.append({"organization": organization, "secrets": rows, "used_by": consumers})
    # The user has secrets for Codespaces only.
    if rows := _secrets([USER], value_of, [CODESPACES]):
        wanted.append({"user": True, "secrets": rows, "used_by": [CODESPACES]})
    for target in wanted:
        target["secrets"] = [{"update_value": update_value, **row} for row in target["secrets"]]
    if token is not None:
        _checked({"token": token})
        wanted = [{"token": token, **target} for target in wanted]
    for target in _validated({"targets": secrets_argument_spec()["targets"]}, {"targets": wanted})["targets"]:
        if emptied := jobs.pruned_to_nothing(target, target["used_by"]):
            whose = "" if emptied == [CODESPACES] else f" for {', '.join(emptied)}"
            raise InputError(
                f"codespaces_secrets_prune would keep no listed secret{whose} in {target['repository']}, because none "
                f"of the host's lists has a row with state=present{whose}. If the repository was renamed, or if the "
                "inventory and host_vars spell it differently, no list reaches the host. To delete every secret, set "
                "codespaces_secrets_prune_all=true."
            )
        jobs.target(target, target["used_by"])
    return wanted


def repositories(value_of: Callable[[str], Any]) -> list[str]:
    """Return the repositories of a host whose variables have an error, if they are known.

    :arg value_of: returns the value of a variable by name, or raises InputError.
    """
    try:
        names = [name.strip(" ") for name in _names(value_of)]
    except InputError:
        return []
    return [name for name in names if is_repository(name)]


def requests_at_once(value_of: Callable[[str], Any]) -> int:
    """Return the number of parallel requests.

    :raises InputError: it is not a valid number.
    """
    name = "codespaces_secrets_concurrency"
    given = str(value_of(name))
    if not given.isdecimal():
        raise InputError(f"{name} must be a whole number.")
    try:
        return concurrency({"concurrency": int(given)})
    except InputError as error:
        raise InputError(f"codespaces_secrets_{error}") from error


def _repositories(
    variables: Mapping[str, Any], value_of: Callable[[str], Any], host: str, consumers: list[str]
) -> list[Target]:
    names = _names(value_of)
    if names == [host] and not is_repository(host):
        raise InputError(
            f"The host {printable(host)} is not of the form OWNER/REPO. Set codespaces_secrets_repositories to the "
            "repositories of this host, such as ['octo-org/{{ inventory_hostname }}']."
        )
    rows = _secrets(of_repositories(variables), value_of, consumers)
    pruning = _checked({name: value_of(f"codespaces_secrets_{name}") for name in _PRUNING})
    try:
        prune(pruning)
    except InputError as error:
        raise InputError(f"codespaces_secrets_{error}") from error
    return [{"repository": name, "secrets": rows, "used_by": consumers, **pruning} for name in repository_names(names)]


def _update_value(value_of: Callable[[str], Any]) -> str:
    """Return the default of update_value for the secrets of a host."""
    value = value_of(UPDATE_VALUE)
    if value is None:
        # With the default of the module instead, a run that should adopt values would write them.
        raise InputError(f"{UPDATE_VALUE} {IS_NULL}")
    spec = {UPDATE_VALUE: secret_argument_spec()["update_value"]}
    return str(_validated(spec, {UPDATE_VALUE: value})[UPDATE_VALUE])


def _used_by(value_of: Callable[[str], Any]) -> list[str]:
    """Return the default consumers of the secrets of a host."""
    checked = _checked({"used_by": value_of("codespaces_secrets_used_by")})
    try:
        return list(used_by(checked))
    except InputError as error:
        raise InputError(f"codespaces_secrets_{error}") from error


def _names(value_of: Callable[[str], Any]) -> list[str]:
    names = value_of("codespaces_secrets_repositories")
    names = names.split(",") if isinstance(names, str) else names
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError("codespaces_secrets_repositories must be a list of repositories.")
    return names


def _secrets(names: Iterable[str], value_of: Callable[[str], Any], consumers: Sequence[str]) -> Rows:
    """Return the secrets in all of these variables.

    :arg consumers: those of rows without their own.
    """
    found: Rows = []
    sources: dict[tuple[str, str], str] = {}
    for variable in names:
        rows = value_of(variable)
        if rows is None:
            raise InputError(f"{variable} is null. To manage no secrets, set an empty list.")
        checked = _validated({variable: secrets_argument_spec()["secrets"]}, {variable: rows})
        try:
            secrets = desired_secrets(checked[variable], consumers)
        except InputError as error:
            raise InputError(f"{variable}: {error}") from error
        for secret in ((consumer, secret.name) for consumer, listed in secrets.items() for secret in listed):
            source = sources.setdefault(secret, variable)
            if source != variable:
                raise InputError(f"{variable}: the secret {secret[1]} is in {source} as well. Remove one of them.")
        # Another host may want the same place for other consumers, so each row has its own.
        found += [
            {**row, "used_by": list(used_by(parsed, consumers))}
            for row, parsed in zip(rows, checked[variable], strict=True)
        ]
    return found


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Validate variables that become options of targets.

    :arg given: the values, by the name of the option.
    :raises InputError: a value is malformed.
    """
    options = secrets_argument_spec()["targets"]["options"]
    validated = _validated(
        {f"codespaces_secrets_{name}": options[name] for name in given},
        {f"codespaces_secrets_{name}": value for name, value in given.items()},
    )
    return {name: validated[f"codespaces_secrets_{name}"] for name in given}


def _validated(spec: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Validate variables, and return them with the defaults of their rows.

    :arg spec: the argument spec of the variables.
    :raises InputError: a variable is malformed.
    """
    fitted, input_errors = fit(spec, given)
    # The module warns about secrets that cannot be masked.
    argument_spec, dummy = register_options(spec, fitted)
    if input_errors:
        raise InputError(message_of(input_errors))
    validation = ArgumentSpecValidator(argument_spec).validate(fitted)
    for message in validation.error_messages:
        raise InputError(_redaction.masked(message, no_log_values(spec, fitted)))
    validated: dict[str, Any] = validation.validated_parameters
    return validated
