"""What is undone, and what stays, by values and for random chains."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gitlembic.core.migration import RevisionId
from gitlembic.core.rescue import heads_of, lineage, needs_of, parents_first, shared
from tests.support.chains import link

Needs = dict[RevisionId, tuple[RevisionId, ...]]


def _needs(*lines: str) -> Needs:
    links = {one.revision: one for one in map(link, lines)}
    return dict(needs_of(links))


def _ids(text: str) -> tuple[RevisionId, ...]:
    return tuple(map(RevisionId, text.split()))


def _plan(there: Needs, here: Needs, heads: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is undone, newest first, and where that leaves the database."""
    ran = lineage(there, _ids(heads))
    kept = shared(there, here, ran)
    return parents_first(there, ran - kept)[::-1], heads_of(there, kept)


def test_what_the_other_chain_lacks_is_undone_newest_first() -> None:
    there = _needs("a:", "b: a", "x: b", "y: x", "z: y")
    assert _plan(there, _needs("a:", "b: a", "c: b"), "y") == (_ids("y x"), _ids("b"))


def test_what_has_another_parent_there_is_undone_although_both_have_it() -> None:
    there, here = _needs("a:", "*x: a", "*y: x"), _needs("a:", "b: a", "*x: b", "*y: x")
    assert _plan(there, here, "y") == (_ids("y x"), _ids("a"))


def test_nothing_in_common_leaves_the_base() -> None:
    assert _plan(_needs("a:", "b: a"), _needs("c:"), "b") == (_ids("b a"), ())


def test_a_merge_is_undone_before_its_sides_and_leaves_several_heads() -> None:
    there = _needs("a:", "l: a", "r: a", "m: l r")
    assert _plan(there, _needs("a:", "l: a", "r: a"), "m") == (_ids("m"), _ids("l r"))
    assert _plan(there, _needs("a:", "l: a"), "m") == (_ids("m r"), _ids("l"))


def test_several_heads_are_undone_each() -> None:
    there = _needs("a:", "l: a", "r: a")
    assert _plan(there, _needs("a:"), "l r") == (_ids("r l"), _ids("a"))


def test_the_order_of_a_merge_s_parents_does_not_matter() -> None:
    there, here = _needs("a:", "l: a", "r: a", "m: l r"), _needs("a:", "r: a", "l: a", "m: r l")
    assert _plan(there, here, "m") == ((), _ids("m"))


def test_a_dependency_counts_by_revision_beginning_or_label() -> None:
    labelled = {"a": link("a:"), "left": link("left:", branch_labels=("side",)), "b": link("b: a ?side")}
    assert needs_of({RevisionId(name): one for name, one in labelled.items()})[RevisionId("b")] == ("a", "left")
    there = _needs("a:", "long00: a", "b: a ?long")
    assert there[RevisionId("b")] == ("a", "long00")
    assert _plan(there, _needs("a:", "b: a ?long"), "b") == (_ids("b long00"), _ids("a"))


@st.composite
def _chains(draw: st.DrawFn) -> Needs:
    """A chain of up to eight migrations, each after some of those before it in an order of its own."""
    names = draw(st.permutations("abcdefgh"))[: draw(st.integers(1, 8))]
    found: Needs = {}
    for name in names:
        parents = draw(st.lists(st.sampled_from(sorted(found)), max_size=2, unique=True)) if found else []
        found[RevisionId(name)] = tuple(parents)
    return found


@given(_chains(), _chains(), st.data())
def test_what_stays_has_the_same_ancestors_in_both(there: Needs, here: Needs, data: st.DataObject) -> None:
    heads = data.draw(st.lists(st.sampled_from(sorted(there)), unique=True))
    ran = lineage(there, heads)
    kept = shared(there, here, ran)
    assert kept <= ran & here.keys()
    for revision in kept:
        assert lineage(there, [revision]) == lineage(here, [revision]) <= kept
    undo = parents_first(there, ran - kept)
    for number, revision in enumerate(undo):
        assert not {*there[revision]} & {*undo[number:]}
        assert revision not in here or {*there[revision]} != {*here[revision]} or not {*there[revision]} <= kept
    assert lineage(there, heads_of(there, kept)) == kept
