# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub's JSON objects. `base` is the URL under which the client reached the server, without a final slash."""

from __future__ import annotations

import base64
from datetime import datetime, timezone

from .state import Account, Repository
from .vault import Secret, Vault

_SITE = "https://github.com"
_USER_PATHS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_REPOSITORY_PATHS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_LONG_AGO = 1295982072


def timestamp(seconds: int, form: str = "z") -> str:
    """Format a time as ISO 8601, to the second; `form`: ``z`` or ``offset``. GitHub was seen to use both."""
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return text + ("Z" if form == "z" else ".000+00:00")


def node_id(kind: str, number: int) -> str:
    return base64.b64encode(f"0{len(kind)}:{kind}{number}".encode()).decode()


def account(one: Account, base: str) -> dict[str, object]:
    """Return a "simple user". Organizations have the same shape."""
    url = f"{base}/users/{one.login}"
    kind = "Organization" if one.organization else "User"
    return {
        "login": one.login,
        "id": one.id,
        "node_id": node_id(kind, one.id),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{one.id}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{_SITE}/{one.login}",
        **{name: url + path for name, path in _USER_PATHS.items()},
        "type": kind,
        "site_admin": False,
    }


def user(one: Account, base: str) -> dict[str, object]:
    """Return the public part of the answer of ``/user``."""
    empty = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    moment = timestamp(_LONG_AGO)
    return {**account(one, base), **empty, **counts, "created_at": moment, "updated_at": moment}


def repository(one: Repository, base: str, version: str) -> dict[str, object]:
    """Return a repository as lists show it ("minimal repository") in an API version."""
    url = f"{base}/repos/{one.full_name}"
    site = f"{_SITE}/{one.full_name}"
    moment = timestamp(_LONG_AGO)
    shape: dict[str, object] = {
        "id": one.id,
        "node_id": node_id("Repository", one.id),
        "name": one.name,
        "full_name": one.full_name,
        "owner": account(one.owner, base),
        "private": one.private,
        "html_url": site,
        "description": None,
        "fork": one.fork,
        "url": url,
        **{name: url + path for name, path in _REPOSITORY_PATHS.items()},
        "git_url": f"git://github.com/{one.full_name}.git",
        "ssh_url": f"git@github.com:{one.full_name}.git",
        "clone_url": f"{site}.git",
        "mirror_url": None,
        "svn_url": site,
        "homepage": None,
        "language": one.language,
        **dict.fromkeys(("forks_count", "stargazers_count", "watchers_count", "size", "open_issues_count"), 0),
        **dict.fromkeys(("forks", "open_issues", "watchers"), 0),
        "default_branch": one.default_branch,
        "is_template": False,
        "topics": list(one.topics),
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki"), True),
        **dict.fromkeys(("has_pages", "has_discussions"), False),
        "archived": one.archived,
        "disabled": False,
        "visibility": one.visibility,
        "pushed_at": moment,
        "created_at": moment,
        "updated_at": moment,
        "permissions": {**dict.fromkeys(("admin", "maintain"), one.admin), "push": True, "triage": True, "pull": True},
        "license": None,
    }
    if version == "2022-11-28":
        shape["has_downloads"] = True
    return shape


def full_repository(one: Repository, base: str, version: str) -> dict[str, object]:
    """Return the answer of ``/repos/{owner}/{repo}``."""
    return {**repository(one, base, version), "subscribers_count": 0, "network_count": 0}


def custom_properties(one: Repository) -> dict[str, object]:
    """Return a repository as the list of custom properties shows it."""
    properties = [{"property_name": name, "value": value} for name, value in one.properties.items()]
    return {
        "repository_id": one.id,
        "repository_name": one.name,
        "repository_full_name": one.full_name,
        "properties": properties,
    }


def secret(one: Secret, url: str, form: str) -> dict[str, object]:
    """Return a secret without its value; `url` is the URL of the secret."""
    shape: dict[str, object] = {
        "name": one.name,
        "created_at": timestamp(one.created_at, form),
        "updated_at": timestamp(one.updated_at, form),
    }
    if one.visibility is not None:
        shape["visibility"] = one.visibility
    if one.visibility == "selected":
        shape["selected_repositories_url"] = f"{url}/repositories"
    return shape


def public_key(vault: Vault) -> dict[str, object]:
    """Return the public key of a scope."""
    return {"key_id": vault.key_id, "key": base64.b64encode(bytes(vault.key().public_key)).decode()}
