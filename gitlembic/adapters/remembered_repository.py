"""A git repository that is opened only for what is not remembered of it.

Importing dulwich takes longer than everything else of a run in which nothing has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.adapters.git_repository import GitRepository
    from gitlembic.adapters.order_cache import OrderCache
    from gitlembic.core.chain import Birth
    from gitlembic.core.fold import State
    from gitlembic.core.history import CommitId, FileId, Location
    from gitlembic.core.migration import Migration, Parsed
    from gitlembic.core.presence import Place, Presences


class RememberedRepository:
    """Answers as `GitRepository` does. Close it, or use it as a context manager."""

    def __init__(self, directory: GitDirectory, cache: OrderCache) -> None:
        self.directory = directory
        self._cache = cache
        self._opened: GitRepository | None = None
        self._declared: dict[tuple[str, FileId], Migration] = {}
        self._births: dict[CommitId, Birth] = {}

    def __enter__(self) -> RememberedRepository:  # noqa: PYI034 -- typing.Self is 3.11
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.__exit__()

    @property
    def _repository(self) -> GitRepository:
        if self._opened is None:
            from gitlembic.adapters.git_repository import GitRepository  # mostly all is remembered  # noqa: PLC0415

            self._opened = GitRepository(self.directory)
        return self._opened

    def known(self, commit: CommitId, place: Place) -> State | None:
        """The state that is remembered of some locations at a commit."""
        snapshot = self._cache.load(commit)
        return snapshot.state if snapshot is not None and set(place) <= set(snapshot.place) else None

    def remember(self, commit: CommitId, place: Place, state: State, presences: Presences) -> None:
        """Keep the state of a commit for another time.

        Not where a file is no migration with an id of its own, or a link: what such a file means
        does not follow from the location's tree alone.
        """
        trees = [self.fingerprint(commit, location) for location in place]
        presence = presences.at(commit, place)
        if presence.duplicates or presence.unparsable or presence.nameless:
            return
        if not all(tree is None or isinstance(tree, bytes) for tree in trees):
            return
        files = {path: file for location in place for path, file in self.files(commit, location).items()}
        commits = {born for folded in state.lines.values() for born in folded.born.values()}
        births = {born: self.birth(born) for born in sorted(commits)}
        hexadecimal = tuple(tree.hex() if isinstance(tree, bytes) else None for tree in trees)
        self._cache.save(Snapshot(commit, place, hexadecimal, files, state, births))

    def resolve(self, name: str) -> CommitId:
        return self._repository.resolve(name)

    def peel(self, name: CommitId) -> CommitId:
        return self._repository.peel(name)

    def refs(self) -> dict[str, CommitId]:
        return self._repository.refs()

    def remotes(self) -> tuple[str, ...]:
        return self._repository.remotes()

    def follow(self, ref: str) -> tuple[str, CommitId] | None:
        return self._repository.follow(ref)

    def merge_bases(self, commit: CommitId, others: Collection[CommitId]) -> tuple[CommitId, ...]:
        return self._repository.merge_bases(commit, others)

    def contents(self, file: FileId) -> bytes:
        return self._repository.contents(file)

    def holds(self, commit: CommitId, path: str) -> bool:
        return self._repository.holds(commit, path)

    def subject(self, commit: CommitId) -> str:
        return self._repository.subject(commit)

    def ignores(self, location: Location, files: Iterable[str]) -> bool:
        return self._repository.ignores(location, files)

    def dead_links(self, commit: CommitId, location: Location) -> tuple[str, ...]:
        snapshot = self._cache.load(commit)  # of a location without links only
        return () if snapshot and location in snapshot.place else self._repository.dead_links(commit, location)

    def parents(self, commit: CommitId) -> tuple[CommitId, ...]:
        return self._repository.parents(commit)

    def skip_unchanged(
        self, commit: CommitId, place: Sequence[Location], is_wanted: Callable[[CommitId], bool]
    ) -> CommitId:
        return self._repository.skip_unchanged(commit, place, is_wanted)

    def fingerprint(self, commit: CommitId, location: Location) -> Hashable:
        snapshot = self._cache.load(commit)
        if snapshot is None or location not in snapshot.place:
            return self._repository.fingerprint(commit, location)
        tree = snapshot.trees[snapshot.place.index(location)]
        return None if tree is None else bytes.fromhex(tree)

    def files(self, commit: CommitId, location: Location) -> Mapping[str, FileId]:
        snapshot = self._cache.load(commit)
        if snapshot is None or location not in snapshot.place:
            return self._repository.files(commit, location)
        for folded in snapshot.state.lines.values():
            for placed in folded.line.migrations.values():
                self._declared[placed.path, snapshot.files[placed.path]] = placed.migration
        self._births |= snapshot.births
        return {path: file for path, file in snapshot.files.items() if location.holds(path)}

    def python_files(self, commit: CommitId) -> Iterable[tuple[str, FileId]]:
        return self._repository.python_files(commit)

    def parse(self, path: str, file: FileId) -> Parsed:
        declared = self._declared.get((path, file))
        return declared if declared is not None else self._repository.parse(path, file)

    def birth(self, commit: CommitId) -> Birth:
        known = self._births.get(commit)
        return known if known is not None else self._repository.birth(commit)
