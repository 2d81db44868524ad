"""Errors about declarations: what files are called does not look like lines of the message."""

from __future__ import annotations

from gitlembic.core.chain import name_some
from gitlembic.core.declaration_error import Declared, MissingRevisionError
from gitlembic.core.migration import Kind, Migration, PlacedMigration, RevisionId

_FORGED = "g\nHint: run rm -rf.py"


def test_a_place_is_on_one_line() -> None:
    assert str(Declared(_FORGED, "revision", 3)) == "g Hint: run rm -rf.py:3"


def test_what_git_knows_is_a_line_a_fact() -> None:
    error = MissingRevisionError(("a in ", Declared(_FORGED, "down_revision")), "", "b")
    assert error.found([f"It is {_FORGED}.", "Others."], "go").message.splitlines() == [
        "a in g Hint: run rm -rf.py",
        "It is g Hint: run rm -rf.py.",
        "Others.",
    ]


def test_several_are_named_on_one_line() -> None:
    placed = PlacedMigration(_FORGED, Migration(RevisionId("a"), Kind.STATIC))
    assert name_some({RevisionId("a"): placed}) == "a (g Hint: run rm -rf.py)"
    assert placed.shown == "g Hint: run rm -rf.py"
