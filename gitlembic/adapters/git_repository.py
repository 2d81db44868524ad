"""A git repository -> `core.history`, with dulwich; no git binary is ever run."""

from __future__ import annotations

import functools
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.adapters.git_objects import GitObjects
from gitlembic.adapters.git_trees import GitTrees
from gitlembic.adapters.packs import COMMIT
from gitlembic.adapters.walk_progress import WalkProgress
from gitlembic.core.chain import Birth
from gitlembic.core.history import CommitId, FileId, HistoryUnknownError, Location
from gitlembic.core.merge_base import find_merge_bases
from gitlembic.core.migration_source import parse_migration
from gitlembic.core.names import legacy_revision
from gitlembic.core.reach import reach
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.adapters.git_refs import GitRefs
    from gitlembic.core.migration import Parsed, RevisionId

_DATE = re.compile(rb"^committer [^\n]*> ([0-9]{1,18}) ", re.MULTILINE)
_SIGNATURE = re.compile(rb"^(.*) <(.*)> (-?[0-9]+) ([+-][0-9]+)$")


class _Commit(NamedTuple):
    tree: bytes
    parents: tuple[CommitId, ...]


class GitRepository:
    """The history of one repository. Close it, or use it as a context manager."""

    def __init__(self, directory: GitDirectory) -> None:
        self.directory = directory
        self.objects = GitObjects(directory)
        self._trees = GitTrees(self.objects, lambda commit: self._commit(commit).tree)
        self._progress = WalkProgress()
        name = b"[0-9a-f]{%d}" % (2 * self.objects.id_length)
        self._header = re.compile(rb"tree (%b)\n((?:parent %b\n)*)" % (name, name))
        self._shallow = directory.read_shallow()
        self._commits: dict[CommitId, _Commit] = {}
        self._parsed: dict[tuple[FileId, RevisionId | None], Parsed] = {}

    def __enter__(self) -> GitRepository:  # noqa: PYI034 -- typing.Self is 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.clear()
        self.objects.close()

    @functools.cached_property
    def _refs(self) -> GitRefs:
        from gitlembic.adapters.git_refs import GitRefs  # dulwich costs 50 ms  # noqa: PLC0415

        return GitRefs(self.directory, self.objects, self.parents)

    def resolve(self, name: str) -> CommitId:
        """The commit that a branch, tag, abbreviation or expression like `HEAD~3` names."""
        return self._refs.resolve(name)

    def peel(self, name: CommitId) -> CommitId:
        """The commit that an annotated tag names in the end; a commit names itself."""
        return self._refs.peel(name)

    def refs(self) -> dict[str, CommitId]:
        """Every ref that names an object, with that; annotated tags are not followed."""
        return self._refs.all()

    def commit_of(self, name: CommitId) -> CommitId | None:
        """The commit that an object is, or that a tag of it names; `None` for a tree or a file."""
        return self._refs.commit_of(name)

    def remotes(self) -> tuple[str, ...]:
        """The names of what there is to fetch from; they may have slashes."""
        return self._refs.remotes()

    def follow(self, ref: str) -> tuple[str, CommitId] | None:
        """The ref that a symbolic one leads to in the end (a plain one: itself), and its commit; `None` if absent."""
        return self._refs.follow(ref)

    def has_remotes(self) -> bool:
        """Whether there is anywhere to fetch from."""
        return any(section[0] == b"remote" for section in self.objects.repo.get_config().sections())

    def merge_bases(self, commit: CommitId, others: Collection[CommitId]) -> tuple[CommitId, ...]:
        """The newest commits that `commit` shares with a merge of the others.

        Raises `HistoryUnknownError` where a shallow clone ends before it tells: both may lead to a newer one.
        """
        bases = find_merge_bases(commit, others, self._known_parents, self._date) if others else ()
        if not bases and self._shallow:
            raise HistoryUnknownError(commit, "a shallow clone does not say where it began, it ends")
        if self._shallow and others:
            shared = self._reach(bases)
            apart = [self._reach(tips) - shared for tips in ((commit,), others)]
            ends = self._shallow & (apart[0] | apart[1]) if all(apart) else ()
            if ends:
                raise HistoryUnknownError(min(ends), "a shallow clone ends")
        return bases

    def _reach(self, tips: Iterable[CommitId]) -> frozenset[CommitId]:
        return frozenset(reach(tips, self._known_parents))

    def _known_parents(self, commit: CommitId) -> tuple[CommitId, ...]:
        return () if commit in self._shallow else self._commit(commit).parents

    def _date(self, commit: CommitId) -> int:
        """Seconds since 1970; 0 for a commit without a date."""
        found = _DATE.search(self.objects.contents(commit, bytes.fromhex(commit)))
        return int(found[1]) if found else 0

    def contents(self, file: FileId) -> bytes:
        """The bytes of one version of a file."""
        return self.objects.contents(CommitId(file), bytes.fromhex(file))

    def ignores(self, location: Location, files: Iterable[str]) -> bool:
        """Whether git ignores a directory, or all these files in it, by `.gitignore` and its other lists."""
        from dulwich.ignore import IgnoreFilterManager  # of what is tracked nobody asks  # noqa: PLC0415

        try:
            lists = IgnoreFilterManager.from_repo(self.objects.repo)
            if location.path and lists.is_ignored(f"{location.path}/"):
                return True
            ignored = [bool(lists.is_ignored(path)) for path in files]
        except (OSError, ValueError) as error:
            raise BrokenInputError(
                f"cannot read what git ignores in {self.directory.work_tree}: {error}",
                "`git status` says more; mend .gitignore or git's configuration",
            ) from error
        return bool(ignored) and all(ignored)

    def parents(self, commit: CommitId) -> tuple[CommitId, ...]:
        if commit in self._shallow:
            raise HistoryUnknownError(commit, "a shallow clone ends")
        return self._commit(commit).parents

    def skip_unchanged(
        self, commit: CommitId, place: Sequence[Location], is_wanted: Callable[[CommitId], bool]
    ) -> CommitId:
        here = [self.fingerprint(commit, location) for location in place]
        if not all(isinstance(tree, bytes) for tree in here) or not all(location.path for location in place):
            return commit  # links may lead anywhere, and the whole tree is never the same
        levels = [[self._trees.directory_named(part) for part in location.path.split("/")] for location in place]
        tree = self._commit(commit).tree
        known: list[list[bytes | None]] = [[None] * len(patterns) for patterns in levels]
        for patterns, ids in zip(levels, known, strict=True):
            self._trees.is_same(commit, tree, patterns, ids)
        while commit not in self._shallow:
            parents = self._commit(commit).parents
            if not parents or is_wanted(parents[0]):
                break
            parent, before = parents[0], self._commit(parents[0]).tree
            both = zip(levels, known, strict=True)
            if before != tree and not all(self._trees.is_same(parent, before, *one) for one in both):
                break
            commit, tree = parent, before
        return commit

    def fingerprint(self, commit: CommitId, location: Location) -> Hashable:
        return self._trees.fingerprint(commit, location)

    def files(self, commit: CommitId, location: Location) -> Mapping[str, FileId]:
        return self._trees.files(commit, location)

    def python_files(self, commit: CommitId) -> Iterable[tuple[str, FileId]]:
        return self._trees.python_files(commit)

    def added_files(self, commit: CommitId) -> tuple[str, ...]:
        """The Python files that a commit adds, as `git log` lists them: none for a merge, renames are additions."""
        parents = self.parents(commit)
        return self._trees.added_files(commit, parents) if len(parents) < 2 else ()  # noqa: PLR2004 -- a merge

    def dead_links(self, commit: CommitId, location: Location) -> tuple[str, ...]:
        """The links of a location that may be migrations, and lead to no file of this commit."""
        return self._trees.dead_links(commit, location)

    def holds(self, commit: CommitId, path: str) -> bool:
        """Whether a commit has anything at a path, relative to the root."""
        return self._trees.holds(commit, path)

    def parse(self, path: str, file: FileId) -> Parsed:
        legacy = legacy_revision(path.rpartition("/")[2])
        parsed = self._parsed.get((file, legacy))
        if parsed is None:
            parsed = parse_migration(self.objects.contents(CommitId(file), bytes.fromhex(file)), legacy)
            self._parsed[file, legacy] = parsed
        return parsed

    def birth(self, commit: CommitId) -> Birth:
        """Who made a commit, and when it was made."""
        headers = dict(
            line.split(b" ", 1)
            for line in self.objects.contents(commit, bytes.fromhex(commit)).partition(b"\n\n")[0].split(b"\n")
            if line.startswith((b"author ", b"committer "))
        )
        author = _SIGNATURE.match(headers.get(b"author", b""))
        committer = _SIGNATURE.match(headers.get(b"committer", b""))
        try:
            date = datetime.fromtimestamp(int(committer[3]), timezone.utc) if committer else None
        except (OverflowError, OSError, ValueError):
            date = None
        return Birth(commit, date, author[1].decode("utf-8", "replace") if author else "")

    def subject(self, commit: CommitId) -> str:
        """The first line of a commit's message."""
        message = self.objects.contents(commit, bytes.fromhex(commit)).partition(b"\n\n")[2]
        return message.lstrip(b"\n").partition(b"\n")[0].decode("utf-8", "replace").strip()

    def _commit(self, commit: CommitId) -> _Commit:
        known = self._commits.get(commit)
        if known is None:
            kind, raw = self.objects.read(commit, bytes.fromhex(commit))
            found = self._header.match(raw) if kind == COMMIT else None
            if found is None:
                raise BrokenInputError(f"object {commit} in {self.directory.git_dir} is no commit", "run `git fsck`")
            parents = found[2].decode().split()[1::2]
            known = _Commit(bytes.fromhex(found[1].decode()), tuple(map(CommitId, parents)))
            self._commits[commit] = known
            self._progress.step()
        return known
