# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drop malformed options that Ansible would show unmasked, and register the secret ones with Ansible."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from ansible_collections.devex.github.plugins.module_utils import _redaction
from ansible_collections.devex.github.plugins.module_utils._validation import repository_in, wrong_name

#: The error about an option, or a variable, that must not be null.
IS_NULL = "is null, which usually means a variable without a value. Set a value, or omit it."
#: The end of an error about the name of a secret.
NAME_NOT_SHOWN = "The name is not shown, because it may be a value. Check that name and value are not swapped."

_SINGLE = {"int": "a whole number of a few digits", "bool": "true or false"}
# Up to ansible-core 2.18, a template changes a text that looks like a list or a mapping into one.
_TO_TEXT = (
    " To pass JSON, add the filter to_json. If it is text that looks like a list or a mapping, add the filter string "
    "directly after the variable or the lookup."
)
# A misspelt option looks like this. Any other unknown key may be a value.
_OPTION = re.compile(r"[A-Za-z_]{1,40}")
# The names of our options in community.general.github_secrets and Terraform.
_ELSEWHERE = {"key": "name", "plaintext_value": "value", "selected_repository_ids": "selected_repositories"}
_DICT2ITEMS = (
    " If it maps names to values, convert it with the filter dict2items: "
    "secrets_dict | dict2items(key_name='name', value_name='value')."
)
# The number of mistakes that an error shows.
_SHOWN = 10
# Ansible crashes on numbers of thousands of digits, on infinity and on NaN.
_MOST = 10**15
# Advice about numbers that users mistake for others.
_MISTAKEN = {"app_id": " Set the App ID from the settings of the GitHub App, not its client ID."}
# A private key, or a token of GitHub.
_CREDENTIAL = re.compile(r"-----BEGIN |(?<![A-Za-z0-9])(gh[a-z]_|github_pat_)[A-Za-z0-9_]{20}")
_SWAPPED = "contains a private key or a token, so it is not shown. Check that two options or variables are not swapped."
_WHOLE_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,16}(\.0*)?\s*")
# If an unset variable makes one of these null, the task would act for another user, elsewhere, or not at all.
_CHOOSING = frozenset(
    {"repositories", "repository", "repo", "organization", "org", "user", "targets", "token", "used_by"}
)
# Options with repositories. Users paste clone URLs, and some of these contain a token.
_PLACES = frozenset({"repository", "repositories", "selected_repositories"})
_WANTED = frozenset({"value", "encrypted_value", "value_changed_at", "selected_repositories"})

_PLACEHOLDER = "$REDACTED$"

_Spec = Mapping[str, Mapping[str, Any]]


def fit(
    argument_spec: _Spec, given: Mapping[str, Any], variables: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Return the options that Ansible can mask and show, and errors about the others.

    Ansible collects the values of C(no_log) options before it validates them. If a list of options is malformed, it
    masks nothing at all. It shows the values of unknown options, and the names of secrets.

    :arg argument_spec: of options of the types list, str, path, int, bool and raw.
    :arg variables: the environment variable of each option that was read from one, for errors.
    :returns: the valid options, and errors without any value. Unknown options, options of the wrong type, invalid
        names of secrets, credentials in options that are not secret, and URLs of repositories that may contain a login
        are dropped.
    """
    input_errors: list[str] = []
    return _options("", argument_spec, given, input_errors, variables or {}), input_errors


def no_log_values(argument_spec: _Spec, options: Mapping[str, Any]) -> set[str]:
    """Return the texts of secret options, which must not be shown."""
    hidden: set[str] = set()
    for name, spec in argument_spec.items():
        for value in (options.get(key) for key in (name, *spec.get("aliases", ()))):
            if spec.get("no_log") and value not in (None, "") and not isinstance(value, bool):
                hidden.add(str(value))
            elif "options" in spec and isinstance(value, list):
                for row in value:
                    hidden |= no_log_values(spec["options"], row) if isinstance(row, Mapping) else set()
    return hidden


def register_options(argument_spec: _Spec, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Register secret options with Ansible, except those that are too short to mask.

    :returns: the argument spec for Ansible's validation, which registers all values with C(no_log), and warnings.
    """
    values = no_log_values(argument_spec, given)
    _redaction.register(values)
    if not _redaction.MASKS_OUTPUT or not any(map(_redaction.is_unmaskable, values)):
        return dict(argument_spec), []
    return without_unmaskable(argument_spec, given), [_redaction.UNMASKED]


def without_unmaskable(argument_spec: _Spec, *given: Mapping[str, Any]) -> dict[str, Any]:
    """Return an argument spec in which C(no_log) is off for options that are too short to mask in one of the rows."""
    changed: dict[str, Any] = {}
    for name, spec in argument_spec.items():
        values = [row[key] for row in given for key in (name, *spec.get("aliases", ())) if key in row]
        changed[name] = spec
        if spec.get("no_log") and any(value is not None and _redaction.is_unmaskable(str(value)) for value in values):
            changed[name] = {**spec, "no_log": False}
        elif "options" in spec:
            rows = [row for value in values if isinstance(value, list) for row in value if isinstance(row, Mapping)]
            changed[name] = {**spec, "options": without_unmaskable(spec["options"], *rows)}
    return changed


def redacted(argument_spec: _Spec, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with a placeholder for each secret one, whatever its value."""
    names = {key: name for name, spec in argument_spec.items() for key in (name, *spec.get("aliases", ()))}
    shown: dict[str, Any] = {}
    for key, value in options.items():
        spec = argument_spec.get(names.get(key, key), {})
        if spec.get("no_log") and value is not None:
            shown[key] = _PLACEHOLDER
        elif "options" in spec and isinstance(value, list):
            shown[key] = [redacted(spec["options"], row) if isinstance(row, Mapping) else row for row in value]
        else:
            shown[key] = value
    return shown


def both_names(argument_spec: _Spec, given: Mapping[str, Any]) -> list[str]:
    """Return a warning for each option that is set by its name and by an alias, as Ansible words it."""
    return [
        f"Both option {name} and its alias {alias} are set."
        for name, spec in argument_spec.items()
        for alias in spec.get("aliases", ())
        if name in given and alias in given
    ]


def message_of(input_errors: Sequence[str]) -> str:
    """Join errors to one message."""
    more = len(input_errors) - _SHOWN
    return " ".join(input_errors[:_SHOWN]) + (f" And {more} more mistakes." if more > 0 else "")


def _options(
    where: str,
    argument_spec: _Spec,
    given: Mapping[str, Any],
    input_errors: list[str],
    variables: Mapping[str, str],
) -> dict[str, Any]:
    keys = {name: key for key, spec in argument_spec.items() for name in (key, *spec.get("aliases", ()))}
    internal = {name: value for name, value in given.items() if name.startswith("_ansible_") and not where}
    input_errors += [f"{where}{_unknown(name, keys)}" for name in given if name not in keys and name not in internal]
    fitted: dict[str, Any] = dict(internal)
    for name, key in keys.items():
        if name not in given:
            continue
        value, spec, label = given[name], argument_spec[key], f"{where}{variables.get(name, name)}"
        if value is None and _needs_value(name, given):
            input_errors.append(f"{label} {IS_NULL}")
        elif key in _PLACES and (address := _address(value)):
            meant = repository_in(address) or "OWNER/REPO"
            input_errors.append(
                f"{label} has a URL, which is not shown, because it may contain a login. Write {meant}."
            )
        elif key == "api_url" and "@" in str(value):
            input_errors.append(
                f"{label} contains a login, so it is not shown. Set https://HOST, and use the option token."
            )
        elif spec["type"] in ("str", "path", "list") and not spec.get("no_log") and _has_credential(value):
            input_errors.append(f"{label} {_SWAPPED}")
        elif value is not None and "choices" in spec and not _is_among(spec, value):
            # Ansible would show it.
            of = "a list of" if spec["type"] == "list" else "one of"
            input_errors.append(f"{label} must be {of} {', '.join(spec['choices'])}.")
        elif spec["type"] == "list":
            fitted[name] = _list(label, spec, value, input_errors)
        elif isinstance(value, (list, dict)) or (spec["type"] == "int" and not _is_whole_number(value)):
            advice = _TO_TEXT if spec["type"] == "raw" else _MISTAKEN.get(key, "")
            single = _SINGLE.get(spec["type"], "text")
            input_errors.append(f"{label} must be {single}, not {_kind(value)}.{advice}")
        elif key == "name" and value is not None and (wrong := wrong_name(str(value))):
            input_errors.append(f"{label} is not allowed: {wrong}. {NAME_NOT_SHOWN}")
        else:
            fitted[name] = value
    return fitted


def _is_among(spec: Mapping[str, Any], value: Any) -> bool:
    """Return whether a value, or each row of a list, is among the choices. Ansible splits a text into a list."""
    if spec["type"] != "list":
        return value in spec["choices"]
    rows = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    return all(isinstance(row, str) and row in spec["choices"] for row in rows)


def _has_credential(value: Any) -> bool:
    """Return whether a text, or a text in a list, contains a private key or a token."""
    texts = value if isinstance(value, list) else [value]
    return any(isinstance(text, str) and _CREDENTIAL.search(text) for text in texts)


def _address(value: Any) -> str | None:
    """Return the first URL that may contain a login, as in C(https://LOGIN@github.com/OWNER/REPO)."""
    texts = value if isinstance(value, list) else [value]
    return next((text for text in texts if isinstance(text, str) and "@" in text), None)


def _unknown(name: str, known: Collection[str]) -> str:
    """Return the error about an unknown option, with a suggestion. The name is not shown if it may be a value."""
    options = f"The options are {', '.join(sorted(known))}."
    if not _OPTION.fullmatch(name):
        return f"an option is unknown, and is not shown, because it may be a value. {options}"
    meant = _ELSEWHERE.get(name)
    near = [meant] if meant in known else get_close_matches(name.lower(), known, n=1)
    return f"{name} is not an option. " + (f"Did you mean {near[0]}?" if near else options)


def _list(where: str, spec: Mapping[str, Any], value: Any, input_errors: list[str]) -> list[Any] | str | None:
    mappings = "options" in spec
    if not isinstance(value, (list, dict)) and not (mappings and value is not None):
        # This is null, or a string that Ansible splits into a list.
        return value  # type: ignore[no-any-return]
    if not isinstance(value, list):
        advice = _to_list(spec["options"], value) if mappings and isinstance(value, dict) else ""
        input_errors.append(f"{where} must be a list, not {_kind(value)}.{advice}")
        return []
    fitted = []
    for number, row in enumerate(value, start=1):
        if mappings and isinstance(row, dict):
            fitted.append(_options(f"{where}, row {number}: ", spec["options"], row, input_errors, {}))
        elif mappings or row is None or isinstance(row, (list, dict)):
            advice = " To join two lists, use +." if isinstance(row, list) else ""
            input_errors.append(
                f"{where}: row {number} must be {'a mapping' if mappings else 'text'}, not {_kind(row)}.{advice}"
            )
        else:
            fitted.append(row)
    return fitted


def _to_list(options: _Spec, value: Mapping[str, Any]) -> str:
    """Return advice on how to turn a mapping into a list of rows with these options."""
    if not options.keys().isdisjoint(value):
        return " If it is one row, put a dash in front of it."
    # The mapping may be one of names to values.
    return _DICT2ITEMS if "value" in options else ""


def _is_whole_number(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_WHOLE_NUMBER.fullmatch(value))
    # Null means the default.
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _MOST)


def _kind(value: Any) -> str:
    kinds = {list: "a list", dict: "a mapping", str: "text", bool: "a boolean", type(None): "null"}
    return next((text for kind, text in kinds.items() if isinstance(value, kind)), "a number")


def _needs_value(name: str, given: Mapping[str, Any]) -> bool:
    return name in _CHOOSING or (name in _WANTED and given.get("state") != "absent")
