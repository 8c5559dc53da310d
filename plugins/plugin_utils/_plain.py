# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turn data of the controller into the data that a module gets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any


def plain(value: Any) -> Any:
    """Return data as a module gets it, without what ansible-core notes about it."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool):
        return value
    # The rest are texts, and before ansible-core 2.19 vaulted values.
    return next((kind(value) for kind in (int, float) if isinstance(value, kind)), str(value))
