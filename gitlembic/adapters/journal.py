"""Keeps the journal while a command runs, and stops an upgrade that would leave something out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from alembic.runtime.migration import HeadMaintainer
from alembic.util import to_tuple

from gitlembic.adapters.environment import Watcher
from gitlembic.adapters.journal_record import JournalRecord, update_in_order
from gitlembic.adapters.journal_table import has_journal
from gitlembic.core.journal import OF_ALL, UNDO_AS_THEY_RAN, Action, Entry
from gitlembic.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext, RevisionStep

    from gitlembic.adapters.journal_record import InsideSquash

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
        self._records: dict[int, JournalRecord] = {}
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
        record = JournalRecord(migrations, environment.script, self._new_entry, keeps_what_ran=self._keeps_what_ran)
        self._records[id(migrations)] = record
        HeadMaintainer.update_to_step = update_in_order  # type: ignore[method-assign]

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

    def _checked(self, record: JournalRecord, steps: Steps, target: Any) -> Steps:
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
                _refuse_inside(record.gaps_inside_squashes(record.position(heads)))
                if missing and not self._out_of_order:
                    raise self._refusal(missing, heads, self._name(context))
            found = [*map(record.out_of_order_step, missing), *steps(heads, context)]
            if self._command == "upgrade" and record.has_run_more_than(heads):
                upgrades = [step for step in found if record.is_in_order(step)]
                _refuse_inside(record.gaps_inside_squashes([step.revision.revision for step in upgrades]))
                self._pass_what_ran(record, upgrades)
            if self._command == "downgrade":
                _refuse_inside(record.gaps_inside_squashes([step.revision.revision for step in found]))
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

    def _pass_what_ran(self, record: JournalRecord, steps: Sequence[RevisionStep]) -> None:
        ran = [step.revision.revision for step in steps if record.has_run(step.revision.revision)]
        changed = record.changed_since_they_ran(ran)
        if changed:
            described = "\n".join(f"  {self._keeper.describe(revision)}" for revision in changed)
            cure = f"put back what ran, and write what is to change into a new migration; or {UNDO_AS_THEY_RAN}"
            if len(ran) == len(steps):  # else that would claim what never ran
                cure += f"; if the database has all of it by other means, `gitlembic stamp {ran[-1]}` says so {OF_ALL}"
            raise RefusedError(
                f"these ran on this database already, as other code than there is now:\n{described}", cure
            )
        for step in steps:
            if step.revision.revision in ran:
                record.pass_over(step, self._keeper.say)

    def _refuse_to_undermine(
        self, record: JournalRecord, steps: Sequence[RevisionStep], heads: tuple[str, ...]
    ) -> None:
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
            stamp = f"gitlembic stamp {' '.join(heads)}"
            cure += f"; or `{stamp}` forgets that they ran {OF_ALL}, and leaves what they made"
        raise RefusedError(f"these ran on top of what would be undone, and would stay:\n{described}", cure)

    def _refusal(self, missing: Sequence[str], heads: tuple[str, ...], name: str) -> RefusedError:
        described = "\n".join(f"  {self._keeper.describe(revision)}" for revision in missing)
        number = f"{len(missing)} migrations stand" if len(missing) > 1 else "one migration stands"
        return RefusedError(
            f"{number} before {', '.join(heads)}, where {name} is, and never ran on it:\n{described}",
            f"`gitlembic upgrade --out-of-order {'heads' if len(heads) > 1 else 'head'}` runs what is missing, "
            "then goes on; read it first: it was written for a database that has not run what follows. If it did run "
            "there, by other means, "
            f"`gitlembic stamp {' '.join(heads)}` says so {OF_ALL}",
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


def _refuse_inside(inside: Sequence[InsideSquash]) -> None:
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
