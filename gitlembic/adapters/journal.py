"""Keeps the journal while a command runs, and stops an upgrade that would leave something out."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import time
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from alembic.runtime.migration import HeadMaintainer, RevisionStep
from alembic.util import CommandError, to_tuple

from gitlembic.adapters.environment import Watcher
from gitlembic.adapters.journal_table import JournalTable, has_journal, journal_name
from gitlembic.adapters.stored_scripts import StoredScript
from gitlembic.core.journal import (
    UNDO_AS_THEY_RAN,
    Action,
    Entry,
    applied,
    built_on,
    catch_up,
    changed_since,
    gaps,
    gaps_inside,
    is_ahead,
)
from gitlembic.core.migration_code import code_checksum
from gitlembic.core.reach import reach
from gitlembic.core.squash_header import SQUASH_OF, own_checksum, read_squash_header, replaced_revisions
from gitlembic.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    Steps = Callable[[tuple[str, ...], MigrationContext], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Keeper:
    """What the journal has to know beside what Alembic does.

    `commit` is what is checked out, if anything; `describe` says in one line what is known of a
    revision; `say` tells the user something while the command runs.
    """

    commit: Callable[[], str | None]
    describe: Callable[[str], str]
    say: Callable[[str], None]


class Journal(Watcher):
    """Writes down what `upgrade`, `downgrade` and `stamp` do, in the transaction in which they do it.

    An upgrade is refused (`RefusedError`) where a migration that stands before the database's
    position never ran, unless `out_of_order` lets it run first; it does nothing where the database
    has run all that there is here, and more. It passes over what ran already, and a downgrade over
    what never ran; that is refused where something would stay that was built on what it undoes. With
    `keeps_what_ran`, a stamp changes nothing of what counts as run. A database without a journal gets
    one if this `makes_one`, and is left alone else.
    """

    def __init__(
        self,
        command: str,
        keeper: Keeper,
        *,
        out_of_order: bool = False,
        keeps_what_ran: bool = False,
        makes_one: bool = True,
    ) -> None:
        self._command = command
        self._keeper = keeper
        self._out_of_order = out_of_order
        self._keeps_what_ran = keeps_what_ran
        self._makes_one = makes_one
        self._batch = secrets.token_hex(8)
        self._version = version("gitlembic")  # which reads a file
        self._records: dict[int, _Record] = {}
        self._update_to_step = HeadMaintainer.update_to_step

    def before_configure(self, environment: EnvironmentContext, options: dict[str, Any]) -> None:  # noqa: ARG002 -- as every watcher
        given = to_tuple(options.get("on_version_apply"), default=())
        options["on_version_apply"] = (*given, self._write)

    def after_configure(self, environment: EnvironmentContext, migrations: MigrationContext) -> None:
        steps: Steps | None = migrations._migrations_fn  # noqa: SLF001 -- Alembic has no other place for it
        if steps is None or not (self._makes_one or (not migrations.as_sql and has_journal(migrations))):
            return
        if self._out_of_order and migrations.as_sql:
            raise RefusedError(
                "--out-of-order asks the journal what never ran, and --sql has no database to ask",
                "leave one of them out; `gitlembic upgrade A:B --sql` prints what stands between two revisions",
            )
        record = _Record(migrations, environment.script, self._new_entry, keeps_what_ran=self._keeps_what_ran)
        self._records[id(migrations)] = record
        HeadMaintainer.update_to_step = _update_in_order  # type: ignore[method-assign]

        def planned(heads: tuple[str, ...], context: MigrationContext) -> Iterator[Any]:
            target = environment.context_opts.get("destination_rev")
            found = steps if context.as_sql else self._checked(record, steps, target)
            return map(record.watched, found(heads, context))

        migrations._migrations_fn = planned  # noqa: SLF001 -- likewise
        run = migrations.run_migrations

        def run_and_look(**options: Any) -> None:
            record.notice_transaction()
            run(**options)
            record.commit_what_no_step_has()

        migrations.run_migrations = run_and_look  # type: ignore[method-assign]

    def after_command(self) -> None:
        HeadMaintainer.update_to_step = self._update_to_step  # type: ignore[method-assign]

    def _checked(self, record: _Record, steps: Steps, target: Any) -> Steps:
        """The steps to take, after all that may refuse them; only then the journal is made, or catches up."""

        def check(heads: tuple[str, ...], context: MigrationContext) -> Iterable[Any]:
            record.catch_up(frozenset(heads), is_purged=context.purge)
            missing: tuple[str, ...] = ()
            if self._command == "upgrade":
                if record.is_ahead(frozenset(heads)) and record.knows(target):
                    self._keeper.say(
                        f"{self._name(context)} has run all of this checkout's migrations, and stands at "
                        f"{', '.join(heads)}, which is newer: nothing to do"
                    )
                    return []
                missing = record.gaps(heads)
                refuse_inside(record.gaps_inside_squashes(record.position(heads)))
                if missing and not self._out_of_order:
                    raise self._refusal(missing, heads, self._name(context))
            found = [*map(record.out_of_order_step, missing), *steps(heads, context)]
            if self._command == "upgrade" and record.has_run_more_than(heads):
                upgrades = [step for step in found if record.is_in_order(step)]
                refuse_inside(record.gaps_inside_squashes([step.revision.revision for step in upgrades]))
                self._pass_what_ran(record, upgrades)
            if self._command == "downgrade":
                refuse_inside(record.gaps_inside_squashes([step.revision.revision for step in found]))
                self._refuse_to_undermine(record, found, heads)
                for step in found:
                    record.skip_what_never_ran(step, self._keeper.say)
            record.begin()
            if self._command == "stamp" and not found and not self._keeps_what_ran:
                record.affirm(frozenset(heads))
            return found

        return check

    def _name(self, context: MigrationContext) -> str:
        """With its URL where env.py has more than one of them."""
        connection = context.connection
        if len(self._records) == 1 or connection is None:
            return "this database"
        return f"the database {connection.engine.url.render_as_string()}"

    def _pass_what_ran(self, record: _Record, steps: Sequence[RevisionStep]) -> None:
        ran = [step.revision.revision for step in steps if record.has_run(step.revision.revision)]
        changed = record.changed_since_they_ran(ran)
        if changed:
            described = "\n".join(f"  {self._keeper.describe(revision)}" for revision in changed)
            cure = f"put back what ran, and write what is to change into a new migration; or {UNDO_AS_THEY_RAN}"
            if len(ran) == len(steps):  # else that would claim what never ran
                cure += f"; if the database has all of it by other means, `gitlembic stamp {ran[-1]}` says so"
            raise RefusedError(
                f"these ran on this database already, as other code than there is now:\n{described}", cure
            )
        for step in steps:
            if step.revision.revision in ran:
                record.pass_over(step, self._keeper.say)

    def _refuse_to_undermine(self, record: _Record, steps: Sequence[RevisionStep], heads: tuple[str, ...]) -> None:
        """Else an upgrade would pass over them later, though what they did went with what they were built on."""
        stays = record.left_by([step.revision.revision for step in steps]) if record.has_run_more_than(heads) else []
        if not stays:
            return
        described = "\n".join(f"  {self._keeper.describe(revision)}" for revision in stays)
        if all(map(record.is_known, stays)):
            cure = f"`gitlembic upgrade {stays[-1]}` passes over what ran, and a downgrade undoes them from there"
        else:
            cure = UNDO_AS_THEY_RAN
        if not record.gaps(heads):
            cure += f"; or `gitlembic stamp {' '.join(heads)}` forgets that they ran, and leaves what they made"
        raise RefusedError(f"these ran on top of what would be undone, and would stay:\n{described}", cure)

    def _refusal(self, missing: Sequence[str], heads: tuple[str, ...], name: str) -> RefusedError:
        described = "\n".join(f"  {self._keeper.describe(revision)}" for revision in missing)
        number = f"{len(missing)} migrations stand" if len(missing) > 1 else "one migration stands"
        return RefusedError(
            f"{number} before {', '.join(heads)}, where {name} is, and never ran on it:\n{described}",
            f"`gitlembic upgrade --out-of-order {'heads' if len(heads) > 1 else 'head'}` runs what is missing, "
            "then goes on; read it first: it was written for a database that has not run what follows. If it did run "
            "there, by other means, "
            f"`gitlembic stamp {' '.join(heads)}` says so",
        )

    def _write(self, *, ctx: MigrationContext, step: Any, heads: set[str], **_: Any) -> None:
        if id(ctx) in self._records:
            self._records[id(ctx)].write(step, frozenset(heads))

    def _new_entry(self, action: Action, revision: str | None, heads: frozenset[str]) -> Entry:
        return Entry(
            action,
            revision,
            heads,
            at=datetime.now(timezone.utc),
            gitlembic=self._version,
            commit=self._keeper.commit(),
            batch=self._batch,
        )


class InsideSquash(NamedTuple):
    """A revision that a squash has replaced, the squash with its file, and the commit that still holds it."""

    revision: str
    squash: str
    path: str
    replaced_in: str


def refuse_inside(inside: Sequence[InsideSquash]) -> None:
    """Raise `RefusedError` if there is any."""
    if not inside:
        return
    described = "\n".join(f"  {one.revision}, inside the squash {one.squash} ({one.path})" for one in inside)
    commit = inside[0].replaced_in or "the commit before the squash"
    raise RefusedError(
        f"a part of what a squash stands for ran on this database, and these never did:\n{described}",
        f"`git checkout {commit}`, which still holds them, and `gitlembic upgrade --out-of-order head` there; "
        "then come back",
    )


class HiddenJournal(Watcher):
    """Keeps autogenerate from proposing to drop the journal, which is in nobody's models."""

    def before_configure(self, environment: EnvironmentContext, options: dict[str, Any]) -> None:  # noqa: ARG002 -- as every watcher
        given = options.get("include_name")
        hidden = journal_name(options.get("version_table", "alembic_version"))
        schema = options.get("version_table_schema")

        def include_name(name: str | None, kind: str, parents: Any) -> bool:
            if kind == "table" and name == hidden and parents.get("schema_name") in {schema, None}:
                return False
            return given is None or bool(given(name, kind, parents))

        options["include_name"] = include_name


class _Record:
    """The journal of one database, while its migrations run."""

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
        """Whether one is open before Alembic has read anything: then it is env.py's, or Alembic's for all steps."""
        connection = self._migrations.connection
        if connection is not None and not self._migrations.as_sql:
            self._table.is_in_transaction = connection.in_transaction()

    def commit_what_no_step_has(self) -> None:
        """Where Alembic commits every step, nobody does what came before them if there were none."""
        migrations = self._migrations
        by_step = migrations._transaction_per_migration or not migrations.impl.transactional_ddl  # noqa: SLF001 -- as Alembic decides
        if by_step and not migrations._in_external_transaction:  # noqa: SLF001 -- likewise
            self._table.commit()

    def affirm(self, heads: frozenset[str]) -> None:
        """A stamp where the database stands already says that all before it counts as run."""
        position = self._position(heads)
        if position != self._applied.keys():
            self._table.write(replace(self._new_entry(Action.STAMP, None, heads), ran=position))

    def catch_up(self, heads: frozenset[str], *, is_purged: bool) -> None:
        with contextlib.suppress(
            CommandError
        ):  # where nobody knows it; else what a squash has replaced is known from now on
            self._script.get_revisions(tuple(heads))
        self._entries = self._table.read()
        entry = None if is_purged else catch_up(self._entries, heads, self._known.keys(), self._position)
        if entry is not None:
            new = self._new_entry(entry.action, None, heads)
            self._caught_up = replace(new, ran=entry.ran)
            self._entries.append(self._caught_up)
        self._applied = applied(self._entries)

    def begin(self) -> None:
        self._table.prepare()
        if self._caught_up is not None:
            self._table.write(self._caught_up)

    def is_ahead(self, heads: frozenset[str]) -> bool:
        return is_ahead(self._known.keys(), heads, self._applied)

    def knows(self, target: Any) -> bool:
        """Whether it is one or more revisions of this checkout, and no step from where the database stands."""
        try:
            return bool(self._script.get_revisions(target))
        except CommandError:
            return False

    def gaps(self, heads: tuple[str, ...]) -> tuple[str, ...]:
        return gaps(self.position(heads), self._applied)

    def position(self, heads: tuple[str, ...]) -> list[str]:
        """These, and all that has to run before them, parents first; nothing of one that is not known here."""
        return self._in_order(heads) if self._known.keys() >= {*heads} else []

    def gaps_inside_squashes(self, revisions: Iterable[str]) -> list[InsideSquash]:
        """Of what the squashes among `revisions` stand for, what did not run where another part did."""
        found = []
        for revision in revisions:
            script = self._script.get_revision(revision)
            header = read_squash_header(self._source(revision)) if SQUASH_OF.search(script.longdoc or "") else None
            if header is not None:
                missing = gaps_inside(revision, (one for one, _ in header.replaces), self._applied)
                name = os.path.basename(script.path)  # noqa: PTH119 -- a text
                found += [InsideSquash(one, revision, name, header.replaced_in) for one in missing]
        return found

    def out_of_order_step(self, revision: str) -> RevisionStep:
        script = self._script.get_revision(revision)
        assert script is not None  # noqa: S101 -- it is in the map
        return _OutOfOrderStep(self._script.revision_map, script, is_upgrade=True)

    def has_run(self, revision: str) -> bool:
        return revision in self._applied

    def has_run_more_than(self, heads: tuple[str, ...]) -> bool:
        """Whether something ran that does not stand before the position."""
        return not self._applied.keys() <= self._position(heads)

    def is_known(self, revision: str) -> bool:
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
        return isinstance(step, RevisionStep) and not isinstance(step, _OutOfOrderStep)

    def changed_since_they_ran(self, revisions: Iterable[str]) -> tuple[str, ...]:
        checksums = {one: own_checksum(self._source(one)) for one in revisions}
        return changed_since(self._applied, {one: checksum for one, checksum in checksums.items() if checksum})

    def pass_over(self, step: RevisionStep, say: Callable[[str], None]) -> None:
        revision = step.revision.revision
        at = self._applied[revision].at
        when = f" on {at:%Y-%m-%d}" if at else ""

        def pass_over(**_: Any) -> None:
            self._running = (Action.PASS, None)
            say(f"{revision} ran on this database already{when}: it is passed over")

        step.migration_fn = pass_over

    def skip_what_never_ran(self, step: Any, say: Callable[[str], None]) -> None:
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
        source = self._source(revision)
        return code_checksum(source) if source else None

    def _replaced(self, revision: str) -> frozenset[str]:
        """Those that a squash stands for; none for any other."""
        return frozenset(replaced_revisions(self._source(revision)))

    def _source(self, revision: str) -> bytes:
        """Empty where there is none to be read, as of what was compiled."""
        script = self._script.get_revision(revision)
        try:
            return script.source if isinstance(script, StoredScript) else Path(script.path).read_bytes()
        except OSError:
            return b""

    @cached_property
    def _known(self) -> dict[str, None]:
        """All revisions, parents first."""
        return dict.fromkeys([script.revision for script in self._script.walk_revisions()][::-1])

    @cached_property
    def _squashes(self) -> dict[str, frozenset[str]]:
        found = [script.revision for script in self._script.walk_revisions() if SQUASH_OF.search(script.longdoc or "")]
        return {revision: self._replaced(revision) for revision in found}

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


def _update_in_order(self: HeadMaintainer, step: Any, original: Any = HeadMaintainer.update_to_step) -> None:
    if not isinstance(step, _OutOfOrderStep):
        original(self, step)
