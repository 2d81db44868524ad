"""Finds the repository that a directory belongs to, and its HEAD, without dulwich.

Most runs need nothing else of git, and importing dulwich costs more than all of this.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from gitlembic.core.history import CommitId
from gitlembic.errors import BrokenInputError, CannotTellError

_SYMREF = "ref:"
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PSEUDO_REF = re.compile(r"[A-Z_]+_HEAD")
_REF = re.compile(r"refs(?:/(?!\.)[^/\0-\x20\x7f]+(?<!\.))+")
_MAX_SYMREFS = 5  # as git
_DEEPEST_ALTERNATES = 5  # as git
_MOST_ALTERNATES = 64
_STOPPED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


class GitDirectory(NamedTuple):
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
        return self._read_reftable_head() if self.has_reftable() else self._read_ref("HEAD", self.git_dir)

    def has_reftable(self) -> bool:
        """Whether refs are kept in a way that only dulwich reads."""
        return os.path.isdir(self.common_dir / "reftable")  # noqa: PTH112 -- which raises for no name

    def read_ref(self, ref: str) -> tuple[str, CommitId] | None:
        """Where a branch or the like leads, a symbolic one to another, and what object that names; `None` if absent."""
        commit = self._read_ref(ref, self.common_dir)
        text = (_read(self.common_dir / ref) or "").strip()
        return None if commit is None else (text if text.startswith(_SYMREF) else "", commit)

    def _read_reftable_head(self) -> CommitId | None:
        if self.git_dir != self.common_dir:  # dulwich would give the main worktree's
            raise CannotTellError(
                f"{self.work_tree} is a linked worktree of a repository whose refs are reftables, "
                "and its HEAD cannot be read",
                "run this in the main worktree, or `git refs migrate --ref-format=files`",
            )
        from gitlembic.adapters.git_refs import read_head  # dulwich costs 50 ms  # noqa: PLC0415

        return read_head(self)

    def read_branch(self) -> str | None:
        """The branch that is checked out, as a ref; `None` for a detached HEAD."""
        text = (_read(self.git_dir / "HEAD") or "").strip()
        return text[len(_SYMREF) :].strip() if text.startswith(_SYMREF) else None

    def read_reflog(self, ref: str) -> tuple[CommitId, ...]:
        """What a ref has named, newest first: the entry N is `ref@{N}`."""
        directory = self.git_dir if ref == "HEAD" else self.common_dir
        lines = (_read(directory / "logs" / ref) or "").splitlines()
        words = [line.split(" ", 2)[1:2] for line in reversed(lines)]
        return tuple(CommitId(word) for found in words for word in found if _OBJECT_ID.fullmatch(word))

    def reflog_length(self, ref: str) -> int:
        """Of the reflog of a branch, in bytes."""
        try:
            return (self.common_dir / "logs" / ref).stat().st_size
        except (OSError, ValueError):
            return 0

    def other_worktrees(self) -> tuple[GitDirectory, ...]:
        """The worktrees that share this repository and are still there: the main one, then the linked ones by name."""
        main = [self.common_dir] if self.common_dir.name == ".git" else []  # else it is bare, or its place unknown
        found = [GitDirectory(git_dir.parent, git_dir, git_dir) for git_dir in main]
        for git_dir in self._linked():
            file = Path((_read(git_dir / "gitdir") or "").strip())
            if file.name == ".git":
                found.append(GitDirectory(Path(os.path.normpath(git_dir / file)).parent, git_dir, self.common_dir))
        here = os.path.realpath(self.work_tree)
        others = (tree for tree in found if os.path.realpath(tree.work_tree) != here)
        return tuple(tree for tree in others if os.path.isdir(tree.work_tree))  # noqa: PTH112 -- which raises for no name

    def _linked(self) -> list[Path]:
        try:
            return sorted((self.common_dir / "worktrees").iterdir())
        except (OSError, ValueError):  # none, or no directory by that name
            return []

    def read_shallow(self) -> frozenset[CommitId]:
        """The commits of a shallow clone whose parents it lacks; all worktrees share them."""
        return frozenset(map(CommitId, (_read(self.common_dir / "shallow") or "").split()))

    def check_alternates(self) -> None:
        """Refuse borrowed objects that lead in a circle, where dulwich goes round until Python stops it.

        To it an empty line is the store itself; lines end as it reads them.
        """
        waiting = [(os.fspath(self.common_dir / "objects"), 0)]
        for _ in range(_MOST_ALTERNATES):
            if not waiting:
                return
            objects, depth = waiting.pop()
            if depth > _DEEPEST_ALTERNATES:
                break
            lines = (_read(Path(objects, "info", "alternates")) or "").split("\n")
            below = lines[:-1] if lines[-1] == "" else lines
            waiting += ((os.path.join(objects, line), depth + 1) for line in below if not line.startswith("#"))  # noqa: PTH118
        file = self.common_dir / "objects" / "info" / "alternates"
        raise BrokenInputError(
            f"{file} leads in a circle, or to too many stores of objects",
            "take the lines out of it that are empty or lead back to the repository",
        )

    def read_merge_heads(self) -> tuple[CommitId, ...]:
        """The other parents of a merge in progress."""
        lines = [line.strip() for line in (_read(self.git_dir / "MERGE_HEAD") or "").splitlines() if line.strip()]
        if not all(_OBJECT_ID.fullmatch(line) for line in lines):
            raise BrokenInputError(f"{self.git_dir / 'MERGE_HEAD'} is damaged: it names no commit", "run `git fsck`")
        return tuple(map(CommitId, lines))

    def read_pseudo_ref(self, name: str) -> str | None:
        """Whom `ORIG_HEAD`, `FETCH_HEAD` and the like name, which git takes for refs and dulwich does not.

        What a fetch brought first is in its first line; notes stand behind it.
        """
        if not _PSEUDO_REF.fullmatch(name):
            return None
        first = (_read(self.git_dir / name) or "").split(maxsplit=1)[:1]
        return first[0] if first and _OBJECT_ID.fullmatch(first[0]) else None

    def read_rebase(self) -> tuple[str, CommitId] | None:
        """The branch (as a ref) that `git rebase` is moving, and the commit that it is moved onto."""
        for name in ("rebase-merge", "rebase-apply"):
            branch, onto = _read(self.git_dir / name / "head-name"), _read(self.git_dir / name / "onto")
            if branch is not None and onto is not None and _OBJECT_ID.fullmatch(onto.strip()):
                return branch.strip(), CommitId(onto.strip())
        return None

    def is_stopped(self) -> bool:
        """Whether git has stopped in a merge, rebase, `git am`, cherry-pick or revert, to commit what is staged."""
        return any(os.path.lexists(self.git_dir / name) for name in _STOPPED)

    def read_replayed(self) -> tuple[CommitId, ...]:
        """The commits that a rebase or a cherry-pick in progress is applying to the working tree."""
        names = ("CHERRY_PICK_HEAD", "rebase-merge/stopped-sha", "rebase-apply/original-commit")
        return tuple(dict.fromkeys(filter(None, map(self._read_commit, names))))

    def read_reverted(self) -> CommitId | None:
        """The commit that a revert in progress is taking back."""
        return self._read_commit("REVERT_HEAD")

    def _read_commit(self, name: str) -> CommitId | None:
        line = (_read(self.git_dir / name) or "").strip()
        return CommitId(line) if _OBJECT_ID.fullmatch(line) else None

    def _read_ref(self, name: str, directory: Path, depth: int = 0) -> CommitId | None:
        if depth > _MAX_SYMREFS:
            raise BrokenInputError(f"{self.git_dir / 'HEAD'} leads to a loop of symbolic references", "run `git fsck`")
        text = _read(directory / name)
        if text is None:
            return self._read_packed(name)
        text = text.strip()
        if text.startswith(_SYMREF):
            target = text[len(_SYMREF) :].strip()
            if not _REF.fullmatch(target):  # it could lead anywhere, as to a device that never ends
                raise BrokenInputError(f"{directory / name} is damaged: it names no ref", "run `git fsck`")
            return self._read_ref(target, self.common_dir, depth + 1)
        if not _OBJECT_ID.fullmatch(text):
            raise BrokenInputError(f"{directory / name} is damaged: it names no commit", "run `git fsck`")
        return CommitId(text)

    def _read_packed(self, name: str) -> CommitId | None:
        path = self.common_dir / "packed-refs"
        text = _read(path) or ""
        end = text.find(f" {name}\n")
        if end < 0 and (not text or text.endswith("\n")):
            return None
        found = text[text.rfind("\n", 0, end) + 1 : max(end, 0)]
        if not _OBJECT_ID.fullmatch(found):  # cut off, it might have had the name
            raise BrokenInputError(f"{path} is damaged: it names no commit for {name}", "run `git fsck`")
        return CommitId(found)


def find_git_directory(start: Path) -> GitDirectory | None:
    """The repository whose work tree holds `start` (which need not exist).

    That is the one which `GIT_DIR` and `GIT_WORK_TREE` name, if `start` lies in its work tree, else
    the nearest, not looking up to the `GIT_CEILING_DIRECTORIES`: as git treats them.
    """
    real = Path(os.path.realpath(start))
    named = _named_by_environment()
    if named is not None and (real == named.work_tree or named.work_tree in real.parents):
        return named
    return _nearest(real)


def _nearest(real: Path) -> GitDirectory | None:
    ceilings = _ceilings()
    for directory in (real, *real.parents):
        if directory in ceilings and directory != real:
            return None
        git_dir = _git_dir_of(directory)
        if git_dir is not None and not os.path.lexists(git_dir / "HEAD"):
            return None  # a worktree or submodule that was copied away from its repository: git stops here as well
        if git_dir is not None:
            return GitDirectory(directory, git_dir, _common_dir(git_dir))
    return None


def _ceilings() -> frozenset[Path]:
    entries = os.environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep)
    return frozenset(Path(os.path.realpath(entry)) for entry in entries if Path(entry).is_absolute())


def _named_by_environment() -> GitDirectory | None:
    """The repository that the environment names; hooks run with `GIT_DIR` set."""
    named, work_tree = os.environ.get("GIT_DIR"), os.environ.get("GIT_WORK_TREE")
    if not named and not work_tree:
        return None
    here = Path(os.path.realpath(os.curdir))
    nearest = _nearest(here)
    if named:
        path = Path(os.path.realpath(named))
        git_dir = _read_git_file(path) if path.is_file() else path
        if not os.path.lexists(git_dir / "HEAD"):
            raise BrokenInputError(f"GIT_DIR names {named}, which is no git directory", "unset GIT_DIR, or mend it")
        if nearest is None or os.path.realpath(nearest.git_dir) != os.path.realpath(git_dir):
            nearest = GitDirectory(_configured_work_tree(git_dir) or here, git_dir, _common_dir(git_dir))
    if nearest is None or not work_tree:
        return nearest
    return nearest._replace(work_tree=Path(os.path.realpath(work_tree)))


def _configured_work_tree(git_dir: Path) -> Path | None:
    """`core.worktree`, which submodules have."""
    from dulwich.config import ConfigFile  # not needed where `.git` says it  # noqa: PLC0415

    try:
        configured = ConfigFile.from_path(os.fspath(_common_dir(git_dir) / "config")).get((b"core",), b"worktree")
    except (KeyError, OSError, ValueError):  # what is wrong with it is said when the repository is opened
        return None
    return Path(os.path.realpath(git_dir / os.fsdecode(configured)))


def _common_dir(git_dir: Path) -> Path:
    common = _read(git_dir / "commondir")
    return Path(os.path.normpath(git_dir / common.strip())) if common else git_dir


def _git_dir_of(directory: Path) -> Path | None:
    entry = directory / ".git"
    if entry.is_dir():
        return entry if os.path.lexists(entry / "HEAD") else None
    return _read_git_file(entry) if entry.is_file() else None


def _read_git_file(path: Path) -> Path:
    """Where a `.git` that is a file says that the git directory is."""
    text = _read(path) or ""
    if not text.startswith("gitdir:"):
        raise BrokenInputError(f"{path} is not a git file", "it should be one line, `gitdir: PATH`")
    return Path(os.path.normpath(path.parent / text[len("gitdir:") :].strip()))


def _read(path: Path) -> str | None:
    try:
        if path.name == "HEAD" and path.is_symlink():  # as git made it long ago, and still reads it
            return f"{_SYMREF} {path.readlink()}"
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise BrokenInputError(f"cannot read {path}: {error.strerror}", "make it readable") from error
    except ValueError as error:  # a zero byte, which what names it had
        raise BrokenInputError(f"cannot read {str(path)!r}: {error}", "run `git fsck`") from error
