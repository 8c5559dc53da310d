# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send requests to GitHub's endpoints, and return the raw answers."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any

import requests
from nacl.public import PublicKey, SealedBox

from .conftest import TOKEN

#: The path of the secrets of each kind.
SECRETS = {
    "user": "/user/codespaces/secrets",
    "repo:octo-org/app": "/repos/octo-org/app/codespaces/secrets",
    "org:octo-org": "/orgs/octo-org/codespaces/secrets",
}


def session() -> requests.Session:
    found = requests.Session()
    found.trust_env = False
    return found


@dataclass(frozen=True)
class Rest:
    """Sends requests to `url`."""

    url: str
    session: requests.Session = field(default_factory=session)

    def __call__(
        self, method: str, path: str, body: object = None, *, token: str = TOKEN, **headers: str
    ) -> requests.Response:
        """Send a request; `path` may be a whole URL. Headers are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = path if path.startswith("http") else self.url + path
        return self.session.request(
            method, url, json=body, headers={"Authorization": f"Bearer {token}", **named}, allow_redirects=False
        )

    def sealed(self, secrets: str, value: str = "text", **options: Any) -> dict[str, Any]:
        """Return the body of a PUT to one of these secrets."""
        key = self("GET", f"{secrets}/public-key").json()
        box = SealedBox(PublicKey(b64decode(key["key"])))
        visibility = {"visibility": "private"} if secrets.startswith("/orgs/") else {}
        encrypted = b64encode(box.encrypt(value.encode())).decode()
        return {"key_id": key["key_id"], "encrypted_value": encrypted, **visibility, **options}

    def close(self) -> None:
        self.session.close()
