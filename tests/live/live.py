# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the collection and the emulator against the real GitHub; see `needs.HELP`.

It creates secrets with throwaway names only, and deletes them at the end, after a failure and after Ctrl-C. The page is
written only by a run that reaches its end.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from emulator.observed import PAGE, shown

from live import ask, report, rituals, secrets_of, signals
from live.cleanup import GONE, Cleanup
from live.github import GitHub, RateLimited, Reply, Unanswered
from live.needs import HELP, NeedsError, Settings, settings
from live.questions import Answer, NotObserved
from live.secrets_of import Key, Secrets
from live.signals import say

PREFIX = "DEVEX_LIVE_"
#: Long enough that another person's secret with this prefix hardly ever matches.
OURS = re.compile(PREFIX + r"[0-9A-F]{8}_[QRS]")


class LiveError(Exception):
    """The check cannot start."""


@dataclass
class Live:
    """One run.

    `reached`: the scopes that the token can list; `unreached`: why the others are left out; `ours`: the secrets to
    delete at the end; `unfinished`: how many rituals may still have a write under way.
    """

    settings: Settings
    github: GitHub
    pause: float
    patience: float
    page: Path
    earlier: report.Earlier
    #: When a rate limit ends that stopped the run; of time.monotonic().
    limited_until: float = 0.0
    prefix: str = field(default_factory=lambda: PREFIX + secrets.token_hex(4).upper())
    reached: dict[str, Secrets] = field(default_factory=dict)
    unreached: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer | str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    ours: list[tuple[Secrets, str]] = field(default_factory=list)
    unfinished: int = 0

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
        say(f"GitHub: {self.github.url}\n")
        say(f"Creates and deletes the secrets {', '.join(self.names)} of:")
        replies = {}
        for scope in self.scopes():
            say(f"  {scope.title}")
        owner = "of the user or of the organization" if self.settings.organization else "of the user"
        say(f"For a moment, up to 100 repositories {owner} may read one of them. Its value is a fixed text.")
        if not self.settings.organization:
            self.unreached["organization"] = "ORGANIZATION is not set"
        for scope in self.scopes():
            what = f"the list of secrets of the {scope.kind}"
            try:
                reply = replies[scope.kind] = scope.listing()
                if reply.status == 200:
                    secrets_of.names(reply)
                    self.reached[scope.kind] = scope
                    continue
                self.unreached[scope.kind] = f"GitHub answered {reply.status} to {what}"
            except Unanswered as error:
                if scope.kind == "repository":
                    raise
                self.unreached[scope.kind] = f"{error}, when asked for {what}"
            say(f"Left out: {self.unreached[scope.kind]}.")
        if "repository" not in self.reached:
            raise LiveError(f"{self.unreached['repository']}.\n{HELP}")
        return replies

    def delete_leftovers(self, replies: dict[str, Reply]) -> None:
        """Delete the throwaway secrets of runs that were killed."""
        for kind, scope in self.reached.items():
            for name in filter(OURS.fullmatch, secrets_of.names(replies[kind])):
                say(f"Deleting {name} of {scope.title}, left over from a run that was killed.")
                self.ours.append((scope, name))
                try:
                    status = scope.delete(name).status
                    problem = "" if status in GONE else f"GitHub answered {status}"
                except Unanswered as error:
                    problem = str(error)
                if problem:
                    say(f"Could not delete it: {problem}. This run tries again at its end.")

    def ask_all(self, user_reply: Reply | None) -> report.Run:
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
        self.ours += [(scope, name) for scope in self.reached.values() for name in self.names]
        with_lists = ("user", "organization") if self.settings.organization else ("user",)
        sandbox = ask.Sandbox(
            name=self.names[0],
            repository=repository,
            repository_id=repository_id,
            key=key,
            listed=[self.reached[kind] for kind in with_lists if kind in self.reached],
            reasons=[self.unreached[kind] for kind in with_lists if kind in self.unreached],
            user_reply=user_reply,
            other_github=other,
            earlier_key=self.earlier.key_of(repository_id),
            patience=self.patience,
        )
        for switch, question in ask.ASK.items():
            self.answers[switch] = _answer(question, sandbox)
            say(f"  {switch}: {_told(switch, self.answers[switch])}")
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
                    self.unfinished += 1
                    try:
                        player.play(module)
                        self.modules[module] = "passed"
                        self.unfinished -= 1
                    except rituals.RitualError as error:
                        self.modules[module] = "failed"
                        say(str(error))
                say(f"  {module}: {self.modules[module]}")

    def write(self, found: report.Run) -> bool:
        """Write the page; returns whether that worked. Otherwise, it prints the page."""
        text = report.page(found, self.earlier.complete(self.answers, found.url), self.modules)
        try:
            self.page.write_text(text, encoding="utf-8")
        except OSError as error:
            say(f"\n{text}")
            say(f"Could not write {self.page}: {error}. Save the page above there.", error=True)
            return False
        say(f"\nWrote {self.page}.")
        return True

    def clean_up(self) -> bool:
        """Delete the throwaway secrets; returns whether all are gone."""
        late_writes = self.github.unanswered_writes + self.unfinished > 0
        return Cleanup(self.ours, self.patience).run(late_writes=late_writes, limited_until=self.limited_until)


def _answer(question: Callable[[ask.Sandbox], Answer], sandbox: ask.Sandbox) -> Answer | str:
    """Ask a question; returns the answer, or the reason why there is none."""
    try:
        answer = question(sandbox)
    except (NotObserved, Unanswered) as reason:
        return str(reason)
    return answer


def _told(switch: str, answer: Answer | str) -> str:
    return f"{report.result(switch, answer)}, {answer if isinstance(answer, str) else shown(answer.value)}"


def run(live: Live, modules: Sequence[str]) -> int:
    """Do all of it; returns the exit status."""
    status = 1
    try:
        replies = live.start()
        live.delete_leftovers(replies)
        say("\nThe open questions:")
        found = live.ask_all(replies.get("user"))
        say("\nThe rituals of the modules:")
        live.play_all(modules)
        status = int(not live.write(found) or "failed" in live.modules.values())
    except KeyboardInterrupt:
        say("\nInterrupted; nothing was written.", error=True)
        status = 130
    except RateLimited as error:
        live.limited_until = time.monotonic() + error.seconds
        say(f"\n{error}\nStopped; nothing was written. Try again in an hour.", error=True)
    except LiveError as error:
        say(f"\n{error}\nNothing was written.", error=True)
    except Unanswered as error:
        text = ": ".join(filter(None, (str(error), error.detail)))
        say(f"\n{text}\nNothing was written. Check GITHUB_API_URL and the network, and try again.", error=True)
    finally:
        if not live.clean_up():
            status = status or 1
    return status


def main() -> int:
    """Return the exit status: 130 after Ctrl-C, 2 for wrong settings or an unusable page, 1 for any other problem."""
    parser = argparse.ArgumentParser(description="Check the collection against GitHub.", epilog="Usually: make live")
    parser.add_argument("--page", type=Path, default=PAGE, help="the file to write")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds to wait after each write")
    parser.add_argument("--patience", type=float, default=10.0, help="seconds until a read must show a write")
    parser.add_argument("--module", action="append", help="play this ritual only; may be repeated; 'none': no ritual")
    arguments = parser.parse_args()
    try:
        found = settings(os.environ)
    except NeedsError as error:
        say(f"{error}\n{HELP}", error=True)
        return 2
    try:
        earlier = report.earlier(arguments.page)
    except report.PageError as error:
        say(str(error), error=True)
        return 2
    signals.interrupt_once()
    with closing(GitHub(found.url, found.token, arguments.pause)) as github:
        live = Live(found, github, arguments.pause, arguments.patience, arguments.page, earlier)
        return run(live, arguments.module or list(rituals.MODULES))


if __name__ == "__main__":
    sys.exit(main())
