# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the return values that several modules document: Ansible has no fragments for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.devex.github.plugins.module_utils import _scope

PLUGINS = "ansible_collections.devex.github.plugins"
MODULES = sorted(path.stem for path in (Path(_scope.__file__).parents[1] / "modules").glob("[!_]*.py"))
#: Each module returns these.
EVERYWHERE = {"api_calls", "rate_limit"}
#: The kind of content of keys that share it.
HOLDS = {"secrets": "secret", "selected_repositories": "repository", "added": "repository", "removed": "repository"}
#: A module for one secret returns the reason beside the secret.
BESIDE = {"reason": "secret.reason"}
#: Fields that may differ between modules. All descriptions of a key start with the same paragraph, and a module may add
#: paragraphs about its own options or requests.
VARIES = {
    "secret": {"description"},
    "operations": {"description", "returned"},
    "operations.reason": {"description"},
    "failures": {"description", "returned"},
    "secrets": {"description", "returned"},
    "secret.reason": {"description", "returned"},
    "secret.scope": {"description"},
    "secret.visibility": {"description"},
    "secret.selected_repositories": {"returned"},
}


def flattened(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each documented key, with its parent."""
    for key, value in values.items():
        yield BESIDE.get(f"{above}{key}", f"{above}{key}"), value
        yield from flattened(value.get("contains", {}), f"{HOLDS.get(key, key)}.")


def documented() -> dict[str, list[dict[str, Any]]]:
    """Return what the modules document, for each key."""
    found: dict[str, list[dict[str, Any]]] = {}
    for module in MODULES:
        for key, value in flattened(yaml.safe_load(import_module(f"{PLUGINS}.modules.{module}").RETURN)):
            found.setdefault(key, []).append(value)
    return found


DOCUMENTED = documented()
SHARED = sorted(key for key, values in DOCUMENTED.items() if len(values) > 1)


def compared(key: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be the same in all modules. Samples may fit the module."""
    varies = VARIES.get(key, set())
    description = value["description"] if isinstance(value["description"], list) else [value["description"]]
    same = {field: value.get(field) for field in ("returned", "type", "elements") if field not in varies}
    return {**same, "description": description[:1] if "description" in varies else description}


@pytest.mark.parametrize("key", SHARED)
def test_modules_describe_a_shared_key_in_the_same_words(key: str) -> None:
    first, *others = (compared(key, value) for value in DOCUMENTED[key])
    assert others == [first] * len(others)


@pytest.mark.parametrize("key", sorted(VARIES))
def test_a_shared_key_varies_only_if_it_must(key: str) -> None:
    assert all(len({str(value[field]) for value in DOCUMENTED[key]}) > 1 for field in VARIES[key])


@pytest.mark.parametrize("key", sorted(EVERYWHERE))
def test_each_module_documents_what_all_modules_return(key: str) -> None:
    assert len(DOCUMENTED[key]) == len(MODULES)
