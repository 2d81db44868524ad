"""Which locations share one chain (ORDER.md 4).

Two are connected if the oldest migration of one declares, or was written against, a migration of
the other. "Oldest" is a fact of history, not of today: whoever deletes it must not part a chain.
So it is looked up where the chain begins to matter, at the last commit of the first-parent line
where nothing was dynamic, and for a location that came later where it came. Nobody's computed
parent is older than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.ordering import arrange, arrange_births, walk_first_parents
from gitlembic.core.presence import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


def declared_connections(place: Place, migrations: Migrations) -> frozenset[Connection]:
    """Who is connected as far as the files tell, oldest first by what they declare."""
    return _overlapping(place, migrations) | _connected_at({location: location for location in place}, migrations)


def git_connections(presences: Presences, tip: CommitId, place: Place) -> frozenset[Connection]:
    """Who is connected at `tip`; raises `HistoryUnknownError` where the clone does not reach back that far."""
    called = {location: location for location in place}  # what today's locations were called at the commit
    came: dict[Location, tuple[Step, dict[Location, Location]]] = {}
    was_one: set[Connection] = set()
    oldest: Migrations = NOTHING.migrations
    for step, before in walk_first_parents(presences, tip, place):
        came |= {
            location: (step, called)
            for location, then in called.items()
            if any(then.holds(placed.path) for placed in step.change.newcomers.values())
        }
        oldest = before.migrations
        for parent in step.parents[:1]:
            called = {
                location: presences.location_at_parent(parent, step.commit, then) for location, then in called.items()
            }
        was_one |= {(one, other) for one in place for other in place if one != other and called[one] == called[other]}
        if not any(placed.migration.is_dynamic for placed in oldest.values()):
            break
    later = {location for location, then in called.items() if not any(then.holds(one.path) for one in oldest.values())}
    return (
        _overlapping(place, presences.at(tip, place).migrations)
        | was_one
        | _connected_at(called, oldest)
        | {
            pair
            for location in later & came.keys()
            for pair in _connected_when_it_came(presences, location, *came[location])
        }
    )


def _connected_when_it_came(
    presences: Presences, location: Location, step: Step, called: Mapping[Location, Location]
) -> set[Connection]:
    placed = presences.at(step.commit, step.place).migrations
    oldest = next(name for name in arrange(presences, step) if called[location].holds(placed[name].path))
    return _builds_on(location, placed[oldest], called, placed)


def _connected_at(called: Mapping[Location, Location], migrations: Migrations) -> set[Connection]:
    connected: set[Connection] = set()
    arranged = arrange_births(migrations)
    for location, then in called.items():
        oldest = next((name for name in arranged if then.holds(migrations[name].path)), None)
        if oldest is not None:
            connected |= _builds_on(location, migrations[oldest], called, migrations)
    return connected


def _builds_on(
    location: Location, oldest: PlacedMigration, called: Mapping[Location, Location], migrations: Migrations
) -> set[Connection]:
    parents = [migrations[parent].path for parent in oldest.migration.named_parents if parent in migrations]
    return {
        (location, other)
        for other, then in called.items()
        if other != location and any(then.holds(path) for path in parents)
    }


def _overlapping(place: Place, migrations: Migrations) -> frozenset[Connection]:
    """Locations that hold the same files, because one lies inside the other."""
    return frozenset(
        (one, other)
        for one in place
        for other in place
        if one != other and any(one.holds(placed.path) and other.holds(placed.path) for placed in migrations.values())
    )
