# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Summarise the outcome of many secrets on one screen: counts, and each cause of a failure once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._engine.plan import WRITTEN
from ansible_collections.devex.github.plugins.module_utils._errors import Error, RateLimited, Stopped
from ansible_collections.devex.github.plugins.module_utils._scope import CODESPACES, Scope
from ansible_collections.devex.github.plugins.module_utils._time import format_time
from ansible_collections.devex.github.plugins.module_utils._validation import shortened, some

_DONE = {"create": "created", "update": "updated", "delete": "deleted", "none": "left"}
_OUTCOMES = (*_DONE.values(), "failed", "not_reached")
# In a message, "1 left" would read like a secret that remains to be written.
_WORDS = {"left": "unchanged"}
# Limits that fit one screen: of causes in the result and in the message, and of the characters of all.
_CAUSES = 10
_CAUSES_LENGTH = 3000
_SHOWN_CAUSES = 8
_SHOWN_LENGTH = 1600
_CAUSE_LENGTH = 600
_LEAST_LENGTH = 80
_CAUSES_WITH_DETAIL = 3


#: The place, the consumer and the name of a secret; name None: the scope itself.
Concerned: TypeAlias = "tuple[str, str, str | None]"


@dataclass(frozen=True)
class Group:
    """Scopes, consumers and names of secrets that all had the same outcome."""

    what: tuple[str, ...]
    scopes: tuple[str, ...]
    used_by: tuple[str, ...]
    #: Empty: the scopes themselves.
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.scopes) * len(self.used_by) * len(self.names)

    @property
    def titles(self) -> list[str]:
        """The scopes in messages, with their consumers unless these are Codespaces only."""
        consumers = "" if self.used_by == (CODESPACES,) else f" ({', '.join(self.used_by)})"
        return [f"{scope}{consumers}" for scope in self.scopes]


@dataclass(frozen=True)
class Failure:
    """A cause, and the secrets and scopes that failed because of it."""

    text: str
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)

    @property
    def secrets(self) -> list[Concerned]:
        """Each secret."""
        return [
            (scope, consumer, name)
            for group in self.groups
            for scope in group.scopes
            for consumer in group.used_by
            for name in group.names or (None,)
        ]


def summarize(items: Sequence[Item], scopes: int) -> dict[str, Any]:
    """Count secrets that were, or in check mode would be, created, updated, deleted, left, failed and not reached.

    Also count the values that were written, by reason.
    """
    counts = Counter(_outcome(item) for item in items)
    plans = [item.plan for item in items if item.plan and item.error is None]
    written = Counter(plan.reason for plan in plans if plan.reason in WRITTEN)
    return {"scopes": scopes, **{key: counts[key] for key in _OUTCOMES}, "written": dict(written)}


def failures(concerned: Iterable[tuple[Error, Scope, str | None]]) -> list[Failure]:
    """Return each cause once, the most frequent first.

    :arg concerned: an error, with the scope and the name of the secret; name None: the scope itself.
    """
    by_cause: dict[str, list[tuple[Error, Scope, str | None]]] = {}
    for row in concerned:
        by_cause.setdefault(row[0].cause, []).append(row)
    causes = []
    for cause, rows_of_cause in by_cause.items():
        errors = {id(error) for error, *dummy in rows_of_cause}
        # The detail of a single error helps. The detail of one error of many would mislead, or be too long.
        text = str(rows_of_cause[0][0]) if len(errors) == 1 and len(by_cause) <= _CAUSES_WITH_DETAIL else cause
        causes.append(
            Failure(text, tuple(group(((), _concerned(scope, name)) for dummy, scope, name in rows_of_cause)))
        )
    causes.sort(key=lambda failure: -failure.count)
    if len(causes) > _CAUSES:
        rest = causes[_CAUSES - 1 :]
        text = f"One of {len(rest)} further causes, such as: {rest[0].text}"
        secrets = (((), secret) for cause in rest for secret in cause.secrets)
        causes[_CAUSES - 1 :] = [Failure(text, tuple(group(secrets)))]
    number = sum(len(cause.groups) for cause in causes)
    length = max(_LEAST_LENGTH, min(_CAUSE_LENGTH, _CAUSES_LENGTH // max(1, number)))
    return [Failure(shortened(cause.text, length), cause.groups) for cause in causes]


def group(rows: Iterable[tuple[tuple[str, ...], Concerned]]) -> list[Group]:
    """Group secrets by their outcome. Join scopes with the same names, then consumers with the same scopes."""
    names_of: dict[tuple[tuple[str, ...], str, str], list[str]] = {}
    for what, (scope, consumer, name) in rows:
        names_of.setdefault((what, scope, consumer), []).extend([] if name is None else [name])
    scopes_of: dict[tuple[tuple[str, ...], str, tuple[str, ...]], list[str]] = {}
    for (what, scope, consumer), names in names_of.items():
        scopes_of.setdefault((what, consumer, tuple(names)), []).append(scope)
    used_by: dict[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (what, consumer, some_names), scopes in scopes_of.items():
        used_by.setdefault((what, some_names, tuple(scopes)), []).append(consumer)
    return [Group(what, scopes, tuple(consumers), names) for (what, names, scopes), consumers in used_by.items()]


def applied(items: Iterable[Item]) -> list[Group]:
    """Group the secrets that were written, by action and reason."""
    rows = ((item, item.plan) for item in items if item.error is None)
    return group(
        ((plan.action, plan.reason), _concerned(item.scope, item.desired.name))
        for item, plan in rows
        if plan and plan.writes
    )


def rows(groups: Iterable[Group], **fields: Any) -> list[dict[str, Any]]:
    """Return groups as rows of a result, with further fields."""
    return [
        {**fields, "scopes": list(group.scopes), "used_by": list(group.used_by), "names": list(group.names)}
        for group in groups
    ]


def message(summary: Mapping[str, Any], causes: Sequence[Failure], errors: Iterable[Error], *, check_mode: bool) -> str:
    """Return the message of a task that failed partway: what failed, what is done, why, and what to do next.

    :arg errors: of all secrets and scopes that failed or were not reached.
    """
    total = sum(summary[key] for key in _OUTCOMES)
    sentences = []
    if summary["failed"]:
        sentences.append(f"{summary['failed']} of {total} secrets failed.")
    if summary["not_reached"]:
        sentences.append(f"{summary['not_reached']} of {total} secrets were not reached.")
    if not sentences:
        sentences.append(f"{_scopes(causes)} of {summary['scopes']} scopes failed.")
    done = [f"{summary[key]} {_WORDS.get(key, key)}" for key in _DONE.values() if summary[key]]
    if done:
        sentences.append(f"{'Others would be' if check_mode else 'Others are done'}: {', '.join(done)}.")
    then = "" if check_mode or total <= 1 else _next(errors, left=summary["not_reached"])
    return "\n".join([" ".join(sentences), *lines(causes), *([then] if then else [])])


def unread(causes: Sequence[Failure], scopes: int) -> str:
    """Return the first line of a message about scopes that could not be read."""
    return f"The secrets of {_scopes(causes)} of {scopes} scopes could not be read."


def lines(causes: Sequence[Failure]) -> list[str]:
    """Return a line for each cause, or the first ones and the number of the others."""
    length = _SHOWN_LENGTH // min(len(causes), _SHOWN_CAUSES)
    shown = [_line(cause, length) for cause in causes[:_SHOWN_CAUSES]]
    more = len(causes) - _SHOWN_CAUSES
    return [*shown, f"And {more} more causes, which the result lists."] if more > 0 else shown


def _concerned(scope: Scope, name: str | None) -> Concerned:
    return scope.label, scope.consumer, name


def _outcome(item: Item) -> str:
    if item.error is None:
        return _DONE[item.plan.action] if item.plan else "failed"
    return "not_reached" if isinstance(item.error, Stopped) and not item.sent else "failed"


def _scopes(causes: Iterable[Failure]) -> int:
    return sum(len(group.scopes) * len(group.used_by) for cause in causes for group in cause.groups)


def _line(cause: Failure, length: int) -> str:
    text = shortened(cause.text, length)
    scopes = [title for group in cause.groups for title in group.titles]
    names = list(dict.fromkeys(name for group in cause.groups for name in group.names))
    if cause.count <= 1:
        return f"{' '.join([*scopes, *names])}: {text}"
    return f"{cause.count} secrets ({some(names)}) in {some(list(dict.fromkeys(scopes)))}: {text}"


def _next(errors: Iterable[Error], *, left: int) -> str:
    """Return what to do next if so many secrets are left; empty if the causes explain what to fix first."""
    errors = list(errors)
    limits = [error.ends for error in errors if isinstance(error, RateLimited)]
    if limits:
        return f"Run the task again after {format_time(max(limits))}. It continues with the rest."
    if any(error.passing for error in errors):
        return "Run the task again. It continues with the rest."
    return "Fix this, then run the task again. It continues with the rest." if left else ""
