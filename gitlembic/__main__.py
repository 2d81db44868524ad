"""The front door: gitlembic's own commands, and Alembic's with argv verbatim."""

from __future__ import annotations

import os
import sys

from gitlembic.cli.arguments import split_command
from gitlembic.errors import BugError, GitlembicError, UnknownCommandError

TYPE_CHECKING = False  # importing it takes longer than the rest of `--version`
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitlembic.cli.arguments import CommandLineParts
    from gitlembic.core.explanation import Explanation


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command line and exit as `CLI.md` says."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    shell = os.environ.get("_GITLEMBIC_COMPLETE")
    if shell is not None:
        from gitlembic.cli.shells import answer  # noqa: PLC0415 -- each way imports what it needs: people wait

        sys.exit(answer(shell, arguments))
    found = split_command(arguments)
    if found.has("--version"):
        from gitlembic.cli.version import print_version  # noqa: PLC0415 -- as above

        print_version()
        return
    if found.is_own:
        from gitlembic.adapters.garbage import no_garbage_collection  # noqa: PLC0415 -- as above

        with no_garbage_collection():
            from gitlembic.cli.main import run_own  # noqa: PLC0415 -- click is not wanted for Alembic's commands

        sys.exit(run_own(found))
    from gitlembic.cli.last_words import last_words  # noqa: PLC0415 -- as above
    from gitlembic.cli.report import print_explanation  # noqa: PLC0415 -- as above

    def say(said: Explanation) -> None:
        print_explanation(said, found.project_options)

    with last_words(say) as say_last:
        _run_alembic(arguments, found, say, say_last)


def _run_alembic(
    arguments: Sequence[str],
    found: CommandLineParts,
    say: Callable[[Explanation], None],
    say_last: Callable[[Explanation], None],
) -> None:
    """Run a command of Alembic's, and print the errors that are ours."""
    import contextlib  # noqa: PLC0415 -- as above

    from gitlembic.adapters.garbage import no_garbage_collection  # noqa: PLC0415 -- as above
    from gitlembic.adapters.late_imports import READING, mako_without_pygments, postgresql_later  # noqa: PLC0415

    with contextlib.ExitStack() as stack:
        stack.enter_context(no_garbage_collection())
        stack.enter_context(mako_without_pygments())
        if found.command in READING:
            stack.enter_context(postgresql_later())
        from gitlembic.cli.report import print_error, print_new_project, print_pointer, print_remark  # noqa: PLC0415
        from gitlembic.commands.alembic import run  # noqa: PLC0415

    try:
        loaded = run(
            arguments,
            found.command,
            found.project_options,
            say,
            lambda made: None if found.is_quiet else print_new_project(made, found.project_options),
            print_remark,
            say_last,
        )
        if found.command == "heads" and sys.stderr.isatty() and not found.is_quiet:  # scripts see what Alembic prints
            print_pointer(loaded, found.project_options)
    except UnknownCommandError as error:  # of which --raiseerr says nothing: nothing has run
        from gitlembic.cli.help import unknown_command_hint  # noqa: PLC0415 -- as above

        error.hint = unknown_command_hint(error)
        print_error(error)
        sys.exit(error.exit_code)
    except GitlembicError as error:
        if found.raise_errors:
            raise
        print_error(error, found.project_options)
        if isinstance(error, BugError):
            import traceback  # noqa: PLC0415 -- takes longer to import than --version may

            traceback.print_exception(error.__cause__)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
