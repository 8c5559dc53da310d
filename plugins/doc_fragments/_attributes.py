# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules support of check mode, diff mode and the like."""

from __future__ import annotations


class ModuleDocFragment:
    # Every module that writes.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description:
      - Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details:
      - Everything is read and planned as without check mode, save for what only a write needs, such as the public key.
        Nothing is sent that changes anything, and nothing is recorded.
  diff_mode:
    description:
      - Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
    details:
      - Of a value, the difference only tells that it is set, or that a new one is written.
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: posix
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/devex.github.github) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - devex.github.github
"""

    IDEMPOTENT_VALUE = r"""
options: {}
attributes:
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: partial
    details:
      - Not with C(update_value=always), which writes on every run, nor with a C(value_changed_at) in the future, nor
        with an C(encrypted_value) that is sealed anew for each run and has no C(value_changed_at).
      - Since GitHub never shows a value, it is compared with a record of what was written last. Where that is lost, the
        next run writes each value once more. Several controllers with a record each take one another's writes for
        edits, and write in turns, unless they share the record, give dates, or use C(update_value=on_new_value).
"""

    IDEMPOTENT = r"""
options: {}
attributes:
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    description:
      - Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details:
      - This module changes nothing.
  diff_mode:
    description:
      - Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details:
      - This module changes nothing.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: posix
"""
