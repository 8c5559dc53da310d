# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from ansible_collections.devex.github.plugins.module_utils._errors import GitHubError, NotFound, Refused, Unauthorized
from ansible_collections.devex.github.plugins.module_utils._github.refusal import missing, refusal
from ansible_collections.devex.github.plugins.module_utils._scope import Need

UNAUTHORIZED = "Set another token."
REST: Mapping[str, Any] = {"is_app": False, "unauthorized": UNAUTHORIZED}
PATH = "/user/codespaces/secrets/TOKEN"
#: The shortest possible sealed box, with all special characters of base64.
SEALED = base64.b64encode(b"\xfb\xff\xbf" * 16).decode()
SEALED_WITH_PADDING = base64.b64encode(b"\xfb\xff\xbf" * 16 + b"a").decode()


def refused(
    status: int,
    headers: dict[str, str] | None = None,
    body: Any = None,
    sent: str | None = None,
    role: str | None = None,
    form: str | None = None,
    path: str = PATH,
    is_app: bool = False,
) -> str:
    need, rest = Need("scope codespace:secrets", role, form), {**REST, "is_app": is_app}
    return refusal("PUT", path, status, CaseInsensitiveDict(headers or {}), body, need=need, sent=sent, **rest).cause


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Unauthorized), (403, GitHubError), (404, NotFound), (409, GitHubError), (410, GitHubError), (422, Refused)],
)
def test_the_status_decides_the_kind_of_error(status: int, kind: type[GitHubError]) -> None:
    error = refusal("GET", PATH, status, {}, None, need=Need("much"), sent=None, **REST)
    assert error.__class__ is kind
    assert str(error).startswith(f"GitHub answered {status}.")
    assert str(error).endswith(f" (GET {PATH})")


@pytest.mark.parametrize(
    ("status", "headers", "body", "texts"),
    [
        pytest.param(
            401,
            {},
            {"message": "Bad credentials"},
            ["401: Bad credentials.", UNAUTHORIZED],
            id="401",
        ),
        pytest.param(
            403,
            {},
            {"message": "Must have admin rights to Repository."},
            ["Must have admin rights to Repository. The token needs scope codespace:secrets."],
            id="403 that does not say what is needed",
        ),
        pytest.param(
            403,
            {"x-accepted-oauth-scopes": "codespace, codespace:secrets", "x-oauth-scopes": "repo"},
            {"message": "Must have admin rights to Repository."},
            ["one of the scopes 'codespace, codespace:secrets'. It has the scopes 'repo'"],
            id="403 of a classic token",
        ),
        pytest.param(
            403,
            {"x-accepted-github-permissions": "codespaces_user_secrets=write"},
            {"message": "Resource not accessible by personal access token"},
            ["needs the permissions 'codespaces_user_secrets=write'."],
            id="403 of a fine-grained token",
        ),
        pytest.param(
            403,
            {"x-accepted-oauth-scopes": "repo", "x-accepted-github-permissions": "a=write; b=write"},
            None,
            ["one of the scopes 'repo' or the permissions 'a=write; b=write'."],
            id="403 that says both",
        ),
        pytest.param(
            403,
            {"x-accepted-oauth-scopes": "", "x-oauth-scopes": ""},
            {},
            ["The token needs scope codespace:secrets. It has the scopes ''."],
            id="403 with empty headers",
        ),
        pytest.param(
            404,
            {"x-accepted-oauth-scopes": "repo"},
            {"message": "Not Found"},
            ["404: Not Found. The token needs one of the scopes 'repo'", "A 404 does not count as absent"],
            id="404 may be a lack of permission",
        ),
        pytest.param(
            404,
            {"x-oauth-scopes": "gist, repo", "x-accepted-oauth-scopes": "repo"},
            {"message": "Not Found"},
            ["The token has the scopes 'gist, repo', which are enough. Check the name", "Check the name, too"],
            id="404 of a name that is mistyped",
        ),
        pytest.param(
            403,
            {"x-github-sso": "required; url=https://github.com/orgs/octo/sso?authorization_request=abc"},
            {"message": "Resource protected by organization SAML enforcement."},
            ["Authorize the token for the organization at https://github.com/orgs/octo/sso?authorization_request=abc."],
            id="403 for single sign-on",
        ),
        pytest.param(
            403, {"x-github-sso": "required"}, {}, ["Authorize the token for the organization."], id="no address for it"
        ),
        pytest.param(
            403,
            {},
            {"message": "Repository was archived so is read-only."},
            ["Unarchive the repository"],
            id="403 of an archived repository",
        ),
        pytest.param(
            403,
            {"x-accepted-github-permissions": "codespaces_user_secrets=read"},
            {"message": "Resource not accessible by integration"},
            [
                "by integration. Grant the GitHub App the permissions 'codespaces_user_secrets=read', and accept it in "
                "the installation of the App. Secrets of a user require a user token of the App, not an installation "
                "token. The token of a workflow cannot have this permission.",
            ],
            id="403 of an app's token",
        ),
        pytest.param(
            403,
            {},
            {"message": "Resource not accessible by integration"},
            ["by integration. Grant the GitHub App scope codespace:secrets"],
            id="403 of an app's token that does not say what is needed",
        ),
        pytest.param(410, {}, {"message": "Gone"}, ["no longer supports this api_version. Set a newer one."], id="410"),
        pytest.param(400, {}, {"message": "Problems parsing JSON"}, ["400: Problems parsing JSON"], id="400"),
        pytest.param(
            422,
            {},
            {"message": "Validation Failed", "errors": [{"message": "is too long"}, {"code": "invalid"}, "odd", None]},
            ["422: Validation Failed is too long invalid odd"],
            id="422 with several errors",
        ),
        pytest.param(
            422,
            {},
            {"message": 'Invalid request.\n\n"key_id" wasn\'t supplied.'},
            ['422: Invalid request. "key_id" wasn\'t supplied.'],
            id="422 in several lines",
        ),
        pytest.param(422, {}, {"errors": {"message": "is odd"}}, ["422: is odd"], id="422 with a single object"),
        pytest.param(
            304,
            {},
            None,
            ["GitHub answered 304."],
            id="304",
        ),
    ],
)
def test_the_text_contains_advice(status: int, headers: dict[str, str], body: Any, texts: list[str]) -> None:
    shown = refused(status, headers, body)
    for text in texts:
        assert text in shown


#: Messages that GitHub was seen to send with 403, each with another reason than a missing permission.
SPECIFIC = [
    "Although you appear to have the correct authorization credentials, the `octo` organization has an IP allow list "
    "enabled, and your IP address is not permitted to access this resource.",
    "Although you appear to have the correct authorization credentials, the `octo` organization has enabled OAuth App "
    "access restrictions, meaning that data access to third-parties is limited.",
    "`octo` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal "
    "access token with fine-grained permissions.",
    "`octo` forbids access via a personal access token with fine-grained permissions. Please use a GitHub App, or an "
    "OAuth App.",
    "The 'octo' organization forbids access via a fine-grained personal access tokens if the token's lifetime is "
    "greater than 366 days. Please adjust your token's lifetime at the following URL: https://github.com/settings/x/1",
    "Repository access blocked",
    "This installation has been suspended",
    "Sorry. Your account was suspended.",
    "Codespaces is disabled for this organization.",
    "Upgrade to GitHub Pro or make this repository public to enable this feature.",
    "Maximum number of login attempts exceeded. Please try again later.",
    "You must have two-factor authentication enabled to access this resource.",
    "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this "
    "organization.",
]
#: Messages about a missing permission only.
GENERAL = [
    "",
    "Forbidden",
    "Must have admin rights to Repository.",
    "Must have push access to view repository secrets",
    "You must be an organization owner or have the fine-grained permission to do this.",
    "Must be an organization member.",
    "You need admin access to the organization before adding a repository to it.",
    "octocat does not have the correct permissions to execute this",
    "Resource not accessible by personal access token",
]


@pytest.mark.parametrize("text", SPECIFIC, ids=lambda text: text[:40])
def test_a_403_with_a_reason_gets_no_advice_about_permissions(text: str) -> None:
    headers = {"x-accepted-oauth-scopes": "repo", "x-oauth-scopes": "gist"}
    for held in ({}, headers, {**headers, "x-oauth-scopes": "repo"}):
        assert refused(403, held, {"message": text}, role="admin") == f"GitHub answered 403: {text}"


@pytest.mark.parametrize("text", GENERAL)
def test_a_403_without_a_reason_gets_advice_about_permissions(text: str) -> None:
    assert "The token needs one of the scopes 'repo'" in refused(
        403, {"x-accepted-oauth-scopes": "repo"}, {"message": text}
    )


def test_a_web_page_gets_advice_about_proxies() -> None:
    message = refused(403, {"content-type": "text/html; charset=utf-8", "x-accepted-oauth-scopes": "repo"})
    assert message.endswith(
        "403. This is a web page, not an answer of GitHub's API. Check whether a proxy or firewall blocks the request."
    )


@pytest.mark.parametrize(
    ("path", "about_visibility"),
    [
        ("/orgs/octo/codespaces/secrets/TOKEN/repositories", True),
        ("/api/v3/orgs/octo/codespaces/secrets/TOKEN/repositories/7", True),
        ("/orgs/octo/codespaces/secrets/TOKEN", False),
        ("/repos/orgs/octo/codespaces/secrets/TOKEN", False),
        ("/repos/octo/app/codespaces/secrets/TOKEN", False),
        ("/user/codespaces/secrets/TOKEN/repositories", False),
        ("/user/codespaces/secrets/TOKEN/repositories/7", False),
    ],
)
def test_a_409_gets_advice_about_visibility_only_for_an_organization_list(path: str, about_visibility: bool) -> None:
    text = refusal(
        "PUT",
        path,
        409,
        {},
        {"message": "Conflict"},
        need=Need("much"),
        sent=None,
        is_app=False,
        unauthorized=UNAUTHORIZED,
    ).cause
    assert text.startswith("GitHub answered 409: Conflict.") or not about_visibility
    assert text.endswith("409: Conflict") or about_visibility
    assert ("visibility=selected" in text) is about_visibility


def test_the_role_is_mentioned_only_if_the_endpoint_requires_a_role() -> None:
    enough = {"x-oauth-scopes": "repo", "x-accepted-oauth-scopes": "repo"}
    assert "enough. Check whether its user has the admin role." in refused(403, enough, role="the admin role")
    assert refused(403, enough).endswith("which are enough.")


REPOSITORY = "/repos/octo/app/dependabot/secrets"
ORGANIZATION = "/orgs/octo/dependabot/secrets"
ACCEPTED = {"x-accepted-github-permissions": "dependabot_secrets=read"}
FORM = "Dependabot secrets: write"
GRANT = f"Grant the GitHub App the permission '{FORM}', and accept it in the installation of the App."
WORKFLOW = "The token of a workflow cannot have this permission."
USER = "Secrets of a user require a user token of the App, not an installation token."
HIDDEN = "A 404 does not count as absent"


@pytest.mark.parametrize(
    ("path", "is_app", "status", "message", "text", "others"),
    [
        (REPOSITORY, True, 403, "Resource not accessible by integration", GRANT, ""),
        (ORGANIZATION, True, 403, "", GRANT, ""),
        (REPOSITORY, False, 403, "Resource not accessible by integration", GRANT, WORKFLOW),
        ("/repos/octo/app/contents/x", False, 403, "Resource not accessible by integration", GRANT, ""),
        (
            REPOSITORY,
            True,
            404,
            "Not Found",
            "Check the name, and whether the installation of the App has access to the repository, and the permission "
            f"'{FORM}'.",
            HIDDEN,
        ),
        (
            ORGANIZATION,
            True,
            404,
            "Not Found",
            f"Check the name, and whether the installation of the App has the permission '{FORM}'.",
            HIDDEN,
        ),
        (
            REPOSITORY,
            False,
            403,
            "Resource not accessible by personal access token",
            f"The token needs the permission '{FORM}'.",
            "",
        ),
        (REPOSITORY, True, 403, "This installation has been suspended", "", ""),
        ("/user", False, 403, "Resource not accessible by integration", GRANT, USER),
        ("/api/v3/user", False, 403, "Resource not accessible by integration", GRANT, USER),
        (PATH, False, 403, "Resource not accessible by integration", GRANT, f"{USER} {WORKFLOW}"),
    ],
)
def test_a_missing_permission_is_named_as_in_the_form_with_the_level_of_the_task(
    path: str, is_app: bool, status: int, message: str, text: str, others: str
) -> None:
    shown = refused(status, ACCEPTED, {"message": message}, form=FORM, path=path, is_app=is_app)

    advice = shown.partition(f"{message}. ")[2] if message else shown.partition("403. ")[2]
    assert advice.startswith(f"{text} {others}".strip())
    assert advice == text or others
    assert "=read" not in shown


def test_the_error_of_a_missing_repository_starts_with_this_cause() -> None:
    error = missing("repository", NotFound("GitHub answered 404.", detail="GET /x"))
    assert error.cause == "The repository does not exist, or this token cannot see it. GitHub answered 404."
    assert str(error) == f"{error.cause} (GET /x)"


@pytest.mark.parametrize("status", [403, 404])
def test_a_missing_single_sign_on_gets_no_advice_about_permissions(status: int) -> None:
    message = refused(
        status, {"x-github-sso": "required; url=https://github.com/sso", "x-accepted-oauth-scopes": "repo"}
    )
    assert "repo" not in message


@pytest.mark.parametrize("status", [400, 405, 413, 422, 429])
def test_a_status_without_advice_shows_only_the_message(status: int) -> None:
    assert refused(status, body={"message": "Odd."}) == f"GitHub answered {status}: Odd."


@pytest.mark.parametrize(("status", "doubt"), [(403, False), (404, True)])
def test_only_a_404_warns_that_the_resource_may_be_hidden(status: int, doubt: bool) -> None:
    assert ("absent" in refused(status)) is doubt


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="none"),
        pytest.param([], id="a list"),
        pytest.param("text", id="a text"),
        pytest.param(0, id="a number"),
        pytest.param({}, id="an empty object"),
        pytest.param({"message": None, "errors": None}, id="nulls"),
        pytest.param({"message": {"odd": [1]}, "errors": 7}, id="other types"),
        pytest.param({"message": "", "errors": [[], {}, 0, {"message": None, "code": None}]}, id="empty things"),
    ],
)
def test_any_body_results_in_an_error(body: Any) -> None:
    assert refused(422, body=body).startswith("GitHub answered 422")


def test_the_error_contains_the_request_id() -> None:
    headers = CaseInsensitiveDict({"x-github-request-id": "ABCD:1234"})
    error = refusal(
        "PUT",
        PATH,
        500,
        headers,
        {"message": "Oops."},
        need=Need("much"),
        sent=None,
        is_app=False,
        unauthorized=UNAUTHORIZED,
    )
    assert str(error) == f"GitHub answered 500: Oops. (PUT {PATH}, request ID ABCD:1234)"


def test_a_long_text_is_cut() -> None:
    assert len(refused(400, body={"message": "so much " * 1000})) < 700


@pytest.mark.parametrize("sent", [SEALED, SEALED_WITH_PADDING], ids=["without padding", "with padding"])
@pytest.mark.parametrize("known", [True, False], ids=["known to be sent", "recognised"])
@pytest.mark.parametrize("escaped", [False, True], ids=["unchanged", "with escaped slashes"])
@pytest.mark.parametrize(
    "place",
    [
        pytest.param(lambda text: {"message": text}, id="in the message"),
        pytest.param(lambda text: {"message": "Invalid request.", "errors": text}, id="in errors that are a text"),
        pytest.param(lambda text: {"errors": [text]}, id="in a list of texts"),
        pytest.param(lambda text: {"errors": [{"message": text}]}, id="in a list of objects"),
        pytest.param(lambda text: {"errors": {"code": text}}, id="in an object"),
    ],
)
def test_an_echo_of_the_sent_value_is_removed(place: Any, escaped: bool, known: bool, sent: str) -> None:
    echo = sent.replace("/", r"\/") if escaped else sent
    body = place(f"Invalid request.\n\n{echo} does not match /^[A-Za-z0-9+\\/]*$/.")

    shown = refused(422, body=body, sent=sent if known else None)

    assert "[the sent value] does not match" in shown
    assert not any(part in shown for part in (sent[:20], sent[-20:], echo[:20], echo[-20:]))


def test_an_echo_at_the_cut_is_removed_before_the_cut() -> None:
    text = refused(422, body={"message": "x " * 240 + SEALED}, sent=SEALED)
    assert SEALED[:10] not in text


def test_a_short_echo_of_the_sent_value_is_removed() -> None:
    """Tests and emulators may send values that are shorter than a sealed box."""
    assert "c2hvcnQ=" not in refused(422, body={"message": "c2hvcnQ= is wrong"}, sent="c2hvcnQ=")


def test_long_words_of_github_are_kept() -> None:
    text = "See https://docs.github.com/rest/codespaces/secrets and 0123456789abcdef0123456789abcdef."
    assert text in refused(422, body={"message": text})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v3/user/codespaces/secrets", True),
        ("/api/v3/repos/octo-org/app/codespaces/secrets/public-key", True),
        ("/api/v3/orgs/octo-org/repos", False),
        (PATH, False),
    ],
)
def test_a_404_of_enterprise_server_explains_missing_codespaces(path: str, expected: bool) -> None:
    body = {"message": "Not Found"}
    told = refusal("GET", path, 404, {}, body, need=Need("much"), sent=None, **REST).cause
    assert ("GitHub Enterprise Server has no Codespaces secrets." in told) is expected
