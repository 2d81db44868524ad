"""A git repository -> `core.history`, with dulwich; no git binary is ever run.

Only raw objects are read: commits and trees are taken apart here, because a walk over tens of
thousands of commits spends its time in parsing what nobody asked for.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import re
import traceback
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from dulwich.errors import FileFormatException, NotGitRepository
from dulwich.objects import Commit, ObjectID, Tag
from dulwich.refs import Ref, SymrefLoop
from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion

from gitlembic.adapters.packs import Packs
from gitlembic.adapters.walk_progress import WalkProgress
from gitlembic.core.chain import Birth
from gitlembic.core.history import CommitId, FileId, HistoryUnknownError, Location
from gitlembic.core.migration_source import parse_migration
from gitlembic.core.names import is_migration_file, legacy_revision
from gitlembic.errors import BrokenInputError, CannotTellError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
    from typing import Concatenate

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.core.migration import Parsed, RevisionId

_TREE_MODE = b"40000"
_FILE_MODES = frozenset({b"100644", b"100755", b"100664"})
_LINK_MODE = b"120000"
_REMEMBERED_TREES = 64
_MAX_LINKS = 5  # links that lead to links
_SIGNATURE = re.compile(rb"^(.*) <(.*)> (-?[0-9]+) ([+-][0-9]+)$")


_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PEELED = re.compile(r"\^\{(?:commit)?\}$")
_ABBREVIATED = re.compile(r"[0-9a-fA-F]{4,64}")
_ANCESTRY = re.compile(r"(?:[~^][0-9]*)+$")
_ANCESTRY_STEP = re.compile(r"([~^])([0-9]*)")

_More = ParamSpec("_More")
_Answer = TypeVar("_Answer")

_Entry = tuple[bytes, bytes, bytes]
"""One line of a tree: mode, name, and the id of what stands there."""


@dataclass(frozen=True, slots=True)
class _Commit:
    tree: bytes
    parents: tuple[CommitId, ...]


def _refusing_depth(
    ask: Callable[Concatenate[GitRepository, CommitId, _More], _Answer],
) -> Callable[Concatenate[GitRepository, CommitId, _More], _Answer]:
    """Directories may nest deeper in a tree than on any disk: refuse those that nest too deep to be walked."""

    def refusing(self: GitRepository, commit: CommitId, /, *args: _More.args, **kwargs: _More.kwargs) -> _Answer:
        try:
            return ask(self, commit, *args, **kwargs)
        except RecursionError as error:
            raise BrokenInputError(
                f"the directories in commit {commit[:12]} nest too deep to be read", "take them out of the repository"
            ) from error

    return refusing


class GitRepository:
    """The history of one repository. Close it, or use it as a context manager."""

    def __init__(self, directory: GitDirectory) -> None:
        self.directory = directory
        self._repo = _open(directory)
        self._store = self._repo.object_store
        self._progress = WalkProgress()
        self._id_length = self._repo.object_format.oid_length
        self._entry = re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % self._id_length, re.DOTALL)
        self._packs = Packs(directory.common_dir / "objects" / "pack", self._id_length)
        name = b"[0-9a-f]{%d}" % (2 * self._id_length)
        self._header = re.compile(rb"tree (%b)\n((?:parent %b\n)*)" % (name, name))
        self._tagged = re.compile(rb"object (%b)\n" % name)
        self._shallow = directory.read_shallow()
        self._commits: dict[CommitId, _Commit] = {}
        self._listings: dict[tuple[str, bool], tuple[frozenset[_Entry], dict[str, FileId]]] = {}
        self._subtrees: dict[tuple[bytes, str], bytes | None] = {}
        self._latest_directories: dict[bytes, Mapping[bytes, bytes]] = {}
        self._links: dict[tuple[bytes, bool], tuple[tuple[str, bytes], ...]] = {}
        self._parsed: dict[tuple[FileId, RevisionId | None], Parsed] = {}

    def __enter__(self) -> GitRepository:  # noqa: PYI034 -- typing.Self is 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.clear()
        self._packs.close()
        self._repo.close()

    def resolve(self, name: str) -> CommitId:
        """The commit that a branch, tag, abbreviation or expression like `HEAD~3` names."""
        from dulwich.objectspec import parse_commit  # most runs name no commit  # noqa: PLC0415

        base, steps = _split_ancestry(_PEELED.sub("", name))
        if base == "@":
            base = "HEAD"
        elif _ABBREVIATED.fullmatch(base):
            base = base.lower()
        try:
            with _reading_refs(self.directory):
                # dulwich takes an empty name for HEAD, git for an error, and so does this.
                commit = CommitId(parse_commit(self._repo, os.fsencode(base or " ")).id.decode())
            for sign, number in steps:
                for _ in range(number if sign == "~" else min(number, 1)):
                    commit = self.parents(commit)[0 if sign == "~" else number - 1]
        except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise CannotTellError(
                f"{name!r} names no commit in {self.directory.work_tree}",
                "`git branch --all` and `git tag` list the names; `git fetch --all --tags` brings more",
            ) from error
        return commit

    def peel(self, name: CommitId) -> CommitId:
        """The commit that an annotated tag names in the end; a commit names itself."""
        kind, raw = self._object(name, bytes.fromhex(name))
        while kind == Tag.type_num:
            found = self._tagged.match(raw)
            if found is None:
                raise BrokenInputError(f"tag {name} in {self.directory.git_dir} names nothing", "run `git fsck`")
            name = CommitId(found[1].decode())
            kind, raw = self._object(name, bytes.fromhex(name))
        return name

    def refs(self) -> dict[str, CommitId]:
        """Every ref that names an object, with that; annotated tags are not followed."""
        found = {}
        with _reading_refs(self.directory):
            names = self._repo.refs.allkeys()
        for name in names:
            with contextlib.suppress(KeyError, ValueError, SymrefLoop):  # a damaged one: git passes it over as well
                commit = self._repo.refs[name].decode()
                if _OBJECT_ID.fullmatch(commit):
                    found[os.fsdecode(name)] = CommitId(commit)
        return found

    def commit_of(self, name: CommitId) -> CommitId | None:
        """The commit that an object is, or that a tag of it names; `None` for a tree or a file."""
        commit = self.peel(name)
        return commit if self._object(commit, bytes.fromhex(commit))[0] == Commit.type_num else None

    def remotes(self) -> tuple[str, ...]:
        """The names of what there is to fetch from; they may have slashes."""
        sections = self._repo.get_config().sections()
        return tuple(os.fsdecode(name[0]) for kind, *name in sections if kind == b"remote" and name)

    def follow(self, ref: str) -> tuple[str, CommitId] | None:
        """The ref that a symbolic one leads to in the end (a plain one: itself), and its commit; `None` if absent."""
        try:
            with _reading_refs(self.directory):
                names, commit = self._repo.refs.follow(Ref(os.fsencode(ref)))
        except (KeyError, ValueError):
            return None
        return (os.fsdecode(names[-1]), self.peel(CommitId(commit.decode()))) if commit else None

    def merge_bases(self, commit: CommitId, others: Iterable[CommitId]) -> tuple[CommitId, ...]:
        """The newest commits that `commit` shares with a merge of the others."""
        from dulwich.graph import find_merge_base  # most runs compare nothing  # noqa: PLC0415

        names = [ObjectID(name.encode()) for name in (commit, *others)]
        try:
            found = find_merge_base(self._repo, names) if len(names) > 1 else []
        except KeyError as error:
            raise HistoryUnknownError(commit, f"object {error} is missing") from error
        except FileFormatException as error:
            raise BrokenInputError(
                f"cannot read the history of {commit[:12]}: {str(error) or type(error).__name__}", "run `git fsck`"
            ) from error
        if not found and self._shallow:
            raise HistoryUnknownError(commit, "a shallow clone does not say where it began, it ends")
        return tuple(CommitId(name.decode()) for name in found)

    def contents(self, file: FileId) -> bytes:
        """The bytes of one version of a file."""
        return self._raw(CommitId(file), bytes.fromhex(file))

    def holds(self, commit: CommitId, path: str) -> bool:
        """Whether a commit has anything at a path, relative to the root."""
        directory, _, name = path.rpartition("/")
        tree = self._subtree(commit, self._commit(commit).tree, directory)
        entries = self._entry.findall(self._raw(commit, tree)) if tree else ()
        return any(named == os.fsencode(name) for _, named, _ in entries)

    def ignores(self, location: Location, files: Iterable[str]) -> bool:
        """Whether git ignores a directory, or all these files in it, by `.gitignore` and its other lists."""
        from dulwich.ignore import IgnoreFilterManager  # of what is tracked nobody asks  # noqa: PLC0415

        try:
            lists = IgnoreFilterManager.from_repo(self._repo)
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
        levels = [[self._entry_named(part) for part in location.path.split("/")] for location in place]
        tree = self._commit(commit).tree
        known: list[list[bytes | None]] = [[None] * len(patterns) for patterns in levels]
        for patterns, ids in zip(levels, known, strict=True):
            self._is_same(commit, tree, patterns, ids)
        while commit not in self._shallow:
            parents = self._commit(commit).parents
            if not parents or is_wanted(parents[0]):
                break
            parent, before = parents[0], self._commit(parents[0]).tree
            both = zip(levels, known, strict=True)
            if before != tree and not all(self._is_same(parent, before, *one) for one in both):
                break
            commit, tree = parent, before
        return commit

    def _is_same(
        self, commit: CommitId, tree: bytes, patterns: Sequence[re.Pattern[bytes]], ids: list[bytes | None]
    ) -> bool:
        """Whether a directory is what `ids` say of it and those above it; they then say so of this tree."""
        for level, pattern in enumerate(patterns):
            found = pattern.match(self._raw(commit, tree))
            if found is None:
                return False
            if found[1] == ids[level]:
                return True
            ids[level] = tree = found[1]
        return False

    def _entry_named(self, name: str) -> re.Pattern[bytes]:
        """Finds the id of a directory in a tree, looking at one entry after the other."""
        sought = re.escape(os.fsencode(name))
        return re.compile(
            rb"(?:[0-7]+ [^\0]+\0.{%d})*?%b %b\0(.{%d})" % (self._id_length, _TREE_MODE, sought, self._id_length),
            re.DOTALL,
        )

    @_refusing_depth
    def fingerprint(self, commit: CommitId, location: Location) -> Hashable:
        tree = self._subtree(commit, self._commit(commit).tree, location.path)
        linked = self._linked_files(commit, tree, location) if tree else {}
        return (tree, tuple(linked.values())) if linked else tree

    @_refusing_depth
    def files(self, commit: CommitId, location: Location) -> Mapping[str, FileId]:
        tree = self._subtree(commit, self._commit(commit).tree, location.path)
        if tree is None:
            return {}
        files = self._files_below(commit, tree, location.path, recursive=location.recursive)
        linked = self._linked_files(commit, tree, location)
        return {**files, **linked} if linked else files

    @_refusing_depth
    def python_files(self, commit: CommitId) -> Iterable[tuple[str, FileId]]:
        tree = self._commit(commit).tree
        files = self._files_below(commit, tree, "", recursive=True)
        return {**files, **self._linked_files(commit, tree, Location("", recursive=True))}.items()

    @_refusing_depth
    def added_files(self, commit: CommitId) -> tuple[str, ...]:
        """The Python files that a commit adds, as `git log` lists them: none for a merge, renames are additions."""
        parents = self.parents(commit)
        if len(parents) > 1:
            return ()
        before = self._commit(parents[0]).tree if parents else None
        return tuple(sorted(self._added(commit, before, self._commit(commit).tree, ""), key=os.fsencode))

    def _added(self, commit: CommitId, before: bytes | None, after: bytes, prefix: str) -> Iterator[str]:
        old = self._entry.findall(self._raw(commit, before)) if before else []
        modes = {name: (mode, identity) for mode, name, identity in old}
        for mode, name, identity in self._entry.findall(self._raw(commit, after)):
            was, was_identity = modes.get(name, (b"", b""))
            if identity == was_identity:
                continue
            path = prefix + os.fsdecode(name)
            if mode == _TREE_MODE:
                yield from self._added(commit, was_identity if was == mode else None, identity, f"{path}/")
            elif name.endswith(b".py") and was in {b"", _TREE_MODE}:
                yield path

    @_refusing_depth
    def dead_links(self, commit: CommitId, location: Location) -> tuple[str, ...]:
        """The links of a location that may be migrations, and lead to no file of this commit.

        They lead out of the tree, or through other links. Those to a directory, or to what is not
        named as a migration, are nothing to Alembic either.
        """
        tree = self._subtree(commit, self._commit(commit).tree, location.path)
        links = self._links_below(commit, tree, recursive=location.recursive) if tree else ()
        paths = [(f"{location.path}/{below}" if location.path else below, link) for below, link in links]
        ends = [(path, *self._follow(commit, path, link)) for path, link in paths]
        return tuple(path for path, target, file in ends if file is None and _is_named_as_migration(target))

    def parse(self, path: str, file: FileId) -> Parsed:
        legacy = legacy_revision(path.rpartition("/")[2])
        parsed = self._parsed.get((file, legacy))
        if parsed is None:
            parsed = parse_migration(self._raw(CommitId(file), bytes.fromhex(file)), legacy)
            self._parsed[file, legacy] = parsed
        return parsed

    def birth(self, commit: CommitId) -> Birth:
        """Who made a commit, and when it was made."""
        headers = dict(
            line.split(b" ", 1)
            for line in self._raw(commit, bytes.fromhex(commit)).partition(b"\n\n")[0].split(b"\n")
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
        message = self._raw(commit, bytes.fromhex(commit)).partition(b"\n\n")[2]
        return message.lstrip(b"\n").partition(b"\n")[0].decode("utf-8", "replace").strip()

    def _commit(self, commit: CommitId) -> _Commit:
        known = self._commits.get(commit)
        if known is None:
            kind, raw = self._object(commit, bytes.fromhex(commit))
            found = self._header.match(raw) if kind == Commit.type_num else None
            if found is None:
                raise BrokenInputError(f"object {commit} in {self.directory.git_dir} is no commit", "run `git fsck`")
            parents = found[2].decode().split()[1::2]
            known = _Commit(bytes.fromhex(found[1].decode()), tuple(map(CommitId, parents)))
            self._commits[commit] = known
            self._progress.step()
        return known

    def _subtree(self, commit: CommitId, tree: bytes, path: str) -> bytes | None:
        """The id of the directory `path` below a tree."""
        if not path:
            return tree
        key = (tree, path)
        if key not in self._subtrees:
            name, _, rest = path.partition("/")
            found = self._directories(commit, tree).get(os.fsencode(name))
            self._subtrees[key] = None if found is None else self._subtree(commit, found, rest)
        return self._subtrees[key]

    def _directories(self, commit: CommitId, tree: bytes) -> Mapping[bytes, bytes]:
        """The directories in a tree, by name; several locations ask for the same ones one after the other."""
        known = self._latest_directories.get(tree)
        if known is None:
            known = {
                name: found for mode, name, found in self._entry.findall(self._raw(commit, tree)) if mode == _TREE_MODE
            }
            while len(self._latest_directories) >= _REMEMBERED_TREES:
                del self._latest_directories[next(iter(self._latest_directories))]
            self._latest_directories[tree] = known
        return known

    def _files_below(self, commit: CommitId, tree: bytes, prefix: str, *, recursive: bool) -> Mapping[str, FileId]:
        """The files named as migrations in a directory, made from the listing before by the difference.

        The directory of a walk's next commit is nearly the same, and may have thousands of entries.
        """
        listing = frozenset(self._entry.findall(self._raw(commit, tree)))
        before, files = self._listings.get((prefix, recursive), (frozenset(), {}))
        if listing != before:
            files = dict(files)
            for entry in before - listing:
                for path in self._entry_files(commit, entry, prefix, recursive=recursive):
                    files.pop(path, None)
            for entry in listing - before:
                files.update(self._entry_files(commit, entry, prefix, recursive=recursive))
            self._listings[prefix, recursive] = listing, files
        return files

    def _entry_files(self, commit: CommitId, entry: _Entry, prefix: str, *, recursive: bool) -> Mapping[str, FileId]:
        mode, raw_name, identity = entry
        name = os.fsdecode(raw_name)
        path = f"{prefix}/{name}" if prefix else name
        if mode in _FILE_MODES and is_migration_file(name):
            return {path: FileId(identity.hex())}
        if mode == _TREE_MODE and recursive and not name.endswith("__pycache__"):
            return self._files_below(commit, identity, path, recursive=True)
        return {}

    def _linked_files(self, commit: CommitId, tree: bytes, location: Location) -> dict[str, FileId]:
        """The migrations of a location that are symbolic links, with the contents that they lead to in this commit."""
        found = {}
        for below, link in self._links_below(commit, tree, recursive=location.recursive):
            path = f"{location.path}/{below}" if location.path else below
            target, file = self._follow(commit, path, link)
            if file is not None and _is_named_as_migration(target):
                found[path] = FileId(file.hex())
        return found

    def _links_below(self, commit: CommitId, tree: bytes, *, recursive: bool) -> tuple[tuple[str, bytes], ...]:
        """The links below a tree, by path from there."""
        key = tree, recursive
        if key not in self._links:
            raw = self._raw(commit, tree)
            found: list[tuple[str, bytes]] = []
            for mode, raw_name, identity in self._entry.findall(raw) if recursive or _LINK_MODE in raw else ():
                name = os.fsdecode(raw_name)
                if mode == _LINK_MODE:
                    found.append((name, identity))
                elif mode == _TREE_MODE and recursive:
                    below = self._links_below(commit, identity, recursive=True)
                    found += [(f"{name}/{path}", link) for path, link in below]
            self._links[key] = tuple(found)
        return self._links[key]

    def _follow(self, commit: CommitId, path: str, link: bytes) -> tuple[str, bytes | None]:
        """The path that a link at `path` leads to in the end, and the file there; `None` for a dead end."""
        for _ in range(_MAX_LINKS):
            target = os.fsdecode(self._raw(commit, link))
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            directory, _, name = path.rpartition("/")
            tree = self._subtree(commit, self._commit(commit).tree, directory)
            entries = self._entry.findall(self._raw(commit, tree)) if tree else ()
            mode, link = next(
                ((mode, identity) for mode, named, identity in entries if named == os.fsencode(name)), (b"", b"")
            )
            if mode != _LINK_MODE:
                return path, link if mode in _FILE_MODES else None
        return path, None

    def _raw(self, commit: CommitId, name: bytes) -> bytes:
        """The contents of an object that is reached from `commit`."""
        return self._object(commit, name)[1]

    def _find(self, name: ObjectID) -> tuple[int, bytes]:
        """As git does for what it does not find: `git gc` may have packed it after the packs were looked through."""
        try:
            return self._store.get_raw(name)
        except KeyError:
            return self._store.get_raw(name)

    def _object(self, commit: CommitId, name: bytes) -> tuple[int, bytes]:
        found = self._packs.find(name)
        if found is not None:
            return found
        try:
            return self._find(_hex(name))
        except KeyError as error:
            raise HistoryUnknownError(commit, f"object {name.hex()[:12]} is missing") from error
        except RecursionError:  # of whoever walks down to this
            raise
        except Exception as error:  # dulwich raises whatever the damaged file makes it stumble over
            traceback.clear_frames(error.__traceback__)  # which hold parts of a pack, so that it cannot be closed
            raise BrokenInputError(
                f"cannot read object {name.hex()} in {self.directory.git_dir}: {str(error) or type(error).__name__}",
                "run `git fsck`, and clone again if it finds damage",
            ) from error


def read_head(directory: GitDirectory) -> CommitId | None:
    """HEAD as dulwich finds it, for refs that are not files."""
    with contextlib.closing(_open(directory)) as repository:
        try:
            with _reading_refs(directory):
                return CommitId(repository.refs[Ref(b"HEAD")].decode())
        except KeyError:
            return None


@contextlib.contextmanager
def _reading_refs(directory: GitDirectory) -> Iterator[None]:
    try:
        yield
    except FileFormatException as error:
        raise BrokenInputError(
            f"cannot read the refs in {directory.common_dir}: {str(error) or type(error).__name__}", "run `git fsck`"
        ) from error


def _open(directory: GitDirectory) -> Repo:
    directory.check_alternates()
    try:
        return Repo(
            controldir=directory.git_dir, commondir=directory.common_dir, worktree=os.fspath(directory.work_tree)
        )
    except (
        NotGitRepository,
        UnsupportedVersion,
        UnsupportedExtension,
        FileFormatException,
        ValueError,
        OSError,
    ) as error:
        raise CannotTellError(
            f"cannot open the git repository of {directory.work_tree}: {str(error) or type(error).__name__}",
            "check it with `git fsck`, or bring a chain file written by `gitlembic chain --write` elsewhere",
        ) from error


def _is_named_as_migration(path: str) -> bool:
    """Of a link Alembic looks at the name of what it leads to."""
    return is_migration_file(path.rpartition("/")[2])


def _split_ancestry(name: str) -> tuple[str, list[tuple[str, int]]]:
    """`HEAD~2^2` -> `HEAD` and the steps from there, as git reads them; dulwich reads none."""
    end = _ANCESTRY.search(name)
    suffix = end[0] if end else ""
    steps = [(sign, int(number or 1)) for sign, number in _ANCESTRY_STEP.findall(suffix)]
    return name[: len(name) - len(suffix)], steps


def _hex(name: bytes) -> ObjectID:
    return ObjectID(name.hex().encode())
