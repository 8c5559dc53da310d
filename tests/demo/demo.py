# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show the collection at work: real playbooks and their output, against the local GitHub emulator.

The demo needs no account, changes nothing outside a temporary directory, and checks everything that it shows.
"""

from __future__ import annotations

import argparse
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
#: The link that `make` creates in a checkout, or the directory of the installed collection.
CHECKOUT = HERE.parents[1] / "build/dev"
COLLECTIONS = CHECKOUT if CHECKOUT.is_dir() else HERE.parents[4]
NEXT = {
    "docs/examples": "playbooks to copy, for one repository and for many",
    "docs/docsite/rst/guide_getting_started.rst": "your first playbook",
    "docs/docsite/rst/guide_tokens.rst": "the token it needs",
    "make demo VERBOSE=1": "the whole output, each call, and five more acts",
}


def prepared(directory: Path, api_url: str) -> dict[str, str]:
    """Copy the playbooks into a directory; returns an environment for Ansible without the user's own settings."""
    shutil.copytree(HERE, directory, ignore=shutil.ignore_patterns("*.py", "*.txt", "__pycache__"), dirs_exist_ok=True)
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
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_FORCE_COLOR" if COLOUR else "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_VAULT_PASSWORD_FILE": str(password),
    }


def main() -> int:
    """Return the exit status: 1 if anything differs from the story."""
    parser = argparse.ArgumentParser(description="Show the collection at work, against a local GitHub emulator.")
    parser.add_argument(
        "--verbose", action="store_true", help="show the whole output and each call, and play more acts"
    )
    verbose = parser.parse_args().verbose
    # When it is terminated, it cleans up as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="devex-github-demo-") as directory, Emulator.start() as github:
        print(f"The playbooks in tests/demo, run against a local GitHub emulator at {github.url}")
        if not verbose:
            print("Shortened: repositories with the same result appear once. make demo VERBOSE=1 shows everything.")
        stage = Stage(github, Path(directory), prepared(Path(directory), github.url), verbose)
        stage.environment["GITHUB_TOKEN"] = stage.values.setdefault("token", f"ghp_{secrets.token_hex(18)}")
        try:
            play_all(stage)
        except (CommandError, KeyboardInterrupt, subprocess.TimeoutExpired) as error:
            stage.differences.append(str(error) or "interrupted")
    print("\n" + styled("=" * WIDTH, HEADING))
    if stage.differences:
        print(styled("This differs from the story:", WRONG))
        print("\n".join(f"  {difference}" for difference in stage.differences))
        return 1
    stage.show_runs()
    calls, writes = sum(run.calls for run in stage.runs), sum(run.writes for run in stage.runs)
    print(
        f"\n{counted(len(stage.runs), 'run')}, {counted(calls, 'call')}, {counted(writes, 'write')}. "
        "Each run changed exactly what it should.\n"
        "After each run, GitHub held exactly the values and repositories of the playbook.\n"
        "No value or token is in the output or in any file, the fingerprint store included.\n"
    )
    print(styled("Where to go next", STRONG))
    for where, what in NEXT.items():
        print(f"  {where:<45}{what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
