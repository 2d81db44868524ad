"""Two lines of history -> where they parted."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from gitlembic.core.reach import reach

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gitlembic.core.history import CommitId

_ONE, _OTHERS, _BELOW = 1, 2, 4
_SHARED = _ONE | _OTHERS


def find_merge_bases(
    one: CommitId,
    others: Collection[CommitId],
    parents: Callable[[CommitId], Collection[CommitId]],
    date: Callable[[CommitId], int],
) -> tuple[CommitId, ...]:
    """The commits that `one` shares with any of `others`, and from which no other shared one descends; oldest first.

    Dates say only where to look first: whatever they are, the answer is the same commits.
    """
    paint = {one: _ONE}
    for other in others:
        paint[other] = paint.get(other, 0) | _OTHERS
    waiting = [(-date(commit), commit) for commit in paint]
    heapq.heapify(waiting)
    undecided = set(paint)  # of those that wait, whoever is not known to be below a shared one
    shared = []
    while undecided:
        commit = heapq.heappop(waiting)[1]
        undecided.discard(commit)
        passed_on = paint[commit]
        if passed_on & _SHARED == _SHARED:
            shared.append(commit)
            passed_on |= _BELOW
        for parent in parents(commit):
            before = paint.get(parent, 0)
            paint[parent] = before | passed_on
            if paint[parent] != before:
                heapq.heappush(waiting, (-date(parent), parent))
                (undecided.discard if paint[parent] & _BELOW else undecided.add)(parent)
    newest = {commit for commit in shared if not paint[commit] & _BELOW}
    if len(newest) > 1:  # a clock that went wrong can have led to an older one first
        newest -= reach([parent for commit in newest for parent in parents(commit)], parents).keys()
    return tuple(sorted(newest, key=lambda commit: (date(commit), commit)))
