"""Finds the repository that a directory belongs to, and its HEAD, without dulwich.

Most runs need nothing else of git, and importing dulwich costs more than all of this.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from gitlembic.core.history import CommitId
from gitlembic.errors import BrokenInputError, CannotTellError

_SYMREF = "ref:"
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MAX_SYMREFS = 5  # as git


@dataclass(frozen=True, slots=True)
class GitDirectory:
    """A repository with a work tree.

    `work_tree` is its root; `git_dir` has HEAD; `common_dir` what all linked worktrees share
    (objects, branches), the same directory for the main one.
    """

    work_tree: Path
    git_dir: Path
    common_dir: Path

    @property
    def cache_dir(self) -> Path:
        """Where gitlembic keeps what it can compute again."""
        return self.common_dir / "gitlembic"

    def read_head(self) -> CommitId | None:
        """The commit that is checked out; `None` before the first one (an unborn branch)."""
        if (self.common_dir / "reftable").is_dir():
            return self._read_reftable_head()
        return self._read_ref("HEAD", self.git_dir)

    def _read_reftable_head(self) -> CommitId | None:
        if self.git_dir != self.common_dir:  # dulwich would give the main worktree's
            raise CannotTellError(
                f"{self.work_tree} is a linked worktree of a repository whose refs are reftables, "
                "and its HEAD cannot be read",
                "run this in the main worktree, or `git refs migrate --ref-format=files`",
            )
        from gitlembic.adapters.git_repository import read_head  # dulwich costs 50 ms  # noqa: PLC0415

        return read_head(self)

    def read_shallow(self) -> frozenset[CommitId]:
        """The commits of a shallow clone whose parents it lacks; all worktrees share them."""
        return frozenset(map(CommitId, (_read(self.common_dir / "shallow") or "").split()))

    def read_merge_heads(self) -> tuple[CommitId, ...]:
        """The other parents of a merge in progress."""
        lines = [line.strip() for line in (_read(self.git_dir / "MERGE_HEAD") or "").splitlines() if line.strip()]
        if not all(_OBJECT_ID.fullmatch(line) for line in lines):
            raise BrokenInputError(f"{self.git_dir / 'MERGE_HEAD'} is damaged: it names no commit", "run `git fsck`")
        return tuple(map(CommitId, lines))

    def read_rebase(self) -> tuple[str, CommitId] | None:
        """The branch (as a ref) that `git rebase` is moving, and the commit that it is moved onto."""
        for name in ("rebase-merge", "rebase-apply"):
            branch, onto = _read(self.git_dir / name / "head-name"), _read(self.git_dir / name / "onto")
            if branch is not None and onto is not None and _OBJECT_ID.fullmatch(onto.strip()):
                return branch.strip(), CommitId(onto.strip())
        return None

    def read_replayed(self) -> tuple[CommitId, ...]:
        """The commits that a rebase or a cherry-pick in progress is applying to the working tree."""
        names = ("REBASE_HEAD", "CHERRY_PICK_HEAD", "rebase-merge/stopped-sha", "rebase-apply/original-commit")
        lines = [(_read(self.git_dir / name) or "").strip() for name in names]
        return tuple(dict.fromkeys(CommitId(line) for line in lines if _OBJECT_ID.fullmatch(line)))

    def _read_ref(self, name: str, directory: Path, depth: int = 0) -> CommitId | None:
        if depth > _MAX_SYMREFS:
            raise BrokenInputError(f"{self.git_dir / 'HEAD'} leads to a loop of symbolic references", "run `git fsck`")
        text = _read(directory / name)
        if text is None:
            return self._read_packed(name)
        text = text.strip()
        if text.startswith(_SYMREF):
            target = text[len(_SYMREF) :].strip()
            return self._read_ref(target, self.common_dir, depth + 1)
        if not _OBJECT_ID.fullmatch(text):
            raise BrokenInputError(f"{directory / name} is damaged: it names no commit", "run `git fsck`")
        return CommitId(text)

    def _read_packed(self, name: str) -> CommitId | None:
        text = _read(self.common_dir / "packed-refs") or ""
        end = text.find(f" {name}\n")
        return CommitId(text[text.rfind("\n", 0, end) + 1 : end]) if end >= 0 else None


def find_git_directory(start: Path) -> GitDirectory | None:
    """The repository whose work tree holds `start` (which need not exist), nearest first."""
    real = Path(os.path.realpath(start))
    for directory in (real, *real.parents):
        git_dir = _git_dir_of(directory)
        if git_dir is not None and not os.path.lexists(git_dir / "HEAD"):
            return None  # a worktree or submodule that was copied away from its repository: git stops here as well
        if git_dir is not None:
            common = _read(git_dir / "commondir")
            common_dir = Path(os.path.normpath(git_dir / common.strip())) if common else git_dir
            return GitDirectory(directory, git_dir, common_dir)
    return None


def _git_dir_of(directory: Path) -> Path | None:
    entry = directory / ".git"
    if entry.is_dir():
        return entry if os.path.lexists(entry / "HEAD") else None
    text = _read(entry)
    if text is None:
        return None
    if not text.startswith("gitdir:"):
        raise BrokenInputError(f"{entry} is not a git file", "it should be one line, `gitdir: PATH`")
    return Path(os.path.normpath(directory / text[len("gitdir:") :].strip()))


def _read(path: Path) -> str | None:
    try:
        if path.name == "HEAD" and path.is_symlink():  # as git made it long ago, and still reads it
            return f"{_SYMREF} {path.readlink()}"
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise BrokenInputError(f"cannot read {path}: {error.strerror}", "make it readable") from error
