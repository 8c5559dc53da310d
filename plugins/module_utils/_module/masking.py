# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes what a playbook gives fit to be masked: what Ansible would not find, or not mask, is taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: What is said of an option, or a variable, that is null and may not be.
IS_NULL = "is null, as a variable without a value is. Give it a value, or leave it out."
# As Ansible writes it.
_MASKED = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

_SINGLE = {"int": "a whole number of a few digits", "bool": "true or false"}
# Until ansible-core 2.18, a template takes a text that looks like a list for one.
_TO_TEXT = (
    " The filter to_json makes a text of it; if it is one, and only looks like that, the filter string keeps it, "
    "right behind the variable or the lookup that holds it."
)
# What a misspelt option may look like. Whatever else stands in its place may be a value.
_OPTION = re.compile(r"[A-Za-z_]{1,40}")
# Ansible fails on numbers of thousands of digits, and on those that are none.
_MOST = 10**15
_WHOLE_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,16}(\.0*)?\s*")
# What is null, as a variable without a value is, would be taken for not given here, and another thing be done: for
# somebody else, in other places, or nothing at all.
_CHOOSING = frozenset({"repositories", "repository", "repo", "organization", "org", "user", "targets", "token"})
_WANTED = frozenset({"value", "encrypted_value", "value_changed_at", "selected_repositories"})

_Spec = Mapping[str, Mapping[str, Any]]


def fit(argument_spec: _Spec, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What Ansible may look at, since it can mask the values in it, and show the rest.

    Ansible collects the values of C(no_log) options before it validates, and where it cannot make out a list of
    options it gives up, and masks nothing at all. What stands under an option that there is not, is shown as it is.

    :arg argument_spec: of options of the types list, str, path, int, bool and raw.
    :arg given: the options as they came from the playbook.
    :returns: the options without what has another shape than it should, and with the texts of unknown ones masked;
        and what is wrong with the shape, without a word of the content.
    """
    slips: list[str] = []
    return _options("", argument_spec, given, slips), slips


def _options(where: str, argument_spec: _Spec, given: Mapping[str, Any], slips: list[str]) -> dict[str, Any]:
    specs = {name: spec for key, spec in argument_spec.items() for name in (key, *spec.get("aliases", ()))}
    fitted: dict[str, Any] = {}
    for name, value in given.items():
        if name.startswith("_ansible_") and not where:
            fitted[name] = value
        elif value is None and name in specs and _needs_value(name, given):
            slips.append(f"{where}{name} {IS_NULL}")
        elif name not in specs:
            fitted[name if _OPTION.fullmatch(name) else _MASKED] = _MASKED
        elif specs[name]["type"] == "list":
            fitted[name] = _list(f"{where}{name}", specs[name], value, slips)
        elif isinstance(value, (list, dict)) or (specs[name]["type"] == "int" and not _is_whole_number(value)):
            advice = _TO_TEXT if specs[name]["type"] == "raw" else ""
            single = _SINGLE.get(specs[name]["type"], "text")
            slips.append(f"{where}{name} must be {single}, not {_kind(value)}.{advice}")
        else:
            fitted[name] = value
    return fitted


def _list(where: str, spec: Mapping[str, Any], value: Any, slips: list[str]) -> list[Any] | str | None:
    mappings = "options" in spec
    if not isinstance(value, (list, dict)) and not (mappings and value is not None):
        # Null, or a text that Ansible makes a list of.
        return value  # type: ignore[no-any-return]
    if not isinstance(value, list):
        slips.append(f"{where} must be a list, not {_kind(value)}.")
        return []
    fitted = []
    for number, row in enumerate(value, start=1):
        if mappings and isinstance(row, dict):
            fitted.append(_options(f"{where}, row {number}: ", spec["options"], row, slips))
        elif mappings or row is None or isinstance(row, (list, dict)):
            advice = " Two lists become one with +." if isinstance(row, list) else ""
            slips.append(
                f"{where}: row {number} must be {'a mapping' if mappings else 'text'}, not {_kind(row)}.{advice}"
            )
        else:
            fitted.append(row)
    return fitted


def _is_whole_number(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_WHOLE_NUMBER.fullmatch(value))
    # Null is the default.
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _MOST)


def _kind(value: Any) -> str:
    kinds = {list: "a list", dict: "a mapping", str: "text", bool: "a boolean", type(None): "null"}
    return next((text for kind, text in kinds.items() if isinstance(value, kind)), "a number")


def _needs_value(name: str, given: Mapping[str, Any]) -> bool:
    return name in _CHOOSING or (name in _WANTED and given.get("state") != "absent")
