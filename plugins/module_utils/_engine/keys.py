# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The public keys that values are sealed for."""

from __future__ import annotations

import threading
from contextlib import suppress

from ansible_collections.devex.github.plugins.module_utils._engine.item import Item, Place
from ansible_collections.devex.github.plugins.module_utils._errors import Error
from ansible_collections.devex.github.plugins.module_utils._github.api import PublicKey


class Keys:
    """The public key of each scope, fetched once. Safe for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[Place, threading.Lock] = {}
        self._keys: dict[Place, PublicKey | Error] = {}
        #: Rejected keys after which the key was fetched again.
        self._fetched_after: dict[Place, PublicKey] = {}

    def get(self, item: Item) -> PublicKey:
        """Return the key of an item's scope.

        :raises Error: it cannot be fetched. The same error is raised for the whole scope.
        """
        place = item.place
        with self._lock_of(place):
            if place not in self._keys:
                try:
                    self._keys[place] = item.github.public_key(item.scope)
                except Error as error:
                    self._keys[place] = error
            key = self._keys[place]
        if isinstance(key, Error):
            raise key
        return key

    def after(self, item: Item, rejected: PublicKey) -> PublicKey:
        """Return the present key after GitHub rejected a value that was sealed for this key. Both may be the same."""
        place = item.place
        with self._lock_of(place):
            if self._keys[place] == rejected and self._fetched_after.get(place) != rejected:
                self._fetched_after[place] = rejected
                # If this fails, the rejection is the better error, and other secrets use the known key.
                with suppress(Error):
                    self._keys[place] = item.github.public_key(item.scope)
        return self.get(item)

    def forget_errors(self) -> None:
        """Fetch the keys again that could not be fetched."""
        with self._lock:
            self._keys = {place: key for place, key in self._keys.items() if not isinstance(key, Error)}

    def _lock_of(self, place: Place) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(place, threading.Lock())
