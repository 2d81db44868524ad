"""Chains as pictures: what is compared, grouped, and drawn from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.history import WORKING_TREE, CommitId
from gitlembic.core.journal import Action, Entry
from gitlembic.core.migration import RevisionId
from gitlembic.core.standing import stand
from gitlembic.graph.draw import Parenthood, View, draw
from gitlembic.graph.marks import Tone
from gitlembic.graph.positions import Position
from tests.support.chains import link, resolution
from tests.support.drawings import picture

if TYPE_CHECKING:
    from gitlembic.core.resolution import Resolution

THEN = resolution([link("a:"), link("*b: a"), link("*x: b"), link("*y: x"), link("*c: y")], end="c")
NOW = resolution([link("a:"), link("*b: a"), link("*n: b"), link("*c: n"), link("*d: c")], end="d")


def _marks(now: Resolution, view: View) -> dict[str, list[str]]:
    (shown,) = draw(now, view)
    return {
        row.name: [mark.text for mark in shown.entries[row.name].marks]
        for row in shown.layout.rows
        if row.name in shown.entries
    }


def test_a_comparison_shows_what_was_added_moved_and_dropped_in_its_place() -> None:
    assert _marks(NOW, View(against=THEN)) == {
        "y": ["dropped"],
        "x": ["dropped"],
        "d": ["added", "head"],
        "c": ["moved, followed y"],
        "n": ["added"],
        "b": [],
    }
    (shown,) = draw(NOW, View(against=THEN))
    assert picture(shown.layout) == ["●", "●", "●", "│ ●", "│ ●", "●─╯", "●"]
    assert shown.elided == {"@older": 1}
    assert [shown.entries[name].tone for name in "dcyb"] == [Tone.ADDED, Tone.MOVED, Tone.DROPPED, None]


def test_what_is_the_same_between_differences_is_one_row() -> None:
    same = [link("*b: a"), link("*c: b"), link("*d: c"), link("*e: d")]
    now = resolution([link("a:"), *same, link("*n: e")], end="n")
    then = resolution([link("x:"), link("a: x"), *same], end="e")
    (shown,) = draw(now, View(against=then))
    assert [row.name for row in shown.layout.rows] == ["n", "e", "@@b", "a", "x"]
    assert shown.elided == {"@@b": 3}


def test_a_comparison_of_equal_states_shows_nothing_but_what_is_asked() -> None:
    assert draw(NOW, View(against=NOW)) == ()
    assert list(_marks(NOW, View(frozenset({"a"}), against=NOW))) == ["a"]


def test_a_dropped_first_one_stands_at_the_beginning() -> None:
    marks = _marks(resolution([link("b:")]), View(against=resolution([link("a:"), link("b: a")])))
    assert marks == {"b": ["moved, followed a", "head", "base"], "a": ["dropped"]}


def test_written_against() -> None:
    chain = resolution(
        [link("a:"), link("*b: a", revises=(RevisionId("a"),)), link("*c: b", revises=(RevisionId("a"),))], end="c"
    )
    (shown,) = draw(chain, View(parenthood=Parenthood.WRITTEN))
    assert picture(shown.layout) == ["●", "│ ●", "●─╯"]
    assert _marks(chain, View(parenthood=Parenthood.WRITTEN))["c"] == ["head", "follows b"]


def test_groups_are_headed_by_what_brought_them() -> None:
    chain = resolution(
        [link("a:"), link("*b: a"), link("*c: b"), link("*d: c"), link("*e: d")],
        births={"b": "1" * 40, "c": "1" * 40, "d": "2" * 40, "e": WORKING_TREE},
    )
    chain = chain._replace(births={name: birth for name, birth in chain.births.items() if name != WORKING_TREE})
    (shown,) = draw(chain, View(subjects={CommitId("1" * 40): "merge one"}))
    assert {name: heading.subject for name, heading in shown.headings.items()} == {
        "e": "not committed",
        "d": "",
        "c": "merge one",
        "a": "in no commit that is known",
    }


def _position(heads: str, ran: str = "", *, base: Resolution = NOW) -> View:
    """A database at these heads, which has run what its journal says."""
    entries = [Entry(Action.UPGRADE, name, frozenset(heads)) for name in ran]
    return View(positions=(Position(frozenset(heads), stand(base.links, frozenset(heads), entries)),))


def test_where_the_database_stands_and_what_is_pending() -> None:
    assert _marks(NOW, _position("n")) == {
        "d": ["pending", "head"],
        "c": ["pending"],
        "n": ["database"],
        "b": [],
        "a": ["base"],
    }
    assert _marks(NOW, _position(""))["a"] == ["pending", "base"]
    assert _marks(NOW, _position("?"))["d"] == ["head"]


def test_what_the_journal_knows() -> None:
    assert _marks(NOW, _position("n", "an"))["b"] == ["missing"]
    assert _marks(NOW, _position("n", "ab"))["n"] == ["database", "missing"]
    assert _marks(NOW, _position("n", "abnd"))["d"] == ["ran already", "head"]
    assert _marks(NOW, _position("?", "abnc"))["d"] == ["pending", "head"]
    assert _marks(NOW, _position("?", "abncd"))["d"] == ["head"]


def test_inside_a_squash() -> None:
    standing = stand(NOW.links, frozenset("b"), [])
    view = View(positions=(Position(frozenset("?"), standing, within=frozenset("n"), inside={"b": ("x", "y")}),))
    assert [_marks(NOW, view)[name] for name in "nb"] == [["database inside", "pending"], ["2 missing inside"]]


def test_of_several_databases_all_is_said() -> None:
    (one,), (other,) = _position("b").positions, _position("c").positions
    assert _marks(NOW, View(positions=(one, other))) == {
        "d": ["pending", "head"],
        "c": ["pending", "database"],
        "n": ["pending"],
        "b": ["database"],
        "a": ["base"],
    }


def test_a_squash_says_how_many_it_stands_for() -> None:
    squash, after = link("a:"), link("*b: a")
    migration = squash.placed.migration._replace(docstring="All of it\n\nSquash of 288 revisions, 0a .. a\n")
    squash = squash._replace(placed=squash.placed._replace(migration=migration))
    assert _marks(resolution([squash, after], end="b"), View()) == {"b": ["head"], "a": ["base", "squash of 288"]}
