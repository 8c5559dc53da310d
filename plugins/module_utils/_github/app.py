# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sign as a GitHub App. Only this file imports PyJWT, and only if a task uses an App."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import InputError, MissingLibrary
from ansible_collections.devex.github.plugins.module_utils._github.credentials import Unrenewed
from ansible_collections.devex.github.plugins.module_utils._github.transport import App, Bearer
from ansible_collections.devex.github.plugins.module_utils._time import from_seconds

# GitHub recommends a minute in the past, because clocks differ.
_ISSUED_SECONDS_AGO = 60
# GitHub accepts at most 10 minutes.
_VALID_SECONDS = 9 * 60
# The time of an answer is in whole seconds, and the answer takes a moment.
_INEXACT_SECONDS = 2
_LIBRARY = "pyjwt[crypto]>=2"


def sign(app: App, now: float) -> str:
    """Return a JSON web token of an App, for the next minutes.

    :arg now: seconds since 1970.
    :raises MissingLibrary: PyJWT or cryptography is missing or too old.
    :raises InputError: the private key cannot be used. The message does not contain it.
    """
    library = _library()
    claims = {"iat": int(now) - _ISSUED_SECONDS_AGO, "exp": int(now) + _VALID_SECONDS, "iss": str(app.id)}
    try:
        signed = library.encode(claims, app.private_key, algorithm="RS256")
    except Exception:
        # Its text might show the key.
        raise InputError(
            "app_private_key is not a usable key. Use the PEM file that GitHub generates for the App, which has an RSA "
            "private key without a passphrase."
        ) from None
    if not isinstance(signed, str):
        # PyJWT 1 returns bytes.
        raise MissingLibrary(_LIBRARY, f"PyJWT {library.__version__} is too old. Version 2 or newer is required.")
    return signed


def _library() -> Any:
    try:
        import jwt
        from jwt.algorithms import has_crypto
    except Exception:
        # A broken installation can raise any exception.
        raise MissingLibrary(_LIBRARY, traceback.format_exc()) from None
    if not has_crypto:
        raise MissingLibrary(_LIBRARY, "PyJWT cannot import cryptography.")
    return jwt


class AppKey(Unrenewed):
    """The private key of an App, which only serves to get tokens of installations."""

    is_app = True

    def __init__(self, app: App, clock: Callable[[], float] = time.time) -> None:
        """:arg clock: seconds since 1970."""
        self._app = app
        self._clock = clock

    @property
    def identity(self) -> str:
        return f"app:{self._app.id}"

    def bearer(self) -> AbstractContextManager[Bearer]:
        # Each request has a new signature.
        return nullcontext(Bearer(sign(self._app, self._clock())))

    def advice(self, at: datetime | None) -> str:
        ahead = 0.0 if at is None else (from_seconds(int(self._clock())) - at).total_seconds()
        if not _INEXACT_SECONDS - _VALID_SECONDS < ahead < _ISSUED_SECONDS_AGO - _INEXACT_SECONDS:
            direction = "ahead of" if ahead > 0 else "behind"
            return (
                f"The clock of this machine is {abs(ahead):.0f} s {direction} GitHub's, so GitHub rejects the App's "
                "signature. Set the clock."
            )
        return f"Check that app_private_key is a current key of the GitHub App {self._app.id}, and app_id is right."
