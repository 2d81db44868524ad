"""The rescue command: what it takes, how its plan looks, and the question before it goes on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from gitlembic.cli.report import as_typed, print_remark
from gitlembic.core.visible_text import visible
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gitlembic.adapters.stored_scripts import StoredFile
    from gitlembic.commands.rescue import Rescue, Way
    from gitlembic.core.chain import Link
    from gitlembic.core.migration import RevisionId

_SHORT_COMMIT = 9


@click.command()
@click.option("--to", metavar="REF", help="Bring it to where this branch, tag or commit has it, not this checkout.")
@click.option("--from", "start", metavar="REF", help="The branch, tag or commit that migrated it. Default: looked for.")
@click.option("--sql", is_flag=True, help="Print the SQL, and execute nothing.")
@click.option("--dry-run", is_flag=True, help="Show the plan, and change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def rescue(
    options: tuple[str, ...],
    to: str | None,
    start: str | None,
    sql: bool,  # noqa: FBT001 -- click passes options by name
    dry_run: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
) -> int:
    """Bring a database onto this checkout's chain that stands at a revision which is not here.

    Looks for that revision in git (branches, tags, stashes, worktrees, the reflog), and undoes what this
    checkout does not have, or has in another place, newest first, down to the last migration that
    both have alike. The files are taken from git: the work tree stays as it is. Then `gitlembic
    upgrade head` goes on. Shows the plan and asks; nothing is begun if a downgrade is empty or
    only raises.

    With --to REF, before or after `git switch`, the database is left as that branch expects it: what REF
    lacks is undone, and what it has is run, with its files. With --from REF the chain of that commit
    says what ran here; it is needed where several commits have the revision with other ancestors, and
    in a post-checkout hook, where git says what was checked out before.
    """
    from gitlembic.commands import rescue as command  # noqa: PLC0415 -- Alembic is only imported when it is needed

    plan = command.plan_rescue(options, to=to, start=start)
    text = as_typed("\n".join(_described(plan)), options)
    click.echo(text, err=sql)
    if plan.is_empty or dry_run:
        return 0
    if sql:
        command.carry_out(plan, print_remark, sql=True)
        return 0
    if not yes:
        if not sys.stdin.isatty():
            raise GitlembicError("this would change the database, and nobody is at a terminal to be asked", "add --yes")
        if not click.confirm("Go on?"):
            return 1
    command.carry_out(plan, print_remark)
    stands = "; ".join(", ".join(map(visible, way.redo[-1:] or way.stay)) or "base" for way in plan.ways)
    heads = {head for chain in plan.onto.resolution.chains for head in chain.heads}
    behind = to is None and any({*way.stay} != heads for way in plan.ways)
    hint = "; `gitlembic upgrade head` goes on" if behind else ""
    click.echo(as_typed(f"The database stands at {stands} now{hint}", options))
    return 0


def _described(plan: Rescue) -> Iterator[str]:
    """The plan, a line each: safe for a terminal."""
    for number, way in enumerate(plan.ways):
        if len(plan.ways) > 1:
            yield f"{chr(10) if number else ''}Database {number + 1} of {len(plan.ways)}:"
        yield from _way(plan, way)


def _way(plan: Rescue, way: Way) -> Iterator[str]:
    there, onto = plan.standing.resolution, plan.onto.resolution
    heads = ", ".join(map(visible, way.heads)) or "base"
    commit = f", commit {there.head[:_SHORT_COMMIT]}" if there.at is not None and there.head else ""
    if not way.undo and not way.redo:
        yield f"The database stands at {heads}, on the chain of {visible(plan.target)}: nothing to undo."
        yield from _gaps(way)
        return
    where = f"; it is {visible(plan.standing.name)}{commit}" if way.heads and there.at is not None else ""
    yield f"The database stands at {heads}{where}."
    if way.undo:
        yield f"Of that, {visible(plan.target)} does not have these, or not in that place; to be undone, newest first:"
        yield from _listed(way.undo, there.links, plan.standing.files)
    stay = ", ".join(map(visible, way.stay))
    yield f"Both have {stay}, where it stands then." if stay else "Nothing is left then: it stands at the base."
    yield from _gaps(way)
    if way.redo:
        at = f" (commit {onto.head[:_SHORT_COMMIT]})" if onto.head else ""
        yield f"Then to be run, as {visible(plan.target)}{at} has them:"
        yield from _listed(way.redo, onto.links, plan.onto.files)


def _gaps(way: Way) -> Iterator[str]:
    if way.missing:
        yield (
            f"By its journal it never ran {', '.join(map(visible, way.missing))}: "
            "`gitlembic upgrade --out-of-order head` runs what is missing."
        )


def _listed(
    revisions: Iterable[RevisionId], links: Mapping[RevisionId, Link], files: Mapping[RevisionId, StoredFile]
) -> Iterator[str]:
    for revision in revisions:
        message = links[revision].placed.migration.message.partition("\n")[0]
        yield f"  {visible(revision)}  {visible(message)} ({visible(files[revision].shown)})"
