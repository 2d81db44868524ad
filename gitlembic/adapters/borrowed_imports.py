"""Whether a module uses a part of a package that only somebody else's import makes be there.

`import package` and `package.part.name` work if anything has imported `package.part` before. Where
all migrations are imported, another one of them may be what does.
"""

from __future__ import annotations

import ast
from types import ModuleType

from gitlembic.core.syntax import parse_module


def borrows_imports(module: ModuleType, source: bytes) -> bool:
    """Whether some dotted name in the source begins with a module that the source imports, and is not there."""
    try:
        tree = parse_module(source)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return any(_is_missing(module, node) for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def _is_missing(module: ModuleType, node: ast.Attribute) -> bool:
    names = [node.attr]
    value = node.value
    while isinstance(value, ast.Attribute):
        names.append(value.attr)
        value = value.value
    found: object = module.__dict__.get(value.id) if isinstance(value, ast.Name) else None
    for name in reversed(names):
        if not isinstance(found, ModuleType):
            return False
        if not hasattr(found, name):
            return True
        found = getattr(found, name)
    return False
