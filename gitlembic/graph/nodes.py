"""What a picture is made of, and the order in which it is read: newest first."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class EdgeKind(enum.Enum):
    """Why one migration runs after another."""

    PARENT = "parent"
    DEPENDENCY = "depends_on"


@dataclass(frozen=True, slots=True)
class Edge:
    """Leads down to an older node."""

    target: str
    kind: EdgeKind = EdgeKind.PARENT


@dataclass(frozen=True, slots=True)
class Node:
    """Something that takes one row; `edges` lead to older ones, first the one to draw straight below."""

    name: str
    edges: tuple[Edge, ...] = ()


def newest_first(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes of a chain, which come oldest first, as a picture shows them: each above its targets.

    Of those that may come next, one that the last node leads to goes first, and among these the one
    that is later in the chain: so branches stay together, and a line keeps its order. Edges to
    absent nodes do not count.
    """
    known = {node.name: node for node in nodes}
    place = {name: number for number, name in enumerate(known)}
    waiting = Counter(edge.target for node in nodes for edge in node.edges)
    ready = [node for node in nodes if not waiting[node.name]]
    found = []
    while ready:
        node = ready.pop()
        found.append(node)
        waiting.subtract(edge.target for edge in node.edges)
        free = {edge.target for edge in node.edges if edge.target in known and not waiting[edge.target]}
        ready += (known[name] for name in sorted(free, key=place.__getitem__))
    return tuple(found)
