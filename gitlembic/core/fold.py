"""History -> the line: back to where declarations say it all, then forwards commit by commit (ORDER.md 4, 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from gitlembic.core.chain import name_some
from gitlembic.core.grouping import Founding, find_founding, group_locations, overlapping
from gitlembic.core.history import IN_CI, HistoryUnknownError
from gitlembic.core.line import Line, LineFold, settled_line, start_line
from gitlembic.core.ordering import arrange, walk_first_parents
from gitlembic.errors import CannotTellError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gitlembic.core.history import CommitId, Location
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.ordering import Step
    from gitlembic.core.presence import Place, Presences


class FoldedLine(NamedTuple):
    """A line, and the commits that brought in those of its migrations that came after its start."""

    line: Line
    born: Mapping[RevisionId, CommitId]


class State(NamedTuple):
    """What is known of some locations at one commit: how they began, and the line of each that share a chain."""

    founding: Founding
    lines: Mapping[Place, FoldedLine]

    @property
    def place(self) -> frozenset[Location]:
        return frozenset(location for group in self.lines for location in group)

    def line(self, place: Place) -> FoldedLine | None:
        """The line of locations that share a chain now; `None` if others shared one then.

        A line of fewer locations does not tell how they were arranged together.
        """
        return next((folded for group, folded in self.lines.items() if set(group) == set(place)), None)


class Known(Protocol):
    """Answers for commits that were folded before, so that nothing behind them is looked at again."""

    def __call__(self, commit: CommitId, place: Place, /) -> State | None: ...


def nothing_known(_commit: CommitId, _place: Place, /) -> None:
    """Before anything was remembered."""


def fold_state(presences: Presences, commit: CommitId, place: Place, known: Known = nothing_known) -> State:
    """The whole state at one commit, of which nothing is settled by anything but its history.

    Raises `CannotTellError` or `HistoryUnknownError` where the clone does not reach back that far.
    """
    founding = git_founding(presences, commit, place, known)
    groups = _groups(presences, commit, place, founding)
    return State(founding, {group: fold_line(presences, commit, group, _unsettled, known) for group in groups})


def git_groups(presences: Presences, commit: CommitId, place: Place, known: Known = nothing_known) -> tuple[Place, ...]:
    """The locations that share a chain at a commit; raises `HistoryUnknownError` as `git_founding` does."""
    return _groups(presences, commit, place, git_founding(presences, commit, place, known))


def _groups(presences: Presences, commit: CommitId, place: Place, founding: Founding) -> tuple[Place, ...]:
    here = presences.at(commit, place).migrations
    return group_locations(place, founding.connections | overlapping(place, here))


def git_founding(presences: Presences, commit: CommitId, place: Place, known: Known = nothing_known) -> Founding:
    """How the locations began, as far back as nothing is `known` of it."""

    def known_founding(commit: CommitId, place: Place) -> Founding | None:
        state = known(commit, place)
        return state.founding if state is not None and state.place == frozenset(place) else None

    return find_founding(presences, commit, place, known_founding)


def _unsettled(_migrations: Mapping[RevisionId, PlacedMigration]) -> Line | None:
    return None


def fold_line(
    presences: Presences,
    tip: CommitId,
    place: Place,
    settle: Callable[[Mapping[RevisionId, PlacedMigration]], Line | None] = settled_line,
    known: Known = nothing_known,
) -> FoldedLine:
    """The line at `tip`: back to where declarations say it all, then forwards commit by commit.

    A commit that is `known`, `tip` or an older one, need not be looked behind. Where the clone does not reach back that
    far, `settle` is asked how the oldest migrations it holds stand. Without an answer, or where a
    later commit changed one of those, this raises `CannotTellError`, naming them.
    """
    oldest: Mapping[RevisionId, PlacedMigration] = {}
    steps: list[Step] = []
    start: FoldedLine | None
    try:
        oldest = presences.at(tip, place).migrations
        start = _started(oldest) or _known_at(known, tip, place)
        walk = iter(walk_first_parents(presences, tip, place, lambda *state: known(*state) is not None))
        while start is None:
            step, before = next(walk)
            steps.append(step)
            oldest = before.migrations
            start = _started(oldest) or _known_line(presences, known, step)
    except HistoryUnknownError as unknown:
        line = settle(oldest) if oldest and all(_leaves_alone(step, oldest) for step in steps) else None
        if line is None:
            raise _unknown_order(oldest, unknown) from unknown
        start = FoldedLine(line, {})
    try:
        return _fold_forwards(presences, start, steps)
    except HistoryUnknownError as unknown:
        newcomers = {revision: placed for step in steps for revision, placed in step.change.newcomers.items()}
        raise _unknown_order(newcomers, unknown) from unknown


def _started(migrations: Mapping[RevisionId, PlacedMigration]) -> FoldedLine | None:
    line = start_line(migrations)
    return None if line is None else FoldedLine(line, {})


def _known_line(presences: Presences, known: Known, step: Step) -> FoldedLine | None:
    for parent in step.parents[:1]:
        return _known_at(known, parent, presences.place_at_parent(parent, step.commit, step.place))
    return None


def _known_at(known: Known, commit: CommitId, place: Place) -> FoldedLine | None:
    state = known(commit, place)
    return None if state is None else state.line(place)


def _fold_forwards(presences: Presences, start: FoldedLine, steps: Sequence[Step]) -> FoldedLine:
    born = dict(start.born)
    fold = LineFold(start.line)
    for step in reversed(steps):
        newcomers = arrange(presences, step)
        for revision in step.change.removed:
            born.pop(revision, None)
        born.update(dict.fromkeys(newcomers, step.commit))
        fold.advance(step.change, newcomers)
        if not fold.is_dynamic and _started(fold.line().migrations) is not None:
            born = {}  # as a walk from the tip would find it, which goes no further back than here
    return FoldedLine(fold.line(), born)


def _leaves_alone(step: Step, migrations: Mapping[RevisionId, PlacedMigration]) -> bool:
    """Whether a commit neither removed nor declared anew any of these."""
    return step.change.removed.isdisjoint(migrations) and all(
        placed.migration.declaration == migrations[revision].migration.declaration
        for revision, placed in step.change.changed.items()
        if revision in migrations
    )


def _unknown_order(migrations: Mapping[RevisionId, PlacedMigration], unknown: HistoryUnknownError) -> CannotTellError:
    dynamic_first = sorted(migrations.items(), key=lambda item: (not item[1].migration.is_dynamic, item[1].path))
    return CannotTellError(
        f"the order of {name_some(dict(dynamic_first)) or 'the migrations'} is older than what this clone holds "
        f"({unknown.reason} at commit {unknown.commit[:12]})",
        history_hint(unknown),
    )


def history_hint(unknown: HistoryUnknownError) -> str:
    """What brings the history that is missing."""
    if "shallow" in unknown.reason:
        return (
            f"get the whole history with `git fetch --unshallow` {IN_CI}, "
            "or bring a chain file written by `gitlembic chain --write` from a full clone"
        )
    return (
        "run `git fsck`; in a partial clone `git fetch --refetch --no-filter` brings the objects, "
        "a damaged one is cloned again"
    )
