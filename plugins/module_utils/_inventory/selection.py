# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which repositories an inventory takes: from options to a decision about each."""

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
    """What an inventory asks for; all that is compared without case is in lower case.

    Its text is the same for the same options, in whatever order they are.
    """

    #: With neither of both, all that the token may see.
    organizations: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    #: Shell patterns of OWNER/REPO; empty: all.
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    #: A repository has all of these.
    topics: tuple[str, ...] = ()
    #: It has one of these; empty: any.
    languages: tuple[str, ...] = ()
    visibility: tuple[str, ...] = ()
    #: include, exclude or only.
    archived: str = "exclude"
    forks: str = "include"
    administered: bool = False
    #: Of each of these custom properties, it has one of the values.
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()
    gather_custom_properties: bool = False


def selection(options: Mapping[str, Any]) -> Selection:
    """What the options of an inventory ask for.

    :raises InputError: an option is not what it should be.
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


def takes(wanted: Selection, repository: OwnedRepository) -> bool:
    """Whether the inventory has this repository, as far as that does not depend on custom properties.

    :raises GitHubError: GitHub does not tell what that depends on.
    """
    name = repository.full_name.lower()
    return (
        (not wanted.include or _matches(name, wanted.include))
        and not _matches(name, wanted.exclude)
        and {*wanted.topics} <= {topic.lower() for topic in repository.topics}
        and (not wanted.languages or (repository.language or "").lower() in wanted.languages)
        and (not wanted.visibility or repository.visibility in wanted.visibility)
        and _agrees(wanted.archived, repository.archived)
        and _agrees(wanted.forks, repository.fork)
        and (not wanted.administered or _administered(repository))
    )


def takes_with(wanted: Selection, properties: Properties) -> bool:
    """Whether a repository with these custom properties may be in the inventory."""
    for name, values in wanted.properties:
        found = properties.get(name)
        if not {*values} & {*(found if isinstance(found, list) else [found])}:
            return False
    return True


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _agrees(wanted: str, found: bool) -> bool:
    return wanted == "include" or found == (wanted == "only")


def _administered(repository: OwnedRepository) -> bool:
    if repository.administered is None:
        raise GitHubError(
            f"administered: GitHub does not tell whether the token may administer {repository.full_name}."
        )
    return repository.administered


def _texts(option: str, options: Mapping[str, Any], valid: Callable[[str], bool] = bool) -> tuple[str, ...]:
    """The texts of a list, each once, in lower case."""
    for text in options[option]:
        if not isinstance(text, str) or not valid(text):
            raise InputError(f"{option}: {quoted(str(text))} cannot be one of them.")
    return tuple(sorted({text.lower() for text in options[option]}))


def _property_values(name: Any, wanted: Any) -> tuple[str, ...]:
    """The values of a custom property that will do, as GitHub writes them."""
    values = wanted if isinstance(wanted, list) else [wanted]
    if not isinstance(name, str) or not values or not all(isinstance(value, (str, int)) for value in values):
        raise InputError(f"properties: {printable(name, 100)!r} needs a value, or a list of values.")
    return tuple(sorted({str(value).lower() if isinstance(value, bool) else str(value) for value in values}))
