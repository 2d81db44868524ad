"""Commits that leave the locations alone are passed over at once, and never one that does not."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.git_repository import GitRepository
from gitlembic.core.history import HistoryUnknownError, Location
from tests.git.questions import migration
from tests.support.projects import make_shallow

if TYPE_CHECKING:
    from gitlembic.core.history import CommitId
    from tests.support.repositories import RepositoryBuilder

PLACE = (Location("app/versions"), Location("other", recursive=True))
DIRECTORIES = ("app/versions", "app/versions", "app", "other/below", "docs", "apps/versions", "app/versions/below")


def _grow(repository: RepositoryBuilder, source: random.Random, commits: int) -> None:
    first = {**migration("z", location="app/versions"), **migration("y", location="other")}
    repository.commit("0", [], {**first, "docs/x.txt": "", "app/x.txt": ""})
    for number in range(1, commits):
        files: dict[str, str | None] = {"docs/x.txt": f"{number}"}
        directory = source.choice(DIRECTORIES)
        if source.random() < 0.3:
            files |= migration(f"m{source.randrange(3)}", location=directory, message=f"{source.randrange(2)}")
        parents = [f"{number - 1}", f"{source.randrange(number)}"][: source.choice((1, 1, 2))]
        repository.commit(f"{number}", parents, files if source.random() < 0.8 else None)
    repository.checkout(f"{commits - 1}")


def _one_by_one(repository: GitRepository, commit: CommitId, wanted: set[CommitId]) -> CommitId:
    here = [repository.fingerprint(commit, location) for location in PLACE]
    while parents := repository.parents(commit):
        if parents[0] in wanted or [repository.fingerprint(parents[0], location) for location in PLACE] != here:
            break
        commit = parents[0]
    return commit


@pytest.mark.parametrize("histories", [3, pytest.param(100, marks=pytest.mark.full)])
def test_is_what_one_by_one_gives(repository: RepositoryBuilder, histories: int) -> None:
    directory = find_git_directory(repository.root)
    assert directory is not None
    for number in range(histories):
        source = random.Random(number)  # noqa: S311 -- guards no secret
        _grow(repository, source, 40)
        with GitRepository(directory) as git:
            for commit in repository.ids.values():
                wanted = {*source.sample([*repository.ids.values()], 2)}
                assert git.skip_unchanged(commit, PLACE, wanted.__contains__) == _one_by_one(git, commit, wanted)


def test_ends_where_a_shallow_clone_does(repository: RepositoryBuilder) -> None:
    repository.commit("0", [], {**migration("z", location="app/versions"), **migration("y", location="other")})
    for number in range(1, 5):
        repository.commit(f"{number}", [f"{number - 1}"], {"docs/x.txt": f"{number}"})
    repository.checkout("4")
    make_shallow(repository, "2")
    directory = find_git_directory(repository.root)
    assert directory is not None
    with GitRepository(directory) as git:
        assert git.skip_unchanged(repository.ids["4"], PLACE, lambda _: False) == repository.ids["2"]
        with pytest.raises(HistoryUnknownError):
            git.parents(repository.ids["2"])
