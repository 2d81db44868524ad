"""gitlembic's own commands, as a click group."""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING

import click

from gitlembic.cli.help import FrontDoorGroup, print_version
from gitlembic.cli.report import print_error, render_chains, render_diff
from gitlembic.core.visible_text import visible
from gitlembic.errors import BugError, GitlembicError

if TYPE_CHECKING:
    from gitlembic.cli.arguments import CommandLineParts


def run_own(parts: CommandLineParts) -> int:
    """Run one of gitlembic's own commands; the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a narrow encoding cannot write every author's name
    try:
        return _run(parts)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, BrokenPipeError) as error:
        if isinstance(error.__cause__, KeyboardInterrupt):  # a shell must see the signal, or its loop goes on
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        if isinstance(error, BrokenPipeError):  # the reader has seen enough: nothing more may be written
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except GitlembicError as error:
        if parts.raise_errors:
            raise
        print_error(error)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 -- the last line of defence
        traceback.print_exc()
        print_error(BugError(error))
        return BugError.exit_code


def _run(parts: CommandLineParts) -> int:
    if parts.command is None and parts.has("--version"):
        print_version()
        return 0
    arguments = [parts.command, *parts.arguments] if parts.command else ["--help"]
    result = cli.main(arguments, prog_name="gitlembic", standalone_mode=False, obj=parts.options)
    return result if isinstance(result, int) else 0


@click.group(cls=FrontDoorGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Alembic with the chain of migrations computed from git history.

    Use it wherever you typed `alembic`: every Alembic command and option works. Migrations that
    say `down_revision = get_down_revision(revision)` are chained in the order in which git saw
    them arrive on the branch, so parallel branches never end in "Multiple head revisions".
    """


@cli.command()
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", help="How to print it.")
@click.option("--at", metavar="REF", help="The chain at a commit, branch or tag; nothing is checked out.")
@click.option("--births", is_flag=True, help="Find the birth of every migration, however old.")
@click.option("--write", is_flag=True, help="Write the chain file, for places without git.")
@click.option("--check", is_flag=True, help="Exit with 1 if the chain file is not what --write would write.")
@click.pass_obj
def chain(
    options: tuple[str, ...],
    style: str,
    at: str | None,
    births: bool,  # noqa: FBT001 -- click passes options by name
    write: bool,  # noqa: FBT001
    check: bool,  # noqa: FBT001
) -> int:
    """Show the chain: which migration follows which, and why.

    The line comes first, oldest first, then whoever stands beside it. With --write the chain goes
    into revision_chain.json beside the directory of migrations, where gitlembic and plain Alembic
    find it when there is no git (a Docker image, a deployment without .git).
    """
    from gitlembic.commands import chain as command  # noqa: PLC0415 -- Alembic is only imported when it is needed
    from gitlembic.core.chain_format import render_json  # noqa: PLC0415

    if write and check:
        raise click.UsageError("--write and --check exclude each other")
    if (write or check) and (at is not None or births):
        raise click.UsageError("--write and --check are about the working tree: they go without --at and --births")
    if write:
        for path in command.write_chain(options):
            click.echo(f"wrote {visible(str(path))}")
        return 0
    if check:
        stale = command.stale_chain_files(options)
        for path, reason in stale:
            click.echo(visible(f"{path}: {reason}"), err=True)
        if stale:
            click.echo("Hint: `gitlembic chain --write` writes it again", err=True)
        return 1 if stale else 0
    resolution = command.show_chain(options, at=at, all_births=births)
    click.echo(render_json(resolution) if style == "json" else render_chains(resolution), nl=False)
    return 0


@cli.command()
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--print", "show", is_flag=True, help="Print the reference template, for copying from.")
@click.pass_obj
def adopt(options: tuple[str, ...], dry_run: bool, show: bool) -> int:  # noqa: FBT001 -- click passes options by name
    """Make the project's new migrations dynamic.

    Patches script.py.mako: one import, and the right side of the down_revision assignment. Your
    own edits stay, and so do the migrations that are there. A template that makes dynamic
    migrations already is left alone.
    """
    from gitlembic.commands import adopt as command  # noqa: PLC0415 -- Alembic is only imported when it is needed

    if show:
        click.echo(command.reference_template(), nl=False)
        return 0
    adoption = command.plan_adoption(options)
    if not adoption.changes:
        click.echo(f"{visible(str(adoption.path))} makes dynamic migrations already")
        return 0
    if dry_run:
        click.echo(render_diff(str(adoption.path), adoption.before, adoption.after), nl=False)
        return 0
    command.carry_out(adoption)
    click.echo(f"{visible(str(adoption.path))} now makes dynamic migrations")
    return 0


@cli.command()
def demo() -> int:
    """See the problem and the answer in ten seconds, on SQLite, in a temporary directory.

    Two branches add a migration each and are merged: Alembic's error, then gitlembic's upgrade,
    then the chain. Needs no git and leaves nothing behind.
    """
    from gitlembic.commands.demo import run_demo  # noqa: PLC0415

    for scene in run_demo():
        click.echo(scene)
    return 0
