"""The source of a migration -> why its downgrade would undo nothing, as far as reading it tells."""

from __future__ import annotations

import ast

from gitlembic.core.syntax import parse_module

_MULTIDB = "_"
"""Alembic's template for several databases has `upgrade_NAME` and `downgrade_NAME` for each."""


def why_not_undone(source: bytes) -> str | None:
    """What is wrong with a downgrade, as the end of a sentence; `None` if nothing seems to be.

    A downgrade that does nothing is right where the upgrade does nothing either, as in a merge. What a
    downgrade calls is not followed, and one that is assigned or imported is taken for a whole one.
    """
    try:
        module = parse_module(source)
    except (SyntaxError, ValueError, RecursionError):
        return "cannot be read"
    functions = {one.name: one for one in module.body if isinstance(one, ast.FunctionDef)}
    downgrade = functions.get("downgrade")
    if downgrade is None:
        return None if _is_bound(module, "downgrade") else "has no downgrade"
    for name, function in functions.items():
        counterpart = functions.get(name.replace("downgrade", "upgrade", 1))
        if name == "downgrade" or (name.startswith(f"downgrade{_MULTIDB}") and counterpart is not None):
            body = [one for one in function.body if not _does_nothing(one)]
            if any(isinstance(one, ast.Raise) for one in body):
                return f"has a {name} that raises"
            if not body and (counterpart is None or not all(map(_does_nothing, counterpart.body))):
                return f"has an empty {name}"
    return None


def _is_bound(module: ast.Module, name: str) -> bool:
    """Whether something else than a function has that name, or might: an import, an assignment, a star."""
    for node in module.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if any((one.asname or one.name) in {name, "*"} for one in node.names):
                return True
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stored = (one for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))
            defined = (one for one in ast.walk(node) if isinstance(one, ast.FunctionDef))
            if any(one.id == name for one in stored) or any(one.name == name for one in defined):
                return True
    return False


def _does_nothing(statement: ast.stmt) -> bool:
    """A docstring, `pass`, `...` or a `return` of nothing."""
    if isinstance(statement, ast.Return):
        return statement.value is None or (isinstance(statement.value, ast.Constant) and statement.value.value is None)
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )
