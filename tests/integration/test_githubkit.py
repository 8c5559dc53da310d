# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use githubkit, whose models are generated from GitHub's API description, with the emulator, together with
the modules.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from emulator.client import Emulator
from githubkit import AppAuthStrategy, AppInstallationAuthStrategy, GitHub, Response, TokenAuthStrategy
from githubkit.cache import MemCacheStrategy
from githubkit.exception import GraphQLFailed, PrimaryRateLimitExceeded, RequestFailed, SecondaryRateLimitExceeded
from nacl.public import PublicKey, SealedBox

from .conftest import TOKEN, Ansible, Task
from .test_app import PRIVATE, PUBLIC, key_pair

# The cache below githubkit leaves its database to the garbage collector, which Python 3.13 reports.
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.filterwarnings("ignore:Exception ignored in. <sqlite3:pytest.PytestUnraisableExceptionWarning"),
]

Client = GitHub[TokenAuthStrategy]

USER = "user"
REPOSITORY = "repo:octo-org/app"
ORGANIZATION = "org:octo-org"
OWNERS: dict[str, tuple[str, ...]] = {USER: (), REPOSITORY: ("octo-org", "app"), ORGANIZATION: ("octo-org",)}
OPERATIONS = {
    USER: {
        "list": "list_secrets_for_authenticated_user",
        "public_key": "get_public_key_for_authenticated_user",
        "get": "get_secret_for_authenticated_user",
        "put": "create_or_update_secret_for_authenticated_user",
        "delete": "delete_secret_for_authenticated_user",
        "repositories": "list_repositories_for_secret_for_authenticated_user",
        "set": "set_repositories_for_secret_for_authenticated_user",
        "add": "add_repository_for_secret_for_authenticated_user",
        "remove": "remove_repository_for_secret_for_authenticated_user",
    },
    REPOSITORY: {
        "list": "list_repo_secrets",
        "public_key": "get_repo_public_key",
        "get": "get_repo_secret",
        "put": "create_or_update_repo_secret",
        "delete": "delete_repo_secret",
    },
    ORGANIZATION: {
        "list": "list_org_secrets",
        "public_key": "get_org_public_key",
        "get": "get_org_secret",
        "put": "create_or_update_org_secret",
        "delete": "delete_org_secret",
        "repositories": "list_selected_repos_for_org_secret",
        "set": "set_selected_repos_for_org_secret",
        "add": "add_selected_repo_to_org_secret",
        "remove": "remove_selected_repo_from_org_secret",
    },
}
MODULES = {
    USER: ("devex.github.codespaces_user_secret", {}),
    REPOSITORY: ("devex.github.codespaces_repo_secret", {"repository": "octo-org/app"}),
    ORGANIZATION: ("devex.github.codespaces_org_secret", {"organization": "octo-org"}),
}
USER_SECRETS = {"devex.github.codespaces_secret_info": {"user": True, "gather_selected_repositories": True}}
NEWEST = "2026-03-10"

#: The scopes of the consumers besides Codespaces, as the emulator calls them.
OTHERS = [f"{place}/{name}" for place in (REPOSITORY, ORGANIZATION) for name in ("agents", "dependabot", "actions")]

both_versions = pytest.mark.parametrize("version", [NEWEST, "2022-11-28"])
all_scopes = pytest.mark.parametrize("scope", [USER, REPOSITORY, ORGANIZATION, *OTHERS])
scopes_with_lists = pytest.mark.parametrize(
    "scope", [USER, ORGANIZATION, *(scope for scope in OTHERS if scope.startswith(ORGANIZATION))]
)


def parts(scope: str) -> tuple[str, str]:
    """Return the place and the consumer of a scope."""
    place, dummy, consumer = scope.rpartition("/")
    return (place, consumer) if scope in OTHERS else (scope, "codespaces")


@dataclass(frozen=True)
class Secrets:
    """The secrets of one scope in githubkit, with the same method names for all scopes."""

    github: Client
    scope: str
    version: str = NEWEST

    def call(self, operation: str, *arguments: Any, **options: Any) -> Response[Any]:
        rest: Any = self.github.rest
        place, consumer = parts(self.scope)
        method = getattr(getattr(rest(self.version), consumer), OPERATIONS[place][operation])
        response: Response[Any] = method(*OWNERS[place], *arguments, **options)
        return response

    def read(self, operation: str, *arguments: Any) -> Any:
        """Return the parsed answer, and check that it has exactly the fields that GitHub describes."""
        response = self.call(operation, *arguments)
        type(response.parsed_data).model_validate_json(response.content, extra="forbid")
        return response.parsed_data

    def write(self, value: str, *, name: str = "NPM_TOKEN", **options: Any) -> Response[Any]:
        key = self.read("public_key")
        sealed = b64encode(SealedBox(PublicKey(b64decode(key.key))).encrypt(value.encode())).decode()
        if parts(self.scope)[0] == ORGANIZATION:
            options = {"visibility": "selected", **options}
        return self.call("put", name, key_id=key.key_id, encrypted_value=sealed, **options)

    def refused(self, status: int, operation: str, *arguments: Any, **options: Any) -> Response[Any]:
        """Return the answer to a call that fails."""
        with pytest.raises(RequestFailed) as failure:
            self.call(operation, *arguments, **options)
        response: Response[Any] = failure.value.response
        assert response.status_code == status
        assert response.json()["status"] == str(status)
        return response

    def names(self) -> list[str]:
        return [secret.name for secret in self.read("list").secrets]

    def readers(self) -> list[str]:
        """Return the full names of the repositories that may read the secret."""
        found = self.read("repositories", "NPM_TOKEN")
        assert found.total_count == len(found.repositories)
        return [repository.full_name for repository in found.repositories]


@pytest.fixture
def github(emulator: Emulator) -> Iterator[Client]:
    with GitHub(TOKEN, base_url=emulator.url, auto_retry=False, http_cache=False, trust_env=False) as client:
        yield client


def value_of(emulator: Emulator, scope: str, name: str = "NPM_TOKEN") -> str | None:
    secret = emulator.secret(scope, name)
    return None if secret is None else str(secret["value"])


@all_scopes
@both_versions
def test_the_life_of_a_secret(version: str, scope: str, github: Client, emulator: Emulator) -> None:
    secrets = Secrets(github, scope, version)
    assert secrets.names() == []
    created = secrets.write("1st", name="npm_token")
    assert created.status_code == 201
    assert created.parsed_data.model_dump() == {}
    assert value_of(emulator, scope) == "1st"
    emulator.advance(60)
    assert secrets.write("2nd: zwölf").status_code == 204
    assert value_of(emulator, scope) == "2nd: zwölf"
    [listed] = secrets.read("list").secrets
    assert listed.name == "NPM_TOKEN"
    assert 60 <= (listed.updated_at - listed.created_at).total_seconds() < 120
    for timestamps in ("z", "offset"):
        emulator.switch(timestamps=timestamps)
        assert secrets.read("get", "npm_token").model_dump() == listed.model_dump()
    assert secrets.call("delete", "NPM_TOKEN").status_code == 204
    assert secrets.names() == []
    for operation in ("get", "delete"):
        secrets.refused(404, operation, "NPM_TOKEN")
    assert {call["headers"]["x-github-api-version"] for call in emulator.calls()} == {version}


@scopes_with_lists
@both_versions
def test_selected_repositories(version: str, scope: str, github: Client, emulator: Emulator) -> None:
    ids = emulator.repositories()
    app, api, web = (ids[f"octo-org/{name}"] for name in ("app", "api", "web"))
    secrets = Secrets(github, scope, version)
    secrets.write("text", selected_repository_ids=[app])
    assert secrets.readers() == ["octo-org/app"]
    assert secrets.call("set", "NPM_TOKEN", selected_repository_ids=[web, api]).status_code == 204
    assert secrets.readers() == ["octo-org/api", "octo-org/web"]
    for dummy in range(2):
        assert secrets.call("add", "NPM_TOKEN", app).status_code == 204
        assert secrets.call("remove", "NPM_TOKEN", web).status_code == 204
        assert secrets.readers() == ["octo-org/app", "octo-org/api"]
    secrets.call("set", "NPM_TOKEN", selected_repository_ids=[])
    assert secrets.readers() == []
    assert secrets.read("get", "NPM_TOKEN").visibility == "selected"
    assert value_of(emulator, scope) == "text"


def test_the_api_versions_differ_in_one_field(github: Client, emulator: Emulator) -> None:
    fields = []
    for version in (NEWEST, "2022-11-28"):
        secrets = Secrets(github, USER, version)
        secrets.write("text", selected_repository_ids=[emulator.repositories()["octo-org/app"]])
        [repository] = secrets.call("repositories", "NPM_TOKEN").json()["repositories"]
        fields.append(set(repository))
    assert fields[1] ^ fields[0] == {"has_downloads"}


@both_versions
def test_visibilities_of_an_organization(version: str, github: Client, emulator: Emulator) -> None:
    secrets = Secrets(github, ORGANIZATION, version)
    for visibility in ("all", "private", "selected"):
        secrets.write("text", visibility=visibility)
        assert secrets.read("get", "NPM_TOKEN").visibility == visibility
    secrets.write("text", visibility="all")
    for operation, options in (("set", {"selected_repository_ids": []}), ("add", {"repository_id": 1001})):
        conflict = secrets.refused(409, operation, secret_name="NPM_TOKEN", **options)
        assert "visibility is not set to 'selected'" in conflict.json()["errors"]


@all_scopes
def test_pages_of_secrets(scope: str, github: Client, emulator: Emulator) -> None:
    names = [f"SECRET_{number:02}" for number in range(65)]
    for name in reversed(names):
        emulator.edit(scope, name, value="text")
    place, consumer = parts(scope)
    method = getattr(getattr(github.rest, consumer), OPERATIONS[place]["list"])
    for options, pages in (({}, 3), ({"per_page": 50}, 2), ({"per_page": 100}, 1), ({"per_page": 20, "page": 3}, 2)):
        emulator.clear_calls()
        found = github.rest.paginate(method, lambda page: page.parsed_data.secrets, *OWNERS[place], **options)
        assert [secret.name for secret in found] == (names if "page" not in options else names[40:])
        assert len(emulator.calls()) == pages
    beyond = Secrets(github, scope).call("list", page=9)
    assert beyond.parsed_data.secrets == []
    assert beyond.parsed_data.total_count == 65


@scopes_with_lists
def test_pages_of_repositories(scope: str, github: Client, emulator: Emulator) -> None:
    emulator.switch(user_repositories_paged=True)
    names = [f"octo-org/repository-{number:02}" for number in range(65)]
    ids = emulator.repositories(*names)
    Secrets(github, scope).write("text", selected_repository_ids=[ids[name] for name in names])
    emulator.clear_calls()
    place, consumer = parts(scope)
    method = getattr(getattr(github.rest, consumer), OPERATIONS[place]["repositories"])
    where = (*OWNERS[place], "NPM_TOKEN")
    found = github.rest.paginate(method, lambda page: page.parsed_data.repositories, *where)
    assert [repository.full_name for repository in found] == names
    assert len(emulator.calls()) == 3


@both_versions
def test_rejections_have_the_documented_kinds(version: str, github: Client, emulator: Emulator) -> None:
    secrets = Secrets(github, USER, version)
    secrets.write("text")
    key = secrets.read("public_key")
    sealed = {"key_id": key.key_id, "encrypted_value": "AAAA"}
    cases: list[tuple[int, str, list[Any], dict[str, Any]]] = [
        (404, "repositories", ["ABSENT"], {}),
        (404, "set", ["ABSENT"], {"selected_repository_ids": []}),
        (404, "add", ["NPM_TOKEN", 987654], {}),
        (404, "remove", ["ABSENT", 1001], {}),
        (422, "put", ["GITHUB_TOKEN"], sealed),
        (422, "put", ["NPM-TOKEN"], sealed),
        (422, "put", ["NPM_TOKEN"], sealed),
        (422, "put", ["NPM_TOKEN"], {**sealed, "key_id": "1"}),
    ]
    for status, operation, arguments, options in cases:
        answer = secrets.refused(status, operation, *arguments, **options)
        described = answer.parsed_data
        assert type(described).__name__ == {404: "BasicError", 422: "ValidationError"}[status]
        assert described.message == answer.json()["message"]
        assert described.documentation_url.startswith("https://docs.github.com/rest/codespaces/secrets")
    assert value_of(emulator, USER) == "text"
    Secrets(github, REPOSITORY, version).refused(422, "put", "GITHUB_TOKEN", **sealed)
    Secrets(github, ORGANIZATION, version).refused(422, "put", "GITHUB_TOKEN", visibility="all", **sealed)
    emulator.repositories({"full_name": "octo-org/app", "hidden": True})
    Secrets(github, REPOSITORY, version).refused(404, "list")


def test_tokens_without_a_permission_are_rejected(github: Client, emulator: Emulator) -> None:
    emulator.tokens({TOKEN: {"kind": "classic", "scopes": ["repo"]}})
    assert Secrets(github, REPOSITORY).names() == []
    lacking = Secrets(github, USER).refused(403, "list")
    assert lacking.headers["X-Accepted-OAuth-Scopes"] == "codespace, codespace:secrets"
    emulator.tokens({"another": {}})
    assert Secrets(github, USER).refused(401, "list").json()["message"] == "Bad credentials"


def test_githubkit_recognises_rate_limits(github: Client, emulator: Emulator) -> None:
    secrets = Secrets(github, USER)
    emulator.limit(remaining=0, reset_in=90)
    with pytest.raises(PrimaryRateLimitExceeded) as primary:
        secrets.names()
    assert 60 < primary.value.retry_after.total_seconds() < 120
    emulator.limit(points=1, window=60)
    assert secrets.names() == []
    with pytest.raises(SecondaryRateLimitExceeded) as secondary:
        secrets.names()
    assert 0 < secondary.value.retry_after.total_seconds() <= 60


def test_a_renamed_repository_is_followed(github: Client, emulator: Emulator) -> None:
    emulator.repositories({"full_name": "octo-org/app", "renamed_to": "octo-org/new-app"})
    secrets = Secrets(github, REPOSITORY)
    assert secrets.write("text").status_code == 201
    assert secrets.names() == ["NPM_TOKEN"]
    assert value_of(emulator, "repo:octo-org/new-app") == "text"
    assert [call["status"] for call in emulator.calls()] == [301, 200, 307, 201, 301, 200]


def test_repositories_are_looked_up_by_name(github: Client, emulator: Emulator) -> None:
    query = """query ($owner: String!) {
      known: repository(owner: $owner, name: "APP") { databaseId nameWithOwner }
      unknown: repository(owner: $owner, name: "nope") { databaseId }
    }"""
    with pytest.raises(GraphQLFailed) as failure:
        github.graphql(query, {"owner": "octo-org"})
    answer = failure.value.response
    known = {"databaseId": emulator.repositories()["octo-org/app"], "nameWithOwner": "octo-org/app"}
    assert answer.data == {"known": known, "unknown": None}
    assert answer.errors is not None
    [problem] = answer.errors
    assert (problem.type, problem.path) == ("NOT_FOUND", ["unknown"])
    viewer = github.graphql("query { viewer { login } }")["viewer"]
    assert viewer["login"] == github.rest.users.get_authenticated().parsed_data.login == "octocat"


@both_versions
def test_lists_of_repositories(version: str, github: Client, emulator: Emulator) -> None:
    emulator.repositories(
        {"full_name": "octo-org/lib", "topics": ["node", "library"], "language": "TypeScript", "fork": True},
        {"full_name": "octo-org/inside", "visibility": "internal", "default_branch": "trunk", "admin": False},
        {"full_name": "octo-org/old", "archived": True},
        {"full_name": "octocat/private", "private": True},
    )
    rest: Any = github.rest
    repos = rest(version).repos

    def names(response: Response[Any]) -> list[str]:
        for row in response.parsed_data:
            type(row).model_validate_json(row.model_dump_json(by_alias=True, exclude_unset=True), extra="forbid")
        return [row.full_name for row in response.parsed_data]

    listed = repos.list_for_org("OCTO-ORG", per_page=100)
    of_organization = [f"octo-org/{name}" for name in ("app", "api", "web", "lib", "inside", "old")]
    assert names(listed) == of_organization
    lib, inside, old = listed.parsed_data[3:]
    assert (lib.topics, lib.language, lib.fork, lib.visibility) == (["node", "library"], "TypeScript", True, "public")
    assert (inside.private, inside.visibility, inside.default_branch) == (True, "internal", "trunk")
    assert (inside.permissions.admin, lib.permissions.admin, old.archived) == (False, True, True)
    assert names(repos.list_for_user("octocat")) == ["octocat/hello-world"]
    assert sorted(names(repos.list_for_authenticated_user())) == sorted(
        [*of_organization, "octocat/hello-world", "octocat/private"]
    )
    for call in (repos.list_for_org, repos.list_for_user):
        with pytest.raises(RequestFailed) as failure:
            call("nobody")
        assert failure.value.response.status_code == 404


def test_pages_of_repositories_of_an_owner(github: Client, emulator: Emulator) -> None:
    emulator.repositories(*(f"octo-org/repository-{number:02}" for number in range(62)))
    repos: Any = github.rest.repos
    for method in (repos.list_for_org, repos.list_for_user):
        emulator.clear_calls()
        found: list[Any] = list(github.rest.paginate(method, None, "octo-org", sort="created", direction="asc"))
        assert len({repository.id for repository in found}) == 65
        assert [call["query"]["sort"] for call in emulator.calls()] == ["created"] * 3


def test_custom_properties(github: Client, emulator: Emulator) -> None:
    emulator.repositories({"full_name": "octo-org/app", "properties": {"team": "web", "platforms": ["linux", "mac"]}})
    orgs: Any = github.rest.orgs
    rows = orgs.custom_properties_for_repos_get_organization_values("octo-org").parsed_data
    assert [row.repository_full_name for row in rows] == ["octo-org/app", "octo-org/api", "octo-org/web"]
    assert {one.property_name: one.value for one in rows[0].properties} == {
        "team": "web",
        "platforms": ["linux", "mac"],
    }
    emulator.tokens({TOKEN: {"kind": "fine_grained", "permissions": {"metadata": "read"}}})
    with pytest.raises(RequestFailed) as failure:
        orgs.custom_properties_for_repos_get_organization_values("octo-org")
    assert failure.value.response.headers["X-Accepted-GitHub-Permissions"] == "organization_custom_properties=read"


FILES = {
    ".devcontainer.json": "{}",
    ".devcontainer/devcontainer.json": '{"name": "zwölf"} // the default',
    ".devcontainer/gpu/devcontainer.json": {"symlink": "../devcontainer.json"},
    ".devcontainer/a/b/devcontainer.json": "{}",
    "nowhere": {"symlink": "absent"},
    "module": {"submodule": "https://github.com/octo-org/api.git"},
    "large": "x" * (1024 * 1024 + 1),
}


@both_versions
def test_files_and_dev_container_configurations(version: str, github: Client, emulator: Emulator) -> None:
    emulator.repositories({"full_name": "octo-org/app", "files": FILES})
    switcher: Any = github.rest
    rest = switcher(version)

    def get(path: str) -> Any:
        answer = rest.repos.get_content("octo-org", "app", path)
        for row in answer.parsed_data if isinstance(answer.parsed_data, list) else [answer.parsed_data]:
            type(row).model_validate_json(row.model_dump_json(by_alias=True, exclude_unset=True), extra="forbid")
        return answer.parsed_data

    listed = rest.codespaces.list_devcontainers_in_repository_for_authenticated_user("octo-org", "app")
    type(listed.parsed_data).model_validate_json(listed.content, extra="forbid")
    paths = [one.path for one in listed.parsed_data.devcontainers]
    assert paths == [*FILES][:3]
    assert listed.parsed_data.total_count == 3
    for path in paths[1:]:
        found = get(path)
        assert (found.type, found.encoding) == ("file", "base64")
        assert b64decode(found.content).decode() == FILES[".devcontainer/devcontainer.json"]
    large = get("large")
    assert (large.type, large.encoding, large.content, large.size) == ("file", "none", "", 1024 * 1024 + 1)
    assert (get("nowhere").type, get("nowhere").target) == ("symlink", "absent")
    assert (get("module").type, get("module").submodule_git_url) == ("submodule", FILES["module"]["submodule"])  # type: ignore[index]
    assert [(row.name, row.type) for row in get(".devcontainer")] == [
        ("a", "dir"),
        ("devcontainer.json", "file"),
        ("gpu", "dir"),
    ]
    for repository, path, message in (("app", "absent", "Not Found"), ("api", "any", "This repository is empty.")):
        with pytest.raises(RequestFailed) as failure:
            rest.repos.get_content("octo-org", repository, path)
        assert failure.value.response.status_code == 404
        assert failure.value.response.json()["message"] == message


def test_pages_of_dev_container_configurations(github: Client, emulator: Emulator) -> None:
    files = {f".devcontainer/{number:02}/devcontainer.json": "{}" for number in range(65)}
    emulator.repositories({"full_name": "octo-org/app", "files": files})
    method = github.rest.codespaces.list_devcontainers_in_repository_for_authenticated_user
    found = github.rest.paginate(method, lambda page: page.parsed_data.devcontainers, "octo-org", "app")
    assert [one.path for one in found] == [*files]
    assert len(emulator.calls()) == 3


def test_dev_containers_require_the_documented_permissions(github: Client, emulator: Emulator) -> None:
    emulator.repositories({"full_name": "octo-org/app", "files": FILES})
    rest = github.rest
    emulator.tokens({TOKEN: {"kind": "classic", "scopes": ["repo"]}})
    with pytest.raises(RequestFailed) as failure:
        rest.codespaces.list_devcontainers_in_repository_for_authenticated_user("octo-org", "app")
    assert failure.value.response.headers["X-Accepted-OAuth-Scopes"] == "codespace"
    emulator.tokens({TOKEN: {"kind": "fine_grained", "permissions": {"codespaces_metadata": "read"}}})
    rest.codespaces.list_devcontainers_in_repository_for_authenticated_user("octo-org", "app")
    with pytest.raises(RequestFailed) as failure:
        rest.repos.get_content("octo-org", "app", ".devcontainer.json")
    assert failure.value.response.headers["X-Accepted-GitHub-Permissions"] == "contents=read"


def test_an_unchanged_answer_is_not_sent_again(emulator: Emulator) -> None:
    emulator.edit(USER, "NPM_TOKEN", value="text")
    with GitHub(TOKEN, base_url=emulator.url, cache_strategy=MemCacheStrategy(), trust_env=False) as github:
        secrets = Secrets(github, USER)
        assert secrets.names() == secrets.names() == ["NPM_TOKEN"]
    assert [call["status"] for call in emulator.calls()] == [200, 304]


def task(scope: str, **options: Any) -> Task:
    module, where = MODULES[scope]
    return {module: {"name": "NPM_TOKEN", **where, **options}}


def as_githubkit_sees_it(secrets: Secrets) -> dict[str, Any]:
    """Return a secret in the form of the modules."""
    found = secrets.read("get", "NPM_TOKEN")
    row = {"scope": secrets.scope, "name": found.name}
    for key in ("created_at", "updated_at"):
        row[key] = getattr(found, key).strftime("%Y-%m-%dT%H:%M:%SZ")
    if secrets.scope != REPOSITORY:
        row["visibility"] = found.visibility
    return row


def test_the_modules_detect_a_write_of_githubkit(ansible: Ansible, github: Client, emulator: Emulator) -> None:
    ids = emulator.repositories()
    readers = {name: ids[name] for name in ("octo-org/web", "octocat/hello-world")}
    scopes = {scope: Secrets(github, scope) for scope in OWNERS}

    def write_all() -> None:
        for scope, secrets in scopes.items():
            lists: dict[str, Any] = {} if scope == REPOSITORY else {"selected_repository_ids": [*readers.values()]}
            secrets.write("theirs", **lists)

    write_all()
    seen = [as_githubkit_sees_it(secrets) for secrets in scopes.values()]
    declared = [task(scope, value="mine") for scope in scopes]
    run = ansible.play(*map(task, scopes), *declared, USER_SECRETS)
    assert run.reasons == ["unmanaged"] * 3 + ["not_recorded"] * 3 + [None]
    assert [result["secret"] for result in run.results[:3]] == seen
    assert [value_of(emulator, scope) for scope in scopes] == ["mine"] * 3
    for scope in (USER, ORGANIZATION):
        assert scopes[scope].readers() == list(readers)
    listed = [{"id": number, "full_name": name} for name, number in readers.items()]
    assert run[6]["secrets"][0]["selected_repositories"] == listed

    emulator.advance(60)
    write_all()
    run = ansible.play(*declared, *(task(scope, state="absent") for scope in scopes))
    assert run.reasons == ["updated_elsewhere"] * 3 + ["deleted"] * 3
    assert [secrets.names() for secrets in scopes.values()] == [[], [], []]


def test_githubkit_lists_the_secrets_of_the_modules(ansible: Ansible, github: Client, emulator: Emulator) -> None:
    scopes = {scope: Secrets(github, scope) for scope in OWNERS}
    selected = {"selected_repositories": ["octo-org/app", "octo-org/api"]}
    many = [{"name": f"secret_{number:02}", "value": "text", "update_value": "always"} for number in range(40)]
    run = ansible.play(
        task(USER, value="mine", **selected),
        task(REPOSITORY, value="mine"),
        task(ORGANIZATION, value="mine", visibility="selected", **selected),
        {"devex.github.codespaces_secrets": {"repositories": ["octo-org/api"], "secrets": many}},
    )
    assert run.changed == [True] * 4
    for result, (scope, secrets) in zip(run.results[:3], scopes.items(), strict=True):
        row = result["secret"]
        assert value_of(emulator, scope) == "mine"
        if scope != REPOSITORY:
            assert sorted(one["full_name"] for one in row.pop("selected_repositories")) == sorted(secrets.readers())
        assert row == as_githubkit_sees_it(secrets)
    found = github.rest.paginate(
        github.rest.codespaces.list_repo_secrets, lambda page: page.parsed_data.secrets, "octo-org", "api"
    )
    assert [secret.name for secret in found] == [row["name"].upper() for row in many]


def test_githubkit_and_a_module_get_tokens_of_an_app_in_the_same_way(emulator: Emulator, ansible: Ansible) -> None:
    emulator.tokens({TOKEN: {}})
    emulator.apps({"123456": {"public_key": PUBLIC, "installations": {"octo-org": 11}}})
    module, scope = MODULES[REPOSITORY]
    options = {"name": "NPM_TOKEN", "value": "one", "app_id": 123456, "app_private_key": PRIVATE}
    written = ansible.play({module: {**scope, **options}})
    emulator.clear_calls()

    with GitHub(AppAuthStrategy(123456, PRIVATE), base_url=emulator.url, http_cache=False) as github:
        installation = github.rest.apps.get_org_installation("octo-org").parsed_data
        token = github.rest.apps.create_installation_access_token(installation.id).parsed_data
    with GitHub(AppInstallationAuthStrategy(123456, PRIVATE, 11), base_url=emulator.url, http_cache=False) as github:
        secrets = github.rest.codespaces.list_repo_secrets("octo-org", "app").parsed_data
        with pytest.raises(RequestFailed) as rejected:
            github.rest.codespaces.list_secrets_for_authenticated_user()

    assert written.failed == []
    assert installation.id == 11
    assert token.token.startswith("ghs_")
    assert [secret.name for secret in secrets.secrets] == ["NPM_TOKEN"]
    assert rejected.value.response.status_code == 403


def test_githubkit_is_rejected_with_another_key(emulator: Emulator) -> None:
    emulator.apps({"654321": {"public_key": PUBLIC, "installations": {"octo-org": 11}}})

    # githubkit keeps the tokens of other tests for their App.
    auth = AppAuthStrategy(654321, key_pair()[0])
    with GitHub(auth, base_url=emulator.url, http_cache=False) as github, pytest.raises(RequestFailed) as rejected:
        github.rest.apps.get_org_installation("octo-org")

    assert rejected.value.response.status_code == 401
