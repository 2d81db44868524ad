"""Commits that git has not packed yet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.loose_commits import read_loose_commits

if TYPE_CHECKING:
    from tests.support.repositories import RepositoryBuilder


def test_newest_first_and_nothing_but_commits(repository: RepositoryBuilder) -> None:
    made = [repository.commit(name, files={name: name}) for name in "abc"]
    objects = repository.root / ".git" / "objects"
    for number, commit in enumerate(made):
        os.utime(objects / commit[:2] / commit[2:], (number, number))
    (objects / "ab").mkdir(exist_ok=True)
    (objects / "ab" / ("0" * 38)).write_bytes(b"damaged")
    (objects / "ab" / "tmp_obj_x").write_bytes(b"")
    directory = find_git_directory(repository.root)
    assert directory is not None
    assert list(read_loose_commits(directory)) == made[::-1]
    assert list(read_loose_commits(directory, seconds=-1)) == []
