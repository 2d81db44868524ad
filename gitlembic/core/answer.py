"""The chains of a working tree <-> plain values, to give the same answer another time.

What the migrations declare is not in them: whoever asks again has that from the files.
"""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, Any

from gitlembic.core.chain import Chain, Link, Source
from gitlembic.core.history import WORKING_TREE, CommitId
from gitlembic.core.migration import PlacedMigration
from gitlembic.core.resolution import Resolution
from gitlembic.core.rows import birth_columns, births_from_columns, place_from_row, place_row, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gitlembic.core.chain import Birth
    from gitlembic.core.migration import Migration


def answer_document(resolution: Resolution) -> dict[str, Any]:
    """The plain values of an answer; where its chains live is left out."""
    return {
        "head": resolution.head,
        "births": birth_columns(resolution.births.values()),
        "chains": [
            [
                place_row(chain.place),
                chain.end,
                chain.source.value,
                sorted(chain.followed_outside),
                _columns(chain.links),
            ]
            for chain in resolution.chains
        ],
    }


def answer_from(document: Any, declared: Mapping[str, Migration]) -> Resolution | None:
    """The answer that `answer_document` took apart, for files that declare what they did; `None` for anything else."""
    try:
        chains = tuple(_chain(row, declared) for row in document["chains"])
        births = births_from_columns(document["births"])
        head = None if document["head"] is None else CommitId(text_of(document["head"]))
        commits = {birth.commit: birth for birth in births}
        return Resolution(chains, head, None, commits) if _is_whole(chains, commits, len(declared)) else None
    except (LookupError, TypeError, ValueError, AttributeError):  # whoever made it, it is not what we write
        return None


def _is_whole(chains: Sequence[Chain], births: Mapping[CommitId, Birth], count: int) -> bool:
    """Whether all that the links name is there: every file, every parent, every commit."""
    links = [link for chain in chains for link in chain.links]
    known = {link.revision for link in links}
    born = {link.born for link in links} - {None, WORKING_TREE}
    ends = {chain.end for chain in chains} - {None}
    return (
        len(links) == len(known) == count
        and known.issuperset([parent for link in links for parent in link.parents])
        and known.issuperset(ends.union(*(chain.followed_outside for chain in chains)))
        and births.keys() >= born
    )


def _columns(links: Sequence[Link]) -> list[list[Any]]:
    return [
        [link.placed.path for link in links],
        [link.parents for link in links],
        [link.side_head for link in links],
        [link.born for link in links],
    ]


def _chain(row: Any, declared: Mapping[str, Migration]) -> Chain:
    place, end, source, outside, columns = row
    paths, parents, side_heads, born = columns
    placed = map(PlacedMigration, paths, map(declared.__getitem__, paths))
    links = starmap(Link, zip(placed, map(tuple, parents), map(bool, side_heads), born, strict=True))
    return Chain(
        place_from_row(place),
        tuple(links),
        end,
        Source(source),
        followed_outside=frozenset(outside),
    )
