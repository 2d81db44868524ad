"""Pictures -> lines for a terminal: lanes, revision, marks and message, then author, age and commit.

A line is a tuple of spans, each with what it is; who prints them gives them colours. Whatever comes
from git or files is made visible here.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.history import SHORT_COMMIT, WORKING_TREE
from gitlembic.core.migration import Kind
from gitlembic.core.visible_text import columns, cut, visible
from gitlembic.graph.ages import age
from gitlembic.graph.glyphs import draw_between, draw_node
from gitlembic.graph.labels import said_of_elided, short_revision
from gitlembic.graph.lines import Line, Span, fitted, width_of
from gitlembic.graph.marks import Tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from gitlembic.graph.glyphs import Glyphs
    from gitlembic.graph.layout import Row
    from gitlembic.graph.picture import Entry, Heading, Picture

_LONGEST_AUTHOR = 16
_ENOUGH_MESSAGE = 24
_GAP = "  "


class Screen(NamedTuple):
    """What the lines are for: how wide they may be (`None`: as wide as need be), the strokes, and today."""

    width: int | None
    glyphs: Glyphs
    now: datetime


def render_pictures(pictures: Sequence[Picture], screen: Screen) -> list[Line]:
    """The lines of pictures, one below the other, each with its title if there are several, or nothing in one."""
    lines: list[Line] = []
    for picture in pictures:
        empty = not picture.layout.rows
        if len(pictures) > 1 or empty:
            title = visible(picture.title) + (": no migrations" if empty else "")
            lines += [()] if lines else []
            lines.append(fitted((Span(title, Tone.TITLE),), screen.width, screen.glyphs.ellipsis))
        lines += _Text(picture, screen).lines()
    return lines


class _Facts(NamedTuple):
    """The columns at the right of a row, each of which may be empty."""

    author: Span = Span("")
    age: Span = Span("")
    commit: Span = Span("")


class _Text:
    def __init__(self, picture: Picture, screen: Screen) -> None:
        self._picture = picture
        self._screen = screen
        self._ellipsis = screen.glyphs.ellipsis
        shown = [picture.entries[row.name] for row in picture.layout.rows if row.name in picture.entries]
        # What a line above says already is not said again.
        said = bool(picture.headings)
        self._facts: dict[str, _Facts] = {
            entry.link.revision: _Facts() if said else self._facts_of(entry) for entry in shown
        }
        self._revision_width = max((columns(short_revision(entry)) for entry in shown), default=0)
        # Lanes that take a quarter of the line do not push every message to the right.
        lanes = 2 * picture.layout.columns - 1
        self._lanes_width = lanes if screen.width is None or lanes <= screen.width // 4 else 0
        self._left = {row.name: self._left_of(row) for row in picture.layout.rows}
        self._left_width, self._right = self._divide()

    def _divide(self) -> tuple[int, tuple[int, ...]]:
        """How wide the left part is, and the columns at the right, 0 for those that have no room.

        The commit goes first, then the author, then the age.
        """
        longest = max((width_of(line) for line in self._left.values()), default=0)
        right = [max((columns(facts[number].text) for facts in self._facts.values()), default=0) for number in range(3)]
        for dropped in (None, 2, 0, 1):
            if dropped is not None:
                right[dropped] = 0
            taken = sum(width + len(_GAP) for width in right if width)
            if self._screen.width is None:
                return longest, tuple(right)
            left = self._screen.width - taken
            enough = self._lanes_width + self._revision_width + 2 * len(_GAP) + _ENOUGH_MESSAGE
            if left >= min(longest, enough):
                break
        return min(left, longest), tuple(right)

    def lines(self) -> Iterator[Line]:
        for row in self._picture.layout.rows:
            heading = self._picture.headings.get(row.name)
            if heading is not None or row.is_detached:
                lanes = draw_between(row.above, self._screen.glyphs)
                said = () if heading is None else self._said(heading, lanes)
                yield fitted((Span(lanes), *said), self._screen.width, self._ellipsis)
            yield self._line(row)

    def _said(self, heading: Heading, lanes: str) -> Line:
        """What stands in the line above a row, beside the lanes that pass."""
        gap = Span(" " * (self._lanes_width - columns(lanes)) + _GAP)
        birth = heading.birth
        if birth is None:
            return gap, Span(heading.subject, Tone.FAINT)
        when = f", {age(birth.date, self._screen.now)}" if birth.date else ""
        return (
            gap,
            Span(f"{birth.commit[:SHORT_COMMIT]} ", Tone.COMMIT),
            Span(visible(heading.subject), Tone.TITLE),
            Span(f" ({visible(birth.author)}{when})", Tone.FAINT),
        )

    def _line(self, row: Row) -> Line:
        facts = [
            Span(cell.text + " " * (width - columns(cell.text)), cell.tone)
            for cell, width in zip(self._facts.get(row.name, _Facts()), self._right, strict=True)
            if width
        ]
        left = fitted(
            self._left[row.name],
            self._left_width if self._screen.width is not None else None,
            self._ellipsis,
        )
        if not any(cell.text.strip() for cell in facts):
            return left
        padding = Span(" " * (self._left_width - width_of(left)))
        return (*left, padding, *chain.from_iterable((Span(_GAP), cell) for cell in facts))

    def _left_of(self, row: Row) -> Line:
        entry = self._picture.entries.get(row.name)
        lanes = draw_node(row, _mark(entry, self._screen.glyphs), self._screen.glyphs)
        if self._screen.width is not None:
            lanes = cut(lanes, self._screen.width // 2, self._ellipsis)
        start = (Span(lanes, entry.tone if entry else None), Span(" " * (self._lanes_width - columns(lanes)) + _GAP))
        if entry is None:
            return (*start, Span(said_of_elided(self._picture, row), Tone.FAINT))
        return (*start, *self._described(entry))

    def _described(self, entry: Entry) -> Iterator[Span]:
        revision = short_revision(entry)
        typed = visible(entry.link.revision[: entry.unique])
        yield Span(typed, Tone.UNIQUE)
        yield Span(revision[len(typed) :], Tone.REVISION)
        yield Span(" " * (self._revision_width - columns(revision)) + _GAP)
        for number, mark in enumerate(entry.marks):
            yield Span("(" if not number else ", ", Tone.FAINT)
            yield Span(visible(mark.text), mark.tone)
        if entry.marks:
            yield Span(") ", Tone.FAINT)
        yield Span(visible(entry.message), entry.tone)

    def _facts_of(self, entry: Entry) -> _Facts:
        if entry.birth is not None:
            author = cut(visible(entry.birth.author), _LONGEST_AUTHOR, self._ellipsis)
            when = age(entry.birth.date, self._screen.now) if entry.birth.date else ""
            commit = entry.birth.commit[:SHORT_COMMIT]
            return _Facts(Span(author), Span(when, Tone.AGE), Span(commit, Tone.COMMIT))
        written = entry.link.placed.migration.create_date
        if written is None or entry.link.born == WORKING_TREE:
            return _Facts()
        return _Facts(age=Span(f"{written:%Y-%m-%d}", Tone.FAINT))


def _mark(entry: Entry | None, glyphs: Glyphs) -> str:
    if entry is None:
        return glyphs.elided
    return glyphs.dynamic if entry.link.kind is Kind.DYNAMIC else glyphs.static
