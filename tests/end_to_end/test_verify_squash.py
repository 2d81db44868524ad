"""A squash is compared with its originals on scratch databases, and no other database is touched."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import URL

from gitlembic.commands.squash import plan_squash
from gitlembic.commands.verify_squash import verify
from gitlembic.errors import GitlembicError
from tests.support.databases import database_names, table_names
from tests.support.migrations import migration_source
from tests.support.projects import BASE, GRACE, LOCATION, configuration, two_branches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gitlembic.squash.schema_diff import Verdict
    from tests.support.repositories import RepositoryBuilder

SEED = "5eed00000004"
ENVIRONMENT = "migrations/env.py"
HEAD = """
import os
from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
config = context.config
"""
RUN = """
with create_engine(url, poolclass=NullPool).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
ASYNC = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine

def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()

async def main():
    async with create_async_engine(url, poolclass=NullPool).connect() as connection:
        await connection.run_sync(migrate)

asyncio.run(main())
"""
TWO = """
for name in ("users", "orders"):
    url = config.get_section(name)["sqlalchemy.url"]
    with create_engine(url, poolclass=NullPool).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
ROWS = """
    import datetime, random, uuid
    op.execute("CREATE TABLE seeds (id VARCHAR(40), name VARCHAR(40), at VARCHAR(40), number FLOAT)")
    for name in ("one", "two"):
        op.execute(
            f"INSERT INTO seeds VALUES ('{uuid.uuid4()}', '{name}', "
            f"'{datetime.datetime.now():%Y-%m-%d %H:%M:%S}', {random.random()})"
        )"""


@pytest.fixture(autouse=True)
def inside(repository: RepositoryBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's modules are found from its root."""
    monkeypatch.chdir(repository.root)


def squashed(
    repository: RepositoryBuilder,
    url: URL | str = "sqlite://",
    server: URL | str | None = None,
    *,
    files: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
    edit: tuple[str, str] = ("", ""),
) -> Verdict:
    """What the verification says of a squash of everything, in whose text one thing is changed by `edit`."""
    two_branches(repository, url, files={**configuration(url), **(files or {})})
    options = ("-c", os.fspath(repository.root / "alembic.ini"), *arguments)
    planned = plan_squash(options, "head", message=None, prune=False)
    assert edit[0] in planned.text
    planned = dataclasses.replace(planned, text=planned.text.replace(*edit))
    return verify(options, planned, _text(server) if isinstance(server, URL) else server)


def migration(body: str) -> dict[str, str]:
    """One more, the second to run."""
    return {f"{LOCATION}/{SEED}.py": migration_source(SEED, BASE, body=body)}


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


class TestWhereEnvPyTakesItsUrlFrom:
    def test_the_configuration(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        verdict = squashed(repository, sqlite)
        assert verdict.is_equal
        assert verdict.counts["table"] == 4
        assert table_names(sqlite) == set()

    @pytest.mark.full
    def test_a_variable(self, repository: RepositoryBuilder, sqlite: URL, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SHOP_DATABASE", _text(sqlite))
        environment = HEAD + "url = os.environ['SHOP_DATABASE']\n" + RUN
        assert squashed(repository, "driver://", files={ENVIRONMENT: environment}).is_equal
        assert table_names(sqlite) == set()

    @pytest.mark.full
    def test_an_option_of_its_own(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        files = configuration("driver://", options=f"url = {_text(sqlite)}")
        environment = HEAD + "url = config.get_section(config.config_ini_section)['url']\n" + RUN
        assert squashed(repository, files={**files, ENVIRONMENT: environment}).is_equal
        assert table_names(sqlite) == set()

    @pytest.mark.full
    def test_an_argument(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        environment = HEAD + "url = context.get_x_argument(as_dictionary=True)['url']\n" + RUN
        arguments = ("-x", f"url={_text(sqlite)}")
        assert squashed(repository, "driver://", files={ENVIRONMENT: environment}, arguments=arguments).is_equal
        assert table_names(sqlite) == set()

    @pytest.mark.full
    def test_the_variable_of_gitlembic(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        environment = HEAD + f"url = os.environ.get('GITLEMBIC_SCRATCH_URL', {_text(sqlite)!r})\n" + RUN
        assert squashed(repository, "driver://", files={ENVIRONMENT: environment}).is_equal

    @pytest.mark.full
    def test_asynchronous(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        url = sqlite.set(drivername="sqlite+aiosqlite")
        environment = HEAD + "url = config.get_main_option('sqlalchemy.url')\n" + ASYNC
        assert squashed(repository, url, files={ENVIRONMENT: environment}).is_equal

    @pytest.mark.full
    def test_two_databases(self, repository: RepositoryBuilder, tmp_path: Path) -> None:
        sections = "".join(f"[{name}]\nsqlalchemy.url = sqlite:///{tmp_path}/{name}\n" for name in ("users", "orders"))
        files = configuration("sqlite://")
        files["alembic.ini"] += sections
        verdict = squashed(repository, files={**files, ENVIRONMENT: HEAD + TWO})
        assert verdict.is_equal
        assert verdict.counts["table"] == 8
        assert not (tmp_path / "users").exists()

    @pytest.mark.full
    def test_a_percent_sign(self, repository: RepositoryBuilder, mysql_server: URL) -> None:
        """Which the configuration reads as the beginning of a name."""
        url = mysql_server.update_query_dict({"init_command": "SET @a = '50%'"})
        assert squashed(repository, mysql_server, url).is_equal


class TestRefuses:
    def test_another_url(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        environment = HEAD + f"url = {_text(sqlite)!r}\n" + RUN
        with pytest.raises(GitlembicError, match="not to the scratch database") as caught:
            squashed(repository, files={ENVIRONMENT: environment})
        assert "GITLEMBIC_SCRATCH_URL" in caught.value.hint
        assert table_names(sqlite) == set()

    @pytest.mark.full
    def test_statements_before_configure(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        environment = (
            HEAD
            + f"url = {_text(sqlite)!r}\n"
            + RUN.replace(
                "    context.configure(",
                "    connection.exec_driver_sql('CREATE TABLE early (id INTEGER)')\n    context.configure(",
            )
        )
        with pytest.raises(GitlembicError, match="not to the scratch database"):
            squashed(repository, files={ENVIRONMENT: environment})
        assert table_names(sqlite) == set()

    def test_an_engine_of_a_migration_even_if_that_is_caught(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        body = f"""
    try:
        with sa.create_engine({_text(sqlite)!r}).begin() as connection:
            connection.execute(sa.text("CREATE TABLE mine (id INTEGER)"))
    except Exception:
        pass"""
        with pytest.raises(GitlembicError, match="not to the scratch database"):
            squashed(repository, files=migration(body))
        assert table_names(sqlite) == set()

    @pytest.mark.full
    def test_no_database_at_all(self, repository: RepositoryBuilder) -> None:
        environment = HEAD + "context.configure(url='sqlite://', as_sql=True)\ncontext.run_migrations()\n"
        with pytest.raises(GitlembicError, match="offline"):
            squashed(repository, files={ENVIRONMENT: environment})

    def test_env_py_that_runs_nothing(self, repository: RepositoryBuilder) -> None:
        with pytest.raises(GitlembicError, match=f"ran 0 of 3 migrations, and not {BASE}"):
            squashed(repository, files={ENVIRONMENT: HEAD})

    def test_a_server_without_leave(self, repository: RepositoryBuilder, postgres: URL) -> None:
        with pytest.raises(GitlembicError, match="never uses a configured database") as caught:
            squashed(repository, postgres)
        assert "--verify URL" in caught.value.hint
        assert table_names(postgres) == set()

    @pytest.mark.parametrize(
        "server", ["oracle://scott@host", "nonsense", "nobody://host", "postgresql://127.0.0.1:1/x"]
    )
    def test_a_server_that_is_none(self, repository: RepositoryBuilder, server: str) -> None:
        with pytest.raises(GitlembicError, match="cannot"):
            squashed(repository, server=server)


class TestStops:
    def test_in_an_original(self, repository: RepositoryBuilder) -> None:
        with pytest.raises(GitlembicError) as caught:
            squashed(repository, files=migration("    op.drop_table('nowhere')"))
        assert caught.value.message.startswith("the originals do not run on an empty database: they stopped at ")
        assert f"{LOCATION}/{SEED}.py:" in caught.value.message
        assert "no such table" in caught.value.message
        assert "--prune" in caught.value.hint

    @pytest.mark.full
    def test_in_the_squash(self, repository: RepositoryBuilder) -> None:
        with pytest.raises(GitlembicError, match="the squash does not run where its originals do"):
            squashed(repository, edit=('"users"', '"orders"'))

    @pytest.mark.full
    def test_in_env_py(self, repository: RepositoryBuilder) -> None:
        with pytest.raises(GitlembicError, match=r"env.py exited \(7\)"):
            squashed(repository, files={ENVIRONMENT: "import sys; sys.exit(7)"})

    def test_without_a_word(self, repository: RepositoryBuilder) -> None:
        environment = "import os\nprint('farewell', flush=True)\nos._exit(9)"
        with pytest.raises(GitlembicError, match="exit code 9:\nfarewell"):
            squashed(repository, files={ENVIRONMENT: environment})


def test_seeds_that_differ_each_time_are_masked(repository: RepositoryBuilder) -> None:
    verdict = squashed(repository, files=migration(ROWS))
    assert verdict.is_equal
    assert set(verdict.masked) == {"seeds.id", "seeds.at", "seeds.number"}


@pytest.mark.parametrize(
    "database",
    [
        "postgres_server",
        pytest.param("sqlite", marks=pytest.mark.full),
        pytest.param("mysql_server", marks=pytest.mark.full),
    ],
)
def test_a_difference(repository: RepositoryBuilder, request: pytest.FixtureRequest, database: str) -> None:
    server = request.getfixturevalue(database)
    verdict = squashed(
        repository,
        server,
        server if database != "sqlite" else None,
        files=migration(ROWS),
        edit=('"one"', '"uno"'),
    )
    assert [(one.kind, one.name.rpartition(".")[2]) for one in verdict.differences] == [("rows", "seeds")]
    assert "uno" in str(verdict.differences[0].after)


@pytest.mark.full
def test_originals_that_make_another_schema_each_time(repository: RepositoryBuilder) -> None:
    body = "    import uuid\n    op.execute(f'CREATE TABLE t{uuid.uuid4().hex} (id INTEGER)')"
    verdict = squashed(repository, files=migration(body))
    assert verdict.unstable
    assert not verdict.is_equal


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.full)])
def test_nothing_is_left_after_a_signal(repository: RepositoryBuilder, postgres_server: URL, number: int) -> None:
    body = """
    import pathlib, time
    name = op.get_bind().engine.url.database
    pathlib.Path("reaching").write_text(name)
    pathlib.Path("reaching").rename("reached")
    time.sleep(60)"""
    project = two_branches(
        repository,
        postgres_server,
        files={**configuration(postgres_server), **migration(body)},
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "gitlembic", "squash", "head", "--verify", _text(postgres_server)],
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not (project.root / "reached").exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (project.root / "reached").exists(), process.communicate(timeout=5)[0]
        process.send_signal(number)
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode not in {0, 70}, output
    assert (project.root / "reached").read_text() not in database_names(postgres_server)
    assert GRACE in "".join(path.name for path in (project.root / LOCATION).iterdir())


@pytest.mark.full
def test_what_runs_is_told(repository: RepositoryBuilder) -> None:
    two_branches(repository, files=configuration())
    options = ("-c", os.fspath(repository.root / "alembic.ini"))
    told: list[tuple[str, int, int]] = []
    verify(options, plan_squash(options, "head", message=None, prune=False), None, lambda *one: told.append(one))
    assert told == [
        *(("the originals", done, 3) for done in range(4)),
        *(("the originals once more", done, 3) for done in range(4)),
        *(("the squash", done, 1) for done in range(2)),
    ]
