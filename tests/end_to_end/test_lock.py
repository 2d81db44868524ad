"""Many processes migrate one database at once: each succeeds, and every migration runs once."""

from __future__ import annotations

import contextlib
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from gitlembic.adapters.database_lock import DatabaseLock
from gitlembic.adapters.session_lock import key_of
from gitlembic.errors import RefusedError
from tests.support.databases import stored_revisions
from tests.support.migrations import migration_source
from tests.support.own_servers import own_mariadb
from tests.support.projects import LOCATION, Project, configuration, succeed
from tests.support.swarm import swarm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL

PROCESSES = 16
MIGRATIONS = 6
END = f"a{MIGRATIONS:011}"

ENVIRONMENTS = {
    "plain": """
engine = create_engine(url, poolclass=NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
""",
    "pooled": """
engine = create_engine(url)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
with engine.connect() as connection:  # from the pool: the lock has been given back
    connection.execute(text("SELECT 1"))
""",
    "per migration": """
engine = create_engine(url, poolclass=NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
""",
    "own transaction": """
engine = create_engine(url, poolclass=NullPool)
with engine.begin() as connection:
    context.configure(connection=connection)
    context.run_migrations()
""",
    "autocommit": """
engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
""",
    "async": """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine

def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()

async def main():
    engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()

asyncio.run(main())
""",
    "two names for one database": """
engines = [create_engine(url, poolclass=NullPool) for _ in range(2)]
connections = [engine.connect() for engine in engines]
for connection in connections:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
for connection in connections:
    connection.close()
""",
}
"""Ways in which an env.py meets a database, by name."""

ENV_HEAD = """\
from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

url = context.config.get_main_option("sqlalchemy.url")
"""


def project_at(
    root: Path,
    url: URL,
    environment: str = "plain",
    *,
    table: str = "",
    options: str = "",
    pause: float = 0,
    leaves_transaction: bool = True,
) -> Project:
    """A project whose migrations write down that they ran; `table` is another table of versions.

    Each takes at least `pause` seconds. On PostgreSQL one of them `leaves_transaction` for an index.
    """
    project = Project(root)
    project.write(configuration(url, options=f"[gitlembic]\n{options}\n" if options else ""))
    body = ENVIRONMENTS[environment]
    if table:
        body = body.replace("connection=connection", f"connection=connection, version_table={table!r}")
    project.write({"migrations/env.py": ENV_HEAD + body})
    parent = None
    has_index = leaves_transaction and url.get_backend_name() == "postgresql"
    for number in range(1, MIGRATIONS + 1):
        revision = f"a{number:011}"
        steps = [
            f"__import__('time').sleep({pause})",
            f"op.create_table('t{number}{table}', sa.Column('n', sa.Integer))",
            f"op.bulk_insert(sa.table('ran', sa.column('revision', sa.String)), [{{'revision': '{revision}{table}'}}])",
        ]
        if has_index and number == MIGRATIONS - 1:
            steps += [
                "with op.get_context().autocommit_block():",
                f"    op.execute('CREATE INDEX CONCURRENTLY i{number}{table} ON t{number}{table} (n)')",
            ]
        source = migration_source(revision, parent, body="\n".join(f"    {step}" for step in steps))
        project.write({f"{LOCATION}/{revision}_step.py": source})
        parent = revision
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS ran (revision VARCHAR(40))"))
    return project


def _ran(url: URL) -> Counter[str]:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return Counter(connection.execute(text("SELECT revision FROM ran")).scalars())


def _once(table: str = "") -> Counter[str]:
    return Counter({f"a{number:011}{table}": 1 for number in range(1, MIGRATIONS + 1)})


def _empty(url: URL) -> None:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        for number in range(1, MIGRATIONS + 1):
            connection.execute(text(f"DROP TABLE IF EXISTS t{number}"))
        connection.execute(text("DELETE FROM ran"))
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def _left_behind(root: Path) -> list[str]:
    return [path.name for path in root.parent.glob("*.lock")]


@contextlib.contextmanager
def _locked(url: URL) -> Iterator[None]:
    """Somebody who holds the lock, as env.py would have taken it."""
    lock = DatabaseLock(0, print)
    with create_engine(url, poolclass=NullPool).connect() as connection:
        lock.after_configure(None, MigrationContext.configure(connection))  # type: ignore[arg-type]
        yield
    lock.after_command()


def _rounds(url: URL, root: Path, environment: str, rounds: int, processes: int = PROCESSES) -> None:
    project = project_at(root, url, environment)
    for _ in range(rounds):
        _empty(url)
        ended = swarm(project.root, processes, "upgrade", "head")
        assert [one for one in ended if one.code] == []
        assert _ran(url) == _once()
        assert stored_revisions(url) == {END}
    assert _left_behind(root) == []


def test_every_migration_runs_once(any_database: URL, tmp_path: Path) -> None:
    _rounds(any_database, tmp_path / "project", "plain", 3)


@pytest.mark.full
def test_every_migration_runs_once_in_fifty_rounds(any_database: URL, tmp_path: Path) -> None:
    _rounds(any_database, tmp_path / "project", "plain", 50)


@pytest.mark.parametrize("environment", [name for name in ENVIRONMENTS if name != "plain"])
def test_every_env_py_keeps_out_the_others(any_database: URL, tmp_path: Path, environment: str) -> None:
    if environment == "async" and any_database.get_backend_name() == "mysql":
        pytest.skip("the tests install no asynchronous driver for it")
    if environment == "async" and any_database.drivername == "postgresql+psycopg2":
        pytest.skip("this driver is not asynchronous")
    if environment == "own transaction" and any_database.get_backend_name() == "postgresql":
        pytest.skip("an autocommit block cannot be in a transaction of env.py's own")
    _rounds(any_database, tmp_path / "project", environment, 1, 4)


def test_the_next_goes_on_where_some_were_killed(any_database: URL, tmp_path: Path) -> None:
    project = project_at(tmp_path / "project", any_database, "per migration", pause=0.1, leaves_transaction=False)
    _empty(any_database)
    killed = swarm(project.root, 6, "upgrade", "head", kill_after=0.6)  # the first within 0.2 s, when none has ended
    assert any(one.code < 0 for one in killed)
    done = project.gitlembic("upgrade", "head")
    assert "another gitlembic" not in done.stderr
    if any_database.get_backend_name() != "postgresql" and done.returncode:  # they commit between table and version
        assert "already exists" in done.stderr
    else:
        succeed(done)
        assert _ran(any_database) == _once()


def test_who_waits_says_so_once_and_gives_up_in_time(any_database: URL, tmp_path: Path) -> None:
    project = project_at(tmp_path / "project", any_database, options="lock_timeout = 0.5")
    with _locked(any_database):
        done = project.gitlembic("upgrade", "head")
    assert done.returncode == 255
    assert done.stderr.count("waiting up to 0.5 s for another gitlembic on this database: ") == 1
    assert "gitlembic: another gitlembic has the lock on this database for more than 0.5 s: " in done.stderr
    assert "`lock_timeout` in [tool.gitlembic]" in done.stderr
    assert done.stdout == ""
    assert not _ran(any_database)
    succeed(project.gitlembic("upgrade", "head"))
    assert _ran(any_database) == _once()


def test_only_what_writes_to_a_database_asks_for_the_lock(any_database: URL, tmp_path: Path) -> None:
    project = project_at(tmp_path / "project", any_database, options="lock_timeout = 0.1")
    succeed(project.gitlembic("upgrade", "head"))
    with _locked(any_database):
        for command in (("current",), ("history", "-i"), ("upgrade", "head", "--sql"), ("heads",)):
            succeed(project.gitlembic(*command))
        for command in (("downgrade", "-1"), ("stamp", "head")):
            assert project.gitlembic(*command).returncode == 255


def test_one_connection_may_have_several_tables_of_versions(any_database: URL) -> None:
    """As where env.py goes through the schemas of tenants."""
    lock = DatabaseLock(0.2, print)
    with create_engine(any_database, poolclass=NullPool).connect() as connection:
        for table in ("one", "two", "one"):
            migrations = MigrationContext.configure(connection, opts={"version_table": table})
            lock.after_configure(None, migrations)  # type: ignore[arg-type]
        with create_engine(any_database, poolclass=NullPool).connect() as other:
            migrations = MigrationContext.configure(other, opts={"version_table": "three"})
            lock.after_configure(None, migrations)  # type: ignore[arg-type]
    lock.after_command()


def test_roles_that_find_the_same_table_by_other_paths_wait_for_each_other(postgres: URL) -> None:
    """As where one role has a schema of its name, in which the table of versions is not."""
    lock = DatabaseLock(0, print)
    here, there = (
        create_engine(postgres.update_query_dict({"options": f"-csearch_path={path}"}), poolclass=NullPool)
        for path in ("public", "other,public")
    )
    with here.begin() as connection:
        connection.execute(text("CREATE SCHEMA other"))
        connection.execute(text("CREATE TABLE public.alembic_version (version_num VARCHAR(32))"))
    with here.connect() as ours, there.connect() as theirs:
        for connection in (ours, theirs):
            lock.after_configure(None, MigrationContext.configure(connection))  # type: ignore[arg-type]
        keys = text(
            "SELECT DISTINCT classid, objid FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert len(ours.execute(keys).all()) == 1
    lock.after_command()


@pytest.mark.full
@pytest.mark.skipif(shutil.which("mariadb-install-db") is None, reason="MariaDB's server is not installed")
def test_sessions_of_two_servers_may_have_the_same_number() -> None:
    lock = DatabaseLock(0, print)
    with contextlib.ExitStack() as stack:
        here, there = (create_engine(stack.enter_context(own_mariadb()).url, poolclass=NullPool) for _ in range(2))
        somebody = stack.enter_context(there.connect())
        name = f"gitlembic:{key_of('mysql', 'alembic_version').hex()[:40]}"
        number, taken = somebody.execute(text("SELECT CONNECTION_ID(), GET_LOCK(:name, 0)"), {"name": name}).one()
        assert taken == 1
        ours = stack.enter_context(here.connect())
        while (own := ours.execute(text("SELECT CONNECTION_ID()")).scalar_one()) < number:
            ours = stack.enter_context(here.connect())
        assert own == number
        lock.after_configure(None, MigrationContext.configure(ours))  # type: ignore[arg-type]
        with pytest.raises(RefusedError, match=f"connection {number}"):
            lock.after_configure(None, MigrationContext.configure(stack.enter_context(there.connect())))  # type: ignore[arg-type]
        lock.after_command()


def test_it_can_be_turned_off(any_database: URL, tmp_path: Path) -> None:
    project = project_at(tmp_path / "project", any_database, options="lock = false")
    with _locked(any_database):
        succeed(project.gitlembic("upgrade", "head"))
    assert _ran(any_database) == _once()


def test_projects_that_share_a_database_do_not_wait_for_each_other(any_database: URL, tmp_path: Path) -> None:
    other = project_at(tmp_path / "other", any_database, table="b", options="lock_timeout = 0.1")
    with _locked(any_database):
        succeed(other.gitlembic("upgrade", "head"))
    assert _ran(any_database) == _once("b")
