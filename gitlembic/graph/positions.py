"""Where databases stand in a chain -> marks of its migrations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gitlembic.graph.marks import Mark, Tone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gitlembic.core.standing import Standing


@dataclass(frozen=True)
class Position:
    """Of one database, which stands at `heads`.

    `within` are the squashes in whose middle it stands; of these heads the `standing` knows nothing. `inside`
    has those squashes of which it ran a part, each with what never ran there.
    """

    heads: frozenset[str]
    standing: Standing
    within: frozenset[str] = frozenset()
    inside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def position_marks(positions: Iterable[Position]) -> dict[str, tuple[Mark, ...]]:
    """Who is where a database stands, what never ran there although it should have, and what is still to run."""
    found: dict[str, dict[Mark, None]] = {}
    for position in positions:
        for revision, mark in _marks(position):
            found.setdefault(revision, {})[mark] = None
    return {revision: tuple(marks) for revision, marks in found.items()}


def _marks(position: Position) -> Iterator[tuple[str, Mark]]:
    standing = position.standing
    never = Mark("pending", Tone.PENDING) if standing.unknown else Mark("missing", Tone.MISSING)
    marked = (
        (position.heads, Mark("database", Tone.DATABASE)),
        (position.within, Mark("database inside", Tone.DATABASE)),
        (standing.missing, never),
        (standing.pending, Mark("pending", Tone.PENDING)),
        (standing.passed, Mark("ran already", Tone.DATABASE)),
    )
    for revisions, mark in marked:
        yield from ((revision, mark) for revision in revisions)
    for squash, missing in position.inside.items():
        yield squash, Mark(f"{len(missing)} missing inside", Tone.MISSING)
