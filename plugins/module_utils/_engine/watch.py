# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sees to it that a change of ours around a value does not hide somebody else's change of the value."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ansible_collections.devex.github.plugins.module_utils._engine import view
from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._engine.view import TOLERANCE
from ansible_collections.devex.github.plugins.module_utils._engine.plan import untouched
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub


class Watch:
    """Knows up to when all changes of an item's secret since its record are ours.

    GitHub has one date for the value and for the list of repositories. So a record may move on with a change of ours
    only where the secret was looked at right before, and nobody else had changed it.
    """

    def __init__(self, github: GitHub, item: Item) -> None:
        self._github = github
        self._item = item
        #: GitHub's time.
        self._until: datetime | None = None
        #: GitHub's time when it confirmed the last change of ours, other than the record's.
        self._changed_at: datetime | None = None
        record, current = item.record, item.current
        moves = item.desired.state == "present" and not item.writes_value
        self._on = moves and record is not None and not record.unsure and current is not None
        if self._on and record is not None and current is not None and current.updated_at is not None:
            self._until, self._on = item.read_at, untouched(current, record)

    def refresh(self) -> None:
        """Look, unless that was done a moment ago."""
        now = self._github.now
        if self._until is None or (now is not None and now - self._until > TOLERANCE):
            self.look()

    def look(self, *, lost: bool = False) -> None:
        """Look whether somebody else has changed the secret, if that matters.

        :arg lost: whether a write of ours may have changed it right after the last look.
        """
        item = self._item
        if not self._on or item.record is None:
            return
        listing = self._github.secrets(item.scope)
        name = item.desired.name
        row = known.secret(name, listing.secrets.get(name), item.facts, listing.read_at, trusting=True)
        ours = (item.record.applied_at, self._changed_at, self._until if lost else None)
        since = max(time for time in ours if time is not None)
        self._on = row is not None and untouched(row, replace(item.record, applied_at=since))
        self._until = listing.read_at

    def covers(self, at: datetime | None) -> bool:
        """Whether the change that GitHub has confirmed at this time is the only one since the last look."""
        self._on = self._on and at is not None and self._until is not None and at - self._until <= TOLERANCE
        self._until = self._changed_at = at
        return self._on
