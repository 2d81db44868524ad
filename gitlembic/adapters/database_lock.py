"""One gitlembic at a time writes to a database: a lock that env.py's own connection holds.

It is taken when `configure` has returned, by asking again and again, never by waiting inside the
server: a session that waits for a lock there keeps a snapshot, for which CREATE INDEX CONCURRENTLY
waits in turn. It goes with the connection, so that nothing stays locked behind a process that was
killed. The key is the table of versions, so that projects that share a database do not wait for
each other.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gitlembic.adapters.environment import Watcher
from gitlembic.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext

_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.25
"""Seconds between two questions; the pause grows, and no two processes ask in step."""


class Holder(NamedTuple):
    """Who has a lock: as one reads it, and how that session is ended (empty where it is a process)."""

    description: str
    how_to_end: str = ""


class Lock(Protocol):
    """One lock on one database."""

    def take(self) -> bool:
        """Whether it is ours now. Raises `RefusedError` where it cannot be had at all."""

    def holder(self) -> Holder | None:
        """Who has it, as the server tells; `None` if it does not."""

    def waited(self) -> None:
        """It is ours after somebody else had it. Raises `RefusedError` where what was read before would count."""

    def release(self) -> None:
        """The command has ended."""


class DatabaseLock(Watcher):
    """Takes the lock of every database that env.py configures.

    Waits up to `timeout` seconds for each, and says so once through `say`; then it raises
    `RefusedError`, with who has it. Databases of another kind are said to have none.
    """

    def __init__(self, timeout: float, say: Callable[[str], None]) -> None:
        self._timeout = timeout
        self._say = say
        self._taken: list[Lock] = []
        self._without: set[str] = set()

    def after_configure(self, environment: EnvironmentContext, migrations: MigrationContext) -> None:  # noqa: ARG002 -- as every watcher
        if migrations.as_sql or migrations.connection is None:
            return
        dialect = migrations.dialect.name
        make = _lock_for(dialect)
        if make is not None:
            self._taken.append(make(migrations))
            self._wait_for(self._taken[-1])
        elif dialect not in self._without:
            self._without.add(dialect)
            self._say(f"there is no lock on {dialect}: let nobody else migrate this database at the same time")

    def after_command(self) -> None:
        while self._taken:
            self._taken.pop().release()

    def _wait_for(self, lock: Lock) -> None:
        if lock.take():
            return
        said = _by(lock.holder())
        self._say(f"waiting up to {self._timeout:g} s for another gitlembic on this database{said}")
        deadline = time.monotonic() + self._timeout
        pause = _FIRST_PAUSE
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, pause * random.uniform(0.5, 1)))  # noqa: S311 -- not for secrets
            pause = min(pause * 1.5, _LONGEST_PAUSE)
            if lock.take():
                lock.waited()
                return
        holder = lock.holder()
        end = f" ({holder.how_to_end})" if holder and holder.how_to_end else ""
        raise RefusedError(
            f"another gitlembic has the lock on this database for more than {self._timeout:g} s{_by(holder)}",
            f"wait for it, or end it{end}; `lock_timeout` in [tool.gitlembic] says how many seconds to wait",
        )


def _lock_for(dialect: str) -> Callable[[MigrationContext], Lock] | None:
    """Who makes the lock of a kind of database; each is imported where it is needed."""
    if dialect == "postgresql":
        from gitlembic.adapters.postgresql_lock import PostgresqlLock  # noqa: PLC0415

        return PostgresqlLock
    if dialect in {"mysql", "mariadb"}:
        from gitlembic.adapters.mysql_lock import MysqlLock  # noqa: PLC0415

        return MysqlLock
    if dialect == "sqlite":
        from gitlembic.adapters.sqlite_lock import SqliteLock  # noqa: PLC0415

        return SqliteLock
    return None


def _by(holder: Holder | None) -> str:
    return f": {holder.description}" if holder else ""
