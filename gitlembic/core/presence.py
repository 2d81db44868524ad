"""Which migrations are present at a commit, and where their locations were at its parents.

This is where identity is decided (ORDER.md 1 and 3): by revision id, with the id that a path had
before while its contents cannot be parsed, and with locations followed through moves.
"""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.history import Location
from gitlembic.core.migration import Migration, PlacedMigration, RevisionId, Unparsable

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from gitlembic.core.history import CommitId, FileId, History

Place = tuple[Location, ...]
"""The locations that are folded as one set, as they are called at one commit."""


class Presence(NamedTuple):
    """What stands in some locations at a commit.

    Of several files with the same revision id the first path counts in `migrations`; the others
    are in `duplicates`. `unparsable` are the files that Python cannot read, by path, whether or
    not an older version of them is known; `nameless` the paths of those that assign no revision.
    """

    migrations: Mapping[RevisionId, PlacedMigration] = MappingProxyType({})
    duplicates: tuple[PlacedMigration, ...] = ()
    unparsable: Mapping[str, Unparsable] = MappingProxyType({})
    nameless: tuple[str, ...] = ()


NOTHING = Presence()


class Change(NamedTuple):
    """What one commit did to the migrations of a place, against its first parent.

    `changed` are those that stayed but whose file is another or elsewhere.
    """

    newcomers: Mapping[RevisionId, PlacedMigration]
    changed: Mapping[RevisionId, PlacedMigration]
    removed: frozenset[RevisionId]


def compare(before: Presence, here: Presence) -> Change:
    """What changed from one presence to the next."""
    older, newer = before.migrations, here.migrations
    different = {
        revision: placed
        for revision, placed in newer.items()
        if (known := older.get(revision)) is not placed and known != placed
    }
    return Change(
        newcomers={revision: placed for revision, placed in different.items() if revision not in older},
        changed={revision: placed for revision, placed in different.items() if revision in older},
        removed=frozenset(older.keys() - newer.keys()),
    )


_REMEMBERED = 64


class Presences:
    """Answers what is present where, remembering the latest answers by the contents they came from.

    History is walked from commit to neighbouring commit, so a new answer is made from the last one
    by what differs between the two: reading thousands of unchanged files anew at each of thousands
    of commits would take minutes.
    """

    def __init__(self, history: History) -> None:
        self.history = history
        self._by_contents: dict[Hashable, Presence] = {}
        self._latest: dict[Place, tuple[Mapping[str, FileId], Presence]] = {}
        self._older: dict[tuple[CommitId, str, Place], Migration | None] = {}

    def fingerprint(self, commit: CommitId, place: Place) -> Hashable:
        """Equal for two commits only if the same files stand there."""
        return tuple(self.history.fingerprint(commit, location) for location in place)

    def at(self, commit: CommitId, place: Place) -> Presence:
        """What stands in `place` at `commit`."""
        key = (place, self.fingerprint(commit, place))
        known = self._by_contents.get(key)
        if known is not None:
            return known
        files: Mapping[str, FileId] = self.history.files(commit, place[0]) if place else {}
        for location in place[1:]:
            files = {**files, **self.history.files(commit, location)}
        presence = self._from_latest(files, place) or self._read(commit, place, files)
        if not presence.unparsable:  # the others depend on what came before the commit
            while len(self._by_contents) >= _REMEMBERED:
                del self._by_contents[next(iter(self._by_contents))]
            self._by_contents[key] = presence
            self._latest[place] = files, presence
        return presence

    def _from_latest(self, files: Mapping[str, FileId], place: Place) -> Presence | None:
        """The presence of `files` by what differs from the latest; `None` if that is not simple."""
        if place not in self._latest:
            return None
        old_files, old = self._latest[place]
        if old.duplicates or old.nameless:
            return None
        gone = dict(old_files.items() - files.items())
        migrations = dict(old.migrations)
        for path, file in gone.items():
            parsed = self.history.parse(path, file)
            if isinstance(parsed, Migration):
                del migrations[parsed.revision]
        for path, file in files.items() - old_files.items():
            parsed = self.history.parse(path, file)
            if not isinstance(parsed, Migration) or parsed.revision in migrations:
                return None
            migrations[parsed.revision] = PlacedMigration(path, parsed)
        return Presence(migrations)

    def place_at_parent(self, parent: CommitId, commit: CommitId, place: Place) -> Place:
        """Where the locations of `commit` were at one of its parents (ORDER.md 3)."""
        return tuple(dict.fromkeys(self.location_at_parent(parent, commit, location) for location in place))

    def location_at_parent(self, parent: CommitId, commit: CommitId, location: Location) -> Location:
        """Where one location of `commit` was at one of its parents."""
        fingerprint = self.history.fingerprint(parent, location)
        if fingerprint is not None and fingerprint == self.history.fingerprint(commit, location):
            return location
        if self.at(parent, (location,)).migrations:
            return location
        here = self.at(commit, (location,)).migrations
        moved = self._find_moved(parent, location, here) if here else None
        return location if moved is None else Location(moved, recursive=location.recursive)

    def _find_moved(
        self, commit: CommitId, location: Location, wanted: Mapping[RevisionId, PlacedMigration]
    ) -> str | None:
        """The directory that holds most of the `wanted` ids; ties by name."""
        by_relative_path: Counter[str] = Counter()
        by_directory: Counter[str] = Counter()
        for path, file in self.history.python_files(commit):
            parsed = self.history.parse(path, file)
            placed = wanted.get(parsed.revision) if isinstance(parsed, Migration) else None
            if placed is None:
                continue
            by_directory[path.rpartition("/")[0]] += 1
            tail = location.relative(placed.path)
            if path == tail or path.endswith("/" + tail):
                by_relative_path[path[: -len(tail)].rstrip("/")] += 1
        candidates = by_relative_path or by_directory
        if not candidates:
            return None
        return min(candidates, key=lambda directory: (-candidates[directory], directory))

    def _read(self, commit: CommitId, place: Place, files: Mapping[str, FileId]) -> Presence:
        migrations: dict[RevisionId, PlacedMigration] = {}
        duplicates: list[PlacedMigration] = []
        unparsable: dict[str, Unparsable] = {}
        nameless: list[str] = []
        for path in sorted(files):
            parsed = self.history.parse(path, files[path])
            if isinstance(parsed, Unparsable):
                unparsable[path] = parsed
                parsed = parsed.declares or self._before(commit, path, place) or parsed
            if isinstance(parsed, Migration):
                placed = PlacedMigration(path, parsed)
                if migrations.setdefault(parsed.revision, placed) is not placed:
                    duplicates.append(placed)
            elif not isinstance(parsed, Unparsable):
                nameless.append(path)
        return Presence(migrations, tuple(duplicates), unparsable, tuple(nameless))

    def _before(self, commit: CommitId, path: str, place: Place) -> Migration | None:
        """What the nearest older version of `path` that can be parsed declares.

        "Older" follows the first parent, and the next one where the first does not have the path.
        """
        asked: list[tuple[CommitId, str, Place]] = []
        answer: Migration | None = None
        current: CommitId | None = commit
        while current is not None:
            key = current, path, place
            if key in self._older:
                answer = self._older[key]
                break
            asked.append(key)
            current, answer = self._one_older(current, path, place)
        self._older.update(dict.fromkeys(asked, answer))
        return answer

    def _one_older(self, commit: CommitId, path: str, place: Place) -> tuple[CommitId | None, Migration | None]:
        """What the version of `path` at a parent declares; or that parent, if it cannot be parsed either."""
        for parent in self.history.parents(commit):
            for location in place:
                file = self.history.files(parent, location).get(path)
                if file is not None:
                    parsed = self.history.parse(path, file)
                    if isinstance(parsed, Unparsable):
                        return (None, parsed.declares) if parsed.declares else (parent, None)
                    return None, parsed if isinstance(parsed, Migration) else None
        return None, None
