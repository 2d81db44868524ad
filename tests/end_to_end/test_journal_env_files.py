"""The journal under every kind of env.py: one story, with a gap, a failure in the middle, and a way back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from tests.end_to_end.test_lock import ENV_HEAD, ENVIRONMENTS
from tests.support.databases import stored_revisions, table_names
from tests.support.projects import BASE, LOCATION, Project, configuration, succeed, table_migration

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL

MAIN, FEATURE, LATER, LAST = "f00dada00002", "c0ffee000003", "deadbeef0004", "fa11ed000005"


def _journal(project: Project) -> list[dict[str, Any]]:
    document = json.loads(succeed(project.gitlembic("journal", "--format", "json")))
    entries: list[dict[str, Any]] = document["databases"][0]["entries"]
    return entries


def _steps(project: Project) -> list[tuple[str, str | None, str]]:
    return [(one["action"], one["revision"], " ".join(one["heads"])) for one in _journal(project)]


_OFTEN = ("per migration", "own transaction")
_RARELY = [name for name in ENVIRONMENTS if name not in _OFTEN and not name.startswith("two")]


@pytest.mark.parametrize("environment", [*_OFTEN, *(pytest.param(name, marks=pytest.mark.full) for name in _RARELY)])
def test_the_journal_tells_what_ran(any_database: URL, tmp_path: Path, environment: str) -> None:
    if environment == "async" and any_database.get_backend_name() == "mysql":
        pytest.skip("the tests install no asynchronous driver for it")
    if environment == "own transaction" and any_database.get_backend_name() == "sqlite":
        pytest.skip(
            "Python's driver keeps a table of a transaction that is rolled back, unless rows were written first"
        )
    project = Project(tmp_path / "project")
    project.write(configuration(any_database, options="[gitlembic]\njournal = true\n"))
    project.write({"migrations/env.py": ENV_HEAD + ENVIRONMENTS[environment]})
    project.write({**table_migration(BASE, "users", None), **table_migration(FEATURE, "prices", BASE)})
    succeed(project.gitlembic("upgrade", "head"))
    project.write({**table_migration(MAIN, "orders", BASE), **table_migration(FEATURE, "prices", MAIN)})
    project.write(table_migration(LATER, "stock", FEATURE))
    ((path, source),) = table_migration(LAST, "failed", LATER).items()
    project.write({path: source.replace("def downgrade", "    raise LookupError\n\n\ndef downgrade", 1)})
    assert project.gitlembic("upgrade", "head").returncode == 255
    assert _steps(project) == [("upgrade", BASE, BASE), ("upgrade", FEATURE, FEATURE)]
    assert project.gitlembic("upgrade", "--out-of-order", "head").returncode == 1
    # SQLite and PostgreSQL keep all or nothing, unless env.py wants each migration to be kept; the journal says which.
    steps = _steps(project)
    assert stored_revisions(any_database) == {steps[-1][2]}
    assert steps[2:] in ([], [("out of order", MAIN, FEATURE), ("upgrade", LATER, LATER)])
    assert ("orders" in table_names(any_database)) == (any_database.get_backend_name() == "mysql" or len(steps) == 4)
    (project.root / path).unlink()
    if len(steps) == 2:
        succeed(project.gitlembic("upgrade", "--out-of-order", "head"))
    assert _steps(project)[2:] == [("out of order", MAIN, FEATURE), ("upgrade", LATER, LATER)]
    succeed(project.gitlembic("downgrade", "base"))
    assert [step[:2] for step in _steps(project)[4:]] == [
        ("downgrade", revision) for revision in (LATER, FEATURE, MAIN, BASE)
    ]
    assert stored_revisions(any_database) == set()
    assert (project.root / LOCATION).is_dir()


_TENANTS = """
engine = create_engine(url, poolclass=NullPool, future=True)
with engine.connect() as connection:
    for schema in ("public", "tenant"):
        connection.execute(text(f"SET search_path TO {schema}, public"))
        connection.commit()
        connection.dialect.default_schema_name = schema
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""


def test_every_schema_in_which_migrations_run_has_its_own(postgres: URL, tmp_path: Path) -> None:
    """By the search path alone, which has the schema of the first behind that of the second."""
    with create_engine(postgres, poolclass=NullPool).begin() as connection:
        connection.execute(text("CREATE SCHEMA tenant"))
        connection.execute(text("CREATE TABLE tenant.alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
    project = Project(tmp_path / "project")
    project.write(configuration(postgres, options="[gitlembic]\njournal = true\n"))
    project.write({"migrations/env.py": ENV_HEAD + _TENANTS})
    project.write({**table_migration(BASE, "users", None), **table_migration(FEATURE, "prices", BASE)})
    succeed(project.gitlembic("upgrade", "head"))
    project.write({**table_migration(MAIN, "orders", BASE), **table_migration(FEATURE, "prices", MAIN)})
    assert project.gitlembic("upgrade", "head").returncode == 255
    succeed(project.gitlembic("upgrade", "--out-of-order", "head"))
    with create_engine(postgres, poolclass=NullPool).begin() as connection:
        assert {"users", "orders", "prices"} <= set(inspect(connection).get_table_names("tenant"))
        connection.execute(text("CREATE TABLE tenant.stock (n INTEGER)"))
    # The second fails where the first has gone on.
    project.write(table_migration(LATER, "stock", FEATURE))
    done = project.gitlembic("upgrade", "head")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-4:-2] == [
        f"The upgrade of {postgres.render_as_string()} stopped in {LATER} ({LOCATION}/{LATER}_create_stock.py).",
        f"The database stands at {FEATURE}, as before.",
    ]


_COMMITS_ITSELF = """
engine = create_engine(url, poolclass=NullPool, future=True)
with engine.connect() as connection:
    context.configure(connection=connection)
    context.run_migrations()
    if "trial" not in context.get_x_argument(as_dictionary=True):
        connection.commit()
"""


def test_env_py_alone_decides_what_becomes_of_its_transaction(postgres: URL, tmp_path: Path) -> None:
    """As it does without a journal: of a trial nothing stays."""
    project = Project(tmp_path / "project")
    project.write(configuration(postgres, options="[gitlembic]\njournal = true\n"))
    project.write({"migrations/env.py": ENV_HEAD + _COMMITS_ITSELF})
    project.write({**table_migration(BASE, "users", None), **table_migration(FEATURE, "prices", BASE)})
    succeed(project.gitlembic("-x", "trial=1", "upgrade", "head"))
    assert table_names(postgres) == set()
    succeed(project.gitlembic("upgrade", "head"))
    succeed(project.gitlembic("-x", "trial=1", "downgrade", "base"))
    assert table_names(postgres) == {"users", "prices", "alembic_version_journal"}
    assert _steps(project) == [("upgrade", BASE, BASE), ("upgrade", FEATURE, FEATURE)]
