"""The directories of migrations on disk -> what is there, and the working tree as a commit.

The working tree is what Alembic will load, so it decides what exists. It takes part in the order
as the commit that would come next: HEAD is its first parent, and while a merge is in progress
`MERGE_HEAD` is the second.
"""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gitlembic.adapters.migration_files import list_files
from gitlembic.adapters.scan_cache import ScanCache
from gitlembic.core.history import WORKING_TREE, CommitId, FileId, History, HistoryUnknownError
from gitlembic.core.migration import Migration
from gitlembic.core.names import legacy_revision
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.core.history import Location
    from gitlembic.core.migration import Parsed
    from gitlembic.core.presence import Place


class CommittedHistory(History, Protocol):
    """What a repository tells beside its history."""

    @property
    def directory(self) -> GitDirectory: ...

    def peel(self, name: CommitId, /) -> CommitId: ...


class WorkingTreeHistory:
    """The working tree on top of a repository's history, or by itself where there is none.

    `root` is the directory that paths are relative to: the work tree's root, or without a
    repository the directory of the configuration. Files are read once, and so is HEAD: whoever
    commits meanwhile changes nothing of this answer.
    """

    def __init__(self, root: Path, repository: CommittedHistory | None = None, cache: ScanCache | None = None) -> None:
        self._root = root
        self._repository = repository
        self._cache = ScanCache() if cache is None else cache
        self._files: dict[Location, Mapping[str, FileId]] = {}
        self._parsed: dict[tuple[str, FileId], Parsed] = {}
        self._links_outside: dict[Location, tuple[str, ...]] = {}

    def on_top_of(self, repository: CommittedHistory) -> WorkingTreeHistory:
        """The same files, without reading them again, with a history below them."""
        other = WorkingTreeHistory(self._root, repository, self._cache)
        other._files, other._parsed, other._links_outside = self._files, self._parsed, self._links_outside
        return other

    @property
    def head(self) -> CommitId | None:
        """The commit that the working tree builds on; `None` before the first, and without a repository."""
        return self._parents[0] if self._parents else None

    @functools.cached_property
    def _parents(self) -> tuple[CommitId, ...]:
        if self._repository is None:
            return ()
        directory = self._repository.directory
        head = directory.read_head()
        # Merging an annotated tag leaves the id of the tag.
        return () if head is None else (head, *map(self._repository.peel, directory.read_merge_heads()))

    def links_outside(self, location: Location) -> tuple[str, ...]:
        """The migrations on disk that are links to somewhere outside `root`, where git does not look."""
        self.files(WORKING_TREE, location)
        return self._links_outside[location]

    def parents(self, commit: CommitId) -> tuple[CommitId, ...]:
        return self._parents if commit == WORKING_TREE else self._committed(commit).parents(commit)

    def skip_unchanged(
        self, commit: CommitId, place: Sequence[Location], is_wanted: Callable[[CommitId], bool]
    ) -> CommitId:
        return commit if commit == WORKING_TREE else self._committed(commit).skip_unchanged(commit, place, is_wanted)

    def fingerprint(self, commit: CommitId, location: Location) -> object:
        if commit != WORKING_TREE:
            return self._committed(commit).fingerprint(commit, location)
        return tuple(self.files(commit, location).items())

    def files(self, commit: CommitId, location: Location) -> Mapping[str, FileId]:
        if commit != WORKING_TREE:
            return self._committed(commit).files(commit, location)
        if location not in self._files:
            self._files[location] = dict(self._scan(location))
        return self._files[location]

    def python_files(self, commit: CommitId) -> Iterable[tuple[str, FileId]]:
        return self._committed(commit).python_files(commit)

    def parse(self, path: str, file: FileId) -> Parsed:
        parsed = self._parsed.get((path, file))
        return parsed if parsed is not None else self._committed(CommitId(file)).parse(path, file)

    def conclusion(self, place: Place) -> tuple[Any, Mapping[str, Migration]] | None:
        """What was concluded the last time from these very files, with what they declare; `None` if that is nothing."""
        found = self._cache.conclusion
        if found is None:
            return None
        for location in place:
            self.files(WORKING_TREE, location)
        if not self._cache.is_as_it_was:
            return None
        return found, {path: one for (path, _), one in self._parsed.items() if isinstance(one, Migration)}

    @property
    def conclusion_name(self) -> str:
        """What tells the conclusion of the last time from all others."""
        return self._cache.seal

    def conclude(self, document: object) -> None:
        """Take note of what follows from these files alone."""
        self._cache.conclude(document)

    def remember(self) -> None:
        """Keep what was read for another time."""
        self._cache.write()

    def _committed(self, commit: CommitId) -> CommittedHistory:
        if self._repository is None:
            raise HistoryUnknownError(commit, "there is no repository")
        return self._repository

    def _scan(self, location: Location) -> Iterator[tuple[str, FileId]]:
        outside: list[str] = []
        prefix = f"{location.path}/" if location.path else ""
        top = os.fspath(self._root / location.path)
        for file in list_files(top, recursive=location.recursive):
            if not file.is_migration:
                continue
            path = prefix + file.below
            if file.is_link:
                self._cache.pass_over()  # what it leads to may change
            if file.is_link and not Path(file.real_path).is_relative_to(os.path.realpath(self._root)):
                outside.append(path)
            yield path, self._read(path, file.path)
        self._links_outside[location] = tuple(outside)

    def _read(self, path: str, file: str) -> FileId:
        stat = _status(file)
        known = self._cache.find(path, stat)
        if known is not None and known.is_certain:
            self._parsed[path, known.file] = known.migration
            return known.file
        source = read_source(file)
        identity = _blob_id(source)
        is_same = known is not None and known.file == identity
        parsed = known.migration if known and is_same else _parse(source, os.path.basename(file))  # noqa: PTH119 -- a text, as in `_status`
        if isinstance(parsed, Migration):
            self._cache.keep(path, stat, identity, parsed)
        else:
            self._cache.pass_over()
        self._parsed[path, identity] = parsed
        return identity


def _parse(source: bytes, name: str) -> Parsed:
    from gitlembic.core.migration_source import parse_loaded  # mostly nothing has changed  # noqa: PLC0415

    return parse_loaded(source, legacy_revision(name))


def _blob_id(source: bytes) -> FileId:
    """The id that git gives to these contents: what is checked out unchanged need not be parsed twice."""
    return FileId(hashlib.sha1(b"blob %d\0%b" % (len(source), source), usedforsecurity=False).hexdigest())


def _status(path: str) -> os.stat_result:
    try:
        return os.stat(path)  # noqa: PTH116 -- a Path of each would take longer than to ask for its status
    except OSError as error:
        raise _unreadable(path, error) from error


def read_source(path: str | Path) -> bytes:
    """The contents of a migration file."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 -- a text, as in `_status`
            return file.read()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str | Path, error: OSError) -> BrokenInputError:
    return BrokenInputError(f"cannot read {path}: {error.strerror}", f"make {path} readable, or remove it")
