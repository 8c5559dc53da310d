# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the tarball, and check it like Galaxy and a user.

It is left in ``build/release``. This is started by ``make release``, which provides the tools of Galaxy.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tarfile
import tempfile
from pathlib import Path

import yaml
from tarball import ROOT, ReleaseError, build, run

RELEASE = ROOT / "build/release"
#: galaxy-importer and ansible-builder.
TOOLS = RELEASE / "venv/bin"
SIZE_LIMIT = 1024 * 1024
#: The files and directories at the top level. Others are not for users.
EXPECTED = {
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "COPYING",
    "FILES.json",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "REUSE.toml",
    "SECURITY.md",
    "changelogs",
    "docs",
    "meta",
    "plugins",
    "requirements.txt",
    "roles",
    "tests",
}


def check_contents(tarball: Path) -> None:
    """Compare the files in the tarball with the expected ones."""
    with tarfile.open(tarball) as tar:
        members = tar.getmembers()
    files = {member.name for member in members if not member.isdir()}
    tracked = set(run("git", "ls-tree", "-r", "--name-only", "-z", "HEAD").split("\0"))
    unknown = files - tracked - {"FILES.json", "MANIFEST.json"}
    unexpected = {name for name in files if name.split("/")[0] not in EXPECTED}
    special = {member.name for member in members if not (member.isfile() or member.isdir() or member.issym())}
    if found := sorted(unknown | unexpected | special):
        raise ReleaseError(f"not expected in the tarball: {', '.join(found)}")
    if missing := sorted(EXPECTED - {name.split("/")[0] for name in files}):
        raise ReleaseError(f"missing in the tarball: {', '.join(missing)}")
    if (size := tarball.stat().st_size) > SIZE_LIMIT:
        raise ReleaseError(f"the tarball has {size} bytes, more than {SIZE_LIMIT}")
    print(f"{tarball.relative_to(ROOT)}: {len(files)} files, {size} bytes")


def check_version() -> None:
    """Check that the changelog has the version of the commit, and that the tags of the commit agree."""
    version = yaml.safe_load(run("git", "show", "HEAD:galaxy.yml"))["version"]
    if version not in yaml.safe_load(run("git", "show", "HEAD:changelogs/changelog.yaml"))["releases"]:
        raise ReleaseError(f"the changelog has no {version}: antsibull-changelog release")
    tags = run("git", "tag", "--points-at", "HEAD").split()
    if tags and version not in tags:
        raise ReleaseError(f"the version is {version}, the tag is {', '.join(tags)}")


def check_import(tarball: Path, directory: Path) -> None:
    """Import the tarball like Galaxy, without its containers; fail on any warning."""
    settings = directory / "galaxy-importer.cfg"
    settings.write_text("[galaxy-importer]\nCHECK_REQUIRED_TAGS = True\nRUN_FLAKE8 = False\n", encoding="utf-8")
    environment = {"GALAXY_IMPORTER_CONFIG": str(settings), "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}
    importer = (TOOLS / "python", "-m", "galaxy_importer.main", tarball)
    output = run(*importer, cwd=directory, environment=environment)
    print(output)
    if "WARNING" in output or "ERROR" in output or "Collection loading complete" not in output:
        raise ReleaseError("Galaxy would complain")


def check_installed(tarball: Path, directory: Path) -> None:
    """Install the tarball in an empty directory, run ansible-builder on it, and play its demo."""
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(directory)}
    install = ("ansible-galaxy", "collection", "install", "--offline", "--collections-path", directory, tarball)
    run(*install, environment=environment)
    run("ansible-galaxy", "collection", "verify", "--offline", "devex.github", cwd=directory, environment=environment)
    found = run(TOOLS / "ansible-builder", "introspect", directory)
    collection = directory / "ansible_collections/devex/github"
    for requirement in (collection / "meta/ee-requirements.txt").read_text(encoding="utf-8").splitlines():
        if requirement and not requirement.startswith("#") and requirement not in found:
            raise ReleaseError(f"ansible-builder does not find the requirement {requirement}")
    # Everything except the image itself, which needs a container engine.
    definition = directory / "execution-environment.yml"
    collections = [{"name": str(tarball), "type": "file"}]
    definition.write_text(yaml.safe_dump({"version": 3, "dependencies": {"galaxy": {"collections": collections}}}))
    run(TOOLS / "ansible-builder", "create", "--file", definition, "--context", directory / "context")
    demo = collection / "tests/demo/demo.py"
    print("".join(run(sys.executable, demo, cwd=directory, environment=environment).splitlines(keepends=True)[-4:]))


def main() -> int:
    """Return the exit status: 1 if anything is wrong."""
    if run("git", "status", "--porcelain"):
        print("The working tree has changes; the last commit is built, without them.")
    with tempfile.TemporaryDirectory(prefix="devex-github-release-") as name:
        directory = Path(name)
        try:
            tarball, content = build(directory / "one")
            if build(directory / "another/with a longer name")[1] != content:
                raise ReleaseError("two builds of one commit differ")
            released = RELEASE / tarball
            released.write_bytes(content)
            check_version()
            check_contents(released)
            check_import(released, directory)
            check_installed(released, directory / "installed")
        except ReleaseError as error:
            print(f"Not to be released: {error}", file=sys.stderr)
            return 1
    print(f"{hashlib.sha256(content).hexdigest()}  {released.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
