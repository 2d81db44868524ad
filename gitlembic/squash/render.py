"""Originals -> the text of one migration that runs them all (SQUASH.md, "The file").

The file imports the standard library, Alembic and SQLAlchemy only, so that plain Alembic runs it.
"""

from __future__ import annotations

import ast
import posixpath
import re
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING

from gitlembic.core.syntax import check_compiles, parse_module
from gitlembic.squash.body import INDENT, indented
from gitlembic.squash.hoisting import Import, hoisted_imports, hoisted_statements, lines_of
from gitlembic.squash.meaning import bound_names, differs_in_function, is_future_import

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitlembic.core.migration import RevisionId
    from gitlembic.squash.original import Original

_OWN = {
    one.bound: one
    for one in (
        Import("linecache", "", "linecache"),
        Import("os", "", "os"),
        Import("re", "", "re"),
        Import("types", "", "types"),
        Import("alembic", "op", "op"),
        Import("alembic.util", "CommandError", "CommandError"),
        Import("sqlalchemy", "literal_column", "literal_column"),
        Import("sqlalchemy", "select", "select"),
    )
}
"""What the functions around the bodies need."""

_WIDTH = 88


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands at the top of the file."""

    message: str
    revision: RevisionId
    down_revision: RevisionId | None
    create_date: str
    replaced_in: str
    replaces: tuple[tuple[str, str], ...]
    explained: tuple[str, ...] = ("Every original stands below as it was, in the order in which they run.",)


@dataclass(frozen=True)
class Body:
    """One original as it is going to stand in the file.

    `embedded`: why it is kept as text and run as a module; empty where it stands in a function.
    """

    original: Original
    module: ast.Module
    embedded: str

    @property
    def name(self) -> str:
        return re.sub(r"\W", "_", self.original.revision)


def read_bodies(originals: Sequence[Original]) -> tuple[Body, ...]:
    """The originals with what they mean. Raises `SyntaxError` for one that Python cannot read."""
    found = []
    for original in originals:
        module = parse_module(original.source, original.path)
        reason = differs_in_function(module) or _cannot_stand_in_function(original)
        found.append(Body(original, module, reason))
    return tuple(found)


def render(heading: Heading, bodies: Sequence[Body]) -> str:
    """The whole file."""
    hoisted = hoisted_of(bodies)
    needed = {**_OWN, **hoisted}
    if not any(body.embedded for body in bodies):
        needed = {
            name: one
            for name, one in needed.items()
            if name not in {"linecache", "os", "types"} or name in _used(bodies)
        }
    names = [f"_{number:04}_{body.name}" for number, body in enumerate(bodies, 1)]
    functions = [
        _embedded(name, body, from_squash(body, bodies)) if body.embedded else _function(name, body, hoisted)
        for name, body in zip(names, bodies, strict=True)
    ]
    return "\n\n\n".join(
        [
            "\n\n".join([_docstring(heading), _imports(needed), _declarations(heading)]),
            _runtime(with_embedded=any(body.embedded for body in bodies)),
            *functions,
            _steps(names, bodies) + "\n",
        ]
    )


def render_pruned(heading: Heading) -> str:
    """The header alone, for a project that makes its tables from the models and stamps."""
    heading = replace(heading, explained=("The originals were left out: the tables are made from the models.",))
    empty = 'def {}(*args, **kwargs):\n    """Nothing: the tables are made from the models."""'
    parts = [_docstring(heading), _declarations(heading), empty.format("upgrade"), empty.format("downgrade")]
    return "\n\n".join(parts[:2]) + "\n\n\n" + "\n\n\n".join(parts[2:]) + "\n"


def render_sql(heading: Heading, dialect: str, statements: Sequence[str]) -> str:
    """A dump in place of the originals, for a project with one kind of database."""
    heading = replace(heading, explained=(f"What the originals made on an empty database, as SQL for {dialect}.",))
    imports = "from alembic import op\nfrom alembic.util import CommandError"
    runtime = (
        resources.files("gitlembic").joinpath("templates", "squash_sql_runtime.py.txt").read_text(encoding="utf-8")
    )
    literals = "".join(f"{INDENT}{_literal(statement)},\n" for statement in statements)
    return "\n\n".join(
        [
            _docstring(heading),
            imports,
            _declarations(heading),
            f"\n{runtime.strip()}\n",
            f"_DIALECT = {_quoted(dialect)}\n_STATEMENTS = (\n{literals})\n",
        ]
    )


def hoisted_of(bodies: Iterable[Body]) -> dict[str, Import]:
    """The imports of the bodies that stand once, at the top of the file."""
    return hoisted_imports([body.module for body in bodies if not body.embedded], _OWN)


def expected_statements(body: Body, hoisted: Mapping[str, Import]) -> list[ast.stmt]:
    """The statements of an original that have to stand in its function: all but those imports."""
    gone = set(map(id, hoisted_statements(body.module, hoisted)))
    return [statement for statement in body.module.body if id(statement) not in gone]


def from_squash(body: Body, bodies: Sequence[Body]) -> str:
    """The path of an original's file from the directory of the squash, which is where the last one was."""
    return posixpath.relpath(body.original.path, posixpath.dirname(bodies[-1].original.path) or ".")


def _cannot_stand_in_function(original: Original) -> str:
    try:
        check_compiles(f"def body():\n{indented(original.source)}\n{INDENT}return None\n", original.path)
    except SyntaxError as error:
        if "from __future__" in str(error):
            return ""
        return "Python does not take it in a function"
    return ""


def _used(bodies: Sequence[Body]) -> frozenset[str]:
    """The names that bodies import themselves."""
    return frozenset(
        name
        for body in bodies
        for statement in body.module.body
        if isinstance(statement, (ast.Import, ast.ImportFrom)) and not is_future_import(statement)
        for name in bound_names([statement])
    )


def _docstring(heading: Heading) -> str:
    message = heading.message.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return "\n".join(
        [
            f'"""{message}',
            "",
            f"Revision ID: {heading.revision}",
            f"Revises: {heading.down_revision or ''}".rstrip(),
            *([f"Create Date: {heading.create_date}"] if heading.create_date else []),
            "",
            *heading.explained,
            '"""',
        ]
    )


def _imports(needed: Mapping[str, Import]) -> str:
    """In the order of isort: whole modules first, then names, each part by module."""
    groups: list[list[str]] = []
    ones = sorted(needed.values())
    for is_other in (False, True):
        part = [one for one in ones if (one.module.partition(".")[0] in {"alembic", "sqlalchemy"}) == is_other]
        lines = [one.line for one in part if not one.name]
        by_module: dict[str, list[Import]] = {}
        for one in part:
            if one.name:
                by_module.setdefault(one.module, []).append(one)
        lines += (_from(module, names) for module, names in by_module.items())
        if lines:
            groups.append(lines)
    return "\n\n".join("\n".join(lines) for lines in groups)


def _from(module: str, names: Sequence[Import]) -> str:
    listed = [one.name if one.bound == one.name else f"{one.name} as {one.bound}" for one in names]
    line = f"from {module} import {', '.join(listed)}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"{INDENT}{name}," for name in listed), ")"])


def _declarations(heading: Heading) -> str:
    replaces = "".join(f"{INDENT}({_quoted(revision)}, {_quoted(blob)}),\n" for revision, blob in heading.replaces)
    return "\n".join(
        [
            f"revision = {_quoted(heading.revision)}",
            f"down_revision = {_quoted(heading.down_revision)}",
            "branch_labels = None",
            "depends_on = None",
            "",
            "# The commit that still holds the originals, and each of them with git's id of its contents.",
            f"replaced_in = {_quoted(heading.replaced_in)}",
            f"replaces = (\n{replaces})" if replaces else "replaces = ()",
        ]
    )


def _runtime(*, with_embedded: bool) -> str:
    text = resources.files("gitlembic").joinpath("templates", "squash_runtime.py.txt").read_text(encoding="utf-8")
    shared, _, embedded = text.partition("# -- embedded --\n")
    return (shared.rstrip() + ("\n\n\n" + embedded.strip() if with_embedded else "")).strip()


def _function(name: str, body: Body, hoisted: Mapping[str, Import]) -> str:
    gone = {line for statement in hoisted_statements(body.module, hoisted) for line in lines_of(statement)}
    bound = frozenset(bound_names(body.module.body))
    returned = ", ".join(one if one in bound else "None" for one in ("upgrade", "downgrade"))
    return "\n".join(
        [
            f"# {body.original.path}",
            f"def {name}():",
            indented(body.original.source, gone),
            "",
            f"{INDENT}return {returned}",
        ]
    )


def _embedded(name: str, body: Body, file: str) -> str:
    return "\n".join(
        [
            f"# {body.original.path}, as text: {body.embedded}",
            f"def {name}():",
            f"{INDENT}return _run_as_module({_quoted(file)}, {_literal(body.original.source)})",
        ]
    )


def _literal(text: str) -> str:
    """A text as one literal that reads like the text, where that can be."""
    for quotes in ("'''", '"""'):
        raw = f"r{quotes}{text}{quotes}"
        try:
            if ast.literal_eval(raw) == text:
                return raw
        except (SyntaxError, ValueError):
            continue
    lines = "".join(f"{INDENT}{INDENT}{line!r}\n" for line in text.splitlines(keepends=True))
    return f"(\n{lines}{INDENT})" if lines else "''"


def _steps(names: Sequence[str], bodies: Sequence[Body]) -> str:
    lines = "".join(
        f"{INDENT}({_quoted(body.original.revision)}, {_tuple(body.original.parents)}, {name}),\n"
        for name, body in zip(names, bodies, strict=True)
    )
    return f"_STEPS = (\n{lines})"


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(map(_quoted, names))}{',' if len(names) == 1 else ''})"


def _quoted(value: str | None) -> str:
    """As black and ruff quote."""
    if value is None:
        return "None"
    text = repr(value)
    return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text
