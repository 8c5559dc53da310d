# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the environment variables of options that are not set, and choose between a token and a GitHub App."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import BOOLEANS_TRUE

from ansible_collections.devex.github.plugins.module_utils._options.argspec import APP, TOKENS, VARIABLES
from ansible_collections.devex.github.plugins.module_utils._options.masking import fit


def read(
    argument_spec: Mapping[str, Mapping[str, Any]],
    given: Mapping[str, Any],
    environment: Mapping[str, str],
    *,
    of_user: bool = False,
) -> tuple[dict[str, Any], list[str]]:
    """Return the options that Ansible can mask and show, and errors about the others, as fit() does.

    Ansible does not read the environment itself, because it would show a variable of the wrong type.

    :arg given: the options that are set. An option that is null is not read from the environment.
    :arg of_user: whether the task acts for the user whom a token belongs to, which a GitHub App cannot do.
    """
    options = dict(given)
    has_token = options.get("token") is not None or ("token" not in options and _token_variable(environment))
    if has_token and (of_user or _is_true(options.get("user"))):
        # module_defaults may set an App for the other tasks.
        options |= dict.fromkeys(APP)
    variables = {
        option: variable
        for option, variable in _variables(options, environment).items()
        if option in argument_spec and option not in options
    }
    values = {option: environment[variable] for option, variable in variables.items()}
    return fit(argument_spec, {**options, **values}, variables)


def ignored_app(given: Mapping[str, Any], environment: Mapping[str, str], *, of_user: bool = False) -> list[str]:
    """Return a warning if the environment has both a token and a GitHub App, and no option chooses one of them."""
    token, of_app = _token_variable(environment), _app_variables(environment)
    is_chosen = any(given.get(name) is not None for name in ("token", *APP))
    if token is None or not of_app or is_chosen or of_user or _is_true(given.get("user")):
        return []
    variable = next(iter(of_app.values()))
    return [
        f"{token} and {variable} are both set. The token is used, and the GitHub App is ignored. Unset the variables "
        "of one of them."
    ]


def _variables(options: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables to read, by option.

    An option precedes the environment variables of the other kind of credentials. Without such options, a token in the
    environment precedes an App. An empty variable of either counts as unset, because CI systems set such variables.
    """
    others = {
        option: variable
        for option, variable in VARIABLES.items()
        # An empty address or key must fail, because the default is less safe.
        if option not in APP and variable in environment
    }
    if options.get("token") is not None:
        return others
    of_app = _app_variables(environment)
    if any(options.get(name) is not None for name in APP):
        return {**others, **of_app}
    if token := _token_variable(environment):
        return {**others, "token": token}
    if of_app:
        return {**others, **of_app}
    # The error about an empty token is clearer than that about a missing one.
    empty = next((variable for variable in TOKENS if variable in environment), None)
    return {**others, "token": empty} if empty else others


def _token_variable(environment: Mapping[str, str]) -> str | None:
    return next((variable for variable in TOKENS if environment.get(variable)), None)


def _app_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables of an App that are set, by option."""
    return {option: VARIABLES[option] for option in APP if environment.get(VARIABLES[option])}


def _is_true(value: Any) -> bool:
    """Return whether Ansible would convert an option to true."""
    return str(value).strip().lower() in BOOLEANS_TRUE
