"""The lock on a SQLite database: a file beside it, locked by the operating system.

Beside, for a process that closes any handle of the database's own file gives up the locks that
SQLite has on it. The file is there only while somebody holds the lock.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from gitlembic.adapters.database_lock import Holder
from gitlembic.adapters.session_lock import SessionLock
from gitlembic.errors import RefusedError

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

_held: set[Path] = set()
"""The files that this process has locked; it may open several connections to one database."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


class SqliteLock(SessionLock):
    """One for the table of versions; none where the database is in memory, or cannot be written anyway."""

    def __init__(self, migrations: MigrationContext) -> None:
        super().__init__(migrations)
        table = ".".join(filter(None, (migrations.version_table_schema, migrations.version_table)))
        name = self._ask("SELECT max(file) AS name FROM pragma_database_list WHERE name = 'main'")["name"]
        self._path: Path | None = None
        if name and (os.access(name, os.W_OK) or not Path(name).exists()):
            database = Path(name).resolve()
            self._path = database.with_name(f"{database.name}-{_UNSAFE.sub('_', table)}.lock")
        self._handle: int | None = None

    def take(self) -> bool:
        if self._path is None or self._path in _held:
            return True
        handle = self._open(self._path)
        if not self._lock(self._path, handle):
            os.close(handle)
            return False
        _held.add(self._path)
        self._handle = handle
        now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()} on {socket.gethostname()} since {now}\n".encode())
        return True

    def waited(self) -> None:
        """SQLite itself refuses to write what was read before somebody else has written."""

    def holder(self) -> Holder | None:
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace").strip() if self._path else ""
        except OSError:
            return None
        return Holder(text) if text else None

    def release(self) -> None:
        if self._path is not None and self._handle is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()
            os.close(self._handle)
            self._handle = None
            _held.discard(self._path)

    def _open(self, path: Path) -> int:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise self._cannot("make", error) from error

    def _lock(self, path: Path, handle: int) -> bool:
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError):  # the latter is what Windows says
            return False
        except OSError as error:
            os.close(handle)
            raise self._cannot("lock", error) from error
        try:  # whoever had it before has removed the file: then a lock on it is worth nothing
            return os.path.samestat(os.fstat(handle), path.stat())
        except FileNotFoundError:
            return False

    def _cannot(self, what: str, error: OSError) -> RefusedError:
        return RefusedError(
            f"cannot {what} {self._path}, which keeps two processes from migrating at once: {error.strerror}",
            "let it be written there; or set `lock = false` in [tool.gitlembic], and see to it that only one "
            "process migrates",
        )


try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
else:

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
