"""Whatever happens to a repository, what is remembered of it changes no answer.

Random stories are played in real repositories with git itself; after each step every project in
it is asked twice, with the cache that has been there from the beginning and without any.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gitlembic.core.chain_format import render_json
from gitlembic.errors import GitlembicError
from tests.git.questions import resolve_project
from tests.support.git import Git
from tests.support.migrations import DYNAMIC, migration_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gitlembic.core.resolution import Resolution

pytestmark = pytest.mark.needs_git

_DIRECTORIES = ("versions", "other", "db/versions", "versions/inner")
_PROJECTS: tuple[tuple[tuple[str, ...], bool], ...] = (
    (("versions",), False),
    (("versions",), True),
    (("versions", "other"), False),
    (("other", "./versions/", "versions"), False),
    (("versions", "versions/inner"), False),
    (("versions", "versions/inner", "other"), True),
    (("db/versions", "versions"), False),
    (("link",), False),
    (("",), True),
)
"""Locations as configured, and whether those below them count."""

_REFS = (None, None, None, None, "HEAD", "HEAD~1", "HEAD~3", "main")


_ORDINARY = (
    *("add", "add", "add", "add_static", "commit", "commit", "commit", "commit", "edit", "edit", "rename", "delete"),
    *("rename_over", "swap", "duplicate", "same_size", "move_location", "mend", "mend", "mend", "mend", "mend"),
    *("amend", "reset", "switch", "switch", "merge", "merge", "merge", "rebase", "cherry_pick", "stash", "collect"),
)
_ODD = ("break_file", "link", "leave_alone", "ignore", "sparse", "crlf", "replace", "worktree", "orphan")


class Story:
    """A repository to which things happen, with a linked worktree at times."""

    def __init__(self, root: Path, seed: str) -> None:
        self.git = Git.init(root)
        self.root = root
        self.roots = [root]
        self.random = random.Random(seed)  # noqa: S311 -- guards no secret
        self.numbers = itertools.count(1)
        self.told: list[str] = []
        self.add_static()
        self.commit()

    def step(self, *, among: Sequence[str]) -> None:
        action = self.random.choice(among)
        self.told.append(action)
        getattr(self, action)()

    # What somebody does in the working tree.

    def files(self) -> list[Path]:
        found = [path for path in sorted(self.root.rglob("*.py")) if ".git" not in path.parts]
        return [path for path in found if path.is_file() and not path.parent.is_symlink()]

    def pick(self) -> Path | None:
        files = self.files()
        return self.random.choice(files) if files else None

    def revisions(self) -> list[str]:
        return [path.stem.split("_")[1] for path in self.files() if path.stem.count("_")]

    def source(self, revision: str) -> str:
        others = [name for name in self.revisions() if name != revision]
        other = self.random.choice(others) if others else ""
        down = self.random.choice((DYNAMIC, DYNAMIC, other or None))
        date = self.random.choice(("", "2026-01-01", "2026-01-02 10:00:00", "2026-01-03T00:00:00+02:00"))
        return migration_source(revision, down, revises=self.random.choice(("", other)), create_date=date)

    def new_path(self, revision: str) -> Path:
        directory = self.random.choice((*_DIRECTORIES[:1] * 4, *_DIRECTORIES))
        return self.root / directory / f"m{self.random.randrange(100):02}_{revision}.py"

    def put(self, path: Path, text: str) -> None:
        if path.parent.is_dir() or not any(parent.is_file() for parent in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def add(self) -> None:
        revision = f"d{next(self.numbers)}"
        date = self.random.choice(("", "2026-01-01", "2026-01-02"))
        revises = self.random.choice(["", *self.revisions()[-3:]])
        self.put(self.new_path(revision), migration_source(revision, DYNAMIC, revises=revises, create_date=date))

    def add_static(self) -> None:
        revision = f"s{next(self.numbers)}"
        down = self.random.choice(self.revisions() or [None])
        self.put(self.new_path(revision), migration_source(revision, down))

    def edit(self) -> None:
        path = self.pick()
        if path is not None:
            path.write_text(self.source(path.stem.split("_")[-1]))

    def same_size(self) -> None:
        """Another id of the same length, with the times as they were, before or after gitlembic looked."""
        path = self.pick()
        if path is None:
            return
        before, source = path.stat(), path.read_bytes()
        for letter in self.random.choice((b"x", b"xy", b"!d")):
            path.write_bytes(source.replace(b"'d", b"'%c" % letter))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            _ask(self.root, Question(("versions",), recursive=True))

    def rename(self) -> None:
        path = self.pick()
        if path is not None:
            target = self.new_path(path.stem.split("_")[-1])
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)

    def rename_over(self) -> None:
        path, other = self.pick(), self.pick()
        if path is not None and other is not None:
            path.replace(other)

    def swap(self) -> None:
        path, other = self.pick(), self.pick()
        if path is not None and other is not None and path != other:
            kept = path.with_suffix(".kept")
            path.rename(kept)
            other.rename(path)
            kept.rename(other)

    def delete(self) -> None:
        path = self.pick()
        if path is not None:
            path.unlink()

    def duplicate(self) -> None:
        path = self.pick()
        if path is not None:
            self.put(self.new_path(path.stem.split("_")[-1]), path.read_text())

    def break_file(self) -> None:
        path = self.pick()
        if path is not None:
            text = path.read_text()
            path.write_text(self.random.choice((f"<<<<<<< ours\n{text}", "x = 1\n", "def (\n")))

    def mend(self) -> None:
        """Nothing broken and nothing twice, so that there is a chain."""
        seen: set[str] = set()
        for path in self.files():
            found = re.search("^revision = '(.+)'$", path.read_text(), re.MULTILINE)
            if found is None or found[1] in seen or "<<<" in path.read_text():
                path.unlink()
            else:
                seen.add(found[1])

    def move_location(self) -> None:
        source, target = (self.root / directory for directory in self.random.sample(_DIRECTORIES[:3], 2))
        if source.is_dir() and not source.is_symlink() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)

    def link(self) -> None:
        link = self.root / "link"
        if link.is_symlink():
            link.unlink()
        elif not link.exists():
            link.symlink_to(self.random.choice(_DIRECTORIES))

    def ignore(self) -> None:
        ignored = self.root / ".gitignore"
        ignored.write_text(self.random.choice(("", "other/\n", "*.kept\n")))

    # What git does; much of it is refused in the middle of something else.

    def try_git(self, *arguments: str) -> list[str]:
        return self.git(*arguments, accept=tuple(range(256))).split()

    def branches(self) -> list[str]:
        return self.try_git("for-each-ref", "--format=%(refname:short)", "refs/heads")

    def commits(self) -> list[str]:
        return self.try_git("rev-list", "--all")

    def commit(self) -> None:
        self.try_git("add", "--all")
        self.try_git("commit", "--quiet", "--allow-empty", "-m", "next")

    def amend(self) -> None:
        self.try_git("commit", "--quiet", "--all", "--allow-empty", "--amend", "-m", "amended")

    def reset(self) -> None:
        how = self.random.choice(("--hard", "--soft", "--mixed"))
        self.try_git("reset", "--quiet", how, self.random.choice(("HEAD", "HEAD~1", "HEAD~3")))

    def switch(self) -> None:
        self.calm()
        if len(self.branches()) < 4 or self.random.random() < 0.2:
            self.try_git("branch", "--force", self.random.choice(("side", "b1", "b2", "b3")), "HEAD")
        branches = self.branches()
        if branches:
            self.try_git("checkout", "--quiet", "--force", self.random.choice(branches))

    def merge(self) -> None:
        self.calm()
        branches = self.branches()
        others = self.random.sample(branches, min(len(branches), self.random.choice((1, 1, 1, 2))))
        how = self.random.choice((("--no-ff",), ("--no-ff",), ("--no-commit", "--no-ff"), ("--squash",), ()))
        self.try_git("merge", "--quiet", "--no-edit", *how, *others)

    def rebase(self) -> None:
        self.calm()
        branches = self.branches()
        if branches:
            self.try_git("rebase", "--quiet", self.random.choice(branches))

    def cherry_pick(self) -> None:
        self.calm()
        commits = self.commits()
        if commits:
            self.try_git("cherry-pick", "--allow-empty", self.random.choice(commits))

    def calm(self) -> None:
        """Mostly end what is in progress and commit what is not, so that git accepts more."""
        if self.random.random() < 0.8:
            for command in ("merge", "rebase", "cherry-pick"):
                self.try_git(command, "--abort")
            self.commit()

    def stash(self) -> None:
        self.try_git("stash", *self.random.choice((("push", "--quiet"), ("pop", "--quiet"))))

    def collect(self) -> None:
        self.try_git("reflog", "expire", "--expire=now", "--all")
        self.try_git("gc", "--quiet", "--prune=now")

    def leave_alone(self) -> None:
        """Long enough ago, so that the files need not be read again."""
        for path in self.files():
            os.utime(path, (1_600_000_000, 1_600_000_000))

    def sparse(self) -> None:
        self.calm()
        if self.random.random() < 0.5:
            self.try_git("sparse-checkout", "disable")
        else:
            self.try_git("sparse-checkout", "set", *self.random.sample(_DIRECTORIES, 2))

    def crlf(self) -> None:
        self.try_git("config", "core.autocrlf", self.random.choice(("true", "false")))

    def replace(self) -> None:
        replaced, commits = self.try_git("replace"), self.commits()
        if replaced:
            self.try_git("replace", "--delete", *replaced)
        elif len(commits) > 1:
            self.try_git("replace", *self.random.sample(commits, 2))

    def worktree(self) -> None:
        linked = self.root.parent / f"{self.root.name} linked"
        if linked in self.roots:
            self.roots.remove(linked)
            self.try_git("worktree", "remove", "--force", os.fspath(linked))
            shutil.rmtree(linked, ignore_errors=True)
            self.try_git("worktree", "prune")
        elif self.commits():
            commit = self.random.choice(self.commits())
            self.try_git("worktree", "add", "--quiet", "--detach", os.fspath(linked), commit)
            if linked.exists():
                self.roots.append(linked)

    def orphan(self) -> None:
        if self.random.random() < 0.3:
            self.calm()
            self.try_git("checkout", "--quiet", "--orphan", f"o{next(self.numbers)}")

    def end(self) -> None:
        """Nothing in progress, nothing broken, all on main."""
        for command in ("merge", "rebase", "cherry-pick"):
            self.try_git(command, "--abort")
        self.mend()
        self.commit()
        self.try_git("checkout", "--quiet", "--force", "-B", "main")


@dataclass(frozen=True)
class Question:
    """A project, and what is asked of it."""

    locations: tuple[str, ...]
    recursive: bool = False
    at: str | None = None
    all_births: bool = False


def _resolve(root: Path, question: Question) -> Resolution:
    return resolve_project(
        root, *question.locations, recursive=question.recursive, at=question.at, all_births=question.all_births
    )


def _ask(root: Path, question: Question) -> str:
    """Everything that gitlembic says."""
    try:
        return render_json(_resolve(root, question))
    except GitlembicError as error:
        return f"{type(error).__name__} {error.exit_code}: {error.message}\n{error.hint}"


def _parents(root: Path, question: Question) -> dict[str, tuple[str, ...]] | None:
    """Whom every migration follows; `None` if that is refused.

    Whether an empty location shares a chain may be older than what a shallow clone holds.
    """
    try:
        return {name: tuple(link.parents) for name, link in _resolve(root, question).links.items()}
    except GitlembicError:
        return None


@contextlib.contextmanager
def _nothing_remembered(repository: Path) -> Iterator[None]:
    cache, aside = repository / ".git" / "gitlembic", repository.with_suffix(".cache")
    if not cache.exists():
        yield
        return
    cache.rename(aside)
    try:
        yield
    finally:
        shutil.rmtree(cache, ignore_errors=True)
        aside.rename(cache)


def _seed() -> str:
    return os.environ.get("GITLEMBIC_SEED", "0")


@pytest.mark.parametrize(("stories", "steps"), [pytest.param(1, 30), pytest.param(20, 150, marks=pytest.mark.full)])
def test_a_warm_run_says_what_a_cold_one_says(tmp_path: Path, stories: int, steps: int) -> None:
    for number in range(stories):
        story = Story(tmp_path / f"story {number}", f"{_seed()} {number}")
        for _ in range(steps):
            story.step(among=(*_ORDINARY, *_ODD))
            for root, (locations, recursive) in itertools.product(story.roots, story.random.sample(_PROJECTS, 3)):
                at, all_births = story.random.choice(_REFS), story.random.random() < 0.1
                question = Question(locations, recursive, at, all_births)
                warm = _ask(root, question)
                with _nothing_remembered(story.root):
                    assert warm == _ask(root, question), (number, story.told, root, question)


@pytest.mark.parametrize(("stories", "steps"), [pytest.param(1, 25), pytest.param(15, 60, marks=pytest.mark.full)])
def test_a_shallow_clone_that_is_deepened_says_what_a_full_one_says_or_nothing(
    tmp_path: Path, stories: int, steps: int
) -> None:
    """Also where it remembers from when it was deeper what it cannot tell any more."""
    questions = [Question(locations, recursive) for locations, recursive in _PROJECTS if "link" not in locations]
    for number in range(stories):
        story = Story(tmp_path / f"story {number}", f"{_seed()} {number}")
        for _ in range(steps):
            story.step(among=_ORDINARY)
        story.end()
        full, shallow = (story.root.with_suffix(suffix) for suffix in (".full", ".shallow"))
        story.git("clone", "--quiet", story.root.as_uri(), os.fspath(full))
        story.git("clone", "--quiet", "--depth", "1", story.root.as_uri(), os.fspath(shallow))
        fetch = Git(shallow)
        for depth in ("--deepen=1", "--deepen=1", "--deepen=2", "--depth=2", "--deepen=3", "--depth=1", "--unshallow"):
            for question in questions:
                right, warm = _parents(full, question), _parents(shallow, question)
                with _nothing_remembered(shallow):
                    cold = _parents(shallow, question)
                assert warm == cold, (number, depth, question)
                assert warm in (None, right), (number, depth, question)
            fetch("fetch", "--quiet", depth)
        assert [_parents(shallow, question) for question in questions] == [
            _parents(full, question) for question in questions
        ]
