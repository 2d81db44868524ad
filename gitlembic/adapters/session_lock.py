"""What the locks of database servers have in common: they belong to a session, and env.py's session takes them."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text

from gitlembic.adapters.transactions import end_own_transaction
from gitlembic.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection, RowMapping

_ours: set[tuple[str, int]] = set()
"""The sessions in which this process holds a lock: the server, and its number of the session."""


class SessionLock:
    """Asks in env.py's session, and leaves no transaction behind that env.py has not begun.

    Each question is a transaction of its own, so that what Alembic reads next it reads anew. In a
    transaction of env.py's own that cannot be.
    """

    def __init__(self, migrations: MigrationContext) -> None:
        assert migrations.connection is not None  # noqa: S101 -- `--sql` has none, and takes no lock
        self._connection: Connection = migrations.connection
        self._in_transaction = self._connection.in_transaction()
        self._session: int | None = None
        self._server = ""

    def release(self) -> None:
        """Nothing to do: it goes with the connection, which env.py closes when it has committed."""

    def _ask(self, statement: str, **values: Any) -> RowMapping:
        """The one row that a statement gives."""
        row = self._connection.execute(text(statement), values).mappings().one()
        if not self._in_transaction:
            end_own_transaction(self._connection)
        return row

    def _check_session(self, number: int) -> None:
        """Raises `RefusedError` if the server's number of the session is not what it was before."""
        if self._session is not None and self._session != number:
            raise behind_a_proxy()
        self._session = number

    def _is_ours(self, sessions: Iterable[int]) -> bool:
        """Whether one of these is another connection of this process, as env.py for several databases may have.

        Other servers have sessions of the same numbers.
        """
        return not _ours.isdisjoint((self._server, session) for session in sessions)

    def _hold(self, release: str) -> None:
        """It is taken: have it released when the connection goes back to its pool, which is after env.py's commit."""
        assert self._session is not None  # noqa: S101 -- `_check_session` was asked before
        session = (self._server, self._session)
        _ours.add(session)
        held: Any = self._connection.connection.dbapi_connection
        sessions = [session]

        def release_at_reset(connection: Any, *_: Any) -> None:
            if connection is not held or not sessions:
                return
            _ours.discard(sessions.pop())
            with contextlib.suppress(Exception):  # who has lost the connection has lost the lock
                connection.rollback()  # what env.py has not committed by now it never will
                cursor = connection.cursor()
                cursor.execute(release)
                cursor.close()
                connection.commit()

        event.listen(self._connection.engine.pool, "reset", release_at_reset)


def key_of(*names: str | None) -> bytes:
    """32 bytes for a table of versions; the same in every process and every later gitlembic."""
    return hashlib.sha256("\0".join(["gitlembic", *(name or "" for name in names)]).encode()).digest()


def behind_a_proxy() -> RefusedError:
    """What to raise where statements of one connection reach different sessions of the server."""
    return RefusedError(
        "this connection goes through a proxy that gives every transaction another session of the server, "
        "where a lock is worth nothing",
        "connect to the server itself for migrations; or set `lock = false` in [tool.gitlembic], and see to it "
        "that only one process migrates",
    )
