"""Random histories: the order of ORDER.md 1 to 3 against a slow reference, and what follows from it."""

from __future__ import annotations

import random

import pytest
from hypothesis import strategies as st

from gitlembic.core.history import CommitId, HistoryUnknownError, Location
from gitlembic.core.migration import Kind, Migration, RevisionId
from gitlembic.core.presence import Presences
from tests.support.memory_history import MemoryHistory, RandomHistory, hold, random_histories
from tests.support.orders import compute_order
from tests.support.reference import Reference

COUNTS = pytest.mark.parametrize("examples", [200, pytest.param(5_000, marks=pytest.mark.full)])


def test_deleting_one_does_not_rearrange_those_born_with_it() -> None:
    """Found by these properties: b was written against c, so it came after a; it still does without c."""
    location = Location("versions")
    a, c = (Migration(RevisionId(name), Kind.DYNAMIC) for name in "ac")
    b = Migration(RevisionId("b"), Kind.DYNAMIC, revises=(c.revision,))
    history = MemoryHistory()
    history.add(CommitId("1"), [], {"versions/m0.py": b, "versions/m1.py": a, "versions/m2.py": c})
    history.add(CommitId("2"), [CommitId("1")], {"versions/m0.py": b, "versions/m1.py": a})
    presences = Presences(history)
    assert compute_order(presences, CommitId("1"), (location,)) == ("a", "c", "b")
    assert compute_order(presences, CommitId("2"), (location,)) == ("a", "b")


@COUNTS
def test_order_equals_the_reference(examples: int) -> None:
    @hold(examples, random_histories())
    def _(story: RandomHistory) -> None:
        presences, reference = Presences(story.history), Reference(story.history)
        for commit, location in story.locations.items():
            assert list(compute_order(presences, commit, (location,))) == reference.order(commit, location), commit


@COUNTS
def test_order_has_every_present_migration_once(examples: int) -> None:
    @hold(examples, random_histories())
    def _(story: RandomHistory) -> None:
        presences, reference = Presences(story.history), Reference(story.history)
        for commit, location in story.locations.items():
            order = compute_order(presences, commit, (location,))
            assert sorted(order) == sorted(reference.present(commit, location)), commit


@COUNTS
def test_order_is_append_only_along_first_parents(examples: int) -> None:
    @hold(examples, random_histories())
    def _(story: RandomHistory) -> None:
        presences = Presences(story.history)
        for commit, location in story.locations.items():
            order = compute_order(presences, commit, (location,))
            for parent in story.history.parents(commit)[:1]:
                place = presences.place_at_parent(parent, commit, (location,))
                kept = tuple(name for name in compute_order(presences, parent, place) if name in order)
                assert order[: len(kept)] == kept, commit


@COUNTS
def test_order_does_not_depend_on_the_order_of_input(examples: int) -> None:
    @hold(examples, random_histories(), st.integers(0, 9))
    def _(story: RandomHistory, seed: int) -> None:
        shuffled = story.history.shuffled(random.Random(seed))  # noqa: S311 -- guards no secret
        presences, others = Presences(story.history), Presences(shuffled)
        for commit, location in story.locations.items():
            assert compute_order(presences, commit, (location,)) == compute_order(others, commit, (location,)), commit


@COUNTS
def test_order_does_not_depend_on_what_was_asked_before(examples: int) -> None:
    @hold(examples, random_histories())
    def _(story: RandomHistory) -> None:
        presences = Presences(story.history)
        for commit, location in story.locations.items():
            remembered = compute_order(presences, commit, (location,))
            assert compute_order(Presences(story.history), commit, (location,)) == remembered, commit


@COUNTS
def test_order_in_a_shallow_clone_is_the_whole_one_or_unknown(examples: int) -> None:
    @hold(examples, random_histories(), st.sets(st.integers(0, 13), min_size=1, max_size=3))
    def _(story: RandomHistory, boundary: set[int]) -> None:
        cut = [story.commits[number % len(story.commits)] for number in boundary]
        place = (story.locations[story.tip],)
        try:
            found = compute_order(Presences(story.history.shallow(story.tip, cut)), story.tip, place)
        except HistoryUnknownError:
            return
        assert found == compute_order(Presences(story.history), story.tip, place)
