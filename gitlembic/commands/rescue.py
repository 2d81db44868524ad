"""The rescue command: bring a database onto a chain, with the files that this checkout lacks taken from git."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import load_project
from gitlembic.adapters.database_position import read_databases
from gitlembic.adapters.migration_steps import steps_down, steps_up
from gitlembic.commands.planned_run import PlannedRun, stopped
from gitlembic.commands.resolve import resolve
from gitlembic.commands.standing import Standing, check_whole, find_standings, standing_at, standing_on
from gitlembic.core.downgrade_check import why_not_undone
from gitlembic.core.history import SHORT_COMMIT
from gitlembic.core.journal import applied
from gitlembic.core.listing import first_of
from gitlembic.core.migration import RevisionId
from gitlembic.core.rescue import heads_of, lineage, needs_of, parents_first, shared
from gitlembic.core.standing import stand
from gitlembic.errors import CannotTellError, GitlembicError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.database_position import DatabaseState
    from gitlembic.adapters.stored_scripts import StoredFile

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Way:
    """What is done to one database: `undo` newest first, until it stands at `stay` (at the base if empty); then `redo`.

    Of `undo`, `never` are those that never ran, says the journal: they are passed over. `missing` are those
    that stay and, by its journal, never ran. `lacking` is all that the journal lacks of the chain to be
    brought onto, where it tells; `None` where it does not.
    """

    heads: tuple[RevisionId, ...]
    undo: tuple[RevisionId, ...]
    stay: tuple[RevisionId, ...]
    redo: tuple[RevisionId, ...] = ()
    never: frozenset[RevisionId] = frozenset()
    missing: tuple[RevisionId, ...] = ()
    lacking: tuple[RevisionId, ...] | None = None


@dataclass(frozen=True)
class Rescue:
    """A plan: the chain that the databases stand on, the one they are to be brought onto, and the way of each.

    `target` says which one that is: this checkout's, or one `is_elsewhere`, at a commit that was named.
    """

    options: tuple[str, ...]
    standing: Standing
    onto: Standing
    target: str
    ways: tuple[Way, ...]
    sql: bool
    is_elsewhere: bool

    @property
    def is_empty(self) -> bool:
        return not any(way.undo or way.redo for way in self.ways)

    @property
    def ends(self) -> tuple[tuple[RevisionId, ...], ...]:
        """Where the databases stand afterwards."""
        return tuple(self.onto.heads if way.redo else way.stay for way in self.ways)

    @property
    def is_behind(self) -> bool:
        """Whether there is more to run on the chain then."""
        return any(frozenset(end) != frozenset(self.onto.heads) for end in self.ends)

    def carry_out(self, say: Callable[[str], None]) -> None:
        """Undo, then run, under the lock and with the journal; with `sql` only print what would be executed.

        Raises `GitlembicError` with where the database stands if something fails.
        """
        down, up = ([command, *(["--sql"] if self.sql else [])] for command in ("downgrade", "upgrade"))
        undo = {way.heads: partial(steps_down, revisions=way.undo) for way in self.ways}
        redo = {way.stay: partial(steps_up, revisions=way.redo) for way in self.ways}
        try:
            if any(way.undo for way in self.ways):
                target = next(iter(self.ways[0].stay), "base")
                PlannedRun(self.options, self.standing, say).run([*down, target], undo)
            if any(way.redo for way in self.ways):
                PlannedRun(self.options, self.onto, say).run([*up, "heads"], redo)
        except Exception as error:
            if self.sql and not isinstance(error, RefusedError):
                raise
            raise stopped(self.options, error) from error


def plan_rescue(
    options: Sequence[str], *, to: str | None = None, start: str | None = None, sql: bool = False
) -> Rescue:
    """What brings the project's databases onto the chain of this checkout, or of the commit that `to` names.

    `start` names the commit whose chain they stand on; without it that is this checkout, if it has
    their positions, else whoever has them. Raises `GitlembicError` where several chains have
    them and differ in what would be done, or a migration to be undone has a downgrade that does nothing;
    and with `sql` where the databases stand at different places.
    """
    project = load_project(options)
    states = read_databases(options)
    here = standing_on(project, "in this checkout", resolve(project))
    onto = here if to is None else standing_on(project, f"at {to}", resolve(project, at=to))
    heads = [RevisionId(head) for head in sorted(frozenset().union(*(state.heads for state in states)))]
    if start is not None:
        standings: tuple[Standing, ...] = (standing_at(project, start, heads),)
        check_whole(standings[0], here.resolution)
    elif all(head in here.resolution.links for head in heads):
        standings = (here,)
    else:
        standings = _found(project, states, heads, here, to)
    standing, ways = _choose(standings, states, onto, redo=to is not None)
    _check_downgrades(standing.files, ways, to)
    _check_gaps(ways, to)
    plan = Rescue(tuple(options), standing, onto, "this checkout" if to is None else to, ways, sql, to is not None)
    if sql and not plan.is_empty and len({way.heads for way in ways}) > 1:
        raise GitlembicError(
            "the databases of this project stand at different revisions, which --sql cannot print as one",
            "leave --sql out, or choose one of them (-n, -x)",
        )
    return plan


def _found(
    project: Project, states: Iterable[DatabaseState], heads: Sequence[RevisionId], here: Standing, to: str | None
) -> tuple[Standing, ...]:
    try:
        return find_standings(project, heads, here.resolution)
    except CannotTellError as error:
        if not all(state.tells_what_ran for state in states):
            raise
        raise CannotTellError(error.message, f"{error.hint}; or {_keeping(to)}") from error


def _keeping(to: str | None) -> str:
    """The other cure, which needs a journal, and neither the files of what ran nor downgrades."""
    return f"`gitlembic rescue{f' --to {to}' if to else ''} --keep` undoes nothing, and runs what never ran"


def _choose(
    standings: Sequence[Standing], states: Sequence[DatabaseState], onto: Standing, *, redo: bool
) -> tuple[Standing, tuple[Way, ...]]:
    """The nearest of the chains that mean the same; of others the one that the journals know."""
    plans = [(standing, _ways(standing, states, onto, redo=redo)) for standing in standings]
    proven = [plan for plan in plans if _agrees(plan[0], states, operator.eq)]
    candidates = proven or [plan for plan in plans if _agrees(plan[0], states, operator.le)] or plans
    different = {ways: standing for standing, ways in reversed(candidates)}
    if len(different) > 1 and not proven:
        described = "\n".join(
            f"  {standing.name} ({(standing.resolution.head or '')[:SHORT_COMMIT]}): "
            f"undo {', '.join(one for way in ways for one in way.undo)}, "
            f"down to {', '.join(one for way in ways for one in way.stay) or 'base'}"
            for ways, standing in reversed(different.items())
        )
        raise CannotTellError(
            f"what ran on this database depends on where it was migrated:\n{described}",
            "say which commit that was: `gitlembic rescue --from REF`",
        )
    return candidates[0]


def _ways(there: Standing, states: Iterable[DatabaseState], onto: Standing, *, redo: bool) -> tuple[Way, ...]:
    before, after = needs_of(there.resolution.links), needs_of(onto.resolution.links)
    ways = []
    for state in states:
        heads = tuple(RevisionId(head) for head in sorted(state.heads))
        ran = lineage(before, heads)
        kept = shared(before, after, ran)
        ran_there = _applied(there, state)
        ways.append(
            Way(
                heads,
                undo=parents_first(before, ran - kept)[::-1],
                stay=heads_of(before, kept),
                redo=parents_first(after, after.keys() - kept) if redo else (),
                never=ran - kept - ran_there if state.journal else frozenset(),
                missing=tuple(one for one in parents_first(before, kept) if state.journal and one not in ran_there),
                lacking=_lacking(after, onto, state) if state.tells_what_ran else None,
            )
        )
    return tuple(ways)


def _lacking(after: Iterable[RevisionId], onto: Standing, state: DatabaseState) -> tuple[RevisionId, ...]:
    ran = onto.with_squashed(applied(state.journal))
    return tuple(revision for revision in after if revision not in ran)


def _agrees(
    there: Standing, states: Iterable[DatabaseState], compare: Callable[[frozenset[str], frozenset[str]], bool]
) -> bool:
    """Whether every database has a journal, and what the chain says compares so with what it has run."""
    needs = needs_of(there.resolution.links)
    return all(
        state.journal and compare(lineage(needs, map(RevisionId, state.heads)), _applied(there, state))
        for state in states
    )


def _applied(there: Standing, state: DatabaseState) -> frozenset[str]:
    """What a journal counts as run, also where something else has moved the database along this chain since."""
    ran = stand(there.resolution.links, state.heads, state.journal).ran
    return there.with_squashed(ran) if ran else frozenset()


def _check_gaps(ways: Iterable[Way], to: str | None) -> None:
    missing = [*dict.fromkeys(revision for way in ways if way.redo for revision in way.missing)]
    if missing:
        raise GitlembicError(
            f"nothing was changed, because the journal says that {first_of(missing, _MOST_NAMED)} never ran here, "
            f"and {to} goes on from there",
            _keeping(to),
        )


def _check_downgrades(files: Mapping[RevisionId, StoredFile], ways: Sequence[Way], to: str | None) -> None:
    undo = dict.fromkeys(revision for way in ways for revision in way.undo if revision not in way.never)
    reasons = {revision: why_not_undone(files[revision].source) for revision in undo}
    refused = [f"{revision} ({files[revision].shown}) {why}" for revision, why in reasons.items() if why]
    if refused:
        stay = " ".join(dict.fromkeys(one for way in ways for one in way.stay)) or "base"
        raise GitlembicError(
            "nothing was changed, because not everything can be undone: " + "; ".join(refused),
            f"undo it by hand, then say where the database stands: `gitlembic stamp --purge {stay}`; "
            f"or {_keeping(to) if all(way.lacking is not None for way in ways) else 'restore a backup'}",
        )
