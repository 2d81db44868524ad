"""Chains as pictures: what is compared, grouped, and drawn from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.history import WORKING_TREE, CommitId
from gitlembic.core.migration import RevisionId
from gitlembic.graph.draw import Parenthood, View, draw
from gitlembic.graph.marks import Tone
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


def test_where_the_database_stands_and_what_is_pending() -> None:
    assert _marks(NOW, View(database=frozenset("n"))) == {
        "d": ["pending", "head"],
        "c": ["pending"],
        "n": ["database"],
        "b": [],
        "a": ["base"],
    }
    assert _marks(NOW, View(database=frozenset()))["a"] == ["pending", "base"]
    assert _marks(NOW, View(database=frozenset("?")))["d"] == ["head"]
    missed = View(database=frozenset("n"), missing=frozenset("bn"))
    assert _marks(NOW, missed)["b"] == ["missing"]
    assert _marks(NOW, missed)["n"] == ["database", "missing"]


def test_a_squash_says_how_many_it_stands_for() -> None:
    squash, after = link("a:"), link("*b: a")
    migration = squash.placed.migration._replace(docstring="All of it\n\nSquash of 288 revisions, 0a .. a\n")
    squash = squash._replace(placed=squash.placed._replace(migration=migration))
    assert _marks(resolution([squash, after], end="b"), View()) == {"b": ["head"], "a": ["base", "squash of 288"]}
