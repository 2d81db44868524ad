"""ORDER.md 1 to 4 taken at its word: slow, recursive and obvious, to hold gitlembic's answers against.

It works forwards over the whole graph of commits, looks everything up anew, and shares with the
package only its plain values and the look-ups of `History`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from gitlembic.core.history import Location
from gitlembic.core.migration import Migration, PlacedMigration, Unparsable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitlembic.core.history import CommitId, FileId, History
    from gitlembic.core.migration import RevisionId

Migrations = dict["RevisionId", PlacedMigration]


@dataclass(frozen=True)
class State:
    """The line at one commit: declarations as they are there, the spine, and everyone by arrival."""

    migrations: Migrations
    spine: tuple[RevisionId, ...]
    arrival: tuple[RevisionId, ...]

    @property
    def end(self) -> RevisionId | None:
        return self.spine[-1] if self.spine else None

    def line(self) -> list[RevisionId]:
        return line_of(self.spine, self.migrations)

    def chain(self) -> list[tuple[RevisionId, tuple[RevisionId, ...]]]:
        """Everyone with their parents: the line, then who stands beside it by arrival."""
        line = self.line()
        return [(name, self.parents(name)) for name in [*line, *(name for name in self.arrival if name not in line)]]

    def parents(self, name: RevisionId) -> tuple[RevisionId, ...]:
        if is_static(name, self.migrations):
            return self.migrations[name].migration.parents
        place = self.spine.index(name)
        return self.spine[place - 1 : place] if place else ()


EMPTY = State({}, (), ())


class Reference:
    """Orders and lines of a history, each computed from those of the commit's parents."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._orders: dict[tuple[CommitId, Location], list[RevisionId]] = {}
        self._states: dict[tuple[CommitId, Location], State] = {}

    def present(self, commit: CommitId, location: Location) -> Migrations:
        """Of several files with one id the first path counts."""
        found: Migrations = {}
        for path, file in sorted(self._history.files(commit, location).items()):
            migration = self._declared(commit, location, path, file)
            if migration is not None and migration.revision not in found:
                found[migration.revision] = PlacedMigration(path, migration)
        return found

    def _declared(self, commit: CommitId, location: Location, path: str, file: FileId) -> Migration | None:
        """What cannot be parsed keeps what the path declared before: at the first parent that has it."""
        parsed = self._history.parse(path, file)
        if isinstance(parsed, Unparsable):
            for parent in self._history.parents(commit):
                older = self._history.files(parent, location)
                if path in older:
                    return self._declared(parent, location, path, older[path])
        return parsed if isinstance(parsed, Migration) else None

    def location_before(self, parent: CommitId, commit: CommitId, location: Location) -> Location:
        """ORDER.md 3."""
        here = self.present(commit, location)
        if self.present(parent, location) or not here:
            return location
        same_place: dict[str, set[RevisionId]] = defaultdict(set)
        anywhere: dict[str, set[RevisionId]] = defaultdict(set)
        for path, file in self._history.python_files(parent):
            parsed = self._history.parse(path, file)
            if isinstance(parsed, Migration) and parsed.revision in here:
                tail = location.relative(here[parsed.revision].path)
                anywhere[path.rpartition("/")[0]].add(parsed.revision)
                if f"/{path}".endswith(f"/{tail}"):
                    same_place[path[: len(path) - len(tail)].rstrip("/")].add(parsed.revision)
        held = same_place or anywhere
        if not held:
            return location
        return Location(min(held, key=lambda directory: (-len(held[directory]), directory)), location.recursive)

    def order(self, commit: CommitId, location: Location) -> list[RevisionId]:
        """ORDER.md 1."""
        if (commit, location) not in self._orders:
            here = self.present(commit, location)
            parents = self._history.parents(commit)
            kept: list[RevisionId] = []
            if parents:
                before = self.order(parents[0], self.location_before(parents[0], commit, location))
                kept = [name for name in before if name in here]
            self._orders[commit, location] = kept + self._arrange(commit, location, kept)
        return self._orders[commit, location]

    def _arrange(self, commit: CommitId, location: Location, kept: list[RevisionId]) -> list[RevisionId]:
        here = self.present(commit, location)
        new = [name for name in here if name not in kept]
        arranged: list[RevisionId] = []
        for parent in self._history.parents(commit)[1:]:
            there = self.order(parent, self.location_before(parent, commit, location))
            arranged += [name for name in there if name in new and name not in arranged]
        return arranged + arrange_births({name: here[name] for name in new if name not in arranged})

    def state(self, commit: CommitId, location: Location) -> State:
        """ORDER.md 4, as a left fold along the first parents."""
        if (commit, location) not in self._states:
            here = self.present(commit, location)
            before = EMPTY
            for parent in self._history.parents(commit)[:1]:
                before = self.state(parent, self.location_before(parent, commit, location))
            kept = [name for name in self.order(commit, location) if name in before.migrations]
            newcomers = self._arrange(commit, location, kept)
            self._states[commit, location] = restart(here) or step(before, here, newcomers)
        return self._states[commit, location]


def arrange_births(newcomers: Migrations) -> list[RevisionId]:
    """ORDER.md 2: parents first, by (Create Date, path), no date last."""

    def rank(name: RevisionId) -> tuple[bool, datetime, str]:
        date = newcomers[name].migration.create_date
        return date is None, date or datetime.min.replace(tzinfo=timezone.utc), newcomers[name].path

    taken: list[RevisionId] = []
    while len(taken) < len(newcomers):
        left = [name for name in newcomers if name not in taken]
        free = [
            name
            for name in left
            if all(parent == name or parent not in left for parent in newcomers[name].migration.named_parents)
        ]
        taken.append(min(free or left, key=rank))
    return taken


def is_static(name: RevisionId, migrations: Migrations) -> bool:
    return not migrations[name].migration.is_dynamic


def declared(name: RevisionId, migrations: Migrations) -> list[RevisionId]:
    """Its literal parents, as far as they are present; a dynamic one has none."""
    return [parent for parent in migrations[name].migration.parents if parent in migrations]


def declared_ancestors(name: RevisionId, migrations: Migrations) -> set[RevisionId]:
    """Without the migration itself, unless it is on a cycle."""
    found: set[RevisionId] = set()
    waiting = declared(name, migrations)
    while waiting:
        parent = waiting.pop()
        if parent not in found:
            found.add(parent)
            waiting += declared(parent, migrations)
    return found


def on_or_after_cycle(name: RevisionId, migrations: Migrations) -> bool:
    return any(
        other in declared_ancestors(other, migrations) for other in {name, *declared_ancestors(name, migrations)}
    )


def line_of(spine: Iterable[RevisionId], migrations: Migrations) -> list[RevisionId]:
    """The spine, each member directly after the static ancestors beside the spine that it needs."""
    spine = tuple(spine)
    line: list[RevisionId] = []
    seen = set(spine)

    def emit(name: RevisionId) -> None:
        for parent in declared(name, migrations):
            if parent not in seen and is_static(parent, migrations):
                seen.add(parent)
                emit(parent)
        line.append(name)

    for name in spine:
        emit(name)
    return line


def restart(migrations: Migrations) -> State | None:
    """The line where declarations say it all: nothing dynamic, no cycle, one head or nobody."""
    if any(not is_static(name, migrations) or on_or_after_cycle(name, migrations) for name in migrations):
        return None
    arrival = arrange_births(migrations)
    heads = [name for name in arrival if all(name not in declared(other, migrations) for other in migrations)]
    if len(heads) > 1:
        return None
    return State(migrations, tuple(arrival), tuple(arrival))


def step(before: State, migrations: Migrations, newcomers: list[RevisionId]) -> State:
    """One commit along the first-parent line."""
    fold = _Step(before, migrations, newcomers)
    fold.look_at(fold.first_candidates())
    fold.settle()
    return State(migrations, tuple(fold.spine), tuple(fold.arrival))


class _Step:
    def __init__(self, before: State, migrations: Migrations, newcomers: list[RevisionId]) -> None:
        self.before = before
        self.migrations = migrations
        self.newcomers = newcomers
        self.arrival = [name for name in before.arrival if name in migrations] + newcomers
        self.spine = [
            name
            for name in before.line()
            if name in migrations and (name in before.spine or not is_static(name, migrations))
        ]
        self.waiting: list[RevisionId] = []

    @property
    def line(self) -> list[RevisionId]:
        return line_of(self.spine, self.migrations)

    def beside(self) -> list[RevisionId]:
        return [name for name in self.arrival if name not in self.line]

    def first_candidates(self) -> list[RevisionId]:
        """Newcomers; who is or was beside the line and has changed; who declares the end that is left."""
        end_deleted = self.before.end is not None and self.before.end not in self.migrations
        on_line = set(self.line) & set(self.before.line())
        return [
            name
            for name in self.arrival
            if name in self.newcomers
            or (name not in on_line and self.changed(name))
            or (end_deleted and self.declares_end(name))
        ]

    def changed(self, name: RevisionId) -> bool:
        now, then = self.migrations[name].migration, self.before.migrations[name].migration
        return (now.kind, now.parents) != (then.kind, then.parents)

    def declares_end(self, name: RevisionId) -> bool:
        parents = self.migrations[name].migration.parents
        if not is_static(name, self.migrations):
            return False
        return self.spine[-1] in parents if self.spine else not parents

    def look_at(self, names: list[RevisionId]) -> None:
        self.waiting = [name for name in self.arrival if name in names]
        while self.waiting:
            self.look(self.waiting.pop(0))

    def look(self, name: RevisionId) -> None:
        if name in self.spine:
            return
        if is_static(name, self.migrations):
            if not self.declares_end(name) or on_or_after_cycle(name, self.migrations):
                return
            needed = self.ancestors_beside(name)
            for other in self.arrival:
                if other in needed and not is_static(other, self.migrations) and other not in self.spine:
                    self.spine.append(other)
        self.spine.append(name)
        for follower in self.arrival:
            if (
                is_static(follower, self.migrations)
                and name in declared(follower, self.migrations)
                and follower not in self.waiting
            ):
                self.look(follower)

    def ancestors_beside(self, name: RevisionId) -> set[RevisionId]:
        """Whom it declares, directly or through others that are not on the spine."""
        found: set[RevisionId] = set()
        waiting = declared(name, self.migrations)
        while waiting:
            parent = waiting.pop()
            if parent not in found and parent not in self.spine:
                found.add(parent)
                waiting += declared(parent, self.migrations)
        return found

    def settle(self) -> None:
        """Whoever declares somebody later on the spine leaves, until nobody does."""
        for _ in range(100):
            misplaced = {name for name in self.spine if self.declares_later(name)}
            if not misplaced:
                return
            line = self.line
            self.spine = [
                name
                for name in self.spine
                if name not in misplaced and not misplaced & declared_ancestors(name, self.migrations)
            ]
            self.look_at(
                [name for name in self.beside() if name in line or self.declares_end(name)],
            )
        raise AssertionError("the line never comes to rest")

    def declares_later(self, name: RevisionId) -> bool:
        later = self.spine[self.spine.index(name) + 1 :]
        seen: set[RevisionId] = set()
        reached = declared(name, self.migrations)
        while reached:
            parent = reached.pop()
            if parent in later:
                return True
            if parent not in seen and parent not in self.spine:
                seen.add(parent)
                reached += declared(parent, self.migrations)
        return False
