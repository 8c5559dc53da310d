# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One secret, without its access."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  name:
    description:
      - Name of the secret. GitHub ignores the case and stores the name in upper case.
    type: str
    required: true
    aliases: [secret_name]
  state:
    description:
      - V(present) creates the secret, or updates what differs. V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  value:
    description:
      - The text to store, up to 48 KiB in UTF-8. The module seals it for GitHub and never shows it.
      - If it is unset, the value of an existing secret is kept. A new secret requires O(value) or O(encrypted_value).
      - Only text is accepted. Quote numbers, booleans and times. In templates, add C(| string), or C(| to_json) to
        mappings and lists. Empty values and ciphertext fail, see
        R(Values that the modules reject,ansible_collections.devex.github.docsite.guide_sealing).
    type: raw
  encrypted_value:
    description:
      - A value that is already sealed, in base64, instead of O(value). The filter P(devex.github.seal#filter) seals it.
      - Sealing the same value again gives a different text, which counts as a new value. Set O(value_changed_at) too,
        or keep the sealed text.
    type: str
  key_id:
    description:
      - ID of the public key that O(encrypted_value) is sealed for.
    type: str
  update_value:
    description:
      - When to write the value of a secret that exists.
      - V(on_change) writes it if O(value_changed_at) is later than the last change on GitHub. Without
        O(value_changed_at), it writes if there is no record of this value, or the secret was edited on GitHub since.
      - V(on_new_value) is like V(on_change), but without O(value_changed_at), it keeps edits on GitHub. Use it for
        controllers with separate stores.
      - V(always) writes on every run.
      - V(on_create) never writes. Only a new secret gets the value.
      - V(adopt) never writes. It records the value as the current one, without a check. Use it once, to take over a
        secret.
    type: str
    choices: [on_change, on_new_value, always, on_create, adopt]
    default: on_change
  value_changed_at:
    description:
      - When the value was last rotated at its source, as ISO 8601 with an offset, for example
        V(2026-03-10T12:00:00Z).
      - If O(update_value) is V(on_change) or V(on_new_value), the module compares only this date with the last change
        on GitHub, and does not use the fingerprint store. Any number of controllers and CI jobs agree.
      - A rotation is missed if the date is earlier than the last change on GitHub. A future date writes on every run.
    type: str
notes:
  - In a loop, Ansible prints the items. If they contain values, set C(no_log=true) for the task, or pass the list to
    M(devex.github.codespaces_secrets).
"""
