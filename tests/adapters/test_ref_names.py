"""Branches and tags by name, wherever git keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.ref_names import read_ref_names
from tests.support.projects import link_worktree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.repositories import RepositoryBuilder


def _names(directory: Path) -> dict[str, str]:
    found = find_git_directory(directory)
    assert found is not None
    return read_ref_names(found)


def _write(repository: RepositoryBuilder, path: str, text: str) -> None:
    target = repository.root / ".git" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def test_loose_and_packed_ones_of_every_kind(repository: RepositoryBuilder) -> None:
    commit = repository.commit("first", [], {"a": "a"})
    repository.branch("main", "first")
    repository.branch("feature/one", "first")
    _write(repository, "refs/heads/gone.lock", "")
    _write(repository, "refs/remotes/origin/main", f"{commit}\n")
    _write(repository, "refs/stash", f"{commit}\n")
    packed = [f"{commit} refs/heads/packed", f"{commit} refs/tags/v1", f"^{commit}", f"{commit} refs/notes/x"]
    _write(repository, "packed-refs", "\n".join(["# pack-refs with: peeled", *packed, ""]))
    assert list(_names(repository.root).items()) == [
        ("feature/one", "branch"),
        ("main", "branch"),
        ("packed", "branch"),
        ("origin/main", "remote branch"),
        ("v1", "tag"),
    ]


def test_a_linked_worktree_has_those_of_its_repository(repository: RepositoryBuilder, tmp_path: Path) -> None:
    repository.commit("first", [], {"a": "a"})
    repository.branch("main", "first")
    linked = link_worktree(repository, "first", tmp_path / "linked")
    assert _names(linked.root) == _names(repository.root) == {"main": "branch"}


def test_none_in_an_empty_repository(repository: RepositoryBuilder) -> None:
    assert _names(repository.root) == {}
