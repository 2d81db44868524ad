"""The lock on a PostgreSQL database: an advisory lock of env.py's session."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from gitlembic.adapters.database_lock import Holder
from gitlembic.adapters.session_lock import SessionLock, behind_a_proxy, key_of
from gitlembic.adapters.version_schema import version_schema

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

_MARK = "gitlembic.session"
"""A setting of the session, by which we see that a proxy has given one session to two of us."""

_PROCESS = secrets.token_hex(8)

_WHERE = """
SELECT pg_backend_pid() AS session,
       CAST(extract(epoch FROM pg_postmaster_start_time()) AS text) AS server
"""
_IS_FREE = f"coalesce(current_setting('{_MARK}', true), '') IN ('', :mark)"
_TAKE = f"""
SELECT pg_backend_pid() AS session, {_IS_FREE} AS is_free,
       CASE WHEN {_IS_FREE} THEN
           CASE WHEN pg_try_advisory_lock(CAST(:key AS bigint)) THEN set_config('{_MARK}', :mark, false) END
       END IS NOT NULL AS is_taken
"""
_HOLDERS = """
SELECT coalesce(array_agg(pid), CAST(ARRAY[] AS integer[])) AS sessions
FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND CAST(classid AS bigint) = (CAST(:key AS bigint) >> 32) & 4294967295
  AND CAST(objid AS bigint) = CAST(:key AS bigint) & 4294967295
"""
_HOLDER = """
SELECT min(usename) AS role, min(host(client_addr)) AS address, min(application_name) AS application,
       min(to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS TZ')) AS since
FROM pg_stat_activity WHERE pid = :session
"""


class PostgresqlLock(SessionLock):
    """Such locks are per database; the key is the table of versions with its schema.

    That is where the table is: sessions whose search paths begin with other schemas may find the same one.
    Where env.py had begun a transaction that reads what was there at its beginning, the server
    itself refuses to change a row that somebody has changed since.
    """

    def __init__(self, migrations: MigrationContext) -> None:
        super().__init__(migrations)
        schema = version_schema(migrations)  # in the transaction that the next question ends
        where = self._ask(_WHERE)
        self._check_session(where["session"])
        self._server = where["server"]
        digest = key_of(schema, migrations.version_table)
        self._key = int.from_bytes(digest[:8], "big", signed=True)
        self._mark = f"{_PROCESS}-{os.getpid()}"  # a fork has its own

    def take(self) -> bool:
        answer = self._ask(_TAKE, key=self._key, mark=self._mark)
        self._check_session(answer["session"])
        if not answer["is_free"] and not self._is_ours([answer["session"]]):
            raise behind_a_proxy()
        if not answer["is_taken"]:
            return self._is_ours(self._holders())
        self._hold(f"SELECT pg_advisory_unlock({self._key}), set_config('{_MARK}', '', false)")
        self._check_session(self._ask(_WHERE)["session"])
        return True

    def waited(self) -> None:
        pass

    def holder(self) -> Holder | None:
        for session in self._holders():
            found = self._ask(_HOLDER, session=session)
            details = (
                f"server process {session}",
                found["role"] and f"role {found['role']}",
                found["address"] and f"from {found['address']}",
                found["application"] and f"application {found['application']}",
                found["since"] and f"connected since {found['since']}",
            )
            return Holder(", ".join(filter(None, details)), f"`SELECT pg_terminate_backend({session})`")
        return None

    def _holders(self) -> list[int]:
        sessions: list[int] = self._ask(_HOLDERS, key=self._key)["sessions"]
        return sessions
