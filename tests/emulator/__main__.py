# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python tests/emulator`` and ``python -m tests.emulator``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

package = __package__
if not package:
    # If this directory is run, Python adds it to the path, but the package requires its parent.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    package = "emulator"

try:
    server = import_module(".server", package)
except ModuleNotFoundError as missing:
    library = {"aiohttp": "aiohttp", "nacl": "pynacl"}.get(missing.name or "")
    if library is None:
        raise
    sys.exit(f"The emulator needs the Python library {library}: {sys.executable} -m pip install aiohttp pynacl")
sys.exit(server.main())
