"""The trees of a repository -> the files, directories and links in them.

Trees are taken apart here, because a walk over tens of thousands of commits spends its time in
parsing what nobody asked for. Nothing here knows of history: who asks says which commit a tree
belongs to, for what is said when it cannot be read.
"""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from gitlembic.core.history import CommitId, FileId, Location
from gitlembic.core.names import is_migration_file
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
    from typing import Concatenate

    from gitlembic.adapters.git_objects import GitObjects

_TREE_MODE = b"40000"
_FILE_MODE = re.compile(rb"10[0-7]{4}")
"""Old programs have written down other permissions than git does, which does not look at them; and zeros in front."""

_LINK_MODE = b"120000"
_REMEMBERED_TREES = 64
_MAX_LINKS = 5  # links that lead to links
_MOST_REPEATS = 10_000
_MOST_REPEATS_OF_ONE = 100
"""How often the same trees may be found again on the average, once they were that often."""

_More = ParamSpec("_More")
_Answer = TypeVar("_Answer")

_Entry = tuple[bytes, bytes, bytes]
"""One line of a tree: mode, name, and the id of what stands there."""


def _refusing_depth(
    ask: Callable[Concatenate[GitTrees, CommitId, _More], _Answer],
) -> Callable[Concatenate[GitTrees, CommitId, _More], _Answer]:
    """Refuse directories that nest deeper than on any disk, or that stand in more places than can be counted.

    Ten trees, each of which holds the next one ten times, are ten thousand million directories.
    """

    def refusing(self: GitTrees, commit: CommitId, /, *args: _More.args, **kwargs: _More.kwargs) -> _Answer:
        self._repeats = 0
        self._visited.clear()
        try:
            return ask(self, commit, *args, **kwargs)
        except RecursionError as error:
            raise BrokenInputError(
                f"the directories in commit {commit[:12]} nest too deep to be read", "take them out of the repository"
            ) from error

    return refusing


class GitTrees:
    """What stands in the trees of one repository, of which `root` is a commit's; what was asked for is remembered."""

    def __init__(self, objects: GitObjects, root: Callable[[CommitId], bytes]) -> None:
        self._objects = objects
        self._root = root
        self._id_length = objects.id_length
        self._entry = re.compile(rb"0*([0-7]+) ([^\0]+)\0(.{%d})" % self._id_length, re.DOTALL)
        self._listings: dict[tuple[str, bool], tuple[frozenset[_Entry], dict[str, FileId]]] = {}
        self._subtrees: dict[tuple[bytes, str], bytes | None] = {}
        self._latest_directories: dict[bytes, Mapping[bytes, bytes]] = {}
        self._links: dict[tuple[bytes, bool], tuple[tuple[str, bytes], ...]] = {}
        self._visited: set[bytes] = set()
        self._repeats = 0

    def _visit(self, commit: CommitId, tree: bytes) -> None:
        if tree in self._visited:
            self._repeat(commit, 1, len(self._visited))
        self._visited.add(tree)

    def _repeat(self, commit: CommitId, times: int, different: int) -> None:
        self._repeats += times
        if self._repeats > _MOST_REPEATS and self._repeats > _MOST_REPEATS_OF_ONE * different:
            raise BrokenInputError(
                f"the directories in commit {commit[:12]} hold the same ones too often to be read",
                "take them out of the repository",
            )

    def _entries(self, commit: CommitId, tree: bytes) -> list[_Entry]:
        return self._entry.findall(self._objects.contents(commit, tree))

    @_refusing_depth
    def fingerprint(self, commit: CommitId, location: Location) -> Hashable:
        tree = self._subtree(commit, self._root(commit), location.path)
        linked = self._linked_files(commit, tree, location) if tree else {}
        return (tree, tuple(linked.values())) if linked else tree

    @_refusing_depth
    def files(self, commit: CommitId, location: Location) -> Mapping[str, FileId]:
        tree = self._subtree(commit, self._root(commit), location.path)
        if tree is None:
            return {}
        files = self._files_below(commit, tree, location.path, recursive=location.recursive)
        linked = self._linked_files(commit, tree, location)
        return {**files, **linked} if linked else files

    @_refusing_depth
    def python_files(self, commit: CommitId) -> Iterable[tuple[str, FileId]]:
        tree = self._root(commit)
        files = self._files_below(commit, tree, "", recursive=True)
        return {**files, **self._linked_files(commit, tree, Location("", recursive=True))}.items()

    @_refusing_depth
    def added_files(self, commit: CommitId, before: Sequence[CommitId]) -> tuple[str, ...]:
        """The Python files of a commit that another, if there is one, has no file for; by path."""
        old = self._root(before[0]) if before else None
        return tuple(sorted(self._added(commit, old, self._root(commit), ""), key=os.fsencode))

    def _added(self, commit: CommitId, before: bytes | None, after: bytes, prefix: str) -> Iterator[str]:
        self._visit(commit, after)
        old = self._entries(commit, before) if before else []
        modes = {name: (mode, identity) for mode, name, identity in old}
        for mode, name, identity in self._entries(commit, after):
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
        tree = self._subtree(commit, self._root(commit), location.path)
        links = self._links_below(commit, tree, recursive=location.recursive) if tree else ()
        paths = [(f"{location.path}/{below}" if location.path else below, link) for below, link in links]
        ends = [(path, *self._follow(commit, path, link)) for path, link in paths]
        return tuple(path for path, target, file in ends if file is None and _is_named_as_migration(target))

    def holds(self, commit: CommitId, path: str) -> bool:
        """Whether a commit has anything at a path, relative to the root."""
        directory, _, name = path.rpartition("/")
        tree = self._subtree(commit, self._root(commit), directory)
        entries = self._entries(commit, tree) if tree else ()
        return any(named == os.fsencode(name) for _, named, _ in entries)

    def is_same(
        self, commit: CommitId, tree: bytes, patterns: Sequence[re.Pattern[bytes]], ids: list[bytes | None]
    ) -> bool:
        """Whether a directory is what `ids` say of it and those above it; they then say so of this tree."""
        for level, pattern in enumerate(patterns):
            found = pattern.match(self._objects.contents(commit, tree))
            if found is None:
                return False
            if found[1] == ids[level]:
                return True
            ids[level] = tree = found[1]
        return False

    def directory_named(self, name: str) -> re.Pattern[bytes]:
        """Finds the id of a directory in a tree, looking at one entry after the other."""
        sought = re.escape(os.fsencode(name))
        return re.compile(
            rb"(?:[0-7]+ [^\0]+\0.{%d})*?0*%b %b\0(.{%d})" % (self._id_length, _TREE_MODE, sought, self._id_length),
            re.DOTALL,
        )

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
            known = {name: found for mode, name, found in self._entries(commit, tree) if mode == _TREE_MODE}
            while len(self._latest_directories) >= _REMEMBERED_TREES:
                del self._latest_directories[next(iter(self._latest_directories))]
            self._latest_directories[tree] = known
        return known

    def _files_below(self, commit: CommitId, tree: bytes, prefix: str, *, recursive: bool) -> Mapping[str, FileId]:
        """The files named as migrations in a directory, made from the listing before by the difference.

        The directory of a walk's next commit is nearly the same, and may have thousands of entries.
        """
        listing = frozenset(self._entries(commit, tree))
        before, files = self._listings.get((prefix, recursive), (frozenset(), {}))
        if listing != before:
            self._visit(commit, tree)
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
        if _FILE_MODE.fullmatch(mode) and is_migration_file(name):
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
            raw = self._objects.contents(commit, tree)
            found: list[tuple[str, bytes]] = []
            for mode, raw_name, identity in self._entry.findall(raw) if recursive or _LINK_MODE in raw else ():
                name = os.fsdecode(raw_name)
                if mode == _LINK_MODE:
                    found.append((name, identity))
                elif mode == _TREE_MODE and recursive:
                    is_known = (identity, True) in self._links
                    below = self._links_below(commit, identity, recursive=True)
                    self._repeat(commit, len(below) if is_known else 0, len(self._links))
                    found += [(f"{name}/{path}", link) for path, link in below]
            self._links[key] = tuple(found)
        return self._links[key]

    def _follow(self, commit: CommitId, path: str, link: bytes) -> tuple[str, bytes | None]:
        """The path that a link at `path` leads to in the end, and the file there; `None` for a dead end."""
        for _ in range(_MAX_LINKS):
            target = os.fsdecode(self._objects.contents(commit, link))
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            directory, _, name = path.rpartition("/")
            tree = self._subtree(commit, self._root(commit), directory)
            entries = self._entries(commit, tree) if tree else ()
            mode, link = next(
                ((mode, identity) for mode, named, identity in entries if named == os.fsencode(name)), (b"", b"")
            )
            if mode != _LINK_MODE:
                return path, link if _FILE_MODE.fullmatch(mode) else None
        return path, None


def _is_named_as_migration(path: str) -> bool:
    """Of a link Alembic looks at the name of what it leads to."""
    return is_migration_file(path.rpartition("/")[2])
