"""Where a database's table of versions is, when env.py names no schema and the session's search path decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

_FOUND = """
SELECT coalesce(
    (SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relname = :name AND relkind IN ('r', 'p') AND pg_table_is_visible(pg_class.oid)),
    current_schema()
)
"""


def version_schema(migrations: MigrationContext) -> str | None:
    """Its schema, or the one in which Alembic will make it; `None` where there is but one."""
    named: str | None = migrations.version_table_schema
    if named is not None or migrations.connection is None or migrations.as_sql:
        return named
    if migrations.dialect.name != "postgresql":
        return None
    found: str | None = migrations.connection.execute(sa.text(_FOUND), {"name": migrations.version_table}).scalar()
    return found
