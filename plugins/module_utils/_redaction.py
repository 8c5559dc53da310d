# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Register secrets with Ansible, which masks them in everything it prints. This works since ansible-core 2.22."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:
    #: Whether Ansible masks all its output. Older releases mask the result of each module only.
    MASKS_OUTPUT = False
else:
    MASKS_OUTPUT = True

_SHORTEST = 4
# Ansible prints these values itself.
_WORDS = frozenset({"true", "false", "null", "none"})
# Ansible masks the keys of results, too. Without these keys, it prints a wrong status.
_KEYS = (
    *("changed", "failed", "skipped", "skip_reason", "unreachable", "ignored", "rescued", "results", "result", "item"),
    *("diff", "before", "after", "prepared", "warnings", "deprecations", "exception", "invocation", "module_args"),
    *("ansible_facts", "ansible_job_id", "ansible_loop_var", "ansible_index_var", "finished", "_ansible_no_log"),
    *("_ansible_item_label", "_ansible_ignore_errors", "_ansible_delegated_vars", "_ansible_parsed"),
)

#: The warning about a secret that is not registered.
UNMASKED = (
    "Ansible does not mask one of the secret values, because it is shorter than 4 characters or a word that Ansible "
    "prints itself, such as true or changed. Ansible would mask this text in all its output, even inside other words."
)


def is_unmaskable(text: str) -> bool:
    """Return whether masking this text would make Ansible's output wrong or unreadable, because it is part of it."""
    # Ansible ignores white space around a secret.
    stripped = text.strip()
    return len(stripped) < _SHORTEST or stripped.lower() in _WORDS or any(stripped in key for key in _KEYS)


def register(texts: Iterable[str]) -> None:
    """Register secrets with Ansible if it masks its output, except those that cannot be masked."""
    if MASKS_OUTPUT:
        register_secrets([text for text in texts if not is_unmaskable(text)])


def masked(value: Any, hidden: Iterable[str]) -> Any:
    """Return a text, or data with texts, without these secrets, unless Ansible masks its output itself."""
    if MASKS_OUTPUT:
        return value
    # ansible-core 2.22 warns of this function.
    from ansible.module_utils.common.parameters import remove_values

    return remove_values(value, hidden)
