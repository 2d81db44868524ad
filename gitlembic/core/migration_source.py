"""Source text -> what the migration declares, by syntax tree, never by running it.

What counts is what Alembic would find after importing the file: the last module-level
assignment to each name. Literals, names that were bound to literals before, and concatenated
strings are read; anything else is marked as unreadable rather than guessed.
"""

from __future__ import annotations

import ast
import contextlib
import re
import warnings
from importlib.util import decode_source
from typing import TYPE_CHECKING

from gitlembic.core.create_date import parse_create_date
from gitlembic.core.migration import FOREIGN_LIBRARY, Kind, Migration, NotAMigration, RevisionId, Unparsable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gitlembic.core.migration import Parsed

_CONFLICT = re.compile(rb"^(?:<{7}|>{7})(?: |\r?$)", re.MULTILINE)
_BINDING = re.compile(r"(?:[^\W\d]\w*[ \t]*[:=,]|\(|from[ \t]|import[ \t]|[bBfFrRuU]{0,2}[\"'])")
"""How a top-level line begins that may bind a name or be the docstring."""

_LONGEST_STATEMENT = 60
"""Lines after which the end of such a statement is given up."""

_MOST_PARSED = 1_000_000
"""Characters that are parsed, the same ones again and again, before the rest of a file is given up: a tenth of a
second, in which about a dozen statements without an end are tried."""

_REVISES = re.compile(r"^[ \t]*Revises:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_CREATE_DATE = re.compile(r"^[ \t]*Create Date:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_SEPARATORS = re.compile(r"[,\s]+")

DYNAMIC_FUNCTION = "get_down_revision"
DYNAMIC_MODULES = frozenset({"gitlembic", FOREIGN_LIBRARY})
"""Where that function comes from."""

_NOT_A_MIGRATION = NotAMigration()


class _Unreadable:
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


_UNREADABLE = _Unreadable()
_DYNAMIC = _Dynamic()
_FUNCTION = _Function()
_MODULE = _Module()
_TYPE_CHECKING = _TypeChecking()
_TYPING = _Typing()
_Marker = _Function | _Module | _TypeChecking | _Typing
_Value = str | tuple["_Value", ...] | _Unreadable | _Dynamic | _Marker | None

_BROUGHT: Mapping[str, Mapping[str, _Marker]] = {
    "typing": {"TYPE_CHECKING": _TYPE_CHECKING},
    **{module: {DYNAMIC_FUNCTION: _FUNCTION} for module in DYNAMIC_MODULES},
}
"""What those modules have that matters here."""

_DECLARE_NOTHING = frozenset({*_BROUGHT, "alembic", "sqlalchemy"})
"""The packages whose modules, imported with a star, bring none of these names; any other may."""

_STARRED = ("down_revision", "branch_labels", "depends_on")


def parse_migration(source: bytes, legacy: RevisionId | None = None) -> Parsed:
    """What `source` declares; `legacy` is the id its file name gives, for files that assign none.

    Never raises: what Python itself cannot parse (also for its nesting or its encoding) is
    `Unparsable`, and so is a `revision` that is not a literal, since nothing else names it.
    """
    if b"revision" not in source:
        return _NOT_A_MIGRATION
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in somebody's docstring
        try:
            return _declared(ast.parse(source), legacy)
        except SyntaxError as error:
            marker = _CONFLICT.search(source)
            if marker is not None:
                return Unparsable("it has conflict markers", source.count(b"\n", 0, marker.start()) + 1)
            return Unparsable(error.msg or "syntax error", error.lineno or 0, declares=_declared_in_parts(source))
        except (ValueError, RecursionError, MemoryError) as error:
            return Unparsable(str(error) or type(error).__name__)


def assignment_line(source: bytes, name: str) -> int:
    """The line (from 1) of the module-level assignment to a name that counts; 0 where there is none to be found."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _line_of(ast.parse(source), name)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return 0


def _declared(module: ast.Module, legacy: RevisionId | None) -> Parsed:
    values = _module_values(module)
    if "revision" not in values and (legacy is None or "down_revision" not in values):
        return _NOT_A_MIGRATION
    revision = values.get("revision", legacy)
    if not isinstance(revision, str) or not revision:
        line = _line_of(module, "revision")
        return Unparsable("its revision is not a literal", line, needs_running=isinstance(revision, _Unreadable))
    return _migration(RevisionId(revision), values, ast.get_docstring(module, clean=False) or "")


def _declared_in_parts(source: bytes) -> Migration | None:
    """What a file declares of which Python cannot parse the rest.

    The rest may be in the syntax of a Python newer than the one that runs, and an order must not
    depend on the interpreter.
    """
    try:
        parts = _top_level_parts(decode_source(source))
        parsed = _declared(parts, None)
        is_whole = "down_revision" in _module_values(parts)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    readable = isinstance(parsed, Migration) and "down_revision" not in parsed.unreadable
    return parsed if is_whole and readable else None  # type: ignore[return-value]


def _top_level_parts(text: str) -> ast.Module:
    """The top-level statements that bind names, each parsed by itself; those that cannot be are left out."""
    lines = text.split("\n")
    body: list[ast.stmt] = []
    start, patience = 0, _MOST_PARSED
    while start < len(lines) and patience > 0:
        part, length, parsed = _parse_one(lines[start : start + _LONGEST_STATEMENT])
        body += part
        start += length
        patience -= parsed
    return ast.Module(body, [])


def _parse_one(lines: Sequence[str]) -> tuple[list[ast.stmt], int, int]:
    """The statements that begin on the first line, how many lines they take, and how many characters were parsed."""
    parsed = 0
    for end in range(1, len(lines) + 1) if _BINDING.match(lines[0]) else ():
        text = "\n".join(lines[:end])
        parsed += len(text)
        with contextlib.suppress(SyntaxError):
            return ast.parse(text).body, end, parsed
    return [], 1, parsed


def _migration(revision: RevisionId, values: Mapping[str, _Value], docstring: str) -> Migration:
    down = values.get("down_revision")
    texts = {name: _texts(values.get(name)) for name in ("branch_labels", "depends_on")}
    texts["down_revision"] = () if down is _DYNAMIC else _texts(down)
    texts["__doc__"] = None if "__doc__" in values else ()
    return Migration(
        revision=revision,
        kind=Kind.DYNAMIC if down is _DYNAMIC else Kind.STATIC,
        parents=tuple(RevisionId(parent) for parent in texts["down_revision"] or ()),
        branch_labels=texts["branch_labels"] or (),
        depends_on=texts["depends_on"] or (),
        docstring=docstring,
        create_date=parse_create_date(_line(docstring, _CREATE_DATE)),
        revises=_revision_list(_line(docstring, _REVISES)),
        unreadable=frozenset(name for name, value in texts.items() if value is None),
    )


def _line(docstring: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(docstring)
    return found[1] if found else ""


def _revision_list(text: str) -> tuple[RevisionId, ...]:
    """`Revises:` names several parents of a merge with commas, and a base by `None` or nothing."""
    return tuple(RevisionId(word) for word in _SEPARATORS.split(text) if word and word != "None")


def _texts(value: _Value) -> tuple[str, ...] | None:
    """What Alembic makes of a text, a sequence of texts or `None`; `None` if it is unreadable."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, tuple):
        texts = tuple(item for item in value if isinstance(item, str))
        return texts if len(texts) == len(value) else None
    return None


def _module_values(module: ast.Module) -> dict[str, _Value]:
    """The value of every name bound at module level, as far as it can be read."""
    values: dict[str, _Value] = {}
    waiting = module.body[::-1]
    while waiting:
        statement = waiting.pop()
        match statement:  # what nearly all statements of a migration are
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() as constant):
                values[name] = _evaluate(constant, values)
                continue
            case ast.FunctionDef(name=name):
                values[name] = _UNREADABLE
                continue
        if isinstance(statement, ast.If) and _is_for_type_checkers(statement.test, values):
            waiting += reversed(statement.orelse)
            continue
        nodes = _binding_nodes(statement)
        names = tuple(_bound_names(nodes))
        bound: dict[str, _Value] = {**dict.fromkeys(names, _UNREADABLE), **_imported(nodes, names)}
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            value = _evaluate(statement.value, values)
            for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
                bound |= _unpack(target, value)
        elif isinstance(statement, ast.AnnAssign):
            bound = {}  # an annotation alone binds nothing
        values |= bound
    return values


def _is_for_type_checkers(test: ast.expr, values: Mapping[str, _Value]) -> bool:
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


def _imported(nodes: Iterable[ast.AST], names: Sequence[str]) -> dict[str, _Value]:
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


def _unpack(target: ast.expr, value: _Value) -> dict[str, _Value]:
    """What an assignment of `value` gives to the names in its target, as far as that is plain."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    bound: dict[str, _Value] = {}
    if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, tuple) and len(target.elts) == len(value):
        for part, part_value in zip(target.elts, value, strict=True):
            bound |= _unpack(part, part_value)
    return bound


def _evaluate(expression: ast.expr | None, values: Mapping[str, _Value]) -> _Value:
    match expression:
        case ast.Constant(value=str() | None as literal):
            return literal
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(_evaluate(part, values) for part in parts)
        case ast.Name(id=name):
            return values.get(name, _UNREADABLE)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _evaluate(left, values), _evaluate(right, values)
            return first + second if isinstance(first, str) and isinstance(second, str) else _UNREADABLE
        case ast.Call() if _is_dynamic(expression, values):
            return _DYNAMIC
        case _:
            return _UNREADABLE


def _is_dynamic(call: ast.Call, values: Mapping[str, _Value]) -> bool:
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


def _line_of(module: ast.Module, name: str) -> int:
    """Where a name is bound last at module level, counted from 1; 0 if nowhere."""
    lines = [statement.lineno for statement in module.body if name in _bound_names(_binding_nodes(statement))]
    return lines[-1] if lines else 0
