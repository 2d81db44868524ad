"""The first page of help: the options that come before the command, gitlembic's commands and Alembic's."""

from __future__ import annotations

import difflib
import sys
from typing import TYPE_CHECKING

import click

from gitlembic.adapters.alembic_source import alembic_usages, first_sentence
from gitlembic.cli.arguments import OWN_COMMANDS
from gitlembic.cli.program import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitlembic.core.usage import Option
    from gitlembic.errors import UnknownCommandError


class FrontDoorGroup(click.Group):
    """A group whose help also lists what is passed on to Alembic."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[-c FILE] [-n NAME] [-x ARG] [-q] [--raiseerr] COMMAND [ARGS]...")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Options, before the command"):
            formatter.write_dl([(spelling(option), option.help) for option in PROGRAM.options])
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = [(name, first_sentence(self.commands[name].help or "")) for name in self.list_commands(ctx)]
        with formatter.section("gitlembic's commands"):
            formatter.write_dl(own)
        with formatter.section("Alembic's commands"):
            formatter.write_dl(alembic_commands())


def spelling(option: Option) -> str:
    """An option as help and manual write it: `-c, --config FILE`."""
    names = ", ".join(option.names)
    return names if option.value is None else f"{names} {option.value.metavar}"


def alembic_commands() -> list[tuple[str, str]]:
    """Alembic's commands and what each is for, by name."""
    return sorted({**{usage.name: usage.help for usage in alembic_usages()}, **dict(_registered_commands())}.items())


def unknown_command_hint(error: UnknownCommandError) -> str:
    """What to type in place of a command that nobody has."""
    near = " or ".join(difflib.get_close_matches(error.command.lower(), (*sorted(OWN_COMMANDS), *error.known)))
    return f"{f'did you mean {near}? ' if near else ''}`gitlembic --help` lists the commands"


def misplaced_option_hint(name: str, command: str) -> str:
    """Where to put an option that a command does not have; empty for one that stands nowhere else."""
    option = PROGRAM.option(name)
    if option is None:
        return ""
    value = f" {option.value.metavar}" if option.value else ""
    return f"put it before the command: `gitlembic {name}{value} {command}`"


def _registered_commands() -> Iterator[tuple[str, str]]:
    """Those that a program has added with `CommandLine.register_command`, which it imported Alembic for."""
    if "alembic.config" in sys.modules:
        from alembic.config import CommandLine  # it is there already  # noqa: PLC0415

        for name, parser in CommandLine().subparsers.choices.items():
            function = parser.get_default("cmd")[0]
            yield name, first_sentence(function.__doc__ or "")
