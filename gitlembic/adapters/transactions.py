"""Ends what a connection has begun by itself, on every SQLAlchemy that Alembic runs with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection


def end_own_transaction(connection: Connection) -> None:
    """Commit what no `begin` has opened.

    SQLAlchemy 1.4's connections, as most engines of it make them, have no `commit`: there the driver alone
    has begun something, and what changes rows is committed with its statement already.
    """
    commit = getattr(connection, "commit", None)
    if commit is not None:
        commit()
    elif not connection.in_transaction():
        driver: Any = connection.connection
        driver.commit()
