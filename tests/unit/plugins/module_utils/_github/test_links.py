# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.devex.github.plugins.module_utils._github.links import url_of


@pytest.mark.parametrize(
    ("api_url", "path", "url"),
    [
        ("https://api.github.com", "/user", "https://api.github.com/user"),
        ("https://api.github.com", "/graphql", "https://api.github.com/graphql"),
        ("https://api.octo.ghe.com", "/graphql", "https://api.octo.ghe.com/graphql"),
        ("https://ghes.example/api/v3", "/user", "https://ghes.example/api/v3/user"),
        ("https://ghes.example/api/v3", "/graphql", "https://ghes.example/api/graphql"),
    ],
)
def test_a_path_has_a_url(api_url: str, path: str, url: str) -> None:
    assert url_of(api_url, path) == url
