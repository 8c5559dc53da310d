# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the tarball of the last commit: the same commit gives the same bytes.

It is left in ``build/tarball``. This is started by ``make tarball``, which provides a pinned ansible-core.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARBALL = ROOT / "build/tarball"
#: The command of this Python's ansible-core, because the path may have another one.
GALAXY = Path(sys.executable).with_name("ansible-galaxy")


class ReleaseError(Exception):
    """The release has a problem."""


def run(*command: str | Path, cwd: Path = ROOT, environment: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed; returns its standard output."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **(environment or {})}, check=False, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        print(done.stdout)
        raise ReleaseError(f"{' '.join(map(str, command))} failed")
    return done.stdout


def build(directory: Path) -> tuple[str, bytes]:
    """Build the last commit below a directory; returns the name of the tarball and its bytes."""
    source = directory / "source"
    source.mkdir(parents=True)
    archive = directory / "commit.tar"
    run("git", "archive", "--output", archive, "HEAD")
    with tarfile.open(archive) as tar:
        tar.extractall(source, filter="data")
    run(GALAXY, "collection", "build", "--output-path", directory, cwd=source)
    (built,) = directory.glob("*.tar.gz")
    return built.name, normalised(built, int(run("git", "log", "-1", "--format=%ct")))


def normalised(built: Path, time: int) -> bytes:
    """Return a collection's tarball without the differences between builds: times, and the order of the files."""
    with tarfile.open(built) as tar:
        members = {member.name: member for member in tar}
        regular = {name: tar.extractfile(member) for name, member in members.items() if member.isfile()}
        contents = {name: file.read() for name, file in regular.items() if file}
    files, manifest = json.loads(contents["FILES.json"]), json.loads(contents["MANIFEST.json"])
    files["files"].sort(key=lambda entry: str(entry["name"]))
    contents["FILES.json"] = json.dumps(files, indent=1).encode()
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents["FILES.json"]).hexdigest()
    contents["MANIFEST.json"] = json.dumps(manifest, indent=1).encode()
    result = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=result, mtime=time) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        # The manifests come first, so that Galaxy's tools find them at once.
        for name in sorted(members, key=lambda name: (not name.endswith(".json") or "/" in name, name)):
            member, content = members[name], contents.get(name, b"")
            member.mtime, member.size, member.pax_headers = time, len(content), {}
            tar.addfile(member, io.BytesIO(content))
    return result.getvalue()


def main() -> None:
    """Build it, and print its checksum."""
    with tempfile.TemporaryDirectory(prefix="devex-github-tarball-") as name:
        tarball, content = build(Path(name))
    (TARBALL / tarball).write_bytes(content)
    print(f"{hashlib.sha256(content).hexdigest()}  {tarball}")


if __name__ == "__main__":
    main()
