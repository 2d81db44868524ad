"""Two chains and where a database stands -> what has to be undone so that both call it the same place.

A database that ran a migration which the other chain lacks, or which has other ancestors there, cannot go
on along that chain: its position would claim what never ran, or nobody would know it. What both chains
share, and place alike down to the base, stays.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from gitlembic.core.migration import RevisionId
from gitlembic.core.reach import reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from gitlembic.core.chain import Link

    Needs = Mapping[RevisionId, tuple[RevisionId, ...]]


def needs_of(links: Mapping[RevisionId, Link]) -> Needs:
    """What has to run before each migration: its parents, and what it depends on by revision or label.

    In the order of the links.
    """
    labelled = {label: revision for revision, link in links.items() for label in link.placed.migration.branch_labels}
    return {
        revision: (*link.parents, *(_named(name, links, labelled) for name in link.placed.migration.depends_on))
        for revision, link in links.items()
    }


def _named(name: str, links: Mapping[RevisionId, Link], labelled: Mapping[str, RevisionId]) -> RevisionId:
    if name in links:
        return RevisionId(name)
    return labelled.get(name) or next((one for one in links if one.startswith(name)), RevisionId(name))


def lineage(needs: Needs, heads: Iterable[RevisionId]) -> frozenset[RevisionId]:
    """Everything that has run on a database that stands at `heads`, these included."""
    return frozenset(reach(heads, lambda one: needs.get(one, ())))


def shared(there: Needs, here: Needs, ran: AbstractSet[RevisionId]) -> frozenset[RevisionId]:
    """Of what `ran` by one chain, what the other has as well, with the same ancestors."""
    kept: set[RevisionId] = set()
    for revision in parents_first(there, ran):
        same = revision in here and frozenset(here[revision]) == frozenset(there[revision])
        if same and kept.issuperset(there[revision]):
            kept.add(revision)
    return frozenset(kept)


def parents_first(needs: Needs, wanted: AbstractSet[RevisionId]) -> tuple[RevisionId, ...]:
    """`wanted` in an order in which they can run; of those that could come next, whoever the chain has first."""
    position = {revision: number for number, revision in enumerate(needs)}
    waiting = {revision: {one for one in needs.get(revision, ()) if one in wanted} for revision in wanted}
    followers: dict[RevisionId, list[RevisionId]] = {}
    for revision, before in waiting.items():
        for one in before:
            followers.setdefault(one, []).append(revision)
    ready = [(position.get(one, len(position)), one) for one, before in waiting.items() if not before]
    heapq.heapify(ready)
    ordered: list[RevisionId] = []
    while ready:
        _, revision = heapq.heappop(ready)
        ordered.append(revision)
        for follower in followers.get(revision, ()):
            waiting[follower].discard(revision)
            if not waiting[follower]:
                heapq.heappush(ready, (position.get(follower, len(position)), follower))
    return tuple(ordered)


def heads_of(needs: Needs, among: AbstractSet[RevisionId]) -> tuple[RevisionId, ...]:
    """Those `among` which nobody of them follows, in the order of the chain; none at the base."""
    followed = {one for revision in among for one in needs.get(revision, ())}
    return tuple(revision for revision in parents_first(needs, among) if revision not in followed)
