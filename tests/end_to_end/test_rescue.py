"""A database that stands where this checkout does not go: brought back, with files from git."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from gitlembic.adapters.database_lock import DatabaseLock
from tests.support.databases import stored_revisions
from tests.support.features import F1, F2, JOURNAL, run_feature, tables_of
from tests.support.git import Git
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.player import sealed_environment
from tests.support.projects import (
    ADA,
    BASE,
    GRACE,
    LOCATION,
    Project,
    configuration,
    link_worktree,
    succeed,
    table_migration,
    two_branches,
    unchanged,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.migrations import Down
    from tests.support.repositories import RepositoryBuilder


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def database(request: pytest.FixtureRequest) -> URL:
    """A database, in CI's slice of one kind."""
    url = request.getfixturevalue(request.param)
    assert isinstance(url, URL)
    return url


def _migration(revision: str, down: Down = DYNAMIC, *, up: str = "pass", back: str = "pass") -> dict[str, str]:
    source = migration_source(revision, down, body=f"    {up}")
    return {f"{LOCATION}/{revision}.py": source.replace("def downgrade():\n    pass", f"def downgrade():\n    {back}")}


def test_doctor_does_not_bring_the_position_here(repository: RepositoryBuilder, tmp_path: Path) -> None:
    """Merged, this checkout's own migration would stand before the position, and count as run there."""
    project = run_feature(repository, URL.create("sqlite", database=str(tmp_path / "shop.sqlite")))
    done = project.gitlembic("doctor", "--db", "--select", "GL402")
    assert "Cure: `git switch feature` goes there, or `gitlembic rescue` undoes what this checkout lacks" in done.stdout
    assert "git merge" not in done.stdout
    succeed(project.gitlembic("rescue", "--yes"))
    succeed(project.gitlembic("doctor", "--db", "--select", "GL402"))


def _stand_at(url: URL, revision: str) -> None:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :one"), {"one": revision})


@dataclass(frozen=True)
class _Asked:
    """A command at a terminal that waits for an answer; `prompt` is what it has printed so far."""

    process: subprocess.Popen[bytes]
    terminal: int
    prompt: str

    def answer(self, typed: str) -> tuple[int, str]:
        """The exit code, and what was said on stderr."""
        os.write(self.terminal, f"{typed}\n".encode())
        said = self.process.communicate(timeout=60)[1]
        os.close(self.terminal)
        return self.process.returncode, said.decode()


def _at_terminal(project: Project, *arguments: str) -> _Asked:
    outside, inside = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gitlembic", *arguments],
        cwd=project.root,
        env=sealed_environment(project.root.parent),
        stdin=inside,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(inside)
    assert process.stdout is not None
    prompt = b""
    while b"? " not in prompt and (more := os.read(process.stdout.fileno(), 4096)):
        prompt += more
    return _Asked(process, outside, prompt.decode())


class TestBackToThisCheckout:
    def test_undoes_the_branch_with_its_files(self, repository: RepositoryBuilder, database: URL) -> None:
        project = run_feature(repository, database)
        with unchanged(project):
            plan = succeed(project.gitlembic("rescue", "--dry-run"))
            commit = repository.ids["f2"][:9]
            assert plan.splitlines() == [
                f"The database stands at {F2}; it is on the branch feature, commit {commit}.",
                (
                    "Of that, this checkout does not have these, or not in that place; "
                    "to be undone with all that they made, newest first:"
                ),
                f"  {F2}  create second ({commit}:{LOCATION}/{F2}_create_second.py)",
                f"  {F1}  create first ({commit}:{LOCATION}/{F1}_create_first.py)",
                f"Both have {BASE}, where it stands then.",
            ]
            refused = project.gitlembic("rescue")
            assert (refused.returncode, refused.stdout) == (1, plan)
            assert refused.stderr.endswith("nobody is at a terminal to be asked\nHint: type the same with --yes\n")
            assert stored_revisions(database) == {F2}
            done = succeed(project.gitlembic("rescue", "--yes"))
        assert done == f"{plan}The database stands at {BASE} now; `gitlembic upgrade head` goes on\n"
        assert (stored_revisions(database), tables_of(database)) == ({BASE}, {"users"})
        succeed(project.gitlembic("upgrade", "head"))
        again = succeed(project.gitlembic("rescue", "--yes"))
        assert again == f"The database stands at {ADA}, on the chain of this checkout: nothing to undo.\n"
        assert tables_of(database) == {"users", "orders"}

    def test_prints_the_sql_alone(self, repository: RepositoryBuilder, database: URL) -> None:
        project = run_feature(repository, database)
        done = project.gitlembic("rescue", "--sql")
        statements = [line for line in succeed(done).splitlines() if line.startswith(("DROP", "UPDATE"))]
        assert [line.split()[:3] for line in statements] == [
            ["DROP", "TABLE", "second;"],
            ["UPDATE", "alembic_version", "SET"],
            ["DROP", "TABLE", "first;"],
            ["UPDATE", "alembic_version", "SET"],
        ]
        assert "to be undone with all that they made, newest first:" in done.stderr
        assert stored_revisions(database) == {F2}

    def test_asks_at_a_terminal(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = run_feature(repository, sqlite)
        for answer, code, stands in (("n", 1, F2), ("y", 0, BASE)):
            asked = _at_terminal(project, "rescue")
            assert "Go on? [y/N]: " in asked.prompt
            assert asked.answer(answer)[0] == code
            assert stored_revisions(sqlite) == {stands}

    def test_a_database_that_has_moved_since_then(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = run_feature(repository, sqlite)
        asked = _at_terminal(project, "rescue")
        _stand_at(sqlite, F1)
        code, said = asked.answer("y")
        assert code == 1
        assert f"the database stands at {F1}, where it did not when this was planned\n" in said
        assert stored_revisions(sqlite) == {F1}

    def test_a_journal_that_has_grown_since_then(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = run_feature(repository, sqlite, options=JOURNAL)
        asked = _at_terminal(project, "rescue", "--keep")
        repository.checkout("f2", "feature")
        succeed(project.gitlembic("downgrade", "-1"))
        succeed(project.gitlembic("upgrade", "head"))
        repository.checkout("ada")
        code, said = asked.answer("y")
        assert (code, stored_revisions(sqlite)) == (1, {F2})
        assert "something has moved the database since this was planned\nHint: run it again\n" in said

    def test_where_the_migrations_were_deleted(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = two_branches(repository, sqlite)
        succeed(project.gitlembic("upgrade", "head"))
        repository.branch("grace", "base")
        repository.commit("gone", ["merge"], {f"{LOCATION}/{GRACE}_create_prices.py": None})
        repository.checkout("gone")
        said = succeed(project.gitlembic("rescue", "--yes"))
        assert f"before {repository.ids['gone'][:9]} deleted it" in said
        assert (stored_revisions(sqlite), tables_of(sqlite)) == ({ADA}, {"users", "orders"})

    @pytest.mark.full
    def test_where_they_were_deleted_and_nobody_committed_that(
        self, repository: RepositoryBuilder, sqlite: URL
    ) -> None:
        project = two_branches(repository, sqlite)
        succeed(project.gitlembic("upgrade", "head"))
        repository.branch("grace", "base")
        (project.root / LOCATION / f"{GRACE}_create_prices.py").unlink()
        assert "; it is in the last commit, commit " in succeed(project.gitlembic("rescue", "--yes"))
        assert stored_revisions(sqlite) == {ADA}

    def test_several_heads(self, repository: RepositoryBuilder, database: URL) -> None:
        files = {**table_migration("51de00000001", "left", F1), **table_migration("51de00000002", "right", F1)}
        repository.commit("base", [], {**configuration(database), **table_migration(BASE, "users", None, revises="")})
        repository.commit("forked", ["base"], {**table_migration(F1, "first", BASE), **files})
        repository.branch("forked", "forked")
        repository.checkout("forked", "forked")
        project = Project(repository.root)
        succeed(project.gitlembic("upgrade", "heads"))
        repository.checkout("base")
        said = succeed(project.gitlembic("rescue", "--yes"))
        assert said.startswith("The database stands at 51de00000001, 51de00000002; it is on the branch forked, ")
        assert (stored_revisions(database), tables_of(database)) == ({BASE}, {"users"})

    def test_a_revision_that_nobody_has(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = two_branches(repository, sqlite)
        succeed(project.gitlembic("upgrade", "head"))
        _stand_at(sqlite, "5ade")
        done = project.gitlembic("rescue", "--yes")
        assert (done.returncode, done.stdout) == (3, "")
        assert "the database stands at 5ade, which no migration here has\nNo branch, tag, stash or" in done.stderr
        copy = project.copy_without_git("copy")
        assert copy.gitlembic("rescue").returncode == 3  # dynamic migrations, and nobody to order them
        for path, source in ((path, path.read_text()) for path in (copy.root / LOCATION).glob("*.py")):
            path.write_text(source.replace("get_down_revision(revision)", repr(BASE)))
        assert copy.gitlembic("rescue").stderr.endswith(
            "the database stands at 5ade, which no migration here has\n"
            "Hint: look for it where the repository of these migrations is\n"
        )


class TestWhichChainItStandsOn:
    """GRACE follows BASE on her branch, and ADA on main, which this checkout is behind of."""

    @staticmethod
    def _migrated_from_branch(repository: RepositoryBuilder, url: URL, options: str = "") -> Project:
        project = two_branches(repository, files={**configuration(url, options=options)})
        repository.checkout("grace", "grace")
        succeed(project.gitlembic("upgrade", "head"))
        repository.checkout("ada", "older")
        return project

    def test_who_has_it_with_other_ancestors_is_asked_for(self, repository: RepositoryBuilder, database: URL) -> None:
        project = self._migrated_from_branch(repository, database)
        done = project.gitlembic("rescue", "--yes")
        assert (done.returncode, done.stdout) == (3, "")
        branch, main = (repository.ids[name][:9] for name in ("grace", "merge"))
        assert "gitlembic: what ran on this database depends on where it was migrated:\n" in done.stderr
        assert f"  on the branch grace ({branch}): undo {GRACE}, down to {BASE}\n" in done.stderr
        assert f"  on the branch main ({main}): undo {GRACE}, down to {ADA}\n" in done.stderr
        assert stored_revisions(database) == {GRACE}
        succeed(project.gitlembic("rescue", "--yes", "--from", "grace"))
        assert (stored_revisions(database), tables_of(database)) == ({BASE}, {"users"})

    def test_the_journal_knows(self, repository: RepositoryBuilder, database: URL) -> None:
        project = self._migrated_from_branch(repository, database, JOURNAL)
        said = succeed(project.gitlembic("rescue", "--yes"))
        assert "; it is on the branch grace, commit " in said
        assert (stored_revisions(database), tables_of(database)) == ({BASE}, {"users"})

    def test_one_that_is_here_in_another_place_is_undone_and_runs_again(
        self, repository: RepositoryBuilder, database: URL
    ) -> None:
        project = self._migrated_from_branch(repository, database)
        repository.checkout("merge")
        assert "nothing to undo" in succeed(project.gitlembic("rescue", "--yes"))  # which nothing tells without --from
        succeed(project.gitlembic("rescue", "--yes", "--from", "grace"))
        succeed(project.gitlembic("upgrade", "head"))
        assert (stored_revisions(database), tables_of(database)) == ({GRACE}, {"users", "orders", "prices"})

    def test_the_other_cure_is_named_where_the_journal_lacks_something(
        self, repository: RepositoryBuilder, sqlite: URL
    ) -> None:
        project = self._migrated_from_branch(repository, sqlite, JOURNAL)
        repository.checkout("merge")
        said = succeed(project.gitlembic("rescue"))
        assert f"By its journal it never ran {ADA}: `gitlembic upgrade --out-of-order head` runs what is" in said
        succeed(project.gitlembic("upgrade", "--out-of-order", "head"))
        assert tables_of(sqlite) == {"users", "orders", "prices"}

    def test_a_commit_that_lacks_its_position(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = self._migrated_from_branch(repository, sqlite)
        done = project.gitlembic("rescue", "--from", "HEAD")
        assert done.returncode == 3
        assert f"the database stands at {GRACE}, which the chain at HEAD does not have\n" in done.stderr


class TestToAnotherBranch:
    def test_leaves_the_database_as_that_branch_expects_it(self, repository: RepositoryBuilder, database: URL) -> None:
        project = run_feature(repository, database)
        succeed(project.gitlembic("rescue", "--yes"))
        succeed(project.gitlembic("upgrade", "head"))
        with unchanged(project):
            said = succeed(project.gitlembic("rescue", "--to", "feature", "--yes"))
        assert f"Both have {BASE}, where it stands then.\nThen to be run, as feature (commit " in said
        assert said.endswith(f"The database stands at {F2} now, as feature expects it\n")
        assert (stored_revisions(database), tables_of(database)) == ({F2}, {"users", "first", "second"})
        repository.checkout("f2", "feature")
        assert succeed(project.gitlembic("current")) == f"{F2} (head)\n"

    @pytest.mark.full
    def test_as_sql(self, repository: RepositoryBuilder, database: URL) -> None:
        project = run_feature(repository, database)
        printed = succeed(project.gitlembic("rescue", "--to", "main", "--sql"))
        words = ("DROP TABLE second", "DROP TABLE first", "CREATE TABLE orders")
        places = [printed.index(word) for word in words]
        assert places == sorted(places)
        assert stored_revisions(database) == {F2}

    def test_an_empty_database(self, repository: RepositoryBuilder, database: URL) -> None:
        project = two_branches(repository, database)
        succeed(project.gitlembic("rescue", "--to", "grace", "--yes"))
        assert (stored_revisions(database), tables_of(database)) == ({GRACE}, {"users", "prices"})


class TestRefusals:
    @pytest.mark.parametrize(
        ("back", "why"),
        [("pass", "has an empty downgrade"), ("raise NotImplementedError", "has a downgrade that raises")],
    )
    def test_what_cannot_be_undone(self, repository: RepositoryBuilder, sqlite: URL, back: str, why: str) -> None:
        files = _migration(F2, up='op.create_table("second", sa.Column("n", sa.Integer))', back=back)
        project = run_feature(repository, sqlite, second=files)
        done = project.gitlembic("rescue", "--yes")
        assert (done.returncode, done.stdout) == (1, "")
        commit = repository.ids["f2"][:9]
        assert f"not everything can be undone: {F2} ({commit}:{LOCATION}/{F2}.py) {why}\n" in done.stderr
        assert f"`gitlembic stamp --purge {BASE}`" in done.stderr
        assert stored_revisions(sqlite) == {F2}

    @pytest.mark.full
    def test_a_merge_that_does_nothing_is_undone(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = run_feature(repository, sqlite, second=_migration(F2))
        succeed(project.gitlembic("rescue", "--yes"))
        assert stored_revisions(sqlite) == {BASE}

    def test_a_module_that_cannot_be_imported_stops_it_before_it_begins(
        self, repository: RepositoryBuilder, sqlite: URL
    ) -> None:
        broken = _migration(F2)
        ((path, source),) = broken.items()
        files = {path: f"{source}\nfrom helper_of_feature import x\n", "helper_of_feature.py": "x = 1\n"}
        project = run_feature(repository, sqlite, second=files)
        done = project.gitlembic("rescue", "--yes")
        assert done.returncode == 1
        commit = repository.ids["f2"][:9]
        assert f"cannot import {commit}:{LOCATION}/{F2}.py: ModuleNotFoundError: No module named 'helper" in done.stderr
        assert f"The database stands at {F2} now." in done.stderr
        assert tables_of(sqlite) == {"users", "first"}

    def test_a_downgrade_that_fails_says_where_it_stands(self, repository: RepositoryBuilder, database: URL) -> None:
        up = 'op.create_table("second", sa.Column("n", sa.Integer))'
        files = _migration(F2, up=up, back='op.execute("nonsense")')
        project = run_feature(repository, database, second=files)
        done = project.gitlembic("rescue", "--yes")
        assert done.returncode == 1
        assert "gitlembic: it stopped: " in done.stderr
        assert f"The database stands at {F2} now." in done.stderr
        assert stored_revisions(database) == {F2}
        raised = project.gitlembic("--raiseerr", "rescue", "--yes")
        assert f'{repository.ids["f2"][:9]}:{LOCATION}/{F2}.py", line ' in raised.stderr

    def test_a_database_that_is_locked(self, repository: RepositoryBuilder, database: URL) -> None:
        from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

        project = run_feature(repository, database, options="[gitlembic]\nlock_timeout = 0.1\n")
        lock = DatabaseLock(0, print)
        with create_engine(database, poolclass=NullPool).connect() as connection:
            lock.after_configure(None, MigrationContext.configure(connection))  # type: ignore[arg-type]
            done = project.gitlembic("rescue", "--yes")
        lock.after_command()
        assert done.returncode == 1
        assert "another gitlembic has the lock on this database for more than 0.1 s" in done.stderr
        assert stored_revisions(database) == {F2}

    def test_what_is_only_on_another_worktree_s_disk(
        self, repository: RepositoryBuilder, sqlite: URL, tmp_path: Path
    ) -> None:
        project = two_branches(repository, sqlite)
        other = link_worktree(repository, "grace", tmp_path / "other")
        repository.checkout("merge")
        other.write(table_migration(F1, "first"))
        succeed(other.gitlembic("upgrade", "head"))
        done = project.gitlembic("rescue", "--yes")
        assert done.returncode == 3
        assert f"It is in the worktree {other.root}, not committed, as " in done.stderr
        assert f"go on in {other.root}; once it is committed there, `gitlembic rescue` undoes" in done.stderr


_TWO_DATABASES = """
from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

for url in context.config.get_main_option("urls").split():
    if context.get_x_argument(as_dictionary=True).get("only", url) in url:
        with create_engine(url, poolclass=NullPool).connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
"""

_ASYNC = """
import asyncio
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine

def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()

async def main():
    engine = create_async_engine(context.config.get_main_option("sqlalchemy.url").replace(":", "+aiosqlite:", 1))
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()

asyncio.run(main())
"""


class TestOtherEnvironments:
    @staticmethod
    def _commit(repository: RepositoryBuilder, files: dict[str, str], environment: str) -> Project:
        start = {**files, "migrations/env.py": environment, **table_migration(BASE, "users", None, revises="")}
        repository.commit("base", [], start)
        repository.commit("ada", ["base"], table_migration(ADA, "orders"))
        repository.commit("f1", ["base"], table_migration(F1, "first"))
        repository.branch("feature", "f1")
        repository.checkout("f1", "feature")
        return Project(repository.root)

    def test_several_databases_at_different_places(
        self, repository: RepositoryBuilder, tmp_path: Path, sqlite: URL
    ) -> None:
        urls = [sqlite.set(database=str(tmp_path / f"{name}.sqlite")) for name in ("one", "two")]
        named = " ".join(url.render_as_string() for url in urls)
        project = self._commit(repository, configuration(sqlite, options=f"urls = {named}"), _TWO_DATABASES)
        succeed(project.gitlembic("upgrade", "head"))
        succeed(project.gitlembic("-x", "only=two", "downgrade", "base"))
        repository.checkout("ada")
        assert "which --sql cannot print as one" in project.gitlembic("rescue", "--sql").stderr
        said = succeed(project.gitlembic("rescue", "--yes"))
        assert "Database 1 of 2:\n" in said
        assert "\nDatabase 2 of 2:\nThe database stands at base, on the chain of this checkout: nothing" in said
        assert [stored_revisions(url) for url in urls] == [{BASE}, set()]
        succeed(project.gitlembic("rescue", "--to", "feature", "--yes"))
        assert [stored_revisions(url) for url in urls] == [{F1}, {F1}]

    @pytest.mark.full
    def test_an_asynchronous_one(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = self._commit(repository, configuration(sqlite), _ASYNC)
        succeed(project.gitlembic("upgrade", "head"))
        repository.checkout("ada")
        succeed(project.gitlembic("rescue", "--yes"))
        assert stored_revisions(sqlite) == {BASE}

    @pytest.mark.full
    def test_another_section_of_the_configuration(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        files = configuration(sqlite)
        files["alembic.ini"] = files["alembic.ini"].replace("[alembic]", "[other]", 1)
        environment = configuration(sqlite)["migrations/env.py"]
        project = self._commit(repository, files, environment)
        succeed(project.gitlembic("-n", "other", "upgrade", "head"))
        repository.checkout("ada")
        said = succeed(project.gitlembic("-n", "other", "rescue", "--yes"))
        assert said.endswith("; `gitlembic -n other upgrade head` goes on\n")
        assert stored_revisions(sqlite) == {BASE}


@pytest.mark.needs_git
def test_what_was_not_tracked_in_a_stash_is_no_whole_checkout(tmp_path: Path, sqlite: URL) -> None:
    """Else nothing would stand before it, and the position would go to the base under what ran."""
    git = Git.init(tmp_path / "project")
    project = Project(git.root)
    project.write(
        {**configuration(sqlite), **table_migration(BASE, "users", None, revises=""), ".gitignore": "*.pyc\n"}
    )
    git("add", "--all")
    git("commit", "--quiet", "-m", "base")
    project.write(table_migration(F1, "first"))
    succeed(project.gitlembic("upgrade", "head"))
    git("stash", "--include-untracked")
    untracked = git("rev-parse", "stash^3").strip()
    for options in ((), ("--from", untracked)):
        done = project.gitlembic("rescue", "--yes", *options)
        assert done.returncode == 3, done.stdout
        assert "without anything that could stand before it" in done.stderr
        assert "`git stash apply`" in done.stderr
        assert stored_revisions(sqlite) == {F1}
    git("stash", "pop")
    git("add", "--all")
    git("stash")
    succeed(project.gitlembic("rescue", "--yes"))
    assert (stored_revisions(sqlite), tables_of(sqlite)) == ({BASE}, {"users"})


@pytest.mark.needs_git
def test_a_post_checkout_hook_keeps_the_database_on_the_branch(tmp_path: Path, sqlite: URL) -> None:
    """The recipe of the README."""
    git = Git.init(tmp_path / "project")
    project = Project(git.root)
    feature = {**table_migration(F1, "first", create_date="2026-05-05"), **table_migration(F2, "second")}
    steps = (
        (
            "main",
            {**configuration(sqlite), **table_migration(BASE, "users", None, revises=""), ".gitignore": "*.pyc\n"},
        ),
        ("feature", feature),
    )
    for branch, files in steps:
        git("checkout", "--quiet", "-B", branch)
        project.write(files)
        git("add", "--all")
        git("commit", "--quiet", "-m", branch)
    git("checkout", "--quiet", "main")
    project.write(table_migration(ADA, "orders"))
    git("add", "--all")
    git("commit", "--quiet", "-m", "ada")
    succeed(project.gitlembic("upgrade", "head"))
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    hook = hooks / "post-checkout"
    hook.write_text(
        "#!/bin/sh\n"
        '[ "$3" = 1 ] || exit 0\n'
        'case "$1" in *[!0]*) ;; *) exit 0 ;; esac\n'
        f'{sys.executable} -m gitlembic rescue --yes --from "$1" && {sys.executable} -m gitlembic upgrade head\n'
    )
    hook.chmod(0o755)
    expected = {"feature": ({F2}, {"users", "first", "second"}), "main": ({ADA}, {"users", "orders"})}
    for branch in ("feature", "main", "feature"):
        git("-c", f"core.hooksPath={hooks}", "checkout", branch)
        assert (stored_revisions(sqlite), tables_of(sqlite)) == expected[branch]
        assert git("status", "--short") == ""
    git("-c", f"core.hooksPath={hooks}", "worktree", "add", "--quiet", str(tmp_path / "tree"), "main")
    assert stored_revisions(sqlite) == {F2}
