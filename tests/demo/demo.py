# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection at work: the playbooks beside this file and their real output, against the local GitHub.

It needs no account, touches nothing but a temporary directory, and checks everything that it shows.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from emulator.client import Emulator

from demo.stage import COLOUR, HEADING, STRONG, WIDTH, WRONG, CommandError, Stage, counted, styled
from demo.story import play_all

HERE = Path(__file__).resolve().parent
NEXT = {
    "docs/docsite/rst/guide_getting_started.rst": "a first playbook of your own",
    "docs/docsite/rst/guide_tokens.rst": "the token that it needs",
    "docs/docsite/rst/guide_organization.rst": "each repository its secrets, by topic",
    "make docs": "all of it to read: build/docs/html/index.html",
}


def prepared(directory: Path, api_url: str) -> dict[str, str]:
    """Put the playbooks into a directory; returns an environment in which Ansible knows nothing else."""
    for playbook in HERE.glob("*.yml"):
        shutil.copy(playbook, directory)
    password = directory / "vault-password"
    password.write_text(secrets.token_hex(), encoding="utf-8")
    settings = directory / "ansible.cfg"
    settings.touch()
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(directory),
        "XDG_STATE_HOME": str(directory / "state"),
        "TMPDIR": str(directory),
        "LC_ALL": "C.UTF-8",
        "GITHUB_API_URL": api_url,
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_COLLECTIONS_PATH": str(HERE.parents[1] / "build/dev"),
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_FORCE_COLOR" if COLOUR else "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_VAULT_PASSWORD_FILE": str(password),
    }


def main() -> int:
    """Return the exit status: 1 if anything was not as it should be."""
    # When it is killed, it cleans up as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="devex-github-demo-") as directory, Emulator.start() as github:
        print(f"The playbooks in tests/demo, played against a local GitHub at {github.url}")
        stage = Stage(github, Path(directory), prepared(Path(directory), github.url))
        try:
            play_all(stage)
        except (CommandError, KeyboardInterrupt, subprocess.TimeoutExpired) as error:
            stage.differences.append(str(error) or "interrupted")
    print("\n" + styled("=" * WIDTH, HEADING))
    if stage.differences:
        print(styled("Not as it should be:", WRONG))
        print("\n".join(f"  {difference}" for difference in stage.differences))
        return 1
    stage.show_runs()
    calls, writes = sum(run.calls for run in stage.runs), sum(run.writes for run in stage.runs)
    print(
        f"\n{counted(len(stage.runs), 'run')}, {counted(calls, 'call')}, {counted(writes, 'write')}: "
        "each run changed what it should, and nothing else.\n"
        "After each, GitHub held exactly the values and repositories of the playbook.\n"
        "No value or token was shown, or is in any file, the fingerprint store included.\n"
    )
    print(styled("Where to go next", STRONG))
    for where, what in NEXT.items():
        print(f"  {where:<45}{what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
