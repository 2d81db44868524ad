"""Two states of a project -> what the one adds, moves and drops against the other, in one chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.graph.marks import Mark, Tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gitlembic.core.chain import Chain, Link
    from gitlembic.core.resolution import Resolution


@dataclass(frozen=True)
class Comparison:
    """Today's chains with what was dropped in its old place, and the mark of everybody who differs.

    Who was dropped still follows whom it followed, as far as that is shown.
    """

    chains: tuple[Chain, ...]
    marks: Mapping[str, Mark]


def compare(now: Resolution, then: Resolution) -> Comparison:
    """What `now` has that `then` had not, has elsewhere, and has no more."""
    dropped: dict[str, Link] = {revision: link for revision, link in then.links.items() if revision not in now.links}
    return Comparison(
        _with_dropped(now.chains, [tuple(chain.links) for chain in then.chains], dropped),
        {**dict(_marks(now, then)), **dict.fromkeys(dropped, Mark("dropped", Tone.DROPPED))},
    )


def _marks(now: Resolution, then: Resolution) -> Iterator[tuple[str, Mark]]:
    before = then.links
    for revision, link in now.links.items():
        if revision not in before:
            yield revision, Mark("added", Tone.ADDED)
        elif set(before[revision].parents) != set(link.parents):
            followed = ", ".join(before[revision].parents) or "nobody"
            yield revision, Mark(f"moved, followed {followed}", Tone.MOVED)


def _with_dropped(
    chains: Sequence[Chain], before: Sequence[tuple[Link, ...]], dropped: Mapping[str, Link]
) -> tuple[Chain, ...]:
    """Each dropped link right behind the one that it stood behind; in the first chain where that was nobody."""
    rows = [list(chain.links) for chain in chains]
    for links in before:
        previous: str | None = None
        for link in links:
            if link.revision in dropped:
                row, place = _behind(rows, previous)
                rows[row].insert(place, link)
            previous = link.revision
    return tuple(chain._replace(links=tuple(row)) for chain, row in zip(chains, rows, strict=True))


def _behind(rows: Sequence[Sequence[Link]], previous: str | None) -> tuple[int, int]:
    for number, row in enumerate(rows):
        for place, link in enumerate(row, 1):
            if link.revision == previous:
                return number, place
    return 0, 0
