"""The steps of a run are computed once, before the table of versions is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from gitlembic.adapters.migration_steps import imported_before_anything_is_written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def test_they_are_computed_once_and_before_the_table(connection: Connection) -> None:
    calls: list[tuple[tuple[str, ...], list[str]]] = []

    def compute(heads: tuple[str, ...], context: MigrationContext) -> Iterator[Any]:
        assert context is ran
        calls.append((heads, inspect(connection).get_table_names()))
        yield from ()

    ran = MigrationContext.configure(connection, opts={"fn": compute})
    with imported_before_anything_is_written():
        ran.run_migrations()
        assert calls == [((), [])]
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('a')")
        ran.run_migrations()
    assert calls[1:] == [(("a",), ["alembic_version"])]


def test_the_table_alone_computes_none(connection: Connection) -> None:
    ran = MigrationContext.configure(connection)
    with imported_before_anything_is_written():
        ran._ensure_version_table()
    assert inspect(connection).get_table_names() == ["alembic_version"]


def test_a_failure_leaves_nothing(connection: Connection) -> None:
    ran = MigrationContext.configure(connection, opts={"fn": lambda heads, _: heads[0]})
    before = dict(vars(ran))
    with imported_before_anything_is_written(), pytest.raises(IndexError):
        ran.run_migrations()
    assert inspect(connection).get_table_names() == []
    assert vars(ran) == before
