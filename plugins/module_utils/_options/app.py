# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse the options of a GitHub App."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._github.app import sign
from ansible_collections.devex.github.plugins.module_utils._github.transport import App
from ansible_collections.devex.github.plugins.module_utils._options.argspec import APP

#: The end of an error about a token beside an App.
ONE_OF_BOTH = 'Set a token or a GitHub App. To unset an option that module_defaults sets, write "{{ omit }}".'

_PEM = "-----BEGIN "
_PEM_IN_BASE64 = "LS0tLS1CRUdJTi"
# A key has less than 4 KiB.
_KEY_BYTES = 64 * 1024
_EXPECTED = "Set the text of the PEM file that GitHub generates for the App, or the path of the file."
# Errors about a path that was probably meant as a key.
_NO_PATH = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})


def app(options: Mapping[str, Any]) -> App | None:
    """Return the App of a task; None: it has none.

    :raises InputError: an option is missing or not valid. The message does not contain the key.
    :raises MissingLibrary: PyJWT or cryptography is not installed.
    """
    given = [name for name in APP if options[name] is not None]
    if not given:
        return None
    if options["token"] is not None:
        raise InputError(f"token and {given[0]} are both set. {ONE_OF_BOTH}")
    missing = [name for name in APP[:2] if options[name] is None]
    if missing:
        raise InputError(f"{' and '.join(missing)} is missing. A GitHub App needs app_id and app_private_key.")
    for name in ("app_id", "app_installation_id"):
        if options[name] is not None and options[name] < 1:
            raise InputError(f"{name} must be at least 1.")
    found = App(options["app_id"], _key(options["app_private_key"]), options["app_installation_id"])
    # A wrong key fails here, before any request.
    sign(found, time.time())
    return found


def _key(text: str) -> str:
    """Return a key in PEM format, from the text itself or from its file."""
    if not text.strip():
        raise InputError(f"app_private_key is empty. {_EXPECTED}")
    _reject_base64("app_private_key", text)
    if _PEM not in text:
        text = _content(os.path.expanduser(os.path.expandvars(text)))
    # Environment variables often have line breaks as two or four characters.
    return text.replace("\\r", "").replace("\\n", "\n").strip() + "\n"


def _content(path: str) -> str:
    """Return the text of a file. Errors do not show the path, which may be a damaged key."""
    try:
        text = _read(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("app_private_key: the file is not text in UTF-8. Save it in this encoding.") from None
    except OSError as error:
        if error.errno in _NO_PATH:
            raise _neither() from None
        raise InputError(f"app_private_key: the file cannot be read: {error.strerror}.") from None
    except ValueError:
        # The path contains a null character.
        raise _neither() from None
    _reject_base64("app_private_key: the file", text)
    if _PEM not in text:
        raise InputError(f"app_private_key: the file contains no private key in PEM format. {_EXPECTED}")
    return text


def _read(path: str) -> bytes:
    """Return the beginning of a regular file. Reading another one, such as a pipe, might never end."""
    # Without O_NONBLOCK, opening a pipe waits until another process writes to it.
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        return file.read(_KEY_BYTES)


def _reject_base64(title: str, text: str) -> None:
    if text.strip().startswith(_PEM_IN_BASE64):
        raise InputError(f"{title} is a PEM file in Base64. Decode it, for example with the filter b64decode.")


def _neither() -> InputError:
    return InputError(f"app_private_key is neither a private key in PEM format nor the path of a file. {_EXPECTED}")
