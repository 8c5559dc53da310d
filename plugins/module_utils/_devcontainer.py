# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a devcontainer.json recommends; the only place that imports json5."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import Malformed
from ansible_collections.devex.github.plugins.module_utils._outside import printable

JSON5_IMPORT_ERROR: str | None = None
try:
    import json5

    # An installation of which only the directory is left can be imported, too.
    _NEEDED = json5.loads
except Exception:
    # A broken installation raises whatever it likes.
    JSON5_IMPORT_ERROR = traceback.format_exc()

# It takes json5 a second or two; files that people write have a hundredth of it.
_KIBIBYTES = 256


@dataclass(frozen=True)
class Recommended:
    """A secret that a project wants."""

    #: As the file has it, which may be no name at all.
    name: str
    description: str | None = None
    documentation_url: str | None = None


def recommended(content: bytes) -> list[Recommended]:
    """The secrets that a devcontainer.json names.

    Where it has a name twice, the last one counts, as everywhere in JSON.

    :raises Malformed: it is none.
    """
    if len(content) > _KIBIBYTES * 1024:
        raise Malformed(f"it is larger than {_KIBIBYTES} KiB")
    try:
        found = json5.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Malformed("it is not UTF-8") from error
    except RecursionError as error:
        raise Malformed("it is nested too deeply") from error
    except ValueError as error:
        where = printable(str(error).replace("<string>:", "line "), 200)
        raise Malformed(f"it is not JSON with comments: {where}") from error
    if not isinstance(found, dict):
        raise Malformed("it is JSON, but not an object")
    secrets = found.get("secrets", {})
    if not isinstance(secrets, dict):
        raise Malformed("its secrets are not an object")
    return [_recommended(name, told if isinstance(told, dict) else {}) for name, told in secrets.items()]


def _recommended(name: str, told: dict[str, Any]) -> Recommended:
    return Recommended(name, _text(told.get("description")), _text(told.get("documentationUrl")))


def _text(told: Any) -> str | None:
    return (printable(told) or None) if isinstance(told, str) else None
