"""The source of a migration -> what of it runs, and where it says what."""

from __future__ import annotations

import ast
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from gitlembic.core.syntax import parse_module

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECLARATIONS = frozenset({"revision", "down_revision", "branch_labels", "depends_on"})


def same_code(before: bytes, after: bytes, *, with_downgrade: bool = True) -> bool:
    """Whether two versions of a migration do the same when they run, `with_downgrade` downwards as well.

    Comments, layout, docstrings, type hints, imports and the place in the chain apart, and what
    SQLAlchemy 2 makes people write otherwise. Also of one that Python cannot read, such as one with
    conflict markers: it never ran.
    """
    if before == after:
        return True
    try:
        return any(
            _told(before, modern=modern, with_downgrade=with_downgrade)
            == _told(after, modern=modern, with_downgrade=with_downgrade)
            for modern in (False, True)
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True


def _told(source: bytes, *, modern: bool, with_downgrade: bool) -> list[str]:
    statements = _statements(source, modern=modern)
    return [code for code, is_downgrade in statements if with_downgrade or not is_downgrade]


@lru_cache(maxsize=4)  # two versions are compared in two spellings, with what runs downwards and without
def _statements(source: bytes, *, modern: bool) -> tuple[tuple[str, bool], ...]:
    """What runs, statement by statement, and which of them is a downgrade."""
    module = parse_module(source)
    statements = _running(module)
    if modern:
        statements = [*map(_Modern(module).visit, statements)]
    return tuple((ast.dump(statement), _is_downgrade(statement)) for statement in statements)


def _is_downgrade(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef) and statement.name.startswith("downgrade")


class _Modern(ast.NodeTransformer):
    """Brings spellings that mean the same onto one: of real edits after the fact these are the most.

    `execute(text("x"))` is `execute("x")`, `select([a, b])` is `select(a, b)`, `u"x"` is `"x"`; what is reached
    through an imported module is known by its last name, since modules move. Of a dialect's types
    the dialect is kept: `mysql.TEXT` is not `sa.TEXT`.
    """

    def __init__(self, module: ast.Module) -> None:
        self._imported: dict[str, str] = {}
        for node in ast.walk(module):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                start = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
                for alias in node.names:
                    name = alias.name if alias.asname or start else alias.name.partition(".")[0]
                    self._imported[alias.asname or name] = start + name
        self._imported.pop("op", None)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        first = node.args[0] if len(node.args) == 1 and not node.keywords else None
        if _called(node) == "select" and isinstance(first, ast.List):
            node.args = first.elts
        if _called(node) == "execute" and isinstance(first, ast.Call) and _called(first) == "text":
            node.args = first.args
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        root: ast.expr = node
        names: list[str] = []
        while isinstance(root, ast.Attribute):
            names.insert(0, root.attr)
            root = root.value
        if isinstance(root, ast.Name) and root.id in self._imported:
            return _named([*self._imported[root.id].split("."), *names])
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return _named(self._imported[node.id].split(".")) if node.id in self._imported else node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        node.kind = None
        return node


def code_checksum(source: bytes) -> str | None:
    """Of all that runs: equal for the same code under every Python; `None` if Python cannot read it.

    64 hexadecimal digits, after the number of the way in which they are made.
    """
    try:
        digest = hashlib.sha256("\n".join(_stable(statement) for statement in _running(parse_module(source))).encode())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return f"1:{digest.hexdigest()}"


def assignment_lines(source: bytes) -> dict[str, int]:
    """The names that are assigned at module level, with the line of the last time; none if it is not Python."""
    try:
        return {name: line for name, line, _ in _assignments(parse_module(source))}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


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


def _running(module: ast.Module) -> list[ast.stmt]:
    """What runs of it, which is made plain in place."""
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


def _named(path: list[str]) -> ast.Name:
    dialect = path[path.index("dialects") + 1 : -1][:1] if "dialects" in path else []
    return ast.Name(".".join([*dialect, path[-1]]), ast.Load())


def _called(call: ast.Call) -> str:
    """The last name of what is called, whatever it is a part of."""
    found = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return str(found)


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
