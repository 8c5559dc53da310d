# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Open the fingerprint store of a task."""

from __future__ import annotations

from ansible_collections.devex.github.plugins.module_utils._record.address import Address, is_address
from ansible_collections.devex.github.plugins.module_utils._record.place import default_path, file_path
from ansible_collections.devex.github.plugins.module_utils._record.sqlite import SqliteStore
from ansible_collections.devex.github.plugins.module_utils._record.store import Store


def open_store(text: str | None, api_url: str) -> Store:
    """Return the store at a path or an address; None: at the default path.

    :raises InputError: the text is neither an absolute path nor an address.
    :raises MissingLibrary: it is an address, and psycopg is not installed.
    """
    if text and is_address(text):
        # Most tasks do not need psycopg, so it is imported only here.
        from ansible_collections.devex.github.plugins.module_utils._record.postgresql import PostgresStore

        return PostgresStore(Address(text), api_url)
    return SqliteStore(file_path(text) if text else default_path(), api_url)
