"""How one migration came: the commit that added it, and the merge that brought it to the first-parent line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.ordering import walk_first_parents

if TYPE_CHECKING:
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.presence import Place, Presences


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
