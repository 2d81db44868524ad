"""Pictures -> SVG: lanes as lines with round corners, beside them what the rows say."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from gitlembic.core.migration import Kind
from gitlembic.core.visible_text import columns, visible
from gitlembic.graph.labels import marks_of, origin_of, said_of_elided, short_revision

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitlembic.graph.layout import Route, Row
    from gitlembic.graph.picture import Entry, Picture

# Everything in pixels.
_ROW, _COLUMN, _MARGIN, _RADIUS, _DOT = 26, 18, 18, 8, 5
_CHARACTER = 8.0
"""How wide a character of the text is at most: what the viewer's font takes is not known here."""

_COLOURS = 6
_STYLE = """\
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328}
svg{background:#fff}.r{fill:#9a6700}.m{fill:#1a7f37;font-weight:bold}.o{fill:#59636e}.t{font-weight:bold}
.e{fill:none;stroke-width:2}.depends_on{stroke-dasharray:2 4}.static{fill:#fff}.elided{fill:#59636e;stroke:none}
.n{stroke-width:2}.added{fill:#1a7f37}.moved{fill:#9a6700}.dropped{fill:#cf222e;text-decoration:line-through}
.c0{stroke:#0969da}.c1{stroke:#8250df}.c2{stroke:#bf3989}.c3{stroke:#bc4c00}.c4{stroke:#1a7f37}.c5{stroke:#57606a}
.d0{fill:#0969da}.d1{fill:#8250df}.d2{fill:#bf3989}.d3{fill:#bc4c00}.d4{fill:#1a7f37}.d5{fill:#57606a}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}svg{background:#0d1117}.r{fill:#d29922}.m{fill:#3fb950}
.o,.elided{fill:#8b949e}.static{fill:#0d1117}.added{fill:#3fb950}.moved{fill:#d29922}.dropped{fill:#f85149}
.c0{stroke:#58a6ff}.c1{stroke:#a371f7}.c2{stroke:#f778ba}.c3{stroke:#f0883e}.c4{stroke:#3fb950}.c5{stroke:#8b949e}
.d0{fill:#58a6ff}.d1{fill:#a371f7}.d2{fill:#f778ba}.d3{fill:#f0883e}.d4{fill:#3fb950}.d5{fill:#8b949e}}
"""


def render_svg(pictures: Sequence[Picture]) -> str:
    """One drawing, the pictures one below the other, each with its title if there are several."""
    parts: list[str] = []
    top, width = 0, 0.0
    for picture in pictures:
        if len(pictures) > 1 or not picture.layout.rows:
            title = visible(picture.title) + ("" if picture.layout.rows else ": no migrations")
            parts.append(_text(_MARGIN, _centre(top), (("t", title),)))
            width = max(width, 2 * _MARGIN + _CHARACTER * columns(title))
            top += 1
        part = _Part(picture, top)
        parts += part.elements()
        width = max(width, part.width)
        top += len(picture.layout.rows)
    height = top * _ROW + _MARGIN
    size = f'width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', f"<style>{_STYLE}</style>"
    return "".join(f"{part}\n" for part in (*start, *parts, "</svg>"))


def _centre(row: int) -> int:
    return row * _ROW + _ROW


class _Part:
    def __init__(self, picture: Picture, top: int) -> None:
        self._picture = picture
        self._place = {row.name: number for number, row in enumerate(picture.layout.rows, top)}
        self._column = {row.name: row.column for row in picture.layout.rows}
        self._text_left = 2 * _MARGIN + _COLUMN * max(picture.layout.columns - 1, 0)
        self._lines = {row.name: self._said(row) for row in picture.layout.rows}
        longest = max((sum(columns(text) + 1 for _, text in spans) for spans in self._lines.values()), default=0)
        self.width = self._text_left + _MARGIN + _CHARACTER * longest

    def elements(self) -> Iterator[str]:
        for route in self._picture.layout.routes:
            yield self._edge(route)
        for row in self._picture.layout.rows:
            text = _text(self._text_left, _centre(self._place[row.name]), self._lines[row.name])
            yield f'<g class="row">{self._node(row)}{text}</g>'

    def _x(self, column: int) -> int:
        return _MARGIN + column * _COLUMN

    def _edge(self, route: Route) -> str:
        start, end = self._x(self._column[route.source]), self._x(self._column[route.target])
        upper, lower = _centre(self._place[route.source]), _centre(self._place[route.target])
        lane = self._x(route.column)
        path = f"M{start} {upper}"
        if lane != start:
            path += f"H{lane - _side(start, lane)}Q{lane} {upper} {lane} {upper + _RADIUS}"
        if lane == end:
            path += f"V{lower}"
        else:
            path += f"V{lower - _RADIUS}Q{lane} {lower} {lane + _side(lane, end)} {lower}H{end}"
        return f'<path class="e {route.kind.value} c{route.column % _COLOURS}" d="{path}"/>'

    def _node(self, row: Row) -> str:
        entry = self._picture.entries.get(row.name)
        colour = row.column % _COLOURS
        shape = "elided" if entry is None else f"n static c{colour}"
        if entry is not None and entry.link.kind is Kind.DYNAMIC:
            shape = f"n c{colour} d{colour}"
        title = "" if entry is None else f"<title>{escape(visible(entry.link.placed.path))}</title>"
        centre = f'cx="{self._x(row.column)}" cy="{_centre(self._place[row.name])}"'
        return f'<circle class="{shape}" {centre} r="{_DOT if entry else _DOT - 2}">{title}</circle>'

    def _said(self, row: Row) -> tuple[tuple[str, str], ...]:
        entry = self._picture.entries.get(row.name)
        return (("o", said_of_elided(self._picture, row)),) if entry is None else tuple(_described(entry))


def _side(start: int, end: int) -> int:
    return _RADIUS if end > start else -_RADIUS


def _described(entry: Entry) -> Iterator[tuple[str, str]]:
    """The pieces of a row's text, each with its class."""
    yield "r", short_revision(entry)
    if entry.marks:
        yield "m", marks_of(entry)
    yield entry.tone.value if entry.tone else "", visible(entry.message)
    yield "o", origin_of(entry)


def _text(left: int, centre: int, spans: Sequence[tuple[str, str]]) -> str:
    pieces = "".join(
        f'<tspan class="{name}" dx="{_CHARACTER if number else 0:.0f}">{escape(text)}</tspan>'
        for number, (name, text) in enumerate(span for span in spans if span[1])
    )
    return f'<text x="{left}" y="{centre + 4}">{pieces}</text>'
