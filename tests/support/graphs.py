"""Random graphs."""

from __future__ import annotations

from hypothesis import strategies as st

from gitlembic.graph.nodes import Edge, EdgeKind, Node


@st.composite
def graphs(draw_from: st.DrawFn) -> list[Node]:
    """Nodes that come before their targets."""
    count = draw_from(st.integers(1, 14))
    edges = st.tuples(st.integers(1, count), st.sampled_from(EdgeKind))
    return [
        Node(
            str(number),
            tuple(
                Edge(str(number + further), kind)
                for further, kind in draw_from(st.lists(edges, max_size=3, unique_by=lambda edge: edge[0]))
                if number + further < count
            ),
        )
        for number in range(count)
    ]
