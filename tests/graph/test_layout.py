"""Who stands in which lane: input and picture side by side, and what holds for every graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitlembic.graph.glyphs import ASCII
from gitlembic.graph.layout import lay_out
from gitlembic.graph.nodes import newest_first
from tests.support.drawings import draw, nodes_of, picture, read_edges
from tests.support.graphs import graphs

if TYPE_CHECKING:
    from gitlembic.graph.nodes import Node

CASES = {
    "a line stays in one lane": """
        c: b     ●
        b: a     ●
        a        ●
    """,
    "a second head has a lane beside": """
        s: b     ●
        e: d     │ ●
        d: b     │ ●
        b: a     ●─╯
        a        ●
    """,
    "a merge begins a lane and keeps its own": """
        M: b c   ●─╮
        c: a     │ ●
        b: a     ● │
        a        ●─╯
    """,
    "an octopus begins several": """
        M: a b c d   ●─┬─┬─╮
        d: z         │ │ │ ●
        c: z         │ │ ● │
        b: z         │ ● │ │
        a: z         ● │ │ │
        z            ●─┴─┴─╯
    """,
    "ten parallel heads end in one node": """
        h0: a    ●
        h1: a    │ ●
        h2: a    │ │ ●
        h3: a    │ │ │ ●
        h4: a    │ │ │ │ ●
        h5: a    │ │ │ │ │ ●
        h6: a    │ │ │ │ │ │ ●
        h7: a    │ │ │ │ │ │ │ ●
        h8: a    │ │ │ │ │ │ │ │ ●
        h9: a    │ │ │ │ │ │ │ │ │ ●
        a        ●─┴─┴─┴─┴─┴─┴─┴─┴─╯
    """,
    "a free lane is used again": """
        M: d c   ●─╮
        c: b     │ ●
        d: b     ● │
        b: N     ●─╯
        N: x y   ●─╮
        y: a     │ ●
        x: a     ● │
        a        ●─╯
    """,
    "a later lane is put in between, and the older makes room from its beginning": """
        t: n     ●
        s: a     │   ●
        n: m k   ●─╮ │
        k: m     │ ● │
        m: a     ●─╯ │
        a        ●───╯
    """,
    "a new head goes beside the lane that ends where its own will": """
        t: b     ●
        u: a     │   ●
        s: b     │ ● │
        b: a     ●─╯ │
        a        ●───╯
    """,
    "several bases that do not touch": """
        c: b     ●
        b        ●

        a        ●
    """,
    "a base in a side lane does not touch the next head": """
        t: x     ●
        b        │ ●
                 │
        a        │ ●
        x        ●
    """,
    "a dependency is dotted, and goes to the side where its target stands": """
        c2: c1     ●
        c1: b ?e2  ●┄╮
        e3: e2     │ ┊ ●
        e2: e1     │ ╰┄●
        e1: b      │   ●
        b          ●───╯
    """,
    "a dependency to the left": """
        e2: e1     ●
        c2: c1     │   ●
        c1: b ?e1  │ ╭┄●
        e1: b      ●┄╯ │
        b          ●───╯
    """,
    "a dependency on one's own line": """
        c: b ?a   ●┄╮
        b: a      ● ┊
        a         ●┄╯
    """,
    "a lane that must be crossed passes in front": """
        M: b d    ●───╮
        b: c e    ●─╮ │
        c: d      ● │ │
        d: e      ●─│─╯
        e         ●─╯
    """,
    "who is only depended on stands in that lane": """
        c: b ?x   ●┄╮
        b: a      ● ┊
        x         │ ●
        a         ●
    """,
}


def _sides(case: str) -> tuple[str, list[str]]:
    """Input and picture: the picture begins in the column of its first node."""
    lines = case.strip("\n").splitlines()[:-1]
    split = lines[0].index("●")
    graph = "\n".join(line[:split] for line in lines if line[:split].strip())
    return graph, [line[split:] for line in lines]


@pytest.mark.parametrize("name", CASES)
def test_drawings(name: str) -> None:
    graph, expected = _sides(CASES[name])
    assert draw(nodes_of(graph)) == expected


def test_the_lane_of_a_trunk_is_kept_free() -> None:
    assert draw(nodes_of("s: b\ne: d\nd: b\nb: a\na"), ["e", "absent"]) == ["  ●", "● │", "● │", "●─╯", "●"]


def test_in_ascii() -> None:
    assert draw(nodes_of("M: b c\nc: a ?x\nb: a\nx: a\na"), glyphs=ASCII, mark="o") == [
        "o-.",
        "| o..",
        "o | :",
        "| | o",
        "o-'-'",
    ]


def test_edges_to_absent_nodes_are_left_out() -> None:
    layout = lay_out(nodes_of("b: a z\na: y"))
    assert [(route.source, route.target) for route in layout.routes] == [("b", "a")]
    assert picture(layout) == ["●", "●"]


def test_nothing_has_no_rows() -> None:
    layout = lay_out([])
    assert (layout.rows, layout.routes, layout.columns) == ((), (), 0)


@given(nodes=graphs(), trunks=st.lists(st.integers(0, 13).map(str), max_size=2, unique=True))
def test_a_picture_says_exactly_what_the_graph_is(nodes: list[Node], trunks: list[str]) -> None:
    layout = lay_out(nodes, trunks)
    assert [row.name for row in layout.rows] == [node.name for node in nodes]
    found = read_edges(picture(layout), [node.name for node in nodes])
    assert sorted((one, other) for one, other, _ in found) == sorted(
        (node.name, edge.target) for node in nodes for edge in node.edges
    )
    place = {node.name: number for number, node in enumerate(nodes)}
    kinds = {(node.name, edge.target): edge.kind for node in nodes for edge in node.edges}
    for one, other, kind in found:
        # Neighbours may have no upright stroke between them that would tell.
        assert kind is kinds[one, other] or place[other] - place[one] == 1


@given(nodes=graphs())
def test_lanes_of_the_same_rows_are_apart(nodes: list[Node]) -> None:
    layout = lay_out(nodes)
    place = {row.name: number for number, row in enumerate(layout.rows)}
    borders = [
        (number, route.column) for route in layout.routes for number in range(place[route.source], place[route.target])
    ]
    assert len(borders) == len(set(borders))
    for number, row in enumerate(layout.rows):
        assert sorted(column for place, column in borders if place == number) == [each.column for each in row.below]


@given(nodes=graphs())
def test_every_node_once_and_above_its_targets(nodes: list[Node]) -> None:
    shown = newest_first(nodes[::-1])
    assert sorted(node.name for node in shown) == sorted(node.name for node in nodes)
    place = {node.name: number for number, node in enumerate(shown)}
    assert all(place[edge.target] > place[node.name] for node in shown for edge in node.edges)


def test_branches_stay_together_and_a_line_keeps_its_order() -> None:
    chain = nodes_of("b\ne1: b\nc1: b\ne2: e1\nc2: c1\ne3: e2")
    assert [node.name for node in newest_first(chain)] == ["e3", "e2", "e1", "c2", "c1", "b"]
    line = nodes_of("a\nb: a\nx: a\ny: x\nM: b y\nend: M\ns: a")
    assert [node.name for node in newest_first(line)] == ["s", "end", "M", "y", "x", "b", "a"]
