# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to devex.github: may change at any time, in any way.

from __future__ import annotations

import base64
import os
import threading
import traceback

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError

NACL_IMPORT_ERROR: str | None = None
try:
    import nacl.exceptions
    import nacl.public
    import nacl.pwhash.argon2id
except ImportError:
    NACL_IMPORT_ERROR = traceback.format_exc()

#: What a sealed box is longer than its plaintext, in bytes.
SEAL_OVERHEAD = 48

# One of OWASP's equivalent minimum settings for Argon2id, and the cheapest of them here.
_PASSES = 5
_MEMORY = 7 * 1024 * 1024


def seal(plaintext: str, public_key: str) -> str:
    """Seal a value for GitHub.

    :arg public_key: X25519, 32 bytes in base64, as GitHub sends it.
    :returns: libsodium sealed box in base64.
    :raises GitHubError: the key is none.
    """
    message = plaintext.encode()
    try:
        box = nacl.public.SealedBox(nacl.public.PublicKey(base64.b64decode(public_key, validate=True)))
        return base64.b64encode(box.encrypt(message)).decode("ascii")
    except (ValueError, TypeError, RuntimeError, nacl.exceptions.CryptoError) as error:
        raise GitHubError("GitHub sent a public key that is not an X25519 key in base64.") from error


class Fingerprints:
    """Makes and compares fingerprints, each secret value at most once for each name.

    Equal values of equally named secrets share one fingerprint, salt included. Whoever steals the store learns that
    they are equal, which a playbook that names one variable for all of them says too, and has as many guesses as
    with one salt each, since one value is all there is to guess.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}
        self._verdicts: dict[tuple[str, str, str], bool] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        # More at a time take more memory, and no less time.
        self._cores = threading.BoundedSemaphore(os.cpu_count() or 1)

    def make(self, name: str, text: str) -> str:
        """Encoded Argon2id hash of a value."""
        with self._of(name):
            if (name, text) not in self._known:
                self._known[name, text] = self._hash(text)
            return self._known[name, text]

    def matches(self, name: str, text: str, fingerprint: str) -> bool:
        """Whether the fingerprint was made from this value."""
        with self._of(name):
            asked = (name, text, fingerprint)
            if asked not in self._verdicts:
                self._verdicts[asked] = self._verify(text, fingerprint)
                if self._verdicts[asked]:
                    self._known.setdefault((name, text), fingerprint)
            return self._verdicts[asked]

    def _of(self, name: str) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(name, threading.Lock())

    def _hash(self, text: str) -> str:
        with self._cores:
            return nacl.pwhash.argon2id.str(text.encode(), opslimit=_PASSES, memlimit=_MEMORY).decode("ascii")

    def _verify(self, text: str, fingerprint: str) -> bool:
        try:
            with self._cores:
                return bool(nacl.pwhash.argon2id.verify(fingerprint.encode(), text.encode()))
        except (nacl.exceptions.CryptoError, ValueError):
            return False
