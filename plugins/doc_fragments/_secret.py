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
      - Name of the secret. It is not case-sensitive, and returned in upper case, as GitHub stores it.
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
      - The value, which is sealed for GitHub before it leaves the machine that runs the module. At most 48 KiB in
        UTF-8.
      - An empty value, null, or one of nothing but line breaks, is an error, since it is what a variable looks like
        that is not set. Ciphertext of Ansible Vault or sops, also inside other text, and Ansible's masks fail too. To
        store ciphertext on purpose, set O(encrypted_value).
      - It must be text. Numbers and booleans are refused, since YAML may have changed them (V(0123) is the number 83,
        V(yes) is true). Quote them, and where a template gives one, add C(| string) to it; mappings and lists take
        C(| to_json). Quote times as well (V(2026-03-10 12:00:00)), which Ansible turns into another text before the
        module sees them.
      - Before ansible-core 2.19, a template also takes a text for a mapping or a list that looks like one, such as JSON
        from a file. Add C(| string) where the text comes from, directly behind the variable of the vault or the lookup;
        that leaves it as it is. Behind a variable that is made of it without that, it is a mapping by then, and
        C(string) makes no JSON of it. C(| to_json) does, but from ansible-core 2.19 on, where it is a text still, it
        puts that in quotes. The modules warn of a value that looks like what C(string) makes of a mapping or a list.
      - It is not shown. But in a loop, Ansible itself shows the item. Where that holds the value, set C(no_log=true)
        for the task, or give the list to M(devex.github.codespaces_secrets).
      - A secret that exists needs no value; then only its other properties are managed. A secret that does not exist
        cannot be created without one.
    type: raw
  encrypted_value:
    description:
      - A value that was sealed beforehand, in base64, instead of O(value). The filter P(devex.github.seal#filter) seals
        one.
      - Sealing the same value again gives another text, which counts as another value. Unless the sealed text is kept,
        give O(value_changed_at) too.
    type: str
  key_id:
    description:
      - ID of the public key that O(encrypted_value) was sealed for.
    type: str
  update_value:
    description:
      - When the value of a secret that exists is written.
      - V(on_change) writes it when it was rotated according to O(value_changed_at); or, where that is not given, when
        it differs from the recorded one, when there is no record of it, or when somebody else has changed the secret
        since.
      - V(on_new_value) does the same, but leaves what somebody else has changed. Two controllers that do not share a
        record then settle after one write each, and write again when the value that they are given is a new one.
      - V(always) writes it on every run.
      - V(on_create) leaves the value of a secret that exists alone.
      - V(adopt) writes nothing, and records the value as the one that is there. Nobody can check that. Where it is not,
        later runs with V(on_change) call the secret V(unchanged) until somebody edits it or the value changes. It is
        meant for one run, in which secrets that exist are taken over.
    type: str
    choices: [on_change, on_new_value, always, on_create, adopt]
    default: on_change
  value_changed_at:
    description:
      - When the value was last rotated at its source, as ISO 8601 with an offset, for example
        V(2026-03-10T12:00:00Z). Fractions of a second are ignored.
      - With O(update_value=on_change), the value is written exactly when GitHub's date of the secret is earlier. That
        needs no fingerprint store, so any number of controllers and CI jobs agree.
    type: str
"""
