"""Leaves nodes out of a picture, and says so: one row for all that are older, one for all newer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gitlembic.graph.nodes import Edge, Node

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

OLDER, NEWER = "@older", "@newer"
"""Names of rows that stand for several nodes; no revision id has an `@`."""


@dataclass(frozen=True)
class Shown:
    """What is left, newest first, and how many nodes each row stands for that is no node itself."""

    nodes: tuple[Node, ...]
    elided: Mapping[str, int]


def elide(nodes: Sequence[Node], kept: Collection[str]) -> Shown:
    """`nodes`, newest first, without those that are not `kept`.

    Ancestors of whoever is kept become one row below, descendants one above; what is neither is
    not missed. Who stands between two that are kept is kept as well, or rows could lead in a circle.
    """
    if all(node.name in kept for node in nodes):
        return Shown(tuple(nodes), {})
    older, newer = ancestors(nodes, kept), _descendants(nodes, kept)
    kept = {node.name for node in nodes if node.name in kept or (node.name in older and node.name in newer)}
    stands_for = {
        **{name: name for name in kept},
        **dict.fromkeys(newer - kept, NEWER),
        **dict.fromkeys(older - kept, OLDER),
    }
    edges: dict[str, dict[Edge, None]] = {NEWER: {}} if newer - kept else {}
    for node in nodes:
        row = stands_for.get(node.name, OLDER)
        if row != OLDER:
            leading = (replace(edge, target=stands_for.get(edge.target, OLDER)) for edge in node.edges)
            edges.setdefault(row, {}).update(
                dict.fromkeys(edge for edge in leading if row != NEWER or edge.target in kept)
            )
    rows = [Node(name, tuple(leading)) for name, leading in edges.items()]
    if older - kept:
        rows.append(Node(OLDER))
    present = {node.name for node in nodes}
    counts = {NEWER: len(newer & present - kept), OLDER: len(older & present - kept)}
    return Shown(tuple(rows), {name: count for name, count in counts.items() if count})


def ancestors(nodes: Iterable[Node], kept: Collection[str]) -> set[str]:
    """Whom `kept` lead to, directly or not, in `nodes`, newest first."""
    found: set[str] = set()
    for node in nodes:
        if node.name in kept or node.name in found:
            found.update(edge.target for edge in node.edges)
    return found


def _descendants(nodes: Sequence[Node], kept: Collection[str]) -> set[str]:
    found: set[str] = set()
    for node in reversed(nodes):
        if any(edge.target in kept or edge.target in found for edge in node.edges):
            found.add(node.name)
    return found
