# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse the options of the connection to GitHub, which all modules share."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._github.route import authorities_problem
from ansible_collections.devex.github.plugins.module_utils._github.transport import Connection
from ansible_collections.devex.github.plugins.module_utils._options.app import app
from ansible_collections.devex.github.plugins.module_utils._validation import quoted

#: The end of an error about a missing token.
SET_TOKEN = (
    "Set the option, or the environment variable GITHUB_TOKEN or GH_TOKEN. For a GitHub App, set app_id and "
    "app_private_key."
)

# The least and the most of each number.
_BOUNDS = {"timeout": (1, 3600), "retries": (0, 100), "max_wait": (0, 30 * 86400)}

_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_API_PATH = re.compile(r"[A-Za-z0-9._/-]*")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_API_VERSION = re.compile(r"[A-Za-z0-9._-]+")


def connection(options: Mapping[str, Any], *, token_needed: bool = True) -> Connection:
    """Parse the options of the connection.

    :arg token_needed: False if each target may have its own token.
    :raises InputError: an option is not valid. The message does not contain the token or the key.
    :raises MissingLibrary: the options need a library that is not installed.
    """
    the_app = app(options)
    if token_needed and options["token"] is None and the_app is None:
        raise InputError(f"token is unset. {SET_TOKEN}")
    for name, (least, most) in _BOUNDS.items():
        if not least <= options[name] <= most:
            raise InputError(f"{name} must be from {least} to {most}.")
    if not _API_VERSION.fullmatch(options["api_version"]):
        raise InputError("api_version must be a date such as 2026-03-10.")
    ca_path = options["ca_path"]
    problem = None if ca_path is None else authorities_problem(ca_path)
    if problem:
        raise InputError(f"ca_path: {quoted(ca_path)} {problem}.")
    return Connection(
        token=token(options["token"]),
        api_url=_api_url(options["api_url"]),
        api_version=options["api_version"],
        timeout=options["timeout"],
        retries=options["retries"],
        max_wait=options["max_wait"],
        verify=(ca_path or True) if options["validate_certs"] else False,
        app=the_app,
    )


def token(text: str | None) -> str | None:
    """Return a valid token; None: not set.

    :raises InputError: it is empty or malformed. The message does not contain it.
    """
    if text == "":
        raise InputError(f"token is empty, which usually means an unset variable. {SET_TOKEN}")
    if text is not None and any(character.isspace() for character in text):
        raise InputError("token contains a space or a line break. Remove it, for example with the filter trim.")
    if text is not None and not _TOKEN.fullmatch(text):
        raise InputError(
            "token contains a character that is not printable ASCII, so it is not a token of GitHub. Check the "
            "variable or the file that it comes from."
        )
    return text


def _api_url(text: str) -> str:
    try:
        url = urlsplit(text)
        host, dummy = url.hostname or "", url.port
    except ValueError as error:
        raise InputError("api_url is not a URL. Set https://HOST or https://HOST/PATH.") from error
    plain = _HOST.fullmatch(url.netloc) and _API_PATH.fullmatch(url.path) and not url.query and not url.fragment
    if url.scheme not in ("http", "https") or not plain:
        raise InputError(
            "api_url (or the environment variable GITHUB_API_URL) must be https://HOST or https://HOST/PATH."
        )
    if url.scheme == "http" and not _is_loopback(host):
        fixed = f"https://{url.netloc}{url.path}"
        raise InputError(f"api_url uses plain HTTP, which would show the token to the network. Set {fixed}.")
    return f"{url.scheme}://{url.netloc.lower()}{url.path.rstrip('/')}"


def _is_loopback(host: str) -> bool:
    # Names below localhost may be resolved by DNS, so they do not count.
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
