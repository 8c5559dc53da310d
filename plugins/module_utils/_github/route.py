# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Explain what is wrong between this machine and GitHub: with a proxy, or with a certificate."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ansible_collections.devex.github.plugins.module_utils._validation import printable, quoted

# Only what is surely no part of a password is shown, so anything unusual is not shown at all.
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
    """A proxy that requests to GitHub pass."""

    #: As it is set, which may include a password.
    url: str = field(repr=False)
    #: The environment variables that set it; none: the system's settings do.
    variables: tuple[str, ...] = ()

    @property
    def setting(self) -> str:
        """Where it is set, in words."""
        return " and ".join(self.variables) or "the proxy settings of the system"

    @property
    def is_tls(self) -> bool:
        """Whether the connection to the proxy itself uses TLS."""
        return self.url.lower().startswith("https:")

    def __str__(self) -> str:
        """Its address without credentials, and where it is set."""
        found = _PROXY.fullmatch(self.url)
        if found is None:
            return f"the proxy in {self.setting}"
        return f"the proxy {found['scheme'] or 'http'}://{found['host']}{found['port'] or ''} ({self.setting})"


def proxy(url: str, environment: Mapping[str, str]) -> Proxy:
    """Find out which environment variables set a proxy for C(https).

    :arg url: the proxy that is used.
    """
    names = ("https_proxy", "all_proxy")
    return Proxy(url, tuple(name for name in environment if name.lower() in names and environment[name] == url))


def tunnel_answer(error: BaseException) -> tuple[int, str] | None:
    """The status with which a proxy rejected a connection, and its text; None: the error is about something else."""
    for one in chain(error):
        found = _TUNNEL.search(str(one)) if one.__class__ is OSError else None
        if found:
            return int(found[1]), printable(found[2], 100)
    return None


def certificate_error(error: BaseException) -> tuple[int, str] | None:
    """OpenSSL's code and text for a certificate that cannot be verified; None: the error is about something else."""
    for one in chain(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            code = getattr(one, "verify_code", 0)
            return code, printable(getattr(one, "verify_message", "")).rstrip(".")
        # Older releases of urllib3 compare host names themselves.
        if type(one).__name__ == "CertificateError":
            return min(_OTHER_HOST), printable(str(one), 200).rstrip(".")
    return None


def certificate_advice(code: int, text: str, *, owner: str, authorities: tuple[str, str] | None) -> str:
    """What is wrong with a certificate, and what to do.

    :arg code: of OpenSSL, as is the text.
    :arg owner: whose certificate it is, in words.
    :arg authorities: the setting that lists trusted authorities, and its value; None: those of the system.
    """
    if code == _EXPIRED:
        return f"The certificate of {owner} has expired. Have it renewed, or correct the clock of this machine."
    if code == _NOT_YET_VALID:
        return f"The certificate of {owner} is not valid yet. Correct the clock of this machine."
    said = f" ({text})" if text else ""
    if code in _OTHER_HOST:
        return f"The certificate of {owner} is for another host{said}. Use a host name that the certificate lists."
    if code not in _UNKNOWN_ISSUER:
        return f"The certificate of {owner} cannot be verified{said}."
    problem = f"The certificate of {owner} is not from a trusted authority{said}."
    if authorities is None:
        return f"{problem} Set ca_path to the certificate of the authority that issued it."
    setting, path = authorities
    return f"{problem} {setting} ({quoted(path)}) lacks the certificate of the authority that issued it. Add it there."


def authorities_problem(path: str) -> str | None:
    """Why no trusted certificate can be read from a file or directory; None: some can."""
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
    """An error and its causes, the innermost last."""
    while error is not None:
        yield error
        # Some errors of urllib3 only hold their cause as an argument.
        held = next((one for one in error.args if isinstance(one, BaseException)), None)
        error = error.__cause__ or error.__context__ or held


def _directory_problem(path: str) -> str | None:
    try:
        names = os.listdir(path)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if any(map(_HASHED.fullmatch, names)):
        return None
    return "is a directory without names such as 2e5ac55d.0. Run 'openssl rehash' on it, or set a file"
