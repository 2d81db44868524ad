"""Pictures -> JSON: the chains as `chain --format json` has them, with rows and edges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gitlembic.core.chain_format import chain_document
from gitlembic.graph.elision import side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitlembic.core.resolution import Resolution
    from gitlembic.graph.layout import Row
    from gitlembic.graph.picture import Picture


def render_document(resolution: Resolution, pictures: Sequence[Picture]) -> str:
    """JSON text, ending in a newline.

    `rows` are those of all pictures, from top to bottom; `edges` lead from a row down to another,
    by their numbers, in the lane of a column. A row without a `revision` stands for several.
    """
    return json.dumps({**chain_document(resolution), **rows_and_edges(pictures)}, indent=2) + "\n"


def rows_and_edges(pictures: Sequence[Picture]) -> dict[str, list[dict[str, Any]]]:
    """The rows and edges as plain values."""
    rows: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for number, picture in enumerate(pictures):
        place = {row.name: place for place, row in enumerate(picture.layout.rows, len(rows))}
        rows += (_row(number, picture, row) for row in picture.layout.rows)
        edges += (
            {
                "from": place[route.source],
                "to": place[route.target],
                "kind": route.kind.value,
                "column": route.column,
            }
            for route in picture.layout.routes
        )
    return {"rows": rows, "edges": edges}


def _row(number: int, picture: Picture, row: Row) -> dict[str, Any]:
    entry = picture.entries.get(row.name)
    elided = None
    if entry is None:
        elided = {"count": picture.elided[row.name], "side": side(row.name)}
    return {
        "picture": number,
        "column": row.column,
        "revision": None if entry is None else row.name,
        "marks": [] if entry is None else [mark.text for mark in entry.marks],
        "elided": elided,
    }
