"""The refs of a repository, and the names that lead to commits."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from dulwich.objects import Commit, Tag
from dulwich.refs import Ref, SymrefLoop

from gitlembic.adapters.git_objects import open_repository, refusing_damage
from gitlembic.core.history import CommitId
from gitlembic.errors import BrokenInputError, CannotTellError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.adapters.git_objects import GitObjects

_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PEELED = re.compile(r"\^\{(?:commit)?\}$")
_ABBREVIATED = re.compile(r"[0-9a-fA-F]{4,64}")
_ANCESTRY = re.compile(r"(?:[~^][0-9]*)+$")
_ANCESTRY_STEP = re.compile(r"([~^])([0-9]*)")
_NO_COMMIT = (ValueError, TypeError, AttributeError, IndexError, SymrefLoop)
"""What dulwich raises, beside `KeyError`, for a name that leads to no commit."""


class GitRefs:
    """The refs of one repository; `parents` are those of a commit."""

    def __init__(
        self, directory: GitDirectory, objects: GitObjects, parents: Callable[[CommitId], tuple[CommitId, ...]]
    ) -> None:
        self._directory = directory
        self._objects = objects
        self._parents = parents
        self._tagged = re.compile(rb"object ([0-9a-f]{%d})\n" % (2 * objects.id_length))

    def resolve(self, name: str) -> CommitId:
        """The commit that a branch, tag, abbreviation or expression like `HEAD~3` names."""
        from dulwich.objectspec import parse_commit  # most runs name no commit  # noqa: PLC0415

        base, steps = _split_ancestry(_PEELED.sub("", name))
        if base == "@":
            base = "HEAD"
        elif _ABBREVIATED.fullmatch(base):
            base = base.lower()
        base = self._directory.read_pseudo_ref(base) or base
        try:
            with _reading_refs(self._directory, _NO_COMMIT):
                # dulwich takes an empty name for HEAD, git for an error, and so does this.
                commit = CommitId(parse_commit(self._objects.repo, os.fsencode(base or " ")).id.decode())
            for sign, number in steps:
                for _ in range(number if sign == "~" else min(number, 1)):
                    commit = self._parents(commit)[0 if sign == "~" else number - 1]
        except (KeyError, *_NO_COMMIT) as error:
            raise CannotTellError(
                f"{name!r} names no commit in {self._directory.work_tree}",
                "`git branch --all` and `git tag` list the names; `git fetch --all --tags` brings more",
            ) from error
        return commit

    def peel(self, name: CommitId) -> CommitId:
        """The commit that an annotated tag names in the end; a commit names itself."""
        kind, raw = self._objects.read(name, bytes.fromhex(name))
        while kind == Tag.type_num:
            found = self._tagged.match(raw)
            if found is None:
                raise BrokenInputError(f"tag {name} in {self._directory.git_dir} names nothing", "run `git fsck`")
            name = CommitId(found[1].decode())
            kind, raw = self._objects.read(name, bytes.fromhex(name))
        return name

    def all(self) -> dict[str, CommitId]:
        """Every ref that names an object, with that; annotated tags are not followed."""
        found = {}
        with _reading_refs(self._directory):
            names = self._objects.repo.refs.allkeys()
        for name in names:
            with contextlib.suppress(KeyError, ValueError, SymrefLoop):  # a damaged one: git passes it over as well
                commit = self._objects.repo.refs[name].decode()
                if _OBJECT_ID.fullmatch(commit):
                    found[os.fsdecode(name)] = CommitId(commit)
        return found

    def remotes(self) -> tuple[str, ...]:
        """The names of what there is to fetch from; they may have slashes."""
        sections = self._objects.repo.get_config().sections()
        return tuple(os.fsdecode(name[0]) for kind, *name in sections if kind == b"remote" and name)

    def commit_of(self, name: CommitId) -> CommitId | None:
        """The commit that an object is, or that a tag of it names; `None` for a tree or a file."""
        commit = self.peel(name)
        return commit if self._objects.read(commit, bytes.fromhex(commit))[0] == Commit.type_num else None

    def follow(self, ref: str) -> tuple[str, CommitId] | None:
        """The ref that a symbolic one leads to in the end (a plain one: itself), and its commit; `None` if absent."""
        try:
            with _reading_refs(self._directory, (ValueError, SymrefLoop)):
                names, commit = self._objects.repo.refs.follow(Ref(os.fsencode(ref)))
        except (KeyError, ValueError, SymrefLoop):
            return None
        return (os.fsdecode(names[-1]), self.peel(CommitId(commit.decode()))) if commit else None


def read_head(directory: GitDirectory) -> CommitId | None:
    """HEAD as dulwich finds it, for refs that are not files."""
    with contextlib.closing(open_repository(directory)) as repository:
        try:
            with _reading_refs(directory):
                return CommitId(repository.refs[Ref(b"HEAD")].decode())
        except KeyError:
            return None


def _reading_refs(directory: GitDirectory, others: tuple[type[Exception], ...] = ()) -> AbstractContextManager[None]:
    return refusing_damage(f"the refs in {directory.common_dir}, or what they name", others)


def _split_ancestry(name: str) -> tuple[str, list[tuple[str, int]]]:
    """`HEAD~2^2` -> `HEAD` and the steps from there, as git reads them; dulwich reads none."""
    end = _ANCESTRY.search(name)
    suffix = end[0] if end else ""
    steps = [(sign, int(number or 1)) for sign, number in _ANCESTRY_STEP.findall(suffix)]
    return name[: len(name) - len(suffix)], steps
