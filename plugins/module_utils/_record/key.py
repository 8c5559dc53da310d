# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse the key of the fingerprints. It is hexadecimal, so that words and passwords do not pass."""

from __future__ import annotations

import re
from itertools import pairwise

from ansible_collections.devex.github.plugins.module_utils._errors import InputError

# BLAKE2b accepts at most 64 bytes.
_KEY = re.compile(r"(?:[0-9A-Fa-f]{2}){16,64}")
# Repetitive and counting keys have fewer different bytes or steps. Each of 100,000,000 random keys of 16 bytes had
# enough.
_DIFFERENT_BYTES = 9
_ADVICE = "Create a key with 'openssl rand -hex 32', and keep it in a vault."


def parse(text: str | None) -> bytes | None:
    """Return the key, 16 to 64 bytes, from two hexadecimal digits for each byte.

    :raises InputError: the key is malformed, or has fewer than 128 bits. The message does not contain it.
    """
    if text is None:
        return None
    if not _KEY.fullmatch(text.strip()):
        raise InputError(
            f"fingerprint_key must be an even number of hexadecimal digits, 32 to 128 (at least 128 bits). {_ADVICE}"
        )
    key = bytes.fromhex(text.strip())
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    if len(set(key)) < _DIFFERENT_BYTES or len(steps) < _DIFFERENT_BYTES:
        raise InputError(f"fingerprint_key is repetitive, so it has fewer than 128 random bits. {_ADVICE}")
    return key
