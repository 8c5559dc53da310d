# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the secrets that a devcontainer.json recommends. Only this file imports json5."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import Malformed
from ansible_collections.devex.github.plugins.module_utils._validation import printable, wrong_name

JSON5_IMPORT_ERROR: str | None = None
try:
    import json5

    # The rest of a removed installation, an empty directory, can be imported, too.
    _NEEDED = json5.loads
except Exception:
    # A broken installation can raise any exception.
    JSON5_IMPORT_ERROR = traceback.format_exc()

# json5 needs a second to parse so much. Typical files have a tenth of it.
_KIBIBYTES = 64
# GitHub's limit for a user, and for a repository.
_SECRETS = 100


#: Environment variables that GitHub sets in each codespace, so they need no secret. All but GITHUB_CODESPACE_TOKEN are
#: documented:
#: https://docs.github.com/codespaces/developing-in-a-codespace/default-environment-variables-for-your-codespace
PROVIDED = frozenset(
    {
        "CODESPACES",
        "CODESPACE_NAME",
        "GITHUB_API_URL",
        "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN",
        "GITHUB_CODESPACE_TOKEN",
        "GITHUB_GRAPHQL_URL",
        "GITHUB_REPOSITORY",
        "GITHUB_SERVER_URL",
        "GITHUB_TOKEN",
        "GITHUB_USER",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_NAME",
    }
)


@dataclass(frozen=True)
class Recommended:
    """A secret that a project recommends."""

    #: As written in the file, so it may be invalid.
    name: str
    description: str | None = None
    documentation_url: str | None = None


@dataclass
class Recommendations:
    """The secrets that all configurations of a repository recommend together."""

    #: By the name that GitHub would store.
    secrets: dict[str, Recommended] = field(default_factory=dict)
    #: Texts about invalid parts of configurations.
    problems: list[str] = field(default_factory=list)

    def add(self, path: str, secrets: Iterable[Recommended]) -> None:
        """Add the secrets of a configuration. The texts of earlier configurations win."""
        for secret in secrets:
            name = secret.name.upper()
            wrong = None if name in PROVIDED else wrong_name(secret.name)
            if wrong is not None:
                self.problems.append(
                    f"{path}: {printable(secret.name, 100)!r} cannot be the name of a secret: {wrong}."
                )
                continue
            known = self.secrets.get(name, secret)
            self.secrets[name] = Recommended(
                name, known.description or secret.description, known.documentation_url or secret.documentation_url
            )


def recommended(content: bytes) -> list[Recommended]:
    """List the secrets that a devcontainer.json recommends.

    If it has a name twice, the last one counts, as usual in JSON.

    :raises Malformed: the content cannot be read.
    """
    if len(content) > _KIBIBYTES * 1024:
        raise Malformed(f"it is larger than {_KIBIBYTES} KiB")
    try:
        text = content.decode("utf-8-sig")
        document = json5.loads(text)
    except UnicodeDecodeError as error:
        raise Malformed("it is not UTF-8") from error
    except RecursionError as error:
        raise Malformed("it is nested too deeply") from error
    except ValueError as error:
        where = printable(str(error).replace("<string>:", "line "), 200)
        # VS Code reads as much as it can of an object with syntax errors.
        lenient = ". VS Code may open it all the same, because it ignores syntax errors" if "{" in text else ""
        raise Malformed(f"it is not JSON with comments: {where.rstrip('.')}{lenient}") from error
    if not isinstance(document, dict):
        raise Malformed("it is JSON, but not an object")
    secrets = document.get("secrets")
    if secrets is None:
        return []
    if not isinstance(secrets, dict):
        raise Malformed("its secrets are not an object")
    if len(secrets) > _SECRETS:
        raise Malformed(f"it recommends {len(secrets)} secrets, but GitHub stores at most {_SECRETS}")
    return [_recommended(name, row if isinstance(row, dict) else {}) for name, row in secrets.items()]


def _recommended(name: str, row: dict[str, Any]) -> Recommended:
    return Recommended(name, _text(row.get("description")), _text(row.get("documentationUrl")))


def _text(value: Any) -> str | None:
    return (printable(value) or None) if isinstance(value, str) else None
