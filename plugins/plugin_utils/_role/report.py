# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the result of one host, like that of a separate task."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.devex.github.plugins.plugin_utils._role.unite import United

Result = dict[str, Any]

# The option in the module's error about prune_max. In the role, it is a variable.
_PRUNE_MAX = re.compile(r"(?<![\w/-])prune_max(?= is |=)")

#: The keys with a row for each secret or cause, which are joined.
_LISTS = ("failures", "applied", "secrets", "operations", "diff")


def report(host: str, united: United, outcomes: Mapping[int, Result]) -> Result:
    """Return the result of a host.

    :arg united: the targets of all hosts.
    :arg outcomes: the results of the targets, by number.
    """
    if host in united.refused:
        return failed(united.refused[host])
    return _joined([outcomes[number] for number in united.reported[host]])


def outcomes_of(numbers: Sequence[int], provisioned: Mapping[str, Any]) -> dict[int, Result]:
    """Return the results of targets, by number.

    :arg numbers: the numbers of the targets.
    :arg provisioned: the result of codespaces_secrets for these targets.
    """
    if "targets" in provisioned:
        return dict(zip(numbers, provisioned["targets"], strict=True))
    # The module failed before it provisioned any target.
    return dict.fromkeys(numbers, failed(str(provisioned.get("msg", "Nothing was provisioned."))))


def summed(results: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one summary for several results of codespaces_secrets. Results without a summary do not count."""
    summaries = [dict(result["summary"]) for result in results if "summary" in result]
    counts: Counter[str] = Counter()
    written: Counter[str] = Counter()
    for summary in summaries:
        written.update(summary.pop("written"))
        counts.update(summary)
    return {**counts, "written": dict(written)} if summaries else {}


def _joined(results: Sequence[Mapping[str, Any]]) -> Result:
    joined: Result = {"changed": any(result["changed"] for result in results)}
    for result in results:
        for key in _LISTS:
            if key in result:
                joined.setdefault(key, []).extend(map(_in_terms_of_the_role, result[key]))
    joined["summary"] = summed(results)
    messages = [_in_terms_of_the_role(result["msg"]) for result in results if "msg" in result]
    return joined | ({"failed": True, "msg": "\n".join(dict.fromkeys(messages))} if messages else {})


def _in_terms_of_the_role(found: Any) -> Any:
    """Replace the module's option in texts by the variable of the role."""
    if isinstance(found, Mapping):
        return {key: _in_terms_of_the_role(value) for key, value in found.items()}
    if isinstance(found, list):
        return [_in_terms_of_the_role(value) for value in found]
    return _PRUNE_MAX.sub("codespaces_secrets_prune_max", found) if isinstance(found, str) else found


def failed(text: str) -> Result:
    """Return the result of a host that was not provisioned."""
    return {"failed": True, "changed": False, "msg": text}
