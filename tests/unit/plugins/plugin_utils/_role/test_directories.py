# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.devex.github.plugins.module_utils._errors import InputError
from ansible_collections.devex.github.plugins.plugin_utils._role.directories import refuse_foreign_variables


def check(host: str, *others: str, own_groups: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> None:
    members = {name: [host] for name in own_groups} | {name: [] for name in groups}
    refuse_foreign_variables(
        {
            "inventory_hostname": host,
            "group_names": [*own_groups],
            "groups": {"all": [host, *others], "ungrouped": [], **members},
        }
    )


@pytest.mark.parametrize(
    ("host", "others", "message"),
    [
        ("octo", ["octo/web"], "The host octo also gets the variables of octo/web, because .* host_vars/octo/ for it"),
        ("octo", ["octo/d", "octo/a", "octo/b", "octo/c"], "octo/a, octo/b, octo/c and 1 more"),
        ("Octo", ["octo/web"], "variables of octo/web"),
        ("octo", ["OCTO/web"], "variables of OCTO/web"),
        ("octo/", ["octo/web"], "variables of octo/web"),
        ("octo/web", ["octo/web/docs"], "Rename the host and list its repositories in codespaces_secrets_repositories"),
        ("octo/web.yml", ["octo/web"], "variables of octo/web, because host_vars/octo/web.yml is the file of both"),
        ("octo/Web.json", ["octo/web"], "is the file of both"),
    ],
)
def test_a_host_fails_if_it_gets_the_variables_of_another_host(host: str, others: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(host, "elsewhere/x", *others)


@pytest.mark.parametrize(
    ("host", "others"),
    [
        ("octo", []),
        ("octo", ["octo-org/web", "octocat/web", "my/octo/web"]),
        ("octo/web", ["octo", "octo/web-docs", "octo/api"]),
        ("octo/web", ["octo/web.yml"]),
        ("octo/web.yml", ["octo/api"]),
        ("octo/web.js", ["octo/web"]),
        ("octo/web", ["Octo/Web"]),
    ],
)
def test_a_host_with_separate_files_passes(host: str, others: list[str]) -> None:
    check(host, *others)


def test_a_group_fails_if_it_gets_the_variables_of_another_group() -> None:
    with pytest.raises(InputError, match=r"^The group octo .* of octo/web, because .* group_vars/octo/ .*the group\.$"):
        check("octo/app", own_groups=("octo",), groups=("octo/web",))
    check("octo/app", own_groups=("octo", "octo/web"))
    check("octo/app", own_groups=("all-octo",), groups=("octo", "octo/web"))
