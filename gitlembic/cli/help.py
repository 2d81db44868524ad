"""The first page of help, with Alembic's commands beside gitlembic's, and the versions.

Alembic's commands are read from its source by syntax tree: importing it takes a third of a second.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from importlib.metadata import version
from pathlib import Path

import click

from gitlembic import __version__


class FrontDoorGroup(click.Group):
    """A group whose help also lists what is passed on to Alembic."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[-c FILE] [-n NAME] [-x ARG] [-q] [--raiseerr] COMMAND [ARGS]...")

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


def alembic_commands() -> list[tuple[str, str]]:
    """The public functions of `alembic.command`, with the first sentence of their docstrings."""
    package = importlib.util.find_spec("alembic")
    if package is None or package.origin is None:
        return []
    module = ast.parse(Path(package.origin).with_name("command.py").read_bytes())
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    return sorted((node.name, _first_sentence(ast.get_docstring(node) or "")) for node in functions)


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
    return [(action.dest, _first_sentence(action.help or "")) for action in listed if action.dest not in known]


def _first_sentence(docstring: str) -> str:
    return " ".join(docstring.partition("\n\n")[0].split()).rstrip(".").replace("``", "")


def print_version() -> None:
    """The versions that a bug report needs."""
    click.echo(f"gitlembic {__version__} (alembic {version('alembic')}, dulwich {version('dulwich')})")
