"""A PostgreSQL server of a test's own, which it may kill. (A Redis: :mod:`tests.redis_server`.)"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, make_url

PATIENCE: Final = 180.0
"""Seconds, for what must come: much longer than it takes, so that a busy machine fails nothing."""


class Postgres:
    """A PostgreSQL server whose data are in ``folder``, reached by a socket beside them.

    :raises RuntimeError: this machine has no PostgreSQL.
    """

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        on_path = shutil.which("initdb")
        if not found and on_path is None:
            raise RuntimeError("PostgreSQL's server programs (initdb, postgres) are not installed")
        self._bin = found[-1].parent if found else Path(str(on_path)).parent
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, self._user)
        folder.chmod(0o755)
        self._run(
            "initdb", "-D", str(folder / "data"), "-U", "grader", "-A", "trust", "-E", "UTF8", "--no-sync"
        )

    def url(self, name: str) -> str:
        """The address of a new, empty database."""
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return self._url(name)

    def _url(self, name: str) -> str:
        url = make_url("postgresql+psycopg://grader@/").set(database=name, query={"host": str(self.folder)})
        return url.render_as_string(hide_password=False)

    def start(self) -> None:
        """Start it, and return when it answers."""
        deadline = time.monotonic() + PATIENCE
        while True:
            if self._process is None or self._process.poll() is not None:
                self._process = self._begin()
            with contextlib.suppress(Exception):
                engine = create_engine(self._url("postgres"))
                with engine.connect() as connection:
                    connection.exec_driver_sql("SELECT 1")
                engine.dispose()
                return
            # After a SIGKILL the next one is refused until the last process of the one before has ended.
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL to the postmaster; its children see that it is gone and end by themselves."""
        assert self._process is not None
        os.kill(self._postmaster(), signal.SIGKILL)
        self._process.wait(PATIENCE)

    def stop(self) -> None:
        """Stop it at once."""
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                os.kill(self._postmaster(), signal.SIGQUIT)
            self._process.wait(PATIENCE)

    def _postmaster(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def _begin(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                self._as_user(
                    "postgres", "-D", str(self.folder / "data"), "-c", "listen_addresses=",
                    "-c", f"unix_socket_directories={self.folder}", "-c", "max_connections=100",
                ),
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(self._as_user(program, *arguments), check=True, capture_output=True)

    def _as_user(self, program: str, *arguments: str) -> list[str]:
        become = ["runuser", "-u", self._user, "--"] if os.geteuid() == 0 else []
        return [*become, str(self._bin / program), *arguments]
