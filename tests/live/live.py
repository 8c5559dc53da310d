# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the collection and the emulator against the real GitHub; see `needs.HELP`.

It creates secrets with throwaway names only, and deletes them at the end, after a failure and after Ctrl-C.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import requests
from emulator.observed import PAGE, shown

from live import ask, report, rituals, secrets_of
from live.github import GitHub, RateLimited, Reply
from live.needs import HELP, NeedsError, Settings, settings
from live.questions import Answer, NotObserved
from live.secrets_of import Key, Secrets

PREFIX = "DEVEX_LIVE_"
#: So that a secret of somebody else with this prefix is hardly ever taken for ours.
OURS = re.compile(PREFIX + r"[0-9A-F]{8}_[QRS]")


#: How many seconds to wait for the end of a rate limit, to delete the throwaway secrets.
MAX_WAIT = 180


class LiveError(Exception):
    """The check cannot start."""


@dataclass
class Live:
    """One run. `reached`: the scopes that the token can list; `unreached`: why the others are left out."""

    settings: Settings
    github: GitHub
    pause: float
    patience: float
    page: Path
    #: When a rate limit ends that stopped the run; of time.monotonic().
    limited_until: float = 0.0
    prefix: str = field(default_factory=lambda: PREFIX + secrets.token_hex(4).upper())
    reached: dict[str, Secrets] = field(default_factory=dict)
    unreached: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer | str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The throwaway names: one for the questions, two for the rituals."""
        return [f"{self.prefix}_{letter}" for letter in "QRS"]

    def scopes(self) -> list[Secrets]:
        """Return all scopes to check."""
        organization = self.settings.organization
        found = [secrets_of.of_repository(self.github, self.settings.repository), secrets_of.of_user(self.github)]
        return [*found, secrets_of.of_organization(self.github, organization)] if organization else found

    def start(self) -> dict[str, Reply]:
        """See which scopes the token can list, and announce what follows; returns their lists.

        :raises LiveError: it cannot list the secrets of the repository.
        """
        print(f"GitHub: {self.github.url}\n")
        print(f"Creates and deletes the secrets {', '.join(self.names)} of:")
        replies = {}
        for scope in self.scopes():
            print(f"  {scope.title}")
        print("For a moment, up to 100 repositories of the user may read one of them. Its value is a fixed text.")
        if not self.settings.organization:
            self.unreached["organization"] = "ORGANIZATION is not set"
        for scope in self.scopes():
            reply = replies[scope.kind] = scope.listing()
            if reply.status == 200:
                self.reached[scope.kind] = scope
            else:
                reason = f"GitHub answered {reply.status} to the list of secrets of the {scope.kind}"
                self.unreached[scope.kind] = reason
                print(f"Left out: {reason}.")
        if "repository" not in self.reached:
            raise LiveError(f"{self.unreached['repository']}.\n{HELP}")
        return replies

    def delete_leftovers(self, replies: dict[str, Reply]) -> None:
        """Delete the throwaway secrets of runs that were killed."""
        for kind, scope in self.reached.items():
            names = [row["name"] for row in replies[kind].body["secrets"] if OURS.fullmatch(row["name"])]
            for name in names:
                print(f"Deleting {name} of {scope.title}, left over from a run that was killed.")
                scope.delete(name)

    def ask_all(self, user_reply: Reply) -> report.Run:
        """Ask each question."""
        repository = self.reached["repository"]
        row = self.github("GET", f"/repos/{self.settings.repository}")
        found = repository.public_key()
        for what, reply in (("repository", row), ("public key of the repository", found)):
            if reply.status != 200:
                raise LiveError(f"GitHub answered {reply.status} to the {what}.\n{HELP}")
        repository_id, key = int(row.body["id"]), Key.of(found)
        without_scopes = self.settings.token_without_scopes
        other = GitHub(self.github.url, without_scopes, self.pause) if without_scopes else None
        sandbox = ask.Sandbox(
            name=self.names[0],
            repository=repository,
            repository_id=repository_id,
            key=key,
            listed=self.reached.get("user") or self.reached.get("organization") or self.unreached["user"],
            user_reply=user_reply,
            other_github=other,
            earlier_key=report.earlier_key(self.page, repository_id),
            patience=self.patience,
        )
        for switch, question in ask.ASK.items():
            self.answers[switch] = _answer(question, sandbox)
            print(f"  {switch}: {_told(switch, self.answers[switch])}", flush=True)
        if other:
            other.close()
        version = row.headers.get("x-github-api-version-selected", "unknown")
        now = datetime.now(timezone.utc)
        return report.Run(f"{now:%Y-%m-%d}", self.github.url, version, repository_id, key)

    def play_all(self, modules: Sequence[str]) -> None:
        """Play the ritual of each module."""
        name, second = self.names[1:]
        variables = {
            "live_repository": self.settings.repository,
            "live_organization": self.settings.organization or "",
            "live_name": name,
            "live_second_name": second,
        }
        with tempfile.TemporaryDirectory(prefix="devex-github-live-") as home:
            player = rituals.Player(Path(home), self.settings.token, self.github.url, variables)
            for module, kinds in rituals.MODULES.items():
                missing = [self.unreached[kind] for kind in kinds if kind not in self.reached]
                if module not in modules or missing:
                    self.modules[module] = missing[0] if missing else "this run was told to leave it out"
                else:
                    try:
                        player.play(module)
                        self.modules[module] = "passed"
                    except rituals.RitualError as error:
                        self.modules[module] = "failed"
                        print(error)
                print(f"  {module}: {self.modules[module]}", flush=True)

    def clean_up(self) -> bool:
        """Delete the throwaway secrets; returns whether all are gone."""
        self._wait_for_limit()
        # A second Ctrl-C would leave them.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        left = [(scope, name) for scope in self.reached.values() for name in self.names]
        try:
            while left and left[0][0].delete(left[0][1]).status in (204, 404):
                del left[0]
        except (RateLimited, requests.RequestException) as error:
            print(error)
        for scope, name in left:
            print(f"Could not delete {name} of {scope.title}. The next run deletes it, if it exists.", file=sys.stderr)
        return not left

    def _wait_for_limit(self) -> None:
        """Wait for the end of a limit, unless it is far away; Ctrl-C ends the wait."""
        seconds = self.limited_until - time.monotonic()
        if 0 < seconds <= MAX_WAIT:
            print(f"Waiting {math.ceil(seconds)} seconds for the end of the limit, to delete the throwaway secrets.")
            with suppress(KeyboardInterrupt):
                time.sleep(seconds)


def _answer(question: Callable[[ask.Sandbox], Answer], sandbox: ask.Sandbox) -> Answer | str:
    """Ask a question; returns the answer, or the reason why there is none."""
    try:
        answer = question(sandbox)
    except NotObserved as reason:
        return str(reason)
    return answer


def _told(switch: str, answer: Answer | str) -> str:
    return f"{report.result(switch, answer)}, {answer if isinstance(answer, str) else shown(answer.value)}"


def run(live: Live, modules: Sequence[str]) -> int:
    """Do all of it; returns the exit status. The page is written only by a run that reaches its end."""
    status = 1
    try:
        replies = live.start()
        live.delete_leftovers(replies)
        print("\nThe open questions:", flush=True)
        found = live.ask_all(replies["user"])
        print("\nThe rituals of the modules:", flush=True)
        live.play_all(modules)
        answers = report.with_earlier(live.answers, live.page, found.url)
        live.page.write_text(report.page(found, answers, live.modules), encoding="utf-8")
        print(f"\nWrote {live.page}.")
        status = int("failed" in live.modules.values())
    except KeyboardInterrupt:
        print("\nInterrupted; nothing was written.", file=sys.stderr)
        status = 130
    except RateLimited as error:
        live.limited_until = time.monotonic() + error.seconds
        print(f"\n{error}\nStopped; nothing was written. Try again in an hour.", file=sys.stderr)
    except (LiveError, requests.RequestException) as error:
        print(f"\n{error}\nNothing was written.", file=sys.stderr)
    finally:
        if not live.clean_up():
            status = status or 1
    return status


def main() -> int:
    """Return the exit status: 2 for missing settings, 1 if a ritual failed or the run stopped, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(description="Check the collection against GitHub.", epilog="Usually: make live")
    parser.add_argument("--page", type=Path, default=PAGE, help="the file to write")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds to wait after each write")
    parser.add_argument("--patience", type=float, default=10.0, help="seconds until a read must show a write")
    parser.add_argument("--module", action="append", help="play this ritual only; may be repeated; 'none': no ritual")
    arguments = parser.parse_args()
    try:
        found = settings(os.environ)
    except NeedsError as error:
        print(f"{error}\n{HELP}", file=sys.stderr)
        return 2
    # When it is killed, it cleans up as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with closing(GitHub(found.url, found.token, arguments.pause)) as github:
        live = Live(found, github, arguments.pause, arguments.patience, arguments.page)
        return run(live, arguments.module or list(rituals.MODULES))


if __name__ == "__main__":
    sys.exit(main())
