"""Whether the source of a module means the same inside a function.

Mostly it does: names bound at module level become local to the function, and whatever it defines
sees them as closures. What is found here are the exceptions, and what may be one: such a body is
kept as text and run as the module it was, which is always right.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OF_A_MODULE = frozenset(
    {"__name__", "__file__", "__doc__", "__package__", "__spec__", "__loader__", "__builtins__", "__annotations__"}
)
"""Names that a module has and a function does not, or not as its own."""

_NAMESPACES = frozenset({"globals", "locals", "vars", "dir", "eval", "exec", "compile", "__import__", "get_type_hints"})
_LOOK_AT_CODE = frozenset({"inspect", "pickle", "multiprocessing", "concurrent", "importlib", "runpy"})
"""Modules whose users look for things by name in a module, or at the frames above."""

_BUILTINS = frozenset(dir(builtins))
_FUTURE = "annotations"

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def differs_in_function(module: ast.Module) -> str:
    """Why a module's code would mean something else in the body of a function; empty if it would not."""
    return next(_reasons(module), "")


def _reasons(module: ast.Module) -> Iterator[str]:
    bound = frozenset(bound_names(module.body))
    is_postponed = has_postponed_annotations(module)
    for node in ast.walk(module):
        yield from _differences(node)
        if isinstance(node, ast.ClassDef):
            yield from _class_differences(node, bound, is_postponed=is_postponed)
    yield from (f"it has a name of its own for {name}, as Python has" for name in sorted(bound & _BUILTINS))
    if any(isinstance(node, ast.Delete) for node in _own_nodes(module.body)):
        yield "it deletes a name of the module"
    if is_postponed and not all(map(_is_harmless, _annotations(module))):
        yield "its annotations are not evaluated"


def has_postponed_annotations(module: ast.Module) -> bool:
    """Whether it says `from __future__ import annotations`."""
    return any(is_future_import(statement) for statement in module.body)


def is_future_import(statement: ast.stmt) -> bool:
    """Whether it is one, which only the beginning of a module may have."""
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def bound_names(statements: list[ast.stmt]) -> Iterator[str]:
    """The names that statements bind in the scope in which they stand."""
    for node in _own_nodes(statements):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


def _own_nodes(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes, without what stands inside functions, classes and lambdas.

    Comprehensions are looked into, whose names are their own: one too many is found, none too few.
    """
    todo: list[ast.AST] = [*statements]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, _SCOPES):
            todo += getattr(node, "decorator_list", [])
        else:
            todo += ast.iter_child_nodes(node)


def _differences(node: ast.AST) -> Iterator[str]:
    """What there is about one node, wherever it stands."""
    match node:
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            yield f"it imports everything from {node.module}"
        case ast.ImportFrom(module="__future__") if [alias.name for alias in node.names] != [_FUTURE]:
            yield "it imports from __future__"
        case ast.ImportFrom() if node.level:
            yield "it imports from its package"
        case ast.Import() if any(alias.name.partition(".")[0] in _LOOK_AT_CODE for alias in node.names):
            yield f"it imports {node.names[0].name}"
        case ast.ImportFrom() if (node.module or "").partition(".")[0] in _LOOK_AT_CODE:
            yield f"it imports from {node.module}"
        case ast.Global():
            yield f"it says global {node.names[0]}"
        case ast.Name() if node.id in _OF_A_MODULE | _NAMESPACES:
            yield f"it uses {node.id}"
        case ast.Attribute(attr="_getframe" | "modules" | "get_type_hints"):
            yield f"it uses {node.attr}"


def _class_differences(node: ast.ClassDef, bound: frozenset[str], *, is_postponed: bool) -> Iterator[str]:
    for name in sorted(bound.intersection(bound_names(node.body))):
        yield f"class {node.name} has a name of its own for {name}, as the module has"
    annotations = [statement.annotation for statement in node.body if isinstance(statement, ast.AnnAssign)]
    parts = [part for annotation in annotations for part in ast.walk(annotation)]
    if (is_postponed and annotations) or any(isinstance(getattr(part, "value", None), str) for part in parts):
        yield f"the annotations of class {node.name} are looked up in the module"


def _annotations(module: ast.Module) -> Iterator[ast.expr]:
    """Those of functions: of variables in a function none is evaluated."""
    for node in ast.walk(module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None:
            yield node.returns
        elif isinstance(node, ast.arg) and node.annotation is not None:
            yield node.annotation


def _is_harmless(annotation: ast.expr) -> bool:
    """Whether evaluating it does nothing and cannot fail."""
    return isinstance(annotation, ast.Constant) or (isinstance(annotation, ast.Name) and annotation.id in _BUILTINS)
