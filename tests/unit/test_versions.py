# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The install commands in the documentation, compared with galaxy.yml, which the tarball does not contain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.devex.github.plugins.module_utils import _scope

CHECKOUT = Path(_scope.__file__).parents[2]
VERSION = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
SOURCE = "https://github.com/devex/ansible-collection-github.git"
TARBALL = r"devex-github-([\w.]+?)\.tar\.gz"
FILES = [
    path
    for path in [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*"), *(CHECKOUT / "roles").rglob("*.md")]
    if path.suffix in (".cfg", ".md", ".rst", ".yml")
    and re.search(f"{SOURCE}|{TARBALL}", path.read_text(encoding="utf-8"))
]
#: The forms of a version next to a source or a tarball.
NAMED = rf"{SOURCE},(\S+?)[\"`]?$|--branch (\S+) {SOURCE}$|{SOURCE}\n +type: git\n +version: (\S+)$"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_documented_versions_match_galaxy_yml(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = ["".join(groups) for groups in re.findall(NAMED, text, re.MULTILINE)]
    assert {*named, *re.findall(TARBALL, text)} <= {VERSION}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_no_page_pins_a_version_before_the_first_release(path: Path) -> None:
    assert "no release on Ansible Galaxy yet" in (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert re.findall(NAMED, path.read_text(encoding="utf-8"), re.MULTILINE) == []


def test_the_readme_and_the_first_guide_are_checked() -> None:
    assert {"README.md", "guide_getting_started.rst"} <= {path.name for path in FILES}
