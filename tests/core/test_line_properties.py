"""Random histories: the lines of ORDER.md 4 against a slow reference, and what follows from it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume
from hypothesis import strategies as st

from gitlembic.core.chain import chain_from_line
from gitlembic.core.fold import fold_line
from gitlembic.core.history import CommitId, Location
from gitlembic.core.migration import Kind, Migration, RevisionId, Unparsable
from gitlembic.core.presence import Presences
from gitlembic.errors import CannotTellError
from tests.support.memory_history import MemoryHistory, RandomHistory, hold, random_histories
from tests.support.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gitlembic.core.chain import Chain
    from gitlembic.core.presence import Place
    from tests.support.memory_history import Tree

COUNTS = pytest.mark.parametrize("examples", [200, pytest.param(5_000, marks=pytest.mark.full)])

Parents = dict[RevisionId, tuple[RevisionId, ...]]


def _chain(presences: Presences, commit: CommitId, place: Place) -> Chain:
    return chain_from_line(place, fold_line(presences, commit, place))


def _line(presences: Presences, commit: CommitId, place: Place) -> tuple[RevisionId, ...]:
    return fold_line(presences, commit, place).line.members()


def _parents(chain: Chain) -> Parents:
    """In the order of the chain."""
    return {link.revision: link.parents for link in chain.links}


def _computed(chain: Chain) -> Parents:
    return {link.revision: link.parents for link in chain.links if link.kind is Kind.DYNAMIC}


def _first_parent_steps(
    story: RandomHistory, presences: Presences
) -> Iterator[tuple[CommitId, Place, CommitId, Place]]:
    for commit, location in story.locations.items():
        for parent in story.history.parents(commit)[:1]:
            yield parent, presences.place_at_parent(parent, commit, (location,)), commit, (location,)


LOCATION = Location("versions")


def _story(*commits: tuple[str, str, list[Migration | Unparsable]]) -> RandomHistory:
    """Commits by name, with the names of their parents; the files are numbered as they are listed."""
    history = MemoryHistory()
    for name, parents, files in commits:
        tree: Tree = {f"versions/m{number}.py": parsed for number, parsed in enumerate(files)}
        history.add(CommitId(name), [CommitId(parent) for parent in parents.split()], tree)
    return RandomHistory(history, dict.fromkeys(history.commits, LOCATION))


def _dynamic(name: str, *revises: str) -> Migration:
    return Migration(RevisionId(name), Kind.DYNAMIC, revises=tuple(RevisionId(parent) for parent in revises))


def _static(name: str, *parents: str) -> Migration:
    return Migration(RevisionId(name), Kind.STATIC, tuple(RevisionId(parent) for parent in parents))


FOUND = {
    # x was on the line for m's sake; it now stands beside the line, changed, and declares the end.
    "a merge's ancestor moves behind it": _story(
        ("1", "", [_dynamic("z"), _static("a", "z")]),
        ("2", "1", [_dynamic("z"), _static("a", "z"), _static("x", "z")]),
        ("3", "2", [_dynamic("z"), _static("a", "z"), _static("x", "z"), _static("m", "a", "x")]),
        ("4", "3", [_dynamic("z"), _static("a", "z"), _static("x", "m"), _static("m", "a")]),
    ),
    # d and e join for the sake of s, and still in their own order of arrival.
    "an earlier one waits for two newcomers": _story(
        ("1", "", [_dynamic("z"), _static("s", "ghost")]),
        ("2", "1", [_dynamic("z"), _static("s", "z", "e", "d"), _dynamic("d"), _dynamic("e")]),
    ),
    # Only *other* newcomers count as named parents.
    "who declares itself waits for nobody else": _story(("1", "", [_static("b", "a"), _static("a", "a")])),
}

FOUND_SHALLOW = {
    # Of a and b the one that came first is on the spine; a clone that ends at 4 cannot know which.
    "the parents of a merge": (
        _story(
            ("1", "", [_dynamic("d")]),
            ("2", "1", [_dynamic("d"), _static("a", "d")]),
            ("3", "2", [_dynamic("d"), _static("a", "d"), _static("b", "d")]),
            ("4", "3", [_dynamic("d"), _static("a", "d"), _static("b", "d"), _static("m", "a", "b")]),
            ("5", "4", [_dynamic("d"), _static("a", "d"), _static("b", "d")]),
            ("6", "5", [_dynamic("d"), _static("a", "d"), _static("b", "d"), _dynamic("e")]),
        ),
        "4",
    ),
    "a merged branch": (
        _story(
            ("1", "", [_dynamic("a")]),
            ("2", "1", [_dynamic("a"), _dynamic("b")]),
            ("3", "2", [_dynamic("a"), _dynamic("b"), _dynamic("c")]),
            ("4", "1 3", [_dynamic("a"), _dynamic("b"), _dynamic("c")]),
        ),
        "2",
    ),
    "a file that cannot be parsed": (
        _story(("1", "", [_dynamic("a")]), ("2", "1", [Unparsable("conflict markers", 1)])),
        "2",
    ),
    # b was written against a, which has been declared onto b since.
    "a base that was written against its descendant": (
        _story(
            ("1", "", [_dynamic("a"), _dynamic("b", "a")]),
            ("2", "1", [_static("a", "b"), _dynamic("b", "a")]),
        ),
        "2",
    ),
}


@pytest.mark.parametrize("story", FOUND.values(), ids=FOUND.keys())
def test_found_line_equals_the_reference(story: RandomHistory) -> None:
    expected = Reference(story.history).state(story.tip, LOCATION)
    chain = _chain(Presences(story.history), story.tip, (LOCATION,))
    assert (list(_parents(chain).items()), chain.end) == (expected.chain(), expected.end)


def _assert_whole_answer_or_none(story: RandomHistory, boundary: Iterable[CommitId]) -> None:
    place: Place = (story.locations[story.tip],)
    try:
        found = _chain(Presences(story.history.shallow(story.tip, boundary)), story.tip, place)
    except CannotTellError:
        return
    whole = _chain(Presences(story.history), story.tip, place)
    assert (_parents(found), found.end) == (_parents(whole), whole.end)
    assert list(_parents(found)) == list(_parents(whole))


@pytest.mark.parametrize(("story", "boundary"), FOUND_SHALLOW.values(), ids=FOUND_SHALLOW.keys())
def test_found_shallow_clone_gives_the_whole_answer_or_none(story: RandomHistory, boundary: str) -> None:
    _assert_whole_answer_or_none(story, [CommitId(boundary)])


@COUNTS
def test_line_equals_the_reference(examples: int) -> None:
    @hold(examples, random_histories())
    def _(story: RandomHistory) -> None:
        presences, reference = Presences(story.history), Reference(story.history)
        for commit, location in story.locations.items():
            chain = _chain(presences, commit, (location,))
            expected = reference.state(commit, location)
            assert list(_parents(chain).items()) == expected.chain(), commit
            assert chain.end == expected.end, commit
            assert list(_line(presences, commit, (location,))) == expected.line(), commit


@COUNTS
def test_line_does_not_depend_on_the_order_of_input(examples: int) -> None:
    @hold(examples, random_histories(), st.integers(0, 9))
    def _(story: RandomHistory, seed: int) -> None:
        shuffled = story.history.shuffled(random.Random(seed))  # noqa: S311 -- guards no secret
        presences, others = Presences(story.history), Presences(shuffled)
        for commit, location in story.locations.items():
            assert _chain(presences, commit, (location,)) == _chain(others, commit, (location,)), commit


@COUNTS
def test_dynamic_migrations_have_one_place_each_and_never_fork(examples: int) -> None:
    @hold(examples, random_histories())
    def _(story: RandomHistory) -> None:
        presences, reference = Presences(story.history), Reference(story.history)
        for commit, location in story.locations.items():
            chain = _chain(presences, commit, (location,))
            names = [link.revision for link in chain.links]
            assert sorted(names) == sorted(reference.present(commit, location)), commit
            computed = _computed(chain)
            assert len(set(computed.values())) == len(computed), commit
            for name, parents in computed.items():
                assert all(names.index(parent) < names.index(name) for parent in parents), commit


@COUNTS
def test_computed_parents_are_append_only_along_first_parents(examples: int) -> None:
    """A parent changes only if it was deleted, or declares now, itself or through static ones, somebody later."""

    @hold(examples, random_histories())
    def _(story: RandomHistory) -> None:
        presences = Presences(story.history)
        for parent, place_then, commit, place in _first_parent_steps(story, presences):
            then, now = _chain(presences, parent, place_then), _chain(presences, commit, place)
            declared = {link.revision: () if link.kind is Kind.DYNAMIC else link.parents for link in now.links}
            line_then = _line(presences, parent, place_then)
            for name, before in _computed(then).items():
                after = _computed(now).get(name, before)
                if after == before:
                    continue
                assert before, f"{name} was the base at {parent}, and has a parent at {commit}"
                assert _excuses(before[0], declared, line_then), f"{name} at {commit}: {before} became {after}"


def _excuses(parent: RevisionId, declared: Mapping[RevisionId, tuple[RevisionId, ...]], line: tuple[str, ...]) -> bool:
    if parent not in declared:
        return True
    hangs_on = {parent}
    waiting = [parent]
    while waiting:
        for other in declared[waiting.pop()]:
            if other in declared and other not in hangs_on:
                hangs_on.add(other)
                waiting.append(other)
    return any(
        other not in line or line.index(other) > line.index(name)
        for name in hangs_on
        if name in line
        for other in declared[name]
        if other in declared and other != name
    )


@COUNTS
def test_a_commit_that_only_adds_dynamic_ones_extends_the_line(examples: int) -> None:
    @hold(examples, random_histories(), st.integers(1, 3))
    def _(story: RandomHistory, count: int) -> None:
        location = story.locations[story.tip]
        commit = CommitId("added")
        added = {
            f"{location.path}/added{number}.py": Migration(RevisionId(f"new{number}"), Kind.DYNAMIC)
            for number in range(count)
        }
        story.history.add(commit, [story.tip], {**story.history.tree(story.tip), **added})
        presences = Presences(story.history)
        assume(presences.place_at_parent(story.tip, commit, (location,)) == (location,))
        before = _line(presences, story.tip, (location,))
        names = tuple(RevisionId(f"new{number}") for number in range(count))
        assert _line(presences, commit, (location,)) == before + names


@COUNTS
def test_a_merge_that_only_adds_extends_the_line(examples: int) -> None:
    """Where nothing is dynamic afterwards, declarations alone say how the line runs, so those are left out."""

    @hold(examples, random_histories(only_adding=True))
    def _(story: RandomHistory) -> None:
        presences = Presences(story.history)
        for parent, place_then, commit, place in _first_parent_steps(story, presences):
            if _computed(_chain(presences, commit, place)):
                before = _line(presences, parent, place_then)
                assert _line(presences, commit, place)[: len(before)] == before, commit


@COUNTS
def test_a_shallow_clone_gives_the_whole_answer_or_none(examples: int) -> None:
    @hold(examples, random_histories(), st.sets(st.integers(0, 13), min_size=1, max_size=3))
    def _(story: RandomHistory, boundary: set[int]) -> None:
        _assert_whole_answer_or_none(story, [story.commits[number % len(story.commits)] for number in boundary])
