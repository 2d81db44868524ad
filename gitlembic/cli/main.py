"""gitlembic's own commands, as a click group."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
import traceback
from typing import TYPE_CHECKING

import click

from gitlembic.adapters.garbage import no_garbage_collection
from gitlembic.cli.adopt_report import render_outlook
from gitlembic.cli.graph import graph
from gitlembic.cli.help import FrontDoorGroup, misplaced_option_hint
from gitlembic.cli.journal import journal
from gitlembic.cli.report import as_typed, print_downgrades, print_error, render_chains, render_diff, render_rebase
from gitlembic.cli.rescue import rescue
from gitlembic.cli.squash import squash
from gitlembic.core.visible_text import visible
from gitlembic.errors import BugError, GitlembicError

if TYPE_CHECKING:
    from gitlembic.cli.arguments import CommandLineParts
    from gitlembic.commands.adopt import Adoption


def run_own(parts: CommandLineParts) -> int:
    """Run one of gitlembic's own commands; the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a narrow encoding cannot write every author's name
    try:
        return _run(parts)
    except click.ClickException as error:
        _show(error, parts)
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
        print_error(error, parts.project_options)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 -- the last line of defence
        traceback.print_exc()
        print_error(BugError(error))
        return BugError.exit_code


def _show(error: click.ClickException, parts: CommandLineParts) -> None:
    """What is wrong with the command line, as click says it, and where an option belongs that stands elsewhere."""
    error.show()
    if isinstance(error, click.NoSuchOption) and parts.command is not None:
        hint = misplaced_option_hint(error.option_name, parts.command)
        if hint:
            click.echo(f"Hint: {hint}", err=True)


def _run(parts: CommandLineParts) -> int:
    for name in parts.unknown:
        raise click.UsageError(f"no such option: {visible(name)}")
    arguments = ["--help"] if parts.is_first_page or parts.command is None else [parts.command, *parts.arguments]
    result = cli.main(arguments, prog_name="gitlembic", standalone_mode=False, obj=parts.project_options)
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
    from gitlembic.core.chain_file import FREEZE_ITS_ORDER  # noqa: PLC0415
    from gitlembic.core.chain_format import render_json  # noqa: PLC0415

    if write and check:
        raise click.UsageError("--write and --check exclude each other")
    if (write or check) and (at is not None or births):
        raise click.UsageError("--write and --check are about the working tree: they go without --at and --births")
    if write:
        written = command.write_chain(options)
        for path in written:
            click.echo(f"wrote {visible(str(path))}")
        for name in command.unignored_chain_files(options, written):
            line = visible(f"/{name}")
            click.echo(f"Hint: add a line {line} to .gitignore: each merge makes a committed one stale", err=True)
        if not written:
            click.echo("no migration is dynamic, so no chain file is needed", err=True)
        return 0
    if check:
        stale = [state for state in command.chain_file_states(options) if state.fault]
        for state in stale:
            click.echo(visible(f"{state.path}: {state.reason}"), err=True)
        if stale:
            contradicts = any(state.is_only_record for state in stale)
            freeze = f"if databases were deployed in its order, {FREEZE_ITS_ORDER}"  # writing it would destroy that
            cure = freeze if contradicts else "`gitlembic chain --write` writes it"
            click.echo(as_typed(f"Hint: {cure}", options), err=True)
        return 1 if stale else 0
    resolution = command.show_chain(options, at=at, all_births=births)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(render_json(resolution) if style == "json" else render_chains(resolution, options, width), nl=False)
    return 0


@cli.command()
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--print", "show", is_flag=True, help="Print the reference template, for copying from.")
@click.option("--undo", is_flag=True, help="Make new migrations static again, the way out of gitlembic.")
@click.option("--journal", is_flag=True, help="Make the project keep a journal of what runs on its databases, instead.")
@click.pass_obj
def adopt(
    options: tuple[str, ...],
    dry_run: bool,  # noqa: FBT001 -- click passes options by name
    show: bool,  # noqa: FBT001
    undo: bool,  # noqa: FBT001
    journal: bool,  # noqa: FBT001
) -> int:
    """Make the project's new migrations dynamic.

    Patches script.py.mako: one import, and the right side of the down_revision assignment. Your
    own edits stay, and so do the migrations that are there. A template that makes dynamic
    migrations already is left alone. Then it says what else the project needs: a chain file for
    images without .git, the whole history in CI, and where the order of alembic-git-revisions
    differs from git's.

    With --undo the template gets Alembic's own lines back; `gitlembic rebase --freeze` does the same for
    the migrations.

    With --journal it sets journal = true in the configuration, and leaves the template alone: from
    then on `upgrade`, `downgrade` and `stamp` write down in the database what they do, and an
    upgrade stops where a migration would be left out.
    """
    from gitlembic.commands import adopt as command  # noqa: PLC0415 -- Alembic is only imported when it is needed

    if show + undo + journal > 1:
        raise click.UsageError(
            "--print shows the template, --undo changes it back, --journal leaves it alone: one of them"
        )
    if show:
        click.echo(command.show_reference(), nl=False)
        return 0
    if journal:
        now = "now has journal = true; the next upgrade begins the journal of a database"
        _carry_out(command.plan_journal(options), now, already="has the journal switched on already", dry_run=dry_run)
        return 0
    if undo:
        now = "now makes static migrations"
        _carry_out(command.plan_undoing(options), now, already="makes static migrations already", dry_run=dry_run)
        left = command.count_dynamic(options)
        if left:
            asking = "1 migration still asks" if left == 1 else f"{left} migrations still ask"
            click.echo(as_typed(f"{asking} gitlembic: `gitlembic rebase --freeze` writes literal parents", options))
        return 0
    now = "now makes dynamic migrations"
    _carry_out(command.plan_adoption(options), now, already="makes dynamic migrations already", dry_run=dry_run)
    # Only now: whatever stands around the migrations, it does not keep the template from being patched.
    click.echo(render_outlook(command.look_around(options), options), nl=False)
    return 0


def _carry_out(adoption: Adoption, now: str, *, already: str, dry_run: bool) -> None:
    from gitlembic.commands import adopt as command  # noqa: PLC0415 -- Alembic is only imported when it is needed

    path = visible(str(adoption.path))
    if not adoption.changes:
        click.echo(f"{path} {already}")
    elif dry_run:
        click.echo(render_diff(str(adoption.path), adoption.before, adoption.after), nl=False)
    else:
        command.carry_out(adoption)
        click.echo(f"{path} {now}")


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the completion script for a shell.

    It offers commands and options, and for revisions the ids, branches and ranges; zsh and fish show
    the message of each migration beside its id, bash does not. Shells find it by themselves where
    gitlembic is installed for the whole system; otherwise put one of these lines into the shell's
    start-up file:

    \b
      bash  eval "$(gitlembic completion bash)"
      zsh   eval "$(gitlembic completion zsh)"
      fish  gitlembic completion fish | source
    """  # noqa: D301 -- click's mark for lines to keep
    from gitlembic.cli.shells import completion_script  # noqa: PLC0415

    click.echo(completion_script(shell), nl=False)
    return 0


@cli.command()
def demo() -> int:
    """See the problem and the answer in ten seconds, on SQLite.

    Two branches add a migration each and are merged, in a temporary directory: Alembic's error, then
    gitlembic's upgrade, then the chain. Needs no git and leaves nothing behind.
    """
    from gitlembic.commands.demo import run_demo  # noqa: PLC0415

    for scene in run_demo():
        click.echo(scene)
    return 0


@cli.command()
@click.option(
    "--against",
    metavar="REF",
    multiple=True,
    help="A branch, tag or commit that was deployed: its chain has to be the beginning of this one; may be repeated.",
)
@click.option(
    "--open",
    "open_",
    is_flag=True,
    help="Look at every other branch as well: which of them add migrations too, and touch the same tables.",
)
@click.option("--db", is_flag=True, help="Ask the database as well, through env.py, where it stands and what it ran.")
@click.option(
    "--select", metavar="CODE", multiple=True, help="Only these checks: GL101, GL1 or a name; may be repeated."
)
@click.option("--ignore", metavar="CODE", multiple=True, help="Not these checks; may be repeated.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    help="How to print it: github annotates a pull request, sarif is for code scanning.",
)
@click.option(
    "--fail-level",
    type=click.Choice(["error", "warning", "info"]),
    default="error",
    help="Exit with 1 if anything is as bad as this.",
)
@click.option("--fix", is_flag=True, help="Do what is safe: rebase this branch's side heads, adopt, chain --write.")
@click.option("--dry-run", is_flag=True, help="With --fix: show what would change, and change nothing.")
@click.option(
    "--explain", metavar="CODE", help="Say what a check, or all of a category (GL4), looks for and why, with examples."
)
@click.option("--list-checks", is_flag=True, help="List all checks.")
@click.pass_obj
def doctor(
    options: tuple[str, ...],
    against: tuple[str, ...],
    open_: bool,  # noqa: FBT001 -- click passes options by name
    db: bool,  # noqa: FBT001
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    style: str,
    fail_level: str,
    fix: bool,  # noqa: FBT001
    dry_run: bool,  # noqa: FBT001
    explain: str | None,
    list_checks: bool,  # noqa: FBT001
) -> int:
    """Say what is wrong with the migrations, and how to cure it.

    Says why it matters, too. Looks at the chain, the files and what they stand on. Nothing is changed without
    --fix, no database is asked without --db, and no migration is imported. What is left out for good is named in
    the configuration, as doctor.ignore in [tool.gitlembic] of pyproject.toml (or [gitlembic] of alembic.ini).
    """
    with no_garbage_collection():
        from gitlembic.cli import doctor as command  # noqa: PLC0415 -- nobody else needs the checks

    if list_checks:
        return command.list_checks()
    if explain is not None:
        return command.explain_checks(explain)
    wanted = command.Wanted(against, open_, db, select, ignore, style, fail_level, fix, dry_run)
    return command.examine_project(options, wanted)


@cli.command()
@click.option("--onto", metavar="REF", help="The mainline: any branch, tag or commit. Default: see above.")
@click.option("--dynamic", is_flag=True, help="Make the side heads dynamic instead of giving them a literal parent.")
@click.option(
    "--freeze",
    metavar="[REV]",
    is_flag=False,
    flag_value="",
    help="Write the mainline's computed parents into its dynamic migrations: all (head), or REV and everything older.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--force", is_flag=True, help="Rewrite files with changes that are not committed, too.")
@click.pass_obj
def rebase(
    options: tuple[str, ...],
    onto: str | None,
    dynamic: bool,  # noqa: FBT001 -- click passes options by name
    freeze: str | None,
    dry_run: bool,  # noqa: FBT001
    force: bool,  # noqa: FBT001
) -> int:
    """Move side heads onto the end of the line, in the files.

    Then there is one head again. Decides as if this checkout were merged into the mainline: the
    mainline's line first, then what is only here. So a feature branch moves its own migrations, and
    whatever may have been deployed from the mainline stays. Of each side line only the oldest
    migration gets another down_revision; what a merge migration has joined is left alone, and so is
    a branch with a label or with a root of its own, where nothing is dynamic. Works in the middle
    of a git merge, rebase, cherry-pick or revert.

    The mainline is `mainline` in [tool.gitlembic] of pyproject.toml (or [gitlembic] of
    alembic.ini), else the branch that origin/HEAD points to, else origin/main, origin/master,
    main or master.

    With --freeze the mainline's dynamic migrations become static, with the parents that they have.
    That is also the way to leave gitlembic, together with `gitlembic adopt --undo`; and since a frozen line
    tells its own order, shallow clones suffice from then on.
    """
    from gitlembic.commands import rebase as command  # noqa: PLC0415 -- Alembic is only imported when it is needed

    if dynamic and freeze is not None:
        raise click.UsageError("--dynamic and --freeze exclude each other")
    if freeze is None:
        plan = command.plan_rebase(options, onto=onto, dynamic=dynamic)
    else:
        plan = command.plan_freezing(options, onto=onto, newest=freeze or None)
    if dry_run:
        for rewrite in plan.rewrites:
            click.echo(render_diff(rewrite.move.placed.path, _shown(rewrite.before), _shown(rewrite.after)), nl=False)
    else:
        command.carry_out(plan, force=force)
    click.echo(render_rebase(plan, options, frozen=freeze is not None, dry_run=dry_run), nl=False)
    if freeze is None:
        print_downgrades(plan, options)
    return 0


def _shown(source: bytes) -> str:
    return source.decode("utf-8", "replace")


cli.add_command(graph)
cli.add_command(journal)
cli.add_command(rescue)
cli.add_command(squash)
