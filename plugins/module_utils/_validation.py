# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validate names and numbers from a server, a file or a playbook, and make texts safe to show."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SECRET = re.compile(r"[A-Za-z0-9_]{1,255}")
_PATH_LENGTH = 1000
# No repository has a name that ends in .git, but clone URLs do.
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.{1,2}$)(?!.*\.[gG][iI][tT]$)[A-Za-z0-9._-]{1,100}")
# The part before OWNER/REPO in https://github.com/OWNER/REPO, git@github.com:OWNER/REPO, github.com/OWNER/REPO, and in
# URLs of the API.
_HOST = re.compile(r"(?:[A-Za-z+]+://[^/]+/|[^/]+@[^/:]+:/?|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/)(?:repos/)?")
_ORGANIZATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_REPOSITORY_ID = re.compile(r"[1-9][0-9]{0,17}")
_KEY_ID = re.compile(r"[\x21-\x7e]{1,255}")
_NUMBER = re.compile(r"[0-9]{1,15}")
# The patterns go beyond the headers of Ansible Vault and sops, because a secret may mention these.
_VAULT = re.compile(r"\$ANSIBLE_VAULT;[0-9]+\.[0-9]+;[A-Z0-9]+")
_SOPS = re.compile(r"ENC\[AES256_GCM,\s*data:")
_EYAML = re.compile(r"ENC\[(?:PKCS7|GPG),[A-Za-z0-9+/]{20}")
_MASK = re.compile(r"VALUE_SPECIFIED_IN_NO_LOG_PARAMETER|\$REDACTED\$")
# Ansible masks parts of texts with asterisks, too. In a text they count only in place of the password of a URL.
_ASTERISKS = re.compile(r"\*{8}")
_MASKED_PASSWORD = re.compile(r"://[^\s/@]*:\*{8}@")


def is_secret(name: str) -> bool:
    """Return whether this may be the name of a secret, so it is safe in a path."""
    return bool(_SECRET.fullmatch(name))


def wrong_name(name: str) -> str | None:
    """Return why GitHub would reject a secret of this name, without the name; None: it is valid."""
    if not is_secret(name) or name[0].isdecimal():
        return "use only letters, digits and underscores, at most 255, and do not start with a digit"
    if is_reserved(name):
        return "GitHub reserves names that begin with GITHUB_"
    return None


def is_reserved(name: str) -> bool:
    """Return whether GitHub reserves this name."""
    return name.upper().startswith("GITHUB_")


def is_file(path: str) -> bool:
    """Return whether this may be the path of a file in a repository, so it is safe in a URL once it is quoted."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    # requests resolves "..", even if it is quoted.
    return len(path) <= _PATH_LENGTH and not {"", ".", ".."} & set(path.split("/"))


def is_repository(full_name: str) -> bool:
    """Return whether this is C(OWNER/REPO), so it is safe in a path."""
    return bool(_REPOSITORY.fullmatch(full_name))


def repository_in(text: str) -> str | None:
    """Return the C(OWNER/REPO) in a URL, such as C(https://github.com/OWNER/REPO.git); None: it has none."""
    text = text.strip()
    host = _HOST.match(text)
    path = re.split("[?#]", text[host.end() :])[0].split("/")[:2] if host else text.rstrip("/").split("/")
    name = re.sub(r"\.git$", "", "/".join(path), flags=re.IGNORECASE)
    return name if is_repository(name) else None


def is_repository_id(text: str) -> bool:
    """Return whether this is the numeric ID of a repository."""
    return bool(_REPOSITORY_ID.fullmatch(text))


def is_organization(name: str) -> bool:
    """Return whether this may be the login of an organization or a user, so it is safe in a path."""
    return bool(_ORGANIZATION.fullmatch(name))


def is_key_id(text: str) -> bool:
    """Return whether this may be the ID of a public key."""
    return bool(_KEY_ID.fullmatch(text))


def number(text: str | None) -> int | None:
    """Parse a non-negative number of at most 15 digits; None: it is not one."""
    return int(text) if text is not None and _NUMBER.fullmatch(text.strip()) else None


def printable(text: object, most: int = 500) -> str:
    """Make a text or a number safe for a terminal or a log, cut to so many characters. Other types become empty.

    White space, with line breaks, becomes single spaces. Other characters that are not printable, such as the start
    of an escape sequence, become replacement characters.
    """
    if not isinstance(text, (str, int, float)):
        return ""
    words = " ".join(str(text)[: 4 * most].split())
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in words)[:most]


def shortened(text: object, most: int = 500) -> str:
    """Make a text printable. If it is longer than so many characters, cut it between words, with an ellipsis."""
    whole = printable(text, most + 1)
    if len(whole) <= most:
        return whole
    start = whole[: most - 1]
    words = start if whole[most - 1] == " " else start.rpartition(" ")[0]
    # If one word fills most of the text, the word is cut.
    kept = words if len(words) > most // 3 else start
    return kept.rstrip(" ,;:.") + "\N{HORIZONTAL ELLIPSIS}"


def some(names: Sequence[str], most: int = 3) -> str:
    """List the first names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def quoted(text: str) -> str:
    """Quote the first 100 characters of an option's value, for an error."""
    return repr(text[:100])


def is_unset(value: object) -> bool:
    """Return whether this looks like the value of an unset variable: empty, or the line break that YAML keeps."""
    return isinstance(value, str) and not value.strip("\r\n")


def is_mask(value: str) -> bool:
    """Return whether the whole value is a mask, which Ansible shows for a hidden value."""
    return bool(_MASK.fullmatch(value.strip()) or _ASTERISKS.fullmatch(value.strip()))


def not_plaintext(value: str) -> str | None:
    """Return which ciphertext or mask a value contains, so it cannot be the secret itself; None: it can."""
    if _VAULT.search(value):
        return "Ansible Vault ciphertext"
    if _SOPS.search(value):
        return "sops ciphertext"
    if _EYAML.search(value):
        return "eyaml ciphertext"
    if is_mask(value) or _MASK.search(value) or _MASKED_PASSWORD.search(value):
        return "a mask that Ansible shows for a hidden value"
    return None
