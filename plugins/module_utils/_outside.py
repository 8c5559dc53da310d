# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What comes from outside, from a server, a file or a playbook, made fit to be used: names, numbers, safe text."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SECRET = re.compile(r"[A-Za-z0-9_]{1,255}")
_PATH_LENGTH = 1000
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_ORGANIZATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_REPOSITORY_ID = re.compile(r"[1-9][0-9]{0,17}")
_KEY_ID = re.compile(r"[\x21-\x7e]{1,255}")
_NUMBER = re.compile(r"[0-9]{1,15}")


def is_secret(name: str) -> bool:
    """Whether this may be the name of a secret, and thus a part of a path."""
    return bool(_SECRET.fullmatch(name))


def wrong_name(name: str) -> str | None:
    """Why GitHub would refuse a secret of this name; None: it takes it."""
    if not is_secret(name) or name[0].isdecimal():
        return "letters, digits and underscores only, and no digit in front"
    if name.upper().startswith("GITHUB_"):
        return "GitHub keeps names with GITHUB_ in front for itself"
    return None


def is_file(path: str) -> bool:
    """Whether this may be the path of a file in a repository, and, quoted, the end of a path."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    # requests, as a browser does, goes up at dots, quoted or not.
    return len(path) <= _PATH_LENGTH and not {"", ".", ".."} & set(path.split("/"))


def is_repository(full_name: str) -> bool:
    """Whether this is C(OWNER/REPO), and may be a part of a path."""
    return bool(_REPOSITORY.fullmatch(full_name))


def is_repository_id(text: str) -> bool:
    """Whether this is the numeric ID of a repository."""
    return bool(_REPOSITORY_ID.fullmatch(text))


def is_organization(name: str) -> bool:
    """Whether this may be the login of an organization, and thus a part of a path."""
    return bool(_ORGANIZATION.fullmatch(name))


def is_key_id(text: str) -> bool:
    """Whether this may be the ID of a public key."""
    return bool(_KEY_ID.fullmatch(text))


def number(text: str | None) -> int | None:
    """The number that these digits stand for; None where they are none, or more than any number here has."""
    return int(text) if text is not None and _NUMBER.fullmatch(text.strip()) else None


def printable(text: object, most: int = 500) -> str:
    """A text that cannot do anything to a terminal or a log but stand in it; empty for what is no text and no number.

    Line breaks and other white space become blanks; what else is not printable, such as the start of an escape
    sequence, becomes a replacement character.

    :arg most: characters after which it is cut.
    """
    if not isinstance(text, (str, int, float)):
        return ""
    words = " ".join(str(text)[: 4 * most].split())
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in words)[:most]


def shortened(text: object, most: int = 500) -> str:
    """Make a text printable; if it is longer than so many characters, cut it between words, with an ellipsis."""
    whole = printable(text, most + 1)
    if len(whole) <= most:
        return whole
    start = whole[: most - 1]
    words = start if whole[most - 1] == " " else start.rpartition(" ")[0]
    # A word that fills most of the text is cut itself.
    kept = words if len(words) > most // 3 else start
    return kept.rstrip(" ,;:.") + "\N{HORIZONTAL ELLIPSIS}"


def some(names: Sequence[str], most: int = 3) -> str:
    """The first of some names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def quoted(text: str) -> str:
    """The beginning of a text, as an error shows what a playbook gave."""
    return repr(text[:100])


def is_unset(value: object) -> bool:
    """Whether this looks like the value of a variable that is not set: nothing, or the line break that YAML keeps."""
    return isinstance(value, str) and not value.strip("\r\n")
