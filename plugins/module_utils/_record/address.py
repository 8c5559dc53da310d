# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address of a record in PostgreSQL: which part of it may be shown, and which must not."""

from __future__ import annotations

import re
from urllib.parse import unquote

from ansible_collections.devex.github.plugins.module_utils._errors import InputError

# The other form that libpq accepts, "host=db user=team password='…'".
_KEYWORDS = re.compile(r"\s*\w+\s*=")
# Not the path of a file, but maybe a misspelt address, or one for another program: it may hold a password.
_LIKE_AN_ADDRESS = re.compile(
    rf"{_KEYWORDS.pattern}|\s*(?:[a-z][a-z0-9+.-]*:/|postgres(?:ql)?:)|\s*[^\s/~$][^@]*@"
    r"|.*\b(?:password|passwd|dbname)\s*=",
    re.DOTALL | re.IGNORECASE,
)
# Where libpq and a reader could take it apart in two ways, as with a bare @ in the password, it is none: libpq shows
# in its errors what it takes for a host or a port.
_ADDRESS = re.compile(
    r"(?P<scheme>postgres(?:ql)?://)(?:(?P<user>[^\s:@/?#]*)(?::(?P<password>[^\s@/?#]*))?(?P<at>@))?"
    r"(?P<place>[^\s@/?#]*(?:/[^\s:@/?#]*)?)(?:\?(?P<parameters>[^\s@?#]*))?"
)
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::[0-9]{0,5})?")
_PARAMETER = re.compile(r"([a-z_]+)=([^=]*)")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})|%00")
_SECRET_PARAMETER = re.compile("password|secret|scram")


class Address:
    """An address as libpq takes it: ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE?NAME=VALUE``."""

    def __init__(self, text: str) -> None:
        """:raises InputError: it is none; nothing of it is part of the text."""
        if _KEYWORDS.match(text):
            raise InputError(
                "fingerprints is a list of keywords of libpq, such as host=… or service=…, which is not supported. "
                "Write an address instead, such as postgresql://USER@HOST/DATABASE or postgresql:///?service=NAME, and "
                "set the environment variable PGPASSWORD."
            )
        match = _ADDRESS.fullmatch(text)
        if match is None or not text.isprintable() or _STRAY_PERCENT.search(text):
            raise _refused()
        hosts = match["place"].partition("/")[0].split(",")
        parameters = [_PARAMETER.fullmatch(part) for part in (match["parameters"] or "").split("&") if part]
        if not all(_HOST.fullmatch(host) for host in hosts) or not all(parameters):
            raise _refused()
        #: For libpq, with everything that is secret.
        self.text = text
        self.parameters = {found[1]: unquote(found[2]) for found in parameters if found}
        #: For people.
        self.shown = "".join(match[part] or "" for part in ("scheme", "user", "at", "place"))
        hidden = [found[2] for found in parameters if found and _SECRET_PARAMETER.search(found[1])]
        #: The passwords in it, as they are written, and as they are meant.
        self.secrets = {text for raw in (match["password"], *hidden) if raw for text in (raw, unquote(raw))}

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"


def is_address(text: str) -> bool:
    """Whether this is meant to be an address, rather than the path of a file."""
    return bool(_LIKE_AN_ADDRESS.match(text))


def secrets(text: object) -> set[str]:
    """What must not be shown of something that may be an address: its passwords; all of it where it is malformed."""
    if not isinstance(text, str) or not is_address(text):
        return set()
    try:
        return Address(text).secrets
    except InputError:
        return {text, text.strip()}


def _refused() -> InputError:
    return InputError(
        "fingerprints is neither the path of a file nor an address of the form "
        "postgresql://USER:PASSWORD@HOST:PORT/DATABASE?NAME=VALUE. In an address, write %40 for @, %2F for /, %3A for "
        ":, %25 for %, and so on; or leave the password out, and set the environment variable PGPASSWORD."
    )
