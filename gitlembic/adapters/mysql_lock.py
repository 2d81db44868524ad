"""The lock on a MySQL or MariaDB database: a named lock of env.py's session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from gitlembic.adapters.database_lock import Holder
from gitlembic.adapters.session_lock import SessionLock, key_of
from gitlembic.errors import RefusedError

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

_WHERE = """
SELECT DATABASE() AS name, CONNECTION_ID() AS session, CONCAT_WS(':', @@hostname, @@port, @@datadir) AS server
"""
_TAKE = "SELECT CONNECTION_ID() AS session, GET_LOCK(:name, 0) AS is_taken"
_HOLDER = "SELECT IS_USED_LOCK(:name) AS session"
_PROCESS = """
SELECT MIN(user) AS role, MIN(host) AS address, MIN(time) AS seconds
FROM information_schema.processlist WHERE id = :session
"""
_TRANSACTIONS = (
    "SELECT COUNT(*) AS number FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = CONNECTION_ID()"
)


class MysqlLock(SessionLock):
    """Such locks are per server, with names of at most 64 characters: the database is part of the key."""

    def __init__(self, migrations: MigrationContext) -> None:
        super().__init__(migrations)
        where = self._ask(_WHERE)
        self._check_session(where["session"])
        self._server = where["server"]
        digest = key_of(migrations.version_table_schema or where["name"], migrations.version_table)
        self._name = f"gitlembic:{digest.hex()[:40]}"

    def take(self) -> bool:
        if self._is_ours([self._holding_session()]):  # where the same session may not ask twice: older servers
            return True
        answer = self._ask(_TAKE, name=self._name)
        self._check_session(answer["session"])
        if answer["is_taken"] != 1:
            return False
        self._hold(f"SELECT RELEASE_LOCK('{self._name}')")
        self._check_session(self._ask(_WHERE)["session"])
        return True

    def waited(self) -> None:
        """InnoDB reads what was there when a transaction first read; only one of env.py's can have done so."""
        if self._in_transaction and self._may_have_read():
            raise RefusedError(
                "another gitlembic has migrated this database while env.py had a transaction open, "
                "which does not see what was done",
                "run this again; to wait without this, call context.configure() before the transaction is begun",
            )

    def holder(self) -> Holder | None:
        session = self._holding_session()
        if not session:
            return None
        found = self._ask(_PROCESS, session=session)
        details = (
            f"connection {session}",
            found["role"] and f"user {found['role']}",
            found["address"] and f"from {found['address']}",
        )
        return Holder(", ".join(filter(None, details)), f"`KILL {session}`")

    def _holding_session(self) -> int:
        session: int | None = self._ask(_HOLDER, name=self._name)["session"]
        return session or 0

    def _may_have_read(self) -> bool:
        try:
            return bool(self._ask(_TRANSACTIONS)["number"])
        except SQLAlchemyError:  # who may not look there
            return True
