"""What the README says to put into CI, and the hook of pre-commit, in repositories like those that they meet."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.player import sealed_environment
from tests.support.projects import BASE, LOCATION, Project, configuration, table_migration

if TYPE_CHECKING:
    from tests.support.repositories import RepositoryBuilder

_TOP = Path(__file__).parents[2]


def _recipe() -> list[str]:
    """The arguments of the step in the README's recipe that runs gitlembic."""
    (line,) = re.findall(
        r"^ *- run: gitlembic (doctor .*)$", (_TOP / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    return shlex.split(line)


def _hook() -> list[str]:
    text = (_TOP / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    (program,) = re.findall(r"^  entry: (\S+)$", text, re.MULTILINE)
    (arguments,) = re.findall(r"^  args: \[(.*?)\]", text, re.MULTILINE)
    assert program == "gitlembic"
    return [word.strip() for word in arguments.split(",")]


def _git(directory: Path, *arguments: str) -> None:
    environment = {**os.environ, **sealed_environment(directory.parent)}
    subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True, env=environment)


@pytest.mark.needs_git
@pytest.mark.parametrize("rebased", [False, True])
def test_a_pull_request_as_github_checks_it_out(
    repository: RepositoryBuilder, tmp_path: Path, *, rebased: bool
) -> None:
    """Detached at a merge that no branch has, with nothing but remote branches.

    base --- b2 ------- merge     refs/pull/1/merge
        \\            /
         c3 (or after b2)
    """
    repository.commit("base", [], {**configuration(), **table_migration(BASE, "users", None)})
    repository.commit("b", ["base"], table_migration("b2", "orders", BASE))
    c3 = table_migration("c3", "prices", "b2" if rebased else BASE)
    repository.commit("c", ["b" if rebased else "base"], c3)
    repository.commit("merge", ["b", "c"], c3)
    repository.checkout("b", "main")
    repository.branch("topic", "c")
    repository.repo.refs[b"refs/pull/1/merge"] = repository.ids["merge"].encode()  # type: ignore[index, assignment]
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    _git(checkout, "init", "--quiet")
    _git(checkout, "remote", "add", "origin", os.fspath(repository.root))
    _git(checkout, "fetch", "--no-tags", "--prune", "origin", "+refs/heads/*:refs/remotes/origin/*")
    _git(checkout, "fetch", "--no-tags", "origin", "+refs/pull/1/merge:refs/remotes/pull/1/merge")
    _git(checkout, "checkout", "--force", "refs/remotes/pull/1/merge")
    done = Project(checkout).gitlembic(*_recipe())
    if rebased:
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    else:
        assert done.returncode == 1
        assert done.stdout.startswith(f"::error file={LOCATION}/c3_create_prices.py,line=10,title=GL101 side-head::c3 ")


@pytest.mark.needs_git
def test_the_hook_stops_a_commit(repository: RepositoryBuilder) -> None:
    """Run by git itself, which tells hooks where its directory and the index are."""
    repository.commit("base", [], {**configuration(), **table_migration(BASE, "users", None)})
    repository.checkout("base")
    project = Project(repository.root)
    project.write(table_migration("b2", "orders", BASE))
    done = project.gitlembic(*_hook(), "--fail-level", "info", GIT_DIR=".git", GIT_INDEX_FILE=".git/index")
    assert (done.returncode, done.stderr) == (0, "")
    project.write(table_migration("c3", "prices", BASE))
    done = project.gitlembic(*_hook(), GIT_DIR=".git", GIT_INDEX_FILE=".git/index")
    assert done.returncode == 1
    assert "GL101 side-head" in done.stdout
