"""A source -> the modules that it needs."""

from __future__ import annotations

import ast

from gitlembic.core.syntax import parse_module


def imported_names(source: bytes) -> frozenset[str]:
    """The last parts of all modules that a source imports, or names in a call of import_module."""
    try:
        module = parse_module(source)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    found: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found.update(part for alias in node.names for part in alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            found.update((node.module or "").split("."))
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.Call):
            texts = (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))
            if getattr(node.func, "attr", getattr(node.func, "id", "")) in {"import_module", "__import__"}:
                found.update(part for text in texts for part in text.split("."))
    return frozenset(found)
