# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replace systemd's library, and write Ansible's messages for the system's log to the file in SYSTEM_LOG."""

from __future__ import annotations

import os
from types import SimpleNamespace


def send(**fields: object) -> None:
    with open(os.environ["SYSTEM_LOG"], "a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(" ".join(f"{name}={value}" for name, value in fields.items()) + "\n")


# Ansible looks for sendv, but calls send.
journal = SimpleNamespace(send=send, sendv=send)
daemon = SimpleNamespace(booted=lambda: True)
