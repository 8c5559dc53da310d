# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unite the targets of all hosts, with each scope once, and find hosts that disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._validation import some
from ansible_collections.devex.github.plugins.plugin_utils._role.gather import Target

_KINDS = ("repository", "organization", "user")


@dataclass
class United:
    """The targets of all hosts."""

    targets: list[Target] = field(default_factory=list)
    #: The numbers of the targets that each host reports.
    reported: dict[str, list[int]] = field(default_factory=dict)
    #: The reason for each host that is not provisioned.
    refused: dict[str, str] = field(default_factory=dict)


def unite(gathered: Mapping[str, Mapping[str, Any]]) -> United:
    """Unite the targets of several hosts for the same scope. The first host reports the scope.

    Hosts that disagree about a scope are rejected, and not provisioned.

    :arg gathered: the ``targets`` and the ``connection`` of each host, in the order of hosts. A host whose variables
        have an error has its ``repositories`` instead, which no other host may prune.
    """
    wanted = {host: found["targets"] for host, found in gathered.items() if "targets" in found}
    connections = {host: found["connection"] for host, found in gathered.items() if "targets" in found}
    failed = {
        host: [{"repository": name, "secrets": []} for name in found["repositories"]]
        for host, found in gathered.items()
        if "targets" not in found
    }
    united = United(refused={**_disagreeing({**wanted, **failed}), **_apart(connections)})
    numbers: dict[tuple[str, ...], int] = {}
    for host, targets in wanted.items():
        if host in united.refused:
            continue
        united.reported[host] = []
        for target in targets:
            number = numbers.setdefault(_scope(target), len(united.targets))
            if number == len(united.targets):
                united.targets.append({**target, "secrets": list(target["secrets"])})
                united.reported[host].append(number)
                continue
            present = united.targets[number]["secrets"]
            known = {(_name(row), consumer) for row in present for consumer in row["used_by"]}
            for row in target["secrets"]:
                others = [consumer for consumer in row["used_by"] if (_name(row), consumer) not in known]
                if others:
                    present.append({**row, "used_by": others})
    return united


def rounds(targets: Sequence[Target]) -> list[list[int]]:
    """Return the numbers of the targets for each process. A repository with two tokens requires two processes."""
    found: list[list[int]] = []
    times: Counter[tuple[str, str]] = Counter()
    for number, target in enumerate(targets):
        place = _place(target)
        if times[place] == len(found):
            found.append([])
        found[times[place]].append(number)
        times[place] += 1
    return found


def _apart(connections: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the reasons for hosts that one process cannot provision together with the first host."""
    refused = {}
    first = next(iter(connections), "")
    for host, connection in connections.items():
        keys = connection.keys() | connections[first].keys()
        differing = sorted(key for key in keys if connection.get(key) != connections[first].get(key))
        if differing:
            refused[host] = (
                f"{', '.join(differing)} of this host and of {first} differ, but one process provisions all hosts of a "
                "batch, so only tokens may differ. Use a separate play or batch for each of these hosts."
            )
    return refused


def _disagreeing(wanted: Mapping[str, Sequence[Target]]) -> dict[str, str]:
    asked: dict[tuple[str, ...], list[tuple[str, Target]]] = {}
    for host, targets in wanted.items():
        for target in targets:
            asked.setdefault(_place(target), []).append((host, target))
    refused: dict[str, str] = {}
    for (kind, name), askers in asked.items():
        if len(askers) == 1:
            continue
        hosts = [host for host, dummy in askers]
        where = kind if kind == "user" else f"{kind} {name}"
        if any(target.get("prune") for dummy, target in askers):
            for host in hosts:
                refused[host] = (
                    f"Several hosts manage the {where}, and prune it: {some(hosts)}. Keep it in one of these hosts."
                )
            continue
        first: dict[tuple[str, str], tuple[str, Any]] = {}
        asked_rows = ((host, row) for host, target in askers for row in target["secrets"])
        for host, row in asked_rows:
            for consumer in row["used_by"]:
                earlier, same = first.setdefault((_name(row), consumer), (host, row))
                if _plain(same) != _plain(row):
                    text = (
                        f"The hosts {earlier} and {host} disagree about the secret {_name(row)} of the {where}. Set "
                        "the same options in both."
                    )
                    refused.setdefault(earlier, text)
                    refused.setdefault(host, text)
    return refused


def _scope(target: Target) -> tuple[str, ...]:
    """Return the kind and the name of the scope, and the token, because each host is provisioned with its token."""
    kind = _kind(target)
    return kind, str(target[kind]).lower(), str(target.get("token", ""))


def _place(target: Target) -> tuple[str, str]:
    """Return the kind and the name of the scope. The token replaces the name of the user, whom it identifies."""
    kind, name, token = _scope(target)
    return (kind, token if kind == "user" else name)


def _kind(target: Target) -> str:
    return next(kind for kind in _KINDS if kind in target)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the meaning of a row for one of its consumers, regardless of omitted defaults and aliases."""
    apart = ("name", "secret_name", "used_by")
    given = {key: value for key, value in row.items() if value is not None and key not in apart}
    return {"state": "present", **given}


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("name") or row.get("secret_name")).upper()
