"""A fold that goes on from what is known of a commit gives what a fold of everything gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st

from gitlembic.core.chain import Chain, chain_from_line
from gitlembic.core.fold import State, fold_state, nothing_known
from gitlembic.core.history import CommitId, Location
from gitlembic.core.migration import Kind, Migration, RevisionId
from gitlembic.core.presence import Presences
from tests.support.memory_history import MemoryHistory, RandomHistory, hold, random_histories

if TYPE_CHECKING:
    from gitlembic.core.presence import Place

COUNTS = pytest.mark.parametrize("examples", [100, pytest.param(3_000, marks=pytest.mark.full)])


def _chains(state: State) -> list[Chain]:
    return [chain_from_line(group, folded) for group, folded in state.lines.items()]


def _line_of_first_parents(story: RandomHistory, presences: Presences, place: Place) -> list[tuple[CommitId, Place]]:
    """From the tip to the root, with what the locations were called there."""
    line = [(story.tip, place)]
    while parents := story.history.parents(line[-1][0]):
        commit, then = line[-1]
        line.append((parents[0], presences.place_at_parent(parents[0], commit, then)))
    return line


PROJECTS = pytest.mark.parametrize(
    ("others", "beside"),
    [
        pytest.param((), None, id="one location"),
        pytest.param((Location("archive"),), None, id="two locations, one mostly empty"),
        pytest.param((Location("other"),), "other", id="two locations"),
        pytest.param((Location("other"), Location("archive")), "other", id="three locations"),
    ],
)


@COUNTS
@PROJECTS
def test_every_first_parent_ancestor_may_be_known(
    examples: int, others: tuple[Location, ...], beside: str | None
) -> None:
    @hold(examples, random_histories(beside=beside))
    def check(story: RandomHistory) -> None:
        presences = Presences(story.history)
        place = tuple(dict.fromkeys((story.locations[story.tip], *others)))
        whole = fold_state(presences, story.tip, place)
        for commit, then in _line_of_first_parents(story, presences, place):
            state = fold_state(presences, commit, then)

            def known(asked: CommitId, _place: Place, at: CommitId = commit, found: State = state) -> State | None:
                return found if asked == at else None

            continued = fold_state(presences, story.tip, place, known)
            assert continued.founding == whole.founding, commit
            assert _chains(continued) == _chains(whole), commit


@COUNTS
@PROJECTS
def test_whoever_remembers_where_he_was_is_told_the_same(
    examples: int, others: tuple[Location, ...], beside: str | None
) -> None:
    """One commit is checked out after the other, and what was folded at each is gone on from."""

    @hold(examples, random_histories(beside=beside), st.sets(st.integers(0, 14)))
    def check(story: RandomHistory, forgotten: set[int]) -> None:
        remembered: dict[CommitId, State] = {}

        def known(commit: CommitId, place: Place) -> State | None:
            state = remembered.get(commit)
            return state if state is not None and set(place) <= state.place else None

        for number, commit in enumerate(story.commits):
            place = tuple(dict.fromkeys((story.locations[commit], *others)))
            state = fold_state(Presences(story.history), commit, place, known)
            whole = fold_state(Presences(story.history), commit, place)
            assert state.founding == whole.founding, commit
            assert _chains(state) == _chains(whole), commit
            if number not in forgotten:
                remembered[commit] = state


def test_a_line_of_one_location_does_not_stand_for_two() -> None:
    """Those share a chain only from the tip on, and together their oldest are arranged otherwise."""
    history = MemoryHistory()
    moved = Migration(RevisionId("r1"), Kind.STATIC, (RevisionId("r0"),))
    root = Migration(RevisionId("r2"), Kind.STATIC)
    joining = Migration(RevisionId("r4"), Kind.STATIC, (RevisionId("r2"),))
    history.add(CommitId("c1"), (), {"versions/m00.py": moved, "other/m00.py": root})
    history.add(CommitId("c2"), (CommitId("c1"),), {"other/m00.py": root, "other/m01.py": moved})
    tree = {"versions/m00.py": joining, "other/m00.py": root, "other/m01.py": moved}
    history.add(CommitId("c3"), (CommitId("c2"),), tree)
    presences = Presences(history)
    place = (Location("versions"), Location("other"))
    state = fold_state(presences, CommitId("c2"), place)

    def known(asked: CommitId, _place: Place) -> State | None:
        return state if asked == "c2" else None

    whole, continued = (fold_state(presences, CommitId("c3"), place, one) for one in (nothing_known, known))
    assert _chains(continued) == _chains(whole)
