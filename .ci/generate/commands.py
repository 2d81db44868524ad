"""click's commands -> their usage as plain values, the module that keeps these, and README's table."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING

import click

from gitlembic.adapters.alembic_source import first_sentence
from gitlembic.core.usage import Option, Takes, Usage, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gitlembic.doctor.check import Check

_METAVARS = {
    "REF": Takes.REF,
    "REV": Takes.DYNAMIC_REVISION,
    "RANGE": Takes.RANGE,
    "FILE": Takes.FILE,
    "DIRECTORY": Takes.DIRECTORY,
}
"""What an option takes is told by the word that help shows for it; any other word is free text."""


def check_table(checks: Iterable[Check]) -> str:
    """README's table of what `doctor` looks for."""
    rows = [f"| {check.code} | {check.name} | {check.what} |\n" for check in checks]
    return "".join(["| code | name | what it looks for |\n", "|---|---|---|\n", *rows])


def own_usages(group: click.Group) -> tuple[Usage, ...]:
    """The commands that are gitlembic's own, by name."""
    return tuple(_usage(group, name) for name in sorted(group.commands))


def _usage(group: click.Group, name: str) -> Usage:
    command = group.commands[name]
    parent = click.Context(group, info_name="gitlembic", **group.context_settings)
    parameters = command.get_params(click.Context(command, info_name=name, parent=parent))
    arguments = [parameter for parameter in parameters if isinstance(parameter, click.Argument)]
    return Usage(
        name=name,
        help=first_sentence(help_of(command)),
        options=tuple(_option(parameter) for parameter in parameters if isinstance(parameter, click.Option)),
        arguments=tuple(_value(argument) for argument in arguments),
        repeats=any(argument.nargs != 1 for argument in arguments),
    )


def help_of(command: click.Command) -> str:
    """The whole help of a command, without the indentation of the source."""
    return inspect.cleandoc(command.help or "")


def _option(option: click.Option) -> Option:
    is_flag = option.is_flag or option.count
    return Option((*option.opts, *option.secondary_opts), option.help or "", None if is_flag else _value(option))


def _value(parameter: click.Parameter) -> Value:
    choices = tuple(map(str, parameter.type.choices)) if isinstance(parameter.type, click.Choice) else ()
    usual = "|".join(choices) if choices and isinstance(parameter, click.Option) else (parameter.name or "").upper()
    metavar = parameter.metavar or usual
    if choices:
        return Value(Takes.CHOICE, metavar, choices)
    return Value(_METAVARS.get(metavar.strip("[]"), Takes.TEXT), metavar)


def own_commands_module(group: click.Group) -> str:
    """The usages as Python source: completion has no time to import click."""
    lines = [
        '"""gitlembic\'s own commands, for completion, which has no time to import click.',
        "",
        "Made from those by `.ci/regenerate`.",
        '"""',
        "",
        "# ruff: noqa: E501, RUF100",
        "# fmt: off",
        "",
        "from __future__ import annotations",
        "",
        "from gitlembic.core.usage import Option, Takes, Usage, Value",
        "",
        "OWN_USAGES: tuple[Usage, ...] = (",
    ]
    for usage in own_usages(group):
        lines += [
            "    Usage(",
            f"        {_text(usage.name)},",
            f"        {_text(usage.help)},",
            "        (",
            *(f"            {_option_source(option)}," for option in usage.options),
            "        ),",
            f"        {_tuple(map(_value_source, usage.arguments))},",
            f"        repeats={usage.repeats},",
            "    ),",
        ]
    return "\n".join([*lines, ")", ""])


def _option_source(option: Option) -> str:
    value = "" if option.value is None else f", {_value_source(option.value)}"
    return f"Option({_tuple(map(_text, option.names))}, {_text(option.help)}{value})"


def _value_source(value: Value) -> str:
    choices = f", {_tuple(map(_text, value.choices))}" if value.choices else ""
    return f"Value(Takes.{value.takes.name}, {_text(value.metavar)}{choices})"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _tuple(parts: Iterator[str]) -> str:
    items = list(parts)
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def command_table(group: click.Group) -> str:
    """README's table of gitlembic's commands and their options."""
    rows = ["| command | for |", "|---|---|"]
    for usage in own_usages(group):
        arguments = "".join(f" {value.metavar}" for value in usage.arguments)
        rows.append(_row(f"gitlembic {usage.name}{arguments}", usage.help))
        rows += [
            _row(f"gitlembic {usage.name} {_spelling(option)}", option.help.rstrip("."))
            for option in usage.options
            if "--help" not in option.names
        ]
    return "".join(f"{row}\n" for row in rows)


def _spelling(option: Option) -> str:
    return option.names[-1] if option.value is None else f"{option.names[-1]} {option.value.metavar}"


def _row(command: str, text: str) -> str:
    return f"| `{command.replace('|', chr(92) + '|')}` | {text.replace('|', chr(92) + '|')} |"
