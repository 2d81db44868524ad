"""Graphs as text, and pictures read back: glyphs -> edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.graph.glyphs import ROUNDED, draw_between, draw_node
from gitlembic.graph.layout import lay_out
from gitlembic.graph.nodes import Edge, EdgeKind, Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitlembic.graph.glyphs import Glyphs
    from gitlembic.graph.layout import Layout

NODE = "●"
_VERTICAL = {"│": EdgeKind.PARENT, "┊": EdgeKind.DEPENDENCY}
_ENDS, _STARTS, _SIDEWAYS = "╯╰┴", "╮╭┬", "─┄"

Triple = tuple[str, str, EdgeKind]


def nodes_of(lines: str) -> list[Node]:
    """Nodes from lines such as `M: a b ?c`: M follows a and b, and depends on c."""
    return [_node(line) for line in lines.strip().splitlines()]


def _node(line: str) -> Node:
    name, _, targets = line.strip().partition(":")
    return Node(
        name,
        tuple(
            Edge(target.lstrip("?"), EdgeKind.DEPENDENCY if target.startswith("?") else EdgeKind.PARENT)
            for target in targets.split()
        ),
    )


def picture(layout: Layout, glyphs: Glyphs = ROUNDED, mark: str = NODE) -> list[str]:
    """The lines of a picture, with those between rows that must not touch."""
    lines = []
    for row in layout.rows:
        if row.is_detached:
            lines.append(draw_between(row.above, glyphs))
        lines.append(draw_node(row, mark, glyphs))
    return lines


def draw(nodes: Sequence[Node], trunks: Sequence[str] = (), glyphs: Glyphs = ROUNDED, mark: str = NODE) -> list[str]:
    return picture(lay_out(nodes, trunks), glyphs, mark)


def read_edges(lines: Sequence[str], names: Sequence[str]) -> list[Triple]:
    """What a picture says: walks every lane from its node down to the node where it ends.

    The kind is that of the upright strokes; `PARENT` where there is none. Fails where a stroke is
    shared, leads nowhere, or belongs to no edge.
    """
    return _Reader(lines, names).edges()


class _Reader:
    def __init__(self, lines: Sequence[str], names: Sequence[str]) -> None:
        width = max(map(len, lines)) + 3
        self._lines = [line.ljust(width + width % 2) for line in lines]
        named = iter(names)
        self._names = [next(named) if NODE in line else "" for line in lines]
        self._left = {
            (row, column)
            for row, line in enumerate(self._lines)
            for column in range(len(line) // 2)
            if line[2 * column] in (*_VERTICAL, *_ENDS, *_STARTS)
        }
        assert not list(named)

    def edges(self) -> list[Triple]:
        found = [edge for row, name in enumerate(self._names) if name for edge in self._leaving(row)]
        assert not self._left, f"strokes of no edge: {self._left}"
        return found

    def _leaving(self, row: int) -> list[Triple]:
        node = self._lines[row].index(NODE) // 2
        starts = [column for column in self._reached(row, node) if self._at(row, column) in _STARTS]
        for column in starts:
            self._left.remove((row, column))
        if row + 1 < len(self._lines) and self._at(row + 1, node) in (*_VERTICAL, *_ENDS, NODE):
            starts.append(node)
        return [self._follow(row, column) for column in starts]

    def _reached(self, row: int, node: int) -> list[int]:
        """The columns that the node's sideways strokes lead to."""
        line, found = self._lines[row], []
        right = node
        while line[2 * right + 1] in _SIDEWAYS:
            right += 1
            found.append(right)
        left = node
        while left and line[2 * left - 1] in _SIDEWAYS:
            left -= 1
            found.append(left)
        return found

    def _follow(self, start: int, column: int) -> Triple:
        kind, row = EdgeKind.PARENT, start + 1
        while self._at(row, column) in _VERTICAL:
            self._left.remove((row, column))
            kind = _VERTICAL[self._at(row, column)]
            row += 1
        if self._at(row, column) != NODE:
            assert self._at(row, column) in _ENDS
            self._left.remove((row, column))
            assert column in self._reached(row, self._lines[row].index(NODE) // 2)
        return self._names[start], self._names[row], kind

    def _at(self, row: int, column: int) -> str:
        return self._lines[row][2 * column]
