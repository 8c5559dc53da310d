# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read what a devcontainer.json recommends; the only place that imports json5."""

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

    # An installation of which only the directory is left can be imported, too.
    _NEEDED = json5.loads
except Exception:
    # A broken installation raises whatever it likes.
    JSON5_IMPORT_ERROR = traceback.format_exc()

# It takes json5 a second; files that people write have a tenth of it.
_KIBIBYTES = 64
# GitHub holds no more for a user, nor for a repository.
_SECRETS = 100


#: Environment variables that GitHub sets in each codespace, so nobody has to create a secret for them. All but
#: GITHUB_CODESPACE_TOKEN are documented:
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
    """A secret that a project wants."""

    #: As the file has it, which may be no name at all.
    name: str
    description: str | None = None
    documentation_url: str | None = None


@dataclass
class Recommendations:
    """What the configurations of a repository recommend, all together."""

    #: By the name that GitHub would store.
    secrets: dict[str, Recommended] = field(default_factory=dict)
    #: What is wrong in them.
    problems: list[str] = field(default_factory=list)

    def add(self, path: str, secrets: Iterable[Recommended]) -> None:
        """What one of them recommends; what an earlier one tells of a secret stays."""
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

    If it has a name twice, the last one counts, as everywhere in JSON.

    :raises Malformed: it cannot be read.
    """
    if len(content) > _KIBIBYTES * 1024:
        raise Malformed(f"it is larger than {_KIBIBYTES} KiB")
    try:
        text = content.decode("utf-8-sig")
        found = json5.loads(text)
    except UnicodeDecodeError as error:
        raise Malformed("it is not UTF-8") from error
    except RecursionError as error:
        raise Malformed("it is nested too deeply") from error
    except ValueError as error:
        where = printable(str(error).replace("<string>:", "line "), 200)
        # VS Code reads as much as it can of an object with syntax errors.
        lenient = ". VS Code may open it all the same, because it ignores syntax errors" if "{" in text else ""
        raise Malformed(f"it is not JSON with comments: {where.rstrip('.')}{lenient}") from error
    if not isinstance(found, dict):
        raise Malformed("it is JSON, but not an object")
    secrets = found.get("secrets")
    if secrets is None:
        return []
    if not isinstance(secrets, dict):
        raise Malformed("its secrets are not an object")
    if len(secrets) > _SECRETS:
        raise Malformed(f"it recommends {len(secrets)} secrets, and GitHub holds {_SECRETS} at most")
    return [_recommended(name, told if isinstance(told, dict) else {}) for name, told in secrets.items()]


def _recommended(name: str, told: dict[str, Any]) -> Recommended:
    return Recommended(name, _text(told.get("description")), _text(told.get("documentationUrl")))


def _text(told: Any) -> str | None:
    return (printable(told) or None) if isinstance(told, str) else None
