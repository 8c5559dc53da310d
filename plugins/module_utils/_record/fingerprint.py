# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hash values for the record."""

from __future__ import annotations

import base64
import hmac
import os
import re
import threading

from ansible_collections.devex.github.plugins.module_utils._crypto import keyed_hash, slow_hash, verify

# Hashes beyond these limits are not verified. Others may write to the store, and such a hash could take hours or all
# memory.
_ENCODED = re.compile(r"\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}")
_MOST_KIBIBYTES = 64 * 1024
_MOST_PASSES = 10

_KEYED = re.compile(r"\$blake2b\$([A-Za-z0-9+/]{22})\$[A-Za-z0-9+/]{43}")
_SALT_BYTES = 16


class Fingerprints:
    """Creates and compares fingerprints: keyed hashes if there is a key, otherwise slow ones.

    A slow hash is created and compared at most once for each name and value, so equal values of secrets with the same
    name share a fingerprint and its salt. A thief of the store learns that the values are equal. Guessing does not get
    faster, because there is still one value to guess. Keyed hashes are fast, and each has its own salt.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key
        self._known: dict[tuple[str, str], str] = {}
        self._verdicts: dict[tuple[str, str, str], bool] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        # More slow hashes at a time would need more memory, but not less time.
        self._cores = threading.BoundedSemaphore(os.cpu_count() or 1)

    def make(self, name: str, text: str) -> str:
        """Return the encoded hash of a value, with its salt: keyed BLAKE2b, or Argon2id."""
        if self._key is not None:
            return _keyed(text, self._key, os.urandom(_SALT_BYTES))
        with self._of(name):
            if (name, text) not in self._known:
                self._known[name, text] = self._hash(text)
            return self._known[name, text]

    def matches(self, name: str, text: str, fingerprint: str) -> bool:
        """Return whether this value has the fingerprint, with this key or without a key."""
        keyed = _KEYED.fullmatch(fingerprint)
        if keyed is not None:
            return self._key is not None and hmac.compare_digest(
                fingerprint, _keyed(text, self._key, base64.b64decode(f"{keyed[1]}=="))
            )
        with self._of(name):
            asked = (name, text, fingerprint)
            if asked not in self._verdicts:
                self._verdicts[asked] = self._verify(text, fingerprint)
                if self._verdicts[asked]:
                    self._known.setdefault((name, text), fingerprint)
            return self._verdicts[asked]

    def is_unkeyed(self, fingerprint: str) -> bool:
        """Return whether the fingerprint has no key, although a key is set now."""
        return self._key is not None and _KEYED.fullmatch(fingerprint) is None

    def _of(self, name: str) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(name, threading.Lock())

    def _hash(self, text: str) -> str:
        with self._cores:
            return slow_hash(text)

    def _verify(self, text: str, fingerprint: str) -> bool:
        encoded = _ENCODED.fullmatch(fingerprint)
        if encoded is None or int(encoded[1]) > _MOST_KIBIBYTES or int(encoded[2]) > _MOST_PASSES:
            return False
        with self._cores:
            return verify(text, fingerprint)


def _keyed(text: str, key: bytes, salt: bytes) -> str:
    parts = (base64.b64encode(part).rstrip(b"=").decode("ascii") for part in (salt, keyed_hash(text, key, salt)))
    return "$".join(("", "blake2b", *parts))
