"""Rows -> characters: one line a row, two characters a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitlembic.graph.nodes import EdgeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from gitlembic.graph.layout import Row, Strand


class Glyphs(NamedTuple):
    """How lanes and nodes are drawn. A corner is named for the ways that it joins."""

    vertical: Mapping[EdgeKind, str]
    horizontal: Mapping[EdgeKind, str]
    up_left: str
    up_right: str
    up_both: str
    down_left: str
    down_right: str
    down_both: str
    dynamic: str
    static: str
    elided: str
    ellipsis: str


ROUNDED = Glyphs(
    vertical={EdgeKind.PARENT: "│", EdgeKind.DEPENDENCY: "┊"},
    horizontal={EdgeKind.PARENT: "─", EdgeKind.DEPENDENCY: "┄"},
    up_left="╯",
    up_right="╰",
    up_both="┴",
    down_left="╮",
    down_right="╭",
    down_both="┬",
    dynamic="●",
    static="○",
    elided="~",
    ellipsis="…",
)
ASCII = Glyphs(
    vertical={EdgeKind.PARENT: "|", EdgeKind.DEPENDENCY: ":"},
    horizontal={EdgeKind.PARENT: "-", EdgeKind.DEPENDENCY: "."},
    up_left="'",
    up_right="'",
    up_both="'",
    down_left=".",
    down_right=".",
    down_both=".",
    dynamic="*",
    static="o",
    elided="~",
    ellipsis="...",
)


def draw_node(row: Row, mark: str, glyphs: Glyphs) -> str:
    """The line of a row, with `mark`, one column wide, for its node.

    A lane that passes is drawn across those that run sideways, so nothing but a corner joins.
    """
    if row.columns == 1:  # most rows of most pictures
        return mark
    cells = _Cells(row, glyphs)
    drawn = [mark if column == row.column else cells.cell(column) for column in range(row.columns)]
    gaps = [cells.gap(column) for column in range(row.columns)]
    return "".join(part for pair in zip(drawn, gaps, strict=True) for part in pair).rstrip()


def draw_between(strands: Collection[Strand], glyphs: Glyphs) -> str:
    """A line between two rows, where lanes only pass."""
    lanes = {strand.column: glyphs.vertical[strand.kind] for strand in strands}
    return " ".join(lanes.get(column, " ") for column in range(max(lanes, default=-1) + 1))


class _Cells:
    def __init__(self, row: Row, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._column = row.column
        self._above = {strand.column: strand.kind for strand in row.above}
        self._ends = {strand.column: strand.kind for strand in row.ends}
        self._starts = {strand.column: strand.kind for strand in row.starts}
        self._sideways = {**self._ends, **self._starts}
        self._leftmost = min(row.column, *self._sideways) if self._sideways else row.column
        self._rightmost = max(row.column, *self._sideways) if self._sideways else row.column

    def cell(self, column: int) -> str:
        if column in self._ends:
            shapes: Sequence[str] = (self._glyphs.up_right, self._glyphs.up_both, self._glyphs.up_left)
        elif column in self._starts:
            shapes = (self._glyphs.down_right, self._glyphs.down_both, self._glyphs.down_left)
        elif column in self._above:
            return self._glyphs.vertical[self._above[column]]
        else:
            return self.gap(column)
        return shapes[1 + (column == self._rightmost) - (column == self._leftmost)]

    def gap(self, column: int) -> str:
        """What stands right of a column: dotted if nothing but dependencies runs there."""
        if column < self._column:
            beyond = [kind for other, kind in self._sideways.items() if other <= column]
        else:
            beyond = [kind for other, kind in self._sideways.items() if other > column]
        if not beyond:
            return " "
        return self._glyphs.horizontal[EdgeKind.PARENT if EdgeKind.PARENT in beyond else EdgeKind.DEPENDENCY]
