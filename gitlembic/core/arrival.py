"""How one migration came, and how it went: the commit that did it, not the one that merged that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.ordering import walk_first_parents

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.ordering import Step
    from gitlembic.core.presence import Place, Presences

    MergeBases = Callable[[CommitId, Collection[CommitId]], tuple[CommitId, ...]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """The commit in which somebody added a migration; `merge` is its birth, `None` where that is the same commit."""

    added: CommitId
    merge: CommitId | None = None


def find_arrival(presences: Presences, tip: CommitId, place: Place, revision: RevisionId) -> Arrival | None:
    """How `revision` came to the first-parent line of `tip`; `None` if it is not there.

    A merge that has it from one of its parents did not add it: the search goes on there. Raises
    `HistoryUnknownError` where that would lead beyond what the clone holds.
    """
    births: list[CommitId] = []
    start: tuple[CommitId, Place] | None = (tip, place)
    while start is not None:
        walk = walk_first_parents(presences, *start)
        step = next((step for step, _ in walk if revision in step.change.newcomers), None)
        if step is None:
            return None
        births.append(step.commit)
        others = ((parent, presences.place_at_parent(parent, step.commit, step.place)) for parent in step.parents[1:])
        start = next(
            ((parent, then) for parent, then in others if revision in presences.at(parent, then).migrations), None
        )
    return Arrival(births[-1], births[0] if len(births) > 1 else None)


def find_departure(presences: Presences, step: Step, revision: RevisionId, merge_bases: MergeBases) -> CommitId | None:
    """The commit that deleted `revision`, which `step` took off a first-parent line; `None` if that cannot be told.

    A merge did it itself, unless one of the others that it merged has deleted what stood where the two parted: then
    the search goes on there. Raises `HistoryUnknownError` where that would lead beyond what the clone holds.
    """
    while True:
        side = _deleting_side(presences, step, revision, merge_bases)
        if side is None:
            return step.commit
        walk = walk_first_parents(presences, *side)
        found = next((older for older, _ in walk if revision in older.change.removed), None)
        if found is None or found.commit in merge_bases(step.parents[0], [found.commit]):
            return None  # a deletion that the first parent has as well is an older one
        step = found


def _deleting_side(
    presences: Presences, step: Step, revision: RevisionId, merge_bases: MergeBases
) -> tuple[CommitId, Place] | None:
    def has(commit: CommitId) -> bool:
        place = presences.place_at_parent(commit, step.commit, step.place)
        return revision in presences.at(commit, place).migrations

    for parent in step.parents[1:]:
        if not has(parent) and any(map(has, merge_bases(step.parents[0], [parent]))):
            return parent, presences.place_at_parent(parent, step.commit, step.place)
    return None
