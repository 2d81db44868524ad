"""Keeps what an upgrade or a downgrade does, so that it can be said where it stopped and what stays.

Servers differ in what they take back when a migration fails, and so do drivers; a driver is asked
after every statement whether a transaction is open, and where it cannot tell, the server's rules count.
"""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.runtime.migration import HeadMaintainer
from alembic.util import CommandError
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from gitlembic.adapters.driver_transactions import autocommits, in_transaction
from gitlembic.adapters.environment import Watcher
from gitlembic.adapters.recorded_heads import read_heads
from gitlembic.adapters.stored_scripts import source_of
from gitlembic.adapters.version_schema import version_schema
from gitlembic.core.interrupted_run import InterruptedRun, StepTaken
from gitlembic.core.squash_header import replaced_revisions
from gitlembic.core.statement_log import StatementLog, commits_implicitly, first_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection, ExceptionContext

_COMMITTING_DIALECTS = frozenset({"mysql", "mariadb", "oracle"})
_DEFINING = frozenset({"CREATE", "ALTER", "DROP"})
_SYNTAX_ERROR = 1064
"""What MySQL and MariaDB say of a statement that they have not begun."""


@dataclass(slots=True)
class _Step:
    """One of Alembic's steps that has begun; `before`, `replaced` and `heads` as in `StepTaken`."""

    step: Any
    before: frozenset[str]
    replaced: frozenset[str]
    log: StatementLog = field(default_factory=StatementLog)
    heads: frozenset[str] | None = None


class RunRecord(Watcher):
    """Tells of a command that fails after its first migration has begun; of others there is nothing to tell.

    `tell` is given the databases on which migrations have begun, in their order; none that was in memory.
    """

    def __init__(self, tell: Callable[[Sequence[InterruptedRun]], None]) -> None:
        self._tell = tell
        self._runs: list[_Run] = []

    def before_configure(self, environment: EnvironmentContext, options: dict[str, Any]) -> None:  # noqa: ARG002 -- as every watcher
        given = options.get("on_version_apply") or ()
        options["on_version_apply"] = (*(given if isinstance(given, (tuple, list)) else (given,)), self._step_ended)

    def after_configure(self, environment: EnvironmentContext, migrations: MigrationContext) -> None:  # noqa: ARG002
        if not migrations.as_sql and migrations.connection is not None:
            self._runs.append(_Run(migrations, migrations.connection))

    def failed(self, error: BaseException) -> None:
        runs = [run for run in self._runs if run.steps and not run.is_in_memory]
        if runs:
            runs[-1].end(error)
            self._tell([run.result() for run in runs])

    def _step_ended(self, *, ctx: MigrationContext, heads: set[str], **_: Any) -> None:
        for run in self._runs:
            if run.migrations is ctx and run.steps:
                run.steps[-1].heads = frozenset(heads)


class _Run:
    """The steps of one database, and what it has executed."""

    def __init__(self, migrations: MigrationContext, connection: Connection) -> None:
        self.migrations = migrations
        self.steps: list[_Step] = []
        self._connection = connection
        self._engine = connection.engine
        self._before: frozenset[str] = frozenset()
        self._schema: str | None = None
        self._committed = 0
        self._is_inside = False
        self._is_committing = False
        self._commits_first = False
        compute = getattr(migrations, "_migrations_fn", None)
        if compute is not None:  # else some later Alembic's
            migrations._migrations_fn = functools.partial(self._steps, compute)  # noqa: SLF001 -- all runs pass it
        event.listen(connection, "before_cursor_execute", self._begin)
        event.listen(connection, "after_cursor_execute", self._end)
        event.listen(self._engine, "handle_error", self._refused)
        event.listen(connection, "begin", self._has_committed)
        event.listen(connection, "commit", self._commit)
        event.listen(connection, "rollback", self._roll_back)

    @property
    def is_in_memory(self) -> bool:
        """It is gone with its connection."""
        return isinstance(self._engine.pool, (SingletonThreadPool, StaticPool))

    def result(self) -> InterruptedRun:
        heads = read_heads(self._engine, self.migrations.version_table, self._schema)
        return InterruptedRun(
            database=self._engine.url.render_as_string(),
            is_upgrade=self.steps[-1].step.is_upgrade,
            before=self._before,
            steps=tuple(map(self._taken, self.steps)),
            committed=self._committed,
            recorded=None if isinstance(heads, str) else heads,
            trouble=heads if isinstance(heads, str) else "",
            commits_at_once=self._engine.dialect.name in {*_COMMITTING_DIALECTS, "sqlite"}
            or autocommits(self._connection),
        )

    def end(self, error: BaseException) -> None:
        """The command has ended with this error; only one of the database can mean that a commit did not succeed."""
        if _database_error(error) is None:
            self._has_committed()

    def _steps(self, compute: Callable[..., Any], heads: Any, context: MigrationContext) -> Iterator[Any]:
        if not self.steps:
            self._before = frozenset(heads)
            self._schema = version_schema(self.migrations)
        for step in compute(heads, context):
            step.migration_fn = self._watched(step, step.migration_fn)
            yield step

    def _watched(self, step: Any, migrate: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(migrate)
        def run(*args: Any, **kwargs: Any) -> Any:
            self._has_committed()
            last = self.steps[-1].heads if self.steps else None
            replaced = frozenset[str](replaced_revisions(source_of(step.revision)))
            self.steps.append(_Step(step, self._before if last is None else last, replaced))
            self._is_inside = True
            try:
                return migrate(*args, **kwargs)
            except BaseException as error:
                cause = _database_error(error)
                if cause is not None:
                    self._has_failed(cause, is_disconnect=cause.connection_invalidated)
                if self._is_committing:
                    self.steps[-1].log.begin("COMMIT", commits=True)
                raise
            finally:
                self._is_inside = False

        return run

    def _begin(self, _connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        self._has_committed()
        if self._is_inside:
            if self._commits_first:  # the last one failed, and the migration went on
                self._all_committed()
            self._commits_first = self._server_commits(statement)
            self.steps[-1].log.begin(statement, commits=self._commits_first or self._driver_commits(statement))

    def _end(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if self._is_inside:
            self._commits_first = False
            if self.steps[-1].replaced and self._records(statement):
                self.steps[-1].log.record()
            else:
                self.steps[-1].log.end(statement)
            is_open = in_transaction(connection)
            if not is_open if is_open is not None else self._server_commits(statement) or autocommits(self._connection):
                self._all_committed()

    def _refused(self, error: ExceptionContext) -> None:
        if error.connection is self._connection and isinstance(error.sqlalchemy_exception, DBAPIError):
            self._has_failed(error.sqlalchemy_exception, is_disconnect=error.is_disconnect)

    def _has_failed(self, error: DBAPIError, *, is_disconnect: bool) -> None:
        """A statement or a commit; what came before may be committed. SQLAlchemy does not tell of all of them."""
        arguments: tuple[Any, ...] = getattr(error.orig, "args", ())
        if self._commits_first and arguments[:1] != (_SYNTAX_ERROR,):
            self._all_committed()
        if not is_disconnect and self.steps:  # the server says that it was not executed
            self._is_committing = self._commits_first = False
            self.steps[-1].log.running = ""

    def _commit(self, _connection: Connection) -> None:
        self._is_committing = True

    def _roll_back(self, _connection: Connection) -> None:
        self._is_committing = False
        for step in self.steps:
            step.log.roll_back()

    def _has_committed(self, _connection: Connection | None = None) -> None:
        """Whatever comes after a commit shows that it was one; the event is told before it."""
        if self._is_committing:
            self._is_committing = False
            self._all_committed()

    def _all_committed(self) -> None:
        for number, step in enumerate(self.steps, 1):
            step.log.commit()
            if step.heads is not None:  # with its version
                step.log = StatementLog()
                self._committed = number

    def _taken(self, done: _Step) -> StepTaken:
        return StepTaken(
            revision=done.step.revision.revision,
            path=_shown(done.step.revision.path),
            before=done.before,
            after=self._after(done) if done.heads is None else done.heads,
            heads=done.heads,
            kept=tuple(map(str, done.log.kept)),
            unsure=done.log.running if done.log.running_commits else "",
            replaced=done.replaced,
        )

    def _after(self, done: _Step) -> frozenset[str] | None:
        moved = _MovedHeads(self.migrations, done.before)
        try:
            moved.update_to_step(done.step)
        except (AssertionError, LookupError, CommandError):  # of rows of which one comes before another
            return None
        return frozenset(moved.heads)

    def _server_commits(self, statement: str) -> bool:
        return self._engine.dialect.name in _COMMITTING_DIALECTS and commits_implicitly(statement)

    def _records(self, statement: str) -> bool:
        """Whether it writes where the database stands, as a squash does after each of its originals."""
        is_write = first_word(statement) in {"INSERT", "UPDATE", "DELETE"}
        return is_write and re.search(rf"\b{re.escape(self.migrations.version_table)}\b", statement) is not None

    def _driver_commits(self, statement: str) -> bool:
        """Python's driver of SQLite begins a transaction only for what changes rows."""
        is_definition = self._engine.dialect.name == "sqlite" and first_word(statement) in _DEFINING
        return autocommits(self._connection) or (is_definition and in_transaction(self._connection) is False)


class _MovedHeads(HeadMaintainer):
    """Where a step leaves a database, as Alembic computes it; writes nothing."""

    def _insert_version(self, version: str) -> None:
        self.heads.add(version)

    def _delete_version(self, version: str) -> None:
        self.heads.discard(version)

    def _update_version(self, from_: str, to_: str) -> None:
        self.heads = self.heads - {from_} | {to_}


def _shown(path: str) -> str:
    here = Path.cwd()
    return os.path.relpath(path) if Path(path).is_relative_to(here) else path


def _database_error(error: BaseException | None) -> DBAPIError | None:
    """The driver's error that this one came from."""
    while error is not None and not isinstance(error, DBAPIError):
        error = error.__cause__ or error.__context__
    return error
