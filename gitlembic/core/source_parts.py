"""Source text of which Python cannot parse the whole -> the top-level statements that it can."""

from __future__ import annotations

import ast
import contextlib
import re
from typing import TYPE_CHECKING

from gitlembic.core.syntax import parse_module

if TYPE_CHECKING:
    from collections.abc import Sequence

_BINDING = re.compile(r"(?:[^\W\d]\w*[ \t]*[:=,]|\(|from[ \t]|import[ \t]|[bBfFrRuU]{0,2}[\"'])")
"""How a top-level line begins that may bind a name or be the docstring."""

_LONGEST_STATEMENT = 60
"""Lines after which the end of such a statement is given up."""

_MOST_PARSED = 1_000_000
"""Characters that are parsed, the same ones again and again, before the rest of a file is given up: a tenth of a
second, in which about a dozen statements without an end are tried."""


def top_level_parts(text: str) -> ast.Module:
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
            return parse_module(text).body, end, parsed
    return [], 1, parsed
