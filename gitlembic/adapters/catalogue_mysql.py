"""The catalogue of a MySQL or MariaDB database, as SHOW CREATE writes it, line by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gitlembic.adapters.catalogue import VALUE, quoted, rows_of
from gitlembic.squash.schema_diff import Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_ROUTINES = {
    "procedure": "SELECT routine_name FROM information_schema.routines "
    "WHERE routine_schema = DATABASE() AND routine_type = 'PROCEDURE'",
    "function": "SELECT routine_name FROM information_schema.routines "
    "WHERE routine_schema = DATABASE() AND routine_type = 'FUNCTION'",
    "event": "SELECT event_name FROM information_schema.events WHERE event_schema = DATABASE()",
}
_TRIGGERS = (
    "SELECT event_object_table, trigger_name, action_order "
    "FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
)
_DATABASE = (
    "SELECT default_character_set_name, default_collation_name "
    "FROM information_schema.schemata WHERE schema_name = DATABASE()"
)
_SEQUENCE = (
    "SELECT next_not_cached_value, start_value, increment, minimum_value, maximum_value, cache_size, cycle_option"
)
_COUNTER = re.compile(r" AUTO_INCREMENT=(\d+)")


def read_items(connection: Connection) -> Iterator[Item]:
    """All but the rows."""
    (database,) = next(rows_of(connection, "SELECT DATABASE()"))
    for name in table_names(connection):
        yield from _table(name, _show(connection, "TABLE", name, str(database)))
    for name in _names(connection, "SEQUENCE"):
        for value, *parameters in rows_of(connection, f"{_SEQUENCE} FROM {quoted(connection, name)}"):
            yield Item("sequence", name, " ".join(map(str, parameters)))
            yield Item(VALUE, name, str(value))
    for name in _names(connection, "VIEW"):
        yield Item("view", name, _show(connection, "VIEW", name, str(database)))
    for kind, query in _ROUTINES.items():
        for (name,) in [*rows_of(connection, query)]:
            yield Item(kind, str(name), _show(connection, kind.upper(), str(name), str(database)))
    for table, name, order in [*rows_of(connection, _TRIGGERS)]:
        shown = _show(connection, "TRIGGER", str(name), str(database))
        yield Item("trigger", f"{table}/{name}", f"{order}. {shown}")
    for names in rows_of(connection, _DATABASE):
        yield Item("setting", "character set and collation", " ".join(map(str, names)))


def _table(name: str, statement: str) -> Iterator[Item]:
    """The lines of its columns, constraints and indexes, and as the table's own what begins with the parenthesis."""
    lines = statement.split("\n")
    end = next(number for number, line in enumerate(lines) if line.startswith(")"))
    columns = [line.strip().rstrip(",") for line in lines[1:end] if line.strip().startswith("`")]
    for number, column in enumerate(columns, 1):
        yield Item("column", f"{name}/{number}", column)
    for line in lines[1:end]:
        part = line.strip().rstrip(",")
        if part not in columns:
            yield Item("constraint or index", f"{name}/{part}", part)
    options = "\n".join(lines[end:])
    yield Item("table", name, _COUNTER.sub("", options))
    counter = _COUNTER.search(options)
    yield Item(VALUE, name, counter[1] if counter else "not used")


def table_names(connection: Connection) -> list[str]:
    """Those that hold rows."""
    return sorted([*_names(connection, "BASE TABLE"), *_names(connection, "SYSTEM VERSIONED")])


def _names(connection: Connection, kind: str) -> list[str]:
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = :kind"
    return sorted(str(name) for (name,) in rows_of(connection, query, kind=kind))


def _show(connection: Connection, kind: str, name: str, database: str) -> str:
    """The definition, the one text in the answer that begins as such a statement; the database's name left out.

    For what contains code also the modes in which it was written.
    """
    row = connection.exec_driver_sql(f"SHOW CREATE {kind} {quoted(connection, name)}").mappings().one()
    statement = next(value for value in row.values() if isinstance(value, str) and value.upper().startswith("CREATE"))
    modes = f" sql_mode={row['sql_mode']}" if "sql_mode" in row else ""
    return statement.replace(f"`{database}`.", "") + modes
