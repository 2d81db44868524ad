"""The chains of real projects, drawn and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.graph.layout import lay_out
from gitlembic.graph.nodes import Edge, EdgeKind, Node, newest_first
from tests.histories.conftest import NAMES
from tests.support.drawings import picture, read_edges

if TYPE_CHECKING:
    from tests.histories.recorded import RecordedHistory

WIDEST = {"warehouse": 3, "backend.ai": 3, "neutron": 8}
"""Columns at HEAD: whoever makes lanes wander will see it here."""


def _nodes(history: RecordedHistory) -> tuple[Node, ...]:
    migrations = history.migrations(history.head)
    return newest_first(
        [
            Node(
                revision,
                (
                    *map(Edge, migrations[revision].parents),
                    *(Edge(needed, EdgeKind.DEPENDENCY) for needed in migrations[revision].needs),
                ),
            )
            for revision in history.orders[-1]
        ]
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_says_what_the_authors_declared(histories: dict[str, RecordedHistory], name: str) -> None:
    nodes = _nodes(histories[name])
    layout = lay_out(nodes)
    found = read_edges(picture(layout), [node.name for node in nodes])
    declared = [(node.name, edge.target) for node in nodes for edge in node.edges]
    assert sorted((one, other) for one, other, _ in found) == sorted(declared)
    assert layout.columns == WIDEST[name]
