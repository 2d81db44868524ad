"""Two chains -> what a database that ran the one would miss or repeat of the other.

The older one has to be a prefix: whatever it had keeps its ancestors, and what is new follows its heads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitlembic.core.migration import RevisionId

    Graph = Mapping[RevisionId, tuple[RevisionId, ...]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not as it was.

    `inserted` stand in front of a head of the older chain, so a database there never runs them;
    `moved` have other ancestors, of those that both chains have; `repeated` would run again;
    `removed` are in the newer one no more.
    """

    inserted: tuple[RevisionId, ...]
    moved: tuple[RevisionId, ...]
    repeated: tuple[RevisionId, ...]
    removed: tuple[RevisionId, ...]


def compare_chains(before: Graph, now: Graph) -> Difference:
    """How two graphs of revisions and their parents differ, both without cycles."""
    bit = {revision: 1 << number for number, revision in enumerate({**before, **now})}
    then, later = _ancestors(before, bit), _ancestors(now, bit)
    shared = sum(bit[revision] for revision in before if revision in now)
    heads = set(before) - {parent for parents in before.values() for parent in parents}
    reached = 0
    for head in heads & now.keys():
        reached |= later[head]
    return Difference(
        inserted=tuple(revision for revision in now if revision not in before and reached & bit[revision]),
        moved=tuple(revision for revision in now if revision in before and (then[revision] ^ later[revision]) & shared),
        repeated=tuple(revision for revision in now if revision in before and not reached & bit[revision])
        if heads <= now.keys()
        else (),  # a database at a head that is gone runs nothing at all
        removed=tuple(revision for revision in before if revision not in now),
    )


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
