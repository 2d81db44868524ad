"""`graph --db`: where the database stands, also where this checkout does not have it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.projects import ADA, BASE, GRACE, Project, configuration, succeed, table_migration, two_branches

if TYPE_CHECKING:
    from sqlalchemy import URL

    from tests.support.repositories import RepositoryBuilder

JOURNAL = "[gitlembic]\njournal = true\n"
FEATURE, LATER = "feed00000001", "1a7e00000004"


def _feature_ran(repository: RepositoryBuilder, url: URL, options: str = "") -> Project:
    """The feature branch has migrated the database, and main, without it, is checked out.

    base --- ada            main
         \\
          feature
    """
    files = {**configuration(url, options=options), **table_migration(BASE, "users", None, revises="")}
    repository.commit("base", [], files)
    repository.commit("ada", ["base"], table_migration(ADA, "orders"))
    repository.commit("feature", ["base"], table_migration(FEATURE, "first"))
    repository.branch("feature", "feature")
    project = Project(repository.root)
    repository.checkout("feature", "feature")
    succeed(project.gitlembic("upgrade", "head"))
    repository.checkout("ada", "main")
    return project


def _graph(project: Project, *options: str) -> tuple[dict[str, str], str]:
    """The marks of every migration, newest first, and what is said about databases."""
    done = project.gitlembic("graph", "--db", "--format", "json", *options)
    rows = json.loads(succeed(done))["rows"]
    return {row["revision"]: ", ".join(row["marks"]) for row in rows}, done.stderr


def test_says_where_the_position_lives_as_current_does(repository: RepositoryBuilder, sqlite: URL) -> None:
    project = _feature_ran(repository, sqlite)
    marks, text = _graph(project)
    assert marks == {ADA: "head", BASE: "base"}
    said = text.splitlines()
    assert said[0] == f"The database stands at {FEATURE}, which no migration here has."
    assert said[1].startswith(f"It is on the branch feature as migrations/versions/{FEATURE}_create_first.py")
    assert said[2].startswith("Hint: `git switch feature` goes there, or `gitlembic rescue`")
    assert project.gitlembic("current").stderr.endswith("\n".join(said) + "\n")
    refused = project.gitlembic("graph", "--db", ":current")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[1:] == said[1:]


def test_where_git_cannot_be_asked(repository: RepositoryBuilder, sqlite: URL) -> None:
    project = _feature_ran(repository, sqlite)
    succeed(project.gitlembic("chain", "--write"))
    heading = f"The database stands at {FEATURE}, which no migration here has.\n"
    _, said = _graph(project.copy_without_git("copy"))
    assert said.startswith(heading)
    succeed(project.gitlembic("graph"))
    (project.root / ".git" / "config").write_text("[core")
    _, said = _graph(project)
    assert said.startswith(f"{heading}Where it is cannot be looked up: ")


def test_at_another_commit_it_says_that_this_checkout_has_it(repository: RepositoryBuilder, sqlite: URL) -> None:
    project = two_branches(repository, sqlite)
    succeed(project.gitlembic("upgrade", ADA))
    said = f"The database stands at {ADA}, which the chain at HEAD~2 does not have, and this checkout has.\n"
    assert _graph(project, "--at", "HEAD~2") == ({BASE: "head, base"}, said)


def test_what_is_ahead_is_not_called_unknown(repository: RepositoryBuilder, sqlite: URL) -> None:
    project = two_branches(repository, files=configuration(sqlite, options=JOURNAL))
    succeed(project.gitlembic("upgrade", "head"))
    repository.checkout("ada")
    said = f"The database has run all of this chain, and stands at {GRACE}, which is newer.\n"
    assert _graph(project) == ({ADA: "head", BASE: "base"}, said)


def test_at_an_unknown_position_what_never_ran_is_pending(repository: RepositoryBuilder, sqlite: URL) -> None:
    marks, _ = _graph(_feature_ran(repository, sqlite, JOURNAL))
    assert marks == {ADA: "pending, head", BASE: "base"}


def test_ranges_up_to_where_the_database_stands(repository: RepositoryBuilder, sqlite: URL) -> None:
    project = two_branches(repository, sqlite)
    assert project.gitlembic("graph", "--db", ":current").stderr == "nothing is in that range\n"
    succeed(project.gitlembic("upgrade", ADA))
    for text, shown in ((":current", [ADA, BASE]), ("current:", [GRACE, ADA]), ("current..", [GRACE])):
        rows = [line.split() for line in succeed(project.gitlembic("graph", "--db", "-r", text)).splitlines()]
        assert [row[1] for row in rows if row[0] != "~"] == [revision[:8] for revision in shown], text


class TestInsideASquash:
    """What a squash stands for is not in the chain any more, and a database may know of nothing else."""

    @pytest.fixture
    def project(self, repository: RepositoryBuilder, sqlite: URL) -> Project:
        """Base, then three migrations in a row; the database is at the first of them."""
        files = {**configuration(sqlite, options=JOURNAL), **table_migration(BASE, "users", None, revises="")}
        for revision, parent, table in (("0a1a", BASE, "one"), ("0b2b", "0a1a", "two"), ("0c3c", "0b2b", "three")):
            files |= table_migration(revision, table, parent)
        repository.commit("all", [], files)
        repository.checkout("all")
        project = Project(repository.root)
        succeed(project.gitlembic("upgrade", "0a1a"))
        return project

    def test_position(self, project: Project) -> None:
        succeed(project.gitlembic("squash", f"{BASE}..0c3c"))
        project.write(table_migration(LATER, "later", "0c3c"))
        marks, said = _graph(project)
        assert marks == {
            LATER: "pending, head, uncommitted",
            "0c3c": "database inside, pending, squash of 3",
            BASE: "base",
        }
        assert said.startswith("The database stands at 0a1a, inside the squash 0c3c (migrations/versions/")
        assert "Hint: `gitlembic upgrade head` brings it through" in said

    def test_gap(self, project: Project, repository: RepositoryBuilder) -> None:
        """Another migration came in front of the position, and the squash took both."""
        path = next((project.root / "migrations/versions").glob("0a1a*"))
        files = {path.relative_to(project.root).as_posix(): path.read_text().replace(f"= '{BASE}'", "= '0d4d'")}
        repository.commit("front", ["all"], {**files, **table_migration("0d4d", "front", BASE)})
        repository.checkout("front")
        assert "0d4d" in project.gitlembic("upgrade", "head").stderr
        assert _graph(project)[0]["0d4d"] == "missing"
        succeed(project.gitlembic("squash", f"{BASE}..0a1a"))
        marks, said = _graph(project)
        assert marks["0a1a"] == "database, 1 missing inside, squash of 2"
        assert said.startswith("A part of what is inside the squash 0a1a (migrations/versions/")
        assert "ran on the database, and this never did: 0d4d.\nHint: `git checkout " in said
        examined = project.gitlembic("doctor", "--db", "--select", "GL406")
        assert examined.returncode == 1
        assert "0d4d, inside the squash 0a1a" in examined.stdout
