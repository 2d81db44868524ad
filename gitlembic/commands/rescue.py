"""The rescue command: bring a database onto a chain, with the files that this checkout lacks taken from git."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic import get_down_revision
from gitlembic.adapters.alembic_project import load_project
from gitlembic.adapters.alembic_session import Hooks, run_steps
from gitlembic.adapters.database_position import read_databases
from gitlembic.adapters.migration_steps import steps_down, steps_up
from gitlembic.adapters.stored_scripts import read_stored_scripts
from gitlembic.commands.look_up import remember
from gitlembic.commands.resolve import resolve
from gitlembic.commands.standing import Standing, find_standings, standing_at, standing_on
from gitlembic.commands.watchers import Told, watchers_of
from gitlembic.core.downgrade_check import why_not_undone
from gitlembic.core.journal import applied
from gitlembic.core.migration import RevisionId
from gitlembic.core.rescue import heads_of, lineage, needs_of, parents_first, shared
from gitlembic.errors import CannotTellError, GitlembicError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.database_position import DatabaseState
    from gitlembic.adapters.stored_scripts import StoredFile
    from gitlembic.core.explanation import Explanation
    from gitlembic.core.resolution import Resolution


@dataclass(frozen=True, slots=True)
class Way:
    """What is done to one database: `undo` newest first, until it stands at `stay` (at the base if empty); then `redo`.

    `missing` are those that stay and, by its journal, never ran.
    """

    heads: tuple[RevisionId, ...]
    undo: tuple[RevisionId, ...]
    stay: tuple[RevisionId, ...]
    redo: tuple[RevisionId, ...] = ()
    missing: tuple[RevisionId, ...] = ()


@dataclass(frozen=True)
class Rescue:
    """A plan: the chain that the databases stand on, the one they are to be brought onto, and the way of each.

    `target` says which one that is.
    """

    project: Project
    options: tuple[str, ...]
    standing: Standing
    onto: Standing
    target: str
    ways: tuple[Way, ...]

    @property
    def is_empty(self) -> bool:
        return not any(way.undo or way.redo for way in self.ways)


def plan_rescue(options: Sequence[str], *, to: str | None = None, start: str | None = None) -> Rescue:
    """What brings the project's databases onto the chain of this checkout, or of the commit that `to` names.

    `start` names the commit whose chain they stand on; without it that is this checkout, if it has
    their positions, else whoever has them. Raises `GitlembicError` where several chains have
    them and differ in what would be done, or a migration to be undone has a downgrade that does nothing.
    """
    project = load_project(options)
    states = read_databases(options)
    here = standing_on(project, "in this checkout", resolve(project))
    onto = here if to is None else standing_on(project, f"at {to}", resolve(project, at=to))
    heads = [RevisionId(head) for head in sorted(frozenset().union(*(state.heads for state in states)))]
    if start is not None:
        standings: tuple[Standing, ...] = (standing_at(project, start, heads),)
    elif all(head in here.resolution.links for head in heads):
        standings = (here,)
    else:
        standings = find_standings(project, heads, here.resolution)
    standing, ways = _choose(standings, states, onto.resolution, redo=to is not None)
    _check_downgrades(standing.files, ways)
    return Rescue(project, tuple(options), standing, onto, "this checkout" if to is None else to, ways)


def _choose(
    standings: Sequence[Standing], states: Sequence[DatabaseState], onto: Resolution, *, redo: bool
) -> tuple[Standing, tuple[Way, ...]]:
    """The nearest of the chains that mean the same; of others the one that the journals know."""
    plans = [(standing, _ways(standing, states, onto, redo=redo)) for standing in standings]
    proven = [plan for plan in plans if _agrees(plan[0], states)]
    candidates = proven or plans
    different = {ways: standing for standing, ways in reversed(candidates)}
    if len(different) > 1 and not proven:
        described = "\n".join(
            f"  {standing.name} ({(standing.resolution.head or '')[:9]}): "
            f"undo {', '.join(one for way in ways for one in way.undo)}, "
            f"down to {', '.join(one for way in ways for one in way.stay) or 'base'}"
            for ways, standing in reversed(different.items())
        )
        raise CannotTellError(
            f"what ran on this database depends on where it was migrated:\n{described}",
            "say which commit that was: `gitlembic rescue --from REF`",
        )
    return candidates[0]


def _ways(there: Standing, states: Iterable[DatabaseState], onto: Resolution, *, redo: bool) -> tuple[Way, ...]:
    before, after = needs_of(there.resolution.links), needs_of(onto.links)
    ways = []
    for state in states:
        heads = tuple(RevisionId(head) for head in sorted(state.heads))
        ran = lineage(before, heads)
        kept = shared(before, after, ran)
        journal = there.with_squashed(applied(state.journal).keys())
        ways.append(
            Way(
                heads,
                undo=parents_first(before, ran - kept)[::-1],
                stay=heads_of(before, kept),
                redo=parents_first(after, after.keys() - kept) if redo else (),
                missing=tuple(one for one in parents_first(before, kept) if one not in journal) if journal else (),
            )
        )
    return tuple(ways)


def _agrees(there: Standing, states: Iterable[DatabaseState]) -> bool:
    """Whether every database has a journal, and it has run what the chain says."""
    needs = needs_of(there.resolution.links)
    return all(
        state.journal
        and lineage(needs, map(RevisionId, state.heads)) == there.with_squashed(applied(state.journal).keys())
        for state in states
    )


def _check_downgrades(files: Mapping[RevisionId, StoredFile], ways: Iterable[Way]) -> None:
    undo = dict.fromkeys(revision for way in ways for revision in way.undo)
    reasons = {revision: why_not_undone(files[revision].source) for revision in undo}
    refused = [f"{revision} ({files[revision].shown}) {why}" for revision, why in reasons.items() if why]
    if refused:
        stay = " ".join(dict.fromkeys(one for way in ways for one in way.stay)) or "base"
        raise GitlembicError(
            "nothing was changed, because not everything can be undone: " + "; ".join(refused),
            f"undo it by hand, then say where the database stands: `gitlembic stamp --purge {stay}`; "
            "or restore a backup",
        )


def carry_out(rescue: Rescue, say: Callable[[str], None], *, sql: bool = False) -> None:
    """Undo, then run, under the lock and with the journal; with `sql` only print what would be executed.

    Raises `GitlembicError` with where the database stands if something fails.
    """
    if sql and len({way.heads for way in rescue.ways}) > 1:
        raise GitlembicError(
            "the databases of this project stand at different revisions, which --sql cannot print as one",
            "leave --sql out, or choose one of them (-n, -x)",
        )
    try:
        if any(way.undo for way in rescue.ways):
            _undo(rescue, say, sql=sql)
        if any(way.redo for way in rescue.ways):
            _redo(rescue, say, sql=sql)
    except RefusedError as error:
        raise GitlembicError(error.message, error.hint) from error
    except Exception as error:
        if sql:
            raise
        raise _stopped(rescue, error) from error


def _undo(rescue: Rescue, say: Callable[[str], None], *, sql: bool) -> None:
    planned = {frozenset(way.heads): way.undo for way in rescue.ways}
    target = rescue.ways[0].stay[0] if rescue.ways[0].stay else "base"
    argv = [*rescue.options, "downgrade", *(["--sql"] if sql else []), target]

    def steps(script: ScriptDirectory, heads: tuple[str, ...]) -> list[Any]:
        return steps_down(script, _planned(planned, heads))

    run_steps(argv, _hooks(rescue, rescue.standing, say), steps, rescue.ways[0].heads)


def _redo(rescue: Rescue, say: Callable[[str], None], *, sql: bool) -> None:
    planned = {frozenset(way.stay): way.redo for way in rescue.ways}
    argv = [*rescue.options, "upgrade", *(["--sql"] if sql else []), "heads"]

    def steps(script: ScriptDirectory, heads: tuple[str, ...]) -> list[Any]:
        return steps_up(script, _planned(planned, heads))

    run_steps(argv, _hooks(rescue, rescue.onto, say), steps, rescue.ways[0].stay)


def _planned(planned: Mapping[frozenset[RevisionId], tuple[RevisionId, ...]], heads: Iterable[str]) -> Sequence[str]:
    found = planned.get(frozenset(map(RevisionId, heads)))
    if found is None:
        raise RefusedError(
            f"the database stands at {', '.join(sorted(heads)) or 'base'}, where it did not when this was planned",
            "run `gitlembic rescue` again",
        )
    return found


def _hooks(rescue: Rescue, chain: Standing, say: Callable[[str], None]) -> Hooks:
    resolution = chain.resolution

    def say_all(explanation: Explanation) -> None:
        for fact in explanation.facts:
            say(fact)

    def resolve_planned(script: ScriptDirectory, _: Config) -> Resolution:
        remember(script, resolution)
        return resolution

    return Hooks(
        resolve=resolve_planned,
        get_down_revision=get_down_revision,
        check_new=lambda *_: None,
        explain=lambda _: None,
        made_project=lambda _: None,
        watch=lambda command, _: watchers_of(command, rescue.options, Told(say, say_all, lambda: [resolution])),
        scripts=lambda found, before_import: read_stored_scripts(found.links.values(), chain.files, before_import),
    )


def _stopped(rescue: Rescue, error: Exception) -> GitlembicError:
    """What to say after a failure in the middle: what it was, and where each database stands now."""
    what = error.message if isinstance(error, GitlembicError) else f"{type(error).__name__}: {error}"
    try:
        stands = "; ".join(", ".join(sorted(state.heads)) or "base" for state in read_databases(rescue.options))
    except GitlembicError as unreadable:
        stands = f"where it cannot be asked ({unreadable.message})"
    return GitlembicError(
        f"it stopped: {what}\nThe database stands at {stands} now.",
        "`gitlembic --raiseerr rescue` shows the traceback; mend the cause, and run it again: it goes on from there",
    )
