"""Rows that stand for those that are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitlembic.graph.elision import NEWER, OLDER, elide
from tests.support.drawings import draw, nodes_of
from tests.support.graphs import graphs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitlembic.graph.nodes import Node

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
        ("head base", "head @@a base", {"@@a": 4}),
        ("head c base", "head M c @@a base", {"@@a": 2}),
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
    assert draw(elide(DIAMOND, {"head", "c", "base"}).nodes) == ["●", "●─╮", "│ ●", "●─╯", "●"]


@given(nodes=graphs(), kept=st.sets(st.integers(0, 13).map(str)))
def test_nobody_is_lost_and_rows_stand_above_their_targets(nodes: list[Node], kept: set[str]) -> None:
    names = {node.name for node in nodes}
    shown = elide(nodes, kept & names)
    rows = [node.name for node in shown.nodes]
    assert kept & names <= set(rows) <= names | set(shown.elided)
    reach = {node.name: _reached(node.name, nodes) for node in nodes}
    missed = [
        name for name in names - kept if not (reach[name] & kept or any(name in reach[one] for one in kept & names))
    ]
    assert len(set(rows) & names) + sum(shown.elided.values()) + len(missed) == len(nodes)
    place = {name: number for number, name in enumerate(rows)}
    assert all(place[edge.target] > place[node.name] for node in shown.nodes for edge in node.edges)
    leads = {(one, other) for one in rows for other in _reached(one, shown.nodes)}
    assert {(one, other) for one in kept & names for other in kept & reach[one]} <= leads


def _reached(start: str, nodes: Sequence[Node]) -> set[str]:
    edges = {node.name: {edge.target for edge in node.edges} for node in nodes}
    found: set[str] = set()
    waiting = {start}
    while waiting:
        new = edges[waiting.pop()] - found
        found |= new
        waiting |= new
    return found
