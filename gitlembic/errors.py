"""What can go wrong, each kind with the exit code that `CLI.md` promises for it.

A message states the fact and its place (path, line, revision, commit); the hint is the next
command to type. Defects that a command was asked to look for are findings, not errors.
"""

from __future__ import annotations


class GitlembicError(Exception):
    """An error to be shown to the user without a traceback.

    `message` says what is wrong and where; `hint` what to do about it (empty when there is
    nothing useful to say).
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class CannotTellError(GitlembicError):
    """The question has an answer, but nothing at hand gives it: gitlembic never guesses."""

    exit_code = 3


class BrokenInputError(CannotTellError):
    """A migration, a configuration, a chain file or a repository that cannot be read."""


class NeedsRunningError(BrokenInputError):
    """Only running a file would tell what it declares, and nothing else at hand is dynamic.

    Alembic runs it, so under Alembic's own commands this is no error.
    """


class RefusedError(GitlembicError):
    """What gitlembic refuses inside an Alembic command, where Alembic would have gone on."""

    exit_code = 255


class UnknownCommandError(GitlembicError):
    """A command that nobody has; `known` are Alembic's, with those that a program has registered with it."""

    exit_code = 2

    def __init__(self, command: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no command {command}")
        self.command = command
        self.known = known


class BugError(GitlembicError):
    """Something that should not happen did: ours to mend, with the cause to report."""

    exit_code = 70

    def __init__(self, cause: BaseException) -> None:
        super().__init__(
            f"this is a bug in gitlembic: {type(cause).__name__}: {cause}",
            "please report it with the traceback and the output of `gitlembic --version`",
        )
