# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The subset of GraphQL that a lookup of repositories uses: aliases, arguments, variables, nested fields."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""(?P<skip>[\s,\ufeff]+|\#[^\n]*)
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<mark>\.\.\.|[{}()\[\]:$!=@])""",
    re.VERBOSE,
)


class BadQuery(ValueError):
    """The document cannot be parsed, or has an unknown field. The text contains the reason."""


@dataclass(frozen=True)
class Field:
    """A field of a selection, with the `key` of its answer."""

    key: str
    name: str
    arguments: Mapping[str, Any]
    fields: tuple[Field, ...]
    line: int
    column: int


class _Parser:
    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        self.variables = variables
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        position = 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise BadQuery(f"Parse error on {text[position]!r} (error) at {self._place(position)}")
            if match.lastgroup != "skip":
                self.tokens.append((str(match.lastgroup), match.group(), position))
            position = match.end()
        self.at = 0

    def document(self) -> tuple[Field, ...]:
        kind, text, _position = self._peek()
        if kind == "name":
            if text != "query":
                raise BadQuery(f"Only queries are served here, not {text!r}")
            self._next()
            if self._peek()[0] == "name":
                self._next()
            if self._peek()[1] == "(":
                self._skip_declarations()
        fields = self._selection()
        if self.at < len(self.tokens):
            raise self._unexpected()
        return fields

    def _place(self, position: int) -> str:
        line, column = self._position(position)
        return f"[{line}, {column}]"

    def _position(self, position: int) -> tuple[int, int]:
        before = self.text[:position]
        return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1

    def _peek(self) -> tuple[str, str, int]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "", len(self.text))

    def _next(self) -> tuple[str, str, int]:
        token = self._peek()
        self.at += 1
        return token

    def _unexpected(self) -> BadQuery:
        kind, text, position = self._peek()
        return BadQuery(f"Parse error on {text!r} ({kind}) at {self._place(position)}")

    def _expect(self, text: str) -> None:
        if self._peek()[1] != text:
            raise self._unexpected()
        self._next()

    def _name(self) -> str:
        if self._peek()[0] != "name":
            raise self._unexpected()
        return self._next()[1]

    def _skip_declarations(self) -> None:
        while self._peek()[1] != ")":
            if self._peek()[0] == "end":
                raise self._unexpected()
            self._next()
        self._next()

    def _selection(self) -> tuple[Field, ...]:
        self._expect("{")
        fields = []
        while self._peek()[1] != "}":
            fields.append(self._field())
        self._next()
        return tuple(fields)

    def _field(self) -> Field:
        line, column = self._position(self._peek()[2])
        key = name = self._name()
        if self._peek()[1] == ":":
            self._next()
            name = self._name()
        arguments = {}
        if self._peek()[1] == "(":
            self._next()
            while self._peek()[1] != ")":
                argument = self._name()
                self._expect(":")
                arguments[argument] = self._value()
            self._next()
        fields = self._selection() if self._peek()[1] == "{" else ()
        return Field(key, name, arguments, fields, line, column)

    def _value(self) -> Any:
        kind, text, _position = self._peek()
        if text == "$":
            self._next()
            name = self._name()
            if name not in self.variables:
                raise BadQuery(f"Variable ${name} was not provided")
            return self.variables[name]
        if kind == "string":
            self._next()
            try:
                return json.loads(text)
            except ValueError:
                raise BadQuery(f"Parse error: not a string: {text}") from None
        if kind == "number" or text in ("true", "false", "null"):
            self._next()
            return json.loads(text)
        raise self._unexpected()


def answer(
    body: Mapping[str, Any],
    find: Callable[[str], Mapping[str, Any] | str],
    viewer: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the answer to the body of a request. Its HTTP status is always 200.

    `find` returns the fields of a repository by full name, or the type of the error, such as ``NOT_FOUND``.
    """
    query = body.get("query")
    if not isinstance(query, str):
        return {"errors": [{"message": "A query attribute must be specified and must be a string."}]}
    data: dict[str, Any] = {}
    problems: list[dict[str, Any]] = []
    try:
        for one in _Parser(query, body.get("variables") or {}).document():
            if one.name == "__typename":
                data[one.key] = "Query"
            elif one.name == "viewer":
                data[one.key] = _picked(one, viewer, "User")
            elif one.name == "repository":
                data[one.key] = _repository(one, find, problems)
            else:
                raise BadQuery(f"Field '{one.name}' doesn't exist on type 'Query'")
    except BadQuery as problem:
        return {"errors": [{"message": str(problem)}]}
    return {"data": data, "errors": problems} if problems else {"data": data}


def _repository(
    one: Field, find: Callable[[str], Mapping[str, Any] | str], problems: list[dict[str, Any]]
) -> dict[str, Any] | None:
    names = [one.arguments.get(argument) for argument in ("owner", "name")]
    if not all(isinstance(name, str) for name in names):
        raise BadQuery("Field 'repository' is missing required arguments: owner, name")
    full_name = "/".join(map(str, names))
    found = find(full_name)
    if not isinstance(found, str):
        return _picked(one, found, "Repository")
    message = f"Could not resolve to a Repository with the name '{full_name}'."
    if found != "NOT_FOUND":
        message = "Resource protected by organization SAML enforcement."
    location = {"line": one.line, "column": one.column}
    problems.append({"type": found, "path": [one.key], "locations": [location], "message": message})
    return None


def _picked(one: Field, values: Mapping[str, Any], kind: str) -> dict[str, Any]:
    if not one.fields:
        raise BadQuery(f"Field must have selections (field '{one.name}' returns {kind} but has no selections.)")
    picked: dict[str, Any] = {}
    for wanted in one.fields:
        if wanted.name == "__typename":
            picked[wanted.key] = kind
        elif wanted.name not in values:
            raise BadQuery(f"Field '{wanted.name}' doesn't exist on type '{kind}'")
        elif isinstance(values[wanted.name], Mapping):
            picked[wanted.key] = _picked(wanted, values[wanted.name], "RepositoryOwner")
        else:
            picked[wanted.key] = values[wanted.name]
    return picked
