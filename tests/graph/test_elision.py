"""Rows that stand for those that are left out."""

from __future__ import annotations

import pytest

from gitlembic.graph.elision import NEWER, OLDER, elide
from tests.support.drawings import draw, nodes_of

DIAMOND = nodes_of("""
    head: M
    M: b c
    c: a
    b: a
    a: base
    base
""")


@pytest.mark.parametrize(
    ("kept", "rows", "elided"),
    [
        ("head M c b a base", "head M c b a base", {}),
        ("head M", f"head M {OLDER}", {OLDER: 4}),
        ("head M c", f"head M c {OLDER}", {OLDER: 3}),
        ("a base", f"{NEWER} a base", {NEWER: 4}),
        ("b", f"{NEWER} b {OLDER}", {NEWER: 2, OLDER: 2}),
        ("M a", f"{NEWER} M c b a {OLDER}", {NEWER: 1, OLDER: 1}),
        ("", "", {}),
    ],
)
def test_what_is_left(kept: str, rows: str, elided: dict[str, int]) -> None:
    shown = elide(DIAMOND, frozenset(kept.split()))
    assert [node.name for node in shown.nodes] == rows.split()
    assert shown.elided == elided


def test_lanes_lead_to_and_from_those_rows() -> None:
    assert draw(elide(DIAMOND, {"head", "M", "c"}).nodes) == ["●", "●─╮", "│ ●", "●─╯"]
    assert draw(elide(DIAMOND, {"b"}).nodes) == ["●", "●", "●"]
    assert draw(elide(DIAMOND, {"b", "c", "a"}).nodes) == ["●─╮", "│ ●", "● │", "●─╯", "●"]
