"""The catalogue of a SQLite database.

The text of CREATE TABLE is what SQLite keeps, and says all; but two runs of the same migrations may
write its constraints in another order. So it is taken apart, and they are compared one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from gitlembic.adapters.catalogue import rows_of
from gitlembic.squash.create_table import split_create_table
from gitlembic.squash.schema_diff import Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
_PRAGMAS = ("user_version", "application_id", "encoding", "auto_vacuum")


def read_items(connection: Connection) -> Iterator[Item]:
    """All but the rows."""
    for kind, name, table, sql in [*rows_of(connection, _SCHEMA)]:
        if kind == "table" and "(" in sql and not sql.upper().startswith("CREATE VIRTUAL"):
            made = split_create_table(sql)
            yield Item("table", name, made.options)
            for number, column in enumerate(made.columns, 1):
                yield Item("column", f"{name}/{number}", column)
            for constraint, count in Counter(made.constraints).items():
                yield Item("constraint", f"{name}/{constraint}", "" if count == 1 else f"{count} times")
        else:
            owner = name if kind in {"table", "view"} else f"{table}/{name}"
            yield Item(kind, owner, re.sub(r"\s+", " ", sql or "").strip())
    for pragma in _PRAGMAS:
        for (value,) in rows_of(connection, f"PRAGMA {pragma}"):
            yield Item("setting", pragma, str(value))


def table_names(connection: Connection) -> list[str]:
    """Those that hold rows."""
    names = [str(name) for (name,) in rows_of(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return sorted(name for name in names if not name.startswith("sqlite_") or name == "sqlite_sequence")
