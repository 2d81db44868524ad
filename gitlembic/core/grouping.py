"""Which locations share one chain (ORDER.md 4).

Two are connected if the oldest migration of one declares, or was written against, a migration of
the other. "Oldest" is a fact of history, not of today: whoever deletes it must not part a chain.
So it is looked up where the chain begins to matter, at the last commit of the first-parent line
where nothing was dynamic, and for a location that came later where it came. Nobody's computed
parent is older than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.ordering import arrange, arrange_births, walk_first_parents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gitlembic.core.history import CommitId, Location
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.ordering import Step
    from gitlembic.core.presence import Place, Presences

    Migrations = Mapping[RevisionId, PlacedMigration]

Connection = tuple["Location", "Location"]


def group_locations(place: Place, connections: Iterable[Connection]) -> tuple[Place, ...]:
    """The locations that share a chain, each group in the order of the configuration."""
    group_of = {location: {location} for location in place}
    for one, other in connections:
        if group_of[one] is not group_of[other]:
            group_of[one] |= group_of[other]
            for member in group_of[other]:
                group_of[member] = group_of[one]
    groups = {id(group): tuple(location for location in place if location in group) for group in group_of.values()}
    return tuple(sorted(groups.values(), key=lambda group: place.index(group[0])))


def all_groupings(place: Place) -> Iterator[tuple[Place, ...]]:
    """Every way in which locations could share chains; of each the groups in the order of the configuration."""
    if not place:
        yield ()
        return
    for groups in all_groupings(place[:-1]):
        yield (*groups, place[-1:])
        for number, group in enumerate(groups):
            yield (*groups[:number], (*group, place[-1]), *groups[number + 1 :])


class Founding(NamedTuple):
    """How locations began: who was connected by its oldest migration, and who had any by then."""

    connections: frozenset[Connection] = frozenset()
    founded: frozenset[Location] = frozenset()


def declared_connections(place: Place, migrations: Migrations) -> frozenset[Connection]:
    """Who is connected as far as the files tell, oldest first by what they declare."""
    if len(place) == 1:
        return frozenset()
    called = {location: location for location in place}
    return overlapping(place, migrations) | _connected_at(called, migrations).connections


def find_founding(
    presences: Presences,
    tip: CommitId,
    place: Place,
    known: Callable[[CommitId, Place], Founding | None] = lambda _commit, _place: None,
) -> Founding:
    """How the locations of `tip` began; raises `HistoryUnknownError` where the clone does not reach back that far.

    What is `known` of a commit need not be looked up again.
    """
    if len(place) == 1:
        return Founding(founded=frozenset(place))
    called = {location: location for location in place}  # what today's locations were called at the commit
    here = presences.at(tip, place).migrations
    if not any(placed.migration.is_dynamic for placed in here.values()):
        return _connected_at(called, here)
    came: dict[Location, tuple[Step, dict[Location, Location]]] = {}
    was_one: set[Connection] = set()
    older = Founding()
    for step, before in walk_first_parents(presences, tip, place, lambda *state: known(*state) is not None):
        newcomers = [placed.path for placed in step.change.newcomers.values()]
        came |= {one: (step, called) for one, then in called.items() if any(map(then.holds, newcomers))}
        for parent in step.parents[:1]:
            called = {one: presences.location_at_parent(parent, step.commit, then) for one, then in called.items()}
        was_one |= {(one, other) for one in place for other in place if one != other and called[one] == called[other]}
        if not any(placed.migration.is_dynamic for placed in before.migrations.values()):
            older = _connected_at(called, before.migrations)
            break
        found = known(step.parents[0], tuple(dict.fromkeys(called.values()))) if step.parents else None
        if found is not None:
            older = _as_called_now(found, called)
            break
    later = [
        pair
        for location in came.keys() - older.founded
        for pair in _connected_when_it_came(presences, location, *came[location])
    ]
    return Founding(older.connections | was_one | {*later}, older.founded | came.keys())


def _as_called_now(found: Founding, called: Mapping[Location, Location]) -> Founding:
    return Founding(
        frozenset(
            (one, other) for one in called for other in called if (called[one], called[other]) in found.connections
        ),
        frozenset(one for one, then in called.items() if then in found.founded),
    )


def _connected_when_it_came(
    presences: Presences, location: Location, step: Step, called: Mapping[Location, Location]
) -> set[Connection]:
    placed = presences.at(step.commit, step.place).migrations
    oldest = next(name for name in arrange(presences, step) if called[location].holds(placed[name].path))
    return _builds_on(location, placed[oldest], called, placed)


def _connected_at(called: Mapping[Location, Location], migrations: Migrations) -> Founding:
    arranged = arrange_births(migrations)
    oldest = {
        location: next((name for name in arranged if then.holds(migrations[name].path)), None)
        for location, then in called.items()
    }
    founded = {location: migrations[name] for location, name in oldest.items() if name is not None}
    connected = [pair for one, placed in founded.items() for pair in _builds_on(one, placed, called, migrations)]
    return Founding(frozenset(connected), frozenset(founded))


def _builds_on(
    location: Location, oldest: PlacedMigration, called: Mapping[Location, Location], migrations: Migrations
) -> set[Connection]:
    parents = [migrations[parent].path for parent in oldest.migration.named_parents if parent in migrations]
    return {
        (location, other)
        for other, then in called.items()
        if other != location and any(then.holds(path) for path in parents)
    }


def overlapping(place: Place, migrations: Migrations) -> frozenset[Connection]:
    """Locations that hold the same files, because one lies inside the other."""
    return frozenset(
        (one, other)
        for one in place
        for other in place
        if one != other and any(one.holds(placed.path) and other.holds(placed.path) for placed in migrations.values())
    )
