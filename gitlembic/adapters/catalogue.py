"""Reads all that a database's catalogue tells, and its rows, into plain values that can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from gitlembic.errors import GitlembicError
from gitlembic.squash.schema_diff import Catalogue, Item, Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sqlalchemy import Connection


VALUE = "value of a sequence"
"""The kind of what counts as a row: it is masked where two runs differ."""


def read_catalogue(connection: Connection, without: Collection[str]) -> Catalogue:
    """Schema and rows of the database that a connection is to, save the tables named in `without`.

    Raises `GitlembicError` for a dialect of which the catalogue is not known.
    """
    dialect = connection.dialect.name
    if dialect == "sqlite":
        from gitlembic.adapters.catalogue_sqlite import read_items, table_names  # noqa: PLC0415 -- one of them
    elif dialect == "postgresql":
        from gitlembic.adapters.catalogue_postgresql import read_items, table_names  # noqa: PLC0415
    elif dialect in {"mysql", "mariadb"}:
        from gitlembic.adapters.catalogue_mysql import read_items, table_names  # noqa: PLC0415
    else:
        raise GitlembicError(
            f"a squash cannot be verified on {dialect}, whose catalogue gitlembic does not read",
            "verify it on SQLite, PostgreSQL, MySQL or MariaDB",
        )
    found = [item for item in read_items(connection) if _owner(item) not in without]
    items = frozenset(item for item in found if item.kind != VALUE)
    values = tuple((item.name, item.definition) for item in found if item.kind == VALUE)
    tables = {
        name: _read_table(connection, name)
        for name in table_names(connection)
        if name.rpartition(".")[2] not in without
    }
    return Catalogue(items, {**tables, "(sequences)": Table(("sequence", "value"), values)} if values else tables)


def _owner(item: Item) -> str:
    """The table that a thing belongs to, without its schema; every name begins with it."""
    return item.name.split("/", 1)[0].rpartition(".")[2]


def rows_of(connection: Connection, statement: str, **values: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, as plain tuples."""
    return (tuple(row) for row in connection.execute(text(statement), values))


def quoted(connection: Connection, name: str) -> str:
    """A name as the server takes it; on PostgreSQL its schema stands in front of the first dot."""
    parts = name.split(".", 1) if connection.dialect.name == "postgresql" else [name]
    return ".".join(map(connection.dialect.identifier_preparer.quote_identifier, parts))


def _read_table(connection: Connection, name: str) -> Table:
    """All rows; PostgreSQL itself makes texts of them, for drivers lack values for some, such as infinite times."""
    table = quoted(connection, name)
    columns = tuple(connection.exec_driver_sql(f"SELECT * FROM {table} LIMIT 0").keys())  # noqa: S608 -- a quoted name
    wanted = "*"
    if connection.dialect.name == "postgresql" and columns:
        quote = connection.dialect.identifier_preparer.quote_identifier
        wanted = ", ".join(f"{quote(column)}::text" for column in columns)
    found = connection.exec_driver_sql(f"SELECT {wanted} FROM {table}")  # noqa: S608 -- likewise
    return Table(columns, tuple(_texts(row) for row in found))


def _texts(row: Iterable[Any]) -> tuple[str, ...]:
    return tuple(repr(value) for value in row)
