"""The catalogue of a PostgreSQL database: whatever the server itself can write down as a definition."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

from gitlembic.adapters.catalogue import VALUE, quoted, rows_of
from gitlembic.squash.schema_diff import Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_OWN = r"NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.deptype = 'e' AND d.objid = \1.oid)"
_KIND = re.compile(r"^-- kind: (.*)\n", re.MULTILINE)
_TABLES = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated) AND {ours} AND {own c}
"""
_SEQUENCES = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND {ours} AND {own c}
"""


def read_items(connection: Connection) -> Iterator[Item]:
    """All but the rows."""
    queries = resources.files("gitlembic").joinpath("templates", "catalogue_postgresql.sql").read_text(encoding="utf-8")
    _, *parts = _KIND.split(queries)
    for kind, query in zip(parts[::2], parts[1::2], strict=True):
        for name, definition in rows_of(connection, _filled(query)):
            yield Item(kind, str(name), str(definition or ""))
    for name in [str(name) for (name,) in rows_of(connection, _filled(_SEQUENCES))]:
        query = f"SELECT last_value, is_called FROM {quoted(connection, name)}"  # noqa: S608 -- a quoted name
        for value, is_called in rows_of(connection, query):
            yield Item(VALUE, name, f"after {value}" if is_called else f"at {value}")


def table_names(connection: Connection) -> list[str]:
    """Those that hold rows, materialized views too, with their schemas; of a partitioned table the parts."""
    return sorted(str(name) for (name,) in rows_of(connection, _filled(_TABLES)))


def _filled(query: str) -> str:
    return re.sub(r"\{own (\w+)\}", _OWN, query.replace("{ours}", _OURS))
