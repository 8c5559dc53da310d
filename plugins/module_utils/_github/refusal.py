# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turn a rejection by GitHub into an error with advice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, NotFound, Refused, Unauthorized
from ansible_collections.devex.github.plugins.module_utils._scope import Need
from ansible_collections.devex.github.plugins.module_utils._validation import printable, shortened

# GitHub's general texts about a missing permission. Other texts, such as those about an IP allow list or a blocked
# repository, give another reason, so advice about permissions would mislead.
_PERMISSION_MISSING = re.compile(
    r"(?:not found|forbidden|unauthorized|access denied)?\.?"
    r"|resource not accessible by .*"
    r"|.*\bmust (?:have|be) (?:\w+ ){0,3}(?:admin|administrator|owner|member|access|rights|permissions?)\b.*"
    r"|.*\bneeds? (?:admin|write|push|read) (?:access|rights|permissions?)\b.*"
    r"|.*\bdo(?:es)?(?: not|n't) have (?:\w+ ){0,3}(?:access|rights|permissions?)\b.*"
    r"|.*\b(?:not authorized|permission denied|required (?:scopes?|permissions?))\b.*",
    re.IGNORECASE,
)
_ORGANIZATION_LIST = re.compile(r"/orgs/[^/]+/[a-z]+/secrets/[^/]+/repositories(?:/\d+)?$")
_OF_ENTERPRISE_SERVER = re.compile(r"/api/v3/.*/codespaces/.*")
_SSO_URL = re.compile(r"url=(\S+)")
_OF_USER = re.compile(r"(?:/api/v3)?/user(?:/.*)?")
_ABSENT = (
    "A 404 does not count as absent, because GitHub also returns it for resources that the token cannot see or that "
    "the plan of an organization does not include."
)
# GitHub echoes rejected values. This is longer than any word, and matches the shortest sealed box.
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/=\\]{40,}")
# Characters of a header.
_SHOWN = 500
_KINDS: Mapping[int, type[GitHubError]] = {401: Unauthorized, 404: NotFound, 422: Refused}


def refusal(
    method: str,
    path: str,
    status: int,
    headers: Mapping[str, str],
    body: Any,
    *,
    need: Need,
    sent: str | None,
    is_app: bool,
    unauthorized: str,
) -> GitHubError:
    """Return the error for an answer of 300 or more, with advice.

    :arg body: parsed JSON; None: missing.
    :arg sent: the sealed value in the request, which must not be shown.
    :arg is_app: whether the task authenticates as a GitHub App.
    :arg unauthorized: the advice after a 401.
    """
    message = _message(body, sent)
    content_type = headers.get("Content-Type", "")
    is_web_page = body is None and "html" in content_type.lower()
    if status == 401:
        advice = unauthorized
    else:
        advice = _advice(path, status, headers, message, need, is_web_page=is_web_page, is_app=is_app)
    answer = f"{status}: {message}" if message else f"{status}."
    if advice:
        answer = f"{answer.rstrip('.')}. {advice}"
    request_id = printable(headers.get("X-GitHub-Request-Id"), 100)
    detail = f"{method} {path}, request ID {request_id}" if request_id else f"{method} {path}"
    return _KINDS.get(status, GitHubError)(f"GitHub answered {answer}", detail=detail)


def missing(kind: str, error: NotFound) -> NotFound:
    """Return the error for a 404 of a whole list, which starts with the likeliest cause: its owner does not exist."""
    return NotFound(f"The {kind} does not exist, or this token cannot see it. {error.cause}", detail=error.detail)


def _message(body: Any, sent: str | None) -> str:
    """Return GitHub's message, without the value in the request."""
    if not isinstance(body, dict):
        return ""
    parts = [body.get("message")]
    errors = body.get("errors")
    for error in errors if isinstance(errors, list) else [errors]:
        parts.append((error.get("message") or error.get("code")) if isinstance(error, dict) else error)
    message = " ".join(part for part in parts if isinstance(part, str))
    if sent:
        message = message.replace(sent, "[the sent value]")
    return shortened(_BASE64_RUN.sub("[the sent value]", message))


def _advice(
    path: str,
    status: int,
    headers: Mapping[str, str],
    message: str,
    need: Need,
    *,
    is_web_page: bool,
    is_app: bool,
) -> str:
    if status == 404 and _OF_ENTERPRISE_SERVER.fullmatch(path):
        return "GitHub Enterprise Server has no Codespaces secrets. Check api_url."
    if status in (403, 404):
        if status == 403 and is_web_page:
            return (
                "This is a web page, not an answer of GitHub's API. Check whether a proxy or firewall blocks the "
                "request."
            )
        return _permission_advice(path, status, headers, message, need, is_app=is_app)
    if status == 409 and _ORGANIZATION_LIST.search(path):
        return "Only a secret with visibility=selected has a list of repositories. Set this visibility first."
    if status == 410:
        return "GitHub no longer supports this api_version. Set a newer one."
    if status in (301, 302, 307, 308):
        return "The resource has another address now. Use the present name of the repository, or correct api_url."
    return ""


def _permission_advice(
    path: str, status: int, headers: Mapping[str, str], message: str, need: Need, *, is_app: bool
) -> str:
    sso = headers.get("X-GitHub-SSO", "")
    if sso:
        url = _SSO_URL.search(sso)
        where = f" at {url[1][:_SHOWN]}" if url else ""
        return f"Authorize the token for the organization{where}."
    if "archived" in message:
        return "Unarchive the repository, or remove it from the list."
    if not _PERMISSION_MISSING.fullmatch(message):
        return ""
    if is_app and status == 404:
        access = "access to the repository, and " if "/repos/" in path else ""
        return f"Check the name, and whether the installation of the App has {access}{_form(headers, need)}. {_ABSENT}"
    if is_app or "by integration" in message:
        advice = f"Grant the GitHub App {_form(headers, need)}, and accept it in the installation of the App."
        if not is_app and _OF_USER.fullmatch(path):
            advice += " Secrets of a user require a user token of the App, not an installation token."
        if not is_app and "/secrets" in path:
            advice += " The token of a workflow cannot have this permission."
        return advice
    advice = _needs(headers, need)
    return f"{advice} Check the name, too. {_ABSENT}" if status == 404 else advice


def _form(headers: Mapping[str, str], need: Need) -> str:
    """Return the permission that an App needs, as GitHub's form names it, or as GitHub reports it."""
    if need.form:
        return f"the permission '{need.form}'"
    permissions = headers.get("X-Accepted-GitHub-Permissions")
    return f"the permissions '{permissions[:_SHOWN]}'" if permissions else need.permission


def _needs(headers: Mapping[str, str], need: Need) -> str:
    names = ("X-Accepted-OAuth-Scopes", "X-Accepted-GitHub-Permissions", "X-OAuth-Scopes")
    scopes, permissions, held = (headers[name][:_SHOWN] if name in headers else None for name in names)
    if _listed(scopes) & _listed(held):
        role = f" Check whether its user has {need.role}." if need.role else ""
        return f"The token has the scopes '{held}', which are enough.{role}"
    needs = ([f"one of the scopes '{scopes}'"] if scopes else []) + ([_form(headers, need)] if permissions else [])
    advice = f"The token needs {' or '.join(needs) or need.permission}."
    return advice if held is None else f"{advice} It has the scopes '{held}'."


def _listed(header: str | None) -> set[str]:
    return {scope.strip() for scope in (header or "").split(",")} - {""}
