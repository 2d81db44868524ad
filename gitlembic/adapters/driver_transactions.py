"""Whether a connection has a transaction open, as its driver says: some begin and end by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

_IN_TRANSACTION = 1
"""The bit of what MySQL and MariaDB say of a session with every answer."""


def autocommits(connection: Connection) -> bool:
    """Whether env.py wants every statement to be committed by itself."""
    level = connection.get_execution_options().get("isolation_level")
    return (level or getattr(connection.engine.dialect, "_on_connect_isolation_level", None)) == "AUTOCOMMIT"


def in_transaction(connection: Connection) -> bool | None:
    """What the driver says; `None` if it does not."""
    driver: Any = connection.connection.driver_connection
    if isinstance(said := getattr(driver, "in_transaction", None), bool):  # sqlite3, aiosqlite, mysql-connector
        return said
    if isinstance(said := getattr(driver, "server_status", None), int):  # PyMySQL, aiomysql
        return bool(said & _IN_TRANSACTION)
    if hasattr(driver, "is_in_transaction"):  # asyncpg
        return bool(driver.is_in_transaction())
    status = getattr(getattr(driver, "info", None), "transaction_status", None)  # psycopg
    return None if status is None else status != 0
