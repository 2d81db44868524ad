r"""History -> the order in which migrations arrived (ORDER.md 1 to 3).

    order(C) = [m in order(first parent) if m is present at C]  ++  arrange(what is new at C)

The fold is computed backwards: walk the first-parent line from the tip, note where each wanted
migration appears, and stop as soon as all of them are born. Only a merge that brings two or
more migrations from one parent needs the same question asked of that parent.

One example. `a` is on main; a branch adds `b` and then `c`, while main adds `d`; the branch is
merged (M):

    main    a --- d --- M          order(M) = [a, d] ++ [b, c]
             \         /
    branch    b --- c             `b` and `c` in the branch's own order; `a` was there already

Had main been merged into the branch before ("Update branch"), nothing would change: `d` would
still be on M's first-parent line before the branch is.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.presence import NOTHING, compare

if TYPE_CHECKING:
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.presence import Change, Place, Presence, Presences

_LAST = datetime.max.replace(tzinfo=timezone.utc)


class Step(NamedTuple):
    """One commit on a first-parent line, and what it did to the migrations.

    `parents` are all of the commit's parents, `place` where the locations are at the commit.
    """

    commit: CommitId
    parents: tuple[CommitId, ...]
    place: Place
    change: Change


class Births(NamedTuple):
    """A commit on the first-parent line and the migrations it brought in, in order."""

    commit: CommitId
    revisions: tuple[RevisionId, ...]


def compute_births(
    presences: Presences, tip: CommitId, place: Place, wanted: Iterable[RevisionId] | None = None
) -> tuple[Births, ...]:
    """Where the `wanted` migrations (all present ones by default) came in, oldest first.

    Raises `HistoryUnknownError` where the walk would have to go beyond what the clone holds.
    """
    present = presences.at(tip, place).migrations.keys()
    return _run(_births(presences, tip, place, frozenset(present if wanted is None else present & set(wanted))))


def arrange(presences: Presences, step: Step) -> tuple[RevisionId, ...]:
    """The newcomers of one commit in the order in which they join the others."""

    def question() -> _Question:
        return (Births(step.commit, (yield from _arrange(presences, step))),)

    return _run(question())[0].revisions


def walk_first_parents(
    presences: Presences, tip: CommitId, place: Place, is_known: Callable[[CommitId, Place], bool] | None = None
) -> Iterator[tuple[Step, Presence]]:
    """The first-parent line of `tip`, newest first, each step with what stood before it.

    Goes down to the root, before which nothing stood. Commits that leave the locations alone are
    passed over, save a root and those whose first parent `is_known`.
    """
    history = presences.history
    commit = tip
    here = presences.at(commit, place)
    while True:
        then = place
        commit = history.skip_unchanged(commit, then, lambda parent: is_known is not None and is_known(parent, then))  # noqa: B023
        parents = history.parents(commit)
        if not parents:
            yield Step(commit, parents, place, compare(NOTHING, here)), NOTHING
            return
        first_place = presences.place_at_parent(parents[0], commit, place)
        before = presences.at(parents[0], first_place)
        if before is not here or (is_known is not None and is_known(parents[0], first_place)):
            yield Step(commit, parents, place, compare(before, here)), before
        commit, place, here = parents[0], first_place, before


def arrange_births(newcomers: Mapping[RevisionId, PlacedMigration]) -> tuple[RevisionId, ...]:
    """Several migrations that no parent commit tells apart, in birth order (ORDER.md 2).

    Repeatedly the smallest by (`Create Date`, path) among those whose named parents have all
    been taken; in a cycle among all. File names alone contradicted the authors in 35 of 93 such
    commits of real histories.
    """

    def rank(revision: RevisionId) -> tuple[datetime, str]:
        placed = newcomers[revision]
        return placed.migration.create_date or _LAST, placed.path

    waiting: dict[RevisionId, int] = {}
    children: dict[RevisionId, list[RevisionId]] = {}
    for revision, placed in newcomers.items():
        named = {parent for parent in placed.migration.named_parents if parent in newcomers} - {revision}
        waiting[revision] = len(named)
        for parent in named:
            children.setdefault(parent, []).append(revision)
    ready = [(*rank(revision), revision) for revision, count in waiting.items() if not count]
    everyone = [(*rank(revision), revision) for revision in newcomers]
    heapq.heapify(ready)
    heapq.heapify(everyone)
    taken: dict[RevisionId, None] = {}
    while len(taken) < len(newcomers):
        revision = heapq.heappop(ready or everyone)[-1]
        if revision in taken:
            continue
        taken[revision] = None
        for child in children.get(revision, ()):
            waiting[child] -= 1
            if not waiting[child] and child not in taken:
                heapq.heappush(ready, (*rank(child), child))
    return tuple(taken)


# Merges nest as deep as people merge, so the recursion between `_births` and `_arrange` runs on a
# stack of its own: a generator yields the question it needs answered, and is sent the answer.
_Question = Generator["_Question", tuple[Births, ...], tuple[Births, ...]]


def _births(presences: Presences, tip: CommitId, place: Place, wanted: frozenset[RevisionId]) -> _Question:
    births: list[Births] = []
    remaining = wanted
    for step, _ in walk_first_parents(presences, tip, place) if wanted else ():
        if not remaining.isdisjoint(step.change.newcomers):
            # Also those that nobody wants: they may say how the wanted ones were written.
            arranged = yield from _arrange(presences, step)
            births.append(Births(step.commit, tuple(revision for revision in arranged if revision in remaining)))
            remaining -= step.change.newcomers.keys()
        if not remaining:
            break
    return tuple(reversed(births))


def _arrange(presences: Presences, step: Step) -> Generator[_Question, tuple[Births, ...], tuple[RevisionId, ...]]:
    arranged: list[RevisionId] = []
    newcomers = step.change.newcomers
    remaining = set(newcomers)
    for parent in step.parents[1:] if len(newcomers) > 1 else ():  # one alone stands nowhere else, whoever brought it
        if not remaining:
            break
        place = presences.place_at_parent(parent, step.commit, step.place)
        brought = remaining & presences.at(parent, place).migrations.keys()
        if len(brought) > 1:
            births = yield _births(presences, parent, place, frozenset(brought))
            arranged += [revision for birth in births for revision in birth.revisions]
        else:
            arranged += brought
        remaining -= brought
    arranged += arrange_births({revision: newcomers[revision] for revision in remaining})
    return tuple(arranged)


def _run(question: _Question) -> tuple[Births, ...]:
    stack = [question]
    answer: tuple[Births, ...] | None = None  # what a generator is started with
    while stack:
        try:
            stack.append(stack[-1].send(answer))  # type: ignore[arg-type]
            answer = None
        except StopIteration as done:  # noqa: PERF203 -- that is how a generator returns
            stack.pop()
            answer = done.value
    return answer or ()
