"""The syntax tree of a module -> the values of the names that it binds at its top level.

Literals, names that were bound to literals before, and concatenated strings are read; anything else
is `UNREADABLE` rather than guessed, save what asks git for a parent.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gitlembic.core.migration import FOREIGN_LIBRARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

DYNAMIC_FUNCTION = "get_down_revision"

DYNAMIC_MODULES = frozenset({"gitlembic", FOREIGN_LIBRARY})
"""Where that function comes from."""


class Unreadable:
    """The value of an expression that only running the file would tell."""


class _Dynamic:
    """The value of `get_down_revision(revision)`."""


class _Function:
    """`get_down_revision` itself, under whatever name."""


class _Module:
    """A module that has that function."""


class _TypeChecking:
    """`typing.TYPE_CHECKING`, which is false whenever a file runs."""


class _Typing:
    """The module `typing`."""


UNREADABLE = Unreadable()
DYNAMIC = _Dynamic()
_FUNCTION = _Function()
_MODULE = _Module()
_TYPE_CHECKING = _TypeChecking()
_TYPING = _Typing()
_Marker = _Function | _Module | _TypeChecking | _Typing
Value = str | tuple["Value", ...] | Unreadable | _Dynamic | _Marker | None

_BROUGHT: Mapping[str, Mapping[str, _Marker]] = {
    "typing": {"TYPE_CHECKING": _TYPE_CHECKING},
    **{module: {DYNAMIC_FUNCTION: _FUNCTION} for module in DYNAMIC_MODULES},
}
"""What those modules have that matters here."""

_DECLARE_NOTHING = frozenset({*_BROUGHT, "alembic", "sqlalchemy"})
"""The packages whose modules, imported with a star, bring none of these names; any other may."""

_STARRED = ("down_revision", "branch_labels", "depends_on")


def module_values(module: ast.Module) -> dict[str, Value]:
    """The value of every name bound at module level, as far as it can be read."""
    values: dict[str, Value] = {}
    waiting = module.body[::-1]
    while waiting:
        statement = waiting.pop()
        plainly = _plainly_bound(statement, values)
        if plainly is not None:
            values |= plainly
            continue
        if isinstance(statement, ast.If) and _is_for_type_checkers(statement.test, values):
            waiting += reversed(statement.orelse)
            continue
        nodes = _binding_nodes(statement)
        names = tuple(_bound_names(nodes))
        bound: dict[str, Value] = {**dict.fromkeys(names, UNREADABLE), **_imported(nodes, names)}
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            value = _evaluate(statement.value, values)
            for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
                bound |= _unpack(target, value)
        elif isinstance(statement, ast.AnnAssign):
            bound = {}  # an annotation alone binds nothing
        values |= bound
    return values


def _plainly_bound(statement: ast.stmt, values: Mapping[str, Value]) -> dict[str, Value] | None:
    """What those statements bind that nearly all of a migration are; `None` for any other."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() as constant):
            return {name: _evaluate(constant, values)}
        case ast.FunctionDef(name=name):
            return {name: UNREADABLE}
        case ast.Expr(value=ast.Constant()):
            return {}
        case ast.Import(names=aliases) if not any(alias.name in _BROUGHT for alias in aliases):
            return {alias.asname or alias.name.partition(".")[0]: UNREADABLE for alias in aliases}
        case ast.ImportFrom(module=module, names=aliases) if module not in _BROUGHT and aliases[0].name != "*":
            return {alias.asname or alias.name: UNREADABLE for alias in aliases}
        case _:
            return None


def _is_for_type_checkers(test: ast.expr, values: Mapping[str, Value]) -> bool:
    match test:
        case ast.Name(id=name):
            return values.get(name) is _TYPE_CHECKING
        case ast.Attribute(value=ast.Name(id=name), attr="TYPE_CHECKING"):
            return values.get(name) is _TYPING
        case _:
            return False


def _binding_nodes(statement: ast.stmt) -> tuple[ast.AST, ...]:
    """Every node that may bind a name when a module-level statement runs, however deep inside it.

    Nearly all statements of a migration are of the first kinds, which need no walk.
    """
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return (statement,)
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return (statement, *aliases)
        case ast.Expr(value=ast.Constant()):
            return ()
        case ast.Assign(targets=targets, value=ast.Constant()) if all(isinstance(one, ast.Name) for one in targets):
            return tuple(targets)
        case ast.AnnAssign(target=ast.Name() as target, value=ast.Constant()):
            return (target,)
        case _:
            return tuple(_walk_binding(statement))


def _walk_binding(statement: ast.stmt) -> Iterator[ast.AST]:
    """Every node inside, without the targets of annotations alone, which bind nothing."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if not (isinstance(node, ast.AnnAssign) and node.value is None):
            yield node
            waiting += ast.iter_child_nodes(node)


def _imported(nodes: Iterable[ast.AST], names: Sequence[str]) -> dict[str, Value]:
    """The names for the function that makes a file dynamic, for modules that have it, and for what typing has.

    `names` has a name as often as it is bound: an import in one branch and something else in
    another (`try: ... except ImportError: ...`) leaves open which it is.
    """
    found = [pair for node in nodes for pair in _imports(node)]
    return {name: value for name, value in found if found.count((name, value)) >= names.count(name)}


def _imports(node: ast.AST) -> Iterator[tuple[str, _Marker]]:
    match node:
        case ast.ImportFrom(module=str() as module, names=aliases, level=0):
            brought = _BROUGHT.get(module, {})
            for alias in aliases:
                for name in brought if alias.name == "*" else (alias.name,):
                    if name in brought:
                        yield alias.asname or name, brought[name]
        case ast.Import(names=aliases):
            for alias in aliases:
                if alias.name in _BROUGHT:
                    yield alias.asname or alias.name, _TYPING if alias.name == "typing" else _MODULE
        case _:
            pass


def _bound_names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.ImportFrom(names=[ast.alias(name="*")]) if not _declares_nothing(node):
                yield from _STARRED
            case ast.alias(name=name, asname=alias):
                yield alias or name.partition(".")[0]
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.ExceptHandler(name=str() as name)
                | ast.MatchAs(name=str() as name)
                | ast.MatchStar(name=str() as name)
                | ast.MatchMapping(rest=str() as name)
            ):
                yield name
            case _:
                pass


def _declares_nothing(imported: ast.ImportFrom) -> bool:
    return not imported.level and (imported.module or "").partition(".")[0] in _DECLARE_NOTHING


def _unpack(target: ast.expr, value: Value) -> dict[str, Value]:
    """What an assignment of `value` gives to the names in its target, as far as that is plain."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    bound: dict[str, Value] = {}
    if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, tuple) and len(target.elts) == len(value):
        for part, part_value in zip(target.elts, value, strict=True):
            bound |= _unpack(part, part_value)
    return bound


def _evaluate(expression: ast.expr | None, values: Mapping[str, Value]) -> Value:
    match expression:
        case ast.Constant(value=str() | None as literal):
            return literal
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(_evaluate(part, values) for part in parts)
        case ast.Name(id=name):
            return values.get(name, UNREADABLE)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _evaluate(left, values), _evaluate(right, values)
            return first + second if isinstance(first, str) and isinstance(second, str) else UNREADABLE
        case ast.Call() if _is_dynamic(expression, values):
            return DYNAMIC
        case _:
            return UNREADABLE


def _is_dynamic(call: ast.Call, values: Mapping[str, Value]) -> bool:
    """Whether this is `get_down_revision(revision)`, asking for the file's own revision."""
    match call.func:
        case ast.Name(id=name):
            named = values.get(name) is _FUNCTION
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            named = values.get(name) is _MODULE and attribute == DYNAMIC_FUNCTION
        case _:
            named = False
    asked = call.args[0] if call.args else next((word.value for word in call.keywords if word.arg == "revision"), None)
    revision = values.get("revision")
    return named and isinstance(revision, str) and _evaluate(asked, values) == revision


def line_of(module: ast.Module, name: str) -> int:
    """Where a name is bound last at module level, counted from 1; 0 if nowhere."""
    lines = [statement.lineno for statement in module.body if name in _bound_names(_binding_nodes(statement))]
    return lines[-1] if lines else 0
