"""History -> the line: back to where declarations say it all, then forwards commit by commit (ORDER.md 4, 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.chain import name_some
from gitlembic.core.history import HistoryUnknownError
from gitlembic.core.line import LineFold, settled_line, start_line
from gitlembic.core.ordering import arrange, walk_first_parents
from gitlembic.errors import CannotTellError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gitlembic.core.history import CommitId
    from gitlembic.core.line import Line
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.ordering import Step
    from gitlembic.core.presence import Place, Presences


@dataclass(frozen=True)
class FoldedLine:
    """A line, and the commits that brought in those of its migrations that came after its start."""

    line: Line
    born: Mapping[RevisionId, CommitId]


def fold_line(
    presences: Presences,
    tip: CommitId,
    place: Place,
    settle: Callable[[Mapping[RevisionId, PlacedMigration]], Line | None] = settled_line,
) -> FoldedLine:
    """The line at `tip`: back to where declarations say it all, then forwards commit by commit.

    Where the clone does not reach back that far, `settle` is asked how the oldest migrations it
    holds stand. Without an answer, or where a later commit changed one of those, this raises
    `CannotTellError`, naming them.
    """
    oldest: Mapping[RevisionId, PlacedMigration] = {}
    steps: list[Step] = []
    try:
        oldest = presences.at(tip, place).migrations
        line = start_line(oldest)
        walk = iter(walk_first_parents(presences, tip, place))
        while line is None:
            step, before = next(walk)
            steps.append(step)
            oldest = before.migrations
            line = start_line(oldest)
    except HistoryUnknownError as unknown:
        line = settle(oldest) if oldest and all(_leaves_alone(step, oldest) for step in steps) else None
        if line is None:
            raise _unknown_order(oldest, unknown) from unknown
    try:
        return _fold_forwards(presences, line, steps)
    except HistoryUnknownError as unknown:
        newcomers = {revision: placed for step in steps for revision, placed in step.change.newcomers.items()}
        raise _unknown_order(newcomers, unknown) from unknown


def _fold_forwards(presences: Presences, line: Line, steps: Sequence[Step]) -> FoldedLine:
    born: dict[RevisionId, CommitId] = {}
    fold = LineFold(line)
    for step in reversed(steps):
        newcomers = arrange(presences, step)
        born.update(dict.fromkeys(newcomers, step.commit))
        fold.advance(step.change, newcomers)
    return FoldedLine(fold.line(), born)


def _leaves_alone(step: Step, migrations: Mapping[RevisionId, PlacedMigration]) -> bool:
    """Whether a commit neither removed nor declared anew any of these."""
    return step.change.removed.isdisjoint(migrations) and all(
        placed.migration.declaration == migrations[revision].migration.declaration
        for revision, placed in step.change.changed.items()
        if revision in migrations
    )


def _unknown_order(migrations: Mapping[RevisionId, PlacedMigration], unknown: HistoryUnknownError) -> CannotTellError:
    return CannotTellError(
        f"the order of {name_some(migrations) or 'the migrations'} is older than what this clone holds "
        f"({unknown.reason} at commit {unknown.commit[:12]})",
        history_hint(unknown),
    )


def history_hint(unknown: HistoryUnknownError) -> str:
    """What brings the history that is missing."""
    if "shallow" in unknown.reason:
        return (
            "get the whole history with `git fetch --unshallow` (in CI: fetch-depth 0), "
            "or bring a chain file written by `gitlembic chain --write` from a full clone"
        )
    return "run `git fsck`; in a partial clone `git fetch --refetch` brings the objects, a damaged one is cloned again"
