"""The comparison finds every deliberate change of a schema, of its rows and of its sequences."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from gitlembic.adapters.catalogue import read_catalogue
from gitlembic.squash.schema_diff import judge
from tests.support.databases import own_database
from tests.support.mutations import read_mutations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import URL, Connection

    from gitlembic.squash.schema_diff import Catalogue

SQLITE_BASE, SQLITE = read_mutations("sqlite")
POSTGRESQL_BASE, POSTGRESQL = read_mutations("postgresql")
MARIADB_BASE, MARIADB = read_mutations("mariadb")

CI_SLICE = 12
"""Making a database takes MariaDB longer than everything else; every so manieth change is in CI's slice."""


@contextlib.contextmanager
def connected(url: URL | str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool, future=True)
    with engine.connect() as connection:
        yield connection


def execute(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        filled = statement.replace("{database}", connection.engine.url.database or "")
        connection.exec_driver_sql(filled if connection.dialect.name == "sqlite" else filled.replace("%", "%%"))


def catalogue_of(url: URL | str, statements: Iterable[str]) -> Catalogue:
    with connected(url) as connection:
        execute(connection, statements)
        return read_catalogue(connection, {"alembic_version"})


@pytest.fixture(scope="module")
def sqlite_base() -> Catalogue:
    return catalogue_of("sqlite://", SQLITE_BASE)


@pytest.fixture(scope="module")
def postgres_base(postgres_server: URL) -> Iterator[tuple[Connection, Catalogue]]:
    with own_database(postgres_server) as url, connected(url) as connection:
        execute(connection, POSTGRESQL_BASE)
        connection.commit()
        yield connection, read_catalogue(connection, {"alembic_version"})


@pytest.fixture(scope="module")
def mariadb_base(mysql_server: URL) -> Catalogue:
    with own_database(mysql_server) as url:
        return catalogue_of(url, MARIADB_BASE)


@pytest.mark.parametrize("name", SQLITE)
def test_on_sqlite(sqlite_base: Catalogue, name: str) -> None:
    mutation = SQLITE[name]
    mutated = catalogue_of("sqlite://", [*mutation.base, *mutation.then])
    assert judge(sqlite_base, sqlite_base, mutated).differences
    assert judge(mutated, mutated, sqlite_base).differences


def test_the_same_on_sqlite(sqlite_base: Catalogue) -> None:
    assert judge(sqlite_base, sqlite_base, catalogue_of("sqlite://", SQLITE_BASE)).is_equal


@pytest.mark.parametrize("name", POSTGRESQL)
def test_on_postgresql(postgres_base: tuple[Connection, Catalogue], name: str) -> None:
    connection, base = postgres_base
    try:
        execute(connection, POSTGRESQL[name].then)
        mutated = read_catalogue(connection, {"alembic_version"})
    finally:
        connection.rollback()
        restore_sequences(connection)
    assert judge(base, base, mutated).differences


def restore_sequences(connection: Connection) -> None:
    """They do not take part in transactions."""
    execute(connection, ["SELECT setval('numbers', 6)", "SELECT setval('users_id_seq', 2)"])
    execute(connection, ["SELECT setval('fresh', 1, false)"])
    connection.commit()


def test_rollbacks_left_nothing_on_postgresql(postgres_base: tuple[Connection, Catalogue]) -> None:
    """So that every change was found for itself."""
    connection, base = postgres_base
    assert judge(base, base, read_catalogue(connection, {"alembic_version"})).is_equal


def test_the_same_on_postgresql(postgres_base: tuple[Connection, Catalogue], postgres: URL) -> None:
    _, base = postgres_base
    assert judge(base, base, catalogue_of(postgres, POSTGRESQL_BASE)).differences == ()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if number % CI_SLICE == 0 else pytest.mark.full)
        for number, name in enumerate(MARIADB)
    ],
)
def test_on_mariadb(mariadb_base: Catalogue, mysql: URL, name: str) -> None:
    mutated = catalogue_of(mysql, [*MARIADB_BASE, *MARIADB[name].then])
    assert judge(mariadb_base, mariadb_base, mutated).differences


def test_the_same_on_mariadb(mariadb_base: Catalogue, mysql: URL) -> None:
    assert judge(mariadb_base, mariadb_base, catalogue_of(mysql, MARIADB_BASE)).differences == ()
