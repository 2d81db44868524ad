"""What a run of migrations does first: compute its steps, which imports the modules of all that will run."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from alembic.runtime.migration import MigrationContext, MigrationStep, StampStep

from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from alembic.script import ScriptDirectory


@contextlib.contextmanager
def imported_before_anything_is_written() -> Iterator[None]:
    """While this is open, a run of migrations computes its steps before it makes the table of versions.

    They are computed once, with the function that Alembic or env.py gave, and only by a run: `stamp`
    and others make that table without any. An error in a migration's file says so if no step has
    begun yet; env.py may have upgraded another database before.
    """
    original = MigrationContext.run_migrations
    begun: list[object] = []

    def run(self: MigrationContext, **kw: Any) -> None:
        try:
            with _steps_before_table(self, begun):
                original(self, **kw)
        except BrokenInputError as error:
            if not begun:
                error.hint += "; no migration has run"
            raise

    MigrationContext.run_migrations = run  # type: ignore[method-assign]
    try:
        yield
    finally:
        MigrationContext.run_migrations = original  # type: ignore[method-assign]


@contextlib.contextmanager
def _steps_before_table(context: MigrationContext, begun: list[object]) -> Iterator[None]:
    """`begun` gets every step that is handed out to be run."""
    compute = getattr(context, "_migrations_fn", None)
    make_table = getattr(context, "_ensure_version_table", None)
    if compute is None or make_table is None:  # some later Alembic's: then that table may be made, and no more
        yield
        return
    computed: list[list[Any]] = []

    def compute_and_make_table(**options: Any) -> None:
        computed.append(list(compute((), context)))  # Alembic makes it where no revision is stored
        make_table(**options)

    def hand_out(heads: tuple[str, ...], _: MigrationContext) -> Iterator[Any]:
        for step in computed.pop() if computed else compute(heads, context):
            begun.append(step)
            yield step

    context.__dict__.update(_migrations_fn=hand_out, _ensure_version_table=compute_and_make_table)
    try:
        yield
    finally:
        context._migrations_fn = compute  # noqa: SLF001 -- put back as it was
        del context.__dict__["_ensure_version_table"]


def steps_down(script: ScriptDirectory, revisions: Iterable[str]) -> list[Any]:
    """The steps that undo revisions, in this order; imports all their modules."""
    found = map(script.get_revision, revisions)
    return [MigrationStep.downgrade_from_script(script.revision_map, one) for one in found]


def steps_of_stamp(script: ScriptDirectory, here: Sequence[str], there: Sequence[str]) -> list[Any]:
    """The steps that turn the rows `here` into the rows `there`; the script need not know them."""
    gone = [name for name in here if name not in there]
    new = [name for name in there if name not in here]
    both = min(len(gone), len(new))

    def step(old: str | None, to: str | None) -> StampStep:
        return StampStep(
            old, to, is_upgrade=to is not None, branch_move=None in {old, to}, revision_map=script.revision_map
        )

    return [
        *map(step, gone[:both], new[:both]),
        *(step(old, None) for old in gone[both:]),
        *(step(None, to) for to in new[both:]),
    ]


def steps_up(script: ScriptDirectory, revisions: Iterable[str]) -> list[Any]:
    """The steps that run revisions, in this order; imports all their modules."""
    found = map(script.get_revision, revisions)
    return [MigrationStep.upgrade_from_script(script.revision_map, one) for one in found]
