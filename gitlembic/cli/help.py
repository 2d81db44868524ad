"""The first page of help: the options that come before the command, gitlembic's commands and Alembic's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from gitlembic.adapters.alembic_source import alembic_usages, first_sentence
from gitlembic.cli.program import PROGRAM

if TYPE_CHECKING:
    from gitlembic.core.usage import Option


class FrontDoorGroup(click.Group):
    """A group whose help also lists what is passed on to Alembic."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[-c FILE] [-n NAME] [-x ARG] [-q] [--raiseerr] COMMAND [ARGS]...")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Options, before the command"):
            formatter.write_dl([(spelling(option), option.help) for option in PROGRAM.options])
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = [(name, self.commands[name].get_short_help_str(80)) for name in self.list_commands(ctx)]
        with formatter.section("gitlembic's commands"):
            formatter.write_dl(own)
        with formatter.section("Alembic's commands"):
            formatter.write_dl(alembic_commands())
        registered = registered_commands()
        if registered:
            with formatter.section("Commands registered by others"):
                formatter.write_dl(registered)


def spelling(option: Option) -> str:
    """An option as help and manual write it: `-c, --config FILE`."""
    names = ", ".join(option.names)
    return names if option.value is None else f"{names} {option.value.metavar}"


def alembic_commands() -> list[tuple[str, str]]:
    """Alembic's commands and what each is for, by name."""
    return sorted((usage.name, usage.help) for usage in alembic_usages())


def registered_commands() -> list[tuple[str, str]]:
    """What others have added to Alembic's command line, with their help.

    Whoever did so (a `sitecustomize`, a program of one's own) has imported Alembic, so where it is
    not imported there is nothing to ask, and nothing to wait for.
    """
    config = sys.modules.get("alembic.config")
    if config is None:
        return []
    known = {name for name, _ in alembic_commands()}
    listed = config.CommandLine().subparsers._get_subactions()  # noqa: SLF001 -- argparse lists its help nowhere else
    return [(action.dest, first_sentence(action.help or "")) for action in listed if action.dest not in known]
