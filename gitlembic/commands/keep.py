"""The other cure of the rescue command: what ran stays, what the journal lacks is run, and no downgrade is needed.

A database without a journal has only its position, which says nothing of another chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import load_project
from gitlembic.adapters.database_position import read_databases
from gitlembic.adapters.migration_steps import steps_of_stamp, steps_up
from gitlembic.commands.planned_run import PlannedRun, stopped
from gitlembic.commands.resolve import resolve
from gitlembic.commands.standing import Standing, standing_on
from gitlembic.core.journal import UNDO_AS_THEY_RAN, applied, changed_since
from gitlembic.core.listing import first_of
from gitlembic.core.migration import RevisionId
from gitlembic.core.rescue import heads_of, needs_of, parents_first, shared
from gitlembic.core.squash_header import own_checksum
from gitlembic.errors import CannotTellError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Any

    from alembic.script import ScriptDirectory

    from gitlembic.adapters.database_position import DatabaseState
    from gitlembic.core.journal import Entry

_MOST_NAMED = 5


@dataclass(frozen=True)
class Kept:
    """What is done to one database: it is said to stand at `stay`, the last of the chain that ran with all before them.

    Then comes the rest of the chain, in its order: `later`, of which what is `passed` ran already.
    `elsewhere` is what ran and the chain lacks, each with the entry that says so.
    """

    heads: tuple[RevisionId, ...]
    elsewhere: Mapping[str, Entry]
    stay: tuple[RevisionId, ...]
    later: tuple[RevisionId, ...]
    passed: frozenset[RevisionId]

    @property
    def is_empty(self) -> bool:
        return frozenset(self.heads) == frozenset(self.stay) and not self.later


@dataclass(frozen=True)
class Keeping:
    """A plan: the chain that the databases are to be brought onto, which `target` names, and what is done to each.

    `states` are the databases as they were when it was made.
    """

    options: tuple[str, ...]
    states: tuple[DatabaseState, ...]
    onto: Standing
    target: str
    ways: tuple[Kept, ...]

    @property
    def is_empty(self) -> bool:
        return all(way.is_empty for way in self.ways)

    @property
    def ends(self) -> tuple[tuple[RevisionId, ...], ...]:
        """Where the databases stand afterwards: at the chain's heads."""
        return tuple(self.onto.heads for _ in self.ways)

    is_behind = False

    def carry_out(self, say: Callable[[str], None]) -> None:
        """Move the positions, then run what is lacking, under the lock and with the journal.

        Raises `GitlembicError` with where the database stands if something fails.
        """
        if read_databases(self.options) != self.states:  # while somebody was asked
            raise GitlembicError("something has moved the database since this was planned", "run it again")
        planned = PlannedRun(self.options, self.onto, say)
        moved = {way.heads: partial(_move, way=way) for way in self.ways}
        later = {way.stay: partial(steps_up, revisions=way.later) for way in self.ways}
        try:
            planned.run(["stamp", *(self.ways[0].stay or ["base"])], moved)
            if any(way.later for way in self.ways):
                planned.run(["upgrade", "heads"], later)
        except Exception as error:
            raise stopped(self.options, error) from error


def _move(script: ScriptDirectory, way: Kept) -> list[Any]:
    """Imports what is to be run then: nothing is begun where that fails."""
    steps_up(script, way.later)
    return steps_of_stamp(script, way.heads, way.stay)


def plan_keeping(options: Sequence[str], *, to: str | None = None) -> Keeping:
    """What brings the databases onto the chain of this checkout, or of the commit that `to` names, and undoes nothing.

    Raises `CannotTellError` where a journal does not tell what ran, `GitlembicError` where something ran as other code.
    """
    project = load_project(options)
    states = read_databases(options)
    target = "this checkout" if to is None else to
    onto = standing_on(project, target, resolve(project, at=to))
    for state in states:
        _check_journal(state)
    needs = needs_of(onto.resolution.links)
    kept: dict[frozenset[str], frozenset[RevisionId]] = {}
    for state in states:  # what all have that stand in one place, by which alone a run tells them apart
        its = shared(needs, needs, needs.keys() & onto.with_squashed(applied(state.journal)))
        kept[state.heads] = kept.get(state.heads, its) & its
    ways = tuple(_way(state, onto, target, kept[state.heads]) for state in states)
    return Keeping(tuple(options), states, onto, target, ways)


def _way(state: DatabaseState, onto: Standing, target: str, kept: frozenset[RevisionId]) -> Kept:
    ran = applied(state.journal)
    here = onto.with_squashed(ran)
    needs = needs_of(onto.resolution.links)
    later = parents_first(needs, needs.keys() - kept)
    passed = frozenset(revision for revision in later if revision in here)
    _check_squashes(here, onto)
    _check_code(ran, passed, onto, target)
    return Kept(
        tuple(RevisionId(head) for head in sorted(state.heads)),
        {revision: entry for revision, entry in ran.items() if revision not in needs},
        heads_of(needs, kept),
        later,
        passed,
    )


def _check_journal(state: DatabaseState) -> None:
    if state.tells_what_ran:
        return
    stands = ", ".join(sorted(state.heads)) or "base"
    if not state.journal:
        raise CannotTellError(
            f"this database, which stands at {stands}, has no journal, and nothing else tells what ran on it",
            "`gitlembic rescue` without --keep undoes what this checkout lacks",
        )
    raise CannotTellError(
        f"this database stands at {stands}, and its journal ends at "
        f"{', '.join(sorted(state.journal[-1].heads)) or 'base'}: "
        "something without the journal has moved it, and what ran is not known",
        f"`gitlembic upgrade {stands}` in a checkout that has {stands}, and `journal = true` (`gitlembic adopt "
        "--journal`), brings the journal up to date; "
        "or `gitlembic rescue` without --keep undoes what this checkout lacks",
    )


def _check_squashes(here: AbstractSet[str], onto: Standing) -> None:
    """Of what a squash stands for all ran, or nothing, where this clone has not the files to run the rest."""
    needs = onto.resolution.links.keys()
    for squash in dict.fromkeys(onto.squashed.values()):
        originals = [*(one for one, its in onto.squashed.items() if its == squash), squash]
        missing = [one for one in originals if one not in here]
        if 0 < len(missing) < len(originals) and not needs >= frozenset(originals):
            raise CannotTellError(
                f"of what {squash} stands for, {first_of(missing, _MOST_NAMED)} never ran here, and git here has not "
                "the files of all of them",
                "bring a clone that has them; in a shallow clone `git fetch --unshallow` brings them",
            )


def _check_code(ran: Mapping[str, Entry], passed: Iterable[RevisionId], onto: Standing, target: str) -> None:
    checksums = {revision: own_checksum(onto.files[revision].source) for revision in passed}
    changed = changed_since(ran, {revision: checksum for revision, checksum in checksums.items() if checksum})
    if changed:
        named = ", ".join(f"{revision} ({onto.files[RevisionId(revision)].shown})" for revision in changed)
        raise GitlembicError(
            f"nothing was changed, because these ran as other code than {target} has: {named}",
            f"{UNDO_AS_THEY_RAN}, and `gitlembic upgrade head` runs them as they are now",
        )
