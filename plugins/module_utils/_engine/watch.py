# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Detect edits of a value that happen around our own change of its list of repositories."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ansible_collections.devex.github.plugins.module_utils._engine.item import Item
from ansible_collections.devex.github.plugins.module_utils._engine.plan import untouched
from ansible_collections.devex.github.plugins.module_utils._engine.view import TOLERANCE, View


class Watch:
    """Tracks until when all changes of a secret since its record are ours.

    GitHub has one date for the value and for the list of repositories. So the date of a record may follow our change
    of the list only if a read right before shows no other change.
    """

    def __init__(self, item: Item) -> None:
        record, current = item.record, item.current
        self._item = item
        #: GitHub's time of the last read, or of our last change.
        self._until: datetime | None = None
        #: GitHub's time of our last confirmed change after the record.
        self._changed_at: datetime | None = None
        moves = item.desired.state == "present" and not item.writes_value
        #: Whether an edit elsewhere matters, and there was none so far.
        self.on = moves and record is not None and not record.unsure and current is not None
        if self.on and record is not None and current is not None and current.updated_at is not None:
            self._until, self.on = item.read_at, untouched(current, record)

    def is_due(self, now: datetime | None) -> bool:
        """Return whether the secret must be read again at this time of GitHub."""
        return self.on and (self._until is None or (now is not None and now - self._until > TOLERANCE))

    def note_read(self, view: View, *, lost: bool = False) -> None:
        """Note a read of the secret.

        :arg lost: whether an unanswered write of ours may have changed the secret after the last read.
        """
        record = self._item.record
        if not self.on or record is None:
            return
        secret = view.secret(trusting=True)
        ours = (record.applied_at, self._changed_at, self._until if lost else None)
        since = max(time for time in ours if time is not None)
        self.on = secret is not None and untouched(secret, replace(record, applied_at=since))
        self._until = view.read_at

    def covers(self, at: datetime | None) -> bool:
        """Return whether our change, confirmed at this time, is the only one since the last read."""
        self.on = self.on and at is not None and self._until is not None and at - self._until <= TOLERANCE
        self._until = self._changed_at = at
        return self.on
