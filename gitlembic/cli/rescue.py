"""The rescue command: what it takes, and the question before it goes on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from gitlembic.cli.report import as_typed, print_remark
from gitlembic.cli.rescue_plan import describe_keeping, describe_undoing
from gitlembic.core.visible_text import visible
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitlembic.commands.keep import Keeping
    from gitlembic.commands.rescue import Rescue


@click.command()
@click.option("--to", metavar="REF", help="Bring it to where this branch, tag or commit has it, not this checkout.")
@click.option("--from", "start", metavar="REF", help="The branch, tag or commit that migrated it. Default: looked for.")
@click.option("--keep", is_flag=True, help="With a journal: undo nothing, and run what never ran.")
@click.option("--sql", is_flag=True, help="Print the SQL, and execute nothing.")
@click.option("--dry-run", is_flag=True, help="Show the plan, and change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def rescue(
    options: tuple[str, ...],
    to: str | None,
    start: str | None,
    keep: bool,  # noqa: FBT001 -- click passes options by name
    sql: bool,  # noqa: FBT001
    dry_run: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
) -> int:
    """Bring a database that stands elsewhere onto this chain.

    It stands at a revision that this checkout does not have. Looks for that in git (branches, tags,
    stashes, worktrees, the reflog), and undoes what this checkout does not have, or has in another
    place, newest first, down to the last migration that both have alike. The files are taken from git:
    the work tree stays as it is. Then `gitlembic upgrade head` goes on. Shows the plan and asks;
    nothing is begun if a downgrade is empty or only raises.

    With --to REF, before or after `git switch`, the database is left as that branch expects it: what REF
    lacks is undone, and what it has is run, with its files. With --from REF the chain of that commit
    says what ran here; it is needed where several commits have the revision with other ancestors, and
    in a post-checkout hook, where git says what was checked out before.

    With --keep nothing is undone. The database's journal knows what ran: what this checkout lacks of that
    stays, and stays written down; what never ran is run; and the position says what is true. An
    upgrade that comes to what ran already passes over it.
    """
    if keep and (start is not None or sql):
        raise click.UsageError("--keep asks the database's journal: it goes without --from and --sql")
    plan, lines = _keeping(options, to) if keep else _undoing(options, to, start, sql=sql)
    click.echo(as_typed("\n".join(lines), options), err=sql)
    if plan.is_empty or dry_run:
        return 0
    if not yes and not sql:
        if not sys.stdin.isatty():
            raise GitlembicError(
                "this would change the database, and nobody is at a terminal to be asked", "type the same with --yes"
            )
        if not click.confirm("Go on?"):
            return 1
    plan.carry_out(print_remark)
    if sql:
        return 0
    stands = "; ".join(", ".join(map(visible, end)) or "base" for end in plan.ends)
    hint = "; `gitlembic upgrade head` goes on" if plan.is_behind else ""
    expected = "" if to is None else f", as {visible(to)} expects it"
    click.echo(as_typed(f"The database stands at {stands} now{expected or hint}", options))
    return 0


def _undoing(options: tuple[str, ...], to: str | None, start: str | None, *, sql: bool) -> tuple[Rescue, Iterable[str]]:
    from gitlembic.commands.rescue import plan_rescue  # noqa: PLC0415 -- Alembic is only imported when it is needed

    plan = plan_rescue(options, to=to, start=start, sql=sql)
    return plan, describe_undoing(plan)


def _keeping(options: tuple[str, ...], to: str | None) -> tuple[Keeping, Iterable[str]]:
    from gitlembic.commands.keep import plan_keeping  # noqa: PLC0415 -- likewise

    plan = plan_keeping(options, to=to)
    return plan, describe_keeping(plan)
