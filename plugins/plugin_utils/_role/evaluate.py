# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evaluates the variables of a host; what cannot be is told with the secret that it belongs to."""

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
# What templates may use besides variables.
_FUNCTIONS = frozenset(DEFAULT_NAMESPACE) | {"lookup", "now", "q", "query", "undef"}


class Evaluator:
    """Evaluates the variables of a host."""

    def __init__(self, variables: Mapping[str, Any], template: Callable[[Any], Any]) -> None:
        """:arg template: evaluates the templates in a value; it raises whatever a filter or a lookup in them does."""
        self._variables = variables
        self._template = template

    def value_of(self, name: str) -> Any:
        """The value of a variable.

        :raises InputError: a template in it cannot be evaluated.
        """
        return self.value(name, self._variables[name])

    def value(self, label: str, raw: Any) -> Any:
        """What templates evaluate to, as data that any process can read.

        :arg label: what an error calls it.
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
        # Without what ansible-core notes about it. What is left are vaulted values, before ansible-core 2.19.
        return next((kind(value) for kind in (int, float) if isinstance(value, kind)), str(value))

    def _omitted(self, value: Any) -> bool:
        omit = self._variables.get("omit")
        return isinstance(value, str) and isinstance(omit, str) and value == omit

    def _failing(self, raw: Any, seen: set[str]) -> str | None:
        """The first secret that cannot be evaluated, in lists and in the lists that a template refers to."""
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
        # `a + b` fails because of the type of what stands for an undefined one.
        undefined = self._undefined(raw, set()) if "Undefined" in text else None
        if undefined:
            return f"'{undefined}' is undefined."
        foreign = _foreign(error)
        if foreign is None:
            return printable(text, 1000)
        return f"a template fails with {type(foreign).__name__}, whose text is not shown, since the value may be in it."

    def _undefined(self, raw: Any, seen: set[str]) -> str | None:
        """The first variable that is not defined, of those that templates refer to."""
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
    """What failed outside of Ansible, such as in a filter: before ansible-core 2.19, nothing is put around it."""
    cause: BaseException | None = error
    while isinstance(cause, AnsibleError):
        cause = cause.__cause__ or cause.__context__
    return None if isinstance(cause, TemplateError) else cause


def _references(text: str) -> set[str]:
    try:
        return set(find_undeclared_variables(Environment(autoescape=True).parse(text)))
    except TemplateError:
        return set()
