"""Chains -> the JSON that `CLI.md` promises. Keys are only ever added."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.core.chain import Birth, Chain, Link
    from gitlembic.core.history import CommitId
    from gitlembic.core.resolution import Resolution

FORMAT = 1


def render_json(resolution: Resolution) -> str:
    """The chains as JSON text, ending in a newline."""
    return json.dumps(chain_document(resolution), indent=2) + "\n"


def render_compact_json(resolution: Resolution) -> str:
    """The same document on one line, which takes a tenth of the time, with the name of the answer at its end."""
    return json.dumps(chain_document(resolution), separators=(",", ":"))[:-1] + compact_end(resolution)


def compact_end(resolution: Resolution) -> str:
    """What the compact document ends with; that of an answer with a name is unlike all others'."""
    return f',"answer":{json.dumps(resolution.name)}}}\n'


def chain_document(resolution: Resolution) -> dict[str, Any]:
    """The chains as the plain values of the JSON document."""
    return {
        "format": FORMAT,
        "source": resolution.source.value,
        "head": resolution.head,
        "at": resolution.at,
        "chains": [_chain(chain, resolution.births) for chain in resolution.chains],
    }


def _chain(chain: Chain, births: Mapping[CommitId, Birth]) -> dict[str, Any]:
    return {
        "locations": [location.path or "." for location in chain.place],
        "end": chain.end,
        "heads": list(chain.heads),
        "migrations": [link_document(link, births) for link in chain.links],
    }


def link_document(link: Link, births: Mapping[CommitId, Birth]) -> dict[str, Any]:
    """One migration as plain values."""
    migration = link.placed.migration
    down = link.parents[0] if len(link.parents) == 1 else list(link.parents) or None
    birth = births.get(link.born) if link.born else None
    return {
        "revision": migration.revision,
        "down_revision": down,
        "kind": migration.kind.value,
        "side_head": link.side_head,
        "path": link.placed.path,
        "born": None
        if birth is None
        else {
            "commit": birth.commit,
            "date": birth.date.isoformat() if birth.date else None,
            "author": birth.author,
        },
        "branch_labels": list(migration.branch_labels),
        "depends_on": list(migration.depends_on),
        "message": migration.message,
    }
