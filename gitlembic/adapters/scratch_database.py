"""Databases that are made to be thrown away: SQLite files, or databases on a server that somebody has named.

Their names are random, which is how a connection proves to be one to them: no configured database
can have such a name.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import URL, Connection

PREFIX = "gitlembic_scratch_"
"""What the names of all of them begin with."""

_FAMILIES = {"mariadb": "mysql", "postgres": "postgresql"}
_IDENTITY = {
    "postgresql": "SELECT current_database()",
    "mysql": "SELECT DATABASE()",
    "sqlite": "SELECT file FROM pragma_database_list WHERE name = 'main'",
}

_Answer = TypeVar("_Answer")


def family_of(url: str | URL) -> str:
    """The kind of server that a URL names, MariaDB's being MySQL's; empty for what is no URL."""
    try:
        name = make_url(url).get_backend_name()
    except ArgumentError:
        return ""
    return _FAMILIES.get(name, name)


@dataclass(frozen=True, slots=True)
class ScratchServer:
    """Where scratch databases are made: `url` names the server, or `sqlite:` and `directory` a place for files."""

    url: URL
    directory: Path

    @property
    def family(self) -> str:
        return family_of(self.url)

    @contextlib.contextmanager
    def database(self) -> Iterator[URL]:
        """A new database, dropped in the end whoever is still connected.

        Raises `GitlembicError` where the server does not make one.
        """
        name = f"{PREFIX}{secrets.token_hex(8)}"
        if self.family == "sqlite":
            yield self.url.set(database=os.fspath(self.directory / name))
            return
        try:
            ask(self._maintenance, lambda connection: _execute(connection, f"CREATE DATABASE {name}"), autocommit=True)
        except (SQLAlchemyError, ImportError) as error:
            raise GitlembicError(
                f"cannot make a scratch database on {self._maintenance.render_as_string()}: {_first_line(error)}",
                "name a server on which you may create databases: `--verify URL`",
            ) from error
        try:
            yield self.url.set(database=name)
        finally:
            ask(self._maintenance, lambda connection: _drop(connection, name), autocommit=True)

    @property
    def _maintenance(self) -> URL:
        if self.family == "postgresql" and not self.url.database:
            return self.url.set(database="postgres")
        return self.url


@contextlib.contextmanager
def scratch_server(named: str | None, configured: str | None) -> Iterator[ScratchServer]:
    """The server that `named` names; without one, files.

    The driver is that of the configured URL, if it is one for such a server and `named` tells none.
    Raises `GitlembicError` for a URL that cannot be used.
    """
    try:
        url = make_url(named or "sqlite://")
        if configured and family_of(configured) == family_of(url) and "+" not in url.drivername:
            url = url.set(drivername=make_url(configured).drivername)
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        # What is no URL, SQLAlchemy 1.4 repeats with its password.
        reason = "it cannot be parsed" if type(error) is ArgumentError else _first_line(error)
        raise GitlembicError(
            f"cannot use the URL {_without_password(named or configured or '')}: {reason}",
            "it looks like `postgresql+psycopg://user:password@host/database`",
        ) from error
    if family_of(url) not in _IDENTITY:
        raise GitlembicError(
            f"a squash cannot be verified on {url.get_backend_name()}, whose catalogue gitlembic does not read",
            "verify it on SQLite, PostgreSQL, MySQL or MariaDB",
        )
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as directory:
        yield ScratchServer(url, Path(directory).resolve())


def ask(url: URL, question: Callable[[Connection], _Answer], *, autocommit: bool = False) -> _Answer:
    """Put a question to a database, through whichever kind of driver its URL names."""
    options: dict[str, Any] = {"poolclass": NullPool, "future": True}  # as SQLAlchemy 2 does it by itself
    if autocommit:
        options["isolation_level"] = "AUTOCOMMIT"
    if not url.get_dialect().is_async:
        with create_engine(url, **options).connect() as connection:
            return question(connection)

    async def ask_it() -> _Answer:
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 -- only for such drivers

        async with create_async_engine(url, **options).connect() as connection:
            return await connection.run_sync(question)

    return asyncio.run(ask_it())


def find_scratch(connection: Connection, databases: tuple[str, ...]) -> str | None:
    """Which of the databases of these names (of files, their paths) a connection is to; `None` if to another.

    It is asked below SQLAlchemy, so that nothing that listens there hears of it.
    """
    family = _FAMILIES.get(connection.dialect.name, connection.dialect.name)
    if family not in _IDENTITY:
        return None
    cursor = connection.connection.cursor()
    try:
        cursor.execute(_IDENTITY[family])
        row = cursor.fetchone()
    finally:
        cursor.close()
    name = str(row[0] or "") if row else ""
    name = os.path.realpath(name) if family == "sqlite" and name else name
    return name if name in databases else None


def _execute(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def _drop(connection: Connection, name: str) -> None:
    if connection.dialect.name == "postgresql":
        _execute(connection, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608 -- our own name
    _execute(connection, f"DROP DATABASE IF EXISTS {name}")


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string()
    except ArgumentError:  # it is none, so nobody knows what of it is a password
        return "that was given"


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
