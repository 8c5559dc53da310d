# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens, act by act, with the calls that each run may take."""

from __future__ import annotations

from demo.stage import Stage

APP = "repo:octo-org/app DATABASE_URL"
API = "repo:octo-org/api DATABASE_URL"
USER = "user NPM_TOKEN"

TOKEN = {"vault_github_token": "token"}
VAULT = {**TOKEN, "vault_database_url": "database", "vault_npm_token": "npm"}
SERVICES = {**TOKEN, "vault_queue_url": "queue", "vault_sentry_dsn": "tracker"}


def play_all(stage: Stage) -> None:
    """Play every act. The heading of an act up to its colon is its name in the table at the end."""
    held = two_repositories(stage)
    held = more_and_less(stage, held)
    many_repositories(stage, held)
    stage.expect_no_leak()


def two_repositories(stage: Stage) -> dict[str, str]:
    stage.act("1. A dry run: it tells what would be done, and writes nothing")
    stage.show("repositories.yml")
    stage.show("playbook.yml")
    stage.write_vault(**VAULT)
    stage.play("--check", "--diff", "playbook.yml", calls=4, writes=0, changed=2, reason="created")
    stage.expect_secrets({})

    stage.act("2. The first run: it creates the secrets")
    stage.play("playbook.yml", calls=11, writes=3, changed=2, reason="created")
    held = {APP: "database", API: "database", USER: "npm, octo-org/api, octo-org/app"}
    stage.expect_secrets(held)

    stage.act("3. The second run: nothing to do")
    stage.play("playbook.yml", calls=4, writes=0, changed=0, reason="unchanged")
    stage.expect_secrets(held)

    stage.act("4. A value is rotated: that one alone is written")
    stage.tell("vault.yml is edited: vault_npm_token, the value of NPM_TOKEN, is a new one.")
    stage.write_vault(**{**VAULT, "vault_npm_token": "rotated npm"})
    stage.play("--diff", "playbook.yml", calls=6, writes=1, changed=1, reason="value_changed")
    held[USER] = "rotated npm, octo-org/api, octo-org/app"
    stage.expect_secrets(held)

    stage.act("5. Somebody edits a secret on GitHub: noticed, and put right")
    stage.tell("On GitHub, somebody gives DATABASE_URL of octo-org/api another value.")
    stage.github.edit("repo:octo-org/api", "DATABASE_URL", value="somebody else's")
    stage.play("playbook.yml", calls=6, writes=1, changed=1, reason="updated_elsewhere")
    stage.expect_secrets(held)
    return held


def more_and_less(stage: Stage, held: dict[str, str]) -> dict[str, str]:
    stage.act("6. One more repository: one write, without value")
    stage.show("new_repository.yml")
    stage.play("--diff", "new_repository.yml", calls=4, writes=1, changed=1, reason="repository_added")
    held[USER] = "rotated npm, octo-org/api, octo-org/app, octo-org/web"
    stage.expect_secrets(held)
    npm = "npm_repositories:\n  - octo-org/app\n  - octo-org/api\n"
    stage.edit("repositories.yml", npm, f"{npm}  - octo-org/web\n")
    stage.play("playbook.yml", calls=4, writes=0, changed=0, reason="unchanged")
    stage.expect_secrets(held)

    stage.act("7. A secret is retired: taken from the list, and deleted")
    database = "database_repositories:\n  - octo-org/app\n"
    stage.edit("repositories.yml", f"{database}  - octo-org/api\n", database)
    stage.show("retired_secret.yml")
    stage.play("--diff", "retired_secret.yml", calls=2, writes=1, changed=1, reason="deleted")
    del held[API]
    stage.expect_secrets(held)
    stage.play("playbook.yml", calls=3, writes=0, changed=0, reason="unchanged")
    stage.expect_secrets(held)
    return held


def many_repositories(stage: Stage, held: dict[str, str]) -> None:
    services = [f"octo-org/service-{number:03}" for number in range(1, 201)]
    inventory = ("-i", "services.repositories.yml")

    stage.act("8. 20 repositories: one task, from an inventory that GitHub gives")
    stage.github.repositories(*({"full_name": name, "topics": ["service"]} for name in services[:20]))
    stage.show("services.repositories.yml")
    stage.show("services.yml")
    stage.write_vault(**SERVICES)
    stage.play(*inventory, "services.yml", calls=81, writes=40, changed=1, reason="created")
    values = {"QUEUE_URL": "queue", "SENTRY_DSN": "tracker"}
    held |= {f"repo:{name} {secret}": value for name in services[:20] for secret, value in values.items()}
    stage.expect_secrets(held)
    stage.play(*inventory, "services.yml", calls=21, writes=0, changed=0, reason="unchanged")
    stage.expect_secrets(held)

    stage.act("9. 180 more: the dry run tells how long GitHub's pace makes it")
    stage.github.repositories(*({"full_name": name, "topics": ["service"]} for name in services[20:]))
    stage.play("--check", *inventory, "services.yml", calls=203, writes=0, changed=1, reason="created")
    stage.expect_secrets(held)
