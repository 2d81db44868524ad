"""Two chains -> what a database that ran the one would miss or repeat of the other.

The older one has to be a prefix: whatever it had keeps its ancestors, and what is new follows its heads.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gitlembic.core.migration import RevisionId

    Graph = Mapping[RevisionId, tuple[RevisionId, ...]]


@dataclass(frozen=True, slots=True)
class Rejoined:
    """A migration, `first`, that stood beside another head, and follows it now; `missed` came to stand before it.

    A database at the other head runs it. One that ran only its side never runs what is `missed`.
    """

    first: RevisionId
    missed: tuple[RevisionId, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not as it was.

    `inserted` stand in front of a head of the older chain, so a database there never runs them;
    `moved` have other ancestors, of those that both chains have; `repeated` would run again;
    `removed` are in the newer one no more. `rejoined` are side lines that were put behind another
    head; what that moves is in none of the others.
    """

    inserted: tuple[RevisionId, ...]
    moved: tuple[RevisionId, ...]
    repeated: tuple[RevisionId, ...]
    removed: tuple[RevisionId, ...]
    rejoined: tuple[Rejoined, ...] = ()


def compare_chains(
    before: Graph,
    now: Graph,
    ends: Collection[RevisionId] = (),
    squashed: Mapping[RevisionId, Collection[RevisionId]] = MappingProxyType({}),
) -> Difference:
    """How two graphs of revisions and their parents differ, both without cycles.

    Of several older heads those that follow another one now stood beside it; never the `ends` of its
    lines. A squash of the newer graph stands for those that it has `squashed`.
    """
    bit = {revision: 1 << number for number, revision in enumerate({**before, **now})}
    then, later = _ancestors(before, bit), _ancestors(now, bit)
    shared = sum(bit[revision] for revision in before if revision in now)
    squash_of = {one: squash for squash, replaced in squashed.items() for one in replaced}
    heads = {
        head if head in now else squash_of.get(head, head)
        for head in set(before) - {parent for parents in before.values() for parent in parents}
    }
    present = heads & now.keys()
    sides = {side for side in present.difference(ends) if any(later[side] & bit[one] for one in present - {side})}
    reached = _all_of(later[head] for head in present - sides)
    reached_by_any = _all_of(later[head] for head in present)
    line = _all_of(then[head] for head in present - sides if head in then) if sides else shared
    moved = [revision for revision in now if revision in before and (then[revision] ^ later[revision]) & shared]
    return Difference(
        inserted=tuple(
            revision
            for revision in now
            if revision not in before and revision not in squashed and reached & bit[revision]
        ),
        moved=tuple(revision for revision in moved if line & bit[revision]),
        repeated=tuple(
            revision
            for revision in now
            if revision in before and not (reached if line & bit[revision] else reached_by_any) & bit[revision]
        )
        if heads <= now.keys()
        else (),  # a database at a head that is gone runs nothing at all
        removed=tuple(revision for revision in before if revision not in now and revision not in squash_of),
        rejoined=tuple(
            Rejoined(one, tuple(other for other in now if (later[one] & ~then[one]) & bit[other]))
            for one in moved
            if not line & bit[one] and not any(parent in moved for parent in before[one] if not line & bit[parent])
        ),
    )


def _all_of(sets: Iterator[int]) -> int:
    found = 0
    for one in sets:
        found |= one
    return found


def _ancestors(graph: Graph, bit: Mapping[RevisionId, int]) -> dict[RevisionId, int]:
    """Everybody's ancestors and themselves, a bit each."""
    found: dict[RevisionId, int] = {}
    for revision in graph:
        stack = [revision]
        while stack:
            missing = [parent for parent in _inside(graph, stack[-1]) if parent not in found]
            if missing:
                stack += missing
            else:
                current = stack.pop()
                found[current] = bit[current]
                for parent in _inside(graph, current):
                    found[current] |= found[parent]
    return found


def _inside(graph: Graph, revision: RevisionId) -> Iterable[RevisionId]:
    return (parent for parent in graph[revision] if parent in graph)
