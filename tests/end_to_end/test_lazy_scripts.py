"""A migration is imported when it is going to run, and what is going to run before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, inspect

from tests.support.databases import stored_revisions, table_names
from tests.support.projects import LOCATION, Project, configuration, models, succeed, table_migration

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL

_NAMES = ("a1", "b2", "c3")
_LOG = "imported.txt"
_LOGGED = """
from pathlib import Path

with (Path(__file__).parents[2] / "imported.txt").open("a") as log:
    print(revision, file=log)
"""
_PER_MIGRATION = "target_metadata=target_metadata, transaction_per_migration=True"
_STAMPS = """
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory
        stamping = MigrationContext.configure(connection)
        stamping.stamp(ScriptDirectory.from_config(config), "head")
        getattr(connection, "commit", connection.connection.commit)()
"""
_LOOKS_AT_MODULES = """
from alembic import context as _context
for script in _context.script.walk_revisions():
    print(script.revision, script.module.revision, script.module.__doc__.split()[1], script.doc)
"""


def _project(root: Path, url: URL | str = "sqlite://", **broken: str) -> Project:
    """Three static migrations that note when they are imported; in those that are named a line more."""
    project = Project(root / "project")
    project.write(configuration(url))
    project.write({"models.py": models("a", "b", "c")})
    for name, down in zip(_NAMES, (None, *_NAMES), strict=False):
        ((path, source),) = table_migration(name, name[0], down).items()
        project.write({path: source.replace("\ndef upgrade", f"\n{_LOGGED}{broken.get(name, '')}\n\ndef upgrade")})
    return project


def _imported(project: Project) -> list[str]:
    """Which modules were imported since this was asked last."""
    log = project.root / _LOG
    found = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return found


def _all_tables(url: URL) -> list[str]:
    engine = create_engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def test_only_what_runs_is_imported(tmp_path: Path, sqlite: URL) -> None:
    project = _project(tmp_path, sqlite)
    looks = [
        "heads",
        "history -v",
        "history -r b2:",
        "show head",
        "branches",
        "current",
        "check",
        "stamp b2",
        "current -v",
    ]
    for line, done in zip(looks, project.play("gitlembic", *looks), strict=True):
        assert done.returncode == (255 if line == "check" else 0), done.stderr
    assert _imported(project) == []
    for line, expected in (("upgrade head", ["c3"]), ("upgrade head", []), ("downgrade -1", ["c3"])):
        (done,) = project.play("gitlembic", line)
        succeed(done)
        assert _imported(project) == expected


def test_alembic_shows_the_same(tmp_path: Path) -> None:
    project = _project(tmp_path)
    lines = ["history -v", "show b2", "heads -v", "current", "upgrade head --sql", "downgrade c3:a1 --sql"]
    theirs, ours = (project.play(program, *lines) for program in ("alembic", "gitlembic"))
    assert [succeed(done) for done in ours] == [succeed(done) for done in theirs]


def test_env_py_sees_the_modules(tmp_path: Path, sqlite: URL) -> None:
    project = _project(tmp_path, sqlite)
    environment = project.root / "migrations/env.py"
    environment.write_text(environment.read_text() + _LOOKS_AT_MODULES)
    (theirs,), (ours,) = (project.play(program, "current") for program in ("alembic", "gitlembic"))
    assert succeed(ours) == succeed(theirs)
    assert "c3 c3 c create c" in ours.stdout


@pytest.mark.parametrize("transactions", ["", _PER_MIGRATION])
def test_a_broken_one_stops_before_anything_is_touched(tmp_path: Path, database: URL, transactions: str) -> None:
    project = _project(tmp_path, database, c3="import nowhere_to_be_found\n")
    if transactions:
        environment = project.root / "migrations/env.py"
        environment.write_text(environment.read_text().replace("target_metadata=target_metadata", transactions))
    stopped, part, looked, again = project.play("gitlembic", "upgrade head", "upgrade b2", "current", "upgrade head")
    line = (project.root / f"{LOCATION}/c3_create_c.py").read_text().splitlines().index(
        "import nowhere_to_be_found"
    ) + 1
    for done in (stopped, again):
        assert done.returncode == 3
        assert f"{LOCATION}/c3_create_c.py:{line}: ModuleNotFoundError" in done.stderr
        assert "Traceback" not in done.stderr
        assert "Running" not in done.stderr
    assert succeed(part) == ""
    assert succeed(looked) == "b2\n"
    assert (table_names(database), stored_revisions(database)) == ({"a", "b"}, {"b2"})


def test_a_broken_one_leaves_an_empty_database_empty(tmp_path: Path, sqlite: URL) -> None:
    project = _project(tmp_path, sqlite, c3="1 / 0\n")
    (stopped,) = project.play("gitlembic", "upgrade head")
    assert (stopped.returncode, _all_tables(sqlite)) == (3, [])
    (raised,) = project.play("gitlembic", "--raiseerr upgrade head")
    assert "ZeroDivisionError: division by zero" in raised.stderr
    assert raised.returncode == 1


def test_what_a_module_says_otherwise_than_its_source_is_refused(tmp_path: Path, sqlite: URL) -> None:
    project = _project(tmp_path, sqlite, b2='globals()["down_revision"] = None\n')
    (stopped,) = project.play("gitlembic", "upgrade head")
    assert stopped.returncode == 3
    assert (
        f"{LOCATION}/b2_create_b.py has down_revision None when it is imported, but 'a1' in its source"
        in stopped.stderr
    )
    assert _all_tables(sqlite) == []


def test_env_py_may_stamp_an_empty_database(tmp_path: Path, sqlite: URL) -> None:
    project = _project(tmp_path, sqlite)
    environment = project.root / "migrations/env.py"
    source = environment.read_text().replace(
        "        context.configure(\n            connection",
        f"{_STAMPS}\n        context.configure(\n            connection",
    )
    assert _STAMPS in source
    environment.write_text(source)
    (done,) = project.play("gitlembic", "upgrade head")
    succeed(done)
    assert (_all_tables(sqlite), stored_revisions(sqlite)) == (["alembic_version"], {"c3"})


def test_what_only_another_migration_imports_is_there_as_under_alembic(tmp_path: Path, sqlite: URL) -> None:
    """`import package` and `package.part` need somebody's `import package.part`: here that of a later migration."""
    project = _project(tmp_path, sqlite, c3="import package.part\n")
    first = project.root / LOCATION / "a1_create_a.py"
    source = first.read_text().replace("def upgrade():", "import package\n\ndef upgrade():\n    package.part.name")
    first.write_text(source)
    project.write({"package/__init__.py": "", "package/part.py": "name = 1\n"})
    for program in ("alembic", "gitlembic"):
        (done,) = project.play(program, "upgrade a1")
        succeed(done)
        (done,) = project.play(program, "downgrade base")
