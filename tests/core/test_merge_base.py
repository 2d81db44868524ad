"""Where lines of history parted, against a slow and obvious answer; the clocks of those who commit may be wrong."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from gitlembic.core.history import CommitId
from gitlembic.core.merge_base import find_merge_bases
from gitlembic.core.reach import reach

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    Parents = Mapping[CommitId, tuple[CommitId, ...]]

A, B, C, D, E = map(CommitId, "abcde")
_CROSSED: Parents = {A: (), B: (A,), C: (A,), D: (B, C), E: (C, B)}


def _slow(parents: Parents, one: CommitId, others: Collection[CommitId]) -> set[CommitId]:
    below = {commit: reach(parents[commit], parents.__getitem__).keys() for commit in parents}
    shared = (below[one] | {one}) & set().union(*(below[other] | {other} for other in others))
    return {commit for commit in shared if not any(commit in below[other] for other in shared)}


@pytest.mark.parametrize("dates", [{}, {A: 9}, {B: 9, C: 1}, {A: 9, B: 8, C: 7, D: 6, E: 5}])
def test_crossed_merges_have_two(dates: Mapping[CommitId, int]) -> None:
    def found(one: CommitId, *others: CommitId) -> set[CommitId]:
        return {*find_merge_bases(one, others, _CROSSED.__getitem__, lambda commit: dates.get(commit, 0))}

    assert found(D, E) == {B, C}
    assert found(B, C) == {A}
    assert found(D, B) == found(B, D) == {B}
    assert found(D, D) == {D}
    assert found(B, C, D) == {B}


def test_the_oldest_comes_first() -> None:
    dates = {B: 2, C: 1}
    assert find_merge_bases(D, [E], _CROSSED.__getitem__, lambda commit: dates.get(commit, 0)) == (C, B)


def test_unrelated_ones_have_none() -> None:
    assert find_merge_bases(A, [B], lambda _: (), lambda _: 0) == ()


@pytest.mark.parametrize("latest", [0, 5, 100])
def test_random_histories(latest: int) -> None:
    for seed in range(300):
        source = random.Random(seed)  # noqa: S311 -- no secret
        commits = [CommitId(f"{number:02}") for number in range(14)]
        parents: dict[CommitId, tuple[CommitId, ...]] = {}
        for commit in commits:
            near = [*parents][-6:]
            parents[commit] = tuple(source.sample(near, min(len(near), source.choice((0, 1, 1, 1, 2, 2, 3)))))
        dates = {commit: source.randint(0, latest) for commit in commits}
        one, *others = source.sample(commits, source.choice((2, 2, 3)))
        found = find_merge_bases(one, others, parents.__getitem__, dates.__getitem__)
        assert set(found) == _slow(parents, one, others), f"seed {seed}"
        assert len(found) == len(set(found))
