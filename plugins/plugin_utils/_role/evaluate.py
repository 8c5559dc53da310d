# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evaluate the variables of a host, and report a failed template with its secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from ansible.errors import AnsibleError
from jinja2 import Environment, TemplateError
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.meta import find_undeclared_variables

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._validation import printable
from ansible_collections.devex.github.plugins.plugin_utils._role.variables import secret_of

_UNDEFINED = re.compile(r"'([^']{1,100})' is undefined")
# Names in templates that are not variables.
_FUNCTIONS = frozenset(DEFAULT_NAMESPACE) | {"lookup", "now", "q", "query", "undef"}


class Evaluator:
    """Evaluates the variables of a host."""

    def __init__(self, variables: Mapping[str, Any], template: Callable[[Any], Any]) -> None:
        """:arg template: evaluates the templates in a value, and passes on any exception of a filter or a lookup."""
        self._variables = variables
        self._template = template

    def value_of(self, name: str) -> Any:
        """Return the value of a variable.

        :raises InputError: a template in it cannot be evaluated.
        """
        return self.value(name, self._variables[name])

    def value(self, label: str, raw: Any) -> Any:
        """Evaluate the templates in a value, and return plain data.

        :arg label: the name of the value in an error.
        :raises InputError: a template cannot be evaluated.
        """
        try:
            return self._evaluated(raw)
        except Exception as error:
            secret = self._failing(raw, set())
            where = f"{label}, secret {secret}" if secret else label
            raise InputError(f"{where}: {self._reason(raw, error)}") from None

    def _evaluated(self, raw: Any) -> Any:
        return self._plain(self._template(raw))

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(key): self._plain(one) for key, one in value.items() if not self._omitted(one)}
        if isinstance(value, (list, tuple)):
            return [self._plain(one) for one in value if not self._omitted(one)]
        if isinstance(value, date):
            return value.isoformat()
        if value is None or isinstance(value, (bool, str)):
            return value
        # Remove the types of ansible-core. Before ansible-core 2.19, the remaining values are vaulted texts.
        return next((kind(value) for kind in (int, float) if isinstance(value, kind)), str(value))

    def _omitted(self, value: Any) -> bool:
        omit = self._variables.get("omit")
        return isinstance(value, str) and isinstance(omit, str) and value == omit

    def _failing(self, raw: Any, seen: set[str]) -> str | None:
        """Return the first secret that cannot be evaluated, in lists and in variables that templates refer to."""
        if isinstance(raw, list):
            for row in raw:
                if not self._evaluates(row):
                    return secret_of(row) or self._failing(row, seen)
        elif isinstance(raw, str):
            for name in sorted(_references(raw) & self._variables.keys() - seen):
                seen.add(name)
                found = self._failing(self._variables[name], seen)
                if found:
                    return found
        return None

    def _reason(self, raw: Any, error: Exception) -> str:
        text = str(error)
        if match := _UNDEFINED.search(text):
            return f"'{match[1]}' is undefined."
        # If a variable in `a + b` is undefined, the error is about the type of its placeholder.
        undefined = self._undefined(raw, set()) if "Undefined" in text else None
        if undefined:
            return f"'{undefined}' is undefined."
        foreign = _foreign(error)
        if foreign is None:
            return printable(text, 1000)
        return (
            f"a template fails with {type(foreign).__name__}. The text of the error is not shown, because it may "
            "contain the value."
        )

    def _undefined(self, raw: Any, seen: set[str]) -> str | None:
        """Return the first undefined variable that templates refer to."""
        if isinstance(raw, (list, Mapping)):
            each = raw.values() if isinstance(raw, Mapping) else raw
            return next((found for one in each if (found := self._undefined(one, seen))), None)
        for name in sorted(_references(raw) - _FUNCTIONS - seen) if isinstance(raw, str) else ():
            seen.add(name)
            found = self._undefined(self._variables[name], seen) if name in self._variables else name
            if found:
                return found
        return None

    def _evaluates(self, raw: Any) -> bool:
        try:
            self._evaluated(raw)
        except Exception:
            return False
        return True


def _foreign(error: BaseException) -> BaseException | None:
    """Return the exception of a filter or a lookup. Before ansible-core 2.19, Ansible does not wrap it."""
    cause: BaseException | None = error
    while isinstance(cause, AnsibleError):
        cause = cause.__cause__ or cause.__context__
    return None if isinstance(cause, TemplateError) else cause


def _references(text: str) -> set[str]:
    try:
        return set(find_undeclared_variables(Environment(autoescape=True).parse(text)))
    except TemplateError:
        return set()
