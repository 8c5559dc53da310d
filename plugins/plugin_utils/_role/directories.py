# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reject hosts that receive another host's variables, because of how Ansible finds variable files by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from os.path import splitext
from typing import Any

from ansible import constants

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._validation import printable, some


def refuse_foreign_variables(variables: Mapping[str, Any]) -> None:
    """Reject a host if the files of another host, or of a group that it is not in, are loaded for it as well.

    The whole inventory counts, because ``--limit`` does not change which files Ansible loads.

    :arg variables: all variables of the host.
    :raises InputError: the names of the other hosts or groups, and why.
    """
    groups, own = variables["groups"], variables["group_names"]
    _refuse("host", variables["inventory_hostname"], groups["all"])
    for group in own:
        _refuse("group", group, groups.keys() - {*own})


def _refuse(kind: str, name: str, others: Collection[str]) -> None:
    """Reject a host or a group.

    :arg kind: host or group.
    :arg others: names of the same kind; it does not matter whether the name itself is among them.
    """
    # Case does not count in the file systems of macOS and Windows.
    directory = f"{name.rstrip('/')}/".lower()
    stem, extension = splitext(name.lower())
    if below := sorted(other for other in others if other != name and other.lower().startswith(directory)):
        foreign, why = below, f"Ansible loads all files below {kind}_vars/{name}/ for it"
    elif extension in constants.YAML_FILENAME_EXTENSIONS and stem in {other.lower() for other in others}:
        foreign, why = [name[: len(stem)]], f"{kind}_vars/{name} is the file of both"
    else:
        return
    then = " and list its repositories in codespaces_secrets_repositories" if kind == "host" else ""
    text = f"The {kind} {name} also gets the variables of {some(foreign)}, because {why}. Rename the {kind}{then}."
    raise InputError(printable(text))
