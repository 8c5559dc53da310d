# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text that a filter is handed."""

from __future__ import annotations

from jinja2 import Undefined


def text(value: object) -> str | None:
    """What a filter is handed, as text; None: it is none.

    Before ansible-core 2.19, a text that is vaulted by itself is no C(str) yet, and filters are handed variables that
    are not defined.

    :raises jinja2.UndefinedError: the variable is not defined; the error names it.
    """
    if isinstance(value, (str, Undefined)) or getattr(value, "__ENCRYPTED__", False):
        return str(value)
    return None
