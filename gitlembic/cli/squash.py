"""The squash command: what it takes, and how its answer looks."""

from __future__ import annotations

import sys
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from gitlembic.core.visible_text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitlembic.commands.squash import Squash
    from gitlembic.squash.schema_diff import Difference, Verdict

_SHOWN = 20
_WIDTH = 300


def _line_of_text(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and {unicodedata.category(one) for one in value} & {"Cc", "Cs"}:
        raise click.BadParameter(f"it is not one line of text: {visible(value)}")
    return value


@click.command()
@click.argument("range", metavar="RANGE")
@click.option("-m", "--message", metavar="TEXT", callback=_line_of_text, help="The first line of the new migration.")
@click.option(
    "--as",
    "style",
    type=click.Choice(["python", "sql"]),
    default="python",
    help="sql: a dump of what they make, for one kind of database; faster, and it has no way back.",
)
@click.option("--prune", is_flag=True, help="Leave the originals out: for tables that are made from the models.")
@click.option("--verify", metavar="URL", help="A server to make scratch databases on, for what does not run on SQLite.")
@click.option("--dry-run", is_flag=True, help="Plan and verify it, and change no file.")
@click.pass_obj
def squash(
    options: tuple[str, ...],
    range: str,  # noqa: A002 -- its name in the help
    message: str | None,
    style: str,
    prune: bool,  # noqa: FBT001 -- click passes options by name
    verify: str | None,
    dry_run: bool,  # noqa: FBT001
) -> int:
    """Make one migration of many, and prove that it does the same.

    RANGE is REV, for all migrations up to REV, or A..REV for those after A. The new file takes the
    place of REV and keeps its id: databases at REV or later need nothing. It holds every original
    as it was, in a function of its own, and runs them in their order; plain Alembic runs it, too.

    Before anything is written, the originals run twice and the squash once, with the project's own
    env.py, on scratch databases that are made for it and dropped, and schema, rows and sequences are
    compared. They are SQLite files, or databases on the server that --verify names.
    """
    from gitlembic.commands import squash as command  # noqa: PLC0415 -- Alembic is only imported when it is needed
    from gitlembic.commands.squash_files import carry_out  # noqa: PLC0415 -- likewise
    from gitlembic.commands.verify_squash import dumped  # noqa: PLC0415
    from gitlembic.commands.verify_squash import verify as verify_squash  # noqa: PLC0415

    if prune and (verify or style == "sql"):
        raise click.UsageError("--prune leaves nothing to --verify, and nothing to dump")
    first, dots, last = range.rpartition("..")
    if not last or (dots and not first):
        raise click.UsageError("RANGE is REV, or A..REV with a revision on either side")
    planned = command.plan_squash(options, range, message=message, prune=prune)
    for line in _plan(planned):
        click.echo(visible(line))
    if prune:
        click.echo("not verified: there is nothing to compare an empty migration with")
    else:
        with _progress() as watch:
            if style == "sql":
                planned = dumped(options, planned, verify, watch)
            verdict = verify_squash(options, planned, verify, watch)
        for line in _verdict(verdict):
            click.echo(line)
        if not verdict.is_equal:
            return 1
    if dry_run:
        return 0
    for line in carry_out(options, planned):
        click.echo(f"gitlembic: {visible(line)}", err=True)
    click.echo(f"wrote {visible(planned.shown)}, and removed {_files(len(planned.removed))}; commit all of it together")
    return 0


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Says on a terminal what runs, and how far it is."""
    bars: list[Any] = []

    def watch(what: str, done: int, total: int) -> None:
        if done == 0 and bars:
            bars.pop().render_finish()
        if not bars:
            bars.append(click.progressbar(length=total, label=what, file=sys.stderr, show_eta=False))
            bars[0].label = what
        bars[0].update(done - bars[0].pos)

    yield watch if sys.stderr.isatty() else lambda *_: None
    for bar in bars:
        bar.render_finish()


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"


def _plan(planned: Squash) -> Iterator[str]:
    count = len(planned.wanted.inside)
    after = f" after {planned.wanted.after}" if planned.wanted.after else ""
    yield f"{count} migrations{after}, up to {planned.wanted.upto}, become {planned.shown}"
    for body in planned.bodies if planned.dialect is None else ():
        if body.embedded:
            yield f"  {body.original.path} is kept as text: {body.embedded}"


def _verdict(verdict: Verdict) -> Iterator[str]:
    from tabulate import tabulate  # noqa: PLC0415 -- only for tables

    if verdict.is_equal:
        rows = [(kind, count) for kind, count in sorted(verdict.counts.items())]
        yield tabulate(rows, ("compared", "equal"), tablefmt="simple")
        if verdict.masked:
            yield visible(f"left out, for it differs whenever the originals run: {', '.join(verdict.masked)}")
        return
    if verdict.unstable:
        yield "the originals themselves make another schema each time they run:"
    else:
        yield "the squash does not make what its originals make; nothing was written:"
    for difference in verdict.differences[:_SHOWN]:
        yield from _difference(difference)
    more = len(verdict.differences) - _SHOWN
    if more > 0:
        yield f"  and {more} more"


def _difference(difference: Difference) -> Iterator[str]:
    yield visible(f"  {difference.kind} {difference.name}")
    for who, what in (("-", difference.before), ("+", difference.after)):
        if what is not None:
            yield visible(f"    {who} {what}")[:_WIDTH]
