"""Whether a squash makes what its originals make: both run on scratch databases, and the databases are compared."""

from __future__ import annotations

import configparser
import contextlib
import itertools
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.engine import make_url

from gitlembic import get_down_revision
from gitlembic.adapters.alembic_project import load_script
from gitlembic.adapters.catalogue import read_catalogue
from gitlembic.adapters.database_dump import dump
from gitlembic.adapters.run_order import run_order
from gitlembic.adapters.scratch_database import ask, family_of, scratch_server
from gitlembic.adapters.scratch_run import SCRATCH_VARIABLE, Job, Squashed, run_on_scratch
from gitlembic.commands.squash import as_dump
from gitlembic.errors import GitlembicError
from gitlembic.squash.schema_diff import joined, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from alembic.config import Config
    from sqlalchemy import URL, Connection

    from gitlembic.adapters.scratch_database import ScratchServer
    from gitlembic.adapters.scratch_run import Failure
    from gitlembic.commands.squash import Squash
    from gitlembic.squash.schema_diff import Catalogue, Verdict

    Watch = Callable[[str, int, int], None]

_APART = 1.1
"""Seconds between two runs of the originals, so that no time of day is the same in both, cut to seconds."""

_SERVERS = frozenset({"postgresql", "mysql"})
_URL = "sqlalchemy.url"

_Answer = TypeVar("_Answer")


def verify(options: Sequence[str], planned: Squash, url: str | None, watch: Watch = lambda *_: None) -> Verdict:
    """Run the originals twice and the squash once, each on databases of its own, and compare them.

    `url` names a server to make them on; without one they are SQLite files. `watch` is told what runs,
    how many of its migrations have run, and of how many. No other database is touched. Raises
    `GitlembicError` where env.py would touch one, and where a run stops.
    """
    order = run_order(planned.resolution.links.values(), planned.wanted.upto, None)
    squashed = Squashed(planned.wanted.upto, os.fspath(planned.path), planned.text, frozenset(planned.replaced))
    with _runs(options, planned, url, watch) as runs:
        first = runs.run("the originals", order, None)
        time.sleep(_APART)
        second = runs.run("the originals once more", order, None)
        last = runs.run("the squash", [name for name in order if name not in planned.replaced], squashed)
    return judge(first, second, last)


def dumped(options: Sequence[str], planned: Squash, url: str | None, watch: Watch = lambda *_: None) -> Squash:
    """The squash with a dump of what its originals make in place of them, and of what runs before them, if any.

    Raises as `verify`; also where env.py has several databases, or something runs before the range.
    """
    if planned.wanted.after is not None:
        raise GitlembicError(
            "a dump has all that there is, so it cannot begin in the middle",
            f"`gitlembic squash {planned.wanted.upto} --as sql` begins at the beginning",
        )
    order = run_order(planned.resolution.links.values(), planned.wanted.upto, None)
    with _runs(options, planned, url, watch) as runs:
        found = runs.look(
            "the originals, to be dumped",
            order,
            None,
            lambda connection, tables: (connection.dialect.name, dump(connection, tables)),
        )
    if len(found) > 1:
        raise GitlembicError("a dump is of one database, and env.py has several", "leave `--as sql` out")
    return as_dump(planned, *found[0])


@contextlib.contextmanager
def _runs(options: Sequence[str], planned: Squash, url: str | None, watch: Watch) -> Iterator[_Runs]:
    places = _Places.of(options)
    if url is None and family_of(places.configured) in _SERVERS:
        raise GitlembicError(
            f"the migrations of this project are for {family_of(places.configured)}, "
            "and gitlembic never uses a configured database to try them on",
            "name a server to make scratch databases on: `--verify URL`",
        )
    with _interrupted_by_sigterm(), scratch_server(url, places.configured) as server:
        yield _Runs(tuple(options), planned, server, places, watch)


@dataclass(frozen=True)
class _Places:
    """Where a project may take the URLs of its databases from: what is there now.

    `settings` are the options of the sections of the ini file, the chosen section under an empty name.
    """

    settings: Mapping[tuple[str, str], str]
    variables: Mapping[str, str]
    arguments: tuple[str, ...]

    @classmethod
    def of(cls, options: Sequence[str]) -> _Places:
        _, config = load_script(options)
        parser = config.file_config
        settings = {("", _URL): ""}
        for section in parser.sections():
            for option in parser.options(section):
                place = ("" if section == config.config_ini_section else section, option)
                settings[place] = _option(config, section, option)
        return cls(settings, dict(os.environ), tuple(options))

    @property
    def configured(self) -> str:
        return self.settings["", _URL]

    def urls(self, family: str) -> Iterator[str]:
        """All that name a database of this kind; the chosen section's first, whatever it says."""
        yield self.configured
        arguments = (argument.partition("=")[2] for argument in self.arguments)
        for value in itertools.chain(self.settings.values(), self.variables.values(), arguments):
            if family_of(value) == family:
                yield value


@dataclass(frozen=True)
class _Runs:
    """Runs of one project, alike but for the migrations."""

    options: tuple[str, ...]
    planned: Squash
    server: ScratchServer
    places: _Places
    watch: Watch

    def run(self, what: str, order: Sequence[str], squashed: Squashed | None) -> Catalogue:
        """What is in the databases after these migrations have run, from nothing."""
        found = self.look(what, order, squashed, lambda connection, _: read_catalogue(connection, ()))
        return joined(found)

    def look(
        self,
        what: str,
        order: Sequence[str],
        squashed: Squashed | None,
        question: Callable[[Connection, Collection[str]], _Answer],
    ) -> list[_Answer]:
        """The answers of all databases after these migrations have run, from nothing.

        Beside the connection a question is told the names of Alembic's own tables there.
        """
        self.watch(what, 0, len(order))
        with contextlib.ExitStack() as stack:
            scratch = {
                url: stack.enter_context(self.server.database())
                for url in dict.fromkeys(self.places.urls(self.server.family))
            }
            job = Job(
                options=tuple(self._replaced(argument, scratch) for argument in self.options),
                resolution=self.planned.resolution,
                upto=self.planned.wanted.upto,
                settings={
                    place: _text(_as(url, scratch[url]))
                    for place, url in self.places.settings.items()
                    if url in scratch and (url or place == ("", _URL))
                },
                databases=tuple(str(url.database) for url in scratch.values()),
                get_down_revision=get_down_revision,
                squashed=squashed,
            )
            variables = {
                name: _text(_as(value, scratch[value]))
                for name, value in self.places.variables.items()
                if value in scratch and value
            }
            variables[SCRATCH_VARIABLE] = _text(scratch[self.places.configured])
            outcome = run_on_scratch(job, variables, lambda done: self.watch(what, min(done, len(order)), len(order)))
            if outcome.failure is not None:
                raise self._stopped(what, outcome.failure, squashed)
            missing = [name for name in order if name not in outcome.applied]
            if missing:
                raise GitlembicError(
                    f"env.py ran {len(order) - len(missing)} of {len(order)} migrations, and not {missing[0]}",
                    "`gitlembic upgrade` shows on a database of your own what it does",
                )
            return [
                ask(url, lambda connection: question(connection, outcome.version_tables))
                for url in scratch.values()
                if url.database in outcome.databases
            ]

    def _replaced(self, argument: str, scratch: Mapping[str, URL]) -> str:
        name, equals, value = argument.partition("=")
        return f"{name}={_text(_as(value, scratch[value]))}" if equals and value in scratch and value else argument

    def _stopped(self, what: str, failure: Failure, squashed: Squashed | None) -> GitlembicError:
        if failure.refused:
            return GitlembicError(failure.message, failure.hint)
        where = f" at {failure.path}:{failure.line}" if failure.path else ""
        if squashed is not None:
            return GitlembicError(
                f"the squash does not run where its originals do: it stopped{where}: {failure.message}", failure.hint
            )
        return GitlembicError(
            f"{what} do not run on an empty database: they stopped{where}: {failure.message}",
            failure.hint
            or (
                "mend them; where the tables are made from the models, "
                f"`gitlembic squash {self.planned.wanted.upto} --prune` leaves the originals out"
            ),
        )


def _option(config: Config, section: str, option: str) -> str:
    """Its value; as it is written, where that cannot be read."""
    try:
        return config.file_config.get(section, option)
    except configparser.Error:
        return config.file_config.get(section, option, raw=True)


def _as(value: str, url: URL) -> URL:
    """With the driver that the URL in whose place it comes names, if it is one for such a server."""
    if family_of(value) != family_of(url):
        return url
    return url.set(drivername=make_url(value).drivername)


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@contextlib.contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    """End by SIGTERM as by an error, so that the databases are dropped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
