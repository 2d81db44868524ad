"""Runs migrations on scratch databases with the project's own env.py, in a process of its own.

A process of its own, for env.py imports an application, with registries, settings and random seeds
that a second run in one process would find used. It runs `upgrade` as `gitlembic upgrade` does, with
the chain that it is given, and with no lock and no journal.

Whatever SQLAlchemy executes there is held back until its connection has proven to be one to a
scratch database, in env.py as well as in engines that migrations make for themselves.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import tempfile
import traceback
import types
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from alembic.script import Script
from alembic.util import to_tuple
from sqlalchemy import event
from sqlalchemy.engine import Engine

from gitlembic.adapters.alembic_session import Hooks, run_alembic
from gitlembic.adapters.environment import Watcher
from gitlembic.adapters.lazy_scripts import LinearRevisionMap
from gitlembic.adapters.scratch_database import find_scratch
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection

    from gitlembic.core.resolution import Resolution

SCRATCH_VARIABLE = "GITLEMBIC_SCRATCH_URL"
"""The environment variable in which env.py finds the URL, if it takes it from nowhere that we can see."""

_PROGRAM = "import sys; sys.path[:] = {path!r}; from gitlembic.adapters.scratch_run import main; main()"
_LINES = 8


@dataclass(frozen=True, slots=True)
class Squashed:
    """A squash that is not written yet: its migration, where it will be, and whose place it takes."""

    revision: str
    path: str
    text: str
    replaced: frozenset[str]


@dataclass(frozen=True, slots=True)
class Job:
    """An upgrade from nothing to `upto`.

    `options` choose the project, with their URLs changed already; `settings` are the URLs of options
    in the sections of the ini file, the chosen section under an empty name; `databases` are what
    `find_scratch` takes; `get_down_revision` takes the place of that of `alembic_git_revisions`, and is
    found by its name over there.
    """

    options: tuple[str, ...]
    resolution: Resolution
    upto: str
    settings: Mapping[tuple[str, str], str]
    databases: tuple[str, ...]
    get_down_revision: Callable[..., str | None]
    squashed: Squashed | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run stopped. `path` and `line` are of the migration in which it happened, if it was in one.

    `refused`: we stopped it, for the reason in `message`; `hint` tells what to do about that.
    """

    message: str
    hint: str = ""
    path: str = ""
    line: int = 0
    refused: bool = False


@dataclass(frozen=True)
class Outcome:
    """The revisions that were applied, in their order, the databases that were used, and why it stopped, if it did.

    `version_tables` are those in which env.py has Alembic keep the position.
    """

    applied: tuple[str, ...] = ()
    databases: frozenset[str] = frozenset()
    failure: Failure | None = None
    version_tables: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Used:
    database: str


@dataclass(frozen=True, slots=True)
class _Configured:
    version_table: str


def run_on_scratch(job: Job, environment: Mapping[str, str], watch: Callable[[int], None]) -> Outcome:
    """Run it in another process; `watch` is told how many migrations have run.

    The process has ended when this returns or raises.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 -- this Python, and a program of our own
            [sys.executable, "-c", _PROGRAM.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            env={**os.environ, **environment},
        )
        try:
            outcome = _listen(process, job, watch)
            code = process.wait()
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    stream.close()  # type: ignore[union-attr]  # both are pipes
        if outcome.failure is None and code:
            return replace(outcome, failure=Failure(f"its process ended with exit code {code}{_tail(output)}"))
        return outcome


def _listen(process: subprocess.Popen[bytes], job: Job, watch: Callable[[int], None]) -> Outcome:
    assert process.stdin is not None  # noqa: S101 -- a pipe, as asked for
    assert process.stdout is not None  # noqa: S101
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(pickle.dumps(job))
        process.stdin.close()
    applied: list[str] = []
    used: set[str] = set()
    tables: set[str] = set()
    while True:
        try:
            message = pickle.load(process.stdout)  # noqa: S301 -- from a process of our own
        except EOFError:
            return Outcome(tuple(applied), frozenset(used), None, frozenset(tables))
        if isinstance(message, Failure):
            return Outcome(tuple(applied), frozenset(used), message, frozenset(tables))
        if isinstance(message, _Used):
            used.add(message.database)
        elif isinstance(message, _Configured):
            tables.add(message.version_table)
        else:
            applied.append(message)
            watch(len(applied))


def _tail(output: IO[bytes]) -> str:
    output.seek(0)
    lines = output.read().decode(errors="replace").splitlines()[-_LINES:]
    return ":\n" + "\n".join(lines) if lines else ""


def main() -> None:
    """The other process: a `Job` comes in by stdin, and stdout takes what `_listen` reads."""
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what env.py prints
    job = pickle.load(sys.stdin.buffer)  # noqa: S301 -- from the process that started this one
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    def send(message: object) -> None:
        pickle.dump(message, stream)
        stream.flush()

    try:
        _run(job, send)
    except BaseException as error:  # noqa: BLE001 -- env.py may raise anything, and exit
        send(_failure(error, job))
    stream.close()


def _run(job: Job, send: Callable[[object], None]) -> None:
    guard = _Guard(job, send)

    def resolve(_: ScriptDirectory, config: Config) -> Resolution:
        for (section, option), url in job.settings.items():
            config.set_section_option(section or config.config_ini_section, option, url.replace("%", "%%"))
        return job.resolution

    hooks = Hooks(
        resolve=resolve,
        get_down_revision=job.get_down_revision,
        check_new=lambda *_: None,
        explain=lambda _: None,
        made_project=lambda _: None,
        watch=lambda *_: [guard],
    )
    argv = [*job.options, "--raiseerr", "upgrade", job.upto]
    sys.argv = ["gitlembic", *argv]
    with guard.on_all_engines():
        run_alembic(argv, hooks)
    if guard.refusal is not None:  # which somebody has caught
        raise guard.refusal


class NotScratchError(GitlembicError):
    """A connection that is not one to a scratch database."""


@dataclass
class _Guard(Watcher):
    """Lets statements through to scratch databases only, and tells of every migration that has run."""

    job: Job
    send: Callable[[object], None]
    refusal: NotScratchError | None = field(default=None, init=False)

    @contextlib.contextmanager
    def on_all_engines(self) -> Iterator[None]:
        event.listen(Engine, "before_cursor_execute", self._before_statement)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", self._before_statement)

    def before_configure(self, environment: EnvironmentContext, options: dict[str, Any]) -> None:
        told = to_tuple(options.get("on_version_apply"), default=())
        options["on_version_apply"] = (*told, self._applied)
        if self.job.squashed is not None:
            squashed, script = self.job.squashed, environment.script
            load = script.revision_map._generator  # noqa: SLF001 -- how Alembic itself keeps it
            script.revision_map = LinearRevisionMap(lambda: _with_squash(load(), squashed))  # type: ignore[arg-type]  # they are scripts

    def after_configure(self, environment: EnvironmentContext, migrations: MigrationContext) -> None:  # noqa: ARG002 -- as it is called
        if migrations.as_sql or migrations.connection is None:
            raise NotScratchError("env.py runs offline, without a database", "let it connect to one")
        connection = migrations.connection
        has_begun = connection.in_transaction()
        self._check(connection)
        self.send(_Configured(migrations.version_table))
        if not has_begun:  # the server may have begun one, of which SQLAlchemy does not know
            connection.connection.rollback()

    def _applied(self, *, step: Any, **_: object) -> None:
        self.send(step.up_revision_id)

    def _before_statement(self, connection: Connection, *_: object) -> None:
        self._check(connection)

    def _check(self, connection: Connection) -> None:
        if connection.info.get(SCRATCH_VARIABLE):
            return
        database = find_scratch(connection, self.job.databases)
        if database is None:
            self.refusal = NotScratchError(
                f"something connects to {connection.engine.url.render_as_string()}, not to the scratch database "
                "that was made for it; nothing was executed there",
                "let env.py take its URL from `config.get_main_option('sqlalchemy.url')`, or from the environment "
                f"variable {SCRATCH_VARIABLE} where that is set"
                "; `--verify URL` names a server of the kind that the project needs",
            )
            raise self.refusal
        connection.info[SCRATCH_VARIABLE] = database
        self.send(_Used(database))


def _with_squash(scripts: Iterable[Script], squashed: Squashed) -> Iterator[Script]:
    """As after the squash has been written: one in place of many."""
    for script in scripts:
        if script.revision == squashed.revision:
            yield _load(squashed)
        elif script.revision not in squashed.replaced:
            yield script


def _load(squashed: Squashed) -> Script:
    """As Alembic loads a file, from a text that is in none yet."""
    module = types.ModuleType(Path(squashed.path).stem)
    module.__file__ = squashed.path
    exec(compile(squashed.text, squashed.path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 -- a migration
    return Script(module, squashed.revision, squashed.path)


def _failure(error: BaseException, job: Job) -> Failure:
    if isinstance(error, GitlembicError):
        return Failure(error.message, error.hint, refused=isinstance(error, NotScratchError))
    first_line = str(error).partition("\n")[0]
    said = f"env.py exited ({error})" if isinstance(error, SystemExit) else f"{type(error).__name__}: {first_line}"
    path, line = _place(error, job)
    return Failure(said, path=path, line=line)


def _place(error: BaseException, job: Job) -> tuple[str, int]:
    """The innermost line of a migration that an error came through."""
    files = {
        os.fspath(Path(chain.root, link.placed.path)): link.placed.path
        for chain in job.resolution.chains
        for link in chain.links
    }
    found = ("", 0)
    for frame, line in traceback.walk_tb(error.__traceback__):
        name = os.path.realpath(frame.f_code.co_filename)
        if name in files or (job.squashed is not None and name == os.path.realpath(job.squashed.path)):
            found = (files.get(name, job.squashed.path if job.squashed else name), line)
    return found
