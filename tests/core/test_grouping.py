"""Which locations share a chain: by example, and that it never changes while anything is dynamic."""

from __future__ import annotations

import pytest

from gitlembic.core.grouping import all_groupings, find_founding, group_locations
from gitlembic.core.history import Location
from gitlembic.core.presence import Presences
from tests.support.memory_history import RandomHistory, hold, random_histories

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


@COUNTS
def test_what_is_connected_stays_so_while_anything_is_dynamic(examples: int) -> None:
    place = (Location("versions"), Location("archive"))

    @hold(examples, random_histories())
    def check(story: RandomHistory) -> None:
        presences = Presences(story.history)
        for commit in story.commits:
            for parent in story.history.parents(commit)[:1]:
                before = presences.at(parent, place).migrations.values()
                after = presences.at(commit, place).migrations.values()
                lived = all(any(one.holds(placed.path) for placed in then) for one in place for then in (before, after))
                stayed = presences.place_at_parent(parent, commit, place) == place
                if lived and stayed and any(placed.migration.is_dynamic for placed in before):
                    assert find_founding(presences, commit, place) == find_founding(presences, parent, place), commit
