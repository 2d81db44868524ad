"""Leaves nodes out of a picture, and says so.

One row stands for all that are older, one for all newer, and one for each run between nodes that are shown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gitlembic.graph.nodes import Edge, Node

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

OLDER, NEWER = "@older", "@newer"
"""Names of rows that stand for several nodes; no revision id has an `@`."""

_RUN = "@@"
"""How the name of a run begins; the rest is its oldest node."""


@dataclass(frozen=True)
class Shown:
    """What is left, newest first, and how many nodes each row stands for that is no node itself."""

    nodes: tuple[Node, ...]
    elided: Mapping[str, int]


def elide(nodes: Sequence[Node], kept: Collection[str]) -> Shown:
    """`nodes`, newest first, without those that are not `kept`.

    Ancestors of whoever is kept become one row below, descendants one above; what is neither is
    not missed. Those between two that are kept become runs; one by itself is shown, which takes no more room.
    """
    if all(node.name in kept for node in nodes):
        return Shown(tuple(nodes), {})
    older, newer = ancestors(nodes, kept), _descendants(nodes, kept)
    stands_for = {
        **dict.fromkeys(newer, NEWER),
        **dict.fromkeys(older, OLDER),
        **_runs(nodes, (older & newer).difference(kept)),
        **{name: name for name in kept},
    }
    edges: dict[str, dict[Edge, None]] = {NEWER: {}} if NEWER in stands_for.values() else {}
    for node in nodes:
        row = stands_for.get(node.name)
        if row in {node.name, f"{_RUN}{node.name}", NEWER}:  # the edges of a run are those of its oldest
            leading = (replace(edge, target=stands_for.get(edge.target, OLDER)) for edge in node.edges)
            edges.setdefault(row, {}).update(
                dict.fromkeys(edge for edge in leading if row != NEWER or edge.target not in {NEWER, OLDER})
            )
    rows = [Node(name, tuple(leading)) for name, leading in edges.items()]
    counts = Counter(stands_for[node.name] for node in nodes if stands_for.get(node.name, node.name) != node.name)
    if counts[OLDER]:
        rows.append(Node(OLDER))
    return Shown(tuple(rows), {name: count for name, count in counts.items() if count})


def _runs(nodes: Sequence[Node], between: Collection[str]) -> dict[str, str]:
    """In which row each of those `between` stands.

    Who leads to nobody but a run joins it: so nothing that the run leads to can lead back to it.
    """
    found: dict[str, str] = {}
    for node in reversed(nodes):
        if node.name in between:
            below = {found.get(edge.target, edge.target) for edge in node.edges}
            joins = len(below) == 1 and all(name.startswith(_RUN) for name in below)
            found[node.name] = below.pop() if joins else f"{_RUN}{node.name}"
    sizes = Counter(found.values())
    return {name: row if sizes[row] > 1 else name for name, row in found.items()}


def side(row: str) -> str:
    """Where those stand that a row stands for: newer or older than all that is shown, or between."""
    return {NEWER: "newer", OLDER: "older"}.get(row, "between")


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
