# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import signal
import threading

from ansible_collections.devex.github.plugins.module_utils._threads import without_signals


def test_signals_go_to_the_main_thread_only() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    found: list[set[signal.Signals | int]] = []
    with without_signals():
        thread = threading.Thread(target=lambda: found.append(signal.pthread_sigmask(signal.SIG_BLOCK, ())))
        thread.start()
    thread.join()
    assert found[0] >= {signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP}
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    assert signal.SIGINT not in before
