"""What is said to stay of an interrupted run is what is there, on every server."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gitlembic.adapters.environment import watched_environment
from gitlembic.adapters.run_record import RunRecord
from tests.support.migrations import migration_source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import URL, Connection

    from gitlembic.core.interrupted_run import InterruptedRun

REVISIONS = ("a1", "b2", "c3")
ACTIONS = ("create", "insert", "select", "refused", "block")
_CREATE = "CREATE TABLE {} (n INTEGER)"
_INSERT = "INSERT INTO ran VALUES ('{}')"
ERRORS = {
    "definition": "ALTER TABLE nowhere ADD COLUMN n INTEGER",
    "row": "INSERT INTO nowhere VALUES (1)",
    "syntax": "CREATE TABLEE x (n INTEGER)",
    "python": "",
}

_IMPORT = "import tests.adapters.test_run_record as plan"


@dataclass
class Plan:
    """What the migrations do: by revision, names of actions; the last one's last is an error."""

    actions: dict[str, Sequence[str]]
    error: str
    executed: dict[str, list[str]]

    def mark(self, revision: str, statement: str) -> str:
        self.executed[revision].append(statement)
        return statement


_current: list[Plan] = []


def perform(revision: str, context: Any) -> None:
    """What a migration's upgrade() does."""
    plan = _current[-1]
    for number, action in enumerate(plan.actions.get(revision, ())):
        mark = f"{revision}_{number}"
        if action == "create":
            context.execute(plan.mark(revision, _CREATE.format(mark)))
        elif action == "insert":
            context.execute(plan.mark(revision, _INSERT.format(mark)))
        elif action == "select":
            context.execute("SELECT 1 AS one")
        elif action == "refused":
            with contextlib.suppress(DBAPIError), context.connection.begin_nested():
                context.execute(ERRORS["row"])
        else:
            with context.autocommit_block():
                context.execute(plan.mark(revision, _CREATE.format(mark)))
    if revision == [*plan.actions][-1]:
        if ERRORS[plan.error]:
            context.execute(ERRORS[plan.error])
        raise LookupError


def _scripts(tmp_path: Path) -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(tmp_path / "migrations"))
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    parent = None
    for revision in REVISIONS:
        body = f"    {_IMPORT}; plan.perform({revision!r}, op.get_context())"
        path = tmp_path / "migrations" / "versions" / f"{revision}.py"
        path.write_text(migration_source(revision, parent, body=body), encoding="utf-8")
        parent = revision
    return config, ScriptDirectory(str(tmp_path / "migrations"))


def _run(url: URL, config: Config, script: ScriptDirectory, *, isolation: str | None, **options: Any) -> InterruptedRun:
    told: list[Sequence[InterruptedRun]] = []
    engine = create_engine(url, poolclass=NullPool, **({"isolation_level": isolation} if isolation else {}))

    def steps(heads: Any, _: Any) -> Any:
        return script._upgrade_revs("head", heads)

    def upgrade() -> None:
        with (
            watched_environment([RunRecord(told.append)]),
            EnvironmentContext(config, script, fn=steps) as environment,
            engine.connect() as connection,
        ):
            environment.configure(connection, **options)
            with environment.begin_transaction():
                environment.run_migrations()

    with pytest.raises(Exception, match=r"nowhere|syntax|^$"):
        upgrade()
    ((run,),) = told
    return run


def _there(connection: Connection) -> set[str]:
    """What the migrations have left, as the statements that made it."""
    tables = {*inspect(connection).get_table_names()} - {"ran", "alembic_version"}
    rows = connection.execute(text("SELECT mark FROM ran")).scalars()
    return {*map(_CREATE.format, tables), *map(_INSERT.format, rows)}


def _clean(connection: Connection) -> None:
    for name in inspect(connection).get_table_names():
        connection.execute(text(f"DROP TABLE {name}"))
    connection.execute(text("CREATE TABLE ran (mark VARCHAR(20))"))


def _check(url: URL, tmp_path: Path, examples: int) -> None:
    config, script = _scripts(tmp_path)
    engine = create_engine(url, poolclass=NullPool)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        st.lists(st.lists(st.sampled_from(ACTIONS), max_size=4), min_size=1, max_size=3),
        st.sampled_from([*ERRORS]),
        st.sampled_from([None, None, "AUTOCOMMIT"]),
        st.booleans(),
    )
    def check(actions: list[list[str]], error: str, isolation: str | None, per_migration: bool) -> None:  # noqa: FBT001
        plan = Plan(dict(zip(REVISIONS, actions, strict=False)), error, {revision: [] for revision in REVISIONS})
        _current[:] = [plan]
        with engine.begin() as connection:
            _clean(connection)
        run = _run(url, config, script, isolation=isolation, transaction_per_migration=per_migration)
        with engine.connect() as connection:
            there = _there(connection)
        number = run.number_recorded
        assert number is not None
        recorded = {mark for step in run.steps[:number] for mark in plan.executed[step.revision]}
        assert there == recorded | {mark for step in run.steps[number:] for mark in step.kept}
        assert [step.revision for step in run.steps] == [*plan.actions]
        assert all(not step.unsure for step in run.steps)

    check()


def test_what_stays_is_what_is_said(any_database: URL, tmp_path: Path) -> None:
    _check(any_database, tmp_path, 8)


@pytest.mark.full
def test_what_stays_is_what_is_said_of_many(any_database: URL, tmp_path: Path) -> None:
    _check(any_database, tmp_path, 300)
