# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: seal
short_description: Seal a value for GitHub on the controller
version_added: 0.1.0
author:
  - The devex.github developers (@devex)
description:
  - Encrypts a value so that only GitHub can read it. Pass the result as
    O(devex.github.codespaces_repo_secret#module:encrypted_value). The plaintext then does not reach the machine that
    runs the module.
  - Each use returns a different text, even for the same value.
positional: public_key
options:
  _input:
    description:
      - The plaintext. Empty values and masks such as V(VALUE_SPECIFIED_IN_NO_LOG_PARAMETER) fail.
      - Ciphertext of Ansible Vault or sops is sealed like any other text. The modules reject it as a value.
    type: str
    required: true
  public_key:
    description: The public key of the repository, the organization or the user, in base64, as GitHub's API returns it.
    type: str
    required: true
requirements:
  - pynacl, on the controller
seealso:
  - ref: ansible_collections.devex.github.docsite.guide_sealing
    description: How to hide a value from the machine that runs the module.
  - module: devex.github.codespaces_repo_secret
  - module: devex.github.codespaces_user_secret
  - module: devex.github.codespaces_org_secret
"""

EXAMPLES = r"""
- name: Get the public key of the repository
  ansible.builtin.uri:
    url: https://api.github.com/repos/octo-org/app/codespaces/secrets/public-key
    headers:
      Authorization: Bearer {{ vault_github_token }}
  register: public_key
  delegate_to: localhost
  # Otherwise, uri would log the token.
  no_log: true
  # Check mode needs the key too.
  check_mode: false

- name: Set a value that only GitHub can read
  devex.github.codespaces_repo_secret:
    token: "{{ vault_github_token }}"
    repository: octo-org/app
    name: NPM_TOKEN
    encrypted_value: "{{ vault_npm_token | devex.github.seal(public_key.json.key) }}"
    key_id: "{{ public_key.json.key_id }}"
    value_changed_at: "2026-03-10T12:00:00Z"
"""

RETURN = r"""
_value:
  description: The sealed value, in base64.
  type: str
"""

from collections.abc import Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.devex.github.plugins.module_utils import _crypto, _redaction
from ansible_collections.devex.github.plugins.module_utils._errors import Error
from ansible_collections.devex.github.plugins.module_utils._validation import is_mask, is_unset
from ansible_collections.devex.github.plugins.plugin_utils._text import text


def seal(value: object, public_key: object) -> str:
    if _crypto.NACL_IMPORT_ERROR:
        raise AnsibleFilterError(
            "devex.github.seal: the Python library pynacl is missing on the controller. Install it with 'pip install "
            "pynacl'."
        )
    plain, key = text(value), text(public_key)
    if plain is None or key is None:
        raise AnsibleFilterError("devex.github.seal: the value and the public key must be texts. The key is in base64.")
    if is_unset(plain):
        raise AnsibleFilterError(
            "devex.github.seal: the value is empty, which usually means an unset variable. Set the variable, or omit "
            "the secret."
        )
    if is_mask(plain):
        raise AnsibleFilterError(
            "devex.github.seal: the value is a mask that Ansible shows for a hidden value. Pass the value itself."
        )
    _redaction.register([plain])
    try:
        return _crypto.seal(plain, key)
    except Error as error:
        raise AnsibleFilterError(f"devex.github.seal: {error}") from None
    except UnicodeEncodeError:
        raise AnsibleFilterError(
            "devex.github.seal: the value is not valid Unicode. Encode binary data, for example in base64."
        ) from None


class FilterModule:
    def filters(self) -> dict[str, Callable[..., str]]:
        return {"seal": seal}
