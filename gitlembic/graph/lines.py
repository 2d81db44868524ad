"""Lines of text in pieces, of which each says what it is; colours and columns come later."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.visible_text import columns, cut

if TYPE_CHECKING:
    from gitlembic.graph.marks import Tone


class Span(NamedTuple):
    """A piece of a line, without control characters; `None` for what needs no colour."""

    text: str
    tone: Tone | None = None


Line = tuple[Span, ...]


def width_of(line: Line) -> int:
    """How many columns of a terminal a line takes."""
    return sum(columns(span.text) for span in line)


def fitted(line: Line, width: int | None, ellipsis: str) -> Line:
    """The line, cut at its end to `width` columns."""
    if width is None or width_of(line) <= width:
        return line
    found: list[Span] = []
    left = max(width - len(ellipsis), 0)
    for span in line:
        text = cut(span.text, left, "")
        left -= columns(text)
        if text != span.text:
            found.append(Span(text + ellipsis[:width], span.tone))
            break
        found.append(span)
    return tuple(found)
