"""A copy of a project that has lost its history is refused, or uses the chain file; never guessed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from dulwich.repo import Repo

from tests.support.projects import ADA, CHAIN_FILE, GRACE, Project, succeed, two_branches, unchanged

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.repositories import RepositoryBuilder


@pytest.fixture
def copy(repository: RepositoryBuilder) -> Project:
    return two_branches(repository).copy_without_git("copy")


@pytest.mark.parametrize("target", ["gitdir: ../gone/.git/worktrees/copy\n", "gitdir: /nonexistent\n"])
def test_a_worktree_that_was_copied_away_is_no_repository(copy: Project, target: str) -> None:
    (copy.root / ".git").write_text(target)
    done = copy.gitlembic("heads")
    assert done.returncode == 3
    assert "is in no git repository" in done.stderr


def test_parallel_migrations_that_git_never_saw_are_refused(copy: Project) -> None:
    Repo.init(str(copy.root)).close()
    for arguments in (["chain"], ["upgrade", "head"], ["chain", "--write"]):
        with unchanged(copy):
            done = copy.gitlembic(*arguments)
        assert done.returncode == 3
        assert "git tracks none of the migrations here" in done.stderr
        assert ADA in done.stderr
        assert GRACE in done.stderr


def test_a_chain_file_is_not_made_without_git(copy: Project) -> None:
    for option in ("--write", "--check"):
        with unchanged(copy):
            done = copy.gitlembic("chain", option)
        assert done.returncode == 3
        assert "is in no git repository, and there is no chain file" in done.stderr


def test_a_new_dynamic_migration_is_refused_before_it_is_written(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    succeed(project.gitlembic("chain", "--write"))
    copy = project.copy_without_git("copy")
    with unchanged(copy):
        done = copy.gitlembic("revision", "-m", "lost")
    assert done.returncode == 3
    assert "would be dynamic, and git cannot be asked there" in done.stderr


@pytest.mark.parametrize("program", ["gitlembic", "alembic"])
def test_the_template_of_adopt_makes_it_static(repository: RepositoryBuilder, program: str) -> None:
    project = two_branches(repository)
    (project.root / "migrations" / "script.py.mako").write_text(succeed(project.gitlembic("adopt", "--print")))
    succeed(project.gitlembic("chain", "--write"))
    copy = project.copy_without_git("copy")
    succeed(copy.run("-m", program, "revision", "-m", "here", "--rev-id", "abcd"))
    (path,) = (copy.root / "migrations" / "versions").glob("abcd*.py")
    assert f"down_revision: Union[str, Sequence[str], None] = '{GRACE}'" in path.read_text()
    assert succeed(copy.gitlembic("heads")) == "abcd (head)\n"


def test_check_says_that_a_file_contradicts_git(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    succeed(project.gitlembic("chain", "--write"))
    path: Path = project.root / CHAIN_FILE
    recorded = json.loads(path.read_text())
    path.write_text(json.dumps({GRACE: recorded[ADA], ADA: GRACE}))
    done = project.gitlembic("chain", "--check")
    assert done.returncode == 1
    assert f"contradicts git: it has {GRACE}, {ADA}, git has {ADA}, {GRACE}\nHint: if databases" in done.stderr
    assert done.stderr.count("gitlembic rebase --freeze") == 1
    assert project.gitlembic("doctor").stdout.count("gitlembic rebase --freeze") == 1
