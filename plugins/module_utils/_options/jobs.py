# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse the options that choose scopes, and make a job for each scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.module_utils._model import PRUNE_MAX, Job
from ansible_collections.devex.github.plugins.module_utils._options.connection import SET_TOKEN, token
from ansible_collections.devex.github.plugins.module_utils._options.desired import (
    desired_secrets,
    organization_name,
    prune,
    repository_name,
    repository_names,
)
from ansible_collections.devex.github.plugins.module_utils._scope import Scope, organization, repository, user


def scopes(options: Mapping[str, Any]) -> list[Scope]:
    """Return the scopes of a task: repositories, an organization, or the user."""
    chosen = _the_one(options, "repositories", "organization", "user")
    if chosen == "repositories":
        return repositories(options)
    return [_scope(options, chosen)]


def repositories(options: Mapping[str, Any]) -> list[Scope]:
    """Return the scopes of a task for repositories."""
    if not options["repositories"]:
        raise InputError("repositories is an empty list. List at least one repository.")
    return [repository(name) for name in repository_names(options["repositories"])]


def scopes_to_list(options: Mapping[str, Any]) -> list[Scope]:
    """Return the scopes of a task that lists secrets."""
    chosen = scopes(options)
    if options["gather_selected_repositories"] and not chosen[0].has_repositories:
        raise InputError(
            "gather_selected_repositories: repository secrets have no list of repositories. Unset the option, or list "
            "the secrets of an organization or the user."
        )
    return chosen


def jobs(options: Mapping[str, Any]) -> list[Job]:
    """Return a job for each scope of a task that manages many secrets.

    :raises InputError: an option is not valid. The message contains no value and no token.
    """
    if _the_one(options, "repositories", "organization", "user", "targets") == "targets":
        return targets(options)
    if options["secrets"] is None:
        raise InputError("secrets is missing. To manage no secrets, set an empty list.")
    first, *others = scopes(options)
    job = _job(first, options)
    # All scopes share the parsed secrets.
    jobs_of_scopes = [job, *(replace(job, scope=scope) for scope in others)]
    _require_token(jobs_of_scopes, options)
    return jobs_of_scopes


def targets(options: Mapping[str, Any]) -> list[Job]:
    """Return a job for each target, with its own secrets."""
    defaults: dict[str, Any] = {"prune": False, "prune_keep": [], "prune_max": PRUNE_MAX, "prune_all": False}
    for name, default in {"secrets": None, **defaults}.items():
        if options[name] not in (default, []):
            raise InputError(f"{name} cannot be set together with targets. Set it in each row of targets instead.")
    if not options["targets"]:
        raise InputError("targets is an empty list. List at least one target.")
    jobs_of_targets = []
    for number, row in enumerate(options["targets"], start=1):
        try:
            jobs_of_targets.append(target(row))
        except InputError as error:
            raise InputError(f"targets, row {number}: {error}") from error
    # Each token may belong to another user.
    times = Counter((job.scope.label.lower(), job.token if job.scope.is_users else None) for job in jobs_of_targets)
    twice = sorted(label for (label, dummy), count in times.items() if count > 1)
    if twice:
        raise InputError(f"targets lists {', '.join(twice[:10])} more than once. Merge the rows of each scope.")
    _require_token(jobs_of_targets, options)
    return jobs_of_targets


def target(row: Mapping[str, Any]) -> Job:
    """Return the job of one target."""
    scope = _scope(row, _the_one(row, "repository", "organization", "user"))
    return _job(scope, row, token(row["token"]))


def prunes_to_nothing(options: Mapping[str, Any]) -> bool:
    """Return whether pruning would keep no listed secret, and C(prune_all) of the task or target does not allow it."""
    listed = any(row["state"] == "present" for row in options["secrets"])
    return bool(options["prune"]) and not options["prune_all"] and not listed


def _scope(options: Mapping[str, Any], chosen: str) -> Scope:
    if chosen == "repository":
        return repository(repository_name(options["repository"]))
    if chosen == "organization":
        return organization(organization_name(options["organization"]))
    return user()


def _job(scope: Scope, options: Mapping[str, Any], token: str | None = None) -> Job:
    secrets = desired_secrets(options["secrets"])
    for secret in secrets:
        if secret.access is not None and not scope.has_repositories:
            raise InputError(f"{secret.name}: selected_repositories cannot be set for a repository secret.")
        if secret.visibility is not None and not scope.has_visibility:
            raise InputError(f"{secret.name}: visibility can be set for organization secrets only.")
    if prunes_to_nothing(options):
        raise InputError(
            "prune would keep no listed secret, because secrets is empty or has only rows with state=absent. Check the "
            "variable or the file that the list comes from. To delete every secret, set prune_all=true."
        )
    return Job(scope, secrets, token, prune=prune(options))


def _the_one(options: Mapping[str, Any], *names: str) -> str:
    """Return the one option of these that is set.

    :raises InputError: none or several are set.
    """
    given = [name for name in names if options[name] is not None and options[name] is not False]
    if len(given) == 1:
        return given[0]
    choice = ", ".join("user: true" if name == "user" else name for name in names)
    raise InputError(f"Set exactly one of {choice}. Now set: {', '.join(given) or 'none of them'}.")


def _require_token(jobs: Collection[Job], options: Mapping[str, Any]) -> None:
    for job in jobs:
        if job.token is None and options["token"] is None and options["app_id"] is None:
            raise InputError(f"token is unset for {job.scope.label}. {SET_TOKEN}")
