"""Python's source -> its syntax tree, without what Python would warn of.

An invalid escape in somebody's docstring, say: that is for whoever runs the file to hear, and once.
"""

from __future__ import annotations

import ast
import warnings


def parse_module(source: str | bytes, path: str = "<unknown>") -> ast.Module:
    """As `ast.parse`, which raises `SyntaxError`, `ValueError`, `RecursionError` or `MemoryError`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, path)


def check_compiles(source: str, path: str) -> None:
    """Raises `SyntaxError` also for what Python can parse, but not compile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(source, path, "exec", dont_inherit=True)
