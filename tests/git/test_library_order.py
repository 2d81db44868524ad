"""The order that `alembic-git-revisions` takes from git, held against the library itself."""

from __future__ import annotations

import posixpath
import random
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.git_repository import GitRepository
from gitlembic.adapters.versions_dir import WorkingTreeHistory
from gitlembic.core.history import WORKING_TREE, Location
from gitlembic.core.library_order import first_appearances, library_parents, topological_order
from gitlembic.core.presence import Presences
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.projects import LOCATION
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.migrations import Down

pytestmark = pytest.mark.needs_git
library = pytest.importorskip("alembic_git_revisions")  # which needs Python 3.11


def _ours(root: Path) -> dict[str, str]:
    directory = find_git_directory(root)
    assert directory is not None
    with GitRepository(directory) as repository:
        presence = Presences(WorkingTreeHistory(root, repository)).at(WORKING_TREE, (Location(LOCATION),))
        placed = presence.migrations.values()
        names = {posixpath.basename(one.path) for one in placed}
        head = directory.read_head()
        assert head is not None
        commits = topological_order(head, repository.parents)
        parents = library_parents(placed, first_appearances(commits, repository.added_files, names))
        return {str(revision): str(parent) for revision, parent in parents.items()}


def _theirs(root: Path) -> dict[str, str]:
    library.build_chain.cache_clear()
    parents = library.build_chain(root / LOCATION)
    assert isinstance(parents, dict)
    return parents


class _Play:
    """A random history: branches, merges, moves, deletions, and migrations of every kind."""

    def __init__(self, seed: int, root: Path) -> None:
        self.random = random.Random(seed)  # noqa: S311 -- a test has to be repeatable
        self.builder = RepositoryBuilder(root)
        self.trees: dict[str, dict[str, str]] = {}
        self.parents: dict[str, list[str]] = {}
        self.count = 0

    def run(self, commits: int) -> None:
        self._commit([], {})
        for _ in range(commits):
            known = list(self.trees)
            first = self.random.choice(known[-4:])
            others = [self.random.choice(known)] if self.random.random() < 0.3 else []
            self._commit([first, *(other for other in others if other != first)], dict(self.trees[first]))
        tip = self._merge_all()
        self.builder.checkout(tip)
        for _ in range(self.random.randrange(3)):
            for path, source in self._new(self.trees[tip]).items():
                (self.builder.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.builder.root / path).write_text(source)

    def _merge_all(self) -> str:
        followed = {parent for parents in self.parents.values() for parent in parents}
        tips = [name for name in self.trees if name not in followed]
        self.random.shuffle(tips)
        while len(tips) > 1:
            one, other = tips.pop(), tips.pop()
            tips.append(self._commit([one, other], dict(self.trees[one])))
        return tips[0]

    def _commit(self, parents: list[str], tree: dict[str, str]) -> str:
        before = dict(tree)
        for other in parents[1:]:
            tree = {**self.trees[other], **tree}
        for _ in range(self.random.choice([0, 1, 1, 2])):
            tree |= self._new(tree)
        if tree and self.random.random() < 0.2:
            path = self.random.choice(sorted(tree))
            source = tree.pop(path)
            elsewhere = self.random.choice([None, LOCATION, "old/versions", "älter"])
            if elsewhere is not None:
                tree[f"{elsewhere}/{posixpath.basename(path)}"] = source
        name = f"c{len(self.trees)}"
        gone: dict[str, str | bytes | None] = dict.fromkeys(set(before) - set(tree))
        self.builder.commit(name, parents, {**tree, **gone, "readme": name})
        self.trees[name], self.parents[name] = tree, parents
        return name

    def _new(self, tree: dict[str, str]) -> dict[str, str]:
        self.count += 1
        revision = f"{self.random.randrange(16**4):04x}{self.count:04x}"
        down: Down = DYNAMIC if self.count > 1 else None
        others = [posixpath.basename(path)[:8] for path in tree]
        if self.random.random() < 0.25 and others:
            picked = self.random.sample(others, min(len(others), self.random.choice([1, 1, 2])))
            down = picked[0] if len(picked) == 1 else tuple(picked)
        location = self.random.choice([LOCATION, LOCATION, LOCATION, "old/versions"])
        return {f"{location}/{revision}_add.py": migration_source(revision, down)}


def _check(seeds: range, directory: Path) -> int:
    longest = 0
    for seed in seeds:
        play = _Play(seed, directory / str(seed))
        with closing(play.builder):
            play.run(commits=12)
            (play.builder.root / LOCATION).mkdir(parents=True, exist_ok=True)
            theirs = _theirs(play.builder.root)
            assert _ours(play.builder.root) == theirs, f"seed {seed}"
            longest = max(longest, len(theirs))
    return longest


def test_random_histories(tmp_path: Path) -> None:
    assert _check(range(20), tmp_path) > 8


@pytest.mark.full
def test_many_random_histories(tmp_path: Path) -> None:
    assert _check(range(1000, 1300), tmp_path) > 8
