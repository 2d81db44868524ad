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
_TRIGGERS = "SELECT event_object_table, trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
_COUNTER = re.compile(r" AUTO_INCREMENT=(\d+)")


def read_items(connection: Connection) -> Iterator[Item]:
    """All but the rows."""
    (database,) = next(rows_of(connection, "SELECT DATABASE()"))
    for name in table_names(connection):
        lines = _show(connection, "TABLE", name, str(database)).split("\n")
        number = 0
        for line in lines[1:-1]:
            part = line.strip().rstrip(",")
            number += part.startswith("`")
            kind = "column" if part.startswith("`") else "constraint or index"
            yield Item(kind, f"{name}/{number if kind == 'column' else part}", part)
        yield Item("table", name, _COUNTER.sub("", lines[-1]))
        counter = _COUNTER.search(lines[-1])
        yield Item(VALUE, name, counter[1] if counter else "not used")
    for name in _names(connection, "VIEW"):
        yield Item("view", name, _show(connection, "VIEW", name, str(database)))
    for kind, query in _ROUTINES.items():
        for (name,) in [*rows_of(connection, query)]:
            yield Item(kind, str(name), _show(connection, kind.upper(), str(name), str(database)))
    for table, name in [*rows_of(connection, _TRIGGERS)]:
        yield Item("trigger", f"{table}/{name}", _show(connection, "TRIGGER", str(name), str(database)))


def table_names(connection: Connection) -> list[str]:
    """Those that hold rows."""
    return _names(connection, "BASE TABLE")


def _names(connection: Connection, kind: str) -> list[str]:
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = :kind"
    return sorted(str(name) for (name,) in rows_of(connection, query, kind=kind))


def _show(connection: Connection, kind: str, name: str, database: str) -> str:
    """The definition, the one text in the answer that begins as such a statement; the database's name left out."""
    row = connection.exec_driver_sql(f"SHOW CREATE {kind} {quoted(connection, name)}").one()
    (statement, *_) = (value for value in row if isinstance(value, str) and value.upper().startswith("CREATE"))
    return str(statement).replace(f"`{database}`.", "")
