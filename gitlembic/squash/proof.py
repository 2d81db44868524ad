"""Proves that a squash holds every original as it was: by syntax trees, not by the text that was written."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING

from gitlembic.core.syntax import parse_module
from gitlembic.squash.render import expected_statements, from_squash, hoisted_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitlembic.squash.hoisting import Import
    from gitlembic.squash.render import Body


def find_differences(text: str, bodies: Sequence[Body]) -> list[str]:
    """The revisions of the originals that are not, or not unchanged, in the text of a squash; empty if all are.

    Line breaks, quotes and the indentation of docstrings may be others: formatters change them.
    """
    try:
        module = parse_module(text)
    except SyntaxError as error:
        return [f"line {error.lineno}: {error.msg}"]
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    hoisted = hoisted_of(bodies)
    found: list[str] = []
    for number, body in enumerate(bodies, 1):
        function = functions.get(f"_{number:04}_{body.name}")
        if function is None or not _is_same(function, body, from_squash(body, bodies), hoisted):
            found.append(body.original.revision)
    return found


def is_same_but_for_imports(text: str, other: str) -> bool:
    """Whether two texts are one module, docstrings' indentation and the imports at their top left aside."""
    try:
        modules = [parse_module(one) for one in (text, other)]
    except SyntaxError:
        return False
    one, two = (
        _dumped(node for node in module.body if not isinstance(node, (ast.Import, ast.ImportFrom)))
        for module in modules
    )
    return one == two


def _is_same(function: ast.FunctionDef, body: Body, file: str, hoisted: Mapping[str, Import]) -> bool:
    *statements, last = function.body
    if body.embedded:
        call = last.value if isinstance(last, ast.Return) else None
        return (
            not statements
            and isinstance(call, ast.Call)
            and [ast.literal_eval(argument) for argument in call.args] == [file, body.original.source]
        )
    return isinstance(last, ast.Return) and _dumped(statements) == _dumped(expected_statements(body, hoisted))


def _dumped(statements: Iterable[ast.stmt]) -> list[str]:
    module = ast.Module([*statements], [])
    for node in ast.walk(module):
        for statement in getattr(node, "body", []) if isinstance(getattr(node, "body", None), list) else []:
            if (
                isinstance(statement, ast.Expr)
                and isinstance(statement.value, ast.Constant)
                and isinstance(statement.value.value, str)
            ):
                statement.value = ast.Constant(inspect.cleandoc(statement.value.value).rstrip())
    return [ast.dump(statement) for statement in module.body]
