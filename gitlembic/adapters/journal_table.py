"""The journal of a database: a table beside the one of versions, written in the same transactions."""

from __future__ import annotations

import contextlib
import hashlib
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import DBAPIError, NoSuchColumnError
from sqlalchemy.schema import CreateColumn, CreateTable

from gitlembic.adapters.transactions import end_own_transaction
from gitlembic.adapters.version_schema import version_schema
from gitlembic.core.journal import Action, Entry
from gitlembic.errors import CannotTellError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.runtime.migration import MigrationContext

_NOW = {
    "postgresql": "CURRENT_TIMESTAMP AT TIME ZONE 'UTC'",
    "mysql": "UTC_TIMESTAMP(6)",
    "mariadb": "UTC_TIMESTAMP(6)",
    "mssql": "SYSUTCDATETIME()",
}
"""What is the time in UTC for a script that runs later; elsewhere CURRENT_TIMESTAMP, which is in UTC on SQLite."""

_ACTIONS = frozenset(action.value for action in Action)
_LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql").with_variant(mysql.LONGTEXT(), "mariadb")
_MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql").with_variant(mysql.DATETIME(fsp=6), "mariadb")


_LONGEST_NAME = 63
"""What PostgreSQL takes; MySQL takes one more."""


def journal_name(version_table: str) -> str:
    """The name of the journal beside a table of versions, in the same schema."""
    name = f"{version_table}_journal"
    if len(name) <= _LONGEST_NAME:
        return name
    end = f"_{hashlib.sha256(version_table.encode()).hexdigest()[:8]}_journal"
    return version_table[: _LONGEST_NAME - len(end)] + end


def has_journal(migrations: MigrationContext) -> bool:
    """Whether there is one on the connection of env.py; ends no transaction of its own."""
    table = JournalTable(migrations)
    connection = migrations.connection
    table.is_in_transaction = connection is not None and connection.in_transaction()
    return table.exists()


class JournalTable:
    """The journal of the database of one migration context; `--sql` prints what would be written.

    The table is made, and gets the columns that it lacks, when something is written. An older
    gitlembic leaves alone what a newer one has added. `is_in_transaction` is to be set where env.py has
    begun one, which ends when env.py says so.
    """

    def __init__(self, migrations: MigrationContext) -> None:
        self._migrations = migrations
        self._is_printed = False
        self.is_in_transaction = False
        self._is_written = False

    @cached_property
    def _table(self) -> sa.Table:
        return sa.Table(
            journal_name(self._migrations.version_table),
            sa.MetaData(),
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
            sa.Column("action", sa.String(20), nullable=False),
            sa.Column("revision", sa.String(255)),
            sa.Column("heads", _LONG_TEXT, nullable=False),
            sa.Column("ran", _LONG_TEXT),
            sa.Column("at_utc", _MOMENT),
            sa.Column("gitlembic", sa.String(40)),
            sa.Column("git_commit", sa.String(64)),
            sa.Column("checksum", sa.String(80)),
            sa.Column("seconds", sa.Float),
            sa.Column("batch", sa.String(32)),
            schema=version_schema(self._migrations),
        )

    def commit(self) -> None:
        """End the transaction in which something was written, if it is still open."""
        connection = self._migrations.connection
        if self._is_written and connection is not None and connection.in_transaction():
            end_own_transaction(connection)

    def exists(self) -> bool:
        """Whether anybody has made it."""
        with self._scope() as connection:
            return sa.inspect(connection).has_table(self._table.name, schema=self._table.schema)

    def read(self) -> list[Entry]:
        """All entries, oldest first; none where there is no journal. Raises `CannotTellError` if it cannot be read."""
        try:
            return self._read()
        except (DBAPIError, NoSuchColumnError, TypeError, ValueError) as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            reason = _first_line(error.orig if isinstance(error, DBAPIError) else error)
            name = self._table.fullname
            raise CannotTellError(
                f"the journal, the table {name}, cannot be read: {reason}",
                f"let this user read it (GRANT SELECT ON {name}); if something other than gitlembic has made or "
                "changed it, rename it: the next `gitlembic upgrade` begins another one",
            ) from error

    def _read(self) -> list[Entry]:
        with self._scope() as connection:
            inspector = sa.inspect(connection)
            if not inspector.has_table(self._table.name, schema=self._table.schema):
                return []
            there = {column["name"] for column in inspector.get_columns(self._table.name, schema=self._table.schema)}
            columns = [column for column in self._table.columns if column.name in there]
            rows = connection.execute(sa.select(*columns).order_by(self._table.c.id)).mappings()
            return [_entry(row) for row in rows]

    def prepare(self) -> None:
        """Make the table, or the columns that it lacks. Raises `RefusedError` where the server does not let us."""
        try:
            self._prepare()
        except DBAPIError as error:
            raise RefusedError(
                f"the journal, the table {self._table.fullname}, cannot be made or changed: {_first_line(error.orig)}",
                "somebody who may has to run this once; or `journal = false` goes without a journal",
            ) from error

    def _prepare(self) -> None:
        with self._scope() as connection:
            inspector = sa.inspect(connection)
            if not inspector.has_table(self._table.name, schema=self._table.schema):
                connection.execute(CreateTable(self._table))
                return
            there = {column["name"] for column in inspector.get_columns(self._table.name, schema=self._table.schema)}
            name = connection.dialect.identifier_preparer.format_table(self._table)
            for column in self._table.columns:
                if column.name not in there:
                    declared = CreateColumn(column).compile(dialect=connection.dialect)
                    connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {declared}")

    def write(self, entry: Entry) -> None:
        """Add an entry, in the transaction that there is; else in one of its own."""
        self._is_written = True
        with self._scope() as connection:
            connection.execute(self._table.insert().values(_row(entry)))

    def print(self, entry: Entry, baseline: Entry | None) -> None:
        """As `write`, into the output of `--sql`; before the first of them the table, and a baseline if it is new."""
        if not self._is_printed:
            self._is_printed = True
            self._put_out(CreateTable(self._table, if_not_exists=True))
            if baseline is not None:
                anything = sa.exists(sa.select(self._table.c.id))
                values = self._printed(baseline)
                columns: list[Any] = [sa.literal_column(value).label(name) for name, value in values.items()]
                self._put_out(self._table.insert().from_select(list(values), sa.select(*columns).where(~anything)))
        values = self._printed(entry)
        row: dict[str, Any] = {name: sa.literal_column(value) for name, value in values.items()}
        self._put_out(self._table.insert().inline().values(row))  # inline: it asks for no id back

    def _printed(self, entry: Entry) -> dict[str, str]:
        """An entry's values as SQL."""
        dialect = self._migrations.dialect
        row = {name: value for name, value in _row(entry).items() if name != "at_utc"}
        texts = {
            name: str(sa.literal(value).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
            for name, value in row.items()
            if value is not None
        }
        return {**texts, "at_utc": _NOW.get(dialect.name, "CURRENT_TIMESTAMP")}

    def _put_out(self, statement: Any) -> None:
        implementation = self._migrations.impl
        text = str(statement.compile(dialect=self._migrations.dialect)).replace("\t", "    ").strip()
        implementation.static_output(text + implementation.command_terminator)

    @contextlib.contextmanager
    def _scope(self) -> Iterator[sa.Connection]:
        """The connection, in the transaction that env.py or Alembic has begun; else in one that ends here."""
        connection = self._migrations.connection
        assert connection is not None  # noqa: S101 -- only `--sql` has none, which prints
        yield connection
        if not self.is_in_transaction and self._migrations._transaction is None:  # noqa: SLF001 -- Alembic's own
            end_own_transaction(connection)


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "action": entry.action.value,
        "revision": entry.revision,
        "heads": " ".join(sorted(entry.heads)),
        "ran": " ".join(sorted(entry.ran)) if entry.ran else None,
        "at_utc": entry.at.astimezone(timezone.utc).replace(tzinfo=None) if entry.at else None,
        "gitlembic": entry.gitlembic,
        "git_commit": entry.commit,
        "checksum": entry.checksum,
        "seconds": entry.duration,
        "batch": entry.batch,
    }


def _entry(row: Any) -> Entry:
    at = row.get("at_utc")
    if row["action"] not in _ACTIONS:
        raise CannotTellError(
            f"the journal of this database has the action {row['action']!r}, which this gitlembic does not know",
            "use the gitlembic that wrote it, or a later one",
        )
    return Entry(
        Action(row["action"]),
        row["revision"],
        frozenset((row["heads"] or "").split()),
        frozenset((row.get("ran") or "").split()),
        at.replace(tzinfo=timezone.utc) if isinstance(at, datetime) else None,
        row.get("gitlembic") or "",
        row.get("git_commit"),
        row.get("checksum"),
        row.get("seconds"),
        row.get("batch") or "",
    )
