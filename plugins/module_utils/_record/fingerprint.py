# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is recorded of a value instead of the value."""

from __future__ import annotations

import os
import re
import threading

from ansible_collections.devex.github.plugins.module_utils._crypto import slow_hash, verify

# What is verified: whoever can write to the store could ask for a hash that takes hours, or all memory.
_ENCODED = re.compile(r"\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}")
_MOST_KIBIBYTES = 64 * 1024
_MOST_PASSES = 10


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
            return slow_hash(text)

    def _verify(self, text: str, fingerprint: str) -> bool:
        encoded = _ENCODED.fullmatch(fingerprint)
        if encoded is None or int(encoded[1]) > _MOST_KIBIBYTES or int(encoded[2]) > _MOST_PASSES:
            return False
        with self._cores:
            return verify(text, fingerprint)
