# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.devex.github.plugins.module_utils._validation import is_mask, not_plaintext, repository_in

VAULT = "Ansible Vault ciphertext"
SOPS = "sops ciphertext"
MASK = "a mask that Ansible shows for a hidden value"
NO_LOG = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param("$ANSIBLE_VAULT;1.1;AES256\n3031\n", VAULT, id="a vault"),
        pytest.param("$ANSIBLE_VAULT;1.2;AES256;prod\n3031\n", VAULT, id="a vault with an ID"),
        pytest.param("$ANSIBLE_VAULT;1.0;AES\r\n3031\r\n", VAULT, id="an old vault from Windows"),
        pytest.param("password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3031\n", VAULT, id="a vault inside YAML"),
        pytest.param('{"a": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\\n3031"}}', VAULT, id="a vault inside JSON"),
        pytest.param("ENC[AES256_GCM,data:aGk=,iv:YQ==,tag:YQ==,type:str]", SOPS, id="sops"),
        pytest.param("user: a\npassword: ENC[AES256_GCM,data:aGk=,iv:YQ==,tag:YQ==]\n", SOPS, id="sops inside YAML"),
        pytest.param(
            "password: ENC[PKCS7,MIIBeQYJKoZIhvcNAQcDoIIBajCCAWYCAQAx]", "eyaml ciphertext", id="eyaml inside YAML"
        ),
        pytest.param(NO_LOG, MASK, id="no_log"),
        pytest.param(f"{NO_LOG}\n", MASK, id="no_log and a line break"),
        pytest.param(f"https://me:{NO_LOG}@example.com", MASK, id="no_log inside an address"),
        pytest.param("$REDACTED$", MASK, id="redacted"),
        pytest.param("password=$REDACTED$;", MASK, id="redacted inside a text"),
        pytest.param("********", MASK, id="asterisks"),
        pytest.param("postgresql://me:********@db.example.com/app", MASK, id="asterisks inside an address"),
        pytest.param("hunter2", None, id="a password"),
        pytest.param("", None, id="nothing"),
        pytest.param("Files begin with $ANSIBLE_VAULT; then the version follows.", None, id="about Ansible Vault"),
        pytest.param("$ANSIBLE_VAULT", None, id="a variable"),
        pytest.param("sops writes ENC[AES256_GCM,...], eyaml ENC[PKCS7,...]", None, id="about sops"),
        pytest.param("ENC[", None, id="the beginning"),
        pytest.param("enc[aes256_gcm,data:", None, id="sops in lower case"),
        pytest.param("$REDACTED and REDACTED$", None, id="half of a mask"),
        pytest.param("*********", None, id="nine asterisks"),
        pytest.param("# ******** settings ********\nA=1", None, id="asterisks in a text"),
    ],
)
def test_ciphertext_and_masks_are_not_plaintext(value: str, found: str | None) -> None:
    assert not_plaintext(value) == found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (NO_LOG, True),
        ("$REDACTED$\n", True),
        ("********", True),
        (f"a {NO_LOG}", False),
        ("$ANSIBLE_VAULT;1.1;AES256", False),
    ],
)
def test_a_mask_is_the_whole_value(value: str, expected: bool) -> None:
    assert is_mask(value) is expected


@pytest.mark.parametrize(
    ("text", "repository"),
    [
        ("octo/web.git", "octo/web"),
        ("octo/web.GIT", "octo/web"),
        ("octo/web/", "octo/web"),
        (" octo/.github.git ", "octo/.github"),
        ("https://github.com/octo/web", "octo/web"),
        ("https://github.com/octo/web.git", "octo/web"),
        ("https://github.com/octo/web/tree/main?a=b#c", "octo/web"),
        ("https://github.com/octo/web?tab=readme", "octo/web"),
        ("https://me:token@github.example.com:8443/octo/web", "octo/web"),
        ("https://api.github.com/repos/octo/web", "octo/web"),
        ("ssh://git@github.com/octo/web.git", "octo/web"),
        ("git+ssh://git@github.com/octo/web.git", "octo/web"),
        ("git@github.com:octo/web.git", "octo/web"),
        ("github.com/octo/web", "octo/web"),
        ("www.github.com/octo/web", "octo/web"),
        ("octo", None),
        ("octo/web/tree", None),
        ("https://github.com/octo", None),
        ("https://github.com", None),
        ("octo/.git", None),
        ("", None),
    ],
)
def test_the_repository_in_an_address(text: str, repository: str | None) -> None:
    assert repository_in(text) == repository
