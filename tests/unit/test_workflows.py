# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the workflows match the rest of a checkout. The tarball has no workflows."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.devex.github.plugins.module_utils import _scope

CHECKOUT = Path(_scope.__file__).parents[2]
#: Pairs of the matrix that no workflow tests.
UNRELEASED_PYTHONS = {"3.15"}
WORKFLOWS = sorted((CHECKOUT / ".github/workflows").glob("*.yml"))


def jobs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CHECKOUT / f".github/workflows/{name}.yml").read_text(encoding="utf-8"))
    return dict(found["jobs"])


def actions(job: dict[str, Any]) -> list[str]:
    return [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]


def commands(job: dict[str, Any]) -> str:
    return "\n".join(step["run"].strip() for step in job["steps"] if "run" in step)


def test_the_workflow_tests_the_versions_of_the_matrix() -> None:
    # The file is not imported by name, because ansible-test knows only the collection.
    spec = spec_from_file_location("matrix", CHECKOUT / "tests/matrix.py")
    assert spec is not None
    assert spec.loader is not None
    matrix = module_from_spec(spec)
    spec.loader.exec_module(matrix)
    pairs = {(core, python) for core, pythons in matrix.CONTROLLERS.items() for python in pythons}
    listed = [(row["core"], row["python"]) for row in jobs("ci")["matrix"]["strategy"]["matrix"]["include"]]
    assert sorted(listed) == sorted(pair for pair in pairs if pair[1] not in UNRELEASED_PYTHONS)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_a_commit(path: Path) -> None:
    used = re.findall(r"\buses: *(.*)", path.read_text(encoding="utf-8"))
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)] == []


#: The jobs with an environment, by workflow and job: its name, and the permissions of the job.
WITH_ENVIRONMENT = {
    ("live", "live"): ("live", {"contents": "read"}),
    ("release", "release"): ("release", {"contents": "write", "attestations": "write", "id-token": "write"}),
    ("site", "deploy"): ("github-pages", {"pages": "write", "id-token": "write"}),
}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_only_jobs_that_publish_may_write(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {}
    for name, job in jobs(path.stem).items():
        environment, permissions = WITH_ENVIRONMENT.get((path.stem, name), (None, {"contents": "read"}))
        found = job.get("environment")
        assert (found["name"] if isinstance(found, dict) else found) == environment
        assert job["permissions"] == permissions


def test_the_job_that_publishes_the_site_runs_only_actions_of_github() -> None:
    job = jobs("site")["deploy"]
    assert actions(job) == ["actions/configure-pages", "actions/deploy-pages"]
    assert commands(job) == ""
    assert job["needs"] == "build"


def test_the_live_check_does_nothing_without_a_repository_or_a_token() -> None:
    job = jobs("live")["live"]
    assert job["if"] == "vars.LIVE_REPOSITORY != ''"
    assert "uses" not in job["steps"][0]
    assert all("steps.token.outputs.there" in step["if"] for step in job["steps"][1:])


def test_the_job_that_releases_runs_only_actions_of_github_and_gh() -> None:
    job = jobs("release")["release"]
    assert actions(job) == ["actions/download-artifact", "actions/attest-build-provenance"]
    started = {line.split()[0] for line in commands(job).splitlines()}
    assert started == {"echo", "gh"}


def test_the_released_tarball_is_tested_and_built_in_separate_jobs() -> None:
    test, build, release = (jobs("release")[name] for name in ("test", "build", "release"))
    assert set(release["needs"]) == {"test", "build"}
    assert ".ci/run\nmake release\n" in commands(test)
    assert commands(build).splitlines()[0] == "make tarball"
    # Only the checksum comes from the test job.
    assert "actions/upload-artifact" not in actions(test)
    # Only the same Python is known to compress in the same way.
    assert [step["with"] for step in test["steps"][:2]] == [step["with"] for step in build["steps"][:2]]
    compared = {line for line in commands(release).splitlines() if "sha256sum --check --strict" in line}
    assert compared == {f'echo "${name}" | sha256sum --check --strict' for name in ("BUILT", "TESTED")}


def test_the_build_requirements_are_pinned_by_hash() -> None:
    lines = (CHECKOUT / "tests/build-requirements.txt").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    requirements = [line for line in lines if line and not line.startswith(("#", "--"))]
    assert {"--only-binary :all:", "--require-hashes"} <= set(lines)
    assert any(line.startswith("ansible-core==") for line in requirements)
    pinned = r"[\w-]+==[\w.]+( +--hash=sha256:[0-9a-f]{64})+"
    assert [line for line in requirements if not re.fullmatch(pinned, line.strip())] == []
