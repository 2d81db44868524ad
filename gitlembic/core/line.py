r"""Order and declarations -> the line (ORDER.md 4): who follows whom, commit by commit.

A `Line` is folded over the first-parent line of history with `advance`. Its `spine` are the
migrations that were the end at some time, oldest first: every dynamic one, and every static one
that declared the end when it arrived. The computed parent of a dynamic migration is always the
one before it on the spine, so it changes only when that one leaves. The static migrations that a
merge brought along are on the line as well, just before the merge, because somebody on the spine
declares them; whoever is not reached from the spine stands beside the line.

    spine  a <- b <- d <- M          M merges d and y, so x and y are on the line: a b d x y M
                \        /           s declares b, which was the end no more: a side head
                 s   x <- y
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gitlembic.core.ordering import arrange_births

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from gitlembic.core.migration import Migration, PlacedMigration, RevisionId
    from gitlembic.core.presence import Change

    Migrations = Mapping[RevisionId, PlacedMigration]


_Name = TypeVar("_Name", bound=str)


class Line(NamedTuple):
    """How the migrations of one chain stand at one commit.

    `arrival` has all of them, in the order in which they arrived (those that were there when the
    line started: parents first); `spine` those that followed one another.
    """

    migrations: Migrations
    arrival: tuple[RevisionId, ...] = ()
    spine: tuple[RevisionId, ...] = ()

    @property
    def end(self) -> RevisionId | None:
        """Whom the next dynamic migration will follow."""
        return self.spine[-1] if self.spine else None

    def members(self) -> tuple[RevisionId, ...]:
        """Everybody on the line, oldest first, declared ancestors before whoever needs them."""
        seen = set(self.spine)
        line: list[RevisionId] = []
        for revision in self.spine:
            line += _ancestors_first(revision, self.migrations, seen)
        return tuple(line)

    def parents(self) -> dict[RevisionId, tuple[RevisionId, ...]]:
        """The parents of every migration: computed for dynamic ones, declared for the others."""
        before = dict(zip(self.spine[1:], self.spine, strict=False))
        return {
            revision: ((before[revision],) if revision in before else ())
            if placed.migration.is_dynamic
            else placed.migration.parents
            for revision, placed in self.migrations.items()
        }

    def side_heads(self) -> tuple[RevisionId, ...]:
        """The oldest of those who stand beside the line, in order of arrival."""
        line = set(self.members())
        beside = {revision for revision in self.arrival if revision not in line}
        return tuple(
            revision
            for revision in self.arrival
            if revision in beside and beside.isdisjoint(self.migrations[revision].migration.parents)
        )


def start_line(migrations: Migrations) -> Line | None:
    """The line where declarations alone say it all: nothing dynamic, and one head.

    `None` where they do not. Such a commit makes everything older irrelevant, so the walk through
    history ends there.
    """
    if any(
        placed.migration.is_dynamic or "down_revision" in placed.migration.unreadable for placed in migrations.values()
    ):
        return None
    return _declared_line(migrations)


def settled_line(migrations: Migrations) -> Line | None:
    """The line of migrations that can stand in one way only, whatever came before (ORDER.md 5).

    That is so where `start_line` has an answer, and for one dynamic migration that all others
    descend from. A dynamic one beside older static ones is not enough: they may have come later.
    Which of the others were the end one after the other is not known then, so the answer holds
    only as long as they stay as they are.
    """
    dynamic = [revision for revision, placed in migrations.items() if placed.migration.is_dynamic]
    if not dynamic:
        return start_line(migrations)
    bases = [
        revision
        for revision, placed in migrations.items()
        if not placed.migration.parents or any(parent not in migrations for parent in placed.migration.parents)
    ]
    return _declared_line(migrations, base=dynamic) if len(dynamic) == 1 and bases == dynamic else None


def _declared_line(migrations: Migrations, base: Collection[RevisionId] = ()) -> Line | None:
    """The line of which declarations say all but that a dynamic `base` is first, whatever it was written against."""
    if _on_or_after_cycles(migrations):
        return None
    later = {revision: placed for revision, placed in migrations.items() if revision not in base}
    arrival = (*base, *arrange_births(later))
    declared = {parent for placed in migrations.values() for parent in placed.migration.parents}
    heads = [revision for revision in arrival if revision not in declared]
    return Line(migrations, arrival, arrival) if len(heads) == (1 if migrations else 0) else None


def advance(line: Line, migrations: Migrations, newcomers: Iterable[RevisionId]) -> Line:
    """The line one commit later, where `migrations` are present and `newcomers` are new, in order."""
    return start_line(migrations) or _Fold(line, migrations, tuple(newcomers)).result()


class LineFold:
    """A line that is carried forwards through many commits.

    The same as `advance` again and again, without looking at everybody when a commit only appends
    dynamic migrations, as most do.
    """

    def __init__(self, line: Line) -> None:
        self._take(line)

    def _take(self, line: Line) -> None:
        self._migrations = dict(line.migrations)
        self._arrival = list(line.arrival)
        self._spine = list(line.spine)
        self._is_dynamic = any(placed.migration.is_dynamic for placed in line.migrations.values())
        self._declared = {parent for placed in line.migrations.values() for parent in placed.migration.parents}

    @property
    def is_dynamic(self) -> bool:
        """Whether any migration is."""
        return self._is_dynamic

    def line(self) -> Line:
        """The line as it stands now."""
        return Line(self._migrations, tuple(self._arrival), tuple(self._spine))

    def advance(self, change: Change, newcomers: Sequence[RevisionId]) -> None:
        """Take one commit: what it changed, with its newcomers in order."""
        if self._only_appends(change):
            self._migrations |= change.changed
            self._migrations |= change.newcomers
            self._arrival += newcomers
            self._spine += newcomers
            self._is_dynamic = True
            return
        stayed = {revision: placed for revision, placed in self._migrations.items() if revision not in change.removed}
        self._take(advance(self.line(), {**stayed, **change.changed, **change.newcomers}, newcomers))

    def _only_appends(self, change: Change) -> bool:
        return (
            not change.removed
            and (self._is_dynamic or bool(change.newcomers))
            and all(placed.migration.is_dynamic for placed in change.newcomers.values())
            and all(
                placed.migration.declaration == self._migrations[revision].migration.declaration
                for revision, placed in change.changed.items()
            )
            and self._declared.isdisjoint(change.newcomers)
        )


class _Fold:
    """One commit's worth of changes to a line."""

    def __init__(self, before: Line, migrations: Migrations, newcomers: tuple[RevisionId, ...]) -> None:
        self._migrations = migrations
        self._arrival = (*(revision for revision in before.arrival if revision in migrations), *newcomers)
        members = dict.fromkeys(before.members())
        was_spine = frozenset(before.spine)
        # Whoever is on the line keeps the place, also a static one that has become dynamic.
        self._spine = [
            revision
            for revision in members
            if revision in migrations and (revision in was_spine or self._of(revision).is_dynamic)
        ]
        self._on_spine = set(self._spine)
        self._newcomers = newcomers
        stay = members.keys() & set(self._line().members())
        self._changed_beside = [
            revision
            for revision in before.arrival
            if revision in migrations
            and self._of(revision).declaration != before.migrations[revision].migration.declaration
            and revision not in stay
        ]
        self._end_left = before.end is not None and before.end not in migrations
        self._pending: set[RevisionId] = set()  # to be looked at in their turn, not earlier
        self._children: dict[RevisionId, list[RevisionId]] = {}
        for revision in self._arrival:
            for parent in self._of(revision).parents:
                self._children.setdefault(parent, []).append(revision)
        self._endless = _on_or_after_cycles(migrations)

    def result(self) -> Line:
        followers = self._followers_of_end() if self._end_left else ()
        self._look_at({*self._newcomers, *self._changed_beside, *followers})
        while leaving := self._misplaced():
            line = set(self._line().members())
            self._spine = [revision for revision in self._spine if revision not in leaving]
            self._on_spine = set(self._spine)
            left = line - set(self._line().members())
            self._look_at({*left, *self._followers_of_end()})
        return self._line()

    def _line(self) -> Line:
        return Line(self._migrations, self._arrival, tuple(self._spine))

    def _of(self, revision: RevisionId) -> Migration:
        return self._migrations[revision].migration

    def _followers_of_end(self) -> list[RevisionId]:
        """Who declares the end, when it became that because a later one left: it can join now."""
        if self._spine:
            return self._children.get(self._spine[-1], [])
        return [revision for revision in self._arrival if self._declares_end(revision)]

    def _look_at(self, revisions: Collection[RevisionId]) -> None:
        ordered = [revision for revision in self._arrival if revision in revisions]
        self._pending = set(ordered)
        for revision in ordered:
            self._pending.discard(revision)
            self._look(revision)

    def _look(self, revision: RevisionId) -> None:
        """Let one migration join if it may, and then those that waited for it."""
        waiting = [revision]
        while waiting:
            candidate = waiting.pop()
            if candidate in self._on_spine or not (self._of(candidate).is_dynamic or self._declares_end(candidate)):
                continue
            self._join_dynamic_ancestors(candidate)
            self._append(candidate)
            children = [child for child in self._children.get(candidate, ()) if child not in self._pending]
            waiting += reversed(children)

    def _declares_end(self, revision: RevisionId) -> bool:
        migration = self._of(revision)
        if migration.is_dynamic or revision in self._endless or "down_revision" in migration.unreadable:
            return False
        return self._spine[-1] in migration.parents if self._spine else not migration.parents

    def _join_dynamic_ancestors(self, revision: RevisionId) -> None:
        """A static one that joins brings its ancestors; dynamic newcomers among them go first."""
        ancestors = set(_ancestors_first(revision, self._migrations, set(self._spine))) - {revision}
        for ancestor in self._arrival if ancestors else ():
            if ancestor in ancestors and self._of(ancestor).is_dynamic:
                self._append(ancestor)

    def _append(self, revision: RevisionId) -> None:
        self._spine.append(revision)
        self._on_spine.add(revision)

    def _misplaced(self) -> set[RevisionId]:
        """Static ones on the spine that declare somebody who stands later, and who hangs on them."""
        position = {revision: number for number, revision in enumerate(self._spine)}
        declared = {revision: self._declared_on_spine(revision) for revision in self._spine}
        leaving = {
            revision
            for revision, reached in declared.items()
            if any(position[other] > position[revision] for other in reached)
        }
        hanging = leaving
        while hanging:
            hanging = {
                revision
                for revision, reached in declared.items()
                if revision not in leaving and not leaving.isdisjoint(reached)
            }
            leaving |= hanging
        return leaving

    def _declared_on_spine(self, revision: RevisionId) -> set[RevisionId]:
        """Whom on the spine a static migration declares, directly or through others beside it."""
        seen = {revision}
        reached = set()
        stack = list(self._of(revision).parents)
        while stack:
            parent = stack.pop()
            if parent in self._on_spine:
                reached.add(parent)
            elif parent in self._migrations and parent not in seen:
                seen.add(parent)
                stack += self._of(parent).parents
        return reached - {revision}


def _ancestors_first(revision: RevisionId, migrations: Migrations, seen: set[RevisionId]) -> list[RevisionId]:
    """`revision` after those of its declared ancestors that are not `seen`, which are added to it.

    Called with the whole spine in `seen`, so that the search never runs along it.
    """
    found: list[RevisionId] = []
    stack: list[tuple[RevisionId, Iterator[RevisionId]]] = [(revision, iter(migrations[revision].migration.parents))]
    while stack:
        current, parents = stack[-1]
        for parent in parents:
            if parent in migrations and parent not in seen:
                seen.add(parent)
                stack.append((parent, iter(migrations[parent].migration.parents)))
                break
        else:
            found.append(current)
            stack.pop()
    return found


def _on_or_after_cycles(migrations: Migrations) -> frozenset[RevisionId]:
    """Static migrations that are their own ancestors, or hang on one that is: they never join."""
    return on_or_after_cycles({revision: placed.migration.parents for revision, placed in migrations.items()})


def on_or_after_cycles(parents: Mapping[_Name, Iterable[_Name]]) -> frozenset[_Name]:
    """Whoever is on a cycle of this graph, or has an ancestor that is; absent parents do not count."""
    waiting = {revision: len({parent for parent in named if parent in parents}) for revision, named in parents.items()}
    children: dict[_Name, set[_Name]] = {}
    for revision, named in parents.items():
        for parent in named:
            children.setdefault(parent, set()).add(revision)
    ready = [revision for revision, count in waiting.items() if not count]
    while ready:
        for child in children.get(ready.pop(), ()):
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    return frozenset(revision for revision, count in waiting.items() if count)
