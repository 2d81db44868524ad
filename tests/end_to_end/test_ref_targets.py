"""Tags and branches where Alembic wants a revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.databases import stored_revisions, table_names
from tests.support.projects import (
    ADA,
    BASE,
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


@pytest.fixture
def project(repository: RepositoryBuilder, sqlite: URL) -> Project:
    """Main with three migrations; the tags v1 and v2 and a remote branch at the first two of them."""
    return _tagged(repository, sqlite)


def _tagged(repository: RepositoryBuilder, url: URL) -> Project:
    project = two_branches(repository, url)
    for ref, name in (("tags/v1", "base"), ("tags/release-2", "ada"), ("remotes/origin/main", "ada")):
        _point(repository, ref, name)
    return project


def _point(repository: RepositoryBuilder, ref: str, name: str) -> None:
    path = repository.root / ".git" / "refs" / ref
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{repository.ids[name]}\n")


def test_upgrade_and_downgrade(repository: RepositoryBuilder, database: URL) -> None:
    project = _tagged(repository, database)
    for command, stands in (
        (("upgrade", "v1"), BASE),
        (("upgrade", "release-2"), ADA),  # not two before a revision `release`
        (("downgrade", "v1"), BASE),
        (("upgrade", "v1+1"), ADA),
        (("downgrade", "release-2-1"), BASE),
        (("upgrade", "main"), GRACE),
        (("downgrade", "origin/main"), ADA),
        (("stamp", "refs/tags/v1"), BASE),
    ):
        succeed(project.gitlembic(*command))
        assert stored_revisions(database) == {stands}, command


def test_ranges_and_other_commands(project: Project) -> None:
    def shown(*command: str) -> list[str]:
        return [line for line in succeed(project.gitlembic(*command)).splitlines() if line]

    assert shown("history", "-r", "v1:origin/main") == shown("history", "-r", f"{BASE}:{ADA}")
    assert shown("history", "-r", "release-2:") == shown("history", "-r", f"{ADA}:")
    assert shown("show", "release-2") == shown("show", ADA)
    assert shown("upgrade", "v1:release-2", "--sql") == shown("upgrade", f"{BASE}:{ADA}", "--sql")
    assert shown("downgrade", "release-2:v1", "--sql") == shown("downgrade", f"{ADA}:{BASE}", "--sql")


def test_own_commands(project: Project) -> None:
    for named in (("rebase", "--dry-run", "--freeze"), ("squash", "--dry-run", "--prune")):
        by_tag = project.gitlembic(*named, "release-2")
        by_revision = project.gitlembic(*named, ADA)
        assert succeed(by_tag) == succeed(by_revision)
        assert ADA in by_tag.stdout
        unknown = project.gitlembic(*named, "release-3")
        assert unknown.returncode == 1
        assert "'release-3' names no migration" in unknown.stderr


def test_env_py_sees_the_revision(project: Project) -> None:
    environment = project.root / "migrations" / "env.py"
    environment.write_text(f"{environment.read_text()}\nprint('to', context.get_revision_argument())\n")
    assert f"to {ADA}\n" in succeed(project.gitlembic("upgrade", "release-2"))


def test_what_alembic_knows_means_what_it_means_to_alembic(
    project: Project, repository: RepositoryBuilder, sqlite: URL
) -> None:
    for name in ("head", BASE, GRACE[:5], "base"):
        _point(repository, f"tags/{name}", "ada")
    succeed(project.gitlembic("upgrade", GRACE[:5]))
    assert stored_revisions(sqlite) == {GRACE}
    succeed(project.gitlembic("downgrade", BASE))
    assert stored_revisions(sqlite) == {BASE}
    succeed(project.gitlembic("upgrade", "head"))
    assert stored_revisions(sqlite) == {GRACE}


def test_a_tag_comes_before_a_branch(project: Project, repository: RepositoryBuilder) -> None:
    repository.branch("v1", "ada")
    assert succeed(project.gitlembic("show", "v1")).startswith(f"Rev: {BASE}\n")
    assert succeed(project.gitlembic("show", "heads/v1")).startswith(f"Rev: {ADA}\n")


def test_a_database_s_position_is_never_taken_for_a_tag(project: Project, repository: RepositoryBuilder) -> None:
    succeed(project.gitlembic("upgrade", "head"))
    _point(repository, f"tags/{GRACE}", "base")
    repository.checkout("ada", "older")
    assert f"The database stands at {GRACE}, which no migration here has." in project.gitlembic("current").stderr


@pytest.mark.parametrize("command", ["upgrade", "downgrade", "stamp", "show"])
def test_a_chain_that_does_not_agree_is_explained(project: Project, sqlite: URL, command: str) -> None:
    succeed(project.gitlembic("upgrade", "head"))
    done = project.gitlembic(command, "grace")
    assert (done.returncode, done.stdout) == (255, "")
    said = f"the chain at grace ends at {GRACE}; before that, this checkout also has {ADA} ({LOCATION}/{ADA}_create"
    assert f"gitlembic: {said}" in done.stderr
    assert "`gitlembic rescue --to grace` takes a database there" in done.stderr
    assert stored_revisions(sqlite) == {GRACE}


def test_what_is_no_name_at_all_is_alembic_s_error(project: Project) -> None:
    done = project.gitlembic("upgrade", "v9")
    assert done.stdout == "FAILED: Can't locate revision identified by 'v9'\n"
    assert done.returncode == 255


def test_without_git_nothing_is_looked_up(tmp_path: Path, sqlite: URL) -> None:
    project = Project(tmp_path / "plain")
    project.write({**configuration(sqlite), **table_migration(BASE, "users", None)})
    assert project.gitlembic("upgrade", "v1").stdout == "FAILED: Can't locate revision identified by 'v1'\n"
    succeed(project.gitlembic("upgrade", "head"))
    assert table_names(sqlite) == {"users"}
