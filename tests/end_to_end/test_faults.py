"""What goes wrong in the middle of an upgrade: versions, journal and schema agree, or it is said what does not.

`b2` has the fault, after it has made a table and written a row. Whatever the report does not list has to be
as the version says; when that is undone and the fault is gone, the same command goes on.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from tests.support.databases import own_database, stored_revisions
from tests.support.migrations import migration_source
from tests.support.own_servers import own_mariadb, own_postgres
from tests.support.projects import LOCATION, Project, configuration, succeed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.engine import URL, Connection, Engine

    from tests.support.own_servers import OwnServer
    from tests.support.projects import Done

_REVISIONS = ("a1", "b2", "c3")
_KEPT = re.compile(r"^    CREATE TABLE t_(\w+)", re.MULTILINE)

_PATH = f"{LOCATION}/{{}}_step.py"


def _source(revision: str, parent: str | None, fault: Sequence[str] = ()) -> str:
    steps = (
        "import os, signal, threading, time",
        f"op.create_table('t_{revision}', sa.Column('n', sa.Integer))",
        f"op.execute(\"INSERT INTO ran VALUES ('{revision}')\")",  # noqa: S608
        *fault,
    )
    return migration_source(revision, parent, body="\n".join(f"    {step}" for step in steps))


def _project(root: Path, url: URL, *fault: str) -> Project:
    project = Project(root)
    project.write(configuration(url, options="[gitlembic]\njournal = true\n"))
    parent = None
    for revision in _REVISIONS:
        project.write({_PATH.format(revision): _source(revision, parent, fault if revision == "b2" else ())})
        parent = revision
    with _engine(url).begin() as connection:
        connection.execute(text("CREATE TABLE ran (revision VARCHAR(9))"))
    return project


def _engine(url: URL) -> Engine:
    return create_engine(url, poolclass=NullPool)


def _check_agreement(url: URL, done: Done) -> set[str]:
    """Where it stopped, all that is there is recorded or listed; returns the revisions that are recorded."""
    with _engine(url).connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
        tables = {name[2:] for name in inspect(connection).get_table_names() if name.startswith("t_")}
        recorded = {*_REVISIONS[: _REVISIONS.index(heads[0]) + 1]} if heads else set()
        assert _journalled(connection) == recorded
    assert tables == recorded | {*_KEPT.findall(done.stderr)}
    return recorded


def _journalled(connection: Connection) -> set[str]:
    if not inspect(connection).has_table("alembic_version_journal"):
        return set()  # it was taken back with the rest
    query = text("SELECT revision FROM alembic_version_journal WHERE action = 'upgrade'")
    return {*connection.execute(query).scalars()}


def _go_on(project: Project, url: URL, done: Done) -> None:
    """Undo what was listed, take the fault away, and run the same command."""
    with _engine(url).begin() as connection:
        for revision in _KEPT.findall(done.stderr):
            connection.execute(text(f"DROP TABLE t_{revision}"))
            connection.execute(text("DELETE FROM ran WHERE revision = :revision"), {"revision": revision})
    project.write({_PATH.format("b2"): _source("b2", "a1")})
    succeed(project.gitlembic("upgrade", "head"))
    with _engine(url).connect() as connection:
        ran = Counter(connection.execute(text("SELECT revision FROM ran")).scalars())
        assert _journalled(connection) == {*_REVISIONS}
    assert ran == dict.fromkeys(_REVISIONS, 1)


_BY_HAND = (
    "Hint: undo by hand what stays of b2, and run the same command again; or, where env.py has no other database, "
    "finish it by hand, and then"
)

_EARLIER_RUN = (
    "when the reason is mended, run the same command again; if an earlier run was ended in the middle of b2, "
    "its first statements are there already: undo them before"
)

_LOST = {
    "postgresql": ("op.execute('SELECT pg_terminate_backend(pg_backend_pid())')",),
    "mysql": ("op.execute('KILL CONNECTION_ID()')",),
}
_TIMEOUT = {
    "sqlite": (  # somebody else writes all the time
        "import sqlite3; other = sqlite3.connect(op.get_bind().engine.url.database)",
        "op.get_bind().commit(); other.execute('BEGIN IMMEDIATE')",
        "op.execute(\"INSERT INTO ran VALUES ('late')\")",
    ),
    "postgresql": ("op.execute('SET LOCAL statement_timeout = 50')", "op.execute('SELECT pg_sleep(9)')"),
    "mysql": (
        "op.execute('SET STATEMENT max_statement_time = 0.05 FOR INSERT INTO ran SELECT seq FROM seq_1_to_900000000')",
    ),
}
_FULL = {
    "sqlite": (
        "import resource; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))",
        "op.execute('CREATE TABLE big (b BLOB)')",
        "op.execute('INSERT INTO big VALUES (zeroblob(9000000))')",
    ),
}


def _fault(faults: dict[str, tuple[str, ...]], url: URL) -> tuple[str, ...]:
    fault = faults.get(url.get_backend_name())
    if fault is None:
        pytest.skip("it has no such thing")
    if url.get_backend_name() == "mysql" and faults is _TIMEOUT and not _is_mariadb(url):
        pytest.skip("MySQL limits the time of reading statements only")
    return fault


def _is_mariadb(url: URL) -> bool:
    with _engine(url).connect() as connection:
        return bool(getattr(connection.dialect, "is_mariadb", False))


def _check_report(url: URL, done: Done) -> None:
    """PostgreSQL takes everything back; on the others the table was committed on its own."""
    lines = done.stderr.splitlines()
    start = lines.index(f"The upgrade stopped in b2 ({_PATH.format('b2')}).")
    if url.get_backend_name() == "postgresql":
        assert lines[start + 1 :] == [
            "The database stands at base, as before: a1 had ended, but was not committed.",
            "Nothing that b2 did was kept.",
            "Hint: when the reason is mended, run the same command again: it goes on from there",
        ]
    else:
        assert lines[start + 1 : start + 4] == [
            "The database stands at a1.",
            "b2 is not recorded, but this much of it was committed, and stays:",
            "    CREATE TABLE t_b2 ( n INTEGER )",
        ]
        assert lines[-1] == f"{_BY_HAND} `gitlembic stamp b2`"


@pytest.mark.parametrize("faults", [_LOST, _TIMEOUT, _FULL], ids=["connection lost", "timeout", "disk full"])
def test_in_the_middle(any_database: URL, tmp_path: Path, faults: dict[str, tuple[str, ...]]) -> None:
    url = any_database
    if url.get_backend_name() == "sqlite":
        url = url.update_query_dict({"timeout": "0.1"})
    _fail_and_go_on(_project(tmp_path / "project", url, *_fault(faults, url)), url)


def _fail_and_go_on(project: Project, url: URL) -> None:
    done = project.gitlembic("upgrade", "head")
    assert done.returncode == 1
    _check_agreement(url, done)
    _check_report(url, done)
    _go_on(project, url, done)


def test_when_it_commits(sqlite: URL, tmp_path: Path) -> None:
    """The disk is full when what a migration did is written at last."""
    fault = (*_FULL["sqlite"][:-1], "op.execute('INSERT INTO big VALUES (zeroblob(1000000))')")
    project = _project(tmp_path / "project", sqlite, *fault)
    done = project.gitlembic("upgrade", "head")
    assert done.returncode == 1
    _check_agreement(sqlite, done)
    assert "\nThe upgrade stopped after b2 (" in done.stderr
    assert "\nThe database stands at a1: b2 had ended, but was not committed.\n" in done.stderr
    _go_on(project, sqlite, done)


def test_while_something_is_defined(mysql: URL, tmp_path: Path) -> None:
    """Who loses the connection to a server that defines a table does not learn whether it is there."""
    fault = (
        "ask = sa.create_engine(op.get_bind().engine.url)",
        "number = op.get_bind().scalar(sa.text('SELECT CONNECTION_ID()'))",
        "end = lambda: ask.connect().exec_driver_sql(f'KILL {number}')",
        "threading.Timer(0.5, end).start()",
        "op.execute('CREATE TABLE slow AS SELECT SLEEP(9)')",
    )
    project = _project(tmp_path / "project", mysql, *fault)
    done = project.gitlembic("upgrade", "head")
    _check_agreement(mysql, done)
    said = "Whether b2 has executed this is not known:\n    CREATE TABLE slow AS SELECT SLEEP(9)\n"
    assert said in done.stderr
    _go_on(project, mysql, done)


def test_in_an_autocommit_block(postgres: URL, tmp_path: Path) -> None:
    """It commits what came before it, the versions of others as well."""
    fault = (
        "with op.get_context().autocommit_block():",
        "    op.execute('CREATE INDEX CONCURRENTLY i ON t_b2 (n)')",
        "    op.execute('CREATE INDEX CONCURRENTLY i ON t_b2 (n)')",
    )
    project = _project(tmp_path / "project", postgres, *fault)
    done = project.gitlembic("upgrade", "head")
    assert _check_agreement(postgres, done) == {"a1"}
    assert done.stderr.splitlines()[-7:-1] == [
        f"The upgrade stopped in b2 ({_PATH.format('b2')}).",
        "The database stands at a1.",
        "b2 is not recorded, but this much of it was committed, and stays:",
        "    CREATE TABLE t_b2 ( n INTEGER )",
        "    INSERT INTO ran VALUES ('b2')",
        "    CREATE INDEX CONCURRENTLY i ON t_b2 (n)",
    ]
    _go_on(project, postgres, done)


def test_a_downgrade(any_database: URL, tmp_path: Path) -> None:
    project = _project(tmp_path / "project", any_database)
    succeed(project.gitlembic("upgrade", "head"))
    path = project.root / _PATH.format("c3")
    fault = "    op.drop_table('t_c3')\n    op.execute('DROP TABLE nowhere')"
    before, after, _ = path.read_text(encoding="utf-8").partition("def downgrade():\n")
    path.write_text(f"{before}{after}{fault}\n", encoding="utf-8")
    done = project.gitlembic("downgrade", "a1")
    assert done.returncode == 1
    assert f"The downgrade stopped in c3 ({_PATH.format('c3')}).\n" in done.stderr
    if any_database.get_backend_name() == "postgresql":
        assert done.stderr.splitlines()[-3:-1] == [
            "The database stands at c3, as before.",
            "Nothing that c3 did was kept.",
        ]
    else:
        assert done.stderr.splitlines()[-3:-1] == [
            "c3 is not recorded, but this much of it was committed, and stays:",
            "    DROP TABLE t_c3",
        ]
        assert done.stderr.endswith("and then `gitlembic stamp b2`\n")


def test_what_it_says_to_stamp_leaves_the_other_branch_where_it_was(sqlite: URL, tmp_path: Path) -> None:
    """`stamp a1` would say that c3 never ran, and the next upgrade would run it again."""
    project = _project(tmp_path / "project", sqlite)
    project.write({_PATH.format("c3"): _source("c3", "a1")})
    succeed(project.gitlembic("upgrade", "heads"))
    path = project.root / _PATH.format("b2")
    before, after, _ = path.read_text(encoding="utf-8").partition("def downgrade():\n")
    path.write_text(f"{before}{after}    op.drop_table('t_b2')\n    raise LookupError\n", encoding="utf-8")
    done = project.gitlembic("downgrade", "b2@-1")
    found = re.search(r"and then `gitlembic (stamp .+)`$", done.stderr.rstrip())
    assert found
    succeed(project.gitlembic(*found[1].split()))
    assert stored_revisions(sqlite) == {"c3"}


def test_nothing_is_said_where_nothing_had_begun(sqlite: URL, tmp_path: Path) -> None:
    project = _project(tmp_path / "project", sqlite)
    for arguments in (("upgrade", "nosuch"), ("downgrade", "-1"), ("upgrade", "head", "--sql")):
        assert "stopped" not in project.gitlembic(*arguments).stderr
    project.write({"migrations/env.py": "raise LookupError"})
    assert "stopped" not in project.gitlembic("upgrade", "head").stderr


def test_who_was_killed_says_nothing_and_the_next_one_does(any_database: URL, tmp_path: Path) -> None:
    project = _project(tmp_path / "project", any_database, "os.kill(os.getpid(), signal.SIGKILL)")
    assert project.gitlembic("upgrade", "head").returncode == -signal.SIGKILL
    project.write({_PATH.format("b2"): _source("b2", "a1")})
    done = project.gitlembic("upgrade", "head")
    if any_database.get_backend_name() == "postgresql":
        succeed(done)
        return
    assert "t_b2" in done.stderr
    assert "already exists" in done.stderr
    assert done.stderr.splitlines()[-4:] == [
        f"The upgrade stopped in b2 ({_PATH.format('b2')}).",
        "The database stands at a1, as before.",
        "Nothing that b2 did was kept.",
        f"Hint: {_EARLIER_RUN}",
    ]
    with _engine(any_database).begin() as connection:
        connection.execute(text("DROP TABLE t_b2"))
    _go_on(project, any_database, done)


@contextlib.contextmanager
def _own_server(name: str) -> Iterator[OwnServer]:
    with own_postgres() if name == "postgresql" else own_mariadb() as server:
        yield server


@pytest.mark.parametrize("name", ["postgresql", pytest.param("mysql", marks=pytest.mark.full)])
def test_the_server_is_killed(tmp_path: Path, name: str) -> None:
    if name == "mysql" and shutil.which("mariadb-install-db") is None:
        pytest.skip("MariaDB's server is not installed")
    with _own_server(name) as server, own_database(server.url) as url:
        # A session of PostgreSQL lives on until it waits for something.
        wait = "SELECT pg_sleep(60)" if name == "postgresql" else "SELECT SLEEP(60)"
        fault = (f"[os.kill(number, signal.SIGKILL) for number in {server.processes()}]", f"op.execute('{wait}')")
        project = _project(tmp_path / "project", url, *fault)
        done = project.gitlembic("upgrade", "head")
        assert done.returncode == 1
        assert f"The upgrade stopped in b2 ({_PATH.format('b2')}).\n" in done.stderr
        stands = "base" if name == "postgresql" else "a1"
        answer = rf"^The database does not answer \(.*\); as far as is known, it stands at {stands}\.$"
        assert re.search(answer, done.stderr, re.MULTILINE)
        assert ("\nNothing that b2 did was kept.\n" in done.stderr) == (name == "postgresql")
        assert "Hint: `gitlembic current` says where it stands, when it answers; then " in done.stderr
        server.restart()
        _check_agreement(url, done)
        _go_on(project, url, done)


@pytest.mark.full
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting a small disk takes root")
@pytest.mark.parametrize("name", ["postgresql", "mysql"])
def test_the_disk_of_the_server_is_full(tmp_path: Path, name: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if name == "mysql" and shutil.which("mariadb-install-db") is None:
        pytest.skip("MariaDB's server is not installed")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        with _own_server(name) as server, own_database(server.url) as url:
            for directory in (disk, *disk.parents[:-2]):
                directory.chmod(0o755)
            os.chown(disk, *server.owner)
            if name == "postgresql":
                with _engine(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(text(f"CREATE TABLESPACE small LOCATION '{disk}'"))
            fill = {
                "postgresql": (
                    "op.execute('CREATE TABLE big (b text) TABLESPACE small')",
                    'op.execute("INSERT INTO big SELECT repeat(md5(n::text), 60) FROM generate_series(1, 9000) n")',
                ),
                "mysql": (
                    f"op.execute(\"CREATE TABLE big (b TEXT) DATA DIRECTORY='{disk}'\")",
                    'op.execute("INSERT INTO big SELECT REPEAT(MD5(seq), 60) FROM seq_1_to_9000")',
                ),
            }[name]
            project = _project(tmp_path / "project", url, *fill)
            done = project.gitlembic("upgrade", "head")
            assert re.search("No space left|is full", done.stderr)
            _check_agreement(url, done)
            assert "The upgrade stopped in b2 (" in done.stderr
            assert ("    CREATE TABLE big (b TEXT) DATA DIRECTORY" in done.stderr) == (name == "mysql")
            _go_on(project, url, done)
            if name == "postgresql":
                with _engine(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(text("DROP TABLESPACE small"))
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def _go_back_a_day(url: URL, root: Path) -> None:
    """Everything that was written before is of tomorrow."""
    project = _project(root, url)
    later = project.root / _PATH.format("c3")
    source = later.read_text(encoding="utf-8")
    later.unlink()
    succeed(project.gitlembic("upgrade", "head"))
    tomorrow = time.time() + 86_400
    for path in project.root.rglob("*"):
        os.utime(path, (tomorrow, tomorrow))
    with _engine(url).begin() as connection:
        connection.execute(text("UPDATE alembic_version_journal SET at_utc = :later"), {"later": "2100-01-01 00:00:00"})
    later.write_text(source, encoding="utf-8")
    done = project.gitlembic("upgrade", "head")
    succeed(done)
    assert _check_agreement(url, done) == {*_REVISIONS}
    assert "c3" in succeed(project.gitlembic("journal")).splitlines()[-1]


def test_the_clock_goes_backwards(sqlite: URL, tmp_path: Path) -> None:
    _go_back_a_day(sqlite, tmp_path / "project")


@pytest.mark.full
def test_the_clock_goes_backwards_everywhere(any_database: URL, tmp_path: Path) -> None:
    _go_back_a_day(any_database, tmp_path / "project")
