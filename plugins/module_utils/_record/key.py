# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key of the fingerprints, as a playbook gives it: hexadecimal digits, which no word and no password is."""

from __future__ import annotations

import re
from itertools import pairwise

from ansible_collections.devex.github.plugins.module_utils._errors import InputError

# BLAKE2b takes 64 bytes at most.
_KEY = re.compile(r"(?:[0-9A-Fa-f]{2}){16,64}")
# What repeats itself or counts has fewer; of 100,000,000 random keys of 16 bytes, not one.
_DIFFERENT_BYTES = 9
_ADVICE = "Make one with 'openssl rand -hex 32', and keep it in a vault."


def parse(text: str | None) -> bytes | None:
    """The key, 16 to 64 bytes, where there is one.

    :arg text: two hexadecimal digits for each byte.
    :raises InputError: it is none, or has fewer than 128 bits; the key is never part of the text.
    """
    if text is None:
        return None
    if not _KEY.fullmatch(text.strip()):
        raise InputError(
            "fingerprint_key must be an even number of hexadecimal digits, at least 32, which are 128 bits, and at "
            f"most 128. {_ADVICE}"
        )
    key = bytes.fromhex(text.strip())
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    if len(set(key)) < _DIFFERENT_BYTES or len(steps) < _DIFFERENT_BYTES:
        raise InputError(f"fingerprint_key repeats itself, so it has fewer than 128 random bits. {_ADVICE}")
    return key
