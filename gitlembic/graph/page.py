"""Pictures -> one HTML page that needs nothing else: the SVG, with what can be found and looked at in it."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from gitlembic.core.chain_format import chain_document, link_document
from gitlembic.core.visible_text import visible
from gitlembic.graph.document import rows_and_edges
from gitlembic.graph.svg import render_svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gitlembic.core.resolution import Resolution
    from gitlembic.graph.picture import Picture


def render_page(template: str, resolution: Resolution, pictures: Sequence[Picture], sources: Mapping[str, str]) -> str:
    """The page: `template` with the drawing in it, and the data that its script reads.

    `sources` are the texts of migrations by their path, as far as they are known.
    """
    data = {
        **chain_document(resolution),
        "rows": rows_and_edges(pictures)["rows"],
        "dropped": _dropped(resolution, pictures),
        "sources": dict(sources),
    }
    titles = ", ".join(visible(picture.title) for picture in pictures)
    filled = {"title": escape(titles), "drawing": render_svg(pictures), "data": _embedded(_shown(data))}
    start, *rest = template.split("<!--")
    parts = [start]
    for part in rest:
        name, _, after = part.partition("-->")
        parts += (filled[name], after)
    return "".join(parts)


def _dropped(resolution: Resolution, pictures: Sequence[Picture]) -> dict[str, Any]:
    """Who is drawn, but in the chains no more: what a comparison shows as dropped."""
    present = resolution.links
    return {
        name: link_document(entry.link, resolution.births)
        for picture in pictures
        for name, entry in picture.entries.items()
        if name not in present
    }


def _shown(value: Any) -> Any:
    """The same with every text made visible, line by line."""
    if isinstance(value, str):
        return "\n".join(map(visible, value.split("\n")))
    if isinstance(value, dict):
        return {_shown(key): _shown(each) for key, each in value.items()}
    return [_shown(each) for each in value] if isinstance(value, list) else value


def _embedded(data: Any) -> str:
    """JSON that ends no script and begins no comment of HTML."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
