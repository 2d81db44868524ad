"""Pictures -> mermaid and dot, which lay them out themselves: newest at the top, arrows as migrations run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gitlembic.core.migration import Kind
from gitlembic.graph.labels import label_lines
from gitlembic.graph.nodes import EdgeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitlembic.graph.layout import Row
    from gitlembic.graph.picture import Picture

_MEANS_SOMETHING = re.compile(
    r"[^\w ,():-]|_"  # punctuation, of which these mean nothing
    r"|(?<![^\W_])-|-(?![^\W_])"  # a dash that is not within a word: a list, a line or an arrow
    r"|:(?! )"  # an address, or the name of an icon
)


def render_mermaid(pictures: Sequence[Picture]) -> str:
    """A flowchart of mermaid; rounded boxes are dynamic migrations."""
    lines = ["flowchart BT"]
    for name, picture, row in _rows(pictures):
        label = "<br/>".join(map(_mermaid_text, label_lines(picture, row)))
        opening, closing = ("([", "])") if _is_dynamic(picture, row) else ("[", "]")
        lines.append(f'    {name}{opening}"{label}"{closing}')
    arrows = {EdgeKind.PARENT: "-->", EdgeKind.DEPENDENCY: "-.->"}
    lines += (f"    {older} {arrows[kind]} {newer}" for older, newer, kind in _edges(pictures))
    return "".join(f"{line}\n" for line in lines)


def render_dot(pictures: Sequence[Picture]) -> str:
    """A digraph of graphviz; rounded boxes are dynamic migrations."""
    lines = ["digraph chain {", "    rankdir=BT;", '    node [shape=box, fontname="monospace"];']
    for name, picture, row in _rows(pictures):
        label = "\\n".join(map(_dot_text, label_lines(picture, row)))
        style = ", style=rounded" if _is_dynamic(picture, row) else ""
        lines.append(f'    {name} [label="{label}"{style}];')
    styles = {EdgeKind.PARENT: "", EdgeKind.DEPENDENCY: " [style=dotted]"}
    lines += (f"    {older} -> {newer}{styles[kind]};" for older, newer, kind in _edges(pictures))
    return "".join(f"{line}\n" for line in [*lines, "}"])


def _rows(pictures: Sequence[Picture]) -> Iterator[tuple[str, Picture, Row]]:
    """Every row with a name that no revision id can spoil."""
    rows = ((picture, row) for picture in pictures for row in picture.layout.rows)
    return ((f"r{number}", picture, row) for number, (picture, row) in enumerate(rows))


def _edges(pictures: Sequence[Picture]) -> Iterator[tuple[str, str, EdgeKind]]:
    first = 0
    for picture in pictures:
        names = {row.name: f"r{number}" for number, row in enumerate(picture.layout.rows, first)}
        first += len(names)
        for route in picture.layout.routes:
            yield names[route.target], names[route.source], route.kind


def _is_dynamic(picture: Picture, row: Row) -> bool:
    return row.name in picture.entries and picture.entries[row.name].link.kind is Kind.DYNAMIC


def _mermaid_text(text: str) -> str:
    """Text that means nothing to mermaid, nor to the HTML and Markdown that it makes of it."""
    return _MEANS_SOMETHING.sub(lambda found: f"#{ord(found[0])};", text)


def _dot_text(text: str) -> str:
    """Text without escapes, and without entities of HTML, which graphviz reads as well."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
