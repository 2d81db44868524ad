"""A database that stands inside a squash: brought through it with the originals from git."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from dulwich.objects import Blob
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from gitlembic.adapters.alembic_project import load_project
from gitlembic.commands.originals import explain_name_inside_squash
from gitlembic.commands.resolve import resolve
from tests.support.databases import stored_revisions, table_names
from tests.support.migrations import DYNAMIC
from tests.support.projects import BASE, LOCATION, Project, configuration, succeed, table_migration

if TYPE_CHECKING:
    from tests.support.repositories import RepositoryBuilder

ONE, TWO, REV, AFTER = "0ace00000001", "0ace00000002", "0ace00000003", "af7e00000004"
PATH = f"{LOCATION}/{REV}_create_three.py"
ORIGINALS = {
    ONE: table_migration(ONE, "one", revises=BASE),
    TWO: table_migration(TWO, "two", revises=ONE),
    REV: table_migration(REV, "three", revises=TWO),
}


def _blob(revision: str) -> str:
    (text,) = ORIGINALS[revision].values()
    return Blob.from_string(text.encode()).id.decode()


def _squash(replaced_in: str) -> str:
    """The layout of SQUASH.md, by hand."""
    tables = ("one", "two", "three")
    pairs = "".join(f"    ({revision!r}, {_blob(revision)!r}),\n" for revision in (ONE, TWO))
    up = "".join(f'    op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))\n' for table in tables)
    down = "".join(f'    op.drop_table("{table}")\n' for table in reversed(tables))
    return (
        f'"""Squash of 3 revisions, {ONE} .. {REV}"""\n'
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision = {REV!r}\ndown_revision = {BASE!r}\nbranch_labels = depends_on = None\n"
        f"replaced_in = {replaced_in!r}\nreplaces = (\n{pairs})\n\n"
        f"def upgrade():\n{up}\ndef downgrade():\n{down}"
    )


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def database(request: pytest.FixtureRequest) -> URL:
    """A database, in CI's slice of one kind."""
    url = request.getfixturevalue(request.param)
    assert isinstance(url, URL)
    return url


@pytest.fixture
def project(repository: RepositoryBuilder, database: URL) -> Project:
    """The originals, then the squash and one more; a database has been upgraded to the first original.

    base --- originals --- squashed       main, checked out
    """
    repository.commit("base", [], {**configuration(database), **table_migration(BASE, "users", None, revises="")})
    for parent, revision in (("base", ONE), (ONE, TWO), (TWO, REV)):
        repository.commit(revision, [parent], ORIGINALS[revision])
    gone: dict[str, str | None] = dict.fromkeys(path for one in (ONE, TWO) for path in ORIGINALS[one])
    after = table_migration(AFTER, "after", DYNAMIC)
    repository.commit("squashed", [REV], {**gone, PATH: _squash(repository.ids[REV]), **after})
    repository.checkout(REV)
    project = Project(repository.root)
    succeed(project.gitlembic("upgrade", ONE))
    repository.checkout("squashed")
    return project


_INSIDE = f"{ONE} is inside the squash {REV} ({PATH}), whose 3 originals are taken from git\n"


def test_upgrade_brings_it_through_and_goes_on(project: Project, database: URL) -> None:
    done = project.gitlembic("upgrade", "head")
    succeed(done)
    assert done.stderr.count(_INSIDE) == 1
    for step in (f"{ONE} -> {TWO}", f"{TWO} -> {REV}", f"{REV} -> {AFTER}"):
        assert f"Running upgrade {step}" in done.stderr
    assert (stored_revisions(database), table_names(database)) == ({AFTER}, {"users", "one", "two", "three", "after"})
    succeed(project.gitlembic("downgrade", "base"))  # by the squash: what it has replaced matters no more
    assert table_names(database) == set()


def test_the_other_commands_say_where_it_is(project: Project, database: URL) -> None:
    current = project.gitlembic("current")
    assert (succeed(current), current.stderr.count(_INSIDE)) == (f"{ONE}\n", 1)
    examined = succeed(project.gitlembic("doctor", "--db", "--select", "GL4"))  # which is no error
    assert f" stands at {ONE}, inside the squash {REV}\n" in examined
    assert "`gitlembic upgrade head` brings it through" in examined
    succeed(project.gitlembic("stamp", REV))
    assert stored_revisions(database) == {REV}
    succeed(project.gitlembic("stamp", ONE))
    assert stored_revisions(database) == {ONE}
    assert "nothing to undo" in succeed(project.gitlembic("rescue"))
    succeed(project.gitlembic("downgrade", "-1"))
    assert (stored_revisions(database), table_names(database)) == ({BASE}, {"users"})


def test_the_beginning_of_one_is_explained(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)
    loaded = load_project(())
    said = explain_name_inside_squash(loaded, resolve(loaded), ONE[:6])
    assert said is not None
    (fact,) = said.facts
    assert fact.startswith(f"The squash {REV} ({PATH}) stands for {ONE}, {TWO}, which is not to be brought back")
    assert said.hint.startswith(f"by its whole id, {ONE}, ")
    assert explain_name_inside_squash(loaded, resolve(loaded), AFTER) is None


def test_a_new_database_runs_the_squash(project: Project, database: URL) -> None:
    succeed(project.gitlembic("downgrade", "base"))
    done = project.gitlembic("upgrade", "head")
    succeed(done)
    assert f"Running upgrade {BASE} -> {REV}" in done.stderr
    assert "originals" not in done.stderr
    assert stored_revisions(database) == {AFTER}


def test_the_commit_need_not_be_here(project: Project, repository: RepositoryBuilder, database: URL) -> None:
    repository.commit("elsewhere", ["squashed"], {PATH: _squash("f" * 40)})
    repository.checkout("elsewhere")
    succeed(project.gitlembic("upgrade", "head"))
    assert (stored_revisions(database), table_names(database)) == ({AFTER}, {"users", "one", "two", "three", "after"})


def test_without_git_it_names_the_commit_to_check_out(
    project: Project, repository: RepositoryBuilder, database: URL
) -> None:
    succeed(project.gitlembic("chain", "--write"))
    copy = project.copy_without_git("copy")
    for command in (("upgrade", "head"), ("current",), ("stamp", "head"), ("downgrade", "base")):
        done = copy.gitlembic(*command)
        assert (done.returncode, done.stdout) == (255, "")
        assert f"gitlembic: {ONE} is inside the squash {REV} (migrations/versions/" in done.stderr
        assert (
            f"Hint: check out {repository.ids[REV]}, which still holds them, and `gitlembic upgrade {REV}`"
            in done.stderr
        )
    assert stored_revisions(database) == {ONE}


def test_rescue_sees_through_it(project: Project, repository: RepositoryBuilder, database: URL) -> None:
    repository.commit("feature", [REV], table_migration("feed00000001", "feature", revises=REV))
    repository.branch("feature", "feature")
    repository.checkout("feature", "feature")
    succeed(project.gitlembic("upgrade", "head"))
    repository.checkout("squashed")
    succeed(project.gitlembic("rescue", "--yes"))
    assert (stored_revisions(database), table_names(database)) == ({REV}, {"users", "one", "two", "three"})
    succeed(project.gitlembic("upgrade", "head"))


def test_a_tag_from_before_it_means_what_it_meant(
    project: Project, repository: RepositoryBuilder, database: URL
) -> None:
    repository.branch("inside", TWO)
    repository.branch("end", REV)
    succeed(project.gitlembic("upgrade", "inside"))
    assert (stored_revisions(database), table_names(database)) == ({TWO}, {"users", "one", "two"})
    succeed(project.gitlembic("upgrade", "end"))
    assert (stored_revisions(database), table_names(database)) == ({REV}, {"users", "one", "two", "three"})
    succeed(project.gitlembic("downgrade", "inside"))
    assert (stored_revisions(database), table_names(database)) == ({TWO}, {"users", "one", "two"})


@pytest.mark.parametrize("start", [BASE, ONE], ids=["by the squash", "by the originals"])
def test_the_journal_has_either(project: Project, repository: RepositoryBuilder, database: URL, start: str) -> None:
    if start == BASE:
        succeed(project.gitlembic("downgrade", "base"))
    settings = {"pyproject.toml": "[tool.gitlembic]\njournal = true\n"}
    repository.commit("with journal", ["squashed"], settings)
    repository.checkout("with journal")
    succeed(project.gitlembic("upgrade", "head"))
    steps = json.loads(succeed(project.gitlembic("journal", "--format", "json")))["databases"][0]["entries"]
    assert all(step["checksum"] for step in steps if step["action"] == "upgrade")
    assert succeed(project.gitlembic("rescue")).count("never ran") == 0
    succeed(project.gitlembic("upgrade", "head"))
    succeed(project.gitlembic("downgrade", "base"))
    assert table_names(database) == {"alembic_version_journal"}


_JOURNAL = {"pyproject.toml": "[tool.gitlembic]\njournal = true\n"}


@pytest.fixture
def ran_one_by_one(project: Project, repository: RepositoryBuilder, database: URL) -> Project:
    """The database is at the last original, and its journal has each of them; the squash is checked out."""
    repository.commit("originals with journal", [REV], _JOURNAL)
    repository.commit("squashed with journal", ["squashed"], _JOURNAL)
    repository.checkout("originals with journal")
    succeed(project.gitlembic("downgrade", "base"))
    succeed(project.gitlembic("upgrade", "head"))
    repository.checkout("squashed with journal")
    assert stored_revisions(database) == {REV}
    return project


def test_a_stamp_counts_all_that_it_stands_for_as_run(ran_one_by_one: Project) -> None:
    succeed(ran_one_by_one.gitlembic("stamp", "head"))
    succeed(ran_one_by_one.gitlembic("stamp", REV))
    succeed(ran_one_by_one.gitlembic("upgrade", "head"))


class TestOneOfTheOriginalsNeverRan:
    @pytest.fixture
    def without_two(self, ran_one_by_one: Project, repository: RepositoryBuilder, database: URL) -> Project:
        repository.commit("without", [ONE], {**ORIGINALS[REV], **_JOURNAL})
        repository.checkout("without")
        succeed(ran_one_by_one.gitlembic("stamp", ONE))
        with create_engine(database, poolclass=NullPool).begin() as connection:
            connection.execute(text("DROP TABLE two"))
            connection.execute(text("DROP TABLE three"))
        succeed(ran_one_by_one.gitlembic("upgrade", "head"))
        repository.checkout("squashed with journal")
        assert table_names(database) == {"users", "one", "three", "alembic_version_journal"}
        return ran_one_by_one

    def test_keep_runs_it(self, without_two: Project, database: URL) -> None:
        assert "these never did" in without_two.gitlembic("upgrade", "head").stderr
        succeed(without_two.gitlembic("rescue", "--keep", "--yes"))
        assert table_names(database) >= {"users", "one", "two", "three", "after"}
        succeed(without_two.gitlembic("downgrade", "base"))
        assert table_names(database) == {"alembic_version_journal"}

    def test_keep_refuses_where_git_has_not_got_it(self, without_two: Project) -> None:
        copy = without_two.copy_without_git("copy")
        succeed(without_two.gitlembic("chain", "--write"))
        copy.write(
            {"migrations/revision_chain.json": (without_two.root / "migrations/revision_chain.json").read_bytes()}
        )
        done = copy.gitlembic("rescue", "--keep", "--yes")
        assert done.returncode == 3
        assert f"of what {REV} stands for, {TWO} never ran" in done.stderr

    def test_a_downgrade_is_refused_before_it_begins(self, without_two: Project, database: URL) -> None:
        done = without_two.gitlembic("downgrade", "base")
        assert (done.returncode, stored_revisions(database)) == (255, {REV})
        assert "these never did" in done.stderr


@pytest.mark.full
def test_a_squash_over_a_squash_as_gitlembic_writes_them(repository: RepositoryBuilder, sqlite: URL) -> None:
    start = {**configuration(sqlite), **table_migration(BASE, "users", None, revises="")}
    repository.commit("base", [], start)
    repository.commit("originals", ["base"], {path: text for one in ORIGINALS.values() for path, text in one.items()})
    project = Project(repository.root)
    for parent, name, last in (("originals", "first", TWO), ("first", "second", REV)):
        repository.checkout(parent)
        succeed(project.gitlembic("upgrade", BASE))
        before = {path.name for path in (project.root / LOCATION).glob("*.py")}
        succeed(project.gitlembic("squash", last))
        after = {path.name: path.read_text() for path in (project.root / LOCATION).glob("*.py")}
        changed: dict[str, str | None] = {f"{LOCATION}/{one}": None for one in before - after.keys()}
        repository.commit(name, [parent], {**changed, **{f"{LOCATION}/{one}": text for one, text in after.items()}})
    repository.checkout("second")
    assert "whose 4 originals are taken from git" in project.gitlembic("current").stderr
    succeed(project.gitlembic("upgrade", "head"))
    assert (stored_revisions(sqlite), table_names(sqlite)) == ({REV}, {"users", "one", "two", "three"})
