"""Alembic's command line, read from its sources by syntax tree: importing it takes a third of a second."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitlembic.core.added_options import ADDED_OPTIONS
from gitlembic.core.syntax import parse_module
from gitlembic.core.usage import Option, Takes, Usage, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TAKES = {
    "directory": Takes.DIRECTORY,
    "version_path": Takes.DIRECTORY,
    "rev_range": Takes.RANGE,
    "rev": Takes.REVISION,
    "revision": Takes.REVISION,
    "revisions": Takes.REVISION,
    "head": Takes.REVISION,
    "depends_on": Takes.REVISION,
}
"""What Alembic's parameters mean, by the names that its functions give them; others are any text."""

_HELP = Option(("-h", "--help"), "show this help message and exit")
"""argparse adds it to every command."""

_TAKE_RANGES = frozenset({"upgrade", "downgrade"})
"""The commands whose revision may be a range (with --sql)."""


def alembic_usages() -> tuple[Usage, ...]:
    """The public functions of `alembic.command` as `alembic.config.CommandLine` makes commands of them.

    By name; none where Alembic's sources are not to be found.
    """
    package = _package()
    if package is None:
        return ()
    functions = [node for node in _parse(package / "command.py") if isinstance(node, ast.FunctionDef)]
    table = _Table.read(package)
    usages = (table.usage(function) for function in functions if not function.name.startswith("_"))
    return tuple(sorted(usages, key=lambda usage: usage.name))


def _package() -> Path | None:
    found = importlib.util.find_spec("alembic")
    return Path(found.origin).parent if found is not None and found.origin is not None else None


def _parse(path: Path) -> list[ast.stmt]:
    return parse_module(path.read_bytes()).body


class _Table:
    """What `CommandLine` says about the parameters of all commands: options, arguments, other names."""

    def __init__(
        self, options: Mapping[str, Any], arguments: Mapping[str, Any], renamed: Mapping[str, Any], templates: Path
    ) -> None:
        self._options = options
        self._arguments = arguments
        self._renamed = renamed
        self._templates = templates

    @classmethod
    def read(cls, package: Path) -> _Table:
        (command_line,) = (
            node
            for node in _parse(package / "config.py")
            if isinstance(node, ast.ClassDef) and node.name == "CommandLine"
        )
        values = dict(_class_values(command_line))
        return cls(
            options=values.get("_KWARGS_OPTS", {}),
            arguments=values.get("_POSITIONAL_OPTS", {}),
            renamed=values.get("_POSITIONAL_TRANSLATIONS", {}),
            templates=package / "templates",
        )

    def usage(self, function: ast.FunctionDef) -> Usage:
        parameters = [argument.arg for argument in function.args.args][1:]  # the first is the configuration
        optional = len(function.args.defaults)
        required, others = parameters[: len(parameters) - optional], parameters[len(parameters) - optional :]
        renamed = self._renamed.get(f"command.{function.name}", {})
        arguments = [renamed.get(name, name) for name in required]
        return Usage(
            name=function.name,
            help=first_sentence(ast.get_docstring(function) or ""),
            options=(
                *(self._option(name) for name in others if name in self._options),
                *ADDED_OPTIONS.get(function.name, ()),
                _HELP,
            ),
            arguments=tuple(self._value(name, function.name) for name in arguments),
            repeats=any("nargs" in self._arguments.get(name, {}) for name in arguments),
        )

    def _option(self, parameter: str) -> Option:
        *names, keywords = self._options[parameter]
        is_flag = str(keywords.get("action", "")).startswith("store_")
        value = None if is_flag else self._value(parameter, "")
        return Option(tuple(names), str(keywords.get("help", "")), value)

    def _value(self, parameter: str, command: str) -> Value:
        metavar = parameter.upper()
        if parameter == "template":
            templates = sorted(entry.name for entry in self._templates.iterdir() if (entry / "env.py").exists())
            return Value(Takes.CHOICE, metavar, tuple(templates))
        takes = _TAKES.get(parameter, Takes.TEXT)
        is_range = takes is Takes.REVISION and command in _TAKE_RANGES
        return Value(Takes.RANGE if is_range else takes, metavar)


def first_sentence(docstring: str) -> str:
    """The first paragraph of a docstring on one line, without its full stop."""
    return " ".join(docstring.partition("\n\n")[0].replace("``", "").split()).rstrip(".")


def _class_values(body: ast.ClassDef) -> Iterator[tuple[str, Any]]:
    for node in body.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, _evaluate(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, _evaluate(node.value)


def _evaluate(node: ast.expr) -> Any:
    """A literal, also with `dict(...)` in it; whatever else stands there becomes its source text."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(map(_evaluate, parts))
        case ast.Dict(keys=keys, values=values):
            return {_evaluate(key): _evaluate(value) for key, value in zip(keys, values, strict=True) if key}
        case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
            return {keyword.arg: _evaluate(keyword.value) for keyword in keywords}
        case _:
            return ast.unparse(node)
