# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Seal values for GitHub, and hash them, slowly or with a key. Only this file uses nacl."""

from __future__ import annotations

import base64
import traceback

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError

NACL_IMPORT_ERROR: str | None = None
try:
    import nacl.encoding
    import nacl.exceptions
    import nacl.hash
    import nacl.public
    import nacl.pwhash.argon2id

    _NEEDED = (nacl.public.SealedBox, nacl.pwhash.argon2id.str, nacl.hash.blake2b, nacl.exceptions.CryptoError)
except Exception:
    # A broken installation can raise any exception.
    NACL_IMPORT_ERROR = traceback.format_exc()

#: Bytes by which a sealed box is longer than its plaintext.
SEAL_OVERHEAD = 48

# The cheapest of OWASP's equivalent minimum settings for Argon2id.
_PASSES = 5
_MEMORY = 7 * 1024 * 1024

# If the key is also used elsewhere, the hashes there differ from ours.
_PURPOSE = b"devex.github"


def seal(plaintext: str, public_key: str) -> str:
    """Seal a value for GitHub.

    :arg public_key: X25519, 32 bytes in base64, as GitHub sends it.
    :returns: libsodium sealed box in base64.
    :raises GitHubError: the key is not valid.
    """
    message = plaintext.encode()
    try:
        box = nacl.public.SealedBox(nacl.public.PublicKey(base64.b64decode(public_key, validate=True)))
        return base64.b64encode(box.encrypt(message)).decode("ascii")
    except (ValueError, TypeError, RuntimeError, nacl.exceptions.CryptoError) as error:
        raise GitHubError("The public key is not an X25519 key in base64.") from error


def slow_hash(text: str) -> str:
    """Return the encoded Argon2id hash of a text, with its salt and parameters."""
    return nacl.pwhash.argon2id.str(text.encode(), opslimit=_PASSES, memlimit=_MEMORY).decode("ascii")


def verify(text: str, encoded: str) -> bool:
    """Return whether this is an encoded Argon2id hash of the text."""
    try:
        return bool(nacl.pwhash.argon2id.verify(encoded.encode(), text.encode()))
    except (nacl.exceptions.CryptoError, ValueError):
        return False


def keyed_hash(text: str, key: bytes, salt: bytes) -> bytes:
    """Return the BLAKE2b hash of a text, 32 bytes, for a key of at most 64 bytes and a salt of 16 bytes."""
    return nacl.hash.blake2b(
        text.encode(), digest_size=32, key=key, salt=salt, person=_PURPOSE, encoder=nacl.encoding.RawEncoder
    )
