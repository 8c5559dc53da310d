# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The public key of each scope, at hand for all threads."""

from __future__ import annotations

import threading
from contextlib import suppress

from ansible_collections.devex.github.plugins.module_utils._errors import Error
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub, PublicKey
from ansible_collections.devex.github.plugins.module_utils._scope import Scope


class Keys:
    """The public key of each scope, fetched once, for all threads."""

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self._lock = threading.Lock()
        self._locks: dict[Scope, threading.Lock] = {}
        self._keys: dict[Scope, PublicKey | Error] = {}
        #: Keys that were refused, after which GitHub was asked again.
        self._asked_again: dict[Scope, PublicKey] = {}

    def get(self, scope: Scope) -> PublicKey:
        """The key of a scope."""
        with self._lock_of(scope):
            if scope not in self._keys:
                try:
                    self._keys[scope] = self._github.public_key(scope)
                except Error as error:
                    self._keys[scope] = error
            key = self._keys[scope]
        if isinstance(key, Error):
            raise key
        return key

    def after(self, scope: Scope, refused: PublicKey) -> PublicKey:
        """The key of a scope after a value was refused that was sealed for this one; it may be the same."""
        with self._lock_of(scope):
            if self._keys[scope] == refused and self._asked_again.get(scope) != refused:
                self._asked_again[scope] = refused
                # Where that fails, the refusal tells more, and the others go on with the key that there is.
                with suppress(Error):
                    self._keys[scope] = self._github.public_key(scope)
        return self.get(scope)

    def _lock_of(self, scope: Scope) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(scope, threading.Lock())
