# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Explain problems with a proxy or a certificate on the way to GitHub."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ansible_collections.devex.github.plugins.module_utils._validation import printable, quoted

# A URL that does not match is not shown at all, because any part of it may be a password.
_PROXY = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?:[^/?#]*@)?(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])"
    r"(?P<port>:[0-9]{1,5})?/*"
)
_TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3})\s*(.*)", re.DOTALL)
# How OpenSSL names the certificates of a directory.
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")

# Codes of OpenSSL (X509_V_ERR_…).
_NOT_YET_VALID, _EXPIRED = 9, 10
_OTHER_HOST = frozenset({62, 64})
_UNKNOWN_ISSUER = frozenset({2, 18, 19, 20, 21, 27})


@dataclass(frozen=True)
class Proxy:
    """The proxy for requests to GitHub."""

    #: The URL, which may include a password.
    url: str = field(repr=False)
    #: The environment variables that set the proxy; empty: it comes from the system's settings.
    variables: tuple[str, ...] = ()

    @property
    def setting(self) -> str:
        """Where the proxy is set, in words."""
        return " and ".join(self.variables) or "the proxy settings of the system"

    @property
    def is_tls(self) -> bool:
        """Whether the connection to the proxy itself uses TLS."""
        return self.url.lower().startswith("https:")

    def __str__(self) -> str:
        """Return the URL without credentials, and where the proxy is set."""
        match = _PROXY.fullmatch(self.url)
        if match is None:
            return f"the proxy in {self.setting}"
        return f"the proxy {match['scheme'] or 'http'}://{match['host']}{match['port'] or ''} ({self.setting})"


def proxy(url: str, environment: Mapping[str, str]) -> Proxy:
    """Return the proxy of this URL, with the environment variables that set it for C(https)."""
    names = ("https_proxy", "all_proxy")
    return Proxy(url, tuple(name for name in environment if name.lower() in names and environment[name] == url))


def tunnel_answer(error: BaseException) -> tuple[int, str] | None:
    """Return the status and the text with which a proxy rejected a connection; None: another kind of error."""
    for cause in chain(error):
        match = _TUNNEL.search(str(cause)) if cause.__class__ is OSError else None
        if match:
            return int(match[1]), printable(match[2], 100)
    return None


def certificate_error(error: BaseException) -> tuple[int, str] | None:
    """Return OpenSSL's code and text for a certificate that cannot be verified; None: another kind of error."""
    for cause in chain(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            code = getattr(cause, "verify_code", 0)
            return code, printable(getattr(cause, "verify_message", "")).rstrip(".")
        # Older releases of urllib3 compare host names themselves.
        if type(cause).__name__ == "CertificateError":
            return min(_OTHER_HOST), printable(str(cause), 200).rstrip(".")
    return None


def certificate_advice(code: int, text: str, *, owner: str, authorities: tuple[str, str] | None) -> str:
    """Describe what is wrong with a certificate, and what to do.

    :arg owner: the owner of the certificate, in words.
    :arg authorities: the setting that lists trusted authorities, and its value; None: those of the system.
    """
    if code == _EXPIRED:
        return f"The certificate of {owner} has expired. Renew it, or correct the clock of this machine."
    if code == _NOT_YET_VALID:
        return f"The certificate of {owner} is not valid yet. Correct the clock of this machine."
    reason = f" ({text})" if text else ""
    if code in _OTHER_HOST:
        return f"The certificate of {owner} is for another host{reason}. Use a host name that it lists."
    if code not in _UNKNOWN_ISSUER:
        return f"The certificate of {owner} cannot be verified{reason}."
    problem = f"The certificate of {owner} is not from a trusted authority{reason}."
    if authorities is None:
        return f"{problem} Set ca_path to the certificate of the authority that issued it."
    setting, path = authorities
    return f"{problem} Add the certificate of the authority that issued it to {setting} ({quoted(path)})."


def authorities_problem(path: str) -> str | None:
    """Return why no trusted certificate can be read from a file or directory; None: there is no problem."""
    if not os.path.exists(path):
        return "does not exist"
    if os.path.isdir(path):
        return _directory_problem(path)
    if not os.path.isfile(path):
        return "is neither a file nor a directory"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        return "contains no certificate in PEM format"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None if context.cert_store_stats()["x509"] else "contains no certificate in PEM format"


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes, the innermost last."""
    while error is not None:
        yield error
        # Some errors of urllib3 only have their cause as an argument.
        argument = next((value for value in error.args if isinstance(value, BaseException)), None)
        error = error.__cause__ or error.__context__ or argument


def _directory_problem(path: str) -> str | None:
    try:
        names = os.listdir(path)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if any(map(_HASHED.fullmatch, names)):
        return None
    return "is a directory without files such as 2e5ac55d.0. Run 'openssl rehash' on the directory, or set a file"
