# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check conventions across files that no linter checks."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.devex.github.plugins.module_utils import _scope
from ansible_collections.devex.github.plugins.plugin_utils._role.variables import (
    ORGANIZATION,
    OTHERS,
    REPOSITORY,
    USER,
)

COLLECTION = Path(_scope.__file__).parents[2]
PLUGINS = "ansible_collections.devex.github.plugins"
MODULES = sorted(path.stem for path in (COLLECTION / "plugins/modules").glob("[!_]*.py"))
ROLE = "roles/codespaces_secrets"
ATTRIBUTES = {"action_group", "check_mode", "diff_mode", "idempotent", "platform"}


MODULE_UTILS = COLLECTION / "plugins/module_utils"
#: From the top down: a room imports those below it and its own. The words, files without a room, are at the bottom.
ROOMS = [["_module", "_inventory"], ["_engine"], ["_options"], ["_github", "_record"], [""]]
FILES = sorted(path.relative_to(MODULE_UTILS) for path in MODULE_UTILS.rglob("*.py"))
#: The code that runs on the controller only. It may import all rooms.
PLUGIN_UTILS = COLLECTION / "plugins/plugin_utils"
#: The only file that imports each library, so that one place handles its errors, and reports it if it is missing.
IMPORTERS = {
    "requests": "plugins/module_utils/_github/transport.py",
    "nacl": "plugins/module_utils/_crypto.py",
    "sqlite3": "plugins/module_utils/_record/sqlite.py",
    "jwt": "plugins/module_utils/_github/app.py",
    "psycopg": "plugins/module_utils/_record/postgresql.py",
    "json5": "plugins/module_utils/_devcontainer.py",
    "dotenv": "plugins/plugin_utils/_dotenv.py",
}


def level(room: str) -> int:
    return next(number for number, rooms in enumerate(ROOMS) if room in rooms)


def read(path: str) -> Any:
    return yaml.safe_load((COLLECTION / path).read_text(encoding="utf-8"))


def documentation(module: str) -> dict[str, Any]:
    """A module's documentation, with the options and attributes of its fragments."""
    found: dict[str, Any] = yaml.safe_load(import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)
    for fragment in found["extends_documentation_fragment"]:
        name, dummy, variable = fragment.removeprefix("devex.github.").partition(".")
        source = import_module(f"{PLUGINS}.doc_fragments.{name}").ModuleDocFragment
        part = yaml.safe_load(getattr(source, variable.upper() or "DOCUMENTATION"))
        for key in ("options", "attributes"):
            found[key] = {**part.get(key, {}), **found.get(key, {})}
    return found


def test_there_are_modules() -> None:
    assert MODULES


def test_the_action_group_has_every_module() -> None:
    assert read("meta/runtime.yml")["action_groups"] == {"github": MODULES}


def test_every_module_runs_by_the_action_plugin() -> None:
    routing = {module: {"action_plugin": "devex.github.codespaces_secrets"} for module in MODULES}
    assert read("meta/runtime.yml")["plugin_routing"]["modules"] == routing


@pytest.mark.parametrize("module", MODULES)
def test_every_module_documents_its_attributes(module: str) -> None:
    attributes = documentation(module)["attributes"]
    assert attributes.keys() == ATTRIBUTES
    assert attributes["action_group"]["membership"] == ["devex.github.github"]
    assert attributes["check_mode"]["support"] == "full"
    assert attributes["diff_mode"]["support"] == ("N/A" if module.endswith("_info") else "full")


@pytest.mark.parametrize("module", MODULES)
def test_idempotence_is_partial_if_values_are_written(module: str) -> None:
    found = documentation(module)
    options = {**found["options"], **found["options"].get("secrets", {}).get("suboptions", {})}
    expected = "partial" if "update_value" in options else "full"
    assert found["attributes"]["idempotent"]["support"] == expected


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_the_options_of_the_connection(module: str) -> None:
    fragments = documentation(module)["extends_documentation_fragment"]
    assert "devex.github._connection" in fragments
    # Some modules have no options for values.
    kind = {"repos": ".repos", "info": ".info"}.get(module.rpartition("_")[2], "")
    assert f"devex.github._fingerprints{kind}" in fragments


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_target_of_ansible_test(module: str) -> None:
    targets = COLLECTION / "tests/integration/targets"
    assert any((targets / name / "aliases").exists() for name in (module, f"module_{module}"))


def taken(option: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of an option, without its description."""
    return {key: option.get(key) for key in ("type", "elements", "choices", "default", "required")}


def role_options() -> dict[str, Any]:
    """The options of the role, without the prefix."""
    options = read(f"{ROLE}/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    return {name.removeprefix("codespaces_secrets_"): option for name, option in options.items()}


@pytest.mark.parametrize("name", ["state", "value", "encrypted_value", "update_value", "value_changed_at"])
def test_a_secret_in_a_list_is_documented_like_a_single_secret(name: str) -> None:
    alone = documentation("codespaces_repo_secret")["options"][name]["description"]
    listed = documentation("codespaces_secrets")["options"]["secrets"]["suboptions"][name]["description"]
    assert [text.replace("O(secrets[].", "O(") for text in listed] == alone


def test_the_menu_of_the_site_has_every_page() -> None:
    index = (COLLECTION / "docs/docsite/index.rst").read_text(encoding="utf-8")
    guides = [
        f"docsite/{name}" for section in read("docs/docsite/extra-docs.yml")["sections"] for name in section["toctree"]
    ]
    assert re.findall(r"^    (docsite/\w+)$", index, re.MULTILINE) == guides
    pages = {f"{name}_module" for name in MODULES} | {f"{path.name}_role" for path in (COLLECTION / "roles").iterdir()}
    for kind in ("filter", "inventory"):
        pages |= {f"{path.stem}_{kind}" for path in (COLLECTION / "plugins" / kind).glob("[!_]*.py")}
    assert set(re.findall(r"<(\w+_(?:module|role|filter|inventory))>", index)) == pages


@pytest.mark.parametrize("name", ["secrets", "user_secrets", "organization_secrets"])
def test_the_role_declares_lists_with_values_as_raw(name: str) -> None:
    # For a malformed row, Ansible's validation would show the values.
    assert role_options()[name]["elements"] == "raw"
    assert "options" not in role_options()[name]


def test_the_role_shares_the_other_options_with_its_module() -> None:
    module, role = documentation("codespaces_secrets")["options"], role_options()
    module = {**module["secrets"]["suboptions"], **module}
    # These have other defaults in the role, or become several options of the module.
    rest = role.keys() - {
        "token",
        "app_id",
        "app_private_key",
        "app_installation_id",
        "repositories",
        "secrets",
        "user_secrets",
        "organization",
        "organization_secrets",
    }
    assert rest == {"prune", "prune_keep", "prune_max", "prune_all", "update_value", "used_by", "concurrency"}
    assert {name: taken(role[name]) for name in rest} == {name: taken(module[name]) for name in rest}


def test_the_defaults_of_the_role_match_its_documentation() -> None:
    documented = {
        f"codespaces_secrets_{name}": option["default"]
        for name, option in role_options().items()
        if "default" in option
    }
    assert read(f"{ROLE}/defaults/main.yml") == documented


def test_the_role_lists_all_its_variables() -> None:
    with_secrets = {name.removeprefix("codespaces_secrets_") for name in (REPOSITORY, USER, ORGANIZATION)}
    assert role_options().keys() | {"gathered", "provisioned", "result"} == OTHERS | with_secrets


def test_the_readme_of_the_role_lists_its_variables() -> None:
    readme = (COLLECTION / ROLE / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `codespaces_secrets_(\w+)` \|", readme, re.MULTILINE)) == role_options().keys()


def test_the_documentation_of_the_role_does_not_validate_its_variables() -> None:
    # Ansible prefers the file without an extension, but ansible-doc reads only the other one.
    assert read(f"{ROLE}/meta/argument_specs") == {"argument_specs": {}}


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_file_has_a_docstring_and_imports_downwards(file: Path) -> None:
    tree = ast.parse((MODULE_UTILS / file).read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    room = str(file.parent).removeprefix(".")
    for node in ast.walk(tree):
        assert not isinstance(node, ast.ImportFrom) or not (node.level or "plugin_utils" in str(node.module))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{PLUGINS}.module_utils"):
            parts = node.module.removeprefix(f"{PLUGINS}.module_utils").strip(".").split(".")
            imported = parts[0] if (MODULE_UTILS / parts[0]).is_dir() else ""
            assert imported == room or level(imported) > level(room), ast.unparse(node)


@pytest.mark.parametrize("file", sorted(PLUGIN_UTILS.rglob("*.py")), ids=lambda path: path.stem)
def test_a_file_of_the_controller_has_a_docstring(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))


def imported_packages(file: Path) -> set[str]:
    """Return the top-level packages that a file imports at run time."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    conditions = (node for node in ast.walk(tree) if isinstance(node, ast.If))
    for_types = {
        id(inner) for node in conditions if ast.unparse(node.test) == "TYPE_CHECKING" for inner in ast.walk(node)
    }
    names: list[str] = []
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("library", IMPORTERS)
def test_only_one_file_imports_a_library(library: str) -> None:
    files = (COLLECTION / "plugins").rglob("*.py")
    importers = [file.relative_to(COLLECTION).as_posix() for file in files if library in imported_packages(file)]
    assert importers == [IMPORTERS[library]]


def test_the_architecture_page_matches_the_code() -> None:
    page = (COLLECTION / "docs/architecture.md").read_text(encoding="utf-8")
    files = [f"/{file.relative_to(COLLECTION).as_posix()}" for file in (COLLECTION / "plugins").rglob("*.py")]
    missing = [
        name for name in re.findall(r"[\w/]+\.py\b", page) if not any(file.endswith(f"/{name}") for file in files)
    ]
    assert not missing
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `_")]
    words = [str(file) for file in FILES if len(file.parts) == 1]
    listed = [re.findall(r"`([\w.]+)`", row) for row in rows]
    assert [sorted(row) for row in listed] == [sorted(room) for room in [*ROOMS[:-1], words]]
    assert dict(re.findall(r"\| `(\w+)` \| `(plugins/[\w/]+\.py)` \|", page)) == IMPORTERS
