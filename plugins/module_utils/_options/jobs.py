# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse the options that choose scopes, and make a job for each scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
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
    used_by,
)
from ansible_collections.devex.github.plugins.module_utils._scope import (
    CODESPACES,
    CONSUMERS,
    Scope,
    organization,
    repository,
    user,
)

#: Returns the scope of a place for a consumer.
_Place = Callable[[str], Scope]


def scopes(options: Mapping[str, Any]) -> list[Scope]:
    """Return the scopes of a task: repositories, an organization, or the user, for each consumer."""
    places = _places(options, _the_one(options, "repositories", "organization", "user"))
    consumers = used_by(options)
    return [place(consumer) for place in places for consumer in consumers]


def repositories(options: Mapping[str, Any]) -> list[Scope]:
    """Return the scopes of a task for the repositories' secrets for Codespaces."""
    return [place(CODESPACES) for place in _places(options, "repositories")]


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
    chosen = _the_one(options, "repositories", "organization", "user", "targets")
    if chosen == "targets":
        return targets(options)
    if options["secrets"] is None:
        raise InputError("secrets is missing. To manage no secrets, set an empty list.")
    jobs_of_scopes = _jobs(_places(options, chosen), options, used_by(options))
    _require_token(jobs_of_scopes, options)
    return jobs_of_scopes


def targets(options: Mapping[str, Any]) -> list[Job]:
    """Return a job for each scope of the targets, which have their own secrets."""
    defaults: dict[str, Any] = {"prune": False, "prune_keep": [], "prune_max": PRUNE_MAX, "prune_all": False}
    for name, default in {"secrets": None, **defaults}.items():
        if options[name] not in (default, []):
            raise InputError(f"{name} cannot be set together with targets. Set it in each row of targets instead.")
    if not options["targets"]:
        raise InputError("targets is an empty list. List at least one target.")
    consumers = used_by(options)
    jobs_of_targets: list[Job] = []
    for number, row in enumerate(options["targets"]):
        try:
            jobs_of_targets += target(row, consumers, number)
        except InputError as error:
            raise InputError(f"targets, row {number + 1}: {error}") from error
    # Each token may belong to another user.
    times = Counter((job.scope.title.lower(), job.token if job.scope.is_users else None) for job in jobs_of_targets)
    twice = sorted(title for (title, dummy), count in times.items() if count > 1)
    if twice:
        raise InputError(f"targets lists {', '.join(twice[:10])} more than once. Merge the rows of each scope.")
    _require_token(jobs_of_targets, options)
    return jobs_of_targets


def target(row: Mapping[str, Any], consumers: Sequence[str], number: int = 0) -> list[Job]:
    """Return the jobs of one target.

    :arg consumers: those of the task.
    :arg number: of the row.
    """
    places = _places(row, _the_one(row, "repository", "organization", "user"))
    jobs_of_target = _jobs(places, row, used_by(row, consumers))
    set_token = token(row["token"])
    return [replace(job, token=set_token, row=number) for job in jobs_of_target]


def pruned_to_nothing(options: Mapping[str, Any], consumers: Sequence[str]) -> list[str]:
    """Return the consumers for which pruning would keep no listed secret, unless C(prune_all) allows it.

    :arg consumers: those of the task or target.
    """
    if not options["prune"] or options["prune_all"]:
        return []
    present = (row for row in options["secrets"] if row["state"] == "present")
    listed = {consumer for row in present for consumer in used_by(row, consumers)}
    return [consumer for consumer in consumers if consumer not in listed]


def nothing_for(emptied: Sequence[str]) -> str:
    """Return the middle of the error about pruning that would keep no listed secret: for which consumers, and why."""
    if list(emptied) == [CODESPACES]:
        return ", because secrets is empty or has only rows with state=absent"
    return f" for {', '.join(emptied)}, because no row with state=present is used by {'them' if emptied[1:] else 'it'}"


def _places(options: Mapping[str, Any], chosen: str) -> list[_Place]:
    if chosen == "repositories":
        if not options["repositories"]:
            raise InputError("repositories is an empty list. List at least one repository.")
        return [partial(repository, name) for name in repository_names(options["repositories"])]
    if chosen == "repository":
        return [partial(repository, repository_name(options["repository"]))]
    if chosen == "organization":
        return [partial(organization, organization_name(options["organization"]))]
    return [_user]


def _user(consumer: str) -> Scope:
    if consumer != CODESPACES:
        raise InputError(
            f"used_by: a user has secrets for {CODESPACES} only, not for {consumer}. Set used_by=codespaces for the "
            "user."
        )
    return user()


def _jobs(places: Sequence[_Place], options: Mapping[str, Any], consumers: Sequence[str]) -> list[Job]:
    """Return a job for each place and consumer that has secrets, or is pruned.

    :arg consumers: those of the task or target. Pruning concerns no others.
    """
    # All scopes share the parsed secrets.
    secrets = desired_secrets(options["secrets"], consumers)
    if emptied := pruned_to_nothing(options, consumers):
        raise InputError(
            f"prune would keep no listed secret{nothing_for(emptied)}. Check the variable or the file that the list "
            "comes from. To delete every secret, set prune_all=true."
        )
    pruning = prune(options)
    # Without any secrets, the lists are still read, which shows that the token can see them.
    wanted = {*secrets, *(consumers if pruning or not secrets else ())}
    jobs_of_places = [
        Job(place(consumer), secrets.get(consumer, ()), prune=pruning if consumer in consumers else None, row=number)
        for number, place in enumerate(places)
        for consumer in CONSUMERS
        if consumer in wanted
    ]
    # The places of a task are of one kind, so the jobs of the first one stand for all.
    for job in jobs_of_places[: len(wanted)]:
        _check(job)
    return jobs_of_places


def _check(job: Job) -> None:
    """Reject secrets that a scope cannot have."""
    scope = job.scope
    for secret in job.secrets:
        if secret.access is not None and not scope.has_repositories:
            raise InputError(f"{secret.name}: selected_repositories cannot be set for a repository secret.")
        if secret.visibility is not None and not scope.has_visibility:
            raise InputError(f"{secret.name}: visibility can be set for organization secrets only.")
    present = sum(secret.state == "present" for secret in job.secrets)
    if scope.limit is not None and present > scope.limit:
        raise InputError(f"{present} secrets are listed, but GitHub stores at most {scope.limit} in each scope.")


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
            raise InputError(f"token is unset for {job.scope.title}. {SET_TOKEN}")
