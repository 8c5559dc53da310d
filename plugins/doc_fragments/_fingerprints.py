# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the fingerprint store is, and its key: options of every module that writes."""

from __future__ import annotations

_STORE = r"""
options:
  fingerprints:
    description:
      - The fingerprint store, either the absolute path of an SQLite file on the machine that runs the module, or the
        address of a database in PostgreSQL that several machines share, as V(postgresql://USER@HOST/DATABASE). In a
        path, C(~) and environment variables of that machine are expanded. Any number of tasks may use it at once. It
        holds a salted hash of each value that was written, and when; never the value. The hash is Argon2id, or BLAKE2b
        with O(fingerprint_key).
      - A database needs the library C(psycopg), version 3. What C(libpq) takes in an address or from the environment,
        such as E(PGPASSWORD), works here too. A password in the address is masked in all output; in it, write V(%40)
        for V(@), V(%2F) for V(/), and so on. Keywords such as V(host=HOST dbname=DATABASE) are rejected.
        See R(A record that a team shares,ansible_collections.devex.github.docsite.guide_shared_record).
      - The default is C($XDG_STATE_HOME/devex.github/fingerprints.sqlite3), which usually is
        C(~/.local/state/devex.github/fingerprints.sqlite3). If C(XDG_STATE_HOME) is not an absolute path, or the home
        directory is unknown, a task that needs the store fails.
      - Where it is not given, the environment variable E(DEVEX_GITHUB_FINGERPRINTS) is used.
      - The file, or the tables in the database, are created by the first task outside check mode that writes, the file
        for its user alone. Where the file is a link, or belongs to another user, the task fails; where others may use
        it, its mode is put right. Where the tables are lacking and the role may not create them, the task fails.
      - For some seconds, it also says what was written of existence, visibility and repositories, which GitHub's lists
        may not show yet.
"""

_REST = r"""
requirements:
  - psycopg 3, for a fingerprint store in PostgreSQL
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_when_written
    description: How it is decided whether a value is written.
"""

# Modules take what they have no use for, so that module_defaults can give it to all of them.
_UNUSED_KEY = r"""
  fingerprint_key:
    description:
      - A key for the hashes in the store. It is taken for the sake of C(module_defaults); nothing is hashed here.
      - Where it is not given, the environment variable E(DEVEX_GITHUB_FINGERPRINT_KEY) is used.
    type: str
"""


class ModuleDocFragment:
    # With types, since ansible-test takes assignments without them for literals.

    # For modules that write values.
    DOCUMENTATION: str = f"""{_STORE.rstrip()}
      - A task that deletes a secret drops its record, and a task that only changes a list of repositories notes that in
        the record of the secret, so that it is not mistaken for an edit of the value.
      - With a C(value_changed_at) for every secret, no value is recorded, and where the store cannot be used, the task
        does without.
    type: str
  fingerprint_key:
    description:
      - A key for the hashes in the store, as C(openssl rand -hex 32) prints it, from a vault. Whoever has the store
        without the key can test no guess at a value, and hashing takes no time.
      - An even number of hexadecimal digits, from 32 (128 bits) to 128, the case ignored. Fewer are refused, and so is
        what repeats itself.
      - Where it is not given, the environment variable E(DEVEX_GITHUB_FINGERPRINT_KEY) is used. Without it either, the
        hashes have no key.
      - A hash that was made without a key, and matches, is replaced by one with the key, outside check mode, and
        nothing is sent to GitHub for that.
      - A hash that was made with another key matches no value, and neither does one with a key where a task has none.
        Then each value is written once more, as V(value_changed). So give all tasks that use a store the same key.
      - Tasks that give no value do not use it.
    type: str{_REST}"""

    # For modules that change the list of repositories of a secret only.
    REPOS: str = f"""{_STORE.rstrip()}
      - The change of the list is noted in the record of the secret, where it has one, so that it is not mistaken for an
        edit of the value.
    type: str{_UNUSED_KEY.rstrip()}{_REST}"""

    # For modules that only read.
    INFO: str = f"""
options:
  fingerprints:
    description:
      - The fingerprint store of the modules that write. It is taken for the sake of C(module_defaults), and not used
        here.
      - Where it is not given, the environment variable E(DEVEX_GITHUB_FINGERPRINTS) is used.
    type: str{_UNUSED_KEY}"""
