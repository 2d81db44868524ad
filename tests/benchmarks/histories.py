"""Histories of the size that real repositories have, made in a minute: `git fast-import` writes the packs.

Work reaches main as on GitHub: a branch with a commit, merged with a merge commit, so that half of
all commits are merges; every tenth branch is brought up to date with main before. The migrations
come one by one with such branches, from the first commits to the last.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from tests.support.migrations import DYNAMIC, migration_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCATION = "app/db/migrations/versions"
_EPOCH = 1_600_000_000
_TICKS = 2.5  # seconds
_FILES_IN_A_DIRECTORY = 50
_EDITED = 3  # files that a commit changes
_OLDEST_BASE = 20  # merges: how far back a branch may have started


@dataclass(frozen=True)
class Shape:
    """What a history has: so many commits, files beside the migrations, and migrations.

    The newest `dynamic` migrations ask for their parents, the older ones are static. They come within
    the newest `recent` commits, all of them over all commits by default.
    """

    commits: int = 30_000
    files: int = 10_000
    migrations: int = 500
    dynamic: int = 500
    recent: int | None = None


def build_history(root: Path, shape: Shape) -> None:
    """A repository with that history, main checked out (only what is beside the migrations is left out)."""
    _git(root.parent, "init", "--quiet", "--initial-branch=main", os.fspath(root))
    importer = subprocess.Popen(["git", "fast-import", "--quiet", "--done"], cwd=root, stdin=subprocess.PIPE)
    assert importer.stdin is not None
    with importer.stdin as stream:
        _Writer(stream, shape).write()
    if importer.wait():
        raise SystemExit(f"git fast-import exited with {importer.returncode}")
    _git(root, "repack", "-a", "-d", "--quiet")
    _git(root, "sparse-checkout", "set", "app")
    switch(root, "main")


def switch(root: Path, commit: str) -> None:
    """Let main stand at a commit, checked out, and wait until the times of its files tell that they were left alone."""
    _git(root, "checkout", "--quiet", "--force", "-B", "main", commit)
    time.sleep(_TICKS)


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)


class _Writer:
    """Writes what `git fast-import` reads. Marks are the numbers of commits, from 1."""

    def __init__(self, stream: IO[bytes], shape: Shape) -> None:
        self._stream = stream
        self._shape = shape
        self._random = random.Random(7)  # noqa: S311 -- guards no secret
        self._count = 0
        self._migrations = 0

    def write(self) -> None:
        merges = [self._commit("main", (), {path: self._text(path) for path in self._paths()})]
        arrivals = self._arrivals()
        while self._count < self._shape.commits:
            unit = len(merges)
            base = merges[-1 - self._random.randrange(min(unit, _OLDEST_BASE))]
            files = self._edit()
            for _ in range(arrivals.count(unit)):
                files.update(self._migration())
            branch = self._commit("branch", (base,), files)
            if unit % 10 == 0:
                branch = self._commit("branch", (branch, merges[-1]), {})  # "Update branch"
                more = self._edit()
                branch = self._commit("branch", (branch,), more)
                files.update(more)
            merges.append(self._commit("main", (merges[-1], branch), files))
        self._put("reset refs/heads/branch\nfrom 0000000000000000000000000000000000000000\n\ndone\n")

    def _arrivals(self) -> list[int]:
        """With which branches the migrations come."""
        units = self._shape.commits * 10 // 22 - 1
        recent = min(units, (self._shape.recent or self._shape.commits) // 2 - 2)
        old, new = self._shape.migrations - self._shape.dynamic, self._shape.dynamic
        if self._shape.recent is None:
            return [1 + number * units // self._shape.migrations for number in range(self._shape.migrations)]
        before = units - recent
        return [
            *(1 + number * before // max(1, old) for number in range(old)),
            *(before + number * recent // new for number in range(new)),
        ]

    def _paths(self) -> Iterator[str]:
        return map(self._path, range(self._shape.files))

    def _path(self, number: int) -> str:
        directory, module = divmod(number, _FILES_IN_A_DIRECTORY)
        return f"src/package{directory % 20:02}/part{directory // 20:02}/module{module:02}.py"

    def _edit(self) -> dict[str, str]:
        paths = (self._path(self._random.randrange(self._shape.files)) for _ in range(_EDITED))
        return {path: self._text(path) for path in paths}

    def _text(self, path: str) -> str:
        return "".join(f"def function_{line}():\n    return {path!r}, {self._count + line}\n" for line in range(10))

    def _migration(self) -> dict[str, str]:
        number = self._migrations
        self._migrations += 1
        parent = _revision(number - 1) if number else None
        is_dynamic = number >= self._shape.migrations - self._shape.dynamic and parent is not None
        source = migration_source(
            _revision(number),
            DYNAMIC if is_dynamic else parent,
            revises=parent or "",
            create_date=f"2026-01-02 03:{number // 60 % 60:02}:{number % 60:02}.678901",
            message=f"add column {number}",
            body="\n".join(f"    op.add_column('table', sa.Column('c{number}_{i}', sa.Integer))" for i in range(8)),
            library="alembic_git_revisions",
        )
        return {f"{LOCATION}/{_revision(number)}_add_column_{number}.py": source}

    def _commit(self, branch: str, parents: tuple[int, ...], files: dict[str, str]) -> int:
        self._count += 1
        when = f"Ada Lovelace <ada@example.org> {_EPOCH + self._count * 600} +0000"
        message = f"commit {self._count}"
        self._put(f"commit refs/heads/{branch}\nmark :{self._count}\nauthor {when}\ncommitter {when}\n")
        self._put(f"data {len(message)}\n{message}\n")
        for word, parent in zip(("from", *["merge"] * len(parents)), parents, strict=False):
            self._put(f"{word} :{parent}\n")
        for path, text in files.items():
            self._put(f"M 100644 inline {path}\ndata {len(text)}\n{text}\n")
        self._put("\n")
        return self._count

    def _put(self, text: str) -> None:
        self._stream.write(text.encode())


def _revision(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:12]
