"""Projects with many migrations, each in a directory of its own."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.migrations import DYNAMIC, migration_source
from tests.support.projects import CACHE, LOCATION, configuration
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    from pathlib import Path

_MOST_COMMITS = 100


@dataclass(frozen=True)
class BenchmarkProject:
    """A linear chain of `revisions`, oldest first, checked out in `root`, with an SQLite database beside it."""

    root: Path
    revisions: tuple[str, ...]

    def stamp(self, behind: int) -> None:
        """Let the database stand that many migrations behind the head."""
        with closing(sqlite3.connect(f"{self.root}.sqlite")) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)")
            database.execute("DELETE FROM alembic_version")
            standing = self.revisions[-1 - behind : len(self.revisions) - behind]  # none, where that is all of them
            database.executemany("INSERT INTO alembic_version VALUES (?)", [(revision,) for revision in standing])

    def forget(self) -> None:
        """Lose what gitlembic remembers."""
        shutil.rmtree(self.root / CACHE)


def build_project(root: Path, size: int, library: str | None = None) -> BenchmarkProject:
    """A project in git: all migrations static, or all but the first asking `library` for their parents.

    Ten migrations come with each commit, or more where that would be more than a hundred commits.
    """
    revisions = tuple(hashlib.sha256(str(number).encode()).hexdigest()[:12] for number in range(size))
    files = [
        {f"{LOCATION}/{revision}_add_column_{number}.py": _source(number, revisions, library)}
        for number, revision in enumerate(revisions)
    ]
    with closing(RepositoryBuilder(root)) as repository:
        repository.commit("start", files=configuration(f"sqlite:///{root}.sqlite"))
        tip, step = "start", max(10, size // _MOST_COMMITS)
        for first in range(0, size, step):
            new = {path: text for one in files[first : first + step] for path, text in one.items()}
            repository.commit(f"{first}", [tip], new)
            tip = f"{first}"
        repository.checkout(tip)
    return BenchmarkProject(root, revisions)


def _source(number: int, revisions: tuple[str, ...], library: str | None) -> str:
    parent = revisions[number - 1] if number else None
    return migration_source(
        revisions[number],
        DYNAMIC if library and parent else parent,
        revises=parent or "",
        create_date="2026-01-02 03:04:05.678901",
        message=f"add column {number}",
        library=library or "",
    )
