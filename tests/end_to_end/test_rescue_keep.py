"""`rescue --keep`: what ran stays, what never ran is run, and an upgrade passes over what ran before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.support.databases import stored_revisions, table_names
from tests.support.features import F1, F2, JOURNAL, run_feature, tables_of
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.projects import (
    ADA,
    BASE,
    LOCATION,
    Project,
    configuration,
    succeed,
    table_migration,
    unchanged,
)

if TYPE_CHECKING:
    from sqlalchemy import URL

    from tests.support.repositories import RepositoryBuilder


def _feature(repository: RepositoryBuilder, url: URL, options: str = JOURNAL) -> Project:
    """The feature has run, and main is checked out; `later` is main with the feature merged into it."""
    project = run_feature(repository, url, options=options)
    repository.commit("later", ["ada", "f2"], {**table_migration(F1, "first"), **table_migration(F2, "second")})
    return project


def _steps(project: Project) -> list[tuple[str, str | None, str]]:
    document = json.loads(succeed(project.gitlembic("journal", "--format", "json")))
    entries = document["databases"][0]["entries"]
    return [(one["action"], one["revision"], " ".join(one["heads"])) for one in entries]


def test_runs_what_never_ran_and_says_what_is_true(repository: RepositoryBuilder, any_database: URL) -> None:
    project = _feature(repository, any_database)
    with unchanged(project):
        stopped = project.gitlembic("upgrade", "head")
        assert "; or `gitlembic rescue --keep` undoes nothing, and runs what never ran there\n" in stopped.stderr
        undoing = succeed(project.gitlembic("rescue", "--dry-run"))
        assert undoing.endswith(
            "Its journal allows another way: `gitlembic rescue --keep` undoes nothing, and runs what never ran here: "
            f"{ADA}.\n"
        )
        plan = succeed(project.gitlembic("rescue", "--keep", "--dry-run")).splitlines()
        assert plan[:2] == [
            f"The database stands at {F2}.",
            "This checkout does not have these, which ran, says the journal, and stay:",
        ]
        commit = repository.ids["f2"][:9]
        assert [line.split("  ")[1] for line in plan[2:4]] == [F1, F2]
        assert all(line.endswith(f", with {commit} checked out") for line in plan[2:4])
        (path,) = (one.name for one in (project.root / LOCATION).glob(f"{ADA}*"))
        assert plan[4:] == [
            f"The position becomes {BASE}: that and all before it ran.",
            "Then to be run, as this checkout has them:",
            f"  {ADA}  create orders ({LOCATION}/{path})",
        ]
        refused = project.gitlembic("rescue", "--keep")
        assert (refused.returncode, refused.stdout.splitlines()) == (1, plan)
        assert stored_revisions(any_database) == {F2}
        done = project.gitlembic("rescue", "--keep", "--yes")
    assert succeed(done).splitlines() == [*plan, f"The database stands at {ADA} now"]
    assert stored_revisions(any_database) == {ADA}
    assert tables_of(any_database) == {"users", "orders", "first", "second"}
    assert _steps(project)[-2:] == [("stamp", None, BASE), ("upgrade", ADA, ADA)]
    again = succeed(project.gitlembic("rescue", "--keep", "--yes"))
    assert again.startswith(f"The database stands at {ADA}, and has run all that this checkout has: nothing to do.\n")

    repository.checkout("later")
    behind = project.gitlembic("doctor", "--db", "--select", "GL404", "--fail-level", "info")
    assert f"has run {F1}, {F2} already" in behind.stdout
    done = project.gitlembic("upgrade", "head")
    succeed(done)
    for revision in (F1, F2):
        assert f"gitlembic: {revision} ran on this database already on 20" in done.stderr
    assert stored_revisions(any_database) == {F2}
    assert _steps(project)[-2:] == [("pass", F1, F1), ("pass", F2, F2)]
    succeed(project.gitlembic("downgrade", "base"))
    assert tables_of(any_database) == set()


def test_the_branch_finds_its_database_ahead_and_gets_it_back(repository: RepositoryBuilder, sqlite: URL) -> None:
    project = _feature(repository, sqlite)
    succeed(project.gitlembic("rescue", "--keep", "--yes"))
    repository.checkout("f2", "feature")
    done = project.gitlembic("upgrade", "head")
    succeed(done)
    assert f"stands at {ADA}, which is newer: nothing to do" in done.stderr
    assert "`gitlembic upgrade head` leaves it as it is" in succeed(project.gitlembic("rescue", "--dry-run"))
    succeed(project.gitlembic("rescue", "--keep", "--yes"))
    assert stored_revisions(sqlite) == {F2}
    repository.checkout("ada")
    succeed(project.gitlembic("rescue", "--keep", "--yes", "--to", "feature"))
    assert stored_revisions(sqlite) == {F2}
    assert tables_of(sqlite) == {"users", "orders", "first", "second"}


def test_what_comes_in_front_of_the_position_is_run_and_what_follows_is_passed_over(
    repository: RepositoryBuilder, sqlite: URL
) -> None:
    project = _feature(repository, sqlite)
    repository.checkout("later")
    plan = succeed(project.gitlembic("rescue", "--keep", "--yes"))
    assert f"The position becomes {BASE}: " in plan
    assert plan.count(": ran already, and is passed over\n") == 2
    assert stored_revisions(sqlite) == {F2}
    assert tables_of(sqlite) == {"users", "orders", "first", "second"}
    assert _steps(project)[-3:] == [("upgrade", ADA, ADA), ("pass", F1, F1), ("pass", F2, F2)]


@pytest.mark.parametrize("behind", ["one", "two"])
def test_two_databases_at_one_place_that_ran_different_migrations(
    repository: RepositoryBuilder, sqlite: URL, behind: str
) -> None:
    """The run tells them apart by their place alone, so neither may be taken for the other."""
    whole = sqlite.set(database=f"{sqlite.database}.2")
    project = _feature(repository, sqlite)
    repository.checkout("later")
    ini = (project.root / "alembic.ini").read_text(encoding="utf-8")
    address, other = (one.render_as_string() for one in (sqlite, whole))
    project.write({"alembic.ini": ini.replace(address, other)})
    succeed(project.gitlembic("upgrade", "head"))

    both = [address, other] if behind == "one" else [other, address]
    project.write({"alembic.ini": ini.replace(address, " ".join(both)), "migrations/env.py": _SEVERAL_DATABASES})
    succeed(project.gitlembic("rescue", "--keep", "--yes"))
    for url in (sqlite, whole):
        assert stored_revisions(url) == {F2}
        assert tables_of(url) == {"users", "orders", "first", "second"}


_SEVERAL_DATABASES = """
from alembic import context
from sqlalchemy import create_engine, pool

for url in context.config.get_main_option("sqlalchemy.url").split():
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""


def test_a_migration_that_fails_leaves_a_true_position(repository: RepositoryBuilder, sqlite: URL) -> None:
    project = _feature(repository, sqlite)
    with create_engine(sqlite, poolclass=NullPool).begin() as connection:
        connection.execute(text("CREATE TABLE orders (n INTEGER)"))
    done = project.gitlembic("rescue", "--keep", "--yes")
    assert done.returncode == 1
    assert f"The database stands at {BASE} now.\n" in done.stderr
    assert "`gitlembic --raiseerr rescue`" not in done.stderr  # which would undo
    assert "run the same command again: it goes on from there" in done.stderr
    with create_engine(sqlite, poolclass=NullPool).begin() as connection:
        connection.execute(text("DROP TABLE orders"))
    succeed(project.gitlembic("upgrade", "head"))
    assert stored_revisions(sqlite) == {ADA}
    repository.checkout("later")
    succeed(project.gitlembic("upgrade", "head"))
    assert tables_of(sqlite) == {"users", "orders", "first", "second"}


class TestWhatRanStaysOnlyOnWhatItWasBuiltOn:
    """An upgrade passes over what ran; so what it was built on must not go away under it."""

    def test_what_this_checkout_lacks(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _feature(repository, sqlite)
        succeed(project.gitlembic("rescue", "--keep", "--yes"))
        refused = project.gitlembic("downgrade", "base")
        assert refused.returncode == 255
        assert f"ran on top of what would be undone, and would stay:\n  {F1}\n  {F2}\n" in refused.stderr
        assert "`gitlembic rescue --keep --to REF`" in refused.stderr
        assert stored_revisions(sqlite) == {ADA}
        succeed(project.gitlembic("downgrade", "-1"))
        succeed(project.gitlembic("upgrade", "head"))

        kept = succeed(project.gitlembic("rescue", "--keep", "--to", "feature", "--yes"))
        assert "\nfeature does not have these, which ran, " in kept
        succeed(project.gitlembic("rescue", "--from", "feature", "--yes"))
        assert tables_of(sqlite) == {"users", "orders"}
        succeed(project.gitlembic("upgrade", "head"))
        succeed(project.gitlembic("downgrade", "base"))
        assert tables_of(sqlite) == set()

    def test_what_comes_behind_the_position(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _feature(repository, sqlite)
        succeed(project.gitlembic("rescue", "--keep", "--yes"))
        repository.checkout("later")
        succeed(project.gitlembic("upgrade", F1))
        refused = project.gitlembic("downgrade", "-1")
        assert refused.returncode == 255
        assert f"would stay:\n  {F2} ({LOCATION}/" in refused.stderr
        assert f"Hint: `gitlembic upgrade {F2}` passes over what ran" in refused.stderr
        assert stored_revisions(sqlite) == {F1}
        succeed(project.gitlembic("upgrade", F2))
        succeed(project.gitlembic("downgrade", "-2"))
        assert tables_of(sqlite) == {"users", "orders"}

    def test_a_stamp_forgets_it(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _feature(repository, sqlite)
        succeed(project.gitlembic("rescue", "--keep", "--yes"))
        assert f"`gitlembic stamp {ADA}` forgets that they ran" in project.gitlembic("downgrade", "base").stderr
        succeed(project.gitlembic("stamp", ADA))
        succeed(project.gitlembic("downgrade", "base"))
        assert tables_of(sqlite) == {"first", "second"}

    def test_a_database_that_was_emptied(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _feature(repository, sqlite)
        succeed(project.gitlembic("rescue", "--keep", "--yes"))
        with create_engine(sqlite, poolclass=NullPool).begin() as connection:
            for table in ("alembic_version", "users", "orders", "first", "second"):
                connection.execute(text(f"DROP TABLE {table}"))
        repository.checkout("later")
        succeed(project.gitlembic("upgrade", "head"))
        assert tables_of(sqlite) == {"users", "orders", "first", "second"}


def test_nothing_is_begun_where_a_file_cannot_be_imported(repository: RepositoryBuilder, sqlite: URL) -> None:
    project = _feature(repository, sqlite)
    broken = {path: f"import no_such_module\n{source}" for path, source in table_migration(ADA, "orders").items()}
    project.write(broken)
    done = project.gitlembic("rescue", "--keep", "--yes")
    assert done.returncode == 1
    assert "no_such_module" in done.stderr
    assert stored_revisions(sqlite) == {F2}


def _other_code(revision: str, table: str) -> dict[str, str]:
    """The file of a migration, which names its column otherwise than when it ran."""
    return {path: source.replace('"id"', '"number"') for path, source in table_migration(revision, table).items()}


class TestRefusals:
    def test_what_ran_as_other_code(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _feature(repository, sqlite)
        repository.checkout("later")
        project.write(_other_code(F1, "first"))
        done = project.gitlembic("rescue", "--keep", "--yes")
        assert done.returncode == 1
        assert f"these ran as other code than this checkout has: {F1} ({LOCATION}/" in done.stderr
        assert "Hint: `gitlembic rescue --keep --to REF` and then `gitlembic rescue --from REF`, " in done.stderr
        assert stored_revisions(sqlite) == {F2}
        repository.checkout("ada")
        succeed(project.gitlembic("rescue", "--keep", "--yes"))
        repository.checkout("later")
        project.write(_other_code(F1, "first"))
        done = project.gitlembic("upgrade", "head")
        assert done.returncode == 255
        assert f"these ran on this database already, as other code than there is now:\n  {F1} (" in done.stderr
        assert f"`gitlembic stamp {F2}` says so (of every database that env.py has)" in done.stderr
        assert stored_revisions(sqlite) == {ADA}

        succeed(project.gitlembic("downgrade", "-1"))
        done = project.gitlembic("upgrade", "head")
        assert done.returncode == 255
        assert "gitlembic stamp" not in done.stderr, "that would claim what never ran"

    def test_rescue_without_keep_where_only_keep_can_do_it(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _feature(repository, sqlite)
        with create_engine(sqlite, poolclass=NullPool).begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'f00'"))
            connection.execute(text("UPDATE alembic_version_journal SET heads = 'f00' WHERE heads = :f2"), {"f2": F2})
        done = project.gitlembic("rescue", "--to", "main")
        assert done.returncode == 3
        assert "or `gitlembic rescue --to main --keep` undoes nothing" in done.stderr

    def test_a_downgrade_that_does_nothing(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _feature(repository, sqlite)
        source = migration_source("feed00000009", DYNAMIC, revises=ADA, body='    op.execute("SELECT 1")')
        repository.commit("g", ["ada"], {f"{LOCATION}/g.py": source})
        repository.branch("g", "g")
        repository.checkout("g", "g")
        succeed(project.gitlembic("rescue", "--keep", "--yes"))
        repository.checkout("ada")
        done = project.gitlembic("rescue", "--yes")
        assert done.returncode == 1
        assert "or `gitlembic rescue --keep` undoes nothing" in done.stderr

    def test_a_journal_that_does_not_tell(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _feature(repository, sqlite)
        with create_engine(sqlite, poolclass=NullPool).begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'f00'"))
        done = project.gitlembic("rescue", "--keep", "--yes")
        assert done.returncode == 3
        assert f"stands at f00, and its journal ends at {F2}: something without the journal has moved" in done.stderr
        assert "in a checkout that has f00, and `journal = true` (`gitlembic adopt --journal`), brings" in done.stderr

    def test_no_journal(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        done = _feature(repository, sqlite, options="").gitlembic("rescue", "--keep", "--yes")
        assert done.returncode == 3
        assert f"stands at {F2}, has no journal, and nothing else tells what ran on it" in done.stderr

    @pytest.mark.parametrize("option", ["--sql", "--from=main"])
    def test_what_it_does_not_go_with(self, repository: RepositoryBuilder, sqlite: URL, option: str) -> None:
        done = _feature(repository, sqlite).gitlembic("rescue", "--keep", option)
        assert done.returncode == 2
        assert "it goes without --from and --sql" in done.stderr

    def test_to_a_branch_over_a_gap(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        """Nothing is undone first, to be refused then."""
        project = _feature(repository, sqlite)
        repository.commit("more", ["later"], table_migration("feed00000009", "more"))
        repository.branch("more", "more")
        repository.checkout("later")
        done = project.gitlembic("rescue", "--to", "more", "--yes")
        assert done.returncode == 1
        assert f"the journal says that {ADA} never ran here, and more goes on from there" in done.stderr
        assert "`gitlembic rescue --to more --keep` undoes nothing" in done.stderr
        assert stored_revisions(sqlite) == {F2}
        succeed(project.gitlembic("rescue", "--to", "more", "--keep", "--yes"))
        assert tables_of(sqlite) == {"users", "orders", "first", "second", "more"}


class TestWhatTheJournalKnowsBeforeAnythingIsUndone:
    def test_what_never_ran_is_not_undone_whatever_this_checkout_is_configured_to(
        self, repository: RepositoryBuilder, sqlite: URL
    ) -> None:
        """The feature was given a migration in front of what ran, and main does not keep a journal (yet)."""
        project = _feature(repository, sqlite)
        early = "feed00000005"
        repository.commit("between", ["base"], table_migration(early, "early"))
        repository.commit(
            "f", ["between"], {**table_migration(F1, "first"), **table_migration(F2, "second", F1, revises=F1)}
        )
        repository.branch("other", "f")
        with create_engine(sqlite, poolclass=NullPool).begin() as connection:
            connection.execute(text("CREATE TABLE early (n INTEGER)"))  # by hand: no migration made it
        project.write(configuration(sqlite))
        plan = succeed(project.gitlembic("rescue", "--from", "other", "--dry-run"))
        assert plan.count(": never ran, and is passed over\n") == 1
        done = project.gitlembic("rescue", "--from", "other", "--yes")
        succeed(done)
        assert f"{early} never ran on this database: there is nothing to undo\n" in done.stderr
        assert tables_of(sqlite) == {"users", "early"}
        assert _steps(project)[-1][0] == "skip"

    def test_a_database_without_one_gets_none(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _feature(repository, sqlite, options="")
        succeed(project.gitlembic("rescue", "--yes"))
        assert table_names(sqlite) == {"users"}

    def test_what_plain_alembic_has_run_since_counts_as_run(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _feature(repository, sqlite)
        succeed(project.gitlembic("rescue", "--yes"))
        succeed(project.alembic("upgrade", "head"))
        assert "never ran" not in succeed(project.gitlembic("rescue"))

    def test_one_position_before_another(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _feature(repository, sqlite, options="")
        repository.checkout("later")
        with create_engine(sqlite, poolclass=NullPool).begin() as connection:
            connection.execute(text("INSERT INTO alembic_version VALUES (:one)"), {"one": F1})
        assert "`gitlembic doctor --db --select GL405` names them" in project.gitlembic("upgrade", "head").stderr
        said = succeed(project.gitlembic("rescue"))
        assert f"`gitlembic stamp --purge {F2}` leaves one." in said
        succeed(project.gitlembic("stamp", "--purge", F2))
        assert stored_revisions(sqlite) == {F2}
