# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes what a playbook gives fit to be masked: what Ansible would not find, or not mask, is taken out."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._validation import repository_in, wrong_name

#: What is said of an option, or a variable, that is null and may not be.
IS_NULL = "is null, as a variable without a value is. Give it a value, or leave it out."
#: Why an error does not show the name of a secret that is not allowed.
NAME_NOT_SHOWN = "It is not shown, because it may be a value: check that name and value are not swapped."

_SINGLE = {"int": "a whole number of a few digits", "bool": "true or false"}
# Until ansible-core 2.18, a template takes a text that looks like a list for one.
_TO_TEXT = (
    " The filter to_json makes a text of it; if it is one, and only looks like that, the filter string keeps it, "
    "right behind the variable or the lookup that holds it."
)
# What a misspelt option may look like. Whatever else stands in its place may be a value.
_OPTION = re.compile(r"[A-Za-z_]{1,40}")
# What community.general.github_secrets and Terraform call options of ours.
_ELSEWHERE = {"key": "name", "plaintext_value": "value", "selected_repository_ids": "selected_repositories"}
_DICT2ITEMS = (
    " If it maps names to values, the filter dict2items makes a list of it: "
    "secrets_dict | dict2items(key_name='name', value_name='value')."
)
# How many mistakes an error tells.
_TOLD = 10
# Ansible fails on numbers of thousands of digits, and on those that are none.
_MOST = 10**15
_WHOLE_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,16}(\.0*)?\s*")
# What is null, as a variable without a value is, would be taken for not given here, and another thing be done: for
# somebody else, in other places, or nothing at all.
_CHOOSING = frozenset({"repositories", "repository", "repo", "organization", "org", "user", "targets", "token"})
# Options with repositories. People copy addresses to clone from, and some of these have a token in them.
_PLACES = frozenset({"repository", "repositories", "selected_repositories"})
_WANTED = frozenset({"value", "encrypted_value", "value_changed_at", "selected_repositories"})

_Spec = Mapping[str, Mapping[str, Any]]


def fit(argument_spec: _Spec, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the options that Ansible can mask and show, and what is wrong with the others.

    Ansible collects the values of C(no_log) options before it validates. If it cannot make out a list of options, it
    masks nothing at all. It shows whatever stands under an unknown option, and the name of a secret.

    :arg argument_spec: of options of the types list, str, path, int, bool and raw.
    :arg given: the options as they came from the playbook.
    :returns: what is left, and what is wrong with the rest, without a word of its content. These are left out: unknown
        options, options of the wrong shape, names that no secret can have, and addresses in place of repositories.
    """
    input_errors: list[str] = []
    return _options("", argument_spec, given, input_errors), input_errors


def message_of(input_errors: Sequence[str]) -> str:
    """Return what is wrong as the text of an error."""
    more = len(input_errors) - _TOLD
    return " ".join(input_errors[:_TOLD]) + (f" And {more} more mistakes." if more > 0 else "")


def _options(where: str, argument_spec: _Spec, given: Mapping[str, Any], input_errors: list[str]) -> dict[str, Any]:
    keys = {name: key for key, spec in argument_spec.items() for name in (key, *spec.get("aliases", ()))}
    internal = {name: value for name, value in given.items() if name.startswith("_ansible_") and not where}
    input_errors += [f"{where}{_unknown(name, keys)}" for name in given if name not in keys and name not in internal]
    fitted: dict[str, Any] = dict(internal)
    for name, key in keys.items():
        if name not in given:
            continue
        value, spec = given[name], argument_spec[key]
        if value is None and _needs_value(name, given):
            input_errors.append(f"{where}{name} {IS_NULL}")
        elif key in _PLACES and (address := _address(value)):
            meant = repository_in(address) or "OWNER/REPO"
            input_errors.append(
                f"{where}{name} has an address, and is not shown, because a login may be in it. Write {meant}."
            )
        elif spec["type"] == "list":
            fitted[name] = _list(f"{where}{name}", spec, value, input_errors)
        elif isinstance(value, (list, dict)) or (spec["type"] == "int" and not _is_whole_number(value)):
            advice = _TO_TEXT if spec["type"] == "raw" else ""
            single = _SINGLE.get(spec["type"], "text")
            input_errors.append(f"{where}{name} must be {single}, not {_kind(value)}.{advice}")
        elif key == "name" and value is not None and (wrong := wrong_name(str(value))):
            input_errors.append(f"{where}{name} is not allowed: {wrong}. {NAME_NOT_SHOWN}")
        else:
            fitted[name] = value
    return fitted


def _address(value: Any) -> str | None:
    """Return the first text that may have a login in it, as in C(https://LOGIN@github.com/OWNER/REPO)."""
    texts = value if isinstance(value, list) else [value]
    return next((text for text in texts if isinstance(text, str) and "@" in text), None)


def _unknown(name: str, known: Collection[str]) -> str:
    """Say what is meant by an option that there is not; its name is not shown if it may be a value."""
    options = f"The options are {', '.join(sorted(known))}."
    if not _OPTION.fullmatch(name):
        return f"an option is unknown, and not shown, because it may be a value. {options}"
    meant = _ELSEWHERE.get(name)
    near = [meant] if meant in known else get_close_matches(name.lower(), known, n=1)
    return f"{name} is not an option. " + (f"Did you mean {near[0]}?" if near else options)


def _list(where: str, spec: Mapping[str, Any], value: Any, input_errors: list[str]) -> list[Any] | str | None:
    mappings = "options" in spec
    if not isinstance(value, (list, dict)) and not (mappings and value is not None):
        # Null, or a text that Ansible makes a list of.
        return value  # type: ignore[no-any-return]
    if not isinstance(value, list):
        advice = _to_list(spec["options"], value) if mappings and isinstance(value, dict) else ""
        input_errors.append(f"{where} must be a list, not {_kind(value)}.{advice}")
        return []
    fitted = []
    for number, row in enumerate(value, start=1):
        if mappings and isinstance(row, dict):
            fitted.append(_options(f"{where}, row {number}: ", spec["options"], row, input_errors))
        elif mappings or row is None or isinstance(row, (list, dict)):
            advice = " Two lists become one with +." if isinstance(row, list) else ""
            input_errors.append(
                f"{where}: row {number} must be {'a mapping' if mappings else 'text'}, not {_kind(row)}.{advice}"
            )
        else:
            fitted.append(row)
    return fitted


def _to_list(options: _Spec, value: Mapping[str, Any]) -> str:
    """Say how a mapping becomes a list of rows with these options."""
    if not options.keys().isdisjoint(value):
        return " If it is one row, put a dash in front of it."
    # A mapping of names to values.
    return _DICT2ITEMS if "value" in options else ""


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
