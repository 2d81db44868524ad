"""The source of a module -> lines that stand in a function and are the same code."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

INDENT = "    "

_STARTS = frozenset({getattr(tokenize, name, -1) for name in ("FSTRING_START", "TSTRING_START")})
_ENDS = frozenset({getattr(tokenize, name, -1) for name in ("FSTRING_END", "TSTRING_END")})


def indented(source: str, without: Collection[int] = ()) -> str:
    """The source, one level deeper, without the lines of these numbers (1-based).

    Lines that begin inside a text stay where they are, for the text would be another. Of several
    blank lines one stays, and none at the beginning and the end.
    """
    inside = _lines_inside_texts(source)
    lines: list[str] = []
    for number, line in enumerate(source.split("\n"), 1):
        if number in without:
            continue
        if number in inside:
            lines.append(line)
        elif line.strip():
            lines.append(INDENT + line.lstrip("\f"))
        elif lines and lines[-1]:
            lines.append("")
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def _lines_inside_texts(source: str) -> frozenset[int]:
    """The numbers of the lines that begin inside a text."""
    inside: set[int] = set()
    starts: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
        elif token.type in _STARTS:
            starts.append(token.start[0])
        elif token.type in _ENDS:
            inside.update(range(starts.pop() + 1, token.end[0] + 1))
    return frozenset(inside)
