# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert the input of a filter to text."""

from __future__ import annotations

from jinja2 import Undefined


def text(value: object) -> str | None:
    """Return the input of a filter as text; None: it has another type.

    Before ansible-core 2.19, the input may be a vaulted text that is not a C(str) yet, or an undefined variable.

    :raises jinja2.UndefinedError: the variable is undefined. The message contains its name.
    """
    if isinstance(value, (str, Undefined)) or getattr(value, "__ENCRYPTED__", False):
        return str(value)
    return None
