"""The steps of a run are computed once, before the table of versions is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from alembic.runtime.migration import MigrationContext, StampStep
from alembic.script.revision import Revision, RevisionMap
from sqlalchemy import create_engine, inspect

from gitlembic.adapters.migration_steps import imported_before_anything_is_written
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://", future=True)
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


@pytest.mark.parametrize(("before", "hint"), [(0, "mend it; no migration has run"), (1, "mend it")])
def test_an_error_says_that_nothing_has_run_if_so(connection: Connection, before: int, hint: str) -> None:
    def fail(*_: object) -> Iterator[Any]:
        raise BrokenInputError("cannot import a.py", "mend it")

    script = Revision("a", None)
    step = StampStep((), "a", is_upgrade=True, branch_move=True, revision_map=RevisionMap(lambda: [script]))
    one = MigrationContext.configure(connection, opts={"fn": lambda _heads, _context: [step] * before})
    other = MigrationContext.configure(connection, opts={"fn": fail})
    with imported_before_anything_is_written():
        one.run_migrations()
        with pytest.raises(BrokenInputError) as raised:
            other.run_migrations()
    assert raised.value.hint == hint
