"""Nodes, newest first -> rows: who stands in which lane, and where each edge runs.

Every edge has a lane to itself, a straight line from the row of its node down to the row of its
target; in these two rows it may also run sideways to the nodes' own lanes. The first edge goes on
in the lane of its node. A new lane is put right beside the node that it leaves, wherever that is:
as all rows are known, others make room from their beginning instead of moving aside.

    M: b, c    ●─╮   M goes on to b, and begins a lane to c
    c: a       │ ●
    b: a       ● │
    a          ●─╯   two lanes end in a

Lanes keep their order from left to right, so the left one of two neighbours gets a smaller column.
Nothing here knows what a migration is, nor how a lane is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gitlembic.graph.nodes import EdgeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitlembic.graph.nodes import Edge, Node


@dataclass(frozen=True, slots=True)
class Strand:
    """A lane as it crosses the border between two rows."""

    column: int
    kind: EdgeKind = EdgeKind.PARENT


@dataclass(frozen=True, slots=True)
class Row:
    """One node, and the lanes that reach its row.

    `above` and `below` are the lanes at its upper and lower border, from left to right. `ends` are those
    from above that run sideways into the node, `starts` those that leave it sideways and go down;
    a lane in the node's own `column` meets it without. Whatever else is above passes.
    `is_detached` says that the node of the row above stands in the same column without an edge to
    this one, so that they must not seem to touch.
    """

    name: str
    column: int
    above: tuple[Strand, ...] = ()
    below: tuple[Strand, ...] = ()
    ends: tuple[Strand, ...] = ()
    starts: tuple[Strand, ...] = ()
    is_detached: bool = False

    @property
    def columns(self) -> int:
        """How many columns the row takes."""
        return 1 + max(self.column, *(strand.column for strand in (*self.above[-1:], *self.below[-1:])), 0)


@dataclass(frozen=True, slots=True)
class Route:
    """An edge with its lane."""

    source: str
    target: str
    kind: EdgeKind
    column: int


@dataclass(frozen=True)
class Layout:
    """The rows in the order of the nodes, and all edges from top to bottom."""

    rows: tuple[Row, ...]
    routes: tuple[Route, ...]

    @property
    def columns(self) -> int:
        """How many columns the widest row takes."""
        return max((row.columns for row in self.rows), default=0)


def lay_out(nodes: Sequence[Node], trunks: Iterable[str] = ()) -> Layout:
    """Rows for nodes of which each stands above its targets; edges to absent nodes are left out.

    The lanes of `trunks` are kept free from the top, leftmost. On which side of a node a lane is
    better begun depends on where its target will stand: a first draft tells.
    """
    present = {node.name for node in nodes}
    edges = {node.name: tuple(dict.fromkeys(edge for edge in node.edges if edge.target in present)) for node in nodes}
    kept_free = tuple(name for name in trunks if name in present)
    draft = _Draft.of(edges, kept_free, {})
    if any(len(leading) > 1 for leading in edges.values()):
        draft = _Draft.of(edges, kept_free, draft.node_columns())
    return draft.layout()


@dataclass(eq=False, slots=True)
class _Lane:
    """A straight line; `kind` is `None` as long as it is only kept free for its target.

    `left` are those that were its neighbours on that side at some time: their columns are smaller.
    """

    target: str
    kind: EdgeKind | None
    left: list[_Lane]

    def leads_to(self, edge: Edge) -> bool:
        return self.kind is not None and self.target == edge.target


_Strands = tuple[tuple[_Lane, EdgeKind], ...]
"""Lanes, and the kind that each has here: a lane goes on with another edge below a node."""


@dataclass(frozen=True, slots=True)
class _DraftRow:
    """A row whose lanes have no columns yet."""

    name: str
    own: _Lane
    above: _Strands
    below: _Strands
    ends: tuple[_Lane, ...]
    starts: tuple[_Lane, ...]

    def placed(self, columns: Mapping[int, int]) -> Row:
        """The row, with the columns of the lanes, which go by their identity."""

        def strands(lanes: _Strands) -> tuple[Strand, ...]:
            return tuple(Strand(columns[id(lane)], kind) for lane, kind in lanes)

        ends, starts = {id(lane) for lane in self.ends}, {id(lane) for lane in self.starts}
        return Row(
            self.name,
            columns[id(self.own)],
            strands(self.above),
            strands(self.below),
            strands(tuple(each for each in self.above if id(each[0]) in ends)),
            strands(tuple(each for each in self.below if id(each[0]) in starts)),
        )


class _Draft:
    """Lanes in their order, taken node by node; columns come last.

    `sides` are the columns of the nodes in an earlier draft, none at first.
    """

    def __init__(self, trunks: Iterable[str], sides: Mapping[str, int]) -> None:
        self._sides = sides
        self._lanes: list[_Lane] = []
        self._rows: list[_DraftRow] = []
        self._edges: list[tuple[str, Edge, _Lane]] = []
        for name in trunks:
            self._insert(len(self._lanes), name, None)

    @classmethod
    def of(cls, edges: Mapping[str, Sequence[Edge]], trunks: Iterable[str], sides: Mapping[str, int]) -> _Draft:
        draft = cls(trunks, sides)
        for name, leading in edges.items():
            draft.take(name, leading)
        return draft

    def take(self, name: str, edges: Sequence[Edge]) -> None:
        """Add the row of the next node."""
        above = self._drawn()
        arriving = [lane for lane in self._lanes if lane.target == name]
        own = _straight(arriving) or self._insert(self._place_of_head(edges), name, None)
        # The last one first: each comes right beside the node, and pushes those before it away.
        starts = [self._begin(name, own, edge) for edge in reversed(edges[1:])][::-1]
        ended = {id(lane) for lane in arriving if lane is not own}
        ends = tuple(lane for lane, _ in above if id(lane) in ended)
        if edges:
            own.target, own.kind = edges[0].target, edges[0].kind
        else:
            ended.add(id(own))
        self._edges += ((name, edge, lane) for edge, lane in zip(edges, [own, *starts], strict=False))
        self._lanes = [lane for lane in self._lanes if id(lane) not in ended]
        self._rows.append(_DraftRow(name, own, above, self._drawn(), ends, tuple(starts)))

    def _drawn(self) -> _Strands:
        return tuple((lane, lane.kind) for lane in self._lanes if lane.kind is not None)

    def _place_of_head(self, edges: Sequence[Edge]) -> int:
        """Beside the lanes that end where this one will, so that they meet without crossing; else at the right."""
        beside = [number for number, lane in enumerate(self._lanes, 1) if edges and lane.leads_to(edges[0])]
        return beside[-1] if beside else len(self._lanes)

    def _begin(self, name: str, own: _Lane, edge: Edge) -> _Lane:
        """A lane right beside the node's own, on the side where its target stands."""
        is_left = self._sides.get(edge.target, 0) < self._sides.get(name, 0)
        return self._insert(self._lanes.index(own) + (0 if is_left else 1), edge.target, edge.kind)

    def _insert(self, place: int, target: str, kind: EdgeKind | None) -> _Lane:
        lane = _Lane(target, kind, self._lanes[place - 1 : place] if place else [])
        for neighbour in self._lanes[place : place + 1]:
            neighbour.left.append(lane)
        self._lanes.insert(place, lane)
        return lane

    def node_columns(self) -> dict[str, int]:
        columns = self._columns()
        return {row.name: columns[id(row.own)] for row in self._rows}

    def layout(self) -> Layout:
        columns = self._columns()
        rows: list[Row] = []
        for draft in self._rows:
            row = draft.placed(columns)
            below_another = bool(rows) and rows[-1].column == row.column
            touches = below_another and all(strand.column != row.column for strand in row.above)
            rows.append(replace(row, is_detached=True) if touches else row)
        return Layout(
            tuple(rows),
            tuple(Route(name, edge.target, edge.kind, columns[id(lane)]) for name, edge, lane in self._edges),
        )

    def _columns(self) -> dict[int, int]:
        """The smallest column of every lane that leaves all its neighbours where they belong."""
        found: dict[int, int] = {}
        waiting = [row.own for row in self._rows] + [lane for row in self._rows for lane in row.starts]
        while waiting:
            lane = waiting[-1]
            unknown = [other for other in lane.left if id(other) not in found]
            waiting += unknown
            if not unknown:
                found[id(waiting.pop())] = max((found[id(other)] + 1 for other in lane.left), default=0)
        return found


_RANK = {None: 0, EdgeKind.PARENT: 1, EdgeKind.DEPENDENCY: 2}


def _straight(arriving: Sequence[_Lane]) -> _Lane | None:
    """In whose column a node stands: one kept free for it, else the leftmost from a child, else the leftmost."""
    return min(arriving, key=lambda lane: _RANK[lane.kind], default=None)
