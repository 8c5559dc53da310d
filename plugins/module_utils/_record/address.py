# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse the address of a PostgreSQL store, and keep its passwords apart from what may be shown."""

from __future__ import annotations

import re
from urllib.parse import unquote

from ansible_collections.devex.github.plugins.module_utils._errors import InputError

# The other form that libpq accepts, "host=db user=team password='…'".
_KEYWORDS = re.compile(r"\s*\w+\s*=")
# Texts that look like an address, even a misspelt one, instead of a path. They may contain a password.
_LIKE_AN_ADDRESS = re.compile(
    rf"{_KEYWORDS.pattern}|\s*(?:[a-z][a-z0-9+.-]*:/|postgres(?:ql)?:)|\s*(?://[^/]|[^\s/~$])[^@]*@"
    r"|.*\b(?:password|passwd|dbname)\s*=",
    re.DOTALL | re.IGNORECASE,
)
# Ambiguous addresses, such as those with a bare @ in the password, do not match, because libpq's errors show the part
# that it parses as a host or a port.
_ADDRESS = re.compile(
    r"(?P<scheme>postgres(?:ql)?://)(?:(?P<user>[^\s:@/?#]*)(?::(?P<password>[^\s@/?#]*))?(?P<at>@))?"
    r"(?P<place>[^\s@/?#]*(?:/[^\s:@/?#]*)?)(?:\?(?P<parameters>[^\s@?#]*))?"
)
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::[0-9]{0,5})?")
_PARAMETER = re.compile(r"([a-z_]+)=([^=]*)")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})|%00")
_SECRET_PARAMETER = re.compile("password|secret|scram")


class Address:
    """An address for libpq: ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE?NAME=VALUE``."""

    def __init__(self, text: str) -> None:
        """:raises InputError: the text is malformed. The message does not contain it."""
        if _KEYWORDS.match(text):
            raise InputError(
                "fingerprints: keywords of libpq, such as host=… or service=…, are not supported. Set an address "
                "instead, such as postgresql://USER@HOST/DATABASE or postgresql:///?service=NAME, and pass the "
                "password in the environment variable PGPASSWORD."
            )
        match = _ADDRESS.fullmatch(text)
        if match is None or not text.isprintable() or _STRAY_PERCENT.search(text):
            raise _refused()
        hosts = match["place"].partition("/")[0].split(",")
        parameters = [_PARAMETER.fullmatch(part) for part in (match["parameters"] or "").split("&") if part]
        if not all(_HOST.fullmatch(host) for host in hosts) or not all(parameters):
            raise _refused()
        #: The whole address, for libpq.
        self.text = text
        self.parameters = {pair[1]: unquote(pair[2]) for pair in parameters if pair}
        #: The address without passwords and parameters, for messages.
        self.shown = "".join(match[part] or "" for part in ("scheme", "user", "at", "place"))
        hidden = [pair[2] for pair in parameters if pair and _SECRET_PARAMETER.search(pair[1])]
        #: The passwords, both quoted and unquoted.
        self.secrets = {text for raw in (match["password"], *hidden) if raw for text in (raw, unquote(raw))}

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"


def is_address(text: str) -> bool:
    """Return whether the text looks like an address, even a malformed one, not like the path of a file."""
    return bool(_LIKE_AN_ADDRESS.match(text))


def secrets(text: object) -> set[str]:
    """Return the passwords of an address, which must not be shown. If the address is malformed, return all of it."""
    if not isinstance(text, str) or not is_address(text):
        return set()
    try:
        return Address(text).secrets
    except InputError:
        return {text, text.strip()}


def _refused() -> InputError:
    return InputError(
        "fingerprints is neither the path of a file nor an address of the form "
        "postgresql://USER:PASSWORD@HOST:PORT/DATABASE?NAME=VALUE. In a password, write %40 for @, %2F for /, %3A for "
        ":, %25 for %, and so on, or omit the password and set the environment variable PGPASSWORD."
    )
