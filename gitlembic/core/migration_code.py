"""The source of a migration -> what of it runs, whom it replaces, and where it says what."""

from __future__ import annotations

import ast
import hashlib
import warnings
from typing import TYPE_CHECKING

from gitlembic.core.migration import RevisionId

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECLARATIONS = frozenset({"revision", "down_revision", "branch_labels", "depends_on"})


def same_code(before: bytes, after: bytes) -> bool:
    """Whether two versions of a migration do the same when they run.

    Comments, layout, docstrings, type hints, imports and the place in the chain apart. Also of one
    that Python cannot read, such as one with conflict markers: it never ran.
    """
    if before == after:
        return True
    try:
        return [*map(ast.dump, _running(before))] == [*map(ast.dump, _running(after))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True


def code_checksum(source: bytes) -> str | None:
    """Of what `same_code` compares: equal for the same code under every Python; `None` if Python cannot read it.

    64 hexadecimal digits, after the number of the way in which they are made.
    """
    try:
        digest = hashlib.sha256("\n".join(_stable(statement) for statement in _running(source)).encode())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return f"1:{digest.hexdigest()}"


def replaced_revisions(source: bytes) -> frozenset[RevisionId]:
    """The ids that a squash stands for: its literal `replaces`, of pairs of an id and its contents."""
    if b"replaces" not in source:
        return frozenset()
    try:
        values = [value for name, _, value in _assignments(_parsed(source)) if name == "replaces"]
        return frozenset(RevisionId(pair[0]) for value in values if value for pair in ast.literal_eval(value))
    except (SyntaxError, ValueError, TypeError, IndexError, RecursionError, MemoryError):
        return frozenset()


def assignment_lines(source: bytes) -> dict[str, int]:
    """The names that are assigned at module level, with the line of the last time; none if it is not Python."""
    try:
        return {name: line for name, line, _ in _assignments(_parsed(source))}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _parsed(source: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in somebody's docstring
        return ast.parse(source)


def _assignments(module: ast.Module) -> Iterator[tuple[str, int, ast.expr | None]]:
    for statement in module.body:
        targets = (
            statement.targets
            if isinstance(statement, ast.Assign)
            else [statement.target]
            if isinstance(statement, ast.AnnAssign)
            else []
        )
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(statement, (ast.Assign, ast.AnnAssign)):
                yield target.id, statement.lineno, statement.value


def _stable(value: object) -> str:
    """As `ast.dump`, without what is empty: which fields there are differs between Pythons."""
    if isinstance(value, list):
        return f"[{','.join(map(_stable, value))}]"
    if not isinstance(value, ast.AST):
        return repr(value)
    fields = ((name, field) for name, field in ast.iter_fields(value) if field is not None and field != [])
    is_constant = isinstance(value, ast.Constant)
    said = [f"{name}={_stable(field)}" for name, field in fields if not is_constant or name == "value"]
    return f"{type(value).__name__}({','.join(said)})"


def _running(source: bytes) -> list[ast.stmt]:
    module = _parsed(source)
    kept = [statement for statement in module.body if not _is_declaration(statement)]
    for node in (module, *ast.walk(module)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
            for argument in ast.walk(node.args):
                if isinstance(argument, ast.arg):
                    argument.annotation = None
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            node.body = [statement for statement in node.body if not _does_nothing(statement)]
    return [statement for statement in kept if not _does_nothing(statement)]


def _is_declaration(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return True
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
    return bool(targets) and all(isinstance(target, ast.Name) and target.id in _DECLARATIONS for target in targets)


def _does_nothing(statement: ast.stmt) -> bool:
    """A docstring or `pass`: what does nothing."""
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
