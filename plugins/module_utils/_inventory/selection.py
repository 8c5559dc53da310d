# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Select the repositories of an inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, InputError
from ansible_collections.devex.github.plugins.module_utils._model import OwnedRepository, Properties
from ansible_collections.devex.github.plugins.module_utils._validation import is_organization, printable, quoted


@dataclass(frozen=True)
class Selection:
    """The filters of an inventory, in lower case unless the case matters.

    repr() is the same for the same options in any order, because it is part of the key of the cache.
    """

    #: Without organizations and users, all repositories that the token may see.
    organizations: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    #: Shell patterns of OWNER/REPO; empty: all.
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    #: All are required.
    topics: tuple[str, ...] = ()
    #: One is required; empty: any.
    languages: tuple[str, ...] = ()
    visibility: tuple[str, ...] = ()
    #: include, exclude or only.
    archived: str = "exclude"
    forks: str = "include"
    administered: bool = False
    #: Custom properties, each with the accepted values.
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()
    gather_custom_properties: bool = False


def selection(options: Mapping[str, Any]) -> Selection:
    """Parse the options of an inventory.

    :raises InputError: an option is not valid.
    """
    properties = options["properties"]
    return Selection(
        organizations=_texts("organizations", options, is_organization),
        users=_texts("users", options, is_organization),
        include=_texts("include", options),
        exclude=_texts("exclude", options),
        topics=_texts("topics", options),
        languages=_texts("languages", options),
        visibility=_texts("visibility", options),
        archived=options["archived"],
        forks=options["forks"],
        administered=options["administered"],
        properties=tuple(sorted((name, _property_values(name, wanted)) for name, wanted in properties.items())),
        gather_custom_properties=bool(options["gather_custom_properties"] or properties),
    )


def matches(wanted: Selection, repository: OwnedRepository) -> bool:
    """Return whether a repository passes all filters except custom properties.

    :raises GitHubError: GitHub does not report whether the token may administer the repository.
    """
    name = repository.full_name.lower()
    return (
        (not wanted.include or _matches_any(name, wanted.include))
        and not _matches_any(name, wanted.exclude)
        and {*wanted.topics} <= {topic.lower() for topic in repository.topics}
        and (not wanted.languages or (repository.language or "").lower() in wanted.languages)
        and (not wanted.visibility or repository.visibility in wanted.visibility)
        and _agrees(wanted.archived, repository.archived)
        and _agrees(wanted.forks, repository.fork)
        and (not wanted.administered or _administered(repository))
    )


def matches_properties(wanted: Selection, properties: Properties) -> bool:
    """Return whether a repository with these custom properties passes the filter."""
    for name, values in wanted.properties:
        value = properties.get(name)
        if not {*values} & {*(value if isinstance(value, list) else [value])}:
            return False
    return True


def _matches_any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _agrees(wanted: str, value: bool) -> bool:
    return wanted == "include" or value == (wanted == "only")


def _administered(repository: OwnedRepository) -> bool:
    if repository.administered is None:
        name = repository.full_name
        raise GitHubError(f"administered: GitHub does not report whether the token may administer {name}.")
    return repository.administered


def _texts(option: str, options: Mapping[str, Any], valid: Callable[[str], bool] = bool) -> tuple[str, ...]:
    """Return the entries of a list, sorted, each once, in lower case."""
    for text in options[option]:
        if not isinstance(text, str) or not valid(text):
            raise InputError(f"{option}: {quoted(str(text))} is not a valid entry.")
    return tuple(sorted({text.lower() for text in options[option]}))


def _property_values(name: Any, wanted: Any) -> tuple[str, ...]:
    """Return the accepted values of a custom property, as GitHub writes them."""
    values = wanted if isinstance(wanted, list) else [wanted]
    if not isinstance(name, str) or not values or not all(isinstance(value, (str, int)) for value in values):
        raise InputError(f"properties: {printable(name, 100)!r} requires a value, or a list of values.")
    return tuple(sorted({str(value).lower() if isinstance(value, bool) else str(value) for value in values}))
