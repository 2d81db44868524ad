"""The journal of a database: what it holds, and what it stops."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from tests.support.databases import stored_revisions, table_names
from tests.support.projects import (
    ADA,
    GRACE,
    LOCATION,
    Project,
    configuration,
    succeed,
    table_migration,
    two_branches,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL

    from tests.support.repositories import RepositoryBuilder

BASE, MAIN, FEATURE = "ba5e00000001", "f00dada00002", "c0ffee000003"
FILES = {
    BASE: table_migration(BASE, "users", None, revises=""),
    MAIN: table_migration(MAIN, "orders"),
    FEATURE: table_migration(FEATURE, "prices"),
}
SWITCHED_ON = "[gitlembic]\njournal = true\n"


def _journal(project: Project) -> list[dict[str, Any]]:
    document = json.loads(succeed(project.gitlembic("journal", "--format", "json")))
    assert document["format"] == 1
    (database,) = document["databases"]
    entries: list[dict[str, Any]] = database["entries"]
    return entries


def _steps(project: Project) -> list[tuple[str, str | None, str]]:
    return [(one["action"], one["revision"], " ".join(one["heads"])) for one in _journal(project)]


def _tables(url: URL) -> set[str]:
    return table_names(url) - {"alembic_version_journal"}


@pytest.fixture
def project(repository: RepositoryBuilder, any_database: URL) -> Project:
    """A project that keeps a journal, with its first migration committed."""
    repository.commit("base", files={**configuration(any_database, options=SWITCHED_ON), **FILES[BASE]})
    repository.checkout("base")
    return Project(repository.root)


def test_every_step_is_written_down(project: Project, any_database: URL) -> None:
    project.write(FILES[MAIN])
    succeed(project.gitlembic("upgrade", "head"))
    succeed(project.gitlembic("downgrade", "-1"))
    succeed(project.gitlembic("stamp", "head"))
    assert _steps(project) == [
        ("upgrade", BASE, BASE),
        ("upgrade", MAIN, MAIN),
        ("downgrade", MAIN, BASE),
        ("stamp", None, MAIN),
    ]
    first, second, third, stamped = _journal(project)
    assert first["batch"] == second["batch"] != third["batch"]
    assert first["checksum"].startswith("1:")
    assert first["checksum"] != second["checksum"] == third["checksum"]
    assert first["seconds"] >= 0
    assert first["at"].endswith("+00:00")
    assert first["git_commit"] is not None
    assert stamped["ran"] == sorted([BASE, MAIN])
    assert stored_revisions(any_database) == {MAIN}
    assert "alembic_version_journal" in table_names(any_database)


def test_nothing_is_kept_where_nobody_asked_for_it(project: Project, any_database: URL) -> None:
    project.write({"alembic.ini": configuration(any_database)["alembic.ini"]})
    succeed(project.gitlembic("upgrade", "head"))
    assert table_names(any_database) == {"users"}
    done = project.gitlembic("journal")
    assert (done.returncode, done.stdout) == (1, "")
    assert "has no journal" in done.stderr
    done = project.gitlembic("upgrade", "--out-of-order", "head")
    assert done.returncode == 255
    assert "keeps none" in done.stderr


def test_a_journal_that_is_there_is_not_left_behind_in_silence(project: Project, any_database: URL) -> None:
    """As by a branch that was begun before anybody kept one; nothing is said where nothing moves."""
    succeed(project.gitlembic("upgrade", "head"))
    project.write({**FILES[MAIN], "alembic.ini": configuration(any_database)["alembic.ini"]})
    done = project.gitlembic("upgrade", "head")
    assert done.returncode == 0
    assert done.stderr.count("this database has a journal, and nothing of this is written there") == 1
    assert "has a journal" not in project.gitlembic("upgrade", "head").stderr
    assert _steps(project) == [("upgrade", BASE, BASE)]


def test_a_journal_that_is_switched_on_is_begun_by_an_upgrade(project: Project) -> None:
    assert "Hint: `gitlembic upgrade head` begins it" in project.gitlembic("journal").stderr
    succeed(project.gitlembic("upgrade", "head"))
    succeed(project.gitlembic("journal"))


class TestGaps:
    """A migration that stands before the database's position, and never ran there."""

    @pytest.fixture
    def gap(self, project: Project) -> Project:
        """The database ran the feature; then main's migration came in front of it."""
        project.write(FILES[FEATURE])
        succeed(project.gitlembic("upgrade", "head"))
        # As after a merge of main, where the other was committed first.
        project.write({**table_migration(MAIN, "orders", BASE), **table_migration(FEATURE, "prices", MAIN)})
        return project

    def test_it_stops_an_upgrade_before_anything_runs(self, gap: Project, any_database: URL) -> None:
        done = gap.gitlembic("upgrade", "head")
        assert done.returncode == 255
        assert done.stdout == ""
        assert f"one migration stands before {FEATURE}, where this database is, and never ran on it:" in done.stderr
        assert f"  {MAIN} ({LOCATION}/{MAIN}_create_orders.py)" in done.stderr
        assert "`gitlembic upgrade --out-of-order head`" in done.stderr
        assert _tables(any_database) == {"users", "prices"}

    def test_it_is_run_where_it_is_asked_for(self, gap: Project, any_database: URL) -> None:
        later = "deadbeef0004"
        gap.write(table_migration(later, "stock", FEATURE))
        done = gap.gitlembic("upgrade", "--out-of-order", "head")
        succeed(done)
        assert _steps(gap)[-2:] == [("out of order", MAIN, FEATURE), ("upgrade", later, later)]
        assert _tables(any_database) == {"users", "prices", "orders", "stock"}
        assert stored_revisions(any_database) == {later}
        assert succeed(gap.gitlembic("upgrade", "head")) == ""
        succeed(gap.gitlembic("downgrade", "base"))
        assert _tables(any_database) == set()

    def test_a_downgrade_passes_over_it(self, gap: Project, any_database: URL) -> None:
        done = gap.gitlembic("downgrade", "base")
        succeed(done)
        assert f"{MAIN} never ran on this database: there is nothing to undo" in done.stderr
        assert [step[:2] for step in _steps(gap)[-3:]] == [("downgrade", FEATURE), ("skip", MAIN), ("downgrade", BASE)]
        succeed(gap.gitlembic("upgrade", "head"))
        assert _tables(any_database) == {"users", "orders", "prices"}

    def test_graph_and_doctor_show_it(self, gap: Project, any_database: URL) -> None:
        drawn = succeed(gap.gitlembic("graph", "--db"))
        assert [line.partition(")")[0].partition("(")[2] for line in drawn.splitlines()] == [
            "database, head, uncommitted",
            "missing, uncommitted",
            "base",
        ]
        done = gap.gitlembic("doctor", "--db", "--select", "GL4", "--format", "json")
        assert done.returncode == 1
        (finding,) = json.loads(done.stdout)["findings"]
        assert (finding["code"], finding["revision"]) == ("GL406", MAIN)
        assert any_database.render_as_string() in finding["message"]
        assert gap.gitlembic("doctor", "--select", "missing-migration").returncode == 2

    def test_what_doctor_says_to_type_cures_all_that_it_finds(self, gap: Project) -> None:
        """One command, though it finds two things: `upgrade head` alone would stop at the first."""
        gap.write(table_migration("deadbeef0004", "stock", FEATURE))
        done = gap.gitlembic("doctor", "--db", "--select", "GL4", "--format", "json")
        found = {one["code"]: one for one in json.loads(done.stdout)["findings"]}
        assert found.keys() == {"GL404", "GL406"}
        (command,) = {one["cure"].split("`")[1] for one in found.values()}
        succeed(gap.gitlembic(*command.split()[1:]))
        assert gap.gitlembic("doctor", "--db", "--select", "GL4", "--fail-level", "info").returncode == 0

    def test_it_needs_a_database_to_ask(self, gap: Project) -> None:
        done = gap.gitlembic("upgrade", "--out-of-order", "--sql", "head")
        assert (done.returncode, done.stdout) == (255, "")
        assert "--sql has no database to ask" in done.stderr

    def test_a_stamp_says_that_it_ran(self, gap: Project) -> None:
        succeed(gap.gitlembic("stamp", "head"))
        succeed(gap.gitlembic("upgrade", "head"))


def test_the_database_of_a_branch_is_told_what_main_had_before(repository: RepositoryBuilder) -> None:
    """A developer's database ran the feature; the merge puts Ada's migration, main's, in front of it."""
    url = f"sqlite:///{repository.root.parent / 'shop.db'}"
    project = two_branches(repository, files=configuration(url, options=SWITCHED_ON))
    repository.checkout("grace")
    succeed(project.gitlembic("upgrade", "head"))
    repository.checkout("merge")
    done = project.gitlembic("upgrade", "head")
    assert done.returncode == 255
    assert re.search(
        rf"  {ADA} \({LOCATION}/{ADA}_create_orders\.py\), brought by Ada on \d{{4}}-\d\d-\d\d in ", done.stderr
    )
    assert repository.ids["ada"][:9] in done.stderr
    succeed(project.gitlembic("upgrade", "--out-of-order", "head"))
    assert _steps(project)[-1] == ("out of order", ADA, GRACE)
    # An older image, after a rollback: it has the base only.
    repository.checkout("base")
    done = project.gitlembic("upgrade", "head")
    succeed(done)
    assert f"stands at {GRACE}, which is newer: nothing to do" in done.stderr
    done = project.gitlembic("doctor", "--db", "--select", "GL4", "--fail-level", "info")
    assert done.returncode == 1
    assert "GL403 database-ahead" in done.stdout


def test_a_database_that_is_ahead_is_left_alone(project: Project, any_database: URL) -> None:
    project.write(FILES[MAIN])
    succeed(project.gitlembic("upgrade", "head"))
    (project.root / LOCATION / f"{MAIN}_create_orders.py").unlink()
    entries = _journal(project)
    done = project.gitlembic("upgrade", "head")
    succeed(done)
    assert f"has run all of this checkout's migrations, and stands at {MAIN}, which is newer" in done.stderr
    assert _journal(project) == entries
    assert stored_revisions(any_database) == {MAIN}
    for target in ("+1", "nonsense"):
        assert project.gitlembic("upgrade", target).returncode == 255
    done = project.gitlembic("current")
    assert done.returncode == 255
    assert (
        "By its journal, it has run all that this checkout has, and more.\nHint: `gitlembic upgrade head`"
        in done.stderr
    )


def test_a_squash_has_run_what_it_stands_for(project: Project) -> None:
    path = f"{LOCATION}/{BASE}_create_users.py"
    source = (project.root / path).read_text()
    project.write({path: f'{source}\nreplaces = (("{MAIN}", "{"0" * 40}"),)\n'})
    succeed(project.gitlembic("upgrade", "head"))
    (entry,) = _journal(project)
    assert (entry["revision"], entry["ran"]) == (BASE, [MAIN])
    assert f"{BASE} (for 1 more)" in succeed(project.gitlembic("journal"))
    # As it was before the squash: the other stood before it.
    project.write({**table_migration(MAIN, "orders", None), **table_migration(BASE, "users", MAIN)})
    succeed(project.gitlembic("upgrade", "head"))


def test_a_squash_that_is_undone_with_its_file_from_git_takes_back_what_it_stands_for(
    repository: RepositoryBuilder, sqlite: URL
) -> None:
    ((path, source),) = FILES[FEATURE].items()
    squash = f'{source}\nreplaces = (("{MAIN}", "{"0" * 40}"),)\n'
    repository.commit("base", files={**configuration(sqlite, options=SWITCHED_ON), **FILES[BASE]})
    repository.commit("feature", ["base"], files={path: squash})
    repository.checkout("feature")
    project = Project(repository.root)
    succeed(project.gitlembic("upgrade", "head"))
    repository.checkout("base")
    succeed(project.gitlembic("rescue", "--yes", "--from", repository.ids["feature"]))
    assert [one["ran"] for one in _journal(project)][1:] == [[MAIN], [MAIN]]


def test_code_that_changed_after_it_ran_is_found(project: Project) -> None:
    succeed(project.gitlembic("upgrade", "head"))
    path = f"{LOCATION}/{BASE}_create_users.py"
    source = (project.root / path).read_text()
    project.write({path: source + "\n# a comment\n"})
    assert _drift(project) == []
    project.write({path: source.replace("primary_key=True", "primary_key=False")})
    assert _drift(project) == [BASE]


def _drift(project: Project) -> list[str]:
    done = project.gitlembic("doctor", "--db", "--select", "changed-since-it-ran", "--format", "json")
    return [finding["revision"] for finding in json.loads(succeed(done))["findings"]]


def test_an_existing_database_begins_with_what_it_is_taken_to_have_run(project: Project) -> None:
    project.write(FILES[MAIN])
    succeed(project.alembic("upgrade", "head"))
    succeed(project.gitlembic("upgrade", "head"))
    assert _steps(project) == [("baseline", None, MAIN)]
    assert _journal(project)[0]["ran"] == sorted([BASE, MAIN])


@pytest.mark.parametrize("option", ["", ", transaction_per_migration=True"])
def test_the_beginning_is_kept_where_env_py_executes_something_before(
    project: Project, any_database: URL, option: str
) -> None:
    path = project.root / "migrations/env.py"
    environment = path.read_text()
    configure = "connection=connection, target_metadata=target_metadata\n        )"
    assert configure in environment
    asking = configure.replace("\n", f"{option}\n") + "\n        connection.exec_driver_sql('SELECT 1')"
    path.write_text(environment.replace(configure, asking))
    project.write(FILES[FEATURE])
    succeed(project.alembic("upgrade", "head"))
    succeed(project.gitlembic("upgrade", "head"))
    assert _steps(project) == [("baseline", None, FEATURE)]
    project.write({**table_migration(MAIN, "orders", BASE), **table_migration(FEATURE, "prices", MAIN)})
    assert project.gitlembic("upgrade", "head").returncode == 255
    succeed(project.gitlembic("stamp", "head"))
    succeed(project.gitlembic("upgrade", "head"))
    assert _tables(any_database) == {"users", "prices"}


def test_the_table_of_versions_may_have_the_longest_name(project: Project, any_database: URL) -> None:
    path = project.root / "migrations/env.py"
    table = "v" * 59
    environment = path.read_text()
    path.write_text(environment.replace("connection=connection,", f"connection=connection, version_table={table!r},"))
    succeed(project.gitlembic("upgrade", "head"))
    assert _steps(project) == [("upgrade", BASE, BASE)]
    assert {len(name) for name in table_names(any_database) - {"users"}} == {59, 63}
    assert "journal" not in project.gitlembic("check").stderr


_CURE = (
    "Where these are rows of a database, it stands at a revision and at one before it.\n"
    "Hint: `gitlembic doctor --db --select GL405` names them, and the command that leaves one\n"
)


def test_positions_of_which_one_comes_before_the_other_are_as_under_alembic(project: Project) -> None:
    """Two heads of which a rebase has put one on the other."""
    project.write({**table_migration(MAIN, "orders", BASE), **table_migration(FEATURE, "prices", BASE)})
    succeed(project.gitlembic("upgrade", "heads"))
    project.write(table_migration(FEATURE, "prices", MAIN))
    done = project.gitlembic("upgrade", "head")
    assert done.returncode == 255
    said, cure = done.stderr[: -len(_CURE)], done.stderr[-len(_CURE) :]
    assert (said, cure) == (project.alembic("upgrade", "head").stderr, _CURE)
    succeed(project.gitlembic("stamp", "--purge", FEATURE))
    succeed(project.gitlembic("upgrade", "head"))
    assert _journal(project)[-1]["ran"] == sorted([BASE, MAIN, FEATURE])


def test_what_another_depends_on_may_be_stamped_beside_it(project: Project) -> None:
    (path, source), *_ = table_migration(MAIN, "orders", None).items()
    project.write({path: f"{source}\ndepends_on = '{BASE}'\n"})
    succeed(project.gitlembic("stamp", BASE, MAIN))
    assert _journal(project)[-1]["ran"] == sorted([BASE, MAIN])


def test_who_may_not_make_it_is_told_so(repository: RepositoryBuilder, postgres: URL) -> None:
    repository.commit("base", files={**configuration(postgres, options=SWITCHED_ON), **FILES[BASE]})
    repository.checkout("base")
    project = Project(repository.root)
    succeed(project.alembic("upgrade", "head"))
    role = f"reader_of_{postgres.database}"
    with create_engine(postgres, poolclass=NullPool).begin() as connection:
        connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text(f"GRANT ALL ON alembic_version TO {role}"))
    try:
        project.write(configuration(postgres.set(username=role, password=None), options=SWITCHED_ON))
        done = project.gitlembic("upgrade", "head")
        assert done.returncode == 255
        assert "alembic_version_journal, cannot be made or changed: " in done.stderr
        assert "permission denied for schema public" in done.stderr
        assert "`journal = false` goes without a journal" in done.stderr
        project.write(configuration(postgres, options=SWITCHED_ON))
        succeed(project.gitlembic("upgrade", "head"))
        project.write(configuration(postgres.set(username=role, password=None), options=SWITCHED_ON))
        _cannot_be_read(project, "permission denied for table alembic_version_journal")
    finally:
        with create_engine(postgres, poolclass=NullPool).begin() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))


def test_what_moves_the_database_without_the_journal_is_noticed(project: Project) -> None:
    succeed(project.gitlembic("upgrade", "head"))
    project.write(table_migration(MAIN, "orders", BASE))
    succeed(project.alembic("upgrade", "head"))
    succeed(project.gitlembic("upgrade", "head"))
    assert _steps(project) == [("upgrade", BASE, BASE), ("outside", None, MAIN)]
    succeed(project.alembic("downgrade", "base"))
    succeed(project.gitlembic("upgrade", "head"))
    assert [action for action, *_ in _steps(project)] == ["upgrade", "outside", "outside", "upgrade", "upgrade"]


def test_a_gap_is_found_after_plain_alembic_has_undone_what_is_not_here(project: Project) -> None:
    later = table_migration("deadbeef0004", "stock", FEATURE)
    project.write({**FILES[FEATURE], **later})
    succeed(project.gitlembic("upgrade", "head"))
    succeed(project.alembic("downgrade", FEATURE))
    for path in later:
        (project.root / path).unlink()
    project.write({**table_migration(MAIN, "orders", BASE), **table_migration(FEATURE, "prices", MAIN)})
    assert project.gitlembic("upgrade", "head").returncode == 255


def test_autogenerate_does_not_see_it(project: Project) -> None:
    project.write({"models.py": "from sqlalchemy import MetaData\ntarget_metadata = MetaData()\n"})
    succeed(project.gitlembic("upgrade", "head"))
    done = project.gitlembic("check")
    assert "alembic_version_journal" not in done.stdout + done.stderr
    assert "users" in done.stderr
    succeed(project.gitlembic("revision", "--autogenerate", "-m", "everything"))
    (new,) = (project.root / LOCATION).glob("*_everything.py")
    assert "users" in new.read_text()
    assert "journal" not in new.read_text()


@pytest.mark.parametrize("schema", [None, "public", "kept"])
def test_autogenerate_does_not_see_it_in_any_schema(postgres: URL, tmp_path: Path, schema: str | None) -> None:
    """env.py's own filter is asked of all other tables."""
    project = Project(tmp_path)
    files = configuration(postgres, options=SWITCHED_ON)
    options = f"include_schemas=True, version_table_schema={schema!r}, include_name=lambda name, *_: name != 'hidden'"
    env_py = files["migrations/env.py"].replace("connection=connection,", f"connection=connection, {options},")
    project.write({**files, **table_migration(BASE, "users", None), "migrations/env.py": env_py})
    engine = create_engine(postgres, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA kept"))
        connection.execute(text("CREATE TABLE hidden (id INT)"))
        connection.execute(text("CREATE TABLE foreign_table (id INT)"))
    succeed(project.gitlembic("upgrade", "head"))
    assert inspect(engine).has_table("alembic_version_journal", schema=schema)
    done = project.gitlembic("check")
    assert "foreign_table" in done.stderr
    assert "hidden" not in done.stderr
    assert "alembic_version_journal" not in done.stderr


def test_the_script_of_sql_mode_keeps_it_as_well(project: Project, any_database: URL) -> None:
    project.write(FILES[MAIN])
    script = succeed(project.gitlembic("upgrade", "head", "--sql"))
    assert script.count("CREATE TABLE IF NOT EXISTS alembic_version_journal") == 1
    assert "RETURNING alembic_version_journal" not in script  # whose id nobody asks for
    _execute(any_database, script)
    assert _steps(project) == [("upgrade", BASE, BASE), ("upgrade", MAIN, MAIN)]
    entries = _journal(project)
    assert all(entry["at"] and entry["checksum"] for entry in entries)
    succeed(project.gitlembic("upgrade", "head"))
    assert _journal(project) == entries
    _execute(any_database, succeed(project.gitlembic("downgrade", f"{MAIN}:{BASE}", "--sql")))
    assert _steps(project)[-1] == ("downgrade", MAIN, BASE)


def test_a_script_from_somewhere_on_begins_with_a_baseline(project: Project, any_database: URL) -> None:
    succeed(project.alembic("upgrade", "head"))
    project.write(FILES[MAIN])
    _execute(any_database, succeed(project.gitlembic("upgrade", f"{BASE}:head", "--sql")))
    assert _steps(project) == [("baseline", None, BASE), ("upgrade", MAIN, MAIN)]


def _execute(url: URL, script: str) -> None:
    """As a database's own client does."""
    with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        lines = (line for line in script.splitlines() if not line.startswith("--"))
        for statement in "\n".join(lines).split(";"):
            if statement.strip() and statement.strip() not in {"BEGIN", "COMMIT"}:
                connection.execute(text(statement.replace(":", "\\:")))


def test_a_migration_that_fails_is_not_in_it(project: Project, any_database: URL) -> None:
    ((path, source),) = table_migration(MAIN, "orders", BASE).items()
    project.write({path: source.replace("def downgrade", "    raise LookupError\n\n\ndef downgrade", 1)})
    succeed(project.gitlembic("upgrade", BASE))
    assert project.gitlembic("upgrade", "head").returncode == 1
    assert _steps(project) == [("upgrade", BASE, BASE)]
    assert stored_revisions(any_database) == {BASE}


def test_a_column_that_an_older_gitlembic_did_not_make_is_added(project: Project, any_database: URL) -> None:
    succeed(project.gitlembic("upgrade", BASE))
    with create_engine(any_database, poolclass=NullPool).begin() as connection:
        for column in ("batch", "seconds"):
            connection.execute(text(f"ALTER TABLE alembic_version_journal DROP COLUMN {column}"))
    project.write(FILES[MAIN])
    assert [entry["batch"] for entry in _journal(project)] == [""]
    succeed(project.gitlembic("upgrade", "head"))
    assert [bool(entry["batch"]) for entry in _journal(project)] == [False, True]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("ALTER TABLE alembic_version_journal RENAME COLUMN revision TO other", "could not locate column in row"),
        ("UPDATE alembic_version_journal SET at_utc = 'yesterday'", "string: 'yesterday'"),
    ],
)
def test_a_journal_that_somebody_has_damaged_is_named(sqlite: URL, tmp_path: Path, damage: str, reason: str) -> None:
    project = Project(tmp_path / "project")
    project.write({**configuration(sqlite, options=SWITCHED_ON), **table_migration(BASE, "users", None)})
    succeed(project.gitlembic("upgrade", "head"))
    with create_engine(sqlite, poolclass=NullPool).begin() as connection:
        connection.execute(text(damage))
    _cannot_be_read(project, reason)
    with create_engine(sqlite, poolclass=NullPool).begin() as connection:
        connection.execute(text("ALTER TABLE alembic_version_journal RENAME TO damaged"))
    project.write(table_migration(MAIN, "orders", BASE))
    succeed(project.gitlembic("upgrade", "head"))
    assert [entry["action"] for entry in _journal(project)] == ["baseline", "upgrade"]


def _cannot_be_read(project: Project, reason: str) -> None:
    """Also where `current`, which does not ask it, finds nothing wrong."""
    succeed(project.gitlembic("current"))
    for command in (["upgrade", "head"], ["journal"], ["graph", "--db"]):
        done = project.gitlembic(*command)
        assert done.returncode == 3
        error, hint = done.stderr.splitlines()[-2:]
        assert "alembic_version_journal, cannot be read: " in error
        assert reason.lower() in error.lower()
        assert hint.startswith("Hint: let this user read it (GRANT SELECT ON ")
