"""The text of a CREATE TABLE statement of SQLite -> its parts."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""--[^\n]* | /\*.*?\*/ | '(?:[^']|'')*' | "(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\] | \s+ | \w+ | .""",
    re.VERBOSE | re.DOTALL,
)
_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})


class CreateTable(NamedTuple):
    """Columns in their order, constraints in the order of the alphabet, and what follows the parentheses."""

    columns: tuple[str, ...]
    constraints: tuple[str, ...]
    options: str


def split_create_table(sql: str) -> CreateTable:
    """White space and comments count as one blank; everything else stays as it is written."""
    parts: list[list[str]] = [[]]
    options: list[str] = []
    depth = 0
    is_closed = False
    for token in _TOKEN.findall(sql):
        is_space = token.isspace() or token.startswith(("--", "/*"))
        depth += (token == "(") - (token == ")")
        if is_closed:
            options.append(" " if is_space else token)
        elif depth == 0 and token == ")":
            is_closed = True
        elif depth == 1 and token == ",":
            parts.append([])
        elif depth > 1 or (depth == 1 and token != "("):  # the one that is left out begins the table
            parts[-1].append(" " if is_space else token)
    texts = [_plain("".join(part)) for part in parts]
    is_constraint = [text.upper().partition(" ")[0].partition("(")[0] in _CONSTRAINTS for text in texts]
    return CreateTable(
        tuple(text for text, constraint in zip(texts, is_constraint, strict=True) if not constraint),
        tuple(sorted(text for text, constraint in zip(texts, is_constraint, strict=True) if constraint)),
        _plain("".join(options)),
    )


def _plain(text: str) -> str:
    return re.sub(r" +", " ", text).strip()
