"""The journal of one database while its migrations run: what ran there, and what each step writes down."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from alembic.runtime.migration import HeadMaintainer, RevisionStep
from alembic.util import CommandError, to_tuple

from gitlembic.adapters.journal_table import JournalTable
from gitlembic.adapters.stored_scripts import source_of
from gitlembic.core.journal import Action, applied, built_on, catch_up, changed_since, gaps, gaps_inside, is_ahead
from gitlembic.core.migration_code import code_checksum
from gitlembic.core.reach import reach
from gitlembic.core.squash_header import own_checksum, read_squash_header, replaced_revisions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from gitlembic.core.journal import Entry


class InsideSquash(NamedTuple):
    """A revision that a squash has replaced, the squash with its file, and the commit that still holds it."""

    revision: str
    squash: str
    path: str
    replaced_in: str


class JournalRecord:
    """Asked about one database before its steps run, and given what each of them did.

    `catch_up` comes first, `begin` before the first step. `new_entry` makes an entry of now; with
    `keeps_what_ran`, a stamp changes nothing of what counts as run. The words are those of
    `core/journal.py`.
    """

    def __init__(
        self,
        migrations: MigrationContext,
        script: ScriptDirectory,
        new_entry: Callable[[Action, str | None, frozenset[str]], Entry],
        *,
        keeps_what_ran: bool,
    ) -> None:
        self._keeps_what_ran = keeps_what_ran
        self._table = JournalTable(migrations)
        self._migrations = migrations
        self._script = script
        self._new_entry = new_entry
        self._entries: list[Entry] = []
        self._caught_up: Entry | None = None
        self._running: tuple[Action, float | None] = (Action.UPGRADE, None)

    def notice_transaction(self) -> None:
        """Whether one is open before Alembic has read anything, or stays open then: env.py's, or for all steps."""
        connection = self._migrations.connection
        if connection is not None and not self._migrations.as_sql:
            self._table.is_in_transaction = connection.in_transaction() or not self._commits_each_step

    def commit_what_no_step_has(self) -> None:
        """Where Alembic commits every step, nobody does what came before them if there were none."""
        if self._commits_each_step and not self._migrations._in_external_transaction:  # noqa: SLF001 -- as Alembic decides
            self._table.commit()

    @property
    def _commits_each_step(self) -> bool:
        """Else nothing is committed but by env.py, or by Alembic at the end where env.py asks it to."""
        migrations = self._migrations
        return bool(migrations._transaction_per_migration or not migrations.impl.transactional_ddl)  # noqa: SLF001 -- likewise

    def affirm(self, heads: frozenset[str]) -> None:
        """A stamp where the database stands already says that all before it counts as run."""
        position = self._position(heads)
        if position != self._applied.keys():
            self._table.write(replace(self._new_entry(Action.STAMP, None, heads), ran=position))

    def catch_up(self, heads: frozenset[str], *, is_purged: bool) -> None:
        """Read the journal of a database that stands at `heads`; writes nothing yet."""
        with contextlib.suppress(CommandError):  # where nobody knows it
            self._script.get_revisions(tuple(heads))  # what a squash has replaced is known from now on
        self._entries = self._table.read()
        entry = None if is_purged else catch_up(self._entries, heads, self._known.keys(), self._position)
        if entry is not None:
            new = self._new_entry(entry.action, None, heads)
            self._caught_up = replace(new, ran=entry.ran)
            self._entries.append(self._caught_up)
        self._applied = applied(self._entries)

    def begin(self) -> None:
        """Make the journal if there is none, and write down what somebody has done without it."""
        self._table.prepare()
        if self._caught_up is not None:
            self._table.write(self._caught_up)

    def is_ahead(self, heads: frozenset[str]) -> bool:
        """Whether all of this checkout ran, and the database stands at something newer."""
        return is_ahead(self._known.keys(), heads, self._applied)

    def knows(self, target: Any) -> bool:
        """Whether it is one or more revisions of this checkout, and no step from where the database stands."""
        try:
            return bool(self._script.get_revisions(target))
        except CommandError:
            return False

    def gaps(self, heads: tuple[str, ...]) -> tuple[str, ...]:
        """What stands before the position and never ran, parents first."""
        return gaps(self.position(heads), self._applied)

    def position(self, heads: tuple[str, ...]) -> list[str]:
        """These, and all that has to run before them, parents first; nothing of one that is not known here."""
        return self._in_order(heads) if self._known.keys() >= {*heads} else []

    def gaps_inside_squashes(self, revisions: Iterable[str]) -> list[InsideSquash]:
        """Of what the squashes among `revisions` stand for, what did not run where another part did."""
        found = []
        for revision in revisions:
            script = self._script.get_revision(revision)
            header = read_squash_header(source_of(script))
            if header is not None:
                missing = gaps_inside(revision, (one for one, _ in header.replaces), self._applied)
                name = os.path.basename(script.path)  # noqa: PTH119 -- a text
                found += [InsideSquash(one, revision, name, header.replaced_in) for one in missing]
        return found

    def out_of_order_step(self, revision: str) -> RevisionStep:
        """An upgrade of a revision that stands before the position, which does not move."""
        script = self._script.get_revision(revision)
        assert script is not None  # noqa: S101 -- it is in the map
        return _OutOfOrderStep(self._script.revision_map, script, is_upgrade=True)

    def has_run(self, revision: str) -> bool:
        """Whether it counts as run."""
        return revision in self._applied

    def has_run_more_than(self, heads: tuple[str, ...]) -> bool:
        """Whether something ran that does not stand before the position."""
        return not self._applied.keys() <= self._position(heads)

    def is_known(self, revision: str) -> bool:
        """Whether this checkout has it."""
        return revision in self._known

    def left_by(self, undone: Iterable[str]) -> list[str]:
        """What ran and would stay, though it was built on some of these: parents first, unknown ones last."""
        gone = {one for name in undone if name in self._applied for one in (name, *self._replaced(name))}
        built = built_on(self._entries, gone) - gone
        stays = {name for name in built if self._needs(name, gone)}
        known = [name for name in self._in_order(sorted(stays & self._known.keys())) if name in stays]
        return [*known, *sorted(stays - self._known.keys())]

    def _needs(self, revision: str, others: AbstractSet[str]) -> bool:
        """Whether it stands behind some of `others` here, or may do so elsewhere."""
        return revision not in self._known or not others.isdisjoint(self._position(frozenset([revision])))

    @staticmethod
    def is_in_order(step: Any) -> bool:
        """Whether it runs a migration, and moves the position."""
        return isinstance(step, RevisionStep) and not isinstance(step, _OutOfOrderStep)

    def changed_since_they_ran(self, revisions: Iterable[str]) -> tuple[str, ...]:
        """Those whose code is another now than what ran."""
        checksums = {one: own_checksum(source_of(self._script.get_revision(one))) for one in revisions}
        return changed_since(self._applied, {one: checksum for one, checksum in checksums.items() if checksum})

    def pass_over(self, step: RevisionStep, say: Callable[[str], None]) -> None:
        """Have the step of what ran already do nothing but move the position, and say so."""
        revision = step.revision.revision
        at = self._applied[revision].at
        when = f" on {at:%Y-%m-%d}" if at else ""

        def pass_over(**_: Any) -> None:
            self._running = (Action.PASS, None)
            say(f"{revision} ran on this database already{when}: it is passed over")

        step.migration_fn = pass_over

    def skip_what_never_ran(self, step: Any, say: Callable[[str], None]) -> None:
        """Have the step that would undo what never ran do nothing but move the position, and say so."""
        revision = step.revision.revision
        if revision in self._applied:
            return

        def skip(**_: Any) -> None:
            self._running = (Action.SKIP, None)
            say(f"{revision} never ran on this database: there is nothing to undo")

        step.migration_fn = skip

    def watched(self, step: Any) -> Any:
        """The step, which notes what it does and how long it takes."""
        if isinstance(step, RevisionStep):
            run = step.migration_fn
            done = Action.UPGRADE if step.is_upgrade else Action.DOWNGRADE
            if isinstance(step, _OutOfOrderStep):
                done = Action.OUT_OF_ORDER

            @functools.wraps(run)  # Alembic logs its name
            def timed(**options: Any) -> None:
                self._running = (done, None)
                start = time.monotonic()
                run(**options)
                if self._running[0] is done:
                    self._running = (done, time.monotonic() - start)

            step.migration_fn = timed
        return step

    def write(self, step: Any, heads: frozenset[str]) -> None:
        """Write down a step that has ended, after which the database stands at `heads`."""
        if step.is_stamp:
            ran = frozenset(self._applied) if self._keeps_what_ran else self._position(heads)
            entry = replace(self._new_entry(Action.STAMP, None, heads), ran=ran)
        else:
            action, duration = self._running
            entry = replace(
                self._new_entry(action, step.up_revision_id, heads),
                duration=duration,
                checksum=self._checksum(step.up_revision_id),
                ran=self._replaced(step.up_revision_id),
            )
        if self._migrations.as_sql:
            self._table.print(replace(entry, duration=None), self._baseline())
        else:
            self._table.write(entry)

    def _baseline(self) -> Entry | None:
        start = to_tuple(self._migrations._start_from_rev, default=())  # noqa: SLF001 -- where `--sql` starts
        if not start:
            return None
        heads = frozenset(script.revision for script in self._script.get_revisions(start))
        return replace(self._new_entry(Action.BASELINE, None, heads), ran=self._position(heads))

    def _checksum(self, revision: str) -> str | None:
        source = source_of(self._script.get_revision(revision))
        return code_checksum(source) if source else None

    def _replaced(self, revision: str) -> frozenset[str]:
        """Those that a squash stands for; none for any other."""
        return frozenset(replaced_revisions(source_of(self._script.get_revision(revision))))

    @cached_property
    def _known(self) -> dict[str, None]:
        """All revisions, parents first."""
        return dict.fromkeys([script.revision for script in self._script.walk_revisions()][::-1])

    @cached_property
    def _squashes(self) -> dict[str, frozenset[str]]:
        replaced = {script.revision: replaced_revisions(source_of(script)) for script in self._script.walk_revisions()}
        return {revision: frozenset(revisions) for revision, revisions in replaced.items() if revisions}

    def _position(self, heads: Iterable[str]) -> frozenset[str]:
        """These, all that has to run before them, and what the squashes among those stand for."""
        found = frozenset(self._in_order(name for name in heads if name in self._known))
        return found.union(*(self._squashes[name] for name in found & self._squashes.keys()))

    def _in_order(self, heads: Iterable[str]) -> list[str]:
        """These, and all that has to run before them, parents first; one of them may stand before another."""
        get = self._script.revision_map.get_revision
        found = reach(heads, lambda name: get(name)._all_down_revisions)  # type: ignore[union-attr]  # noqa: SLF001 -- with what it depends on
        return [revision for revision in self._known if revision in found]


class _OutOfOrderStep(RevisionStep):
    """Runs a migration that should have run before; the table of versions stays as it is."""


def update_in_order(self: HeadMaintainer, step: Any, original: Any = HeadMaintainer.update_to_step) -> None:
    """In place of `HeadMaintainer.update_to_step`: no step that is out of order moves the position."""
    if not isinstance(step, _OutOfOrderStep):
        original(self, step)
