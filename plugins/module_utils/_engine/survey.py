# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the secrets of any number of scopes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ansible_collections.devex.github.plugins.module_utils._engine.pool import Pool
from ansible_collections.devex.github.plugins.module_utils._engine.progress import Progress
from ansible_collections.devex.github.plugins.module_utils._errors import Error
from ansible_collections.devex.github.plugins.module_utils._github.api import GitHub
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._model import Secret
from ansible_collections.devex.github.plugins.module_utils._scope import Scope, to_read


@dataclass
class Found:
    """The secrets of a scope, sorted by name."""

    scope: Scope
    github: GitHub
    secrets: list[Secret] = field(default_factory=list)
    error: Error | None = None


def survey(
    session: Session,
    scopes: Iterable[Scope],
    *,
    name: str | None,
    with_repositories: bool,
    concurrency: int,
    progress: Progress | None = None,
) -> list[Found]:
    """Read the secrets of scopes. An error is kept with its scope, and does not stop the others.

    :arg name: the only secret to list; None: all.
    :arg with_repositories: whether to read the repositories that may read each secret, too.
    """
    rows = [Found(to_read(scope), GitHub(session.client(scope=scope))) for scope in scopes]

    def read(row: Found) -> None:
        github = row.github
        present = github.secrets(row.scope).secrets
        row.secrets = [present[key] for key in sorted(present) if name in (None, key)]
        if with_repositories:
            row.secrets = [github.with_repositories(row.scope, secret) for secret in row.secrets]

    with Pool(concurrency, session, progress) as pool:
        pool.each(read, rows, "scopes read", 1)
    return rows
