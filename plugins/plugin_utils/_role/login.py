# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Choose the token or the GitHub App of a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._options.app import ONE_OF_BOTH
from ansible_collections.devex.github.plugins.module_utils._options.argspec import APP, TOKENS
from ansible_collections.devex.github.plugins.module_utils._options.argspec import VARIABLES as OF_OPTION
from ansible_collections.devex.github.plugins.module_utils._options.masking import IS_NULL

#: The options that authenticate.
LOGIN = ("token", *APP)
PREFIX = "codespaces_secrets_"
#: The option for which each environment variable stands.
VARIABLES = {**dict.fromkeys(reversed(TOKENS), "token"), **{OF_OPTION[name]: name for name in APP}}


@dataclass(frozen=True)
class Login:
    """How a host authenticates."""

    #: None: there is an App, or the module finds a token in the environment of its process.
    token: Any
    #: The options of the App. A null prevents that the module reads its environment variable.
    app: Mapping[str, Any]

    @property
    def has_app(self) -> bool:
        return any(value is not None for value in self.app.values())


def login(
    variables: Mapping[str, Any],
    defaults: Mapping[str, Any],
    environment: Mapping[str, Any],
    process: Mapping[str, str],
) -> Login:
    """Return the token or the App of a host.

    Variables of the role precede C(module_defaults), which precede the environment. In the environment, a token
    precedes an App, and an empty variable counts as unset.

    :arg variables: of the role, without the prefix.
    :arg defaults: in C(module_defaults).
    :arg environment: of the task.
    :arg process: the environment of this process.
    :raises InputError: there is neither a token nor an App, or there are both.
    """
    own = {name: (f"{PREFIX}{name}", variables[name]) for name in LOGIN if name in variables}
    default = {name: (name, defaults[name]) for name in LOGIN if name in defaults}
    found = {name: value for name, value in {**process, **environment}.items() if value != ""}
    outside = {VARIABLES[name]: (name, found[name]) for name in VARIABLES if name in found}
    for label, value in (*own.values(), *default.values(), *outside.values()):
        if value is None:
            raise InputError(f"{label} {IS_NULL}")
    merged = {name: value for name, (dummy, value) in {**outside, **default, **own}.items()}
    for source in (own, default, outside):
        of_app = [source[name][0] for name in APP if name in source]
        if "token" in source and of_app and source is not outside:
            raise InputError(f"{source['token'][0]} and {of_app[0]} are both set. {ONE_OF_BOTH}")
        if "token" in source:
            is_of_process = source is outside and not any(environment.get(name) for name in TOKENS)
            return Login(None if is_of_process else source["token"][1], dict.fromkeys(APP))
        if of_app:
            return Login(None, {name: merged.get(name) for name in APP})
    raise InputError(
        f"codespaces_secrets_token is unset. Set it, or the environment variable {' or '.join(TOKENS)}. For a GitHub "
        "App, set codespaces_secrets_app_id and codespaces_secrets_app_private_key."
    )
