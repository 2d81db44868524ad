"""Which locations share a chain: by example, and that it never changes while anything is dynamic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.core.grouping import all_groupings, find_founding, group_locations
from gitlembic.core.history import CommitId, Location
from gitlembic.core.migration import Kind, Migration, RevisionId
from gitlembic.core.presence import Presences
from tests.support.memory_history import MemoryHistory, RandomHistory, hold, random_histories

if TYPE_CHECKING:
    from gitlembic.core.migration import Parsed

A, B, C, D = (Location(name) for name in "abcd")
COUNTS = pytest.mark.parametrize("examples", [150, pytest.param(5_000, marks=pytest.mark.full)])


@pytest.mark.parametrize(
    ("connections", "groups"),
    [
        ((), ((A,), (B,), (C,), (D,))),
        (((B, A),), ((A, B), (C,), (D,))),
        (((D, B), (B, C)), ((A,), (B, C, D))),
        (((D, C), (B, A), (C, B)), ((A, B, C, D),)),
        (((A, B), (B, A)), ((A, B), (C,), (D,))),
    ],
)
def test_groups_keep_the_order_of_the_configuration(
    connections: tuple[tuple[Location, Location], ...], groups: tuple[tuple[Location, ...], ...]
) -> None:
    assert group_locations((A, B, C, D), connections) == groups


def test_all_groupings_are_the_partitions() -> None:
    assert set(all_groupings((A, B, C))) == {
        ((A,), (B,), (C,)),
        ((A, B), (C,)),
        ((A, C), (B,)),
        ((A,), (B, C)),
        ((A, B, C),),
    }
    assert [len(list(all_groupings((A, B, C, D)[:count]))) for count in range(5)] == [1, 1, 2, 5, 15]


def test_it_is_looked_up_again_where_nothing_is_dynamic() -> None:
    """There everybody says for himself whom he follows; until then, whoever connected them may go."""
    place = (Location("versions"), Location("archive"))
    joined, parted = frozenset({(place[1], place[0])}), frozenset[tuple[Location, Location]]()
    a, b, c, d = map(RevisionId, "abcd")
    base: dict[str, Parsed] = {"versions/a.py": Migration(a, Kind.STATIC)}
    dynamic = Migration(c, Kind.DYNAMIC)
    trees = (
        base,
        {**base, "archive/b.py": Migration(b, Kind.STATIC, (a,)), "archive/c.py": dynamic},
        {**base, "archive/c.py": dynamic},
        {**base, "archive/c.py": Migration(c, Kind.STATIC)},
        {**base, "archive/c.py": Migration(c, Kind.STATIC), "archive/d.py": Migration(d, Kind.DYNAMIC)},
    )
    history = MemoryHistory()
    for number, tree in enumerate(trees):
        history.add(CommitId(f"{number}"), [CommitId(f"{number - 1}")] if number else [], tree)
    founding = [find_founding(Presences(history), CommitId(f"{number}"), place) for number in range(1, 5)]
    assert [found.connections for found in founding] == [joined, joined, parted, parted]


@COUNTS
def test_what_is_connected_stays_so_while_anything_is_dynamic(examples: int) -> None:
    place = (Location("versions"), Location("archive"))

    @hold(examples, random_histories(beside="archive"))
    def check(story: RandomHistory) -> None:
        presences = Presences(story.history)
        for commit in story.commits:
            for parent in story.history.parents(commit)[:1]:
                before = presences.at(parent, place).migrations.values()
                after = presences.at(commit, place).migrations.values()
                lived = all(any(one.holds(placed.path) for placed in then) for one in place for then in (before, after))
                stayed = presences.place_at_parent(parent, commit, place) == place
                dynamic = all(any(placed.migration.is_dynamic for placed in then) for then in (before, after))
                if lived and stayed and dynamic:
                    assert find_founding(presences, commit, place) == find_founding(presences, parent, place), commit
