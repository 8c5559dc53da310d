# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible.errors import AnsibleError
from jinja2 import TemplateError

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.plugin_utils._role.evaluate import Evaluator

ONE = {"name": "ONE", "value": "first value"}
TWO = {"name": "TWO", "value": "second value"}


def template(raw: Any) -> Any:
    """Evaluate one known variable, and fail like Ansible for others."""
    if isinstance(raw, dict):
        return {key: template(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [template(value) for value in raw]
    if isinstance(raw, str) and "absent" in raw:
        raise AnsibleError("Error while resolving value for 'x': 'absent' is undefined")
    if isinstance(raw, str) and "concatenated" in raw:
        raise AnsibleError('can only concatenate list (not "UndefinedMarker") to list')
    if isinstance(raw, str) and "broken" in raw:
        raise AnsibleError("template error\x1b[0m")
    if isinstance(raw, str) and "bare" in raw:
        raise ValueError("time data 'first value' does not match")
    if isinstance(raw, str) and "wrapped" in raw:
        try:
            raise ValueError("time data 'first value' does not match")
        except ValueError as error:
            raise AnsibleError(f"The filter failed: {error}") from error
    if isinstance(raw, str) and "syntax" in raw:
        try:
            raise TemplateError("No filter named 'x'.")
        except TemplateError as error:
            raise AnsibleError(f"Syntax error in template: {error}") from error
    return {"{{ base }}": [ONE]}.get(raw, raw) if isinstance(raw, str) else raw


class Vaulted:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def __str__(self) -> str:
        if self.error:
            raise self.error
        return "vaulted"


HIDDEN = "a template fails with ValueError. The text of the error is not shown, because it may contain the value."


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ([ONE, {"name": "TWO", "value": "{{ absent }}"}], "x, secret TWO: 'absent' is undefined."),
        ([ONE, {"secret_name": "TWO", "value": "{{ absent }}"}], "x, secret TWO: 'absent' is undefined."),
        ([{"name": "{{ absent }}"}], "x: 'absent' is undefined."),
        (["{{ absent }}"], "x: 'absent' is undefined."),
        ("{{ rows + absent }}", "x, secret THREE: 'absent' is undefined."),
        ("{{ absent", "x: 'absent' is undefined."),
        ("{{ broken }}", "x: template error\N{REPLACEMENT CHARACTER}[0m"),
        ({"a": "{{ absent }}"}, "x: 'absent' is undefined."),
        ([ONE, {"name": "TWO", "value": "{{ bare }}"}], f"x, secret TWO: {HIDDEN}"),
        ([ONE, {"name": "TWO", "value": "{{ wrapped }}"}], f"x, secret TWO: {HIDDEN}"),
        (
            [ONE, {"name": "TWO", "value": "{{ syntax }}"}],
            "x, secret TWO: Syntax error in template: No filter named 'x'.",
        ),
        ([ONE, {"name": "TWO", "value": Vaulted(AnsibleError("no key"))}], "x, secret TWO: no key"),
    ],
)
def test_a_failed_template_is_reported_with_its_secret(raw: Any, message: str) -> None:
    variables = {"x": raw, "rows": "{{ more + x }}", "more": [{"name": "THREE", "value": "{{ absent }}"}]}
    with pytest.raises(InputError) as failed:
        Evaluator(variables, template).value_of("x")
    assert str(failed.value) == message


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ("{{ concatenated + x }}", "'missing' is undefined."),
        ("{{ range(9) + lookup('env', 'A') + concatenated + fine }}", None),
        ({"rows": ["{{ concatenated }}", "{{ missing }}"]}, "'missing' is undefined."),
    ],
)
def test_an_undefined_variable_is_named_if_ansible_reports_a_type(raw: Any, named: str | None) -> None:
    variables = {"concatenated": [], "x": ["{{ y }}", "{{ x }}"], "y": {"z": "{{ missing }}"}, "fine": "text"}
    with pytest.raises(InputError) as failed:
        Evaluator(variables, template).value("x", raw)
    assert str(failed.value) == "x: " + (named or 'can only concatenate list (not "UndefinedMarker") to list')


def test_evaluated_values_are_plain_data() -> None:
    omit = "__omit_place_holder__1"
    raw = {
        "rows": "{{ base }}",
        "time": datetime(2026, 3, 10, tzinfo=timezone.utc),
        "vaulted": Vaulted(),
        "left out": omit,
        "list": (1, 2.5, True, None, omit),
    }
    assert Evaluator({"omit": omit}, template).value("x", raw) == {
        "rows": [ONE],
        "time": "2026-03-10T00:00:00+00:00",
        "vaulted": "vaulted",
        "list": [1, 2.5, True, None],
    }
