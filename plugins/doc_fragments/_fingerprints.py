# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fingerprint store and its key, of every module."""

from __future__ import annotations

_STORE = r"""
options:
  fingerprints:
    description:
      - Where to record a salted hash of each written value. Either the absolute path of an SQLite file on the machine
        that runs the module, or V(postgresql://USER@HOST/DATABASE) for a
        R(store that a team shares,ansible_collections.devex.github.docsite.guide_shared_record).
      - If it is unset, the environment variable E(DEVEX_GITHUB_FINGERPRINTS) is used. The default is
        C($XDG_STATE_HOME/devex.github/fingerprints.sqlite3), usually below C(~/.local/state)."""

_REST = r"""
requirements:
  - pynacl
  - psycopg 3, for a fingerprint store in PostgreSQL
"""

# All modules accept the options, so that module_defaults can set them for all.
_UNUSED_KEY = r"""
  fingerprint_key:
    description:
      - Not used. Accepted so that C(module_defaults) can set it for all modules.
    type: str"""


class ModuleDocFragment:
    # With types, because ansible-test takes assignments without types for literals.

    # For modules that write values.
    DOCUMENTATION: str = f"""{_STORE}
      - In containers, the default file is lost after each job, so each job writes all values. Set a path that persists,
        or use C(value_changed_at).
    type: str
  fingerprint_key:
    description:
      - A key for the hashes, so that a stolen store does not allow guessing values. 32 to 128 hexadecimal digits, for
        example from C(openssl rand -hex 32).
      - If it is unset, the environment variable E(DEVEX_GITHUB_FINGERPRINT_KEY) is used. By default, there is no key.
      - Set the same key in all tasks that use the store. A task with a different key writes each value again.
    type: str{_REST}seealso:
  - ref: ansible_collections.devex.github.docsite.guide_when_written
    description: How a task decides whether to write a value.
"""

    # For modules that change only the list of repositories of a secret.
    REPOS: str = f"""{_STORE}
      - Set the same store as in the tasks that write the value. Otherwise they mistake a change of the list for an edit
        of the value, and write the value again.
    type: str{_UNUSED_KEY}{_REST}"""

    # For modules that only read.
    INFO: str = f"""
options:
  fingerprints:
    description:
      - Not used. Accepted so that C(module_defaults) can set it for all modules.
    type: str{_UNUSED_KEY}
"""
