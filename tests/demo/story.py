# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The acts of the demo, with the number of calls that each run may take."""

from __future__ import annotations

from demo.stage import VAULT_FILE, Stage

APP = "repo:octo-org/app DATABASE_URL"
API = "repo:octo-org/api DATABASE_URL"
USER = "user NPM_TOKEN"

SERVICES = {"vault_queue_url": "queue", "vault_sentry_dsn": "tracker"}
DEVELOPER = {"vault_database_url": "database", "vault_npm_token": "npm"}
INVENTORY = ("-i", "service.repositories.yml")


def play_all(stage: Stage) -> None:
    """Play every act. The table at the end names an act by its heading up to the colon."""
    held = many_repositories(stage)
    if stage.verbose:
        more_repositories(stage, held)
        held |= one_repository(stage, held)
        more_and_less(stage, held)
    stage.expect_no_leak()


def add_services(stage: Stage, first: int, last: int) -> list[str]:
    """Create repositories with the topic; returns their names."""
    names = [f"octo-org/service-{number:03}" for number in range(first, last + 1)]
    stage.github.repositories(*({"full_name": name, "topics": ["service"]} for name in names))
    return names


def many_repositories(stage: Stage) -> dict[str, str]:
    """Give 20 repositories two secrets each; returns what GitHub holds at the end."""
    names = add_services(stage, 1, 20)
    stage.act("1. A dry run: 20 repositories, found by their topic")
    for name in ("service.repositories.yml", "group_vars/all/secrets.yml", "services.yml"):
        stage.show(name)
    stage.write_vault(**SERVICES)
    stage.play(*INVENTORY, "--check", "--diff", "services.yml", calls=21, writes=0, changed=20, reason="created")
    stage.expect_secrets({})

    stage.act("2. The run: all secrets are created")
    stage.play(*INVENTORY, "services.yml", calls=81, writes=40, changed=20, reason="created")
    held = {f"repo:{name} {secret}": value for name in names for secret, value in given(SERVICES).items()}
    stage.expect_secrets(held)

    stage.act("3. The run again: nothing to do")
    stage.play(*INVENTORY, "services.yml", calls=21, writes=0, changed=0, reason="unchanged")
    stage.expect_secrets(held)

    stage.act("4. An edit elsewhere: detected and undone")
    stage.comment("Someone changes QUEUE_URL of octo-org/service-007 on GitHub.")
    stage.github.edit("repo:octo-org/service-007", "QUEUE_URL", value="another value")
    stage.play(*INVENTORY, "services.yml", calls=23, writes=1, changed=1, reason="updated_elsewhere")
    stage.expect_secrets(held)

    stage.act("5. A rotation: only the new value is written")
    stage.comment(f"You change vault_sentry_dsn with: ansible-vault edit {VAULT_FILE}")
    rotated = {**SERVICES, "vault_sentry_dsn": "rotated tracker"}
    stage.write_vault(**rotated)
    stage.play(*INVENTORY, "--diff", "services.yml", calls=61, writes=20, changed=20, reason="value_changed")
    held = {f"repo:{name} {secret}": value for name in names for secret, value in given(rotated).items()}
    stage.expect_secrets(held)

    stage.act("6. A mistake: the run fails before it sends anything to the repositories")
    right, wrong = "{{ vault_queue_url }}", "{{ vault_queue_ulr }}"
    stage.edit("group_vars/all/secrets.yml", right, wrong)
    stage.play(*INVENTORY, "services.yml", calls=1, writes=0, changed=0, reason="failed")
    told = [line for line in stage.output.splitlines() if "QUEUE_URL" in line and "vault_queue_ulr" in line]
    stage.expect("an error with the secret and the misspelt variable", bool(told), True)
    stage.expect_secrets(held)
    if stage.verbose:
        stage.edit("group_vars/all/secrets.yml", wrong, right)
    return held


def given(vault: dict[str, str]) -> dict[str, str]:
    """Return the nickname of each value by the name of its secret."""
    return {name.removeprefix("vault_").upper(): called for name, called in vault.items()}


def more_repositories(stage: Stage, held: dict[str, str]) -> None:
    """Plan 180 further repositories."""
    add_services(stage, 21, 200)
    stage.act("7. 180 more repositories: a dry run")
    stage.play(*INVENTORY, "--check", "services.yml", calls=203, writes=0, changed=180, reason="created")
    stage.expect_secrets(held)


def one_repository(stage: Stage, held: dict[str, str]) -> dict[str, str]:
    """Manage secrets of single repositories and of the user; returns what GitHub holds of them."""
    stage.act("8. Single secrets: a dry run")
    stage.show("developer_repositories.yml")
    stage.show("developer.yml")
    stage.write_vault(**DEVELOPER)
    stage.play("--check", "--diff", "developer.yml", calls=5, writes=0, changed=2, reason="created")
    stage.expect_secrets(held)

    stage.act("9. Single secrets: the run")
    stage.play("developer.yml", calls=11, writes=3, changed=2, reason="created")
    developer = {APP: "database", API: "database", USER: "npm, octo-org/api, octo-org/app"}
    stage.expect_secrets(held | developer)
    stage.play("developer.yml", calls=4, writes=0, changed=0, reason="unchanged")
    return developer


def more_and_less(stage: Stage, held: dict[str, str]) -> None:
    """Grant a repository access to the user's secret, then delete a secret."""
    stage.act("10. One more repository: one write, without the value")
    stage.show("new_repository.yml")
    stage.play("--diff", "new_repository.yml", calls=4, writes=1, changed=1, reason="repository_added")
    held[USER] = "npm, octo-org/api, octo-org/app, octo-org/web"
    stage.expect_secrets(held)
    npm = "npm_repositories:\n  - octo-org/app\n  - octo-org/api\n"
    stage.edit("developer_repositories.yml", npm, f"{npm}  - octo-org/web\n")
    stage.play("developer.yml", calls=4, writes=0, changed=0, reason="unchanged")
    stage.expect_secrets(held)

    stage.act("11. A retired secret: removed from the list and deleted")
    database = "database_repositories:\n  - octo-org/app\n"
    stage.edit("developer_repositories.yml", f"{database}  - octo-org/api\n", database)
    stage.show("retired_secret.yml")
    stage.play("--diff", "retired_secret.yml", calls=2, writes=1, changed=1, reason="deleted")
    del held[API]
    stage.expect_secrets(held)
    stage.play("developer.yml", calls=3, writes=0, changed=0, reason="unchanged")
    stage.expect_secrets(held)
